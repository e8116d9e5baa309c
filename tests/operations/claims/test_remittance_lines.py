"""A remittance is read as commissioners write it: totals agree, other practices' lines and odd cells are refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from tests.operations.claims.conftest import Typed

HEAD = "claim,service,month,item,quantity,amount,date,reference\n"
ID = "s-2026-05"
LINES = (
    f"{ID},,,injection,2,40.00,2026-06-30,B1\n",
    f"{ID},,,visit,1,6.00,2026-06-30,B1\n",
    ",s,2026-06,injection,1,20.00,2026-06-30,B1\n",
)
NOTHING = {ID: 0, "s-2026-06": 0}
ALL = {ID: 4600, "s-2026-06": 2000}


@pytest.fixture(autouse=True)
def claimed(typed: Typed) -> None:
    typed.freeze(("injection", 2000), ("injection", 2000), ("visit", 600))
    typed.freeze(("injection", 2000), month="2026-06")


@pytest.mark.parametrize(
    "total",
    [
        "Total,,,,,66.00,,\n",
        ",,,,,66.00,,\n",
        ",,,Grand total,4,£66.00,,\n",
        ",,,,,,TOTAL:,\n,,,,,66.00,,\n",
        "Sum,,,,4,,,\n",
    ],
)
def test_a_total_that_agrees_is_no_payment(typed: Typed, total: str) -> None:
    code, data, _ = typed.load(HEAD + "".join(LINES) + total)
    assert (code, len(data["payments"]), typed.paid()) == (0, 2, ALL)


def test_totals_of_claims_and_of_parts_agree_with_their_own_lines(typed: Typed) -> None:
    typed.freeze(("injection", 2000), month="2026-07")
    july = ",s,2026-07,injection,1,20.00,2026-06-30,B1\n"
    of_claim = f"{HEAD}{LINES[2]}{LINES[0]}Subtotal,,,,,60.00,,\n{LINES[1]}{ID},,,Total,3,46.00,,\n"
    of_part = f"{july}Total,,,,,86.00,,\n"
    assert typed.load(of_claim + of_part, "--dry-run")[0] == 0
    assert typed.load(f"{HEAD}{LINES[0]}{LINES[1]}Subtotal,,,,,46.00,,\n{LINES[2]}{july}Subtotal,,,,,40.00,,\n")[0] == 0
    assert typed.paid() == {**ALL, "s-2026-07": 2000}


@pytest.mark.parametrize("total", ["Total,,,,,66.01,,\n", ",,,,,86.00,,\n", "Total,,,,,sixty,,\n"])
def test_a_total_that_does_not_agree_shows_that_a_line_is_missing(typed: Typed, total: str) -> None:
    code, _, err = typed.load(HEAD + "".join(LINES) + total)
    assert (code, typed.paid()) == (1, NOTHING)
    assert "line 5: " in err
    if "6" in total:
        assert "the lines above it come to £66.00" in err


@pytest.mark.parametrize("cell", ["A81002", "a81002", "Other Surgery"])
def test_a_line_of_another_practice_is_refused(typed: Typed, cell: str) -> None:
    """Its claim has the id of ours: an id names the service and the month only."""
    head = "ODS code,claim,amount,date\n"
    code, _, err = typed.load(f"{head}A81001,{ID},46.00,2026-06-30\n{cell},s-2026-06,20.00,2026-06-30\n")
    assert (code, typed.paid()) == (1, NOTHING)
    assert "line 3: it is for another practice" in err
    assert typed.load(f"{head}a81001,{ID},46.00,2026-06-30\n,s-2026-06,20.00,2026-06-30\n")[0] == 0
    assert typed.paid() == ALL


@pytest.mark.parametrize("month", [date(2026, 6, 1), "2026-06", "June 2026", "01/06/2026"])
def test_a_spreadsheet_makes_a_day_of_a_month(typed: Typed, month: date | str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["service", "month", "amount", "date"], ["s", month, 20, date(2026, 6, 30)]):
        sheet.append(row)
    book.save("r.xlsx")
    assert typed.les("claims", "pay", "--load", "r.xlsx")[0] == 0
    assert typed.paid() == {**NOTHING, "s-2026-06": 2000}


@pytest.mark.parametrize(
    ("amount", "pence"),
    [
        ("40.00", 4000),
        ("£40", 4000),
        ('"£1,240.00"', 124000),
        ('"1,240"', 124000),
        ("€40.00", None),
        ("40.00 EUR", None),
        ("$40.00", None),
        ("4e1", None),
        ("40.001", None),
        ('"40,00"', None),
        ("forty", None),
        ("#VALUE!", None),
        ("40.00 DR", None),
        ("", None),
        ("0", None),
        ("1000000000.00", None),
        ("9" * 30, None),
        ("9" * 5000, None),
        ("-0.01", None),
        ("(40.00)", None),
    ],
)
def test_an_amount_is_read_as_meant_or_refused(typed: Typed, amount: str, pence: int | None) -> None:
    code, _, err = typed.load(f"claim,date,reference,amount\n{ID},2026-06-30,B1,{amount}\n")
    assert typed.paid()[ID] == (pence or 0)
    assert code == (1 if pence is None else 3 if pence > 4600 else 0)
    assert pence is not None or ("line 2: " in err and "digit" not in err)
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",,,injection,1,20.00,2026-06-30,B1\n", "line 2: no claim of that service and month stands"),
        ("t-2026-05,,,injection,1,20.00,2026-06-30,B1\n", "line 2: there is no claim of that id"),
        (f"{ID},,2026-06,injection,1,20.00,2026-06-30,B1\n", "line 2: the claim is of another service or month"),
        (f"{ID},,,injection,1,20.00,,B1\n", "line 2: not a date"),
        (f"{ID},,,injection,1,20.00,2026-02-30,B1\n", "line 2: there is no such day"),
        (f"{ID},,,injection,1.5,20.00,2026-06-30,B1\n", "line 2: quantity is no whole number"),
        (f"{ID},,,bandage,1,20.00,2026-06-30,B1\n", "line 2: s has no such item"),
        (f"{ID},,,injection,1,20.00,2026-06-30,{'x' * 101}\n", "line 2: reference: no NHS number, at most 100"),
        (f"{ID},,,injection,1,20.00,2026-06-30,a\x1bb\n", "line 2: reference: no NHS number, at most 100"),
        (f"{ID},,,injection,1,20.00,2026-06-30,999 000 0018\n", "line 2: reference: no NHS number"),
        ("", "it has no payment"),
    ],
)
def test_one_line_that_cannot_be_right_and_nothing_is_recorded(typed: Typed, line: str, said: str) -> None:
    code, _, err = typed.load(HEAD + line + (LINES[2] if line else ""))
    assert (code, typed.paid()) == (1, NOTHING)
    assert said in err
    assert "999" not in err


@pytest.mark.parametrize("content", [b"", b"nhs_number,date\n9990000018,2026-05-05\n", b"%PDF-1.7\n", b"\x00\xff" * 50])
def test_a_wrong_file_is_refused(typed: Typed, content: bytes) -> None:
    Path("wrong.csv").write_bytes(content)
    code, out, err = typed.les("claims", "pay", "--load", "wrong.csv")
    assert (code, out, typed.paid()) == (1, "", NOTHING)
    assert "Traceback" not in err


def test_a_day_that_may_be_a_slip_is_told(typed: Typed) -> None:
    """The day asked on is 20 July 2026, and the claims were submitted on 5 June."""
    code, _, err = typed.load(f"claim,amount,date\n{ID},46.00,2026-06-04\ns-2026-06,20.00,2026-07-21\n")
    assert code == 0
    assert "1 payment dated before the claim was submitted" in err
    assert "1 payment dated after the day asked on" in err
