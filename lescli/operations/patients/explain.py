"""`les explain`: everything the rules of one service say about one patient, with clause and evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from ...amounts import counted
from ...calendar import for_people, moment_for_people
from ...errors import LesError
from ...model import ClaimedRow, ClaimRow, Declined, Finding, Patient, Planned, Records, Register, ServiceSpec, Verdict
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
from ..values import LEFT_OUT, as_cells, as_json
from .doubts import DEATH_DAY
from .recall import DEFAULT_WITHIN, RecallRow, Said, clocks_said, recall_rows, recall_said
from .register import AdviceLine, EntryRow, entry_row
from .same_person import doubled_numbers
from .trace import Trace, differences, differences_grid, earlier_trace, trace_of, tree_of

_ANSWERS = (
    Column("rule", "Question"),
    Column("answer", "Answer"),
    Column("clause", "Clause"),
    Column("evidence", "Evidence", between=" "),
)
_ACTIVITY = (
    Column("date", "Date", Kind.DATE),
    Column("code", "Code", Kind.CODE),
    Column("item", "Item"),
    Column("verdict", "Verdict"),
    Column("amount_pence", "Amount", Kind.PENCE),
    Column("reason", "Reason"),
    Column("clause", "Clause"),
    Column("fix", "What to do"),
    Column("evidence", "Evidence", between=" "),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientShown:
    """The patient, with the fields of docs/reference/json.md in their order, as all values here."""

    nhs_number: str
    name: str
    date_of_birth: date
    registered: bool
    alive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclinedRow:
    """One kind of contact that the patient declined."""

    kind: str
    due_on: date
    declined_on: date
    again_on: date | None
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """One request or diary entry."""

    kind: str
    status: str
    asked_on: date
    planned_for: date | None
    codelists: tuple[str, ...]
    text: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRow:
    """One activity with its verdict, its other findings and where it stands."""

    standing: str
    amount_pence: int | None
    date: date
    code: str
    item: str
    verdict: Verdict
    reason: str
    clause: str
    fix: str
    evidence: tuple[str, ...]
    also: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """One untoward event of the patient."""

    kind: str
    on: str
    due_at: str | None
    notified_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Everything the rules of one service say about one patient."""

    schema: str = "les-explain/1"
    service: str
    as_of: date
    patient: PatientShown
    register: tuple[EntryRow, ...]
    recalls: tuple[RecallRow, ...]
    declined: tuple[DeclinedRow, ...]
    planned: tuple[PlannedRow, ...]
    claims: tuple[ActivityRow, ...]
    incidents: tuple[IncidentRow, ...]
    advice: tuple[AdviceLine, ...]
    answers: tuple[Said, ...]
    trace: Trace | None = field(default=None, metadata=LEFT_OUT)


def planned_rows(spec: ServiceSpec, records: Records, nhs_number: str) -> tuple[PlannedRow, ...]:
    """Each request and diary entry once, with all its code lists of the service, in order of the day it was made."""
    found: dict[int, tuple[Planned, list[str]]] = {}
    for listed in spec.codelists:
        for one in records.planned(listed.name):
            if one.nhs_number == nhs_number:
                found.setdefault(one.id, (one, []))[1].append(listed.name)
    return tuple(
        PlannedRow(
            kind=_kind(one),
            status=one.status,
            asked_on=one.day,
            planned_for=one.planned_on,
            codelists=tuple(codelists),
            text=_text(one),
            evidence=one.evidence,
        )
        for one, codelists in sorted(found.values(), key=lambda each: each[0].order)
    )


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


def explain_answer(
    store: Store,
    service: Service,
    nhs_number: str,
    as_of: date,
    *,
    traces: bool = False,
    tree: bool = False,
    against: Path | None = None,
) -> Answer:
    """One patient's register entries, recalls, activities with all findings, incidents and advice. Identifiable.

    With `traces` it also has how the rules came to it; `tree` shows that as a tree, and `against` compares it with a
    file that an earlier answer was written to.
    """
    earlier = earlier_trace(against, service.name) if against else None
    records, register = register_of(store, service, as_of)
    nhs_number = known_as(store, nhs_number)
    try:
        patient = records.patient(nhs_number)
    except KeyError:
        raise _not_there(store, nhs_number) from None
    called = service.recall(records, register)
    doubled = doubled_numbers(store)
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
    listed = tuple(entry_row(records, entry) for entry in entries)
    found = Explained(
        service=service.name,
        as_of=as_of,
        patient=PatientShown(
            nhs_number=nhs_number,
            name=patient.name,
            date_of_birth=patient.date_of_birth,
            registered=patient.registered_on(as_of, records.practice.ods_code),
            alive=patient.can_be_called_on(as_of) or patient.died_on == as_of,
        ),
        register=listed,
        recalls=tuple(recalls),
        declined=tuple(map(_declined, declined)),
        planned=planned,
        claims=tuple(_activity_row(service.spec, records, claimed, row) for row in rows),
        incidents=tuple(
            IncidentRow(kind=one.kind, on=one.on, due_at=one.due_at or None, notified_at=one.notified_at)
            for one in records.incidents()
            if one.nhs_number == nhs_number
        ),
        advice=tuple(line for entry in listed for line in entry.advice),
        answers=tuple(_answers(service.spec, records, patient, register, recalls, declined, planned, rows)),
    )
    more: tuple[Grid, ...] = ()
    if traces or tree or earlier:
        trace = trace_of(store, service, nhs_number, as_of)
        found = replace(found, trace=trace)
        more = (tree_of(trace),) if tree else ()
    data = as_json(found)
    if earlier:
        differ = differences(earlier, data)
        data["differences"] = [as_json(one) for one in differ]
        more = (*more, differences_grid(differ))
    return Answer(
        data=data,
        title=f"{service.name} on {for_people(as_of)}: {_called(patient)}born {for_people(patient.date_of_birth)}",
        grids=more
        or (
            Grid(title="", columns=_ANSWERS, rows=as_cells(found.answers, _ANSWERS)),
            Grid(
                title="Every activity since the contract began and its claim window",
                columns=_ACTIVITY,
                rows=as_cells(found.claims, _ACTIVITY),
                empty="none",
            ),
        ),
        notes=(*suggested_notes(service.spec, as_of), *waiting_lines(service.spec, _waits(store, service, nhs_number))),
        identifiable=True,
    )


