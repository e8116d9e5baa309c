"""What the standard vocabulary answers from this service's data."""

from __future__ import annotations

from pathlib import Path

from lescli.services import service_of
from lescli.services.standard import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.testing import Surgery, assert_claim, assert_measures, assert_recall

TOML = Path(__file__).parents[1] / "lescli_anticoag" / "service.toml"
SERVICE = service_of(DataOnlyPlugin(parse_specification(TOML.read_bytes(), where="anticoag")), origin="test")


def test_home_visits_up_to_twelve_and_not_at_level_5() -> None:
    days = [f"2020-{month:02d}-0{day}" for month in (4, 5, 6, 7) for day in (1, 2, 3)]
    visits = "\n".join(f"Ann | {day} | home-visit" for day in [*days, "2020-07-31"])
    surgery = Surgery(
        SERVICE,
        activity=f"patient | date | code\n{visits}\nBen | 2020-07-31 | home-visit",
        register="patient | entered | level\nAnn | 2020-04-01 | 4\nBen | 2020-04-01 | 5",
    )
    paid = "\n".join(f"Ann | {day} | payable | accepted | 6.00" for day in days)
    claim = assert_claim(
        surgery,
        f"""
            patient | date | verdict | reason | price
            {paid}
            Ann | 2020-07-31 | over_cap | over-cap         |
            Ben | 2020-07-31 | refused  | home-visit-level |
        """,
        month="2020-07",
    )
    # What this version does not count it names.
    assert [note.split(":")[0] for note in claim.incomplete] == ["level-3", "level-4", "initiation"]


def test_the_cap_begins_again_on_1_april() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\nperiod.end | 2021-06-30 | 2021-04-01",
        activity="patient | date | code\n"
        + "\n".join(f"Ann | 2021-03-{day} | home-visit" for day in range(10, 23))
        + "\nAnn | 2021-04-01 | home-visit",
    )
    verdicts = [row.verdict.value for row in surgery.claim("2021-03-01..2021-04-30").rows]
    assert verdicts == [*["payable"] * 12, "over_cap", "payable"]


def test_nobody_is_lost_whose_next_test_was_not_recorded() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date       | code | value
            Ann     | 2020-05-04 | inr  | 2.4
            Ben     | 2020-05-04 | inr  | 2.4
            Cat     | 2020-06-01 | inr  | 2.4
        """,
        register="""
            patient | entered    | next test on | review on  | self monitoring | meter checked on
            Ann     | 2020-04-01 | 2020-06-01   | 2020-04-01 | no              |
            Ben     | 2020-04-01 |              | 2020-04-01 |                 |
            Cat     | 2020-04-01 | 2020-06-01   | 2020-04-01 | yes             | 2019-09-30
        """,
    )
    assert_recall(
        surgery,
        """
            patient | kind          | due        | late
            Ann     | inr           | 2020-06-01 | 9
            Ann     | inr-interval  | 2020-07-27 | 0
            Ben     | inr-interval  | 2020-07-27 | 0
            Cat     | inr-interval  | 2020-08-24 | 0
            Cat     | meter-check   | 2020-09-30 | 0
            Ann     | annual-review | 2021-04-01 | 0
            Ben     | annual-review | 2021-04-01 | 0
            Cat     | annual-review | 2021-04-01 | 0
        """,
        as_of="2020-06-10",
    )


def test_measures() -> None:
    surgery = Surgery(
        SERVICE,
        activity="patient | date | code\nAnn | 2020-05-04 | home-visit\nBen | 2020-04-30 | monitoring",
        incidents="kind | on\nbleeding | 2020-05-31\ndeath | 2020-05-31\nbleeding | 2020-06-01",
    )
    assert_measures(
        surgery,
        """
            measure           | count | of | value
            home-visits       | 1     |    | 1
            bleeding-episodes | 1     |    | 1
            register-size     | 2     |    | 2
        """,
        period="2020-05",
    )
