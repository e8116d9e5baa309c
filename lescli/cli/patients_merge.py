"""`les patients merge` and `apart`: two NHS numbers are one person's, or are not."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, parse_patient, verb
from .run import complain

_Old = Annotated[str, typer.Argument(help="The old NHS number.", metavar="OLD")]
_New = Annotated[str, typer.Argument(help="The NHS number in use now.", metavar="NEW")]
_Reason = Annotated[str, typer.Option("--reason", help="How that is known.", metavar="TEXT")]


@verb
def patients_merge(
    common: Common,
    old: _Old,
    new: _New,
    reason: _Reason,
    yes: Annotated[bool, typer.Option("--yes", help="Also with different birth dates or names.")] = False,
) -> int:
    """Make two NHS numbers one patient: everything of the old one is read as the new one's, now and later."""
    from ..operations.patients.merging import merge_patients

    one, other, why = parse_patient("OLD", old), parse_patient("NEW", new), _said(reason)
    with common.open() as store:
        done = merge_patients(store, one, other, on=common.as_of, reason=why, is_sure=yes)
    common.done(done.told)
    for line in done.waits:
        complain(line)
    return Exit.NEEDS_PERSON if done.waits else Exit.DONE


@verb
def patients_apart(common: Common, old: _Old, new: _New, reason: _Reason) -> int:
    """Say that two NHS numbers are two people; a merge of them is taken back."""
    from ..operations.patients.merging import apart_patients

    one, other, why = parse_patient("OLD", old), parse_patient("NEW", new), _said(reason)
    with common.open() as store:
        done = apart_patients(store, one, other, on=common.as_of, reason=why)
    common.done("the two numbers are two patients" if done else "they are told apart already, nothing was changed")
    return Exit.DONE


def _said(reason: str) -> str:
    if not reason.strip():
        raise UsageError("--reason: say how that is known")
    return reason.strip()
