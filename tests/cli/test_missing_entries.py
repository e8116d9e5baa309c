"""Entries of an earlier export that a newer one covers and lacks are listed, and never removed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from lescli.store import open_store
from lescli.store.intake.missing import ABSENT, FORGET, HELD
from tests.cli.conftest import ANN, BEN, CAT, Les

DAN = "9990000042"
PEOPLE = (ANN, BEN, CAT, DAN)
HEADER = "nhs_number,date_of_birth,date,code,consultation_type"
MISSING = "not in the newest export of that period"
EMIS = """LES,,,,
Last Run:,,,{run} 09:14,
Patient Details,,Denosumab,,
NHS Number,Date of Birth,SNOMED Code,Date,Consultation Type
"""
Rows = Iterable[tuple[str, str]]


class Practice:
    """A practice that imports one export after the other, as of 8 June unless said otherwise."""

    def __init__(self, folder: Path, les: Les) -> None:
        self.les, self.folder, self.store, self.files = les, folder, folder / "practice.les", 0
        les("init", "--practice", "A82038", "--name", "Test", store=self.store)
        les("services", "sign", "denosumab", "--from", "2026-04-01", store=self.store)

    def __call__(self, *arguments: str, on: str = "2026-06-08"):
        return self.les(*arguments, "--as-of", on, store=self.store)

    def text(self, text: str, name: str = "", on: str = "2026-06-08") -> list[tuple[str, str]]:
        """The doubts that the file raises: fact, and day of the entry."""
        self.files += 1
        name = name or f"{self.files}.csv"
        (self.folder / name).write_text(text, encoding="utf-8")
        done = self("import", name, "--json", on=on)
        found = [(one["fact"], one["held"][:10]) for one in done.json["doubts"]]
        assert done.code == (3 if found or done.json["quarantine"] or done.json["discrepancies"] else 0)
        return found

    def file(self, rows: Rows, *, more: str = "", header: str = HEADER) -> list[tuple[str, str]]:
        cells = [f"{who},1948-03-02,{day},700139004,Face to face" for who, day in rows]
        # The same bytes twice are one file, so a comment column makes them differ.
        return self.text("\n".join([f"{header},nth", *(f"{row},{self.files}" for row in cells), *more.split()]) + "\n")

    def emis(self, run: str, rows: Rows) -> list[tuple[str, str]]:
        cells = [f"{who},02-Mar-1948,700139004,{day},Face to face consultation" for who, day in rows]
        return self.text(EMIS.format(run=run) + "\n".join(cells) + "\n", on="2026-11-20")

    def doubts(self) -> list[tuple[str, str, str, str]]:
        found = self("patients", "doubts", "--json").json["doubts"]
        return [(one["nhs_number"], one["fact"], one["held"][:10], one["claimed"]) for one in found]

    def claim(self, month: str) -> None:
        assert self("claim", "denosumab", "--month", month, "--submit", "--by", "A").code in (0, 3)


@pytest.fixture
def practice(tmp_path: Path, les_here: Les) -> Practice:
    return Practice(tmp_path, les_here)


MAY = [(ANN, "2026-05-08"), (BEN, "2026-05-04"), (CAT, "2026-05-06"), (DAN, "2026-05-11")]


def test_a_claimed_entry_that_the_next_export_lacks_is_listed_and_stays_claimed(practice: Practice) -> None:
    assert practice.file(MAY) == []
    practice.claim("2026-05")
    assert practice.file([(ANN, "2026-04-09"), *MAY[1:]]) == [("entry", "2026-05-08")]
    (found,) = practice.doubts()
    assert found[:3] == (ANN, "entry", "2026-05-08")
    assert found[3].startswith("denosumab-2026-05 row ")
    claims = practice("claims", "--to-reverse", "--json")
    assert claims.code == 3
    assert claims.json["to_reverse"] == []
    assert [(one["claim_id"], one["amount_pence"], one["reason"]) for one in claims.json["in_doubt"]] == [
        ("denosumab-2026-05", 2000, MISSING)
    ]
    assert claims.json["claims"][0]["reversed_pence"] == 0
    assert MISSING in practice("claims", "--to-reverse").out
    shown = practice("claims", "show", "denosumab-2026-05", "--json").json
    assert shown["in_doubt"] == claims.json["in_doubt"]
    assert f"look at it first: {MISSING}" in practice("claims", "show", "denosumab-2026-05").out
    status = practice("status", "--json")
    assert status.json["doubts"] == [{"fact": "entry", "title": MISSING, "count": 1}]


def test_an_emis_report_with_one_date_corrected(practice: Practice) -> None:
    practice.emis("05/06/2026", [(ANN, "08-May-2026")])
    assert practice.emis("05/07/2026", [(ANN, "09-Apr-2026")]) == [("entry", "2026-05-08")]


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("2026-05-04", []),  # before the first entry of the newer export
        ("2026-05-05", ["2026-05-05"]),
        ("2026-05-11", ["2026-05-11"]),
        ("2026-05-12", []),  # after its last
    ],
)
def test_only_the_days_that_the_newer_export_covers(practice: Practice, missing: str, told: list[str]) -> None:
    both = [(BEN, "2026-05-05"), (CAT, "2026-05-11")]
    practice.file([(ANN, missing), *both])
    assert practice.file(both) == [("entry", day) for day in told]


def test_the_export_of_the_next_month_says_nothing_of_the_last(practice: Practice) -> None:
    practice.file([(who, f"2026-04-{day:02d}") for day, who in enumerate(PEOPLE, start=10)])
    assert practice.file([(who, f"2026-05-{day:02d}") for day, who in enumerate(PEOPLE, start=10)]) == []
    # Nor does an earlier month imported late, nor an overlapping export that holds every entry.
    assert practice.file([(who, f"2026-03-{day:02d}") for day, who in enumerate(PEOPLE, start=10)]) == []
    assert practice.file([(who, f"2026-04-{day:02d}") for day, who in enumerate(PEOPLE, start=10)]) == []
    assert practice.doubts() == []


def test_another_selection_or_another_kind_of_export_says_nothing(practice: Practice) -> None:
    practice.file(MAY)
    # Other patients of the same days; the same patients on other days; other columns; another code.
    assert practice.file([(who, f"2026-05-{day:02d}") for day, who in enumerate(PEOPLE, start=1)]) == []
    assert practice.file([("9990000050", "2026-05-01"), ("9990000069", "2026-05-29")]) == []
    assert practice.text(f"{HEADER},clinician\n{BEN},1948-03-02,2026-05-12,700139004,Face to face,B\n") == []
    assert (
        practice.text(f"{HEADER},nth\n{BEN},1948-03-02,2026-05-01,165581004,,\n{BEN},,2026-05-30,165581004,,\n") == []
    )
    assert practice.doubts() == []


def test_the_same_file_twice_and_one_more_of_the_very_same_row(practice: Practice) -> None:
    twice = [MAY[1], MAY[0], MAY[0], MAY[3]]
    practice.file(twice)
    assert practice.file(twice) == []
    assert practice.file(list(dict.fromkeys(twice))) == [("entry", "2026-05-08")]
    assert practice.file(twice) == []
    assert practice.doubts() == []


def test_a_later_export_that_holds_it_again_clears_the_doubt(practice: Practice) -> None:
    practice.file(MAY)
    assert practice.file(MAY[1:]) == [("entry", "2026-05-08")]
    practice.file(MAY)
    assert practice.doubts() == []


def test_an_older_export_takes_and_clears_nothing(practice: Practice) -> None:
    rows = [(who, f"{day[8:]}-May-2026") for who, day in MAY]
    practice.emis("05/07/2026", rows)
    assert practice.emis("05/06/2026", rows[1:]) == []
    assert practice.emis("05/08/2026", rows[1:]) == [("entry", "2026-05-08")]
    practice.emis("06/06/2026", rows)
    assert len(practice.doubts()) == 1


@pytest.mark.parametrize("cells", ["2026-05,700139004", "08/05/20266,700139004", "2026-05-08,70013900x"])
def test_what_was_put_aside_is_still_there(practice: Practice, cells: str) -> None:
    practice.file(MAY)
    assert practice.file(MAY[1:], more=f"{ANN},1948-03-02,{cells},Face,9") == [("entry-aside", "2026-05-08")]
    assert practice("claims", "--json").json["to_reverse"] == []
    # The word in the list is the word to type, and the cure works as printed.
    (listed,) = practice("patients", "doubts", "--json").json["doubts"]
    assert listed["fix"] == "les patients settle NHS --fact entry-aside --day 2026-05-08 --as stated --reason TEXT"
    done = practice(*listed["fix"].replace("NHS", ANN).split()[1:])
    assert (done.code, "1 entry of 08 May 2026, it stands" in done.err) == (0, True)
    again = practice(*listed["fix"].replace("NHS", ANN).replace("stated", "withdrawn").split()[1:])
    assert (again.code, "it is withdrawn; this replaces an earlier answer" in again.err) == (0, True)


def test_by_its_id_it_is_told_again(practice: Practice) -> None:
    header = "nhs_number,date_of_birth,source_id,date,code"
    rows = [f"{who},1948-03-02,e{nth},{day},700139004" for nth, (who, day) in enumerate(MAY)]
    practice.text("\n".join([header, *rows]) + "\n")
    assert practice.text("\n".join([header, *rows[1:], ""]) + "\n") == [("entry", "2026-05-08")]
    assert practice.text("\n".join([header, *reversed(rows)]) + "\n") == []
    assert practice.doubts() == []
    partial = rows[0].replace("2026-05-08", "2026-05")
    assert practice.text("\n".join([header, *rows[1:], partial]) + "\n") == [("entry-aside", "2026-05-08")]


@pytest.mark.parametrize(("as_", "reversals"), [("stated", 0), ("withdrawn", 1)])
def test_a_person_settles_it(practice: Practice, as_: str, reversals: int) -> None:
    practice.file(MAY)
    practice.claim("2026-05")
    practice.file(MAY[1:])
    settle = ("patients", "settle", ANN, "--fact", "entry", "--as", as_, "--reason", "seen in the record")
    assert practice(*settle).code == 2
    assert practice(*settle, "--day", "2026-05-07").code == 1
    assert practice(*settle, "--day", "2026-05-08").code == 0
    assert practice.doubts() == []
    claims = practice("claims", "--json").json
    assert (len(claims["to_reverse"]), claims["in_doubt"]) == (reversals, [])
    # An entry that the next export lacks too is no new doubt.
    practice.file(MAY[1:])
    assert practice.doubts() == []
    verified = practice("verify")
    assert verified.code == 0, verified.out


def test_a_whole_record_that_holds_it_unreadable_names_it(practice: Practice) -> None:
    def record(moment: str, day: str) -> str:
        person = {
            "resourceType": "Patient",
            "id": "p1",
            "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": ANN}],
            "birthDate": "1948-03-02",
        }
        done = [
            {
                "resourceType": "Observation",
                "id": name,
                "identifier": [{"system": "https://EMISWeb/A82038", "value": name}],
                "status": "final",
                "code": {"coding": [{"system": "http://snomed.info/sct", "code": "700139004"}]},
                "effectiveDateTime": when,
            }
            for name, when in (("a1", day), ("a2", "2025-11-04"))
        ]
        entries = [person, *done, {"resourceType": "List", "title": "x", "date": moment}]
        found = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in entries]}
        return json.dumps(found, indent=1)

    practice.text(record("2026-06-01T10:00:00+01:00", "2026-05-04"), "a.json")
    told = practice.text(record("2026-07-01T10:00:00+01:00", "2026-05"), "b.json", on="2026-07-02")
    assert told == [("entry-aside", "2026-05-04")]


def test_a_large_export_is_compared_by_index(practice: Practice) -> None:
    practice.file(MAY)
    practice.file(MAY[1:])
    with open_store(practice.store) as store:
        store.connection.execute("CREATE TEMP TABLE met (id INTEGER PRIMARY KEY, times INTEGER NOT NULL)")
        plan = store.rows(f"EXPLAIN QUERY PLAN {ABSENT}", 1, "", "9", 5, "", "", "", "", "")
        steps = " ".join(row[3] for row in plan)
        held = [row[3] for row in store.rows(f"EXPLAIN QUERY PLAN {HELD}", 1, "", "9", 5, "", "", "", "", "")]
        forget = [row[3] for row in store.rows(f"EXPLAIN QUERY PLAN {FORGET}", 1)]
    assert "SCAN g" in forget
    assert "activity_by_code" in steps
    assert "SCAN a" not in steps
    # What a file holds is counted from the rows it met, so a small file into a large store costs little.
    assert [step for step in held if step.startswith("SCAN")] == ["SCAN m", "SCAN m", "SCAN p"]
    assert [step for step in held if step.startswith("SEARCH r ")] == [
        "SEARCH r USING INDEX activity_identity (day=? AND patient_id=? AND act_id=? AND value=? AND n>? AND n<?)"
    ]
