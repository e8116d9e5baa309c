"""Refuses samples of housebound patients on a community nurse's caseload; the nurse takes them (slide, point 2)."""

from __future__ import annotations

from lescli.api import Activity, Check, Finding, Patient, RegisterEntry, ServiceSpec, finding


def caseload_check(spec: ServiceSpec) -> Check:
    """A check that refuses a sample if, on that day, the register has the patient on such a caseload.

    The patient must also be housebound: one who is on the caseload for something else and comes to the practice is the
    practice's. If the record does not say whether the patient is housebound, the register is enough.
    """

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        if entry is None or patient.housebound is False:
            return None
        held = entry.detail_on("community_nurse_caseload", activity.day) == "yes"
        return finding(spec, "community-nurse-caseload") if held else None

    return judge
