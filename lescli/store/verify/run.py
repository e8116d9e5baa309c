"""Check a store from end to end: one line for each fault, without changing any record.

The checks of the file itself are here; those of what its tables hold are in the other modules of this folder.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ...amounts import counted
from ...errors import LesError
from ..audit_trail import follow
from ..database.connection import Store, connect, connect_found, open_store
from ..database.errors import clear_errors
from ..database.migrate import apply_from, check_ours, migrate
from ..intake.caches import marks_known
from ..schema.migrations import MIGRATIONS
from .ledger import audit_chain, heads, heads_found, ledger
from .records import activity, imports, people, plain_dates, quarantine, registers, same_person, services

_LEAST_VERSION = 1
_LOOKED_AT = (
    *("claim", "claim_row", "reversal", "payment", "withdrawal", "duty_confirmation", "audit"),
    *("import_file", "patient", "activity"),
)


_MOST = 20


_STATISTICS = ("sqlite_sequence", "sqlite_stat1", "sqlite_stat4")
"""Tables that SQLite makes for itself, such as for its query planner. What they hold changes no answer."""

_Declared = dict[tuple[str, str], list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `check` names the check that found it, `text` says what and where, without an identifier."""

    check: str
    text: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of a store found; `looked_at` counts the rows of each table that it read.

    `heads` are the newest hashes of the `ledger` and of the `audit` trail, to be kept outside the store; {} when they
    cannot be read.
    """

    faults: tuple[Fault, ...]
    looked_at: dict[str, int]
    heads: dict[str, str]


Check = Callable[[Store], Iterator[str]]


def integrity(store: Store) -> Iterator[str]:
    """Run SQLite's own check of every page; in an encrypted store, also check each page's authentication code."""
    # A store in memory has no pages on disk.
    if store.key is not None and store.path is not None:
        from ..database.encryption import integrity_faults

        yield from (f"the file was altered or is damaged: {text}" for text in integrity_faults(store))
    for (text,) in store.rows("PRAGMA integrity_check"):
        if text != "ok":
            # SQLite's words name tables, indexes and pages, never a value.
            yield f"the file is damaged: {' '.join(str(text).split())}"
    yield from _partial_indexes(store)


def _partial_indexes(store: Store) -> Iterator[str]:
    """Compare each partial index with its table: SQLite's own check no longer counts their entries (as of 3.53)."""
    version = store.rows("PRAGMA user_version")[0][0]
    if not _LEAST_VERSION <= version <= len(MIGRATIONS):
        return
    held = _schema(store)
    for place, declared in _new_schema(version).items():
        ((table, sql),) = declared
        part = " ".join(sql.split()).partition(" WHERE ")[2]
        # `tables` reports an index that was altered.
        if place[0] == "index" and part and held.get(place) == declared:
            counts = [
                store.rows(f"SELECT count(*) FROM {table} {by} WHERE {part}")[0][0]
                for by in (f"INDEXED BY {place[1]}", "NOT INDEXED")
            ]
            if counts[0] != counts[1]:
                yield (
                    f"the file is damaged: {counted(counts[0], 'entry', 'entries')} in index {place[1]}, "
                    f"and {counted(counts[1], 'row')}"
                )


def references(store: Store) -> Iterator[str]:
    """Report rows that refer to a row that does not exist."""
    found = Counter((row[0], row[2]) for row in store.rows("PRAGMA foreign_key_check"))
    for (table, parent), count in sorted(found.items()):
        yield f"{table}: the {parent} of {counted(count, 'row')} does not exist"


def tables(store: Store) -> Iterator[str]:
    """Compare every table, index and trigger with a new store of that version: word for word, and no others."""
    version = store.rows("PRAGMA user_version")[0][0]
    held = _schema(store)
    if not _LEAST_VERSION <= version <= len(MIGRATIONS):
        yield f"the file says it is of version {version}, and no such version exists"
        return
    wanted = _new_schema(version)
    if held == wanted:
        return
    others = (other for other in range(_LEAST_VERSION, len(MIGRATIONS) + 1) if other != version)
    really = next((other for other in others if _new_schema(other) == held), None)
    if really is not None:
        yield f"the file says it is of version {version}, and its tables are those of version {really}"
        return
    for name in sorted({*held, *wanted}):
        if held.get(name) != wanted.get(name):
            kind, label = name
            how = "is missing" if name not in held else "was not made by les" if name not in wanted else "was altered"
            yield f"the {kind} {_safe_name(label)} {how}"


def _safe_name(name: str) -> str:
    """A name that is safe to print: somebody else may have chosen it, and put a patient's name there."""
    return name if name.isascii() and name.isidentifier() else "(its name cannot be shown)"


