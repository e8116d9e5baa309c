"""The terms that keep their own days in a specification: prices, codes, settings, periods and the e-mail address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Protocol, TypeVar

from ..amounts import typed_pence
from ..calendar import Month, for_people, parse_date
from ..codes import parse_code
from ..errors import LesError, with_cure
from ..model import ClaimItem, Code, CodeList, Dated, Price, ServiceSpec, Setting, SettingValue, Span
from .dated_terms import change_keys, unknown_key
from .messages import checked_message, message_keys

_PRICE = re.compile(r"£?[0-9]{1,7}\.[0-9]{2}")
# 3.2 is £3.20, as a spreadsheet shows it. In a file of a specification it may be half of an amount.
_TYPED_PRICE = re.compile(r"£?(?:[0-9]{1,7}\.[0-9]{1,2}|(?:[0-9]{1,3}|[0-9],[0-9]{3}),[0-9]{3}\.[0-9]{2})")
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+")
_WRITE_CODES = "write SNOMED CT ids separated by commas, with read2: or ctv3: before a code of those systems"
COUNTED = range(10_000)
"""The numbers that a setting takes (of days, months or results): none of them leads beyond the calendar."""
EXAMPLES = {
    "integer": "write a whole number from 0 to 9999",
    "yes-no": "write yes or no",
    "month": "write a month as 2026-05",
    "date": "write a date as 2026-05-01",
}
T = TypeVar("T")


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTerm:
    """One dated term: `key` and `value` as they were typed; `adds` is true for `+=`, and `removes` for `-=`.

    `local` is false for a term of the service.toml itself, and `parts` has the values of its list.
    """

    key: str
    value: str
    start: date
    source: str
    adds: bool = False
    removes: bool = False
    local: bool = True
    parts: tuple[str, ...] | None = None


def with_own_day(spec: ServiceSpec, term: LocalTerm) -> ServiceSpec:
    """The specification with one more price, set of codes, setting, period or address; LesError when it has none."""
    kind, _, name = term.key.partition(".")
    if (term.adds or term.removes) and kind not in ("codes", "setting"):
        raise LesError(
            f"`+=` and `-=` change a list of codes or a list setting, not {term.key}", "use = for everything else"
        )
    if kind == "price" and f"price.{name}" in price_keys(spec):
        item_name, _, tariff = name.partition(".")
        return replace(spec, items=_changed(spec.items, item_name, lambda item: _with_price(item, term, tariff)))
    if kind == "codes" and name in [codelist.name for codelist in spec.codelists]:
        return replace(spec, codelists=_changed(spec.codelists, name, lambda codelist: _with_codes(codelist, term)))
    if kind == "setting" and name in [setting.name for setting in spec.settings]:
        return replace(spec, settings=_changed(spec.settings, name, lambda setting: _with_value(setting, term)))
    if term.key in ("period.start", "period.end") and term.local:
        return replace(spec, periods=_periods(spec.periods, term))
    if term.key == "email":
        if not _EMAIL.fullmatch(term.value.strip()):
            raise LesError("email: that is not an e-mail address", "write it as name@nhs.net")
        address = _dated(term, term.value.strip())
        return replace(spec, submission=replace(spec.submission, addresses=(*spec.submission.addresses, address)))
    if term.key in message_keys(spec):
        text = checked_message(term.key, term.value)
        return replace(spec, messages=(*spec.messages, (name, _dated(term, text))))
    raise unknown_key(spec.name, term.key, keys_of(spec))


def check_removed(before: ServiceSpec, after: ServiceSpec, term: LocalTerm) -> None:
    """LesError when something is to be removed from a list that is not in it on that day."""
    kind, _, name = term.key.partition(".")
    if not term.removes:
        return
    held, left = (
        spec.codelist(name).codes_on(term.start) if kind == "codes" else spec.setting(name, term.start) or ()
        for spec in (before, after)
    )
    assert isinstance(held, tuple) and isinstance(left, tuple)
    if len(held) - len(left) < len(set(_parts(term))):
        raise LesError(
            f"{term.key}: not all of it is in the list on {for_people(term.start)}", "name only what the list has"
        )


def own_day_keys(spec: ServiceSpec) -> Iterator[str]:
    """Every key of that kind that a specification has."""
    yield from price_keys(spec)
    yield from (f"codes.{codelist.name}" for codelist in spec.codelists)
    yield from (f"setting.{setting.name}" for setting in spec.settings)
    yield from ("period.start", "period.end", "email")
    yield from message_keys(spec)


def price_keys(spec: ServiceSpec) -> Iterator[str]:
    """The keys of prices: one for an item of one price or for a whole sum, else one for each tariff."""
    for item in spec.items:
        for tariff in ("",) if item.price_by == "part" else spec.tariffs(item):
            yield f"price.{item.name}.{tariff}" if tariff else f"price.{item.name}"


def _with_price(item: ClaimItem, term: LocalTerm, tariff: str) -> ClaimItem:
    """The item with one more price. The price of a sum that is paid in parts is that of the whole sum."""
    pence = _pence(term)
    above = int(tariff.removeprefix("above-")) if tariff.startswith("above-") else 0
    new = [Price(pence=pence, level="" if above else tariff, above=above)]
    if item.price_by == "part":
        new = [replace(one.value, pence=pence) for one in {one.value.tariff: one for one in item.prices}.values()]
    return replace(item, prices=(*item.prices, *(_dated(term, price) for price in new)))


def keys_of(spec: ServiceSpec) -> tuple[str, ...]:
    """Every key that a term of the service can have."""
    return (*own_day_keys(spec), *(change_keys(spec.data) if spec.data else ()))


def _dated(term: LocalTerm, value: T) -> Dated[T]:
    return Dated(start=term.start, value=value, source=term.source, local=term.local)


def _pence(term: LocalTerm) -> int:
    """The price of a term in pence: at most seven digits of pounds, always with pence, and more than 0."""
    typed = term.value.strip()
    pence = typed_pence(typed) if (_TYPED_PRICE if term.local else _PRICE).fullmatch(typed) else 0
    if not pence:
        raise LesError(f"{term.key}: the price must be pounds and pence, more than 0", "write it as in 20.00")
    return pence


def _changed(values: tuple[N, ...], name: str, change: Callable[[N], N]) -> tuple[N, ...]:
    return tuple(change(value) if value.name == name else value for value in values)


def _codes(term: LocalTerm) -> tuple[Code, ...]:
    codes = []
    for part in _parts(term):
        system, colon, text = part.strip().rpartition(":")
        try:
            codes.append(
                Code(system=system if colon else "snomed", code=parse_code(system if colon else "snomed", text))
            )
        except ValueError as fault:
            raise LesError(
                f"{term.key}: {fault}",
                _WRITE_CODES,
            ) from None
    return tuple(codes)


def _parts(term: LocalTerm) -> tuple[str, ...]:
    return tuple(term.value.split(",")) if term.parts is None else term.parts


def _with_codes(codelist: CodeList, term: LocalTerm) -> CodeList:
    return replace(codelist, versions=_with_list(codelist.versions, term, _codes(term)))


def _with_value(setting: Setting, term: LocalTerm) -> Setting:
    value: SettingValue = _setting_value(setting, term)
    if isinstance(value, tuple):
        return replace(setting, versions=_with_list(setting.versions, term, value))
    if term.adds or term.removes:
        raise LesError(f"{term.key} is not a list", f"use = instead of {'+=' if term.adds else '-='}")
    return replace(setting, versions=(*setting.versions, _dated(term, value)))


def _with_list(versions: tuple[Dated[Any], ...], term: LocalTerm, given: tuple[Any, ...]) -> tuple[Dated[Any], ...]:
    """The versions of a list with one more, which may add to what is in force on its day or remove from it.

    They are worked out again in the order of their days, so that a code added from an earlier day stays in a later
    list that was itself made by adding.
    """
    new = replace(_dated(term, given), adds=given if term.adds else None, removes=given if term.removes else None)
    every = [*versions, new]
    held: tuple[Any, ...] = ()
    for place, one in sorted(enumerate(every), key=lambda each: (each[1].start, each[1].local)):
        if one.adds is not None:
            held = (*held, *(part for part in one.adds if part not in held))
        elif one.removes is not None:
            held = tuple(part for part in held if part not in one.removes)
        else:
            held = one.value
        every[place] = replace(one, value=held)
    return tuple(every)


def _setting_value(setting: Setting, term: LocalTerm) -> SettingValue:
    text = term.value.strip()
    try:
        if setting.type == "list":
            return tuple(part.strip() for part in _parts(term) if part.strip())
        if setting.type == "integer":
            return int(text)
        if setting.type == "yes-no":
            return {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}[text.lower()]
        if setting.type == "month":
            return str(Month.parse(text))
        if setting.type == "date":
            return parse_date(text).isoformat()
    except (ValueError, KeyError):
        raise LesError(f"{term.key}: the value is not of type {setting.type}", EXAMPLES[setting.type]) from None
    return text


def _periods(periods: tuple[Span, ...], term: LocalTerm) -> tuple[Span, ...]:
    """Roll a contract over or cut it short: added days get the term's source, other days are cut off at the edge."""
    try:
        day = parse_date(term.value)
    except ValueError as fault:
        what, cure = with_cure(f"{term.key}: {fault}", EXAMPLES["date"])
        raise LesError(what, cure) from None
    ordered = tuple(sorted(periods, key=lambda span: span.start))
    one = timedelta(days=1)
    if term.key == "period.end":
        kept = tuple(replace(span, end=min(span.end or day, day)) for span in ordered if span.start <= day)
        last = kept[-1].end if kept else None
        return (*kept, Span(start=last + one, end=day, source=term.source)) if last and last < day else kept
    kept = tuple(replace(span, start=max(span.start, day)) for span in ordered if span.end is None or span.end >= day)
    first = kept[0].start if kept else None
    return (Span(start=day, end=first - one, source=term.source), *kept) if first and day < first else kept
