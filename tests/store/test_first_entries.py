"""A code counts from its own first day: an older entry hides no later one, and keeps nobody off a register."""

from __future__ import annotations

import pytest

import lescli_pessary
from lescli.services import service_of
from lescli.testing import Surgery, assert_recall, assert_register

SERVICE = service_of(lescli_pessary, origin="package")
CODE = "19999999103"
TERMS = f"""
    key           | value  | from
    codes.fitting | {CODE} | 2025-06-24
"""


@pytest.mark.parametrize(
    ("fitted", "since"),
    [
        ("2025-06-23", ""),
        ("2025-06-24", "2025-06-24"),
        ("2025-06-25", "2025-06-25"),
        ("2025-04-01 2025-08-01", "2025-08-01"),
        ("2025-06-23 2025-06-24 2025-08-01", "2025-06-24"),
    ],
)
def test_a_patient_is_on_the_register_from_the_first_entry_that_counts(fitted: str, since: str) -> None:
    rows = "\n".join(f"Ann | {day} | {CODE}" for day in fitted.split())
    surgery = Surgery(SERVICE, terms=TERMS, activity=f"patient | date | code\n{rows}")
    assert_register(surgery, f"patient | entered\nAnn | {since}" if since else "patient | entered", as_of="2025-12-31")


def test_a_patient_fitted_before_and_after_the_code_began_is_recalled() -> None:
    surgery = Surgery(
        SERVICE, terms=TERMS, activity=f"patient | date | code\nAnn | 2025-04-01 | {CODE}\nAnn | 2025-08-01 | {CODE}"
    )
    assert_recall(
        surgery,
        "patient | kind | due\nAnn | follow-up | 2025-08-29\nAnn | change | 2026-02-01",
        as_of="2025-12-31",
    )
