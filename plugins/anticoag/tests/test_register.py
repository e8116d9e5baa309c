"""The register: who is on it, what is missing, and that a meter of one's own is level 3 (3.2 b; 3.2 d)."""

from __future__ import annotations

from datetime import date

import pytest

import lescli_anticoag
from lescli.api import Activity, RegisterEntry
from lescli.services import service_of
from lescli.testing import Surgery, assert_register
from lescli_anticoag.self_monitoring import refined

SERVICE = service_of(lescli_anticoag, origin="package")


def test_coded_or_by_hand_and_what_is_missing() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date       | code
            Ann     | 2020-04-06 | ctv3:XaMh8
            Ben     | 2020-04-07 | read2:66QE.
            Cat     | 2020-04-08 | home-visit
            Dan     | 2020-04-09 | inr
            """,
        register="""
            patient | entered    | indication | level | target inr | planned duration
            Eve     | 2020-04-10 | AF         | 3     | 2.5        | lifelong
            Fay     | 2020-04-10 |            |       |            |
            """,
    )
    everything = "indication, level, target_inr, planned_duration"
    # An INR alone puts nobody on it; who monitors themselves has a level.
    assert_register(
        surgery,
        f"""
        patient | entered    | rule    | level | missing
        Ann     | 2020-04-06 | coded   |       | {everything}
        Ben     | 2020-04-07 | coded   | 3     | indication, target_inr, planned_duration
        Cat     | 2020-04-08 | coded   |       | {everything}
        Eve     | 2020-04-10 | by-hand | 3     |
        Fay     | 2020-04-10 | by-hand |       | {everything}
        """,
        as_of="2020-04-30",
    )


@pytest.mark.parametrize(
    ("as_of", "level", "own"),
    [
        ("2020-04-30", "4", ""),
        ("2020-05-10", "3", "True"),
        ("2020-06-15", "3", "True"),
        ("2020-07-01", "5", "False"),
        ("2020-08-01", "3", "True"),
    ],
)
def test_level_3_from_the_day_they_begin_until_the_day_they_stop(as_of: str, level: str, own: str) -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | from       | level | self monitoring
            Ann     | 2020-04-01 |            | 4     |
            Ann     |            | 2020-06-15 | 5     |
            Ann     |            | 2020-07-01 |       | no
            Ann     |            | 2020-08-01 |       | yes
            """,
        activity="patient | date | code\nAnn | 2020-05-10 | read2:66QE.00",
    )
    assert_register(surgery, f"patient | level | self_monitoring\nAnn | {level} | {own}", as_of=as_of)


def test_who_stops_without_another_level_stays_where_they_are() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | from       | self monitoring
            Ann     | 2020-04-01 |            | yes
            Ann     |            | 2020-06-01 | no
            """,
    )
    assert_register(surgery, "patient | level\nAnn | 3", as_of="2020-06-30")


def test_refined_is_pure_and_leaves_others_alone() -> None:
    entry = RegisterEntry(
        nhs_number="9990000000",
        entered_on=date(2020, 4, 1),
        ended_on=date(2020, 6, 30),
        end_reason="",
        rule="by-hand",
        clause="3.2 b",
        history=((date(2020, 4, 1), "level", "4"),),
        details=(("level", "4"),),
        evidence=("register:1",),
    )
    code = Activity(id=7, nhs_number="9990000000", day=date(2020, 5, 1), codes=())
    late = Activity(id=8, nhs_number="9990000000", day=date(2020, 7, 1), codes=())
    assert refined(entry, (), "3", date(2020, 12, 31)) is entry
    # A code after the entry ended says nothing about it.
    assert refined(entry, (late,), "3", date(2020, 12, 31)) is entry
    found = refined(entry, (code, late), "3", date(2020, 12, 31))
    assert [found.detail_on("level", day) for day in (date(2020, 4, 30), date(2020, 5, 1))] == ["4", "3"]
    assert found.evidence == ("register:1", "activity:7")
    assert entry.detail("level") == "4"
