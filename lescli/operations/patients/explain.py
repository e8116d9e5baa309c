"""`les explain`: everything the rules of one service say about one patient, with clause and evidence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from ...amounts import counted
from ...calendar import for_people, moment_for_people
from ...errors import LesError
from ...model import ClaimedRow, ClaimRow, Declined, Finding, Patient, Planned, Records, Register, ServiceSpec
from ...outputs import Answer, Column, Grid, Kind
from ...rules.claim_row import reason_of
from ...rules.unclaimed import Standing, claimed_amount, standing_of, whole_period, worth
from ...rules.windows import last_claim_day
from ...services import Service
from ...store import Store
from ...store.people.same_person import known_as
from ...store.quarantine.waiting import WaitingRow, waiting_rows
from ...store.records.records import StoreRecords
from ..choose_services import register_of
from ..claim.preview import suggested_notes
from ..quarantine import waiting_lines, waiting_of, waiting_of_number
from ..values import as_json
from .doubts import DEATH_DAY
from .recall import DEFAULT_WITHIN, RecallRow, clocks_said, recall_rows, recall_said
from .register import entry_data
from .same_person import suspected_pairs

_ANSWERS = (
    Column("rule", "Question"),
    Column("answer", "Answer"),
    Column("clause", "Clause"),
    Column("evidence", "Evidence"),
)


def planned_rows(spec: ServiceSpec, records: Records, nhs_number: str) -> list[dict[str, Any]]:
    """Each request and diary entry once, with all its code lists of the service, in order of the day it was made."""
    found: dict[int, tuple[Planned, list[str]]] = {}
    for listed in spec.codelists:
        for one in records.planned(listed.name):
            if one.nhs_number == nhs_number:
                found.setdefault(one.id, (one, []))[1].append(listed.name)
    return [
        {
            "kind": _kind(one),
            "status": one.status,
            "asked_on": one.day.isoformat(),
            "planned_for": one.planned_on.isoformat() if one.planned_on else None,
            "codelists": codelists,
            "text": _text(one),
            "evidence": one.evidence,
        }
        for one, codelists in sorted(found.values(), key=lambda each: each[0].order)
    ]


def _kind(one: Planned) -> str:
    return "request" if one.is_request else "diary entry" if one.is_diary_entry else one.intent


def _text(one: Planned) -> str:
    parts = [
        one.term,
        one.value,
        one.status,
        f"asked for {for_people(one.day)}",
        f"planned for {for_people(one.planned_on)}" if one.planned_on else "",
    ]
    return ", ".join(part for part in parts if part)


def explain_answer(store: Store, service: Service, nhs_number: str, as_of: date) -> Answer:
    """One patient's register entries, recalls, activities with all findings, incidents and advice. Identifiable."""
    records, register = register_of(store, service, as_of)
    nhs_number = known_as(store, nhs_number)
    try:
        patient = records.patient(nhs_number)
    except KeyError:
        raise _not_there(store, nhs_number) from None
    called = service.recall(records, register)
    doubled = frozenset(number for pair in suspected_pairs(store) for number in pair)
    recalls = [
        row
        for row in recall_rows(records, service.name, called, DEFAULT_WITHIN, doubled)
        if row.nhs_number == nhs_number
    ]
    declined = [one for one in called.declined if one.nhs_number == nhs_number]
    claim = service.claim(records, register, whole_period(service.spec, records))
    rows = [row for row in claim.rows if row.nhs_number == nhs_number]
    claimed = [row for row in records.claimed() if row.nhs_number == nhs_number]
    entries = register.of(nhs_number)
    planned = planned_rows(service.spec, records, nhs_number)
    told = [_claim_row(service.spec, records, claimed, row) for row in rows]
    answers = _answers(service.spec, records, patient, register, recalls, declined, planned, rows)
    data: dict[str, Any] = {
        "schema": "les-explain/1",
        "service": service.name,
        "as_of": as_of.isoformat(),
        "patient": {
            "nhs_number": nhs_number,
            "name": patient.name,
            "date_of_birth": patient.date_of_birth.isoformat(),
            "registered": patient.registered_on(as_of, records.practice.ods_code),
            "alive": patient.can_be_called_on(as_of) or patient.died_on == as_of,
        },
        "register": [entry_data(records, entry) for entry in entries],
        "recalls": [as_json(row) for row in recalls],
        "declined": [_declined(one) for one in declined],
        "planned": planned,
        "claims": told,
        "incidents": [
            {"kind": one.kind, "on": one.on, "due_at": one.due_at or None, "notified_at": one.notified_at}
            for one in records.incidents()
            if one.nhs_number == nhs_number
        ],
        "advice": [{"text": a.text, "clause": a.clause} for entry in entries for a in entry.advice],
        "answers": answers,
    }
    return Answer(
        data=data,
        title=f"{service.name} on {for_people(as_of)}: {_called(patient)}born {for_people(patient.date_of_birth)}",
        grids=(
            Grid(
                title="",
                columns=_ANSWERS,
                rows=tuple((a["rule"], a["answer"], a["clause"], " ".join(a["evidence"])) for a in answers),
            ),
            _activity_grid(told),
        ),
        notes=(*suggested_notes(service.spec, as_of), *waiting_lines(service.spec, _waits(store, service, nhs_number))),
        identifiable=True,
    )


