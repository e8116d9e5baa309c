"""Checks that all commands agree on every pound: two numbers that mean the same thing must be equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..calendar import Month, Period, parse_claim_period
from ..model import Claim, Register
from ..operations.choose_services import chosen_services, register_of
from ..operations.claim.preview import ClaimAnswer, fresh, preview
from ..operations.claims.list import claims_answer
from ..operations.morning import morning
from ..operations.patients.explain import explain_answer
from ..operations.position import Position, position_of
from ..operations.report import report_answer
from ..operations.status import status_of_service
from ..rules.unclaimed import whole_period
from ..services import Service
from ..store import Store
from ..store.records.records import StoreRecords

_OPEN = ("ready", "not_over", "at_risk", "held_back")
_WAITING = (*_OPEN, "claimed_elsewhere", "unpriced", "expired", "over_cap")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One service on one day: the answer of `status`, the claim for the current month, and everything claimable."""

    store: Store
    service: Service
    as_of: date
    records: StoreRecords
    register: Register
    position: Position
    money: Row
    status: dict[str, list[Row]]
    whole: Claim
    claim: ClaimAnswer


def disagreements(store: Store, as_of: date) -> list[str]:
    """A sentence for each pair of numbers that should be equal and is not, over all services of a store."""
    found: list[str] = []
    ledger = claims_answer(store, as_of).answer.data
    assert isinstance(ledger, dict)
    for service in chosen_services(store, (), Period(as_of, as_of)).services:
        asked = _ask(store, service, as_of)
        checks = (_rows_and_totals(asked), _months(asked), _reports(asked), _patients(asked), _ledger(asked, ledger))
        found += [f"{service.name}: {line}" for check in checks for line in check]
    return [*found, *_morning(store, as_of, ledger)]


def _morning(store: Store, as_of: date, ledger: Row) -> Iterator[str]:
    """Compares what the status says of the ledger with the ledger: it does not ask the rules again, as that does."""
    told = morning(store, as_of).answer.data
    assert isinstance(told, dict)
    lost = ledger["to_reverse"]
    yield from _same("rows to reverse: status and claims", told["to_reverse"], len(lost))
    yield from _same("money to reverse: status and claims", told["to_reverse_pence"], _sum(lost, "amount_pence"))
    owed = claims_answer(store, as_of, owed_only=True).answer.data
    assert isinstance(owed, dict)
    for name in ("owed_pence", "overpaid_pence"):
        yield from _same(f"{name}: status and claims", told[name], _sum(owed["accounts"], name))


def _ask(store: Store, service: Service, as_of: date) -> _Asked:
    records, register = register_of(store, service, as_of)
    position = position_of(store, service, records, register)
    status = status_of_service(service, records, register, position)
    return _Asked(
        store=store,
        service=service,
        as_of=as_of,
        records=records,
        register=register,
        position=position,
        money=status["services"][0],
        status=status,
        whole=service.claim(records, register, whole_period(service.spec, records)),
        claim=fresh(store, service, service.spec.claim_period(as_of), as_of)[0],
    )


def _same(what: str, one: object, other: object) -> Iterator[str]:
    if one != other:
        yield f"{what}: {one} and {other}"


def _rows_and_totals(asked: _Asked) -> Iterator[str]:
    """Compares the claim for the current month with its own sums and with the status."""
    money, data = asked.money, asked.claim.data
    yield from _same("claim, total and lines", data["total_pence"], _sum(data["lines"], "amount_pence"))
    yield from _same("claim, considered and verdicts", data["considered"], sum(data["verdicts"].values()))
    named = Counter(row.verdict for row in asked.claim.rows)
    yield from _same("claim, verdicts and rows", {k: v for k, v in data["verdicts"].items() if v}, dict(named))
    others = sum(reason["count"] for reason in data["reasons"])
    yield from _same("claim, reasons and verdicts", others, data["considered"] - data["verdicts"]["payable"])
    yield from _same("payable: claim and status", data["total_pence"], money["payable_pence"])
    yield from _same("payable activities: claim and status", data["verdicts"]["payable"], money["payable"])
    for verdict in ("unpriced", "over_cap"):
        yield from _same(f"{verdict}: everything and status", _count(asked.whole, verdict), money[verdict])
    yield from _same("lost activities: everything and status", _count(asked.whole, "expired"), money["expired"])
    standings = (*_OPEN, "claimed_elsewhere")
    open_still = _count(asked.whole, "payable") + _count(asked.whole, "check")
    yield from _same("open: everything and status", open_still, sum(money[one] for one in standings))
    worth = sum(one.amount_pence for one in asked.position.work)
    yield from _same("worth: status and its rows", sum(money.get(f"{one}_pence", 0) for one in _WAITING), worth)
    rows = [id(one.row) for one in asked.position.work]
    yield from _same("rows that stand twice", len(rows), len(set(rows)))


