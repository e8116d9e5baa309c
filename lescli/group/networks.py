"""The work of one service by network, place and area: by month beside last year, by rate, projected, for others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..calendar import Month, Period, for_people
from ..operations.small_numbers import HIDDEN, SmallNumbers
from ..outputs import Answer, Column, counted
from .members import Members
from .network_hidden import Hidden, hidden_numbers
from .network_page import MONTHS, TOTALS, grid_of, page_sections
from .network_sums import AREA, PLACE, RollUp, done_of, roll_ups, size_of
from .practices import PracticeReply, attention_lines
from .projection import at_last_years_pace, by_straight_line
from .suppress import rounded

NOT_COUNTED = (
    "Work counts when it can be claimed or was claimed here. Three things are not in the counts: work of before a "
    "practice kept its claims here, work that is too late to claim, and work of days without a specification. "
    "So a 0 may mean that nothing was claimed, and not that nothing was done."
)
_RECORDS = (
    *MONTHS,
    Column("hidden", "Hidden"),
)
"""What an analyst reads: a hidden number is empty there, so that each column has numbers alone."""
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """What was counted, in the words of the service, and the column of MEMBERS that the rate is of."""

    title: str
    items: tuple[str, ...]
    rate_of: str


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
    counts, notes = _counted(practices)
    done = list(done_of(practices))
    months = tuple(month for month in Period(year.start, min(as_of, year.end)).months() if month.last <= as_of)
    answered = {one.ods_code for one in practices if one.is_counted}
    found = roll_ups(done, members, months, answered, counts.rate_of)
    hidden = hidden_numbers(found, done, members, months, small.up_to) if small else Hidden()
    totals = [_total(one, hidden, small) for one in found]
    by_month = [row for one in found for row in _months(one, hidden, small)]
    data: dict[str, Any] = {
        "schema": "les-group-networks/1",
        "service": service,
        "title": counts.title or service,
        "items": list(counts.items),
        "period": {"start": year.start.isoformat(), "end": year.end.isoformat()},
        "as_of": as_of.isoformat(),
        "practices": [one.head for one in practices],
        "rate_of": counts.rate_of,
        "networks": [row for row in totals if row["level"] not in (PLACE, AREA)],
        "places": [row for row in totals if row["level"] == PLACE],
        "areas": [row for row in totals if row["level"] == AREA],
        "months": by_month,
    }
    if small:
        data["suppressed"] = small.words
    title = f"{counts.title or service} by network, {for_people(year.start)} to {for_people(year.end)}"
    title += f", as of {for_people(as_of)}"
    told = (
        *([f"{small.words[:1].upper()}{small.words[1:]}."] if small else ()),
        *attention_lines(practices, members),
        *notes,
        *_without_size(members, months, answered, counts.rate_of),
        *_done_by_the_missing(practices, answered, months),
    )
    return Answer(
        data=data,
        title=title,
        grids=(grid_of(TOTALS, totals, "Networks"), grid_of(MONTHS, by_month, "Months")),
        records=grid_of(_RECORDS, [_for_analysts(row) for row in by_month], "Months"),
        notes=(*told, NOT_COUNTED),
        sections=tuple(page_sections(found, totals, by_month, (NOT_COUNTED, *told), counts.rate_of)),
    )


def _counted(practices: Sequence[PracticeReply]) -> tuple[_Counted, tuple[str, ...]]:
    """What most practices counted, and a line when some counted another thing."""
    every: Counter[_Counted] = Counter()
    for one in practices:
        if one.is_counted and one.reply is not None:
            told = one.reply.data["counts"]
            every[_Counted(title=told["title"], items=tuple(told["items"]), rate_of=told["rate_of"])] += 1
    if not every:
        return _Counted(title="", items=(), rate_of="list_size"), ()
    usual, many = every.most_common(1)[0]
    others = every.total() - many
    if not others:
        return usual, ()
    have = "counts" if others == 1 else "count"
    return usual, (
        f"{counted(others, 'practice')} {have} other items or another rate than most: the service.toml there is "
        "another; bring the practices to one edition",
    )


def _without_size(members: Members, months: Sequence[Month], answered: Collection[str], rate_of: str) -> Iterator[str]:
    """A line that names the practices without whose number of patients a network has no rate."""
    lines = [one for one in members.lines if one.ods_code in answered and any(one.covers(m.last) for m in months)]
    codes = sorted({one.ods_code for one in lines if size_of(one, rate_of) is None})
    if codes:
        have = "has" if len(codes) == 1 else "have"
        yield (
            f"{counted(len(codes), 'practice')} {have} no {rate_of} in MEMBERS, so their networks have no rate: "
            f"{_named(codes)}"
        )


def _done_by_the_missing(
    practices: Sequence[PracticeReply], answered: Collection[str], months: Collection[Month]
) -> Iterator[str]:
    """A line for each place that did work for patients of these practices and whose own count is not here."""
    counts: Counter[str] = Counter()
    for one in practices:
        if one.is_counted and one.reply is not None:
            for day, place, count in one.reply.data["elsewhere"]:
                if place not in answered and Month.of(date.fromisoformat(day)) in months:
                    counts[place] += count
    for place, count in sorted(counts.items()):
        yield (
            f"{counted(count, 'activity', 'activities')} recorded as done at {place or 'another place'}, which gave no "
            "count of its own here: not counted"
        )


def _named(codes: Sequence[str]) -> str:
    more = f" and {len(codes) - _MOST_NAMED} more" if len(codes) > _MOST_NAMED else ""
    return f"{', '.join(codes[:_MOST_NAMED])}{more}"


def _shown(count: int, is_hidden: bool, small: SmallNumbers | None) -> int | str:
    return HIDDEN if is_hidden and count else rounded(count) if small else count


def _total(one: RollUp, hidden: Hidden, small: SmallNumbers | None) -> dict[str, Any]:
    key = (one.level, one.code)
    no_total, no_others = key in hidden.totals, key in hidden.others
    this, (pace, pace_error), (line, line_error) = one.in_year(), at_last_years_pace(one), by_straight_line(one)
    if small:
        pace_error, line_error = (None if n is None else float(5 * round(n / 5)) for n in (pace_error, line_error))
    # From an exact rate and the number of patients the count could be worked out.
    counted_for = rounded(this) if small else this
    return {
        "level": one.level,
        "code": one.code,
        "name": one.name,
        "practices": one.practices,
        "count": _shown(this, no_total, small),
        "last_year": _shown(one.in_year(1), no_total, small),
        "size": one.size,
        "rate": round(1000 * counted_for / one.size, 1) if one.size and one.months and not no_total else None,
        "for_others": _shown(one.for_others, no_others, small),
        "by_others": _shown(one.by_others, no_others, small),
        "pace": None if pace is None else _shown(pace, no_total, small),
        "pace_error": None if no_total else pace_error,
        "line": None if line is None else _shown(line, no_total, small),
        "line_error": None if no_total else line_error,
    }


def _months(one: RollUp, hidden: Hidden, small: SmallNumbers | None) -> Iterator[dict[str, Any]]:
    is_hidden = (one.level, one.code) in hidden.months
    for month in one.months:
        yield {
            "level": one.level,
            "code": one.code,
            "name": one.name,
            "month": str(month),
            "count": HIDDEN if is_hidden else _shown(one.in_month(month), False, small),
            "last_year": HIDDEN if is_hidden else _shown(one.in_month(month, 1), False, small),
        }


def _for_analysts(row: dict[str, Any]) -> dict[str, Any]:
    is_hidden = row["count"] == HIDDEN
    return {**row, "hidden": is_hidden, **({"count": None, "last_year": None} if is_hidden else {})}
