"""Runs the patients of a service's tests.toml, and says each failure as a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..amounts import plain_pounds
from ..calendar import Period, parse_date
from ..errors import LesError
from ..model import Measure, Report, ServiceSpec
from ..operations.duties import states_of
from ..operations.patients.explain import explain_answer
from ..operations.position import position_of
from ..operations.status import status_of_service
from ..rules.details import typed_detail
from ..rules.register_doubts import not_possible
from ..rules.windows import due_at, submit_by
from ..services import Service
from ..specification import with_local_terms
from ..store import practice_data
from . import answers, tables
from .differences import differences
from .surgery import Surgery, plan
from .tables import LONG_AGO, NO_DETAILS, TextRow, read_table, snomed_concept, table_text
from .tests_file import Case, read_tests


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One test with its practice, ready to be asked, of this service or of one with other terms."""

    case: Case
    surgery: Surgery


def prepared(service: Service, content: bytes) -> tuple[tuple[Prepared, ...], tuple[str, ...]]:
    """The tests of a tests.toml with their practices, and the faults of the file."""
    cases, faults = read_tests(content, service.spec)
    found: list[Prepared] = []
    told = list(faults)
    for case in cases:
        try:
            found.append(Prepared(case=case, surgery=_practice(service, case)))
        except (ValueError, LesError) as fault:
            told.append(f"test[{case.number}]: {fault}")
        except KeyError as fault:
            # Only what looks like a name of ours is repeated: a fault of the program may have put anything there.
            name = str(fault.args[0]) if fault.args else ""
            column = f"the column `{name}`" if name.isascii() and name.isidentifier() else "a column"
            told.append(f"test[{case.number}]: {column} is missing from a table; add it")
    return (() if told else tuple(found)), tuple(told)


def _practice(service: Service, case: Case) -> Surgery:
    given = case.table
    signed = given("signed") or (f"from\n{case.practice['signed_from']}" if case.practice.get("signed_from") else "")
    surgery = Surgery(
        service,
        patients=given("patients"),
        activity=given("activity"),
        register=given("register"),
        invitations=given("invitations"),
        incidents=given("incidents"),
        accreditations=given("accreditations"),
        terms=_terms(service.spec, case),
        signed=signed,
    )
    # A mistyped term is a fault of the file, told before anything is asked.
    with_local_terms(service.spec, practice_data.local_terms(surgery.store, service.name))
    if given("planned"):
        plan(surgery, given("planned"))
    _describe(surgery, case)
    for row in read_table(given("submitted")):
        surgery.submit(row["month"], row["on"])
    surgery.add(activity=given("later"))
    with surgery.store.writing():
        for row in read_table(given("duties")):
            tables.confirm(surgery.store, service.spec, row)
    return surgery


def _describe(surgery: Surgery, case: Case) -> None:
    """Give patients who are only in a table of refused rows their place in the practice."""
    names = [row["patient"] for row in read_table(case.table("register_refuses"))]
    surgery.add_rows([], [{"patient": name} for name in dict.fromkeys(names) if name not in surgery.numbers])


def _terms(spec: ServiceSpec, case: Case) -> str:
    own = read_table(case.table("terms"))
    shared: dict[str, str] = dict(case.practice.get("terms", {}))
    if case.practice.get("invent_codes"):
        for place, codelist in enumerate(spec.codelists):
            if not codelist.all_codes():
                shared.setdefault(f"codes.{codelist.name}", snomed_concept(place))
    start = LONG_AGO.isoformat()
    rows: list[TextRow] = [{"key": key, "value": value, "from": start} for key, value in shared.items()]
    rows += [{"key": row["key"], "value": row["value"], "from": row["from"]} for row in own]
    return table_text(("key", "value", "from"), rows) if rows else ""


