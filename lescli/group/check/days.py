"""Rules on the days of claimed work: they add up to the lines, and the practice was open on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from ...calendar import for_people, is_bank_holiday
from ...outputs import counted
from ...rules.claim_row import PER_LIST
from .sent import ERROR, QUERY, Rule, Sent, SentClaim, Work
from .terms import item_of
from .words import month_name

_DATED_BY_WORK = ("per-activity", "per-episode", "all-of")
"""Kinds whose day is one on which the patient was seen. Others have the first day of what they pay for, or a day of
the register."""
_SUNDAY = 6
_MOST_NAMED = 10
_SEND_AGAIN = "Please send the file as `les claim --days` wrote it."


def sound_days(claim: SentClaim, sent: Sent) -> tuple[Work, ...]:
    """The days of a claim that can be looked at: none if it has none, if they do not fit it, or if it is sent again."""
    if claim.days is None or claim not in sent.with_days or next(_days_count(claim, sent), None):
        return ()
    return claim.days


def _days_count(claim: SentClaim, sent: Sent) -> Iterator[str]:
    if claim.days is None or claim not in sent.with_days:
        return
    days = Counter((one.day, one.item) for one in claim.days)
    twice = [f"{for_people(day)} ({item})" for (day, item), times in sorted(days.items()) if times > 1]
    if twice:
        yield f"These days are listed more than once for one item: {_named(twice)}. {_SEND_AGAIN}"
    made = date.fromisoformat(claim.data["as_of"])
    later = [f"{for_people(one.day)} ({one.item})" for one in claim.days if one.day > made]
    if later:
        yield f"The claim was made on {for_people(made)}, but has work of later days: {_named(later)}. {_SEND_AGAIN}"
    if differ := list(_differ(claim, sent)):
        yield f"The days do not add up to the lines: {_named(differ)}. {_SEND_AGAIN}"


def _differ(claim: SentClaim, sent: Sent) -> Iterator[str]:
    """Each item and month whose days and lines differ."""
    lines: Counter[tuple[str, str]] = Counter()
    for line in claim.lines:
        lines[line["activity_month"], line["item"]] += line["quantity"]
    days: Counter[tuple[str, str]] = Counter()
    for one in claim.days or ():
        days[f"{one.day:%Y-%m}", one.item] += one.quantity
    dated = {item for _, item in days}
    for month, name in sorted({*lines, *days}):
        item = item_of(sent.spec(claim), name)
        # What is paid for the list has no days. An item that is not known here may be of that kind.
        if name not in dated and (item is None or item.kind in PER_LIST):
            continue
        if (claimed := lines[month, name]) != (listed := days[month, name]):
            yield f"{name} of {month_name(month)} ({claimed:,} in the lines, {listed:,} in the days)"


def _closed_day(claim: SentClaim, sent: Sent) -> Iterator[str]:
    counts: Counter[date] = Counter()
    for one in sound_days(claim, sent):
        item = item_of(sent.spec(claim), one.item)
        if item is not None and item.kind in _DATED_BY_WORK and _usually_closed(one.day):
            counts[one.day] += one.quantity
    found = [
        f"{for_people(day)} ({_usually_closed(day)}, {counted(count, 'activity', 'activities')})"
        for day, count in sorted(counts.items())
    ]
    if found:
        yield (
            f"Work is claimed on {'days' if len(found) > 1 else 'a day'} on which practices are usually closed: "
            f"{_named(found)}. Was the practice open? If not, on which days was the work done?"
        )


def _usually_closed(day: date) -> str:
    """What kind of day it is, if practices are usually closed on it. Many are open on Saturdays."""
    if is_bank_holiday(day):
        return "bank holiday"
    return "Sunday" if day.weekday() == _SUNDAY else ""


def _named(found: Iterable[str]) -> str:
    """The first few, each once."""
    every = list(dict.fromkeys(found))
    more = f" and {len(every) - _MOST_NAMED:,} more" if len(every) > _MOST_NAMED else ""
    return f"{', '.join(every[:_MOST_NAMED])}{more}"


DAYS = (
    Rule(name="days-count", severity=ERROR, find=_days_count),
    Rule(name="closed-day", severity=QUERY, find=_closed_day),
)
