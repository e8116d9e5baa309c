"""Rows in quarantine that hold a service's codes: status, claim, report and explain report them."""

from __future__ import annotations

import json

import pytest

from .conftest import ANN, BEN, CAT, HEADER

DAY = "2026-06-05"
NO_DAY = f"{ANN},Sentinelle,Philippa,1948-03-02,female,2010-01-05,2026-02-30,700139004,Denosumab,Home visit,B Carr,"
BAD_SEX = f"{BEN},Older,Ben,1940-07-09,M?,2011-02-06,2026-05-06,700139004,Denosumab,Home visit,B Carr,"
NO_CODE = f"{CAT},Third,Cat,1951-11-30,female,2012-03-07,2026-05-07,70013900x,Denosumab,Home visit,B Carr,"
OTHER = f"{CAT},Third,Cat,1951-11-30,female,2012-03-07,2026-02-30,163020007,Pressure,Home visit,B Carr,"
LATER = f"{CAT},Third,Cat,1951-11-30,M?,2012-03-07,2026-06-03,700139004,Denosumab,Home visit,B Carr,"
SEX = "sex: it must be one of female, male, other, unknown"
NO_SUCH_DAY = "date: there is no such day in the calendar"


@pytest.fixture
def les(les_here, tmp_path):
    """`les` on a store with a signed contract, as of 5 June."""
    store = tmp_path / "practice.les"
    assert les_here("init", "--practice", "A82038", "--name", "Test", store=store).code == 0
    assert les_here("services", "sign", "denosumab", "--from", "2026-04-01", store=store).code == 0
    return lambda *arguments: les_here(*arguments, "--as-of", DAY, store=store)


@pytest.fixture
def take_in(les, tmp_path):
    def take_in(name: str, *rows: str):
        file = tmp_path / name
        file.write_text("\n".join((HEADER, *rows, "")), encoding="utf-8")
        return les("import", file)

    return take_in


def test_status_counts_them_by_service_and_needs_a_person(les, take_in):
    take_in("may.csv", NO_DAY, BAD_SEX, NO_CODE, OTHER)
    found = les("status", "--json")
    assert found.code == 3
    assert found.json["quarantine"] == {
        "rows": 4,
        "no_known_code": 1,
        "services": [
            {
                "service": "denosumab",
                "rows": 2,
                "days": ["2026-05-06"],
                "without_day": 1,
                "reasons": [{"reason": NO_SUCH_DAY, "count": 1}, {"reason": SEX, "count": 1}],
            }
        ],
    }
    assert "denosumab: 2 rows with its codes wait in quarantine (06 May 2026 and 1 without a day)" in found.err
    assert "1 row of no known code waits in quarantine: 1 × code" in found.err
    assert "`les quarantine --rows` shows them" in found.err
    assert "holds no activity yet" not in found.err


def test_status_says_nothing_of_an_empty_quarantine_or_of_other_codes_alone(les, take_in):
    assert les("status", "--json").json["quarantine"] == {"rows": 0, "no_known_code": 0, "services": []}
    take_in("may.csv", OTHER)
    found = les("status", "--json")
    assert (found.code, found.json["quarantine"]) == (0, {"rows": 1, "no_known_code": 0, "services": []})
    assert "everything waits in quarantine, 1 row" in found.err


def test_the_claim_reports_rows_in_quarantine(les, take_in):
    take_in("may.csv", NO_DAY, BAD_SEX, LATER)
    found = les("claim", "denosumab", "--month", "2026-05")
    assert found.code == 3
    assert "2 rows with its codes wait in quarantine" in found.err
    assert "no other activities, but rows with these codes wait in quarantine" in found.out
    assert les("claim", "denosumab", "--month", "2026-05", "--json").json["quarantine"]["rows"] == 2
    # A row dated after the month is not that month's work; a row without a day may be.
    assert les("claim", "denosumab", "--month", "2026-04", "--json").json["quarantine"]["rows"] == 1


def test_a_submitted_claim_reports_them_but_does_not_freeze_them(les, take_in):
    sound = NO_DAY.replace("2026-02-30", "2026-05-04")
    take_in("may.csv", sound, BAD_SEX)
    submit = ("claim", "denosumab", "--month", "2026-05", "--submit", "--by", "A. Admin", "--json")
    found = les(*submit)
    assert (found.code, found.json["status"], found.json["quarantine"]["rows"]) == (0, "submitted", 1)
    assert "1 row with its codes waits in quarantine" in found.err
    assert les(*submit[:4], "--json").code == 3
    take_in("june.csv", sound, BAD_SEX.replace("M?", "male"))
    found = les("claim", "denosumab", "--month", "2026-05", "--json")
    assert "quarantine" not in found.json
    assert found.json["found_later"]["count"] == 1


