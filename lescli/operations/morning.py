"""Asks one open store what cannot wait: every service once, then the ledger, the quarantine and the data's age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ..calendar import Period
from ..errors import LesError, LockedError
from ..model import Claim, Register
from ..outputs import Answer
from ..services import Service
from ..store import Store
from ..store.ledger.read import claims
from ..store.quarantine.waiting import waiting_rows
from ..store.records.latest import newest_day
from .choose_services import chosen_services, doubts, register_of
from .claim.preview import suggested
from .claim.unregistered import results_line, unregistered_lines
from .claim.view import both_paid, each_pound_once, payable_of
from .claims.list import AccountRow, accounts_of, by_service
from .claims.support import Asked, look_again
from .duties import duties_line, held_on, states_of
from .month_failed import failure_noted
from .patients.doubts import open_facts
from .patients.same_person import suspicion_note, suspicions
from .position import Position, position_of, whole_claim
from .quarantine import status_waiting
from .status import Facts, data_age, money_facts, money_notes, needs_person, patient_facts
from .status_note import Note, notes_of
from .status_screen import Around
from .status_view import status_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """The status, one line for each service that failed or each entry in doubt, and whether a person is needed."""

    answer: Answer
    failed: tuple[str, ...]
    needs_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answered:
    """What one service said, before the services are compared."""

    service: Service
    register: Register
    position: Position
    facts: Facts
    period: Period
    claim: Claim


def morning(store: Store, as_of: date) -> Morning:
    """The status of every service the practice holds. A service that fails does not hide the others."""
    facts: Facts = {}
    chosen = chosen_services(store, (), Period(as_of, as_of))
    failed = list(chosen.broken)
    notes = [Note(text=line) for line in chosen.warnings]
    unanswered = [line.partition(":")[0] for line in chosen.broken]
    asked: list[_Answered] = []
    for service in chosen.services:
        try:
            one = _answered(store, service, as_of)
            asked.append(one)
            failed += doubts(service.spec, one.register)
            notes += notes_of(service.name, unregistered_lines(service.spec, one.position.unregistered))
            notes += notes_of(service.name, results_line(service.name, one.register))
            notes += suggested(service.spec, as_of)
        except LockedError:
            raise
        except LesError as fault:
            failed.append(str(fault))
            unanswered.append(service.name)
    positions = each_pound_once([(one.service.spec, one.position) for one in asked])
    for one, position in zip(asked, positions, strict=True):
        for name, rows in {**one.facts, **money_facts(one.service.spec, one.register, position)}.items():
            facts.setdefault(name, []).extend(rows)
    facts["doubts"] = open_facts(store)
    held, _ = held_on(store, chosen, as_of)
    facts["duties"] = [duties_line(one.name, states_of(store, one, as_of)) for one in held if one.duties]
    again = look_again(store, as_of, asked_already={one.service.name: _asked(one) for one in asked})
    # A service that fails has been told already; the ledger knows what it is owed all the same.
    failed += [line for line in again.failed if line.partition(":")[0] not in unanswered]
    specs = {service.name: service.spec for service in chosen.services}
    accounts = by_service(accounts_of(store, claims(store, as_of), as_of, specs))
    _add_accounts(facts, accounts)
    for row in facts.get("services", ()):
        lost = [one.row.amount_pence for one in again.to_reverse if one.row.service == row["service"]]
        row.update({"to_reverse_pence": sum(lost), "to_reverse": len(lost)})
    pairs = len(suspicions(store))
    waiting = waiting_rows(store)
    quarantine, waits = status_waiting((service.spec for service in chosen.services), waiting)
    newest = newest_day(store, as_of)
    night = failure_noted(store.path) if store.path else ()
    notes = [
        *money_notes(facts),
        *(Note(text=line) for _, line in both_paid([payable_of(one.service.spec, one.position) for one in asked])),
        *notes,
        *waits,
        *(Note(text=line) for line in (*suspicion_note(pairs), *data_age(newest, as_of, len(waiting)))),
    ]
    around = Around(
        practice=store.practice,
        pairs=pairs,
        quarantine=quarantine,
        newest=newest,
        night=night,
        unanswered=tuple(dict.fromkeys(unanswered)),
        accounts=tuple(accounts),
        to_reverse=tuple((one.row.service, one.row.amount_pence) for one in again.to_reverse),
    )
    shown = status_answer(as_of, facts, notes, around)
    needs = bool(failed or pairs or waits or night) or needs_person(facts)
    return Morning(answer=shown, failed=tuple(failed), needs_person=needs)


def _answered(store: Store, service: Service, as_of: date) -> _Answered:
    """Everything that one service is asked. If its recall fails, it must not count work that another could claim."""
    records, register = register_of(store, service, as_of)
    period, claim = whole_claim(service, records, register)
    return _Answered(
        service=service,
        register=register,
        position=position_of(store, service, records, register, (period, claim)),
        facts=patient_facts(service, records, register),
        period=period,
        claim=claim,
    )


def _asked(one: _Answered) -> Asked:
    return Asked(service=one.service, period=one.period, claim=one.claim)


def _add_accounts(facts: Facts, accounts: list[AccountRow]) -> None:
    """What each service is owed and was paid too much, on its line."""
    known = {one.service: one for one in accounts}
    for row in facts.get("services", ()):
        account = known.get(row["service"])
        row["owed_pence"] = account.owed_pence if account else 0
        row["overpaid_pence"] = account.overpaid_pence if account else 0
