"""Rows in quarantine: shown by reason or one by one, and counted where they hold a service's codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from ..calendar import for_people
from ..model import ServiceSpec
from ..outputs import Answer, Column, Grid, Kind, counted
from ..store import Store
from ..store.quarantine.manual import OpenRow, SettledRow, open_rows, settled_rows
from ..store.quarantine.waiting import WaitingRow, of_codes, waiting_rows
from .claim.preview import ClaimAnswer
from .status_note import Cure, Note

_SHOW = "; `les quarantine --rows` shows them"
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
    return (_waits(spec, rows).line,) if rows else ()


def _waits(spec: ServiceSpec, rows: Sequence[WaitingRow]) -> Note:
    many = counted(len(rows), "row with its codes waits", "rows with its codes wait")
    counts = "is counted" if len(rows) == 1 else "are counted"
    text = f"{many} in quarantine{_of_days(rows)} and {counts} nowhere: {_because(rows)}"
    return Note(service=spec.name, text=text, cure=Cure.SHOW, end=_SHOW)


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


def _reasons(rows: Iterable[WaitingRow | OpenRow | SettledRow]) -> list[tuple[str, int]]:
    """The reasons of the rows with their numbers, the most frequent first."""
    found = Counter(reason for row in rows for reason in row.reasons)
    return sorted(found.items(), key=lambda each: (-each[1], each[0]))


def _because(rows: Iterable[WaitingRow]) -> str:
    return ", ".join(f"{count} × {reason.partition(';')[0]}" for reason, count in _reasons(rows))


def claims_with_waiting(
    store: Store, until: Mapping[str, tuple[ServiceSpec, date]], answers: Iterable[ClaimAnswer]
) -> list[ClaimAnswer]:
    """The answers, each with its service's quarantined rows up to a day, the last of its claim.

    No claim counts those rows.
    """
    rows = waiting_rows(store)
    told = []
    for answer in answers:
        spec, last = until[answer.service]
        waits = waiting_of(spec, rows, last)
        if waits:
            lines = waiting_lines(spec, waits)
            data = {**answer.data, "quarantine": waiting_data(waits)}
            if data["status"] == "preview":
                data["warnings"] = [*data.get("warnings", ()), *lines]
            answer = replace(answer, data=data, warnings=(*answer.warnings, *lines))
        told.append(answer)
    return told


def status_waiting(specs: Iterable[ServiceSpec], rows: Sequence[WaitingRow]) -> tuple[dict[str, Any], list[Note]]:
    """What the status says of the quarantine: all rows, the rows without a known code, and each service's rows."""
    services: list[dict[str, Any]] = []
    notes: list[Note] = []
    for spec in specs:
        if waits := waiting_of(spec, rows):
            services.append({"service": spec.name, **waiting_data(waits)})
            notes.append(_waits(spec, waits))
    unknown = [row for row in rows if not row.codes]
    if unknown:
        many = counted(len(unknown), "row of no known code waits", "rows of no known code wait")
        notes.append(Note(text=f"{many} in quarantine: {_because(unknown)}", cure=Cure.SHOW, end=_SHOW))
    return {"rows": len(rows), "no_known_code": len(unknown), "services": services}, notes


def waiting_of_number(rows: Iterable[WaitingRow], nhs_number: str) -> tuple[WaitingRow, ...]:
    """The quarantined rows of one patient."""
    return tuple(row for row in rows if row.number == nhs_number)


_LONGEST_RAW = 1000
"""The most characters of a row that a table shows. JSON has all of them."""

PATIENT, ENTRY, EXPORT = "the patient's details", "the coded entry", "the export"
_MEND = {
    "row": EXPORT,
    **dict.fromkeys(("nhs_number", "family_name", "given_name", "date_of_birth", "sex", "housebound"), PATIENT),
    **dict.fromkeys(
        ("registered_practice", "registration", "registered_on", "left_on", "died_on", "deceased"), PATIENT
    ),
}
HOW = {
    "taken-in": "taken in once its patient was described",
    "corrected": "corrected",
    "sent-again": "sent again in a newer file",
    "closed": "closed",
}
"""How a row was settled, in words."""


def mend_where(reason: str) -> str:
    """Where to mend the fault: in the patient's details, in the coded entry or in the export."""
    return _MEND.get(reason.partition(":")[0], ENTRY)