def _called(patient: Patient) -> str:
    return f"{patient.name}, " if patient.name else "a patient without a name, "


def _declined(one: Declined) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "due_on": one.due_on.isoformat(),
        "declined_on": one.declined_on.isoformat(),
        "again_on": one.again_on.isoformat() if one.again_on else None,
        "clause": one.clause,
    }


def _waits(store: Store, service: Service, nhs_number: str) -> tuple[WaitingRow, ...]:
    return waiting_of(service.spec, waiting_of_number(waiting_rows(store), nhs_number))


def _not_there(store: Store, nhs_number: str) -> LesError:
    nobody = "no patient with that NHS number is in the store"
    if waits := waiting_of_number(waiting_rows(store), nhs_number):
        many = counted(len(waits), "row with it waits", "rows with it wait")
        return LesError(
            f"{nobody}, but {many} in quarantine",
            "`les quarantine --rows` shows them; mend them in the clinical system and import again",
        )
    return LesError(nobody, "import a file that describes them first")


def _alive(patient: Patient) -> str:
    if patient.death_in_doubt:
        return "in doubt: an earlier file says the patient died, a newer one does not; `les patients doubts` settles it"
    if patient.died_on:
        return f"died {for_people(patient.died_on)}"
    if patient.died_by is None:
        return "yes"
    since = f"{for_people(patient.died_from)} or later" if patient.died_from else "a day nobody recorded"
    known = f"died on {since}, known on {for_people(patient.died_by)}"
    return f"{known}: record the day in the clinical system and import again, or give it with `{DEATH_DAY}`"


