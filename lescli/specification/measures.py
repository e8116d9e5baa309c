"""Reads the `[[measure]]` tables of a service.toml, and finds faults that its schema cannot see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..model import MeasureSpec
from .clocks import faults_of_limits, limits_in

Data = Mapping[str, Any]
NETWORKS = "networks"


def measures_of(data: Data) -> tuple[MeasureSpec, ...]:
    """The `[[measure]]` tables of a file, in its order."""
    return tuple(
        MeasureSpec(
            id=row["id"],
            title=row["title"],
            kind=row["kind"],
            clause=row["clause"],
            unit=row.get("unit", ""),
            of=row.get("of", ""),
            by=row.get("by", ""),
            bands=tuple(row.get("bands", ())),
            codelists=_names(row.get("codelist", ())),
            detail=row.get("detail", ""),
            value=row.get("value", ""),
            months=row.get("months"),
            limits=limits_in(row),
            value_unit=row.get("value_unit", ""),
            only_if=tuple(row.get("only_if", {}).items()),
        )
        for row in data.get("measure", ())
    )


def _names(given: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def faults_of_measures(data: Data) -> Iterator[str]:
    """Limits that contradict, splits by a detail or network that does not exist, and age bands out of order."""
    details = {field["name"] for field in data["register"].get("detail", ())}
    for number, row in enumerate(data.get("measure", ()), start=1):
        place, by = f"measure[{number}]", row.get("by", "")
        if row["kind"] == "latest-value":
            yield from faults_of_limits(place, row)
        if by.startswith("detail:") and by.partition(":")[2] not in details:
            yield f"{place}.by: there is no register detail `{by.partition(':')[2]}`; add a [[register.detail]] of it"
        if by == "network" and NETWORKS not in data.get("settings", {}):
            yield (
                f"{place}.by: the practices of each network are not said; add [settings.{NETWORKS}] with a list of "
                'each practice and its network, as in value = ["Y00001 North"]'
            )
        bands = row.get("bands", [])
        if bands and by != "age":
            yield f'{place}.bands: bands are of ages; write by = "age", or leave the bands out'
        if bands != sorted(set(bands)):
            yield f"{place}.bands: write each first age once, the youngest first"
