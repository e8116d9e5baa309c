"""Letters: a page a patient from a template that can only name fields."""

from __future__ import annotations

import io
import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("docxtpl")

from docx import Document

from lescli.cli.run import run
from lescli.errors import LesError
from lescli.outputs.exports.letters import Letter, letters, shipped_template

TODAY = date(2026, 11, 20)
ROW: dict[str, object] = {
    "nhs_number": "9990000018",
    "given_name": "Ann",
    "family_name": "Ash",
    "date_of_birth": date(1950, 11, 21),
    "recall": "Denosumab injection",
    "due_on": date(2026, 11, 5),
    "message": "Your denosumab injection is due. Please call Demo Surgery to book.",
    "service_title": "Denosumab",
    "practice": "Demo Surgery",
    "practice_telephone": "",
}


def template(*lines: str, header: str = "", table: bool = False) -> bytes:
    document = Document()
    if table:
        document.add_table(1, 1).cell(0, 0).text = "{{ name }}"
    for line in lines:
        document.add_paragraph(line)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def made(content: bytes, *rows: dict[str, object]) -> Any:
    return Document(io.BytesIO(letters(Letter(template=content, today=TODAY), rows or (ROW,))))


def lines(document: Any) -> list[str]:
    return [one.text for one in document.paragraphs]


def breaks(document: Any) -> int:
    return sum(one.paragraph_format.page_break_before is True for one in document.paragraphs)


@pytest.mark.parametrize("large", [False, True])
def test_our_letter_says_who_what_and_one_thing_to_do(large: bool) -> None:
    text = lines(made(shipped_template(large=large)))
    assert text[:4] == ["Demo Surgery", "20 November 2026", "Ann Ash", "NHS number: 999 000 0018"]
    assert ROW["message"] in text
    with_number = lines(made(shipped_template(large=large), {**ROW, "practice_telephone": "01632 960000"}))
    assert with_number[1] == "Telephone: 01632 960000"


def test_a_telephone_number_is_not_broken_over_two_lines() -> None:
    row = {**ROW, "practice_telephone": "01632 960000", "message": "Please call us on 01632 960000."}
    assert lines(made(template("{{ message }}"), row)) == ["Please call us on 01632\N{NO-BREAK SPACE}960000."]


@pytest.mark.parametrize(("large", "points"), [(False, 12), (True, 16)])
def test_our_letter_is_large_enough_to_read_on_a4(large: bool, points: int) -> None:
    document = made(shipped_template(large=large))
    sizes = [run.font.size.pt for paragraph in document.paragraphs for run in paragraph.runs]
    assert min(sizes) == points
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)


def test_our_letter_has_no_macro_no_link_and_is_made_by_the_script() -> None:
    docs = str(Path(__file__).parents[2] / "docs")
    sys.path.insert(0, docs)
    try:
        from letter_templates import SIZES
        from letter_templates import template as anew
    finally:
        sys.path.remove(docs)
    for name, points in SIZES.items():
        with zipfile.ZipFile(io.BytesIO(shipped_template(large="large" in name))) as ships:
            parts = {one: ships.read(one) for one in ships.namelist()}
        assert not any("vba" in one for one in parts)
        assert not any(b"External" in content for one, content in parts.items() if one.endswith(".rels"))
        with zipfile.ZipFile(io.BytesIO(anew(points))) as new:
            assert new.read("word/document.xml") == parts["word/document.xml"], "run docs/letter_templates.py"


def test_each_patient_begins_a_page() -> None:
    assert breaks(made(template("{{ name }}", "second line"), ROW, {**ROW, "given_name": "Ben"}, ROW)) == 2
    document = made(template("below", table=True), ROW, {**ROW, "given_name": "Ben"})
    assert breaks(document) == 1
    assert [table.cell(0, 0).text for table in document.tables] == ["Ann Ash", "Ben Ash"]


def test_a_name_is_text_whatever_is_in_it() -> None:
    odd = {**ROW, "given_name": "Ann & {{ practice }}", "family_name": '<w:b> {% if x %} \x0bO\'Neil "{_{"'}
    assert lines(made(template("{{ name }}"), odd)) == ['Ann & {{ practice }} <w:b> {% if x %} O\'Neil "{_{"']


