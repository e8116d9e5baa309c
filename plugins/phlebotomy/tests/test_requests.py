"""Requests: who is on the register, who is still to be bled and by when, and the shares that were in time."""

from __future__ import annotations

from dataclasses import replace

import pytest

import lescli_phlebotomy
from lescli.services import service_of
from lescli.testing import (
    Surgery,
    assert_measures,
    assert_recall,
    assert_register,
    assert_rows,
    snomed_concept,
    table_rows,
)
from lescli.testing.surgery import plan

SERVICE = service_of(lescli_phlebotomy, origin="package")
TERMS = f"key | value | from\n codes.request | {snomed_concept(0)} | 2025-01-01"


def practice(activity: str, **tables: str) -> Surgery:
    return Surgery(SERVICE, terms=TERMS, activity=activity, **tables)


def asked(urgency: str, *samples: str) -> Surgery:
    """Asked for on Thursday 1 May 2025."""
    rows = "\n".join(f"Ann | {day} | sample |" for day in samples)
    return practice(f"patient | date | code | value\n Ann | 2025-05-01 | request | {urgency}\n{rows}")


def shares(surgery: Surgery, period: str, as_of: str | None = None) -> dict[str, tuple[int, int | None]]:
    report = surgery.report(period, as_of)
    return {m.id: (m.numerator, m.denominator) for m in report.measures if m.id.endswith("in-time")}


def test_on_the_register_with_a_request_or_a_sample() -> None:
    surgery = practice(
        "patient | date | code\n Ann | 2025-05-01 | request\n Bob | 2025-05-02 | sample\n Ann | 2025-05-06 | sample",
        register="patient | entered | community nurse caseload\n Cat | 2025-05-03 | yes",
    )
    expected = """
        patient | entered    | rule    | community_nurse_caseload
        Ann     | 2025-05-01 | coded   |
        Bob     | 2025-05-02 | coded   |
        Cat     | 2025-05-03 | by-hand | yes
        """
    assert_register(surgery, expected, as_of="2025-05-31")


@pytest.mark.parametrize(
    ("urgency", "due"),
    [
        ("routine", "2025-05-15"),
        ("Routine", "2025-05-15"),
        ("urgent", "2025-05-03"),
        ("very urgent", "2025-05-01"),
        ("VERY-URGENT", "2025-05-01"),
        ("", "2025-05-01"),
        ("soon", "2025-05-01"),
    ],
)
def test_due_by_how_urgent_it_is(urgency: str, due: str) -> None:
    expected = f"kind | due | late | clause\n open-request | {due} | 0 | slide Phlebotomy, points 6 to 8"
    assert_recall(asked(urgency), expected, as_of="2025-05-01")


def test_overdue_the_day_after() -> None:
    for as_of, late in [("2025-05-15", "0"), ("2025-05-16", "1")]:
        assert_recall(asked("routine"), f"due | late\n 2025-05-15 | {late}", as_of=as_of)


def test_a_sample_on_the_day_or_later_settles_it_and_an_earlier_one_does_not() -> None:
    nobody = "patient | due"
    assert_recall(asked("routine", "2025-05-01"), nobody, as_of="2025-05-10")
    assert_recall(asked("routine", "2025-05-09"), nobody, as_of="2025-05-10")
    assert_recall(asked("routine", "2025-05-09"), "due\n 2025-05-15", as_of="2025-05-08")
    assert_recall(asked("routine", "2025-04-30"), "due\n 2025-05-15", as_of="2025-05-10")


def test_the_most_pressing_request_of_each_patient_longest_overdue_first() -> None:
    surgery = practice(
        """
        patient | date       | code    | value
        Ann     | 2025-05-01 | request | routine
        Ann     | 2025-05-06 | request | urgent
        Bob     | 2025-05-06 | request | very urgent
        Cat     | 2025-04-01 | request | routine
        """
    )
    expected = """
        patient | due        | late
        Cat     | 2025-04-15 | 22
        Bob     | 2025-05-06 | 1
        Ann     | 2025-05-08 | 0
        """
    assert_recall(surgery, expected, as_of="2025-05-07")


