"""`les` as a person or a script runs it: a separate process, its own store, and what came out."""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import lescli_schemas
from lescli.__main__ import main

ANN, BEN, CAT = "9990000018", "9990000026", "9990000034"
"""Three patients of the 999 range, which is never issued."""

HEADER = (
    "nhs_number,family_name,given_name,date_of_birth,sex,registered_on,"
    "date,code,term,consultation_type,clinician,source_id"
)
ACTIVITY = f"""{HEADER}
{ANN},Sentinelle,Philippa,1948-03-02,female,2010-01-05,2026-05-04,700139004,Denosumab,Face to face,B Carr,e1
{BEN},Older,Ben,1940-07-09,male,2011-02-06,2026-05-06,700139004,Denosumab,Telephone call,B Carr,e2
{CAT},Third,Cat,1951-11-30,female,2012-03-07,2026-04-20,700139004,Denosumab,Home visit,B Carr,e3
"""
NEVER_ON_STDERR = (
    *(ANN, "999 000 0018", "999-000-0018", "Sentinelle", "Philippa"),
    *("1948-03-02", "02/03/1948", "02 Mar 1948"),
)


@dataclass(frozen=True)
class Done:
    """How a run ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its stdout as JSON, checked against the schema it names."""
        return valid(json.loads(self.out))


def valid(data: Any) -> Any:
    """The data after a check against the schema that its `schema` names; of an array, each element."""
    for one in data if isinstance(data, list) else [data]:
        name = one["schema"].removeprefix("les-").removesuffix("/1")
        validator = Draft202012Validator(lescli_schemas.load(name), format_checker=Draft202012Validator.FORMAT_CHECKER)
        validator.validate(one)
    return data


Les = Callable[..., Done]


def checked(code: int, out: bytes, err: bytes) -> Done:
    """How a run ended. Checks that stderr names no patient and shows no insides, and that a list is marked."""
    found = Done(code, out.decode("utf-8"), err.decode("utf-8"))
    assert "Traceback" not in found.err
    assert not [word for word in NEVER_ON_STDERR if word in found.err], found.err
    # Output that names her must be marked identifiable, in itself or, for CSV, on stderr. A file name may hold her
    # name.
    named = [word for word in ("Philippa", "1948-03-02", "02 Mar 1948") if word in found.out]
    assert not named or "identifiable" in found.out + found.err, named
    return found


def surroundings(home: Path, store: Path | None) -> dict[str, str]:
    """An environment with its own user folder, and the store in LES_STORE when there is one."""
    folders = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA", "WIN_PD_OVERRIDE_LOCAL_APPDATA")
    own = dict.fromkeys(folders, str(home / "home"))
    own |= {"COLUMNS": "200", "PYTHONUTF8": "1"}
    if store is not None:
        own["LES_STORE"] = str(store)
    return own


@pytest.fixture
def les(tmp_path: Path) -> Les:
    """Run `les` as a separate process, in its own folder, with the usual time limit for plugins."""

    def run(*arguments: object, store: Path | None = None) -> Done:
        inherited = {name: value for name, value in os.environ.items() if name != "LES_STORE"}
        done = subprocess.run(
            [sys.executable, "-m", "lescli", *map(str, arguments)],
            capture_output=True,
            cwd=tmp_path,
            env={**inherited, **surroundings(tmp_path, store), "LES_PLUGIN_SECONDS": ""},
            stdin=subprocess.DEVNULL,
            timeout=120,
        )
        return checked(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def les_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Les:
    """Run `les` inside this process, five times quicker, for tests that do not depend on the process itself."""

    def run(*arguments: object, store: Path | None = None) -> Done:
        out, err = io.BytesIO(), io.BytesIO()
        with monkeypatch.context() as patch:
            patch.delenv("LES_STORE", raising=False)
            for name, value in surroundings(tmp_path, store).items():
                patch.setenv(name, value)
            patch.chdir(tmp_path)
            patch.setattr(sys, "argv", ["les", *map(str, arguments)])
            patch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="utf-8", write_through=True))
            patch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding="utf-8", write_through=True))
            code = 0
            try:
                main()
            except SystemExit as end:
                code = int(end.code or 0)
            sys.stdout.flush()
            sys.stderr.flush()
            said = out.getvalue(), err.getvalue()
        return checked(code, *said)

    return run


def prepared(folder: Path, content: str = ACTIVITY) -> Path:
    """A store with a signed contract and activity, of three patients unless another file is given."""
    store, activity = folder / "practice.les", folder / "may.csv"
    activity.write_text(content, encoding="utf-8")
    for arguments in (
        ("init", "--practice", "A82038", "--name", "Example Surgery"),
        ("services", "sign", "denosumab", "--from", "2026-04-01"),
        ("import", str(activity)),
    ):
        command = [sys.executable, "-m", "lescli", *arguments, "--store", str(store), "--quiet"]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return store


def held(store: Path) -> object:
    """What a store holds beside its audit trail: its tables, or its bytes while it is encrypted; None: no store."""
    if not store.exists():
        return None
    with closing(sqlite3.connect(store)) as connection:
        try:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'audit'")
            # The order of rows is left aside: a table without row ids has none of its own.
            return {name: set(connection.execute(f"SELECT * FROM {name}")) for (name,) in tables.fetchall()}
        except sqlite3.DatabaseError:
            return store.read_bytes()


@pytest.fixture(scope="session")
def prepared_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def store(prepared_store: Path, tmp_path: Path) -> Path:
    """A prepared store that a test may change."""
    return Path(shutil.copy(prepared_store, tmp_path / "practice.les"))


@pytest.fixture
def activity_file(tmp_path: Path) -> Callable[..., Path]:
    """Write rows under the usual header into a file of the test's folder."""

    def write(*rows: str, name: str = "more.csv", header: str = HEADER) -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return write


FOREIGN = """from lescli.api import ServiceSpec, hookimpl, specification_of


@hookimpl
def les_service() -> ServiceSpec:
    return specification_of(__package__)
"""


def installed(site: Path, service: str, python: str = FOREIGN, version: str = "1.0") -> Path:
    """A package with one service as pip would have installed it into a folder; returns the folder of its module."""
    module = service.replace("-", "_")
    (site / module).mkdir(parents=True, exist_ok=True)
    (site / module / "__init__.py").write_text(python, encoding="utf-8")
    toml = (Path(__file__).parents[2] / "plugins/denosumab/lescli_denosumab/service.toml").read_text(encoding="utf-8")
    (site / module / "service.toml").write_text(toml.replace('"denosumab"', f'"{service}"', 1), encoding="utf-8")
    info = site / f"{module}-{version}.dist-info"
    for old in site.glob(f"{module}-*.dist-info"):
        shutil.rmtree(old)
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {service}\nVersion: {version}\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[lescli.services]\n{service} = {module}\n", encoding="utf-8")
    return site / module
