"""`les claims pay --load`: the payments of a remittance, matched to the claims, and what was not paid of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ...errors import LesError, did_you_mean
from ...outputs import Answer, Column, Grid, Kind, counted, pounds
from ...outputs.table import nhs_numbers_in
from ...readers.cells import day_of
from ...readers.encoding import sha256_of
from ...readers.small_table import TableFaults, TableRow, count_in, pence_in, read_table
from ...store import Store
from ...store.ledger.read import LedgerClaim, claim_rows, claims
from ...store.ledger.write import EqualPaymentError, pay
from ...typed_dates import typed_month
from ..choose_services import catalog_of

COLUMNS = ("claim", "service", "month", "item", "quantity", "amount", "date", "reference")
_NEEDED = (("claim", "amount", "date"), ("service", "month", "amount", "date"))
_LONGEST_REFERENCE = 100
_PAYMENTS = (
    Column("claim_id", "Claim"),
    Column("amount_pence", "Paid", Kind.PENCE),
    Column("on", "On", Kind.DATE),
    Column("reference", "Reference"),
    Column("state", "State"),
    Column("owed_pence", "Still owed", Kind.PENCE),
)
_NOT_PAID = (
    Column("claim_id", "Claim"),
    Column("item", "Item"),
    Column("claimed", "Claimed", Kind.COUNT),
    Column("paid", "Paid", Kind.COUNT),
    Column("difference_pence", "Less than claimed", Kind.PENCE),
    Column("fix", "What to do"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    line: int
    claim: LedgerClaim
    item: str
    quantity: int | None
    pence: int
    on: date
    reference: str
    is_ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Remitted:
    """What was recorded, and whether something was not paid or paid too much."""

    answer: Answer
    needs_person: bool


def load_remittance(store: Store, path: Path, as_of: date, *, dry_run: bool) -> Remitted:
    """Record every payment of the file or none. The same file again records nothing.

    The lines of one claim, day and reference are one payment. A line without a reference has the file's digest for one.
    An equal payment of that day that is recorded already is then refused, because the file may have been saved again. A
    line of an item with £0.00 is no payment: the item was not paid. LesError names every fault with its line.
    """
    table = read_table(path, COLUMNS, _NEEDED)
    faults = TableFaults(path)
    lines = list(_lines(store, table, f"file {sha256_of(path)[:12]}", as_of, faults))
    faults.tell()
    if not lines:
        raise LesError(f"{path.name}: it has no payment", "nothing was recorded")
    sums: dict[tuple[str, date, str], list[_Line]] = {}
    for line in lines:
        sums.setdefault((line.claim.claim_id, line.on, line.reference), []).append(line)
    payments: list[dict[str, Any]] = []
    with store.trying() if dry_run else store.writing():
        for (claim_id, on, reference), those in sums.items():
            pence = sum(line.pence for line in those)
            if not pence:
                continue
            ours = any(line.is_ours for line in those)
            try:
                is_new = pay(store, claim_id, amount_pence=pence, on=on, reference=reference, is_ours=ours)
            except EqualPaymentError as fault:
                faults.add(those[0].line, f"{fault.what}; if it is another payment, give it a reference")
                continue
            except LesError as fault:
                faults.add(those[0].line, str(fault))
                continue
            payments.append(
                {
                    "claim_id": claim_id,
                    "amount_pence": pence,
                    "on": on.isoformat(),
                    "reference": reference,
                    "state": "recorded" if is_new else "recorded before",
                }
            )
        faults.tell()
        owed = {one.claim_id: one.owed_pence for one in claims(store)}
        unpaid = list(_not_paid(store, lines))
    for row in payments:
        row["owed_pence"] = owed[row["claim_id"]]
    return _remitted(payments, unpaid, dry_run=dry_run)


def _lines(store: Store, table: Sequence[TableRow], default: str, as_of: date, faults: TableFaults) -> Iterator[_Line]:
    every = {one.claim_id: one for one in claims(store)}
    standing = {(one.service, one.month): one for one in every.values() if not one.withdrawn_on}
    catalog = catalog_of(store).services
    titles = {one.spec.title.casefold(): one.name for one in catalog}
    items = {one.name: {each.title.casefold(): each.name for each in one.spec.items} for one in catalog}
    for row in table:
        cells = row.cells
        claim = _claim(cells, every, standing, titles, as_of)
        if isinstance(claim, str):
            faults.add(row.line, claim)
            continue
        try:
            pence = pence_in(cells.get("amount", ""))
            on = day_of(cells.get("date", ""))
            quantity = count_in(cells["quantity"]) if "quantity" in cells else None
            item = _item(store, claim, cells.get("item", ""), items.get(claim.service, {}))
        except ValueError as fault:
            faults.add(row.line, str(fault))
            continue
        reference = " ".join(cells.get("reference", default).split())
        if len(reference) > _LONGEST_REFERENCE or nhs_numbers_in(reference):
            # The ledger keeps it for good.
            faults.add(row.line, f"reference: no NHS number, at most {_LONGEST_REFERENCE} characters")
            continue
        if not pence and not (item and quantity is not None):
            faults.add(row.line, "amount is zero")
            continue
        yield _Line(
            line=row.line,
            claim=claim,
            item=item,
            quantity=-quantity if quantity and pence < 0 else quantity,
            pence=pence,
            on=on,
            reference=reference,
            is_ours="reference" not in cells,
        )


def _item(store: Store, claim: LedgerClaim, typed: str, titles: Mapping[str, str]) -> str:
    """The item that a line names, by its name or title; ValueError when the service has none of that name."""
    if not typed:
        return ""
    folded = " ".join(typed.casefold().split())
    name = titles.get(folded, folded.replace(" ", "-"))
    known = {*titles.values(), *(row.item for row in claim_rows(store, claim.claim_id))}
    if name not in known:
        hint = did_you_mean(name, known) or f"there are {', '.join(sorted(known))}"
        raise ValueError(f"{claim.service} has no such item: {hint}")
    return name


def _claim(
    cells: Any,
    every: dict[str, LedgerClaim],
    standing: dict[tuple[str, str], LedgerClaim],
    titles: dict[str, str],
    as_of: date,
) -> LedgerClaim | str:
    """The claim that a line names, or what is wrong with it."""
    if typed := cells.get("claim"):
        if typed in every:
            return _agrees(cells, every[typed], titles, as_of) or every[typed]
        return f"there is no claim of that id: {did_you_mean(typed, every) or '`les claims` lists them'}"
    service = cells.get("service", "").casefold()
    service = titles.get(service, service)
    month = typed_month(cells.get("month", ""), as_of)
    found = standing.get((service, month))
    return found or "no claim of that service and month stands: `les claims` lists them"


def _agrees(cells: Any, claim: LedgerClaim, titles: dict[str, str], as_of: date) -> str:
    """Empty, or that the service or month beside the claim are another claim's."""
    service = cells.get("service", claim.service).casefold()
    month = typed_month(cells["month"], as_of) if "month" in cells else claim.month
    if (titles.get(service, service), month) == (claim.service, claim.month):
        return ""
    return "the claim is of another service or month than the line says"


