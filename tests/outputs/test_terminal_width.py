"""Tables are never wider than the screen, and no value is lost."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from lescli.outputs import Answer, Column, Grid, Kind
from lescli.outputs.table import table

HEAD = "4222a69106d9bdef11aa8b75697c43af7d00bc67fbb804b0df503ef79afea988"
COLUMNS = (
    Column("claim_id", "Claim"),
    Column("on", "Submitted", Kind.DATE),
    Column("by", "Authorised by"),
    Column("why", "Why it stands"),
    Column("note", "Note"),
    Column("pence", "Claimed", Kind.PENCE),
    Column("head", "Chain head", Kind.CODE),
)
WHY = "the entry it rests on has changed, and nothing else in the record supports it any more"


def rows(*ids: str) -> tuple[tuple[object, ...], ...]:
    return tuple(
        (one, date(2026, 6, 8), "Dr Demo", WHY if one == "a-2026-05" else "", None, 30_000, HEAD) for one in ids
    )


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch):
    def at(width: int, *ids: str, columns: tuple[Column, ...] = COLUMNS, held: tuple[Any, ...] = ()) -> str:
        monkeypatch.setattr("lescli.outputs.table.terminal_width", lambda: width)
        return table(Answer(data={}, title="", grids=(Grid(title="", columns=columns, rows=held or rows(*ids)),)))

    return at


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\s]+", text)) - set(re.findall(r"-{2,}", text))


def test_a_table_that_fits_is_not_split(shown) -> None:
    text = shown(300, "a-2026-05", "b-2026-05")
    assert len(text.splitlines()) == 4
    assert WHY in text


@pytest.mark.parametrize("width", [60, 70, 80, 100, 120, 160, 200, 250])
@pytest.mark.parametrize("ids", [("a-2026-05", "b-2026-05"), ("a-2026-05", "a-2026-05")])
def test_no_line_is_wider_than_the_screen_and_no_word_is_lost(shown, width: int, ids: tuple[str, ...]) -> None:
    text = shown(width, *ids)
    assert max(len(line) for line in text.splitlines()) <= max(width, len("Chain head  ") + len(HEAD))
    # What is never folded is whole.
    assert text.count(HEAD) == text.count("08 Jun 2026") == text.count("£300.00") == 2
    assert words(shown(10_000, *ids)) - words(text) <= {"Note"}


@pytest.mark.parametrize("width", [60, 70, 80, 100, 120])
def test_what_is_copied_is_not_folded(shown, width: int) -> None:
    """A claim id cut after its hyphen would be copied in halves."""
    whole = ("near-patient-testing-2026-05", "price.injection=40.00", "annual-review", "2026-05-31")
    columns = (Column("claim_id", "Claim"), *(Column(f"c{n}", f"Column {n}") for n in range(4)), *COLUMNS[1:])
    text = shown(width, columns=columns, held=((whole[0], *(f"see {one} there" for one in whole), *rows("a")[0][1:]),))
    assert max(map(len, text.splitlines())) <= max(width, len("Chain head  ") + len(HEAD))
    for one in whole:
        assert one in text


def test_a_title_is_folded_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lescli.outputs.table.terminal_width", lambda: 60)
    title = "Claim for 2026-05, Demo Surgery (A99999): anticoag preview, submit by 19 Jun 2026"
    text = table(Answer(data={}, title=title, grids=()))
    assert text.split() == title.split()
    assert max(map(len, text.splitlines())) <= 60


def test_columns_without_room_come_below_beside_the_first_column(shown) -> None:
    upper, below = shown(120, "a-2026-05", "b-2026-05").split("\n\n")
    assert HEAD not in upper
    assert [line.split() for line in below.splitlines()] == [
        ["Claim", "Chain", "head"],
        ["-" * len("a-2026-05"), "-" * len(HEAD)],
        ["a-2026-05", HEAD],
        ["b-2026-05", HEAD],
    ]


def test_a_row_without_values_is_left_out_of_a_lower_table(shown) -> None:
    columns = (COLUMNS[0], *COLUMNS[4:], COLUMNS[3])
    held = [
        ("a-2026-05", None, 30_000, HEAD, WHY),
        ("b-2026-05", None, 30_000, HEAD, ""),
    ]
    below = shown(99, columns=columns, held=tuple(held)).split("\n\n")[-1]
    assert "a-2026-05" in below
    assert "b-2026-05" not in below


def test_rows_are_numbered_where_their_names_repeat(shown) -> None:
    upper, below = (part.splitlines() for part in shown(120, "a-2026-05", "a-2026-05").split("\n\n"))
    assert [upper[0].split()[:2], below[0].split()[:2]] == [["#", "Claim"], ["#", "Chain"]]
    assert [line.split() for line in below[2:]] == [["1", HEAD], ["2", HEAD]]
    # A column without a value has no room.
    assert "Note" not in upper[0]


def test_a_value_wider_than_the_screen_has_its_own_line(shown) -> None:
    columns = (*COLUMNS[:-1], Column("command", "To reverse it", Kind.CODE))
    below = shown(74, "a-2026-05", columns=columns).split("\n\n")[-1]
    assert below == f"Claim          a-2026-05\nTo reverse it  {HEAD}\n"
