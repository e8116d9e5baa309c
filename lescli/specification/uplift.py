"""A whole tariff raised or lowered by a percentage: `les services set S price.*=+2.15% --from DATE --source TEXT`.

Each price becomes a local term of its own, with the old price in its source, so that a second uplift from the same day
corrects the first and does not come on top of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from ..amounts import plain_pounds, pounds
from ..calendar import for_people
from ..errors import LesError
from ..model import ClaimItem, Dated, Price, ServiceSpec, in_force
from .own_days import LocalTerm

KEY = "price.*"
_PERCENT = re.compile(r"([+-])([0-9]{1,3}(?:\.[0-9]{1,4})?) ?%")
_MADE_BY_UPLIFT = re.compile(r"; [+-][0-9.]+% on £[0-9,.]+$")
_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplift:
    """A price and the one it is made from, in whole pence, and the key that sets it; None where no price is known."""

    key: str
    before: int | None
    after: int | None


def uplifted(spec: ServiceSpec, value: str, start: date) -> tuple[Uplift, ...]:
    """Each item's price in force on a day and the new one from that day; LesError when no price is known at all."""
    share = _share(value)
    found = tuple(_uplift(item, tariff, share, start) for item in spec.items for tariff in _tariffs(item))
    if not any(one.after for one in found):
        raise LesError(
            f"{spec.name} has no price on {for_people(start)} to change",
            f"set one with `les services set {spec.name} price.ITEM=AMOUNT --from DATE --source TEXT`",
        )
    return found


def uplift_terms(changes: tuple[Uplift, ...], value: str, start: date, source: str) -> Iterator[LocalTerm]:
    """The local terms that record an uplift: the new price of each item that has one."""
    for one in changes:
        if one.before is not None and one.after is not None:
            told = f"{source.strip()}; {value.replace(' ', '')} on {pounds(one.before)}"
            yield LocalTerm(key=one.key, value=plain_pounds(one.after), start=start, source=told)


def _share(value: str) -> Fraction:
    found = _PERCENT.fullmatch(value.strip())
    if not found or not Fraction(found[2]):
        raise LesError(f"{KEY}: write the change of the whole tariff in percent", "as in `price.*=+2.15%`")
    share = Fraction(found[2]) / 100
    if found[1] == "-" and share >= 1:
        raise LesError(f"{KEY}: no price would be left", "write less than 100%")
    return 1 + share if found[1] == "+" else 1 - share


def _tariffs(item: ClaimItem) -> tuple[str, ...]:
    """The names of its prices; the parts of a sum have the price of the whole sum."""
    return ("",) if item.price_by == "part" else item.tariffs() or ("",)


def _uplift(item: ClaimItem, tariff: str, share: Fraction, start: date) -> Uplift:
    prices = (price for price in item.prices if item.price_by == "part" or price.value.tariff == tariff)
    held = in_force((price for price in prices if not _corrected(price, start)), start)
    before = held.value.pence if held else None
    # Half a penny rounds up.
    after = None if before is None else int(before * share + _HALF)
    return Uplift(key=f"price.{item.name}.{tariff}" if tariff else f"price.{item.name}", before=before, after=after)


def _corrected(price: Dated[Price], start: date) -> bool:
    """Whether a price is that of an earlier uplift from the same day, which this one replaces."""
    return price.local and price.start == start and bool(_MADE_BY_UPLIFT.search(price.source))
