"""`les patients doubts`: facts of patients that the newest export no longer states, and deaths without a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ...calendar import for_people
from ...errors import UsageError
from ...outputs import Answer, Column, Grid, Kind, counted
from ...store import Store
from ...store.ledger.read import LedgerRow, standing_rows
from ...store.people.doubts import (
    ASIDE,
    ENTRY,
    STATED,
    UNDATED,
    WITHDRAWN,
    Doubt,
    deaths_without_day,
    doubts,
    settle,
    settle_entries,
    span,
    undated_deaths,
)
from ...store.people.statements import FACTS
from ...store.records.rows import each_number
from ..values import as_json

_FACTS = (*FACTS, UNDATED, ENTRY, ASIDE)
"""Every fact that `les patients settle --fact` accepts, which is every fact that the list shows."""

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
"""The mark that a list shows beside a patient, by the fact in doubt."""

MAY_BE_ONE = "may be one person under two NHS numbers"
"""The mark for two NHS numbers that may be one person's and that nobody has merged or told apart."""

_RECALL_DOUBTS = ("died", "left", "registration", "practice")
"""The doubts that decide whether a patient belongs on a recall list at all."""

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
_OPEN = (Column("fix", "Then type"),)
_SETTLED = (
    Column("settled_as", "Settled as"),
    Column("died_on", "Died on", Kind.DATE),
    Column("settled_on", "On", Kind.DATE),
    Column("by", "By"),
    Column("reason", "Because"),
)

DEATH_DAY = f"les patients settle NHS --fact {UNDATED} --died-on DATE --as stated --reason TEXT"
"""The command that gives the day of a death that no file states."""

_HOW = "look at the record, then say what is true; where it never was, `--as withdrawn` instead of `--as stated`"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtRow:
    """One fact in doubt and its patient, with the fields of docs/reference/json.md in their order."""

    nhs_number: str
    name: str
    fact: str
    doubt: str
    held: str
    claimed: str
    said_by: str
    silent_by: str
    settled_as: str | None
    died_on: date | None
    settled_on: date | None
    by: str
    reason: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedInDoubt:
    """One claimed row to look at before it is reversed, with the fields of docs/reference/json.md in their order."""

    service: str
    claim_id: str
    row: int
    item: str
    amount_pence: int
    reason: str
    file: str


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
    """Save a person's answer to a doubt and return one line without the patient. Call it in a transaction.

    Raises UsageError for an unknown fact or answer, and LesError when nothing is in doubt.
    """
    if fact not in _FACTS:
        raise UsageError("--fact: there is no such fact", f"it is one of {', '.join(_FACTS)}")
    if as_ not in (STATED, WITHDRAWN):
        raise UsageError("--as: that is no answer", f"it is {STATED} (it is true) or {WITHDRAWN} (it never was)")
    if died_on and (fact not in ("died", UNDATED) or as_ != STATED):
        raise UsageError(
            "--died-on goes with --as stated and --fact died or day-of-death", "give both, or leave --died-on out"
        )
    if fact in (ENTRY, ASIDE) and day is None:
        raise UsageError(f"--fact {fact} needs --day DATE", "the day of the entry, as `les patients doubts` lists it")
    if fact not in (ENTRY, ASIDE) and day is not None:
        raise UsageError("--day goes with --fact entry or entry-aside", "leave --day out")
    if day is not None:
        done = settle_entries(store, nhs_number, day, fact, how=as_, on=on, by=by, why=why)
        it = ("it stands", "they stand") if as_ == STATED else ("it is withdrawn", "they are withdrawn")
        told = f"{counted(done.count, 'entry', 'entries')} of {for_people(day)}, {it[done.count > 1]}"
    else:
        done = settle(store, nhs_number, fact, how=as_, died_on=died_on, on=on, by=by, why=why)
        told = "it is true as stated" if as_ == STATED else "it is treated as never stated"
        if died_on:
            told = f"the day of the death is {for_people(died_on)}, as you gave it"
        elif done.day_was:
            told += "; the day given for it is removed"
    again = "; this replaces an earlier answer" if done.replaced else ""
    return f"{fact}: settled, {told}{again}"


def mark_of(facts: Collection[str], *, may_be_one: bool = False) -> str:
    """The marks beside a patient on a recall list, or "" when none of the facts that keep them on it is in doubt."""
    marks = [MARKS[fact] for fact in _RECALL_DOUBTS if fact in facts]
    return "; ".join([*marks, MAY_BE_ONE] if may_be_one else marks)


