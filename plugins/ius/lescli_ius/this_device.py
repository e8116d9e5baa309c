"""A fitting rests on the record of its own device: what was recorded for an earlier one does not vouch for it."""

from __future__ import annotations

from datetime import date

from lescli.api import Activity, Check, Finding, Patient, Records, RegisterEntry, ServiceSpec, finding

from .devices import FITTED_ON, FITTING, coded_days, last_before

ANEW = "recorded_anew"


def this_device_check(spec: ServiceSpec, records: Records) -> Check:
    """A check that holds a fitting back when the register, as it was that day, describes another device.

    That is so when `fitted_on` names another day than this fitting's or the one's before it, or when a detail of the
    setting `recorded_anew` was last recorded on or before the day of the patient's fitting before this one. Where
    `fitted_on` names the fitting before, the details must also be newer than it. Details that nobody recorded are
    another check's.
    """
    fitted = coded_days(spec, records, FITTING)

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        if entry is None or not _is_fitting(spec, activity):
            return None
        before = last_before(fitted.get(activity.nhs_number, ()), activity.day)
        named = entry.detail_on(FITTED_ON, activity.day)
        if named is not None and named not in (activity.day, before):
            return finding(spec, "record-incomplete")
        # What was recorded together with the day of the device before is that device's. Recorded after it, it is of
        # this one, and only the day was not recorded again.
        until = before
        if before and named == before:
            until = max(before, _recorded(entry, activity.day)[FITTED_ON])
        return finding(spec, "record-incomplete") if until and _older(spec, entry, activity.day, until) else None

    return judge


def _is_fitting(spec: ServiceSpec, activity: Activity) -> bool:
    lists = spec.item(FITTING).codelists
    return any(code in spec.codelist(name).codes_on(activity.day) for name in lists for code in activity.codes)


def _older(spec: ServiceSpec, entry: RegisterEntry, day: date, until: date) -> bool:
    """Some detail held on a day was recorded on or before an earlier one."""
    names = spec.setting(ANEW, day)
    recorded = _recorded(entry, day)
    return isinstance(names, tuple) and any(recorded[name] <= until for name in names if name in recorded)


def _recorded(entry: RegisterEntry, day: date) -> dict[str, date]:
    """Since when each detail held on a day has held."""
    return {name: start for start, name, _ in entry.history if start <= day}
