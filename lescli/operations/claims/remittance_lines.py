"""The lines of a remittance: each with its claim, item, money, day and reference, and the totals between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ...amounts import pounds
from ...calendar import Month
from ...errors import did_you_mean
from ...outputs.table import nhs_numbers_in
from ...readers.asides import is_total
from ...readers.cells import day_of
from ...readers.small_table import PRACTICE, TableFaults, TableRow, count_in, is_of_another, pence_in
from ...store import Store
from ...store.ledger.read import LedgerClaim, claim_rows, claims
from ...store.ledger.write import MOST_PENCE
from ...typed_dates import typed_day, typed_month
from ..choose_services import catalog_of

COLUMNS = ("claim", "service", "month", "item", "quantity", "amount", "date", "reference", *PRACTICE)
NEEDED = (("claim", "amount", "date"), ("service", "month", "amount", "date"))
LONGEST_REFERENCE = 100
_LABELS = ("claim", "service", "month", "item", "date", "reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: `pence` are negative, and so is `quantity`, when money is taken back. Without a reference it is ""."""

    line: int
    claim: LedgerClaim
    item: str
    quantity: int | None
    pence: int
    on: date
    reference: str


def reference_of(typed: str) -> str:
    """A payment's reference as the ledger keeps it for good; ValueError when it cannot stand there."""
    reference = " ".join(typed.split())
    if len(reference) > LONGEST_REFERENCE or not reference.isprintable() or nhs_numbers_in(reference):
        raise ValueError(f"no NHS number, at most {LONGEST_REFERENCE} characters")
    return reference


