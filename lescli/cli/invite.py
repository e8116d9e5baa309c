"""`les invite`: record a contact with a patient."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, not_to_come, parse_day, parse_patient, verb

MEANS = ("letter", "sms", "phone")
OUTCOMES = ("", "booked", "declined", "dna")


@verb
def invite(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    patient: Annotated[str, typer.Argument(help="The patient's NHS number.", metavar="NHS")],
    on: Annotated[str, typer.Option("--on", help="The day of the contact.", metavar="DATE")],
    by: Annotated[str, typer.Option("--by", help="letter, sms or phone.")],
    outcome: Annotated[str, typer.Option("--outcome", help="booked, declined or dna.")] = "",
    until: Annotated[
        str, typer.Option("--until", help="With declined: do not ask again before this day.", metavar="DATE")
    ] = "",
) -> int:
    """Record a contact, which later recalls take into account."""
    from ..operations.choose_services import one_service
    from ..rules.declined import DECLINE_REACHES_MONTHS, DECLINED
    from ..store import practice_data

    if by not in MEANS:
        raise UsageError(f"--by is one of {', '.join(MEANS)}")
    if outcome not in OUTCOMES:
        raise UsageError("--outcome is one of booked, declined, dna")
    if until and outcome != "declined":
        raise UsageError("--until goes with --outcome declined")
    nhs_number, day = parse_patient("NHS", patient), parse_day("--on", on)
    not_to_come(common, "--on", day, "the contact")
    again = parse_day("--until", until) if until else None
    with common.open() as store:
        name = one_service(store, service).name
        with store.writing():
            practice_data.record_invitation(store, name, nhs_number, on=day, by=by, outcome=outcome, until=again)
    common.done(f"{name}: the contact is recorded")
    if outcome == DECLINED and again is None:
        common.tell(
            "left out of every recall until they attend again; what falls due more than "
            f"{DECLINE_REACHES_MONTHS} months later is asked about once it is due; "
            "give --until DATE to ask again from a day"
        )
    return Exit.DONE