def test_a_header_takes_the_practice() -> None:
    document = made(template("{{ name }}", header="{{ practice }}, {{ today }}"))
    assert document.sections[0].header.paragraphs[0].text == "Demo Surgery, 20 November 2026"
    with pytest.raises(LesError, match="no field `name`"):
        made(template("Dear patient", header="{{ name }}"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ adress }}", "there is no field `adress`"),
        ("{{ name.__class__ }}", "more than fields"),
        ("{{ name() }}", "more than fields"),
        ("{{ name|upper }}", "more than fields"),
        ("{{ self }}", "no field `self`"),
        ("{% for one in name %}x{% endfor %}", "more than fields"),
        ("{% include 'x' %}", "more than fields"),
        ("{% set name = 1 %}", "more than fields"),
        ("{{ 'a' * 1000000000 }}", "more than fields"),
        ("{{ name", "not closed"),
        ("{% if name %}", "not closed"),
        ("{{r name }}", "begins with r"),
    ],
)
def test_a_template_can_name_fields_and_nothing_more(text: str, said: str) -> None:
    with pytest.raises(LesError, match=said):
        made(template(text))


def test_an_if_that_would_leave_half_a_table_is_refused_with_the_way_to_write_it() -> None:
    document = Document()
    document.add_table(1, 1).cell(0, 0).text = "{% if practice_telephone %}"
    document.add_paragraph("{% endif %}")
    held = io.BytesIO()
    document.save(held)
    with pytest.raises(LesError, match="begins in one paragraph"):
        made(held.getvalue())
    assert lines(made(template("{%p if practice_telephone %}", "a", "{%p endif %}", "b"))) == ["b"]


def changed(content: bytes, name: str, new: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(whole, "w") as folder:
        for one in old.namelist():
            folder.writestr(one, new if one == name else old.read(one))
        if name not in old.namelist():
            folder.writestr(name, new)
    return whole.getvalue()


def test_a_template_that_could_do_more_is_refused() -> None:
    link = b'<Relationships><Relationship Id="x" Type="a/image" Target="http://x.example" TargetMode="External"/>'
    with pytest.raises(LesError, match="macros"):
        made(changed(template("x"), "word/vbaProject.bin", b"x"))
    with pytest.raises(LesError, match="fetches something"):
        made(changed(template("x"), "word/_rels/settings.xml.rels", link + b"</Relationships>"))
    for broken in (b"not a zip", changed(template("x"), "word/document.xml", b"<a")):
        with pytest.raises(LesError, match="no Word document"):
            made(broken)


def test_the_same_letters_are_the_same_bytes() -> None:
    letter = Letter(template=template("{{ name }}"), today=TODAY)
    assert letters(letter, [ROW, ROW]) == letters(letter, [ROW, ROW])


def test_from_the_command_with_the_practices_own_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LES_STORE", str(tmp_path / "p.les"))
    run(["init", "--practice", "A81001", "--name", "Demo Surgery"])
    run(["services", "sign", "denosumab", "--from", "2026-04-01"])
    Path("a.csv").write_text(
        "nhs_number,family_name,given_name,date_of_birth,date,code,consultation_type\n"
        "9990000018,Ash,Ann,1950-11-21,2026-05-05,700139004,Home visit\n",
        encoding="utf-8",
    )
    run(["import", "a.csv", "--as-of", "2026-06-05"])
    Path("ours.docx").write_bytes(template("To {{ name }}", "{{ message }}"))
    asked = ["recall", "--for", "letters", "--out", "letters.docx", "--as-of", "2026-11-20"]
    capsys.readouterr()
    assert run([*asked, "--template", "ours.docx", "--record", "--by", "letter"]) == 0
    said = capsys.readouterr().err
    assert "recorded as invited by letter: 1 patient" in said
    assert "text messages" not in said
    assert lines(Document("letters.docx"))[0] == "To Ann Ash"
    assert run([*asked, "--large-print", "--template", "ours.docx"]) == 2
    assert run([*asked, "--template", "none.docx"]) == 2
    assert run(["recall", "--for", "accurx-web", "--out", "a.csv", "--large-print"]) == 2
    assert run(["recall", "--out", "a.docx"]) == 2
    Path("ours.docx").write_bytes(template("{{ adress }}"))
    capsys.readouterr()
    assert run([*asked, "--template", "ours.docx"]) == 1
    assert "`adress`" in capsys.readouterr().err
