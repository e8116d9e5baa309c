"""No text of a file, a person or a store becomes a formula in a spreadsheet, wherever it comes out."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest

import lescli.outputs
from lescli.outputs import Answer
from lescli.outputs.csv_text import csv_file
from lescli.outputs.xlsx import xlsx

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", " =", "\u00a0=", "\ufeff=", "＝", "＋", "－", "＠")
RUN = "cmd|' /C calc'!A0"
# As Excel and LibreOffice have it: what may stand before it is not seen.
FORMULA = re.compile("[\\s\u00a0\ufeff\u200b]*[=+\\-@＝＋－＠]|[\t\r\n]")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
HEADER = (
    "nhs_number,family_name,given_name,date_of_birth,sex,registered_on,"
    "date,code,term,value,unit,consultation_type,clinician,done_at,source_id"
)


def hostile(number: int) -> str:
    """A text that begins as a formula might."""
    return f"{STARTS[number % len(STARTS)]}{RUN}"


@pytest.fixture(scope="module")
def numbers() -> list[str]:
    from lescli.testing import nhs_number

    return [nhs_number(place) for place in range(50, 50 + len(STARTS))]


@pytest.fixture
def attacked(les_here, store: Path, tmp_path: Path, numbers: list[str]) -> Path:
    """A store in which every text that a file or a person may give begins like a formula."""
    path = tmp_path / "=1+1.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*HEADER.split(","), "=HYPERLINK(1)"])
        for place, number in enumerate(numbers):
            bad = hostile(place)
            person = [number, bad, bad, "1950-01-01", "female", "2010-01-01"]
            entry = ["2026-05-11", "700139004", bad, bad, bad, f"{bad} face to face", bad, "", f"{bad} e{place}", bad]
            writer.writerow([*person, *entry])
        writer.writerow([hostile(0), *[hostile(1)] * 15])
    assert les_here("import", path, store=store).code == 3
    register = tmp_path / "register.csv"
    with register.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["nhs_number", "entered_on", "ended_on", "end_reason", "treatment_reason"])
        for place, number in enumerate(numbers[:4]):
            writer.writerow([number, "2026-05-01", "2026-06-20", f"={place}+1", f"{STARTS[place]}1+1"])
    assert les_here("register", "denosumab", "--load", register, store=store).code == 0
    submit = ("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "=1+1")
    assert les_here(*submit, "--authorised-by", "@SUM(A1)", store=store).code == 0
    reverse = ("claims", "reverse", "denosumab-2026-05", "--row", "2", "--reason", "=1+1")
    assert les_here(*reverse, "--as-of", "2026-06-06", store=store).code == 0
    return store


QUESTIONS: tuple[tuple[str, ...], ...] = (
    ("register", "denosumab"),
    ("recall", "denosumab", "--within", "400d"),
    ("claim", "denosumab", "--month", "2026-06", "--rows"),
    ("claims",),
    ("claims", "show", "denosumab-2026-05"),
    ("report", "denosumab", "--period", "2026-27", "--rows"),
    ("quarantine", "--rows"),
    ("import", "=1+1.csv"),
)


def test_no_cell_is_a_formula(les_here, attacked, tmp_path, numbers, monkeypatch):
    answers: list[Answer] = []
    with monkeypatch.context() as patch:
        patch.setattr(lescli.outputs, "show", lambda answer, **_: answers.append(answer))
        for words in (*QUESTIONS, *(("explain", "denosumab", "--patient", number) for number in numbers[:2])):
            assert les_here(*words, "--as-of", "2026-06-25", store=attacked).code in (0, 3)
    seen = "".join(check_csv(csv_file(answer)) + check_xlsx(xlsx(answer)) for answer in answers)
    pack = tmp_path / "pack"
    assert les_here("evidence", "denosumab", "--period", "2026-05", "--out", pack, store=attacked).code == 3
    seen += check_csv((pack / "evidence.csv").read_bytes()) + check_xlsx((pack / "evidence.xlsx").read_bytes())
    # The attack text reached the places where it could do harm.
    for start in STARTS[:4]:
        assert f"'{start}{RUN}".lower() in seen.lower(), start


def check_csv(content: bytes) -> str:
    text = content.decode("utf-8-sig")
    for record in csv.reader(io.StringIO(text, newline=""), strict=True):
        for cell in record:
            assert NUMBER.fullmatch(cell) or not FORMULA.match(cell), repr(cell)
    return text


def check_xlsx(content: bytes) -> str:
    """A workbook holds texts as texts whatever they begin with, and not one formula, link or name that is one."""
    seen = ""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in book.namelist():
            text = book.read(name).decode("utf-8")
            assert not re.search(r"<f[ >/]|t=\"str\"|<hyperlink", text), name
            if name.startswith("xl/worksheets/sheet"):
                cells = re.findall(r'<c r="[A-Z]+[0-9]+"[^>]*?(?: t="(\w+)")?[^>]*>', text)
                assert set(cells) <= {"", "s"}, name
            seen += text
        workbook = book.read("xl/workbook.xml").decode("utf-8")
        names = re.findall(r'<sheet name="([^"]+)"', workbook)
        assert not [sheet for sheet in names if FORMULA.match(sheet)]
    return seen
