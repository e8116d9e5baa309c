"""The commissioner's own form is filled where it says, keeps its style, and is refused if it cannot take the claim."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import date
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font

from lescli.cli.run import run

HEADER = "nhs_number,family_name,date_of_birth,date,code,consultation_type\n"
MAY = ("denosumab", "--month", "2026-05", "--as-of", "2026-06-05")
SERVICE = Path(__file__).parents[2] / "plugins/denosumab/lescli_denosumab/service.toml"
FORM = """
[submission.form]
template = "form.xlsx"
clause = "4"

[submission.form.cells]
practice = "Claim!B2"
submit_by = "Claim!B3"
total = "Claim!B4"

[submission.form.lines]
sheet = "Claim"
first_row = 7
last_row = 9
item = "A"
quantity = "B"
amount = "C"
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A practice with one injection to claim, and a form that says itself what its cells take."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LES_STORE", str(tmp_path / "p.les"))
    run(["init", "--practice", "A81001", "--name", "=Demo+Surgery"])
    run(["services", "sign", "denosumab", "--from", "2026-04-01"])
    row = "9990000018,Ash,1950-02-01,2026-05-05,700139004,Home visit\n"
    Path("may.csv").write_text(HEADER + row, encoding="utf-8")
    run(["import", "may.csv", "--as-of", "2026-06-01"])
    save_form({"B2": "{practice}", "B3": "{submit_by}", "B4": "{total}", "A7": "{item}", "B7": "{quantity}"})
    capsys.readouterr()
    return tmp_path


def save_form(cells: dict[str, Any], name: str = "form.xlsx") -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Claim"
    sheet["A1"], sheet["A2"], sheet["A10"] = "CLAIM FORM", "Practice", "Office use"
    sheet["A1"].font = Font(bold=True, color="FFCC0000")
    for cell, value in cells.items():
        sheet[cell] = value
    book.save(name)


def fill(*words: str) -> int:
    return run(["claim", *MAY, "--form", "form.xlsx", "--out", "out.xlsx", *words])


@pytest.mark.usefixtures("here")
def test_only_the_named_cells_change(capsys: pytest.CaptureFixture[str]) -> None:
    assert fill() == 0
    sheet = openpyxl.load_workbook("out.xlsx")["Claim"]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=Demo+Surgery", "s")
    assert sheet["B3"].value.date() == date(2026, 6, 10)
    capsys.readouterr()
    run(["claim", *MAY, "--json"])
    assert round(sheet["B4"].value * 100) == json.loads(capsys.readouterr().out)["total_pence"] == 2000
    assert [sheet[cell].value for cell in ("A7", "B7", "A8", "A10")] == ["injection", 1, None, "Office use"]
    assert (sheet["A1"].value, sheet["A1"].font.bold) == ("CLAIM FORM", True)
    assert sheet.oddHeader.center.text == "PREVIEW, not submitted"


@pytest.mark.usefixtures("here")
def test_a_submitted_claim_is_no_preview_and_has_the_same_bytes_again() -> None:
    assert fill("--submit", "--by", "A. Admin") == 0
    first = Path("out.xlsx").read_bytes()
    assert fill() == 0
    assert Path("out.xlsx").read_bytes() == first
    assert not openpyxl.load_workbook("out.xlsx")["Claim"].oddHeader.center.text
    with zipfile.ZipFile("out.xlsx") as book:
        assert {one.date_time[0] for one in book.infolist()} == {1980}
        about = book.read("docProps/core.xml")
    assert set(re.findall(rb"<dcterms:[^>]*>([^<]+)", about)) == {b"2000-01-01T00:00:00Z"}


@pytest.mark.usefixtures("here")
def test_a_value_is_written_wherever_the_form_asks_for_it() -> None:
    save_form({"B2": "{month}", "B4": "{month}", "A7": "{item}", "A8": "{item}"})
    assert fill() == 0
    sheet = openpyxl.load_workbook("out.xlsx")["Claim"]
    assert [sheet[cell].value for cell in ("B2", "B4", "A7", "A8")] == ["May 2026", "May 2026", "injection", None]


