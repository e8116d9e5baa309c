"""Days of one row about a patient that cannot all be true: which column is to blame, and in which words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

NOT_YET = "it is after the day the file was made"


def contradictions(days: Mapping[str, date | None], died_by: date | None, made_on: date) -> Iterator[tuple[str, str]]:
    """(column, what is wrong). `died_by` is the last day that the row's word of a death can mean.

    A registration or a departure may be planned ahead, and a death ahead is somebody's slip that holds from its day.
    """
    if _after(days["registered_on"], days["left_on"]):
        yield "left_on", "it is before registered_on"
    if _after(days["registered_on"], died_by) and not _after(days["date_of_birth"], died_by):
        yield "registered_on", "it is after died_on"
    for column, day in (("registered_on", days["registered_on"]), ("left_on", days["left_on"]), ("died_on", died_by)):
        if _after(days["date_of_birth"], day):
            yield column, "it is before the date of birth"
    if _after(days["date_of_birth"], made_on):
        yield "date_of_birth", NOT_YET


def _after(first: date | None, second: date | None) -> bool:
    return first is not None and second is not None and first > second
