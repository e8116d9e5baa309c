"""The first dose is given in secondary care (specification 2.1.1), so the practice never claims it."""

from __future__ import annotations

from lescli.api import Activity, Check, Finding, Patient, Register, RegisterEntry, ServiceSpec, finding


def first_dose_check(spec: ServiceSpec, register: Register) -> Check:
    """A check that refuses an injection dated on the `first_dose_on` of any of the patient's register entries.

    Every entry counts, not only the one that covers the day, because patients are often put on the register after the
    hospital's dose.
    """

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        first = {one.detail("first_dose_on") for one in register.of(activity.nhs_number)}
        return finding(spec, "first-dose") if activity.day in first else None

    return judge
