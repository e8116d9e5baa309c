"""`les duties`: what specifications ask of the practice beyond coded work, when it was last confirmed, what is due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..calendar import Period, for_people
from ..errors import LesError, UsageError
from ..model import ServiceSpec
from ..outputs import Answer, Column, Grid, Kind, counted, masked
from ..rules.duties import LATE, Confirmed, DutyState, DutyStatus, duty_states
from ..store import Store, open_store
from ..store.ledger.duties import Confirmation, confirm_duty, confirmations, withdraw_duty
from ..store.practice_data import signed_services
from .choose_services import Chosen, chosen_services, contracts_needed, one_service
from .patients.recall import DEFAULT_WITHIN

DUTY_COLUMNS = (
    Column("service", "Service"),
    Column("name", "Duty"),
    Column("title", "What is asked"),
    Column("clause", "Clause"),
    Column("status", "Status"),
    Column("due_on", "Due again", Kind.DATE),
    Column("confirmed_on", "Confirmed", Kind.DATE),
    Column("by", "By"),
    Column("note", "On what evidence"),
    Column("every_months", "Every (months)", Kind.COUNT),
    Column("evidence", "What counts as evidence"),
)
_HISTORY = (
    Column("service", "Service"),
    Column("duty", "Duty"),
    Column("confirmed_on", "Confirmed", Kind.DATE),
    Column("by", "By"),
    Column("note", "Note"),
    Column("recorded_on", "Recorded", Kind.DATE),
    Column("what", "What it is"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyReply:
    """The list of duties, one line for each service that failed, and whether a duty is late."""

    answer: Answer
    failed: tuple[str, ...]
    late: bool


def states_of(store: Store, spec: ServiceSpec, as_of: date) -> tuple[DutyState, ...]:
    """Each duty of a service on a day, most pressing first."""
    standing = [
        Confirmed(duty=one.duty, on=one.confirmed_on, by=one.by, note=one.note)
        for one in confirmations(store, spec.name)
        if one.stands and one.confirmed_on is not None
    ]
    return duty_states(spec, standing, as_of, DEFAULT_WITHIN)


def duty_data(service: str, state: DutyState) -> dict[str, Any]:
    """One duty by the field names of les-duties/1."""
    last = state.last
    return {
        "service": service,
        "name": state.duty.name,
        "title": state.duty.title,
        "clause": state.duty.clause,
        "every_months": state.every_months,
        "confirmed_on": last.on.isoformat() if last else None,
        "by": last.by if last else None,
        "note": last.note if last else None,
        "due_on": state.due_on.isoformat() if state.due_on else None,
        "status": state.status.value,
    }


def duty_cells(service: str, state: DutyState) -> tuple[object, ...]:
    """One duty as a row of a table with `DUTY_COLUMNS`."""
    known = {**duty_data(service, state), "due_on": state.due_on, "evidence": state.duty.evidence}
    known["confirmed_on"] = state.last.on if state.last else None
    return tuple(known[column.name] for column in DUTY_COLUMNS)


def held_on(store: Store, chosen: Chosen, day: date) -> tuple[tuple[ServiceSpec, ...], tuple[str, ...]]:
    """The services whose contract is held on a day, and a line for each with duties that is not. With none signed: all.

    A contract that has ended, or has not begun, asks nothing of the practice.
    """
    others = contracts_needed(chosen.services)
    signed = {name: spans for name, spans in signed_services(store).items() if name not in others}
    specs = [service.spec for service in chosen.services]
    held = [spec for spec in specs if not signed or _held(signed.get(spec.name, ()), day)]
    told = (
        f"{spec.name}: its contract is not held on {for_people(day)}; `les duties {spec.name}` lists its duties"
        for spec in specs
        if spec.duties and spec not in held
    )
    return tuple(held), tuple(told)


def _held(spans: Iterable[tuple[date, date | None]], day: date) -> bool:
    return any(start <= day and (end is None or day <= end) for start, end in spans)


def ask_duties(path: Path, service: str, as_of: date, *, history: bool) -> DutyReply:
    """The duties of one service, or of every service the practice holds; with `history` also each confirmation."""
    with open_store(path) as store:
        chosen = chosen_services(store, (service,) if service else (), Period(as_of, as_of))
        specs, ended = held_on(store, chosen, as_of)
        if service:
            specs, ended = tuple(one.spec for one in chosen.services), ()
        states = [(spec.name, state) for spec in specs for state in states_of(store, spec, as_of)]
        recorded = [one for spec in specs for one in confirmations(store, spec.name)] if history else None
    late = any(state.status in LATE for _, state in states)
    return DutyReply(
        answer=_answer(states, as_of, recorded, (*chosen.warnings, *ended)), failed=chosen.broken, late=late
    )


def _answer(
    states: Sequence[tuple[str, DutyState]],
    as_of: date,
    recorded: Sequence[Confirmation] | None,
    notes: tuple[str, ...],
) -> Answer:
    late = sum(state.status in LATE for _, state in states)
    data: dict[str, Any] = {
        "schema": "les-duties/1",
        "as_of": as_of.isoformat(),
        "duties": [duty_data(service, state) for service, state in states],
    }
    rows = tuple(duty_cells(service, state) for service, state in states)
    grids = [Grid(title="", columns=DUTY_COLUMNS, rows=rows, empty="no service asks for a duty")]
    if recorded is not None:
        data["history"] = [_recorded(one) for one in recorded]
        grids.append(
            Grid(
                title="Every confirmation, as it was recorded",
                columns=_HISTORY,
                rows=tuple(_history(recorded)),
                empty="none",
            )
        )
    return Answer(
        data=data,
        title=f"Duties on {for_people(as_of)}: {len(states)}, of which {late} overdue or never confirmed",
        grids=tuple(grids),
        notes=notes,
        records=grids[0],
    )


def _recorded(one: Confirmation) -> dict[str, Any]:
    return {
        "id": one.id,
        "service": one.service,
        "name": one.duty,
        "confirmed_on": one.confirmed_on.isoformat() if one.confirmed_on else None,
        "by": one.by,
        "note": one.note,
        "recorded_on": one.recorded_on.isoformat(),
        "replaces": one.replaces,
        "replaced_by": one.replaced_by,
    }


def _history(recorded: Sequence[Confirmation]) -> Iterator[tuple[object, ...]]:
    known = {one.id: one for one in recorded}
    for one in recorded:
        before, after = known.get(one.replaces or 0), known.get(one.replaced_by or 0)
        what = [] if before is None else [f"{'corrects' if one.confirmed_on else 'withdraws'} {_day(before)}"]
        if after is not None:
            what.append(f"{'corrected' if after.confirmed_on else 'withdrawn'} on {for_people(after.recorded_on)}")
        yield (
            *(one.service, one.duty, one.confirmed_on, one.by, one.note, one.recorded_on),
            "; ".join(what) or "stands",
        )


def _day(one: Confirmation) -> str:
    return f"that of {for_people(one.confirmed_on)}" if one.confirmed_on else "an earlier one"


def confirm(
    path: Path, service: str, typed: str, *, on: date, by: str, note: str, as_of: date, corrects: date | None
) -> str:
    """Record a confirmation, and say what it changed. UsageError lists the duties when there is none of that name."""
    by, note = _plain("--by", by), _plain("--note", note)
    with open_store(path) as store:
        spec = one_service(store, service).spec
        duty = _known(spec, typed)
        with store.writing():
            new = confirm_duty(store, spec.name, duty, on=on, by=by, note=note, recorded_on=as_of, corrects=corrects)
        state = next(one for one in states_of(store, spec, as_of) if one.duty.name == duty)
    if not new:
        return f"{spec.name}: {duty} is recorded already, unchanged"
    again = f"due again on {for_people(state.due_on)}" if state.due_on else "once is enough"
    instead = f", in place of that of {for_people(corrects)}" if corrects else ""
    return f"{spec.name}: {duty} is confirmed{instead}; {again}"


def withdraw(path: Path, service: str, typed: str, *, on: date, by: str, note: str, as_of: date) -> str:
    """Withdraw a confirmation that was wrong, and say so."""
    by, note = _plain("--by", by), _plain("--note", note)
    with open_store(path) as store:
        spec = one_service(store, service).spec
        duty = _known(spec, typed)
        with store.writing():
            withdraw_duty(store, spec.name, duty, on=on, by=by, note=note, recorded_on=as_of)
    return f"{spec.name}: the confirmation of {duty} of {for_people(on)} is withdrawn"


def _known(spec: ServiceSpec, typed: str) -> str:
    names = [duty.name for duty in spec.duties]
    if typed in names:
        return typed
    if not names:
        raise LesError(f"{spec.name} has no duty to confirm", "`les duties` lists what every contract asks")
    close = get_close_matches(typed, names, n=1)
    hint = f"did you mean `{close[0]}`? " if close else ""
    raise UsageError(f"{spec.name} has no duty of that name", f"{hint}it has {', '.join(names)}")


def _plain(option: str, text: str) -> str:
    """A text on one line. A duty is about the practice, so no NHS number belongs in it."""
    text = " ".join(text.split())
    if not text:
        raise UsageError(f"{option} is empty", "say who confirms it, and on what evidence")
    if masked(text) != text:
        raise UsageError(f"{option} holds what looks like an NHS number", "a duty is about no patient; leave it out")
    return text


def duties_line(service: str, states: Iterable[DutyState]) -> dict[str, Any]:
    """One service's line of `les status`: how many duties are overdue, never confirmed and due."""
    held = [state.status for state in states]
    wanted = (DutyStatus.OVERDUE, DutyStatus.NEVER, DutyStatus.DUE, DutyStatus.CONFIRMED)
    return {"service": service, **{status.value: held.count(status) for status in wanted}}


def late_line(service: str, states: Iterable[DutyState]) -> tuple[str, ...]:
    """A line when duties are overdue or were never confirmed; none otherwise."""
    late = sum(state.status in LATE for state in states)
    if not late:
        return ()
    which = counted(late, "duty is", "duties are")
    return (f"{service}: {which} overdue or never confirmed; `les duties {service}` lists them",)
