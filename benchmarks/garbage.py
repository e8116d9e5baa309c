"""Rubbish of every kind through the import: each row accepted or quarantined with its line, none lost, none twice.

    python benchmarks/garbage.py [--rows 100000] [--seed 1] [--short]

Makes seeded rubbish in the form of each profile, imports it, reads the file once more with Python's own csv and holds
the store against that, line by line. The same rows must make the same store in every encoding, and a second time add
nothing. Prints a line for each file; exits 1 when a row is not accounted for. `--short` takes a few seconds.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from rubbish import (
    EMIS,
    EMIS_GROUPS,
    EMIS_PREAMBLE,
    LES,
    SYSTMONE,
    TEXTS,
    WIDE_TEXTS,
    Good,
    good_emis,
    good_les,
    good_systmone,
    rubbish,
    text_of,
)

from lescli.model import Practice
from lescli.readers import open_reading, sha256_of
from lescli.store import Store, create_store
from lescli.store.intake.import_file import take_in
from lescli.store.intake.result import ImportedFile
from lescli.store.verify.run import verify_open

ROWS, SHORT_ROWS = 100_000, 2_000
ENCODINGS = (
    (TEXTS + WIDE_TEXTS, ("utf-8", "utf-8-sig", "utf-16")),
    (TEXTS, ("utf-8", "utf-16-le", "utf-16-be", "cp1252")),
)
"""What the rubbish is made of, and the encodings it is written in."""
_LEADING_NUMBER = re.compile(r"[<>]?=?\s*[+-]?[0-9]+(?:[.,/][0-9]+)?")
MOST_REASONS = 100
"""Distinct reasons in a file: more of them would mean that they hold what stood in a cell."""


class Told(NamedTuple):
    """What one record holds, read without the program: `entries` are (source_id, value) of each entry in it.

    `whole` is false where its cells are too few or too many, so that nothing in it can be told apart.
    """

    line: int
    number: str
    entries: tuple[tuple[str, str], ...]
    whole: bool


class Profile(NamedTuple):
    """A form of rubbish: its good rows, its headings, what stands before them, and how a record of it is read."""

    good: Good
    names: list[str]
    before: str
    told: Callable[[int, list[str]], Told]


def told_by_les(line: int, record: list[str]) -> Told:
    """One row of a les CSV."""
    row = {name: cell.strip() for name, cell in zip(LES, [*record, *[""] * len(LES)], strict=False)}
    entries = ((row["source_id"], row["value"]),) if _plain(row["date"]) or _plain(row["code"]) else ()
    return Told(line, _closed_up(row["nhs_number"]), entries, _whole(record, LES))


def told_by_emis(line: int, record: list[str]) -> Told:
    """One line of an EMIS report: an entry for each group with a code or a date."""
    cells = [_plain(cell) for cell in [*record, *[""] * len(EMIS)]]
    entries = tuple(("", cells[group[3]]) for group in EMIS_GROUPS if cells[group[1]] or cells[group[2]])
    return Told(line, _closed_up(cells[0]), entries, _whole(record, EMIS))


def told_by_systmone(line: int, record: list[str]) -> Told:
    """One row of a SystmOne report; a unit behind a number is not part of the value."""
    row = {name: _plain(cell) for name, cell in zip(SYSTMONE, [*record, *[""] * len(SYSTMONE)], strict=False)}
    entries = (("", row["Numeric value"]),) if row["Event date"] or row["SNOMED code"] else ()
    return Told(line, _closed_up(row["NHS number"]), entries, _whole(record, SYSTMONE))


def _plain(cell: str) -> str:
    """A cell without what keeps a spreadsheet from taking it for a number: `="42"`, `'42`."""
    found = re.fullmatch(r'="([^"]*)"', cell.strip())
    return (found[1] if found else cell).strip().strip("'‘’").strip()


def _closed_up(number: str) -> str:
    # A spreadsheet that took it for a number may have written a decimal place.
    return _plain(number).replace(" ", "").replace("-", "").removesuffix(".0")


def _number(value: str) -> str:
    """A value without the unit that may stand behind its number."""
    found = _LEADING_NUMBER.match(value)
    return found[0] if found else value


def _whole(record: list[str], names: list[str]) -> bool:
    return len(record) >= len(names) and not any(cell.strip() for cell in record[len(names) :])


PROFILES = {
    "les": Profile(good_les, LES, "", told_by_les),
    "emis": Profile(good_emis, EMIS, EMIS_PREAMBLE, told_by_emis),
    "systmone": Profile(good_systmone, SYSTMONE, "", told_by_systmone),
}


def told(text: str, profile: Profile) -> list[Told]:
    """What Python's csv reads below the headings, each with the line it begins on; blank records and the headings of a
    new page are no rows."""
    csv.field_size_limit(1 << 20)
    lines = csv.reader(io.StringIO(text, newline=""))
    found: list[Told] = []
    begins, below = 1, False
    for record in lines:
        if below and any(cell.strip() for cell in record) and record != profile.names:
            found.append(profile.told(begins, record))
        below = below or record[:1] == profile.names[:1]
        begins = lines.line_num + 1
    return found


def faults(store: Store, done: ImportedFile, records: list[Told]) -> Iterator[str]:
    """Every way in which the store does not hold the records exactly once: as an entry, or in quarantine by line."""
    kept: dict[int, list[str]] = {}
    # A row that waited for its patient, and met them further down, was taken in.
    for line, reasons in store.rows("SELECT line, reasons FROM quarantine WHERE settled_by IS NULL ORDER BY id"):
        kept.setdefault(line, []).append(reasons)
    rows = either = 0
    certain: Counter[str] = Counter()
    possible: Counter[str] = Counter()
    sources: set[str] = set()
    patients = {row[0] for row in store.rows("SELECT nhs_number FROM patient")}
    for record in records:
        refused = kept.pop(record.line, [])
        # A line that cannot be told apart is one row, whatever is in it.
        mistrusted = any('"row:' in reasons for reasons in refused)
        held = 1 if mistrusted or not record.whole else max(1, len(record.entries))
        rows += held
        taken = held - len(refused)
        if taken < 0:
            yield f"line {record.line}: {len(refused)} times in quarantine, of {held}"
        if taken > 0 and not record.whole:
            yield f"line {record.line}: taken in, with another number of cells than the headings"
        values = [_number(value) for source, value in record.entries if not source]
        if taken > 0:
            if record.number and record.number not in patients:
                yield f"line {record.line}: taken in, and its patient is not"
            sources |= {source for source, _ in record.entries if source}
        if taken == held:
            certain.update(values)
        elif taken > 0:
            possible.update(values)
            either += taken
    yield from (f"line {line}: in quarantine, and no row begins there" for line in kept)
    if (done.rows, done.accepted + done.unchanged + done.quarantined) != (rows, rows):
        yield f"{rows} rows in the file, {done.rows} counted: {done.accepted} + {done.unchanged} + {done.quarantined}"
    in_store = Counter(_number(row[0]) for row in store.rows("SELECT value FROM activity WHERE source_id IS NULL"))
    yield from (f"an entry with the value {value[:20]!r} is lost" for value in certain - in_store)
    beyond = in_store - certain
    if not beyond <= possible or beyond.total() != either:
        yield f"{beyond.total()} entries beyond the certain ones, of {either}"
    if {row[0] for row in store.rows("SELECT source_id FROM activity WHERE source_id IS NOT NULL")} != sources:
        yield "other source_ids than those of the rows that were taken in"
    if not patients <= {record.number for record in records}:
        yield "a patient whom no row names"
    if len({reason for _, reasons in done.quarantine for reason in reasons}) > MOST_REASONS:
        yield "the reasons differ from row to row"


def content(store: Store) -> dict[str, list[Any]]:
    """Everything in a store but the bytes and names of its files."""
    tables = [row[0] for row in store.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {
        table: [row[3:] if table == "import_file" else row for row in store.rows(f"SELECT * FROM {table}")]
        for table in tables
    }


def imported(store: Store, path: Path, profile: str) -> ImportedFile:
    """Import one file, all or nothing."""
    with store.writing():
        return take_in(store, path, sha256_of(path), open_reading(path, profile))


def sent_again(store: Store, path: Path, profile: str) -> list[str]:
    """What the same rows change in another file: the entries stay those they are, and the list is not doubled."""
    asked = "SELECT count(*) FROM activity", "SELECT count(*) FROM quarantine WHERE settled_by IS NULL"
    before = [store.rows(sql)[0][0] for sql in asked]
    again = path.with_name(f"again-{path.name}")
    again.write_bytes(path.read_bytes() + b"\r\n")
    imported(store, again, profile)
    after = [store.rows(sql)[0][0] for sql in asked]
    return [] if before == after else [f"sent again: {before} entries and open rows became {after}"]


def measured(folder: Path, name: str, text: str, encodings: tuple[str, ...]) -> int:
    """Import one text in each encoding; how much is not as it should be."""
    records = told(text, PROFILES[name])
    first: dict[str, list[Any]] = {}
    found = 0
    for encoding in encodings:
        path = folder / f"{name}.csv"
        path.write_bytes(text.encode(encoding))
        with create_store(None, Practice(ods_code="A82038", name="Rubbish")) as store:
            started = time.perf_counter()
            done = imported(store, path, name)
            took = time.perf_counter() - started
            wrong = list(faults(store, done, records))
            held = content(store)
            wrong += [] if first else sent_again(store, path, name)
            wrong += [f"{fault.check}: {fault.text}" for fault in verify_open(store).faults]
        wrong += [f"{table}: not as from {encodings[0]}" for table in first if held[table] != first[table]]
        first = first or held
        counts = f"{done.accepted} accepted, {done.unchanged} unchanged, {done.quarantined} quarantined"
        print(f"{name:<10}{encoding:<11}{done.rows} rows: {counts}; {took:.1f} s; {len(wrong)} faults", flush=True)
        for line in wrong[:20]:
            print(f"    {line}")
        found += len(wrong)
    return found


def main() -> int:
    """Make, import and account for every profile, in every encoding."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--rows", type=int, default=ROWS)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--short", action="store_true")
    chosen = options.parse_args()
    rows = SHORT_ROWS if chosen.short else chosen.rows
    wrong = 0
    with TemporaryDirectory() as folder:
        for name, profile in PROFILES.items():
            for texts, encodings in ENCODINGS:
                chance = random.Random(chosen.seed)
                made = rubbish(chance, rows, profile.good, profile.names, texts)
                text = text_of(made, chance, profile.before, profile.names)
                if "cp1252" in encodings:
                    text = text.encode("cp1252", "replace").decode("cp1252")
                wrong += measured(Path(folder), name, text, encodings)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
