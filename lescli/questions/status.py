"""`les status`: what cannot wait, over every service: deadlines, money at risk, recalls, clocks, accreditations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from ..calendar import Month, Period, for_people
from ..model import Accreditation, Records, Register, ServiceSpec, Verdict
from ..rules.priced import price_of
from ..rules.report import clock_state
from ..rules.windows import last_claim_day, submit_by
from ..rules.words import folded
from ..services import Service
from ..store import Store
from ..store.ledger_read import claim_id, find_claim
from .import_shown import STALE_DAYS
from .recall import DEFAULT_WITHIN, status_of

MONTHS_BACK = 3
RISK_DAYS = 31

Facts = dict[str, list[dict[str, Any]]]


def status_of_service(store: Store, service: Service, records: Records, register: Register) -> Facts:
    """What one service adds to the status, by the names of docs/reference/json.md."""
    as_of = records.as_of
    month = Month.of(as_of)
    claim = service.claim(records, register, Period(month.first, month.last))
    recalls = service.recall(records, register).recalls
    states = [status_of(recall, as_of, DEFAULT_WITHIN) for recall in recalls]
    waiting: dict[date, list[int]] = defaultdict(list)
    for row in claim.rows:
        last = last_claim_day(service.spec, row.day)
        # What is only in need of a correction is money too, and its window runs all the same.
        soon = last is not None and last <= as_of + timedelta(days=RISK_DAYS)
        if row.verdict in (Verdict.PAYABLE, Verdict.CHECK) and last and (soon or row.day < month.first):
            waiting[last].append(price_of(service.spec.item(row.item), row.day) or 0)
    return {
        "deadlines": list(_deadlines(store, service, records, register)),
        "at_risk": [
            {
                "service": service.name,
                "amount_pence": sum(prices),
                "expires_on": day.isoformat(),
                "count": len(prices),
            }
            for day, prices in sorted(waiting.items())
        ],
        "recalls": [
            {"service": service.name, **{state: states.count(state) for state in ("overdue", "due", "upcoming")}}
        ],
        "clocks": list(_clocks(service.spec, records)),
        "accreditations": list(_accreditations(service.spec, records)),
    }


def _deadlines(store: Store, service: Service, records: Records, register: Register) -> Iterator[dict[str, Any]]:
    """Months not submitted yet, of those that ended lately and in which the practice held the contract."""
    as_of, spec = records.as_of, service.spec
    for back in range(MONTHS_BACK, 0, -1):
        month = Month.of(as_of).plus(-back)
        due = submit_by(spec, month)
        if due is None or not _held(spec, records, month):
            continue
        if find_claim(store, claim_id(service.name, str(month))) is not None:
            continue
        claim = service.claim(records, register, Period.of_month(month))
        amount = sum(row.unit_price_pence or 0 for row in claim.rows if row.verdict is Verdict.PAYABLE)
        if due < as_of and not any(row.verdict is not Verdict.CLAIMED for row in claim.rows):
            continue  # Nothing was left to claim, so nothing was missed.
        yield {
            "service": service.name,
            "kind": "claim",
            "month": str(month),
            "title": f"claim for {month}",
            "due_on": due.isoformat(),
            "days_left": (due - as_of).days,
            "amount_pence": amount,
            "clause": spec.submission.clause,
        }


def _held(spec: ServiceSpec, records: Records, month: Month) -> bool:
    inside = spec.touches(month.first, month.last)
    signed = records.signed()
    held = not signed or any(s.start <= month.last and (s.end is None or month.first <= s.end) for s in signed)
    named = [setting for setting in spec.settings if setting.name == "claims_from"]
    value = spec.setting("claims_from", records.as_of) if named else None
    return inside and held and not (isinstance(value, str) and month < Month.parse(value))


def _clocks(spec: ServiceSpec, records: Records) -> Iterator[dict[str, Any]]:
    for incident in records.incidents():
        if incident.notified_at is None and incident.due_at:
            kind = next((one for one in spec.incidents if one.kind == incident.kind), None)
            late = clock_state(incident.due_at, None, records.as_of) == "no"
            yield {
                "service": spec.name,
                "kind": incident.kind,
                "due_at": incident.due_at,
                "on": incident.on,
                "title": kind.title if kind else incident.kind,
                "overdue": late,
                "clause": kind.clause if kind else "",
            }


def _accreditations(spec: ServiceSpec, records: Records) -> Iterator[dict[str, Any]]:
    """The newest accreditation of each clinician of the kinds the service asks for, when it lapsed or soon will.

    How long ahead stands with the check that asks for it, as `warn_days`.
    """
    checks = (check for item in spec.items for check in item.checks if check.rule == "accreditation")
    kinds = {check.options["kind"]: int(check.options.get("warn_days", "0")) for check in checks}
    for kind, ahead in sorted(kinds.items()):
        held: dict[str, list[Accreditation]] = {}
        for one in records.accreditations(kind):
            held.setdefault(folded(one.clinician), []).append(one)
        for _, spans in sorted(held.items()):
            current = _unbroken(spans, records.as_of)
            left = (current.end - records.as_of).days if current else ahead + 1
            if current and left <= ahead:
                yield {
                    "clinician": current.clinician,
                    "kind": kind,
                    "starts_on": current.start.isoformat(),
                    "ends_on": current.end.isoformat(),
                    "days_left": left,
                    "status": "lapsed" if left < 0 else "lapsing",
                }


def _unbroken(spans: list[Accreditation], as_of: date) -> Accreditation | None:
    """What a clinician holds on a day, on to the end of renewals without a gap; else what lapsed last."""
    begun = sorted((one for one in spans if one.start <= as_of), key=lambda one: one.end)
    if not begun:
        return None
    current = begun[-1]
    for one in sorted(spans, key=lambda one: one.start):
        if current.end < one.end and one.start <= current.end + timedelta(days=1):
            current = replace(one, start=current.start)
    return current


def unclaimed_without_a_window(service: Service, records: Records, register: Register) -> tuple[str, ...]:
    """A line for a service that sets no claim window and still has payable work of months that ended."""
    if service.spec.window_months:
        return ()
    month = Month.of(records.as_of)
    claim = service.claim(records, register, Period(month.first, month.last))
    left = [row for row in claim.rows if row.verdict is Verdict.PAYABLE and row.day < month.first]
    if not left:
        return ()
    amount = sum(row.unit_price_pence or 0 for row in left)
    return (f"{service.name}: £{amount / 100:.2f} of months that ended is not claimed yet; no window closes on it",)


def data_age(store: Store, as_of: date) -> tuple[str, ...]:
    """A line when the newest data the store has seen is old, or when it has seen none."""
    newest = store.rows(
        "SELECT max(day) FROM (SELECT substr(extracted_at, 1, 10) AS day FROM import_file"
        " UNION ALL SELECT day FROM activity WHERE day <= ? UNION ALL SELECT recorded_on FROM activity"
        " WHERE recorded_on <= ?)",
        as_of.isoformat(),
        as_of.isoformat(),
    )[0][0]
    if newest is None:
        return ("the store holds no activity yet: import an export of the clinical system",)
    days = (as_of - date.fromisoformat(newest)).days
    if days <= STALE_DAYS:
        return ()
    return (f"the newest data is of {for_people(date.fromisoformat(newest))}, {days} days ago: import a new export",)
