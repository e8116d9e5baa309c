"""What is asked for and planned for one patient with the codes of a service, as `les explain` shows it."""

from __future__ import annotations

from typing import Any

from ...calendar import for_people
from ...model import Planned, Records, ServiceSpec


def planned_rows(spec: ServiceSpec, records: Records, nhs_number: str) -> list[dict[str, Any]]:
    """Each request and diary entry once, with every code list of the service it is in, by the day it was made."""
    found: dict[int, tuple[Planned, list[str]]] = {}
    for listed in spec.codelists:
        for one in records.planned(listed.name):
            if one.nhs_number == nhs_number:
                found.setdefault(one.id, (one, []))[1].append(listed.name)
    return [
        {
            "kind": _kind(one),
            "status": one.status,
            "asked_on": one.day.isoformat(),
            "planned_for": one.planned_on.isoformat() if one.planned_on else None,
            "codelists": codelists,
            "text": _text(one),
            "evidence": one.evidence,
        }
        for one, codelists in sorted(found.values(), key=lambda each: each[0].order)
    ]


def _kind(one: Planned) -> str:
    return "request" if one.is_request else "diary entry" if one.is_diary_entry else one.intent


def _text(one: Planned) -> str:
    parts = [
        one.term,
        one.value,
        one.status,
        f"asked for {for_people(one.day)}",
        f"planned for {for_people(one.planned_on)}" if one.planned_on else "",
    ]
    return ", ".join(part for part in parts if part)
