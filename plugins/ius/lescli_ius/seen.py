"""Patients seen by month, and how soon after the referral or request (the document's performance indicators)."""

from __future__ import annotations

from datetime import date

from lescli.api import Claim, ClaimRow, Measure, Month, Period, Records, Register, ServiceSpec, Table, Verdict

from .devices import FITTING, Days, coded_days, last_before

PATIENTS_SEEN, WITHIN = "patients-seen", "seen-within-4-weeks"


def seen_rows(claim: Claim, period: Period) -> tuple[ClaimRow, ...]:
    """The rows of the period for which a patient of this service was seen, whether or not they are paid.

    Rows held back (`check`) count, because the patient was there. Rows that the service refuses do not count, nor do
    those dated after death.
    """
    return tuple(row for row in claim.rows if row.day in period and _was_seen(row))


def _was_seen(row: ClaimRow) -> bool:
    reasons = {row.reason, *(found.reason for found in row.also)}
    verdicts = {row.verdict, *(found.verdict for found in row.also)}
    return row.reason == "claimed" or not (Verdict.REFUSED in verdicts or "after-death" in reasons)


def patients_seen(spec: ServiceSpec, claim: Claim, period: Period) -> Measure:
    """The number of different patients seen in the period."""
    return spec.measure(PATIENTS_SEEN).result(len({row.nhs_number for row in seen_rows(claim, period)}))


def seen_by_month(spec: ServiceSpec, claim: Claim, period: Period) -> Table:
    """Different patients in each month, and how often each item was done. A patient can count in several months."""
    rows = seen_rows(claim, period)
    items = [item.name for item in spec.items]
    return Table(
        id="patients-seen-by-month",
        title="Patients seen, by month",
        columns=("month", "patients", *items),
        rows=tuple(
            (
                str(month),
                len({row.nhs_number for row in rows if Month.of(row.day) == month}),
                *(sum(row.item == item and Month.of(row.day) == month for row in rows) for item in items),
            )
            for month in period.months()
        ),
    )


def seen_in_time(
    spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period
) -> tuple[Measure, list[str]]:
    """How many of the fittings with a recorded request were in time; and a note on fittings without one."""
    fitted = coded_days(spec, records, FITTING)
    rows = [row for row in seen_rows(claim, period) if row.item == FITTING]
    waits = [(row, requested) for row in rows if (requested := _requested(records, register, fitted, row))]
    in_time = sum(_is_in_time(spec, row.day, requested) for row, requested in waits)
    lacking = len(rows) - len(waits)
    notes = [f"{WITHIN}: requested_on is not recorded for {lacking} of {len(rows)} fittings"] if lacking else []
    return spec.measure(WITHIN).result(in_time, len(waits)), notes


def _is_in_time(spec: ServiceSpec, day: date, requested: date) -> bool:
    days = spec.setting("seen_within_days", day)
    return isinstance(days, int) and (day - requested).days <= days


def _requested(records: Records, register: Register, fitted: Days, row: ClaimRow) -> date | None:
    """The day of the request that led to a fitting: after the fitting before it and no later than its own day.

    The value recorded last counts.
    """
    before = last_before(fitted.get(row.nhs_number, ()), row.day) or date.min
    recorded = [
        (start, value)
        for entry in register.of(row.nhs_number)
        for start, name, value in entry.history
        if name == "requested_on" and start <= records.as_of and isinstance(value, date) and before < value <= row.day
    ]
    return max(recorded)[1] if recorded else None


def held_back_notes(claim: Claim, period: Period) -> list[str]:
    """A note with the number of counted activities that are held back."""
    held = sum(row.verdict is Verdict.CHECK for row in seen_rows(claim, period))
    return [f"{PATIENTS_SEEN}: {held} of the activities counted are held back (`check`)"] if held else []
