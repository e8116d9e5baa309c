"""Answer a service's questions to the store as of one day: the `Records` that a plugin is given."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, TypeVar

from ...model import (
    Accreditation,
    Activity,
    ClaimedElsewhere,
    ClaimedRow,
    Code,
    CodeList,
    HandEntry,
    Incident,
    Invitation,
    Patient,
    Planned,
    Practice,
    ServiceSpec,
    Span,
)
from ..database.connection import Store, only_reading
from ..intake.caches import marks_of
from ..ledger.read import claim_id, claimed_elsewhere
from ..people.same_person import WHO
from ..practice_data import hand_entries_of
from .latest import EVERYBODY, edge_rows, newest_counted, patient_ids, span_rows
from .rows import activity_of, day_of, patients, planned_in


class PatientsAsked:
    """Patients by NHS number, loaded once. Use it for one question: it does not see what is written meanwhile."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._loaded: dict[str, Patient] = {}
        self._met: set[str] = set()
        self._everybody: tuple[Patient, ...] | None = None
        self._sizes: dict[date, int] = {}

    def meet(self, numbers: Iterable[str]) -> None:
        """Note patients whose entries were read, so that the next call of `one` loads them all at once."""
        self._met.update(numbers)

    def one(self, nhs_number: str) -> Patient:
        """One patient; KeyError when the store does not know them."""
        known = self._loaded.get(nhs_number)
        if known is not None:
            return known
        wanted = (self._met | {nhs_number}) - self._loaded.keys()
        self._met.clear()
        self._loaded |= {patient.nhs_number: patient for patient in patients(self._store, wanted)}
        return self._loaded[nhs_number]

    def list_size(self, on: date) -> int:
        """How many patients are registered with the practice and alive on a day."""
        if on not in self._sizes:
            if self._everybody is None:
                self._everybody = patients(self._store)
            practice = self._store.practice.ods_code
            self._sizes[on] = sum(one.registered_on(on, practice) and one.alive_on(on) for one in self._everybody)
        return self._sizes[on]


Entry = TypeVar("Entry", Activity, Planned)
WORD = re.compile(r"[^\W_]+")