def _answers(
    spec: ServiceSpec,
    records: StoreRecords,
    patient: Patient,
    register: Register,
    recalls: list[RecallRow],
    declined: list[Declined],
    planned: list[dict[str, Any]],
    rows: list[ClaimRow],
) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = []

    def say(rule: str, answer: str, clause: str, evidence: tuple[str, ...] = ()) -> None:
        answers.append({"rule": rule, "answer": answer, "clause": clause, "evidence": list(evidence)})

    here = patient.registered_on(records.as_of, records.practice.ods_code)
    say("registered here?", "yes" if here else "no", reason_of(spec, "not-registered").clause)
    say("alive?", _alive(patient), "")
    entries = register.of(patient.nhs_number)
    if not entries:
        say("on the register?", "no: no code that finds cases, and not added by hand", spec.register.clause)
    for entry in entries:
        until = f" until {for_people(entry.ended_on)} ({entry.end_reason})" if entry.ended_on else ""
        since = f"since {for_people(entry.entered_on)}{until}, by the rule {entry.rule}"
        say("on the register?", since, entry.clause, entry.evidence)
        if entry.doubt:
            say("register entries that contradict one another", entry.doubt, entry.clause, entry.evidence)
        for warning in entry.warnings:
            say("recorded but hardly possible", warning, entry.clause, entry.evidence)
        for field in spec.register.details:
            value = entry.detail(field.name)
            if value is not None or field.required:
                shown = for_people(value) if isinstance(value, date) else value
                say(field.name, "missing" if value is None else str(shown), field.clause)
        for advice in entry.advice:
            say("advice", advice.text, advice.clause)
    for line in recall_said(spec, records, patient, entries, recalls, declined):
        say(line.rule, line.answer, line.clause, line.evidence)
    for line in clocks_said(spec, records, register, patient.nhs_number):
        say(line.rule, line.answer, line.clause, line.evidence)
    for one in planned:
        say(f"{one['kind']}: {', '.join(one['codelists'])}", one["text"], "", (one["evidence"],))
    for row in rows:
        last = last_claim_day(spec, row.day)
        window = f"; claim by {for_people(last)}" if last else ""
        text = reason_of(spec, row.reason).text
        if standing_of(spec, row, records.as_of) is Standing.NOT_OVER:
            text += f", and its {spec.every} is not over yet"
        say(f"claim: {row.item} of {for_people(row.day)}", f"{row.verdict}: {text}{window}", row.clause, row.evidence)
        for other in row.also:
            say("also", f"{other.verdict}: {reason_of(spec, other.reason).text}", other.clause)
    for incident in records.incidents():
        if incident.nhs_number == patient.nhs_number:
            told = moment_for_people(incident.notified_at) if incident.notified_at else "not yet"
            clause = next((kind.clause for kind in spec.incidents if kind.kind == incident.kind), "")
            due = incident.due_at and f", to be notified by {moment_for_people(incident.due_at)}, notified: {told}"
            say(f"incident: {incident.kind}", f"on {moment_for_people(incident.on)}{due or ', counted'}", clause)
    return answers


def _claim_row(
    spec: ServiceSpec, records: StoreRecords, claimed: Iterable[ClaimedRow], row: ClaimRow
) -> dict[str, Any]:
    standing = standing_of(spec, row, records.as_of)
    return {
        "standing": standing.value if standing else row.verdict.value,
        "amount_pence": worth(spec, records, row) if standing else claimed_amount(spec, claimed, row),
        "date": row.day.isoformat(),
        "code": row.code,
        "item": row.item,
        "verdict": row.verdict.value,
        "reason": row.reason,
        "clause": row.clause,
        "fix": row.fix,
        "evidence": list(row.evidence),
        "also": [_finding(found) for found in row.also],
    }


def _finding(found: Finding) -> dict[str, str]:
    return {"verdict": found.verdict.value, "reason": found.reason, "clause": found.clause, "fix": found.fix}


def _activity_grid(rows: list[dict[str, Any]]) -> Grid:
    return Grid(
        title="Every activity since the contract began and its claim window",
        columns=(
            Column("date", "Date", Kind.DATE),
            Column("code", "Code", Kind.CODE),
            Column("item", "Item"),
            Column("verdict", "Verdict"),
            Column("amount_pence", "Amount", Kind.PENCE),
            Column("reason", "Reason"),
            Column("clause", "Clause"),
            Column("fix", "What to do"),
            Column("evidence", "Evidence"),
        ),
        rows=tuple(
            (
                date.fromisoformat(row["date"]),
                *(row[name] for name in ("code", "item", "verdict", "amount_pence", "reason", "clause", "fix")),
                " ".join(row["evidence"]),
            )
            for row in rows
        ),
        empty="none",
    )
