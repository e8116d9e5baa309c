"""Explains the difference between their figures and ours for each item, as far as our own rows can explain it.

Figures name no activity, so a reason says what may be behind a difference. The reasons of an item come to exactly the
difference, in number and, where their file gives amounts, in money.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from . import reasons
from .our_rows import OurRow, Why
from .our_side import OurSide
from .reasons import Difference
from .their_side import TheirSide

_SURE = (reasons.OTHER_MONTH, reasons.TAKEN_BACK, reasons.FOUND_LATER)
"""What the ledger or the record says of a single activity comes before the verdicts of our rules."""
_ANY = 10**15


@dataclass(slots=True, kw_only=True)
class _Part:
    """Some activities of the difference, for one reason, and the least and the most that they can be worth."""

    why: Why
    many: int
    least: int
    most: int
    pence: int = 0


def differences_by_counts(ours: OurSide, theirs: TheirSide) -> list[Difference]:
    """The differences of every item that either side has, in the order of their names."""
    items = [line.item for line in theirs.lines]
    lacking = theirs.lines_without_amount(items)
    found: list[Difference] = []
    for item in sorted({*items, *(row.item for row in ours.claimed)}):
        those = [line for line in theirs.lines if line.item == item]
        is_priced = theirs.has_amounts and not lacking[item]
        found += _of_item(
            ours,
            item,
            sum(line.quantity for line in those),
            sum(line.pence or 0 for line in those) if is_priced else None,
        )
    return found


def _of_item(ours: OurSide, item: str, quantity: int, pence: int | None) -> Iterator[Difference]:
    mine, worth = ours.quantity(item), ours.pence(item)
    sign = 1 if quantity > mine else -1
    parts = list(_theirs_more(ours, item, quantity - mine) if sign > 0 else _ours_more(ours, item, mine - quantity))
    # An amount for no activity is no price of anything.
    beside = 0 if quantity or pence is None else pence
    rest = 0 if pence is None else _share_out(parts, sign * (pence - beside - worth), quantity and mine)
    for part in parts:
        yield Difference(
            item=item,
            theirs=quantity,
            ours=mine,
            reason=part.why[0],
            fix=part.why[1],
            rows=part.many,
            difference=sign * part.many,
            pence=None if pence is None else sign * part.pence,
        )
    shared = min(quantity, mine)
    for reason, rows, money in ((reasons.PRICE, shared, sign * rest), (reasons.NO_WORK, 0, beside)):
        if money:
            name, fix = ours.words.both(reason)
            yield Difference(
                item=item, theirs=quantity, ours=mine, reason=name, fix=fix, rows=rows, difference=0, pence=money
            )


def _share_out(parts: Sequence[_Part], pence: int, shared: int) -> int:
    """Give each part its money, as much as it can be worth, and return what is left for another price.

    Without work that both have there is no other price: then the last part takes what is left.
    """
    left = pence - sum(part.least for part in parts)
    for part in parts:
        more = max(0, min(left, part.most - part.least))
        part.pence = part.least + more
        left -= more
    if left and parts and not shared:
        parts[-1].pence += left
        return 0
    return left


def _ours_more(ours: OurSide, item: str, many: int) -> Iterator[_Part]:
    """What may be behind work of ours that they do not have."""
    groups: dict[Why, list[OurRow]] = {}
    plain: list[OurRow] = []
    for row in ours.claimed if many else ():
        if row.item == item:
            why = ours.why_missing(row)
            (groups.setdefault(why, []) if why else plain).append(row)
    for why, rows in _exact_first(groups, many):
        part = _of_rows(why, [row.pence or 0 for row in rows], min(many, len(rows)))
        many -= part.many
        yield part
        if not many:
            return
    if not many:
        return
    codes = Counter(row.code for row in plain if row.code)
    alike = [code for code, count in codes.items() if count == many and len(codes) > 1]
    # Two codes with as many rows explain nothing: it may be either.
    code = alike[0] if len(alike) == 1 else ""
    why = ours.words.ours(reasons.CODE, code) if code else ours.words.ours(reasons.NOT_IN_THEIRS)
    yield _of_rows(why, [row.pence or 0 for row in plain if not code or row.code == code], many)


def _theirs_more(ours: OurSide, item: str, many: int) -> Iterator[_Part]:
    """What may be behind work of theirs that is not in our claim: that of its months which we know a reason for."""
    groups: dict[Why, list[OurRow]] = {}
    for row in ours.unclaimed:
        if row.item == item and ours.month.first <= row.day <= ours.month.last:
            groups.setdefault(row.why, []).append(row)
    prices = _prices(ours, item)
    for why, rows in _exact_first(groups, many):
        if not many:
            return
        known, some = [row.pence for row in rows if row.pence is not None], min(many, len(rows))
        part = _of_rows(why, known, some) if len(known) == len(rows) else _at_prices(why, prices, some)
        many -= part.many
        yield part
    if many:
        yield _at_prices(ours.words.theirs(reasons.NO_ENTRY), prices, many)


def _exact_first(groups: dict[Why, list[OurRow]], many: int) -> list[tuple[Why, list[OurRow]]]:
    """First what explains the number exactly, then what is sure, then what is most frequent."""
    return sorted(
        groups.items(),
        key=lambda one: (len(one[1]) != many, one[0][0] not in _SURE, -len(one[1]), one[0]),
    )


def _of_rows(why: Why, worth: Iterable[int], many: int) -> _Part:
    """So many of some activities that are worth as much."""
    values = sorted(worth)
    return _Part(why=why, many=many, least=sum(values[:many]), most=sum(values[-many:]))


def _at_prices(why: Why, prices: Sequence[int], many: int) -> _Part:
    """So many activities at one of these prices each. Where no price is known, they may be worth anything."""
    if not prices:
        return _Part(why=why, many=many, least=0, most=_ANY)
    return _Part(why=why, many=many, least=many * min(prices), most=many * max(prices))


def _prices(ours: OurSide, item: str) -> list[int]:
    """What one activity of an item may be worth: what is claimed for each, or else its prices in force."""
    claimed = sorted({row.pence for row in ours.claimed if row.item == item and row.pence})
    if claimed or item not in ours.items or ours.items[item].kind == "capitation":
        return claimed
    held = ours.items[item]
    found = [held.price_on(ours.month.last, tariff) for tariff in ours.spec.tariffs(held)]
    return sorted({one.value.part_pence for one in found if one and one.value.part_pence})
