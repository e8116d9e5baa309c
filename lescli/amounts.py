"""Money and counts as people read them: `£1,120.00`, `1 patient`, `2 patients`."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun, in the singular or plural: `1 row`, `3 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def pounds(pence: int) -> str:
    """Whole pence as pounds: `£1,240.00`, `-£5.00`."""
    return f"{'-' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def pence_of(amount: str) -> int:
    """Whole pence for pounds as text: `"20.00"` -> 2000. No float is used."""
    whole, _, pence = amount.partition(".")
    return int(whole) * 100 + int(pence)
