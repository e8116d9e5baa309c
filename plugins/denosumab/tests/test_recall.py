"""Denosumab recall: an injection every 6 months, longest delay first, nobody rung who must not be (2.2; 5)."""

from __future__ import annotations

import pytest

import lescli_denosumab
from lescli.services import service_of
from lescli.testing import Surgery, assert_recall

SERVICE = service_of(lescli_denosumab, origin="package")
NOBODY = "patient | due"


@pytest.mark.parametrize(
    ("given", "due"),
    [
        ("2026-05-04", "2026-11-04"),
        ("2026-08-31", "2027-02-28"),
        ("2026-08-29", "2027-02-28"),
        ("2026-08-28", "2027-02-28"),
        ("2027-08-31", "2028-02-29"),
        ("2026-12-31", "2027-06-30"),
        ("2027-02-28", "2027-08-28"),
    ],
)
def test_due_six_months_after_the_last(given: str, due: str) -> None:
    surgery = Surgery(SERVICE, activity=f"patient | date\n Ann | {given}")
    expected = f"patient | kind | due | last | clause\n Ann | injection | {due} | {given} | 2.2; 5 (4)"
    assert_recall(surgery, expected, as_of=given)


def test_months_are_counted_from_the_last_injection_itself() -> None:
    surgery = Surgery(SERVICE, activity="patient | date\n Ann | 2025-08-31\n Ann | 2026-02-28")
    assert_recall(surgery, "patient | due\n Ann | 2026-08-28", as_of="2026-03-01")


def test_counted_from_the_first_dose_until_there_is_one_of_ours() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | first dose on
            Ann     | 2026-04-01 | 2026-01-15
            Bob     | 2026-04-01 | 2026-01-15
            Eve     | 2026-04-01 |
            """,
        activity="patient | date\n Bob | 2026-05-04",
    )
    expected = """
        patient | due        | last
        Eve     | 2026-04-01 |
        Ann     | 2026-07-15 |
        Bob     | 2026-11-04 | 2026-05-04
        """
    assert_recall(surgery, expected, as_of="2026-06-01")


def test_bands_on_both_sides_of_28_and_112_days() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date
            Ann     | 2026-04-01
            Bob     | 2026-04-02
            """,
    )
    # Ann is due on 1 October, Bob on 2 October: on each day asked, one day apart.
    for as_of, ann, ann_band, bob, bob_band in [
        ("2026-10-01", "0", "on-time", "0", "on-time"),
        ("2026-10-02", "1", "on-time", "0", "on-time"),
        ("2026-10-30", "29", "delayed", "28", "on-time"),
        ("2027-01-22", "113", "long-delay", "112", "delayed"),
        ("2027-01-23", "114", "long-delay", "113", "long-delay"),
    ]:
        expected = f"""
            patient | late  | band
            Ann     | {ann} | {ann_band}
            Bob     | {bob} | {bob_band}
            """
        assert_recall(surgery, expected, as_of=as_of)


def test_longest_delay_first() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date
            Ann     | 2026-06-01
            Bob     | 2026-04-01
            Eve     | 2026-05-01
            Joy     | 2026-09-01
            """,
    )
    expected = """
        patient | due        | late
        Bob     | 2026-10-01 | 61
        Eve     | 2026-11-01 | 30
        Ann     | 2026-12-01 | 0
        Joy     | 2027-03-01 | 0
        """
    assert_recall(surgery, expected, as_of="2026-12-01")


def test_who_is_not_rung() -> None:
    surgery = Surgery(
        SERVICE,
        patients="""
            patient | registered | left       | died       | registration
            Ann     | 2020-01-01 |            |            |
            Bob     | 2020-01-01 |            | 2026-12-01 |
            Eve     | 2020-01-01 | 2026-11-30 |            |
            Joy     | 2020-01-01 |            |            |
            Max     |            |            |            | none
            Ted     | 2026-04-01 |            |            | temporary
            Una     | 2020-01-01 | 2026-12-02 |            |
            """,
        activity="""
            patient | date
            Ann     | 2026-05-04
            Bob     | 2026-05-04
            Eve     | 2026-05-04
            Joy     | 2026-05-04
            Max     | 2026-05-04
            Ted     | 2026-05-04
            Una     | 2026-05-04
            """,
        register="patient | entered | ended | end reason\n Joy | 2026-05-04 | 2026-11-30 | back to hospital",
    )
    assert_recall(surgery, "patient | due\n Ann | 4 Nov 2026\n Ted | 4 Nov 2026\n Una | 4 Nov 2026", as_of="2026-12-01")


def test_who_declined_is_left_out_until_the_date_they_set() -> None:
    surgery = Surgery(
        SERVICE,
        activity="patient | date\n Ann | 2026-05-04\n Bob | 2026-05-04\n Eve | 2026-05-04",
        invitations="""
            patient | on         | by    | outcome  | until
            Ann     | 2026-11-10 | phone | declined |
            Bob     | 2026-11-10 | phone | declined | 2027-01-15
            """,
    )
    assert_recall(surgery, "patient\n Ann\n Bob\n Eve", as_of="2026-11-09")
    assert_recall(surgery, "patient\n Eve", as_of="2026-11-10")
    assert_recall(surgery, "patient\n Eve", as_of="2027-01-14")
    assert_recall(surgery, "patient | invitations\n Bob | 1\n Eve | 0", as_of="2027-01-15")


def test_who_declined_and_comes_all_the_same_is_called_the_next_time() -> None:
    surgery = Surgery(
        SERVICE,
        activity="patient | date\n Ann | 2026-05-04\n Ann | 2026-11-20",
        invitations="patient | on | outcome\n Ann | 2026-11-10 | declined",
    )
    assert_recall(surgery, "patient", as_of="2026-11-19")
    assert_recall(surgery, "patient | due | invitations\n Ann | 2027-05-20 | 0", as_of="2026-11-20")


def test_who_declined_and_then_booked_is_called() -> None:
    surgery = Surgery(
        SERVICE,
        activity="patient | date\n Ann | 2026-05-04",
        invitations="patient | on | outcome\n Ann | 2026-11-10 | declined\n Ann | 2026-11-12 | booked",
    )
    assert_recall(surgery, "patient", as_of="2026-11-11")
    assert_recall(surgery, "patient | invitations\n Ann | 2", as_of="2026-11-12")


def test_invitations_since_the_last_injection_are_counted() -> None:
    surgery = Surgery(
        SERVICE,
        activity="patient | date\n Ann | 2026-05-04",
        invitations="""
            patient | on         | by     | outcome
            Ann     | 2026-04-20 | letter |
            Ann     | 2026-10-20 | letter |
            Ann     | 2026-11-10 | sms    | dna
            Ann     | 2026-12-10 | phone  |
            """,
    )
    assert_recall(surgery, "patient | invitations\n Ann | 1", as_of="2026-11-01")
    assert_recall(surgery, "patient | invitations\n Ann | 2", as_of="2026-11-10")
    assert_recall(surgery, "patient | invitations\n Ann | 3", as_of="2026-12-10")


def test_nobody_on_the_register_nobody_to_ring() -> None:
    assert_recall(Surgery(SERVICE, patients="patient | born\n Ann | 1940-02-29"), NOBODY, as_of="2026-12-01")