def lines_of(store: Store, table: Sequence[TableRow], as_of: date, faults: TableFaults) -> tuple[Line, ...]:
    """Every line of the table that is a payment, or an item that was not paid. A line with a fault is left out.

    A total must agree with the lines above it, or a part of the file is missing.
    """
    known = _Known.of(store)
    found: list[Line] = []
    totals = _Totals()
    for row in table:
        if _is_total(row.cells):
            totals.compare(row, faults)
            continue
        try:
            line = _line(store, known, row, as_of)
        except ValueError as fault:
            faults.add(row.line, str(fault))
            # A total cannot be compared when a line above it was not read.
            totals.is_known = False
            continue
        totals.add(line)
        found.append(line)
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The claims by id, those that stand by service and month, and the titles of services and of their items."""

    practice: str
    claims: Mapping[str, LedgerClaim]
    standing: Mapping[tuple[str, str], LedgerClaim]
    titles: Mapping[str, str]
    items: Mapping[str, Mapping[str, str]]
    claimed: dict[str, frozenset[str]] = field(default_factory=dict)
    """The items of each claim that was asked about."""

    @classmethod
    def of(cls, store: Store) -> _Known:
        every = {one.claim_id: one for one in claims(store)}
        catalog = catalog_of(store).services
        return cls(
            practice=store.practice.ods_code,
            claims=every,
            standing={(one.service, one.month): one for one in every.values() if not one.withdrawn_on},
            titles={_folded(one.spec.title): one.name for one in catalog},
            items={one.name: {_folded(each.title): each.name for each in one.spec.items} for one in catalog},
        )


def _line(store: Store, known: _Known, row: TableRow, as_of: date) -> Line:
    """One line; ValueError says what is wrong with it."""
    cells = row.cells
    if is_of_another(known.practice, cells):
        raise ValueError("it is for another practice: keep the lines of this one only")
    claim = _claim(known, cells, as_of)
    pence = pence_in(cells.get("amount", ""))
    if abs(pence) >= MOST_PENCE:
        raise ValueError(f"the amount is {pounds(MOST_PENCE)} or more")
    item = _item(store, known, claim, cells.get("item", ""))
    quantity = _quantity(cells["quantity"], pence) if "quantity" in cells else None
    if not pence and not (item and quantity is not None):
        raise ValueError("amount is zero")
    try:
        reference = reference_of(cells.get("reference", ""))
    except ValueError as fault:
        raise ValueError(f"reference: {fault}") from None
    return Line(
        line=row.line,
        claim=claim,
        item=item,
        quantity=quantity,
        pence=pence,
        on=day_of(typed_day(cells.get("date", ""))),
        reference=reference,
    )


def _quantity(typed: str, pence: int) -> int:
    """How many, with the sign of the money. Nothing was paid for where there is no money."""
    unsigned = typed.strip().replace("\N{MINUS SIGN}", "-").removeprefix("-").removeprefix("(").removesuffix(")")
    try:
        number = count_in(unsigned)
    except ValueError:
        raise ValueError("quantity is no whole number") from None
    if unsigned != typed.strip() and number and pence > 0:
        raise ValueError("the quantity is negative and the amount is not")
    return number * ((pence > 0) - (pence < 0))


def _item(store: Store, known: _Known, claim: LedgerClaim, typed: str) -> str:
    """The item that a line names, by its name or title; ValueError when the service has none of that name."""
    if not typed:
        return ""
    titles = known.items.get(claim.service, {})
    name = titles.get(_folded(typed), _folded(typed).replace(" ", "-"))
    if claim.claim_id not in known.claimed:
        known.claimed[claim.claim_id] = frozenset(row.item for row in claim_rows(store, claim.claim_id))
    every = {*titles.values(), *known.claimed[claim.claim_id]}
    if name not in every:
        hint = did_you_mean(name, every) or f"there are {', '.join(sorted(every))}"
        raise ValueError(f"{claim.service} has no such item: {hint}")
    return name


def _claim(known: _Known, cells: Mapping[str, str], as_of: date) -> LedgerClaim:
    """The claim that a line names; ValueError when there is none, or the line names two."""
    service = known.titles.get(_folded(cells.get("service", "")), cells.get("service", "").casefold())
    month = _month(cells["month"], as_of) if "month" in cells else ""
    if typed := cells.get("claim"):
        found = known.claims.get(typed)
        if found is None:
            hint = did_you_mean(typed, known.claims) or "`les claims` lists them"
            raise ValueError(f"there is no claim of that id: {hint}")
        if (service or found.service, month or found.month) != (found.service, found.month):
            raise ValueError("the claim is of another service or month than the line says")
        return found
    standing = known.standing.get((service, month))
    if standing is None:
        raise ValueError("no claim of that service and month stands: `les claims` lists them")
    return standing


def _month(typed: str, as_of: date) -> str:
    """A month as a person types it, or as a spreadsheet makes it of `May 2026`: the first day of the month."""
    try:
        day = day_of(typed)
    except ValueError:
        return typed_month(typed, as_of)
    return str(Month.of(day)) if day.day == 1 else typed


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _is_total(cells: Mapping[str, str]) -> bool:
    """Whether a line sums up the lines above it: it is called a total, or it has an amount and names nothing."""
    told = [cells[name] for name in _LABELS if name in cells]
    return any(map(is_total, told)) or ("amount" in cells and not told)


class _Totals:
    """The sums of the lines so far: of all, since the last total, and of the last claim."""

    def __init__(self) -> None:
        self.is_known = True
        self._all = self._since = self._of_claim = 0
        self._claim = ""

    def add(self, line: Line) -> None:
        """One more line."""
        self._all += line.pence
        self._since += line.pence
        self._of_claim = line.pence + (self._of_claim if line.claim.claim_id == self._claim else 0)
        self._claim = line.claim.claim_id

    def compare(self, row: TableRow, faults: TableFaults) -> None:
        """A fault when a total is none of the sums of the lines above it."""
        try:
            total = pence_in(row.cells["amount"]) if "amount" in row.cells else self._all
        except ValueError as fault:
            faults.add(row.line, str(fault))
            return
        if self.is_known and total not in (self._all, self._since, self._of_claim):
            what = "the total" if len(row.cells) > 1 else "the line names no claim, so it is a total: it"
            faults.add(row.line, f"{what} is {pounds(total)} and the lines above it come to {pounds(self._all)}")
        self._since = 0
