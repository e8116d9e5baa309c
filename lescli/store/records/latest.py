"""Select entries by code and day, and find each patient's newest or oldest."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ...calendar import STALE_DAYS
from ...model import Activity
from ..database.connection import Store
from ..people.same_person import without_copies

_FIRST_SPAN = timedelta(days=64)
_FIRST_YEAR = timedelta(days=366)

COLUMNS = """
SELECT a.id, coalesce(p.known_as, p.nhs_number), a.day, a.value, a.recorded_on, a.source_id, a.n, a.patient_id,
       a.code_set_id, a.kind_id
"""
_PATIENT, _NUMBERED = 7, 8
"""The place of the patient's id in a row of `COLUMNS`, and where the numbers of its codes and kind begin."""
# CROSS JOIN makes SQLite loop over `activity` first, whose index has the days.
PATIENT_OF = "CROSS JOIN patient p ON p.id = a.patient_id"
_CODES = "SELECT id, codes FROM code_set WHERE id IN"
_KINDS = """
SELECT k.id, term.text, unit.text, kind.text, clinician.text, place.text FROM entry_kind k
CROSS JOIN phrase term ON term.id = k.term
CROSS JOIN phrase unit ON unit.id = k.unit
CROSS JOIN phrase kind ON kind.id = k.consultation_type
CROSS JOIN phrase clinician ON clinician.id = k.clinician
CROSS JOIN phrase place ON place.id = k.done_at
WHERE k.id IN
"""
SPAN = f"""{COLUMNS} FROM activity a {PATIENT_OF}
WHERE NOT a.withdrawn AND a.day BETWEEN ? AND ? AND a.code_set_id IN """


@dataclass(frozen=True, slots=True)
class PatientIds:
    """The patients to select, by their ids in the store; None means everybody."""

    ids: tuple[int, ...] | None = None

    @property
    def are_few(self) -> bool:
        """Whether they are so few that looking up each is quicker than reading everything."""
        return self.ids is not None and len(self.ids) <= _MOST

    def sql(self, column: str) -> str:
        """An `AND ...` that selects only rows of these patients."""
        return "" if self.ids is None else f"AND {column} IN ({','.join(map(str, sorted(self.ids)))})"


EVERYBODY = PatientIds()
_MOST = 4000
"""For more patients than this, reading everything is quicker than looking up each."""


def patient_ids(store: Store, numbers: Collection[str]) -> PatientIds:
    """Patients by the NHS numbers in use now, including their merged old numbers."""
    if len(numbers) > _MOST:
        return EVERYBODY
    marks = ",".join(f"?{place}" for place in range(1, len(numbers) + 1))
    found = store.rows(f"SELECT id FROM patient WHERE nhs_number IN ({marks}) OR known_as IN ({marks})", *numbers)
    return PatientIds(tuple(sorted(row[0] for row in found)))


# The plus stops SQLite from deriving `a.day <= :last` and searching by that range instead of by the exact day.
_BY_BOUND = f"""{COLUMNS} FROM standing st CROSS JOIN activity a {PATIENT_OF}
WHERE st.code_set_id = :code_set AND +st.bound <= :last AND NOT a.withdrawn
AND a.code_set_id = :code_set AND a.patient_id = st.patient_id AND a.day = st.bound"""
BY_BOUND = {"max": _BY_BOUND.replace("bound", "last_day"), "min": _BY_BOUND.replace("bound", "first_day")}
ON_DAYS = f"""{COLUMNS} FROM wanted w CROSS JOIN activity a {PATIENT_OF}
WHERE a.code_set_id = ? AND a.day = w.day AND a.patient_id = w.patient AND NOT a.withdrawn"""
_PAIRS = 5000
"""Patients and days in one query. Asked a day at a time, starting the queries would take most of the time."""
IN_SPAN = "FROM activity a WHERE a.code_set_id = ? AND a.day BETWEEN ? AND ? AND NOT a.withdrawn GROUP BY a.patient_id"


def edge_rows(store: Store, code_set: int, edge: str, last: date, whose: PatientIds = EVERYBODY) -> list[Any]:
    """Rows as `with_words` makes them: each patient's entries of a code set on their newest (`max`) or oldest day.

    Most are on the day that the table `standing` gives. For the others, search growing spans of days.
    """
    asked = {"code_set": code_set, "last": last.isoformat()}
    rows: list[Any] = store.connection.execute(f"{BY_BOUND[edge]} {whose.sql('st.patient_id')}", asked).fetchall()
    found = {row[_PATIENT] for row in rows}
    wanted = {
        patient: first
        for patient, first in store.rows(
            "SELECT patient_id, first_day FROM standing WHERE code_set_id = ? AND first_day <= ? "
            f"{whose.sql('patient_id')}",
            code_set,
            last.isoformat(),
        )
        if patient not in found
    }
    for low, high in _spans(edge, min(wanted.values(), default=""), last):
        edges = store.rows(f"SELECT a.patient_id, {edge}(a.day) {IN_SPAN}", code_set, low, high)
        met = [(patient, day) for patient, day in edges if wanted.pop(patient, None) is not None]
        for first in range(0, len(met), _PAIRS):
            rows += store.rows(on_days(met[first : first + _PAIRS]), code_set)
        if not wanted:
            break
    return with_words(store, rows)


