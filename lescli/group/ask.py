"""Asks one practice's store a question, and answers with a small value whatever happens.

The functions are at the top level and their values can be pickled, so that they run in any worker process.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ..calendar import STALE_DAYS
from ..errors import Exit, LesError, UsageError
from ..operations.doctor import verify_answer
from ..operations.many_stores import (
    ClaimQuestion,
    RecallQuestion,
    Reply,
    ReportQuestion,
    StatusQuestion,
    claim_of,
    recall_of,
    report_of,
    status_of,
)
from ..services import services_kept
from ..store import Store, open_store
from ..store.audit_trail import Command, following, write
from ..store.records.latest import newest_day
from .done import NetworkQuestion, done_in

_PATIENCE_SECONDS = 1.0
"""How long an entry in the audit trail waits for another program that has the store locked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyQuestion:
    """Ask whether each store is whole. It reads all of a store, so it takes as long as `les verify`."""

    as_of: date


Question = ClaimQuestion | NetworkQuestion | RecallQuestion | ReportQuestion | StatusQuestion | VerifyQuestion
"""A question that every store can be asked. Each has `as_of`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks: what the audit trail of each store says of the command. `at` reads the clock.

    `names_patients` is true when the answer will show who is due, and not only how many.
    """

    at: Callable[[], str]
    user: str
    verb: str
    asked: str
    names_patients: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreReply:
    """What one store answered.

    `data` is the JSON value of the same question to one practice, or None when the store could not answer. `error` says
    why it could not, or which of its services could not. `stale_days` is the age in days of its newest data if it is
    old; `notes` are lines for the person who has the store. `paid_on` is what its claims pay for the work of each day.
    `mistyped` is the fault of the question itself, such as a service that this store does not know.
    """

    path: Path
    ods_code: str = ""
    name: str = ""
    data: Any = None
    error: str | None = None
    stale_days: int | None = None
    needs_person: bool = False
    notes: tuple[str, ...] = ()
    paid_on: tuple[tuple[date, int], ...] = ()
    mistyped: tuple[str, str] | None = None

    @property
    def status(self) -> str:
        """`ok`, `failed`, or `stale` when the store answered from old data."""
        if self.error is not None:
            return "failed"
        return "ok" if self.stale_days is None else "stale"


def ask(path: Path, question: Question, asker: Asker | None) -> StoreReply:
    """Ask one store. A store that cannot answer says why in its reply; nothing is raised but an interruption."""
    try:
        if asker is None:
            return _asked(path, question, None)
        command = Command(path=path, at=asker.at, user=asker.user, verb=asker.verb, asked=asker.asked)
        with following(command):
            return _asked(path, question, command, asker.names_patients)
    except LesError as fault:
        return StoreReply(path=path, error=str(fault))
    except Exception as fault:
        # One store must not stop the others. The text of the exception may hold patient data.
        return StoreReply(
            path=path, error=f"a fault of the program ({type(fault).__name__}); run it on this store alone"
        )


def ask_many(paths: Sequence[Path], question: Question, asker: Asker | None) -> list[StoreReply]:
    """Ask several stores, one after the other."""
    with services_kept():
        return [_ask_at_once(path, question, asker) for path in paths]


def _ask_at_once(path: Path, question: Question, asker: Asker | None) -> StoreReply:
    """Ask without a search for cycles in between: the values of a store have none, and each search walks them all."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return ask(path, question, asker)
    finally:
        if collects:
            gc.enable()


def unseen(paths: Sequence[Path]) -> int:
    """How many of the files this process cannot see. A worker on another machine may have no such folder."""
    return sum(not path.is_file() for path in paths)


def _asked(path: Path, question: Question, command: Command | None, names_patients: bool = False) -> StoreReply:
    with open_store(path) as store:
        practice = store.practice
        reply = StoreReply(
            path=path,
            ods_code=practice.ods_code,
            name=practice.name,
            # A store of old data may be whole all the same.
            stale_days=None if isinstance(question, VerifyQuestion) else _stale_days(store, question.as_of),
        )
        try:
            if isinstance(question, VerifyQuestion):
                faults = list(verify_answer(path, ())[1])
                reply = replace(reply, data={"faults": faults}, needs_person=bool(faults))
            elif isinstance(question, NetworkQuestion):
                reply = replace(reply, data=done_in(store, question))
            else:
                found = _reply(store, question)
                if names_patients and command is not None and found.answer is not None:
                    command.shows(found.answer.patients_shown)
                reply = _with(reply, found)
                if isinstance(question, RecallQuestion) and reply.data is not None:
                    reply = replace(reply, data=recall_counts(reply.data, names_patients=names_patients))
        except UsageError as fault:
            reply = replace(reply, error=str(fault), mistyped=(fault.what, fault.fix))
        except LesError as fault:
            reply = replace(reply, error=str(fault))
        return replace(reply, notes=(*reply.notes, *_entered(command, reply)))


def _reply(store: Store, question: ClaimQuestion | RecallQuestion | ReportQuestion | StatusQuestion) -> Reply:
    if isinstance(question, ClaimQuestion):
        return claim_of(store, question)
    if isinstance(question, RecallQuestion):
        return recall_of(store, question)
    if isinstance(question, ReportQuestion):
        return report_of(store, question)
    return status_of(store, question)


def _with(known: StoreReply, reply: Reply) -> StoreReply:
    shown = reply.answer
    return replace(
        known,
        data=shown.data if shown else None,
        error="; ".join(reply.failed) or None,
        needs_person=reply.needs_person,
        notes=shown.notes if shown else (),
        paid_on=tuple(one for _, days in reply.paid_on for one in days),
    )


STATES = ("overdue", "due", "upcoming")


def recall_counts(data: dict[str, Any], *, names_patients: bool) -> dict[str, Any]:
    """A recall list as counts by service. The patients stay in the store's process unless they are asked for."""
    counts: Counter[tuple[str, str]] = Counter((one["service"], one["status"]) for one in data["recalls"])
    declined: Counter[str] = Counter()
    for one in data["left_out"]:
        declined[one["service"]] += one["patients"]
    services = [
        {"service": name, **{state: counts[name, state] for state in STATES}, "left_out": declined[name]}
        for name in sorted({name for name, _ in counts} | set(declined))
    ]
    return {"services": services, "recalls": data["recalls"] if names_patients else []}


def _stale_days(store: Store, as_of: date) -> int | None:
    newest = newest_day(store, as_of, by_index=True)
    days = (as_of - newest).days if newest else 0
    return days if days > STALE_DAYS else None


def _entered(command: Command | None, reply: StoreReply) -> tuple[str, ...]:
    """Write the entry in the store's audit trail, and say when it could not be written."""
    if command is None or not command.opened:
        return ()
    code = Exit.REFUSED if reply.data is None else Exit.NEEDS_PERSON if reply.needs_person else Exit.DONE
    try:
        write(command, code, open_store, wait_seconds=_PATIENCE_SECONDS)
    except LesError as fault:
        return (f"no entry in its audit trail: {fault.what}",)
    return ()
