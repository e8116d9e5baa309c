"""The checks that a claim item can name in service.toml. Each takes an activity and returns a finding or None."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from ..calendar import add_months, age_on, is_working_day
from ..model import Activity, CheckSpec, ClaimItem, Finding, Patient, Records, RegisterEntry, ServiceSpec, names_in
from .claim_row import detail_missing, finding
from .clocks import Run, day_after, last_day_of, runs_of, starts_of
from .details import folded, holds, holds_phrase
from .limits import limits_on, value_of

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
    phrases never count although they contain one that does (`non face to face`). `of` names the code lists of the
    entries that are asked: of work of several parts, only some need be done so.
    """
    asked = names_in(check.options.get("of", ""))

    def accepts(day: date, printed: str) -> bool:
        taken_back = "except" in check.options and holds_phrase(printed, spec.setting(check.options["except"], day))
        return holds_phrase(printed, spec.setting(check.options["setting"], day)) and not taken_back

    def is_asked(activity: Activity) -> bool:
        held = (spec.codelist(name).codes_on(activity.day) for name in asked)
        return not asked or any(code in codes for codes in held for code in activity.codes)

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        if not is_asked(activity) or accepts(activity.day, activity.consultation_type):
            return None
        return finding(spec, check.options.get("reason", "consultation-type"), clause=check.clause, fix=check.fix)

    return judge


