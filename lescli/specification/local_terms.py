"""Local terms: what the practice agreed with its commissioner, applied on top of the printed specification.

A term has a date and a source. It is never edited: a later term with the same key replaces it from its own date
(`les services set S KEY=VALUE --from DATE --source TEXT`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol, TypeVar

from ..calendar import Month, parse_date
from ..codes import parse_code
from ..errors import LesError
from ..model import Code, Dated, Price, ServiceSpec, Setting, SettingValue, Span, in_force
from .parse import pence_of

_MONEY = re.compile(r"£?([0-9]{1,7}\.[0-9]{2})")
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+")
_WRITE_CODES = "write SNOMED CT ids separated by commas, with read2: or ctv3: before a code of those systems"
_COUNTED = range(10_000)
"""The numbers that a setting takes (of days, months or results): none of them leads beyond the calendar."""
_EXAMPLES = {
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
    """One local term: `key` and `value` as they were typed; `adds` is true for `+=`."""

    key: str
    value: str
    start: date
    source: str
    adds: bool = False


def with_local_terms(spec: ServiceSpec, terms: Iterable[LocalTerm]) -> ServiceSpec:
    """The specification with the local terms applied in the order of their dates."""
    for term in sorted(terms, key=lambda term: term.start):
        spec = _with_term(spec, term)
    return spec


def check_term(spec: ServiceSpec, term: LocalTerm) -> ServiceSpec:
    """The specification with one more term; LesError says what is wrong with the term."""
    changed = _with_term(spec, term)
    for setting in changed.settings:
        if term.key == f"setting.{setting.name}" and setting.type == "integer" and int(term.value) not in _COUNTED:
            raise LesError(f"{term.key}: the number is too small or too large", _EXAMPLES["integer"])
    return changed


def _with_term(spec: ServiceSpec, term: LocalTerm) -> ServiceSpec:
    kind, _, name = term.key.partition(".")
    if term.adds and kind != "setting":
        raise LesError(
            f"`+=` adds to a list setting, not to {term.key}", "use = for prices, codes, dates and the e-mail"
        )
    if kind == "price" and name in [item.name for item in spec.items]:
        found = _MONEY.fullmatch(term.value.strip())
        if not found or not pence_of(found[1]):
            raise LesError(f"{term.key}: the price must be pounds and pence, more than 0", "write it as in 20.00")
        price = _dated(term, Price(pence=pence_of(found[1])))
        return replace(spec, items=_changed(spec.items, name, lambda item: replace(item, prices=(*item.prices, price))))
    if kind == "codes" and name in [codelist.name for codelist in spec.codelists]:
        codes = _dated(term, _codes(term))
        return replace(
            spec, codelists=_changed(spec.codelists, name, lambda cl: replace(cl, versions=(*cl.versions, codes)))
        )
    if kind == "setting" and name in [setting.name for setting in spec.settings]:
        return replace(spec, settings=_changed(spec.settings, name, lambda setting: _with_value(setting, term)))
    if term.key in ("period.start", "period.end"):
        return replace(spec, periods=_periods(spec.periods, term))
    if term.key == "email":
        if not _EMAIL.fullmatch(term.value.strip()):
            raise LesError("email: that is not an e-mail address", "write it as name@nhs.net")
        address = _dated(term, term.value.strip())
        return replace(spec, submission=replace(spec.submission, addresses=(*spec.submission.addresses, address)))
    raise LesError(f"{spec.name} has no term of that name", f"it has {', '.join(_keys(spec))}")


def _keys(spec: ServiceSpec) -> list[str]:
    return [
        *(f"price.{item.name}" for item in spec.items),
        *(f"codes.{codelist.name}" for codelist in spec.codelists),
        *(f"setting.{setting.name}" for setting in spec.settings),
        "period.start",
        "period.end",
        "email",
    ]


def _dated(term: LocalTerm, value: T) -> Dated[T]:
    return Dated(start=term.start, value=value, source=term.source, local=True)


def _changed(values: tuple[N, ...], name: str, change: Callable[[N], N]) -> tuple[N, ...]:
    return tuple(change(value) if value.name == name else value for value in values)


def _codes(term: LocalTerm) -> tuple[Code, ...]:
    codes = []
    for part in term.value.split(","):
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


def _with_value(setting: Setting, term: LocalTerm) -> Setting:
    value: SettingValue = _setting_value(setting, term)
    if term.adds:
        if not isinstance(value, tuple):
            raise LesError(f"{term.key} is not a list", "use = instead of +=")
        held = in_force(setting.versions, term.start)
        before = held.value if held and isinstance(held.value, tuple) else ()
        value = (*before, *(part for part in value if part not in before))
    return replace(setting, versions=(*setting.versions, _dated(term, value)))


def _setting_value(setting: Setting, term: LocalTerm) -> SettingValue:
    text = term.value.strip()
    try:
        if setting.type == "list":
            return tuple(part.strip() for part in text.split(",") if part.strip())
        if setting.type == "integer":
            return int(text)
        if setting.type == "yes-no":
            return {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}[text.lower()]
        if setting.type == "month":
            return str(Month.parse(text))
        if setting.type == "date":
            return parse_date(text).isoformat()
    except (ValueError, KeyError):
        raise LesError(f"{term.key}: the value is not of type {setting.type}", _EXAMPLES[setting.type]) from None
    return text


def _periods(periods: tuple[Span, ...], term: LocalTerm) -> tuple[Span, ...]:
    """Roll a contract over or cut it short: added days get the term's source, other days are cut off at the edge."""
    try:
        day = parse_date(term.value)
    except ValueError as fault:
        raise LesError(f"{term.key}: {fault}") from None
    ordered = tuple(sorted(periods, key=lambda span: span.start))
    one = timedelta(days=1)
    if term.key == "period.end":
        kept = tuple(replace(span, end=min(span.end or day, day)) for span in ordered if span.start <= day)
        last = kept[-1].end if kept else None
        return (*kept, Span(start=last + one, end=day, source=term.source)) if last and last < day else kept
    kept = tuple(replace(span, start=max(span.start, day)) for span in ordered if span.end is None or span.end >= day)
    first = kept[0].start if kept else None
    return (Span(start=day, end=first - one, source=term.source), *kept) if first and day < first else kept
