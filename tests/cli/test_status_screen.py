"""The morning on one screen: overdue first, every service named, each pound once, and a next command that works."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lescli.operations.month_failed import failure_file
from lescli.services import load_catalog
from lescli.store.database.connection import connect_found

HEADER = "nhs_number,family_name,date_of_birth,date,code,consultation_type\n"
ANN, BEA = "9990000018", "9990000026"
Run = Callable[..., Any]


@pytest.fixture
def les(tmp_path: Path, les_here: Run) -> Run:
    def run(*words: object) -> Any:
        return les_here(*map(str, words), store=tmp_path / "practice.les")

    assert run("init", "--practice", "A82038", "--name", "Test").code == 0
    assert run("services", "sign", "denosumab", "--from", "2026-04-01").code == 0
    export = tmp_path / "export.csv"
    export.write_text(
        f"{HEADER}{ANN},A,1950-02-01,2026-04-10,700139004,Home visit\n"
        f"{BEA},B,1950-02-01,2026-05-20,700139004,Home visit\n",
        encoding="utf-8",
    )
    assert run("import", export).code == 0
    return run


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("as_of", "heading", "words"),
    [
        ("2026-06-09", "Coming", "tomorrow"),
        ("2026-06-10", "Coming", "today"),
        ("2026-06-11", "Late", "1 day late"),
    ],
)
def test_a_claim_is_late_from_the_day_after_its_deadline(les: Run, as_of: str, heading: str, words: str) -> None:
    les("claim", "denosumab", "--month", "2026-04", "--as-of", "2026-05-05", "--submit", "--by", "A")
    shown = les("status", "--as-of", as_of)
    block = next(one for one in shown.out.split("\n\n") if one.startswith(heading))
    (due,) = les("status", "--as-of", as_of, "--json").json["deadlines"]
    assert f"denosumab {words}: claim for 2026-05, £20.00, to {due['to']}, by 10 Jun 2026" in flat(block)
    assert (shown.code == 3) is (heading == "Late")


def test_what_is_late_comes_first_and_the_next_command_works(les: Run) -> None:
    shown = les("status", "--as-of", "2026-06-11")
    assert shown.out.split("\n\n")[1].startswith("Late\n")
    command = shown.out.rstrip("\n").rsplit("Next: les ", 1)[1]
    assert command == "claim denosumab --month 2026-04"
    assert les(*command.split(), "--as-of", "2026-06-11").code in (0, 3)


def test_with_one_service_it_fits_a_screen(les: Run) -> None:
    lines = les("status", "--as-of", "2026-06-11").out.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80


def test_money_is_owed_paid_too_much_and_to_be_reversed(les: Run, tmp_path: Path) -> None:
    for month in ("2026-04", "2026-05"):
        les("claim", "denosumab", "--month", month, "--as-of", "2026-06-05", "--submit", "--by", "A")
    les("claims", "pay", "denosumab-2026-04", "--amount", "25.00", "--on", "2026-06-20")
    later = tmp_path / "later.csv"
    later.write_text(f"nhs_number,date_of_birth,died_on\n{BEA},1950-02-01,2026-05-01\n", encoding="utf-8")
    les("import", later)
    data = les("status", "--as-of", "2026-06-25", "--json").json
    assert (data["owed_pence"], data["overpaid_pence"]) == (2000, 500)
    assert (data["to_reverse"], data["to_reverse_pence"]) == (1, 2000)
    (row,) = data["services"]
    assert (row["owed_pence"], row["overpaid_pence"], row["to_reverse_pence"]) == (2000, 500, 2000)
    shown = flat(les("status", "--as-of", "2026-06-25").out)
    assert "paid too much £5.00: denosumab £5.00" in shown
    assert "to reverse £20.00: denosumab £20.00 of what is claimed" in shown
    # As on the day asked about: nothing was paid yet.
    assert les("status", "--as-of", "2026-06-19", "--json").json["owed_pence"] == 4000


def test_every_service_is_named_and_the_screen_can_be_read(les: Run, tmp_path: Path) -> None:
    names = [service.name for service in load_catalog((), ()).services]
    for name in names:
        les("services", "sign", name, "--from", "2026-04-01")
    shown = les("status", "--as-of", "2026-06-11")
    lines = shown.out.splitlines()
    assert not [name for name in names if not re.search(rf"(?<![\w-]){name}(?![\w-])", shown.out)]
    assert max(map(len, lines)) <= 80
    assert shown.err == ""
    page = tmp_path / "status.html"
    les("status", "--as-of", "2026-06-11", "--out", page)
    text = page.read_text(encoding="utf-8")
    assert not [name for name in names if name not in text]
    assert re.search(r"\d+ days? late", text)
    assert ">-" not in text


def test_a_failed_night_is_told_first(les: Run, tmp_path: Path) -> None:
    file = failure_file(tmp_path / "practice.les")
    file.write_text(f"denosumab: it failed\nfor {ANN}\nnext: les month 2026-05 --out months\n", encoding="utf-8")
    shown = les("status", "--as-of", "2026-05-25")
    assert shown.code == 3
    assert shown.out.split("\n\n")[1].startswith("The month that ran by itself\n")
    assert shown.out.endswith("Next: les month 2026-05 --out months\n")
    assert ANN not in shown.out
    assert les("status", "--as-of", "2026-05-25", "--json").json["month_failed"][0] == "denosumab: it failed"
    file.unlink()
    assert "month_failed" not in les("status", "--as-of", "2026-05-25", "--json").json


def test_an_empty_store_says_what_to_do(tmp_path: Path, les_here: Run) -> None:
    store = tmp_path / "empty.les"
    les_here("init", "--practice", "A82038", "--name", "Test", store=store)
    shown = les_here("status", "--as-of", "2026-06-11", store=store)
    assert "the store holds no activity yet" in flat(shown.out)
    assert "no contract is recorded yet" in flat(shown.out)
    assert shown.out.endswith("Next: les import --help\n")


def test_the_diary_has_no_past_day(les: Run, tmp_path: Path) -> None:
    diary = tmp_path / "diary.ics"
    les("status", "--as-of", "2026-06-11", "--out", diary)
    text = diary.read_text(encoding="utf-8").replace("\r\n ", "")
    days = re.findall(r"DTSTART;VALUE=DATE:(\d{8})", text)
    assert min(days) == "20260611"
    assert "SUMMARY:late: denosumab: submit the claim for 2026-04" in text


def test_the_recall_diary_has_clinics_and_no_past_day(les: Run, tmp_path: Path) -> None:
    diary = tmp_path / "recall.ics"
    # Ann is due on 10 October, Bea on 20 November.
    assert les("recall", "denosumab", "--as-of", "2026-11-01", "--out", diary).code in (0, 3)
    text = diary.read_text(encoding="utf-8").replace("\r\n ", "")
    assert re.findall(r"DTSTART;VALUE=DATE:(\d{8})", text) == ["20261101", "20261120"]
    assert "SUMMARY:denosumab: 1 overdue for recall" in text
    assert "SUMMARY:denosumab: 1 due for recall" in text


def test_a_service_that_cannot_be_asked_is_named_and_hides_no_other(les: Run, tmp_path: Path) -> None:
    connection, _ = connect_found(tmp_path / "practice.les")
    connection.execute("INSERT INTO folder_service VALUES ('broken', 'nonsense = [', 'x')")
    connection.execute("INSERT INTO signature (service, start_on, source) VALUES ('broken', '2026-04-01', '')")
    connection.close()
    shown = les("status", "--as-of", "2026-06-11")
    assert (shown.code, "broken: " in shown.err) == (3, True)
    assert shown.out.split("\n\n")[1].startswith("Not answered\n  broken")
    assert "denosumab" in shown.out
