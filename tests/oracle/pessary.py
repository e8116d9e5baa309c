"""Ring pessaries, Lancashire and South Cumbria ICB, from April 2025, reckoned from the slide."""

from __future__ import annotations

from datetime import date

from .reckoning import Found, Item, Row, Service, code_days, entry_rows
from .record import FOREVER, Entry, Record
from .register import detail, on_day


def own(record: Record, entry: Entry, item: str, as_of: date) -> list[Found]:
    """Point 8: the annual review is for those who manage the pessary themselves; who did not say is not asked."""
    if item != "annual-review":
        return []
    time = on_day(record, entry.nhs, code_days(record, PESSARY, entry.nhs, as_of), entry.day)
    return [("check", "not-self-managing")] if detail(time, "self_managing", entry.day) == "no" else []


PESSARY = Service(
    name="pessary",
    start=date(2025, 4, 1),
    end=FOREVER,
    window=None,
    items=(
        Item("fitting", (), None),
        Item("change", (), None, most_a_year=4),
        Item("removal", (), None),
        Item("annual-review", (), None),
    ),
    own=own,
    opened_by=("fitting", "change", "annual-review"),
)


def reckon(record: Record, month: str, as_of: date) -> list[Row]:
    """The claim of a month, asked on a day."""
    return entry_rows(record, PESSARY, month, as_of)
