"""Checks of the file itself: SQLite's own, references between rows, and every table, index and trigger as made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

from ...counting import counted
from ..database.connection import Store, connect
from ..database.migrate import apply_from
from ..schema.migrations import MIGRATIONS

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
