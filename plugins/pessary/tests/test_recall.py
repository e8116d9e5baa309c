"""Pessary recall: follow-up at 4 to 6 weeks, then changes at the patient's interval, and nobody after a removal."""

from __future__ import annotations

import pytest

import lescli_pessary
from lescli.services import service_of
from lescli.testing import Surgery, assert_recall, snomed_concept

SERVICE = service_of(lescli_pessary, origin="package")
CODES = "key | value | from\n" + "\n".join(
    f"codes.{name} | {snomed_concept(place)} | 2020-04-01"
    for place, name in enumerate(["fitting", "change", "removal", "annual-review", "follow-up"])
)
NOBODY = "patient | kind"


def practice(entries: str = "", *, register: str = "", invitations: str = "", patients: str = "") -> Surgery:
    """Entries of Ann as `2025-05-01 fitting, 2025-06-01 change`."""
    rows = [entry.split() for entry in entries.split(", ") if entry]
    activity = "patient | date | code\n" + "\n".join(f"Ann | {day} | {code}" for day, code in rows)
    return Surgery(
        SERVICE, terms=CODES, activity=activity, register=register, invitations=invitations, patients=patients
    )


@pytest.mark.parametrize(
    ("as_of", "late"),
    # Fitted on 1 May: day 27, 28, 42 and 43.
    [("2025-05-28", 0), ("2025-05-29", 0), ("2025-06-12", 0), ("2025-06-13", 1)],
)
def test_follow_up_is_due_at_4_weeks_and_overdue_after_6(as_of: str, late: int) -> None:
    expected = f"""
        patient | kind      | due        | late   | clause
        Ann     | follow-up | 2025-05-29 | {late} | slide Ring Pessary, point 3
        Ann     | change    | 2025-11-01 | 0      | slide Ring Pessary, points 5 and 7
        """
    assert_recall(practice("2025-05-01 fitting"), expected, as_of=as_of)


@pytest.mark.parametrize("code", ["follow-up", "change", "removal", "annual-review"])
def test_any_later_attendance_settles_the_follow_up(code: str) -> None:
    rows = practice(f"2025-05-01 fitting, 2025-05-30 {code}").recall("2025-06-20").recalls
    assert "follow-up" not in [one.kind for one in rows]


def test_a_fitting_of_another_size_is_no_follow_up_and_no_first_fitting() -> None:
    expected = """
        kind      | due        | last
        follow-up | 2025-05-29 |
        change    | 2025-11-20 | 2025-05-20
        """
    assert_recall(practice("2025-05-01 fitting, 2025-05-20 fitting"), expected, as_of="2025-05-21")


def test_a_fitting_after_a_removal_is_a_first_one_again() -> None:
    entries = "2025-05-01 fitting, 2025-05-30 follow-up, 2025-07-01 removal, 2025-09-01 fitting"
    expected = "kind | due\n follow-up | 2025-09-29\n change | 2026-03-01"
    assert_recall(practice(entries), expected, as_of="2025-09-02")


@pytest.mark.parametrize(
    ("months", "due"),
    [("3", "2025-08-31"), ("4", "2025-09-30"), ("5", "2025-10-31"), ("6", "2025-11-30"), ("", "2025-11-30")],
)
def test_each_patient_has_her_own_interval(months: str, due: str) -> None:
    surgery = practice(
        "2025-05-31 change", register=f"patient | entered | interval months\n Ann | 2025-05-31 | {months}"
    )
    assert_recall(surgery, f"kind | due | last\n change | {due} | 2025-05-31", as_of="2025-06-01")


def test_the_interval_counts_from_the_last_fitting_or_change() -> None:
    expected = "kind | due | last\n change | 2026-02-10 | 2025-08-10"
    assert_recall(practice("2025-05-01 fitting, 2025-08-10 change"), expected, as_of="2025-08-11")
    refitted = practice("2025-05-01 fitting, 2025-08-10 change, 2025-09-10 fitting")
    assert_recall(refitted, "kind | due | last\n change | 2026-03-10 | 2025-09-10", as_of="2025-09-11")


