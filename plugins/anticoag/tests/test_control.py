"""The table `inr-control`: time in range, results beyond the thresholds on both sides, and whom to reassess (3.2 a)."""

from __future__ import annotations

import pytest

import lescli_anticoag
from lescli.services import service_of
from lescli.testing import Surgery, assert_rows, assert_rows_in_order, table_rows

SERVICE = service_of(lescli_anticoag, origin="package")
AF = "patient | entered | indication | level | target inr"


def control(surgery: Surgery, period: str = "2020-09") -> list[dict[str, str]]:
    names = surgery.names()
    return [{"patient": names[row["nhs_number"]], **row} for row in table_rows(surgery.report(period), "inr-control")]


def one(inrs: str, **register: str) -> dict[str, str]:
    """Ann's row for September 2020; her INRs as `day value` pairs, her register details beside a target of 2.5."""
    details = {
        "indication": "Atrial fibrillation",
        "target inr": "2.5",
        **{k.replace("_", " "): v for k, v in register.items()},
    }
    held = {name: value for name, value in details.items() if value}
    rows = [line.split(maxsplit=1) for line in inrs.split(",") if line.strip()]
    surgery = Surgery(
        SERVICE,
        register=f"patient | entered | {' | '.join(held)}\nAnn | 2019-01-01 | {' | '.join(held.values())}",
        activity="patient | date | code | value\n" + "\n".join(f"Ann | {day} | inr | {value}" for day, value in rows),
    )
    (row,) = control(surgery)
    return row


@pytest.mark.parametrize(
    ("inrs", "poor", "reasons"),
    [
        ("2020-09-01 5.1, 2020-09-20 5.1", "yes", "2 INR above 5"),
        ("2020-09-01 5.0, 2020-09-20 5.1", "no", ""),
        ("2020-09-01 5.1", "no", ""),
        ("2020-09-01 8.1", "yes", "1 INR above 8"),
        ("2020-09-01 8.0", "no", ""),
        ("2020-09-01 >8", "yes", "1 INR above 8"),
        ("2020-09-01 1.4, 2020-09-20 1.4", "yes", "2 INR below 1.5"),
        ("2020-09-01 1.5, 2020-09-20 1.4", "no", ""),
        ("2020-09-01 1.4", "no", ""),
        # Repeated on the same day it is one finding.
        ("2020-09-01 5.2, 2020-09-01 5.4", "no", ""),
        # The 6 months to 30 September begin on 30 March.
        ("2020-03-30 8.1", "yes", "1 INR above 8"),
        ("2020-03-29 8.1", "no", ""),
        ("2020-09-30 8.1", "yes", "1 INR above 8"),
        ("2020-10-01 8.1", "no", ""),
        ("2020-03-29 5.1, 2020-09-20 5.1", "no", ""),
        ("", "no", ""),
    ],
)
def test_thresholds_on_both_sides(inrs: str, poor: str, reasons: str) -> None:
    # Too wide a range to be out of, so that time in range says nothing of its own.
    row = one(inrs, range_low="0.1", range_high="99.0")
    assert (row["poor_control"], row["reasons"]) == (poor, reasons)


@pytest.mark.parametrize(
    ("high", "percent", "poor", "reasons"),
    [("3.3", "65.0", "no", ""), ("3.2998", "64.99", "yes", "ttr below 65")],
)
def test_65_percent_is_enough_and_64_99_is_not(high: str, percent: str, poor: str, reasons: str) -> None:
    row = one("2020-08-01 2.0, 2020-09-10 4.0", range_low="2.0", range_high=high)
    assert (row["ttr_percent"], row["days"], row["poor_control"], row["reasons"]) == (percent, "40", poor, reasons)


def test_no_time_in_range_is_not_low_time_in_range() -> None:
    row = one("2020-09-01 2.0")
    assert (row["ttr_percent"], row["days"], row["inr_count"], row["poor_control"]) == ("", "0", "1", "no")


@pytest.mark.parametrize(
    ("details", "percent"),
    [
        # 2.0 to 3.4 in 28 days: in range 2 to 3 for 20 of them.
        ({}, "71.43"),
        ({"range_low": "2.0", "range_high": "3.4"}, "100.0"),
        ({"range_low": "2.0"}, "71.43"),
        ({"target_inr": "3.5"}, "28.57"),
        ({"target_inr": ""}, ""),
    ],
)
def test_the_range_is_the_registers_else_half_an_inr_around_its_target(details: dict[str, str], percent: str) -> None:
    assert one("2020-09-01 2.0, 2020-09-29 3.4", **details)["ttr_percent"] == percent


@pytest.mark.parametrize(
    ("started", "days"),
    # 1 September is the 42nd day after 21 July.
    [("2020-07-21", "20"), ("2020-07-22", "19"), ("2020-08-10", "0"), ("2020-09-30", "0"), ("", "20")],
)
def test_the_first_42_days_of_treatment_are_left_out(started: str, days: str) -> None:
    assert one("2020-09-01 2.5, 2020-09-21 2.5", started_on=started)["days"] == days
    assert one("2020-09-01 2.5, 2020-09-21 2.5", initiated_on=started)["days"] == days


def test_six_months_gaps_and_the_line_into_the_window() -> None:
    # 30 March is cut out of the line from 20 March (2.0) to 9 April (4.0): from 3.0 on it is out of range.
    row = one("2020-03-20 2.0, 2020-04-09 4.0")
    assert (row["days"], row["ttr_percent"], row["inr_count"]) == ("10", "0.0", "1")
    # 56 days between two tests count, 57 do not.
    assert one("2020-07-01 2.5, 2020-08-26 2.5")["days"] == "56"
    assert one("2020-07-01 2.5, 2020-08-27 2.5")["days"] == "0"