def doubts_answer(store: Store, as_of: date, *, settled: bool) -> Answer:
    """Every open doubt with its patient, or every settled one with who settled it and why."""
    names = {one.nhs_number: one.name for one in each_number(store)}
    claimed = {one.entry: f"{row.claim_id} row {row.row}" for row, one in _claimed(store)}
    listed = [one for one in doubts(store) if one.is_open is not settled]
    rows = [_row(one, one.fact, names, claimed) for one in listed]
    rows.sort(key=lambda row: not row.claimed)
    told = {(one.patient, one.fact) for one in listed}
    undated = [one for one in deaths_without_day(store) if one.died_on] if settled else undated_deaths(store)
    more = [_row(one, UNDATED, names, claimed) for one in undated if not settled or (one.patient, one.fact) not in told]
    rows += more if settled else [_open(row) for row in more]
    columns = (*_COLUMNS, *(_SETTLED if settled else _OPEN))
    empty = "nothing was settled" if settled else "nothing is in doubt"
    shown = tuple(tuple(_shown(column, row) for column in columns) for row in rows)
    grid = Grid(title="", columns=columns, rows=shown, empty=empty)
    notes = () if settled or not rows else (_HOW,)
    what = counted(len(rows), "fact")
    return Answer(
        data={
            "schema": "les-doubts/1",
            "as_of": as_of.isoformat(),
            "settled": settled,
            "doubts": [*map(as_json, rows)],
        },
        title=f"{'Settled' if settled else 'In doubt'} on {for_people(as_of)}: {what}",
        grids=(grid,),
        notes=notes,
        identifiable=True,
        patients=len({row.nhs_number for row in rows}),
    )


def fix_of(one: Doubt, fact: str) -> str:
    """The command that settles a doubt. It says NHS because the list shows the number beside it."""
    more = f" --day {one.held[:10]}" if one.entry else ""
    return DEATH_DAY if fact == UNDATED else f"les patients settle NHS --fact {fact}{more} --as stated --reason TEXT"


def _row(one: Doubt, fact: str, names: dict[str, str], claimed: dict[int, str]) -> DoubtRow:
    return DoubtRow(
        nhs_number=one.nhs_number,
        name=names[one.nhs_number],
        fact=fact,
        doubt=MARKS[fact],
        held=one.held,
        claimed=claimed.get(one.entry, ""),
        said_by=one.said_by,
        silent_by=one.silent_by,
        settled_as=one.how or None,
        died_on=date.fromisoformat(one.died_on) if one.died_on else None,
        settled_on=date.fromisoformat(one.on) if one.on else None,
        by=one.by,
        reason=one.why,
        fix=fix_of(one, fact),
    )


def _open(row: DoubtRow) -> DoubtRow:
    """A death without a day is open even when another doubt about it was settled."""
    return replace(row, settled_as=None, settled_on=None, by="", reason="")


def _shown(column: Column, row: DoubtRow) -> object:
    """A cell for people: days in plain English, where the JSON keeps the stored text."""
    if column.name != "held":
        return getattr(row, column.name)
    if row.fact in ("died", "left", UNDATED):
        return span(row.held)
    day, _, codes = row.held.partition(" ")
    return f"{for_people(date.fromisoformat(day))} {codes}" if row.fact in (ENTRY, ASIDE) else row.held


def _claimed(store: Store) -> list[tuple[LedgerRow, Doubt]]:
    """The claimed rows not taken back that rest on an entry in doubt."""
    wanted = {f"activity:{one.entry}": one for one in doubts(store) if one.entry and one.is_open}
    rows = standing_rows(store) if wanted else ()
    return [(row, wanted[evidence]) for row in rows for evidence in row.evidence if evidence in wanted]


def rows_in_doubt(store: Store) -> list[ClaimedInDoubt]:
    """Claimed rows whose entry is missing from the newest export: to be looked at, not yet reversed."""
    return [
        ClaimedInDoubt(
            service=row.service,
            claim_id=row.claim_id,
            row=row.row,
            item=row.item,
            amount_pence=row.amount_pence,
            reason=MARKS[one.fact],
            file=one.silent_by,
        )
        for row, one in _claimed(store)
    ]


def undated_note(found: int) -> tuple[str, ...]:
    """One line with the number of deaths without a day, in the words of `les patients doubts`. It names no patient."""
    return (f"{found} × {MARKS[UNDATED]}: `les patients doubts` lists them",) if found else ()


def open_facts(store: Store) -> list[dict[str, Any]]:
    """For `les status`: the number of open doubts of each kind. It names no patient."""
    counts = Counter(one.fact for one in doubts(store) if one.is_open)
    if undated := len(undated_deaths(store)):
        counts[UNDATED] = undated
    return [{"fact": fact, "title": MARKS[fact], "count": counts[fact]} for fact in MARKS if counts[fact]]
