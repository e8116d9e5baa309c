"""A patient known to have died on an unrecorded day: never recalled, and paid for until then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import ANN, Les

HEADER = "nhs_number,date_of_birth,registered_on,died_on,deceased,date,code,consultation_type"
WORK = "2026-05-04,700139004,Face to face consultation"
EMIS = """LES,,,,,,,,
Last Run:,,,05/06/2026 09:14,,,,,
Patient Details,,,,,Denosumab,,,
NHS Number,Date of Birth,Date of Registration,Date of Death,Deceased,SNOMED CT Concept ID,Date,Consultation Type,
{ann},02-Mar-1948,05-Jan-2010,{died},{deceased},700139004,04-May-2026,Face to face consultation,
"""


def bundle(**death: object) -> str:
    person = {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": ANN}],
        "birthDate": "1948-03-02",
    }
    met = {"resourceType": "Encounter", "id": "e1", "type": [{"text": "Face to face consultation"}]}
    done = {
        "resourceType": "Observation",
        "id": "a1",
        "status": "final",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "700139004"}]},
        "context": {"reference": "Encounter/e1"},
        "effectiveDateTime": "2026-05-04",
    }
    entries = [{"resource": each} for each in ({**person, **death}, met, done)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, indent=1)


FILES = {
    "les-yes": ("a.csv", f"{HEADER}\n{ANN},1948-03-02,2010-01-05,,yes,{WORK}\n"),
    "les-month": ("a.csv", f"{HEADER}\n{ANN},1948-03-02,2010-01-05,2026-06,,{WORK}\n"),
    "les-year": ("a.csv", f"{HEADER}\n{ANN},1948-03-02,2010-01-05,2026,yes,{WORK}\n"),
    "emis-yes": ("a.csv", EMIS.format(ann=ANN, died="", deceased="Yes")),
    "emis-month": ("a.csv", EMIS.format(ann=ANN, died="Jun-2026", deceased="")),
    "gpconnect-boolean": ("a.json", bundle(deceasedBoolean=True)),
    "gpconnect-month": ("a.json", bundle(deceasedDateTime="2026-08")),
}


@pytest.fixture
def store(tmp_path: Path, les_here: Les) -> Path:
    store = tmp_path / "practice.les"
    les_here("init", "--practice", "A82038", "--name", "Test", store=store)
    les_here("services", "sign", "denosumab", "--from", "2026-04-01", store=store)
    return store


@pytest.mark.parametrize("name", FILES)
def test_the_patient_is_not_recalled_and_work_done_before_is_paid(
    name: str, tmp_path: Path, les_here: Les, store: Path
) -> None:
    file, text = FILES[name]
    (tmp_path / file).write_text(text, encoding="utf-8")

    def ask(*arguments: str, on: str):
        return les_here(*arguments, "--as-of", on, store=store)

    assert ask("import", file, on="2026-06-05").code == 3
    # Dead from the first day it can have been: a month ahead is somebody's slip, and still a death.
    days = ("2026-11-20",) if name == "gpconnect-month" else ("2026-06-06", "2026-11-20")
    assert [ask("recall", "--json", on=day).json["recalls"] for day in days] == [[]] * len(days)
    claim = ask("claim", "denosumab", "--month", "2026-05", "--json", on="2026-06-08")
    assert claim.json["verdicts"]["payable"] == 1, claim.out
    status = ask("status", on="2026-11-20")
    assert "day of the death not recorded" in status.out
    # Once the day is known, nothing is left to ask.
    (tmp_path / "b.csv").write_text(f"{HEADER}\n{ANN},,,2026-06-04,,{WORK}\n", encoding="utf-8")
    ask("import", "b.csv", on="2026-11-20")
    later = ask("status", on="2026-11-20")
    assert "day of the death" not in later.out
    told = ask("explain", "denosumab", "--patient", ANN, "--json", on="2026-11-20").json["answers"]
    assert {"died 04 Jun 2026"} == {one["answer"] for one in told if one["rule"] == "alive?"}


@pytest.mark.parametrize(
    ("day", "verdict"), [("2026-06-04", "payable"), ("2026-06-05", "payable"), ("2026-06-06", "check")]
)
def test_work_up_to_the_day_of_the_extract_stands(
    day: str, verdict: str, tmp_path: Path, les_here: Les, store: Path
) -> None:
    rows = (f"{ANN},1948-03-02,2010-01-05,,yes,,,", f"{ANN},,,,,{day},700139004,Face to face consultation")
    for number, row in enumerate(rows):
        (tmp_path / f"{number}.csv").write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    les_here("import", "0.csv", "--as-of", "2026-06-05", store=store)
    les_here("import", "1.csv", "--as-of", "2026-07-01", store=store)
    claim = les_here(
        "claim", "denosumab", "--month", "2026-06", "--rows", "--json", "--as-of", "2026-07-01", store=store
    )
    assert [row["verdict"] for row in claim.json["rows"]] == [verdict]


@pytest.mark.parametrize(
    ("died", "deceased", "why"),
    [
        ("2026-13", "", "died_on: not a date"),
        ("1947", "", "died_on: it is before the date of birth"),
        ("2026-05-20", "no", "deceased: it says no, but there is a date of death"),
        ("2026-05", "no", "deceased: it says no, but there is a date of death"),
        ("", "maybe", "deceased: it must be one of yes, no"),
    ],
)
def test_an_impossible_death_is_quarantined(
    died: str, deceased: str, why: str, tmp_path: Path, les_here: Les, store: Path
) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{ANN},1948-03-02,,{died},{deceased},{WORK}\n", encoding="utf-8")
    done = les_here("import", "a.csv", "--json", "--as-of", "2026-06-05", store=store)
    assert done.code == 3
    assert [each[: len(why)] for row in done.json["quarantine"] for each in row["reasons"]] == [why]


def test_explain_names_the_command_that_gives_the_day(store: Path, les_here: Les, tmp_path: Path) -> None:
    name, text = FILES["gpconnect-boolean"]
    (tmp_path / name).write_text(text, encoding="utf-8")
    les_here("import", tmp_path / name, "--as-of", "2026-06-05", store=store)
    (doubt,) = les_here("patients", "doubts", "--as-of", "2026-06-05", "--json", store=store).json["doubts"]
    cure = "les patients settle NHS --fact day-of-death --died-on DATE --as stated --reason TEXT"
    assert doubt["fix"] == cure
    explain = ("explain", "denosumab", "--patient", ANN, "--as-of", "2026-06-05")
    assert (
        f"record the day in the clinical system and import again, or give it with `{cure}`"
        in les_here(*explain, store=store).out
    )
    typed = cure.replace("NHS", ANN).replace("DATE", "2026-06-01").split()[1:]
    assert les_here(*typed, "--as-of", "2026-06-05", store=store).code == 0
    assert "died 01 Jun 2026" in les_here(*explain, store=store).out
