"""Turn rows of the store into model values: patients, entries, and planned work."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from ...model import Activity, Code, Patient, Planned, Spells, spells_of
from ...model.record import one_person
from ..database.connection import Store
from ..people.doubts import WITHDRAWN, Doubt, deaths_in_doubt, given_deaths, housebound_in_doubt
from ..people.same_person import apart_from, known_by_decisions
from ..people.statements import NOTHING, registrations_stated
from .latest import EVERYBODY, PatientIds

_PATIENTS = """
SELECT id, nhs_number, family_name, given_name, date_of_birth, sex, died_on, housebound, died_from, died_by FROM patient
"""
_MOST = 4000
"""For more patients than this, reading everybody is quicker than looking up each."""


def patients(store: Store, wanted: Collection[str] | None = None) -> tuple[Patient, ...]:
    """Patients with all their registrations, in order of NHS number; merged numbers make one patient.

    `wanted` are the NHS numbers to read, of which the store may not know some; None means everybody.
    """
    merged = known_by_decisions(store)
    if wanted is not None and len(wanted) > _MOST:
        wanted = None
    if wanted is not None:
        merged = {old: new for old, new in merged.items() if new in wanted or old in wanted}
        wanted = {*wanted, *merged, *merged.values()}
    found = {patient.nhs_number: patient for patient in each_number(store, wanted)}
    for old, new in sorted(merged.items()):
        found[new] = one_person(found[new], found[old])
    return tuple(patient for number, patient in found.items() if number not in merged)


def each_number(store: Store, wanted: Collection[str] | None = None) -> tuple[Patient, ...]:
    """One patient for each NHS number (or each of those `wanted`), without putting merged numbers together."""
    ids = None
    if wanted is None:
        rows = store.rows(f"{_PATIENTS} ORDER BY nhs_number")
    else:
        marks = ",".join("?" * len(wanted))
        rows = store.rows(f"{_PATIENTS} WHERE nhs_number IN ({marks}) ORDER BY nhs_number", *wanted)
        ids = [row[0] for row in rows]
    stated = registrations_stated(store, ids)
    here = store.practice.ods_code
    apart = apart_from(store)
    deaths, housebound, given = deaths_in_doubt(store, ids), housebound_in_doubt(store, ids), given_deaths(store, ids)
    # Most patients share the same statements, so work out the spells of equal statements once.
    following: dict[int, Spells] = {}
    found = []
    for row in rows:
        said = stated.get(row[0], NOTHING)
        spells = following.get(id(said))
        if spells is None:
            spells = following[id(said)] = spells_of(said.statements, here, said.silence)
        death, at_home = deaths.get(row[0]), housebound.get(row[0])
        days = (None, None, None) if _never_held(death) else (row[6] or given.get(row[0]), row[8], row[9])
        facts = [fact for fact, held in spells.taken_back if (fact, held) not in said.settled]
        facts += [one.fact for one in (death, at_home) if one is not None and one.is_open]
        found.append(
            Patient(
                nhs_number=row[1],
                family_name=row[2],
                given_name=row[3],
                date_of_birth=date.fromisoformat(row[4]),
                sex=row[5],
                died_on=day_of(days[0]),
                housebound=None if row[7] is None or _never_held(at_home) else bool(row[7]),
                died_from=day_of(days[1]) if not days[0] else None,
                died_by=day_of(days[2]) if not days[0] else None,
                registrations=spells.spells,
                apart_from=apart.get(row[1], ()),
                doubts=tuple(dict.fromkeys(facts)),
            )
        )
    return tuple(found)


def _never_held(doubt: Doubt | None) -> bool:
    return doubt is not None and doubt.how == WITHDRAWN


def activity_of(row: Any, marks: tuple[str, ...] = ()) -> Activity:
    """An entry, from a row of `latest.with_words`, with its marks."""
    number, who, day, value, recorded_on, source_id, n, _, codes, term, unit, kind, clinician, place = row
    return Activity(
        id=number,
        nhs_number=who,
        day=date.fromisoformat(day),
        codes=parse_codes(codes),
        term=term,
        value=value,
        unit=unit,
        consultation_type=kind,
        clinician=clinician,
        done_at=place,
        recorded_on=date.fromisoformat(recorded_on) if recorded_on else None,
        identity=f"{source_id or ''}|{codes}|{clinician}|{place}|{n or ''}",
        marks=marks,
    )


@lru_cache(maxsize=4096)
def parse_codes(text: str) -> tuple[Code, ...]:
    """The codes in a text such as `"snomed:700139004 read2:66QD"`, as the store writes them."""
    pairs = (part.split(":", 1) for part in text.split(" "))
    return tuple(Code(system=system, code=code) for system, code in pairs)


def day_of(text: str | None) -> date | None:
    """The date in an ISO text; None for NULL and for an empty text."""
    return date.fromisoformat(text) if text else None


def planned_in(store: Store, code_sets: Sequence[int], as_of: date, whose: PatientIds = EVERYBODY) -> Iterator[Planned]:
    """Planned work with some code sets, asked for by a day, in no order."""
    marks = ",".join("?" * len(code_sets))
    for row in store.rows(
        "SELECT n.id, coalesce(p.known_as, p.nhs_number), n.asked_on, n.planned_on, s.codes, n.intent, n.status,"
        " term.text, n.priority, clinician.text, n.source_id FROM planned n JOIN patient p ON p.id = n.patient_id"
        " JOIN code_set s ON s.id = n.code_set_id JOIN phrase term ON term.id = n.term"
        " JOIN phrase clinician ON clinician.id = n.clinician"
        f" WHERE NOT n.withdrawn AND n.asked_on <= ? AND n.code_set_id IN ({marks})"
        f" {whose.sql('n.patient_id')}",
        as_of.isoformat(),
        *code_sets,
    ):
        yield Planned(
            id=row[0],
            nhs_number=row[1],
            day=date.fromisoformat(row[2]),
            planned_on=day_of(row[3]),
            codes=parse_codes(row[4]),
            intent=row[5],
            status=row[6],
            term=row[7],
            value=row[8],
            clinician=row[9],
            identity=row[10],
        )
