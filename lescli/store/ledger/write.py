"""Write to the ledger: freeze claims, reverse rows, withdraw claims and record payments.

Nothing written is ever changed: a correction is a new line. `chain.py` links each line to the one before it, so the
chain head printed on a claim proves everything before that claim.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from ...amounts import pounds
from ...calendar import for_people
from ...errors import LesError
from ...model import ClaimRow, Verdict
from ..database.connection import Store
from . import chain
from .read import (
    CLAIM_ID,
    LedgerClaim,
    PaidItem,
    Payment,
    claim_id,
    entry_facts,
    find_claim,
    next_sequence,
    payments,
    standing_claim,
)
from .repeats import command_to_pay, is_payers, is_recorded, perhaps_the_same, standing


def freeze(
    store: Store,
    body: dict[str, Any],
    rows: Sequence[ClaimRow],
    *,
    submitted_on: date,
    by: str,
    authorised_by: str | None,
) -> LedgerClaim:
    """Write a claim into the ledger for good. Call it inside `store.writing()`. `body` is the claim object as shown."""
    total = sum(row.unit_price_pence or 0 for row in rows if row.verdict is Verdict.PAYABLE)
    sequence = next_sequence(store, body["service"], body["month"])
    number, first = chain.next_id(store, "claim"), chain.next_id(store, "claim_row")
    values = (
        *(number, body["service"], body["month"], submitted_on.isoformat(), by, authorised_by, total),
        *(json.dumps(body, ensure_ascii=False), sequence),
    )
    texts = [_row_values(store, body["service"], row) for row in rows]
    lines = [(first + place, number, place + 1, *text) for place, text in enumerate(texts)]
    previous = chain.head(store)
    numbered = [(*line, row.nhs_number) for line, row in zip(lines, rows, strict=True)]
    chain.insert(store, "claim", values, previous=previous, hash=chain.digest(previous, "claim", values, numbered))
    columns = chain.COLUMNS["claim_row"]
    store.connection.executemany(
        f"INSERT INTO claim_row ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", lines
    )
    found = find_claim(store, claim_id(body["service"], body["month"], sequence))
    assert found is not None
    return found


def _row_values(store: Store, service: str, row: ClaimRow) -> tuple[Any, ...]:
    """The values of one claim row, for the columns of `chain.COLUMNS` from `service` on."""
    found = store.rows("SELECT id FROM patient WHERE nhs_number = ?", row.nhs_number)
    # An item paid by list size names no patient. Any other row names a patient that the store knows.
    patient = found[0][0] if row.nhs_number else None
    entry = row.entry_id
    payable = row.verdict is Verdict.PAYABLE
    return (
        *(service, row.item, patient, row.day.isoformat(), entry, row.code, row.verdict.value),
        *(row.reason, row.clause, row.fix, (row.unit_price_pence or 0) if payable else 0),
        json.dumps(row.evidence),
        json.dumps(entry_facts(store, entry), ensure_ascii=False) if entry is not None else "{}",
        _generation(store, service, row, patient),
    )


def _generation(store: Store, service: str, row: ClaimRow, patient: int | None) -> int:
    return int(
        store.rows(
            "SELECT count(*) FROM claim_row WHERE verdict = 'payable' AND service = ? AND item = ?"
            " AND ((patient_id IS ? AND day = ?) OR activity_id = ?)",
            service,
            row.item,
            patient,
            row.day.isoformat(),
            row.entry_id,
        )[0][0]
    )


def _append(store: Store, table: str, *values: Any, previous: str = "") -> str:
    """Write one line whose hash covers only its own values; returns the hash."""
    whole, before = (chain.next_id(store, table), *values), previous or chain.head(store)
    digest = chain.digest(before, table, whole)
    chain.insert(store, table, whole, previous=before, hash=digest)
    return digest


def reverse(store: Store, wanted: str, row: int, *, reason: str, on: date) -> int:
    """Reverse one claimed row and return its pence. Its work can then be claimed again."""
    found = store.rows(
        "SELECT r.id, r.verdict, r.amount_pence, v.id FROM claim_row r JOIN claim c ON c.id = r.claim_id"
        f" LEFT JOIN reversal v ON v.claim_row_id = r.id WHERE {CLAIM_ID} = ? AND r.row = ?",
        wanted,
        row,
    )
    if not found:
        raise LesError(f"the claim {wanted} has no row {row}", f"`les claims show {wanted}` lists its rows")
    number, verdict, amount, before = found[0]
    if verdict != Verdict.PAYABLE.value:
        raise LesError(f"row {row} of {wanted} was not claimed ({verdict})", "only a payable row can be reversed")
    if before is not None:
        raise LesError(
            f"row {row} of {wanted} is already reversed", f"`les claims show {wanted}` says why; nothing was changed"
        )
    _append(store, "reversal", number, amount, reason, on.isoformat())
    return int(amount)


def withdraw(store: Store, wanted: str, *, reason: str, on: date) -> int:
    """Withdraw an unpaid claim: reverse each row not yet reversed, then the claim itself; returns the number of rows.

    The month is open again afterwards. Call it inside `store.writing()`; LesError when the claim cannot be withdrawn.
    """
    claim = _existing_claim(store, wanted)
    if claim.withdrawn_on:
        raise LesError(
            f"{wanted} is already withdrawn, on {for_people(claim.withdrawn_on)}",
            f"`les claims show {wanted}` says why; nothing was changed",
        )
    if claim.paid_pence:
        back = command_to_pay(wanted, -claim.paid_pence, None)
        raise LesError(
            f"{pounds(claim.paid_pence)} is paid for {wanted}, so it cannot be withdrawn",
            f"once that is paid back, record it with `{back}` and withdraw it then; or take single rows back with "
            f"`les claims reverse` (`les claims show {wanted}` lists them)",
        )
    if on < claim.submitted_on:
        raise LesError(
            f"{wanted} was submitted on {for_people(claim.submitted_on)}, after the day asked on",
            "give that day or a later one with --as-of",
        )
    rows = store.rows(
        "SELECT r.id, r.amount_pence FROM claim_row r JOIN claim c ON c.id = r.claim_id"
        f" LEFT JOIN reversal v ON v.claim_row_id = r.id WHERE {CLAIM_ID} = ? AND r.verdict = ? AND v.id IS NULL"
        " ORDER BY r.id",
        wanted,
        Verdict.PAYABLE.value,
    )
    previous = chain.head(store)
    for number, amount in rows:
        previous = _append(store, "reversal", number, amount, reason, on.isoformat(), previous=previous)
    _append(store, "withdrawal", _claim_number(store, wanted), reason, on.isoformat(), previous=previous)
    return len(rows)


MOST_PENCE = 10**11
"""£1,000,000,000: no payment is as much. A file that says so has a number of something else in its amounts."""


class EqualPaymentError(LesError):
    """A payment may be the one that is recorded already (`earlier`): no reference tells the two apart."""

    def __init__(self, what: str, fix: str, earlier: Payment) -> None:
        super().__init__(what, fix)
        self.earlier = earlier


def pay(
    store: Store,
    wanted: str,
    *,
    amount_pence: int,
    on: date,
    reference: str = "",
    again: bool = False,
    items: Sequence[PaidItem] = (),
    beside: Collection[tuple[int, date]] = (),
) -> bool:
    """Record a payment, or with a negative amount money taken back; False when it is already recorded.

    A reference of the payer tells payments of one claim apart. Where there is none, a payment that may be one recorded
    before raises EqualPaymentError, unless `again` says that it is another one. `items` are what a remittance says that
    it is for. `beside` has the amounts and days of other payments that the same remittance has under the reference: it
    says itself that they are others. LesError when more would be taken back than was paid.
    """
    claim, number = _existing_claim(store, wanted), _claim_number(store, wanted)
    if claim.withdrawn_on:
        instead = standing_claim(store, claim.service, claim.month)
        raise LesError(
            f"{wanted} was withdrawn, so nothing is paid for it",
            f"record it for {instead.claim_id}, which stands for that month" if instead
            else "`les claims` lists the claims that stand; submit the month again before you record money for it",
        )  # fmt: skip
    if abs(amount_pence) >= MOST_PENCE:
        raise LesError(f"an amount is {pounds(MOST_PENCE)} or more", "give the amount of one payment")
    recorded = payments(store, wanted)
    if is_payers(reference):
        if _is_under_reference(recorded, wanted, amount_pence, on, reference, again=again, beside=beside):
            return False
    elif reference and is_recorded(recorded, amount_pence, on, reference):
        return False
    others = [one for one in recorded if (one.amount_pence, one.on) not in beside]
    if not again and (earlier := perhaps_the_same(others, amount_pence, on, reference, claim.owed_pence)):
        raise _equal(wanted, earlier, on, reference)
    if claim.paid_pence + amount_pence < 0:
        raise LesError("more would be taken back than was paid", f"`les claims show {wanted}` shows what was paid")
    told = [[one.item, one.quantity, one.amount_pence] for one in items]
    _append(store, "payment", number, amount_pence, on.isoformat(), reference, json.dumps(told) if told else "")
    return True


def _is_under_reference(
    recorded: Sequence[Payment],
    wanted: str,
    amount: int,
    on: date,
    reference: str,
    *,
    again: bool,
    beside: Collection[tuple[int, date]],
) -> bool:
    """Whether this very payment stands under the payer's reference; LesError when another payment does."""
    of_reference = [one for one in recorded if one.reference == reference]
    alike = [one for one in of_reference if abs(one.amount_pence) == abs(amount)]
    if alike and alike[-1].amount_pence == -amount:
        # Paid, taken back by mistake and paid again under one reference: those are three lines.
        return False
    if alike and alike[-1].on == on:
        return True
    # Parts of one sum may have one reference. The same sum on another day is that payment with its day corrected.
    parts = () if again else [one for one in standing(of_reference) if (one.amount_pence, one.on) not in beside]
    if not (alike or parts):
        return False
    other = [*parts, *alike][-1]
    if (other.amount_pence, other.on) in beside:
        raise LesError(
            f"two payments of {pounds(amount)} on two days have one reference", "give one of them another reference"
        )
    part = f"`{command_to_pay(wanted, amount, on, reference)} --yes` if it is another part of that sum, "
    raise LesError(
        f"that reference is already recorded for {pounds(other.amount_pence)} of {for_people(other.on)}, paid for"
        f" {wanted}",
        f"give this payment a reference of its own, {part if not alike else ''}or take the other "
        f"one back first with `{command_to_pay(wanted, -other.amount_pence, other.on, reference)}`",
    )


