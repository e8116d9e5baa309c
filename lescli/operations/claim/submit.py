"""Submit the claim of one service and month (or quarter or year) once, even while other programs use the store."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

from ...calendar import ClaimPeriod, Period, for_people
from ...errors import LesError
from ...model import Claim, Records, ServiceSpec, Verdict
from ...outputs import counted, pounds
from ...rules.unclaimed import worth
from ...rules.windows import may_look_at
from ...services import Service
from ...store import Store
from ...store.ledger.read import claim_id, next_sequence, standing_claim
from ...store.ledger.write import freeze
from ..choose_services import records_of
from .preview import ClaimAnswer, fresh, frozen, proven

_TRIES = 3

_Ready = tuple[ClaimAnswer, Claim, dict[str, Any]]
"""The answer to show, the claim, and the object to freeze."""


def refuse_too_early(spec: ServiceSpec, records: Records, claim: Claim, month: ClaimPeriod, as_of: date) -> None:
    """Raise LesError when the month is not over or the claim is for £0.00, and say what submitting it would do."""
    paid: list[int] = [row.unit_price_pence or 0 for row in claim.rows if row.verdict is Verdict.PAYABLE]
    if as_of > month.last and any(paid):
        return
    why = f"it comes to {pounds(0)}" if as_of > month.last else f"the {month.every} is not over on {for_people(as_of)}"
    raise LesError(
        f"{spec.name} {month}: not submitted, because {why}; submitting would freeze {pounds(sum(paid))} for "
        f"{counted(len(paid), 'activity', 'activities')}{_held_back(spec, records, claim)}, and {month} would "
        "no longer be listed as open",
        f"{_instead(spec, claim, month, as_of)}, or add --yes to submit it anyway",
    )


def _held_back(spec: ServiceSpec, records: Records, claim: Claim) -> str:
    held = [worth(spec, records, row) for row in claim.rows if row.verdict is Verdict.CHECK]
    if not held:
        return ""
    return f", leave {counted(len(held), 'activity', 'activities')} worth {pounds(sum(held))} held back as check"


def _instead(spec: ServiceSpec, claim: Claim, month: ClaimPeriod, as_of: date) -> str:
    if as_of <= month.last:
        return f"submit it after {for_people(month.last)}"
    if any(row.verdict is Verdict.CHECK for row in claim.rows):
        return f"put right what `les claim {spec.name} --month {month} --rows` shows as check first"
    return f"leave the {month.every} alone while there is nothing to claim"


def submit(
    store: Store,
    service: Service,
    month: ClaimPeriod,
    as_of: date,
    *,
    by: str,
    authorised_by: str | None,
    ask_first: bool = False,
) -> ClaimAnswer:
    """Freeze the claim in one transaction, once for each service and month. Calling it again changes nothing.

    With `ask_first`, a claim for an unfinished month or for £0.00 is refused, and the refusal says what submitting it
    would do. A month whose claim was withdrawn is open again: its next claim is `SERVICE-MONTH-2`.

    The claim is worked out before the store is locked, so that other programs wait only for the write. It is frozen
    only if nothing was written in between. The last try works it out inside the transaction, where nothing else can
    write.
    """
    tries = 0
    while True:
        tries += 1
        submitted = standing_claim(store, service.name, str(month))
        if submitted is not None:
            return frozen(store, service, submitted, month, as_of)
        seen = store.version()
        ready = _ready(store, service, month, as_of, ask_first) if tries < _TRIES else None
        with suppress(_OvertakenError), store.writing():
            overtaken = standing_claim(store, service.name, str(month)) is not None
            if overtaken or (ready is not None and store.version() != seen):
                raise _OvertakenError
            return _freeze(store, ready or _ready(store, service, month, as_of, ask_first), as_of, by, authorised_by)


def could_submit(store: Store, service: Service, month: ClaimPeriod, as_of: date) -> None:
    """Raise LesError if `les claim --submit` would be refused for an open month on a day. Writes nothing."""
    _ready(store, service, month, as_of, ask_first=True)


class _OvertakenError(Exception):
    """Another program wrote to the store while the claim was worked out."""


def _ready(store: Store, service: Service, month: ClaimPeriod, as_of: date, ask_first: bool) -> _Ready:
    """The claim, worked out and fit to freeze. LesError when it is not fit."""
    answer, claim = fresh(store, service, month, as_of)
    left = any(row.verdict in (Verdict.PAYABLE, Verdict.UNPRICED) for row in claim.rows)
    if not left and not service.spec.touches(*may_look_at(service.spec, Period.of_claim(month)).ends):
        raise LesError(
            f"{service.name} {month}: not submitted, no specification was in force in that {month.every}",
            "if the contract was rolled over, give its new last day: "
            f"`les services set {service.name} period.end=DAY --from DATE --source TEXT`",
        )
    if claim.incomplete:
        raise LesError(
            f"{service.name} {month}: not submitted, because it would be incomplete: {'; '.join(claim.incomplete)}",
            f"`les services show {service.name}` shows what is unset",
        )
    if unpriced := answer.data["verdicts"]["unpriced"]:
        items = sorted({row.item for row in claim.rows if row.verdict is Verdict.UNPRICED})
        raise LesError(
            f"{service.name} {month}: {counted(unpriced, 'activity', 'activities')} without a price "
            f"({', '.join(items)}), so the claim was not submitted",
            f"set it with `les services set {service.name} price.{items[0]}=AMOUNT --from DATE --source TEXT`",
        )
    if ask_first:
        refuse_too_early(service.spec, records_of(store, service, as_of), claim, month, as_of)
    # Warnings help the person decide. They are not part of the frozen claim.
    kept = {name: value for name, value in answer.data.items() if name not in ("warnings", "unregistered")}
    number = claim_id(service.name, str(month), next_sequence(store, service.name, str(month)))
    return answer, claim, {**kept, "status": "submitted", "claim_id": number}


def _freeze(store: Store, ready: _Ready, as_of: date, by: str, authorised_by: str | None) -> ClaimAnswer:
    answer, claim, body = ready
    written = freeze(store, body, claim.rows, submitted_on=as_of, by=by, authorised_by=authorised_by)
    return replace(
        answer,
        by=by,
        authorised_by=authorised_by or "",
        submitted_on=as_of,
        held=(),
        data=proven(written),
        needs_person=False,
        submitted_now=True,
        chain_head=written.chain_head,
    )
