"""`les claim`: preview a month's claim, or submit it once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Exit, LesError, UsageError
from .options import Common, parse_month, verb
from .run import complain

if TYPE_CHECKING:
    from ..operations.many_stores import ClaimQuestion, Reply
    from ..outputs import Answer
    from .options import Common


@verb
def claim(
    common: Common,
    month: Annotated[str, typer.Option("--month", help="The month to claim, such as 2026-05.", metavar="MONTH")],
    services: Annotated[list[str] | None, typer.Argument(help="Services; default: all.", metavar="[S...]")] = None,
    rows: Annotated[bool, typer.Option("--rows", help="Every activity with its reason; names patients.")] = False,
    submit: Annotated[bool, typer.Option("--submit", help="Freeze the claim in the ledger, once.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who submits it.", metavar="NAME")] = "",
    authorised_by: Annotated[str, typer.Option("--authorised-by", help="Who authorised it.", metavar="NAME")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Submit a month that is not over, or £0.00.")] = False,
) -> int:
    """Preview the claim, or submit it."""
    from ..operations.many_stores import ClaimQuestion, ask_claim

    if submit and not by.strip():
        raise UsageError("--submit needs --by NAME", "say who submits the claim")
    if (by or authorised_by) and not submit:
        raise UsageError("--by and --authorised-by go with --submit")
    if yes and not submit:
        raise UsageError("--yes goes with --submit")
    question = ClaimQuestion(
        services=tuple(services or ()),
        month=parse_month(month),
        as_of=common.as_of,
        rows=rows,
        by=by.strip() if submit else None,
        authorised_by=authorised_by.strip() or None,
        is_sure=yes,
    )
    if common.out is not None and common.out.suffix.lower() == ".eml":
        return reply_with_drafts(common, common.out, question)
    return common.reply(ask_claim(common.path, question))


def reply_with_drafts(common: Common, out: Path, question: ClaimQuestion) -> int:
    """Write a message for each service that has an address. A service without one is not submitted, which is reported
    first.
    """
    from ..operations.many_stores import ask_claim

    # Before anything is frozen: some claims have no message, and some addresses are not valid.
    preview = ask_claim(common.path, replace(question, by=None, authorised_by=None))
    if preview.answer is None:
        return common.reply(preview)
    able, unable = _with_and_without_message(preview.answer)
    for line in (*preview.failed, *unable):
        complain(line)
    if not able:
        return _none_written(bool(unable))
    several = len(preview.answer.mails) > 1
    codes = [_written(common, out, replace(question, services=(name,)), several=several) for name in able]
    if preview.failed or unable:
        codes.append(Exit.NEEDS_PERSON)
    if len(set(codes)) == 1:
        return codes[0]
    return Exit.NEEDS_PERSON if set(codes) != {Exit.DONE} else Exit.DONE


def _none_written(is_told: bool) -> int:
    if is_told:
        # Each service has been reported already, with its cure.
        return Exit.REFUSED
    raise LesError("the answer has no message to send", "name a service whose claim is sent by email")


def _with_and_without_message(answer: Answer) -> tuple[list[str], list[str]]:
    """The services whose message can be sent, and a line for each of the others."""
    from ..outputs import check_draft

    able, unable = [], []
    for name, mail in answer.mails:
        cure = f"set it with `les services set {name} email=ADDRESS --from DATE --source TEXT`"
        if mail is None:
            unable.append(f"{name}: no message and not submitted, because it has no address for its claims; {cure}")
            continue
        try:
            check_draft(replace(answer, mail=mail))
            able.append(name)
        except LesError as fault:
            unable.append(f"{name}: no message and not submitted: {fault.what}; {cure}")
    return able, unable


def _written(common: Common, out: Path, question: ClaimQuestion, *, several: bool) -> int:
    from ..operations.many_stores import ask_claim

    reply: Reply = ask_claim(common.path, question)
    # A message has one address, so each of several services gets a file of its own.
    own = out.with_name(f"{out.stem}-{question.services[0]}{out.suffix}") if several else out
    code = replace(common, out=own).reply(reply)
    if several and reply.answer is not None:
        common.tell(f"{question.services[0]}: the message is in {own.name}")
    return code