@pytest.mark.parametrize(
    ("urgency", "sample", "measure", "met"),
    [
        ("routine", "2025-05-15", "routine-in-time", 1),
        ("routine", "2025-05-16", "routine-in-time", 0),
        ("urgent", "2025-05-03", "urgent-in-time", 1),
        ("urgent", "2025-05-04", "urgent-in-time", 0),
        ("very urgent", "2025-05-01", "very-urgent-in-time", 1),
        ("very urgent", "2025-05-02", "very-urgent-in-time", 0),
    ],
)
def test_in_time_to_the_day(urgency: str, sample: str, measure: str, met: int) -> None:
    found = shares(asked(urgency, sample), "2025-05")
    assert found.pop(measure) == (met, 1)
    assert set(found.values()) == {(0, 0)}


@pytest.mark.parametrize(
    ("urgency", "measure", "last", "after"),
    [
        ("routine", "routine-in-time", "2025-05-15", "2025-05-16"),
        ("urgent", "urgent-in-time", "2025-05-03", "2025-05-04"),
        ("very urgent", "very-urgent-in-time", "2025-05-01", "2025-05-02"),
    ],
)
def test_an_open_request_is_late_once_its_time_ran_out_and_left_out_before(
    urgency: str, measure: str, last: str, after: str
) -> None:
    surgery = asked(urgency)
    assert shares(surgery, "2025-05", last)[measure] == (0, 0)
    assert shares(surgery, "2025-05", after)[measure] == (0, 1)


def test_a_request_counts_once_in_the_period_in_which_it_was_settled() -> None:
    activity = "patient | date | code | value\n Ann | 2025-05-25 | request | routine"
    months = ["2025-05", "2025-06", "2025-07"]
    never = practice(activity)
    assert [shares(never, month, "2025-08-31")["routine-in-time"] for month in months] == [(0, 0), (0, 1), (0, 0)]
    taken = practice(f"{activity}\n Ann | 2025-06-03 | sample |")
    assert [shares(taken, month, "2025-08-31")["routine-in-time"] for month in months] == [(0, 0), (1, 1), (0, 0)]
    late = practice(f"{activity}\n Ann | 2025-07-03 | sample |")
    assert [shares(late, month, "2025-08-31")["routine-in-time"] for month in months] == [(0, 0), (0, 1), (0, 0)]


def test_who_died_or_left_before_the_time_was_up_is_left_out() -> None:
    surgery = practice(
        "patient | date | code | value\n Ann | 2025-05-01 | request | routine\n Bob | 2025-05-01 | request | routine",
        patients="patient | registered | left\n Ann | 2020-01-01 | 2025-05-14\n Bob | 2020-01-01 | 2025-05-15",
    )
    assert shares(surgery, "2025-05")["routine-in-time"] == (0, 1)


def test_the_whole_report() -> None:
    surgery = practice(
        """
        patient | date       | code    | value       | clinician
        Ann     | 2025-05-01 | request | routine     | Dr Able
        Ann     | 2025-05-01 | request | routine     | Dr Able
        Ann     | 2025-05-06 | sample  |             |
        Ann     | 2025-05-06 | sample  |             |
        Bob     | 2025-05-01 | request | urgent      | Consultant Baker
        Bob     | 2025-05-07 | sample  |             |
        Cat     | 2025-05-02 | request | very urgent | Miss Carr (consultant surgeon)
        Cat     | 2025-05-02 | sample  |             |
        Dot     | 2025-05-08 | request |             |
        Dot     | 2025-05-09 | sample  |             |
        Eve     | 2025-06-03 | sample  |             |
        """,
        invitations="""
            patient | on         | outcome
            Dot     | 2025-05-08 | dna
            Eve     | 2025-05-20 | booked
            Eve     | 2025-07-01 | dna
            """,
    )
    expected = """
        measure             | count | of | value | unit
        samples             | 5     |    | 5     | samples
        routine-in-time     | 1     | 1  | 100.0 | percent
        urgent-in-time      | 0     | 1  | 0.0   | percent
        very-urgent-in-time | 1     | 1  | 100.0 | percent
        not-attended        | 1     |    | 1     | appointments
        """
    report = assert_measures(surgery, expected, period="2025-26-Q1")
    expected = "month | samples\n 2025-04 | 0\n 2025-05 | 4\n 2025-06 | 1"
    assert_rows(expected, table_rows(report, "samples-by-month"))
    expected = """
        asked_by     | urgency     | in_time | not_in_time
        primary care | routine     | 1       | 0
        primary care | urgent      | 0       | 0
        primary care | very urgent | 0       | 0
        primary care | not stated  | 0       | 0
        consultant   | routine     | 0       | 0
        consultant   | urgent      | 0       | 1
        consultant   | very urgent | 1       | 0
        consultant   | not stated  | 0       | 0
        not stated   | routine     | 0       | 0
        not stated   | urgent      | 0       | 0
        not stated   | very urgent | 0       | 0
        not stated   | not stated  | 0       | 1
        """
    assert_rows(expected, table_rows(report, "requests"))
    assert not [table.id for table in report.tables if surgery.numbers["Ann"] in repr(table)]


