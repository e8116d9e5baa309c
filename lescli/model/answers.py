"""The answers of rules: register, recall list, claim and report, each row with its clause and evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from .quick import quickly_made
from .verdict import Verdict

DetailValue = str | int | float | bool | date
"""The value of a register detail, of the type that service.toml gives it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A reason why one activity is not simply payable, found by one rule."""

    verdict: Verdict
    reason: str
    clause: str
    fix: str = ""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """One activity (or patient-month) of a claim, with its verdict.

    `key` identifies what can be claimed only once. `evidence` has the ids of the entries behind the row, and `also` its
    other findings, in order. `entry_id` is the coded entry that is paid for, if the item pays for entries. Money is in
    whole pence; `unit_price_pence` is None when no price is known or nothing is due. `nhs_number` is empty for an item
    paid for the practice list. `tariff` names the one of the item's prices that it is paid at, if the item has several.
    """

    key: str
    nhs_number: str
    day: date
    item: str
    code: str
    verdict: Verdict
    reason: str
    clause: str
    fix: str = ""
    unit_price_pence: int | None = None
    entry_id: int | None = None
    evidence: tuple[str, ...] = ()
    also: tuple[Finding, ...] = ()
    tariff: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Every activity the claim looked at, with one row and one verdict each; notes are for the person who submits it.

    `incomplete` says what is missing from the claim, such as an item that has no codes. A claim that is incomplete can
    be previewed, but must not be submitted. `as_of` is the day the claim was asked on; the service fills it in.
    """

    rows: tuple[ClaimRow, ...]
    notes: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()
    as_of: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What the specification advises about one patient; it never changes a claim.

    `is_of_result` marks advice about an implausible result, which a person has to correct or confirm.
    """

    text: str
    clause: str
    is_of_result: bool = False


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """One patient's time on one service's register; `ended_on` is the last day on it, or None while it is open.

    `history` has the dated details (from, name, value) by date, and `details` their values on the day asked about.
    `missing` names required details that nobody recorded. `doubt` says what contradicts the entry and how to correct
    it, and is empty when nothing does. `warnings` are about implausible values; they do not hold back payment.
    """

    nhs_number: str
    entered_on: date
    ended_on: date | None
    end_reason: str
    rule: str
    clause: str
    details: tuple[tuple[str, DetailValue], ...] = ()
    history: tuple[tuple[date, str, DetailValue], ...] = ()
    missing: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    advice: tuple[Advice, ...] = ()
    doubt: str = ""
    warnings: tuple[str, ...] = ()

    def covers(self, day: date) -> bool:
        """Whether the patient was on the register on that day."""
        return self.entered_on <= day and (self.ended_on is None or day <= self.ended_on)

    def detail(self, name: str) -> DetailValue | None:
        """The value of a detail on the day asked about."""
        return next((value for held, value in reversed(self.details) if held == name), None)

    def detail_on(self, name: str, day: date) -> DetailValue | None:
        """The value of a detail on a day."""
        held = [value for start, field_name, value in self.history if field_name == name and start <= day]
        return held[-1] if held else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The register of one service: at most one entry covers a patient on a day."""

    entries: tuple[RegisterEntry, ...]
    _by_patient: dict[str, tuple[RegisterEntry, ...]] | None = field(
        init=False, repr=False, compare=False, default=None
    )

    def entry(self, nhs_number: str, on: date) -> RegisterEntry | None:
        """The entry that covers a patient on a day."""
        return next((entry for entry in self.of(nhs_number) if entry.covers(on)), None)

    def of(self, nhs_number: str) -> tuple[RegisterEntry, ...]:
        """All entries of one patient, earliest first."""
        # Built on first use, because a register is copied more than once after a plugin returns it.
        index = self._by_patient
        if index is None:
            index = {}
            for entry in sorted(self.entries, key=lambda entry: entry.entered_on):
                index[entry.nhs_number] = (*index.get(entry.nhs_number, ()), entry)
            object.__setattr__(self, "_by_patient", index)
        return index.get(nhs_number, ())


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """One patient due for one kind of contact. `band` says how late it is in the service's own words.

    `counted_from` is the day from which the due day was counted; contacts before it were about something else.
    `planned_for` is the day for which the record plans it; it does not change how late the patient is. `note` says
    what to look at before ringing the patient.
    """

    nhs_number: str
    kind: str
    due_on: date
    clause: str
    last_done_on: date | None = None
    counted_from: date | None = None
    overdue_after: date | None = None
    planned_for: date | None = None
    band: str = ""
    invitations: int = 0
    evidence: tuple[str, ...] = ()
    note: str = ""

    def days_overdue(self, as_of: date) -> int:
        """Days after the last day it should be done (`overdue_after`, else `due_on`); 0 until then."""
        return max(0, (as_of - (self.overdue_after or self.due_on)).days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """One patient who declined one kind of contact; `again_on` is the day from which they are called again.

    When it is None, they are left out until they attend again or another outcome is recorded.
    """

    nhs_number: str
    kind: str
    due_on: date
    clause: str
    declined_on: date
    again_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallList:
    """Who is due, in the order to ring them, and who is left out because they declined."""

    recalls: tuple[Recall, ...]
    declined: tuple[Declined, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A count (`denominator` is None) or a share that the specification wants reported."""

    id: str
    title: str
    clause: str
    numerator: int
    denominator: int | None = None
    unit: str = ""

    @property
    def value(self) -> float | int | None:
        """The count, or the share in percent to two decimals; None when the denominator is 0."""
        if self.denominator is None:
            return self.numerator
        return round(100 * self.numerator / self.denominator, 2) if self.denominator else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of a report; one that names patients is shown only with `--rows`."""

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]
    names_patients: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The measures, audit tables and notes of one service over one period."""

    measures: tuple[Measure, ...]
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def with_own(
        self,
        *,
        measures: Iterable[Measure] = (),
        first: Iterable[Table] = (),
        tables: Iterable[Table] = (),
        notes: Iterable[str] = (),
    ) -> Report:
        """The report with a plugin's own measures, tables and notes. Tables in `first` come before the others.

        An own measure replaces one with the same id. Les prints all measures in the order of the specification.
        """
        own = tuple(measures)
        named = {one.id for one in own}
        return replace(
            self,
            measures=(*(one for one in self.measures if one.id not in named), *own),
            tables=(*first, *self.tables, *tables),
            notes=(*self.notes, *notes),
        )
