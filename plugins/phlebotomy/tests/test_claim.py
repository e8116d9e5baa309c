"""Phlebotomy claims: whose blood may be taken, on which days, and what one attendance is."""

from __future__ import annotations

import pytest

import lescli_phlebotomy
from lescli.services import service_of
from lescli.testing import Surgery, assert_claim, problems_of, snomed_concept

SERVICE = service_of(lescli_phlebotomy, origin="package")
PRICE = "key | value | from\n price.sample | 1.25 | 2025-04-01"
TRAINED = f"{PRICE}\n setting.trained_for_children | yes | 2025-05-07"


def test_it_keeps_the_contract_of_every_service() -> None:
    assert problems_of(SERVICE) == []


def test_one_attendance_is_one_sample() -> None:
    surgery = Surgery(
        SERVICE,
        terms=PRICE,
        activity="""
            patient | date       | id
            Ann     | 2025-05-06 | 1
            Ann     | 2025-05-06 | 2
            Ann     | 2025-05-07 | 3
            Bob     | 2025-05-06 | 4
            """,
    )
    expected = """
        patient | date       | code     | verdict | reason    | price
        Ann     | 2025-05-06 | 22778000 | payable | accepted  | 1.25
        Ann     | 2025-05-06 | 22778000 | refused | duplicate |
        Ann     | 2025-05-07 | 22778000 | payable | accepted  | 1.25
        Bob     | 2025-05-06 | 22778000 | payable | accepted  | 1.25
        """
    assert_claim(surgery, expected, month="2025-05")


def test_without_a_price_nothing_is_payable() -> None:
    surgery = Surgery(SERVICE, activity="patient | date\n Ann | 2025-05-06")
    claim = assert_claim(surgery, "patient | verdict | reason\n Ann | unpriced | no-price", month="2025-05")
    assert "price.sample" in claim.rows[0].fix


def test_the_code_is_suggested_until_the_practice_sets_its_own() -> None:
    listed = SERVICE.spec.codelist("sample")
    assert listed.status == "suggested"
    surgery = Surgery(
        SERVICE,
        terms=f"{PRICE}\n codes.sample | {snomed_concept(7)} | 2025-06-01",
        activity=f"""
            patient | date       | code
            Ann     | 2025-05-30 | 22778000
            Ann     | 2025-06-02 | 22778000
            Ann     | 2025-06-03 | {snomed_concept(7)}
            """,
    )
    assert_claim(surgery, "date | verdict\n 2025-05-30 | payable\n 2025-06-03 | payable", month="2025-06")


AGES = """
    patient | born
    Pip     | 2020-05-07
    Tot     | 2020-05-06
    Lad     | 2013-05-07
    Max     | 2013-05-06
    """
"""On 6 May 2025: the day before the 5th birthday, the 5th birthday, the day before the 12th, and the 12th."""


def test_ages_on_the_day() -> None:
    days = "\n".join(f"{who} | 2025-05-06" for who in ("Pip", "Tot", "Lad", "Max"))
    surgery = Surgery(SERVICE, terms=PRICE, patients=AGES, activity=f"patient | date\n{days}")
    expected = """
        patient | verdict | reason   | clause
        Pip     | check   | under-5  | slide Phlebotomy, point 10; holding it back is our decision
        Tot     | check   | under-12 | slide Phlebotomy, points 2 and 5
        Lad     | check   | under-12 | slide Phlebotomy, points 2 and 5
        Max     | payable | accepted | slide Phlebotomy, points 1 to 3; one per attendance is our decision
        """
    claim = assert_claim(surgery, expected, month="2025-05")
    assert any("setting.trained_for_children=yes" in row.fix for row in claim.rows)


def test_with_staff_trained_for_children_from_their_date_on() -> None:
    surgery = Surgery(
        SERVICE,
        terms=TRAINED,
        patients=f"{AGES.rstrip()}\n Kit | 2020-05-08",
        activity="""
            patient | date
            Pip     | 2025-05-06
            Tot     | 2025-05-06
            Tot     | 2025-05-07
            Lad     | 2025-05-06
            Kit     | 2025-05-07
            """,
    )
    expected = """
        patient | date       | verdict | reason
        Pip     | 2025-05-06 | check   | under-5
        Tot     | 2025-05-06 | check   | under-12
        Tot     | 2025-05-07 | payable | accepted
        Lad     | 2025-05-06 | check   | under-12
        Kit     | 2025-05-07 | check   | under-5
        """
    assert_claim(surgery, expected, month="2025-05")


