"""The checks that a claim item can name in service.toml. Each takes an activity and returns a finding or None."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from ..calendar import age_on, is_working_day
from ..model import Activity, CheckSpec, ClaimItem, Finding, Patient, Records, RegisterEntry, ServiceSpec, names_in
from .claim_row import finding
from .details import folded, holds, holds_phrase

Check = Callable[[Activity, Patient, RegisterEntry | None], Finding | None]
"""Takes an activity, its patient and their register entry on that day; returns why it is not simply payable, or None.

Items paid from the register (a patient-month, or a day the register gives) have no coded entry. Their activity has
only the patient and the day: no code, clinician or consultation type.
"""
Factory = Callable[[CheckSpec, ServiceSpec, Records], Check]


def consultation_type(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The consultation type contains one of the phrases of a setting; case, spacing and punctuation do not matter.

    Systems and sites word `face to face` differently, so phrases are matched and types are not listed. A type without
    any of the phrases is a check, not a refusal: the practice may add a phrase. `except` names a second setting, whose
    phrases never count although they contain one that does (`non face to face`).
    """

    def accepts(day: date, printed: str) -> bool:
        taken_back = "except" in check.options and holds_phrase(printed, spec.setting(check.options["except"], day))
        return holds_phrase(printed, spec.setting(check.options["setting"], day)) and not taken_back

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        if accepts(activity.day, activity.consultation_type):
            return None
        return finding(spec, check.options.get("reason", "consultation-type"), clause=check.clause, fix=check.fix)

    return judge


def accreditation(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The clinician had an accreditation of a kind on that day. None recorded is a check, another period a refusal."""
    held = records.accreditations(check.options["kind"])

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        own = [one for one in held if folded(one.clinician) == folded(activity.clinician)]
        if any(one.start <= activity.day <= one.end for one in own):
            return None
        reason = "accreditation-lapsed" if own else "accreditation-unknown"
        return finding(spec, reason, clause=check.clause, fix=check.fix)

    return judge


def details_recorded(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The register has a value on that day for every detail in `details` (comma-separated) or in `details_setting`."""

    def wanted(day: date) -> tuple[str, ...]:
        if "details_setting" in check.options:
            held = spec.setting(check.options["details_setting"], day)
            return held if isinstance(held, tuple) else ()
        return names_in(check.options["details"])

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        names = wanted(activity.day)
        if not names:
            return None
        if entry and all(entry.detail_on(name, activity.day) is not None for name in names):
            return None
        return finding(spec, check.options.get("reason", "record-incomplete"), clause=check.clause, fix=check.fix)

    return judge


def detail_is_not(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The register detail `detail` is not `value`. If it is, the finding has the reason that `reason` names."""
    name, unwanted = check.options["detail"], check.options["value"]

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        if entry is None or not holds(entry.detail_on(name, activity.day), unwanted):
            return None
        return finding(spec, check.options["reason"], clause=check.clause, fix=check.fix)

    return judge


def age(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The patient's age on that day is at least `from` and less than `below`. Either option may be absent."""
    lowest, below = int(check.options.get("from", "0")), int(check.options.get("below", "999"))

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        if lowest <= age_on(patient.date_of_birth, activity.day) < below:
            return None
        return finding(spec, check.options.get("reason", "age"), clause=check.clause, fix=check.fix)

    return judge


def working_days_only(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The work was done on a working day in England."""

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        if is_working_day(activity.day):
            return None
        return finding(spec, check.options.get("reason", "outside-core-hours"), clause=check.clause, fix=check.fix)

    return judge


def checks_of(spec: ServiceSpec, item: ClaimItem, records: Records, own: Iterable[Check]) -> tuple[Check, ...]:
    """The checks of an item: those that service.toml names, then the plugin's own."""
    return (*(check_of(check, spec, records) for check in item.checks), *own)


def on_the_day(checks: Iterable[Check], patient: Patient, entry: RegisterEntry, day: date) -> list[Finding]:
    """What the checks find on a day, for an item that is paid from the register and has no coded entry."""
    occasion = Activity(id=0, nhs_number=patient.nhs_number, day=day, codes=())
    return [found for check in checks if (found := check(occasion, patient, entry))]


def check_of(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The check that an item names, ready to use. With `unless_setting`, it applies only while that setting is off."""
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
"""The checks by the name that `rule = "..."` gives in service.toml."""
