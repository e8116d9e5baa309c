"""Whose newest value is beyond a number is on a list, until a newer value or a settling entry takes them off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lescli.errors import SpecificationError
from lescli.services import Service
from lescli.testing import Surgery, assert_recall

Made = Callable[..., Service]
THRESHOLD = """
[[threshold]]
name = "psa-above"
title = "PSA above the letter's threshold"
clause = "4"
codelist = "psa"
{limit}
"""
DETAILS = "limit:number"


def psa(made: Made, limit: str) -> Service:
    return made(THRESHOLD.format(limit=limit), lists="psa referral", details=DETAILS)


@pytest.mark.parametrize(
    ("limit", "value", "unit", "note"),
    [
        ("above = 4.0", "4.1", "ug/L", "4.1 ug/L is above 4"),
        ("above = 4.0", "4.0", "ug/L", None),
        ("below = 4.0", "3.9", "", "3.9 is below 4"),
        ("below = 4.0", "4", "", None),
        ("above = 4.0", ">4", "", ">4 is above 4"),
        ("above = 4.0", "<0.1", "", None),
        ("above = 4.0", ">3", "", ">3 may be above 4, so look at it"),
        ("above = 4.0", "raised", "", "the newest value is no number, so look at it"),
        ("above = 4.0", "", "", "the newest value is no number, so look at it"),
        ('above = 4.0\nunit = "ug/L"', "3", "nmol/L", "the newest value is no number in ug/L, so look at it"),
        ('above = 4.0\nunit = "ug/L"', "3", "UG/L", None),
        ('above = 4.0\nunit = "µg/L"', "3", "μg/l", None),
        ('above = 4.0\nunit = "µg/L"', "3", "g/L", "the newest value is no number in µg/L, so look at it"),
        ('above_detail = "limit"', "5.1", "", "5.1 is above 5"),
        ('above_detail = "limit"', "5.0", "", None),
        ('above_detail = "none_yet"', "5.0", "", "none_yet is not recorded, so look at it"),
    ],
)
def test_who_is_on_the_list(made: Made, limit: str, value: str, unit: str, note: str | None) -> None:
    service = made(THRESHOLD.format(limit=limit), lists="psa", details=f"{DETAILS} none_yet:number")
    surgery = Surgery(
        service,
        activity=f"patient | date | code | value | unit\n Ann | 2026-05-04 | psa | {value} | {unit}",
        register="patient | entered | limit\n Ann | 2026-04-01 | 5",
    )
    expected = f"\n Ann | 2026-05-04 | {note}" if note else ""
    assert_recall(surgery, f"patient | due | note{expected}", as_of="2026-05-04")


def test_only_the_newest_value_counts_and_the_day_asked_is_included(made: Made) -> None:
    values = "Ann | 2026-05-04 | psa | 9\n Ann | 2026-05-05 | psa | 1\n Ann | 2026-05-06 | psa | 8"
    rows = f"patient | date | code | value\n {values}"
    surgery = Surgery(psa(made, "above = 4"), activity=rows)
    assert_recall(surgery, "due\n 2026-05-04", as_of="2026-05-04")
    assert_recall(surgery, "due", as_of="2026-05-05")
    assert_recall(surgery, "due\n 2026-05-06", as_of="2026-05-06")


def test_a_withdrawn_value_is_gone(made: Made) -> None:
    surgery = Surgery(psa(made, "above = 4"), activity="patient | date | code | value\n Ann | 2026-05-04 | psa | 9")
    with surgery.store.writing():
        surgery.store.connection.execute("UPDATE activity SET withdrawn = 1")
    assert_recall(surgery, "due", as_of="2026-05-04")


@pytest.mark.parametrize(("referred", "listed"), [("2026-05-03", True), ("2026-05-04", False), ("2026-05-06", False)])
def test_a_settling_entry_takes_off(made: Made, referred: str, listed: bool) -> None:
    rows = f"patient | date | code | value\n Ann | 2026-05-04 | psa | 9\n Ann | {referred} | referral |"
    surgery = Surgery(psa(made, 'above = 4\ndone_codelist = "referral"'), activity=rows)
    assert bool(surgery.recall("2026-05-06").recalls) is listed


def test_who_left_or_declined_is_out(made: Made) -> None:
    values = "\n".join(f"{name} | 2026-05-04 | psa | 9" for name in ("Ann", "Ben", "Cat"))
    rows = f"patient | date | code | value\n{values}"
    surgery = Surgery(
        psa(made, "above = 4"),
        patients="patient | left\n Ann | 2026-05-05",
        activity=rows,
        invitations="patient | on | by | outcome\n Ben | 2026-05-05 | phone | declined",
    )
    assert_recall(surgery, "patient\n Cat", as_of="2026-05-06")


@pytest.mark.parametrize(
    ("limit", "fault"),
    [
        ("", "it needs a limit; add one of above"),
        ("above = 4\nabove_detail = 'limit'", "above and above_detail cannot be used together"),
        ("above_detail = 'limt'", "there is no register detail `limt`"),
        ("above = 4\ndone_codelist = 'refer'", "there is no code list `refer`"),
    ],
)
def test_faults(made: Made, limit: str, fault: str) -> None:
    with pytest.raises(SpecificationError) as shown:
        psa(made, limit)
    assert any(fault in problem for problem in shown.value.problems), shown.value.problems
