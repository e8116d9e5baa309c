"""Findings that every service shares: contract held, claim window open, patient registered and alive, done here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from ..calendar import Month, Period, for_people
from ..model import Activity, ClaimItem, Finding, Patient, Records, ServiceSpec, Span, Verdict
from ..model.record import REPORTED
from ..model.registration import Registration
from .claim_row import finding, reason_of
from .windows import claims_from, last_claim_day

AT, NOWHERE = "accept_registered_at", "accept_registered_nowhere"
"""Settings that accept patients of other practices, or of none. A service has one only if its document covers these."""
OWN, OTHER, ANY = "own", "other", "any"
"""Whose patients an item is for: the practice's own, those of other practices, or any."""
DONE_ELSEWHERE = "done-elsewhere"
"""The reason that work of another organisation is refused for."""


def patient_findings(
    spec: ServiceSpec, records: Records, patient: Patient, day: date, population: str = OWN
) -> Iterator[Finding]:
    """Whether the patient was alive on a day, and registered as the item's population asks."""
    # Death ends a registration too, so the registration of someone who has died is judged on the day of death.
    found = population_finding(spec, records, patient, min(day, patient.last_alive or day), population)
    if found:
        yield found
    if not patient.alive_on(day) and not (found and found.verdict is Verdict.REFUSED):
        yield finding(spec, "after-death", fix=_open_death(patient))


def _open_death(patient: Patient) -> str:
    """What to do when the death, or its day, is in doubt; "" when it is not."""
    if patient.death_in_doubt:
        return "the newest export no longer states the death: look at it, then settle it as `les patients doubts` says"
    if patient.died_on is None:
        return "the day of the death is not recorded: record it, or give it as `les patients doubts` says"
    return ""


def registration_finding(spec: ServiceSpec, records: Records, patient: Patient, day: date) -> Finding | None:
    """Why the patient's registration on a day does not fit the service; None when it does.

    Only stated registrations count. A patient who left, with no later registration known, may have left the area that
    the document covers.
    """
    if patient.registered_on(day, records.practice.ods_code):
        return None
    spells = [spell for spell in patient.registrations if spell.covers(day)]
    if any(_is_accepted(spec, spell, day) for spell in spells):
        return None
    covered = any(is_covered(spec, spell) for spell in spells)
    return finding(spec, "registered-elsewhere" if covered else "not-registered")


def population_finding(
    spec: ServiceSpec, records: Records, patient: Patient, day: date, population: str
) -> Finding | None:
    """Why a patient is not of an item's population on a day: own, other (of another practice) or any; None if they are.

    A patient of another practice is known by its ODS code. One whose practice nobody recorded waits for a person.
    """
    if population == OWN:
        return registration_finding(spec, records, patient, day)
    if patient.registered_on(day, records.practice.ods_code):
        return None if population == ANY else finding(spec, "own-patient")
    here = records.practice.ods_code
    elsewhere = (one for one in patient.registrations if one.kind != "none" and one.practice not in ("", here))
    return None if any(one.covers(day) for one in elsewhere) else finding(spec, "practice-unknown")


def is_served(spec: ServiceSpec, records: Records, patient: Patient, day: date) -> bool:
    """Whether the service is for a patient on a day, or may be: the practice has yet to accept their registration."""
    found = registration_finding(spec, records, patient, day)
    return found is None or found.verdict is not Verdict.REFUSED


def is_of_ours(spec: ServiceSpec, records: Records, patient: Patient) -> bool:
    """Whether a patient was ever the practice's, or is one that the service covers."""
    return any(is_ours(spec, records, one) or is_covered(spec, one) for one in patient.registrations)


def is_ours(spec: ServiceSpec, records: Records, spell: Registration) -> bool:
    """Whether a registration is with the practice, or is one that a setting accepts on the day asked about."""
    here = spell.practice == records.practice.ods_code and spell.kind != "none"
    return here or _is_accepted(spec, spell, records.as_of)


def is_covered(spec: ServiceSpec, spell: Registration) -> bool:
    """Whether the document covers patients registered like this; a setting need not accept this one."""
    return _has(spec, NOWHERE if spell.kind == "none" else AT)


