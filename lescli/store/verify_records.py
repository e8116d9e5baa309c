"""Checks of the records: what the imports counted, who the patients are, what their entries refer to, and dates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

from ..codes import parse_nhs_number
from .connection import Store


def is_day(text: object) -> bool:
    """Whether a value is a date as the store writes it, `2026-05-01`, and one that there is."""
    if not isinstance(text, str):
        return False
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def imports(store: Store) -> Iterator[str]:
    """Each file's rows are accepted, unchanged or in quarantine, and quarantine holds as many as were counted."""
    for number, rows, accepted, unchanged, quarantined, kept in store.rows(
        "SELECT f.id, f.rows, f.accepted, f.unchanged, f.quarantined, (SELECT count(*) FROM quarantine q"
        # A row that waited for a patient described further down the same file was counted as taken in.
        " WHERE q.import_file_id = f.id AND q.settled_by IS NOT f.id) FROM import_file f ORDER BY f.id"
    ):
        if min(rows, accepted, unchanged, quarantined) < 0 or rows != accepted + unchanged + quarantined:
            yield (
                f"import {number}: {rows} rows, but {accepted} accepted, {unchanged} unchanged and {quarantined}"
                " in quarantine"
            )
        if quarantined != kept:
            yield f"import {number}: {quarantined} rows were put in quarantine, and {kept} are there"
    early = store.rows("SELECT count(*) FROM quarantine WHERE settled_by < import_file_id")[0][0]
    if early:
        yield f"quarantine: {early} rows were settled by an import before their own"
    for number, reasons in store.rows("SELECT id, reasons FROM quarantine"):
        if not json.loads(reasons):
            yield f"quarantine row {number}: it has no reason"


_SEXES = ("female", "male", "other", "unknown")
_KINDS = ("regular", "temporary", "none")


def people(store: Store) -> Iterator[str]:
    """The practice, its patients and what was stated of their registrations."""
    if len(store.rows("SELECT ods_code FROM practice")) != 1:
        yield "the store does not say which one practice it belongs to"
    for number, nhs_number, born, sex, died in store.rows(
        "SELECT id, nhs_number, date_of_birth, sex, died_on FROM patient"
    ):
        try:
            # The check digit finds what a single changed figure would be.
            right = parse_nhs_number(nhs_number) == nhs_number
        except ValueError:
            right = False
        if not right:
            yield f"patient {number}: the NHS number is none"
        if not is_day(born) or not (died is None or is_day(died)) or sex not in _SEXES:
            yield f"patient {number}: a date or the sex is none"
    for patient, kind, start, end in store.rows("SELECT patient_id, kind, start_on, end_on FROM registration"):
        dates = [day for day in (start, end) if day]
        if not all(map(is_day, dates)) or dates != sorted(dates) or kind not in ("", *_KINDS):
            yield f"patient {patient}: what was stated of a registration is impossible"


_ENTRIES = {
    # date() gives 2023-02-30 back as it is; moved by no days, it becomes 2 March.
    "are on a day that there is not": "SELECT 1 FROM (SELECT DISTINCT day FROM activity) d"
    " WHERE d.day IS NOT date(d.day, '+0 days')",
    "were recorded on a day that there is not": "SELECT 1 FROM (SELECT DISTINCT recorded_on AS day FROM activity) d"
    " WHERE d.day IS NOT NULL AND d.day IS NOT date(d.day, '+0 days')",
    "do not agree with what their kind says": "SELECT 1 FROM activity a LEFT JOIN entry_kind k ON k.id = a.kind_id"
    " WHERE k.id IS NULL OR k.act_id <> a.act_id OR k.code_set_id <> a.code_set_id",
    "are neither withdrawn nor not": "SELECT 1 FROM activity WHERE withdrawn NOT IN (0, 1)",
    "without an id of their own have no count": "SELECT 1 FROM activity WHERE source_id IS NULL AND coalesce(n, 0) < 1",
    "lie outside the days known of their patient and codes": "SELECT 1 FROM activity a LEFT JOIN standing s"
    " ON s.code_set_id = a.code_set_id AND s.patient_id = a.patient_id"
    " WHERE NOT a.withdrawn AND (s.first_day IS NULL OR a.day < s.first_day OR a.day > s.last_day)",
}


def activity(store: Store) -> Iterator[str]:
    """Entries: their days, what they refer to, and the words and code sets they share."""
    for what, sql in _ENTRIES.items():
        count = store.rows(f"SELECT count(*) FROM ({sql})")[0][0]
        if count:
            yield f"activity: {count} {what}"
    if store.rows("SELECT text FROM phrase WHERE id = 0") != [("",)]:
        yield "phrase 0 is not the empty one"
    members: dict[int, set[str]] = {}
    for number, system, code in store.rows("SELECT code_set_id, system, code FROM code_set_member"):
        members.setdefault(number, set()).add(f"{system}:{code}")
    for number, codes in store.rows("SELECT id, codes FROM code_set"):
        if set(codes.split(" ")) != members.get(number):
            yield f"code set {number}: its codes and its members differ"


_DATES = (
    *(("term", "start_on"), ("signature", "start_on"), ("signature", "end_on")),
    *(("register_entry", "entered_on"), ("register_entry", "ended_on"), ("register_detail", "start_on")),
    *(("invitation", "on_date"), ("invitation", "until")),
    *(("accreditation", "start_on"), ("accreditation", "end_on")),
    *(("incident", "substr(on_time, 1, 10)"), ("incident", "substr(due_at, 1, 10)")),
)


def plain_dates(store: Store) -> Iterator[str]:
    """What was written by hand is dated by days that there are."""
    for table, column in _DATES:
        rows = store.rows(f"SELECT DISTINCT {column} FROM {table} WHERE {column} <> ''")
        wrong = sum(not is_day(row[0]) for row in rows)
        if wrong:
            yield f"{table}: {wrong} dates are none"
