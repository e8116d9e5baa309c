"""Who said no to a recall, and until when they are left out of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ..calendar import add_months
from ..model import Declined, Invitation, Recall, RecallList

DECLINED = "declined"
DECLINE_REACHES_MONTHS = 6
"""How long before something falls due a patient can already have declined it."""


def declined_by(since: Sequence[Invitation], recall: Recall, as_of: date) -> Declined | None:
    """The no that leaves a patient out of a recall; None where they are to be called.

    The last word was no, it was about this recall, and the day they set has not come.
    """
    said = [contact for contact in since if contact.outcome]
    if not said or said[-1].outcome != DECLINED:
        return None
    last = said[-1]
    # A no says nothing about what falls due long after it: the six-week check declined is not the device's last year.
    # Until then they are left in peace all the same.
    ends = [last.until, None if last.on >= add_months(recall.due_on, -DECLINE_REACHES_MONTHS) else recall.due_on]
    again = min((day for day in ends if day), default=None)
    if again is not None and as_of >= again:
        return None
    return Declined(
        nhs_number=recall.nhs_number,
        kind=recall.kind,
        due_on=recall.due_on,
        clause=recall.clause,
        declined_on=last.on,
        again_on=again,
    )


def declined_note(recalls: RecallList) -> tuple[str, ...]:
    """A line for a report, which counts who is overdue: so many are left out of it; it names nobody."""
    patients = len({one.nhs_number for one in recalls.declined})
    return (f"left out of what is overdue: {patients} declined",) if patients else ()
