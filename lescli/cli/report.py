"""`les report`: the measures, audit and return a specification asks for."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import UsageError
from .options import Common, parse_period, verb


@verb
def report(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    # An option cannot have an optional value, so the number after --suppress is a second argument.
    up_to: Annotated[
        int | None, typer.Argument(help="With --suppress: the largest count to hide; default: 7.", metavar="N")
    ] = None,
    *,
    period: Annotated[str, typer.Option("--period", help="2026-05, 2026-27, 2026-27-Q1 or DATE..DATE.", metavar="P")],
    rows: Annotated[bool, typer.Option("--rows", help="Also the tables that name patients.")] = False,
    suppress: Annotated[
        bool,
        typer.Option("--suppress", help="For sharing: small counts as *, others to the nearest 5."),
    ] = False,
) -> int:
    """Report on a period."""
    from ..operations.many_stores import ReportQuestion, ask_report
    from ..operations.small_numbers import DEFAULT_UP_TO, LEAST_UP_TO, SmallNumbers

    if suppress and rows:
        raise UsageError("--suppress and --rows contradict each other", "leave one of them out")
    if up_to is not None and not suppress:
        raise UsageError("a number goes with --suppress", "add --suppress, or leave the number out")
    if up_to is not None and up_to < LEAST_UP_TO:
        raise UsageError(f"--suppress: at least {LEAST_UP_TO}", "a count of 1 would be rounded to nought")
    question = ReportQuestion(
        service=service,
        period=parse_period(period),
        as_of=common.as_of,
        rows=rows,
        small=SmallNumbers(up_to=up_to or DEFAULT_UP_TO) if suppress else None,
    )
    return common.reply(ask_report(common.path, question))
