"""Patients who declined a recall, and until when they are left out of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ..calendar import add_months
from ..model import Declined, Invitation, Recall, RecallList

DECLINED = "declined"
DECLINE_REACHES_MONTHS = 6
"""A patient can decline a recall at most this many months before it falls due."""


def declined_by(since: Sequence[Invitation], recall: Recall, as_of: date) -> Declined | None:
    """The refusal that leaves a patient out of a recall; None when they are to be called.

    It counts when the last outcome recorded was a refusal, it was about this recall, and the day the patient set has
    not come.
    """
    said = [contact for contact in since if contact.outcome]
    if not said or said[-1].outcome != DECLINED:
        return None
    last = said[-1]
    # Declining one recall does not decline another that falls due much later: a patient who declines the six-week
    # check has not declined the change of the device years later. Until that falls due nobody calls them.
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
    """A line for a report: how many patients are not counted as overdue because they declined. It names nobody."""
    patients = len({one.nhs_number for one in recalls.declined})
    return (f"not counted as overdue, because they declined: {patients}",) if patients else ()
