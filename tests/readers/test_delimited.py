from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lescli.errors import UnreadableFileError
from lescli.readers.delimited import records


def test_a_record_knows_its_line_and_its_text(write) -> None:
    path = write('a,b\r\n"1\r\n2","x ""y"", z"\r\n\r\nlast,row')
    assert list(records(path)) == [
        (1, "a,b\r\n", ["a", "b"]),
        (2, '"1\r\n2","x ""y"", z"\r\n', ["1\r\n2", 'x "y", z']),
        (4, "\r\n", []),
        (5, "last,row", ["last", "row"]),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a,b\n"c,d\n', 2),
        ('a,b\nc,d\n"e\nf",g\n"h\ni","j\nk\n', 6),
        ('a,b\n1,2\n3,"' + "x,y\n" * 5000, 3),
        ('a,b\n1,2\n3,"' + ("x" * 60_000 + "\n") * 3, 3),
    ],
)
def test_an_unclosed_quote_is_refused_with_the_line_it_was_opened_on(write, text: str, line: int) -> None:
    with pytest.raises(UnreadableFileError, match=rf"unclosed quote: opened at line {line}\b"):
        list(records(write(text)))


def test_an_unclosed_quote_that_meets_another_is_refused(write) -> None:
    text = 'a,b\n1,2\n3,"SMITH\n4,"JONES"\n5,6\n'
    with pytest.raises(UnreadableFileError, match=r"line 4: .*closing quote; the quote was opened at line 3"):
        list(records(write(text)))


def test_rows_before_a_fault_are_given_and_then_the_fault(write) -> None:
    rows = records(write('a,b\n1,2\n"'))
    assert next(rows)[2] == ["a", "b"]
    assert next(rows)[2] == ["1", "2"]
    with pytest.raises(UnreadableFileError):
        next(rows)


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters='",\n'), max_size=12)


@given(st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=8))
def test_what_csv_writes_is_read_back(tmp_path_factory, table: list[list[str]]) -> None:
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    buffer = io.StringIO()
    csv.writer(buffer).writerows(table)
    path.write_bytes(b"\xef\xbb\xbf" + buffer.getvalue().encode())
    found = list(records(path))
    assert [cells for _, _, cells in found] == table
    assert "".join(raw for _, raw, _ in found) == buffer.getvalue()
    starts = [line for line, _, _ in found]
    assert starts == [1 + buffer.getvalue()[: buffer.getvalue().index(raw)].count("\n") for _, raw, _ in found[:1]] + [
        1 + sum(raw.count("\n") for _, raw, _ in found[:place]) for place in range(1, len(found))
    ]
