"""Patients who test with their own meter are level 3 from the day they begin, whatever level the register has."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from lescli.api import Activity, Records, Register, RegisterEntry, ServiceSpec

CODED = "self-monitoring"
DETAIL = "self_monitoring"
LEVEL = "level"


def with_own_meters(spec: ServiceSpec, records: Records, register: Register) -> Register:
    """The register with the level that is paid: that of self-monitoring from its code or register detail on.

    A code counts as `self_monitoring` = yes from its date, so that the check of the patient's meter falls due too.
    """
    coded: dict[str, tuple[Activity, ...]] = {}
    for activity in records.activity(CODED):
        coded[activity.nhs_number] = (*coded.get(activity.nhs_number, ()), activity)
    level = str(spec.setting(f"{DETAIL}_{LEVEL}", records.as_of))
    return Register(
        entries=tuple(
            refined(entry, coded.get(entry.nhs_number, ()), level, records.as_of) for entry in register.entries
        )
    )


def refined(entry: RegisterEntry, coded: tuple[Activity, ...], level: str, as_of: date) -> RegisterEntry:
    """One entry with its levels over time. What the practice wrote on the day of a code overrides the code.

    A patient who stops (`self_monitoring` = no) goes back to the level recorded, or keeps level 3 if none is.
    """
    own = [one for one in coded if entry.ended_on is None or one.day <= entry.ended_on]
    written = [*((one.day, DETAIL, True) for one in own), *entry.history]
    if not any(name == DETAIL for _, name, _ in written):
        return entry
    history = []
    recorded = None
    tests_alone = False
    for start, name, value in sorted(written, key=lambda one: one[0]):
        if name != LEVEL:
            history.append((start, name, value))
        if name == DETAIL:
            tests_alone = value is True
        elif name == LEVEL:
            recorded = value
        held = level if tests_alone else recorded
        if name in (DETAIL, LEVEL) and held is not None:
            history.append((start, LEVEL, held))
    details = {name: value for start, name, value in history if start <= as_of}
    first = tuple(one.evidence for one in own[:1] if one.evidence not in entry.evidence)
    return replace(
        entry,
        history=tuple(history),
        details=tuple(sorted(details.items())),
        missing=tuple(name for name in entry.missing if name not in details),
        evidence=(*entry.evidence, *first),
    )
