"""`les claims pay --load`: the payments of a remittance, matched to the claims, and what was not paid of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from ...errors import LesError
from ...outputs import Answer, Column, Grid, Kind, counted, pounds
from ...readers.encoding import sha256_of
from ...readers.small_table import TableFaults, read_table
from ...store import Store
from ...store.ledger.read import LedgerClaim, PaidItem, claims, payments
from ...store.ledger.repeats import command_to_pay, file_reference, is_recorded, standing
from ...store.ledger.write import EqualPaymentError, pay
from ..values import as_cells, as_json
from .not_paid import NotPaid, Told, not_paid
from .remittance_lines import COLUMNS, NEEDED, Line, lines_of

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
RECORDED, BEFORE, TAKEN_BACK = "recorded", "recorded before", "recorded before, taken back since"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remitted:
    """What was recorded, and whether something was not paid or paid too much."""

    answer: Answer
    needs_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentShown:
    """One payment of the file, with the fields of docs/reference/json.md in their order."""

    claim_id: str
    amount_pence: int
    on: date
    reference: str
    state: str
    owed_pence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceShown:
    """What `les claims pay --load` answers."""

    schema: str = "les-remittance/1"
    dry_run: bool
    payments: tuple[PaymentShown, ...]
    not_paid: tuple[NotPaid, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Payment:
    """The lines of one claim, day and reference. Without a reference of the payer it has one of ours.

    `beside` has the pence and days of the other payments of the claim that the file has under the same reference.
    """

    lines: tuple[Line, ...]
    reference: str
    beside: tuple[tuple[int, date], ...] = ()

    @property
    def pence(self) -> int:
        return sum(line.pence for line in self.lines)

    @property
    def claim_id(self) -> str:
        return self.lines[0].claim.claim_id

    @property
    def on(self) -> date:
        return self.lines[0].on

    @property
    def items(self) -> tuple[PaidItem, ...]:
        """What the lines say that it is for. A line without an item or a quantity says nothing."""
        told = [line for line in self.lines if line.item and line.quantity is not None and line.pence]
        return tuple(
            PaidItem(
                item=item,
                quantity=sum(line.quantity or 0 for line in told if line.item == item),
                amount_pence=sum(line.pence for line in told if line.item == item),
            )
            for item in sorted({line.item for line in told})
        )


def load_remittance(store: Store, path: Path, as_of: date, *, dry_run: bool) -> Remitted:
    """Record every payment of the file or none. The same file again records nothing.

    The lines of one claim, day and reference are one payment. A line without a reference has a digest of the file for
    one. A payment that may be one that is recorded already is refused, with the commands that settle it. A line of an
    item with £0.00 is no payment: the item was not paid. LesError names every fault with its line.
    """
    table = read_table(path, COLUMNS, NEEDED)
    faults = TableFaults(path)
    # All in one transaction: two people may load the same file, and a claim may be withdrawn meanwhile.
    with store.trying() if dry_run else store.writing():
        lines = lines_of(store, table, as_of, faults)
        faults.tell()
        if not lines:
            raise LesError(f"{path.name}: it has no payment", "name a file with a row for each payment")
        found = _payments(lines, sha256_of(path))
        states = _record(store, found, faults)
        faults.tell()
        held = {one.claim_id: one for one in claims(store)}
        told: Told = {(one.claim_id, one.pence, one.on): one.items for one in found}
        counted_ones = dict.fromkeys(line.claim.claim_id for line in lines if line.item and line.quantity is not None)
        unpaid = tuple(one for claim_id in counted_ones for one in not_paid(store, claim_id, told))
    shown = tuple(replace(one, owed_pence=held[one.claim_id].owed_pence) for one in states)
    return _remitted(shown, unpaid, tuple(_odd_days(shown, held, as_of)), dry_run=dry_run)


def _payments(lines: Sequence[Line], digest: str) -> list[_Payment]:
    """The payments in the order of the file."""
    groups: dict[tuple[str, date, str], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.claim.claim_id, line.on, line.reference), []).append(line)
    first: dict[str, date] = {}
    for claim_id, on, reference in groups:
        if not reference:
            first[claim_id] = min(on, first.get(claim_id, on))
    found: list[_Payment] = []
    for (claim_id, on, reference), those in groups.items():
        # Two payments of one claim never have the same reference of ours: a later day has one of its own.
        own = digest if on == first.get(claim_id) else sha256(f"{digest} {on.isoformat()}".encode()).hexdigest()
        paid, back = [line for line in those if line.pence > 0], [line for line in those if line.pence < 0]
        # Paid and taken back in one line each: together they come to nothing, but both belong into the ledger.
        several = (paid, back) if paid and not sum(line.pence for line in those) else (those,)
        found += (_Payment(lines=tuple(part), reference=reference or file_reference(own)) for part in several)
    named: dict[tuple[str, str], list[_Payment]] = {}
    for one in found:
        named.setdefault((one.claim_id, one.lines[0].reference), []).append(one)
    return [
        replace(one, beside=tuple((each.pence, each.on) for each in those if each is not one))
        for one in found
        if one.pence
        for those in (named[one.claim_id, one.lines[0].reference],)
    ]


def _record(store: Store, found: Sequence[_Payment], faults: TableFaults) -> list[PaymentShown]:
    """Write the payments that are new, and say of each whether it was."""
    states: dict[int, PaymentShown] = {}
    # What was paid comes before what was taken back, so that the order of the lines does not matter.
    for place, one in sorted(enumerate(found), key=lambda each: each[1].pence < 0):
        try:
            states[place] = _recorded(store, one)
        except EqualPaymentError as fault:
            faults.add(one.lines[0].line, f"{fault.what}; {_cure(one, fault)}")
        except LesError as fault:
            faults.add(one.lines[0].line, str(fault))
    return [states[place] for place in sorted(states)]


def _recorded(store: Store, one: _Payment) -> PaymentShown:
    before = payments(store, one.claim_id)
    if is_recorded(before, one.pence, one.on, one.reference):
        left = standing([held for held in before if held.reference == one.reference])
        stands = one.pence < 0 or is_recorded(left, one.pence, one.on, one.reference)
        state = BEFORE if stands else TAKEN_BACK
    else:
        pay(
            store,
            one.claim_id,
            amount_pence=one.pence,
            on=one.on,
            reference=one.reference,
            items=one.items,
            beside=one.beside,
        )
        state = RECORDED
    return PaymentShown(claim_id=one.claim_id, amount_pence=one.pence, on=one.on, reference=one.reference, state=state)


def _cure(one: _Payment, fault: EqualPaymentError) -> str:
    """The commands that settle a payment that may be one recorded before; after any of them the file can be loaded."""
    earlier = fault.earlier
    back = command_to_pay(one.claim_id, -earlier.amount_pence, earlier.on, earlier.reference)
    anew = command_to_pay(one.claim_id, one.pence, one.on, one.reference)
    first = "" if one.lines[0].reference else "give it a reference, or "
    return (
        f"if it is the same payment, leave it out of the file or take the earlier one back with `{back}`; "
        f"if it is another payment, {first}record it with `{anew} --yes`; then load the file again"
    )


def _odd_days(shown: Sequence[PaymentShown], held: dict[str, LedgerClaim], as_of: date) -> Iterator[str]:
    """Notes on days that may be slips."""
    new = [one for one in shown if one.state == RECORDED]
    if early := sum(one.on < held[one.claim_id].submitted_on for one in new):
        yield f"{counted(early, 'payment')} dated before the claim was submitted: check the day"
    if late := sum(one.on > as_of for one in new):
        yield (
            f"{counted(late, 'payment')} dated after the day asked on; `les claims --owed` counts each from its own day"
        )


def _remitted(
    shown: tuple[PaymentShown, ...], unpaid: tuple[NotPaid, ...], odd: tuple[str, ...], *, dry_run: bool
) -> Remitted:
    new = [one for one in shown if one.state == RECORDED]
    total = sum(one.amount_pence for one in new)
    verb = "would be recorded" if dry_run else "recorded"
    overpaid = any(one.owed_pence < 0 for one in shown)
    notes = [f"{counted(len(new), 'payment')} {verb}, {pounds(total)}"]
    if len(new) < len(shown):
        notes.append(f"{counted(len(shown) - len(new), 'payment')} recorded before, unchanged")
    if overpaid:
        notes.append("more was paid than is claimed: see `Still owed`")
    return Remitted(
        answer=Answer(
            data=as_json(RemittanceShown(dry_run=dry_run, payments=shown, not_paid=unpaid)),
            title=f"Remittance: {counted(len(shown), 'payment')}",
            grids=(
                Grid(title="Payments", columns=_PAYMENTS, rows=as_cells(shown, _PAYMENTS), empty="no payment"),
                Grid(
                    title="Not paid as claimed",
                    columns=_NOT_PAID,
                    rows=as_cells(unpaid, _NOT_PAID),
                    empty="every item that the file counts was paid as claimed",
                ),
            ),
            notes=(*notes, *odd),
        ),
        needs_person=bool(unpaid) or overpaid,
    )