def test_a_practice_names_its_consultants() -> None:
    named = f"{TERMS}\n setting.consultant_requests += | Mr Baker | 2025-01-01"
    activity = """
        patient | date       | code    | value   | clinician
        Ann     | 2025-05-01 | request | routine | MR BAKER
        Ann     | 2025-05-01 | sample  |         |
        Bob     | 2025-05-01 | request | routine | Mr Bakerman
        Bob     | 2025-05-01 | sample  |         |
        """
    rows = table_rows(Surgery(SERVICE, terms=named, activity=activity).report("2025-05"), "requests")
    counted = {row["asked_by"]: row["in_time"] for row in rows if row["urgency"] == "routine"}
    assert counted == {"primary care": "1", "consultant": "1", "not stated": "0"}


def test_without_a_code_for_requests_there_are_none() -> None:
    surgery = Surgery(SERVICE, activity="patient | date\n Ann | 2025-05-06")
    assert_recall(surgery, "patient | due", as_of="2025-06-30")
    assert set(shares(surgery, "2025-05").values()) == {(0, 0)}


def ordered(*rows: str, samples: str = "") -> Surgery:
    """Routine orders of a GP Connect record, made on Thursday 1 May 2025."""
    surgery = practice(
        f"patient | date | code\n{samples}" if samples else "patient | date | code\n Zed | 2025-04-07 | sample"
    )
    plan(surgery, "patient | asked | code | priority | status\n" + "\n".join(rows))
    return surgery


def test_an_order_is_met_in_time_as_a_coded_request_is() -> None:
    order = "Ann | 2025-05-01 | request | routine |"
    assert shares(ordered(order, samples="Ann | 2025-05-15 | sample"), "2025-05")["routine-in-time"] == (1, 1)
    assert shares(ordered(order, samples="Ann | 2025-05-16 | sample"), "2025-05")["routine-in-time"] == (0, 1)
    assert shares(ordered(order), "2025-05", "2025-05-15")["routine-in-time"] == (0, 0)
    assert shares(ordered(order), "2025-05", "2025-05-31")["routine-in-time"] == (0, 1)


def test_an_answered_order_counts_when_the_sample_is_known_and_is_left_out_when_it_is_not() -> None:
    order = "Ann | 2025-05-01 | request | routine | completed"
    assert shares(ordered(order, samples="Ann | 2025-05-15 | sample"), "2025-05")["routine-in-time"] == (1, 1)
    assert shares(ordered(order), "2025-05", "2025-05-31")["routine-in-time"] == (0, 0)
    assert ordered(order).recall("2025-05-31").recalls == ()


def test_the_same_request_coded_and_ordered_counts_once() -> None:
    surgery = practice("patient | date | code | value\n Ann | 2025-05-01 | request | routine")
    plan(surgery, "patient | asked | code | priority | status\n Ann | 2025-05-01 | request | routine | completed")
    assert shares(surgery, "2025-05", "2025-05-31")["routine-in-time"] == (0, 1)


@pytest.mark.parametrize(("taken", "counts"), [("2025-07-30", (1, 0)), ("2025-07-31", (0, 1))])
def test_an_interval_in_months_reaches_as_far_as_the_calendar(taken: str, counts: tuple[int, int]) -> None:
    spec = SERVICE.spec
    service = SERVICE.with_spec(replace(spec, recalls=(replace(spec.recalls[0], unit="months", interval=3),)))
    activity = f"patient | date | code | clinician\n Ann | 2025-04-30 | request | Dr A\n Ann | {taken} | sample |"
    surgery = Surgery(service, terms=TERMS, activity=activity)
    (table,) = [one for one in surgery.report("2025-07-01..2025-08-31").tables if one.id == "requests"]
    due = [one.due_on.isoformat() for one in surgery.recall("2025-07-01").recalls]
    counted = [row[2:] for row in table.rows if row[:2] == ("primary care", "not stated")]
    assert (due, counted) == (["2025-07-30"], [counts])
