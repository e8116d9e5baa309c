"""Findings every service shares: was the contract held, was it claimed, whose patient was it, is it still in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..calendar import Month
from ..model import Activity, Finding, Patient, Records, ServiceSpec
from .holding import claims_from
from .reasons import finding
from .windows import last_claim_day


def shared_findings(spec: ServiceSpec, records: Records, activity: Activity, patient: Patient) -> Iterator[Finding]:
    """Every shared reason why one activity is not simply payable, judged on the activity's own date."""
    day = activity.day
    yield from contract_findings(spec, records, day)
    # Death ends a registration too: whether someone was ours is then judged on the day they died.
    last_alive = min(day, patient.last_alive or day)
    if not patient.registered_on(last_alive, records.practice.ods_code):
        yield finding(spec, "not-registered")
    elif not patient.alive_on(day):
        yield finding(spec, "after-death")
    if activity.done_at not in ("", records.practice.ods_code, *_accepted_places(spec, activity)):
        yield finding(spec, "done-elsewhere")


def contract_findings(spec: ServiceSpec, records: Records, day: date) -> Iterator[Finding]:
    """What the contract itself says of work on a day: claimed by other means, in force, signed, still in time."""
    since = claims_from(spec, records.as_of)
    if since and Month.of(day) < since:
        yield finding(spec, "claimed-elsewhere")
    if not spec.in_force_on(day):
        yield finding(spec, "no-specification")
    signed = records.signed()
    # A practice that never said which contracts it holds is warned, not refused.
    if signed and not any(span.covers(day) for span in signed):
        yield finding(spec, "not-signed")
    last = last_claim_day(spec, day)
    if last and records.as_of > last:
        yield finding(spec, "expired")


def _accepted_places(spec: ServiceSpec, activity: Activity) -> tuple[str, ...]:
    if not any(setting.name == "accept_done_at" for setting in spec.settings):
        return ()
    value = spec.setting("accept_done_at", activity.day)
    return tuple(place.upper() for place in value) if isinstance(value, tuple) else ()
