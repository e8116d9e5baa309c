"""How `les services diff` is shown: the changed terms with both clauses, the sums, and who gains or loses what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from ..amounts import plain_pounds
from ..model import ServiceSpec, in_force
from ..outputs import Answer, Column, Grid, Kind, counted, pounds
from ..specification.differences import TermChange

_CHANGES = (
    Column("path", "Term"),
    Column("old", "Old"),
    Column("new", "New"),
    Column("from", "From", Kind.DATE),
    Column("clause_old", "Old clause"),
    Column("clause_new", "New clause"),
    Column("affects", "Affects", Kind.COUNT),
)
_ITEMS = (
    Column("item", "Item"),
    Column("old_quantity", "Old number", Kind.COUNT),
    Column("new_quantity", "New number", Kind.COUNT),
    Column("old_pence", "Old", Kind.PENCE),
    Column("new_pence", "New", Kind.PENCE),
)
_ROWS = (
    Column("date", "Date", Kind.DATE),
    Column("item", "Item"),
    Column("verdict_old", "Old verdict"),
    Column("verdict_new", "New verdict"),
    Column("old_pence", "Old", Kind.PENCE),
    Column("new_pence", "New", Kind.PENCE),
    Column("reason", "Reason"),
    Column("terms", "By which term"),
)
_RECALLS = (
    Column("kind", "Recall"),
    Column("due_old", "Due, old", Kind.DATE),
    Column("due_new", "Due, new", Kind.DATE),
    Column("terms", "By which term"),
)
_NUMBER = Column("nhs_number", "NHS number", Kind.CODE)


def change_rows(
    old: ServiceSpec, changes: Iterable[TermChange], affects: Mapping[TermChange, int]
) -> list[dict[str, Any]]:
    """The changed terms by the field names of les-diff/1; `affects` has what each makes a difference to."""
    rows = []
    for one in changes:
        # A term that only the new file gives that day has an old value all the same: the one in force by then.
        held = (one.old, one.clause_old) if one.old else _in_force(old, one)
        rows.append(
            {
                "path": one.path,
                "old": held[0] or None,
                "new": one.new or None,
                "from": one.start.isoformat() if one.start else None,
                "clause_old": held[1] or None,
                "clause_new": one.clause_new or None,
                "affects": affects.get(one, 0),
            }
        )
    return rows


def _in_force(spec: ServiceSpec, change: TermChange) -> tuple[str, str]:
    """What the old specification has in force on the day of a term, with its clause; empty when it has nothing."""
    if change.start is None:
        return "", ""
    kind, _, name = change.path.rstrip("+-").partition(".")
    held = spec.on(change.start)
    for item in held.items:
        if kind == "price" and item.name == name and (price := item.price_on(change.start)):
            return plain_pounds(price.value.pence or 0), price.source
        if kind == "cap" and item.name == name:
            return str(item.cap or ""), item.cap_clause
    for codelist in held.codelists:
        if kind == "codes" and codelist.name == name and (codes := in_force(codelist.versions, change.start)):
            return ", ".join(map(str, codes.value)), codes.source
    for setting in held.settings:
        if kind == "setting" and setting.name == name and (value := in_force(setting.versions, change.start)):
            return str(value.value), value.source
    for rule in held.recalls:
        if kind == "interval" and rule.name == name:
            return str(rule.interval or ""), rule.clause
    submission = held.submission
    after = f"{submission.after[0]} {submission.after[1]}" if submission.after else ""
    known = {
        "window_months": (str(held.window_months or ""), held.window_clause),
        "deadline": (str(submission.day or submission.working_day or after), submission.clause),
    }
    return known.get(kind, ("", ""))


def diff_answer(
    names: tuple[str, str],
    changes: list[dict[str, Any]],
    impact: dict[str, Any] | None,
    wording: int,
    notes: Iterable[str],
    *,
    rows: bool = False,
) -> Answer:
    """The answer as JSON and tables; `wording` is how many texts differ that change no term."""
    title = f"{names[0]} to {names[1]}: {counted(len(changes), 'changed term')}"
    grids = [Grid(title="", columns=_CHANGES, rows=_cells(changes, _CHANGES), empty="no term differs")]
    if impact is not None:
        difference = impact["difference_pence"]
        sign = "more" if difference > 0 else "less"
        told = f"{pounds(abs(difference))} {sign}" if difference else "no difference"
        title += f", {told} ({pounds(impact['old_pence'])} to {pounds(impact['new_pence'])})"
        named = (_NUMBER,) if rows else ()
        grids += [
            Grid(title="By item", columns=_ITEMS, rows=_cells(impact["items"], _ITEMS), empty="nothing is claimed"),
            _listed("Entries that gain or lose", impact["rows_changed"], (*named, *_ROWS)),
            _listed("Recalls that move", impact["recalls_changed"], (*named, *_RECALLS)),
        ]
    also = (f"{counted(wording, 'text')} that only words a term or names a clause also differs",) if wording else ()
    return Answer(
        data={"schema": "les-diff/1", "old": names[0], "new": names[1], "changes": changes, "impact": impact},
        title=title,
        grids=tuple(grids),
        notes=(*notes, *also),
        identifiable=rows and impact is not None,
    )


def _listed(title: str, rows: list[dict[str, Any]], columns: tuple[Column, ...]) -> Grid:
    return Grid(title=title, columns=columns, rows=_cells(rows, columns), empty="none")


def _cells(rows: Iterable[Mapping[str, Any]], columns: tuple[Column, ...]) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(_cell(row[column.name], column) for column in columns) for row in rows)


def _cell(value: Any, column: Column) -> Any:
    if isinstance(value, list):
        return ", ".join(value)
    return date.fromisoformat(value) if column.kind is Kind.DATE and value else value or ""
