"""Compares the commissioner's file with our claim, and answers with every difference and what to send."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ...calendar import ClaimPeriod
from ...errors import LesError
from ...outputs import Answer, Column, Grid, Kind, counted, pounds
from ...services import Service
from ...store import Store
from .by_counts import differences_by_counts
from .by_rows import differences_by_rows
from .our_side import OurSide
from .reasons import Difference
from .their_side import TheirSide, read_theirs

_TABLE = (
    Column("item", "Item"),
    Column("theirs", "Theirs", Kind.COUNT),
    Column("ours", "Ours", Kind.COUNT),
    Column("rows", "Differ", Kind.COUNT),
    Column("difference", "Theirs less ours", Kind.COUNT),
    Column("difference_pence", "In money", Kind.PENCE),
    Column("claimed_pence", "Claimed for them", Kind.PENCE),
    Column("reason", "Why"),
    Column("fix", "What to do"),
)
_WHO = (
    Column("nhs_number", "NHS number", Kind.CODE),
    Column("date", "Date", Kind.DATE),
    Column("item", "Item"),
    Column("side", "Whose"),
    Column("row", "Row of our claim", Kind.COUNT),
    Column("reason", "Why"),
    Column("fix", "What to do"),
)


def reconcile(store: Store, service: Service, month: ClaimPeriod, path: Path, as_of: date, *, rows: bool) -> Answer:
    """Their file against our claim: the submitted one, or the preview while none is submitted.

    LesError names every fault of the file with its line. The differences add up to theirs less ours, item by item, in
    number and, where their file gives every amount of an item, in money.
    """
    ours = OurSide.of(store, service, month, as_of)
    theirs = read_theirs(path, ours)
    if theirs.has_rows:
        differences, items = differences_by_rows(ours, theirs)
    else:
        differences, items = differences_by_counts(ours, theirs), [line.item for line in theirs.lines]
    return _answer(ours, theirs, differences, items, rows=rows)


def _answer(
    ours: OurSide, theirs: TheirSide, differences: Sequence[Difference], items: Sequence[str], *, rows: bool
) -> Answer:
    quantity, pence = len(ours.claimed), sum(row.pence or 0 for row in ours.claimed)
    data: dict[str, Any] = {
        "schema": "les-reconcile/1",
        "service": ours.spec.name,
        "month": str(ours.month),
        "theirs": {"quantity": theirs.quantity, "amount_pence": theirs.pence},
        "ours": {"quantity": quantity, "amount_pence": pence},
        "status": ours.status,
        "claim_id": ours.claim_id or None,
        "differences": [one.data for one in differences],
    }
    listed = [
        (who.nhs_number, who.date, one.item, who.side, who.row, one.reason, one.fix)
        for one in differences
        for who in one.who
    ]
    if rows:
        names = [column.name for column in _WHO]
        data["rows"] = [{**dict(zip(names, one, strict=True)), "date": one[1].isoformat()} for one in listed]
    shown = tuple(tuple(one.data[column.name] for column in _TABLE) for one in differences)
    grids = [Grid(title="Differences", columns=_TABLE, rows=shown, empty="no difference")]
    if rows:
        grids.insert(0, Grid(title="Rows that differ", columns=_WHO, rows=tuple(listed), empty="no row is known"))
    state = f"claim {ours.claim_id}" if ours.claim_id else "a preview: nothing is submitted"
    paid = "amount not given" if theirs.pence is None else pounds(theirs.pence)
    return Answer(
        data=data,
        title=f"{ours.spec.name} {ours.month}: theirs {theirs.quantity} ({paid}), ours {quantity} ({pounds(pence)}), "
        f"{state}",
        grids=tuple(grids),
        notes=tuple(_notes(ours, theirs, items)),
        identifiable=rows,
        patients=len({number for number, *_ in listed}) if rows else None,
    )


def _notes(ours: OurSide, theirs: TheirSide, items: Sequence[str]) -> Iterator[str]:
    less = theirs.quantity - len(ours.claimed)
    side = "more" if less > 0 else "fewer"
    yield (
        f"they have {counted(abs(less), 'activity', 'activities')} {side} than we"
        if less
        else "both have the same number of activities"
    )
    if not theirs.has_amounts:
        yield "their file gives no amounts, so no money is compared"
    else:
        for item, lacking in sorted(theirs.lines_without_amount(items).items()):
            named, of = item or "rows without an item", counted(items.count(item), "line")
            yield f"{named}: {lacking:,} of {of} without an amount, so its money is not compared"
    if ours.taken_back:
        yield f"{counted(ours.taken_back, 'row')} of {ours.claim_id} taken back since: not counted as ours"
    if ours.withdrawn and not ours.claim_id:
        yield f"{' and '.join(ours.withdrawn)} withdrawn, and nothing is submitted in its place"


def check_file(path: Path) -> None:
    """Refuse a file that is not there, before the claim is worked out."""
    if not path.is_file():
        raise LesError("the file of the commissioner does not exist", "check its name")