@pytest.mark.usefixtures("here")
def test_the_draft_has_the_workbook_and_the_form() -> None:
    fill()
    run(["claim", *MAY, "--form", "form.xlsx", "--out", "out.eml"])
    run(["claim", *MAY, "--out", "own.xlsx"])
    message = message_from_bytes(Path("out.eml").read_bytes(), policy=policy.default)
    own, form = message.iter_attachments()
    assert own.get_content() == Path("own.xlsx").read_bytes()
    assert form.get_filename() == "form-denosumab-2026-05.xlsx"
    assert form.get_content() == Path("out.xlsx").read_bytes()


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"B4": "{totl}"}, "did you mean `total`?"),
        ({"B4": "here"}, "does not say which cell takes what"),
        ({"B4": "Sum: {total}"}, "B4 of the form has more in it than {total}"),
        ({"B4": "{total}", "A7": "{item}", "A11": "{item}"}, "A11 of the form is outside the table"),
    ],
)
def test_a_form_that_cannot_be_filled_freezes_nothing(
    here: Path, capsys: pytest.CaptureFixture[str], cells: dict[str, str], told: str
) -> None:
    save_form(cells)
    assert fill("--submit", "--by", "A. Admin") == 1
    assert told in capsys.readouterr().err
    run(["claims", "--json"])
    assert json.loads(capsys.readouterr().out)["claims"] == []
    assert not (here / "out.xlsx").exists()


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"name,total\n"])
def test_a_file_that_is_no_workbook_is_refused(capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    Path("form.xlsx").write_bytes(content)
    assert fill() == 1
    assert "form" in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_the_empty_form_is_never_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    before = Path("form.xlsx").read_bytes()
    assert run(["claim", *MAY, "--form", "form.xlsx", "--out", "form.xlsx"]) == 2
    assert Path("form.xlsx").read_bytes() == before
    assert "name another file" in capsys.readouterr().err


def check(toml: str) -> int:
    folder = Path("own")
    folder.mkdir(exist_ok=True)
    (folder / "service.toml").write_text(SERVICE.read_text(encoding="utf-8") + toml, encoding="utf-8")
    return run(["services", "check", "own"])


@pytest.mark.usefixtures("here")
def test_check_opens_the_form_beside_the_service(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(FORM) == 3
    assert "submission.form.template: form.xlsx cannot be read" in capsys.readouterr().err
    save_form({}, "own/form.xlsx")
    assert check(FORM) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("here")
def test_check_names_every_fault_of_the_cells(capsys: pytest.CaptureFixture[str]) -> None:
    Path("own").mkdir()
    save_form({"B4": "=SUM(C7:C9)", "B2": "Name:", "C8": 1}, "own/form.xlsx")
    book = openpyxl.load_workbook("own/form.xlsx")
    book["Claim"].merge_cells("A3:B3")
    book.save("own/form.xlsx")
    assert check(FORM.replace('item = "A"', 'item = "B"')) == 3
    told = capsys.readouterr().err
    for part in (
        "cells.practice: B2 holds something already",
        "cells.submit_by: B3 lies inside merged cells; name their first, A3",
        "cells.total: B4 holds a formula",
        "lines.quantity: submission.form.lines.item names B7 too",
        "lines.amount: C8 holds something already",
    ):
        assert part.replace("submission.form.", "") in told.replace("submission.form.", "")
    assert check(FORM.replace("Claim!B2", "Clam!B2")) == 3
    assert "the form has no sheet `Clam`; it has `Claim`" in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_a_claim_with_more_lines_than_the_form_is_refused() -> None:
    from lescli.errors import LesError
    from lescli.model import ClaimForm, FormLines
    from lescli.operations.claim.form import filled

    empty = BytesIO()
    openpyxl.Workbook().save(empty)
    lines = FormLines(sheet="Sheet", first_row=2, last_row=3, columns=(("item", "A"),))
    form = ClaimForm(template="", clause="", cells=(("total", "Sheet!B9"),), lines=lines)
    line = {"item": "x"}
    filled(empty.getvalue(), form, {}, [line] * 2, is_preview=False)
    with pytest.raises(LesError, match="room for 2 lines and the claim has 3"):
        filled(empty.getvalue(), form, {}, [line] * 3, is_preview=False)


@pytest.mark.usefixtures("here")
def test_a_specification_can_word_the_declaration() -> None:
    text = SERVICE.read_text(encoding="utf-8").replace('name = "denosumab"', 'name = "own"', 1)
    Path("own").mkdir()
    words = "I confirm that the activity claimed has been carried out."
    own = text.replace("[submission]", f'[submission]\ndeclaration = "{words}"', 1)
    Path("own/service.toml").write_text(own, encoding="utf-8")
    assert run(["services", "add", "own"]) in (0, 3)
    assert run(["services", "sign", "own", "--from", "2026-04-01"]) in (0, 3)

    def told(service: str) -> tuple[str, str]:
        run(["claim", service, *MAY[1:], "--out", f"{service}.xlsx"])
        book = openpyxl.load_workbook(f"{service}.xlsx")
        rows = [row[:2] for row in book["Claim"].iter_rows(values_only=True)]
        meaning = dict(book["How to read this"].iter_rows(values_only=True))
        return next(str(value) for name, value in rows if name == "Declaration"), meaning["Declaration"]

    assert told("own") == (words, "Its words are those of the specification.")
    assert told("denosumab")[0].startswith("I declare")
    assert "are ours" in told("denosumab")[1]


@pytest.mark.usefixtures("here")
def test_a_form_is_no_deadline_in_the_difference_of_two_services(capsys: pytest.CaptureFixture[str]) -> None:
    Path("own").mkdir()
    Path("own/service.toml").write_text(SERVICE.read_text(encoding="utf-8") + FORM, encoding="utf-8")
    run(["services", "diff", "denosumab", "own"])
    told = capsys.readouterr()
    assert "submission.form" in told.out + told.err
    assert "deadline.form" not in told.out + told.err
