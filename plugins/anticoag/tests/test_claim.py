"""Initiations (level 5) and home visits: golden patients, caps, and why something is not paid (3.2 a; Schedule 2 C)."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

import lescli_anticoag
from lescli.calendar import Month
from lescli.rules.windows import submit_by
from lescli.services import service_of
from lescli.testing import Surgery, assert_claim, claim_rows, problems_of

SERVICE = service_of(lescli_anticoag, origin="package")
ROLLED_OVER = "key | value | from\nperiod.end | 2022-03-31 | 2021-04-01"


def rows_of(surgery: Surgery, item: str, month: str) -> list[dict[str, str]]:
    return [row for row in claim_rows(surgery, surgery.claim(month)) if row["item"] == item]


def verdicts(surgery: Surgery, item: str, month: str) -> dict[str, tuple[str, str]]:
    return {row["patient"]: (row["verdict"], row["reason"]) for row in rows_of(surgery, item, month)}


def test_it_keeps_the_contract() -> None:
    assert problems_of(SERVICE) == []


@pytest.mark.parametrize(
    "indication",
    [
        "Atrial fibrillation",
        "atrial  FIBRILLATION",
        "AF",
        "Paroxysmal A.F.",
        "PAF",
        "permanent AF, CHA2DS2-VASc 4",
        "NVAF",
    ],
)
def test_initiated_for_atrial_fibrillation(indication: str) -> None:
    surgery = Surgery(
        SERVICE,
        register=f"patient | entered | indication | initiated on\nAnn | 2020-05-04 | {indication} | 2020-05-04",
    )
    (row,) = rows_of(surgery, "initiation", "2020-05")
    assert (row["date"], row["verdict"], row["reason"], row["price"]) == ("2020-05-04", "payable", "accepted", "50.00")
    assert row["clause"] == "3.2 a; Schedule 3 A"


@pytest.mark.parametrize(
    ("indication", "verdict", "reason"),
    [
        ("DVT", "refused", "not-af"),
        ("Atrial flutter", "refused", "not-af"),
        ("After stroke", "refused", "not-af"),
        ("mechanical valve, no AF", "refused", "not-af"),
        ("DVT (non-AF)", "refused", "not-af"),
        ("", "check", "indication-missing"),
    ],
)
def test_not_for_atrial_fibrillation_or_nobody_knows(indication: str, verdict: str, reason: str) -> None:
    surgery = Surgery(
        SERVICE,
        register=f"patient | entered | indication | initiated on\nAnn | 2020-05-04 | {indication} | 2020-05-04",
    )
    (row,) = rows_of(surgery, "initiation", "2020-05")
    assert (row["verdict"], row["reason"], row["price"], row["also"]) == (verdict, reason, "", "")
    assert row["clause"].startswith("3.2 a")
    assert row["fix"].startswith(("correct", "record"))


def test_words_the_practice_adds() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\nsetting.af_indications += | auricular fib | 2020-04-01",
        register="patient | entered | indication | initiated on\nAnn | 2020-05-04 | Auricular fib. | 2020-05-04",
    )
    assert verdicts(surgery, "initiation", "2020-05") == {"Ann": ("payable", "accepted")}


def test_an_indication_written_down_later_counts_from_the_first_day() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | from       | indication | initiated on
            Ann     | 2020-05-01 | 2020-05-20 | AF         | 2020-05-04
            """,
    )
    assert verdicts(surgery, "initiation", "2020-05") == {"Ann": ("payable", "accepted")}


