"""A submission that would take a month off every list before its work is done or for no money: asked for first."""

from __future__ import annotations

from datetime import date

from ...calendar import Month, for_people
from ...errors import LesError
from ...model import Claim, Records, ServiceSpec, Verdict
from ...outputs import counted, pounds
from ...rules.unclaimed import worth


def refuse_too_early(spec: ServiceSpec, records: Records, claim: Claim, month: Month, as_of: date) -> None:
    """LesError for a claim of a month that is not over, or of no money, with what submitting it would do."""
    paid: list[int] = [row.unit_price_pence or 0 for row in claim.rows if row.verdict is Verdict.PAYABLE]
    if as_of > month.last and any(paid):
        return
    why = f"it comes to {pounds(0)}" if as_of > month.last else f"the month is not over on {for_people(as_of)}"
    raise LesError(
        f"{spec.name} {month}: not submitted, for {why}; it would freeze {pounds(sum(paid))} for "
        f"{counted(len(paid), 'activity', 'activities')}{_held_back(spec, records, claim)}, and {month} would be on no "
        "list of open months any more",
        f"{_instead(spec, claim, month, as_of)}, or add --yes to submit it all the same",
    )


def _held_back(spec: ServiceSpec, records: Records, claim: Claim) -> str:
    held = [worth(spec, records, row) for row in claim.rows if row.verdict is Verdict.CHECK]
    if not held:
        return ""
    return f", leave {counted(len(held), 'activity', 'activities')} worth {pounds(sum(held))} held back as check"


def _instead(spec: ServiceSpec, claim: Claim, month: Month, as_of: date) -> str:
    if as_of <= month.last:
        return f"submit it after {for_people(month.last)}"
    if any(row.verdict is Verdict.CHECK for row in claim.rows):
        return f"put right what `les claim {spec.name} --month {month} --rows` shows as check first"
    return "leave the month alone while there is nothing to claim"
