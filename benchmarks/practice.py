"""A synthetic practice for trying what must not go wrong: its store, `les` as another process, and a store's faults."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from lescli.cli.run import run
from lescli.store import open_store
from lescli.store.database.encryption import key_folder, make_key_file

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
    code, out, err = here(path, "verify")
    return [] if (code, out, err) == (0, "", "") else [f"les verify ends with {code}", *f"{out}{err}".splitlines()]


class Entry(NamedTuple):
    """A row of the audit trail: its number, the first one of its command, and how the command ended."""

    id: int
    command: int
    exit_code: int


def entries(path: Path, verb: str, after: int = 0) -> list[Entry]:
    """What the trail holds of a verb beyond its first so many rows."""
    with open_store(path) as store:
        found = store.rows(
            "SELECT id, command, exit_code FROM audit WHERE verb = ? AND id > ? ORDER BY id", verb, after
        )
    return [Entry(*row) for row in found]


def last_entry(path: Path) -> int:
    """How many rows the trail has."""
    with open_store(path) as store:
        return int(store.rows("SELECT coalesce(max(id), 0) FROM audit")[0][0])


@contextlib.contextmanager
def keys_of_their_own(folder: Path) -> Iterator[bool]:
    """Keys are made and looked for in this folder, here and in what is started; False where that cannot be had."""
    names = ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "LES_KEY_FILE")
    before = {name: os.environ.pop(name, None) for name in names}
    folder.mkdir(mode=0o700, exist_ok=True)
    os.environ.update({name: str(folder) for name in names[:-1]})
    try:
        yield importlib.util.find_spec("sqlcipher3") is not None and key_folder().is_relative_to(folder)
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def under_a_key(folder: Path) -> None:
    """From here on every store is made under a key; within `keys_of_their_own` of the folder."""
    os.environ["LES_KEY_FILE"] = str(folder / "a.key")
    make_key_file(Path(os.environ["LES_KEY_FILE"]))
