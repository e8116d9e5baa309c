"""Find entries of earlier exports that a newer export should hold and does not (docs/how-to/facts-in-doubt.md).

Only exports of one kind are compared: the same profile, source and columns. An export covers the days between its first
and its last entry of a code, if it holds at least half of the entries stored for those days. With fewer it is taken to
be another selection. After its last entry it also covers a patient's later entry of a code, if it brings a new and
earlier entry of that patient and code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from ...calendar import Month
from ..database.connection import Store
from ..quarantine.rows import kept_in

# The file holds the entry: its id is there again, or the row is there as often as the store counts it.
_PRESENT = """
(EXISTS (SELECT 1 FROM temp.met m WHERE m.id = a.id AND (a.source_id IS NOT NULL OR m.times >= a.n))
 OR (a.n > 1 AND EXISTS (SELECT 1 FROM activity s JOIN temp.met m ON m.id = s.id WHERE s.source_id IS NULL
   AND s.day = a.day AND s.patient_id = a.patient_id AND s.act_id = a.act_id AND s.value = a.value AND s.n = 1
   AND m.times >= a.n)))
"""
_SPANS = """
SELECT code_set_id, min(day), max(day) FROM (
  SELECT code_set_id, day FROM activity WHERE id > ?1
  UNION ALL SELECT a.code_set_id, a.day FROM temp.met m JOIN activity a ON a.id = m.id
) GROUP BY code_set_id
"""
_COMPARED = """
NOT a.withdrawn AND a.id <= ?4
AND f.profile = ?5 AND f.source_system = ?6 AND f.columns = ?7 AND coalesce(f.states, ?8) = ?8
AND NOT coalesce(a.extracted_at > nullif(?9, ''), 0)
"""
_BEFORE = f"""
FROM activity a JOIN import_file f ON f.id = a.import_file_id
WHERE a.code_set_id = ?1 AND a.day BETWEEN ?2 AND ?3 AND {_COMPARED}
"""
ABSENT = f"SELECT a.id, a.patient_id, a.day, coalesce(a.extracted_at, '') {_BEFORE} AND NOT {_PRESENT}"
STORED = f"SELECT count(*) FROM (SELECT 1 {_BEFORE} LIMIT ?10)"
# Read from the file's side: a small file holds few entries, however many are stored.
HELD = f"""
SELECT a.code_set_id, a.day, count(*) FROM (
  SELECT m.id FROM temp.met m CROSS JOIN activity e ON e.id = m.id WHERE e.source_id IS NOT NULL OR m.times >= e.n
  UNION SELECT r.id FROM temp.met m CROSS JOIN activity s ON s.id = m.id CROSS JOIN activity r
    ON r.day = s.day AND r.patient_id = s.patient_id AND r.act_id = s.act_id AND r.value = s.value
    AND r.n BETWEEN 2 AND m.times AND r.source_id IS NULL
  WHERE m.times > 1 AND s.n = 1 AND s.source_id IS NULL
) p CROSS JOIN activity a ON a.id = p.id CROSS JOIN import_file f ON f.id = a.import_file_id
WHERE {_COMPARED} GROUP BY a.code_set_id, a.day
"""
# CROSS JOIN: few entries are missing, and without statistics SQLite would read every entry first.
FORGET = f"""
DELETE FROM missing WHERE activity_id IN (
  SELECT a.id FROM missing g CROSS JOIN activity a ON a.id = g.activity_id
  CROSS JOIN import_file h ON h.id = g.import_file_id
  WHERE {_PRESENT} AND NOT coalesce(h.extracted_at > (SELECT extracted_at FROM import_file WHERE id = ?), 0))