def test_a_change_on_the_last_day_of_the_interval_is_not_overdue() -> None:
    surgery = practice("2025-04-10 change")
    for as_of, late in [("2025-10-10", "0"), ("2025-10-11", "1")]:
        assert_recall(surgery, f"kind | due | late\n change | 2025-10-10 | {late}", as_of=as_of)


def test_who_manages_it_herself_has_an_annual_review_instead() -> None:
    surgery = practice(
        register="""
            patient | entered    | fitted on  | self managing
            Ann     | 2025-05-01 | 2024-05-01 | yes
            Bob     | 2025-05-01 | 2024-05-01 | no
            Cat     | 2025-05-01 | 2024-05-01 |
            """,
    )
    surgery.add(activity="\n".join(["patient | date | code", *(f"{who} | 2024-06-01 | follow-up" for who in NAMES)]))
    expected = """
        patient | kind          | due
        Bob     | change        | 2024-11-01
        Cat     | change        | 2024-11-01
        Ann     | annual-review | 2025-05-01
        """
    assert_recall(surgery, expected, as_of="2025-05-02")


NAMES = ("Ann", "Bob", "Cat")


def test_the_annual_review_counts_from_the_last_examination() -> None:
    register = "patient | entered | self managing\n Ann | 2025-05-01 | yes"
    changed = practice("2025-05-01 fitting, 2025-10-01 change", register=register)
    assert_recall(changed, "kind | due\n annual-review | 2026-10-01", as_of="2025-10-02")
    reviewed = practice("2025-05-01 fitting, 2026-04-01 annual-review", register=register)
    assert_recall(reviewed, "kind | due\n annual-review | 2027-04-01", as_of="2026-04-02")


def test_nobody_is_called_after_a_removal() -> None:
    by_code = practice("2025-05-01 fitting, 2025-07-01 removal")
    assert_recall(by_code, NOBODY, as_of="2025-12-31")
    by_hand = practice("2025-05-01 fitting", register="patient | entered | removed on\n Ann | 2025-05-01 | 2025-07-01")
    assert_recall(by_hand, NOBODY, as_of="2025-12-31")


def test_who_wears_one_again_is_called_again() -> None:
    surgery = practice(
        "2025-05-01 fitting, 2025-09-01 fitting",
        register="patient | entered | removed on\n Ann | 2025-05-01 | 2025-07-01",
    )
    assert_recall(surgery, "kind | due\n follow-up | 2025-09-29\n change | 2026-03-01", as_of="2025-09-02")


def test_who_is_on_the_register_and_nothing_more_is_known_of_is_due_at_once() -> None:
    surgery = practice(register="patient | entered\n Ann | 2025-05-01")
    assert_recall(surgery, "kind | due | late\n change | 2025-05-01 | 9", as_of="2025-05-10")


def test_who_did_not_attend_stays_and_who_declined_does_not() -> None:
    surgery = practice(
        register="""
            patient | entered    | fitted on
            Ann     | 2025-05-01 | 2025-04-01
            Bob     | 2025-05-01 | 2025-04-01
            """,
        invitations="""
            patient | on         | outcome
            Ann     | 2025-05-02 | booked
            Ann     | 2025-05-08 | dna
            Bob     | 2025-05-02 | declined
            """,
    )
    expected = """
        patient | kind      | invitations
        Ann     | follow-up | 2
        Ann     | change    | 2
        """
    assert_recall(surgery, expected, as_of="2025-05-14")


def test_who_died_or_left_is_not_called() -> None:
    surgery = practice(
        "2025-05-01 fitting",
        patients="patient | left       | died\n Ann |            | 2025-05-20\n Bob | 2025-05-20 |",
    )
    surgery.add(activity="patient | date | code\n Bob | 2025-05-01 | fitting")
    assert_recall(surgery, NOBODY, as_of="2025-06-20")
