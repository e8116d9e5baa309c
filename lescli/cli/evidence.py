"""`les evidence`: a pack of what claimed rows must show when they are checked after payment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, parse_period, verb

_DEFAULT_SEED = 1


@verb
def evidence(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    period: Annotated[str, typer.Option("--period", help="Months claimed: 2026-05, 2026-27-Q1 ...", metavar="P")],
    out: Annotated[Path, typer.Option("--out", help="The folder to make.", metavar="FOLDER")],
    sample: Annotated[
        int | None, typer.Option("--sample", help="Draw this many rows instead of all.", metavar="N")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="The same number draws the same rows; default: 1.", metavar="N")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Replace an earlier pack in that folder.")] = False,
) -> int:
    """Write a verification pack, which names patients."""
    from ..operations.evidence import Sample
    from ..operations.evidence_view import EvidenceQuestion, ask_evidence
    from ..outputs import tell_left_beside
    from ..outputs.pack import check_pack, write_pack

    if sample is not None and sample < 1:
        raise UsageError("--sample: at least one row", "leave it out for all rows")
    if seed is not None and sample is None:
        raise UsageError("--seed goes with --sample", "add --sample N, or leave --seed out")
    check_pack(out, replace=yes)
    question = EvidenceQuestion(
        service=service,
        period=parse_period(period),
        as_of=common.as_of,
        sample=Sample(size=sample, seed=_DEFAULT_SEED if seed is None else seed) if sample is not None else None,
    )
    pack = ask_evidence(common.path, question)
    code = Exit.NEEDS_PERSON if pack.needs_person else Exit.DONE
    common.names_patients(pack.answer.patients_shown, code)
    write_pack(out, pack.files, replace=yes)
    common.show(pack.answer, code)
    common.tell(
        "the folder is identifiable: it names patients; give it only to people the contract allows to check claims"
    )
    tell_left_beside(out, quiet=common.quiet)
    return code
