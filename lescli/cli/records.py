"""`les invite`, `clinician` and `incident`: what a person records by hand."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit, LesError, UsageError
from .options import KEPT, Common, not_to_come, parse_day, parse_patient, parse_reason, verb

MEANS = ("letter", "sms", "phone")
OUTCOMES = ("", "booked", "declined", "dna")


@verb
def invite(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="[S]")] = "",
    patient: Annotated[str, typer.Argument(help="The patient's NHS number.", metavar="[NHS]")] = "",
    on: Annotated[str, typer.Option("--on", help="The day of the contact.", metavar="DATE")] = "",
    by: Annotated[str, typer.Option("--by", help="letter, sms or phone.")] = "",
    outcome: Annotated[str, typer.Option("--outcome", help="booked, declined or dna.")] = "",
    until: Annotated[
        str, typer.Option("--until", help="With declined: do not ask again before this day.", metavar="DATE")
    ] = "",
    load: Annotated[
        Path | None, typer.Option("--load", help="A call list with its outcomes filled in.", metavar="FILE")
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take a contact back; without NHS all of that day and means.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="With --remove: why.", metavar="TEXT")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --load or --remove: say what would change.")] = False,
) -> int:
    """Record a contact, which later recalls take into account.

    --load takes back the list that `les recall --for call-list` wrote, with `outcome` filled in: booked, declined, dna,
    spoke, no answer, left message or wrong number.
    """
    if remove:
        if load or outcome or until:
            raise UsageError("--remove goes with --on, --by and --reason", "leave the other options out")
        return _remove_contacts(common, service, patient, on, by, reason, dry_run=dry_run)
    if reason:
        raise UsageError("--reason goes with --remove", "add --remove, or leave it out")
    if load is not None:
        if service or patient or outcome or until:
            raise UsageError("--load takes service, patient and outcome from its file", "leave them out")
        return _load_calls(common, load, on, by or "phone", dry_run=dry_run)
    if dry_run:
        raise UsageError("--dry-run goes with --load or --remove", "add one of them, or leave it out")
    if not (service and patient and on and by):
        raise UsageError("give a service, a patient, --on and --by, or --load FILE", "see `les invite --help`")
    from ..operations.choose_services import one_service
    from ..rules.unregistered import DECLINE_REACHES_MONTHS, DECLINED
    from ..store.invitations import record_invitation

    if by not in MEANS:
        raise UsageError("--by: there is no such means of contact", f"choose one of {', '.join(MEANS)}")
    if outcome not in OUTCOMES:
        raise UsageError("--outcome: there is no such outcome", f"choose one of {', '.join(OUTCOMES[1:])}")
    if until and outcome != "declined":
        raise UsageError("--until goes with --outcome declined", "add that, or leave --until out")
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


def _remove_contacts(
    common: Common, service: str, patient: str, on: str, by: str, reason: str, *, dry_run: bool
) -> int:
    from ..operations.choose_services import one_service
    from ..outputs import counted
    from ..store.taken_back import Mistake, take_back_contacts

    if not (service and on and by):
        raise UsageError("--remove needs a service, --on and --by", "give those of the contact")
    if by not in MEANS:
        raise UsageError("--by: there is no such means of contact", f"choose one of {', '.join(MEANS)}")
    day, mistake = parse_day("--on", on), Mistake(on=common.as_of, reason=parse_reason(reason))
    nhs_number = parse_patient("NHS", patient) if patient else None
    with common.open() as store:
        name = one_service(store, service).name
        with store.trying() if dry_run else store.writing():
            count = take_back_contacts(store, name, day, by, mistake, nhs_number)
    what = "would be taken back" if dry_run else f"taken back, {KEPT}"
    common.done(f"{name}: {counted(count, 'contact')} {what}")
    return Exit.DONE


def _load_calls(common: Common, path: Path, on: str, by: str, *, dry_run: bool) -> int:
    from ..operations.patients.call_list import load_calls
    from ..outputs import counted

    if by not in MEANS:
        raise UsageError("--by: there is no such means of contact", f"choose one of {', '.join(MEANS)}")
    if not path.is_file():
        raise LesError("the --load file does not exist", "check its name")
    day = parse_day("--on", on) if on else None
    if day:
        not_to_come(common, "--on", day, "the contacts")
    with common.open() as store:
        done = load_calls(store, path, day, common.as_of, by=by, dry_run=dry_run)
    what = "would be recorded" if dry_run else "recorded"
    old = f", {done.known} recorded before" if done.known else ""
    left = f"; {counted(done.empty, 'line')} without an outcome" if done.empty else ""
    common.done(f"{counted(done.new, 'contact')} {what}{old}{left}")
    return Exit.DONE


@verb
def clinician(
    common: Common,
    name: Annotated[str, typer.Argument(help="The name as the clinical system prints it.", metavar="NAME")],
    accreditation: Annotated[str, typer.Option("--accreditation", help="The accreditation, as a service names it.")],
    from_: Annotated[str, typer.Option("--from", help="Its first day.", metavar="DATE")],
    to: Annotated[str, typer.Option("--to", help="Its last day.", metavar="DATE")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take back the one that begins on that day.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="With --remove: why.", metavar="TEXT")] = "",
) -> int:
    """Record an accreditation. The same first day again replaces the last day."""
    from ..operations.services import kind_of
    from ..store import practice_data

    if remove:
        if to:
            raise UsageError("--remove takes the accreditation back whole", "leave --to out")
        return _remove_accreditation(common, name, accreditation, from_, reason)
    if reason:
        raise UsageError("--reason goes with --remove", "add --remove, or leave it out")
    if not to:
        raise UsageError("--to is missing", "give the last day of the accreditation")
    first, last = parse_day("--from", from_), parse_day("--to", to)
    if last < first:
        raise UsageError("--to is before --from", "give a last day on or after the first")
    if not name.strip() or not accreditation.strip():
        raise UsageError("the name or the accreditation is empty", "give both")
    with common.open() as store:
        kind = kind_of(store, accreditation.strip())
        with store.writing():
            practice_data.record_accreditation(store, name.strip(), kind, first, last)
    common.done("the accreditation is recorded")
    return Exit.DONE


def _remove_accreditation(common: Common, name: str, kind: str, from_: str, reason: str) -> int:
    from ..store.taken_back import Mistake, take_back_accreditation

    first, mistake = parse_day("--from", from_), Mistake(on=common.as_of, reason=parse_reason(reason))
    with common.open() as store, store.writing():
        take_back_accreditation(store, name.strip(), kind.strip(), first, mistake)
    common.done(f"the accreditation is taken back, {KEPT}")
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
    remove: Annotated[bool, typer.Option("--remove", help="Take the event back, with its notification.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="With --remove: why.", metavar="TEXT")] = "",
) -> int:
    """Record an event. The same event with --notified records that it was reported."""
    from ..calendar import moment_for_people
    from ..operations.choose_services import one_service
    from ..rules.windows import due_at
    from ..store import practice_data

    happened = _moment("--on", on)
    if remove:
        if notified:
            raise UsageError("--remove takes the event back whole", "leave --notified out")
        return _remove_incident(common, service, kind, happened, patient, reason)
    if reason:
        raise UsageError("--reason goes with --remove", "add --remove, or leave it out")
    not_to_come(common, "--on", date.fromisoformat(happened[:10]), "the event")
    told = _moment("--notified", notified) if notified else None
    if told:
        not_to_come(common, "--notified", date.fromisoformat(told[:10]), "the notification")
    if told and told[:10] < happened[:10]:
        raise UsageError("--notified is before --on", "give the day on which the commissioner was told of the event")
    nhs_number = parse_patient("--patient", patient) if patient else None
    with common.open() as store:
        spec = one_service(store, service).spec
        known = {one.kind: one for one in spec.incidents}
        if kind not in known:
            cure = f"choose one of {', '.join(known)}" if known else "keep it in the practice's own log of events"
            raise UsageError(f"--kind: {spec.name} names no such incident", cure)
        due = due_at(known[kind], happened)
        with store.writing():
            practice_data.record_incident(
                store, spec.name, kind, on=happened, due_at=due, notified_at=told, nhs_number=nhs_number
            )
    clause = known[kind].clause
    clock = f"to be notified by {moment_for_people(due)}" if due else "counted, with no clock"
    common.done(f"{spec.name}: recorded; {clock} ({clause})")
    if told and due:
        common.tell("notified in time" if told <= due else "notified late")
    return Exit.DONE


def _remove_incident(common: Common, service: str, kind: str, happened: str, patient: str, reason: str) -> int:
    from ..operations.choose_services import one_service
    from ..store.taken_back import Mistake, take_back_incident

    mistake = Mistake(on=common.as_of, reason=parse_reason(reason))
    nhs_number = parse_patient("--patient", patient) if patient else None
    with common.open() as store:
        name = one_service(store, service).name
        with store.writing():
            take_back_incident(store, name, kind, happened, mistake, nhs_number)
    common.done(f"{name}: the event is taken back, {KEPT}")
    return Exit.DONE


def _moment(option: str, text: str) -> str:
    found = _TIME.fullmatch(text.strip())
    day = parse_day(option, found[1] if found else text).isoformat()
    return f"{day}T{found[2]}:{found[3]}" if found else day
