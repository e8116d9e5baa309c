"""`les month`: the whole month of every signed service: imports, claims, drafts, reports and lists, in one folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..calendar import ClaimPeriod, Period, parse_claim_period
from ..errors import LesError, LockedError
from ..files import make_private
from ..outputs import Answer, counted
from ..outputs.formats import SUFFIXES
from ..outputs.to_file import folder_refusal, write_folder
from ..services import Service
from ..store import open_store
from ..store.ledger.read import standing_claim
from ..store.practice_data import signed_services
from .choose_services import chosen_services
from .inbox import Imported, check_inbox, import_inbox, refused_in
from .many_stores import ClaimQuestion, RecallQuestion, Reply, ReportQuestion, ask_claim, ask_recall, ask_report
from .month_view import (
    ALREADY,
    FAILED,
    INDEX,
    LIST,
    NEEDS_PERSON,
    NOTHING,
    PREVIEWED,
    SUBMITTED,
    ServiceMonth,
    index_page,
    list_of_files,
    listed_in,
    month_answer,
)
from .patients.call_list import CALL_LIST, WORKLIST, list_answer
from .patients.export import Filters
from .patients.recall import DEFAULT_WITHIN
from .patients.send import SendQuestion, gathered


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthQuestion:
    """Ask for the whole month. `by` is None for a preview; then nothing is submitted."""

    month: ClaimPeriod
    as_of: date
    out: Path
    inbox: Path | None = None
    by: str | None = None
    authorised_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthDone:
    """The month as an answer, what a person must do, and the files of its folder, for `write_month`.

    `needs` has one line for each thing that needs a person. `failed` has those of them that could not be done, and
    `warnings` what is only to be known.
    """

    answer: Answer
    needs: tuple[str, ...]
    failed: tuple[str, ...]
    warnings: tuple[str, ...]
    folder: Path
    files: dict[str, bytes]
    patients: int


def folder_of(question: MonthQuestion) -> Path:
    """The folder of one month asked on one day. Asked on another day, the answer is another.

    A folder in which a person has changed or laid something is left alone, and the next one has a number.
    """
    name = f"{question.month}-on-{question.as_of.isoformat()}"
    names = (name, *(f"{name}-{number}" for number in range(2, 10_000)))
    return next(question.out / one for one in names if _is_free(question.out / one))


def do_month(path: Path, question: MonthQuestion) -> MonthDone:
    """Do the month. A service that fails does not stop the others; running it again changes nothing.

    LockedError when the store is in use. LesError when nothing could be done: no store, no folder.
    """
    if question.inbox is not None:
        check_inbox(question.inbox, path, question.out)
    imported: tuple[Imported, ...] = ()
    with open_store(path) as store:
        _check_place(question.out)
        if question.inbox is not None:
            imported = import_inbox(store, question.inbox, question.as_of)
        chosen = chosen_services(store, (), Period.of_claim(question.month))
        periods = [(one, _period_of(one, question.month)) for one in chosen.services]
        held = {one.name: period and standing_claim(store, one.name, str(period)) for one, period in periods}
        is_signed = bool(signed_services(store))
    months = [_one(path, question, one, period, held[one.name] is not None, is_signed) for one, period in periods]
    for line in chosen.broken:
        name, _, why = line.partition(": ")
        months.append(ServiceMonth(service=name, status=FAILED, why=why, files={}))
    shared = _paid_in_both(path, question, [one for one in months if one.status in (PREVIEWED, NEEDS_PERSON)])
    warnings = (*chosen.warnings, *shared, *_without_draft(months))
    together = _of_all(path, question, months)
    files = {name: content for one in (*months, together) for name, content in one.files.items()}
    refused = refused_in(question.inbox) if question.inbox else ()
    page = index_page(question.month, question.as_of, months, together, warnings, refused, is_most=bool(shared))
    files[INDEX] = SUFFIXES[".html"](page)
    files[LIST] = list_of_files(files)
    folder = folder_of(question)
    failed = [f"{one.service}: {one.why}" for one in (*months, together) if one.status == FAILED or one.was_refused]
    failed += [f"{one.file}: {one.why}" for one in imported if one.why]
    needs = [f"{one.service}: {one.why}" for one in (*months, together) if one.needs_person]
    needs += [f"{one.file}: {one.why}" for one in imported if one.why]
    needs += [f"{one.file}: {_rows(one.quarantined)}" for one in imported if one.quarantined]
    return MonthDone(
        answer=month_answer(question.month, question.as_of, months, [one for one in imported if one.was_read], folder),
        needs=tuple(needs),
        failed=tuple(failed),
        warnings=warnings,
        folder=folder,
        files=files,
        patients=len(frozenset().union(*(one.patients for one in (*months, together)))),
    )


def write_month(done: MonthDone) -> bool:
    """Put the folder in place whole. False when it is there already, with the same bytes: then it is not touched."""
    if not _changed(done.folder, done.files):
        return False
    try:
        write_folder(done.folder, done.files)
    except LesError as fault:
        stays = "the files were not written, but what was imported and submitted stays"
        raise LesError(f"{fault.what}: {stays}", f"{fault.fix}, then type the same command again") from None
    return True


def _rows(quarantined: int) -> str:
    return f"{counted(quarantined, 'row waits', 'rows wait')} in quarantine; `les quarantine --rows` shows them"


def _check_place(out: Path) -> None:
    """Refuse, before any work is done, a place in which the folder cannot be made."""
    try:
        make_private(out)
    except OSError as fault:
        raise folder_refusal(fault) from fault
    if not os.access(out, os.W_OK | os.X_OK):
        raise LesError("the --out folder may not be written", "name another")


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
    path: Path,
    question: MonthQuestion,
    service: Service,
    period: ClaimPeriod | None,
    is_submitted: bool,
    is_signed: bool,
) -> ServiceMonth:
    name, every = service.name, service.spec.every
    if period is None:
        why = f"it is claimed by the {every}, and no {every} ends with {question.month}"
        return ServiceMonth(service=name, status=NOTHING, why=why, files={})
    done = ServiceMonth(service=name, status=ALREADY if is_submitted else PREVIEWED, period=str(period), files={})
    try:
        asked = ClaimQuestion(services=(name,), month=period, as_of=question.as_of)
        reply = ask_claim(path, asked)
        if question.by is not None and not is_submitted and _is_worth_submitting(_data(reply)):
            if is_signed:
                _submit(path, replace(asked, by=question.by, authorised_by=question.authorised_by), done)
            else:
                done.refuse(
                    "not submitted, because no contract is recorded; record those that the practice holds with "
                    f"`les services sign {name} --from DATE`"
                )
            # The files are those of the claim as it stands now, whoever submitted it.
            reply = ask_claim(path, asked)
        data = _data(reply)
        done.total_pence, done.check = data["total_pence"], data["verdicts"]["check"]
        done.deadline = data["submit_by"]
        # The frozen claim is not worked out again, so only what waits beside it is told.
        done.notes = tuple(_without(name, line) for line in reply.answer.notes) if reply.answer else ()
        if done.status == PREVIEWED:
            if not _is_worth_submitting(data) and not data["considered"] and not reply.needs_person:
                done.status, done.why = NOTHING, "there is no work to claim"
            elif reply.needs_person:
                done.status, done.why = NEEDS_PERSON, _what_waits(data, done.notes)
    except LockedError:
        raise
    except LesError as fault:
        done.status, done.why = FAILED, _without(name, str(fault))
        return done
    _add_files(path, question, asked, done, reply)
    return done


def _submit(path: Path, asked: ClaimQuestion, done: ServiceMonth) -> None:
    submitted = ask_claim(path, asked)
    if submitted.failed:
        done.refuse("; ".join(_without(f"{done.service} {asked.month}", line) for line in submitted.failed))
    else:
        done.status = SUBMITTED


def _data(reply: Reply) -> dict[str, Any]:
    if reply.answer is None or not isinstance(reply.answer.data, dict):
        if reply.failed:
            raise LesError("; ".join(reply.failed))
        raise LesError("no claim could be made", "`les claim` says more about that service")
    return reply.answer.data


def _is_worth_submitting(data: dict[str, Any]) -> bool:
    return bool(data["total_pence"] or data["verdicts"]["unpriced"])


def _what_waits(data: dict[str, Any], notes: Sequence[str]) -> str:
    if unpriced := data["verdicts"]["unpriced"]:
        return (
            f"{counted(unpriced, 'activity has', 'activities have')} no price, so it cannot be submitted; "
            f"`les services show {data['service']}` says why"
        )
    return notes[0] if notes else "see the claim"


def _without(name: str, line: str) -> str:
    return line.removeprefix(f"{name}: ")


def _paid_in_both(path: Path, question: MonthQuestion, months: Sequence[ServiceMonth]) -> tuple[str, ...]:
    """A warning for each two services that would be paid for the same work. They are known only side by side."""
    if len(months) < 2:
        return ()
    asked = ClaimQuestion(services=(), month=question.month, as_of=question.as_of)
    answer = ask_claim(path, asked).answer
    if answer is None:
        return ()
    alone = {note for one in months for note in one.notes} | {
        f"{one.service}: {note}" for one in months for note in one.notes
    }
    every = answer.data if isinstance(answer.data, list) else [answer.data]
    names = {one.service for one in months}
    found = [text for one in every if one["service"] in names for text in one.get("warnings", ())]
    return tuple(dict.fromkeys(text for text in found if text not in alone))


def _without_draft(months: Sequence[ServiceMonth]) -> tuple[str, ...]:
    """One line that names the services whose claims have no address, and how to set it."""
    names = [one.service for one in months if one.files and not one.has_address]
    if not names:
        return ()
    return (
        f"no draft e-mail for {', '.join(names)}: the address is not set; set each with "
        "`les services set SERVICE email=ADDRESS --from DATE --source TEXT`",
    )


def _add_files(path: Path, question: MonthQuestion, asked: ClaimQuestion, done: ServiceMonth, reply: Reply) -> None:
    """The files of one service. Names that end in `-identifiable` name patients."""
    name, period = done.service, Period.of_claim(asked.month)
    report = ReportQuestion(service=name, period=period, as_of=question.as_of)
    recall = RecallQuestion(services=(name,), as_of=question.as_of, within=DEFAULT_WITHIN)
    done.has_address = reply.answer is not None and reply.answer.mail is not None
    for suffix in (".xlsx", ".json", ".eml"):
        if suffix != ".eml" or done.has_address:
            _add(done, f"{name}-claim{suffix}", lambda: reply)
    _add(done, f"{name}-rows-identifiable.xlsx", lambda: ask_claim(path, replace(asked, rows=True)))
    _add(done, f"{name}-report.html", lambda: ask_report(path, report))
    _add(done, f"{name}-recalls-identifiable.xlsx", lambda: ask_recall(path, recall))


def _of_all(path: Path, question: MonthQuestion, months: Sequence[ServiceMonth]) -> ServiceMonth:
    """The lists over all services, to print and to fill in: a patient who is due in several is rung once."""
    every = ServiceMonth(service="all-services", status=PREVIEWED, files={})
    if any(one.files for one in months):
        for kind, suffix in ((WORKLIST, ".html"), (CALL_LIST, ".xlsx")):
            _add(every, f"all-services-{kind}-identifiable{suffix}", partial(_to_ring, path, question, kind))
    return every


def _to_ring(path: Path, question: MonthQuestion, kind: str) -> Reply:
    asked = SendQuestion(
        services=(), as_of=question.as_of, within=DEFAULT_WITHIN, kind=kind, out=question.out, filters=Filters()
    )
    with open_store(path) as store:
        found = gathered(store, asked)
    # A service that fails has said so in its own recalls.
    return Reply(answer=list_answer(kind, found.found, question.as_of))


def _add(done: ServiceMonth, name: str, ask: Callable[[], Reply]) -> None:
    """Make one file. One that cannot be made needs a person, and the others are made all the same."""
    failed: tuple[str, ...]
    try:
        reply = ask()
        failed = reply.failed
        if reply.answer is not None:
            done.files[name] = SUFFIXES[Path(name).suffix](reply.answer)
            done.patients |= reply.answer.nhs_numbers
    except LockedError:
        raise
    except LesError as fault:
        failed = (str(fault),)
    if name not in done.files:
        done.refuse(f"{name} was not written: {'; '.join(_without(done.service, line) for line in failed)}")
    elif failed:
        done.ask("; ".join(_without(done.service, line) for line in failed))


def _changed(folder: Path, files: dict[str, bytes]) -> bool:
    try:
        there = {path.name: path.read_bytes() for path in _kept_in(folder)}
    except OSError:
        return True
    return there != files


def _is_free(folder: Path) -> bool:
    """Whether the folder can be written: it is not there, or holds an answer of this command as it was written."""
    try:
        if not folder.exists():
            return not folder.is_symlink()
        there = {path.name: path for path in _kept_in(folder)}
        if not there:
            return True
        listed = listed_in(there.pop(LIST).read_text(encoding="utf-8"))
        return there.keys() <= listed.keys() and all(
            sha256(path.read_bytes()).hexdigest() == listed[name] for name, path in there.items()
        )
    except (OSError, ValueError, KeyError):
        return False


def _kept_in(folder: Path) -> list[Path]:
    """What somebody has put into a folder, without what systems and office programs leave there by themselves."""
    by_itself = ("desktop.ini", "thumbs.db")
    return [
        path
        for path in folder.iterdir()
        if not path.name.startswith((".", "~$")) and path.name.lower() not in by_itself
    ]