def _not_paid(store: Store, lines: Sequence[_Line]) -> Iterator[dict[str, Any]]:
    """Each claim and item of which less was paid than is claimed, where the file says how many."""
    for claim_id in dict.fromkeys(line.claim.claim_id for line in lines):
        those = [line for line in lines if line.claim.claim_id == claim_id and line.quantity is not None and line.item]
        if not those:
            continue
        rows = [row for row in claim_rows(store, claim_id) if row.amount_pence and row.reversed_on is None]
        claimed, worth = Counter(row.item for row in rows), Counter[str]()
        for row in rows:
            worth[row.item] += row.amount_pence
        paid, money = Counter[str](), Counter[str]()
        for line in those:
            paid[line.item] += line.quantity or 0
            money[line.item] += line.pence
        for item in sorted(claimed.keys() | paid.keys()):
            if money[item] < 0:
                # Taken back of what was paid before, so the file's number is what is now disallowed.
                paid[item] += claimed[item]
                money[item] += worth[item]
            if claimed[item] == paid[item] and worth[item] == money[item]:
                continue
            yield {
                "claim_id": claim_id,
                "item": item,
                "claimed": claimed[item],
                "paid": paid[item],
                "difference_pence": worth[item] - money[item],
                "fix": _fix(claim_id, claimed[item] - paid[item]),
            }


def _fix(claim_id: str, fewer: int) -> str:
    if fewer > 0:
        return (
            f"ask which {fewer} they disallow, and why; if they are right, take each back: "
            f"`les claims reverse {claim_id} --row N --reason TEXT`"
        )
    if fewer < 0:
        return "they paid for more than is claimed: tell them, before they take it back"
    service, _, month = claim_id.partition("-20")
    return f"ask at which price they paid; `les reconcile {service} FILE --month 20{month}` compares the claim"


def _remitted(payments: list[dict[str, Any]], unpaid: list[dict[str, Any]], *, dry_run: bool) -> Remitted:
    new = [row for row in payments if row["state"] == "recorded"]
    total = sum(row["amount_pence"] for row in new)
    data: dict[str, Any] = {
        "schema": "les-remittance/1",
        "dry_run": dry_run,
        "payments": payments,
        "not_paid": unpaid,
    }
    shown = tuple(
        tuple(date.fromisoformat(row["on"]) if c.name == "on" else row[c.name] for c in _PAYMENTS) for row in payments
    )
    verb = "would be recorded" if dry_run else "recorded"
    overpaid = any(row["owed_pence"] < 0 for row in payments)
    notes = [f"{counted(len(new), 'payment')} {verb}, {pounds(total)}"]
    if len(new) < len(payments):
        notes.append(f"{counted(len(payments) - len(new), 'payment')} recorded before, unchanged")
    if overpaid:
        notes.append("more was paid than is claimed: see `Still owed`")
    return Remitted(
        answer=Answer(
            data=data,
            title=f"Remittance: {counted(len(payments), 'payment')}",
            grids=(
                Grid(title="Payments", columns=_PAYMENTS, rows=shown, empty="no payment"),
                Grid(
                    title="Not paid as claimed",
                    columns=_NOT_PAID,
                    rows=tuple(tuple(row[c.name] for c in _NOT_PAID) for row in unpaid),
                    empty="every item that the file counts was paid as claimed",
                ),
            ),
            notes=tuple(notes),
        ),
        needs_person=bool(unpaid) or overpaid,
    )
