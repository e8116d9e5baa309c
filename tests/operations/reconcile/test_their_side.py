"""Their file is read as they write it, or refused with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from lescli.errors import LesError
from lescli.testing import Surgery
from tests.operations.reconcile.conftest import Ask, practice

MAY = "patient | date\nAnn | 2026-05-04\nBen | 2026-05-05\n"


@pytest.fixture
def may() -> Surgery:
    return practice(MAY)


def spaced(number: str) -> str:
    return f"{number[:3]} {number[3:6]} {number[6:]}"


@pytest.mark.parametrize("day", ["04/05/2026", "4-May-2026", "04.05.2026", "2026-05-04 00:00:00", "4/5/26"])
def test_numbers_with_spaces_and_days_as_written_here(ask: Ask, may: Surgery, day: str) -> None:
    ann, ben = (spaced(may.numbers[name]) for name in ("Ann", "Ben"))
    assert ask(may, f"NHS Number,Date\n{ann},{day}\n{ben.replace(' ', '-')},05/05/2026\n").reasons == {}


@pytest.mark.parametrize("as_number", [int, str, spaced])
def test_a_workbook(ask: Ask, may: Surgery, tmp_path: Path, as_number: type) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    rows: list[list[object]] = [["Activity of May"], [], ["NHS number", "Date", "Amount"]]
    rows += [[as_number(may.numbers["Ann"]), date(2026, 5, 4), 20], [as_number(may.numbers["Ben"]), "05/05/2026", 19.5]]
    rows += [["Total", None, 39.5]]
    for row in rows:
        sheet.append(row)
    book.save(tmp_path / "theirs.xlsx")
    assert ask(may, "", file="theirs.xlsx").money == {"other-price": -50}


@pytest.mark.parametrize(
    "text",
    [
        "item,quantity,amount\ninjection,2,40.00\nTotal,2,40.00\n",
        "item,quantity,amount\ninjection,2,40.00\n,2,£40.00\n",
        "item,quantity\ninjection,2\nGrand total:,2\n",
        "nhs_number,date\n{Ann},2026-05-04\n{Ben},2026-05-05\nTotal,\n",
        "nhs_number,date,quantity\n{Ann},2026-05-04,1\n{Ben},2026-05-05,1\n,,2\n",
        "ods code,item,quantity\nY99999,injection,2\n",
    ],
)
def test_a_total_and_a_practice_do_no_harm(ask: Ask, may: Surgery, text: str) -> None:
    assert ask(may, text).reasons == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("item,quantity\ninjection,2\nTotal,3\n", "line 3: the total is 3 and the lines above it come to 2"),
        ("item,quantity,amount\ninjection,2,40.00\nTotal,2,60.00\n", "line 3: the total is £60.00 and the lines above"),
        ("nhs_number,date,quantity\n{Ann},2026-05-04,1\n,,2\n", "line 3: the total is 2 and the lines above it come"),
        ("item,quantity\n", "it has no line below its header"),
        ("nhs_number,date\n", "it has no line below its header"),
        ("item,quantity\ninjection,-1\n", "line 2: quantity is no whole number"),
        ("item,quantity\ninjection,\n", "line 2: quantity is no whole number"),
        ("item,quantity\ninjection,2.5\n", "line 2: quantity is no whole number"),
        ("item,quantity\ninjection,1000000000\n", "line 2: quantity is too large"),
        ("item,quantity\ninjection," + "9" * 5000 + "\n", "line 2: quantity is no whole number"),
        ("item,quantity,amount\ninjection,2,-40.00\n", "line 2: amount is below zero"),
        ("item,quantity,amount\ninjection,2,(40.00)\n", "line 2: amount is below zero"),
        ("item,quantity,amount\ninjection,2,1000000000.00\n", "line 2: amount is too large"),
        ("item,quantity,amount\ninjection,2,€40.00\n", "line 2: amount is no pounds and pence"),
        ("nhs_number,date,amount\n{Ann},2026-05-04,x\n", "line 2: amount is no pounds and pence"),
        ("nhs_number,date\n{Ann},\n{Ben},2026-05-05\n", "line 2: not a date"),
        ("nhs_number,date\n,2026-05-04\n{Ben},2026-05-05\n", "line 2: an NHS number has 10 digits"),
        ("nhs_number,date\n9.99E+09,2026-05-04\n", "line 2: "),
        ("nhs_number,date,quantity\n{Ann},2026-05-04,2\n", "line 2: a row is one activity"),
        ("ods_code,item,quantity\nA82002,injection,2\n", "line 2: it is for another practice"),
        ("ods_code,nhs_number,date\nA82002,{Ann},2026-05-04\n", "line 2: it is for another practice"),
        ("item,quantity\nbandage,2\n", "line 2: denosumab has no such item: there are injection"),
    ],
)
def test_what_cannot_be_right_is_refused_with_its_line(ask: Ask, may: Surgery, text: str, said: str) -> None:
    with pytest.raises(LesError) as fault:
        ask(may, text)
    assert said in str(fault.value)
    assert may.numbers["Ann"] not in str(fault.value)
    assert "9.99" not in str(fault.value)
