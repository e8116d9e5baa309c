"""Reads `[register]` of a service.toml, and finds the faults of its details."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..model import DetailField, Plausible, RegisterSpec

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
    if "range" not in field:
        return
    if field["type"] not in ("integer", "number"):
        told = "only a number has a range"
        yield f"{place}.range: {told}; {field['name']} is of type {field['type']}, leave it out"
    least, most = field["range"].get("least"), field["range"].get("most")
    if least is not None and most is not None and least > most:
        yield f"{place}.range: least is above most"
