"""The pessary report: what was done, whether it was in time, and who is to be reviewed."""

from __future__ import annotations

from dataclasses import replace

import pytest

import lescli_pessary
from lescli.model import Report
from lescli.services import service_of
from lescli.testing import Surgery, assert_measures, assert_rows, snomed_concept, table_rows

SERVICE = service_of(lescli_pessary, origin="package")
CODES = "key | value | from\n" + "\n".join(
    f"codes.{name} | {snomed_concept(place)} | 2020-04-01"
    for place, name in enumerate(["fitting", "change", "removal", "annual-review", "follow-up"])
)


def practice(**tables: str) -> Surgery:
    return Surgery(SERVICE, terms=CODES, **tables)


def of_ann(entries: str, register: str = "") -> Surgery:
    rows = [entry.split() for entry in entries.split(", ") if entry]
    return practice(
        activity="patient | date | code\n" + "\n".join(f"Ann | {day} | {code}" for day, code in rows),
        register=register,
    )


def share(report: Report, name: str) -> tuple[int, int | None]:
    (found,) = [measure for measure in report.measures if measure.id == name]
    return found.numerator, found.denominator


def test_every_measure() -> None:
    surgery = practice(
        activity="""
            patient | date       | code
            Ann     | 2025-05-01 | fitting
            Ann     | 2025-06-03 | follow-up
            Bob     | 2025-05-02 | fitting
            Bob     | 2025-06-16 | follow-up
            Cat     | 2024-11-05 | change
            Cat     | 2025-06-05 | change
            Dot     | 2025-06-06 | removal
            """,
        register="""
            patient | entered    | fitted on  | self managing
            Dot     | 2025-04-01 | 2025-01-10 | yes
            Eve     | 2025-04-01 | 2025-01-10 | yes
            """,
    )
    expected = """
        measure                | count | of | value | unit
        fittings               | 2     |    | 2     | fittings
        changes                | 1     |    | 1     | changes
        removals               | 1     |    | 1     | removals
        register-size          | 5     |    | 5     | patients
        self-managing          | 1     |    | 1     | patients
        follow-up-4-6-weeks    | 1     | 2  | 50.0  | percent
        interval-over-6-months | 1     |    | 1     | breaches
        non-attenders          | 1     |    | 1     | patients
        """
    assert_measures(surgery, expected, period="2025-26-Q1")


def test_without_codes_it_counts_nothing_and_has_every_measure() -> None:
    expected = """
        measure                | count | of | value
        fittings               | 0     |    | 0
        changes                | 0     |    | 0
        removals               | 0     |    | 0
        register-size          | 0     |    | 0
        self-managing          | 0     |    | 0
        follow-up-4-6-weeks    | 0     | 0  |
        interval-over-6-months | 0     |    | 0
        non-attenders          | 0     |    | 0
        """
    assert_measures(Surgery(SERVICE), expected, period="2025-05")


@pytest.mark.parametrize(
    ("entries", "met", "of"),
    [
        # Days 27, 28, 42 and 43 after 1 May.
        ("2025-05-28 follow-up", 0, 1),
        ("2025-05-29 follow-up", 1, 1),
        ("2025-06-12 follow-up", 1, 1),
        ("2025-06-13 follow-up", 0, 1),
        ("2025-06-01 change", 1, 1),
        ("2025-05-10 change, 2025-06-01 follow-up", 1, 1),
        ("2025-05-20 fitting", 0, 1),
        ("2025-06-01 removal", 1, 1),
        # Removed before there was anything to follow up.
        ("2025-05-28 removal", 0, 0),
        ("2025-05-30 follow-up, 2025-06-20 removal, 2025-06-24 fitting", 1, 1),
    ],
)
def test_followed_up_in_4_to_6_weeks(entries: str, met: int, of: int) -> None:
    report = of_ann(f"2025-05-01 fitting, {entries}").report("2025-26-Q1")
    assert share(report, "follow-up-4-6-weeks") == (met, of)


