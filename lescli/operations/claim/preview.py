"""The claim of one service and month (or quarter or year), as a preview or as it was frozen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...calendar import ClaimPeriod, Month, Period, contract_year_name, for_people
from ...model import Claim, ClaimForm, ClaimRow, Records, ServiceSpec, Verdict
from ...outputs import counted, pounds
from ...rules.other_services import Key, allowed, shared_work
from ...rules.unclaimed import worth
from ...rules.unregistered import unregistered
from ...rules.windows import claims_from, looked_at, submit_by
from ...services import Service
from ...store import Store
from ...store.ledger.read import LedgerClaim, LedgerRow, claim_rows, claims, standing_claim
from ..choose_services import doubts, plain_lines, register_of
from ..position import unregistered_data
from ..status_note import Cure, Note
from ..values import as_json
from .unregistered import unregistered_lines


def suggested_codes(spec: ServiceSpec, month: ClaimPeriod) -> dict[str, str]:
    """Each code list the claim depends on that is only suggested, with its warning."""
    relied_on = spec.codelists_relied_on()
    return {name: one.line for one in suggested(spec, month.last) for name in one.names if name in relied_on}


def suggested_notes(spec: ServiceSpec, day: date) -> tuple[str, ...]:
    """One line for each code list of the service that is only suggested, shown wherever it may matter."""
    return tuple(one.line for one in suggested(spec, day))


def suggested(spec: ServiceSpec, day: date) -> tuple[Note, ...]:
    """A note for each code list of the service that is only suggested."""
    return tuple(
        Note(
            service=spec.name,
            text=f"the code of `{codelist.name}` is suggested, not specified",
            cure=Cure.CONFIRM,
            end=f"; confirm it with `les services set {spec.name} codes.{codelist.name}=CODE --from DATE "
            "--source TEXT`",
            names=(codelist.name,),
        )
        for codelist in spec.codelists
        if codelist.status_on(day) == "suggested"
    )


def claim_warnings(store: Store, spec: ServiceSpec, month: ClaimPeriod, as_of: date, due: date | None) -> list[str]:
    """Warnings: the month is not over, the deadline has passed, the address is in doubt, or this is the first claim."""
    found = []
    if as_of <= month.last:
        found.append(f"{spec.name} {month}: the {month.every} is not over; later activity will come in the next claim")
    if due and as_of > due:
        clause = spec.on(month.first).submission.clause
        found.append(f"{spec.name} {month}: it was due by {for_people(due)} ({clause})")
    address = spec.submission.address_on(as_of)
    if spec.submission.note and not (address and address.local):
        found.append(f"{spec.name}: {spec.submission.note}")
    starts = any(setting.name == "claims_from" and not setting.versions for setting in spec.settings)
    finds = not spec.claim_codelists() or any(spec.codelist(one).codes_on(month.last) for one in spec.claim_codelists())
    if starts and finds and not any(claim.service == spec.name for claim in claims(store)):
        found.append(
            f"{spec.name}: this would be its first claim; if earlier months were claimed by other means, "
            f"record that first: `les services set {spec.name} setting.claims_from={Month.of(month.first)} "
            f"--from {month.first.isoformat()} --source TEXT`"
        )
    return found


def of_earlier_years(spec: ServiceSpec, month: ClaimPeriod, as_of: date, rows: Iterable[ClaimRow]) -> tuple[str, ...]:
    """A warning when a claim without a claim window has work of earlier contract years, which may be paid already."""
    year = spec.contract_year(month.first)
    old = (row for row in rows if row.verdict is Verdict.PAYABLE and row.day < year.start)
    late = [row for row in old if not spec.on(row.day).window_months]
    if not late or claims_from(spec, as_of):
        return ()
    first, amount = Month.of(min(row.day for row in late)), sum(row.unit_price_pence or 0 for row in late)
    term = f"setting.claims_from={Month.of(year.start)} --from {year.start.isoformat()}"
    return (
        f"{spec.name} {month}: {pounds(amount)} of it is work of earlier contract years, from {first} on; if that was "
        f"claimed by other means, record that first: `les services set {spec.name} {term} --source TEXT`",
    )


SHOWN_VERDICTS = (
    Verdict.PAYABLE,
    Verdict.CLAIMED,
    Verdict.CHECK,
    Verdict.REFUSED,
    Verdict.OVER_CAP,
    Verdict.EXPIRED,
    Verdict.UNPRICED,
)
"""Every verdict in the order in which a claim counts them, the money first."""

_MANY = "payable activities"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityShown:
    """One activity of a claim, with the fields of docs/reference/json.md in their order."""

    nhs_number: str
    date: date
    code: str
    item: str
    verdict: str
    reason: str
    clause: str
    fix: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAnswer:
    """One claim: its JSON object, its rows, and what to tell the person.

    `data` is the claim of docs/reference/json.md without its rows. `submitted_now` is true when this call froze it.
    `needs_person` is true when something is unpriced or unset, or when a patient with work is on no register. `work`
    identifies the payable activities of a preview in a form that other services can compare. `shares_with` names the
    services that may be paid for the same work too. `paid_on` is what the claim pays in pence for the work of each day.
    `held` is what activities to put right are worth in pence, by (verdict, reason, clause, fix), in a preview. `by`,
    `authorised_by` and `submitted_on` are those of a submitted claim. `form` is how the commissioner's form is filled,
    and `declaration` what the specification has signed for.
    """

    service: str
    data: dict[str, Any]
    rows: tuple[ActivityShown, ...]
    warnings: tuple[str, ...]
    needs_person: bool
    address: str = ""
    submitted_now: bool = False
    chain_head: str = ""
    work: tuple[tuple[Key, ...], ...] = ()
    shares_with: frozenset[str] = frozenset()
    submit_by: date | None = None
    paid_on: tuple[tuple[date, int], ...] = ()
    held: tuple[tuple[tuple[str, str, str, str], int], ...] = ()
    by: str = ""
    authorised_by: str = ""
    submitted_on: date | None = None
    form: ClaimForm | None = None
    declaration: str = ""


def preview(store: Store, service: Service, month: ClaimPeriod, as_of: date) -> ClaimAnswer:
    """The claim that would be submitted on a day, or the frozen claim once it was submitted. Writes nothing."""
    submitted = standing_claim(store, service.name, str(month))
    if submitted is not None:
        return frozen(store, service, submitted, month, as_of)
    return fresh(store, service, month, as_of)[0]


def fresh(store: Store, service: Service, month: ClaimPeriod, as_of: date) -> tuple[ClaimAnswer, Claim]:
    """A newly worked out claim, and the answer that shows it. Writes nothing."""
    spec = service.spec
    records, register = register_of(store, service, as_of)
    period = Period.of_claim(month)
    claim = service.claim(records, register, period)
    counts = Counter(row.verdict for row in claim.rows)
    missed = unregistered(spec, records, register, looked_at(spec, period, records))
    lines = _lines(claim.rows, month)
    suggested = suggested_codes(spec, month)
    due = submit_by(spec, month)
    warnings = plain_lines(
        [
            *(f"{spec.name}: {note}" for note in (*claim.incomplete, *claim.notes)),
            *unregistered_lines(spec, missed),
            *of_earlier_years(spec, month, as_of, claim.rows),
            *claim_warnings(store, spec, month, as_of, due),
            *(doubtful := doubts(spec, register)),
            *suggested.values(),
        ]
    )
    data: dict[str, Any] = {
        "schema": "les-claim/1",
        "service": spec.name,
        "specification": {
            "title": spec.title,
            "commissioner": spec.commissioner,
            "contract_year": contract_year_name(month.first, spec.year_starts),
            "sha256": spec.sha256,
        },
        **({"plugin": as_json(service.package)} if service.package else {}),
        "practice": {"ods_code": records.practice.ods_code, "name": records.practice.name},
        "month": str(month),
        "as_of": as_of.isoformat(),
        "status": "preview",
        "claim_id": None,
        "submit_by": due.isoformat() if due else None,
        "lines": lines,
        "total_pence": sum(line["amount_pence"] for line in lines),
        "considered": len(claim.rows),
        "verdicts": {verdict.value: counts[verdict] for verdict in SHOWN_VERDICTS},
        "reasons": _reasons(claim.rows),
    }
    if missed:
        data["unregistered"] = unregistered_data(missed)
    if suggested:
        data["suggested_codes"] = list(suggested)
    if warnings:
        data["warnings"] = list(warnings)
    answer = ClaimAnswer(
        service=spec.name,
        data=data,
        rows=tuple(map(_row, claim.rows)),
        warnings=warnings,
        needs_person=bool(
            counts[Verdict.UNPRICED] or claim.notes or claim.incomplete or doubtful or any(one.never for one in missed)
        ),
        address=_address(spec, as_of),
        work=shared_work(spec, claim.rows),
        shares_with=frozenset(allowed(spec, month.last)),
        submit_by=due,
        paid_on=_by_day((row.day, row.unit_price_pence or 0) for row in claim.rows if row.verdict is Verdict.PAYABLE),
        held=_held(spec, records, claim),
        form=spec.on(month.first).submission.form,
        declaration=spec.on(month.first).submission.declaration,
    )
    return answer, claim


def frozen(store: Store, service: Service, submitted: LedgerClaim, month: ClaimPeriod, as_of: date) -> ClaimAnswer:
    """The frozen claim. Anything found since goes into the next claim, never into this one."""
    records, register = register_of(store, service, as_of)
    claim = service.claim(records, register, Period.of_claim(month))
    # Late work of an earlier month is reported with that month's claim, so that no pound is reported twice.
    since = [row for row in claim.rows if row.verdict is Verdict.PAYABLE and month.first <= row.day <= month.last]
    missed = unregistered(service.spec, records, register, looked_at(service.spec, Period.of_claim(month), records))
    warnings = [*unregistered_lines(service.spec, missed), *(doubtful := doubts(service.spec, register))]
    data = proven(submitted)
    if since:
        amount = sum(row.unit_price_pence or 0 for row in since)
        data["found_later"] = {"count": len(since), "amount_pence": amount}
        warnings.append(
            f"{service.name} {month}: found since it was submitted, {counted(len(since), 'payable activity', _MANY)}; "
            "that goes into the next claim"
        )
    return ClaimAnswer(
        service=service.name,
        data=data,
        rows=tuple(map(_row, rows := claim_rows(store, submitted.claim_id))),
        warnings=tuple(warnings),
        needs_person=bool(doubtful),
        address=_address(service.spec, as_of),
        chain_head=submitted.chain_head,
        paid_on=_by_day((row.day, row.amount_pence) for row in rows if row.verdict == Verdict.PAYABLE),
        by=submitted.by,
        authorised_by=submitted.authorised_by or "",
        submitted_on=submitted.submitted_on,
        submit_by=submit_by(service.spec, month),
        form=service.spec.on(month.first).submission.form,
        declaration=service.spec.on(month.first).submission.declaration,
    )


def _held(spec: ServiceSpec, records: Records, claim: Claim) -> tuple[tuple[tuple[str, str, str, str], int], ...]:
    """What activities to put right are worth, for each reason."""
    sums: Counter[tuple[str, str, str, str]] = Counter()
    for row in claim.rows:
        if row.verdict is Verdict.CHECK:
            sums[row.verdict.value, row.reason, row.clause, row.fix] += worth(spec, records, row)
    return tuple(sorted(sums.items()))


def _by_day(paid: Iterable[tuple[date, int]]) -> tuple[tuple[date, int], ...]:
    sums: Counter[date] = Counter()
    for day, pence in paid:
        sums[day] += pence
    return tuple(sorted(sums.items()))


def proven(submitted: LedgerClaim) -> dict[str, Any]:
    """A frozen claim with its place in the chain. A copy then proves the claim outside the store.

    `chain_before` shows beside the files of other claims whether they are all of one ledger.
    """
    return {**submitted.body, "chain_head": submitted.chain_head, "chain_before": submitted.chain_before}


def _address(spec: ServiceSpec, as_of: date) -> str:
    address = spec.submission.address_on(as_of)
    return address.value if address else ""


def _lines(rows: Iterable[ClaimRow], month: ClaimPeriod) -> list[dict[str, Any]]:
    quantities = Counter(
        (row.item, Month.of(row.day), row.unit_price_pence or 0) for row in rows if row.verdict is Verdict.PAYABLE
    )
    return [
        {
            "item": item,
            "activity_month": str(done),
            "quantity": quantity,
            "unit_price_pence": price,
            "amount_pence": quantity * price,
            "late": done.first < month.first,
        }
        for (item, done, price), quantity in sorted(quantities.items())
    ]


def _reasons(rows: Iterable[ClaimRow]) -> list[dict[str, Any]]:
    counts = Counter(
        (row.verdict.rank, row.verdict.value, row.reason, row.clause, row.fix)
        for row in rows
        if row.verdict is not Verdict.PAYABLE
    )
    return [
        {"verdict": verdict, "reason": reason, "clause": clause, "count": count, "fix": fix}
        for (_, verdict, reason, clause, fix), count in sorted(counts.items())
    ]


def _row(row: ClaimRow | LedgerRow) -> ActivityShown:
    return ActivityShown(
        nhs_number=row.nhs_number,
        date=row.day,
        code=row.code,
        item=row.item,
        verdict=str(row.verdict),
        reason=row.reason,
        clause=row.clause,
        fix=row.fix,
        evidence=tuple(row.evidence),
    )
