"""Terms: dated values with the clause or letter they come from, and what a document prints beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from .record import Code

T = TypeVar("T")
SettingValue = str | int | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated(Generic[T]):
    """A value in force from a day until a later one of its kind; `source` is the clause or the letter it stands in."""

    start: date
    value: T
    source: str
    local: bool = False


def in_force(versions: Iterable[Dated[T]], day: date) -> Dated[T] | None:
    """The version in force on a day: the last that starts on or before it. A local term wins over a printed one.

    Of two from the same day the one recorded later holds, so that what was typed wrongly can be put right.
    """
    held = [version for version in versions if version.start <= day]
    return max(reversed(held), key=lambda version: (version.start, version.local), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days on which something holds, both ends inside; no end means it still does."""

    start: date
    end: date | None
    source: str

    def covers(self, day: date) -> bool:
        """True on those days."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """The codes that record one kind of activity. `status` is specified, suggested or unset, as the document has it.

    `plural` is what several of its entries are called; empty where the data does not say.
    """

    name: str
    title: str
    clause: str
    status: str
    versions: tuple[Dated[tuple[Code, ...]], ...]
    plural: str = ""

    def codes_on(self, day: date) -> tuple[Code, ...]:
        """The codes in force on a day; empty when none is known."""
        found = in_force(self.versions, day)
        return found.value if found else ()

    def all_codes(self) -> frozenset[Code]:
        """Every code that was ever in force."""
        return frozenset(code for version in self.versions for code in version.value)

    def status_on(self, day: date) -> str:
        """specified, suggested, unset, or local once the practice has set it."""
        found = in_force(self.versions, day)
        return "local" if found and found.local else self.status


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Whole pence for one unit of an item, or None where the specification does not give it."""

    pence: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A decision with a name. `decided` is `specification`, or `ours` where the specification is silent.

    `type` is text, integer, yes-no, list, month or date.
    """

    name: str
    title: str
    clause: str
    decided: str
    type: str
    versions: tuple[Dated[SettingValue], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """A table printed in the specification, cell for cell as text."""

    name: str
    title: str
    clause: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceField:
    """One thing a claimed row must be able to show when it is checked after payment.

    `kind` is entry (a part of the coded entry), detail (a register detail), register (being on it), accreditation (of
    the entry's clinician) or latest (the newest entry of a code list); `of` names which. `items` are those it is asked
    of, none means all; `start` and `end` the first and last day of the work it is asked of.
    """

    name: str
    title: str
    kind: str
    clause: str
    of: str = ""
    items: tuple[str, ...] = ()
    required: bool = True
    start: date | None = None
    end: date | None = None

    def asked_of(self, item: str, day: date) -> bool:
        """It is asked of that item's work of a day."""
        in_force = (self.start is None or self.start <= day) and (self.end is None or day <= self.end)
        return in_force and (not self.items or item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerm:
    """When the commissioner pays: every `month` or `quarter` of the contract year.

    `within_days` after the deadline of the claim for its last month; 0 where the document names no day.
    """

    every: str
    clause: str
    within_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonSpec:
    """Why an activity is not simply payable: the verdict it leads to, in words, with clause and fix.

    In a service's own data what is empty is as the standard reason of that name has it.
    """

    verdict: str
    text: str
    clause: str
    fix: str
