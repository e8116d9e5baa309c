"""`les reconcile`: the commissioner's figures or rows for a month against ours, and the reason for each difference."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ..calendar import ClaimPeriod
from ..codes import parse_nhs_number
from ..errors import LesError, did_you_mean
from ..model import ServiceSpec, Verdict
from ..outputs import Answer, Column, Grid, Kind, counted, pounds
from ..readers.cells import day_of
from ..readers.small_table import TableFaults, TableRow, count_in, pence_in, read_table
from ..services import Service
from ..store import Store
from .claim.preview import ActivityShown, ClaimAnswer, preview

_COUNTS, _ROWS = ("item", "quantity"), ("nhs_number", "date")
_COLUMNS = ("item", "quantity", "amount", "nhs_number", "date")
NOT_SUBMITTED, NOT_IN_THEIRS, PRICE = "not-submitted", "not-in-theirs", "other-price"
NO_ENTRY, NO_PATIENT, OTHER_DAY, LATE = "no-such-entry", "patient-not-known", "other-day", "late"
TWICE = "counted-twice"
_FIXES = {
    NOT_SUBMITTED: "submit the claim: `les claim SERVICE --month MONTH --submit --by NAME`",
    NOT_IN_THEIRS: "send them these rows: `les claims show CLAIM` lists them",
    LATE: "tell them that this work of earlier months is in this claim",
    PRICE: "ask at which price they pay, and from which day; `les services show SERVICE` shows ours with its source",
    NO_ENTRY: "ask which record they counted; nothing on that day has a code of this service",
    NO_PATIENT: "ask for the patient's practice; no import has described this patient",
    OTHER_DAY: "ask them to correct the day",
    TWICE: "tell them that they count one activity twice",
}
"""What to do about the reasons that are not a verdict of our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Work that one side has and the other has not, for one reason. `rows` is how many activities it is.

    `theirs` and `ours` are the quantities of the item on each side. `pence` is theirs less ours for this reason, and
    `who` the activities as (NHS number, day), where they are known.
    """

    item: str
    theirs: int
    ours: int
    reason: str
    fix: str
    rows: int
    pence: int
    who: tuple[tuple[str, date], ...] = ()

    @property
    def data(self) -> dict[str, Any]:
        """The object of docs/reference/json.md, without patients."""
        return {name: getattr(self, name) for name in ("item", "theirs", "ours", "reason", "fix", "rows")} | {
            "difference_pence": self.pence
        }


@dataclass(slots=True, kw_only=True)
class _Side:
    quantity: int = 0
    amount_pence: int = 0
    items: Counter[str] = field(default_factory=Counter)
    item_pence: Counter[str] = field(default_factory=Counter)


def reconcile(store: Store, service: Service, month: ClaimPeriod, path: Path, as_of: date, *, rows: bool) -> Answer:
    """Their file against our claim: the submitted one, or the preview while none is submitted.

    LesError names every fault of the file with its line. The differences add up to theirs less ours, item by item.
    """
    ours = preview(store, service, month, as_of)
    table = read_table(path, _COLUMNS, (_COUNTS, _ROWS))
    faults = TableFaults(path)
    if table and not set(_ROWS) - {name for row in table for name in row.cells}:
        theirs, differences = _by_rows(store, service.spec, ours, table, faults, month)
    else:
        theirs, differences = _by_counts(service.spec, ours, table, faults, month)
    faults.tell()
    return _answer(service.spec, ours, month, theirs, differences, rows=rows)


def _our_side(ours: ClaimAnswer) -> _Side:
    side = _Side()
    for line in ours.data["lines"]:
        side.quantity += line["quantity"]
        side.amount_pence += line["amount_pence"]
        side.items[line["item"]] += line["quantity"]
        side.item_pence[line["item"]] += line["amount_pence"]
    return side


def _by_counts(
    spec: ServiceSpec, ours: ClaimAnswer, table: Sequence[TableRow], faults: TableFaults, month: ClaimPeriod
) -> tuple[_Side, list[Difference]]:
    theirs, is_priced = _Side(), set[str]()
    for row in table:
        item = _item(spec, row, faults)
        try:
            quantity = count_in(row.cells["quantity"])
        except (ValueError, KeyError):
            faults.add(row.line, "quantity is no whole number")
            continue
        theirs.items[item] += quantity
        theirs.quantity += quantity
        if amount := row.cells.get("amount"):
            is_priced.add(item)
            try:
                theirs.item_pence[item] += pence_in(amount)
            except ValueError:
                faults.add(row.line, "amount is no pounds and pence")
    theirs.amount_pence = sum(theirs.item_pence.values())
    found: list[Difference] = []
    for item in sorted(theirs.items.keys() | _our_side(ours).items.keys()):
        found += _of_item(spec, ours, theirs, item, month, is_priced=item in is_priced)
    return theirs, found


def _of_item(
    spec: ServiceSpec, ours: ClaimAnswer, theirs: _Side, item: str, month: ClaimPeriod, *, is_priced: bool
) -> Iterator[Difference]:
    """The reasons for one item's difference. Counts name no activity: each reason takes as many as it can explain."""
    side = _our_side(ours)
    mine, other = side.items[item], theirs.items[item]
    total_pence = theirs.item_pence[item] - side.item_pence[item] if is_priced else 0
    price = _unit_price(ours, item)
    told_pence = 0
    left = other - mine
    reasons: list[tuple[str, str, int]] = []
    if left < 0:
        late = sum(line["quantity"] for line in ours.data["lines"] if line["item"] == item and line["late"])
        if ours.data["status"] == "preview":
            reasons.append((NOT_SUBMITTED, _fix(NOT_SUBMITTED, spec, month, ours), -left))
        else:
            reasons += [(LATE, _FIXES[LATE], min(late, -left))] if late else []
            rest = -left - min(late, -left)
            reasons += [(NOT_IN_THEIRS, _fix(NOT_IN_THEIRS, spec, month, ours), rest)] if rest else []
    else:
        for reason, fix, many in _our_verdicts(ours, item, month):
            if left <= 0:
                break
            reasons.append((reason, fix, min(many, left)))
            left -= min(many, left)
        if left > 0:
            reasons.append((NO_ENTRY, _FIXES[NO_ENTRY], left))
    sign = 1 if other > mine else -1
    for reason, fix, many in reasons:
        pence = sign * many * price if is_priced else 0
        told_pence += pence
        yield Difference(item=item, theirs=other, ours=mine, reason=reason, fix=fix, rows=many, pence=pence)
    if is_priced and total_pence != told_pence:
        fix = _FIXES[PRICE].replace("SERVICE", spec.name)
        yield Difference(
            item=item,
            theirs=other,
            ours=mine,
            reason=PRICE,
            fix=fix,
            rows=min(mine, other),
            pence=total_pence - told_pence,
        )


