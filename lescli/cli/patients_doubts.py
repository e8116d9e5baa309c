"""`les patients doubts` and `settle`: what of a patient's facts is in doubt, and how a person settles it."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, parse_day, parse_patient, verb


@verb
def patients_doubts(
    common: Common,
    settled: Annotated[bool, typer.Option("--settled", help="Those that were settled, and why.")] = False,
) -> int:
    """List facts that the newest extract no longer states, and deaths without a day; exit code 3 while one waits."""
    from ..operations.patients.doubts import doubts_answer

    with common.open() as store:
        answer = doubts_answer(store, common.as_of, settled=settled)
    code = Exit.NEEDS_PERSON if answer.notes else Exit.DONE
    common.show(answer, code)
    return code


@verb
def patients_settle(
    common: Common,
    patient: Annotated[str, typer.Argument(help="Whose fact it is.", metavar="NHS")],
    fact: Annotated[
        str, typer.Option("--fact", help="The word that `les patients doubts` shows under Fact.", metavar="FACT")
    ],
    as_: Annotated[
        str, typer.Option("--as", help="stated: it is true; withdrawn: it never was.", metavar="stated|withdrawn")
    ],
    reason: Annotated[str, typer.Option("--reason", help="What the record shows; kept.", metavar="TEXT")],
    died_on: Annotated[str, typer.Option("--died-on", help="The day of a death without one.", metavar="DATE")] = "",
    day: Annotated[str, typer.Option("--day", help="The day of an entry in doubt.", metavar="DATE")] = "",
    by: Annotated[str, typer.Option("--by", help="Who looked.", metavar="NAME")] = "",
) -> int:
    """Say whether a fact that is no longer stated holds; a newer extract that states it again goes before."""
    from ..operations.patients.settling import settle_fact
    from ..outputs import nhs_numbers_in

    number = parse_patient("NHS", patient)
    if not reason.strip():
        raise UsageError("--reason is empty", "say what the record shows")
    if nhs_numbers_in(f"{reason} {by}"):
        raise UsageError("--reason or --by holds an NHS number", "say it without: it is kept, and listed to others")
    death = parse_day("--died-on", died_on) if died_on else None
    of = parse_day("--day", day) if day else None
    with common.open() as store, store.writing():
        told = settle_fact(
            store, number, fact, as_=as_, died_on=death, day=of, on=common.as_of, by=by.strip(), why=reason.strip()
        )
    common.done(told)
    return Exit.DONE