def _is_accepted(spec: ServiceSpec, spell: Registration, day: date) -> bool:
    if not is_covered(spec, spell):
        return False
    if spell.kind == "none":
        return spec.setting(NOWHERE, day) is True
    places = spec.setting(AT, day)
    return isinstance(places, tuple) and spell.practice in [place.upper() for place in places]


def _has(spec: ServiceSpec, name: str) -> bool:
    return any(setting.name == name for setting in spec.settings)


def patient_and_entry_findings(
    spec: ServiceSpec, records: Records, activity: Activity, patient: Patient, population: str = OWN
) -> Iterator[Finding]:
    """Why one activity is not simply payable, because of its patient or of the entry itself, on its own day."""
    yield from patient_findings(spec, records, patient, activity.day, population)
    if activity.done_at not in ("", records.practice.ods_code, *_accepted_places(spec, activity)):
        yield finding(spec, DONE_ELSEWHERE)
    yield from _doubts(spec, activity)


def _doubts(spec: ServiceSpec, activity: Activity) -> Iterator[Finding]:
    """Marks of the entry that cast doubt on it, except those that the practice accepts by a setting."""
    accepted = _listed(spec, "accept_marked", activity.day)
    for mark in activity.marks:
        if mark in accepted:
            continue
        name = "reported-only" if mark == REPORTED else "status-not-final"
        reason = reason_of(spec, name)
        yield finding(spec, name, fix=reason.fix.replace("MARK", mark))


_BEGINS_EARLIER = (
    "if the contract began earlier, give its first day: "
    "`les services set SERVICE period.start=DAY --from DATE --source TEXT`"
)


def contract_findings(
    spec: ServiceSpec, records: Records, day: date, active: Sequence[Period] | None = None
) -> Iterator[Finding]:
    """Findings of the contract on a day: claimed by other means, not in force, not signed, or out of time.

    For a row of a whole month, `active` are the days it is paid for; the contract must have been held on one of them.
    """
    days = (Period(day, day),) if active is None else active
    since = claims_from(spec, records.as_of)
    if since and Month.of(day) < since:
        yield finding(spec, "claimed-elsewhere")
    in_force = [both for one in days for span in spec.periods if (both := _common(one, span))]
    if not in_force:
        begun = any(span.start <= one.end for one in days for span in spec.periods)
        yield finding(spec, "no-specification", fix="" if begun else _BEGINS_EARLIER.replace("SERVICE", spec.name))
    signed = records.signed()
    # A practice that has recorded no contract at all is warned, not refused.
    if signed and not any(_common(one, span) for one in in_force or days for span in signed):
        yield finding(spec, "not-signed")
    last = last_claim_day(spec, day)
    if last and records.as_of > last:
        held = spec.on(day).window_clause
        # The reason has the clause and the words of the first window; a later window has its own.
        told = {"clause": held, "fix": f"none: it could be claimed until {for_people(last)}"}
        yield finding(spec, "expired", **(told if held != spec.window_clause else {}))


def needs_findings(spec: ServiceSpec, item: ClaimItem, records: Records, day: date) -> Iterator[Finding]:
    """A finding when the practice did not hold a contract that the item needs on a day."""
    missing = [name for name in item.needs if not any(span.covers(day) for span in records.held(name))]
    if missing:
        signing = "; ".join(f"`les services sign {name} --from DATE`" for name in missing)
        yield finding(
            spec, "needs-service", clause=item.clause, fix=f"if the practice held {', '.join(missing)}: {signing}"
        )


def _common(days: Period, span: Span) -> Period | None:
    """The days that are in both; None when there are none."""
    start, end = max(days.start, span.start), min(days.end, span.end or date.max)
    return Period(start, end) if start <= end else None


def _accepted_places(spec: ServiceSpec, activity: Activity) -> tuple[str, ...]:
    return tuple(place.upper() for place in _listed(spec, "accept_done_at", activity.day))


def _listed(spec: ServiceSpec, name: str, day: date) -> tuple[str, ...]:
    """The values of a list setting on a day; () when the service has no such setting."""
    if not any(setting.name == name for setting in spec.settings):
        return ()
    value = spec.setting(name, day)
    return tuple(map(str, value)) if isinstance(value, tuple) else ()
