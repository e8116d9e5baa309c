"""`les claim`: preview a month's claim, or submit it once."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit, LesError, UsageError
from .run import complain
from .verb import Common, parse_month, verb


@verb
def claim(
    common: Common,
    month: Annotated[str, typer.Option("--month", help="The month claimed, 2026-05.", metavar="MONTH")],
    services: Annotated[list[str] | None, typer.Argument(help="Services; all when none.", metavar="[S...]")] = None,
    rows: Annotated[bool, typer.Option("--rows", help="Every activity with its reason; names patients.")] = False,
    submit: Annotated[bool, typer.Option("--submit", help="Freeze the claim in the ledger, once.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who submits it.", metavar="NAME")] = "",
    authorised_by: Annotated[str, typer.Option("--authorised-by", help="Who authorised it.", metavar="NAME")] = "",
) -> int:
    """Preview or submit."""
    from ..calendar import Period
    from ..questions import claim as question
    from ..questions.asking import chosen_services
    from ..questions.claim_shown import claim_answer

    asked = parse_month(month)
    if submit and not by.strip():
        raise UsageError("--submit needs --by NAME", "say who submits the claim")
    if (by or authorised_by) and not submit:
        raise UsageError("--by and --authorised-by go with --submit")
    common.ready()
    with common.open() as store:
        chosen = chosen_services(store, services or (), Period.of_month(asked))
        answers, failed = [], list(chosen.broken)
        for service in chosen.services:
            try:
                if submit:
                    done = question.submit(
                        store, service, asked, common.as_of, by=by.strip(), authorised_by=authorised_by.strip() or None
                    )
                    word = "submitted" if done.submitted_now else "already submitted, unchanged"
                    common.tell(f"{service.name} {asked}: {word}; chain head {done.chain_head}")
                else:
                    done = question.preview(store, service, asked, common.as_of)
                answers.append(done)
            except LesError as fault:
                failed.append(str(fault))
        if answers or not failed:
            common.show(claim_answer(answers, chosen.warnings, rows=rows))
    for line in failed:
        complain(line)
    if failed and not answers:
        return Exit.REFUSED
    return Exit.NEEDS_PERSON if failed or any(answer.needs_person for answer in answers) else Exit.DONE
