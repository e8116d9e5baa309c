"""Patient-months at level 3 and 4: golden patients, who is active, monitored and at which level (Schedule 3 A)."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

import lescli_anticoag
from lescli.calendar import Month
from lescli.model import Verdict
from lescli.services import service_of
from lescli.testing import Surgery, assert_claim, assert_rows, claim_rows

SERVICE = service_of(lescli_anticoag, origin="package")
ROLLED_OVER = "key | value | from\nperiod.end | 2024-03-31 | 2021-04-01"
MONTH_END = "key | value | from\nsetting.active_month | month-end | 2020-04-01"


def test_a_month_at_each_level_with_its_price_and_clause() -> None:
    surgery = Surgery(
        SERVICE,
        register="patient | entered | level\nAnn | 2020-04-01 | 3\nBen | 2020-04-01 | 4",
        activity="patient | date | code | value\nAnn | 2020-04-14 | inr | 2.4\nBen | 2020-04-14 | monitoring |",
    )
    assert_claim(
        surgery,
        """
        patient | date       | item    | verdict | reason   | clause       | price | fix
        Ann     | 2020-04-01 | level-3 | payable | accepted | Schedule 3 A | 13.25 |
        Ben     | 2020-04-01 | level-4 | payable | accepted | Schedule 3 A | 17.75 |
        """,
        month="2020-04",
    )


def test_a_month_without_a_paid_level_still_has_a_row() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | from       | level
            Ann     | 2020-04-01 |            |
            Ben     | 2020-04-01 |            | 5
            Cat     | 2020-04-01 | 2020-05-01 | 4
            Dan     | 2020-04-01 | 2020-04-30 | 4
            """,
        activity="""
            patient | date       | code
            Ann     | 2020-04-14 | monitoring
            Ben     | 2020-04-14 | monitoring
            Cat     | 2020-04-14 | monitoring
            Dan     | 2020-04-14 | monitoring
            """,
    )
    claim = assert_claim(
        surgery,
        """
        patient | item    | verdict | reason        | price | clause
        Ann     | level-3 | check   | level-missing |       | Schedule 3 A; Schedule 2 C
        Ben     | level-3 | refused | level-5       |       | Schedule 3 A
        Cat     | level-3 | check   | level-missing |       | Schedule 3 A; Schedule 2 C
        Dan     | level-4 | payable | accepted      | 17.75 | Schedule 3 A
        """,
        month="2020-04",
    )
    assert all(row.fix for row in claim.rows if row.verdict.value != "payable")