def test_paid_once_for_a_patient() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | ended      | indication | initiated on
            Ann     | 2020-04-01 | 2020-04-30 | AF         | 2020-04-06
            Ann     | 2020-05-11 |            | AF         | 2020-05-11
            Ben     | 2020-04-01 | 2020-04-30 | DVT        | 2020-04-06
            Ben     | 2020-05-11 |            | AF         | 2020-05-11
            """,
    )
    found = [(row["patient"], row["date"], row["reason"]) for row in rows_of(surgery, "initiation", "2020-05")]
    assert sorted(found) == [
        ("Ann", "2020-04-06", "accepted"),
        ("Ann", "2020-05-11", "duplicate"),
        ("Ben", "2020-04-06", "not-af"),
        ("Ben", "2020-05-11", "accepted"),
    ]


def test_an_initiation_once_claimed_is_claimed_for_good() -> None:
    surgery = Surgery(
        SERVICE,
        terms=ROLLED_OVER,
        register="patient | entered | indication | initiated on\nAnn | 2020-05-01 | AF | 2020-05-04",
    )
    assert surgery.submit("2020-05", "2020-06-10").total_pence == 5000
    surgery.add_register([{"patient": "Ann", "from": "2021-06-01", "initiated on": "2021-06-01"}])
    assert verdicts(surgery, "initiation", "2021-06") == {"Ann": ("claimed", "claimed")}


def test_initiations_outside_the_contract_and_of_others() -> None:
    surgery = Surgery(
        SERVICE,
        patients="patient | registration | died\nCat | none |\nDan | | 2020-05-03\nEve | | 2020-05-04",
        register="""
            patient | entered    | indication | initiated on
            Ann     | 2020-01-01 | AF         | 2020-03-31
            Ben     | 2020-01-01 | AF         | 2021-04-01
            Cat     | 2020-05-01 | AF         | 2020-05-04
            Dan     | 2020-05-01 | AF         | 2020-05-04
            Eve     | 2020-05-01 | AF         | 2020-05-04
            Fay     | 2020-01-01 | AF         | 2020-04-01
            """,
    )
    assert verdicts(surgery, "initiation", "2020-03") == {"Ann": ("refused", "no-specification")}
    assert verdicts(surgery, "initiation", "2021-04")["Ben"] == ("refused", "no-specification")
    assert verdicts(surgery, "initiation", "2020-05") == {
        "Cat": ("check", "registered-elsewhere"),
        "Dan": ("check", "after-death"),
        "Eve": ("payable", "accepted"),
        "Fay": ("payable", "accepted"),
    }


VISITS = [f"2020-{month:02d}-0{day}" for month in (4, 5, 6, 7) for day in (1, 2, 3)]


def test_twelve_home_visits_and_not_the_thirteenth() -> None:
    listed = "\n".join(f"Ann | {day} | home-visit" for day in [*VISITS, "2020-07-31"])
    surgery = Surgery(
        SERVICE,
        activity=f"patient | date | code\n{listed}",
        register="patient | entered | level\nAnn | 2020-04-01 | 4",
    )
    found = [(row["date"], row["verdict"], row["price"]) for row in rows_of(surgery, "home-visit", "2020-07")]
    assert sorted(found) == [*((day, "payable", "6.00") for day in VISITS), ("2020-07-31", "over_cap", "")]
    assert Counter(row["clause"] for row in rows_of(surgery, "home-visit", "2020-07")) == {
        "Schedule 3 A; Schedule 2 C": 12,
        "Schedule 2 C; Schedule 3 A; the year from 1 April is our decision": 1,
    }


def test_what_was_claimed_counts_towards_the_twelve() -> None:
    listed = "\n".join(f"Ann | {day} | home-visit" for day in VISITS)
    surgery = Surgery(
        SERVICE,
        activity=f"patient | date | code\n{listed}",
        register="patient | entered | level\nAnn | 2020-04-01 | 3",
    )
    surgery.submit("2020-07", "2020-08-10")
    # An earlier one that comes to light afterwards is the thirteenth all the same.
    surgery.add(activity="patient | date | code\nAnn | 2020-04-09 | home-visit")
    found = Counter((row["verdict"]) for row in rows_of(surgery, "home-visit", "2020-08"))
    assert found == {"claimed": 12, "over_cap": 1}


def test_the_twelve_begin_again_on_1_april() -> None:
    listed = "\n".join(f"Ann | 2021-03-{day} | home-visit" for day in [*range(10, 22), 31])
    surgery = Surgery(
        SERVICE,
        terms=ROLLED_OVER,
        activity=f"patient | date | code\n{listed}\nAnn | 2021-04-01 | home-visit",
        register="patient | entered | level\nAnn | 2021-03-01 | 4",
    )
    found = {row["date"]: row["verdict"] for row in rows_of(surgery, "home-visit", "2021-03-01..2021-04-30")}
    assert Counter(found.values()) == {"payable": 13, "over_cap": 1}
    assert (found["2021-03-31"], found["2021-04-01"]) == ("over_cap", "payable")


def test_home_visits_at_every_level() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | from       | level | self monitoring
            Ann     | 2020-05-01 |            | 3     |
            Ben     | 2020-05-01 |            | 4     |
            Cat     | 2020-05-01 |            | 5     |
            Dan     | 2020-05-01 |            | 5     | yes
            Fay     | 2020-05-01 | 2020-05-05 | 4     |
            """,
        activity="""
            patient | date       | code
            Ann     | 2020-05-04 | read2:9K27.00
            Ben     | 2020-05-04 | ctv3:XaQyK
            Cat     | 2020-05-04 | home-visit
            Dan     | 2020-05-04 | home-visit
            Eve     | 2020-05-04 | home-visit
            Fay     | 2020-05-04 | home-visit
            Fay     | 2020-05-05 | home-visit
            """,
    )
    found = [(row["patient"], row["verdict"], row["reason"]) for row in rows_of(surgery, "home-visit", "2020-05")]
    assert sorted(found) == [
        ("Ann", "payable", "accepted"),
        ("Ben", "payable", "accepted"),
        ("Cat", "refused", "home-visit-level"),
        ("Dan", "payable", "accepted"),
        ("Eve", "check", "level-missing"),
        ("Fay", "check", "level-missing"),
        ("Fay", "payable", "accepted"),
    ]


