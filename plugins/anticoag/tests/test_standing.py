"""Whose patient-months they are, when the contract was held, and up to which day somebody must have been monitored."""

from __future__ import annotations

import pytest

import lescli_anticoag
from lescli.services import service_of
from lescli.testing import Surgery, assert_claim, assert_recall

SERVICE = service_of(lescli_anticoag, origin="package")
ACCEPTS = "key | value | from\n setting.accept_registered_at += | Z00001 | 2020-04-01"
NOWHERE = "key | value | from\n setting.accept_registered_nowhere | yes | 2020-04-01"


@pytest.mark.parametrize(
    ("tested", "died", "verdict", "reason"),
    [
        ("2020-03-25", "2020-06-02", "payable", "accepted"),  # 69 days before the last day alive
        ("2020-03-10", "2020-06-02", "payable", "accepted"),  # 84
        ("2020-03-09", "2020-06-02", "check", "not-monitored"),  # 85
        ("2020-03-10", "2020-06-03", "check", "not-monitored"),
        ("2020-04-07", "", "payable", "accepted"),  # 84 days before the 30th, for who stayed
        ("2020-04-06", "", "check", "not-monitored"),
    ],
)
def test_monitoring_is_counted_to_the_last_active_day(tested: str, died: str, verdict: str, reason: str) -> None:
    surgery = Surgery(
        SERVICE,
        patients=f"patient | died\n Ann | {died}",
        register="patient | entered | level\n Ann | 2020-06-01 | 3",
        activity=f"patient | date | code\n Ann | {tested} | inr",
    )
    expected = f"patient | verdict | reason\n Ann | {verdict} | {reason}"
    assert_claim(surgery, expected, month="2020-06", as_of="2020-07-01")


@pytest.mark.parametrize(("column", "day"), [("left", "2020-06-02"), ("ended", "2020-06-02")])
def test_who_left_or_was_taken_off_is_monitored_up_to_that_day(column: str, day: str) -> None:
    left, ended = (day, "") if column == "left" else ("", day)
    surgery = Surgery(
        SERVICE,
        patients=f"patient | registered | left\n Ann | 2010-01-01 | {left}",
        register=f"patient | entered | level | ended\n Ann | 2020-06-01 | 3 | {ended}",
        activity="patient | date | code\n Ann | 2020-03-25 | inr",
    )
    assert_claim(surgery, "patient | verdict\n Ann | payable", month="2020-06", as_of="2020-07-01")


def test_while_the_month_runs_monitoring_must_reach_its_end() -> None:
    surgery = Surgery(
        SERVICE,
        register="patient | entered | level\n Ann | 2020-06-01 | 3",
        activity="patient | date | code\n Ann | 2020-03-25 | inr",
    )
    assert_claim(surgery, "patient | reason\n Ann | not-monitored", month="2020-06", as_of="2020-06-02")


@pytest.mark.parametrize(("fact", "stray"), [("died", "2020-09-04"), ("died", "2020-09-05"), ("left", "2020-09-05")])
def test_a_code_after_the_last_day_here_does_not_decide_the_month(fact: str, stray: str) -> None:
    surgery = Surgery(
        SERVICE,
        patients=f"patient | registered | {fact}\n Ann | 2010-01-01 | 2020-09-04",
        register="patient | entered | level | ended\n Ann | 2020-08-01 | 4 | 2020-09-03",
        activity=f"patient | date | code\n Ann | 2020-09-01 | inr\n Ann | {stray} | monitoring",
    )
    claim = surgery.claim("2020-09", "2020-10-05")
    september = [(row.item, row.verdict.value) for row in claim.rows if row.day.month == 9 and row.item == "level-4"]
    # On the 4th itself the new time on the register has an active day, at no level; from the 5th on it has none.
    assert september == ([] if stray == "2020-09-04" else [("level-4", "payable")])


@pytest.mark.parametrize(("terms", "verdict"), [(ACCEPTS, "payable"), ("", "check")])
def test_who_came_to_an_accepted_practice_after_the_code_is_on_the_register(terms: str, verdict: str) -> None:
    surgery = Surgery(
        SERVICE,
        terms=terms,
        patients="patient | registered | registered at\n Ann | 2020-06-02 | Z00001",
        activity="patient | date | code\n Ann | 2020-05-01 | self-monitoring\n Ann | 2020-06-01 | inr",
    )
    rows = {row.day.month: row.verdict.value for row in surgery.claim("2020-06", "2020-07-01").rows}
    assert rows[6] == verdict
    assert [entry.entered_on.isoformat() for entry in surgery.register("2020-07-01").entries] == ["2020-05-01"]


ACTIVE = """
    patient | entered    | level | ended
    Ann     | 2020-04-01 | 3     |
    Ben     | 2020-04-01 | 3     | 2020-04-14
    Cat     | 2020-04-01 | 3     | 2020-04-15
    Dan     | 2020-04-30 | 3     |
    """
TESTED = "patient | date | code\n" + "\n".join(f"{who} | 2020-04-01 | inr" for who in ("Ann", "Ben", "Cat", "Dan"))