def _our_verdicts(ours: ClaimAnswer, item: str, month: ClaimPeriod) -> list[tuple[str, str, int]]:
    """Our reasons for not claiming work of the month, most frequent first: what they counted may be among it."""
    counts: Counter[tuple[str, str]] = Counter(
        (row.reason, row.fix)
        for row in ours.rows
        if row.item == item and row.verdict != Verdict.PAYABLE and month.first <= row.date <= month.last
    )
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [(reason, fix, many) for (reason, fix), many in ordered]


def _unit_price(ours: ClaimAnswer, item: str) -> int:
    prices = Counter(
        {line["unit_price_pence"]: line["quantity"] for line in ours.data["lines"] if line["item"] == item}
    )
    return prices.most_common(1)[0][0] if prices else 0


def _by_rows(
    store: Store,
    spec: ServiceSpec,
    ours: ClaimAnswer,
    table: Sequence[TableRow],
    faults: TableFaults,
    month: ClaimPeriod,
) -> tuple[_Side, list[Difference]]:
    """Match each of their rows with one of ours, by patient, day and, where they give it, item."""
    payable: defaultdict[tuple[str, date], list[ActivityShown]] = defaultdict(list)
    others: defaultdict[tuple[str, date], list[ActivityShown]] = defaultdict(list)
    for row in ours.rows:
        (payable if row.verdict == Verdict.PAYABLE else others)[row.nhs_number, row.date].append(row)
    with_work = {row.nhs_number for row in ours.rows}
    taken: set[tuple[str, date]] = set()
    theirs = _Side()
    unexplained: defaultdict[tuple[str, str, str, int], list[tuple[str, date]]] = defaultdict(list)
    for line in table:
        item = _item(spec, line, faults) if "item" in line.cells else ""
        try:
            who = (parse_nhs_number(line.cells.get("nhs_number", "")), day_of(line.cells.get("date", "")))
        except ValueError as fault:
            faults.add(line.line, str(fault))
            continue
        theirs.quantity += 1
        match = _taken(payable[who], item)
        if match is not None:
            theirs.items[match.item] += 1
            taken.add(who)
            continue
        near = _taken(others[who], item)
        named = item or (near.item if near else spec.items[0].name if len(spec.items) == 1 else "")
        theirs.items[named] += 1
        if near is not None:
            key = (named, near.reason, near.fix, 1)
            taken.add(who)
        else:
            reason = _why_not_ours(store, who, taken, with_work)
            key = (named, reason, _FIXES[reason], 1)
        unexplained[key].append(who)
    for (number, day), rows in payable.items():
        for row in rows:
            is_late = day < month.first
            if ours.data["status"] == "preview":
                key = (row.item, NOT_SUBMITTED, _fix(NOT_SUBMITTED, spec, month, ours), -1)
            elif is_late:
                key = (row.item, LATE, _FIXES[LATE], -1)
            else:
                key = (row.item, NOT_IN_THEIRS, _fix(NOT_IN_THEIRS, spec, month, ours), -1)
            unexplained[key].append((number, day))
    side = _our_side(ours)
    return theirs, [
        Difference(
            item=item,
            theirs=theirs.items[item],
            ours=side.items[item],
            reason=reason,
            fix=fix,
            rows=len(who),
            pence=sign * len(who) * _unit_price(ours, item),
            who=tuple(sorted(who)),
        )
        for (item, reason, fix, sign), who in sorted(unexplained.items())
    ]


