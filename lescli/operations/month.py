"""`les month`: the whole month of every signed service: imports, claims, drafts, reports and lists, in one folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ..calendar import ClaimPeriod, Period, for_people, parse_claim_period
from ..errors import LesError, LockedError
from ..outputs import Answer, Column, Grid, Kind, Section, counted, pounds
from ..outputs.formats import SUFFIXES
from ..outputs.to_file import check_folder, write_folder
from ..services import Service
from ..store import open_store
from ..store.ledger.read import standing_claim
from .choose_services import chosen_services
from .inbox import Imported, import_inbox, refused_in
from .many_stores import ClaimQuestion, RecallQuestion, Reply, ReportQuestion, ask_claim, ask_recall, ask_report
from .patients.recall import DEFAULT_WITHIN

PREVIEWED, SUBMITTED, ALREADY = "previewed", "submitted", "already-submitted"
NOTHING, NEEDS_PERSON, FAILED = "nothing", "needs-a-person", "failed"
LIST = "month.json"
INDEX = "index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthQuestion:
    """Ask for the whole month. `by` is None for a preview; then nothing is submitted."""

    month: ClaimPeriod
    as_of: date
    out: Path
    inbox: Path | None = None
    by: str | None = None
    authorised_by: str | None = None


@dataclass(slots=True, kw_only=True)
class ServiceMonth:
    """What became of one service. `files` are made for it; `why` says what a person has to do."""

    service: str
    status: str
    total_pence: int = 0
    check: int = 0
    deadline: str | None = None
    why: str = ""
    files: dict[str, bytes]
    patients: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthDone:
    """The month as an answer, one line for each thing that needs a person, and whether the folder was written."""

    answer: Answer
    needs: tuple[str, ...]
    folder: Path
    is_new: bool
    patients: int


def folder_of(question: MonthQuestion) -> Path:
    """The folder of one month asked on one day. Asked on another day, the answer is another."""
    return question.out / f"{question.month}-on-{question.as_of.isoformat()}"


def do_month(path: Path, question: MonthQuestion, told: Callable[[str], None]) -> MonthDone:
    """Do the month. A service that fails does not stop the others; running it again changes nothing.

    LockedError when the store is in use. LesError when nothing could be done: no store, no folder.
    """
    folder = folder_of(question)
    question.out.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_folder(folder, ours=_is_ours, replace=True)
    imported: tuple[Imported, ...] = ()
    with open_store(path) as store:
        if question.inbox is not None:
            imported = import_inbox(store, question.inbox, question.as_of)
        chosen = chosen_services(store, (), Period.of_claim(question.month))
        periods = [(one, _period_of(one, question.month)) for one in chosen.services]
        held = {one.name: period and standing_claim(store, one.name, str(period)) for one, period in periods}
    months = [_one(path, question, one, period, held[one.name] is not None) for one, period in periods]
    for line in chosen.broken:
        name, _, why = line.partition(": ")
        months.append(ServiceMonth(service=name, status=FAILED, why=why, files={}))
    files = {name: content for one in months for name, content in one.files.items()}
    answer = _answer(question, months, imported, folder)
    files[INDEX] = SUFFIXES[".html"](_index(question, months, chosen.warnings))
    files[LIST] = _list(question, months, files)
    is_new = _changed(folder, files)
    if is_new:
        write_folder(folder, files)
    needs = [f"{one.service}: {one.why}" for one in months if one.status in (FAILED, NEEDS_PERSON)]
    needs += [f"{one.file}: {one.why}" for one in imported if one.why]
    for line in chosen.warnings:
        told(line)
    return MonthDone(
        answer=answer,
        needs=tuple(needs),
        folder=folder,
        is_new=is_new,
        patients=max((one.patients for one in months), default=0),
    )


def _period_of(service: Service, month: ClaimPeriod) -> ClaimPeriod | None:
    """What a service claims once the month is over; None when its quarter or year goes on."""
    spec = service.spec
    try:
        month = parse_claim_period(str(month), spec.year_starts)
    except ValueError:
        return None
    if month.every == spec.every:
        return month
    period = spec.claim_period(month.first)
    return period if period.last == month.last else None


def _one(
    path: Path, question: MonthQuestion, service: Service, period: ClaimPeriod | None, is_submitted: bool
) -> ServiceMonth:
    name = service.name
    if period is None:
        every = service.spec.every
        return ServiceMonth(
            service=name, status=NOTHING, why=f"it is claimed by the {every}, which is not over", files={}
        )
    done = ServiceMonth(service=name, status=ALREADY if is_submitted else PREVIEWED, files={})
    try:
        asked = ClaimQuestion(services=(name,), month=period, as_of=question.as_of)
        reply = ask_claim(path, asked)
        data = _data(reply)
        if question.by is not None and not is_submitted and _is_worth_submitting(data):
            submitted = ask_claim(path, replace(asked, by=question.by, authorised_by=question.authorised_by))
            if submitted.failed:
                done.status, done.why = NEEDS_PERSON, "; ".join(submitted.failed)
            else:
                done.status, reply, data = SUBMITTED, submitted, _data(submitted)
        done.total_pence, done.check = data["total_pence"], data["verdicts"]["check"]
        done.deadline = data["submit_by"]
        if done.status == PREVIEWED:
            if not _is_worth_submitting(data) and not data["considered"]:
                done.status, done.why = NOTHING, "no work to claim"
            elif reply.needs_person:
                done.status, done.why = NEEDS_PERSON, _what_waits(reply)
        _add_files(path, question, asked, done, reply)
    except LockedError:
        raise
    except LesError as fault:
        done.status, done.why = FAILED, str(fault)
    return done


def _data(reply: Reply) -> dict[str, Any]:
    if reply.answer is None or not isinstance(reply.answer.data, dict):
        raise LesError("; ".join(reply.failed) or "no claim could be made", "")
    return reply.answer.data


def _is_worth_submitting(data: dict[str, Any]) -> bool:
    return bool(data["total_pence"] or data["verdicts"]["unpriced"])


def _what_waits(reply: Reply) -> str:
    notes = reply.answer.notes if reply.answer else ()
    return notes[0].partition(": ")[2] or notes[0] if notes else "see the claim"


def _add_files(path: Path, question: MonthQuestion, asked: ClaimQuestion, done: ServiceMonth, reply: Reply) -> None:
    """The files of one service. Names that end in `-identifiable` name patients."""
    name, answer = done.service, reply.answer
    assert answer is not None
    for suffix in (".xlsx", ".json"):
        done.files[f"{name}-claim{suffix}"] = SUFFIXES[suffix](answer)
    if answer.mail is not None:
        done.files[f"{name}-claim.eml"] = SUFFIXES[".eml"](answer)
    _add(done, f"{name}-rows-identifiable.xlsx", ask_claim(path, replace(asked, rows=True)))
    period = Period.of_claim(asked.month)
    _add(
        done, f"{name}-report.html", ask_report(path, ReportQuestion(service=name, period=period, as_of=question.as_of))
    )
    recall = RecallQuestion(services=(name,), as_of=question.as_of, within=DEFAULT_WITHIN)
    _add(done, f"{name}-recalls-identifiable.xlsx", ask_recall(path, recall))


def _add(done: ServiceMonth, name: str, reply: Reply) -> None:
    if reply.answer is not None:
        done.files[name] = SUFFIXES[Path(name).suffix](reply.answer)
        done.patients = max(done.patients, reply.answer.patients_shown)
    if reply.failed:
        done.why = "; ".join(filter(None, (done.why, *reply.failed)))
        done.status = NEEDS_PERSON if done.status in (PREVIEWED, NOTHING) else done.status


def _answer(
    question: MonthQuestion, months: Sequence[ServiceMonth], imported: Sequence[Imported], folder: Path
) -> Answer:
    data: dict[str, Any] = {
        "schema": "les-month/1",
        "month": str(question.month),
        "as_of": question.as_of.isoformat(),
        "imported": [one.data for one in imported],
        "services": [
            {
                "service": one.service,
                "status": one.status,
                "total_pence": one.total_pence,
                "check": one.check,
                "deadline": one.deadline,
                "files": [f"{folder.name}/{name}" for name in one.files],
                **({"why": one.why} if one.why else {}),
            }
            for one in months
        ],
    }
    return Answer(data=data, title=_title(question), grids=(_grid(months),))


def _title(question: MonthQuestion) -> str:
    return f"The month {question.month}, as of {for_people(question.as_of)}"


_COLUMNS = (
    Column("service", "Service"),
    Column("status", "Status"),
    Column("total_pence", "Total", Kind.PENCE),
    Column("check", "To put right", Kind.COUNT),
    Column("deadline", "Submit by", Kind.MOMENT),
    Column("why", "What to do"),
)


def _grid(months: Sequence[ServiceMonth]) -> Grid:
    rows = tuple(tuple(getattr(one, column.name) for column in _COLUMNS) for one in months)
    return Grid(title="Services", columns=_COLUMNS, rows=rows, empty="no contract is recorded and none is in force")


def _shown_status(status: str) -> str:
    # The folder is the same whether this command submitted the claim or one before it did.
    return SUBMITTED if status == ALREADY else status


def _list(question: MonthQuestion, months: Sequence[ServiceMonth], files: dict[str, bytes]) -> bytes:
    value = {
        "schema": "les-month-files/1",
        "month": str(question.month),
        "as_of": question.as_of.isoformat(),
        "services": {one.service: _shown_status(one.status) for one in months},
        "files": sorted(files),
    }
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _index(question: MonthQuestion, months: Sequence[ServiceMonth], warnings: Sequence[str]) -> Answer:
    """The page to begin with: what needs a person first, then each service with its files.

    It says nothing of what this very run did: a run that was killed, and the one after it, write the same page.
    """
    refused = refused_in(question.inbox) if question.inbox else ()
    waits = [one for one in months if one.status in (FAILED, NEEDS_PERSON) or one.check]
    total = sum(one.total_pence for one in months)
    first = tuple(f"{one.service}: {one.why or _to_put_right(one.check)}" for one in waits)
    shown = [replace(one, status=_shown_status(one.status)) for one in months]
    columns = (Column("file", "File"), Column("what", "What it is"))
    rows = tuple((name, _what(name)) for one in months for name in one.files)
    heads = (Column("file", "File"), Column("why", "Why"))
    return Answer(
        data={},
        title=_title(question),
        grids=(),
        sections=(
            Section(heading="Needs a person", text=(*first, *warnings) or ("Nothing.",)),
            Section(heading="Claims", text=(f"Together {pounds(total)}.",), grid=_grid(shown)),
            Section(heading="Files", grid=Grid(title="", columns=columns, rows=rows, empty="no file")),
            Section(
                heading="Refused files of the inbox",
                grid=Grid(title="", columns=heads, rows=refused, empty="no file was refused"),
            ),
        ),
    )


def _to_put_right(check: int) -> str:
    return f"{counted(check, 'activity', 'activities')} to put right before they are paid"


_KINDS = {
    "claim.xlsx": "the claim, to check and sign",
    "claim.json": "the claim for other programs",
    "claim.eml": "a draft e-mail to the commissioner; nothing was sent",
    "report.html": "the report of the month",
    "rows-identifiable.xlsx": "every activity with its reason; names patients, keep it inside the practice",
    "recalls-identifiable.xlsx": "who is due; names patients, keep it inside the practice",
}


def _what(name: str) -> str:
    return next((what for ending, what in _KINDS.items() if name.endswith(f"-{ending}")), "")


def _changed(folder: Path, files: dict[str, bytes]) -> bool:
    try:
        there = {path.name: path.read_bytes() for path in folder.iterdir()}
    except OSError:
        return True
    return there != files


def _is_ours(folder: Path) -> bool:
    """Whether the folder holds an earlier answer of this command and nothing else."""
    try:
        listed = set(json.loads((folder / LIST).read_bytes())["files"])
        return {path.name for path in folder.iterdir()} <= {*listed, LIST}
    except (OSError, ValueError, KeyError, TypeError):
        return False
