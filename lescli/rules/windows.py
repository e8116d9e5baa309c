"""Claim windows and deadlines, and when a claim is paid."""

from __future__ import annotations

from datetime import date, timedelta

from ..calendar import Month, Period, add_months, contract_year, nth_working_day
from ..model import Records, ServiceSpec
from .holding import first_claim_day


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
