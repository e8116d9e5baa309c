from __future__ import annotations

from datetime import date

import pytest

from lescli.errors import UnreadableFileError
from lescli.readers import open_reading
from lescli.readers.les import CSV_COLUMNS, TOO_FEW_CELLS, TOO_MANY_CELLS

HEAD = "nhs_number,date_of_birth,date,code,term"


def test_columns_in_any_order_case_and_spacing(write, read, numbers) -> None:
    path = write(
        f'Code,NHS Number , Date ,site,Date of Birth,term\n700139004,{numbers[0]},01/05/2026,x,1950-02-01,"a, b"\n'
    )
    reading, (row,), bad = read(path)
    assert (reading.profile, reading.ignored_columns, bad) == ("les", ("site",), [])
    assert reading.columns == ("code", "nhs_number", "date", "date_of_birth", "term")
    assert (row.nhs_number, row.day, row.term) == (numbers[0], date(2026, 5, 1), "a, b")
    assert row.patient.date_of_birth == date(1950, 2, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_each_encoding_gives_the_same_rows(write, numbers, encoding: str) -> None:
    text = f"{HEAD}\r\n{numbers[0]},1950-02-01,2026-05-01,700139004,Renée’s “dose” £5\r\n"
    rows = list(open_reading(write(text, encoding=encoding)).rows)
    assert rows[0].cells == (numbers[0], "1950-02-01", "2026-05-01", "700139004", "Renée’s “dose” £5")


def test_rows_keep_their_line_and_raw_text(write, numbers) -> None:
    raw = f'{numbers[0]},1950-02-01,2026-05-01,700139004,"two\nlines"'
    path = write(f"\n{HEAD}\n\n , ,,,\n{raw}\n{numbers[1]},,,,\n")
    rows = list(open_reading(path).rows)
    assert [(row.line, row.raw) for row in rows] == [(5, raw), (7, f"{numbers[1]},,,,")]


def test_every_column_of_the_contract_is_known(write) -> None:
    reading = open_reading(write(",".join(CSV_COLUMNS) + "\n"))
    assert reading.columns == CSV_COLUMNS
    assert list(reading.rows) == []
    assert open_reading(write(HEAD + ",other_codes\n")).ignored_columns == ("other_codes",)


@pytest.mark.parametrize("header", ["nhs_number,date,code,Date", "nhs_number,NHS Number,date,code", HEAD + ",x,X"])
def test_a_repeated_column_is_refused(write, header: str) -> None:
    with pytest.raises(UnreadableFileError, match="a column twice"):
        open_reading(write(header + "\n1,2,3,4\n"))


@pytest.mark.parametrize("header", ["a,b,c", "date,code,term", "9990000018,2026-05-01,700139004", ",,"])
def test_an_unknown_header_is_refused_without_repeating_it(write, header: str) -> None:
    for profile in (None, "les"):
        with pytest.raises(UnreadableFileError, match="no known header") as refusal:
            open_reading(write(header + "\n"), profile)
        assert "9990000018" not in str(refusal.value)


def test_a_truncated_last_row_refuses_the_file(write, numbers) -> None:
    whole = f"{HEAD}\n{numbers[0]},1950-02-01,2026-05-01,700139004,x\n"
    reading = open_reading(write(whole + f"{numbers[1]},1950-02-01,2026"))
    with pytest.raises(UnreadableFileError, match="line 3: truncated row"):
        list(reading.rows)
    assert len(list(open_reading(write(whole.rstrip("\n"))).rows)) == 1


def test_a_row_of_another_width_goes_to_quarantine(write, read, numbers) -> None:
    good = f"{numbers[0]},1950-02-01,2026-05-01,700139004,x"
    path = write(f"{HEAD}\n{numbers[1]},1950-02-01\n{good},\n{good},y\n{good}\n")
    _, rows, bad = read(path)
    assert bad == [(TOO_FEW_CELLS,), (TOO_MANY_CELLS,)]
    assert [row.nhs_number for row in rows] == [numbers[0]] * 2


def test_a_comma_at_the_end_of_the_header_names_no_column(write, read, numbers) -> None:
    path = write(f"{HEAD},,\n{numbers[0]},1950-02-01,2026-05-01,700139004,x\n")
    reading, rows, bad = read(path)
    assert (len(rows), bad, reading.ignored_columns) == (1, [], ())


def test_ignored_columns_are_printable(write) -> None:
    assert open_reading(write(HEAD + ",\x1b[31mred\n")).ignored_columns == ("?[31mred",)
