"""What to tell the person who is about to claim."""

from __future__ import annotations

from datetime import date

from ..calendar import Month, for_people
from ..model import ServiceSpec
from ..store import Store
from ..store.ledger_read import claims


def suggested_codes(spec: ServiceSpec, month: Month) -> dict[str, str]:
    """Code lists a claim rests on that are only suggested, with the words to say so."""
    return {name: line for name, line in _suggested(spec, month.last).items() if name in spec.codelists_relied_on()}


def suggested_notes(spec: ServiceSpec, day: date) -> tuple[str, ...]:
    """A line for each code list of the service that is only suggested: every output that may rest on one says so."""
    return tuple(_suggested(spec, day).values())


def _suggested(spec: ServiceSpec, day: date) -> dict[str, str]:
    return {
        codelist.name: f"{spec.name}: the code of `{codelist.name}` is suggested, not specified; confirm it with "
        f"`les services set {spec.name} codes.{codelist.name}=CODE --from DATE --source TEXT`"
        for codelist in spec.codelists
        if codelist.status_on(day) == "suggested"
    }


def claim_warnings(store: Store, spec: ServiceSpec, month: Month, as_of: date, due: date | None) -> list[str]:
    """The month is not over, the deadline has passed, the address is in doubt, or nothing was ever claimed here."""
    found = []
    if as_of <= month.last:
        found.append(f"{spec.name} {month}: the month is not over; later activity will come in the next claim")
    if due and as_of > due:
        found.append(f"{spec.name} {month}: it was to be submitted by {for_people(due)} ({spec.submission.clause})")
    address = spec.submission.address_on(as_of)
    if spec.submission.note and not (address and address.local):
        found.append(f"{spec.name}: {spec.submission.note}")
    starts = any(setting.name == "claims_from" and not setting.versions for setting in spec.settings)
    if starts and not any(claim.service == spec.name for claim in claims(store)):
        found.append(
            f"{spec.name}: this would be its first claim; if earlier months were claimed by other means, say so first: "
            f"`les services set {spec.name} setting.claims_from={month} --from {month.first.isoformat()} --source TEXT`"
        )
    return found
