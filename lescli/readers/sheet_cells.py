"""A cell of a spreadsheet becomes the text a CSV would hold: whole numbers without a point, days in ISO form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isfinite

DIGITS = 15
"""Digits that Excel keeps of a number."""

_NHS_NUMBER = re.compile(r"nhsn\w{0,8}")


def cell_text(value: object, *, below_headings: bool) -> str:
    """A value as openpyxl gives it, as text on one line.

    A number of more digits than Excel keeps is written as `7.00139004123457E+17`, which no check takes for a code or
    an id: its last digits are lost. A moment at midnight is its day. Any other is
    `2026-11-05 09:14`, or above the headings `05/11/2026 09:14`, as reports print when they ran.
    """
    if isinstance(value, str):
        # Each row of the sheet is to be one line. `_x000D_` is how Excel writes a carriage return.
        text = value.replace("_x000D_", "")
        return text if text.isprintable() else " ".join(text.splitlines())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        if not (value.hour or value.minute):
            return value.date().isoformat()
        return f"{value:%Y-%m-%d %H:%M}" if below_headings else f"{value:%d/%m/%Y %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(value: float) -> str:
    if not isfinite(value):
        return "#NUM!"
    if abs(value) >= 10**DIGITS:
        return f"{Decimal(value):.{DIGITS - 1}E}"
    if value == int(value):
        return str(int(value))
    # 2.1 may stand in the file as 2.1000000000000001.
    return format(Decimal(f"{value:.{DIGITS}g}"), "f")


def is_heading(row: Sequence[object]) -> bool:
    """A row that names the NHS number: the tables of all profiles do."""
    return any(
        isinstance(cell, str) and _NHS_NUMBER.fullmatch("".join(filter(str.isalnum, cell)).casefold()) for cell in row
    )