def _months(asked: _Asked) -> Iterator[str]:
    """Checks the months to submit: each pound is in one month, and claims made in order add up to their months."""
    open_months = asked.position.months
    amounts = [sum(one.amount_pence for one in month.work if one.is_payable) for month in open_months]
    by_month = {str(month.month): amount for month, amount in zip(open_months, amounts, strict=True)}
    yield from _same("months, list and rows", asked.money["months_not_submitted"], list(by_month))
    told = {row["month"]: row["amount_pence"] for row in asked.status["deadlines"]}
    dated = {str(one.month): by_month[str(one.month)] for one in open_months if one.due_on}
    yield from _same("deadlines and months", told, dated)
    spec = asked.service.spec
    running = spec.claim_period(asked.as_of).first
    now = sum(row.unit_price_pence or 0 for row in asked.whole.rows if row.day >= running)
    total = sum(amounts) + asked.money["found_since_pence"] + now
    yield from _same("payable and its months", asked.money["payable_pence"], total)
    risked = sum(one.amount_pence for one in asked.position.work if one.is_payable and one.standing == "at_risk")
    to_submit = sum(amounts) + asked.money["found_since_pence"]
    yield from _same("ready and the claims to submit", asked.money["ready_pence"] + risked, to_submit)
    so_far = 0
    for month, amount in zip(open_months, amounts, strict=True):
        so_far += amount
        if month not in (open_months[0], open_months[-1]):
            continue  # Checking the first and the last month is enough.
        claim = fresh(asked.store, asked.service, month.month, asked.as_of)[0]
        yield from _same(f"the claims up to {month.month} and their months", claim.data["total_pence"], so_far)
        told_with = {row["month"]: row["with_earlier_pence"] for row in asked.status["deadlines"]}
        yield from _same(f"{month.month} with earlier months", told_with.get(str(month.month), so_far), so_far)
    windows = asked.status["at_risk"]
    open_pence = sum(one.amount_pence for one in asked.position.work if one.standing in _OPEN)
    if _sum(windows, "amount_pence") > open_pence:
        yield "more money is under a claim window than is open"
    soon = [row for row in windows if row["expires_on"] == asked.money["at_risk_until"]]
    closing = _sum((row for row in windows if row["closes_soon"]), "amount_pence")
    yield from _same("at risk: windows that close soon and the sum", closing, asked.money["at_risk_pence"])
    yield from _same("at risk: the day and its row", bool(soon), asked.money["at_risk"] > 0)


def _reports(asked: _Asked) -> Iterator[str]:
    """Compares the verdict table, for all the time and for one month of it, with the rows of the claim."""
    period = Period(whole_period(asked.service.spec, asked.records).start, asked.as_of)
    # The month is four months back, so that a claim window may have closed on it.
    for span in (period, Period.of_month(max(Month.of(period.start), Month.of(asked.as_of).plus(-4)))):
        data = report_answer(asked.store, asked.service, span, asked.as_of, rows=True).data
        assert isinstance(data, dict)
        tables = {table["id"]: table["rows"] for table in data["tables"]}
        told = {(verdict, reason): count for verdict, reason, count in tables["verdicts"]}
        rows = Counter((row.verdict.value, row.reason) for row in asked.whole.rows if row.day in span)
        yield from _same(f"verdicts of {span}: report and claim", told, dict(rows))
        if span is period:
            yield from _quarters(asked, tables.get("quarterly-amount"))