def _equal(wanted: str, earlier: Payment, on: date, reference: str) -> EqualPaymentError:
    told_apart = is_payers(earlier.reference) and is_payers(reference)
    by = " under another reference" if told_apart else "" if earlier.reference else " without a reference"
    would = "; with this one, more would be paid than is claimed" if told_apart or earlier.on != on else ""
    if is_payers(reference):
        back = command_to_pay(wanted, -earlier.amount_pence, earlier.on, earlier.reference)
        fix = (
            "if this is another payment, record it again with --yes; if it is the same one and this reference should "
            f"stand in the ledger, take the earlier one back first with `{back}`"
        )
    elif is_payers(earlier.reference):
        fix = "if this is another payment, tell the two apart with --ref TEXT, or record it again with --yes"
    else:
        fix = "if this is another payment, record it again with --ref TEXT and --yes"
    return EqualPaymentError(
        f"{pounds(earlier.amount_pence)} of {for_people(earlier.on)} is already recorded for {wanted}{by}{would}",
        fix,
        earlier,
    )


def _existing_claim(store: Store, wanted: str) -> LedgerClaim:
    claim = find_claim(store, wanted)
    if claim is None:
        raise LesError(f"there is no claim {wanted}", "`les claims` lists them")
    return claim


def _claim_number(store: Store, wanted: str) -> int:
    return int(store.rows(f"SELECT c.id FROM claim c WHERE {CLAIM_ID} = ?", wanted)[0][0])