def accreditation(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The clinician had an accreditation of a kind on that day. None recorded is a check, another period a refusal.

    With `only_if_recorded`, a clinician of whom no accreditation is recorded passes: the practice records only some.
    """
    held = records.accreditations(check.options["kind"])
    may_be_unknown = check.options.get("only_if_recorded") == str(True)

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        own = [one for one in held if folded(one.clinician) == folded(activity.clinician)]
        if any(one.start <= activity.day <= one.end for one in own) or (may_be_unknown and not own):
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


def detail_is(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The register detail `detail` is `value`. Another value has the reason that `reason` names; none is a check."""
    name, wanted = check.options["detail"], check.options["value"]

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        held = entry.detail_on(name, activity.day) if entry else None
        if holds(held, wanted):
            return None
        if held is None:
            return detail_missing(spec, name, clause=check.clause, fix=check.fix)
        return finding(spec, check.options["reason"], clause=check.clause, fix=check.fix)

    return judge


def value(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The entry's own value is above or below a number, a setting or a register detail; the number itself is neither.

    A value that is missing, is no number or has another unit than `unit` is a check, and so is a number that nobody
    recorded.
    """

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        limits = limits_on(check.options, spec, entry, activity.day)
        if limits.unknown:
            fix = check.fix or _how_to_record(check, spec, limits.unknown)
            return finding(spec, "limit-missing", clause=check.clause, fix=fix)
        read = value_of(activity, check.options.get("unit", ""))
        held = limits.holds(read) if read else None
        if held:
            return None
        reason = "value-unclear" if held is None else check.options.get("reason", "value")
        return finding(spec, reason, clause=check.clause, fix=check.fix)

    return judge


def _how_to_record(check: CheckSpec, spec: ServiceSpec, name: str) -> str:
    """The command that records the number which a value is compared with."""
    if name in (check.options.get("above_setting"), check.options.get("below_setting")):
        return f"set it with `les services set {spec.name} setting.{name}=NUMBER --from DATE --source TEXT`"
    return f"record it with `les register {spec.name} --add NHS --set {name}=NUMBER`"


def after(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """An earlier entry of `codelist` exists, or with `must = "not-exist"` none does; `within` asks for one not too old.

    An entry of the same day may have come first, so it is enough where one must exist and does no harm where none may.
    Without codes nobody can tell, so the work waits. With `offset_detail`, the work comes no sooner than
    `offset_months` after the day in that register detail.
    """
    names = names_in(check.options.get("codelist", ""))
    forbidden = check.options.get("must", "exist") == "not-exist"
    count, unit = int(check.options.get("within", "0")), check.options.get("unit", "months")
    offset_detail, months = check.options.get("offset_detail", ""), int(check.options.get("offset_months", "0"))
    known: dict[str, list[Activity]] = {}

    def before(activity: Activity) -> bool:
        if not known:
            known[""] = []
            for one in (one for name in names for one in records.activity(name)):
                known.setdefault(one.nhs_number, []).append(one)
        return any(
            one.id != activity.id
            and (one.day < activity.day or (one.day == activity.day and not forbidden))
            and (not count or day_after(one.day, count, unit) >= activity.day)
            for one in known.get(activity.nhs_number, ())
        )

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        name = ""
        if offset_detail:
            began = entry.detail_on(offset_detail, activity.day) if entry else None
            if not isinstance(began, date):
                return detail_missing(spec, offset_detail, clause=check.clause, fix=check.fix)
            name = "too-early" if activity.day < add_months(began, months) else ""
        unset = next((one for one in names if not spec.codelist(one).codes_on(activity.day)), None)
        if not name and unset:
            fix = f"set them with `les services set {spec.name} codes.{unset}=CODE --from DATE --source TEXT`"
            return finding(spec, "codes-unset", clause=check.clause, fix=check.fix or fix)
        if not name and names and before(activity) == forbidden:
            name = "earlier-entry" if forbidden else "no-earlier-entry"
        return finding(spec, check.options.get("reason", name), clause=check.clause, fix=check.fix) if name else None

    return judge


def within(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """The work was done by the last day of the clock that `clock` names, counted from the newest event before it.

    Work before any event, or whose event is not recorded, is a check.
    """
    clock = spec.clock(check.options["clock"])
    coded: dict[str, list[Run]] = {}

    def spans(activity: Activity, entry: RegisterEntry | None) -> Iterator[tuple[date, date]]:
        """The first and the last day of each run, by code and by every day that the register detail has had."""
        if not coded:
            coded[""] = []
            for run in runs_of(clock, spec, records.activity, starts_of(clock, records.activity, (), records.as_of)):
                coded.setdefault(run.nhs_number, []).append(run)
        yield from ((run.start, run.last) for run in coded.get(activity.nhs_number, ()))
        for _, name, day in entry.history if entry else ():
            if name == clock.from_detail and isinstance(day, date):
                yield day, last_day_of(spec.on(day).clock(clock.name), day)

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        newest = max((span for span in spans(activity, entry) if span[0] <= activity.day), default=None)
        if newest and activity.day <= newest[1]:
            return None
        reason = check.options.get("reason", "too-late") if newest else "clock-not-started"
        return finding(spec, reason, clause=check.clause, fix=check.fix)

    return judge


def minimum_gap(check: CheckSpec, spec: ServiceSpec, records: Records) -> Check:
    """At least `count` of `unit` lie between the work and the last time that it was done or claimed before.

    The day on which the gap ends is allowed. An entry that the item's own `consultation-type` check does not accept is
    no time that it was done.
    """
    item = spec.item(check.item)
    count, unit = int(check.options["count"]), check.options.get("unit", "days")
    seen = dated_checks(spec, item, records, lambda one: one.rule == "consultation-type")
    days: dict[str, set[date]] = {}

    def times(nhs_number: str) -> set[date]:
        if not days:
            days[""] = set()
            for row in records.claimed():
                if row.item == item.name:
                    days.setdefault(row.nhs_number, set()).add(row.day)
            for one in (one for name in item.codelists for one in records.activity(name)):
                patient = records.patient(one.nhs_number)
                if not any(asks(one, patient, None) for asks in seen):
                    days.setdefault(one.nhs_number, set()).add(one.day)
        return days.get(nhs_number, set())

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        last = max((day for day in times(activity.nhs_number) if day < activity.day), default=None)
        if last is None or activity.day >= day_after(last, count, unit):
            return None
        return finding(spec, check.options.get("reason", "too-soon"), clause=check.clause, fix=check.fix)

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
    """The checks of an item: those that service.toml names, each on the days it is in force, then the plugin's own."""
    return (*dated_checks(spec, item, records), *own)


def dated_checks(
    spec: ServiceSpec, item: ClaimItem, records: Records, asked: Callable[[CheckSpec], bool] = lambda check: True
) -> tuple[Check, ...]:
    """The checks of an item that service.toml names, or those asked for. Each judges only the days it is in force."""
    spans = spec.spans()
    found: list[Check] = []
    for first, last, terms in spans:
        held = item if len(spans) == 1 else terms.item(item.name)
        checks = [check_of(check, spec, records) for check in held.checks if asked(check)]
        found += checks if len(spans) == 1 else [_between(first, last, check) for check in checks]
    return tuple(found)


def _between(first: date, last: date, check: Check) -> Check:
    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        return check(activity, patient, entry) if first <= activity.day <= last else None

    return judge


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
    "detail-is": detail_is,
    "detail-is-not": detail_is_not,
    "value": value,
    "after": after,
    "within": within,
    "minimum-gap": minimum_gap,
    "age": age,
    "working-days-only": working_days_only,
}
"""The checks by the name that `rule = "..."` gives in service.toml."""