def _quarters(asked: _Asked, rows: list[list[Any]] | None) -> Iterator[str]:
    if rows is None:
        return
    totals = [row[-4:] for row in rows if row[1] == "total"]
    claimed, payable, amount, later = (sum(row[place] for row in totals) for place in range(4))
    yield from _same("not over: report and status", later, asked.money["not_over_pence"])
    yield from _same("claimed: report and status", claimed, asked.money["claimed_pence"])
    yield from _same("payable: report and status", payable, asked.money["payable_pence"])
    yield from _same("report, quarters and their parts", amount, claimed + payable)


def _patients(asked: _Asked) -> Iterator[str]:
    """Compares the sum of what `explain` says of each patient with the status of the service."""
    counts: Counter[str] = Counter()
    pence: Counter[str] = Counter()
    for nhs_number in sorted({row.nhs_number for row in asked.whole.rows if row.nhs_number}):
        data = explain_answer(asked.store, asked.service, nhs_number, asked.as_of).data
        assert isinstance(data, dict)
        for row in data["claims"]:
            counts[row["standing"]] += 1
            pence[row["standing"]] += row["amount_pence"] or 0
    for standing in _WAITING:
        yield from _same(f"{standing}: explain and status", counts[standing], asked.money[standing])
        told = asked.money.get(f"{standing}_pence", 0)
        yield from _same(f"{standing} in pence: explain and status", pence[standing], told)
    if pence["claimed"] > asked.money["claimed_pence"]:
        yield f"claimed: explain has {pence['claimed']} and the status {asked.money['claimed_pence']}"


def _ledger(asked: _Asked, ledger: Row) -> Iterator[str]:
    """Compares the ledger's claims and sums with the status, and its claimed rows with today's claim."""
    name, money, spec = asked.service.name, asked.money, asked.service.spec
    claims = [claim for claim in ledger["claims"] if claim["service"] == name]
    standing = _sum(claims, "total_pence") - _sum(claims, "reversed_pence")
    yield from _same("claimed: claims and status", standing, money["claimed_pence"])
    account = next((one for one in ledger["accounts"] if one["service"] == name), None)
    for column in ("total_pence", "reversed_pence", "paid_pence") if account else ():
        yield from _same(f"{column}: claims and account", _sum(claims, column), (account or {})[column])
    if account:
        owed = account["owed_pence"] - account["overpaid_pence"]
        yield from _same("owed: account and claims", owed, standing - account["paid_pence"])
    found_later = 0
    submitted = {claim["month"]: claim for claim in claims if claim["withdrawn_on"] is None}
    yield from _same("months with two claims", len(submitted), sum(one["withdrawn_on"] is None for one in claims))
    for claim in submitted.values():
        period = parse_claim_period(claim["month"], spec.year_starts)
        shown = preview(asked.store, asked.service, period, asked.as_of).data
        yield from _same(f"{claim['month']}: claim and ledger", shown["total_pence"], claim["total_pence"])
        found_later += shown.get("found_later", {}).get("amount_pence", 0)
    late = (row for row in asked.whole.rows if str(spec.claim_period(row.day)) in submitted)
    yield from _same("found since: claim and rows", found_later, sum(row.unit_price_pence or 0 for row in late))
    held = {(row.item, row.nhs_number, row.day) for row in asked.records.claimed()}
    shown_again = {(row.item, row.nhs_number, row.day) for row in asked.whole.rows if row.verdict == "claimed"}
    doubted = sum(one["service"] == name for one in ledger["to_reverse"])
    if len(held - shown_again) > doubted:
        yield "a claimed row is no longer in a claim, and is not listed to be reversed"


def _sum(rows: Iterable[Row], column: str) -> int:
    return sum(row[column] for row in rows)


def _count(claim: Claim, verdict: str) -> int:
    return sum(row.verdict.value == verdict for row in claim.rows)
