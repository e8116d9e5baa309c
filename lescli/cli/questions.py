"""`les status`, `recall`, `report`, `explain` and `evidence`: the verbs that ask and change nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, parse_patient, parse_period, verb


@verb
def status(common: Common) -> int:
    """Show deadlines, money at risk, overdue recalls, running clocks and lapsing accreditations of every service."""
    from ..operations.many_stores import StatusQuestion, ask_status

    return common.reply(ask_status(common.path, StatusQuestion(as_of=common.as_of)))


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
        typed=period,
        as_of=common.as_of,
        rows=rows,
        small=SmallNumbers(up_to=up_to or DEFAULT_UP_TO) if suppress else None,
    )
    return common.reply(ask_report(common.path, question))


@verb
def explain(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    patient: Annotated[str, typer.Option("--patient", help="The patient's NHS number.", metavar="NHS")],
    *,
    tree: Annotated[
        bool, typer.Option("--tree", help="Show how the rules came to it: every rule asked and each term it read.")
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option("--against", help="Show what differs from an earlier answer, a .json file.", metavar="FILE"),
    ] = None,
) -> int:
    """Explain what the rules say about one patient, with clause and evidence.

    With --json the answer also holds how the rules came to it (`trace`).
    """
    from ..operations.choose_services import one_service
    from ..operations.patients.explain import explain_answer

    nhs_number = parse_patient("--patient", patient)
    with common.open() as store:
        asked = one_service(store, service)
        is_json = common.format == "json" or (common.out is not None and common.out.suffix.lower() == ".json")
        common.show(explain_answer(store, asked, nhs_number, common.as_of, traces=is_json, tree=tree, against=against))
    return Exit.DONE


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
    from ..outputs.to_file import check_pack, write_pack

    if sample is not None and sample < 1:
        raise UsageError("--sample: at least one row", "leave it out for all rows")
    if seed is not None and sample is None:
        raise UsageError("--seed goes with --sample", "add --sample N, or leave --seed out")
    check_pack(out, replace=yes)
    question = EvidenceQuestion(
        service=service,
        period=parse_period(period),
        typed=period,
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
