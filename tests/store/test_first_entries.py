"""A code counts from its own day: an older entry of it hides no later one, and nobody is dropped from a register."""

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
def test_on_the_register_since_the_first_entry_that_counts(fitted: str, since: str) -> None:
    rows = "\n".join(f"Ann | {day} | {CODE}" for day in fitted.split())
    surgery = Surgery(SERVICE, terms=TERMS, activity=f"patient | date | code\n{rows}")
    assert_register(surgery, f"patient | entered\nAnn | {since}" if since else "patient | entered", as_of="2025-12-31")


def test_who_was_fitted_before_the_code_counted_and_again_is_recalled() -> None:
    surgery = Surgery(
        SERVICE, terms=TERMS, activity=f"patient | date | code\nAnn | 2025-04-01 | {CODE}\nAnn | 2025-08-01 | {CODE}"
    )
    assert_recall(
        surgery,
        "patient | kind | due\nAnn | follow-up | 2025-08-29\nAnn | change | 2026-02-01",
        as_of="2025-12-31",
    )
