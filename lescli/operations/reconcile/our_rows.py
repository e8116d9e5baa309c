"""Our activities around one claim: the rows that stand in it, and each one that is not in it, once, with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ...model import ClaimRow, ServiceSpec, Verdict
from ...rules.claim_row import reason_of
from ...store.ledger.read import LedgerRow
from . import reasons
from .reasons import CLAIMED_OTHERWISE, Words

Why = tuple[str, str]
"""A reason and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OurRow:
    """One activity of ours. `pence` is what is claimed for it, or None where that is not known.

    `why` says why it is not in this claim, and is empty for a row that is. `number` is its row there. `day` is the
    first day of the month, quarter or year for an item that is paid for one.
    """

    person: str
    day: date
    item: str
    code: str = ""
    pence: int | None = None
    why: Why = ("", "")
    number: int | None = None

    @property
    def key(self) -> tuple[str, str, date]:
        """What it is: a person, an item and a day."""
        return self.person, self.item, self.day


def rows_of_claim(frozen: Iterable[LedgerRow]) -> Iterator[OurRow]:
    """The rows of a submitted claim that were not taken back."""
    return (_of_ledger(row) for row in frozen if row.verdict == Verdict.PAYABLE and row.reversed_on is None)


def rows_of_preview(fresh: Iterable[ClaimRow]) -> Iterator[OurRow]:
    """The rows that would be claimed."""
    return (_of_rules(row) for row in fresh if row.verdict is Verdict.PAYABLE)


def rows_not_claimed(
    spec: ServiceSpec,
    words: Words,
    claimed: Sequence[OurRow],
    elsewhere: Sequence[OurRow],
    fresh: Sequence[ClaimRow],
    frozen: Sequence[LedgerRow],
) -> Iterator[OurRow]:
    """Each activity that is not in the claim, once. What the ledger says comes before what the rules say today.

    `elsewhere` are the rows of other claims, `fresh` the verdicts of today and `frozen` the rows of the claim.
    """
    yield from elsewhere
    # What is accounted for already: the rules name it again.
    told = Counter(row.key for row in (*claimed, *elsewhere))
    back = [_of_ledger(row, words.theirs(reasons.TAKEN_BACK)) for row in frozen if row.reversed_on]
    for one in back:
        if not told[one.key]:
            told[one.key] += 1
            yield one
    taken_back = {one.key for one in back}
    for row in sorted(fresh, key=lambda each: each.verdict not in (Verdict.PAYABLE, Verdict.CLAIMED)):
        one = _of_rules(row, _why_today(spec, words, row))
        if told[one.key] and (row.verdict in (Verdict.PAYABLE, Verdict.CLAIMED) or one.key in taken_back):
            told[one.key] -= 1
        else:
            yield one
    known = {(row.nhs_number, row.item, row.day) for row in fresh}
    for earlier in frozen:
        # An entry that is gone since: what was said of it when the claim was made still explains it.
        one = _of_ledger(earlier, (earlier.reason, earlier.fix or _tell(spec, earlier.reason)))
        if earlier.verdict != Verdict.PAYABLE and one.key not in known and not told[one.key]:
            yield one


def _why_today(spec: ServiceSpec, words: Words, row: ClaimRow) -> Why:
    if row.verdict is Verdict.PAYABLE:
        return words.theirs(reasons.FOUND_LATER)
    if row.reason == "claimed":
        return row.reason, CLAIMED_OTHERWISE
    return row.reason, row.fix or _tell(spec, row.reason)


def _tell(spec: ServiceSpec, reason: str) -> str:
    """What to do about a verdict that nothing mends."""
    try:
        return f"tell them why we did not claim it: {reason_of(spec, reason).text}"
    except KeyError:  # The claim was made under a reason that the service no longer has.
        return "tell them why we did not claim it"


def _of_ledger(row: LedgerRow, why: Why = ("", "")) -> OurRow:
    payable = row.verdict == Verdict.PAYABLE
    return OurRow(
        person=row.person,
        day=row.day,
        item=row.item,
        code=row.code,
        pence=row.amount_pence if payable else None,
        why=why,
        number=row.row,
    )


def _of_rules(row: ClaimRow, why: Why = ("", "")) -> OurRow:
    return OurRow(
        person=row.nhs_number,
        day=row.day,
        item=row.item,
        code=row.code,
        pence=(row.unit_price_pence or 0) if row.verdict is Verdict.PAYABLE else None,
        why=why,
    )
