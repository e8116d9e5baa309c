"""Claims as draft messages: one for each service, because each goes to its own address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Exit, LesError
from .run import complain

if TYPE_CHECKING:
    from ..operations.many_stores import ClaimQuestion, Reply
    from ..outputs import Answer
    from .options import Common


def reply_with_drafts(common: Common, out: Path, question: ClaimQuestion) -> int:
    """Write the message of each service that has an address; one that lacks it is not submitted, and says so first."""
    from ..operations.many_stores import ask_claim

    # Before anything is frozen: not every claim has a message, and not every address is one.
    preview = ask_claim(common.path, replace(question, by=None, authorised_by=None))
    if preview.answer is None:
        return common.reply(preview)
    able, unable = _sorted_out(preview.answer)
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
        # Each service has its line and its cure already.
        return Exit.REFUSED
    raise LesError("the answer has no message to send", "name a service whose claim is sent by email")


def _sorted_out(answer: Answer) -> tuple[list[str], list[str]]:
    """The services whose message can be sent, and a line for each of the others."""
    from ..outputs import check_draft

    able, unable = [], []
    for name, mail in answer.mails:
        cure = f"set it with `les services set {name} email=ADDRESS --from DATE --source TEXT`"
        if mail is None:
            unable.append(f"{name}: no message and not submitted, for it has no address for its claims; {cure}")
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
    # A message has one address: of several services each has a file of its own.
    own = out.with_name(f"{out.stem}-{question.services[0]}{out.suffix}") if several else out
    code = replace(common, out=own).reply(reply)
    if several and reply.answer is not None:
        common.tell(f"{question.services[0]}: the message is in {own.name}")
    return code
