"""Checks that the records, the quarantine and the registers of a store agree with each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from hashlib import sha256

from ...amounts import counted
from ...codes import parse_code, parse_nhs_number, parse_practice
from ..database.connection import Store
from ..people.same_person import known_by_decisions

# Merged NHS numbers count as one patient.
_OVERLAPS = """
WITH entry AS MATERIALIZED (
  SELECT e.id, e.service, e.patient_id, e.entered_on, e.ended_on, coalesce(p.known_as, p.nhs_number) AS who
  FROM register_entry e JOIN patient p ON p.id = e.patient_id WHERE NOT e.removed)
SELECT first.service, first.id, second.id, first.patient_id <> second.patient_id AND first.ended_on IS second.ended_on
FROM entry first JOIN entry second
ON second.service = first.service AND second.who = first.who AND second.id <> first.id
WHERE (first.entered_on < second.entered_on OR (first.entered_on = second.entered_on AND first.id < second.id))
AND second.entered_on <= coalesce(first.ended_on, '9999')
ORDER BY first.service, first.id, second.id
"""


def registers(store: Store) -> Iterator[str]:
    """Report entries of one patient that overlap, and entries that end before they begin.

    Entries under two merged NHS numbers may overlap when they say the same.
    """
    for service, first, second, may_agree in store.rows(_OVERLAPS):
        if may_agree and _agree(store, first, second):
            continue
        yield (
            f"register: entries {first} and {second} of {service} are of one patient and overlap; take one away with "
            f"`les register {service} --remove {second} --reason TEXT`, or change it, such as its start: "
            f"`les register {service} --amend {second} --starts DATE --reason TEXT`"
        )
    for service, number in store.rows(
        "SELECT service, id FROM register_entry WHERE NOT removed AND ended_on < entered_on ORDER BY service, id"
    ):
        yield (
            f"register: entry {number} of {service} ends before it begins; change its start: "
            f"`les register {service} --amend {number} --starts DATE --reason TEXT`"
        )


def _agree(store: Store, first: int, second: int) -> bool:
    """Whether two entries never give the same detail different values on the same day."""
    said = [
        store.rows(
            "SELECT start_on, name, value FROM register_detail WHERE register_entry_id = ? ORDER BY start_on", entry
        )
        for entry in (first, second)
    ]
    days = {row[0] for rows in said for row in rows}
    names = {row[1] for row in said[0]} & {row[1] for row in said[1]}
    for day in days:
        for name in names:
            held = [[row[2] for row in rows if row[1] == name and row[0] <= day][-1:] for rows in said]
            if all(held) and held[0] != held[1]:
                return False
    return True


_BY_IMPORT = ("corrected", "sent-again")
_BY_PERSON = ("closed", "reopened")

_LAST = """
SELECT q.id, q.line, q.reasons, q.cells, q.occurrence, q.settled_by, q.closed, s.how, s.import_file_id,
  EXISTS (SELECT 1 FROM patient p WHERE p.nhs_number = q.waiting_for)
