"""Whether a payment may be one that is recorded already: typed by hand before, or loaded from another file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from ...amounts import plain_pounds
from .read import Payment

_NEVER_TYPED = frozenset('"`$\\!%')
"""Characters that mean something else to one shell or another."""

_OURS = re.compile(r"file [0-9a-f]{12}")


def file_reference(digest: str) -> str:
    """The reference of a payment whose line has none: the file that it came with."""
    return f"file {digest[:12]}"


def is_payers(reference: str) -> bool:
    """Whether a reference is the payer's own, so that it tells payments apart."""
    return bool(reference) and not _OURS.fullmatch(reference)


def standing(payments: Sequence[Payment]) -> list[Payment]:
    """The payments that were not taken back, and what was taken back for itself.

    An amount with a minus takes back the newest payment of that amount.
    """
    left: list[Payment] = []
    for one in payments:
        undone = next((held for held in reversed(left) if held.amount_pence == -one.amount_pence), None)
        if undone is None:
            left.append(one)
        else:
            left.remove(undone)
    return left


def is_recorded(recorded: Sequence[Payment], amount_pence: int, on: date, reference: str) -> bool:
    """Whether this very payment was ever recorded for the claim, taken back since or not."""
    return any((one.amount_pence, one.on, one.reference) == (amount_pence, on, reference) for one in recorded)


def perhaps_the_same(
    recorded: Sequence[Payment], amount_pence: int, on: date, reference: str, owed_pence: int
) -> Payment | None:
    """The payment of a claim that a new one may repeat; None when there is none.

    That is one of the same amount and day, if no reference of the payer tells the two apart. Where more would be paid
    than `owed_pence`, it is also one of another day, because the bank and the remittance may name different days, and
    one of the same day under another reference, because they may name different references.
    """
    equal = [one for one in recorded if abs(one.amount_pence) == abs(amount_pence)]
    alike = [one for one in equal if not (is_payers(reference) and is_payers(one.reference))]
    same_day = [one for one in alike if one.on == on]
    # Paid, taken back by mistake and paid again on one day: those are three lines.
    if same_day and same_day[-1].amount_pence == amount_pence:
        return same_day[-1]
    if amount_pence <= owed_pence or amount_pence < 0:
        return None
    left = [*standing(alike), *standing([one for one in equal if one.on == on])]
    return next((one for one in reversed(left) if one.amount_pence == amount_pence), None)


def command_to_pay(claim_id: str, amount_pence: int, on: date | None, reference: str = "") -> str:
    """The command that records a payment, or with a negative amount takes one back. Without a day it says DATE."""
    ref = "TEXT" if _NEVER_TYPED & set(reference) else f'"{reference}"'
    day = on.isoformat() if on else "DATE"
    told = f" --ref {ref}" if reference else ""
    return f"les claims pay {claim_id} --amount {plain_pounds(amount_pence)} --on {day}{told}"
