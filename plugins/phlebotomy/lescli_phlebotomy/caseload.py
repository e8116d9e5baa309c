"""Housebound patients on a community nurse's caseload are the nurse's, not the practice's (point 2 of the slide)."""

from __future__ import annotations

from lescli.api import Activity, Check, Finding, Patient, RegisterEntry, ServiceSpec, finding


def caseload_check(spec: ServiceSpec) -> Check:
    """A check that refuses a sample from someone whom the register has on such a caseload on that day.

    Both must hold: who is on the caseload for something else and comes to the practice is the practice's. Where the
    record does not say whether the patient is housebound, the register's word is enough.
    """

    def judge(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        if entry is None or patient.housebound is False:
            return None
        held = entry.detail_on("community_nurse_caseload", activity.day) == "yes"
        return finding(spec, "community-nurse-caseload") if held else None

    return judge
