"""`les recall`: who is due, overdue or upcoming."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import typer

from ..errors import Exit, LesError, UsageError
from .run import complain
from .verb import Common, verb

_WITHIN = re.compile(r"([0-9]{1,4})\s*([dw]?)")


@verb
def recall(
    common: Common,
    services: Annotated[list[str] | None, typer.Argument(help="Services; all when none.", metavar="[S...]")] = None,
    within: Annotated[str, typer.Option("--within", help="Days ahead that count as due: 28d or 4w.")] = "28d",
) -> int:
    """List who is due."""
    from ..calendar import Period
    from ..questions.asking import chosen_services
    from ..questions.recall import recall_answer, recall_rows, recalls_of

    days = _within(within)
    with common.open() as store:
        chosen = chosen_services(store, services or (), Period(common.as_of, common.as_of))
        rows, broken = [], list(chosen.broken)
        for service in chosen.services:
            try:
                records, found = recalls_of(store, service, common.as_of)
                rows += recall_rows(records, service.name, found, days)
            except LesError as fault:
                broken.append(str(fault))
        common.show(recall_answer(rows, common.as_of, days, chosen.warnings))
    for line in broken:
        complain(line)
    return Exit.NEEDS_PERSON if broken else Exit.DONE


def _within(text: str) -> timedelta:
    found = _WITHIN.fullmatch(text.strip())
    if not found:
        raise UsageError("--within: write a number of days or weeks, as 28d or 4w")
    return timedelta(weeks=int(found[1])) if found[2] == "w" else timedelta(days=int(found[1]))
