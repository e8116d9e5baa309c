"""`les quarantine`: the rows that wait for a person, by reason or one by one."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from ..outputs import Answer, Column, Grid, Kind
from ..store import Store


def quarantine_answer(store: Store, *, rows: bool) -> Answer:
    """Open quarantine by reason with counts; with `rows` each row with its text as it stood."""
    kept = store.rows(
        "SELECT f.name, q.line, q.reasons, q.raw FROM quarantine q JOIN import_file f ON f.id = q.import_file_id"
        " WHERE q.settled_by IS NULL ORDER BY f.id, q.line, q.id"
    )
    counts = Counter(reason for row in kept for reason in json.loads(row[2]))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    by_reason = Grid(
        title="By reason",
        columns=(Column("reason", "Reason"), Column("count", "Rows", Kind.COUNT)),
        rows=tuple(ordered),
        empty="nothing is in quarantine",
    )
    one_by_one = Grid(
        title="Rows",
        columns=(
            Column("file", "File"),
            Column("line", "Line", Kind.COUNT),
            Column("reasons", "Why"),
            Column("raw", "As it stood", Kind.CODE),
        ),
        rows=tuple((name, line, "; ".join(json.loads(reasons)), raw) for name, line, reasons, raw in kept),
        empty="nothing is in quarantine",
    )
    data: dict[str, Any] = {
        "schema": "les-quarantine/1",
        "reasons": [{"reason": reason, "count": count} for reason, count in ordered],
    }
    if rows:
        data["rows"] = [
            {"file": name, "line": line, "reasons": json.loads(reasons), "raw": raw}
            for name, line, reasons, raw in kept
        ]
    return Answer(
        data=data,
        title=f"Quarantine: {len(kept)} rows",
        grids=(one_by_one, by_reason) if rows else (by_reason,),
        identifiable=rows,
        # Whose a row is that could not be read nobody knows: at most one patient each.
        patients=len(kept) if rows else None,
    )
