"""`les recall`: who is due, overdue or upcoming."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import typer

from ..errors import UsageError
from .options import Common, verb

_WITHIN = re.compile(r"([0-9]{1,4})\s*([dw]?)")


@verb
def recall(
    common: Common,
    services: Annotated[list[str] | None, typer.Argument(help="Services; default: all.", metavar="[S...]")] = None,
    within: Annotated[str, typer.Option("--within", help="Days ahead that count as due: 28d or 4w.")] = "28d",
) -> int:
    """List the patients who are due."""
    from ..operations.many_stores import RecallQuestion, ask_recall

    question = RecallQuestion(services=tuple(services or ()), as_of=common.as_of, within=_within(within))
    return common.reply(ask_recall(common.path, question))


def _within(text: str) -> timedelta:
    found = _WITHIN.fullmatch(text.strip())
    if not found:
        raise UsageError("--within: write a number of days or weeks, as 28d or 4w")
    return timedelta(weeks=int(found[1])) if found[2] == "w" else timedelta(days=int(found[1]))
