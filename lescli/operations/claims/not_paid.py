"""What the commissioner did not pay as claimed, item by item, after everything that is recorded for a claim so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ...store import Store
from ...store.ledger.read import LedgerClaim, LedgerRow, PaidItem, Payment, claim_rows, find_claim, payments

_MOST_ROWS = 10
Told = Mapping[tuple[str, int, date], tuple[PaidItem, ...]]
"""What the file at hand says of payments, by claim, pence and day: the ledger of earlier versions does not say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPaid:
    """One item of which another sum was paid than is claimed, with the fields of docs/reference/json.md in their order.

    The last row of a claim may have no item and no counts: money that was recorded without saying what it is for.
    The differences of a claim add up to what is still owed for it.
    """

    claim_id: str
    item: str
    claimed: int | None
    paid: int | None
    difference_pence: int
    fix: str


def not_paid(store: Store, claim_id: str, told: Told) -> Iterator[NotPaid]:
    """Each item of one claim that was not paid as claimed, counting every payment recorded so far."""
    claim = find_claim(store, claim_id)
    if claim is None:
        return
    account = _Account.of(store, claim, told)
    if account.loose and not claim.owed_pence:
        # All of it is paid; only which payment was for what is not known.
        return
    for item in sorted(account.rows.keys() | account.paid.keys()):
        rows = account.rows.get(item, [])
        worth, money = sum(row.amount_pence for row in rows), account.money[item]
        if (len(rows), worth) != (account.paid[item], money):
            yield NotPaid(
                claim_id=claim_id,
                item=item,
                claimed=len(rows),
                paid=account.paid[item],
                difference_pence=worth - money,
                fix=_fix(claim, rows, len(rows) - account.paid[item]),
            )
    if account.loose:
        yield NotPaid(
            claim_id=claim_id,
            item="",
            claimed=None,
            paid=None,
            difference_pence=-account.loose,
            fix="recorded without an item: it may be for the items above, so ask what it was paid for",
        )


@dataclass(slots=True, kw_only=True)
class _Account:
    """The rows of a claim that stand, what was paid by item, and the money recorded without an item (`loose`)."""

    rows: dict[str, list[LedgerRow]]
    paid: Counter[str]
    money: Counter[str]
    loose: int = 0

    @classmethod
    def of(cls, store: Store, claim: LedgerClaim, told: Told) -> _Account:
        made = cls(rows={}, paid=Counter(), money=Counter())
        for row in claim_rows(store, claim.claim_id):
            if row.amount_pence and row.reversed_on is None:
                made.rows.setdefault(row.item, []).append(row)
        for one in _left(payments(store, claim.claim_id)):
            items = one.items or told.get((claim.claim_id, one.amount_pence, one.on), ())
            for each in items:
                made.paid[each.item] += each.quantity
                made.money[each.item] += each.amount_pence
            made.loose += one.amount_pence - sum(each.amount_pence for each in items)
        for item in sorted(made.rows):
            # More was taken back for it than its payments say, so money without an item paid for it before.
            if made.money[item] < 0 < made.loose:
                made._give(item, min(made.loose, made._worth(item)))
        if len(made.rows.keys() | made.paid.keys()) == 1:
            made._give(next(iter(made.rows or made.paid)), made.loose)
        return made

    def _worth(self, item: str) -> int:
        return sum(row.amount_pence for row in self.rows.get(item, ()))

    def _give(self, item: str, pence: int) -> None:
        """Count money without an item for an item, with as many of it as the money pays for at its price."""
        prices = {row.amount_pence for row in self.rows.get(item, ())}
        if pence == self._worth(item):
            self.paid[item] += len(self.rows.get(item, ()))
        elif len(prices) == 1:
            price = next(iter(prices))
            self.paid[item] += abs(pence) // price * (1 if pence > 0 else -1)
        self.money[item] += pence
        self.loose -= pence


def _left(recorded: Sequence[Payment]) -> list[Payment]:
    """The payments without those that were taken back whole: by a line with the same amount that names no item."""
    left: list[Payment] = []
    for one in recorded:
        undone = [held for held in left if held.amount_pence == -one.amount_pence > 0 and not one.items]
        of_same = [held for held in undone if held.reference == one.reference]
        if undone:
            left.remove((of_same or undone)[-1])
        else:
            left.append(one)
    return left


def _fix(claim: LedgerClaim, rows: Sequence[LedgerRow], fewer: int) -> str:
    """What to do about an item. A command names a row where it is known which one, or else where to find it."""
    if fewer < 0:
        return "they paid for more than is claimed: tell them, before they take it back"
    if not fewer:
        return (
            f"ask at which price they paid; `les reconcile {claim.service} FILE --month {claim.month}` compares the "
            "claim"
        )
    reverse = f"les claims reverse {claim.claim_id} --row {{}} --reason TEXT"
    numbers = [row.row for row in rows]
    if fewer < len(numbers) or len(numbers) > _MOST_ROWS:
        return (
            f"ask which {fewer} they disallow, and why; if they are right, take each back: `{reverse.format('N')}`; "
            f"`les claims show {claim.claim_id}` lists the rows by number"
        )
    if len(numbers) == 1:
        return f"ask why they disallow it; if they are right, take it back: `{reverse.format(numbers[0])}`"
    listed = f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
    return (
        f"ask why they disallow rows {listed}; if they are right, take each back: `{reverse.format(numbers[0])}` and "
        "so on"
    )
