"""The terms in which two service.toml differ, one by one, each with both clauses and the day it applies from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from .dated_terms import as_typed

Data = Mapping[str, Any]
Step = str | tuple[tuple[str, Any], ...]
Way = tuple[Step, ...]
_WORDING = frozenset(
    ("title", "note", "text", "fix", "plural", "clause", "document", "commissioner", "evidence", "service")
)
"""What only words a term; a change of it changes no answer."""
_NAMED_BY = (
    "name",
    "id",
    "kind",
    "rule",
    "from",
    "start",
    "level",
    "above",
    "up_to_minutes",
    "detail",
    "setting",
    "reason",
)
"""The keys by which a table of a list is known, such as the name of an item or the first day of a price."""
_LISTS = frozenset(
    ("item", "recall", "measure", "incident", "period", "price", "check", "band", "terms", "duty", "clock", "threshold",
     "message", "element", "detail", "address")
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TermChange:
    """One changed term. A value is empty where that file does not have the term.

    `start` is the first day of the new value, or None where the file gives the term no day. `way` leads to it in both
    files.
    """

    path: str
    old: str
    new: str
    start: date | None
    clause_old: str
    clause_new: str
    way: Way


def changes_between(old: Data, new: Data) -> tuple[tuple[TermChange, ...], int]:
    """The changed terms in the order of their paths, and how many texts differ that only word a term."""
    wording: list[str] = []
    found = list(_between(old, new, (), _Place("", "", None), wording))
    return tuple(sorted(found, key=lambda one: (one.path, one.start or date.min))), len(wording)


def with_change(old: Data, new: Data, change: TermChange) -> dict[str, Any]:
    """The old service.toml with one term as the new one has it."""
    changed = deepcopy(dict(old))
    _put(changed, deepcopy(dict(new)), change.way)
    return changed


@dataclass(frozen=True, slots=True)
class _Place:
    """What the tables around a value say of it: both clauses and the day it applies from."""

    clause_old: str
    clause_new: str
    start: date | None

    def inside(self, old: Any, new: Any) -> _Place:
        one, other = (value if isinstance(value, Mapping) else {} for value in (old, new))
        day = other.get("from") or one.get("from") or other.get("start") or one.get("start")
        return _Place(
            str(one.get("clause", self.clause_old if old is not None else "")),
            str(other.get("clause", self.clause_new if new is not None else "")),
            date.fromisoformat(day) if isinstance(day, str) else self.start,
        )


def _between(old: Any, new: Any, way: Way, place: _Place, wording: list[str]) -> Iterator[TermChange]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        inner = place.inside(old, new)
        for key in dict.fromkeys((*old, *new)):
            if key in _WORDING:
                wording += [key] if old.get(key) != new.get(key) else []
            elif key == "from" and way[:1] == ("terms",):
                continue  # The day of the block is that of each of its terms.
            elif key == "set" and way[:1] == ("terms",):
                yield from _between(old.get(key) or {}, new.get(key) or {}, (*way, key), inner, wording)
            else:
                yield from _between(old.get(key), new.get(key), (*way, key), inner, wording)
    elif way and way[-1] in _LISTS and (isinstance(old, list) or isinstance(new, list)):
        for name, (one, other) in _paired(old or [], new or []).items():
            step = (*way, name)
            if way[-1] == "terms":
                yield from _between(one or {}, other or {}, step, place.inside(one, other), wording)
            else:
                yield from _between(one, other, step, place, wording)
    elif way[:1] != ("note",) and way[:1] != ("evidence",):
        inner = place.inside(old, new)
        yield TermChange(
            path=_path(way),
            old=_shown(old),
            new=_shown(new),
            start=inner.start,
            clause_old=inner.clause_old if old is not None else "",
            clause_new=inner.clause_new if new is not None else "",
            way=way,
        )


def _paired(old: list[Any], new: list[Any]) -> dict[tuple[tuple[str, Any], ...], tuple[Any, Any]]:
    """The tables of two lists by what names them, an old one beside the new one of the same name."""
    found: dict[tuple[tuple[str, Any], ...], tuple[Any, Any]] = {}
    for one in old:
        found[_named(one)] = (one, None)
    for one in new:
        found[_named(one)] = (found.get(_named(one), (None, None))[0], one)
    return found


def _named(table: Any) -> tuple[tuple[str, Any], ...]:
    for key in ("name", "id"):
        if key in table:
            return ((key, table[key]),)
    return tuple((key, table[key]) for key in _NAMED_BY if key in table and not isinstance(table[key], list | dict))


def _path(way: Way) -> str:
    """The path as a person reads it: `item[injection].price[2026-04-01].amount`, or the key of a dated term."""
    if way[0] == "terms" and len(way) > 3:
        return ".".join(str(step) for step in way[3:])
    text = ""
    for step in way:
        if isinstance(step, str):
            text += f".{step}" if text else step
        else:
            text += f"[{' '.join(str(value) for _, value in step)}]"
    for pattern, key in _KEYS:
        text = pattern.sub(key, text)
    return text


_KEYS = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (r"^item\[([^]]+)\]\.price\[.*$", r"price.\1"),
        (r"^item\[([^]]+)\]\.cap(\.per_contract_year)?$", r"cap.\1"),
        (r"^item\[([^]]+)\]\.check\[([a-z-]+)[^]]*\]", r"check.\1.\2"),
        (r"^codelists\.([^.]+)\.(snomed|read2|ctv3)$", r"codes.\1"),
        (r"^settings\.([^.]+)\.value$", r"setting.\1"),
        (r"^claim\.window_months$", "window_months"),
        (r"^submission\.(?!form\b|declaration\b)", "deadline."),
        (r"^recall\[([^]]+)\]\.((?:first_|overdue_)?interval)$", r"\2.\1"),
    )
)
"""The keys of `les services set` in place of the places in the file."""


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        kept = {name: inner for name, inner in value.items() if name not in _WORDING and name != "from"}
        if "amount" in kept:
            return str(kept["amount"])
        return as_typed(kept) or "there"
    return as_typed(value)


def _step(data: Any, step: Step) -> Any:
    """What one step leads to; None when there is nothing."""
    if data is None:
        return None
    return data.get(step) if isinstance(step, str) else next((one for one in data if _named(one) == step), None)


def _put(data: Any, model: Any, way: Way) -> None:
    """Make the value at the end of a way that of the model, or take it away when the model has none."""
    for step, following in pairwise(way):
        inner, wanted = _step(data, step), _step(model, step)
        if inner is None:
            # A table that is new has its name, clause and other words of its own from the beginning.
            inner = [] if isinstance(following, tuple) else _worded(wanted, step)
            if isinstance(step, str):
                data[step] = inner
            else:
                data.append(inner)
        data, model = inner, wanted
    last, value = way[-1], _step(model, way[-1])
    if isinstance(last, str):
        data.pop(last, None)
        data.update({} if value is None else {last: value})
    else:
        place = next((number for number, one in enumerate(data) if _named(one) == last), len(data))
        data[place : place + 1] = [] if value is None else [value]


def _worded(table: Any, step: Step) -> dict[str, Any]:
    kept = {name for name, _ in step} if isinstance(step, tuple) else set()
    return {name: value for name, value in table.items() if name in _WORDING | kept}
