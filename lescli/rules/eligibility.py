"""Findings every service shares: was the contract held, was it claimed, whose patient was it, is it still in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from ..calendar import Month, Period
from ..model import Activity, Finding, Patient, Records, ServiceSpec, Span
from ..model.record import REPORTED
from .holding import claims_from
from .population import patient_findings
from .reasons import finding, reason_of
from .windows import last_claim_day


def patient_and_entry_findings(
    spec: ServiceSpec, records: Records, activity: Activity, patient: Patient
) -> Iterator[Finding]:
    """Why one activity is not simply payable for reasons of its patient or of the entry itself, on its own date."""
    yield from patient_findings(spec, records, patient, activity.day)
    if activity.done_at not in ("", records.practice.ods_code, *_accepted_places(spec, activity)):
        yield finding(spec, "done-elsewhere")
    yield from _doubts(spec, activity)


def _doubts(spec: ServiceSpec, activity: Activity) -> Iterator[Finding]:
    """What the entry says against itself, as far as the practice did not say that such entries count."""
    accepted = _listed(spec, "accept_marked", activity.day)
    for mark in activity.marks:
        if mark in accepted:
            continue
        name = "reported-only" if mark == REPORTED else "status-not-final"
        reason = reason_of(spec, name)
        yield finding(spec, name, fix=reason.fix.replace("MARK", mark))


def contract_findings(
    spec: ServiceSpec, records: Records, day: date, active: Sequence[Period] | None = None
) -> Iterator[Finding]:
    """What the contract itself says of work on a day: claimed by other means, in force, signed, still in time.

    Where a row stands for a month, `active` are the days it is paid for: the contract must have been held on one.
    """
    days = (Period(day, day),) if active is None else active
    since = claims_from(spec, records.as_of)
    if since and Month.of(day) < since:
        yield finding(spec, "claimed-elsewhere")
    in_force = [both for one in days for span in spec.periods if (both := _common(one, span))]
    if not in_force:
        yield finding(spec, "no-specification")
    signed = records.signed()
    # A practice that never said which contracts it holds is warned, not refused.
    if signed and not any(_common(one, span) for one in in_force or days for span in signed):
        yield finding(spec, "not-signed")
    last = last_claim_day(spec, day)
    if last and records.as_of > last:
        yield finding(spec, "expired")


def _common(days: Period, span: Span) -> Period | None:
    """The days that both have; None where there are none."""
    start, end = max(days.start, span.start), min(days.end, span.end or date.max)
    return Period(start, end) if start <= end else None


def _accepted_places(spec: ServiceSpec, activity: Activity) -> tuple[str, ...]:
    return tuple(place.upper() for place in _listed(spec, "accept_done_at", activity.day))


def _listed(spec: ServiceSpec, name: str, day: date) -> tuple[str, ...]:
    """The words of a setting on a day; () where the service has no such setting."""
    if not any(setting.name == name for setting in spec.settings):
        return ()
    value = spec.setting(name, day)
    return tuple(map(str, value)) if isinstance(value, tuple) else ()
