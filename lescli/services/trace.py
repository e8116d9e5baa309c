"""Records how a service came to its answers: every rule that was asked, and each term that the rule read.

Only `les explain` uses it. It gives the rules a specification that notes what is read from it; every other question
gets the plain one, and costs nothing more.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from functools import cache
from types import FrameType
from typing import Any

from ..model import Activity, CheckSpec, ClaimItem, Dated, Planned, Price, RegisterEntry, ServiceSpec

_WORDS = frozenset({
    *("name", "title", "clause", "source", "local", "start", "end", "fix", "text", "verdict", "document"),
    *("commissioner", "sha256", "kind", "type", "decided", "status", "plural", "note", "notes", "rule", "id", "every"),
})  # fmt: skip
"""Fields that name or describe a term and are no term themselves."""
_RAW = frozenset(("editions", "undated", "changes", "data", "reasons", "periods"))
_BY_NAME = ("item", "recall", "clock")
"""Tables whose changes are written KEY.NAME, as in `cap.injection`."""
_TOLD_WHEN_UNSET = ("window_months", "cap")
_TOLD_WHEN_TRUE = ("past", "required", "start_is_first")
_PATHS = {"settings": "setting", "codelists": "codes", "items": "item", "recalls": "recall", "clocks": "clock",
          "thresholds": "threshold", "measures": "measure", "incidents": "incident", "details": "detail",
          "addresses": "email", "tables": "table"}  # fmt: skip
Changes = tuple[Dated[tuple[str, str]], ...]
"""The changes of terms up to a day, each with the key it changes and its new value."""
_NOT_RULES = frozenset((*sys.stdlib_module_names, "lescli", "pluggy"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TermRead:
    """A term that a rule read: its value as text, the day it holds from, and the clause or letter it is from."""

    term: str
    value: str
    from_: date | None
    clause: str
    local: bool


@dataclass(slots=True, kw_only=True)
class RuleAsked:
    """A rule that was asked, with the hook it answered, what it read and the entries it looked at."""

    hook: str
    rule: str
    about: str
    terms: dict[TermRead, None] = field(default_factory=dict)
    evidence: dict[str, None] = field(default_factory=dict)


class Recorder:
    """What was read from a specification while a service was asked."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str], RuleAsked] = {}
        self._hook = ""

    @contextmanager
    def asking(self, hook: str) -> Iterator[None]:
        """Inside it, rules are asked for the answer of a hook."""
        self._hook = hook
        try:
            yield
        finally:
            self._hook = ""

    def rules(self) -> tuple[RuleAsked, ...]:
        """The rules in the order in which they were first asked."""
        return tuple(self._asked.values())

    def spec(self, spec: ServiceSpec) -> ServiceSpec:
        """The specification as rules are given it, noting what they read."""
        traced: ServiceSpec = _traced(spec, "", (), self)
        return traced

    def note(self, term: TermRead) -> None:
        """Note a term that is being read, under the rule that reads it."""
        frame = _rule_frame(sys._getframe(1))
        if not self._hook or frame is None:
            return
        module, name = frame.f_globals.get("__name__", ""), frame.f_code.co_qualname.partition(".")[0]
        rule = f"{module.removeprefix('lescli.')}.{name}"
        known = self._asked.get((self._hook, rule))
        if known is None:
            known = RuleAsked(hook=self._hook, rule=rule, about=_about(module, name))
            self._asked[self._hook, rule] = known
        known.terms[term] = None
        known.evidence.update(dict.fromkeys(_looked_at(frame)))


def _rule_frame(frame: FrameType | None) -> FrameType | None:
    """The nearest caller that is a rule: a function of `lescli.rules` or of the service's own package."""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        is_rule = module.startswith("lescli.rules.") or module.partition(".")[0] not in _NOT_RULES
        # A comprehension has no name of its own.
        if is_rule and "<" not in frame.f_code.co_qualname.rpartition(".")[2]:
            return frame
        frame = frame.f_back
    return None


@cache
def _about(module: str, name: str) -> str:
    """What a rule does, in its own words, or else in those of its module."""
    held = sys.modules.get(module)
    told = inspect.getdoc(getattr(held, name, None)) or inspect.getdoc(held) or ""
    return " ".join(told.split("\n\n")[0].split())


def _looked_at(frame: FrameType | None) -> tuple[str, ...]:
    """The evidence of the entry, request or register entry that the rule, or a rule that called it, is looking at."""
    for _ in range(4):
        frame = _rule_frame(frame)
        if frame is None:
            return ()
        seen = (value for value in frame.f_locals.values() if isinstance(value, Activity | Planned | RegisterEntry))
        found = [one for value in seen for one in _evidence(value)]
        if found:
            return tuple(found)
        frame = frame.f_back
    return ()


def _evidence(value: Activity | Planned | RegisterEntry) -> tuple[str, ...]:
    if isinstance(value, RegisterEntry):
        return value.evidence
    # An activity that stands for a register entry has no entry of its own.
    return (value.evidence,) if value.id else ()


