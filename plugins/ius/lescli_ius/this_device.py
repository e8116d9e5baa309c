"""A fitting needs a record of its own device: details of an earlier device do not support it."""

from __future__ import annotations

from datetime import date

from lescli.api import Activity, Check, Finding, Patient, Records, RegisterEntry, ServiceSpec, finding

from .devices import FITTED_ON, FITTING, coded_days, last_before

ANEW = "recorded_anew"


def this_device_check(spec: ServiceSpec, records: Records) -> Check:
    """A check that holds a fitting back when the register, as it was that day, describes another device.

    That is so when `fitted_on` is neither the day of this fitting nor of the one before, or when a detail named by the
    setting `recorded_anew` was last recorded on or before the day of the fitting before. If `fitted_on` is the day of
    the fitting before, the details must also be newer than that `fitted_on` itself. Another check looks for details
    that nobody recorded.
    """
    fitted = coded_days(spec, records, FITTING)

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        if entry is None or not _is_fitting(spec, activity):
            return None
        before = last_before(fitted.get(activity.nhs_number, ()), activity.day)
        named = entry.detail_on(FITTED_ON, activity.day)
        if named is not None and named not in (activity.day, before):
            return finding(spec, "record-incomplete")
        # Details recorded together with the previous device's day are of that device. Details recorded later are of
        # this device, for which only the day was not recorded.
        until = before
        if before and named == before:
            until = max(before, _recorded(entry, activity.day)[FITTED_ON])
        return finding(spec, "record-incomplete") if until and _older(spec, entry, activity.day, until) else None

    return judge


def _is_fitting(spec: ServiceSpec, activity: Activity) -> bool:
    lists = spec.item(FITTING).codelists
    return any(code in spec.codelist(name).codes_on(activity.day) for name in lists for code in activity.codes)


def _older(spec: ServiceSpec, entry: RegisterEntry, day: date, until: date) -> bool:
    """Whether a detail of `recorded_anew`, as known on a day, was recorded on or before the day `until`."""
    names = spec.setting(ANEW, day)
    recorded = _recorded(entry, day)
    return isinstance(names, tuple) and any(recorded[name] <= until for name in names if name in recorded)


def _recorded(entry: RegisterEntry, day: date) -> dict[str, date]:
    """The day from which each detail has the value that it has on a day."""
    return {name: start for start, name, _ in entry.history if start <= day}
