"""`les patients`: NHS numbers that may be one person's, facts in doubt, and the decisions about them."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, parse_day, parse_patient, verb
from .run import complain

_Old = Annotated[str, typer.Argument(help="The old NHS number.", metavar="OLD")]
_New = Annotated[str, typer.Argument(help="The NHS number in use now.", metavar="NEW")]
_Reason = Annotated[str, typer.Option("--reason", help="How this is known.", metavar="TEXT")]


@verb
def patients(common: Common) -> int:
    """List patients who may be one person under two NHS numbers. Exit code 3 while somebody has to decide."""
    from ..operations.patients.same_person import patients_answer

    with common.open() as store:
        answer = patients_answer(store)
    code = Exit.NEEDS_PERSON if answer.notes else Exit.DONE
    common.show(answer, code)
    return code


@verb
def patients_merge(
    common: Common,
    old: _Old,
    new: _New,
    reason: _Reason,
    yes: Annotated[bool, typer.Option("--yes", help="Merge even if birth dates or names differ.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do.")] = False,
) -> int:
    """Make two NHS numbers one patient. All data of the old number is read as the new one's, now and later."""
    from ..operations.patients.same_person import merge_patients, try_merging

    one, other, why = parse_patient("OLD", old), parse_patient("NEW", new), _checked_reason(reason)
    with common.open() as store:
        merge = try_merging if dry_run else merge_patients
        done = merge(store, one, other, on=common.as_of, reason=why, is_sure=yes)
    common.done(done.told)
    for line in done.waits:
        complain(line)
    return Exit.NEEDS_PERSON if done.waits else Exit.DONE


@verb
def patients_apart(common: Common, old: _Old, new: _New, reason: _Reason) -> int:
    """Record that two NHS numbers are two people. A merge of them is undone."""
    from ..operations.patients.same_person import apart_patients

    one, other, why = parse_patient("OLD", old), parse_patient("NEW", new), _checked_reason(reason)
    with common.open() as store:
        done = apart_patients(store, one, other, on=common.as_of, reason=why)
    common.done("the two numbers are two patients" if done else "they are told apart already, nothing was changed")
    return Exit.DONE


def _checked_reason(reason: str) -> str:
    if not reason.strip():
        raise UsageError("--reason is empty", "say how that is known")
    return reason.strip()


@verb
def patients_doubts(
    common: Common,
    settled: Annotated[bool, typer.Option("--settled", help="Doubts that were settled, and why.")] = False,
) -> int:
    """List facts that the newest export no longer states, and deaths without a day. Exit code 3 while one waits."""
    from ..operations.patients.doubts import doubts_answer

    with common.open() as store:
        answer = doubts_answer(store, common.as_of, settled=settled)
    code = Exit.NEEDS_PERSON if answer.notes else Exit.DONE
    common.show(answer, code)
    return code


@verb
def patients_settle(
    common: Common,
    patient: Annotated[str, typer.Argument(help="The patient's NHS number.", metavar="NHS")],
    fact: Annotated[
        str, typer.Option("--fact", help="The word that `les patients doubts` shows under Fact.", metavar="FACT")
    ],
    as_: Annotated[
        str, typer.Option("--as", help="stated: it is true; withdrawn: it never was.", metavar="stated|withdrawn")
    ],
    reason: Annotated[str, typer.Option("--reason", help="What the patient's record shows.", metavar="TEXT")],
    died_on: Annotated[
        str, typer.Option("--died-on", help="The day of death, where the record has none.", metavar="DATE")
    ] = "",
    day: Annotated[str, typer.Option("--day", help="The day of an entry in doubt.", metavar="DATE")] = "",
    by: Annotated[str, typer.Option("--by", help="Who checked it.", metavar="NAME")] = "",
) -> int:
    """Decide whether a fact that is no longer stated holds. A newer extract that states it again wins."""
    from ..operations.patients.doubts import settle_fact
    from ..outputs import nhs_numbers_in

    number = parse_patient("NHS", patient)
    if not reason.strip():
        raise UsageError("--reason is empty", "say what the record shows")
    if nhs_numbers_in(f"{reason} {by}"):
        raise UsageError(
            "--reason or --by holds an NHS number", "leave it out: the text is stored and listed to others"
        )
    death = parse_day("--died-on", died_on) if died_on else None
    of = parse_day("--day", day) if day else None
    with common.open() as store, store.writing():
        told = settle_fact(
            store, number, fact, as_=as_, died_on=death, day=of, on=common.as_of, by=by.strip(), why=reason.strip()
        )
    common.done(told)
    return Exit.DONE
