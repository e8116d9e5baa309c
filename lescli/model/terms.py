"""Parts of a specification: dated values with their clause or letter, code lists, prices, clocks and measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from .answers import Measure
from .record import Code

T = TypeVar("T")
SettingValue = str | int | bool | tuple[str, ...]


def names_in(text: str) -> tuple[str, ...]:
    """The names in a text of a service.toml, which have commas between them: `level, indication`."""
    return tuple(name for part in text.split(",") if (name := part.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated(Generic[T]):
    """A value in force from a day until a later one of its kind; `source` is the clause or letter it comes from.

    A list may be made by adding `adds` to the list before it, or by removing `removes` from it.
    """

    start: date
    value: T
    source: str
    local: bool = False
    adds: T | None = None
    removes: T | None = None


def in_force(versions: Iterable[Dated[T]], day: date) -> Dated[T] | None:
    """The version in force on a day: the last one that starts by then.

    Of two from the same day, a local term replaces a printed one, and a later local term replaces an earlier one, so
    that a typing mistake can be corrected.
    """
    found: Dated[T] | None = None
    for one in versions:
        if one.start <= day and (found is None or (one.start, one.local) >= (found.start, found.local)):
            found = one
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days on which something applies, both ends included; without an end it still applies."""

    start: date
    end: date | None
    source: str

    def covers(self, day: date) -> bool:
        """Whether a day is one of them."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """The codes that record one kind of activity. `status` is specified, suggested or unset.

    `plural` is the word for several of its entries; empty when service.toml gives none.
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
        """The status on a day: specified, suggested or unset, or local once the practice has set the codes."""
        found = in_force(self.versions, day)
        return "local" if found and found.local else self.status


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Whole pence for one unit of an item, or None when the specification does not give a price.

    Of an item with several prices it is the one of a `level`, of what is paid `above` a number in the contract year, or
    of the `share` (numerator and denominator) of a sum for work of `up_to_minutes` (None: of any length).
    """

    pence: int | None
    level: str = ""
    above: int = 0
    share: tuple[int, int] = (1, 1)
    up_to_minutes: int | None = None

    @property
    def tariff(self) -> str:
        """Its name among the prices of its item: a level, `above-100`, `up-to-30`, or empty."""
        if self.above:
            return f"above-{self.above}"
        return self.level if self.up_to_minutes is None else f"up-to-{self.up_to_minutes}"

    @property
    def part_pence(self) -> int | None:
        """Its share of the sum in whole pence, half a penny up."""
        part, whole = self.share
        return None if self.pence is None else (2 * self.pence * part + whole) // (2 * whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A named decision. `decided` is `specification`, or `ours` if the specification is silent.

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
    the entry's clinician) or latest (the newest entry of a code list); `of` names which one. It is asked of work of the
    `items` (none means all) from `start` to `end`.
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
        """Whether it is asked of an item's work on a day."""
        in_force = (self.start is None or self.start <= day) and (self.end is None or day <= self.end)
        return in_force and (not self.items or item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLines:
    """The table of a form: its sheet, its rows, and the column of each value of a line, such as ("amount", "E")."""

    sheet: str
    first_row: int
    last_row: int
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimForm:
    """The commissioner's own form: the name of the empty workbook, and each value's cell, as ("total", "Claim!B9")."""

    template: str
    clause: str
    cells: tuple[tuple[str, str], ...]
    lines: FormLines | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerm:
    """When the commissioner pays: every `month`, or every `quarter` of the contract year.

    Payment is due `within_days` after the submission deadline of the last month; 0 when the document gives no number.
    """

    every: str
    clause: str
    within_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonSpec:
    """Why an activity is not simply payable: the verdict, the reason in words, its clause and its fix.

    A field that a service's own data leaves empty is taken from the standard reason of that name.
    """

    verdict: str
    text: str
    clause: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Something that must be done `within` a number of `unit` of an event.

    The event is an entry of `from_codelists` or the day in the register detail `from_detail`. The clock is met by an
    entry of any list in `to` or, with `needs_all`, when each of them has one. `unit` is hours, days, working-days,
    weeks or months.
    """

    name: str
    title: str
    clause: str
    from_codelists: tuple[str, ...]
    from_detail: str
    to: tuple[str, ...]
    needs_all: bool
    within: int
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Who must be looked at because of the newest value of `codelists`.

    `limits` has the keys `above` or `below`, or these followed by `_setting` or `_detail`, and what they name. `unit`
    is that of the values, or empty. An entry of `done_codelists` on or after the day of the value settles it.
    """

    name: str
    title: str
    clause: str
    codelists: tuple[str, ...]
    limits: Mapping[str, str]
    unit: str = ""
    done_codelists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSpec:
    """One measure to report. `kind` is one that `rules.measures` counts, or own (the plugin's).

    `by` splits it: `detail:NAME`, age (in `bands`, the first ages of all but the first), sex, month, place or network.
    `codelists`, or `detail` with its `value`, say what is counted, in the last `months` if given. `limits` are as in a
    threshold, for values in `value_unit`. `only_if` limits it to patients with these register details.
    """

    id: str
    title: str
    kind: str
    clause: str
    unit: str = ""
    of: str = ""
    by: str = ""
    bands: tuple[int, ...] = ()
    codelists: tuple[str, ...] = ()
    detail: str = ""
    value: str = ""
    months: int | None = None
    limits: Mapping[str, str] = field(default_factory=dict)
    value_unit: str = ""
    only_if: tuple[tuple[str, str], ...] = ()

    def result(self, number: int, of: int | None = None) -> Measure:
        """Its value in a report: a count, or the share that a number is of a whole."""
        return Measure(
            id=self.id, title=self.title, clause=self.clause, numerator=number, denominator=of, unit=self.unit
        )
