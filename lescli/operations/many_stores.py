"""Each question as a function of a store's path and a frozen question, with a small value as its answer.

The functions are at the top level and their values can be pickled. So a network or a commissioner can ask many stores
through any `concurrent.futures.Executor`: `executor.map(ask_claim, paths, repeat(question))`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ..calendar import ClaimPeriod, Period, for_people
from ..errors import LesError, LockedError
from ..outputs import Answer
from ..store import Store, open_store
from ..store.quarantine.waiting import waiting_rows
from .choose_services import chosen_services, days_of, each_claimed_for, one_service
from .claim import preview
from .claim.activity import with_activity
from .claim.digests import DigestKey, with_digests
from .claim.preview import suggested_notes
from .claim.submit import submit
from .claim.view import claim_answer, told_of_each_other
from .morning import morning
from .patients.recall import LeftOut, RecallRow, left_out_of, recall_answer, recall_rows, recalls_of
from .patients.same_person import doubled_numbers
from .quarantine import claims_with_waiting, waiting_data, waiting_lines, waiting_of
from .report import report_answer
from .report_page import one_page
from .small_numbers import SmallNumbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to show, or None when every service failed, and one line for each service that failed.

    `said` has lines for the person about what was done. `needs_person` asks for exit code 3. `paid_on` is what each
    claim pays in pence for the work of each day, by service.
    """

    answer: Answer | None
    failed: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    needs_person: bool = False
    paid_on: tuple[tuple[str, tuple[tuple[date, int], ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimQuestion:
    """Ask for the claim of a month, quarter or year of some services, or of all when none is named.

    `by` is None for a preview. Of all services, those that are claimed by another period are left out, with a warning.

    Without `is_sure`, a claim for an unfinished month or for £0.00 is not submitted. `form` is the commissioner's empty
    form, to be filled. With `digests`, the answer has the keyed digests of what is claimed, and with `days` the days of
    its work and the size of the register.
    """

    services: tuple[str, ...]
    month: ClaimPeriod
    as_of: date
    rows: bool = False
    by: str | None = None
    authorised_by: str | None = None
    is_sure: bool = False
    form: bytes = b""
    digests: DigestKey | None = None
    days: bool = False


def ask_claim(path: Path, question: ClaimQuestion) -> Reply:
    """Preview or freeze the claims. A service that fails does not hide the others."""
    with open_store(path) as store:
        return claim_of(store, question)


def claim_of(store: Store, question: ClaimQuestion) -> Reply:
    """The same of a store that is open."""
    said: list[str] = []
    answers: list[preview.ClaimAnswer] = []
    chosen = chosen_services(store, question.services, Period.of_claim(question.month))
    failed = list(chosen.broken)
    asked, left_out = each_claimed_for(chosen, question.month, named=bool(question.services))
    for service, period in asked:
        try:
            if question.by is None:
                answers.append(preview.preview(store, service, period, question.as_of))
                continue
            done = submit(
                store,
                service,
                period,
                question.as_of,
                by=question.by,
                authorised_by=question.authorised_by,
                ask_first=not question.is_sure,
            )
            word = "submitted" if done.submitted_now else "already submitted, unchanged"
            said.append(f"{service.name} {period}: {word}; chain head {done.chain_head}")
            answers.append(done)
        except LockedError as fault:
            if not answers:
                raise
            failed.append(str(fault))
        except LesError as fault:
            failed.append(str(fault))
    until = {service.name: (service.spec, period.last) for service, period in asked}
    answers = claims_with_waiting(store, until, answers)
    if question.by is None:
        answers = told_of_each_other(answers)
    if question.digests is not None:
        answers = with_digests(answers, question.digests)
    if question.days:
        answers = with_activity(store, {one.name: (one, period) for one, period in asked}, answers, question.as_of)
    told = (*chosen.warnings, *left_out)
    shown = claim_answer(answers, told, rows=question.rows, form=question.form) if answers or not failed else None
    # The person who submits has decided already: they see what waits, but it does not change the exit code.
    waits = question.by is None and any("quarantine" in answer.data for answer in answers)
    needs = bool(failed) or waits or any(answer.needs_person for answer in answers)
    return Reply(
        answer=shown,
        failed=tuple(failed),
        said=tuple(said),
        needs_person=needs,
        paid_on=tuple((one.service, one.paid_on) for one in answers),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallQuestion:
    """Ask who is due in some services, or in all when none is named. A recall within `within` counts as due."""

    services: tuple[str, ...]
    as_of: date
    within: timedelta


def ask_recall(path: Path, question: RecallQuestion) -> Reply:
    """The recalls of all services in one list."""
    with open_store(path) as store:
        return recall_of(store, question)


def recall_of(store: Store, question: RecallQuestion) -> Reply:
    """The same of a store that is open."""
    rows: list[RecallRow] = []
    left_out: list[LeftOut] = []
    quarantine: list[dict[str, Any]] = []
    answered = 0
    chosen = chosen_services(store, question.services, Period(question.as_of, question.as_of))
    failed, notes = list(chosen.broken), list(chosen.warnings)
    doubled = doubled_numbers(store)
    waiting = waiting_rows(store)
    for service in chosen.services:
        try:
            records, found, doubtful = recalls_of(store, service, question.as_of)
            answered += 1
            failed += doubtful
            notes += suggested_notes(service.spec, question.as_of)
            rows += recall_rows(records, service.name, found, question.within, doubled)
            left_out += left_out_of(service.name, found)
            if waits := waiting_of(service.spec, waiting, question.as_of):
                quarantine.append({"service": service.name, **waiting_data(waits)})
                notes += waiting_lines(service.spec, waits)
        except LockedError:
            raise
        except LesError as fault:
            failed.append(str(fault))
    if failed and not answered:
        # When no service could answer, an empty list would wrongly say that nobody is due.
        return Reply(answer=None, failed=tuple(failed))
    shown = recall_answer(rows, question.as_of, question.within, notes, left_out, quarantine)
    return Reply(answer=shown, failed=tuple(failed), needs_person=bool(failed or quarantine))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportQuestion:
    """Ask for one service's report of a period. `rows` adds tables that name patients; `small` hides small counts.

    `typed` is the period's name as it was typed, such as 2026-27-Q1, to be read in the service's own contract year.
    """

    service: str
    period: Period
    as_of: date
    rows: bool = False
    small: SmallNumbers | None = None
    typed: str = ""


def ask_report(path: Path, question: ReportQuestion) -> Reply:
    """The measures and tables of one service, or of every service of the practice when none is named."""
    with open_store(path) as store:
        return report_of(store, question)


def report_of(store: Store, question: ReportQuestion) -> Reply:
    """The same of a store that is open."""
    if not question.service:
        return _every_report(store, question)
    service = one_service(store, question.service)
    period, as_of = days_of(service.spec, question.period, question.typed), question.as_of
    return Reply(answer=report_answer(store, service, period, as_of, rows=question.rows, small=question.small))


def _every_report(store: Store, question: ReportQuestion) -> Reply:
    answers: list[Answer] = []
    chosen = chosen_services(store, (), question.period)
    failed = list(chosen.broken)
    for service in chosen.services:
        period = days_of(service.spec, question.period, question.typed)
        try:
            answers.append(
                report_answer(
                    store,
                    service,
                    period,
                    question.as_of,
                    rows=question.rows,
                    small=question.small,
                    prefix=f"{service.spec.title}: ",
                )
            )
        except LockedError:
            raise
        except LesError as fault:
            failed.append(str(fault))
    if not answers:
        return Reply(answer=None, failed=tuple(failed) or ("no service has terms in force in that period",))
    title = f"Report of {store.practice.name}, {for_people(question.period.start)} to {for_people(question.period.end)}"
    if question.small:
        title += f"; {question.small.words}"
    page = one_page(answers, title, chosen.warnings)
    return Reply(answer=page, failed=tuple(failed), needs_person=bool(failed))


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusQuestion:
    """Ask what cannot wait on a day."""

    as_of: date


def ask_status(path: Path, question: StatusQuestion) -> Reply:
    """The status of every service the practice holds. A service that fails does not hide the others."""
    with open_store(path) as store:
        return status_of(store, question)


def status_of(store: Store, question: StatusQuestion) -> Reply:
    """The same of a store that is open."""
    found = morning(store, question.as_of)
    return Reply(answer=found.answer, failed=found.failed, needs_person=found.needs_person)
