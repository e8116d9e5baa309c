"""The denosumab report: each measure with exact numbers, and its tables (2.2; 4; 5)."""

from __future__ import annotations

from datetime import date

import pytest

import lescli_denosumab
from lescli.calendar import Period
from lescli.operations.report import report_answer
from lescli.services import service_of
from lescli.testing import Surgery, assert_measures, assert_rows, table_rows

SERVICE = service_of(lescli_denosumab, origin="package")


def test_every_measure_of_a_quarter() -> None:
    surgery = Surgery(
        SERVICE,
        patients="patient | registered | left\n Max | 2020-01-01 | 2026-06-15",
        register="patient | entered | first dose on\n Eve | 2026-04-01 | 2025-12-01",
        activity="""
            patient | date       | consultation type
            Ann     | 2025-11-02 | Home visit
            Ann     | 2026-05-04 | Home visit
            Bob     | 2025-10-01 | Home visit
            Bob     | 2026-06-05 | Home visit
            Joy     | 2026-06-30 | Home visit
            Joy     | 2026-06-30 | Home visit
            Ted     | 2025-09-01 | Home visit
            Ted     | 2026-05-05 | Telephone call
            Max     | 2026-06-01 | Home visit
            Una     | 2026-03-31 | Home visit
            Una     | 2026-07-01 | Home visit
            Val     | 2025-11-30 | Home visit
            """,
    )
    # Paid for or to be put right, an injection given counts when it counts: Ted's telephone call does not.
    # Joy, Max and Una have no injection before theirs, so nothing of the quarter fell due for them.
    # Due by 30 June and not done: Eve (1 June), Val (30 May) and Ted (1 March), whom a telephone call did not inject.
    expected = """
        measure       | count | of | value | unit
        injections    | 4     |    | 4     | injections
        register-size | 7     |    | 7     | patients
        on-time       | 1     | 2  | 50.0  | percent
        overdue       | 3     |    | 3     | patients
        """
    assert_measures(surgery, expected, period="2026-27-Q1")


def test_on_time_is_up_to_28_days_after_the_due_date() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date
            Ann     | 2025-11-02
            Ann     | 2026-05-30
            Bob     | 2025-11-02
            Bob     | 2026-05-31
            """,
    )
    # Both were due on 2 May: 28 and 29 days.
    expected = """
        measure       | count | of | value
        injections    | 2     |    | 2
        register-size | 2     |    | 2
        on-time       | 1     | 2  | 50.0
        overdue       | 0     |    | 0
        """
    assert_measures(surgery, expected, period="2026-05")


def test_on_time_counts_from_the_first_dose_for_the_first_injection_here() -> None:
    surgery = Surgery(
        SERVICE,
        register="patient | entered | first dose on\n Ann | 2026-05-01 | 2025-11-02\n Bob | 2026-05-01 | 2025-10-01",
        activity="patient | date\n Ann | 2026-05-10\n Bob | 2026-05-10",
    )
    expected = """
        measure       | count | of | value
        injections    | 2     |    | 2
        register-size | 2     |    | 2
        on-time       | 1     | 2  | 50.0
        overdue       | 0     |    | 0
        """
    assert_measures(surgery, expected, period="2026-05")


def test_a_share_of_nothing_has_no_value() -> None:
    expected = """
        measure       | count | of | value
        injections    | 0     |    | 0
        register-size | 0     |    | 0
        on-time       | 0     | 0  |
        overdue       | 0     |    | 0
        """
    assert_measures(Surgery(SERVICE), expected, period="2026-05")


def test_work_that_can_no_longer_be_claimed_was_given_all_the_same() -> None:
    surgery = Surgery(SERVICE, activity="patient | date\n Ann | 2026-05-04")
    surgery.submit("2026-05", "2026-06-05")
    surgery.add(activity="patient | date\n Bob | 2026-05-04")
    expected = """
        measure       | count | value
        injections    | 2     | 2
        register-size | 2     | 2
        on-time       | 0     |
        overdue       | 0     | 0
        """
    assert_measures(surgery, expected, period="2026-05", as_of="2026-09-01")


def test_the_first_dose_in_hospital_is_no_injection_of_ours() -> None:
    surgery = Surgery(
        SERVICE,
        register="patient | entered | first dose on\n Ann | 2026-05-01 | 2026-05-04",
        activity="patient | date\n Ann | 2026-05-04",
    )
    report = surgery.report("2026-05")
    assert [measure.value for measure in report.measures if measure.id == "injections"] == [0]


def test_overdue_by_band() -> None:
    surgery = Surgery(
        SERVICE,
        activity="patient | date\n Ann | 2026-04-01\n Bob | 2026-04-02\n Eve | 2026-01-01\n Joy | 2026-06-01",
    )
    # On 30 October: Ann 29 days late, Bob 28, Eve 121; Joy is not due yet.
    report = surgery.report("2026-10", "2026-10-30")
    expected = "band | patients\n on-time | 1\n delayed | 1\n long-delay | 1"
    assert_rows(expected, table_rows(report, "overdue-injection"))


def test_completeness_of_what_section_5_requires() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | first dose on | management plan given on
            Ann     | 2026-04-01 | 2025-12-01    | 2026-04-01
            Bob     | 2026-04-01 | 2025-12-01    |
            Eve     | 2026-04-01 |               |
            """,
    )
    expected = """
        field                    | clause | recorded | of | percent
        first_dose_on            | 5 (2)  | 2        | 3  | 66.67
        management_plan_given_on | 5 (5)  | 1        | 3  | 33.33
        """
    assert_rows(expected, table_rows(surgery.report("2026-05"), "register-completeness"))


