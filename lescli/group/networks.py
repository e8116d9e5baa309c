"""The work of one service by network and month: beside last year, by rate, projected, and done for others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..calendar import Month, Period, for_people
from ..operations.small_numbers import HIDDEN, SmallNumbers
from ..outputs import Answer, Chart, Column, Grid, Kind, Section, Series, counted
from .members import Members
from .practices import PracticeReply, attention_lines
from .suppress import hidden_names, tree_of

Day = tuple[date, str]
"""A day of work and the practice that did it."""
_ROWS = (
    Column("network", "Network", Kind.CODE),
    Column("name", "Name"),
    Column("month", "Month"),
    Column("count", "This year", Kind.COUNT),
    Column("last_year", "Last year", Kind.COUNT),
)
_TOTALS = (
    Column("network", "Network", Kind.CODE),
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
_AHEAD = 9
"""Where the columns about the rest of the year begin. A page has no room for all columns side by side."""
_NOBODY = "none"
NOT_COUNTED = (
    "Work counts when it can be claimed or was claimed here. Three things are not in the counts: work of before a "
    "practice kept its claims here, work that is too late to claim, and work of days without a specification. "
    "So a 0 may mean that nothing was claimed, and not that nothing was done."
)
_YEAR_MONTHS = 12
_FEWEST_FOR_A_LINE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """So many activities of one day, done by `by` for patients of the practice `home` ("" when nobody recorded it)."""

    day: date
    by: str
    home: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The work of one network by month: of this year so far, of last year's same months, and of every month known."""

    code: str
    name: str
    practices: int
    this: Counter[Month]
    last: Counter[Month]
    every: Counter[Month]
    size: int | None
    for_others: int
    by_others: int


def network_answer(
    practices: Sequence[PracticeReply],
    members: Members,
    service: str,
    year: Period,
    as_of: date,
    small: SmallNumbers | None,
) -> Answer:
    """What each network did in each month of a year that is over by `as_of`, or so far.

    Work counts once, in the network of the practice that did it on that day. With `small`, months and totals that could
    show who a patient is are hidden, and with them what would give them away.
    """
    done = list(_done(practices))
    months = [month for month in Period(year.start, min(as_of, year.end)).months() if month.last <= as_of]
    by_women = all(one.women_15_44 is not None for one in members.lines)
    answered = {one.ods_code for one in practices if one.is_counted}
    places = [
        _place(code, name, done, members, months, answered, by_women=by_women)
        for code, name in members.networks().items()
    ]
    outside = _outside(done, members, months)
    if outside.this.total() or outside.last.total():
        places.append(outside)
    whole = _together(places)
    hidden, is_hidden = _hidden([*places], months, small) if small else (frozenset(), frozenset())
    totals = [_total(one, months, hidden=one.code in hidden, small=small) for one in (*places, whole)]
    by_month = [row for one in (*places, whole) for row in _months(one, months, one.code in is_hidden, small)]
    data: dict[str, Any] = {
        "schema": "les-group-networks/1",
        "service": service,
        "period": {"start": year.start.isoformat(), "end": year.end.isoformat()},
        "as_of": as_of.isoformat(),
        "practices": [one.head for one in practices],
        "rate_of": "women_15_44" if by_women else "list_size",
        "networks": totals,
        "months": by_month,
    }
    if small:
        data["suppressed"] = small.words
    title = f"{service} by network, {for_people(year.start)} to {for_people(year.end)}, as of {for_people(as_of)}"
    return Answer(
        data=data,
        title=f"{title}; {small.words}" if small else title,
        grids=(_grid("Networks", _TOTALS, totals), _grid("Months", _ROWS, by_month)),
        records=_grid("Months", _ROWS, by_month),
        notes=(*attention_lines(practices, members), NOT_COUNTED),
        sections=tuple(
            _sections(places, whole, totals, by_month, months, attention_lines(practices, members), by_women=by_women)
        ),
    )


def _done(practices: Sequence[PracticeReply]) -> Iterator[Done]:
    for practice in practices:
        if practice.is_counted and practice.reply is not None:
            for day, home, count in practice.reply.data["done"]:
                yield Done(day=date.fromisoformat(day), by=practice.ods_code, home=home, count=count)


def _place(
    code: str,
    name: str,
    done: Sequence[Done],
    members: Members,
    months: Sequence[Month],
    answered: Collection[str],
    *,
    by_women: bool,
) -> Place:
    own = [one for one in done if (line := members.on(one.by, one.day)) and line.network_code == code]
    this, last, every = _by_month(own, months)
    last_day = months[-1].last if months else date.min
    lines = [line for line in members.lines if line.network_code == code and line.covers(last_day)]
    homes = {line.ods_code for line in lines}
    known = [one for one in own if one.home and Month.of(one.day) in months]
    away = [one for one in done if one.home in homes and one.by not in homes and Month.of(one.day) in months]
    return Place(
        code=code,
        name=name,
        practices=len(homes),
        this=this,
        last=last,
        every=every,
        size=_size(code, members, months, answered, by_women=by_women),
        for_others=sum(one.count for one in known if one.home != one.by),
        by_others=sum(one.count for one in away),
    )