FROM quarantine q LEFT JOIN settlement s ON s.id = (SELECT max(id) FROM settlement WHERE quarantine_id = q.id)
ORDER BY q.id
"""
_SETTLEMENTS = """
SELECT s.id, s.quarantine_id, s.how, s.import_file_id, s.on_date, s.by, s.why, s.sent_as, newer.import_file_id
FROM settlement s LEFT JOIN quarantine newer ON newer.id = s.sent_as ORDER BY s.id
"""


def is_day(text: object) -> bool:
    """Whether a value is a real date, written as the store writes it: `2026-05-01`."""
    if not isinstance(text, str):
        return False
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def quarantine(store: Store) -> Iterator[str]:
    """Check the quarantined rows and their settlements, and that the two agree."""
    early = store.rows("SELECT count(*) FROM quarantine WHERE settled_by < import_file_id")[0][0]
    if early:
        yield f"quarantine: an import settled {counted(early, 'row')} of a later import"
    for number, line, reasons, cells, occurrence, *standing in store.rows(_LAST):
        if not json.loads(reasons):
            yield f"quarantine row {number}: it has no reason"
        if line < 0 or occurrence < 1 or not isinstance(json.loads(cells or "[]"), list):
            yield f"quarantine row {number}: its line, cells or count is invalid"
        if not _state_matches(*standing):
            yield f"quarantine row {number}: its state does not match its last settlement"
    for number, row, how, file, on, by, why, sent_as, newer in store.rows(_SETTLEMENTS):
        if how in _BY_IMPORT:
            # An import that passes a person's decision on to the same row of a newer file names that file.
            said = file is not None and (how == "corrected" or (sent_as != row and newer == file))
        else:
            said = how in _BY_PERSON and bool(on and by and why)
        if not said:
            yield f"settlement {number}: it does not say who or what settled its row"


def _state_matches(settled_by: int | None, closed: int, how: str | None, by_file: int | None, described: int) -> bool:
    """Whether a row's state matches its last settlement. Without a settlement it is open, or was taken in.

    A row is taken in once a file has described its patient.
    """
    if how in _BY_IMPORT:
        return settled_by == by_file and closed in (0, 1)
    if how == "closed":
        return closed == 1 and settled_by is None
    return closed == 0 and (settled_by is None or bool(described))


def same_person(store: Store) -> Iterator[str]:
    """Check the number that each patient is known by against the decisions, and the decisions themselves."""
    decided = known_by_decisions(store)
    for number, nhs_number, known_as in store.rows("SELECT id, nhs_number, known_as FROM patient"):
        if decided.get(nhs_number) != known_as:
            yield f"patient {number}: the number it is known by does not match the decisions"
    wrong = store.rows("SELECT count(*) FROM same_person WHERE how NOT IN ('merged', 'apart') OR patient_id = other_id")
    if wrong[0][0]:
        yield f"same_person: {counted(wrong[0][0], 'invalid decision')}"


_IMPORTS = """
WITH kept AS (
  -- A row that waited for a patient described further down the same file was counted as accepted. A row that a later
  -- file released is an entry of the file it was in.
  SELECT import_file_id AS file, sum(settled_by IS NOT import_file_id) AS rows, sum(settled_by <> import_file_id AND
    coalesce((SELECT s.how FROM settlement s WHERE s.quarantine_id = q.id ORDER BY s.id DESC LIMIT 1), 'reopened')
    = 'reopened') AS released
  FROM quarantine q GROUP BY 1),
entries AS (SELECT import_file_id AS file, count(*) AS rows FROM activity GROUP BY 1),
plans AS (SELECT import_file_id AS file, count(*) AS rows FROM planned GROUP BY 1)
SELECT f.id, f.rows, f.accepted, f.unchanged, f.quarantined, f.patients, f.columns, coalesce(k.rows, 0),
  coalesce(e.rows, 0) + coalesce(p.rows, 0), coalesce(k.released, 0)
FROM import_file f LEFT JOIN kept k ON k.file = f.id LEFT JOIN entries e ON e.file = f.id
LEFT JOIN plans p ON p.file = f.id ORDER BY f.id
"""


def imports(store: Store) -> Iterator[str]:
    """Check that each file's rows are accepted, unchanged or in quarantine, and that the tables hold as many."""
    for number, rows, accepted, unchanged, quarantined, patients, columns, kept, entries, released in store.rows(
        _IMPORTS
    ):
        if min(rows, accepted, unchanged, quarantined) < 0 or rows != accepted + unchanged + quarantined:
            yield (
                f"import {number}: {counted(rows, 'row')}, but {accepted} accepted, {unchanged} unchanged "
                f"and {quarantined} in quarantine"
            )
        if not 0 <= patients <= max(accepted + unchanged, 0):
            yield f"import {number}: {counted(patients, 'patient')} in {counted(accepted + unchanged, 'row')}"
        if quarantined != kept:
            went, stayed = counted(quarantined, "row"), counted(kept, "row")
            yield f"import {number}: {went} went into quarantine, and {stayed} stayed there"
        if entries > accepted + released:
            taken = counted(accepted + released, "row")
            yield f"import {number}: {taken} accepted, but {counted(entries, 'entry', 'entries')} made of them"
        if not isinstance(json.loads(columns), list):
            yield f"import {number}: its list of columns cannot be read"


_SEXES = ("female", "male", "other", "unknown")
_KINDS = ("regular", "temporary", "none")


