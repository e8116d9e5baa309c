"""Reads `[payment]` and `[[evidence]]` of a service.toml: when a claim is paid, and what its rows must then show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ..model import EvidenceField, PaymentTerm

Data = Mapping[str, Any]

ENTRY_PARTS = ("date", "code", "term", "value", "unit", "consultation_type", "clinician", "done_at", "recorded_on")
"""The parts of a coded entry that evidence of kind `entry` can name."""
_NEEDS_OF = {"entry": "part of an entry", "detail": "register detail", "latest": "code list"}


def evidence_of(data: Data) -> tuple[EvidenceField, ...]:
    """The `[[evidence]]` tables of a file, in its order."""
    return tuple(
        EvidenceField(
            name=row["name"],
            title=row["title"],
            kind=row["kind"],
            clause=row["clause"],
            of=row.get("of", ""),
            items=tuple(row.get("items", ())),
            required=row.get("required", True),
            start=_day(row, "from"),
            end=_day(row, "until"),
        )
        for row in data.get("evidence", ())
    )


def _day(row: Data, key: str) -> date | None:
    return date.fromisoformat(row[key]) if key in row else None


def payment_of(data: Data) -> PaymentTerm | None:
    """The `[payment]` table of a file; None when it has none."""
    if "payment" not in data:
        return None
    row = data["payment"]
    return PaymentTerm(every=row["every"], clause=row["clause"], within_days=row.get("within_days", 0))


def faults_of_evidence(data: Data, lists: set[str], details: set[str], items: set[str]) -> Iterator[str]:
    """Faults of evidence: names that refer to nothing, days in the wrong order, and names used twice."""
    names: set[str] = set()
    known = {"entry": set(ENTRY_PARTS), "detail": details, "latest": lists}
    for number, row in enumerate(data.get("evidence", ()), start=1):
        place, kind, of = f"evidence[{number}]", row["kind"], row.get("of", "")
        if kind in known and of not in known[kind]:
            yield f"{place}.of: there is no {_NEEDS_OF[kind]} `{of}`"
        if kind == "accreditation" and not of:
            yield f"{place}.of: name the kind of accreditation"
        yield from (f"{place}.items: there is no item `{item}`" for item in row.get("items", ()) if item not in items)
        if row.get("from", "") > row.get("until", "9999"):
            yield f"{place}.until: it is before `from`"
        if row["name"] in names:
            yield f"{place}.name: the name `{row['name']}` is used twice"
        names.add(row["name"])
