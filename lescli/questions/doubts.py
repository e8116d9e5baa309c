"""`les patients doubts`: facts of patients that the newest extract no longer states, and deaths without a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any

from ..calendar import for_people
from ..errors import UsageError
from ..outputs import Answer, Column, Grid, Kind, counted
from ..store import Store
from ..store.doubted import ASIDE, ENTRY, STATED, WITHDRAWN, Doubt, doubts, settle, settle_entries, undated_deaths
from ..store.ledger_read import LedgerRow, standing_rows
from ..store.rows import each_number
from ..store.words import FACTS

UNDATED = "day-of-death"
MARKS = {
    "died": "death no longer stated",
    "left": "departure no longer stated",
    "registration": "type of registration no longer stated",
    "practice": "other practice no longer stated",
    "housebound": "housebound no longer stated",
    ENTRY: "not in the newest export of that period",
    ASIDE: "put aside in the newest export",
    UNDATED: "day of the death not recorded",
}
"""What a list says beside a patient, by the fact in doubt."""

_CALLED = ("died", "left", "registration", "practice")
"""The doubts that say why somebody is on a list at all."""

_COLUMNS = (
    Column("nhs_number", "NHS number", Kind.CODE),
    Column("name", "Name"),
    Column("fact", "Fact"),
    Column("doubt", "Doubt"),
    Column("held", "Stated before"),
    Column("claimed", "Claimed"),
    Column("said_by", "In the file"),
    Column("silent_by", "No longer in"),
)
_SETTLED = (
    Column("settled_as", "Settled as"),
    Column("died_on", "Died on", Kind.DATE),
    Column("settled_on", "On", Kind.DATE),
    Column("by", "By"),
    Column("reason", "Because"),
)


def mark_of(facts: Collection[str]) -> str:
    """What stands beside a patient on a recall list; "" where nothing is in doubt that keeps them on it."""
    return "; ".join(MARKS[fact] for fact in _CALLED if fact in facts)


def doubts_answer(store: Store, as_of: date, *, settled: bool) -> Answer:
    """Every open doubt with its patient, or those that were settled, with who did it and why."""
    names = {one.nhs_number: one.name for one in each_number(store)}
    claimed = {one.entry: f"{row.claim_id} row {row.row}" for row, one in _claimed(store)}
    rows = [_row(one, names, claimed) for one in doubts(store) if one.is_open is not settled]
    rows.sort(key=lambda row: not row["claimed"])
    if not settled:
        numbers = dict(store.rows("SELECT id, nhs_number FROM patient"))
        rows += [
            {**_blank(numbers[patient], names), "fact": "died", "doubt": MARKS[UNDATED], "held": held}
            for patient, held in undated_deaths(store).items()
        ]
    columns = (*_COLUMNS, *_SETTLED) if settled else _COLUMNS
    empty = "nothing was settled" if settled else "nothing is in doubt"
    shown = tuple(tuple(_cell(column, row[column.name]) for column in columns) for row in rows)
    grid = Grid(title="", columns=columns, rows=shown, empty=empty)
    notes = () if settled or not rows else (_HOW,)
    what = counted(len(rows), "fact")
    return Answer(
        data={"schema": "les-doubts/1", "as_of": as_of.isoformat(), "settled": settled, "doubts": rows},
        title=f"{'Settled' if settled else 'In doubt'} on {for_people(as_of)}: {what}",
        grids=(grid,),
        notes=notes,
        identifiable=True,
        patients=len({row["nhs_number"] for row in rows}),
    )


_HOW = (
    "look at the record, then say what is true: `les patients settle NHS --fact FACT --as stated --reason TEXT`,"
    " or `--as withdrawn`"
)


def _blank(nhs_number: str, names: dict[str, str]) -> dict[str, Any]:
    return {
        "nhs_number": nhs_number,
        "name": names[nhs_number],
        **dict.fromkeys(("fact", "doubt", "held", "claimed", "said_by", "silent_by"), ""),
        "settled_as": None,
        "died_on": None,
        "settled_on": None,
        "by": "",
        "reason": "",
    }


def _row(one: Doubt, names: dict[str, str], claimed: dict[int, str]) -> dict[str, Any]:
    return {
        **_blank(one.nhs_number, names),
        "fact": one.fact,
        "doubt": MARKS[one.fact],
        "held": one.held,
        "claimed": claimed.get(one.entry, ""),
        "said_by": one.said_by,
        "silent_by": one.silent_by,
        "settled_as": one.how or None,
        "died_on": one.died_on or None,
        "settled_on": one.on or None,
        "by": one.by,
        "reason": one.why,
    }


def _cell(column: Column, value: object) -> object:
    return date.fromisoformat(value) if column.kind is Kind.DATE and isinstance(value, str) else value


def _claimed(store: Store) -> list[tuple[LedgerRow, Doubt]]:
    """The standing claimed rows that rest on an entry in doubt."""
    wanted = {f"activity:{one.entry}": one for one in doubts(store) if one.entry and one.is_open}
    rows = standing_rows(store) if wanted else ()
    return [(row, wanted[evidence]) for row in rows for evidence in row.evidence if evidence in wanted]


def rows_in_doubt(store: Store) -> list[dict[str, Any]]:
    """Claimed rows whose entry the newest export should hold and does not: to be looked at, and nothing to reverse."""
    return [
        {
            "service": row.service,
            "claim_id": row.claim_id,
            "row": row.row,
            "item": row.item,
            "amount_pence": row.amount_pence,
            "reason": MARKS[one.fact],
            "file": one.silent_by,
        }
        for row, one in _claimed(store)
    ]


def open_facts(store: Store) -> list[dict[str, Any]]:
    """For `les status`: how many patients each doubt concerns; it names none of them."""
    counts = Counter(one.fact for one in doubts(store) if one.is_open)
    if undated := len(undated_deaths(store)):
        counts[UNDATED] = undated
    return [{"fact": fact, "title": MARKS[fact], "count": counts[fact]} for fact in MARKS if counts[fact]]


def settle_fact(
    store: Store,
    nhs_number: str,
    fact: str,
    *,
    as_: str,
    died_on: date | None,
    day: date | None,
    on: date,
    by: str,
    why: str,
) -> str:
    """Write what a person found in the record; one line about it, without the patient. Call it in a transaction.

    Raises UsageError for a fact or an answer that there is not, and LesError when nothing is in doubt.
    """
    if fact not in (*FACTS, ENTRY):
        raise UsageError("--fact: there is no such fact", f"it is one of {', '.join((*FACTS, ENTRY))}")
    if as_ not in (STATED, WITHDRAWN):
        raise UsageError("--as: that is no answer", f"it is {STATED} (it is true) or {WITHDRAWN} (it never was)")
    if died_on and (fact != "died" or as_ != STATED):
        raise UsageError("--died-on goes with --fact died --as stated")
    if (day is not None) is not (fact == ENTRY):
        raise UsageError("--fact entry needs --day DATE, and no other fact does", "the day of the entry")
    if day is not None:
        count = settle_entries(store, nhs_number, day, how=as_, on=on, by=by, why=why)
        told = "stands" if as_ == STATED else "is withdrawn"
        return f"entry: settled, {counted(count, 'entry', 'entries')}: it {told}"
    settle(store, nhs_number, fact, how=as_, died_on=died_on, on=on, by=by, why=why)
    told = "holds as it was stated" if as_ == STATED else "is taken as never stated"
    return f"{fact}: settled, it {told}"