def people(store: Store) -> Iterator[str]:
    """Check the practice, its patients and what files stated of their registrations."""
    practices = [row[0] for row in store.rows("SELECT ods_code FROM practice")]
    if len(practices) != 1:
        yield "the store does not name exactly one practice"
    elif not _is_canonical(parse_practice, practices[0]):
        yield "the practice's ODS code is invalid"
    else:
        others = store.rows(
            "SELECT count(*) FROM claim WHERE json_extract(body, '$.practice.ods_code') <> ?", practices[0]
        )
        if others[0][0]:
            yield f"{counted(others[0][0], 'claim')} submitted by another practice than the store's"
    for number, nhs_number, born, sex, housebound, family, given, *deaths in store.rows(
        "SELECT id, nhs_number, date_of_birth, sex, housebound, family_name, given_name, died_on, died_from, died_by"
        " FROM patient"
    ):
        # The check digit finds a single changed digit.
        if not _is_canonical(parse_nhs_number, nhs_number):
            yield f"patient {number}: the NHS number is invalid"
        if not is_day(born) or not all(day is None or is_day(day) for day in deaths) or sex not in _SEXES:
            yield f"patient {number}: a date or the sex is invalid"
        if housebound not in (None, 0, 1):
            yield f"patient {number}: housebound is neither yes nor no"
        if "\0" in f"{family}{given}":
            yield f"patient {number}: the name has a character that no import accepts"
    for patient, kind, start, end in store.rows("SELECT patient_id, kind, start_on, end_on FROM registration"):
        dates = [day for day in (start, end) if day]
        if not all(map(is_day, dates)) or dates != sorted(dates) or kind not in ("", *_KINDS):
            yield f"patient {patient}: a registration is impossible"


def _is_canonical(parse: Callable[[str], str], value: object) -> bool:
    """Whether a value is written the one way in which the store writes it."""
    try:
        return isinstance(value, str) and parse(value) == value
    except ValueError:
        return False


_ENTRIES = {
    # date('2023-02-30') returns 2023-02-30; with '+0 days' it becomes 2 March.
    "on a day that does not exist": "SELECT 1 FROM (SELECT DISTINCT day FROM activity) d"
    " WHERE d.day IS NOT date(d.day, '+0 days')",
    "recorded on a day that does not exist": "SELECT 1 FROM (SELECT DISTINCT recorded_on AS day FROM activity) d"
    " WHERE d.day IS NOT NULL AND d.day IS NOT date(d.day, '+0 days')",
    "with another act or code set than their kind of entry": "SELECT 1 FROM activity a"
    " LEFT JOIN entry_kind k ON k.id = a.kind_id"
    " WHERE k.id IS NULL OR k.act_id <> a.act_id OR k.code_set_id <> a.code_set_id",
    "with an invalid value of withdrawn": "SELECT 1 FROM activity WHERE withdrawn NOT IN (0, 1)",
    "withdrawn without a source_id and without a person's decision": "SELECT 1 FROM activity a NOT INDEXED"
    " WHERE withdrawn AND source_id IS NULL AND NOT EXISTS (SELECT 1 FROM fact_settled WHERE fact = 'entry'"
    " AND held = CAST(a.id AS TEXT) AND how = 'withdrawn')",
    "with neither a source_id nor a count": "SELECT 1 FROM activity WHERE source_id IS NULL AND coalesce(n, 0) < 1",
    "with both a source_id and a count": "SELECT 1 FROM activity WHERE source_id IS NOT NULL AND n IS NOT NULL",
    "with a text that no import accepts": "SELECT 1 FROM activity WHERE instr(value, char(0))",
    "outside the first and last day stored for their patient and codes": "SELECT 1 FROM activity a LEFT JOIN standing s"
    " ON s.code_set_id = a.code_set_id AND s.patient_id = a.patient_id"
    " WHERE NOT a.withdrawn AND (s.first_day IS NULL OR a.day < s.first_day OR a.day > s.last_day)",
}
_SHARED = {
    "act: {} different from the kinds of entry": "SELECT 1 FROM entry_kind k JOIN act a ON a.id = k.act_id"
    " JOIN code_set s ON s.id = k.code_set_id JOIN phrase t ON t.id = k.consultation_type"
    " JOIN phrase c ON c.id = k.clinician JOIN phrase d ON d.id = k.done_at"
    " WHERE a.key <> substr(s.codes, 1, instr(s.codes || ' ', ' ') - 1) || char(31) || t.text || char(31) || c.text"
    " || char(31) || d.text",
    "phrase: {} with a text that no import accepts": "SELECT 1 FROM phrase WHERE instr(text, char(0))",
    "standing: {} with invalid days": "SELECT 1 FROM standing WHERE first_day > last_day"
    " OR first_day IS NOT date(first_day, '+0 days') OR last_day IS NOT date(last_day, '+0 days')",
    "planned: {} with an invalid value of withdrawn": "SELECT 1 FROM planned WHERE withdrawn NOT IN (0, 1)",
    "planned: {} without an intent, a status or a source_id": "SELECT 1 FROM planned"
    " WHERE '' IN (intent, status, source_id)",
}


