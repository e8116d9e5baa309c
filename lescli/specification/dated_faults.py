"""Finds what is wrong with the `[[terms]]` of a service.toml, and with a term that the practice sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from datetime import date
from typing import Any

from ..calendar import for_people
from ..errors import LesError, did_you_mean
from ..model import ServiceSpec
from .dated_terms import (
    INTERVALS,
    NONE,
    Change,
    UnknownTermError,
    apply,
    change_keys,
    changes_of,
    editions_of,
    entries_of,
    is_change,
    unknown_key,
)
from .faults import faults_of
from .own_days import LocalTerm, check_removed, keys_of, with_own_day

Data = Mapping[str, Any]
_KINDS: dict[type, str] = {str: "text", int: "integer", bool: "yes-no", list: "list"}
_WRITE = {
    "text": "a text in quotes",
    "month": "a month in quotes",
    "date": "a date in quotes",
    "integer": "a whole number without quotes",
    "yes-no": "true or false without quotes",
    "list": 'a list, as in ["one", "two"]',
}


def faults_of_terms(data: Data, spec: ServiceSpec) -> tuple[str, ...]:
    """Every fault of the `[[terms]]` blocks; `spec` is the specification without them."""
    return tuple(_faults(data, spec))


def _faults(data: Data, spec: ServiceSpec) -> Iterator[str]:
    held = deepcopy({name: value for name, value in data.items() if name != "terms"})
    days: list[date] = []
    for number, block in enumerate(data.get("terms", ()), start=1):
        place, day = f"terms[{number}]", date.fromisoformat(block["from"])
        if day in days:
            yield f"{place}.from: two blocks begin on {day.isoformat()}; put their keys into one"
        elif days and day < days[-1]:
            yield f"{place}.from: it begins before the block above it; put the blocks in the order of their days"
        if not spec.in_force_on(day):
            yield f"{place}.from: {day.isoformat()} is in no [[period]]; add the period, or correct the day"
        days.append(day)
        for key, value in entries_of(block["set"]):
            where = f'{place}.set."{key}"'
            try:
                if is_change(key):
                    changed = deepcopy(held)
                    apply(changed, Change(key=key, value=value, start=day, source=block["clause"]), data)
                    check_effect(held, changed, key, value, _keys(spec))
                    found = [_told(fault) for fault in faults_of(changed)]
                    yield from (f"{where}: {told}" for told in found)
                    held = held if found else changed
                else:
                    term = _term(spec, key, value, day, block["clause"])
                    before, spec = spec, with_own_day(spec, term)
                    check_removed(before, spec, term)
            except UnknownTermError:
                yield f"{where}: {unknown_key(spec.name, key, _keys(spec))}"
            except LesError as fault:
                told = str(fault).removeprefix(key.rstrip("+-") + ": ")
                yield f"{where}: {told}"


def check_effect(before: Data, after: Data, key: str, value: Any, known: Iterable[str]) -> None:
    """LesError when something is to be taken away that is not there; it is then a slip in the key."""
    if (value is False or value == NONE) and _bare(before) == _bare(after):
        others = [one for one in known if one != key and one.split(".")[0] == key.split(".")[0]]
        raise LesError(f"{key}: there is nothing to take away on that day", did_you_mean(key, others) or "leave it out")


def _bare(value: Any) -> Any:
    """A service.toml without its clauses and without empty tables and lists."""
    if isinstance(value, dict):
        inner = {name: _bare(one) for name, one in value.items() if name != "clause"}
        return {name: one for name, one in inner.items() if one not in ({}, [])}
    return [_bare(one) for one in value] if isinstance(value, list) else value


def faults_of_changes(data: Data, before: Iterable[Change], change: Change) -> tuple[str, ...]:
    """What one more change makes wrong, on its own day or later; LesError for a key or value that nothing takes."""
    earlier = (*changes_of(data), *before)
    held, changed = (_on(data, changes, change.start) for changes in (earlier, (*earlier, change)))
    check_effect(held, changed, change.key, change.value, change_keys(data))
    known = {fault for _, edition in editions_of(data, earlier) for fault in faults_of(edition)}
    found = [fault for _, edition in editions_of(data, (*earlier, change)) for fault in faults_of(edition)]
    return tuple(dict.fromkeys(_told_of(fault, change.key) for fault in found if fault not in known))


def _on(data: Data, changes: Iterable[Change], day: date) -> Data:
    """The service.toml as it is on a day."""
    return next((held for start, held in reversed([*editions_of(data, changes)]) if start <= day), data)


def _keys(spec: ServiceSpec) -> tuple[str, ...]:
    """The keys that a file can set; it has its days in [[period]]."""
    return tuple(key for key in keys_of(spec) if not key.startswith("period."))


def own_day_terms(data: Data, spec: ServiceSpec) -> Iterator[LocalTerm]:
    """The prices, codes, settings and addresses that the `[[terms]]` blocks set, in the file's order."""
    for block in data.get("terms", ()):
        for key, value in entries_of(block["set"]):
            if not is_change(key):
                yield _term(spec, key, value, date.fromisoformat(block["from"]), block["clause"])


def _told_of(fault: str, key: str) -> str:
    """A fault without its place, but with the interval that it is about if another one was changed."""
    about, (kind, _, name) = fault.partition(": ")[0].rpartition(".")[2], key.partition(".")
    is_other = about != kind and {about, kind} <= set(INTERVALS)
    return f"it does not fit {about}.{name}: {_told(fault)}" if is_other else _told(fault)


def _told(fault: str) -> str:
    """A fault without its place in the changed file, which nobody wrote."""
    return fault.partition(": ")[2] or fault


def _term(spec: ServiceSpec, typed: str, value: Any, start: date, source: str) -> LocalTerm:
    key, adds, removes = typed.rstrip("+-"), typed.endswith("+"), typed.endswith("-")
    kind, _, name = key.partition(".")
    setting = next((one for one in spec.settings if kind == "setting" and one.name == name), None)
    wanted = "list" if kind == "codes" else setting.type if setting else "text"
    if key in keys_of(spec):
        _of_kind(key, value, wanted)
        if kind == "codes" and not value:
            raise LesError(f"{key}: the list is empty", "leave the key out")
        if kind == "price":
            _no_price_yet(spec, key, start)
    return LocalTerm(
        key=key,
        value={True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value),
        start=start,
        source=source,
        adds=adds,
        removes=removes,
        local=False,
        parts=tuple(map(str, value)) if isinstance(value, list) else None,
    )


def _no_price_yet(spec: ServiceSpec, key: str, start: date) -> None:
    name, _, tariff = key.removeprefix("price.").partition(".")
    item = spec.item(name)
    prices = (price for price in item.prices if item.price_by == "part" or price.value.tariff == tariff)
    if any(price.start == start for price in prices):
        raise LesError(f"{key}: there is a price from {for_people(start)} already", "leave one of them out")


def _of_kind(key: str, value: Any, wanted: str) -> None:
    if key.startswith("price.") and isinstance(value, int | float) and not isinstance(value, bool):
        raise LesError(f"{key}: it is a number", f'write it in quotes: "{value:.2f}"')
    given = _KINDS.get(type(value), "")
    if given != ("text" if wanted in ("month", "date") else wanted):
        raise LesError(f"{key}: the value is of the wrong kind", f"write {_WRITE[wanted]}")
