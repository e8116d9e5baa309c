"""The report: the monthly return, the share monitored, the quarter's amount (Schedules 3 A, 4 C and 6 C)."""

from __future__ import annotations

import lescli_anticoag
from lescli.services import service_of
from lescli.testing import Surgery, assert_measures, assert_rows, assert_rows_in_order, table_rows

SERVICE = service_of(lescli_anticoag, origin="package")


def practice(terms: str = "") -> Surgery:
    return Surgery(
        SERVICE,
        terms=terms,
        patients="patient | registered | left\nGus | 2010-01-01 | 2020-05-15",
        register="""
            patient | entered    | from       | level | indication | initiated on
            Ann     | 2020-04-01 |            | 3     | AF         |
            Ben     | 2020-04-01 |            | 4     | AF         |
            Cat     | 2020-04-01 |            | 3     | DVT        |
            Cat     |            | 2020-06-10 | 4     |            |
            Dan     | 2020-04-01 |            | 3     | AF         |
            Eve     | 2020-05-04 |            | 5     | AF         | 2020-05-04
            Fay     | 2020-06-01 |            |       | AF         | 2020-06-01
            Gus     | 2020-04-01 |            | 3     | AF         |
            """,
        activity="""
            patient | date       | code
            Ann     | 2020-04-20 | inr
            Ann     | 2020-06-08 | inr
            Ann     | 2020-06-09 | home-visit
            Ben     | 2020-04-20 | inr
            Ben     | 2020-05-11 | home-visit
            Cat     | 2020-04-20 | inr
            Dan     | 2020-04-01 | inr
            Eve     | 2020-05-10 | inr
            Fay     | 2020-06-02 | inr
            Gus     | 2020-04-20 | inr
            """,
        incidents="kind | on\nbleeding | 2020-05-31\ndeath | 2020-05-31\nbleeding | 2020-06-01\nbleeding | 2020-07-01",
    )


def test_measures_of_a_month() -> None:
    # Dan's last INR is 90 days before 30 June: he is managed, and the claim pays nothing for him.
    # Eve is at level 5 and Fay at none: both are active and monitored.
    assert_measures(
        practice(),
        """
        measure           | count | of | value | unit     | clause
        level-3           | 2     |    | 2     | patients | Schedule 6 C
        level-4           | 2     |    | 2     | patients | Schedule 6 C
        initiations       | 1     |    | 1     | patients | Schedule 6 C
        home-visits       | 1     |    | 1     | visits   | Schedule 6 C
        monitored         | 5     | 6  | 83.33 | percent  | Schedule 4 C
        poor-control      | 0     | 5  | 0.0   | percent  | 3.2 a
        bleeding-episodes | 1     |    | 1     | episodes | 3.2 b; Schedule 4 C
        register-size     | 6     |    | 6     | patients | 3.2 b
        """,
        period="2020-06",
    )


def test_over_a_quarter_patients_are_those_of_its_last_month() -> None:
    assert_measures(
        practice(),
        """
        measure           | count | of | value
        level-3           | 2     |    | 2
        level-4           | 2     |    | 2
        initiations       | 2     |    | 2
        home-visits       | 2     |    | 2
        monitored         | 5     | 6  | 83.33
        poor-control      | 0     | 5  | 0.0
        bleeding-episodes | 2     |    | 2
        register-size     | 6     |    | 6
        """,
        period="2020-21-Q1",
    )


def test_patient_months_of_the_quarter() -> None:
    expected = """
        month   | item    | verdict | reason        | patients
        2020-04 | level-3 | payable | accepted      | 4
        2020-04 | level-4 | payable | accepted      | 1
        2020-05 | level-3 | payable | accepted      | 4
        2020-05 | level-3 | refused | level-5       | 1
        2020-05 | level-4 | payable | accepted      | 1
        2020-06 | level-3 | check   | level-missing | 1
        2020-06 | level-3 | check   | not-monitored | 1
        2020-06 | level-3 | payable | accepted      | 1
        2020-06 | level-3 | refused | level-5       | 1
        2020-06 | level-4 | payable | accepted      | 2
        """
    assert_rows_in_order(expected, table_rows(practice().report("2020-21-Q1"), "patient-months"))


QUARTER = """
    quarter    | month   | item       | quantity | amount_pence
    2020-21-Q1 | 2020-04 | level-3    | 4        | 5300
    2020-21-Q1 | 2020-04 | level-4    | 1        | 1775
    2020-21-Q1 | 2020-05 | home-visit | 1        | 600
    2020-21-Q1 | 2020-05 | initiation | 1        | 5000
    2020-21-Q1 | 2020-05 | level-3    | 4        | 5300
    2020-21-Q1 | 2020-05 | level-4    | 1        | 1775
    2020-21-Q1 | 2020-06 | home-visit | 1        | 600
    2020-21-Q1 | 2020-06 | initiation | 1        | 5000
    2020-21-Q1 | 2020-06 | level-3    | 1        | 1325
    2020-21-Q1 | 2020-06 | level-4    | 2        | 3550
    2020-21-Q1 | total   |            | 17       | 30225
    """


def test_the_quarterly_amount_is_the_sum_of_the_months_claimed() -> None:
    surgery = practice()
    assert_rows_in_order(QUARTER, table_rows(surgery.report("2020-21-Q1"), "quarterly-amount"))
    claimed = [surgery.submit(f"2020-0{month}", f"2020-0{month + 1}-10").total_pence for month in (4, 5, 6)]
    assert sum(claimed) == 30225
    assert_rows_in_order(QUARTER, table_rows(surgery.report("2020-21-Q1", "2020-07-10"), "quarterly-amount"))