def test_a_first_fitting_counts_once_on_the_day_it_was_settled() -> None:
    late = of_ann("2025-05-01 fitting")
    # Still in time on 12 June, and not a day longer.
    assert share(late.report("2025-05"), "follow-up-4-6-weeks") == (0, 0)
    assert share(late.report("2025-06", "2025-06-12"), "follow-up-4-6-weeks") == (0, 0)
    assert share(late.report("2025-06", "2025-06-13"), "follow-up-4-6-weeks") == (0, 1)
    assert share(late.report("2025-07"), "follow-up-4-6-weeks") == (0, 0)
    seen = of_ann("2025-05-01 fitting, 2025-06-05 follow-up")
    assert [share(seen.report(f"2025-0{month}"), "follow-up-4-6-weeks") for month in (5, 6, 7)] == [
        (0, 0),
        (1, 1),
        (0, 0),
    ]


@pytest.mark.parametrize(
    ("entries", "breaches"),
    [
        # Six months to the day, and a day more.
        ("2025-04-10 fitting, 2025-10-10 change", 0),
        ("2025-04-10 fitting, 2025-10-11 change", 1),
        ("2025-04-10 fitting, 2025-10-10 removal", 0),
        ("2025-04-10 fitting, 2025-10-11 removal", 1),
        ("2025-08-31 change, 2026-02-28 change", 0),
        ("2025-08-31 change, 2026-03-01 change", 1),
        ("2025-04-10 fitting, 2025-05-10 follow-up, 2025-12-10 change", 1),
        ("2025-04-10 fitting, 2025-07-10 fitting, 2026-01-10 change", 0),
        ("2025-04-10 fitting, 2025-06-10 removal, 2026-02-10 fitting", 0),
    ],
)
def test_six_months_to_the_day_and_one_day_more(entries: str, breaches: int) -> None:
    assert share(of_ann(entries).report("2025-26"), "interval-over-6-months") == (breaches, None)


def test_an_interval_that_still_runs_is_a_breach_from_the_day_after_six_months() -> None:
    surgery = of_ann("2025-04-10 fitting")
    for as_of, breaches in [("2025-10-10", 0), ("2025-10-11", 1), ("2025-10-31", 1)]:
        assert share(surgery.report("2025-10", as_of), "interval-over-6-months") == (breaches, None)
    assert share(surgery.report("2026-02"), "interval-over-6-months") == (1, None)


def test_a_breach_is_of_the_periods_it_lasted_in() -> None:
    surgery = of_ann("2025-04-10 fitting, 2025-12-01 change")
    found = [share(surgery.report(month), "interval-over-6-months")[0] for month in ("2025-09", "2025-11", "2025-12")]
    assert found == [0, 1, 1]
    assert share(surgery.report("2026-01"), "interval-over-6-months") == (0, None)


def test_breaches_are_listed_longest_first_by_name() -> None:
    surgery = practice(
        activity="""
            patient | date       | code
            Ann     | 2025-04-10 | fitting
            Ann     | 2025-10-12 | change
            Bob     | 2025-05-10 | fitting
            """,
    )
    report = surgery.report("2025-26", "2025-12-01")
    expected = f"""
        nhs_number               | from       | to         | last_day   | days_over
        {surgery.numbers["Bob"]} | 2025-05-10 |            | 2025-11-10 | 21
        {surgery.numbers["Ann"]} | 2025-04-10 | 2025-10-12 | 2025-10-10 | 2
        """
    assert_rows(expected, table_rows(report, "interval-over-6-months"))


@pytest.mark.parametrize(("answer", "breaches"), [("yes", 0), ("no", 1), ("", 1)])
def test_a_patient_who_manages_it_herself_is_in_no_breach(answer: str, breaches: int) -> None:
    register = f"patient | entered | self managing\n Ann | 2025-04-10 | {answer}"
    surgery = of_ann("2025-04-10 fitting", register)
    assert share(surgery.report("2025-26"), "interval-over-6-months") == (breaches, None)


