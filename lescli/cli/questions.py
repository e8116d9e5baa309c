"""`les status`, `recall`, `report`, `explain` and `evidence`: the verbs that ask and change nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, parse_patient, parse_period, verb
from .records import MEANS

if TYPE_CHECKING:
    from ..operations.patients.send import SendQuestion


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
    for_: Annotated[
        str,
        typer.Option("--for", help="Write the file another program takes, such as accurx-web.", metavar="KIND"),
    ] = "",
    kinds: Annotated[
        list[str] | None, typer.Option("--kind", help="With --for: only recalls of this name.", metavar="RECALL")
    ] = None,
    statuses: Annotated[
        list[str] | None, typer.Option("--status", help="With --for: overdue, due or upcoming; default: the first two.")
    ] = None,
    stages: Annotated[
        list[str] | None, typer.Option("--stage", help="With --for: only the first, second or third invitation.")
    ] = None,
    clinicians: Annotated[
        list[str] | None,
        typer.Option("--clinician", help="With --for: only whose last work this clinician did.", metavar="NAME"),
    ] = None,
    record: Annotated[bool, typer.Option("--record", help="With --for: record everybody in it as invited.")] = False,
    by: Annotated[str, typer.Option("--by", help="With --record: letter, sms or phone.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --for: say what it would write.")] = False,
    template: Annotated[
        Path | None, typer.Option("--template", help="With --for letters: your own letter.", metavar="FILE.docx")
    ] = None,
    large_print: Annotated[bool, typer.Option("--large-print", help="With --for letters: 16 point.")] = False,
) -> int:
    """List the patients who are due, or write the file that invites them.

    --for takes accurx-emis, accurx-systmone, accurx-web, nhs-notify, mail-merge and letters. It writes to --out, and
    says first how many patients are in it, who is left out and why, and what the messages cost. --for letters writes
    a Word file with a page for each patient. --for call-list writes a list to
    ring and fill in (`les invite --load` takes it back), --for worklist one to print, with boxes to tick.
    """
    from ..operations.many_stores import RecallQuestion, ask_recall

    if not for_:
        if kinds or statuses or stages or clinicians or record or by or dry_run or template or large_print:
            raise UsageError(
                "--kind, --status, --stage, --clinician, --record, --by, --dry-run, --template and --large-print"
                " go with --for",
                "add --for KIND",
            )
        question = RecallQuestion(services=tuple(services or ()), as_of=common.as_of, within=parse_within(within))
        return common.reply(ask_recall(common.path, question))
    from ..operations.patients.call_list import CALL_LIST, WORKLIST
    from ..operations.patients.export import Filters
    from ..operations.patients.send import SendQuestion

    if common.out is None:
        raise UsageError("--for needs --out FILE", "name the file to write")
    if record and by not in MEANS:
        raise UsageError(f"--record needs --by, one of {', '.join(MEANS)}", "say how the patients are invited")
    if by and not record:
        raise UsageError("--by goes with --record", "add --record, or leave --by out")
    asked = SendQuestion(
        services=tuple(services or ()),
        as_of=common.as_of,
        within=parse_within(within),
        kind=for_,
        out=common.out,
        filters=Filters(
            kinds=tuple(kinds or ()),
            statuses=tuple(statuses or ("overdue", "due")),
            stages=tuple(stages or ()),
            clinicians=tuple(clinicians or ()),
            # A list for the practice itself has its own work too.
            words=for_ not in (CALL_LIST, WORKLIST),
        ),
        template=template,
        large_print=large_print,
    )
    return _export(common, asked, by=by if record else "", dry_run=dry_run)


def _export(common: Common, asked: SendQuestion, *, by: str, dry_run: bool) -> int:
    from ..operations.patients.call_list import CALL_LIST, WORKLIST
    from ..operations.patients.send import export, layout_named, left_over
    from ..operations.patients.send import record as record_sent

    if asked.kind in (CALL_LIST, WORKLIST):
        if asked.template or asked.large_print:
            raise UsageError("--template and --large-print go with --for letters", "leave them out")
        if by or dry_run:
            raise UsageError(
                f"--record and --dry-run do not go with --for {asked.kind}", "fill the list in, then load it"
            )
        return _list_to_ring(common, asked)
    from ..outputs import counted
    from ..outputs.answer import json_text
    from ..outputs.table import write_stdout
    from ..outputs.to_file import check_place, write_whole
    from .run import complain

    layout_named(asked.kind)
    check_place(asked.out)

    def write(files: dict[Path, bytes]) -> None:
        for path, content in files.items():
            write_whole(path, content)

    with common.open() as store:
        every, made = export(store, asked)
        code = Exit.NEEDS_PERSON if every.failed else Exit.DONE
        for line in made.lines:
            common.tell(line)
        if every.unsigned:
            common.tell(_UNSIGNED.format(counted(every.unsigned, "patient")))
        if older := left_over(made.files, asked.out):
            common.tell(f"not part of this list, from an earlier one: {', '.join(older)}")
        if dry_run:
            common.tell("nothing is written: leave out --dry-run to write it")
        else:
            common.names_patients(len(made.found.included), code)
            if by:
                new = record_sent(store, made, on=common.as_of, by=by, write=write)
                old = len(made.found.included) - new
                again = f"; {old} were recorded before" if old else ""
                common.tell(f"recorded as invited by {by}: {counted(new, 'patient')}{again}")
            else:
                write(made.files)
            common.tell("the file is identifiable: it names patients; it is for the program it was made for alone")
    if common.format == "json":
        write_stdout(json_text(every.answer))
    for line in every.failed:
        complain(line)
    return code


_UNSIGNED = "in no clinician's list: {}; no entry says who did their last work"


def _list_to_ring(common: Common, asked: SendQuestion) -> int:
    from ..operations.patients.call_list import CALL_LIST, list_answer
    from ..operations.patients.send import gathered
    from ..outputs import counted
    from .run import complain

    suffixes = (".csv", ".xlsx") if asked.kind == CALL_LIST else (".html", ".xlsx")
    if asked.out.suffix.lower() not in suffixes:
        raise UsageError(f"--out: a {asked.kind} ends in {' or '.join(suffixes)}", "choose another name")
    with common.open() as store:
        every = gathered(store, asked)
        answer = list_answer(asked.kind, every.found, common.as_of)
        code = Exit.NEEDS_PERSON if every.failed else Exit.DONE
        common.show(answer, code)
    left = ", ".join(f"{count} {reason}" for reason, count in every.found.left_out)
    common.tell(f"{answer.title}; left out: {left or 'nobody'}")
    if every.unsigned:
        common.tell(_UNSIGNED.format(counted(every.unsigned, "patient")))
    if asked.kind == CALL_LIST:
        common.tell(f"fill in `outcome`, then type `les invite --load {asked.out.name}`")
    for line in every.failed:
        complain(line)
    return code


def parse_within(text: str) -> timedelta:
    """The value of `--within`."""
    found = _WITHIN.fullmatch(text.strip())
    if not found:
        raise UsageError("--within is no number of days or weeks", "write it as 28d or 4w")
    return timedelta(weeks=int(found[1])) if found[2] == "w" else timedelta(days=int(found[1]))


@verb
def report(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service; default: all.", metavar="[S]")] = "",
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
        period=parse_period(period, common.as_of),
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
        period=parse_period(period, common.as_of),
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
