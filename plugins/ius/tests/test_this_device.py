"""A second device of the same patient: what was recorded for the first does not vouch for it."""

from __future__ import annotations

import pytest

import lescli_ius
from lescli.services import service_of
from lescli.testing import Surgery, assert_claim, claim_rows

SERVICE = service_of(lescli_ius, origin="package")
PRICES = "key | value | from\n price.fitting | 80.00 | 2010-01-01\n price.removal | 30.00 | 2010-01-01"
LETTER = "clinician | kind | from | to\n Dr A | fsrh-loc | 2010-01-01 | 2030-01-01"
FIRST = "| 2015-05-04 | 2015-05-04 | menorrhagia | Mirena | T1 | 2018-01-31 | written"
AGAIN = "| | 2020-05-04 | menorrhagia | Mirena | T2 | 2024-01-31 | verbal"
HEADER = "patient | entered | from | indication | device type | batch number | device expiry | consent | fitted on"
FITTED_AGAIN = """
    patient | date       | clinician
    Ann     | 2015-05-04 | Dr A
    Ann     | 2020-05-04 | Dr A
"""


def refitted(*rows: str, terms: str = PRICES) -> Surgery:
    """Ann, fitted on 4 May 2015 and again on 4 May 2020; the rows are her register."""
    return Surgery(
        SERVICE, terms=terms, accreditations=LETTER, activity=FITTED_AGAIN, register="\n".join([HEADER, *rows])
    )


def test_the_first_record_does_not_support_the_second_device() -> None:
    surgery = refitted(f"Ann {FIRST} |")
    expected = """
        patient | date       | verdict | reason            | clause
        Ann     | 2020-05-04 | check   | record-incomplete | {clause}
        """
    clause = "4.3 Activity and Audits; holding the claim back is our decision"
    claim = assert_claim(surgery, expected.format(clause=clause), month="2020-05")
    (row,) = claim_rows(surgery, claim)
    assert "--from DATE" in row["fix"]


def test_details_recorded_again_support_the_second_device() -> None:
    assert_claim(refitted(f"Ann {FIRST} |", f"Ann {AGAIN} |"), "verdict | price\n payable | 80.00", month="2020-05")


def test_one_detail_left_over_is_enough_to_hold_it_back() -> None:
    left_over = AGAIN.replace("T2", "")
    assert_claim(
        refitted(f"Ann {FIRST} |", f"Ann {left_over} |"),
        "verdict | reason\n check | record-incomplete",
        month="2020-05",
    )


def test_the_day_after_the_first_fitting_is_the_first_on_which_the_second_can_be_recorded() -> None:
    # Counselling and consent may come well before the fitting.
    for start, verdict in (("2015-05-04", "check"), ("2015-05-05", "payable")):
        surgery = refitted(f"Ann {AGAIN.replace('2020-05-04', start)} |".replace("| |", "| 2015-05-04 |"))
        assert_claim(surgery, f"verdict\n {verdict}", month="2020-05")


def test_the_day_in_fitted_on_says_which_device_it_is() -> None:
    for day, verdict in (("2020-05-03", "check"), ("2020-05-04", "payable"), ("2020-05-05", "check"), ("", "payable")):
        surgery = refitted(f"Ann {FIRST} |", f"Ann {AGAIN} | {day}")
        assert_claim(surgery, f"verdict\n {verdict}", month="2020-05")


def test_a_device_fitted_elsewhere_and_known_by_hand_is_told_by_its_day_too() -> None:
    surgery = Surgery(
        SERVICE,
        terms=PRICES,
        accreditations=LETTER,
        activity="patient | date | clinician\n Ann | 2020-05-04 | Dr A",
        register=f"{HEADER}\nAnn {FIRST} | 2015-05-04",
    )
    assert_claim(surgery, "verdict | reason\n check | record-incomplete", month="2020-05")


def test_the_first_claim_still_rests_on_the_first_record() -> None:
    surgery = refitted(f"Ann {FIRST} |", f"Ann {AGAIN} |", terms=f"{PRICES}\n period.start | 2015-04-01 | 2015-04-01")
    assert_claim(surgery, "date | verdict | price\n 2015-05-04 | payable | 80.00", month="2015-05", as_of="2020-06-01")


def test_a_copy_of_the_entry_is_no_earlier_fitting() -> None:
    surgery = Surgery(
        SERVICE,
        terms=PRICES,
        accreditations=LETTER,
        activity="patient | date | clinician | id\n Ann | 2020-05-04 | Dr A | 1\n Ann | 2020-05-04 | Dr A | 2",
        register=f"{HEADER}\nAnn {AGAIN} | 2020-05-04".replace("| |", "| 2020-05-04 |"),
    )
    assert_claim(surgery, "verdict | reason\n payable | accepted\n refused | duplicate", month="2020-05")


def test_what_must_be_recorded_anew_is_a_setting() -> None:
    surgery = refitted(
        f"Ann {FIRST} |",
        f"Ann {AGAIN.replace('menorrhagia', '').replace('verbal', '')} |",
        terms=f"{PRICES}\n setting.recorded_anew | device_type,batch_number,device_expiry | 2020-04-01",
    )
    assert_claim(surgery, "verdict | price\n payable | 80.00", month="2020-05")


def test_a_removal_and_a_check_need_no_record_of_the_device() -> None:
    surgery = refitted(f"Ann {FIRST} | 2015-05-04")
    surgery.add(activity="patient | date | code\n Ann | 2020-05-04 | removal")
    expected = "item | verdict\n fitting | check\n removal | payable"
    assert_claim(surgery, expected, month="2020-05")


def test_what_is_recorded_to_hold_only_later_comes_too_late() -> None:
    late = AGAIN.replace("2020-05-04", "2020-05-05")
    surgery = refitted(f"Ann {FIRST} |", f"Ann {late} |")
    assert_claim(surgery, "verdict | reason\n check | record-incomplete", month="2020-05")


@pytest.mark.parametrize(
    ("named_from", "details_from", "verdict"),
    [
        # The first device was written down some days after its fitting: its record is the first device's.
        ("2015-05-10", "2015-05-10", "check"),
        ("2015-05-10", "2015-05-09", "check"),
        # Written down again shortly before the second fitting.
        ("2020-05-03", "2020-05-03", "check"),
        ("2020-05-04", "2020-05-04", "check"),
        # Only the day was not recorded again.
        ("2015-05-10", "2015-05-11", "payable"),
        ("2015-05-04", "2020-05-04", "payable"),
    ],
)
def test_what_was_recorded_with_the_day_of_the_first_is_of_the_first(
    named_from: str, details_from: str, verdict: str
) -> None:
    named = f"Ann | 2015-05-04 | {named_from} | | | | | | 2015-05-04"
    details = f"Ann {AGAIN.replace('2020-05-04', details_from)} |".replace("| |", "| 2015-05-04 |", 1)
    assert_claim(refitted(named, details), f"verdict\n {verdict}", month="2020-05")


def test_recording_the_devices_own_day_settles_it() -> None:
    named = "Ann | 2015-05-04 | 2015-05-10 | | | | | | 2015-05-04"
    details = f"Ann | 2015-05-04 {AGAIN.removeprefix('| ').replace('2020-05-04', '2015-05-10')} |"
    again = "Ann | 2015-05-04 | 2020-05-04 | | | | | | 2020-05-04"
    assert_claim(refitted(named, details, again), "verdict\n payable", month="2020-05")
