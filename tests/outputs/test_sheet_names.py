from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lescli.outputs import Grid
from lescli.outputs.xlsx import sheet_names


def names(*titles: str) -> tuple[str, ...]:
    return sheet_names(Grid(title=title, columns=(), rows=()) for title in titles)


def test_a_plain_title_is_unchanged() -> None:
    assert names("Claim rows") == ("Claim rows",)


def test_characters_that_excel_refuses_are_replaced() -> None:
    assert names("a/b", "'q'", "", "History") == ("a b", "q", "Sheet", "Sheet History")


def test_equal_names_are_numbered_within_the_length() -> None:
    assert names("x" * 40, "X" * 40) == ("x" * 31, "X" * 27 + " (2)")


def test_a_mark_stays_whole_when_a_name_is_cut_or_numbered() -> None:
    grids = [Grid(title=title, columns=(), rows=()) for title in ("x" * 40, "x" * 40, "Rows")]
    mark = " (identifiable)"
    assert sheet_names(grids, mark) == ("x" * 16 + mark, "x" * 12 + " (2)" + mark, "Rows" + mark)


@given(st.lists(st.text(max_size=50), min_size=1, max_size=5))
def test_every_name_is_legal_and_none_twice(titles: list[str]) -> None:
    found = names(*titles)
    assert len({name.casefold() for name in found}) == len(titles)
    for name in found:
        assert 1 <= len(name.encode("utf-16-le")) / 2 <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")
        assert name.casefold() != "history"