def test_incidents_and_whether_their_clock_was_met() -> None:
    surgery = Surgery(
        SERVICE,
        incidents="""
            kind                | on               | notified         | patient
            adverse-event       | 2026-05-04T14:30 | 2026-05-07T14:30 | Ann
            emergency-admission | 2026-05-04T14:30 | 2026-05-07T14:31 | Bob
            death               | 2026-05-20       |                  | Eve
            adverse-event       | 2026-05-30       |                  |
            adverse-event       | 2026-04-30       |                  |
            """,
    )
    expected = """
        kind                | on               | due              | notified         | in_time
        adverse-event       | 2026-05-04T14:30 | 2026-05-07T14:30 | 2026-05-07T14:30 | yes
        emergency-admission | 2026-05-04T14:30 | 2026-05-07T14:30 | 2026-05-07T14:31 | no
        death               | 2026-05-20       | 2026-05-23T00:00 |                  | no
        adverse-event       | 2026-05-30       | 2026-06-02T00:00 |                  | running
        """
    assert_rows(expected, table_rows(surgery.report("2026-05"), "incidents"))


def test_no_patient_is_named() -> None:
    surgery = Surgery(SERVICE, activity="patient | date\n Ann | 2026-05-04")
    assert surgery.numbers["Ann"] not in repr(surgery.report("2026-05"))


@pytest.mark.parametrize(
    ("died", "overdue"),
    [("2026-06-29", 0), ("2026-06-30", 0), ("2026-07-01", 1), ("2026-09-01", 1), ("", 1)],
)
def test_overdue_of_a_period_is_as_it_was_at_its_end(died: str, overdue: int) -> None:
    surgery = Surgery(
        SERVICE,
        patients=f"patient | died\nAnn | {died}",
        activity="patient | date\nAnn | 2025-11-02",
    )
    period = Period.parse("2026-06")
    for as_of in (date(2026, 6, 30), date(2026, 7, 1), date(2026, 12, 31)):
        data = report_answer(surgery.store, surgery.service, period, as_of, rows=False).data
        assert isinstance(data, dict)
        measures = {one["id"]: one["numerator"] for one in data["measures"]}
        # Somebody who dies on the last day is still on the register on it, and is called by nobody any more.
        on_register = died != "2026-06-29"
        assert (measures["overdue"], measures["register-size"]) == (overdue, on_register), as_of
