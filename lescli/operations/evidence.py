"""`les evidence`: the proof that claimed rows, or a sample of them, need in a check after payment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from ..calendar import MONTHS_OF, Period, claim_period_of
from ..errors import LesError
from ..model import ServiceSpec
from ..rules.duties import DutyState
from ..rules.evidence import Claimed, Evidence, Shown
from ..services import Service
from ..store import Store
from ..store.ledger.read import VerifiedRow, claimed_rows
from ..store.records.records import StoreRecords
from .choose_services import register_of
from .claims.support import Discrepancy, look_again
from .duties import states_of

ALGORITHM = (
    "the rows with the smallest SHA-256, in hexadecimal, of the text SEED:CLAIM_ID:ROW in UTF-8, in the order of claim "
    "and row"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The sample size and the seed. The same store, seed and size always give the same rows."""

    size: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One claimed row, the evidence asked of it with what was found, and whether it is still supported."""

    row: VerifiedRow
    shown: tuple[Shown, ...]
    since: Discrepancy | None

    @property
    def missing(self) -> tuple[Shown, ...]:
        """Required evidence that is missing. A reversed row needs none."""
        return () if self.row.row.reversed_on else tuple(one for one in self.shown if one.missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The rows of a pack with their evidence. `claimed` is the number of rows they were drawn from."""

    spec: ServiceSpec
    period: Period
    records: StoreRecords
    rows: tuple[Checked, ...]
    claimed: int
    sample: Sample | None
    duties: tuple[DutyState, ...] = ()

    @property
    def patients(self) -> int:
        """The number of different patients in the pack."""
        return len({one.row.row.nhs_number for one in self.rows if one.row.row.nhs_number})

    @property
    def missing(self) -> int:
        """Rows that lack something required."""
        return sum(bool(one.missing) for one in self.rows)

    @property
    def unsupported(self) -> int:
        """Rows that the rules would not pay today."""
        return sum(one.since is not None and one.since.supported is False for one in self.rows)


def verification(store: Store, service: Service, period: Period, as_of: date, sample: Sample | None) -> Verification:
    """Every row claimed in the months that the period touches, or a sample. LesError when nothing was submitted.

    A claim is for a whole month, quarter or year, so the period of the answer is whole ones too. If `as_of` is before
    the newest submission of those claims, the record is read as of that submission.
    """
    named, period = claims_touched(service.spec, period)
    every = claimed_rows(store, service.name, named)
    if not every:
        raise LesError(
            f"no row of {service.name} was claimed in {period}", "`les claims` lists what was submitted, by month"
        )
    rows = every if sample is None else drawn(every, sample)
    # The record of a day before the submission does not hold the claimed work.
    day = max(as_of, *(row.claim.submitted_on for row in every))
    records, register = register_of(store, service, day)
    evidence = Evidence(service.spec, records, register)
    again = look_again(store, day, service=service.name)
    since = {(one.row.claim_id, one.row.row): one for one in again.found}
    checked = tuple(
        Checked(row=row, shown=evidence.of(_asked(row)), since=since.get((row.claim.claim_id, row.row.row)))
        for row in rows
    )
    return Verification(
        spec=service.spec,
        period=period,
        records=records,
        rows=checked,
        claimed=len(every),
        sample=sample,
        duties=states_of(store, service.spec, day),
    )


def claims_touched(spec: ServiceSpec, period: Period) -> tuple[frozenset[str], Period]:
    """The names of the months, quarters and years that a period touches, and the days of those the service claims by.

    All three are named: a service may have been claimed by another period in an earlier contract.
    """
    days = Period(spec.claim_period(period.start).first, spec.claim_period(period.end).last)
    years = (claim_period_of(month.first, every, spec.year_starts) for month in days.months() for every in MONTHS_OF)
    return frozenset(map(str, years)), days


def drawn(rows: Sequence[VerifiedRow], sample: Sample) -> tuple[VerifiedRow, ...]:
    """The sample that `ALGORITHM` describes, or all rows when there are no more than asked for.

    It sorts by a hash, not by random numbers. So the machine, the version of Python and the order of the rows make no
    difference, and anyone can draw the same sample again.
    """

    def drawn_by(row: VerifiedRow) -> str:
        return sha256(f"{sample.seed}:{row.claim.claim_id}:{row.row.row}".encode()).hexdigest()

    kept = {(row.claim.claim_id, row.row.row) for row in sorted(rows, key=drawn_by)[: sample.size]}
    return tuple(row for row in rows if (row.claim.claim_id, row.row.row) in kept)


def _asked(row: VerifiedRow) -> Claimed:
    return Claimed(
        item=row.row.item,
        nhs_number=row.row.person,
        day=row.row.day,
        entry=None if row.withdrawn else row.entry,
    )