def test_home_visits_that_are_not_ours_to_claim() -> None:
    surgery = Surgery(
        SERVICE,
        patients="patient | registered | left | died\nAnn | 2010-01-01 | 2020-05-03 |\nBen | 2010-01-01 | | 2020-05-03",
        register="""
            patient | entered    | level
            Ann     | 2020-05-01 | 3
            Ben     | 2020-05-01 | 3
            Cat     | 2020-05-01 | 3
            Dan     | 2020-05-01 | 3
            Eve     | 2020-03-01 | 3
            """,
        activity="""
            patient | date       | code       | done at
            Ann     | 2020-05-04 | home-visit |
            Ben     | 2020-05-04 | home-visit |
            Cat     | 2020-05-04 | home-visit | ZZZ99
            Dan     | 2020-05-04 | home-visit |
            Dan     | 2020-05-04 | home-visit |
            Eve     | 2020-03-31 | home-visit |
            """,
    )
    found = [(row["patient"], row["verdict"], row["reason"]) for row in rows_of(surgery, "home-visit", "2020-05")]
    # Off the register, Ann and Ben have no level on that day; what goes first is that they were gone.
    assert sorted(found) == [
        ("Ann", "refused", "not-registered"),
        ("Ben", "check", "after-death"),
        ("Cat", "refused", "done-elsewhere"),
        ("Dan", "payable", "accepted"),
        ("Dan", "refused", "duplicate"),
    ]
    assert verdicts(surgery, "home-visit", "2020-03") == {"Eve": ("refused", "no-specification")}


def test_an_empty_practice_claims_nothing_and_is_whole() -> None:
    claim = assert_claim(Surgery(SERVICE), "patient", month="2020-05")
    assert (claim.rows, claim.notes, claim.incomplete) == ((), (), ())


@pytest.mark.parametrize(
    ("month", "day"),
    [
        # In January the 1st, in April Good Friday and Easter Monday, in May two Mondays are no working days.
        ("2020-12", date(2021, 1, 22)),
        ("2021-03", date(2021, 4, 23)),
        ("2020-04", date(2020, 5, 22)),
        ("2021-04", date(2021, 5, 24)),
        ("2020-11", date(2020, 12, 21)),
    ],
)
def test_submitted_by_the_15th_working_day_of_the_month_after(month: str, day: date) -> None:
    assert submit_by(SERVICE.spec, Month.parse(month)) == day
