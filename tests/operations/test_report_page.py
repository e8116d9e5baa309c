"""A report as a page: sentences that are true, the year by month, and nothing that gives a small number away."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import pytest

from lescli.cli.run import run
from lescli.operations.report_page import sentence_of

HEADER = "nhs_number,family_name,date_of_birth,date,code,consultation_type\n"
QUARTER = ("--period", "2026-27-Q1", "--as-of", "2026-07-06")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LES_STORE", str(tmp_path / "p.les"))
    run(["init", "--practice", "A81001", "--name", "Demo Surgery"])
    run(["services", "sign", "denosumab", "--from", "2026-04-01"])
    run(["services", "sign", "phlebotomy", "--from", "2026-04-01"])
    days = ("2026-04-03", "2026-05-05", "2026-05-12", "2026-06-10")
    text = "".join(f"9990000018,Ash,1950-02-01,{day},700139004,Home visit\n" for day in days)
    Path("a.csv").write_text(HEADER + text, encoding="utf-8")
    run(["import", "a.csv", "--as-of", "2026-07-01"])
    run(["claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A"])
    capsys.readouterr()
    return tmp_path


def page(*words: str) -> str:
    run(["report", *words, *QUARTER, "--out", "r.html"])
    return Path("r.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("part", "whole", "value", "unit", "said"),
    [
        (12, 13, 92.31, "percent", "On time: 12 of 13, which is 92.31 %."),
        (0, 0, None, "percent", "On time: nothing to count it of."),
        (1200, None, 1200, "patients", "On time: 1,200 patients."),
        (1, None, 1, "patients", "On time: 1."),
        (None, 20, None, "percent", "On time: *, a small number is hidden."),
    ],
)
def test_a_measure_in_words(part: int | None, whole: int | None, value: float | None, unit: str, said: str) -> None:
    one = {"title": "On time", "numerator": part, "denominator": whole, "value": value, "unit": unit}
    assert sentence_of(one) == said


def test_the_page_of_one_service() -> None:
    text = page("denosumab")
    assert "Injections given: 4 injections." in text
    assert "4 activities from 01 Apr 2026 to 30 Jun 2026." in text
    assert "it ends at about 16: 4 in 91 days of 365" in text
    assert "Claimed £60.00, paid £0.00, owed £60.00." in text
    assert text.index("What the commissioner asks") < text.index("The year so far") < text.index("Claimed and paid")
    assert text.count("<svg ") == 2
    assert "script" not in text


def test_the_money_of_another_year_is_not_counted() -> None:
    run(["services", "set", "denosumab", "period.end=2028-03-31", "--from", "2026-04-01", "--source", "letter"])
    text = "9990000018,Ash,1950-02-01,2027-05-12,700139004,Home visit\n"
    Path("b.csv").write_text(HEADER + text, encoding="utf-8")
    run(["import", "b.csv", "--as-of", "2027-06-01"])
    run(["claim", "denosumab", "--month", "2027-05", "--as-of", "2027-06-05", "--submit", "--by", "A"])
    run(["report", "denosumab", "--period", "2026-27", "--as-of", "2027-07-06", "--out", "y.html"])
    assert "Claimed £60.00, paid £0.00, owed £60.00." in Path("y.html").read_text("utf-8")
    run(["report", "denosumab", "--period", "2027-28-Q1", "--as-of", "2027-07-06", "--out", "y.html"])
    assert "Claimed £20.00, paid £0.00, owed £20.00." in Path("y.html").read_text("utf-8")


def test_each_chart_has_its_numbers_beneath_as_a_table() -> None:
    text = page("denosumab")
    beneath = [part.split("<table", 1)[1].split("</table>")[0] for part in text.split("</svg>")[1:]]
    cells = [re.findall("<td[^>]*>(.*?)</td>", part) for part in beneath]
    assert cells == [
        ["Apr 26", "1", "May 26", "2", "Jun 26", "1"],
        ["Apr 26", "", "", "May 26", "£60.00", "£0.00", "Jun 26", "", ""],
    ]


def test_the_page_of_the_practice(capsys: pytest.CaptureFixture[str]) -> None:
    text = page()
    assert "Report of Demo Surgery" in text
    heads = re.findall("<h2>(.*?)</h2>", text)
    assert [head for head in heads if head.endswith("What the commissioner asks")] == [
        "Complex injections (denosumab): What the commissioner asks",
        heads[[head.endswith("What the commissioner asks") for head in heads].index(True, 1)],
    ]
    capsys.readouterr()
    run(["report", *QUARTER, "--json"])
    assert [one["service"] for one in json.loads(capsys.readouterr().out)] == ["denosumab", "phlebotomy"]


def test_a_page_for_others_has_no_small_number() -> None:
    text = page("denosumab", "--suppress")
    assert "a small number is hidden" in text
    assert "<svg " not in text
    assert "4 activities" not in text
    assert "£" not in text


def test_the_workbook_draws_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    run(["report", "denosumab", *QUARTER, "--out", "r.xlsx"])
    book = openpyxl.load_workbook("r.xlsx")
    sheet = book["Chart 1"]
    assert [cell.value for cell in sheet["B"]][:4] == ["Activities", 1, 2, 1]
    assert len(sheet._charts) == 1
