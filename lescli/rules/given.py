"""Work that was done as the specification asks, whether or not it is paid for."""

from __future__ import annotations

from ..calendar import Period
from ..model import Claim, ClaimRow, Verdict

_GIVEN = (Verdict.PAYABLE, Verdict.CLAIMED, Verdict.EXPIRED, Verdict.OVER_CAP, Verdict.UNPRICED)
"""Work that was done as the specification asks, whether or not it is paid for."""
_NOT_GIVEN = (Verdict.REFUSED, Verdict.CHECK)


def given_rows(claim: Claim, item: str, period: Period) -> tuple[ClaimRow, ...]:
    """Rows of an item dated in the period whose work was done as the specification asks."""
    return tuple(row for row in claim.rows if row.item == item and row.day in period and _given(row))


def _given(row: ClaimRow) -> bool:
    # Before the first month claimed here nothing was judged when it was claimed, so it is judged now.
    unjudged = row.reason == "claimed-elsewhere"
    return row.verdict in _GIVEN and not (unjudged and any(one.verdict in _NOT_GIVEN for one in row.also))
