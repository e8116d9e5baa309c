"""`les` as a person or a script runs it: another process, a store of its own, and what came out of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import lescli_schemas

ANN, BEN, CAT = "9990000018", "9990000026", "9990000034"
"""Three patients of the 999 range, which belongs to nobody."""

HEADER = (
    "nhs_number,family_name,given_name,date_of_birth,sex,registered_on,"
    "date,code,term,consultation_type,clinician,source_id"
)
ACTIVITY = f"""{HEADER}
{ANN},Sentinelle,Philippa,1948-03-02,female,2010-01-05,2026-05-04,700139004,Denosumab,Face to face consultation,B Carr,e1
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
    """The data, once it agrees with the schema that its `schema` names (an array: each of them)."""
    for one in data if isinstance(data, list) else [data]:
        name = one["schema"].removeprefix("les-").removesuffix("/1")
        validator = Draft202012Validator(lescli_schemas.load(name), format_checker=Draft202012Validator.FORMAT_CHECKER)
        validator.validate(one)
    return data


Les = Callable[..., Done]


@pytest.fixture
def les(tmp_path: Path) -> Les:
    """Run `les` in a folder of its own with no store but what is named; nothing it says on stderr names a patient."""

    def run(*arguments: object, store: Path | None = None, env: dict[str, str] | None = None) -> Done:
        surroundings = {name: value for name, value in os.environ.items() if name != "LES_STORE"}
        home = {
            "HOME": str(tmp_path / "home"),
            "LOCALAPPDATA": str(tmp_path / "home"),
            "APPDATA": str(tmp_path / "home"),
        }
        surroundings |= {**home, "XDG_DATA_HOME": str(tmp_path / "home"), "COLUMNS": "200", "PYTHONUTF8": "1"}
        if store is not None:
            surroundings["LES_STORE"] = str(store)
        done = subprocess.run(
            [sys.executable, "-m", "lescli", *map(str, arguments)],
            capture_output=True,
            cwd=tmp_path,
            env={**surroundings, **(env or {})},
            stdin=subprocess.DEVNULL,
            timeout=120,
        )
        found = Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
        assert "Traceback" not in found.err
        assert not [word for word in NEVER_ON_STDERR if word in found.err], found.err
        return found

    return run


def prepared(folder: Path) -> Path:
    """A store with a signed contract and three patients' activity."""
    store, activity = folder / "practice.les", folder / "may.csv"
    activity.write_text(ACTIVITY, encoding="utf-8")
    for arguments in (
        ("init", "--practice", "A82038", "--name", "Temple Sowerby Medical Practice"),
        ("services", "sign", "denosumab", "--from", "2026-04-01"),
        ("import", str(activity)),
    ):
        command = [sys.executable, "-m", "lescli", *arguments, "--store", str(store), "--quiet"]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return store


@pytest.fixture(scope="session")
def prepared_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def store(prepared_store: Path, tmp_path: Path) -> Path:
    """A prepared store to be changed at will."""
    return Path(shutil.copy(prepared_store, tmp_path / "practice.les"))


@pytest.fixture
def activity_file(tmp_path: Path) -> Callable[..., Path]:
    """Write rows under the usual header into a file of the test's folder."""

    def write(*rows: str, name: str = "more.csv", header: str = HEADER) -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return write
