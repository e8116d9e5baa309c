"""Checks an item may name in a service's data: a pure function each, activity in, finding or nothing out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from ..calendar import age_on, is_working_day
from ..model import Activity, CheckSpec, ClaimItem, Finding, Patient, Records, RegisterEntry, ServiceSpec
from .details import folded, holds, holds_phrase
from .verdict import finding

Check = Callable[[Activity, Patient, RegisterEntry | None], Finding | None]
"""Activity, its patient and their register entry on that day -> why it is not simply payable, or None.

An item that is paid for what the register says of a patient (a patient-month, a day it names) rests on no coded entry:
its activity is the patient and the day alone, without code, clinician and consultation type.
"""
Factory = Callable[[CheckSpec, ServiceSpec, Records], Check]


def consultation_type(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The consultation type holds one of the phrases of a setting, in any case, spacing and punctuation.

    What a clinical system calls `face to face` differs by system and site, so it is matched, not listed; a type the
    setting does not know is a check, not a refusal: the practice may know better and add it. A second setting, named
    by `except`, holds phrases that take it back (`non face to face`).
    """

    def accepts(day: date, printed: str) -> bool:
        taken_back = "except" in check.options and holds_phrase(printed, spec.setting(check.options["except"], day))
        return holds_phrase(printed, spec.setting(check.options["setting"], day)) and not taken_back

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        if accepts(activity.day, activity.consultation_type):
            return None
        return finding(spec, "consultation-type", clause=check.clause, fix=check.fix)

    return judge


def accreditation(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The clinician holds an accreditation of a kind on that day; none recorded is a check, a lapsed one a refusal."""
    held = records.accreditations(check.options["kind"])

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        own = [one for one in held if folded(one.clinician) == folded(activity.clinician)]
        if any(one.start <= activity.day <= one.end for one in own):
            return None
        reason = "accreditation-lapsed" if own else "accreditation-unknown"
        return finding(spec, reason, clause=check.clause, fix=check.fix)

    return judge


def details_recorded(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The register holds on that day every detail of `details` (comma-separated), or of the list a setting holds."""

    def wanted(day: date) -> tuple[str, ...]:
        if "details_setting" in check.options:
            held = spec.setting(check.options["details_setting"], day)
            return held if isinstance(held, tuple) else ()
        return tuple(name.strip() for name in check.options["details"].split(","))

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        names = wanted(activity.day)
        if not names:
            return None
        if entry and all(entry.detail_on(name, activity.day) is not None for name in names):
            return None
        return finding(spec, check.options.get("reason", "record-incomplete"), clause=check.clause, fix=check.fix)

    return judge


def detail_is_not(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The register detail of a name does not have a value; when it does, the reason named is given."""
    name, unwanted = check.options["detail"], check.options["value"]

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        if entry is None or not holds(entry.detail_on(name, activity.day), unwanted):
            return None
        return finding(spec, check.options["reason"], clause=check.clause, fix=check.fix)

    return judge


def age(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The patient's age on that day is from `from` to `below`, either of which may be absent."""
    lowest, below = int(check.options.get("from", "0")), int(check.options.get("below", "999"))

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        if lowest <= age_on(patient.date_of_birth, activity.day) < below:
            return None
        return finding(spec, check.options.get("reason", "age"), clause=check.clause, fix=check.fix)

    return judge


def working_days_only(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """Done on a working day in England."""

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        if is_working_day(activity.day):
            return None
        return finding(spec, "outside-core-hours", clause=check.clause, fix=check.fix)

    return judge


def checks_of(spec: ServiceSpec, item: ClaimItem, records: Records, own: Iterable[Check]) -> tuple[Check, ...]:
    """The checks of an item: those its data names, then the plugin's own."""
    return (*(check_of(check, spec, records) for check in item.checks), *own)


def on_the_day(checks: Iterable[Check], patient: Patient, entry: RegisterEntry, day: date) -> list[Finding]:
    """What checks find of a patient on a day, where an item rests on the register and on no coded entry."""
    occasion = Activity(id=0, nhs_number=patient.nhs_number, day=day, codes=())
    return [found for check in checks if (found := check(occasion, patient, entry))]


def check_of(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The check an item names, ready to judge; with `unless_setting` it holds only while that setting is off."""
    judge = STANDARD_CHECKS[check.rule](check, spec, records)
    switch = check.options.get("unless_setting")
    if switch is None:
        return judge

    def switched(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        return None if spec.setting(switch, activity.day) is True else judge(activity, patient, entry)

    return switched


STANDARD_CHECKS: dict[str, Factory] = {
    "consultation-type": consultation_type,
    "accreditation": accreditation,
    "details-recorded": details_recorded,
    "detail-is-not": detail_is_not,
    "age": age,
    "working-days-only": working_days_only,
}
"""What `rule = "..."` of an item's check names."""