def test_a_level_changed_within_the_month_is_that_of_the_last_day_in_it() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | from       | level | ended
            Ann     | 2020-04-01 |            | 3     |
            Ann     |            | 2020-05-15 | 4     |
            Ben     | 2020-04-01 |            | 4     |
            Ben     |            | 2020-05-31 | 3     |
            Cat     | 2020-04-01 |            | 3     |
            Cat     |            | 2020-05-20 | 4     | 2020-05-19
            """,
        activity="patient | date | code\nAnn | 2020-04-14 | inr\nBen | 2020-04-14 | inr\nCat | 2020-04-14 | inr",
    )
    expected = """
        patient | month   | item    | price
        Ann     | 2020-04 | level-3 | 13.25
        Ann     | 2020-05 | level-4 | 17.75
        Ben     | 2020-04 | level-4 | 17.75
        Ben     | 2020-05 | level-3 | 13.25
        Cat     | 2020-04 | level-3 | 13.25
        Cat     | 2020-05 | level-3 | 13.25
        """
    assert_claim(surgery, expected, month="2020-05")


PEOPLE = """
    patient | registered | left       | died
    Ann     | 2010-01-01 | 2020-06-01 |
    Ben     | 2010-01-01 | 2020-05-31 |
    Cat     | 2010-01-01 | 2020-06-29 |
    Dan     | 2010-01-01 | 2020-06-30 |
    Eve     | 2010-01-01 |            | 2020-06-15
    Fay     | 2020-06-30 |            |
    Gus     | 2020-07-01 |            |
    """
ON_IT = """
    patient | entered    | level
    Ann     | 2020-05-01 | 3
    Ben     | 2020-05-01 | 3
    Cat     | 2020-05-01 | 3
    Dan     | 2020-05-01 | 3
    Eve     | 2020-05-01 | 3
    Fay     | 2020-06-30 | 3
    Gus     | 2020-07-01 | 3
    """
TESTED = "patient | date | code\n" + "\n".join(
    f"{name} | 2020-05-31 | inr" for name in ("Ann", "Ben", "Cat", "Dan", "Eve")
)
JOINED = "\nFay | 2020-06-30 | inr\nGus | 2020-07-01 | inr"


@pytest.mark.parametrize(
    ("terms", "june"),
    [("", ["Ann", "Cat", "Dan", "Eve", "Fay"]), (MONTH_END, ["Dan", "Fay"])],
    ids=["any-day", "month-end"],
)
def test_who_is_active_in_june(terms: str, june: list[str]) -> None:
    # Left on the first and on the last day, died in mid-month, joined on the last day and on the day after.
    surgery = Surgery(SERVICE, patients=PEOPLE, register=ON_IT, activity=TESTED + JOINED, terms=terms)
    rows = [row for row in claim_rows(surgery, surgery.claim("2020-06", "2020-07-10")) if row["month"] == "2020-06"]
    assert_rows("patient | verdict | price\n" + "\n".join(f"{name} | payable | 13.25" for name in june), rows)


def test_leap_day_is_the_last_day_of_its_month() -> None:
    for left, active in (("2024-02-28", False), ("2024-02-29", True)):
        surgery = Surgery(
            SERVICE,
            terms=ROLLED_OVER + "\nsetting.active_month | month-end | 2020-04-01",
            patients=f"patient | registered | left\nAnn | 2010-01-01 | {left}",
            register="patient | entered | level\nAnn | 2024-02-01 | 4",
            activity="patient | date | code\nAnn | 2024-02-01 | inr",
        )
        rows = surgery.claim("2024-02", "2024-03-10").rows
        assert [row.unit_price_pence for row in rows] == ([1775] if active else [])


def test_monitored_in_the_84_days_up_to_the_months_end() -> None:
    # 84 days before 30 June is 7 April.
    surgery = Surgery(
        SERVICE,
        register="patient | entered | level\nAnn | 2020-06-01 | 3\nBen | 2020-06-01 | 3\nCat | 2020-06-01 | 4",
        activity="patient | date | code\nAnn | 2020-04-07 | inr\nBen | 2020-04-06 | inr\nCat | 2020-04-07 | monitoring",
    )
    expected = """
        patient | month   | item    | verdict | reason        | clause
        Ann     | 2020-06 | level-3 | payable | accepted      | Schedule 3 A
        Ben     | 2020-06 | level-3 | check   | not-monitored | Schedule 4 C; the number of days is our decision
        Cat     | 2020-06 | level-4 | payable | accepted      | Schedule 3 A
        """
    # Being coded puts Cat on the register from April on, with no level then.
    rows = [row for row in claim_rows(surgery, surgery.claim("2020-06")) if row["month"] == "2020-06"]
    assert_rows(expected, rows)


def test_monitored_across_a_leap_day() -> None:
    # 84 days before 31 March 2024 is 7 January, for February had 29 days.
    surgery = Surgery(
        SERVICE,
        terms=ROLLED_OVER,
        register="patient | entered | level\nAnn | 2024-03-01 | 3\nBen | 2024-03-01 | 3",
        activity="patient | date | code\nAnn | 2024-01-07 | inr\nBen | 2024-01-06 | inr",
    )
    assert_claim(surgery, "patient | reason\nAnn | accepted\nBen | not-monitored", month="2024-03")


@pytest.mark.parametrize(
    "code", ["read2:42QE.00", "read2:42QE", "read2:42QE.", "snomed:165581004", "ctv3:XaMh8", "read2:66QD."]
)
def test_codes_that_show_a_patient_was_monitored(code: str) -> None:
    surgery = Surgery(
        SERVICE,
        register="patient | entered | level\nAnn | 2020-05-01 | 3",
        activity=f"patient | date | code\nAnn | 2020-05-04 | {code}",
    )
    assert_claim(surgery, "patient | verdict | reason\nAnn | payable | accepted", month="2020-05")


@pytest.mark.parametrize("code", ["read2:42QD", "read2:66QE", "snomed:700139004"])
def test_codes_that_do_not(code: str) -> None:
    surgery = Surgery(
        SERVICE,
        register="patient | entered | level\nAnn | 2020-05-01 | 3",
        activity=f"patient | date | code\nAnn | 2020-05-04 | {code}",
    )
    assert_claim(surgery, "patient | verdict | reason\nAnn | check | not-monitored", month="2020-05")


def test_own_meter_by_detail_or_code_is_paid_at_level_3() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | from       | level | self monitoring
            Ann     | 2020-04-01 |            | 4     |
            Ben     | 2020-04-01 |            | 4     |
            Ben     |            | 2020-05-31 |       | yes
            Cat     | 2020-04-01 |            |       | yes
            """,
        activity="""
            patient | date       | code
            Ann     | 2020-04-14 | inr
            Ann     | 2020-05-20 | read2:66QE.00
            Ben     | 2020-04-14 | inr
            Cat     | 2020-04-14 | inr
            """,
    )
    expected = """
        patient | month   | item    | verdict | price
        Ann     | 2020-04 | level-4 | payable | 17.75
        Ann     | 2020-05 | level-3 | payable | 13.25
        Ben     | 2020-04 | level-4 | payable | 17.75
        Ben     | 2020-05 | level-3 | payable | 13.25
        Cat     | 2020-04 | level-3 | payable | 13.25
        Cat     | 2020-05 | level-3 | payable | 13.25
        """
    assert_claim(surgery, expected, month="2020-05")