def quarantine_answer(store: Store, *, rows: bool, reason: str = "", file: str = "") -> Answer:
    """Open rows counted by reason. With `rows`, also each row with its original text, similar rows together.

    `reason` and `file` keep only rows with that text in a reason and in the file name.
    """
    kept = [row for row in open_rows(store) if _wanted(row, reason, file)]
    ordered = _reasons(kept)
    place = {each: at for at, (each, _) in enumerate(ordered)}
    # Put rows with the most common reason first, so that one look at the record may mend many.
    kept.sort(key=lambda row: min(place[each] for each in row.reasons))
    data: dict[str, Any] = {
        "schema": "les-quarantine/1",
        "count": len(kept),
        "reasons": _reasons_data(ordered),
    }
    grids: tuple[Grid, ...] = (_by_reason(ordered),)
    if rows:
        data["rows"] = [
            {"number": row.number, "file": row.file, "line": row.line, "reasons": list(row.reasons), "raw": row.raw}
            for row in kept
        ]
        grids = (_one_by_one(kept), *grids)
    return Answer(
        data=data,
        title=f"Quarantine: {counted(len(kept), 'row')}",
        grids=grids,
        identifiable=rows,
        # An unreadable row may be anybody's, so count one patient for each row.
        patients=len(kept) if rows else None,
    )


def settled_answer(store: Store, *, rows: bool, reason: str = "", file: str = "") -> Answer:
    """Settled rows and how each was settled. With `rows`, also each row's original text."""
    settled = [row for row in settled_rows(store) if _wanted(row, reason, file)]
    columns = [
        Column("number", "No.", Kind.COUNT),
        Column("file", "File"),
        Column("line", "Line", Kind.COUNT),
        Column("how", "How"),
        Column("by_file", "By the file"),
        Column("sent_as", "As No.", Kind.COUNT),
        Column("on", "On", Kind.DATE),
        Column("by", "By"),
        Column("why", "Because"),
        Column("reasons", "What was wrong"),
    ]
    listed: list[tuple[object, ...]] = [
        (
            *(row.number, row.file, row.line, HOW[row.how], row.by_file, row.sent_as, row.on, row.by, row.why),
            "; ".join(row.reasons),
        )
        for row in settled
    ]
    if rows:
        columns.append(Column("raw", "Original text", Kind.CODE))
        listed = [(*shown, _shortened(row.raw)) for shown, row in zip(listed, settled, strict=True)]
    data = {
        "schema": "les-quarantine/1",
        "count": len(settled),
        "reasons": _reasons_data(_reasons(settled)),
        "settled": [_settled_data(row, rows) for row in settled],
    }
    grid = Grid(title="Settled", columns=tuple(columns), rows=tuple(listed), empty="nothing has come off the list")
    return Answer(
        data=data,
        title=f"Off the quarantine list: {counted(len(settled), 'row')}",
        grids=(grid,),
        identifiable=rows,
        patients=len(settled) if rows else None,
    )


def _settled_data(row: SettledRow, with_raw: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "number": row.number,
        "file": row.file,
        "line": row.line,
        "reasons": list(row.reasons),
        "how": row.how,
        "by_file": row.by_file or None,
        "sent_as": row.sent_as,
        "on": row.on,
        "by": row.by or None,
        "why": row.why or None,
    }
    return {**data, "raw": row.raw} if with_raw else data


def _wanted(row: OpenRow | SettledRow, reason: str, file: str) -> bool:
    return file.casefold() in row.file.casefold() and any(reason.casefold() in each.casefold() for each in row.reasons)


def _reasons_data(ordered: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"reason": reason, "count": count, "mend": mend_where(reason)} for reason, count in ordered]


def _by_reason(ordered: Sequence[tuple[str, int]]) -> Grid:
    return Grid(
        title="By reason",
        columns=(
            Column("reason", "Reason"),
            Column("count", "Rows", Kind.COUNT),
            Column("mend", "Mend in"),
        ),
        rows=tuple((reason, count, mend_where(reason)) for reason, count in ordered),
        empty="nothing is in quarantine",
    )


def _one_by_one(kept: Iterable[OpenRow]) -> Grid:
    return Grid(
        title="Rows",
        columns=(
            Column("number", "No.", Kind.COUNT),
            Column("file", "File"),
            Column("line", "Line", Kind.COUNT),
            Column("reasons", "Why"),
            Column("mend", "Mend in"),
            Column("raw", "Original text", Kind.CODE),
        ),
        rows=tuple(
            (
                *(row.number, row.file, row.line, "; ".join(row.reasons)),
                "; ".join(dict.fromkeys(map(mend_where, row.reasons))),
                _shortened(row.raw),
            )
            for row in kept
        ),
        empty="nothing is in quarantine",
    )


def _shortened(raw: str) -> str:
    return raw if len(raw) <= _LONGEST_RAW else f"{raw[:_LONGEST_RAW]}…"
