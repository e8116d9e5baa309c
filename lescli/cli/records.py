"""`les invite`, `clinician` and `incident`: what a person records by hand."""

from __future__ import annotations

import re
from datetime import date
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
    from ..rules.unregistered import DECLINE_REACHES_MONTHS, DECLINED
    from ..store.invitations import record_invitation

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
            record_invitation(store, name, nhs_number, on=day, by=by, outcome=outcome, until=again)
    common.done(f"{name}: the contact is recorded")
    if outcome == DECLINED and again is None:
        common.tell(
            "left out of every recall until they attend again; what falls due more than "
            f"{DECLINE_REACHES_MONTHS} months later is asked about once it is due; "
            "give --until DATE to ask again from a day"
        )
    return Exit.DONE


@verb
def clinician(
    common: Common,
    name: Annotated[str, typer.Argument(help="The name as the clinical system prints it.", metavar="NAME")],
    accreditation: Annotated[str, typer.Option("--accreditation", help="The accreditation, as a service names it.")],
    from_: Annotated[str, typer.Option("--from", help="Its first day.", metavar="DATE")],
    to: Annotated[str, typer.Option("--to", help="Its last day.", metavar="DATE")],
) -> int:
    """Record an accreditation."""
    from ..operations.services import kind_of
    from ..store import practice_data

    first, last = parse_day("--from", from_), parse_day("--to", to)
    if last < first:
        raise UsageError("--to is before --from")
    if not name.strip() or not accreditation.strip():
        raise UsageError("the name or the accreditation is empty")
    with common.open() as store:
        kind = kind_of(store, accreditation.strip())
        with store.writing():
            practice_data.record_accreditation(store, name.strip(), kind, first, last)
    common.done("the accreditation is recorded")
    return Exit.DONE


_TIME = re.compile(r"(.+?)[T ]([01][0-9]|2[0-3]):([0-5][0-9])")


@verb
def incident(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    kind: Annotated[str, typer.Option("--kind", help="What happened, as the service names it.", metavar="K")],
    on: Annotated[str, typer.Option("--on", help="When: a date, or date and time 2026-05-01T14:30.", metavar="DATE")],
    patient: Annotated[
        str, typer.Option("--patient", help="The patient's NHS number, if it is about one.", metavar="NHS")
    ] = "",
    notified: Annotated[str, typer.Option("--notified", help="When the commissioner was told.", metavar="DATE")] = "",
) -> int:
    """Record an event. The same event with --notified records that it was reported."""
    from ..calendar import moment_for_people
    from ..operations.choose_services import one_service
    from ..rules.windows import due_at
    from ..store import practice_data

    happened = _moment("--on", on)
    not_to_come(common, "--on", date.fromisoformat(happened[:10]), "the event")
    told = _moment("--notified", notified) if notified else None
    if told:
        not_to_come(common, "--notified", date.fromisoformat(told[:10]), "the notification")
    if told and told[:10] < happened[:10]:
        raise UsageError("--notified is before --on")
    nhs_number = parse_patient("--patient", patient) if patient else None
    with common.open() as store:
        spec = one_service(store, service).spec
        known = {one.kind: one for one in spec.incidents}
        if kind not in known:
            raise UsageError(f"--kind is one of {', '.join(known)}" if known else f"{service} names no incidents")
        due = due_at(known[kind], happened)
        with store.writing():
            practice_data.record_incident(
                store, service, kind, on=happened, due_at=due, notified_at=told, nhs_number=nhs_number
            )
    clause = known[kind].clause
    clock = f"to be notified by {moment_for_people(due)}" if due else "counted, with no clock"
    common.done(f"{service}: recorded; {clock} ({clause})")
    if told and due:
        common.tell("notified in time" if told <= due else "notified late")
    return Exit.DONE


def _moment(option: str, text: str) -> str:
    found = _TIME.fullmatch(text.strip())
    day = parse_day(option, found[1] if found else text).isoformat()
    return f"{day}T{found[2]}:{found[3]}" if found else day