def _size(
    code: str, members: Members, months: Sequence[Month], answered: Collection[str], *, by_women: bool
) -> int | None:
    """The mean over the months of a network's patients. It leaves out practices whose work is not known."""
    lines = [
        line
        for month in months
        for line in members.lines
        if line.network_code == code and line.ods_code in answered and line.covers(month.last)
    ]
    sizes = [line.women_15_44 if by_women else line.list_size for line in lines]
    return round(sum(size for size in sizes if size) / len(months)) if sizes and None not in sizes else None


def _outside(done: Sequence[Done], members: Members, months: Sequence[Month]) -> Place:
    own = [one for one in done if members.on(one.by, one.day) is None]
    this, last, every = _by_month(own, months)
    name = "In no network on that day"
    return Place(
        code=_NOBODY,
        name=name,
        practices=len({one.by for one in own}),
        this=this,
        last=last,
        every=every,
        size=None,
        for_others=0,
        by_others=0,
    )


def _by_month(done: Sequence[Done], months: Sequence[Month]) -> tuple[Counter[Month], Counter[Month], Counter[Month]]:
    every = Counter[Month]()
    for one in done:
        every[Month.of(one.day)] += one.count
    before = [month.plus(-_YEAR_MONTHS) for month in months]
    return (
        Counter({month: every[month] for month in months}),
        Counter({month: every[month] for month in before}),
        every,
    )


def _together(places: Sequence[Place]) -> Place:
    this, last, every = Counter[Month](), Counter[Month](), Counter[Month]()
    for one in places:
        this.update(one.this)
        last.update(one.last)
        every.update(one.every)
    sizes = [one.size for one in places if one.code != _NOBODY]
    return Place(
        code="all",
        name="All networks",
        practices=sum(one.practices for one in places),
        this=this,
        last=last,
        every=every,
        size=sum(size for size in sizes if size) if sizes and None not in sizes else None,
        for_others=sum(one.for_others for one in places),
        by_others=sum(one.by_others for one in places),
    )


def _hidden(
    places: Sequence[Place], months: Sequence[Month], small: SmallNumbers
) -> tuple[frozenset[str], frozenset[str]]:
    """The codes whose totals are hidden, and those whose months are. Each month is a sum of its own."""
    totals = {one.code: one.this.total() for one in places}
    in_total, in_month = set(_of_sum(totals, small)), set[str]()
    in_total |= _of_sum({one.code: one.last.total() for one in places}, small)
    for month in months:
        in_month |= _of_sum({one.code: one.this[month] for one in places}, small)
        in_month |= _of_sum({one.code: one.last[month.plus(-_YEAR_MONTHS)] for one in places}, small)
    return frozenset(in_total), frozenset(in_month | in_total)


def _of_sum(counts: Mapping[str, int], small: SmallNumbers) -> frozenset[str]:
    every = {**counts, "all": sum(counts.values())}
    is_small = {name: 1 <= count <= small.up_to for name, count in every.items()}
    total, _ = tree_of(every, is_small, dict.fromkeys(counts, ""), small.up_to)
    return hidden_names(total)


def _shown(count: int, hidden: bool, small: SmallNumbers | None) -> int | str:
    if hidden:
        return HIDDEN
    return (2 * count + 5) // 10 * 5 if small else count


def _total(one: Place, months: Sequence[Month], *, hidden: bool, small: SmallNumbers | None) -> dict[str, Any]:
    this, last = one.this.total(), one.last.total()
    pace, pace_error = _pace(one, months)
    line, line_error = _line(one, months)
    if small:
        pace_error, line_error = (
            None if one is None else float(5 * round(one / 5)) for one in (pace_error, line_error)
        )
    # From an exact rate and the number of patients the count could be worked out.
    counted_for = (2 * this + 5) // 10 * 5 if small else this
    few = small is not None and (1 <= one.for_others <= small.up_to or 1 <= one.by_others <= small.up_to)
    return {
        "network": one.code,
        "name": one.name,
        "practices": one.practices,
        "count": _shown(this, hidden, small),
        "last_year": _shown(last, hidden, small),
        "size": one.size,
        "rate": round(1000 * counted_for / one.size, 1) if one.size and not hidden else None,
        "for_others": HIDDEN if few or hidden else _shown(one.for_others, False, small),
        "by_others": HIDDEN if few or hidden else _shown(one.by_others, False, small),
        "pace": None if pace is None else _shown(pace, hidden, small),
        "pace_error": None if hidden else pace_error,
        "line": None if line is None else _shown(line, hidden, small),
        "line_error": None if hidden else line_error,
    }


