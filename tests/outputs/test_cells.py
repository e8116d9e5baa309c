from __future__ import annotations

from datetime import date, datetime

import pytest

from lescli.outputs import Kind
from lescli.outputs.table import as_date, for_person, one_line, plain, pounds, visible


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (None, Kind.TEXT, ""),
        (None, Kind.PENCE, ""),
        (date(2026, 5, 1), Kind.DATE, "01 May 2026"),
        ("2026-05-01", Kind.DATE, "01 May 2026"),
        ("2026-05-01", Kind.TEXT, "2026-05-01"),
        ("2026-02-30", Kind.DATE, "2026-02-30"),
        ("2026-07-04T00:00", Kind.MOMENT, "04 Jul 2026, 00:00"),
        ("2026-07-04", Kind.MOMENT, "04 Jul 2026"),
        ("2026-02-30T00:00", Kind.MOMENT, "2026-02-30T00:00"),
        (24000, Kind.PENCE, "£240.00"),
        (5, Kind.PENCE, "£0.05"),
        (-124005, Kind.PENCE, "-£1,240.05"),
        (66.666666, Kind.NUMBER, "66.67"),
        (50.0, Kind.NUMBER, "50"),
        (100, Kind.NUMBER, "100"),
        (True, Kind.TEXT, "yes"),
        (("a", "b"), Kind.TEXT, "a; b"),
        ("9990000018", Kind.CODE, "9990000018"),
        ("two\r\nlines\tand a tab", Kind.TEXT, "two lines and a tab"),
    ],
)
def test_a_cell_for_a_person(value: object, kind: Kind, shown: str) -> None:
    assert for_person(value, kind) == shown


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2028, 0x2066, 0xD800, 0xFFFE])
def test_no_control_character_reaches_a_line(code: int) -> None:
    line = one_line(f"a{chr(code)}b")
    assert chr(code) not in line
    assert line.startswith("a")
    assert line.endswith("b")
    assert line.isprintable()


def test_control_characters_become_visible_signs() -> None:
    assert visible("\x1b[31m") == "␛[31m"
    assert visible("\x7f") == "␡"
    assert visible("\x9b") == "\ufffd"
    assert visible("é王\n") == "é王\n"


def test_pounds_are_exact() -> None:
    assert pounds(10**17 + 1) == "£1,000,000,000,000,000.01"


def test_a_moment_is_not_a_day() -> None:
    moment = datetime(2026, 5, 1, 9, 30)  # noqa: DTZ001 (local times have no zone in the store)
    assert as_date(moment, Kind.DATE) is None
    assert plain(moment) == "2026-05-01T09:30:00"
