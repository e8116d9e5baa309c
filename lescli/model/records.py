"""The read-only view of the store that a rule receives: the practice's record as known on one day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from .record import Accreditation, Activity, HandEntry, Incident, Invitation, Patient, Planned, Practice
from .terms import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedRow:
    """A row of an earlier claim that has not been reversed."""

    item: str
    nhs_number: str
    day: date
    claim_id: str
    month: str
    amount_pence: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedElsewhere:
    """A row of another service's claim that has not been reversed.

    `entry_id` is the coded entry that it pays for, if it pays for one. `title` is the title of the specification it was
    claimed under, given only for a row without a patient.
    """

    service: str
    item: str
    code: str
    nhs_number: str
    day: date
    entry_id: int | None
    title: str


class Records(Protocol):
    """The record, limited to codes that the specification names and to entries dated on or before `as_of`.

    Every method returns values in an order that does not depend on the order in which files were imported.
    """

    @property
    def as_of(self) -> date:
        """The day asked about."""

    @property
    def practice(self) -> Practice:
        """The practice whose store it is."""

    def activity(self, codelist: str, start: date | None = None, end: date | None = None) -> tuple[Activity, ...]:
        """Entries with a code of the list in force on their date, between two days (both included), by date."""

    def days(self, codelists: Iterable[str], start: date | None = None) -> Mapping[str, tuple[date, ...]]:
        """The days on which each patient has such an entry of any of the lists, by NHS number, earliest first."""

    def newest(
        self, codelist: str, patients: Collection[str], counts: Callable[[Activity], bool]
    ) -> Mapping[str, Activity]:
        """The newest such entry of each given patient for which `counts` is true; it does not read further back."""

    def latest(self, codelist: str, on: date | None = None) -> Mapping[str, Activity]:
        """The newest such entry of each patient, by NHS number, dated on or before a day (default `as_of`)."""

    def first(self, codelist: str) -> Mapping[str, Activity]:
        """The oldest such entry of each patient, by NHS number."""

    def planned(self, codelist: str) -> tuple[Planned, ...]:
        """Requests and diary entries with a code of the list in force on the day they were made, by that day.

        They are as in the newest export, whatever day is asked about; withdrawn ones are left out.
        """

    def patient(self, nhs_number: str) -> Patient:
        """One patient; KeyError when the store does not know the NHS number."""

    def list_size(self, on: date) -> int:
        """How many patients are registered and alive on a day."""

    def hand_entries(self) -> tuple[HandEntry, ...]:
        """What the practice wrote into this service's register by hand."""

    def invitations(self) -> tuple[Invitation, ...]:
        """Contacts about this service, by date."""

    def incidents(self) -> tuple[Incident, ...]:
        """Untoward events of this service, by date."""

    def accreditations(self, kind: str) -> tuple[Accreditation, ...]:
        """Accreditations of one kind, by clinician and date."""

    def signed(self) -> tuple[Span, ...]:
        """When the practice held this contract; empty when it is not recorded."""

    def held(self, service: str) -> tuple[Span, ...]:
        """When the practice held another contract; empty when it is not recorded."""

    def claimed(self) -> tuple[ClaimedRow, ...]:
        """Rows of earlier claims of this service that have not been reversed."""

    def claimed_elsewhere(self) -> tuple[ClaimedElsewhere, ...]:
        """Rows of other services' claims that have not been reversed, except work that this service claimed first."""