def test_the_report_notes_it_and_hides_it_with_small_numbers(les, take_in):
    take_in("may.csv", NO_DAY, BAD_SEX)
    asked = ("report", "denosumab", "--period", "2026-05", "--json")
    found = les(*asked)
    assert found.json["quarantine"]["rows"] == 2
    assert "2 rows with its codes wait in quarantine" in found.err
    assert "quarantine" not in les(*asked, "--suppress").json


def test_explain_says_where_the_number_is(les, take_in):
    take_in("may.csv", NO_DAY)
    found = les("explain", "denosumab", "--patient", ANN)
    assert found.code == 1
    assert "is in the store, but 1 row with it waits in quarantine; `les quarantine --rows` shows" in found.err
    assert "but" not in les("explain", "denosumab", "--patient", BEN).err
    take_in("april.csv", NO_DAY.replace("2026-02-30", "2026-04-05"))
    assert "1 row with its codes waits in quarantine" in les("explain", "denosumab", "--patient", ANN).err


def test_a_row_counts_once_whatever_files_tell_of_it(les, take_in):
    def waiting() -> int:
        return les("status", "--json").json["quarantine"]["rows"]

    take_in("may.csv", BAD_SEX)
    take_in("again.csv", NO_CODE, BAD_SEX)
    assert waiting() == 2
    # Written differently, so not the same row, but the same entry.
    take_in("other.csv", BAD_SEX.replace("M?", "X?").replace("Denosumab", "Injection"))
    assert waiting() == 2
    # Twice in one file are two entries.
    take_in("twice.csv", BAD_SEX.replace("M?", "Y?"), BAD_SEX.replace("M?", "Y?"))
    assert waiting() == 3


def test_a_mended_or_closed_row_no_longer_waits(les, take_in):
    take_in("may.csv", BAD_SEX, NO_DAY)
    take_in("june.csv", BAD_SEX.replace("M?", "male"))
    assert les("status", "--json").json["quarantine"]["rows"] == 1
    assert les("quarantine", "--settle", "may.csv:3", "--why", "no work of ours", "--by", "A. Admin").code == 0
    found = les("claim", "denosumab", "--month", "2026-05", "--json")
    assert (found.code, "quarantine" in found.json) == (0, False)


def test_recall_and_register_say_who_may_be_missing(les, take_in):
    for verb in ("recall", "register"):
        found = les(verb, "denosumab", "--json")
        assert (found.code, "quarantine" in found.json) == (0, False)
    take_in("may.csv", NO_DAY, BAD_SEX, OTHER)
    for verb in ("recall", "register"):
        found = les(verb, "denosumab", "--json")
        assert found.code == 3
        assert (
            found.err.count("denosumab: 2 rows with its codes wait in quarantine (06 May 2026 and 1 without a day)")
            == 1
        )
        waits = found.json["quarantine"]
        (waits,) = waits if verb == "recall" else (waits,)
        assert (waits["rows"], waits["days"], waits["without_day"]) == (2, ["2026-05-06"], 1)
    # A service whose codes no row has says nothing of it.
    assert les("recall", "anticoag", "--json").json.get("quarantine") is None
    take_in("later.csv", BAD_SEX.replace("M?", "male"), NO_DAY.replace("2026-02-30", "2026-05-04"))
    assert les("quarantine", "--settle", "may.csv:2", "--why", "entered anew", "--by", "A. Admin").code in (0, 1)
    assert les("recall", "denosumab").code == 0


def test_a_code_of_no_system_in_a_record_waits_and_is_told(les, tmp_path):
    def record(**code: str) -> str:
        patient = {
            "resourceType": "Patient",
            "id": "p1",
            "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": CAT}],
            "birthDate": "1951-11-30",
        }
        done = {
            "resourceType": "Observation",
            "id": "a1",
            "status": "final",
            "code": {"coding": [code]},
            "effectiveDateTime": "2026-05-04",
        }
        entries = [{"resource": each} for each in (patient, done)]
        return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})

    file = tmp_path / "record.json"
    file.write_text(record(code="700139004"), encoding="utf-8")
    done = les("import", file)
    assert done.code == 3
    found = les("status", "--json")
    assert (found.code, found.json["quarantine"]["services"][0]["days"]) == (3, ["2026-05-04"])
    assert (
        "1 row with its codes waits in quarantine (04 May 2026)" in les("claim", "denosumab", "--month", "2026-05").err
    )
    file.write_text(record(system="http://snomed.info/sct", code="700139004"), encoding="utf-8")
    assert les("import", file).code == 0
    assert les("claim", "denosumab", "--month", "2026-05", "--json").json["considered"] == 1
