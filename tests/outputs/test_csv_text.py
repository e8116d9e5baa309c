from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lescli.outputs import Answer, Column, Grid, Kind
from lescli.outputs.csv_text import csv_file, csv_text


def records(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_the_first_grid_under_the_machine_names(answer: Answer) -> None:
    header, first, second = records(csv_text(answer))
    assert header == ["nhs_number", "code", "name", "due_on", "amount_pence", "quantity", "value"]
    assert first == ["9990000018", "999000051000000107", '\'=HYPERLINK("http://x")', "2026-05-01", "24000", "12", "2.5"]
    assert second == ["9990000026", "0012345", "80,443 | <b>é王␛[31m\ufffd", "", "-500", "", "-7"]


def test_stdout_has_unix_line_ends_and_a_file_has_a_bom_and_crlf(answer: Answer) -> None:
    assert "\r" not in csv_text(answer)
    content = csv_file(answer)
    assert content.startswith(b"\xef\xbb\xbfnhs_number,")
    assert content.count(b"\r\n") == content.count(b"\n") == 3


def test_an_identifiable_file_has_an_empty_last_column_that_says_so(answer: Answer) -> None:
    header, *rows = records(csv_file(answer).decode("utf-8-sig"))
    plain, *same = records(csv_text(answer))
    assert header == [*plain, "identifiable: names patients"]
    assert [row[:-1] for row in rows] == same
    assert {row[-1] for row in rows} == {""}
    assert b"identifiable" not in csv_file(replace(answer, identifiable=False))


FORMULAS = [*"=+-@", "\t", "\r", "\n", " =", "\u00a0=", "\u200b=", "\ufeff=", *"＝＋－＠﹦", "\u2212"]


@pytest.mark.parametrize("start", FORMULAS)
@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.CODE, Kind.DATE, Kind.NUMBER, Kind.PENCE])
def test_a_text_never_becomes_a_formula(cell: Callable[[object, Kind], Answer], start: str, kind: Kind) -> None:
    (value,) = records(csv_text(cell(f"{start}cmd|' /C calc'!A0", kind)))[1]
    assert value == f"'{start}cmd|' /C calc'!A0".replace("\r", "\n")


def test_a_carriage_return_does_not_split_the_record(cell: Callable[[object, Kind], Answer]) -> None:
    for line_end in ("\n", "\r\n"):
        assert records(csv_text(cell("a\rb\r\nc", Kind.TEXT), line_end))[1:] == [["a\nb\nc"]]


@pytest.mark.parametrize(
    ("value", "kind", "written"),
    [
        (-5, Kind.COUNT, "-5"),
        (-2.5, Kind.NUMBER, "-2.5"),
        ("-2.5", Kind.NUMBER, "-2.5"),
        (-500, Kind.PENCE, "-500"),
        ("-2.5", Kind.TEXT, "'-2.5"),
        ("0007", Kind.CODE, "0007"),
        ("42QE.", Kind.CODE, "42QE."),
        ("^ESC123", Kind.CODE, "^ESC123"),
    ],
)
def test_numbers_and_codes_are_unchanged(
    cell: Callable[[object, Kind], Answer], value: object, kind: Kind, written: str
) -> None:
    assert records(csv_text(cell(value, kind)))[1] == [written]


def test_a_column_name_never_becomes_a_formula() -> None:
    grid = Grid(title="", columns=(Column("=1+1", ""),), rows=())
    assert csv_text(Answer(data={}, title="", grids=(grid,))) == "'=1+1\n"


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from('\n",;')))
def test_any_text_survives_a_round_trip(text: str) -> None:
    grid = Grid(title="", columns=(Column("a", ""), Column("b", "")), rows=(("x", text),))
    (value,) = [row[1] for row in records(csv_text(Answer(data={}, title="", grids=(grid,))))[1:]]
    assert value.removeprefix("'") == text.removeprefix("'")


def test_an_answer_without_a_grid_gives_an_empty_text() -> None:
    assert csv_text(Answer(data={}, title="", grids=())) == ""
