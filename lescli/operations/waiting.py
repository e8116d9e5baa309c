"""Reports quarantined rows that hold a service's codes, so that no work is missed without a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from ..calendar import Month, for_people
from ..model import ServiceSpec
from ..outputs import counted
from ..store import Store
from ..store.quarantine.waiting import WaitingRow, of_codes, waiting_rows
from .claim.preview import ClaimAnswer

_SHOW = "`les quarantine --rows` shows them"
_MOST_DAYS = 3


def waiting_of(spec: ServiceSpec, rows: Iterable[WaitingRow], until: date | None = None) -> tuple[WaitingRow, ...]:
    """The rows with a code of any list of the service. `until` leaves out rows that are clearly of a later day."""
    return of_codes(rows, frozenset(code for codelist in spec.codelists for code in codelist.all_codes()), until)


def waiting_data(rows: Sequence[WaitingRow]) -> dict[str, Any]:
    """The object `quarantine` of docs/reference/json.md. It names no patient."""
    return {
        "rows": len(rows),
        "days": [day.isoformat() for day in _days(rows)],
        "without_day": sum(row.day is None for row in rows),
        "reasons": [{"reason": reason, "count": count} for reason, count in _reasons(rows)],
    }


def waiting_lines(spec: ServiceSpec, rows: Sequence[WaitingRow]) -> tuple[str, ...]:
    """One line with the number of rows, their days, their reasons and the command to show them. None without rows."""
    if not rows:
        return ()
    many = counted(len(rows), "row with its codes waits", "rows with its codes wait")
    counts = "is counted" if len(rows) == 1 else "are counted"
    return (f"{spec.name}: {many} in quarantine{_of_days(rows)} and {counts} nowhere: {_because(rows)}; {_SHOW}",)


def _of_days(rows: Sequence[WaitingRow]) -> str:
    days = _days(rows)
    if not days:
        return ""
    undated = sum(row.day is None for row in rows)
    also = f" and {undated} without a day" if undated else ""
    if len(days) > _MOST_DAYS:
        return f" (from {for_people(days[0])} to {for_people(days[-1])}{also})"
    return f" ({', '.join(map(for_people, days))}{also})"


def _days(rows: Iterable[WaitingRow]) -> list[date]:
    return sorted({row.day for row in rows if row.day})


def _reasons(rows: Iterable[WaitingRow]) -> list[tuple[str, int]]:
    found = Counter(reason for row in rows for reason in row.reasons)
    return sorted(found.items(), key=lambda each: (-each[1], each[0]))


def _because(rows: Iterable[WaitingRow]) -> str:
    return ", ".join(f"{count} × {reason.partition(';')[0]}" for reason, count in _reasons(rows))


def claims_with_waiting(
    store: Store, specs: Mapping[str, ServiceSpec], month: Month, answers: Iterable[ClaimAnswer]
) -> list[ClaimAnswer]:
    """The answers, each with its service's quarantined rows up to the end of the month. No claim counts those rows."""
    rows = waiting_rows(store)
    told = []
    for answer in answers:
        spec = specs[answer.service]
        waits = waiting_of(spec, rows, month.last)
        if waits:
            lines = waiting_lines(spec, waits)
            data = {**answer.data, "quarantine": waiting_data(waits)}
            if data["status"] == "preview":
                data["warnings"] = [*data.get("warnings", ()), *lines]
            answer = replace(answer, data=data, warnings=(*answer.warnings, *lines))
        told.append(answer)
    return told


def status_waiting(specs: Iterable[ServiceSpec], rows: Sequence[WaitingRow]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What the status says of the quarantine: all rows, the rows without a known code, and each service's rows."""
    services: list[dict[str, Any]] = []
    lines: list[str] = []
    for spec in specs:
        if waits := waiting_of(spec, rows):
            services.append({"service": spec.name, **waiting_data(waits)})
            lines += waiting_lines(spec, waits)
    unknown = [row for row in rows if not row.codes]
    if unknown:
        many = counted(len(unknown), "row of no known code waits", "rows of no known code wait")
        lines.append(f"{many} in quarantine: {_because(unknown)}; {_SHOW}")
    return {"rows": len(rows), "no_known_code": len(unknown), "services": services}, tuple(lines)


def waiting_of_number(rows: Iterable[WaitingRow], nhs_number: str) -> tuple[WaitingRow, ...]:
    """The quarantined rows of one patient."""
    return tuple(row for row in rows if row.number == nhs_number)
