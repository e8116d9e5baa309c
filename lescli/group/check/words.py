"""Words that several rules use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...calendar import month_in_full

month_name = month_in_full
"""What a claim is for, as the rules write it."""


def line_name(line: Mapping[str, Any]) -> str:
    """A line by its item and month: `injection of May 2026`."""
    return f"{line['item']} of {month_name(str(line['activity_month']))}"
