"""The days that a practice can claim for, claim windows, deadlines of claims and payments, and incident clocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from ..calendar import ClaimPeriod, ContractPeriod, Month, Period, add_months, add_working_days, nth_working_day
from ..model import IncidentKind, Records, ServiceSpec, Span

CLAIMS_FROM = "claims_from"
_ALWAYS = Span(start=date.min, end=None, source="")


def claims_from(spec: ServiceSpec, as_of: date) -> Month | None:
    """The first month claimed with les; None when the practice has set none."""
    if not any(setting.name == CLAIMS_FROM for setting in spec.settings):
        return None
    value = spec.setting(CLAIMS_FROM, as_of)
    return Month.parse(value) if isinstance(value, str) else None


def first_claim_day(spec: ServiceSpec, records: Records) -> date | None:
    """The first day whose work the practice can claim; None when there is none."""
    return min((span.start for span in _held(spec, records)), default=None)


def held_in(spec: ServiceSpec, records: Records, period: ClaimPeriod) -> bool:
    """Whether work of some day in a period can be claimed."""
    return any(
        span.start <= period.last and (span.end is None or period.first <= span.end) for span in _held(spec, records)
    )


def _held(spec: ServiceSpec, records: Records) -> Iterator[Span]:
    since = claims_from(spec, records.as_of)
    # A practice that has recorded no contract at all is warned, not refused.
    for signed in records.signed() or (_ALWAYS,):
        for period in spec.periods:
            start = max(signed.start, period.start, since.first if since else date.min)
            end = min((end for end in (signed.end, period.end) if end), default=None)
            if end is None or start <= end:
                yield Span(start=start, end=end, source=period.source)


def last_claim_day(spec: ServiceSpec, day: date) -> date | None:
    """The last day on which an activity can be claimed, that day included; None when there is no claim window.

    It is the same day of a later month, or that month's last day if earlier: 10 Apr -> 10 Jul, 30 Nov -> 28 Feb. Where
    a quarter or a year is claimed, it counts from the last day of that: work of 10 April is claimed after 30 June. The
    window is that of the activity's own day.
    """
    months = spec.on(day).window_months
    counted_from = day if spec.every == Month.every else spec.claim_period(day).last
    return add_months(counted_from, months) if months else None


def looked_at(spec: ServiceSpec, period: Period, records: Records) -> Period:
    """The days that a claim for a period looks at, from the first of a month (or of the quarter or year claimed).

    It looks back by the claim window. Without one it looks back to the start of the contract year, or to the first day
    the practice can claim if that is earlier. So work recorded after its month was submitted is still claimed. If the
    window changed, it looks at each day that the window of that day reaches.
    """
    start = _first_looked_at(spec, period, first_claim_day(spec, records))
    return Period(spec.claim_period(start).first, period.end)


def may_look_at(spec: ServiceSpec, period: Period) -> Period:
    """The days that a claim for a period looks at, as far as the specification alone says; used to choose services."""
    return Period(_first_looked_at(spec, period, None), period.end)


def _first_looked_at(spec: ServiceSpec, period: Period, claimable: date | None) -> date:
    """The earliest day whose own window, or contract year without a window, reaches the period."""
    year = spec.contract_year(period.start).start
    found = [period.start]
    for first, last, terms in spec.spans():
        back = min(year, claimable or year)
        if terms.window_months:
            back = add_months(period.start, -terms.window_months)
            back = back if spec.every == Month.every else spec.claim_period(back).first
        if max(first, back) <= last:
            found.append(max(first, back))
    return min(found)


def submit_by(spec: ServiceSpec, period: ClaimPeriod) -> date | None:
    """The day by which the claim for a period must be submitted; None when the specification gives none.

    The deadline is that of the period's first day.
    """
    submission, after = spec.on(period.first).submission, Month.of(period.last).plus(1)
    if submission.day is not None:
        return date(after.year, after.month, submission.day)
    if submission.working_day is not None:
        return nth_working_day(after, submission.working_day)
    if submission.after is None:
        return None
    count, unit = submission.after
    if unit == "months":
        return add_months(period.last, count)
    return period.last + timedelta(days=count * (7 if unit == "weeks" else 1))


def paid_by(spec: ServiceSpec, period: ClaimPeriod) -> date | None:
    """The day on which payment of a period's claim is due; None when the specification does not say when it pays.

    It is the submission deadline (or, without one, the last day) of the period, or of the last month of the quarter of
    the contract year if a monthly claim is paid quarterly, plus the days within which the specification pays.
    """
    payment = spec.on(period.first).payment
    if payment is None:
        return None
    last = period
    if period.every == Month.every and payment.every == "quarter":
        last = Month.of(ContractPeriod.of(period.last, "quarter", spec.year_starts).last)
    return (submit_by(spec, last) or last.last) + timedelta(days=payment.within_days)


def due_at(kind: IncidentKind, happened: str) -> str:
    """When notification of an incident is due, as local time `2026-05-04T14:30`; empty for a kind without a clock.

    `happened` is a date or a local date and time. Hours count from that time. If only the day is known, they count
    from its first minute, so the clock is never longer than the specification allows. Hours across a change to or from
    summer time are real hours. A clock in working days ends with the last minute of a day.
    """
    if kind.working_days is None and kind.hours is None:
        return ""
    if kind.working_days is not None:
        return f"{add_working_days(date.fromisoformat(happened[:10]), kind.working_days).isoformat()}T23:59"
    return after_hours(happened, kind.hours or 0)


def after_hours(happened: str, hours: int) -> str:
    """The local time a number of real hours after a local date or date and time; a date stands for its first minute."""
    from zoneinfo import ZoneInfo

    london = ZoneInfo("Europe/London")
    start = datetime.fromisoformat(happened if "T" in happened else f"{happened}T00:00").replace(tzinfo=london)
    utc = ZoneInfo("UTC")
    due = (start.astimezone(utc) + timedelta(hours=hours)).astimezone(london)
    return due.strftime("%Y-%m-%dT%H:%M")