def test_children_under_5_count_where_it_is_agreed_from_its_date_on() -> None:
    surgery = Surgery(
        SERVICE,
        terms=f"{TRAINED}\n setting.takes_under_5 | yes | 2025-05-08",
        patients="patient | born\n Pip | 2022-05-06",
        activity="patient | date\n Pip | 2025-05-06\n Pip | 2025-05-07\n Pip | 2025-05-08",
    )
    # Staff trained for children of 5 to 11 are one thing, and under 5 another.
    expected = """
        date       | verdict | reason   | also     | price
        2025-05-06 | check   | under-5  | under-12 |
        2025-05-07 | check   | under-5  |          |
        2025-05-08 | payable | accepted |          | 1.25
        """
    assert_claim(surgery, expected, month="2025-05")


def test_someone_born_on_a_leap_day_is_twelve_on_the_next_but_two() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\n price.sample | 1.25 | 2025-04-01\n period.start | 2020-01-01 | 2020-01-01",
        patients="patient | born\n Lea | 2016-02-29",
        activity="patient | date\n Lea | 2028-02-28\n Lea | 2028-02-29",
    )
    expected = "date | verdict\n 2028-02-28 | check\n 2028-02-29 | payable"
    assert_claim(surgery, expected, month="2028-02")


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2026-04-02", "accepted"),
        ("2026-04-03", "outside-core-hours"),  # Good Friday
        ("2026-04-04", "outside-core-hours"),
        ("2026-04-05", "outside-core-hours"),
        ("2026-04-06", "outside-core-hours"),  # Easter Monday
        ("2026-04-07", "accepted"),
        ("2026-04-13", "accepted"),  # an ordinary Monday
        ("2026-05-04", "outside-core-hours"),  # early May
        ("2026-08-31", "outside-core-hours"),
        ("2026-12-24", "accepted"),
        ("2026-12-25", "outside-core-hours"),
        ("2026-12-28", "outside-core-hours"),  # for Boxing Day, a Saturday
        ("2026-12-29", "accepted"),
        ("2027-12-27", "outside-core-hours"),  # for Christmas Day, a Saturday
        ("2027-12-28", "outside-core-hours"),  # for Boxing Day, a Sunday
        ("2027-12-29", "accepted"),
        ("2026-11-30", "accepted"),  # St Andrew's Day is Scotland's
        ("2026-03-17", "accepted"),  # St Patrick's Day is Northern Ireland's
    ],
)
def test_core_hours_are_working_days_of_england(day: str, reason: str) -> None:
    surgery = Surgery(SERVICE, terms=PRICE, activity=f"patient | date\n Ann | {day}")
    verdict = "payable" if reason == "accepted" else "check"
    assert_claim(surgery, f"verdict | reason\n {verdict} | {reason}", month=day[:7])


def test_housebound_and_on_a_community_nurses_caseload() -> None:
    surgery = Surgery(
        SERVICE,
        terms=PRICE,
        patients="""
            patient | housebound
            Ann     | yes
            Bob     | yes
            Cat     | no
            Dot     |
            """,
        register="""
            patient | entered    | from       | community nurse caseload
            Ann     | 2025-04-01 | 2025-05-07 | yes
            Bob     | 2025-04-01 | 2025-04-01 | no
            Cat     | 2025-04-01 | 2025-04-01 | yes
            Dot     | 2025-04-01 | 2025-04-01 | yes
            """,
        activity="""
            patient | date
            Ann     | 2025-05-06
            Ann     | 2025-05-07
            Bob     | 2025-05-06
            Cat     | 2025-05-06
            Dot     | 2025-05-06
            """,
    )
    # Cat is on the caseload for something else and comes to the practice.
    expected = """
        patient | date       | verdict | reason
        Ann     | 2025-05-06 | payable | accepted
        Ann     | 2025-05-07 | refused | community-nurse-caseload
        Bob     | 2025-05-06 | payable | accepted
        Cat     | 2025-05-06 | payable | accepted
        Dot     | 2025-05-06 | refused | community-nurse-caseload
        """
    assert_claim(surgery, expected, month="2025-05")


def test_refused_goes_before_check() -> None:
    surgery = Surgery(
        SERVICE,
        terms=PRICE,
        patients="patient | born | housebound\n Pip | 2022-01-01 | yes",
        register="patient | entered | community_nurse_caseload\n Pip | 2025-05-01 | yes",
        activity="patient | date\n Pip | 2025-05-10",
    )
    expected = "verdict | reason | also\n refused | community-nurse-caseload | under-5, under-12, outside-core-hours"
    assert_claim(surgery, expected, month="2025-05")


def test_work_of_the_network_counts_once_it_is_accepted() -> None:
    activity = "patient | date | done at\n Ann | 2025-05-06 | U12345"
    assert_claim(Surgery(SERVICE, terms=PRICE, activity=activity), "reason\n done-elsewhere", month="2025-05")
    agreed = f"{PRICE}\n setting.accept_done_at += | U12345 | 2025-04-01"
    assert_claim(Surgery(SERVICE, terms=agreed, activity=activity), "reason\n accepted", month="2025-05")