def test_six_months_to_31_august_begin_on_leap_day() -> None:
    surgery = Surgery(
        SERVICE,
        register=f"{AF}\nAnn | 2019-01-01 | AF | 3 | 2.5\nBen | 2019-01-01 | AF | 3 | 2.5",
        activity="patient | date | code | value\nAnn | 2020-02-29 | inr | 8.1\nBen | 2020-02-28 | inr | 8.1",
    )
    assert_rows("patient | poor_control\nAnn | yes\nBen | no", control(surgery, "2020-08"))


@pytest.mark.parametrize(
    ("details", "low"),
    [
        ({}, "2"),
        # Interrupted from 1 to 10 September; a week after the restart still counts as the interruption.
        ({"interrupted_on": "2020-09-01", "restarted_on": "2020-09-10"}, "0"),
        ({"interrupted_on": "2020-09-02", "restarted_on": "2020-09-10"}, "1"),
        ({"interrupted_on": "2020-09-01", "restarted_on": "2020-09-09"}, "1"),
        ({"interrupted_on": "2020-09-01"}, "0"),
        ({"restarted_on": "2020-09-10"}, "2"),
        ({"interrupted_on": "2020-09-01", "restarted_on": "2020-08-01"}, "0"),
    ],
)
def test_low_results_of_a_planned_interruption_do_not_count(details: dict[str, str], low: str) -> None:
    row = one("2020-09-01 1.4, 2020-09-17 1.2", **details)
    assert row["below_1_5"] == low


def test_a_planned_interruption_excuses_no_high_result() -> None:
    assert one("2020-09-01 8.1", interrupted_on="2020-09-01")["above_8"] == "1"


def test_more_than_one_interruption() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | from       | indication | interrupted on | restarted on
            Ann     | 2020-01-01 |            | AF         | 2020-05-01     | 2020-05-05
            Ann     |            | 2020-09-01 |            | 2020-09-01     | 2020-09-05
            """,
        activity="""
            patient | date       | code | value
            Ann     | 2020-05-04 | inr  | 1.1
            Ann     | 2020-07-01 | inr  | 1.1
            Ann     | 2020-09-04 | inr  | 1.1
            """,
    )
    assert_rows("patient | below_1_5 | poor_control\nAnn | 1 | no", control(surgery))


def test_worst_first_and_only_atrial_fibrillation_is_called_poor() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | ended      | indication          | target inr
            Ann     | 2019-01-01 |            | Atrial fibrillation | 2.5
            Ben     | 2019-01-01 |            | DVT                 | 2.5
            Cat     | 2019-01-01 |            |                     | 2.5
            Dan     | 2019-01-01 |            | AF (paroxysmal)     | 2.5
            Eve     | 2019-01-01 |            | permanent AF        | 2.5
            Fay     | 2019-01-01 | 2020-09-29 | AF                  | 2.5
            """,
        activity="""
            patient | date       | code | value
            Ann     | 2020-08-31 | inr  | 2.0
            Ann     | 2020-09-30 | inr  | 4.0
            Ben     | 2020-08-31 | inr  | 8.1
            Ben     | 2020-09-30 | inr  | 8.1
            Cat     | 2020-08-31 | inr  | 8.1
            Dan     | 2020-08-31 | inr  | 2.5
            Dan     | 2020-09-30 | inr  | 2.5
            Eve     | 2020-08-31 | inr  | 4.0
            Eve     | 2020-09-30 | inr  | 4.0
            Fay     | 2020-09-28 | inr  | 9
            Gus     | 2020-09-28 | inr  | 9
            """,
    )
    assert_rows_in_order(
        """
        patient | ttr_percent | days | inr_count | poor_control       | reasons
        Eve     | 0.0         | 30   | 2         | yes                | ttr below 65
        Ann     | 50.0        | 30   | 2         | yes                | ttr below 65
        Ben     | 0.0         | 30   | 2         | not-af             | 2 INR above 5; 2 INR above 8; ttr below 65
        Cat     |             | 0    | 1         | indication-missing | 1 INR above 8
        Dan     | 100.0       | 30   | 2         | no                 |
        """,
        control(surgery),
    )
    report = surgery.report("2020-09")
    shares = {measure.id: (measure.numerator, measure.denominator) for measure in report.measures}
    assert shares["poor-control"] == (2, 3)


def test_the_notes_name_the_convention_its_settings_and_what_was_left_out() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\nsetting.ttr_longest_gap_days | 60 | 2020-04-01",
        register=f"{AF}\nAnn | 2019-01-01 | AF | 3 | 2.5",
        activity="""
            patient | date       | code | value
            Ann     | 2020-07-01 | inr  | 2.5
            Ann     | 2020-08-15 | inr  | clotted
            Ann     | 2020-08-30 | inr  | 2.5
            """,
    )
    assert [(row["days"], row["inr_count"]) for row in control(surgery)] == [("60", "2")]
    notes = "\n".join(surgery.report("2020-09").notes)
    for words in ("Rosendaal", "continuous", "6 months (ttr_months) to 2020-09-30", "42 days", "more than 60 days"):
        assert words in notes
    assert "INR entries without a number, which were left out: 1" in notes
    assert "the code of `inr` is suggested" in notes


def test_it_is_the_only_table_that_names_patients() -> None:
    surgery = Surgery(SERVICE, register=f"{AF}\nAnn | 2019-01-01 | AF | 3 | 2.5")
    report = surgery.report("2020-09")
    assert [table.id for table in report.tables if table.names_patients] == ["inr-control"]
    shown = [table for table in report.tables if not table.names_patients]
    assert surgery.numbers["Ann"] not in repr((report.measures, shown, report.notes))