"""
_BROUGHT = """
SELECT patient_id, min(day) FROM activity WHERE id > ?1 AND code_set_id = ?2 GROUP BY patient_id
"""


class _Export(NamedTuple):
    """The file that is being imported, with the columns by which others are compared with it."""

    number: int
    profile: str
    source_system: str
    columns: str
    states: str
    moment: str
    made_on: str


def note_missing(store: Store, import_file: int, newest: int, made_on: date, withdrawn: set[int]) -> None:
    """After the rows of a file: note the entries it should hold and does not; forget earlier notes of those it holds.

    `newest` is the highest id of an entry before the file. `withdrawn` are the entries that a whole record no longer
    holds. Entries that the record does hold, but in a quarantined row, are removed from `withdrawn`.
    """
    store.connection.execute(FORGET, (import_file,))
    profile, source_system, columns, states, moment = store.rows(
        "SELECT profile, source_system, columns, coalesce(states, ''), coalesce(extracted_at, '') FROM import_file"
        " WHERE id = ?",
        import_file,
    )[0]
    export = _Export(import_file, profile, source_system, columns, states, moment, made_on.isoformat())
    aside = _aside(store, import_file)
    found = _put_aside_by_id(store, aside, export, withdrawn)
    for entry in withdrawn & found.keys():
        store.connection.execute("UPDATE activity SET withdrawn = 0 WHERE id = ?", (entry,))
    withdrawn -= found.keys()
    if export.profile != "gpconnect" and _has_earlier(store, export):
        spans = store.rows(_SPANS, newest)
        held = _held(store, export, newest, {code_set: (first, last) for code_set, first, last in spans})
        for code_set, first, last in spans:
            if _covers(store, export, newest, (code_set, first, last), held[code_set]):
                found |= _missing(store, export, newest, (code_set, first, last), aside)
    store.connection.executemany(
        "INSERT INTO missing VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET import_file_id = excluded.import_file_id,"
        " aside = excluded.aside",
        [(entry, import_file, put_aside) for entry, put_aside in sorted(found.items())],
    )


def _has_earlier(store: Store, export: _Export) -> bool:
    return bool(
        store.rows(
            "SELECT 1 FROM import_file WHERE id < ? AND profile = ? AND source_system = ? AND columns = ? LIMIT 1",
            *(export.number, export.profile, export.source_system, export.columns),
        )
    )


def _held(store: Store, export: _Export, newest: int, spans: Mapping[int, tuple[str, str]]) -> Counter[int]:
    """For each set of codes, how many of the entries stored for its days the file holds."""
    held: Counter[int] = Counter()
    for code_set, day, count in store.rows(HELD, None, None, None, newest, *export[1:6]):
        first, last = spans.get(code_set, ("9", ""))
        held[code_set] += count if first <= day <= last else 0
    return held


def _covers(store: Store, export: _Export, newest: int, span: tuple[int, str, str], held: int) -> bool:
    """Whether the file holds at least half of the entries stored for these days.

    With fewer it is another selection: of other patients, or for another question.
    """
    most = 2 * held
    return bool(store.rows(STORED, *span, newest, *export[1:6], most + 1)[0][0] <= most)


def _missing(
    store: Store, export: _Export, newest: int, span: tuple[int, str, str], aside: set[tuple[str, str]]
) -> dict[int, int]:
    """The missing entries of one set of codes, by id; 1 where the entry may be in a quarantined row of the file."""
    code_set, first, last = span
    month_end = Month.of(date.fromisoformat(last)).last.isoformat()
    until = max(last, month_end, export.made_on if export.moment else "")
    absent = store.rows(ABSENT, code_set, first, until, newest, *export[1:6])
    brought = dict(store.rows(_BROUGHT, newest, code_set)) if absent else {}
    found = {}
    for entry, patient, day, moment in absent:
        told_earlier = brought.get(patient, "9999") < day
        reaches = day <= month_end or bool(moment and moment < export.moment and day <= export.made_on)
        if day <= last or (told_earlier and reaches):
            found[entry] = int(_may_be_aside(store, entry, aside))
    return found


def _aside(store: Store, import_file: int) -> set[tuple[str, str]]:
    """What the quarantined rows of the file may be: (NHS number or "", main code or "") and ("id", source_id)."""
    found = set()
    for kept in kept_in(store, import_file):
        said = kept.said()
        if said is not None and (said.is_entry or said.source_id):
            found.add((said.number, said.code))
            if said.source_id:
                found.add(("id", said.source_id))
    return found


def _may_be_aside(store: Store, entry: int, aside: set[tuple[str, str]]) -> bool:
    if not aside:
        return False
    number, codes = store.rows(
        "SELECT p.nhs_number, s.codes FROM activity a JOIN patient p ON p.id = a.patient_id"
        " JOIN code_set s ON s.id = a.code_set_id WHERE a.id = ?",
        entry,
    )[0]
    # A row whose number is unreadable may be any patient's, and one whose code is unreadable may have any code.
    return any((who, code) in aside for who in (number, "") for code in (*codes.split(" "), ""))


def _put_aside_by_id(store: Store, aside: set[tuple[str, str]], export: _Export, withdrawn: set[int]) -> dict[int, int]:
    """Entries whose row is in the file, in quarantine: they still exist, and a person has to look at the row."""
    found = {}
    for kind, source_id in aside:
        if kind != "id":
            continue
        for entry, moment, gone in store.rows(
            "SELECT id, coalesce(extracted_at, ''), withdrawn FROM activity"
            " WHERE source = (SELECT id FROM phrase WHERE text = ?) AND source_id = ?",
            export.source_system,
            source_id,
        ):
            if gone and entry not in withdrawn:
                continue
            if not (moment and export.moment and moment > export.moment):
                found[entry] = 1
    return found
