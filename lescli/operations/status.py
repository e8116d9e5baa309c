"""`les status`: what cannot wait in any service: deadlines, money at risk, recalls, clocks, accreditations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from ..calendar import STALE_DAYS, Month, for_people
from ..model import Accreditation, Recall, Records, Register, ServiceSpec
from ..outputs import counted, pounds
from ..rules.details import folded
from ..rules.report import clock_state
from ..rules.unclaimed import RISK_DAYS, Standing, total
from ..rules.unregistered import DECLINED
from ..services import Service
from .claim.unregistered import results_in_doubt
from .patients.recall import DEFAULT_WITHIN, status_of
from .position import Position, unregistered_data
from .status_note import UNSET, Cure, Note

Facts = dict[str, list[dict[str, Any]]]


def status_of_service(service: Service, records: Records, register: Register, position: Position) -> Facts:
    """One service's part of the status, by the field names of docs/reference/json.md."""
    return {**patient_facts(service, records, register), **money_facts(service.spec, register, position)}


def money_facts(spec: ServiceSpec, register: Register, position: Position) -> Facts:
    """What the status says of one service's money: everything that changes when another service counts the work."""
    return {
        "services": [{**_money(position), "results_in_doubt": results_in_doubt(register)}],
        "deadlines": list(_deadlines(spec, position)),
        "at_risk": [
            {
                "service": spec.name,
                "amount_pence": total(work).amount_pence,
                "expires_on": day.isoformat(),
                "count": len(work),
                "closes_soon": day <= position.as_of + timedelta(days=RISK_DAYS),
            }
            for day, work in position.windows
        ],
    }


def patient_facts(service: Service, records: Records, register: Register) -> Facts:
    """What the status says of one service's patients and clinicians."""
    as_of = records.as_of
    recalls = service.recall(records, register)
    states = [status_of(recall, as_of, DEFAULT_WITHIN) for recall in recalls.recalls]
    return {
        "recalls": [
            {
                "service": service.name,
                **{state: states.count(state) for state in ("overdue", "due", "upcoming")},
                DECLINED: len({one.nhs_number for one in recalls.declined}),
            }
        ],
        "clocks": [*_clocks(service.spec, records), *_patient_clocks(service.spec, recalls.recalls, as_of)],
        "thresholds": list(_thresholds(service.spec, recalls.recalls)),
        "accreditations": list(_accreditations(service.spec, records)),
    }


def _money(position: Position) -> dict[str, Any]:
    """One service's line: each unclaimed activity in one sum only, and what keeps work out of all of them."""
    sums = {standing: position.of(standing) for standing in Standing}
    soonest = (one.last_day for one in position.work if one.standing is Standing.AT_RISK and one.last_day)
    lost = [one for one in position.work if one.standing is Standing.EXPIRED]
    unpriced = Counter(one.row.item for one in position.work if one.standing is Standing.UNPRICED)
    newly = position.as_of - timedelta(days=RISK_DAYS)
    expires_on = min(soonest, default=None)
    return {
        "service": position.service,
        "payable_pence": position.payable.amount_pence,
        "payable": position.payable.count,
        "ready_pence": sums[Standing.READY].amount_pence,
        "ready": sums[Standing.READY].count,
        "not_over_pence": sums[Standing.NOT_OVER].amount_pence,
        "not_over": sums[Standing.NOT_OVER].count,
        "at_risk_pence": sums[Standing.AT_RISK].amount_pence,
        "at_risk": sums[Standing.AT_RISK].count,
        "at_risk_until": expires_on.isoformat() if expires_on else None,
        "held_back_pence": sums[Standing.HELD_BACK].amount_pence,
        "held_back": sums[Standing.HELD_BACK].count,
        "also_claimable": [
            {"service": other, "count": both.count, "amount_pence": both.amount_pence}
            for other, both in position.also_claimable
        ],
        "claimed_elsewhere": sums[Standing.CLAIMED_ELSEWHERE].count,
        "unpriced": sums[Standing.UNPRICED].count,
        "unpriced_items": [{"item": item, "count": count} for item, count in sorted(unpriced.items())],
        "expired_pence": sums[Standing.EXPIRED].amount_pence,
        "expired": sums[Standing.EXPIRED].count,
        "newly_expired": sum(one.last_day is not None and one.last_day >= newly for one in lost),
        "over_cap_pence": sums[Standing.OVER_CAP].amount_pence,
        "over_cap": sums[Standing.OVER_CAP].count,
        "claimed_pence": position.claimed.amount_pence,
        "claimed": position.claimed.count,
        "found_since_pence": total(position.found_since).amount_pence,
        "found_since": len(position.found_since),
        "months_not_submitted": [str(one.month) for one in position.months],
        "running_month_due_on": position.running_due_on.isoformat() if position.running_due_on else None,
        **({} if position.running.every == Month.every else {"running_period": str(position.running)}),
        "unset": list(position.unset),
        "unregistered": unregistered_data(position.unregistered),
    }


def _deadlines(spec: ServiceSpec, position: Position) -> Iterator[dict[str, Any]]:
    """Unsubmitted months with a deadline, each with the amount of its own claim.

    A claim made out of order takes in the months before it: `with_earlier_pence` is what `les claim` would show.
    """
    with_earlier = 0
    for one in position.months:
        payable = total(work for work in one.work if work.is_payable)
        with_earlier += payable.amount_pence
        if one.due_on is None:
            continue
        yield {
            "service": spec.name,
            "kind": "claim",
            "month": str(one.month),
            "title": f"claim for {one.month}",
            "to": spec.commissioner,
            "due_on": one.due_on.isoformat(),
            "days_left": (one.due_on - position.as_of).days,
            "amount_pence": payable.amount_pence,
            "count": payable.count,
            "with_earlier_pence": with_earlier,
            "clause": spec.on(one.month.first).submission.clause,
        }


