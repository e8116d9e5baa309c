"""Is a store whole: every check of a file of ours, one line for each fault, nothing written."""

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
from ..intake.marks import marks_known
from ..schema.migrations import MIGRATIONS
from .ledger import audit_chain, heads, heads_found, ledger
from .records import activity, imports, people, plain_dates, quarantine, same_person, services
from .registers import registers

_LEAST_VERSION = 1


def integrity(store: Store) -> Iterator[str]:
    """SQLite's own check of every page, and of an encrypted store each page's authentication code."""
    # A store in memory has no pages on a disk.
    if store.key is not None and store.path is not None:
        from ..database.cipher import integrity_faults

        yield from (f"the file was altered or is damaged: {text}" for text in integrity_faults(store))
    for (text,) in store.rows("PRAGMA integrity_check"):
        if text != "ok":
            # Its words name tables, indexes and pages, never a value.
            yield f"the file is damaged: {' '.join(str(text).split())}"
    yield from _partial_indexes(store)


def _partial_indexes(store: Store) -> Iterator[str]:
    """Those that hold a part of a table: SQLite's own check has stopped counting their entries (3.53 does not)."""
    version = store.rows("PRAGMA user_version")[0][0]
    if not _LEAST_VERSION <= version <= len(MIGRATIONS):
        return
    held = _schema(store)
    for place, declared in _made(version).items():
        ((table, sql),) = declared
        part = " ".join(sql.split()).partition(" WHERE ")[2]
        # One that was altered is told of as such.
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
    """Rows that refer to others that are not there."""
    found = Counter((row[0], row[2]) for row in store.rows("PRAGMA foreign_key_check"))
    for (table, parent), count in sorted(found.items()):
        yield f"{table}: {count} refer to a {parent} that is not there"


def tables(store: Store) -> Iterator[str]:
    """Every table, index and trigger, word for word as a new store of that version has it, and no other."""
    version = store.rows("PRAGMA user_version")[0][0]
    held = _schema(store)
    if not _LEAST_VERSION <= version <= len(MIGRATIONS):
        yield f"the file says it is of version {version}, and there is none"
        return
    wanted = _made(version)
    if held == wanted:
        return
    others = (other for other in range(_LEAST_VERSION, len(MIGRATIONS) + 1) if other != version)
    really = next((other for other in others if _made(other) == held), None)
    if really is not None:
        yield f"the file says it is of version {version}, and its tables are those of version {really}"
        return
    for name in sorted({*held, *wanted}):
        if held.get(name) != wanted.get(name):
            kind, label = name
            how = "is missing" if name not in held else "is not ours" if name not in wanted else "was altered"
            yield f"the {kind} {_harmless(label)} {how}"


def _harmless(name: str) -> str:
    """A name that somebody may have chosen, and that may be anything."""
    return name if name.isascii() and name.isidentifier() else "(its name is none)"


_STATISTICS = ("sqlite_sequence", "sqlite_stat1", "sqlite_stat4")
"""Tables SQLite makes for itself when its planner counts rows; whatever they hold changes no answer."""

_Declared = dict[tuple[str, str], list[tuple[str, str]]]


def _schema(store: Store) -> _Declared:
    """(type, name) -> (table, SQL) of everything declared, as often as it is.

    Names are no excuse: SQLite refuses to make a trigger whose name begins with `sqlite_`, and runs one that was
    written into its own table.
    """
    found: _Declared = {}
    for kind, name, table, sql in store.rows("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid"):
        if kind != "table" or name not in _STATISTICS:
            found.setdefault((str(kind), str(name)), []).append((str(table), str(sql)))
    return found


@cache
def _made(version: int) -> _Declared:
    with Store(connect(None), None) as fresh:
        apply_from(fresh, 0, version)
        return _schema(fresh)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; `check` says which check found it, `text` what and where, without an identifier."""

    check: str
    text: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of a store found; `looked_at` counts the rows of each table that were read.

    `heads` are the newest hash of the `ledger` and of the `audit` trail, to be kept elsewhere; {} where none can be
    told.
    """

    faults: tuple[Fault, ...]
    looked_at: dict[str, int]
    heads: dict[str, str]


Check = Callable[[Store], Iterator[str]]

FILE_CHECKS: dict[str, Check] = {"integrity": integrity, "references": references, "tables": tables}
"""Of the file, whichever version of les made it."""

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
"""Of what stands in the tables of this version."""

_LOOKED_AT = ("claim", "claim_row", "reversal", "payment", "withdrawal", "audit", "import_file", "patient", "activity")


def verify(path: Path, printed: Sequence[str] = ()) -> Verified:
    """Check the store at a path; `printed` are heads kept from earlier, to be found in today's chains.

    LesError for a file that is missing, is no store of les or was made by a newer version; LockedError for a lock or a
    key. A file too damaged to be opened is a fault, not an error.
    """
    if not path.is_file():
        open_store(path)  # which says what is wrong
    try:
        with clear_errors(path):
            connection, key = connect_found(path)
    except LesError as fault:
        return _unreadable(fault)
    with Store(connection, path, key) as store:
        return verify_open(store, printed)


def verify_open(store: Store, printed: Sequence[str] = ()) -> Verified:
    """The same for a store that was opened as it is; one of an earlier version is brought up to date if it is whole."""
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
        # An entry in the audit trail is no harm to a file that is whole.
        follow(store)
    faults += _run(store, CONTENT_CHECKS) + _run(store, {"heads": lambda held: heads_found(held, printed)})
    return Verified(tuple(faults), _counts(store), _heads(store))


def _unreadable(fault: LesError) -> Verified:
    """A file that SQLite cannot read is damaged; one that is locked, or whose key is not found, may well be whole."""
    if type(fault) is not LesError:
        raise fault
    return Verified((Fault("integrity", fault.what),), {}, {})


def _run(store: Store, checks: dict[str, Check]) -> list[Fault]:
    found: list[Fault] = []
    for name, check in checks.items():
        with _any_text(store), _at_one_moment(store):
            found += [Fault(name, text) for text in _few(list(carefully(check(store))))]
    return found


def carefully(texts: Iterator[str]) -> Iterator[str]:
    """The faults a check finds, and as one more that it came to something that it cannot read."""
    try:
        yield from texts
    except (sqlite3.Error, LesError) as fault:
        why = fault.what if isinstance(fault, LesError) else "a page or a table of the file cannot be read"
        yield f"not everything could be looked at: {why}"
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        yield "not everything could be looked at: a value is not what was written"


_MOST = 20


def _few(texts: list[str]) -> list[str]:
    """The first of many: when everything is broken, a thousand lines tell no more than twenty."""
    more = len(texts) - _MOST
    return [*texts[:_MOST], f"and {more} more of this kind"] if more > 0 else texts


@contextmanager
def _at_one_moment(store: Store) -> Iterator[None]:
    """What a check compares is read as it stood at one moment, whatever others write meanwhile."""
    store.connection.execute("BEGIN")
    try:
        yield
    finally:
        if store.connection.in_transaction:
            store.connection.execute("ROLLBACK")


@contextmanager
def _any_text(store: Store) -> Iterator[None]:
    """Texts that are no UTF-8 any more are read as they are, and so give another hash instead of an exception."""
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
