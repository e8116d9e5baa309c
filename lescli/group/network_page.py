"""The page of networks: its tables, and a chart of this year beside last year for each network, place and area."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..calendar import Month
from ..operations.small_numbers import HIDDEN
from ..outputs import Chart, Column, Grid, Kind, Section, Series, counted
from .network_sums import AREA, NETWORK, NOBODY, PLACE, RollUp

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
    "\"At last year's pace\" is last year's whole year, scaled by how this year compares with the same months.",
    '"Straight line" goes through the months so far. The error of each is what it would have missed last year by, '
    "in percent. It is empty where the years before are not known.",
)
_LINES = "The line is this year, the dashes are last year. Each chart has its own scale."
_NO_CHART = "A network without a chart has a hidden month."


def page_sections(
    found: Sequence[RollUp],
    totals: Sequence[dict[str, Any]],
    by_month: Sequence[dict[str, Any]],
    told: Sequence[str],
    rate_of: str,
) -> Iterator[Section]:
    """The sections of the page, what people look for first at the top."""
    networks = [row for row in totals if row["level"] not in (PLACE, AREA)]
    count = sum(row["level"] == NETWORK and row["code"] != NOBODY for row in networks)
    text = (
        f"{counted(count, 'network')}. Work counts once, where it was done. The rate is for 1,000 {_RATE_OF[rate_of]}.",
        '"For others" was done here for patients of other practices. "By others" was done in other networks for '
        "patients of this one. Both are known only where a store records the practice of its patients.",
        "Only months that are over are counted, and the same months of last year.",
        *told,
    )
    yield Section(heading="Networks", text=text, grid=grid_of(TOTALS[1:AHEAD], networks))
    for level in (PLACE, AREA):
        if rows := [row for row in totals if row["level"] == level]:
            yield Section(heading=_HEADINGS[level], grid=grid_of(TOTALS[2:AHEAD], rows))
    ahead = (*TOTALS[1:3], *TOTALS[AHEAD:])
    yield Section(heading="Where the year leads", text=_AHEAD_TEXT, grid=grid_of(ahead, networks))
    yield from _by_month(found, by_month)


def _by_month(found: Sequence[RollUp], by_month: Sequence[dict[str, Any]]) -> Iterator[Section]:
    """All networks as a large chart, each as a small one, and the numbers of both years with a row for each."""
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in by_month:
        rows.setdefault((row["level"], row["code"]), []).append(row)
    *others, whole = found
    shown = [(one, rows.get((one.level, one.code), [])) for one in (whole, *others)]
    large, *small = ((one, _chart(one, those, is_small=one is not whole)) for one, those in shown)
    yield Section(heading=whole.name, chart=large[1])
    charts = tuple(chart for _, chart in small if chart)
    hidden = (_NO_CHART,) if len(charts) < len(small) and by_month else ()
    if small:
        yield Section(heading="Each by month", text=(_LINES, *hidden), charts=charts)
    for column, heading in (("count", "This year by month"), ("last_year", "Last year by month")):
        months = [Column(f"m{place}", _month(month), Kind.COUNT) for place, month in enumerate(whole.months)]
        cells = tuple((one.name, *(row[column] for row in those)) for one, those in shown)
        grid = Grid(title="", columns=(MONTHS[2], *months), rows=cells if months else (), empty=_NO_WORK)
        yield Section(heading=heading, grid=grid)


_NO_WORK = "no work in these months"


def _month(month: Month) -> str:
    return month.short[:3]


def grid_of(columns: Sequence[Column], rows: Sequence[dict[str, Any]], title: str = "") -> Grid:
    """The rows of an answer as a table of some of their fields."""
    cells = tuple(tuple(row[column.name] for column in columns) for row in rows)
    return Grid(title=title, columns=tuple(columns), rows=cells, empty=_NO_WORK)


def _chart(one: RollUp, rows: Sequence[dict[str, Any]], *, is_small: bool) -> Chart | None:
    if not rows or any(HIDDEN in (row["count"], row["last_year"]) for row in rows):
        return None
    return Chart(
        shape="lines",
        title=one.name,
        description=f"{one.name}: this year and last year by month. The tables beneath have the numbers.",
        labels=tuple(map(_month, one.months)),
        series=(
            Series(name="This year", values=tuple(float(row["count"]) for row in rows)),
            Series(name="Last year", values=tuple(float(row["last_year"]) for row in rows)),
        ),
        is_small=is_small,
    )
