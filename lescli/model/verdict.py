"""The verdicts: what becomes of one activity in one claim."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What becomes of one activity in one claim. When several verdicts apply, the first in this order counts."""

    CLAIMED = "claimed"
    REFUSED = "refused"
    EXPIRED = "expired"
    CHECK = "check"
    OVER_CAP = "over_cap"
    UNPRICED = "unpriced"
    PAYABLE = "payable"

    @property
    def rank(self) -> int:
        """The verdict's place in the order of precedence; 0 is first."""
        return _RANKS[self]


_RANKS = {verdict: place for place, verdict in enumerate(Verdict)}
