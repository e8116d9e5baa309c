"""Register values that cannot be true: a day in the future or before birth, a number outside its range."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from ..errors import LesError
from ..model import DetailField, DetailValue, HandEntry, Records, RegisterEntry, ServiceSpec
from .details import typed_detail


def not_possible(field: DetailField, value: DetailValue, as_of: date, born: date | None = None) -> str:
    """Why a value cannot be true, in words that follow the detail's name; empty when it can."""
    if field.past and isinstance(value, date):
        if value > as_of:
            return "it is after the day asked about"
        if born and value < born:
            return "it is before the patient was born"
    if field.range and isinstance(value, int | float) and not field.range.holds(value):
        return f"it takes {_from_to(field.range.least, field.range.most)}"
    return ""


def refuse_impossible(
    spec: ServiceSpec, details: Mapping[str, str], days: Iterable[date | None], as_of: date, born: date | None
) -> None:
    """LesError when one of the days is before birth, or when a detail cannot be true."""
    faults = []
    if born and any(day < born for day in days if day):
        faults.append("the entry would begin before the patient was born")
    for name, text in details.items():
        field = spec.register.field(name)
        why = not_possible(field, typed_detail(field, text), as_of, born) if field else ""
        faults += [f"{name}: {why}"] if why else []
    if faults:
        raise LesError("; ".join(faults), "give the right value; nothing was changed")


def set_aside(entry: RegisterEntry, hands: Iterable[HandEntry], spec: ServiceSpec, records: Records) -> RegisterEntry:
    """The entry without the values that cannot be true, and with a warning and a cure for each.

    Such values were recorded before les checked them, or before a birth date was corrected. A day in the future is set
    aside only until it comes.
    """
    bounded = {field.name: field for field in spec.register.details if field.past or field.range}
    if not bounded or not any(name in bounded for _, name, _ in entry.history):
        return entry
    born, as_of = records.patient(entry.nhs_number).date_of_birth, records.as_of

    def why(name: str, value: DetailValue) -> str:
        return not_possible(bounded[name], value, as_of, born) if name in bounded else ""

    kept = tuple(each for each in entry.history if not why(each[1], each[2]))
    if len(kept) == len(entry.history):
        return entry
    warnings = list(entry.warnings)
    for hand in hands:
        newest = {name: (start, text) for start, name, text in hand.details if start <= as_of and name in bounded}
        for name, (start, text) in newest.items():
            reason = why(name, _typed(bounded[name], text))
            if reason and f"register:{hand.id}" in entry.evidence:
                warnings.append(_told(spec, hand.id, name, start, reason))
    return replace(entry, history=kept, warnings=tuple(warnings))


def _typed(field: DetailField, text: str) -> DetailValue:
    """The value; or the text itself when the field does not accept it, which `overlaps.unreadable_detail` reports."""
    try:
        return typed_detail(field, text)
    except ValueError:
        return text


def _told(spec: ServiceSpec, number: int, name: str, start: date, why: str) -> str:
    return (
        f"entry {number} has a value of {name} that is not used ({why}); correct it with "
        f"`les register {spec.name} --amend {number} --set {name}=VALUE --from {start.isoformat()}`"
    )


def _from_to(least: float | None, most: float | None) -> str:
    if least is None:
        return f"a number up to {most:g}"
    return f"a number of {least:g} or more" if most is None else f"a number from {least:g} to {most:g}"