def _read(self: Any, name: str) -> Any:
    value = object.__getattribute__(self, name)
    if name.startswith("_"):
        return value
    try:
        whole, path, held, recorder = object.__getattribute__(self, "_traced")
    except AttributeError:
        return value  # A copy that a rule made with `replace`: what it holds is traced already.
    if isinstance(whole, ServiceSpec) and name in ("on", "spans"):
        return _dated_terms(whole, name, recorder)
    kind: type = type(whole)
    if name not in _fields_of(kind) or name in _RAW:
        return value
    if isinstance(whole, Dated):
        if name == "value":
            recorder.note(_term(path, whole.value, whole.start, whole.source, whole.local))
        return value
    return _of_field(whole, path, held, name, value, recorder)


def _dated_terms(whole: ServiceSpec, name: str, recorder: Recorder) -> Any:
    """The methods that give the terms of a day: what they give is traced too, with the changes by then."""

    def on(day: date) -> ServiceSpec:
        held = tuple(one for one in (whole.undated or whole).changes if one.start <= day)
        traced: ServiceSpec = _traced(whole.on(day), "", held, recorder)
        return traced

    def spans() -> tuple[tuple[date, date, ServiceSpec], ...]:
        return tuple((first, last, on(first)) for first, last, _ in whole.spans())

    return on if name == "on" else spans


def _of_field(whole: Any, path: str, held: Changes, name: str, value: Any, recorder: Recorder) -> Any:
    if isinstance(value, tuple) and value and is_dataclass(value[0]):
        return tuple(_traced(one, _path_of(whole, path, name, one), held, recorder) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return _traced(value, name if not path else f"{path}.{name}", held, recorder)
    if name not in _WORDS and not name.endswith("_clause") and _is_told(name, value):
        own = path if isinstance(whole, CheckSpec) else f"{path}.{name}" if path else name
        change = _change_of(own, held)
        if change is None:
            recorder.note(_term(own, value, None, _clause_of(whole, name), local=False))
        else:
            recorder.note(_term(own, value, change.start, change.source, change.local))
    return value


def _change_of(path: str, held: Changes) -> Dated[tuple[str, str]] | None:
    """The last change of a term by then, by the key that changes it; None when the term is as it was printed."""
    table, _, rest = path.partition(".")
    name, _, key = rest.rpartition(".")
    wanted = f"deadline.{rest}" if table == "submission" else f"{key}.{name}" if table in _BY_NAME else path
    # A change of one option of a check or of an item is shown with all its options.
    begins = {"check": f"{path}.", "item": f"option.{name}." if key == "options" else "\n"}.get(table, "\n")
    found = [one for one in held if one.value[0] == wanted or one.value[0].startswith(begins)]
    return max(found, key=lambda one: (one.start, one.local), default=None)


def _is_told(name: str, value: object) -> bool:
    if value is None:
        return name in _TOLD_WHEN_UNSET
    return value not in ("", (), {}) and (value is not False or name not in _TOLD_WHEN_TRUE)


def _clause_of(whole: Any, name: str) -> str:
    """The clause of a term. Those of the claim's window and year stand in one table, `[claim]`."""
    if isinstance(whole, ServiceSpec):
        return whole.window_clause
    return getattr(whole, f"{name}_clause", "") or getattr(whole, "clause", "")


def _path_of(whole: Any, path: str, name: str, one: Any) -> str:
    """Where a value stands, as `les services set` and `show` name it."""
    if isinstance(one, Dated):
        is_price = isinstance(whole, ClaimItem) and name == "prices"
        return f"price.{whole.name}" if is_price else _PATHS.get(name, path)
    if isinstance(one, CheckSpec):
        return f"check.{path.removeprefix('item.')}.{one.rule}"
    label = getattr(one, "name", None) or getattr(one, "id", None) or getattr(one, "kind", "")
    under = _PATHS.get(name, f"{path}.{name}" if path else name)
    return f"{under}.{label}" if label else under


def _term(path: str, value: object, start: date | None, clause: str, local: bool) -> TermRead:
    begins = None if start is None or start == date.min else start
    return TermRead(term=path, value=_shown(value), from_=begins, clause=clause, local=local)


def _shown(value: object) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Price):
        return "not set" if value.pence is None else f"{value.pence} pence"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_shown(one)}" for key, one in value.items())
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value)) or "none"
    return value.isoformat() if isinstance(value, date) else str(value)


def _traced(value: Any, path: str, held: Changes, recorder: Recorder) -> Any:
    """A copy of a frozen value that notes what is read from it."""
    kind: type = type(value)
    copy: Any = object.__new__(_traced_class(kind))
    for name in _fields_of(kind):
        object.__setattr__(copy, name, getattr(value, name))
    object.__setattr__(copy, "_traced", (value, path, held, recorder))
    return copy


@cache
def _traced_class(kind: type) -> type:
    return type(f"Traced{kind.__name__}", (kind,), {"__slots__": ("_traced",), "__getattribute__": _read})


@cache
def _fields_of(kind: type) -> frozenset[str]:
    return frozenset(one.name for one in fields(kind))


__all__ = ["Recorder", "RuleAsked", "TermRead"]
