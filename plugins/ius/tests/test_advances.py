"""Payments in advance from projected activity, against what the activity came to (4.3 Payment)."""

from __future__ import annotations

import lescli_ius
from lescli.services import service_of
from lescli.testing import Surgery, assert_rows, read_table, table_rows, tables

SERVICE = service_of(lescli_ius, origin="package")
TABLE = "advance-reconciliation"
PRICES = """
    key           | value | from
    price.removal | 30.10 | 2020-04-01
    price.removal | 40.00 | 2020-06-01
"""


def practice(advances: str, *, prices: str = PRICES) -> Surgery:
    terms = read_table(prices)
    if advances:
        terms.append({"key": "setting.advances", "value": advances, "from": "2020-04-01"})
    return Surgery(
        SERVICE,
        terms="\n".join(["key | value | from", *(f"{t['key']} | {t['value']} | {t['from']}" for t in terms)]),
        activity="""
            patient | date       | code
            Ann     | 2020-04-30 | removal
            Bea     | 2020-05-01 | removal
            Cat     | 2020-05-31 | removal
            Cat     | 2020-05-31 | removal
            Dee     | 2020-05-15 | removal
            Eve     | 2020-05-15 | removal
            Ann     | 2020-06-01 | removal
            Ann     | 2020-07-01 | removal
        """,
        register="""
            patient | entered    | indication
            Ann     | 2015-01-01 | menorrhagia
            Bea     | 2015-01-01 | menorrhagia
            Cat     | 2015-01-01 | menorrhagia
            Dee     | 2015-01-01 | contraception
        """,
    )


def test_advances_against_actual_with_a_running_balance() -> None:
    # Dee's is refused, Eve's is to be put right, Cat's copy counts once: none of these is in the actual amounts.
    expected = """
        month   | advance | actual | difference | balance
        2020-04 | 50.00   | 30.10  | 19.90      | 19.90
        2020-05 | 50.05   | 60.20  | -10.15     | 9.75
        2020-06 | 0.00    | 40.00  | -40.00     | -30.25
        """
    surgery = practice("2020-04=50.00, 2020-05 = £50.05")
    assert_rows(expected, table_rows(surgery.report("2020-21-Q1"), TABLE))


def test_a_report_on_a_month_carries_the_balance_of_its_contract_year() -> None:
    rows = table_rows(practice("2020-04=50.00").report("2020-06"), TABLE)
    assert [row["month"] for row in rows] == ["2020-04", "2020-05", "2020-06"]
    assert rows[-1]["balance"] == "-80.30"
    # The year that follows begins anew, and says what it leaves out.
    report = practice("2020-04=50.00,2021-04=7.00").report("2021-04")
    assert_rows("month | balance\n 2021-04 | 7.00", table_rows(report, TABLE))
    assert "advances: of an earlier contract year and not counted here: 2020-04" in report.notes


def test_asked_in_the_middle_of_a_period_later_months_are_not_there_yet() -> None:
    rows = table_rows(practice("2020-04=50.00").report("2020-21", "2020-05-31"), TABLE)
    assert [(row["month"], row["balance"]) for row in rows] == [("2020-04", "19.90"), ("2020-05", "-40.30")]


def test_submitting_the_claim_changes_nothing() -> None:
    surgery = practice("2020-04=50.00")
    before = table_rows(surgery.report("2020-05", "2020-06-05"), TABLE)
    surgery.submit("2020-05", "2020-06-05")
    assert table_rows(surgery.report("2020-05", "2020-06-05"), TABLE) == before
    # Nor does support that goes afterwards: it was claimed, and is a reversal to make.
    surgery.add(patients="patient | died\n Bea | 2020-04-15")
    assert table_rows(surgery.report("2020-05", "2020-06-06"), TABLE) == before
    # Nor does a price that is corrected afterwards: the claim stands at what it was claimed at.
    with surgery.store.writing():
        corrected = {"key": "price.removal", "value": "99.00", "from": "2020-05-01"}
        tables.add_term(surgery.store, SERVICE.spec, corrected)
    assert table_rows(surgery.report("2020-05", "2020-06-06"), TABLE) == before


def test_work_claimed_elsewhere_counts_when_nothing_else_is_against_it() -> None:
    surgery = practice("2020-04=50.00", prices=f"{PRICES}\n setting.claims_from | 2020-06 | 2020-04-01")
    rows = table_rows(surgery.report("2020-05"), TABLE)
    assert [row["actual"] for row in rows] == ["30.10", "60.20"]


def test_without_advances_the_report_says_so() -> None:
    report = practice("").report("2020-05")
    assert table_rows(report, TABLE) == []
    assert (
        "advances: no payment in advance is set, so none is reconciled; if there were any, `les services set ius "
        "setting.advances+=YYYY-MM=POUNDS.PENCE --from DATE --source TEXT`"
    ) in report.notes


def test_without_prices_the_report_says_what_the_actual_leaves_out() -> None:
    report = practice("2020-04=50.00", prices="key | value | from\n price.removal | 30.10 | 2020-05-15").report(
        "2020-05"
    )
    assert [row["actual"] for row in table_rows(report, TABLE)] == ["0.00", "30.10"]
    assert "advances: 2 of the activities have no price and are not in the actual amounts" in report.notes


def test_what_cannot_be_read_is_named_and_the_rest_counts() -> None:
    report = practice("2020-04=50.00,2020-13=1.00,2020-05=50,May=1.00").report("2020-04")
    assert_rows("month | advance\n 2020-04 | 50.00", table_rows(report, TABLE))
    assert (
        "advances: 3 not understood (2020-13=1.00; 2020-05=50; May=1.00); write each as YYYY-MM=POUNDS.PENCE"
        in report.notes
    )


def test_several_of_one_month_are_added_up() -> None:
    report = practice("2020-04=50.00,2020-04=0.50").report("2020-04")
    assert_rows("month | advance\n 2020-04 | 50.50", table_rows(report, TABLE))
