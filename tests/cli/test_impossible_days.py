"""An impossible day is quarantined with its reason, in every profile, and never taken in without a word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import ANN, Les

HEADER = "nhs_number,date_of_birth,registered_on,left_on,died_on,date,code,consultation_type"
DONE = "700139004,Face to face consultation"
EMIS = """LES,,,,,
Last Run:,,,05/06/2026 09:14,,
Patient Details,,,Denosumab,,
NHS Number,Date of Birth,Date of Registration,SNOMED Code,Date,Consultation Type
999 000 0018,02-Mar-1948,05-Jan-2010,700139004,{day},Face to face consultation
"""
SYSTMONE = """NHS number,Date of birth,Registration date,Event date,SNOMED code,Consultation type,Event done by
999 000 0018,02 Mar 1948,05 Jan 2010,{day},700139004,Face to face consultation,B Carr
"""
LES = f"{HEADER}\n{ANN},1948-03-02,2010-01-05,,,{{day}},{DONE}\n"
AFTER = "date: it is after the day the file was made"
BEFORE = "date: it is before the date of birth"


def bundle(day: str) -> str:
    person = {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": ANN}],
        "birthDate": "1948-03-02",
    }
    done = {
        "resourceType": "Observation",
        "id": "a1",
        "status": "final",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "700139004"}]},
        "effectiveDateTime": day,
    }
    # In Greenwich it is still 4 June.
    written = {"resourceType": "List", "title": "x", "date": "2026-06-04T23:30:00+00:00"}
    entries = [{"resource": each} for each in (person, done, written)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, indent=1)


@pytest.fixture
def store(tmp_path: Path, les_here: Les) -> Path:
    store = tmp_path / "practice.les"
    les_here("init", "--practice", "A82038", "--name", "Test", store=store)
    les_here("services", "sign", "denosumab", "--from", "2026-04-01", store=store)
    return store


@pytest.fixture
def taken(tmp_path: Path, les_here: Les, store: Path):
    def take(text: str, name: str = "a.csv", on: str = "2026-06-05", *more: str) -> list[str]:
        (tmp_path / name).write_text(text, encoding="utf-8")
        done = les_here("import", name, "--json", "--as-of", on, *more, store=store)
        waits = done.json["quarantine"] or "day of the death not recorded" in done.err
        assert done.code == (3 if waits else 0)
        return [reason for row in done.json["quarantine"] for reason in row["reasons"]]

    return take


@pytest.mark.parametrize(
    ("day", "reasons"),
    [
        ("2026-06-04", []),
        ("2026-06-05", []),
        ("2026-06-06", [AFTER]),
        ("2027-05-03", [AFTER]),
        ("1948-03-02", []),
        ("1948-03-01", [BEFORE]),
    ],
)
@pytest.mark.parametrize("profile", ["les", "emis", "systmone", "gpconnect"])
def test_an_entry_after_its_file_or_before_the_birth(profile: str, day: str, reasons: list[str], taken) -> None:
    text = bundle(day) if profile == "gpconnect" else {"les": LES, "emis": EMIS, "systmone": SYSTMONE}[profile]
    name = "a.json" if profile == "gpconnect" else "a.csv"
    # A file with its own date is judged by that date, whenever it is imported.
    on = "2026-06-05" if profile in ("les", "systmone") else "2027-12-01"
    assert taken(text if profile == "gpconnect" else text.format(day=day), name, on) == reasons


def test_it_is_claimed_in_no_year(taken, les_here: Les, store: Path) -> None:
    with_id = f"{HEADER},source_id\n{ANN},1948-03-02,,,,{{day}},{DONE},e1\n"
    taken(with_id.format(day="2027-03-03"))
    claim = les_here("claim", "denosumab", "--month", "2027-03", "--json", "--as-of", "2027-04-05", store=store)
    assert claim.json["considered"] == 0
    reasons = les_here("quarantine", "--json", store=store).json["reasons"]
    assert [(one["reason"], one["mend"]) for one in reasons] == [(AFTER, "the coded entry")]
    # Corrected in a newer file, it leaves the list.
    assert taken(with_id.format(day="2026-03-03"), "b.csv") == []
    assert les_here("quarantine", "--json", store=store).json["count"] == 0


@pytest.mark.parametrize(
    ("born", "registered", "left", "died", "reasons"),
    [
        ("1948-03-02", "1948-03-02", "", "", []),
        ("1948-03-02", "1948-03-01", "", "", ["registered_on: it is before the date of birth"]),
        ("1948-03-02", "", "1948-03-01", "", ["left_on: it is before the date of birth"]),
        ("1948-03-02", "", "", "1948-03-01", ["died_on: it is before the date of birth"]),
        ("1948-03-02", "2010-01-05", "2010-01-04", "", ["left_on: it is before registered_on"]),
        ("1948-03-02", "2010-01-05", "", "2010-01-05", []),
        ("1948-03-02", "2010-01-05", "", "2010-01-04", ["registered_on: it is after died_on"]),
        ("1948-03-02", "2010-01-05", "2026-05-03", "2026-05-02", []),
        ("1948-03-02", "", "", "2026-06-05", []),
        ("1948-03-02", "", "", "2026-06-06", []),
        ("2026-06-06", "", "", "", ["date_of_birth: it is after the day the file was made"]),
        # Planned ahead, both can be.
        ("1948-03-02", "2026-06-06", "2026-07-01", "", []),
        ("2025-03-02", "2010-01-05", "", "", ["registered_on: it is before the date of birth"]),
    ],
)
def test_days_of_one_row_that_contradict_one_another(
    born: str, registered: str, left: str, died: str, reasons: list[str], taken
) -> None:
    assert taken(f"{HEADER}\n{ANN},{born},{registered},{left},{died},,,\n") == reasons


@pytest.mark.parametrize(
    ("header", "cells", "reasons"),
    [
        ("date,code", "1948-03-01,700139004", [BEFORE]),
        ("date,code", "1948-03-02,700139004", []),
        ("registered_on", "1948-03-01", ["registered_on: it is before the date of birth"]),
        ("left_on", "1948-03-01", ["left_on: it is before the date of birth"]),
        ("died_on", "1948-03-01", ["died_on: it is before the date of birth"]),
        ("died_on", "1947", ["died_on: it is before the date of birth"]),
        ("died_on", "1948", []),
    ],
)
def test_days_that_contradict_what_another_file_told(header: str, cells: str, reasons: list[str], taken) -> None:
    assert taken(f"{HEADER}\n{ANN},1948-03-02,,,,,,\n") == []
    assert taken(f"nhs_number,{header}\n{ANN},{cells}\n", "b.csv") == reasons


def test_many_rows_at_once_are_looked_at_as_well(taken) -> None:
    rows = "".join(f"{ANN},1948-03-02,{year}-03-01,700139004,{year}\n" for year in (1947, 1948, *range(2000, 2030)))
    assert taken(f"nhs_number,date_of_birth,date,code,value\n{rows}") == [BEFORE, BEFORE, AFTER, AFTER, AFTER]
    later = "".join(f"{ANN},{year}-03-02,700139004,{year}\n" for year in (2001, 1947, 1948, 2026, 2027))
    assert taken(f"nhs_number,date,code,value\n{later}", "b.csv") == [BEFORE, AFTER]


def test_a_row_that_waited_is_looked_at_when_its_patient_is_known(taken, les_here: Les, store: Path) -> None:
    rows = f"{ANN},1948-03-01,700139004\n{ANN},1948-03-02,700139004\n"
    assert len(taken(f"nhs_number,date,code\n{rows}")) == 2
    assert taken(f"nhs_number,date_of_birth\n{ANN},1948-03-02\n", "b.csv") == []
    reasons = les_here("quarantine", "--json", store=store).json["reasons"]
    assert [(one["reason"], one["count"]) for one in reasons] == [(BEFORE, 1)]
    # The same in one file.
    both = "nhs_number,date_of_birth,date,code\n9990000026,,1948-03-01,700139004\n9990000026,1948-03-02,,\n"
    assert taken(both, "c.csv") == [BEFORE]


@pytest.mark.parametrize(("died", "said", "recalled"), [("2026-06-05", 0, 0), ("2026-06-06", 1, 1)])
def test_a_death_ahead_is_said_and_holds_from_its_day(
    died: str, said: int, recalled: int, tmp_path: Path, les_here: Les, store: Path
) -> None:
    text = f"{HEADER}\n{ANN},1948-03-02,2010-01-05,,{died},2026-05-04,{DONE}\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    done = les_here("import", "a.csv", "--as-of", "2026-06-05", store=store)
    assert (done.out + done.err).count("a date of death is after the day the file was made") == said

    def called(on: str) -> int:
        return len(les_here("recall", "--json", "--as-of", on, store=store).json["recalls"])

    assert [called("2026-06-05"), called("2026-11-05")] == [recalled, 0]
    claim = les_here("claim", "denosumab", "--month", "2026-05", "--json", "--as-of", "2026-06-05", store=store)
    assert claim.json["verdicts"]["payable"] == 1