def failures(one: Prepared, service: Service) -> list[str]:
    """A sentence for each expectation of a test that does not hold; each begins with the title of the test."""
    surgery = one.surgery
    surgery.shipped = service
    try:
        found = list(_failures(surgery, one.case))
    except LesError as fault:
        found = [f"it could not be asked: {fault}"]
    return [f"{one.case.title}: {told}" for told in found]


def problems_of_tests(service: Service, content: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The faults of a tests.toml, and a sentence for each failure of its tests."""
    tests, faults = prepared(service, content)
    return faults, tuple(told for one in tests for told in failures(one, service))


def _failures(surgery: Surgery, case: Case) -> Iterator[str]:
    as_of = _as_of(case)
    notes: list[str] = []
    if "claim" in case.data:
        yield from _of_claim(surgery, case, as_of, notes)
    if "register_expect" in case.data:
        rows = answers.register_rows(surgery, surgery.register(as_of))
        yield from differences(f"the register on {as_of}", case.table("register_expect"), rows)
    if "register_refuses" in case.data:
        yield from _of_refused(surgery, case, as_of)
    if "recall_expect" in case.data:
        rows = answers.recall_rows(surgery, surgery.recall(as_of), as_of)
        yield from differences(f"the recall on {as_of}", case.table("recall_expect"), rows, ordered=True)
    if "explain_expect" in case.data:
        rows = list(_explained(surgery, as_of))
        yield from differences(f"les explain on {as_of}", case.table("explain_expect"), rows)
    if "incidents_expect" in case.data:
        rows = list(_incidents(surgery, case))
        yield from differences("the untoward events", case.table("incidents_expect"), rows)
    if "lapsing_expect" in case.data:
        rows = list(_lapsing(surgery, as_of))
        yield from differences(f"the warnings on {as_of}", case.table("lapsing_expect"), rows)
    if "duties_expect" in case.data:
        named = {row["duty"] for row in read_table(case.table("duties_expect"))}
        rows = [row for row in _duties(surgery, as_of) if row["duty"] in named]
        yield from differences(f"les duties on {as_of}", case.table("duties_expect"), rows)
    if "measures" in case.data or "report" in case.data:
        yield from _of_report(surgery, case, as_of, notes)
    for words in case.data.get("notes", ()):
        if not any(words in note for note in notes):
            yield f"no note holds `{words}`"
    for words in case.data.get("no_notes", ()):
        if any(words in note for note in notes):
            yield f"a note holds `{words}`, and should not"


def _as_of(case: Case) -> date:
    """The day that is asked on: the one named, or the last of the claim or of the period."""
    if case.data.get("as_of"):
        return parse_date(case.data["as_of"])
    return Period.parse(case.period).end if case.period else LONG_AGO


def _of_claim(surgery: Surgery, case: Case, as_of: date, notes: list[str]) -> Iterator[str]:
    asked = case.data["claim"]
    period = asked["month"]
    where = f"the claim for {period}"
    claim = surgery.claim(period, as_of)
    notes += [*claim.notes, *claim.incomplete]
    if "expect" in asked:
        yield from differences(where, asked["expect"], answers.claim_rows(surgery, claim))
    if "total" in asked:
        total = sum(row.unit_price_pence or 0 for row in claim.rows if row.verdict == "payable")
        yield from _same(f"{where} should come to", asked["total"], plain_pounds(total))
    spec = surgery.service.spec
    if "submit_by" in asked:
        due = submit_by(spec, spec.claim_period(Period.parse(period).start))
        yield from _same(f"{where} should be submitted by", asked["submit_by"], due.isoformat() if due else "")
    if "send_to" in asked:
        address = spec.submission.address_on(as_of)
        yield from _same(f"{where} should be sent to", asked["send_to"], address.value if address else "")


def _same(what: str, wanted: str, found: str) -> Iterator[str]:
    if wanted != found:
        yield f"{what} {wanted or 'nothing'}, not {found or 'nothing'}"


def _of_refused(surgery: Surgery, case: Case, as_of: date) -> Iterator[str]:
    """A sentence for each value that the register takes and should refuse."""
    spec, records = surgery.service.spec, surgery.records(as_of)
    for row in read_table(case.table("register_refuses")):
        born = records.patient(surgery.numbers[row["patient"]]).date_of_birth
        for column, text in row.items():
            field = spec.register.field(column.replace(" ", "_"))
            if column in NO_DETAILS or not text or field is None:
                continue
            try:
                why = not_possible(field, typed_detail(field, text), as_of, born)
            except ValueError as fault:
                why = str(fault)
            if not why:
                yield f"the register should refuse {column} `{text}` of {row['patient']}, but takes it"


def _explained(surgery: Surgery, as_of: date) -> Iterator[TextRow]:
    service = surgery.service
    for name, number in surgery.numbers.items():
        data: Any = explain_answer(surgery.store, service, number, as_of).data
        for row in data["claims"]:
            pence = row["amount_pence"] or 0
            own = {key: row[key] for key in ("date", "item", "standing", "verdict", "reason", "clause", "fix")}
            also = ", ".join(found["reason"] for found in row["also"])
            yield {"patient": name, **own, "also": also, "amount": plain_pounds(pence)}


def _incidents(surgery: Surgery, case: Case) -> Iterator[TextRow]:
    kinds = {kind.kind: kind for kind in surgery.service.spec.incidents}
    for row in read_table(case.table("incidents")):
        kind = kinds.get(row["kind"])
        yield {"kind": row["kind"], "on": row["on"], "due": due_at(kind, row["on"]) if kind else ""}


def _lapsing(surgery: Surgery, as_of: date) -> Iterator[TextRow]:
    service, records = surgery.service, surgery.records(as_of)
    register = service.register(records)
    position = position_of(surgery.store, service, records, register)
    for row in status_of_service(service, records, register, position)["accreditations"]:
        own = {key: str(row[key]) for key in ("clinician", "kind", "status")}
        yield {**own, "ends": row["ends_on"]}


def _duties(surgery: Surgery, as_of: date) -> Iterator[TextRow]:
    for state in states_of(surgery.store, surgery.service.spec, as_of):
        yield {
            "duty": state.duty.name,
            "status": state.status.value,
            "due": state.due_on.isoformat() if state.due_on else "",
            "confirmed": state.last.on.isoformat() if state.last else "",
            "clause": state.duty.clause,
        }


def _of_report(surgery: Surgery, case: Case, as_of: date, notes: list[str]) -> Iterator[str]:
    report = surgery.report(case.period, as_of)
    notes += report.notes
    measures = {measure.id: measure for measure in report.measures}
    for name, wanted in case.data.get("measures", {}).items():
        found = measures.get(name)
        if found is None:
            yield f"the report for {case.period} has no measure {name}"
        elif not _holds(found, wanted):
            yield f"the measure {name} for {case.period} should be {wanted}, not {_value(found)}"
    for name, table in case.data.get("report", {}).items():
        try:
            rows = _named(surgery, report, name)
        except KeyError:
            yield f"the report for {case.period} has no table {name}"
            continue
        yield from differences(f"the table {name} for {case.period}", table, rows)


def _holds(found: Measure, wanted: float | str) -> bool:
    if isinstance(wanted, str):
        return wanted == _shares(found)
    return found.value == wanted


def _shares(found: Measure) -> str:
    return "none" if found.denominator == 0 else f"{found.numerator} of {found.denominator}"


def _value(found: Measure) -> str:
    return str(found.value) if found.denominator is None else _shares(found)


def _named(surgery: Surgery, report: Report, name: str) -> list[TextRow]:
    """The rows of a report's table, with a patient in place of each NHS number; KeyError for a table it has not."""
    names, rows = surgery.names(), answers.table_rows(report, name)
    return [{**row, "patient": names.get(row["nhs_number"], "")} if "nhs_number" in row else row for row in rows]
