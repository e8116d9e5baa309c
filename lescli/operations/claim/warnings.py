"""Warnings for the person who is about to submit a claim."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ...calendar import Month, contract_year, for_people
from ...model import ClaimRow, ServiceSpec, Verdict
from ...outputs import pounds
from ...rules.windows import claims_from
from ...store import Store
from ...store.ledger.read import claims


def suggested_codes(spec: ServiceSpec, month: Month) -> dict[str, str]:
    """Each code list the claim depends on that is only suggested, with its warning."""
    return {name: line for name, line in _suggested(spec, month.last).items() if name in spec.codelists_relied_on()}


def suggested_notes(spec: ServiceSpec, day: date) -> tuple[str, ...]:
    """One line for each code list of the service that is only suggested, shown wherever it may matter."""
    return tuple(_suggested(spec, day).values())


def _suggested(spec: ServiceSpec, day: date) -> dict[str, str]:
    return {
        codelist.name: f"{spec.name}: the code of `{codelist.name}` is suggested, not specified; confirm it with "
        f"`les services set {spec.name} codes.{codelist.name}=CODE --from DATE --source TEXT`"
        for codelist in spec.codelists
        if codelist.status_on(day) == "suggested"
    }


def claim_warnings(store: Store, spec: ServiceSpec, month: Month, as_of: date, due: date | None) -> list[str]:
    """Warnings: the month is not over, the deadline has passed, the address is in doubt, or this is the first claim."""
    found = []
    if as_of <= month.last:
        found.append(f"{spec.name} {month}: the month is not over; later activity will come in the next claim")
    if due and as_of > due:
        found.append(f"{spec.name} {month}: it was due by {for_people(due)} ({spec.submission.clause})")
    address = spec.submission.address_on(as_of)
    if spec.submission.note and not (address and address.local):
        found.append(f"{spec.name}: {spec.submission.note}")
    starts = any(setting.name == "claims_from" and not setting.versions for setting in spec.settings)
    if starts and not any(claim.service == spec.name for claim in claims(store)):
        found.append(
            f"{spec.name}: this would be its first claim; if earlier months were claimed by other means, "
            f"record that first: `les services set {spec.name} setting.claims_from={month} "
            f"--from {month.first.isoformat()} --source TEXT`"
        )
    return found


def of_earlier_years(spec: ServiceSpec, month: Month, as_of: date, rows: Iterable[ClaimRow]) -> tuple[str, ...]:
    """A warning when a claim without a claim window has work of earlier contract years, which may be paid already."""
    year = contract_year(month.first)
    late = [row for row in rows if row.verdict is Verdict.PAYABLE and row.day < year.start]
    if not late or spec.window_months or claims_from(spec, as_of):
        return ()
    first, amount = Month.of(min(row.day for row in late)), sum(row.unit_price_pence or 0 for row in late)
    term = f"setting.claims_from={Month.of(year.start)} --from {year.start.isoformat()}"
    return (
        f"{spec.name} {month}: {pounds(amount)} of it is work of earlier contract years, from {first} on; if that was "
        f"claimed by other means, record that first: `les services set {spec.name} {term} --source TEXT`",
    )
