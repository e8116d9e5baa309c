"""The page of networks: its tables, and for each network, place and area a chart of this year beside last year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..operations.small_numbers import HIDDEN
from ..outputs import Chart, Column, Grid, Kind, Section, Series, counted
from .network_sums import AREA, NETWORK, PLACE, RollUp

MONTHS = (
    Column("level", "Level"),
    Column("code", "Code", Kind.CODE),
    Column("name", "Name"),
    Column("month", "Month"),
    Column("count", "This year", Kind.COUNT),
    Column("last_year", "Last year", Kind.COUNT),
)
TOTALS = (
    Column("level", "Level"),
    Column("code", "Code", Kind.CODE),
    Column("name", "Name"),
    Column("practices", "Practices", Kind.COUNT),
    Column("count", "This year", Kind.COUNT),
    Column("last_year", "Last year", Kind.COUNT),
    Column("size", "Patients", Kind.COUNT),
    Column("rate", "For 1,000", Kind.NUMBER),
    Column("for_others", "For others", Kind.COUNT),
    Column("by_others", "By others", Kind.COUNT),
    Column("pace", "At last year's pace", Kind.COUNT),
    Column("pace_error", "Its error last year", Kind.NUMBER),
    Column("line", "Straight line", Kind.COUNT),
    Column("line_error", "Its error last year", Kind.NUMBER),
)
AHEAD = 10
"""Where the columns about the rest of the year begin. A page has no room for all columns side by side."""
_HEADINGS = {NETWORK: "Networks", PLACE: "Places", AREA: "Areas"}
_RATE_OF = {"women_15_44": "women of 15 to 44", "list_size": "registered patients"}
_AHEAD_TEXT = (
    "`At last year's pace` is last year's whole year, scaled by how this year compares with the same months.",
    "`Straight line` goes through the months so far. The error of each is what it would have missed last year by, "
    "in percent; it is empty where the years before are not known.",
)


def page_sections(
    found: Sequence[RollUp],
    totals: Sequence[dict[str, Any]],
    by_month: Sequence[dict[str, Any]],
    told: Sequence[str],
    rate_of: str,
) -> Iterator[Section]:
    """The sections of the page, what people look for first at the top."""
    networks = [row for row in totals if row["level"] not in (PLACE, AREA)]
    text = (
        f"{counted(len(networks) - 1, 'network')}. Work counts once, where it was done. "
        f"The rate is for 1,000 {_RATE_OF[rate_of]}.",
        "`For others` was done here for patients of other practices. `By others` was done in other networks for "
        "patients of this one. Both are known only where a store records the practice of its patients.",
        "Only months that are over are counted, and the same months of last year.",
        *told,
    )
    yield Section(heading="Networks", text=text, grid=_grid(TOTALS[1:AHEAD], networks))
    for level in (PLACE, AREA):
        if rows := [row for row in totals if row["level"] == level]:
            yield Section(heading=_HEADINGS[level], grid=_grid(TOTALS[2:AHEAD], rows))
    ahead = (*TOTALS[1:3], *TOTALS[AHEAD:])
    yield Section(heading="Where the year leads", text=_AHEAD_TEXT, grid=_grid(ahead, networks))
    whole, *others = found[-1], *found[:-1]
    for one in (whole, *others):
        rows = [row for row in by_month if (row["level"], row["code"]) == (one.level, one.code)]
        yield Section(heading=one.name, chart=_chart(one, rows), grid=_grid(MONTHS[3:], rows))


def _grid(columns: Sequence[Column], rows: Sequence[dict[str, Any]]) -> Grid:
    cells = tuple(tuple(row[column.name] for column in columns) for row in rows)
    return Grid(title="", columns=tuple(columns), rows=cells, empty="no work in these months")


def _chart(one: RollUp, rows: Sequence[dict[str, Any]]) -> Chart | None:
    if not rows or any(HIDDEN in (row["count"], row["last_year"]) for row in rows):
        return None
    return Chart(
        shape="lines",
        title=f"{one.name}: by month",
        description=f"{one.name}: this year and last year by month; the table beneath has the numbers.",
        labels=tuple(month.first.strftime("%b") for month in one.months),
        series=(
            Series(name="This year", values=tuple(float(row["count"]) for row in rows)),
            Series(name="Last year", values=tuple(float(row["last_year"]) for row in rows)),
        ),
    )