def test_a_month_claimed_at_one_level_is_not_claimed_at_another() -> None:
    surgery = Surgery(
        SERVICE,
        register="patient | entered | level\nAnn | 2020-04-01 | 3",
        activity="patient | date | code\nAnn | 2020-04-14 | inr",
    )
    assert surgery.submit("2020-04", "2020-05-10").total_pence == 1325
    surgery.add_register([{"patient": "Ann", "from": "2020-04-20", "level": "4"}])
    expected = """
        patient | month   | item    | verdict | price
        Ann     | 2020-04 | level-4 | claimed |
        Ann     | 2020-05 | level-4 | payable | 17.75
        """
    assert_claim(surgery, expected, month="2020-05")


def test_a_claimed_month_whose_level_is_gone_stays_claimed() -> None:
    surgery = Surgery(
        SERVICE,
        register="patient | entered | level\nAnn | 2020-04-01 | 3",
        activity="patient | date | code\nAnn | 2020-04-14 | inr",
    )
    surgery.submit("2020-04", "2020-05-10")
    surgery.add_register([{"patient": "Ann", "from": "2020-04-20", "level": "5"}])
    expected = "patient | item | verdict | reason | also\nAnn | level-3 | claimed | claimed | level-5"
    assert_claim(surgery, expected, month="2020-04")


def test_months_never_claimed_come_late_from_the_start_of_the_contract() -> None:
    surgery = Surgery(
        SERVICE,
        terms=ROLLED_OVER,
        register="patient | entered | level\nAnn | 2020-04-01 | 3",
        activity="patient | date | code\nAnn | 2020-04-14 | inr\nAnn | 2021-02-01 | inr",
    )
    surgery.submit("2020-05", "2020-06-10")
    months = Counter((row.verdict.value, str(Month.of(row.day))) for row in surgery.claim("2020-06").rows)
    assert months == {("claimed", "2020-04"): 1, ("claimed", "2020-05"): 1, ("payable", "2020-06"): 1}
    # No window closes on a year that is over: April looks back on it too.
    assert len({row.day for row in surgery.claim("2021-03").rows}) == 12
    assert len({row.day for row in surgery.claim("2021-04").rows}) == 13