def test_who_left_or_was_taken_off_breaches_nothing_afterwards() -> None:
    surgery = practice(
        patients="patient | registered | left\n Ann | 2020-01-01 | 2025-10-10\n Bob | 2020-01-01 | 2025-10-11",
        activity="patient | date | code\n Ann | 2025-04-10 | fitting\n Bob | 2025-04-10 | fitting",
        register="patient | entered | fitted on | ended\n Cat | 2025-04-10 | 2025-04-10 | 2025-10-10",
    )
    assert share(surgery.report("2025-26"), "interval-over-6-months") == (1, None)


def test_non_attenders_are_who_missed_an_appointment_and_who_is_overdue() -> None:
    surgery = practice(
        activity="""
            patient | date       | code
            Ann     | 2025-05-01 | change
            Bob     | 2025-05-01 | change
            Cat     | 2025-05-01 | change
            Dot     | 2025-03-01 | change
            Eve     | 2025-03-01 | change
            """,
        invitations="""
            patient | on         | outcome
            Ann     | 2025-08-01 | dna
            Ann     | 2025-08-20 | booked
            Bob     | 2025-04-20 | dna
            Cat     | 2025-08-01 | booked
            Eve     | 2025-08-01 | declined
            """,
    )
    # Bob was seen after the appointment he missed; Eve declined.
    report = surgery.report("2025-09", "2025-09-10")
    expected = f"""
        nhs_number               | kind   | due_on     | days_overdue | invitations | did_not_attend
        {surgery.numbers["Dot"]} | change | 2025-09-01 | 9            | 0           | 0
        {surgery.numbers["Ann"]} | change | 2025-11-01 | 0            | 2           | 1
        """
    assert_rows(expected, table_rows(report, "non-attenders"))
    assert share(report, "non-attenders") == (2, None)


def test_only_tables_that_say_so_name_patients() -> None:
    surgery = of_ann("2025-04-10 fitting")
    report = surgery.report("2025-26")
    naming = {table.id for table in report.tables if surgery.numbers["Ann"] in repr(table.rows)}
    assert naming == {table.id for table in report.tables if table.names_patients}
    assert naming == {"interval-over-6-months", "non-attenders"}


@pytest.mark.parametrize(
    ("seen", "met", "of"),
    [("2025-02-27", 0, 1), ("2025-02-28", 1, 1), ("2025-03-31", 1, 1), ("2025-04-01", 0, 1)],
)
def test_a_follow_up_counted_in_months_is_counted_in_calendar_months(seen: str, met: int, of: int) -> None:
    spec = SERVICE.spec
    in_months = replace(spec.recall("follow-up"), unit="months", interval=1, overdue_interval=2)
    others = (one for one in spec.recalls if one.name != "follow-up")
    service = SERVICE.with_spec(replace(spec, recalls=(in_months, *others)))
    activity = f"patient | date | code\n Ann | 2025-01-31 | fitting\n Ann | {seen} | follow-up"
    report = Surgery(service, terms=CODES, activity=activity).report("2025-02-01..2025-05-31")
    assert share(report, "follow-up-4-6-weeks") == (met, of)


def test_an_interval_of_weeks_is_too_long_after_so_many_weeks() -> None:
    spec = SERVICE.spec
    in_weeks = replace(spec.recall("change"), unit="weeks", interval=6)
    others = (one for one in spec.recalls if one.name != "change")
    service = SERVICE.with_spec(replace(spec, recalls=(in_weeks, *others)))
    activity = "patient | date | code\n Ann | 2025-05-01 | fitting\n Ann | 2025-06-13 | change"
    report = Surgery(service, terms=CODES, activity=activity).report("2025-06")
    assert share(report, "interval-over-6-months") == (1, None)
