"""The denosumab register: who is on it, since when, by which rule, and what section 5 wants and nobody recorded."""

from __future__ import annotations

import pytest

import lescli_denosumab
from lescli.services import service_of
from lescli.testing import Surgery, assert_register

SERVICE = service_of(lescli_denosumab, origin="package")


def test_everyone_with_the_code_is_on_it_from_their_first_entry() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date       | consultation type
            Ann     | 2025-06-02 | Telephone call
            Ann     | 2026-05-04 | Home visit
            Bob     | 2026-05-05 | Home visit
            """,
    )
    expected = """
        patient | entered    | ended | rule  | clause                                         | missing
        Ann     | 2025-06-02 |       | coded | 2.1.1; 2.2 Acceptance onto Practice Register   | first_dose_on, management_plan_given_on
        Bob     | 2026-05-05 |       | coded | 2.1.1; 2.2 Acceptance onto Practice Register   | first_dose_on, management_plan_given_on
        """  # noqa: E501
    assert_register(surgery, expected, as_of="2026-06-01")


def test_those_added_by_hand_are_on_it_too() -> None:
    surgery = Surgery(
        SERVICE,
        activity="patient | date\n Ann | 2026-05-04\n Bob | 2026-05-04",
        register="""
            patient | entered    | first dose on | management plan given on | diagnosis
            Ann     |            | 2025-11-03    |                          |
            Bob     | 2026-04-01 | 2025-11-03    | 2026-04-02               | osteoporosis
            Eve     | 2026-04-10 |               | 2026-04-11               |
            """,
    )
    expected = """
        patient | entered    | rule    | first_dose_on | diagnosis    | missing
        Ann     | 2026-05-04 | coded   | 2025-11-03    |              | management_plan_given_on
        Bob     | 2026-04-01 | by-hand | 2025-11-03    | osteoporosis |
        Eve     | 2026-04-10 | by-hand |               |              | first_dose_on
        """
    assert_register(surgery, expected, as_of="2026-06-01")


def test_nobody_is_on_it_before_they_enter() -> None:
    surgery = Surgery(
        SERVICE, activity="patient | date\n Ann | 2026-05-04", register="patient | entered\n Bob | 2026-05-04"
    )
    assert_register(surgery, "patient | entered", as_of="2026-05-03")
    assert_register(surgery, "patient | entered\n Ann | 2026-05-04\n Bob | 2026-05-04", as_of="2026-05-04")


def test_an_entry_ends_by_hand_by_death_or_by_leaving_whichever_is_first() -> None:
    surgery = Surgery(
        SERVICE,
        patients="""
            patient | registered | left       | died
            Ann     | 2020-01-01 |            |
            Bob     | 2020-01-01 |            | 2026-05-10
            Eve     | 2020-01-01 | 2026-05-12 |
            Joy     | 2020-01-01 | 2026-05-12 | 2026-05-10
            Max     | 2020-01-01 |            | 2026-05-10
            """,
        register="""
            patient | entered    | ended      | end reason
            Ann     | 2026-04-01 | 2026-05-08 | back to hospital
            Bob     | 2026-04-01 |            |
            Eve     | 2026-04-01 |            |
            Joy     | 2026-04-01 |            |
            Max     | 2026-04-01 | 2026-05-08 | back to hospital
            """,
    )
    expected = """
        patient | entered    | ended      | end reason
        Ann     | 2026-04-01 | 2026-05-08 | back to hospital
        Bob     | 2026-04-01 | 2026-05-10 | died
        Eve     | 2026-04-01 | 2026-05-12 | left the practice
        Joy     | 2026-04-01 | 2026-05-10 | died
        Max     | 2026-04-01 | 2026-05-08 | back to hospital
        """
    assert_register(surgery, expected, as_of="2026-06-01")


def test_who_comes_back_is_on_it_again() -> None:
    surgery = Surgery(
        SERVICE,
        register="patient | entered | ended | end reason\n Ann | 2026-04-01 | 2026-04-30 | stopped",
        activity="patient | date\n Ann | 2026-04-10\n Ann | 2026-06-01",
    )
    expected = """
        patient | entered    | ended      | rule
        Ann     | 2026-04-01 | 2026-04-30 | by-hand
        Ann     | 2026-06-01 |            | coded
        """
    assert_register(surgery, expected, as_of="2026-06-30")


def test_details_hold_from_their_date_until_a_later_one() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | from       | planned duration
            Ann     | 2026-04-01 |            | 5 years
            Ann     |            | 2026-06-01 | 10 years
            """,
    )
    assert_register(surgery, "patient | planned_duration\n Ann | 5 years", as_of="2026-05-31")
    assert_register(surgery, "patient | planned_duration\n Ann | 10 years", as_of="2026-06-01")


@pytest.mark.parametrize(
    ("registration", "on_it"), [("regular", True), ("temporary", True), ("none", False), ("", True)]
)
def test_temporary_residents_are_in_and_strangers_are_not(registration: str, on_it: bool) -> None:
    surgery = Surgery(
        SERVICE,
        patients=f"patient | registration\n Ann | {registration}",
        activity="patient | date\n Ann | 2026-05-04",
    )
    assert_register(surgery, "patient\n Ann" if on_it else "patient", as_of="2026-05-31")
