"""The result of importing a file, and the results of files imported earlier."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...readers import Reading
from ..database.connection import Store
from ..people.doubts import Doubt
from ..quarantine.manual import still_out
from ..records.rows import parse_codes


def add_kinds(store: Store, kinds: Mapping[int, int], counts: Mapping[str, Counter[str]]) -> None:
    """Add the numbers of entries written, by kind of entry, to the counts of code systems and consultation types."""
    rows = store.rows(
        "SELECT k.id, s.codes, t.text FROM entry_kind k JOIN code_set s ON s.id = k.code_set_id"
        " JOIN phrase t ON t.id = k.consultation_type"
    )
    for number, codes, consultation_type in rows if kinds else ():
        count = kinds.get(number, 0)
        if count:
            counts["consultation_types"][consultation_type] += count
            for system in {code.system for code in parse_codes(codes)}:
                counts["code_systems"][system] += count


UNKNOWN_PATIENT = (
    "nhs_number: nobody described this patient yet; add a row with their date_of_birth, here or in another file"
)
OTHER_BIRTH_DATE = (
    "date_of_birth: differs from the one the store holds for this patient; check whose NHS number this is"
)


@dataclass(slots=True)
class ImportedFile:
    """The result of importing one file: `rows` = `accepted` + `unchanged` + `quarantined`.

    `changed_entries` and `withdrawn_entries` are the ids of activities that this file changed or withdrew. `released`
    counts rows of earlier files that waited for a patient described here. `settled` counts rows that came off the
    quarantine list for another reason (`Settling.settle`). `doubts` are facts of patients that an earlier file stated
    and this one left out. `counts` are the entries read, by code system (an entry with two codes counts under both) and
    by consultation type.
    """

    file: str
    sha256: str
    profile: str
    rows: int = 0
    accepted: int = 0
    unchanged: int = 0
    quarantined: int = 0
    patients: int = 0
    released: int = 0
    settled: Counter[str] = field(default_factory=Counter)
    already: bool = False
    extracted_at: str | None = None
    ignored_columns: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    quarantine: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    changed_entries: set[int] = field(default_factory=set)
    withdrawn_entries: set[int] = field(default_factory=set)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    planned_changed: int = 0
    planned_withdrawn: int = 0


def begin(store: Store, done: ImportedFile, reading: Reading) -> int:
    """Add the file to the store before its rows are imported; its id."""
    number = store.connection.execute(
        "INSERT INTO import_file (sha256, name, profile, source_system, extracted_at, columns, states, rows, accepted,"
        " unchanged, quarantined, patients) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0)",
        (
            *(done.sha256, done.file, done.profile, reading.source_system, reading.extracted_at),
            *(json.dumps(reading.columns), json.dumps(sorted(reading.states))),
        ),
    ).lastrowid
    assert number is not None
    return number


def known_file(store: Store, digest: str) -> ImportedFile | None:
    """The result for a file whose very bytes were imported before: each row is now unchanged or quarantined."""
    found = store.rows(
        "SELECT id, name, profile, rows, patients, extracted_at FROM import_file WHERE sha256 = ?", digest
    )
    if not found:
        return None
    number, name, profile, rows, patients, extracted_at = found[0]
    quarantine = still_out(store, number)
    return ImportedFile(
        file=name,
        sha256=digest,
        profile=profile,
        rows=rows,
        unchanged=rows - len(quarantine),
        quarantined=len(quarantine),
        patients=patients,
        already=True,
        extracted_at=extracted_at,
        quarantine=quarantine,
    )
