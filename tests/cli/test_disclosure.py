"""What goes to the commissioner names nobody, in any format. What names patients says so, in every format."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pyarrow.parquet
import pytest

import lescli.outputs
from lescli.cli.run import run
from lescli.errors import LesError
from lescli.outputs import Answer
from lescli.outputs.formats import FORMATS, SUFFIXES
from lescli.outputs.table import IDENTIFIABLE

ANN = "9990000018"
BORN = date(1948, 3, 2)
EXCEL_DAY = f"<v>{(BORN - date(1899, 12, 30)).days}</v>"
NEVER = (
    *("sentinelle", "philippa", ANN, f"{ANN[:3]} {ANN[3:6]} {ANN[6:]}", f"{ANN[:3]}-{ANN[3:6]}-{ANN[6:]}"),
    *("1948-03-02", "02/03/1948", "02 mar 1948", "1948", EXCEL_DAY),
)
AS_OF = ("--as-of", "2026-07-10")

NAMES_NOBODY: dict[str, tuple[str, ...]] = {
    "a claim": ("claim", "denosumab", "--month", "2026-06"),
    "a frozen claim": ("claim", "denosumab", "--month", "2026-05"),
    "every claim": ("claim", "--month", "2026-06"),
    "a submission": ("claim", "denosumab", "--month", "2026-06", "--submit", "--yes", "--by", "A. Admin"),
    "claims": ("claims",),
    "what is owed": ("claims", "--owed"),
    "reversals to make": ("claims", "--to-reverse"),
    "a report": ("report", "denosumab", "--period", "2026-27"),
    "another report": ("report", "anticoag", "--period", "2020-21"),
    "a report for others": ("report", "denosumab", "--period", "2026-27", "--suppress"),
    "status": ("status",),
    "services": ("services",),
    "a service": ("services", "show", "denosumab"),
    "quarantine": ("quarantine",),
    "an import": ("import", "again.csv"),
    "an invitation": ("invite", "denosumab", ANN, "--on", "2026-06-01", "--by", "letter", "--json"),
    "a register entry": ("register", "denosumab", "--add", ANN, "--set", "t_score=-3.1", "--json"),
    "an incident": ("incident", "denosumab", "--kind", "death", "--on", "2026-05-20", "--patient", ANN, "--json"),
    "a reversal": ("claims", "reverse", "denosumab-2026-05", "--row", "1", "--reason", "x", "--json"),
    "a payment": ("claims", "pay", "denosumab-2026-05", "--amount", "1.00", "--on", "2026-07-01", "--json"),
}
NAMES_PATIENTS: dict[str, tuple[str, ...]] = {
    "a claim with rows": ("claim", "denosumab", "--month", "2026-06", "--rows"),
    "one claim": ("claims", "show", "denosumab-2026-05"),
    "a register": ("register", "denosumab"),
    "recalls": ("recall", "denosumab"),
    "an explanation": ("explain", "denosumab", "--patient", ANN),
    "quarantine with rows": ("quarantine", "--rows"),
}


@pytest.fixture(scope="module")
def everywhere(prepared_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the patient in every possible place: record, register, contacts, incidents, claims, quarantine."""
    folder = tmp_path_factory.mktemp("everywhere")
    store = Path(shutil.copy(prepared_store, folder / "practice.les"))
    rows = folder / "rows.csv"
    header = "nhs_number,family_name,given_name,date_of_birth,sex,registered_on,date,code,consultation_type,clinician"
    person = f"{ANN},Sentinelle,Philippa,1948-03-02,female,2010-01-05"
    lines = [
        header,
        f"{person},2026-06-04,700139004,Face to face,B Carr",
        f"{person},2026-06-05,700139004,Telephone call,B Carr",
        "9990000019,Sentinelle,Philippa,1948-03-02,female,2010-01-05,2026-06-04,700139004,Face to face,B Carr",
    ]
    rows.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "again.csv").write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    died = folder / "died.csv"
    died.write_text(f"nhs_number,died_on\n{ANN},2026-05-02\n", encoding="utf-8")
    told = ("--store", str(store), "--as-of", "2026-06-05", "--quiet")
    for words in (
        ("register", "denosumab", "--add", ANN, "--set", "first_dose_on=2025-11-04", "--set", "treatment_reason=bones"),
        ("register", "anticoag", "--add", ANN, "--set", "level=3", "--set", "indication=AF", "--from", "2020-04-01"),
        ("invite", "denosumab", ANN, "--on", "2026-05-01", "--by", "phone", "--outcome", "booked"),
        ("incident", "denosumab", "--kind", "adverse-event", "--on", "2026-05-20", "--patient", ANN),
        ("claim", "denosumab", "--month", "2026-05", "--submit", "--by", "A. Admin"),
        ("import", str(rows)),
        ("import", str(died)),
    ):
        assert run([*words, *told]) in (0, 3), words
    return store