def test_a_contract_signed_within_a_month_counts_for_who_was_active_since() -> None:
    surgery = Surgery(SERVICE, signed="from\n 2020-04-15", register=ACTIVE, activity=TESTED)
    expected = """
        patient | verdict | reason     | price
        Ann     | payable | accepted   | 13.25
        Ben     | refused | not-signed |
        Cat     | payable | accepted   | 13.25
        Dan     | payable | accepted   | 13.25
        """
    assert_claim(surgery, expected, month="2020-04")


def test_a_contract_given_up_within_a_month_counts_for_who_was_active_before() -> None:
    surgery = Surgery(SERVICE, signed="from | to\n 2020-01-01 | 2020-04-29", register=ACTIVE, activity=TESTED)
    expected = """
        patient | verdict | reason
        Ann     | payable | accepted
        Ben     | payable | accepted
        Cat     | payable | accepted
        Dan     | refused | not-signed
        """
    assert_claim(surgery, expected, month="2020-04")


def test_a_specification_that_begins_within_a_month_pays_by_its_own_price() -> None:
    terms = "key | value | from\n period.start | 2020-03-16 | 2020-03-16\n price.level-3 | 12.00 | 2020-03-16"
    surgery = Surgery(
        SERVICE,
        terms=terms,
        register="patient | entered | level | ended\n Ann | 2020-03-01 | 3 |\n Ben | 2020-03-01 | 3 | 2020-03-15",
        activity="patient | date | code\n Ann | 2020-03-02 | inr\n Ben | 2020-03-02 | inr",
    )
    expected = """
        patient | verdict | reason           | price
        Ann     | payable | accepted         | 12.00
        Ben     | refused | no-specification |
        """
    assert_claim(surgery, expected, month="2020-03")


PEOPLE = """
    patient | registered | registered at | registration | left
    Ann     | 2010-01-01 | Z00001        |              |
    Ben     |            |               | none         |
    Cat     | 2010-01-01 |               |              | 2020-04-30
    """
ON_IT = """
    patient | entered    | level
    Ann     | 2020-05-01 | 3
    Ben     | 2020-05-01 | 3
    Cat     | 2020-05-01 | 3
    """
DONE = """
    patient | date       | code
    Ann     | 2020-05-04 | inr
    Ann     | 2020-05-05 | home-visit
    Ben     | 2020-05-04 | inr
    Cat     | 2020-04-30 | inr
    """


@pytest.mark.parametrize(
    ("terms", "ann", "ben"),
    [
        ("", "check   | registered-elsewhere", "check   | registered-elsewhere"),
        (ACCEPTS, "payable | accepted", "check   | registered-elsewhere"),
        (NOWHERE, "check   | registered-elsewhere", "payable | accepted"),
    ],
)
def test_all_of_sheffield_is_covered_and_the_practice_says_who_that_is(terms: str, ann: str, ben: str) -> None:
    surgery = Surgery(SERVICE, terms=terms, patients=PEOPLE, register=ON_IT, activity=DONE)
    expected = f"""
        patient | item       | verdict | reason
        Ann     | level-3    | {ann}
        Ann     | home-visit | {ann}
        Ben     | level-3    | {ben}
        Cat     | level-3    | refused | not-registered
        """
    assert_claim(surgery, expected, month="2020-05", as_of="2020-06-01")


def test_they_are_recalled_and_who_left_is_not() -> None:
    surgery = Surgery(SERVICE, patients=PEOPLE, register=ON_IT, activity=DONE)
    expected = """
        patient | kind          | due
        Ann     | annual-review | 2020-05-01
        Ben     | annual-review | 2020-05-01
        Ann     | inr           | 2020-07-27
        Ben     | inr           | 2020-07-27
        """
    assert_recall(surgery, expected, as_of="2020-06-01")


def test_who_moved_to_an_accepted_practice_stays_when_entered_anew() -> None:
    surgery = Surgery(
        SERVICE,
        terms=ACCEPTS,
        patients="""
            patient | registered | registered at | left
            Ann     | 2010-01-01 |               | 2020-05-10
            Ann     | 2020-05-11 | Z00001        |
            """,
        register="""
            patient | entered    | level | ended      | end reason
            Ann     | 2020-04-01 | 3     | 2020-05-10 | moved
            Ann     | 2020-05-11 | 4     |            |
            """,
        activity="patient | date | code\n Ann | 2020-04-28 | inr",
    )
    expected = """
        month   | item    | verdict
        2020-04 | level-3 | payable
        2020-05 | level-4 | payable
        2020-06 | level-4 | payable
        """
    assert_claim(surgery, expected, month="2020-06")


def test_a_code_puts_them_on_the_register_too() -> None:
    surgery = Surgery(SERVICE, patients=PEOPLE, activity="patient | date | code\n Ann | 2020-05-04 | monitoring")
    expected = "patient | item | verdict | reason | also\n Ann | level-3 | check | level-missing | registered-elsewhere"
    assert_claim(surgery, expected, month="2020-05")
