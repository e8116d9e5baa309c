"""Money for people: one way to write it, everywhere."""

from __future__ import annotations


def pounds(pence: int) -> str:
    """Whole pence as pounds: `£1,240.00`, `-£5.00`."""
    return f"{'-' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"
