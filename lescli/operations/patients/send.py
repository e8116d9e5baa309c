"""`les recall --for`: the recalls as the file that another program takes, and the invitations recorded with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from ...calendar import Period
from ...errors import LesError, LockedError, UsageError, did_you_mean
from ...model import ServiceSpec
from ...outputs import Answer
from ...outputs.exports.layout import Layout, layouts
from ...rules.recall import recall_rules
from ...specification.messages import STAGES
from ...store import Store
from ...store.invitations import exported_on, record_invitation
from ...store.quarantine.waiting import waiting_rows
from ..choose_services import chosen_services, register_of
from ..quarantine import waiting_of
from .call_list import CALL_LIST, WORKLIST
from .export import Asked, Export, Filters, Practical, Recipients, export_of, recipients
from .recall import recall_answer, recall_rows, status_of
from .same_person import suspected_pairs

STATUSES = ("overdue", "due", "upcoming")
Write = Callable[[dict[Path, bytes]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendQuestion:
    """Ask for the file of some services' recalls, or of all when none is named."""

    services: tuple[str, ...]
    as_of: date
    within: timedelta
    kind: str
    out: Path
    filters: Filters


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The recalls of the services asked, the patients to write to, and what failed."""

    found: Recipients
    answer: Answer
    practice: Practical
    price: str
    headers: tuple[str, ...]
    failed: tuple[str, ...]


def layout_named(kind: str) -> Layout:
    """The layout of a kind of file. UsageError for an unknown one."""
    known = layouts()
    if kind not in known:
        every = (*known, CALL_LIST, WORKLIST)
        hint = did_you_mean(kind, every) or f"there are {', '.join(every)}"
        raise UsageError("--for: there is no file of that kind", hint)
    return known[kind]


def gathered(store: Store, question: SendQuestion) -> Gathered:
    """Ask every service for its recalls. A service that fails does not hide the others; LesError when all fail."""
    for stage in question.filters.stages:
        if stage not in STAGES:
            raise UsageError("--stage: there is no such stage", f"choose one of {', '.join(STAGES)}")
    for status in question.filters.statuses:
        if status not in STATUSES:
            raise UsageError("--status: there is no such status", f"choose one of {', '.join(STATUSES)}")
    chosen = chosen_services(store, question.services, Period(question.as_of, question.as_of))
    failed, notes = list(chosen.broken), list(chosen.warnings)
    doubled = frozenset(number for pair in suspected_pairs(store) for number in pair)
    waiting = waiting_rows(store)
    asked: list[Asked] = []
    rows = []
    for service in chosen.services:
        try:
            records, register = register_of(store, service, question.as_of)
            found = service.recall(records, register)
        except LockedError:
            raise
        except LesError as fault:
            failed.append(str(fault))
            continue
        rows += recall_rows(records, service.name, found, question.within, doubled)
        asked.append(
            Asked(
                spec=service.spec,
                records=records,
                register=register,
                recalls=tuple((one, status_of(one, question.as_of, question.within)) for one in found.recalls),
                declined=frozenset(one.nhs_number for one in found.declined),
                waiting=len(waiting_of(service.spec, waiting, question.as_of)),
                sent_today=exported_on(store, service.name, question.as_of),
            )
        )
    _check_kinds(question.filters.kinds, [one.spec for one in asked])
    if failed and not asked:
        raise LesError(failed[0], "")
    specs = [one.spec for one in asked]
    return Gathered(
        found=recipients(asked, question.filters, doubled),
        answer=recall_answer(rows, question.as_of, question.within, notes),
        practice=Practical(
            ods_code=store.practice.ods_code,
            name=store.practice.name,
            telephone=_text(specs, "practice_telephone", question.as_of),
        ),
        price=_text(specs, "sms_part_price", question.as_of),
        headers=_headers(specs, question.as_of),
        failed=tuple(failed),
    )


def _check_kinds(kinds: tuple[str, ...], specs: list[ServiceSpec]) -> None:
    known = dict.fromkeys(rule.name for spec in specs for rule in recall_rules(spec))
    for kind in kinds:
        if kind not in known:
            hint = did_you_mean(kind, known) or f"there are {', '.join(known)}"
            raise UsageError("--kind: no service asked has a recall of that name", hint)


def _text(specs: list[ServiceSpec], name: str, day: date) -> str:
    """A practice's own value, from the first service that has it set."""
    return next((str(value) for spec in specs if (value := spec.setting(name, day))), "")


def _headers(specs: list[ServiceSpec], day: date) -> tuple[str, ...]:
    held = (value for spec in specs if isinstance(value := spec.setting("export_headers", day), tuple))
    return tuple(dict.fromkeys(one for value in held for one in value))


def export(store: Store, question: SendQuestion) -> tuple[Gathered, Export]:
    """The export before it is written."""
    layout = layout_named(question.kind)
    every = gathered(store, question)
    made = export_of(layout.corrected(every.headers), question.out, every.found, every.practice, every.price)
    data = {**every.answer.data, "export": made.data}  # type: ignore[dict-item]
    return replace(every, answer=replace(every.answer, data=data)), made


def record(store: Store, made: Export, *, on: date, by: str, write: Write) -> int:
    """Record an invitation for each patient in the file and put the file in place; returns how many are new.

    The file is in place before the invitations are committed. If the command dies in between, nobody is recorded as
    invited who is in no file: running it again writes the same file and records them.
    """
    with store.writing():
        new = sum(
            record_invitation(
                store,
                one.first.service,
                one.patient.nhs_number,
                on=on,
                by=by,
                outcome="",
                until=None,
                export=made.sha256,
            )
            for one in made.found.included
        )
        write(made.files)
    return new
