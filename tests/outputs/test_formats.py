from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from lescli.errors import Exit, LesError, UsageError
from lescli.outputs import Answer, check_out, show
from lescli.outputs.formats import SUFFIXES


@pytest.mark.parametrize(
    ("format_", "start"), [("table", "identifiable: "), ("json", '{\n  "schema"'), ("csv", "nhs_number,code,")]
)
def test_stdout_holds_the_data_and_stderr_the_notes(
    answer: Answer, capsys: pytest.CaptureFixture[str], format_: str, start: str
) -> None:
    show(answer, format=format_, out=None, quiet=False)
    printed = capsys.readouterr()
    assert printed.out.startswith(start)
    assert printed.out.endswith("\n")
    # Table and JSON carry the mark; a line of it in a CSV would be read as a record.
    mark = "les: identifiable: names patients\n" if format_ == "csv" else ""
    assert printed.err == f"{mark}les: two patients have no phone\n"
    assert "identifiable" in printed.out or mark


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".XLSX"])
def test_the_suffix_picks_the_format(
    answer: Answer, tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    starts = {
        ".json": b"{",
        ".csv": b"\xef\xbb\xbfnhs",
        ".xlsx": b"PK",
        ".html": b"<!DOCTYPE html>",
        ".md": b"# ",
        ".ics": b"BEGIN:VCALENDAR\r\n",
        ".eml": b"To: ",
        ".parquet": b"PAR1",
    }
    out = tmp_path / f"answer{suffix}"
    show(answer, format="csv", out=out, quiet=False)
    assert out.read_bytes().startswith(starts[suffix.lower()])
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "identifiable" in printed.err


def test_the_suffix_wins_over_the_format(answer: Answer, tmp_path: Path) -> None:
    show(answer, format="csv", out=tmp_path / "a.json", quiet=True)
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == {**answer.data, "identifiable": True}


def test_quiet_prints_only_data(answer: Answer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show(answer, format="table", out=None, quiet=True)
    show(answer, format="table", out=tmp_path / "a.csv", quiet=True)
    assert capsys.readouterr() == ("", "")
    assert (tmp_path / "a.csv").exists()
    show(answer, format="json", out=None, quiet=True)
    assert capsys.readouterr().out.startswith("{")


@pytest.mark.parametrize("name", ["claim.pdf", "claim", "claim.xls", ".csv"])
def test_an_unknown_suffix_is_a_usage_error_that_lists_the_known(answer: Answer, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        show(answer, format="table", out=tmp_path / name, quiet=False)
    assert caught.value.exit_code is Exit.USAGE
    assert str(caught.value).endswith(".json .csv .xlsx .html .md .ics .eml .parquet")
    assert not list(tmp_path.iterdir())


def test_an_unknown_format_is_a_usage_error(answer: Answer, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="table, json, csv"):
        show(answer, format="yaml", out=None, quiet=False)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("suffix", "verb"), [(".ics", "les status"), (".eml", "les claim")])
def test_a_format_the_answer_lacks_names_the_verb_that_has_it(
    answer: Answer, tmp_path: Path, suffix: str, verb: str
) -> None:
    bare = dataclasses.replace(answer, events=(), mail=None)
    with pytest.raises(UsageError, match=verb):
        show(bare, format="table", out=tmp_path / f"a{suffix}", quiet=False)
    assert not list(tmp_path.iterdir())


def test_check_out_refuses_an_impossible_place(tmp_path: Path) -> None:
    check_out(None)
    check_out(tmp_path / "a.csv")
    with pytest.raises(UsageError, match="known suffix"):
        check_out(tmp_path / "a.doc")
    with pytest.raises(LesError, match="does not exist"):
        check_out(tmp_path / "missing" / "a.csv")
    assert not list(tmp_path.iterdir())


def test_files_left_by_a_killed_command_are_reported(
    answer: Answer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    show(answer, format="table", out=tmp_path / "a.csv", quiet=False)
    assert "interrupted" not in capsys.readouterr().err
    (tmp_path / ".les-abc.part").mkdir()
    (tmp_path / ".les-def.old").write_text("half")
    show(answer, format="table", out=tmp_path / "a.csv", quiet=False)
    said = capsys.readouterr().err
    assert "left unfinished files beside it: .les-abc.part, .les-def.old; they may name patients" in said
    show(answer, format="table", out=tmp_path / "a.csv", quiet=True)
    assert "interrupted" not in capsys.readouterr().err
    # Told and not deleted: it may be another program's that still writes.
    assert (tmp_path / ".les-abc.part").exists()