def activity(store: Store) -> Iterator[str]:
    """Check the entries: their days, what they refer to, and the phrases and code sets that they share."""
    for what, sql in _ENTRIES.items():
        count = store.rows(f"SELECT count(*) FROM ({sql})")[0][0]
        if count:
            yield f"activity: {counted(count, 'entry', 'entries')} {what}"
    for what, sql in _SHARED.items():
        count = store.rows(f"SELECT count(*) FROM ({sql})")[0][0]
        if count:
            yield what.format(counted(count, "row"))
    if store.rows("SELECT text FROM phrase WHERE id = 0") != [("",)]:
        yield "phrase 0 is not empty"
    members: dict[int, set[str]] = {}
    for number, system, code in store.rows("SELECT code_set_id, system, code FROM code_set_member"):
        members.setdefault(number, set()).add(f"{system}:{code}")
    for number, codes in store.rows("SELECT id, codes FROM code_set"):
        if set(codes.split(" ")) != members.get(number):
            yield f"code set {number}: its codes and its members differ"
        elif not all(_is_code(part) for part in codes.split(" ")):
            yield f"code set {number}: a code is invalid"


def _is_code(text: str) -> bool:
    """Whether a code is valid; it may be in another spelling, because an earlier version wrote it."""
    try:
        return bool(parse_code(*text.split(":", 1)))
    except (ValueError, TypeError):
        return False


_DATES = (
    *(("term", "start_on"), ("signature", "start_on"), ("signature", "end_on")),
    *(("register_entry", "entered_on"), ("register_entry", "ended_on"), ("register_detail", "start_on")),
    *(("invitation", "on_date"), ("invitation", "until"), ("settlement", "on_date")),
    *(("allowed_package", "allowed_on"), ("taken_back", "on_date")),
    *(("accreditation", "start_on"), ("accreditation", "end_on"), ("planned", "asked_on"), ("planned", "planned_on")),
)
_MOMENTS = ("on_time", "due_at", "notified_at")
_SPANS = ("signature", "accreditation")


def services(store: Store) -> Iterator[str]:
    """Check the local terms of services, and the specifications that were added from a folder."""
    wrong = store.rows("SELECT count(*) FROM term WHERE adds NOT IN (-1, 0, 1) OR '' IN (service, key)")[0][0]
    if wrong:
        yield f"term: {counted(wrong, 'row')} with an invalid service, key or value of adds"
    wrong = store.rows(
        "SELECT count(*) FROM allowed_package WHERE '' IN (service, package) OR sha256 GLOB '*[^0-9a-f]*'"
        " OR length(sha256) <> 64"
    )[0][0]
    if wrong:
        yield f"allowed_package: {counted(wrong, 'row')} with an invalid service, package or digest"
    wrong = sum(not _is_row(was) for (was,) in store.rows("SELECT was FROM taken_back"))
    if wrong:
        yield f"taken_back: {counted(wrong, 'row')} that cannot be read"
    for number, (toml, digest) in enumerate(store.rows("SELECT toml, sha256 FROM folder_service ORDER BY name"), 1):
        if sha256(toml.encode("utf-8", "surrogateescape")).hexdigest() != digest:
            yield f"folder_service: the specification of service {number} is not the one that was added"


def _is_row(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def plain_dates(store: Store) -> Iterator[str]:
    """Check the dates of what was typed by hand or is planned: each is real, and nothing ends before it begins."""
    for table, column in _DATES:
        rows = store.rows(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL")
        wrong = sum(not is_day(row[0]) for row in rows)
        if wrong:
            yield f"{table}: {counted(wrong, 'invalid date')}"
    for column in _MOMENTS:
        rows = store.rows(f"SELECT DISTINCT {column} FROM incident WHERE {column} <> ''")
        wrong = sum(not _is_moment(row[0]) for row in rows)
        if wrong:
            yield f"incident: {counted(wrong, 'invalid date')}"
    for table in _SPANS:
        wrong = store.rows(f"SELECT count(*) FROM {table} WHERE end_on < start_on")[0][0]
        if wrong:
            yield f"{table}: {counted(wrong, 'row')} with an end before the start"


def _is_moment(text: object) -> bool:
    """Whether a value is a real date, `2026-05-01`, with or without the time of day: `2026-05-01T14:30`."""
    try:
        return isinstance(text, str) and is_day(text[:10]) and bool(datetime.fromisoformat(text))
    except ValueError:
        return False
