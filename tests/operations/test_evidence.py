"""A verification pack: its rows, the evidence they need, what is missing, and the same bytes every time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from typing import Any

import pytest

import lescli_denosumab
from lescli.calendar import Period
from lescli.errors import LesError
from lescli.operations.evidence import ALGORITHM, Sample, Verification, drawn, verification
from lescli.operations.evidence_view import manifest_of, rows_answer, summary_answer
from lescli.outputs.to_file import pack_files
from lescli.services import service_of
from lescli.store.ledger import write
from lescli.testing import Surgery

AS_OF = date(2026, 8, 1)
MAY = Period.parse("2026-05")


@pytest.fixture
def practice() -> Surgery:
    """Two months claimed; Ann's register is whole, Ben's is empty, Cat comes in June."""
    surgery = Surgery(
        service_of(lescli_denosumab, origin="package"),
        activity="""
            patient | date       | id | clinician | consultation type
            Ann     | 2026-05-04 | e1 | Nurse N   | Face to face
            Ben     | 2026-05-05 | e2 | Nurse N   | Face to face
            Cat     | 2026-06-02 | e3 | Nurse N   | Home visit
            Dee     | 2026-05-06 | e4 | Nurse N   | Telephone call
        """,
        register="""
            patient | entered    | from       | first_dose_on | management_plan_given_on | treatment_reason
            Ann     | 2026-01-01 | 2026-01-01 | 2025-11-04    | 2026-01-02               | osteoporosis
        """,
    )
    surgery.submit("2026-05", "2026-06-05")
    surgery.submit("2026-06", "2026-07-05")
    return surgery


def asked(practice: Surgery, period: Period = MAY, sample: Sample | None = None) -> Verification:
    return verification(practice.store, practice.service, period, AS_OF, sample)


def files(found: Verification) -> dict[str, bytes]:
    return pack_files(rows_answer(found), summary_answer(found), manifest_of(found))


def table(found: Verification) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files(found)["evidence.csv"].decode("utf-8-sig"), newline="")))


def test_the_pack_has_every_claimed_row_of_the_months_and_no_other(practice: Surgery) -> None:
    rows = table(asked(practice))
    assert [(row["claim_id"], row["date"], row["name"]) for row in rows] == [
        ("denosumab-2026-05", "2026-05-04", "ANN"),
        ("denosumab-2026-05", "2026-05-05", "BEN"),
    ]
    assert [row["claim_id"] for row in table(asked(practice, Period.parse("2026-27")))] == [
        "denosumab-2026-05",
        "denosumab-2026-05",
        "denosumab-2026-06",
    ]
    with pytest.raises(LesError, match="no row of denosumab was claimed in"):
        asked(practice, Period.parse("2026-04"))


def test_a_pack_asked_before_the_submission_reads_the_record_as_of_the_submission(practice: Surgery) -> None:
    early = verification(practice.store, practice.service, MAY, date(2026, 5, 4), None)
    assert (early.records.as_of, early.unsupported) == (date(2026, 6, 5), 0)
    # Whichever rows are drawn.
    whole = Period.parse("2026-27")
    assert {
        verification(practice.store, practice.service, whole, date(2026, 5, 4), sample).records.as_of
        for sample in (None, Sample(size=1, seed=1), Sample(size=1, seed=2), Sample(size=1, seed=3))
    } == {date(2026, 7, 5)}
    assert asked(practice).records.as_of == AS_OF


def test_the_pack_covers_whole_months_and_says_so(practice: Surgery) -> None:
    found = asked(practice, Period.parse("2026-05-31..2026-06-01"))
    assert len(found.rows) == 3
    assert found.period == Period.parse("2026-05-01..2026-06-30")
    assert manifest_of(found)["period"] == {"start": "2026-05-01", "end": "2026-06-30"}


def test_required_evidence_and_missing_evidence_are_shown_with_their_clause(practice: Surgery) -> None:
    ann, ben = table(asked(practice))
    assert ann["evidence_first_dose"] == "2025-11-04"
    assert ann["evidence_consultation"] == "Face to face"
    assert ann["evidence_reason"] == "osteoporosis"
    assert ann["missing"] == ""
    assert ben["evidence_first_dose"] == ""
    assert "First dose, given in secondary care (5 (2))" in ben["missing"]
    assert "Reason for treatment" not in ben["missing"]  # required wherever possible
    assert (ann["amount_pence"], ann["supported"], ann["changed_since"]) == ("2000", "yes", "")
    assert asked(practice).missing == 1
    (first, *_rest) = [grid for grid in summary_answer(asked(practice)).grids if grid.title == "Missing"]
    assert {row[3] for row in first.rows} == {"injection"}
    assert any("les register denosumab --add NHS" in str(row[6]) for row in first.rows)


def test_a_changed_entry_is_shown_beside_what_was_claimed(practice: Surgery) -> None:
    practice.add(activity="patient | date | id | clinician | consultation type\nAnn | 2026-05-04 | e1 | N | Telephone")
    practice.take_in([{"nhs_number": practice.numbers["Ben"], "source_id": "e2"}])
    ann, ben = table(asked(practice))
    assert ann["changed_since"] == "consultation type: Face to face -> Telephone"
    assert ann["consultation_type"] == "Telephone"
    assert "would not be paid today" in ann["supported"]
    assert ben["changed_since"] == "withdrawn from the record"
    # A withdrawn entry shows nothing.
    assert ben["evidence_claim_code"] == ""
    found = asked(practice)
    assert (found.unsupported, manifest_of(found)["changed"]) == (2, 2)


def test_a_reversed_row_is_marked_and_needs_no_evidence(practice: Surgery) -> None:
    with practice.store.writing():
        write.reverse(practice.store, "denosumab-2026-05", 2, reason="entered twice", on=date(2026, 7, 1))
    found = asked(practice)
    ben = table(found)[1]
    assert (ben["reversed_on"], ben["reversal_reason"]) == ("2026-07-01", "entered twice")
    assert (ben["missing"], ben["supported"]) == ("", "")
    assert found.missing == 0


def test_the_manifest_has_the_sum_of_every_other_file_and_names_nobody(practice: Surgery) -> None:
    found = asked(practice)
    made = files(found)
    manifest = json.loads(made["manifest.json"])
    assert {file["file"]: (file["sha256"], file["bytes"]) for file in manifest["files"]} == {
        name: (sha256(content).hexdigest(), len(content)) for name, content in made.items() if name != "manifest.json"
    }
    assert (manifest["rows"], manifest["claimed_rows"], manifest["patients"], manifest["missing"]) == (2, 2, 2, 1)
    assert [(one["claim_id"], one["rows"]) for one in manifest["claims"]] == [("denosumab-2026-05", 2)]
    assert manifest["claims"][0]["chain_head"] == found.rows[0].row.claim.chain_head
    for number in practice.numbers.values():
        assert number.encode() not in made["manifest.json"]
        assert number.encode() not in made["summary.html"]
    assert b"ANN" not in made["manifest.json"] + made["summary.html"]


def test_every_file_says_that_it_is_identifiable(practice: Surgery) -> None:
    import zipfile

    made = files(asked(practice))
    assert json.loads(made["manifest.json"])["identifiable"] is True
    for name in ("evidence.csv", "summary.html"):
        assert b"identifiable: names patients" in made[name]
    with zipfile.ZipFile(io.BytesIO(made["evidence.xlsx"])) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == 7
        assert all(b"identifiable: names patients" in book.read(name) for name in sheets)


def test_the_same_question_gives_the_same_bytes(practice: Surgery) -> None:
    sample = Sample(size=2, seed=7)
    whole = Period.parse("2026-27")
    assert files(asked(practice, whole, sample)) == files(asked(practice, whole, sample))


class Row:
    """The part of a claimed row that the draw uses."""

    def __init__(self, claim_id: str, row: int) -> None:
        self.claim = type("Claim", (), {"claim_id": claim_id})
        self.row = type("Row", (), {"row": row})


def places(rows: Sequence[Any]) -> list[tuple[str, int]]:
    return [(row.claim.claim_id, row.row.row) for row in rows]


FIVE_OF_SEED_7 = [
    ("denosumab-2026-04", 10),
    ("denosumab-2026-04", 14),
    ("denosumab-2026-05", 10),
    ("denosumab-2026-05", 17),
    ("denosumab-2026-05", 26),
]
ROWS: list[Any] = [Row(f"denosumab-2026-0{month}", number) for month in (4, 5) for number in range(1, 31)]


def test_a_sample_is_drawn_as_its_algorithm_says() -> None:
    found = places(drawn(ROWS, Sample(size=5, seed=7)))
    by_hand = sorted(places(ROWS), key=lambda one: sha256(f"7:{one[0]}:{one[1]}".encode()).hexdigest())[:5]
    assert found == sorted(by_hand)
    assert "SEED:CLAIM_ID:ROW" in ALGORITHM
    # Fixed values, so that another machine or version of Python must draw the same rows.
    assert found == FIVE_OF_SEED_7


def test_another_seed_draws_other_rows_and_their_order_makes_no_difference() -> None:
    five = places(drawn(ROWS, Sample(size=5, seed=7)))
    assert places(drawn(ROWS, Sample(size=5, seed=8))) != five
    assert sorted(places(drawn(ROWS[::-1], Sample(size=5, seed=7)))) == five
    # A larger sample contains the smaller one, so rows already checked are in it.
    assert set(five) < set(places(drawn(ROWS, Sample(size=20, seed=7))))


@pytest.mark.parametrize("size", [60, 61, 1000])
def test_a_sample_of_at_least_all_rows_is_all_rows(size: int) -> None:
    assert drawn(ROWS, Sample(size=size, seed=1)) == tuple(ROWS)


def test_a_sample_says_how_it_was_drawn(practice: Surgery) -> None:
    found = asked(practice, Period.parse("2026-27"), Sample(size=2, seed=7))
    assert (len(found.rows), found.claimed) == (2, 3)
    assert manifest_of(found)["sample"] == {"size": 2, "seed": 7, "algorithm": ALGORITHM}
    assert manifest_of(asked(practice))["sample"] is None


def test_a_text_that_begins_like_a_formula_stays_a_text(practice: Surgery) -> None:
    practice.add(
        activity="patient | date | id | clinician | consultation type\nAnn | 2026-05-04 | e1 | =1+1 | @SUM(A1)"
    )
    ann = table(asked(practice))[0]
    assert (ann["clinician"], ann["consultation_type"]) == ("'=1+1", "'@SUM(A1)")
    assert ann["changed_since"].startswith("consultation type: ")
