"""Words that several rules use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...calendar import Month


def month_name(text: str) -> str:
    """A month as people write it, `May 2026`; a quarter or year as it is named."""
    try:
        return Month.parse(text).first.strftime("%B %Y")
    except ValueError:
        return text


def line_name(line: Mapping[str, Any]) -> str:
    """A line by its item and month: `injection of May 2026`."""
    return f"{line['item']} of {month_name(str(line['activity_month']))}"