class StoreRecords:
    """The `Records` of one service on one day.

    With `only`, they hold the entries, requests and register entries of those patients alone.
    """

    def __init__(self, store: Store, spec: ServiceSpec, as_of: date, only: Collection[str] | None = None) -> None:
        self._store = store
        self._spec = spec
        self._as_of = as_of
        self._practice = store.practice
        self._patients = PatientsAsked(store)
        self._patients.meet(only or ())
        self._whose = EVERYBODY if only is None else patient_ids(store, only)
        # A claim and its checks ask for the same days. Over years of entries, reading them takes most of the time.
        self._activity: dict[tuple[str, date, date], tuple[Activity, ...]] = {}
        self._signed: tuple[Span, ...] | None = None
        self._marks: dict[int, tuple[str, ...]] | None = None
        self._elsewhere: tuple[ClaimedElsewhere, ...] | None = None

    def only_reading(self) -> AbstractContextManager[None]:
        """Make the store read-only while a plugin has these records."""
        return only_reading(self._store)

    def words_of_names(self) -> frozenset[str]:
        """Every word of every patient's name, in small letters: what must be masked in the text of an exception."""
        names = self._store.rows("SELECT family_name || ' ' || given_name FROM patient")
        return frozenset(word for (name,) in names for word in WORD.findall(name.casefold()) if len(word) > 1)

    @property
    def as_of(self) -> date:
        return self._as_of

    @property
    def practice(self) -> Practice:
        return self._practice

    def activity(self, codelist: str, start: date | None = None, end: date | None = None) -> tuple[Activity, ...]:
        first, last = start or date.min, min(end or self._as_of, self._as_of)
        if (codelist, first, last) not in self._activity:
            self._activity[codelist, first, last] = self._read_activity(codelist, first, last)
        return self._activity[codelist, first, last]

    def days(self, codelists: Iterable[str], start: date | None = None) -> Mapping[str, tuple[date, ...]]:
        found: dict[str, set[date]] = {}
        for codelist in codelists:
            for entry in self.activity(codelist, start):
                found.setdefault(entry.nhs_number, set()).add(entry.day)
        return {nhs_number: tuple(sorted(days)) for nhs_number, days in found.items()}

    def newest(
        self, codelist: str, patients: Collection[str], counts: Callable[[Activity], bool]
    ) -> Mapping[str, Activity]:
        listed = self._spec.codelist(codelist)
        codes: dict[date, tuple[Code, ...]] = {}

        def counted(row: Any) -> Activity | None:
            entry = self._entry(row)
            return entry if _is_in_force(listed, entry, codes) and counts(entry) else None

        return newest_counted(self._store, self._sets(listed), self._as_of, patients, counted)

    def _read_activity(self, codelist: str, first: date, last: date) -> tuple[Activity, ...]:
        listed = self._spec.codelist(codelist)
        sets = self._sets(listed)
        rows = span_rows(self._store, sets, first, last, self._whose)
        self._patients.meet(row[1] for row in rows)
        return _in_force(listed, map(self._entry, rows))

    def planned(self, codelist: str) -> tuple[Planned, ...]:
        listed = self._spec.codelist(codelist)
        found = _in_force(listed, planned_in(self._store, self._sets(listed), self._as_of, self._whose))
        self._patients.meet(one.nhs_number for one in found)
        return found

    def latest(self, codelist: str, on: date | None = None) -> Mapping[str, Activity]:
        return self._edge(codelist, "max", min(on or self._as_of, self._as_of))

    def first(self, codelist: str) -> Mapping[str, Activity]:
        return self._edge(codelist, "min", self._as_of)

    def _entry(self, row: Any) -> Activity:
        if self._marks is None:
            self._marks = marks_of(self._store)
        return activity_of(row, self._marks.get(row[0], ()) if self._marks else ())

    def _edge(self, codelist: str, edge: str, last: date) -> Mapping[str, Activity]:
        listed = self._spec.codelist(codelist)
        if len(listed.versions) > 1:
            return self._edge_of_all(codelist, edge, last)
        found: dict[str, Activity] = {}
        codes: dict[date, tuple[Code, ...]] = {}
        for code_set in self._sets(listed):
            entries = [self._entry(row) for row in edge_rows(self._store, code_set, edge, last, self._whose)]
            self._patients.meet(one.nhs_number for one in entries)
            counted = [one for one in entries if _is_in_force(listed, one, codes)]
            if edge == "min" and len(counted) < len(entries):
                # A patient's oldest entry is from before the code was in force. A later entry may count.
                return self._edge_of_all(codelist, edge, last)
            for nhs_number, one in _each_edge(counted, edge).items():
                held = found.get(nhs_number)
                if held is None or _is_nearer(one, held, edge):
                    found[nhs_number] = one
        return dict(sorted(found.items()))

    def _edge_of_all(self, codelist: str, edge: str, last: date) -> dict[str, Activity]:
        """Look at all entries, because their dates decide which of them count."""
        every = self.activity(codelist, end=last)
        return {a.nhs_number: a for a in (every if edge == "max" else reversed(every))}

    def _sets(self, listed: CodeList) -> list[int]:
        sets: set[int] = set()
        for code in listed.all_codes():
            sets.update(
                row[0]
                for row in self._store.rows(
                    "SELECT code_set_id FROM code_set_member WHERE system = ? AND code = ?", code.system, code.code
                )
            )
        return sorted(sets)

    def patient(self, nhs_number: str) -> Patient:
        return self._patients.one(nhs_number)

    def list_size(self, on: date) -> int:
        return self._patients.list_size(on)

    def hand_entries(self) -> tuple[HandEntry, ...]:
        found = hand_entries_of(self._store, self._spec.name, self._whose)
        self._patients.meet(one.nhs_number for one in found)
        return found

    def invitations(self) -> tuple[Invitation, ...]:
        return tuple(
            Invitation(
                nhs_number=row[0], on=date.fromisoformat(row[1]), by=row[2], outcome=row[3], until=day_of(row[4])
            )
            for row in self._store.rows(
                f"SELECT {WHO}, i.on_date, i.by, i.outcome, i.until, max(i.id) FROM invitation i "
                "JOIN patient p ON p.id = i.patient_id WHERE i.service = ? AND i.on_date <= ? "
                "GROUP BY 1, 2, 3 ORDER BY i.on_date, 1, i.by",
                self._spec.name,
                self._as_of.isoformat(),
            )
        )

    def incidents(self) -> tuple[Incident, ...]:
        return tuple(
            Incident(id=row[0], kind=row[1], on=row[2], due_at=row[3], notified_at=row[4], nhs_number=row[5])
            for row in self._store.rows(
                f"SELECT i.id, i.kind, i.on_time, i.due_at, i.notified_at, {WHO} FROM incident i "
                "LEFT JOIN patient p ON p.id = i.patient_id WHERE i.service = ? AND substr(i.on_time, 1, 10) <= ? "
                "ORDER BY i.on_time, i.kind, 6",
                self._spec.name,
                self._as_of.isoformat(),
            )
        )

    def accreditations(self, kind: str) -> tuple[Accreditation, ...]:
        return tuple(
            Accreditation(clinician=row[0], kind=kind, start=date.fromisoformat(row[1]), end=date.fromisoformat(row[2]))
            for row in self._store.rows(
                "SELECT clinician, start_on, end_on FROM accreditation WHERE kind = ? ORDER BY clinician, start_on",
                kind,
            )
        )

    def signed(self) -> tuple[Span, ...]:
        # Asked again for every activity; the answer never changes.
        if self._signed is None:
            self._signed = self.held(self._spec.name)
        return self._signed

    def held(self, service: str) -> tuple[Span, ...]:
        return tuple(
            Span(start=date.fromisoformat(row[0]), end=day_of(row[1]), source=row[2])
            for row in self._store.rows(
                "SELECT start_on, end_on, source FROM signature WHERE service = ? ORDER BY start_on", service
            )
        )

    def claimed(self) -> tuple[ClaimedRow, ...]:
        found = self._read_claimed()
        self._patients.meet(one.nhs_number for one in found)
        return found

    def _read_claimed(self) -> tuple[ClaimedRow, ...]:
        return tuple(
            ClaimedRow(
                item=row[0],
                nhs_number=row[1],
                day=date.fromisoformat(row[2]),
                claim_id=claim_id(self._spec.name, row[4], row[6]),
                month=row[4],
                amount_pence=row[5],
                evidence=tuple(json.loads(row[3])),
            )
            for row in self._store.rows(
                f"SELECT r.item, coalesce({WHO}, ''), r.day, r.evidence, c.month, r.amount_pence, c.sequence "
                "FROM claim_row r JOIN claim c ON c.id = r.claim_id LEFT JOIN patient p ON p.id = r.patient_id "
                "WHERE r.service = ? AND r.verdict = 'payable' AND r.id NOT IN (SELECT claim_row_id FROM reversal) "
                "ORDER BY r.day, 2, r.item",
                self._spec.name,
            )
        )

    def claimed_elsewhere(self) -> tuple[ClaimedElsewhere, ...]:
        # Asked again for each item; the answer never changes.
        if self._elsewhere is None:
            self._elsewhere = claimed_elsewhere(self._store, self._spec.name)
        return self._elsewhere


