"""Which days a practice can claim for, claim windows and deadlines, and the clock of an incident."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from ..calendar import Month, Period, add_months, add_working_days, contract_year, nth_working_day
from ..model import IncidentKind, Records, ServiceSpec, Span

CLAIMS_FROM = "claims_from"
_ALWAYS = Span(start=date.min, end=None, source="")


def claims_from(spec: ServiceSpec, as_of: date) -> Month | None:
    """The first month claimed with this program; None where the practice set none."""
    if not any(setting.name == CLAIMS_FROM for setting in spec.settings):
        return None
    value = spec.setting(CLAIMS_FROM, as_of)
    return Month.parse(value) if isinstance(value, str) else None


def first_claim_day(spec: ServiceSpec, records: Records) -> date | None:
    """The earliest such day; None where there is none."""
    return min((span.start for span in _held(spec, records)), default=None)


def held_in(spec: ServiceSpec, records: Records, month: Month) -> bool:
    """Some day of a month is one of them."""
    return any(
        span.start <= month.last and (span.end is None or month.first <= span.end) for span in _held(spec, records)
    )


def _held(spec: ServiceSpec, records: Records) -> Iterator[Span]:
    since = claims_from(spec, records.as_of)
    # A practice that never said which contracts it holds is warned, not refused.
    for signed in records.signed() or (_ALWAYS,):
        for period in spec.periods:
            start = max(signed.start, period.start, since.first if since else date.min)
            end = min((end for end in (signed.end, period.end) if end), default=None)
            if end is None or start <= end:
                yield Span(start=start, end=end, source=period.source)


def last_claim_day(spec: ServiceSpec, day: date) -> date | None:
    """The last day an activity of a day can be submitted, that day inside; None when there is no window.

    The same day number so many calendar months later, clipped to the month's end: 10 Apr -> 10 Jul, 30 Nov -> 28 Feb.
    """
    return add_months(day, spec.window_months) if spec.window_months else None


def looked_at(spec: ServiceSpec, period: Period, records: Records) -> Period:
    """The days a claim for a period considers, from the first of a month.

    Back by the window; without one, to the start of the contract year or to the earliest day the practice can claim at
    all, whichever comes first: work that reached the record after its month was submitted is claimed late.
    """
    if spec.window_months:
        start = add_months(period.start, -spec.window_months)
    else:
        year = contract_year(period.start).start
        start = min(year, first_claim_day(spec, records) or year)
    return Period(Month.of(start).first, period.end)


def may_look_at(spec: ServiceSpec, period: Period) -> Period:
    """The days in which terms in force make a claim for a period likely: for choosing services before any is asked."""
    start = add_months(period.start, -spec.window_months) if spec.window_months else contract_year(period.start).start
    return Period(start, period.end)


def submit_by(spec: ServiceSpec, month: Month) -> date | None:
    """The day by which the claim for a month is to be submitted; None where the specification names none."""
    after = month.plus(1)
    if spec.submission.day is not None:
        return date(after.year, after.month, spec.submission.day)
    if spec.submission.working_day is not None:
        return nth_working_day(after, spec.submission.working_day)
    return None


def paid_by(spec: ServiceSpec, month: Month) -> date | None:
    """The day from which payment of a month's claim is waited for; None where the document does not say when it pays.

    What is paid by the quarter of the contract year is due with its last month: by the deadline of that month's claim,
    or the month's last day where there is none, and so many days later where the document gives a number.
    """
    if spec.payment is None:
        return None
    april = Month.of(contract_year(month.first).start)
    since = (month.year - april.year) * 12 + month.month - april.month
    last = month.plus(2 - since % 3) if spec.payment.every == "quarter" else month
    return (submit_by(spec, last) or last.last) + timedelta(days=spec.payment.within_days)


def due_at(kind: IncidentKind, happened: str) -> str:
    """When the notification is due, as local time `2026-05-04T14:30`.

    `happened` is a date or a local date and time. Hours are counted from the moment; where only the day is known,
    from its first minute, so that the clock is never longer than the specification allows. A clock of hours that
    crosses a change of summer time counts real hours. Working days end with the last minute of the day. Empty for an
    event that is counted and has no clock.
    """
    if kind.working_days is None and kind.hours is None:
        return ""
    if kind.working_days is not None:
        return f"{add_working_days(date.fromisoformat(happened[:10]), kind.working_days).isoformat()}T23:59"
    from zoneinfo import ZoneInfo

    london = ZoneInfo("Europe/London")
    start = datetime.fromisoformat(happened if "T" in happened else f"{happened}T00:00").replace(tzinfo=london)
    utc = ZoneInfo("UTC")
    due = (start.astimezone(utc) + timedelta(hours=kind.hours or 0)).astimezone(london)
    return due.strftime("%Y-%m-%dT%H:%M")
