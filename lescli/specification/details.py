"""Reads `[register]`, `[payment]`, `[networks]`, `[[evidence]]`, `[[duty]]` and `[[message]]`, and finds faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ..model import DetailField, Duty, EvidenceField, NetworkPage, PaymentTerm, Plausible, RegisterSpec, Wording
from .messages import STAGES, fault_of_message

Data = Mapping[str, Any]


def register_of(data: Data) -> RegisterSpec:
    """The `[register]` table with its `[[register.detail]]` tables."""
    return RegisterSpec(
        rule=data["rule"],
        clause=data["clause"],
        find_by=tuple(data.get("find_by", ())),
        details=tuple(
            DetailField(
                name=field["name"],
                title=field["title"],
                type=field["type"],
                clause=field["clause"],
                required=field["required"],
                choices=tuple(field.get("choices", ())),
                past=field.get("past", False),
                range=_range(field["range"]) if "range" in field else None,
            )
            for field in data.get("detail", ())
        ),
    )


def _range(data: Data) -> Plausible:
    return Plausible(least=data.get("least"), most=data.get("most"), clause=data["clause"])


def faults_of_detail(place: str, field: Data) -> Iterator[str]:
    """Faults of a detail: `past` or `range` on a type that it does not fit, and a range the wrong way round."""
    if field.get("past") and field["type"] != "date":
        yield f"{place}.past: only a date can be past; {field['name']} is of type {field['type']}, leave it out"
    if "choices" in field and field["type"] != "choice":
        yield f'{place}.choices: {field["name"]} is of type {field["type"]}; leave them out, or write type = "choice"'
    if "range" not in field:
        return
    if field["type"] not in ("integer", "number"):
        told = "only a number has a range"
        yield f"{place}.range: {told}; {field['name']} is of type {field['type']}, leave it out"
    least, most = field["range"].get("least"), field["range"].get("most")
    if least is not None and most is not None and least > most:
        yield f"{place}.range: least is above most"


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


def faults_of_evidence(data: Data) -> Iterator[str]:
    """Faults of evidence: days in the wrong order."""
    for number, row in enumerate(data.get("evidence", ()), start=1):
        if row.get("from", "") > row.get("until", "9999"):
            yield f"evidence[{number}].until: it is before `from`"


def duties_of(data: Data) -> tuple[Duty, ...]:
    """The `[[duty]]` tables of a file, in its order."""
    return tuple(
        Duty(
            name=row["name"],
            title=row["title"],
            clause=row["clause"],
            evidence=row["evidence"],
            every_months=row.get("every_months"),
            interval_setting=row.get("interval_setting", ""),
        )
        for row in data.get("duty", ())
    )


def networks_of(data: Data) -> NetworkPage:
    """The `[networks]` table of a file; what counts every item when it has none."""
    row = data.get("networks", {})
    return NetworkPage(
        title=row.get("title", ""),
        items=tuple(row.get("items", ())),
        rate_of=row.get("rate_of", "list_size"),
        clause=row.get("clause", ""),
    )


def wordings_of(data: Data) -> tuple[Wording, ...]:
    """The `[[message]]` tables of a file, in its order."""
    return tuple(
        Wording(
            recall=row["recall"],
            what=row["what"],
            clause=row["clause"],
            texts=tuple((stage, row[stage]) for stage in STAGES if stage in row),
        )
        for row in data.get("message", ())
    )


def faults_of_wordings(data: Data) -> Iterator[str]:
    """Faults of messages: a text with a field that there is not, or with a brace that is not closed."""
    for number, row in enumerate(data.get("message", ()), start=1):
        for stage in STAGES:
            if stage in row and (fault := fault_of_message(row[stage])):
                yield f"message[{number}].{stage}: {fault}"