def needs_person(facts: Facts) -> bool:
    """Whether something needs a person: a deadline or clock has passed, or money is nearly or newly lost.

    So do facts that no export states any more, deaths without a day, work without a price, unset terms, results that
    are hardly possible, patients whose work no register entry covers, and overdue duties. A duty that was never
    confirmed is shown, but does not count: while a practice begins, it would hide everything else.
    """
    waits = ("at_risk", "unpriced", "newly_expired", "unset", "results_in_doubt")
    return (
        any(row["days_left"] < 0 for row in facts.get("deadlines", ()))
        or bool(facts.get("doubts"))
        or any(row["overdue"] for row in facts.get("clocks", ()))
        or any(row[name] for row in facts.get("services", ()) for name in waits)
        or any(row["overdue"] for row in facts.get("duties", ()))
        or any(one["patients"] for row in facts.get("services", ()) for one in row["unregistered"])
    )


def money_notes(facts: Facts) -> Iterator[Note]:
    """Notes of what the tables do not show: values beyond a threshold, work found since a claim, each unset term."""
    for row in facts.get("thresholds", ()):
        name, who = row["service"], counted(row["patients"], "patient")
        yield Note(service=name, text=f"{row['title']}: {who} to look at; `les recall {name}` lists them")
    for row in facts.get("services", ()):
        yield from _money_notes_of(row["service"], row)


def _money_notes_of(name: str, row: dict[str, Any]) -> Iterator[Note]:
    if row["found_since"]:
        work = counted(row["found_since"], "activity", "activities")
        yield Note(
            service=name,
            text=f"{work}, {pounds(row['found_since_pence'])}, found after their months were submitted; the next claim "
            "will hold them",
        )
    for both in row["also_claimable"]:
        work = counted(both["count"], "activity", "activities")
        yield Note(
            service=name,
            text=f"{work}, {pounds(both['amount_pence'])}, also claimable under {both['service']}; the money is "
            f"counted there, not under {name}",
        )
    priceless = {f"price.{one['item']}": one for one in row["unpriced_items"]}
    for key, one in priceless.items():
        yield Note(
            service=name,
            text=f"{counted(one['count'], one['item'].replace('-', ' '))} without a price",
            cure=Cure.SET,
            end=f"; set it with `les services set {name} {key}=AMOUNT --from DATE --source TEXT`",
        )
    if unset := tuple(key for key in row["unset"] if key not in priceless):
        yield Note(
            service=name,
            text=f"{UNSET}{', '.join(unset)}",
            cure=Cure.SET,
            end=f"; set each with `les services set {name} KEY=VALUE --from DATE --source TEXT`",
            names=unset,
        )


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


def _patient_clocks(spec: ServiceSpec, recalls: Iterable[Recall], as_of: date) -> Iterator[dict[str, Any]]:
    """The specification's own clocks that are not met, running or past, one row for each last day."""
    counts = Counter((one.kind, one.due_on) for one in recalls)
    for clock in spec.clocks:
        for last in sorted(day for kind, day in counts if kind == clock.name):
            yield {
                "service": spec.name,
                "kind": clock.name,
                "due_at": f"{last.isoformat()}T23:59",
                "title": clock.title,
                "patients": counts[clock.name, last],
                "overdue": as_of > last,
                "clause": clock.clause,
            }


def _thresholds(spec: ServiceSpec, recalls: Iterable[Recall]) -> Iterator[dict[str, Any]]:
    counts = Counter(one.kind for one in recalls)
    for threshold in spec.thresholds:
        if patients := counts[threshold.name]:
            yield {
                "service": spec.name,
                "kind": threshold.name,
                "title": threshold.title,
                "patients": patients,
                "clause": threshold.clause,
            }


def _accreditations(spec: ServiceSpec, records: Records) -> Iterator[dict[str, Any]]:
    """Each clinician's newest accreditation of the kinds the service asks for, if it has lapsed or soon will.

    `warn_days` of the check that asks for it says how far ahead to warn.
    """
    held_today = spec.on(records.as_of).items
    checks = (check for item in held_today for check in item.checks if check.rule == "accreditation")
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
    """The accreditation held on a day, extended by renewals without a gap; else the one that lapsed last."""
    begun = sorted((one for one in spans if one.start <= as_of), key=lambda one: one.end)
    if not begun:
        return None
    current = begun[-1]
    for one in sorted(spans, key=lambda one: one.start):
        if current.end < one.end and one.start <= current.end + timedelta(days=1):
            current = replace(one, start=current.start)
    return current


def data_age(newest: date | None, as_of: date, waiting: int) -> tuple[str, ...]:
    """A line when the newest data is old, or when the store has no data but rows `waiting` in quarantine."""
    if newest is None and waiting:
        return (f"no activity is imported yet: everything waits in quarantine, {counted(waiting, 'row')}",)
    if newest is None:
        return ("the store holds no activity yet: import an export of the clinical system",)
    days = (as_of - newest).days
    if days <= STALE_DAYS:
        return ()
    return (f"the newest data is from {for_people(newest)}, {counted(days, 'day')} ago: import a new export",)