def test_no_specification_before_and_after_the_contract() -> None:
    surgery = Surgery(
        SERVICE,
        register="patient | entered | level\nAnn | 2020-03-01 | 3",
        activity="patient | date | code\nAnn | 2020-03-14 | inr\nAnn | 2021-03-31 | inr",
    )
    refused = "patient | month | verdict | reason | price\nAnn | {} | refused | no-specification |"
    assert_claim(surgery, refused.format("2020-03"), month="2020-03")
    after = [(row.day, row.reason) for row in surgery.claim("2021-04").rows if row.verdict is Verdict.REFUSED]
    assert after == [(date(2021, 4, 1), "no-specification")]
    months = {str(Month.of(row.day)): row.reason for row in surgery.claim("2021-03").rows}
    assert (months["2020-04"], months["2021-03"], len(months)) == ("accepted", "accepted", 12)


def test_who_is_not_ours_and_who_was_entered_after_their_death() -> None:
    surgery = Surgery(
        SERVICE,
        patients="patient | registration | died\nAnn | none |\nBen | regular | 2020-05-04\nCat | regular | 2020-05-31",
        register="patient | entered | level\nAnn | 2020-05-01 | 3\nBen | 2020-05-05 | 3\nCat | 2020-05-31 | 3",
        activity="patient | date | code\nAnn | 2020-05-04 | inr\nBen | 2020-05-04 | inr\nCat | 2020-05-04 | inr",
    )
    expected = """
        patient | verdict | reason               | clause
        Ann     | check   | registered-elsewhere | 3.3
        Ben     | check   | after-death          | our decision
        Cat     | payable | accepted             | Schedule 3 A
        """
    assert_claim(surgery, expected, month="2020-05", as_of="2020-06-10")


def test_claimed_by_other_means_and_not_signed() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\nsetting.claims_from | 2020-05 | 2020-04-01",
        signed="from | to\n2020-04-01 | 2020-05-31",
        register="patient | entered | level\nAnn | 2020-04-01 | 3",
        activity="patient | date | code\nAnn | 2020-05-04 | inr",
    )
    expected = """
        patient | month   | verdict | reason
        Ann     | 2020-04 | claimed | claimed-elsewhere
        Ann     | 2020-05 | payable | accepted
        Ann     | 2020-06 | refused | not-signed
        """
    assert_claim(surgery, expected, month="2020-06")


def test_off_the_register_and_back_in_one_month_is_one_month() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | ended      | level
            Ann     | 2020-05-01 | 2020-05-10 | 3
            Ann     | 2020-05-20 |            | 4
            """,
        activity="patient | date | code\nAnn | 2020-05-04 | inr",
    )
    assert_claim(surgery, "patient | item | verdict\nAnn | level-4 | payable", month="2020-05")


@pytest.mark.parametrize(
    ("entered", "terms", "march"),
    [
        ("2021-03-04", "", "payable | accepted"),
        ("2021-03-28", "", "payable | accepted"),
        ("2021-03-29", "", "check | after-death"),
        ("2021-03-04", MONTH_END, "check | after-death"),
    ],
    ids=["before", "on the day", "after", "month-end"],
)
def test_a_death_in_doubt_holds_back_only_work_after_it(entered: str, terms: str, march: str) -> None:
    # The patient was alive up to 28 March, whether the death is true or not.
    surgery = Surgery(
        SERVICE,
        patients="patient | died\nAnn | 2021-03-28",
        register=f"patient | entered | level\nAnn | {entered} | 3",
        activity="patient | date | code\nAnn | 2021-03-01 | inr",
        terms=f"{terms or 'key | value | from'}\nperiod.end | 2021-06-30 | 2021-04-01",
    )
    surgery.take_in([{"nhs_number": surgery.numbers["Ann"], "date_of_birth": "1950-01-01"}], states=["died_on"])
    expected = f"""
        patient | month   | verdict | reason
        Ann     | 2021-03 | {march}
        Ann     | 2021-04 | check   | after-death
        """
    assert_claim(surgery, expected, month="2021-04", as_of="2021-05-02")
