"""`les report`: the measures, audit and return a specification asks for."""

from __future__ import annotations

from typing import Annotated

import typer

from .verb import Common, parse_period, verb


@verb
def report(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    period: Annotated[str, typer.Option("--period", help="2026-05, 2026-27, 2026-27-Q1 or DATE..DATE.", metavar="P")],
    rows: Annotated[bool, typer.Option("--rows", help="Also the tables that name patients.")] = False,
) -> int:
    """Report a period."""
    from ..questions.whole import ReportQuestion, ask_report

    question = ReportQuestion(service=service, period=parse_period(period), as_of=common.as_of, rows=rows)
    return common.reply(ask_report(common.path, question))
