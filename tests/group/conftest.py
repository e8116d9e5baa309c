"""A few practices with a few injections each, and the file that says in which network they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from lescli.model import Practice
from lescli.operations.imports import import_files
from lescli.store import create_store

HEADER = "nhs_number,family_name,date_of_birth,date,code,consultation_type\n"
AS_OF = date(2026, 6, 5)


def make_practice(folder: Path, name: str, ods_code: str, days: tuple[str, ...]) -> Path:
    """A store with one injection on each day, £20.00 each."""
    path, export = folder / f"{name}.les", folder / f"{name}.csv"
    rows = "".join(f"9990000018,A,1950-02-01,{day},700139004,Home visit\n" for day in days)
    export.write_text(HEADER + rows, encoding="utf-8")
    with create_store(path, Practice(ods_code=ods_code, name=f"Surgery {name}")) as store:
        import_files(store, [export], None, dry_run=False, progress=lambda advance: None, as_of=AS_OF)
    export.unlink()
    return path


@pytest.fixture
def three(tmp_path: Path) -> tuple[Path, ...]:
    """Three practices with one, two and three injections of May 2026."""
    return tuple(
        make_practice(tmp_path, str(n), f"A8100{n}", tuple(f"2026-05-{31 - day}" for day in range(n)))
        for n in (1, 2, 3)
    )


@pytest.fixture
def members_file(tmp_path: Path) -> Callable[[str], Path]:
    """Writes MEMBERS with the given lines."""

    def write(lines: str) -> Path:
        path = tmp_path / "members.csv"
        head = "ods_code,name,network_code,network_name,from,to,list_size,women_15_44\n"
        path.write_text(head + lines, encoding="utf-8")
        return path

    return write
