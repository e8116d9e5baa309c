from __future__ import annotations

from collections.abc import Callable

import pytest

from lescli.outputs import Answer, Column, Grid, Kind
from lescli.outputs.table import table


def test_the_mark_comes_first_then_the_title(answer: Answer) -> None:
    lines = table(answer).splitlines()
    assert lines[:2] == ["identifiable: names patients", "Recall on 01 May 2026"]


def test_an_answer_without_patients_has_no_mark() -> None:
    assert table(Answer(data={}, title="Claim", grids=())) == "Claim\n"


def test_identifiers_and_codes_are_printed_whole(answer: Answer) -> None:
    text = table(answer)
    for whole in ("9990000018", "9990000026", "999000051000000107", "0012345", "80,443"):
        assert whole in text


def test_numbers_line_up_on_the_right(answer: Answer) -> None:
    heading, _, first, second = table(answer).split("\n\n")[1].splitlines()[1:5]
    end = heading.index("Amount") + len("Amount")
    assert first[:end].endswith("£240.00")
    assert second[:end].endswith("-£5.00")


def test_an_empty_grid_says_so(answer: Answer) -> None:
    assert table(answer).endswith("Nobody: at/all\nnobody waits\n")


def test_a_title_is_not_printed_twice() -> None:
    grid = Grid(title="Claims", columns=(Column("a", "A"),), rows=(), empty="no claim yet")
    assert table(Answer(data={}, title="Claims", grids=(grid,))) == "Claims\n\nno claim yet\n"


def test_no_text_can_control_the_terminal(answer: Answer) -> None:
    text = table(answer)
    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "␛[31m" in text


@pytest.mark.parametrize("value", ["80,443", "1e5", "0007", "1_000", "0x1F", "nan", "-", "١٢", "\x01", " ", ""])
@pytest.mark.parametrize("kind", list(Kind))
def test_no_text_is_read_as_a_number(cell: Callable[[object, Kind], Answer], value: str, kind: Kind) -> None:
    last = table(cell(value, kind)).splitlines()[-1]
    assert last.strip() == value.replace("\x01", "␁").strip()
