"""Numbers with their nouns, for every line and title that counts: one helper, so that one is never `1 patients`."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 row`, `3 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
