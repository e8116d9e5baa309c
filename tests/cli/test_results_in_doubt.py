"""A result that is hardly possible is counted by the import and the status, and listed by the register."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lescli.testing import nhs_number

ANN, BEA, CAT = (nhs_number(place) for place in range(3))
HEADER = "nhs_number,date_of_birth,date,code,code_system,value,source_id\n"
TOLD = "anticoag: {} to correct or confirm; `les register anticoag` lists whose and how"


Run = Callable[..., Any]


@pytest.fixture
def les(tmp_path: Path, les_here: Run) -> Run:
    def run(*arguments: str) -> Any:
        return les_here(*arguments, store=tmp_path / "practice.les")

    run("init", "--practice", "A82038", "--name", "Test")
    run("services", "sign", "anticoag", "--from", "2020-04-01")
    return run


def take(les: Run, folder: Path, *rows: str) -> Any:
    path = folder / "results.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return les("import", str(path), "--as-of", "2020-09-05")


def waiting(les: Run, as_of: str = "2020-09-05") -> int:
    (row,) = les("status", "--as-of", as_of, "--json").json["services"]
    return int(row["results_in_doubt"])


def test_it_is_counted_at_import_and_in_status_and_listed(les: Run, tmp_path: Path) -> None:
    found = take(
        les,
        tmp_path,
        f"{ANN},1948-03-02,2020-08-01,66QD,read2,,a",
        f"{ANN},1948-03-02,2020-08-29,165581004,snomed,25,b",
        f"{BEA},1948-03-02,2020-08-01,66QD,read2,,c",
        f"{BEA},1948-03-02,2020-08-29,165581004,snomed,abc,d",
        f"{BEA},1948-03-02,2020-08-30,165581004,snomed,0.1,e",
        # Sound, and on no register.
        f"{CAT},1948-03-02,2020-08-01,66QD,read2,,f",
        f"{CAT},1948-03-02,2020-08-29,165581004,snomed,2.5,g",
        f"{nhs_number(3)},1948-03-02,2020-08-29,165581004,snomed,26,h",
    )
    told = TOLD.format("2 patients have 3 results")
    assert (found.code, told in found.err) == (3, True), found
    done = les("status", "--as-of", "2020-09-05", "--json")
    assert (done.code, told in done.err) == (3, True)
    assert not [who for who in (ANN, BEA) if who in done.out + done.err + found.err]
    assert waiting(les) == 3
    listed = les("register", "anticoag", "--as-of", "2020-09-05")
    assert listed.code == 3 and told in listed.err and "Results to correct or confirm" in listed.out
    called = les("recall", "anticoag", "--as-of", "2020-09-05", "--json").json["recalls"]
    notes = {(one["nhs_number"], bool(one["note"])) for one in called if one["kind"] == "inr"}
    assert notes == {(ANN, True), (BEA, True), (CAT, False)}


def test_corrected_or_confirmed_it_is_not(les: Run, tmp_path: Path) -> None:
    rows = [f"{ANN},1948-03-02,2020-08-01,66QD,read2,,a", f"{ANN},1948-03-02,2020-08-29,165581004,snomed,25,b"]
    assert take(les, tmp_path, *rows).code == 3
    # No other result has come, so it still waits.
    assert take(les, tmp_path, *rows, f"{BEA},1948-03-02,2020-08-01,66QD,read2,,c").code == 3
    day = "2020-08-29"
    les("register", "anticoag", "--add", ANN, "--set", f"inr_confirmed_on={day}", "--from", day)
    assert "to correct or confirm" not in les("status", "--as-of", "2020-09-05", "--json").err
    assert waiting(les) == 0
    corrected = [rows[0], rows[1].replace(",25,", ",2.5,"), f"{BEA},1948-03-02,2020-08-01,66QD,read2,,c"]
    assert take(les, tmp_path, *corrected).code == 0


def test_an_old_one_waits_while_nothing_newer_was_measured(les: Run, tmp_path: Path) -> None:
    code, old = f"{ANN},1948-03-02,2020-04-01,66QD,read2,,a", f"{ANN},1948-03-02,2020-04-02,165581004,snomed,25,b"
    take(les, tmp_path, code, old)
    assert waiting(les, "2021-03-01") == 1
    take(les, tmp_path, code, old, f"{ANN},1948-03-02,2020-06-02,165581004,snomed,2.5,c")
    assert waiting(les, "2021-03-01") == 0


def test_a_dry_run_says_it_too(les: Run, tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    rows = f"{ANN},1948-03-02,2020-08-01,66QD,read2,,a\n{ANN},1948-03-02,2020-08-29,165581004,snomed,25,b\n"
    path.write_text(HEADER + rows, encoding="utf-8")
    done = les("import", str(path), "--dry-run", "--as-of", "2020-09-05")
    assert (done.code, TOLD.format("1 patient has 1 result") in done.err) == (3, True), done.err
    assert waiting(les) == 0