def test_the_quarter_says_what_is_of_a_month_that_is_not_over() -> None:
    surgery = practice()
    for day, waits in (("2020-06-30", ["1325", "3550"]), ("2020-07-01", ["0", "0"])):
        rows = table_rows(surgery.report("2020-21-Q1", day), "quarterly-amount")
        june = {row["item"]: row for row in rows if row["month"] == "2020-06"}
        assert [june[item]["not_over_pence"] for item in ("level-3", "level-4")] == waits
        assert [june[item]["payable_pence"] for item in ("level-3", "level-4")] == ["1325", "3550"]
        assert {row["not_over_pence"] for row in rows if row["month"] in ("2020-04", "2020-05")} == {"0"}
        assert rows[-1]["not_over_pence"] == str(sum(int(row["not_over_pence"]) for row in june.values()))


def test_each_quarter_of_a_longer_period_has_its_total() -> None:
    rows = table_rows(practice().report("2020-06-01..2020-07-31"), "quarterly-amount")
    totals = {row["quarter"]: row["amount_pence"] for row in rows if row["month"] == "total"}
    # In July Dan is as little monitored as Cat and Ben; Ann alone is at level 3 and tested, Eve and Fay have no level.
    assert totals == {"2020-21-Q1": "10475", "2020-21-Q2": "1325"}


def test_what_was_claimed_by_other_means_is_not_in_the_amount() -> None:
    surgery = practice("key | value | from\nsetting.claims_from | 2020-06 | 2020-04-01")
    rows = table_rows(surgery.report("2020-21-Q1"), "quarterly-amount")
    assert [row["month"] for row in rows] == ["2020-06"] * 4 + ["total"]
    assert rows[-1]["amount_pence"] == "10475"


def test_the_quarters_of_a_contract_year() -> None:
    rows = table_rows(Surgery(SERVICE).report("2020-21"), "quarterly-amount")
    assert_rows_in_order(
        """
        quarter    | month | item | quantity | amount_pence
        2020-21-Q1 | total |      | 0        | 0
        2020-21-Q2 | total |      | 0        | 0
        2020-21-Q3 | total |      | 0        | 0
        2020-21-Q4 | total |      | 0        | 0
        """,
        rows,
    )


def test_a_period_that_begins_in_mid_month_has_that_month_whole() -> None:
    rows = table_rows(practice().report("2020-04-15..2020-04-30"), "quarterly-amount")
    assert [row["amount_pence"] for row in rows] == ["5300", "1775", "7075"]


def test_strangers_are_neither_active_nor_monitored() -> None:
    surgery = Surgery(
        SERVICE,
        patients="patient | registered | left\nAnn | 2010-01-01 | 2020-04-01",
        register="patient | entered | level\nAnn | 2020-05-01 | 3\nBen | 2020-05-01 | 3",
        activity="patient | date | code\nAnn | 2020-05-04 | inr",
    )
    report = surgery.report("2020-05")
    (monitored,) = [measure for measure in report.measures if measure.id == "monitored"]
    assert (monitored.numerator, monitored.denominator) == (0, 1)


def test_completeness_of_what_3_2_b_requires() -> None:
    expected = """
        field            | recorded | of
        indication       | 6        | 6
        level            | 5        | 6
        target_inr       | 0        | 6
        planned_duration | 0        | 6
        """
    assert_rows(expected, table_rows(practice().report("2020-06"), "register-completeness"))


def managed(level: str, period: str, **tables: str) -> int:
    report = Surgery(SERVICE, **tables).report(period)
    return next(measure.numerator for measure in report.measures if measure.id == f"level-{level}")


def test_who_is_managed_is_counted_whether_or_not_the_claim_pays() -> None:
    tables = {
        "register": """
            patient | entered    | level
            Ann     | 2020-05-01 | 3
            Ben     | 2020-05-01 | 3
            Cat     | 2020-05-01 |
            Dan     | 2020-05-01 | 5
            Eve     | 2020-05-04 | 3
            Fay     | 2020-05-01 | 4
            """,
        "patients": """
            patient | registered | left       | died
            Eve     | 2010-01-01 |            | 2020-05-03
            Fay     | 2010-01-01 | 2020-04-01 |
            """,
        "activity": "patient | date | code\nAnn | 2020-05-04 | inr",
    }
    # Ben was not tested; Cat is at no level, Dan at another, Eve had died, Fay had left.
    assert managed("3", "2020-05", **tables) == 2
    assert managed("4", "2020-05", **tables) == 0
    # No contract, no service.
    assert managed("3", "2020-05", signed="from | to\n2020-06-01 |", **tables) == 0
    assert managed("3", "2020-05", signed="from | to\n2020-05-01 |", **tables) == 2


def test_who_was_claimed_is_managed_until_the_register_says_otherwise() -> None:
    surgery = Surgery(
        SERVICE,
        register="patient | entered | level\nAnn | 2020-05-01 | 3",
        activity="patient | date | code\nAnn | 2020-05-04 | inr",
    )
    surgery.submit("2020-05", "2020-06-05")
    assert surgery.report("2020-05").measures[0].numerator == 1
    surgery.add_register([{"patient": "Ann", "from": "2020-05-20", "level": "4"}])
    assert [measure.numerator for measure in surgery.report("2020-05").measures[:2]] == [0, 1]
