"""`les claim`: preview a month's claim, or submit it once."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import UsageError
from .claim_drafts import reply_with_drafts
from .options import Common, parse_month, verb


@verb
def claim(
    common: Common,
    month: Annotated[str, typer.Option("--month", help="The month claimed, 2026-05.", metavar="MONTH")],
    services: Annotated[list[str] | None, typer.Argument(help="Services; all when none.", metavar="[S...]")] = None,
    rows: Annotated[bool, typer.Option("--rows", help="Every activity with its reason; names patients.")] = False,
    submit: Annotated[bool, typer.Option("--submit", help="Freeze the claim in the ledger, once.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who submits it.", metavar="NAME")] = "",
    authorised_by: Annotated[str, typer.Option("--authorised-by", help="Who authorised it.", metavar="NAME")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Submit a month that is not over, or £0.00.")] = False,
) -> int:
    """Preview or submit."""
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
