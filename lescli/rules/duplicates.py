"""How a duplicate is judged: the same patient, item and day is paid once, and a claimed entry stays claimed."""

from __future__ import annotations

from dataclasses import dataclass

from ..model import Activity, ClaimedRow, Finding, ServiceSpec, Verdict
from .claim_row import finding


@dataclass(slots=True)
class Candidate:
    """One entry that an item may pay for, with the findings against it.

    `tariff` is the one of the item's prices that it is paid at, and `pence` its price where that depends on other
    rows. `evidence` is empty where the entry alone is the evidence.
    """

    activity: Activity
    findings: list[Finding]
    tariff: str = ""
    pence: int | None = None
    evidence: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The first verdict of the findings; payable without any."""
        return min((found.verdict for found in self.findings), key=lambda v: v.rank, default=Verdict.PAYABLE)


class ClaimedBefore:
    """The claimed rows of one item: by patient and day, and by the coded entry that was claimed."""

    def __init__(self, standing: list[ClaimedRow]) -> None:
        self.days = {(row.day, row.nhs_number) for row in standing}
        self.evidence = {evidence for row in standing for evidence in row.evidence}
        self.in_place = {(row.day, evidence) for row in standing for evidence in row.evidence}

    def holds(self, activity: Activity) -> bool:
        """Whether the entry was claimed, or another one of its patient and day."""
        return activity.evidence in self.evidence or (activity.day, activity.nhs_number) in self.days

    def rank(self, activity: Activity) -> int:
        """2 for an entry claimed on the day it has now, 1 for one claimed on another day, 0 for one not claimed."""
        held = activity.evidence in self.evidence
        return held + (held and (activity.day, activity.evidence) in self.in_place)


def choose_one(spec: ServiceSpec, group: list[Candidate], claimed: ClaimedBefore) -> Candidate:
    """Count the same patient, item and day once: the entry already claimed, or else the one with the best verdict."""
    first = max(
        group,
        key=lambda c: (claimed.rank(c.activity), c.verdict.rank, -len(c.findings), -group.index(c)),
    )
    key = (first.activity.day, first.activity.nhs_number)
    if first.activity.evidence in claimed.evidence or key in claimed.days:
        first.findings.insert(0, finding(spec, "claimed"))
    doubts = {found.reason for found in first.findings if found.verdict is Verdict.CHECK}
    for other in group:
        if other is not first:
            own = [found for found in other.findings if found.verdict is Verdict.CHECK]
            replaced = any(found.reason not in doubts for found in own)
            clause = own[0].clause if replaced else ""
            if other.activity.evidence in claimed.evidence:
                # Two entries were claimed on different days and the record now dates both the same. Both stay claimed;
                # the practice has to reverse one.
                other.findings.insert(0, finding(spec, "claimed"))
            other.findings.append(
                finding(spec, "superseded", clause=clause) if replaced else finding(spec, "duplicate")
            )
    return first
