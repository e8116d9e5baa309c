"""The activity of a period: blood samples by month, and appointments that patients did not attend."""

from __future__ import annotations

from collections import Counter

from lescli.api import Claim, Measure, Month, Period, Records, ServiceSpec, Table, given_rows


def samples_by_month(claim: Claim, period: Period) -> Table:
    """A table of attendances at which blood was taken, paid or not, for each month that the period touches."""
    counts = Counter(Month.of(row.day) for row in given_rows(claim, "sample", period))
    return Table(
        id="samples-by-month",
        title="Blood samples by month, one per attendance",
        columns=("month", "samples"),
        rows=tuple((str(month), counts[month]) for month in period.months()),
    )


def not_attended(spec: ServiceSpec, records: Records, period: Period) -> Measure:
    """The number of contacts in the period with the outcome that the measure names."""
    wanted = spec.measure("not-attended")
    missed = sum(contact.outcome == wanted.of and contact.on in period for contact in records.invitations())
    return wanted.result(missed)
