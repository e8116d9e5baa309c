"""Our side of a month: the rows that stand claimed, the work that is not in this claim, and why they may lack a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from ...calendar import ClaimPeriod, Period
from ...model import ClaimItem, Records, ServiceSpec, Verdict
from ...model.registration import Registration
from ...rules.claim_row import days_paid
from ...services import Service
from ...store import Store
from ...store.ledger.read import claim_rows, claims, standing_claim
from ..choose_services import register_of
from ..claims.support import TWICE, Asked, look_again
from . import reasons
from .our_rows import OurRow, Why, rows_not_claimed, rows_of_claim, rows_of_preview
from .reasons import IN_CLAIM, Words


@dataclass(kw_only=True)
class OurSide:
    """`claimed` are the rows of the submitted claim that stand, or the payable ones of the preview while there is none.

    `unclaimed` are the other activities that this claim could be thought to have: rows of other claims, rows taken
    back, work found later, and each verdict of our own.
    """

    store: Store
    spec: ServiceSpec
    month: ClaimPeriod
    as_of: date
    records: Records
    asked: Asked
    claim_id: str
    claimed: tuple[OurRow, ...]
    unclaimed: tuple[OurRow, ...]
    taken_back: int = 0
    withdrawn: tuple[str, ...] = ()
    words: Words = field(init=False)

    def __post_init__(self) -> None:
        self.words = Words(service=self.spec.name, month=str(self.month), claim=self.claim_id)

    @classmethod
    def of(cls, store: Store, service: Service, month: ClaimPeriod, as_of: date) -> OurSide:
        """The side of one service and month, as known on a day."""
        spec, submitted = service.spec, standing_claim(store, service.name, str(month))
        records, register = register_of(store, service, as_of)
        period = Period.of_claim(month)
        asked = Asked(service=service, period=period, claim=service.claim(records, register, period))
        claim_id = submitted.claim_id if submitted else ""
        frozen = claim_rows(store, claim_id) if submitted else ()
        words = Words(service=spec.name, month=str(month), claim=claim_id)
        elsewhere = [
            OurRow(
                person=row.nhs_number,
                day=row.day,
                item=row.item,
                pence=row.amount_pence,
                why=(reasons.OTHER_MONTH, words.filled(IN_CLAIM, row.claim_id)),
            )
            for row in records.claimed()
            if row.claim_id != claim_id
        ]
        claimed = tuple(rows_of_claim(frozen) if submitted else rows_of_preview(asked.claim.rows))
        return cls(
            store=store,
            spec=spec,
            month=month,
            as_of=as_of,
            records=records,
            asked=asked,
            claim_id=claim_id,
            claimed=claimed,
            unclaimed=tuple(rows_not_claimed(spec, words, claimed, elsewhere, asked.claim.rows, frozen)),
            taken_back=sum(row.verdict == Verdict.PAYABLE and row.reversed_on is not None for row in frozen),
            withdrawn=tuple(
                one.claim_id
                for one in claims(store)
                if (one.service, one.month) == (spec.name, str(month)) and one.withdrawn_on
            ),
        )

    @property
    def status(self) -> str:
        """Whether the claim is `submitted` or a `preview`."""
        return "submitted" if self.claim_id else "preview"

    def quantity(self, item: str) -> int:
        """How many of an item are claimed."""
        return sum(row.item == item for row in self.claimed)

    def pence(self, item: str) -> int:
        """What is claimed for an item."""
        return sum(row.pence or 0 for row in self.claimed if row.item == item)

    @cached_property
    def items(self) -> dict[str, ClaimItem]:
        """The items of the service by name."""
        return {one.name: one for one in self.spec.items}

    def days(self, item: str, day: date) -> Period:
        """The day itself, or the month, quarter or year of an item that is paid for one."""
        return days_paid(self.spec, self.items[item], day) if item in self.items else Period(day, day)

    def why_missing(self, row: OurRow) -> Why | None:
        """What may explain that they do not have a claimed row; None where nothing does."""
        words = self.words
        if not self.claim_id:
            return words.ours(reasons.NOT_SUBMITTED)
        if row.number in self._unsupported:
            is_twice = self._unsupported[row.number] == TWICE[0]
            return words.ours(reasons.CLAIMED_TWICE if is_twice else reasons.NO_SUPPORT, row.number)
        if row.day < self.month.first:
            return words.ours(reasons.LATE)
        if not row.person:
            return None
        patient, here = self.records.patient(row.person), self.records.practice.ods_code
        days = self.days(row.item, row.day)
        if not any(_is_with(one, here, days) for one in patient.registrations):
            return words.ours(reasons.OTHER_PRACTICE)
        if (row.person, row.day) in self._done_elsewhere:
            return words.ours(reasons.DONE_ELSEWHERE)
        if not (patient.alive_on(self.as_of) and patient.registered_on(self.as_of, here)):
            return words.ours(reasons.LEFT)
        return None

    @cached_property
    def _unsupported(self) -> dict[int | None, str]:
        """Row number -> cause, for the rows of the claim that the rules would not pay today."""
        found = look_again(self.store, self.as_of, self.claim_id, asked_already={self.spec.name: self.asked}).to_reverse
        return {one.row.row: one.cause for one in found if one.cause != "price"}

    @cached_property
    def _done_elsewhere(self) -> set[tuple[str, date]]:
        here = ("", self.records.practice.ods_code)
        entries = (
            entry
            for name in self.spec.claim_codelists()
            for entry in self.records.activity(name, self.month.first, self.month.last)
        )
        return {(entry.nhs_number, entry.day) for entry in entries if entry.done_at not in here}


def _is_with(spell: Registration, practice: str, days: Period) -> bool:
    """Whether a patient was registered with the practice on one of the days."""
    begins, ends = spell.start or date.min, spell.end or date.max
    return spell.practice == practice and spell.kind != "none" and begins <= days.end and days.start <= ends
