"""`--days` shows the days of claimed work and the size of the register, of previews and of claims frozen long ago."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lescli.calendar import parse_claim_period
from lescli.operations.many_stores import ClaimQuestion, claim_of
from lescli.store.ledger import write
from lescli.store.people.same_person import merge
from lescli.testing import Surgery
from lescli_schemas import load
from tests.small_service import item, surgery


def claim(made: Surgery, month: str = "2026-05", as_of: str = "2026-06-05", by: str | None = None) -> dict[str, Any]:
    """The claim with its days, which add up to its lines."""
    question = ClaimQuestion(
        services=("small",),
        month=parse_claim_period(month),
        as_of=date.fromisoformat(as_of),
        by=by,
        is_sure=True,
        days=True,
    )
    answer = claim_of(made.store, question).answer
    assert answer is not None
    assert isinstance(answer.data, dict)
    Draft202012Validator(load("claim")).validate(answer.data)
    assert not any(number in json.dumps(answer.data) for number in made.numbers.values())
    return answer.data


def days(data: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(one["date"], one["item"], one["quantity"]) for one in data["activity"]["days"]]


def size(data: dict[str, Any]) -> int:
    found = data["activity"]["register_size"]
    assert type(found) is int
    return found


WORK = """
    patient | date       | code
    Ann     | 2026-05-12 | work
    Ben     | 2026-05-12 | work
    Cat     | 2026-05-02 | work
    Ann     | 2026-05-02 | work
    Ann     | 2026-04-29 | work
