"""A synthetic practice for trying what must not go wrong: its store, `les` as another process, and a store's faults."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

from lescli.cli.run import run
from lescli.cli.verbs import VERBS
from lescli.errors import LesError
from lescli.model import Practice
from lescli.store import chain, create_store, open_store
from lescli.store.connection import Store

made = import_module("import")
"""`benchmarks/import.py`, which knows how an export looks."""

MONTH, AS_OF = "2026-05", "2026-06-05"
PATIENTS = 400
SUBMIT = ("claim", "denosumab", "--month", MONTH, "--as-of", AS_OF, "--submit", "--by", "A. Admin")
NOT_COMPARED = {"audit"}
"""How often a command was run, and when, is the trail's business; everything else must come out the same."""


def export(path: Path, count: int, seed: int, months: int = 6) -> Path:
    """A les CSV of so many entries from January 2026 on; a row in a thousand is bad."""
    made.write(path, made.rows(count, PATIENTS, 2026, months, seed, with_bad=True))
    return path


def new_store(path: Path) -> Path:
    """An empty store of a practice that holds one contract."""
    here(path, "init", "--practice", "A82038", "--name", "Benchmark", "--quiet")
    here(path, "services", "sign", "denosumab", "--from", "2026-04-01", "--quiet")
    return path


def here(store: Path, *words: str) -> tuple[int, str, str]:
    """Run les in this process: exit code, stdout, stderr."""
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([*words, "--store", str(store)])
    out.flush()
    out.seek(0)
    return code, out.read(), err.getvalue()


def started(store: Path, *words: str, **settings: Any) -> subprocess.Popen[str]:
    """Les as another process, with nothing to read."""
    return subprocess.Popen(
        [sys.executable, "-m", "lescli", *words, "--store", str(store)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        **settings,
    )


def content(path: Path) -> dict[str, list[Any]]:
    """Everything in a store, in an order of its own, but what is not compared."""
    with open_store(path) as store:
        tables = [row[0] for row in store.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {
            table: sorted(store.rows(f"SELECT * FROM {table}"), key=repr)
            for table in tables
            if table not in NOT_COMPARED
        }


def differences(path: Path, wanted: dict[str, list[Any]]) -> Iterator[str]:
    """The tables that hold other rows than they should."""
    found = content(path)
    for table in sorted(found.keys() | wanted.keys()):
        there, should = found.get(table, []), wanted.get(table, [])
        if there != should:
            yield f"{table}: {len(there)} rows where there should be {len(should)}, or others"


def faults(path: Path) -> list[str]:
    """What is wrong inside a store: `les verify` says it; nothing when all is well."""
    if "verify" in VERBS:
        code, out, err = here(path, "verify")
        return [] if (code, out, err) == (0, "", "") else [f"les verify ends with {code}", *f"{out}{err}".splitlines()]
    found: list[str] = []
    with open_store(path) as store:
        found += [row[0] for row in store.rows("PRAGMA integrity_check") if row[0] != "ok"]
        found += [f"{row[0]} refers to what is not there" for row in store.rows("PRAGMA foreign_key_check")]
        found += _chain_faults(store)
        with closing(create_store(None, Practice(ods_code="A82038", name="Benchmark"))) as fresh:
            if _declared(store) != _declared(fresh):
                found.append("the tables or triggers are not those of a new store")
    return found


def _chain_faults(store: Store) -> Iterator[str]:
    try:
        chain.head(store)
    except LesError as fault:
        yield fault.what
    for table in chain.LINKED:
        yield from (f"{table} {link.values[0]} is changed" for link in chain.links(store, table) if not link.whole)
    before = chain.START
    for *values, previous, found in store.rows("SELECT * FROM audit ORDER BY id"):
        if previous != before or found != chain.digest(previous, "audit", values):
            yield f"audit {values[0]} is changed"
        before = found


def _declared(store: Store) -> list[Any]:
    return store.rows("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name")
