"""The pessary register: who is on it, and what codes tell of the first fitting and of the removal."""

from __future__ import annotations

import pytest

import lescli_pessary
from lescli.services import service_of
from lescli.testing import Surgery, assert_register, snomed_concept

SERVICE = service_of(lescli_pessary, origin="package")
CODES = "key | value | from\n" + "\n".join(
    f"codes.{name} | {snomed_concept(place)} | 2020-04-01"
    for place, name in enumerate(["fitting", "change", "removal", "annual-review", "follow-up"])
)


def test_everyone_with_a_code_and_those_added_by_hand() -> None:
    surgery = Surgery(
        SERVICE,
        terms=CODES,
        register="patient | entered    | fitted on  | pessary type | size | interval months\n"
        "Eve     | 2025-05-04 | 2024-01-10 | ring | 65 mm | 4",
        activity="""
            patient | date       | code
            Ann     | 2025-05-01 | fitting
            Bob     | 2025-05-02 | change
            Cat     | 2025-05-03 | annual-review
            Dot     | 2025-05-03 | removal
            """,
    )
    expected = """
        patient | entered    | rule    | fitted_on  | missing   | interval_months
        Ann     | 2025-05-01 | coded   | 2025-05-01 |           |
        Bob     | 2025-05-02 | coded   |            | fitted_on |
        Cat     | 2025-05-03 | coded   |            | fitted_on |
        Eve     | 2025-05-04 | by-hand | 2024-01-10 |           | 4
        """
    assert_register(surgery, expected, as_of="2025-05-31")


@pytest.mark.parametrize(
    ("by_hand", "entries", "fitted_on", "removed_on"),
    [
        ("", "2025-05-01 fitting", "2025-05-01", ""),
        ("", "2025-05-01 fitting, 2025-06-01 fitting", "2025-05-01", ""),
        ("fitted on 2025-04-20", "2025-05-01 fitting", "2025-04-20", ""),
        # Fitted before the record begins, by whom nobody knows.
        ("", "2025-05-01 change, 2025-06-01 fitting", "", ""),
        ("", "2025-05-01 fitting, 2025-07-01 removal", "2025-05-01", "2025-07-01"),
        # The removal that is part of a change, and the one a fitting of the same day follows.
        ("", "2025-05-01 fitting, 2025-07-01 removal, 2025-07-01 change", "2025-05-01", ""),
        ("", "2025-05-01 fitting, 2025-07-01 removal, 2025-07-01 fitting", "2025-05-01", ""),
        ("", "2025-05-01 fitting, 2025-07-01 removal, 2025-07-02 change", "2025-05-01", ""),
        ("", "2025-05-01 fitting, 2025-07-01 removal, 2025-09-01 fitting", "2025-09-01", ""),
        ("removed on 2025-07-01", "2025-05-01 fitting", "2025-05-01", "2025-07-01"),
        ("removed on 2025-05-01", "2025-05-01 fitting", "2025-05-01", "2025-05-01"),
        # Who wears one again is not forgotten.
        ("removed on 2025-07-01", "2025-05-01 fitting, 2025-09-01 fitting", "2025-09-01", ""),
        # A day that has not come says nothing yet.
        ("removed on 2026-07-01", "2025-05-01 fitting", "2025-05-01", ""),
        ("removed on 2025-07-01", "", "", "2025-07-01"),
    ],
)
def test_first_fitting_and_removal(by_hand: str, entries: str, fitted_on: str, removed_on: str) -> None:
    name, _, day = by_hand.rpartition(" ")
    rows = [entry.split() for entry in entries.split(", ") if entry]
    surgery = Surgery(
        SERVICE,
        terms=CODES,
        register=f"patient | entered | {name or 'size'}\n Ann | 2025-05-01 | {day}",
        activity="patient | date | code\n" + "\n".join(f"Ann | {day} | {code}" for day, code in rows),
    )
    expected = f"patient | fitted_on | removed_on\n Ann | {fitted_on} | {removed_on}"
    assert_register(surgery, expected, as_of="2025-12-31")


def test_who_is_entered_again_is_not_taken_for_removed() -> None:
    surgery = Surgery(
        SERVICE,
        terms=CODES,
        register="""
            patient | entered    | ended
            Ann     | 2025-05-01 | 2025-07-01
            Ann     | 2025-09-01 |
            """,
        activity="patient | date | code\n Ann | 2025-05-01 | fitting\n Ann | 2025-07-01 | removal",
    )
    expected = """
        patient | entered    | removed_on | missing
        Ann     | 2025-05-01 |            | fitted_on
        Ann     | 2025-09-01 |            | fitted_on
        """
    assert_register(surgery, expected, as_of="2025-12-31")