def with_words(store: Store, rows: list[Any]) -> list[Any]:
    """Rows of `COLUMNS` with their words in place of the numbers of their codes and kind, as `activity_of` reads them.

    Many entries share a kind, so its words are looked up once and not joined to every row: that takes half the time.
    """
    alike = {row[_NUMBERED:] for row in rows}
    codes = {row[0]: row[1] for row in _numbered(store, _CODES, {code_set for code_set, _ in alike})}
    kinds = {row[0]: row[1:] for row in _numbered(store, _KINDS, {kind for _, kind in alike})}
    words = {(code_set, kind): (codes[code_set], *kinds[kind]) for code_set, kind in alike}
    return [row[:_NUMBERED] + words[row[_NUMBERED:]] for row in rows]


def _numbered(store: Store, query: str, numbers: set[int]) -> Iterator[Any]:
    wanted = sorted(numbers)
    for first in range(0, len(wanted), _PAIRS):
        yield from store.rows(f"{query} ({','.join(map(str, wanted[first : first + _PAIRS]))})")


def on_days(pairs: Sequence[tuple[int, str]]) -> str:
    """The query for the entries of some patients, each on one ISO day; its one parameter is the code set."""
    wanted = ",".join(f"({patient:d},'{date.fromisoformat(day)}')" for patient, day in pairs)
    return f"WITH wanted(patient, day) AS (VALUES {wanted}) {ON_DAYS}"


def _spans(edge: str, first: str, last: date) -> Iterator[tuple[str, str]]:
    """Spans of days, from the newest back (`max`) or the oldest on (`min`), each twice as long as the one before."""
    if not first:
        return
    start, end, length = date.fromisoformat(first), last, _FIRST_SPAN
    while start <= end:
        length = min(length, end - start)
        low, high = (end - length, end) if edge == "max" else (start, start + length)
        yield low.isoformat(), high.isoformat()
        if low == start and high == end:
            return
        start, end = (start, low - timedelta(days=1)) if edge == "max" else (high + timedelta(days=1), end)
        length *= 2


def span_rows(store: Store, sets: Sequence[int], first: date, last: date, whose: PatientIds = EVERYBODY) -> list[Any]:
    """Rows as `with_words` makes them: entries between two days, without copies under a person's other numbers."""
    marks = ",".join("?" * len(sets))
    asked = f"{SPAN} ({marks}) {whose.sql('a.patient_id')}"
    return without_copies(store, with_words(store, store.rows(asked, first.isoformat(), last.isoformat(), *sets)))


def newest_counted(
    store: Store,
    sets: Sequence[int],
    last: date,
    patients: Collection[str],
    counted: Callable[[Any], Activity | None],
) -> dict[str, Activity]:
    """Each patient's newest entry for which `counted` returns one, searched in growing spans of days."""
    found: dict[str, Activity] = {}
    waiting, span = set(patients), _FIRST_YEAR
    while waiting:
        whose = patient_ids(store, waiting)
        first = date.min if whose.are_few or last - date.min <= span else last - span
        for row in sorted(span_rows(store, sets, first, last, whose), key=_day, reverse=True):
            held = found.get(row[1])
            if row[1] not in waiting or (held is not None and row[2] < held.day.isoformat()):
                continue
            entry = counted(row)
            if entry is not None and (held is None or held.order < entry.order):
                found[row[1]] = entry
        waiting -= found.keys()
        if first == date.min:
            break
        last, span = first - timedelta(days=1), span * 2
    return found


def _day(row: Any) -> str:
    return str(row[2])


# Name the index: without it SQLite reads every entry of many years.
_NEWEST_BY_CODE = """
SELECT max((SELECT max(a.day) FROM activity a WHERE a.code_set_id = s.id AND NOT a.withdrawn AND a.day <= ?))
FROM code_set s
"""
_NEWEST_FILE = "SELECT max(substr(extracted_at, 1, 10)) FROM import_file WHERE substr(extracted_at, 1, 10) <= ?"
_NEWEST = """
SELECT max(day) FROM (SELECT substr(extracted_at, 1, 10) AS day FROM import_file
UNION ALL SELECT day FROM activity WHERE day <= ? UNION ALL SELECT recorded_on FROM activity WHERE recorded_on <= ?)
"""


def newest_day(store: Store, as_of: date, *, by_index: bool = False) -> date | None:
    """The day of the newest data that a store holds on a day, or None when it holds none.

    Once an entry is from the last days, no later day of a file or of a typing is looked for, because that is slow. With
    `by_index` only entries and files are looked at, which reads no table to its end: for many stores.
    """
    asked = as_of.isoformat()
    (by_code,) = store.rows(_NEWEST_BY_CODE, asked)[0]
    if by_index:
        (by_file,) = store.rows(_NEWEST_FILE, asked)[0]
        newest_known = max(filter(None, (by_code, by_file)), default=None)
        return date.fromisoformat(newest_known) if newest_known else None
    if by_code and (as_of - date.fromisoformat(by_code)).days <= STALE_DAYS:
        return date.fromisoformat(by_code)
    (newest,) = store.rows(_NEWEST, asked, asked)[0]
    return date.fromisoformat(newest) if newest else None


def clinicians_of(store: Store, activities: Collection[int]) -> dict[int, str]:
    """Activity id -> the clinician as the clinical system prints the name, or ""."""
    return dict(
        store.rows(
            "SELECT a.id, clinician.text FROM json_each(?) asked CROSS JOIN activity a ON a.id = asked.value"
            " CROSS JOIN entry_kind k ON k.id = a.kind_id CROSS JOIN phrase clinician ON clinician.id = k.clinician",
            json.dumps(sorted(activities)),
        )
    )
