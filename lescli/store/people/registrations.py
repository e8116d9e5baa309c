"""Read what files stated of registrations. The newer export counts, whichever file was imported first."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import date
from typing import NamedTuple

from ...model import NO_SILENCE, Silence, Statement
from ..database.connection import Store
from ..records.latest import EVERYBODY, PatientIds


class Stated(NamedTuple):
    """What files stated of one patient's registrations, what newer files left out, and what a person settled."""

    statements: tuple[Statement, ...] = ()
    silence: Silence = NO_SILENCE
    settled: frozenset[tuple[str, str]] = frozenset()


NOTHING = Stated()


_SAID = """
SELECT r.patient_id, r.practice, r.kind, r.start_on, r.end_on, r.stated_by, f.extracted_at,
  coalesce(f.states, '') LIKE '%"left_on"%'
FROM registration r JOIN import_file f ON f.id = r.stated_by
"""
# Only what was stated can be taken back, so few patients are in here.
_LEFT_OUT = """
SELECT DISTINCT w.patient_id, w.fact, w.silent_by, f.extracted_at
FROM registration r JOIN word w ON w.patient_id = r.patient_id AND w.silent_by IS NOT NULL
JOIN import_file f ON f.id = w.silent_by
WHERE ((w.fact = 'left' AND r.end_on <> '') OR (w.fact = 'registration' AND r.kind IN ('none', 'temporary'))
  OR (w.fact = 'practice' AND r.practice <> (SELECT ods_code FROM practice)))
"""
_SETTLED = """
SELECT s.patient_id, s.fact, s.held, s.how = 'stated' FROM fact_settled s WHERE s.id =
  (SELECT max(id) FROM fact_settled WHERE patient_id = s.patient_id AND fact = s.fact AND held = s.held)
"""


def registrations_stated(store: Store, patients: Iterable[int] | None = None) -> dict[int, Stated]:
    """Patient id -> what files stated of the patient's registrations.

    `patients` None means all. For many patients the answer may hold others as well.
    """
    whose = EVERYBODY if patients is None else PatientIds(tuple(patients))
    only = whose.sql("r.patient_id") if whose.are_few else ""
    said: dict[int, list[tuple[str, str, str, str, int, int]]] = {}
    left_out: dict[int, dict[str, int]] = {}
    extracts: dict[int, dict[int, str]] = {}
    for patient, practice, kind, start, end, file, extracted_at, tells_end in store.rows(f"{_SAID} WHERE 1 {only}"):
        said.setdefault(patient, []).append((practice, kind, start, end, file, tells_end))
        extracts.setdefault(patient, {})[file] = extracted_at or ""
    for patient, fact, file, extracted_at in store.rows(f"{_LEFT_OUT} {only}"):
        left_out.setdefault(patient, {})[fact] = file
        extracts[patient][file] = extracted_at or ""
    settled: dict[int, set[tuple[str, str]]] = {}
    stands: dict[int, set[tuple[str, str]]] = {}
    for patient, fact, held, holds in store.rows(_SETTLED):
        settled.setdefault(patient, set()).add((fact, held))
        if holds:
            stands.setdefault(patient, set()).add((fact, held))
    found: dict[int, Stated] = {}
    alike: dict[Hashable, Stated] = {}
    for patient, rows in said.items():
        plain = patient not in left_out and patient not in settled
        words = (tuple(rows), tuple(extracts[patient].items()))
        if plain and words in alike:
            found[patient] = alike[words]
            continue
        order = files_in_order(extracts[patient].items())
        statements = tuple(
            Statement(
                practice=practice, kind=kind, start=_day(start), end=_day(end), order=order[file], tells_end=bool(tells)
            )
            for practice, kind, start, end, file, tells in rows
        )
        facts = {fact: order[file] for fact, file in left_out.get(patient, {}).items()}
        kept = frozenset(stands.get(patient, ()))
        silence = Silence(**facts, stands=kept) if facts or kept else NO_SILENCE
        found[patient] = Stated(statements, silence, frozenset(settled.get(patient, ())))
        if plain:
            alike[words] = found[patient]
    return found


def files_in_order(files: Iterable[tuple[int, str]]) -> dict[int, int]:
    """Rank files, given as (id, moment of the export or ""): id -> place. The last place counts most.

    Files rank in the order they were imported, but an export imported after a newer one ranks just before that.
    """
    placed: list[tuple[int, str]] = []
    for number, moment in sorted(files):
        newer = (place for place, (_, held) in enumerate(placed) if moment and held > moment)
        placed.insert(next(newer, len(placed)), (number, moment))
    return {number: place for place, (number, _) in enumerate(placed)}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
