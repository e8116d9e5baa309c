"""Whose patients a service is for: the practice's own, and where its document says so those of others, or of none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..model import Finding, Patient, Records, ServiceSpec, Verdict
from ..model.registration import Registration
from .reasons import finding

AT, NOWHERE = "accept_registered_at", "accept_registered_nowhere"
"""Settings that a service has when its document covers such patients; what they hold admits them."""


def patient_findings(spec: ServiceSpec, records: Records, patient: Patient, day: date) -> Iterator[Finding]:
    """Whose patient it was on a day, and whether they were alive."""
    # Death ends a registration too: whether someone was ours is then judged on the day they died.
    found = registration_finding(spec, records, patient, min(day, patient.last_alive or day))
    if found:
        yield found
    if not patient.alive_on(day) and not (found and found.verdict is Verdict.REFUSED):
        yield finding(spec, "after-death", fix=_open_death(patient))


def _open_death(patient: Patient) -> str:
    """What to do where the death itself is open; "" where it is not."""
    if patient.death_in_doubt:
        return "the newest extract no longer states the death: look at it, then settle it as `les patients doubts` says"
    if patient.died_on is None:
        return "the day of the death is not recorded: record it, or give it as `les patients doubts` says"
    return ""


def registration_finding(spec: ServiceSpec, records: Records, patient: Patient, day: date) -> Finding | None:
    """Why a patient is not one of the service's on a day, by where they were registered; None when they are.

    Only what is stated counts: of someone who left, and of whom nothing more is known, nobody knows that they are
    still in the area that the document covers.
    """
    if patient.registered_on(day, records.practice.ods_code):
        return None
    spells = [spell for spell in patient.registrations if spell.covers(day)]
    if any(_is_accepted(spec, spell, day) for spell in spells):
        return None
    covered = any(is_covered(spec, spell) for spell in spells)
    return finding(spec, "registered-elsewhere" if covered else "not-registered")


def is_served(spec: ServiceSpec, records: Records, patient: Patient, day: date) -> bool:
    """One of the service's patients on a day, or one of whom only the practice can say whether they are."""
    found = registration_finding(spec, records, patient, day)
    return found is None or found.verdict is not Verdict.REFUSED


def is_ours(spec: ServiceSpec, records: Records, spell: Registration) -> bool:
    """A registration with the practice, or one that a setting accepts on the day asked about."""
    here = spell.practice == records.practice.ods_code and spell.kind != "none"
    return here or _is_accepted(spec, spell, records.as_of)


def is_covered(spec: ServiceSpec, spell: Registration) -> bool:
    """The service's document covers patients registered so, or nowhere, whether or not a setting admits them."""
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