"""


def test_the_days_of_payable_work_are_sorted_and_late_work_is_among_them() -> None:
    found = claim(surgery(item("visit", "per-activity"), item("list", "capitation", ""), activity=WORK))
    assert days(found) == [("2026-04-29", "visit", 1), ("2026-05-02", "visit", 2), ("2026-05-12", "visit", 2)]
    # The line of the practice's list has no days.
    assert {line["item"]: line["quantity"] for line in found["lines"] if line["activity_month"] == "2026-05"} == {
        "list": 1,
        "visit": 4,
    }


@pytest.mark.parametrize(
    ("patient", "counts"),
    [
        ("Ann | 2020-01-01 |            |", True),
        ("Ann | 2020-01-01 | 2026-05-01 |", True),
        ("Ann | 2020-01-01 | 2026-05-31 |", True),
        ("Ann | 2020-01-01 | 2026-04-30 |", False),
        ("Ann | 2020-01-01 |            | 2026-05-01", True),
        ("Ann | 2020-01-01 |            | 2026-04-30", False),
    ],
)
def test_the_register_is_that_of_every_day_of_the_period(patient: str, counts: bool) -> None:
    patients = f"patient | registered | left | died\n{patient}"
    made = surgery(item("visit", "per-activity"), patients=patients, activity="patient|date|code\nAnn|2025-06-01|found")
    assert size(claim(made)) == counts


def test_one_who_comes_on_the_last_day_counts_and_one_after_it_does_not() -> None:
    entries = "patient | date | code\n Ann | 2026-05-31 | found\n Ben | 2026-06-01 | found"
    assert size(claim(surgery(item("visit", "per-activity"), activity=entries))) == 1


def test_late_work_never_makes_the_register_larger_and_work_without_the_register_does() -> None:
    made = surgery(item("visit", "per-activity"), activity=WORK)
    assert made.register("2026-06-05").entries == ()
    # Ann, Ben and Cat are on no register. Only what they had in May counts.
    assert size(claim(made)) == 3
    made.add(activity="patient | date | code\n Dot | 2026-04-20 | work")
    found = claim(made)
    assert (size(found), sum(quantity for *_, quantity in days(found))) == (3, 6)


@pytest.mark.parametrize(("population", "wanted"), [("own", 1), ("other", 0), ("any", 0)])
def test_work_for_other_practices_patients_is_no_part_of_the_register(population: str, wanted: int) -> None:
    there = "" if population == "own" else "Y00002"
    made = surgery(
        item("visit", "per-activity", f'codelists = ["work"]\npopulation = "{population}"'),
        patients=f"patient | registered | registered at\n Ann | 2020-01-01 | {there}",
        activity="patient | date | code\n Ann | 2026-05-12 | work",
    )
    found = claim(made)
    assert (days(found), size(found)) == ([("2026-05-12", "visit", 1)], wanted)


CARE = item("care", "per-patient", "")
ON_IT = "patient | entered    | ended      | end reason\n Ann | 2026-01-01 | |\n Ben | 2026-01-01 | |"


def test_a_frozen_claim_keeps_its_days_and_nothing_of_them_is_in_the_ledger() -> None:
    made = surgery(item("visit", "per-activity"), activity=WORK)
    then = claim(made, by="A. Admin")
    assert "activity" not in json.loads(made.store.rows("SELECT body FROM claim")[0][0])
    made.add(activity="patient | date | code\n Eve | 2026-05-20 | work")
    with made.store.writing():
        write.reverse(made.store, "small-2026-05", 1, reason="r", on=date(2026, 7, 1))
    for as_of in ("2026-05-03", "2026-06-05", "2027-03-31"):
        now = claim(made, as_of=as_of)
        assert now["activity"] == then["activity"]
    assert claim(made, "2026-06", "2026-07-05")["activity"]["days"][-1]["date"] == "2026-05-20"


def test_a_register_that_shrinks_shows_until_the_rows_are_reversed() -> None:
    made = surgery(CARE, register=ON_IT.replace("2026-01-01", "2026-04-01"))
    then = claim(made, by="A. Admin")
    assert (days(then), size(then)) == ([("2026-04-01", "care", 2), ("2026-05-01", "care", 2)], 2)
    # Both ended before May, and nobody has taken their May back yet.
    made.store.connection.execute("UPDATE register_entry SET ended_on = '2026-04-30', end_reason = 'r'")
    now = claim(made)
    assert (days(now), size(now)) == (days(then), 0)
    for row, day, wanted in ((1, "2026-04-01", 0), (3, "2026-05-01", 1), (4, "2026-05-01", 2)):
        assert made.store.rows("SELECT day FROM claim_row WHERE row = ?", row) == [(day,)]
        with made.store.writing():
            write.reverse(made.store, "small-2026-05", row, reason="r", on=date(2026, 7, 1))
        now = claim(made)
        assert (days(now), size(now)) == (days(then), wanted)


@pytest.mark.parametrize("row", [1, 2])
def test_work_of_two_numbers_that_are_one_person_is_too_much_until_a_row_is_reversed(row: int) -> None:
    entries = "patient | date | code\n Ann | 2026-05-12 | work\n Ben | 2026-05-12 | work"
    made = surgery(item("visit", "per-activity"), activity=entries)
    assert size(claim(made, by="A. Admin")) == 2
    with made.store.writing():
        merge(made.store, made.numbers["Ann"], made.numbers["Ben"], on=date(2026, 7, 1), reason="r")
    assert size(claim(made)) == 1
    with made.store.writing():
        write.reverse(made.store, "small-2026-05", row, reason="r", on=date(2026, 7, 1))
    assert size(claim(made)) == 2


def test_asked_for_a_day_before_it_was_submitted_the_register_is_that_of_the_claim() -> None:
    made = surgery(CARE, register=ON_IT.replace("2026-01-01", "2026-05-20"))
    then = claim(made, by="A. Admin")
    assert claim(made, as_of="2026-05-10")["activity"] == then["activity"]
    assert size(then) == 2


def test_a_claim_of_nothing_has_no_days() -> None:
    found = claim(surgery(item("visit", "per-activity"), item("list", "block", "")), by="A. Admin")
    assert (days(found), size(found)) == ([], 0)