def _why_not_ours(store: Store, who: tuple[str, date], taken: set[tuple[str, date]], with_work: set[str]) -> str:
    """The reason for a row of theirs that no row of ours is left for."""
    if who in taken:
        return TWICE
    if who[0] in with_work:
        return OTHER_DAY
    return NO_ENTRY if store.rows("SELECT 1 FROM patient WHERE nhs_number = ?", who[0]) else NO_PATIENT


def _taken(rows: list[ActivityShown], item: str) -> ActivityShown | None:
    """One of the rows, taken out, so that a second row of theirs needs a second one of ours."""
    for place, row in enumerate(rows):
        if not item or row.item == item:
            return rows.pop(place)
    return None


def _item(spec: ServiceSpec, row: TableRow, faults: TableFaults) -> str:
    """The item that they name, by its name or title, in any case."""
    typed = row.cells.get("item", "")
    known = {one.name: one.name for one in spec.items} | {one.title.casefold(): one.name for one in spec.items}
    found = known.get(typed.casefold()) or known.get(typed.casefold().replace(" ", "-"))
    if found:
        return found
    hint = did_you_mean(typed.casefold(), known) or f"there are {', '.join(one.name for one in spec.items)}"
    faults.add(row.line, f"{spec.name} has no such item: {hint}")
    return ""


def _fix(reason: str, spec: ServiceSpec, month: ClaimPeriod, ours: ClaimAnswer) -> str:
    text = _FIXES[reason].replace("SERVICE", spec.name).replace("MONTH", str(month))
    claim = ours.data["claim_id"]
    return text.replace("CLAIM", claim) if claim else text


_TABLE = (
    Column("item", "Item"),
    Column("theirs", "Theirs", Kind.COUNT),
    Column("ours", "Ours", Kind.COUNT),
    Column("rows", "Differ", Kind.COUNT),
    Column("difference_pence", "Theirs less ours", Kind.PENCE),
    Column("reason", "Why"),
    Column("fix", "What to do"),
)
_WHO = (
    Column("nhs_number", "NHS number", Kind.CODE),
    Column("date", "Date", Kind.DATE),
    Column("item", "Item"),
    Column("reason", "Why"),
    Column("fix", "What to do"),
)


def _answer(
    spec: ServiceSpec,
    ours: ClaimAnswer,
    month: ClaimPeriod,
    theirs: _Side,
    differences: Sequence[Difference],
    *,
    rows: bool,
) -> Answer:
    side = _our_side(ours)
    data: dict[str, Any] = {
        "schema": "les-reconcile/1",
        "service": spec.name,
        "month": str(month),
        "theirs": {"quantity": theirs.quantity, "amount_pence": theirs.amount_pence},
        "ours": {"quantity": side.quantity, "amount_pence": side.amount_pence},
        "status": ours.data["status"],
        "claim_id": ours.data["claim_id"],
        "differences": [one.data for one in differences],
    }
    listed = [(number, day, one.item, one.reason, one.fix) for one in differences for number, day in one.who]
    if rows:
        data["rows"] = [_row(dict(zip((c.name for c in _WHO), one, strict=True))) for one in listed]
    shown = tuple(tuple(one.data[column.name] for column in _TABLE) for one in differences)
    grids = [Grid(title="Differences", columns=_TABLE, rows=shown, empty="no difference")]
    if rows:
        grids.insert(0, Grid(title="Rows that differ", columns=_WHO, rows=tuple(listed), empty="no row is known"))
    state = f"claim {ours.data['claim_id']}" if ours.data["claim_id"] else "a preview: nothing is submitted"
    money = pounds(side.amount_pence)
    return Answer(
        data=data,
        title=f"{spec.name} {month}: theirs {theirs.quantity}, ours {side.quantity} {money}, {state}",
        grids=tuple(grids),
        notes=(_sum_line(theirs, side),),
        identifiable=rows,
        patients=len({number for number, *_ in listed}) if rows else None,
    )


def _row(cells: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in cells.items()}


def _sum_line(theirs: _Side, ours: _Side) -> str:
    less = theirs.quantity - ours.quantity
    if not less:
        return "both have the same number of activities"
    side = "more" if less > 0 else "fewer"
    return f"they have {counted(abs(less), 'activity', 'activities')} {side} than we"


def check_file(path: Path) -> None:
    """Refuse a file that is not there, before the claim is worked out."""
    if not path.is_file():
        raise LesError("the file of the commissioner does not exist", "check its name")
