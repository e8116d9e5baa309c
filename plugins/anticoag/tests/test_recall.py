"""Recall: the next INR, the annual review and the yearly check of one's own meter (3.2 a; 3.2 d)."""

from __future__ import annotations

import lescli_anticoag
from lescli.services import service_of
from lescli.testing import Surgery, assert_recall

SERVICE = service_of(lescli_anticoag, origin="package")
REVIEWED = "review on"


def test_the_next_inr_is_the_day_named_else_84_days_after_the_last() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date       | code | value
            Ann     | 2020-05-04 | inr  | 2.4
            Ben     | 2020-05-04 | inr  | 2.4
            Cat     | 2020-06-01 | inr  | 2.4
            Dan     | 2020-06-02 | inr  | 2.4
            """,
        register="""
            patient | entered    | next test on | review on
            Ann     | 2020-04-01 | 2020-06-01   | 2020-06-09
            Ben     | 2020-04-01 |              | 2020-06-09
            Cat     | 2020-04-01 | 2020-06-01   | 2020-06-09
            Dan     | 2020-04-01 | 2020-06-01   | 2020-06-09
            Eve     | 2020-04-01 |              | 2020-06-09
            Fay     | 2020-04-01 | 2020-09-01   | 2020-06-09
            """,
    )
    assert_recall(
        surgery,
        """
        patient | kind          | due        | late | last
        Eve     | inr           | 2020-04-01 | 70   |
        Ann     | inr           | 2020-06-01 | 9    | 2020-05-04
        Ben     | inr           | 2020-07-27 | 0    | 2020-05-04
        Cat     | inr           | 2020-08-24 | 0    | 2020-06-01
        Dan     | inr           | 2020-08-25 | 0    | 2020-06-02
        Fay     | inr           | 2020-09-01 | 0    |
        Ann     | annual-review | 2021-06-09 | 0    |
        Ben     | annual-review | 2021-06-09 | 0    |
        Cat     | annual-review | 2021-06-09 | 0    |
        Dan     | annual-review | 2021-06-09 | 0    |
        Eve     | annual-review | 2021-06-09 | 0    |
        Fay     | annual-review | 2021-06-09 | 0    |
        """,
        as_of="2020-06-10",
    )


def test_the_interval_is_a_setting() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\nsetting.inr_interval_days | 28 | 2020-04-01",
        activity="patient | date | code\nAnn | 2020-05-04 | inr",
        register="patient | entered | review on\nAnn | 2020-04-01 | 2020-05-04",
    )
    expected = "patient | kind | due\nAnn | inr | 2020-06-01\nAnn | annual-review | 2021-05-04"
    assert_recall(surgery, expected, as_of="2020-06-10")


def test_review_of_leap_day_and_of_those_never_reviewed() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | next test on | review on
            Ann     | 2019-04-01 | 2020-07-01   | 2020-02-29
            Ben     | 2020-04-01 | 2020-07-02   |
            """,
    )
    expected = """
        patient | kind          | due
        Ben     | annual-review | 2020-04-01
        Ann     | inr           | 2020-07-01
        Ben     | inr           | 2020-07-02
        Ann     | annual-review | 2021-02-28
        """
    assert_recall(surgery, expected, as_of="2020-06-10")


def test_meters_are_checked_yearly_of_those_who_have_one() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | next test on | review on  | self monitoring | meter checked on
            Ann     | 2020-04-01 | 2021-01-01   | 2020-06-01 | yes             | 2019-09-30
            Ben     | 2020-04-01 | 2021-01-02   | 2020-06-01 |                 | 2019-10-01
            Cat     | 2020-04-01 | 2021-01-03   | 2020-06-01 | no              | 2019-10-02
            Dan     | 2020-04-01 | 2021-01-04   | 2020-06-01 |                 | 2019-10-03
            Eve     | 2020-04-01 | 2021-01-05   | 2020-06-01 | yes             |
            """,
        activity="patient | date | code\nBen | 2020-05-01 | read2:66QE\nCat | 2020-03-01 | ctv3:XaNbr",
    )
    # Ben by his code; Cat stopped after hers; Eve has none on record.
    meters = [recall for recall in surgery.recall("2020-10-01").recalls if recall.kind == "meter-check"]
    names = surgery.names()
    assert [(names[one.nhs_number], one.due_on.isoformat(), one.clause) for one in meters] == [
        ("Eve", "2020-04-01", "3.2 d"),
        ("Ann", "2020-09-30", "3.2 d"),
        ("Ben", "2020-10-01", "3.2 d"),
    ]


def test_who_is_not_rung() -> None:
    surgery = Surgery(
        SERVICE,
        patients="patient | registered | left | died\nAnn | 2010-01-01 | 2020-05-31 |\nBen | 2010-01-01 | | 2020-05-31",
        register="""
            patient | entered    | ended      | next test on | review on
            Ann     | 2020-04-01 |            | 2020-06-01   | 2020-05-01
            Ben     | 2020-04-01 |            | 2020-06-01   | 2020-05-01
            Cat     | 2020-04-01 | 2020-05-31 | 2020-06-01   | 2020-05-01
            Dan     | 2020-04-01 |            | 2020-06-01   | 2020-05-01
            """,
        invitations="patient | on | outcome\nDan | 2020-06-05 | declined",
    )
    assert_recall(surgery, "patient | due", as_of="2020-06-10")
