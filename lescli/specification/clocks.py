"""Reads the `[[clock]]` and `[[threshold]]` tables of a service.toml, and finds faults that its schema cannot see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..model import Clock, Threshold

Data = Mapping[str, Any]
_LIMITS = tuple(f"{side}{given}" for side in ("above", "below") for given in ("", "_setting", "_detail"))
_DAY_IN_HOURS = 24


def clocks_of(data: Data) -> tuple[Clock, ...]:
    """The `[[clock]]` tables of a file, in its order."""
    return tuple(
        Clock(
            name=row["name"],
            title=row["title"],
            clause=row["clause"],
            from_codelists=_names(row["from"].get("codelist", ())),
            from_detail=row["from"].get("detail", ""),
            to=_names(row["to"].get("all_of", row["to"].get("any_of", ()))),
            needs_all="all_of" in row["to"],
            within=row["within"],
            unit=row["unit"],
        )
        for row in data.get("clock", ())
    )


def thresholds_of(data: Data) -> tuple[Threshold, ...]:
    """The `[[threshold]]` tables of a file, in its order."""
    return tuple(
        Threshold(
            name=row["name"],
            title=row["title"],
            clause=row["clause"],
            codelists=_names(row["codelist"]),
            limits=limits_in(row),
            unit=row.get("unit", ""),
            done_codelists=_names(row.get("done_codelist", ())),
        )
        for row in data.get("threshold", ())
    )


def limits_in(row: Data) -> dict[str, str]:
    """The limits that a table gives, as text: numbers, and the names of settings and register details."""
    return {key: str(row[key]) for key in _LIMITS if key in row}


def _names(given: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def faults_of_clocks(data: Data) -> Iterator[str]:
    """Hours that entries cannot show, thresholds without one limit, and names that two lists of people would share."""
    for number, row in enumerate(data.get("clock", ()), start=1):
        if row["unit"] == "hours" and row["within"] < _DAY_IN_HOURS:
            yield (
                f"clock[{number}].within: entries have only a day, so fewer than 24 hours cannot be judged; "
                "leave the clock out and say it in a [[note]]"
            )
    for number, row in enumerate(data.get("threshold", ()), start=1):
        yield from faults_of_limits(f"threshold[{number}]", row)
    names = [row["name"] for key in ("recall", "clock", "threshold") for row in data.get(key, ())]
    for name in dict.fromkeys(one for one in names if names.count(one) > 1):
        yield f"recall, clock and threshold: the name `{name}` is used twice; give one of them another name"


def faults_of_limits(place: str, row: Data) -> Iterator[str]:
    """A side with two limits, and a table without any."""
    given = [key for key in _LIMITS if key in row]
    if not given:
        yield f"{place}: it needs a limit; add one of {', '.join(_LIMITS)}"
    for side in ("above", "below"):
        own = [key for key in given if key.startswith(side)]
        if len(own) > 1:
            yield f"{place}: {' and '.join(own)} cannot be used together; leave one out"