def _schema(store: Store) -> _Declared:
    """(type, name) -> every (table, SQL) that the file declares under it; a damaged file may declare it twice.

    Names that begin with `sqlite_` are not left out: SQLite refuses to make such a trigger, but runs one that somebody
    wrote straight into `sqlite_master`.
    """
    found: _Declared = {}
    for kind, name, table, sql in store.rows("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid"):
        if kind != "table" or name not in _STATISTICS:
            found.setdefault((str(kind), str(name)), []).append((str(table), str(sql)))
    return found


@cache
def _new_schema(version: int) -> _Declared:
    with Store(connect(None), None) as fresh:
        apply_from(fresh, 0, version)
        return _schema(fresh)


FILE_CHECKS: dict[str, Check] = {"integrity": integrity, "references": references, "tables": tables}
"""Checks of the file, whichever version of les made it."""

CONTENT_CHECKS: dict[str, Check] = {
    "ledger": ledger,
    "audit": audit_chain,
    "imports": imports,
    "quarantine": quarantine,
    "people": people,
    "activity": activity,
    "services": services,
    "dates": plain_dates,
    "registers": registers,
    "same person": same_person,
    "marks": marks_known,
}
"""Checks of what the tables hold, in the layout of this version."""


def verify(path: Path, printed: Sequence[str] = ()) -> Verified:
    """Check the store at a path; `printed` are heads noted earlier, which today's chains must contain.

    LesError for a file that is missing, is no store of les or was made by a newer version; LockedError when it is in
    use or its key is not found. A file too damaged to open is a fault in the answer, not an error.
    """
    if not path.is_file():
        open_store(path)  # It raises the error that says what is wrong.
    try:
        with clear_errors(path):
            connection, key = connect_found(path)
    except LesError as fault:
        return _unreadable(fault)
    with Store(connection, path, key) as store:
        return verify_open(store, printed)


def verify_open(store: Store, printed: Sequence[str] = ()) -> Verified:
    """Check a store that is already open; one of an earlier version is brought up to date if its file has no fault."""
    try:
        version = store.rows("PRAGMA user_version")[0][0]
    except LesError as fault:
        return _unreadable(fault)
    check_ours(store)
    faults = _run(store, FILE_CHECKS)
    if version != len(MIGRATIONS):
        if faults:
            return Verified(tuple(faults), {}, {})
        with clear_errors(store.path):
            migrate(store)
    if not faults:
        # Let the audit trail write only into a file without faults.
        follow(store)
    faults += _run(store, CONTENT_CHECKS) + _run(store, {"heads": lambda held: heads_found(held, printed)})
    return Verified(tuple(faults), _counts(store), _heads(store))


def _unreadable(fault: LesError) -> Verified:
    """Report a file that SQLite cannot read as a fault. One that is locked or lacks its key may be sound: raise."""
    if type(fault) is not LesError:
        raise fault
    return Verified((Fault("integrity", fault.what),), {}, {})


def _run(store: Store, checks: dict[str, Check]) -> list[Fault]:
    found: list[Fault] = []
    for name, check in checks.items():
        with _damaged_text_readable(store), _at_one_moment(store):
            found += [Fault(name, text) for text in _first_faults(list(carefully(check(store))))]
    return found


def carefully(texts: Iterator[str]) -> Iterator[str]:
    """The faults that a check finds; if it meets something unreadable, that is one more fault."""
    try:
        yield from texts
    except (sqlite3.Error, LesError) as fault:
        why = fault.what if isinstance(fault, LesError) else "a page or a table of the file cannot be read"
        yield f"part of the store could not be checked: {why}"
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        yield "part of the store could not be checked: a value is damaged"


def _first_faults(texts: list[str]) -> list[str]:
    """The first twenty faults and how many more there are: a thousand lines would tell no more."""
    more = len(texts) - _MOST
    return [*texts[:_MOST], f"and {more} more of this kind"] if more > 0 else texts


@contextmanager
def _at_one_moment(store: Store) -> Iterator[None]:
    """Let a check read the store as it is at one moment, whatever other programs write meanwhile."""
    store.connection.execute("BEGIN")
    try:
        yield
    finally:
        if store.connection.in_transaction:
            store.connection.execute("ROLLBACK")


@contextmanager
def _damaged_text_readable(store: Store) -> Iterator[None]:
    """Read damaged text that is no longer UTF-8 as it is: its hash then differs, instead of an exception."""
    before = store.connection.text_factory
    store.connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        store.connection.text_factory = before


def _counts(store: Store) -> dict[str, int]:
    try:
        return {table: store.rows(f"SELECT count(*) FROM {table}")[0][0] for table in _LOOKED_AT}
    except (LesError, sqlite3.Error, ValueError):
        return {}


def _heads(store: Store) -> dict[str, str]:
    try:
        return heads(store)
    except (LesError, sqlite3.Error, ValueError):
        return {}
