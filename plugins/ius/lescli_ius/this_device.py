"""A fitting rests on the record of its own device: what was recorded for an earlier one does not vouch for it."""

from __future__ import annotations

from datetime import date

from lescli.api import Activity, Check, Finding, Patient, Records, RegisterEntry, ServiceSpec, finding

from .devices import FITTED_ON, FITTING, coded_days, last_before

ANEW = "recorded_anew"


def this_device_check(spec: ServiceSpec, records: Records) -> Check:
    """A check that holds a fitting back when the register, as it was that day, describes another device.

    That is so when `fitted_on` names another day than this fitting's or the one's before it, or when a detail of the
    setting `recorded_anew` was last recorded on or before the day of the patient's fitting before this one. Details
    that nobody recorded are another check's.
    """
    fitted = coded_days(spec, records, FITTING)

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        if entry is None or not _is_fitting(spec, activity):
            return None
        before = last_before(fitted.get(activity.nhs_number, ()), activity.day)
        named = entry.detail_on(FITTED_ON, activity.day)
        # A day that names the device before was simply not recorded again: the other details say whose record it is.
        own = named is None or named in (activity.day, before)
        if own and not (before and _older(spec, entry, activity.day, before)):
            return None
        return finding(spec, "record-incomplete")

    return judge


def _is_fitting(spec: ServiceSpec, activity: Activity) -> bool:
    lists = spec.item(FITTING).codelists
    return any(code in spec.codelist(name).codes_on(activity.day) for name in lists for code in activity.codes)


def _older(spec: ServiceSpec, entry: RegisterEntry, day: date, before: date) -> bool:
    """Some detail held on a day was recorded on or before an earlier one."""
    names = spec.setting(ANEW, day)
    if not isinstance(names, tuple):
        return False
    recorded = {name: start for start, name, _ in entry.history if start <= day and name in names}
    return any(start <= before for start in recorded.values())