def _pace(one: Place, months: Sequence[Month], years: int = 0) -> tuple[int | None, float | None]:
    """Last year's whole year, scaled by how this year's months compare with the same months of last year.

    Its error is what the same method would have missed last year by, in percent; None where a year is not known.
    """
    if not months:
        return None, None
    first = months[0].plus(-_YEAR_MONTHS * years)
    so_far = sum(one.every[first.plus(place)] for place in range(len(months)))
    same = sum(one.every[first.plus(place - _YEAR_MONTHS)] for place in range(len(months)))
    whole = sum(one.every[first.plus(place - _YEAR_MONTHS)] for place in range(_YEAR_MONTHS))
    if not same:
        return None, None
    ahead = round(whole * so_far / same)
    before, _ = _pace(one, months, years + 1) if years == 0 else (None, None)
    return ahead, None if before is None or not whole else round(100 * (before - whole) / whole, 1)


def _line(one: Place, months: Sequence[Month], years: int = 0) -> tuple[int | None, float | None]:
    """A straight line through the months so far, over twelve; and by what percent it would have missed last year."""
    if len(months) < _FEWEST_FOR_A_LINE:
        return None, None
    first = months[0].plus(-_YEAR_MONTHS * years)
    values = [float(one.every[first.plus(place)]) for place in range(len(months))]
    if not any(values):
        return None, None
    ahead = round(sum(_fitted(values, _YEAR_MONTHS)))
    whole = sum(one.every[first.plus(place - _YEAR_MONTHS)] for place in range(_YEAR_MONTHS))
    before, _ = _line(one, months, years + 1) if years == 0 else (None, None)
    return ahead, None if before is None or not whole else round(100 * (before - whole) / whole, 1)


def _fitted(values: Sequence[float], length: int) -> list[float]:
    """The values so far, and after them the least-squares line through them, never below nought."""
    count = len(values)
    middle, mean = (count - 1) / 2, sum(values) / count
    spread = sum((place - middle) ** 2 for place in range(count))
    slope = sum((place - middle) * (value - mean) for place, value in enumerate(values)) / spread
    return [*values, *(max(0.0, mean + slope * (place - middle)) for place in range(count, length))]


def _months(one: Place, months: Sequence[Month], hidden: bool, small: SmallNumbers | None) -> Iterator[dict[str, Any]]:
    for month in months:
        before = month.plus(-_YEAR_MONTHS)
        yield {
            "network": one.code,
            "name": one.name,
            "month": str(month),
            "count": _shown(one.this[month], hidden, small),
            "last_year": _shown(one.last[before], hidden, small),
        }


def _grid(title: str, columns: Sequence[Column], rows: Sequence[dict[str, Any]]) -> Grid:
    cells = tuple(tuple(row[column.name] for column in columns) for row in rows)
    return Grid(title=title, columns=tuple(columns), rows=cells, empty="no work in these months")


def _sections(
    places: Sequence[Place],
    whole: Place,
    totals: Sequence[dict[str, Any]],
    by_month: Sequence[dict[str, Any]],
    months: Sequence[Month],
    attention: Sequence[str],
    *,
    by_women: bool,
) -> Iterator[Section]:
    of = "women of 15 to 44" if by_women else "registered patients"
    told = (
        f"{counted(len(places), 'network')}. Work counts once, where it was done. The rate is for 1,000 {of}.",
        NOT_COUNTED,
        "`For others` was done here for patients of other practices. `By others` was done in other networks for "
        "patients of this one. Both are known only where a store records the practice of its patients.",
        "Only months that are over are counted, and the same months of last year.",
        *attention,
    )
    ahead = (
        "`At last year's pace` is last year's whole year, scaled by how this year compares with the same months.",
        "`Straight line` goes through the months so far. The error of each is what it would have missed last year by, "
        "in percent; it is empty where the years before are not known.",
    )
    yield Section(heading="Networks", text=told, grid=_grid("", _TOTALS[:_AHEAD], totals))
    yield Section(heading="Where the year leads", text=ahead, grid=_grid("", (*_TOTALS[:2], *_TOTALS[_AHEAD:]), totals))
    for one in (whole, *places):
        rows = [row for row in by_month if row["network"] == one.code]
        yield Section(heading=one.name, chart=_chart(one, rows, months), grid=_grid("", _ROWS[2:], rows))


def _chart(one: Place, rows: Sequence[dict[str, Any]], months: Sequence[Month]) -> Chart | None:
    if not rows or any(HIDDEN in (row["count"], row["last_year"]) for row in rows):
        return None
    return Chart(
        shape="lines",
        title=f"{one.name}: by month",
        description=f"{one.name}: this year and last year by month; the table beneath has the numbers.",
        labels=tuple(month.first.strftime("%b") for month in months),
        series=(
            Series(name="This year", values=tuple(float(row["count"]) for row in rows)),
            Series(name="Last year", values=tuple(float(row["last_year"]) for row in rows)),
        ),
    )
