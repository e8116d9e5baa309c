"""Money and counts as people read and type them: `£1,120.00`, `1 patient`, `2 patients`."""

from __future__ import annotations

import re

# A comma stands between thousands only: `20,00` is not two thousand. No count and no sum has more digits.
_WHOLE = re.compile(r"[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4}")
_PENCE = re.compile(r"[0-9]{1,2}")


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun, in the singular or plural: `1 row`, `3 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def pounds(pence: int) -> str:
    """Whole pence as pounds: `£1,240.00`, `-£5.00`."""
    return f"{'-' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def plain_pounds(pence: int) -> str:
    """Whole pence as a file, an option or a price has them: `1240.00`, `-5.00`."""
    return pounds(pence).replace("£", "").replace(",", "")


def typed_number(text: str) -> int:
    """A whole number as people type it, `1240` or `1,240`. ValueError for anything else."""
    if not _WHOLE.fullmatch(text):
        raise ValueError("no whole number")
    return int(text.replace(",", ""))


def typed_pence(text: str) -> int:
    """Pounds as people type them, `£1,240.00`, `240` or `3.2`, as whole pence. ValueError for anything else.

    No float is used. A caller that takes fewer of these forms refuses the others itself.
    """
    pounds, dot, pence = text.strip().removeprefix("£").partition(".")
    if not _WHOLE.fullmatch(pounds) or (dot and not _PENCE.fullmatch(pence)):
        raise ValueError("no amount of pounds and pence")
    # 3.2 is £3.20, as a spreadsheet shows it.
    return typed_number(pounds) * 100 + int(pence.ljust(2, "0"))