@pytest.fixture
def answered(everywhere: Path, les_here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """Ask a copy of that store; returns the verb's answer before it is printed in any format."""
    store = Path(shutil.copy(everywhere, tmp_path / "practice.les"))
    shutil.copy(everywhere.with_name("again.csv"), tmp_path)
    answers: list[Answer] = []
    monkeypatch.setattr(lescli.outputs, "show", lambda answer, **_: answers.append(answer))

    def ask(*words: str) -> Answer:
        done = les_here(*words, *AS_OF, store=store)
        assert done.code in (0, 3), done
        (answer,) = answers
        return answer

    return ask


def in_every_format(answer: Answer) -> Iterator[tuple[str, str]]:
    """Each format the answer has, with all its content as text; for a workbook, every part."""
    for name, text in FORMATS.items():
        yield name, text(answer)
    for suffix, made in SUFFIXES.items():
        try:
            content = made(answer)
        except LesError:
            assert suffix in (".ics", ".eml")  # which this answer has not
            continue
        if suffix == ".xlsx":
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                yield suffix, "\n".join(f"{name}\n{book.read(name).decode('utf-8')}" for name in book.namelist())
        elif suffix == ".parquet":
            rows = pyarrow.parquet.read_table(io.BytesIO(content)).to_pylist()
            yield suffix, f"{content.decode('latin-1')}\n{rows}"
        else:
            yield suffix, content.decode("utf-8-sig")


@pytest.mark.parametrize("what", NAMES_NOBODY)
def test_without_rows_nobody_is_named_in_any_format(answered: Callable[..., Answer], what: str) -> None:
    answer = answered(*NAMES_NOBODY[what])
    assert not answer.identifiable
    assert answer.patients_shown == 0
    found = dict(in_every_format(answer))
    assert {"table", "json", "csv", ".csv", ".xlsx", ".html", ".md"} <= set(found)
    for name, text in found.items():
        assert [word for word in NEVER if word in text.lower()] == [], (name, text)
        assert IDENTIFIABLE not in text


def test_the_message_and_the_diary_are_among_them(answered: Callable[..., Answer]) -> None:
    assert ".eml" in dict(in_every_format(answered(*NAMES_NOBODY["a claim"])))


def test_a_diary_names_nobody(answered: Callable[..., Answer]) -> None:
    found = dict(in_every_format(answered("status")))
    assert "BEGIN:VEVENT" in found[".ics"]


@pytest.mark.parametrize("what", NAMES_PATIENTS)
def test_what_names_patients_says_so_in_every_format(answered: Callable[..., Answer], what: str) -> None:
    answer = answered(*NAMES_PATIENTS[what])
    assert answer.identifiable
    assert answer.patients_shown >= 1
    found = dict(in_every_format(answer))
    for name in ("table", ".html", ".md", ".csv", ".xlsx"):
        assert IDENTIFIABLE in found[name], name
    assert '"identifiable": true' in found["json"]
    assert '"identifiable": true' in found[".json"]
    # On stdout a CSV is for a program, so the mark is on stderr.
    assert IDENTIFIABLE not in found["csv"]
    # She died, so she is not on the recall list.
    assert ("philippa" in found["json"].lower() or ANN in found["json"]) is (what != "recalls")


@pytest.mark.parametrize("what", ["a register", "recalls", "an explanation", "claims", "what is owed", "a report"])
def test_a_list_names_the_day_it_was_asked_on(answered: Callable[..., Answer], what: str) -> None:
    """A printed list, or a report of an unfinished period, shows its day, so that it can be told from a newer one."""
    found = dict(in_every_format(answered(*{**NAMES_PATIENTS, **NAMES_NOBODY}[what])))
    for name in ("table", ".html", ".md", ".xlsx"):
        assert "10 Jul 2026" in found[name], name
    assert '"as_of": "2026-07-10"' in found["json"]