def _in_force(listed: CodeList, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries with a code that was in force on their date, in an order that depends only on their content."""
    codes: dict[date, tuple[Code, ...]] = {}
    in_force = [entry for entry in entries if _is_in_force(listed, entry, codes)]
    return tuple(sorted(in_force, key=lambda entry: entry.order))


def _each_edge(entries: Iterable[Activity], edge: str) -> dict[str, Activity]:
    """Each patient's newest (`max`) or oldest entry; of one day's entries the first in order."""
    found: dict[str, Activity] = {}
    for one in entries:
        held = found.setdefault(one.nhs_number, one)
        if held is not one and (_is_nearer(one, held, edge) or (one.day == held.day and one.order < held.order)):
            found[one.nhs_number] = one
    return found


def _is_nearer(one: Activity, held: Activity, edge: str) -> bool:
    return one.day > held.day if edge == "max" else one.day < held.day


def _is_in_force(listed: CodeList, entry: Activity | Planned, codes: dict[date, tuple[Code, ...]]) -> bool:
    """Whether one of its codes was in force on its date; `codes` remembers the list's codes of each day."""
    on_day = codes.get(entry.day)
    if on_day is None:
        on_day = codes[entry.day] = listed.codes_on(entry.day)
    return any(map(on_day.__contains__, entry.codes))
