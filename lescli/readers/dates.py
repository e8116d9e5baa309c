"""Which century a birth date such as `02/03/25` is of, where the other dates of its row leave only one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from ..calendar import EARLIEST_YEAR, age_on
from .cells import TWO_DIGIT_YEAR
from .moments import day_of, parted

LONGEST_LIFE = 120
"""Years. Nobody in England is known to have been older; a bound of ours, which only tells centuries apart."""


def born_on(cell: str, known: Iterable[date | None], *, ran_on: date | None = None) -> date | None:
    """The one day of birth that fits what is known; None where none does, or more than one.

    `known` are days on which the patient was alive: registered, left, died, seen. `ran_on` is when the report ran, for
    a patient who is not known to have left or died.
    """
    days = [day for day in known if day is not None]
    days += [ran_on] if ran_on else []
    if not days:
        return None
    fits = [born for born in _candidates(cell) if born <= min(days) and age_on(born, max(days)) <= LONGEST_LIFE]
    return fits[0] if len(fits) == 1 else None


def is_short(cell: str) -> bool:
    """Whether a cell is a date with a year of two digits."""
    return TWO_DIGIT_YEAR.fullmatch(parted(cell.strip()).day) is not None


def _candidates(cell: str) -> Iterator[date]:
    text = parted(cell.strip()).day
    found = TWO_DIGIT_YEAR.fullmatch(text)
    for century in range(EARLIEST_YEAR // 100, 21) if found else ():
        try:
            yield day_of(f"{text[:-2]}{century}{text[-2:]}")
        except ValueError:
            continue
