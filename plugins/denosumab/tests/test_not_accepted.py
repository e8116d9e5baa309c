"""A telephone entry is no injection: it settles no recall, makes nobody on time, and is named to whoever rings."""

from __future__ import annotations

import pytest

import lescli_denosumab
from lescli.services import service_of
from lescli.testing import Surgery, assert_measures, assert_recall

SERVICE = service_of(lescli_denosumab, origin="package")
PHONE = "Telephone consultation"
NOTE = "the entry of 04 May 2026 (Telephone consultation) does not count: the consultation type is not one that counts"


def of_ann(*entries: str, terms: str = "") -> Surgery:
    rows = "\n".join(f"Ann | {entry}" for entry in entries)
    return Surgery(SERVICE, terms=terms, activity=f"patient | date | consultation type | id\n{rows}")


def test_the_patient_is_still_due_and_the_entry_is_named() -> None:
    surgery = of_ann("2025-11-04 | Face to face | 1", f"2026-05-04 | {PHONE} | 2")
    expected = f"patient | due | last | late | note\n Ann | 2026-05-04 | 2025-11-04 | 28 | {NOTE}"
    assert_recall(surgery, expected, as_of="2026-06-01")
    (recall,) = surgery.recall("2026-06-01").recalls
    assert [surgery.entries()[one][2] for one in recall.evidence] == ["1", "2"]


@pytest.mark.parametrize(
    ("entry", "due"),
    [
        (f"2026-05-04 | {PHONE} | 2", "2026-05-04"),
        ("2026-05-04 | Non-face to face | 2", "2026-05-04"),
        ("2026-05-04 | Clinical letter | 2", "2026-05-04"),
        ("2026-05-04 | Home Visit | 2", "2026-11-04"),
        # Nobody says how she was seen: the claim asks, and she is not called for a second injection.
        ("2026-05-04 | | 2", "2026-11-04"),
    ],
)
def test_what_settles_it(entry: str, due: str) -> None:
    surgery = of_ann("2025-11-04 | Face to face | 1", entry)
    assert_recall(surgery, f"patient | due\n Ann | {due}", as_of="2026-05-05")


def test_the_accepted_entry_of_the_same_day_settles_it_and_nothing_is_said() -> None:
    surgery = of_ann("2025-11-04 | Face to face | 1", f"2026-05-04 | {PHONE} | 2", "2026-05-04 | Face to face | 3")
    assert_recall(surgery, "due | last | note\n 2026-11-04 | 2026-05-04 |", as_of="2026-05-05")


def test_an_older_entry_that_does_not_count_is_not_named() -> None:
    surgery = of_ann(f"2025-05-04 | {PHONE} | 1", "2025-11-04 | Face to face | 2")
    assert_recall(surgery, "due | note\n 2026-05-04 |", as_of="2026-05-05")


def test_who_was_only_ever_telephoned_is_due_at_once() -> None:
    assert_recall(of_ann(f"2026-05-04 | {PHONE} | 1"), f"due | last | note\n 2026-05-04 | | {NOTE}", as_of="2026-05-04")


def test_a_type_that_the_practice_accepts_settles_it_from_its_day() -> None:
    terms = "key | value | from\n setting.accepted_consultation_types += | telephone | 2026-05-04"
    surgery = of_ann("2025-11-04 | Face to face | 1", f"2026-05-04 | {PHONE} | 2", terms=terms)
    assert_recall(surgery, "due | note\n 2026-11-04 |", as_of="2026-05-05")


@pytest.mark.parametrize("column", ["done at", "recorded"])
def test_what_else_a_claim_holds_back_was_done_all_the_same(column: str) -> None:
    value = "U12345" if column == "done at" else "2026-05-30"
    activity = f"patient | date | {column}\n Ann | 2025-11-04 |\n Ann | 2026-05-04 | {value}"
    assert_recall(Surgery(SERVICE, activity=activity), "due\n 2026-11-04", as_of="2026-06-01")


def test_on_time_is_counted_from_the_last_that_counts() -> None:
    surgery = of_ann("2026-04-06 | Face to face | 1", f"2026-08-04 | {PHONE} | 2", "2027-01-05 | Face to face | 3")
    # Due on 6 October by the first, which is 91 days before; by the telephone entry it would have been in time.
    assert_measures(
        surgery,
        "measure | count | of\n injections | 1 |\n register-size | 1 |\n on-time | 0 | 1\n overdue | 0 |",
        period="2027-01",
    )