def _called(patient: Patient) -> str:
    return f"{patient.name}, " if patient.name else "a patient without a name, "


def _declined(one: Declined) -> DeclinedRow:
    return DeclinedRow(
        kind=one.kind, due_on=one.due_on, declined_on=one.declined_on, again_on=one.again_on, clause=one.clause
    )


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
    planned: Iterable[PlannedRow],
    rows: list[ClaimRow],
) -> Iterator[Said]:
    here = patient.registered_on(records.as_of, records.practice.ods_code)
    yield _said("registered here?", "yes" if here else "no", reason_of(spec, "not-registered").clause)
    yield _said("alive?", _alive(patient), "")
    entries = register.of(patient.nhs_number)
    if not entries:
        yield _said("on the register?", "no: no code that finds cases, and not added by hand", spec.register.clause)
    for entry in entries:
        until = f" until {for_people(entry.ended_on)} ({entry.end_reason})" if entry.ended_on else ""
        since = f"since {for_people(entry.entered_on)}{until}, by the rule {entry.rule}"
        yield _said("on the register?", since, entry.clause, entry.evidence)
        if entry.doubt:
            yield _said("register entries that contradict one another", entry.doubt, entry.clause, entry.evidence)
        for warning in entry.warnings:
            yield _said("recorded but hardly possible", warning, entry.clause, entry.evidence)
        for detail in spec.register.details:
            value = entry.detail(detail.name)
            if value is not None or detail.required:
                shown = for_people(value) if isinstance(value, date) else value
                yield _said(detail.name, "missing" if value is None else str(shown), detail.clause)
        for advice in entry.advice:
            yield _said("advice", advice.text, advice.clause)
    yield from recall_said(spec, records, patient, entries, recalls, declined)
    yield from clocks_said(spec, records, register, patient.nhs_number)
    for one in planned:
        yield _said(f"{one.kind}: {', '.join(one.codelists)}", one.text, "", (one.evidence,))
    for row in rows:
        last = last_claim_day(spec, row.day)
        window = f"; claim by {for_people(last)}" if last else ""
        text = f"{row.verdict}: {reason_of(spec, row.reason).text}"
        if standing_of(spec, row, records.as_of) is Standing.NOT_OVER:
            text += f", and its {spec.every} is not over yet"
        yield _said(f"claim: {row.item} of {for_people(row.day)}", text + window, row.clause, row.evidence)
        for other in row.also:
            yield _said("also", f"{other.verdict}: {reason_of(spec, other.reason).text}", other.clause)
    for incident in records.incidents():
        if incident.nhs_number == patient.nhs_number:
            told = moment_for_people(incident.notified_at) if incident.notified_at else "not yet"
            clause = next((kind.clause for kind in spec.incidents if kind.kind == incident.kind), "")
            due = incident.due_at and f", to be notified by {moment_for_people(incident.due_at)}, notified: {told}"
            yield _said(
                f"incident: {incident.kind}", f"on {moment_for_people(incident.on)}{due or ', counted'}", clause
            )


def _said(rule: str, answer: str, clause: str, evidence: tuple[str, ...] = ()) -> Said:
    return Said(rule=rule, answer=answer, clause=clause, evidence=tuple(evidence))


def _activity_row(
    spec: ServiceSpec, records: StoreRecords, claimed: Iterable[ClaimedRow], row: ClaimRow
) -> ActivityRow:
    standing = standing_of(spec, row, records.as_of)
    return ActivityRow(
        standing=standing.value if standing else row.verdict.value,
        amount_pence=worth(spec, records, row) if standing else claimed_amount(spec, claimed, row),
        date=row.day,
        code=row.code,
        item=row.item,
        verdict=row.verdict,
        reason=row.reason,
        clause=row.clause,
        fix=row.fix,
        evidence=tuple(row.evidence),
        also=tuple(row.also),
    )
