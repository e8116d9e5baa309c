"""What a rule answers: register, recall list, claim and report, each row with its clause and evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

DetailValue = str | int | float | bool | date
"""The value of a register detail, typed as the service's data says."""


class Verdict(StrEnum):
    """What becomes of one activity in one claim; the order is the order of precedence when several apply."""

    CLAIMED = "claimed"
    REFUSED = "refused"
    EXPIRED = "expired"
    CHECK = "check"
    OVER_CAP = "over_cap"
    UNPRICED = "unpriced"
    PAYABLE = "payable"

    @property
    def rank(self) -> int:
        """Its place in the order of precedence, 0 first."""
        return _RANKS[self]


_RANKS = {verdict: place for place, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule's answer about one activity: why it is not simply payable."""

    verdict: Verdict
    reason: str
    clause: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """One activity (or patient-month) of a claim, with its verdict.

    `key` is what can be claimed only once, `evidence` the ids of the entries it rests on, `also` the other findings
    that hold, in order. `entry_id` is the entry that is itself paid for, where the item pays for entries. Money is
    whole pence; `unit_price_pence` is None where no price is known or none is due. `nhs_number` is empty for an item
    that pays for the practice's list and not for a patient.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Every activity the claim considered, one row and one verdict each; notes are for the person who submits it.

    `incomplete` says in words what keeps the claim from being whole, such as an item that nothing can be found for:
    it can be previewed, and must not be frozen.
    """

    rows: tuple[ClaimRow, ...]
    notes: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What the specification advises about one patient; it never changes a claim.

    `is_of_result`: it is of a result that can hardly be true, and that a person has to correct or confirm.
    """

    text: str
    clause: str
    is_of_result: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """One patient's time on one service's register; `ended_on` is the last day on it, None while it runs.

    `history` are the dated details (from, name, value) in order of date; `details` their state on the day asked
    about. `missing` names what the specification requires and nobody recorded. `doubt` says what contradicts it and
    how to mend that; empty when nothing does. `warnings` say what it holds that can hardly be; they hold back no pay.
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
        """On the register on that day."""
        return self.entered_on <= day and (self.ended_on is None or day <= self.ended_on)

    def detail(self, name: str) -> DetailValue | None:
        """A detail as it stands on the day asked about."""
        return dict(self.details).get(name)

    def detail_on(self, name: str, day: date) -> DetailValue | None:
        """A detail as it stood on a day."""
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
        # Made when it is first asked for: on its way from a plugin a register is made anew more than once.
        index = self._by_patient
        if index is None:
            index = {}
            for entry in sorted(self.entries, key=lambda entry: entry.entered_on):
                index[entry.nhs_number] = (*index.get(entry.nhs_number, ()), entry)
            object.__setattr__(self, "_by_patient", index)
        return index.get(nhs_number, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """One patient due for one kind of contact. `band` says how late it is in the service's own words.

    `counted_from` is the day it was counted from: a contact before that was about something else. `planned_for` is the
    day the record plans it for, which changes nothing of how late it is. `note` is what to look at before ringing.
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
        """Days past the day it had to be done by (`overdue_after`, else `due_on`); 0 until then."""
        return max(0, (as_of - (self.overdue_after or self.due_on)).days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """One patient who said no to one kind of contact; `again_on` is when they are asked again, None for no such day.

    Without a day they are left out until they attend again, or say something else.
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
    """A count (`denominator` None) or a share of something the specification wants reported."""

    id: str
    title: str
    clause: str
    numerator: int
    denominator: int | None = None
    unit: str = ""

    @property
    def value(self) -> float | int | None:
        """The count itself, or the share in percent to two decimals; None for a share of nothing."""
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
