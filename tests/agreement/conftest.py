"""Random practices with several contracts, made in memory from a seed, whose actions come in a possible order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import cache
from random import Random

import pytest

from lescli.calendar import Month
from lescli.errors import LesError
from lescli.operations import choose_services
from lescli.operations.choose_services import one_service
from lescli.operations.claim.submit import submit
from lescli.services import load_catalog
from lescli.store import Store
from lescli.store.ledger import write
from lescli.store.ledger.read import claim_rows, claims
from lescli.testing import Surgery, snomed_concept, tables
from tests.cli.conftest import les_here as les_here

FIRST, LAST = date(2025, 11, 1), date(2026, 8, 31)
PEOPLE = ("Ann", "Ben", "Cat", "Dan")
ROLLED_OVER = {"anticoag": "2021-04-01", "ius": "2021-04-01", "denosumab": "", "pessary": "", "phlebotomy": ""}
FITTING, CHANGE = snomed_concept(1), snomed_concept(2)
CODES = {
    "anticoag": ("read2:66QD", "read2:9K27", "165581004", "165581004", "165581004"),
    "denosumab": ("700139004",),
    "ius": ("65200003", "68254000"),
    "pessary": (CHANGE, CHANGE, FITTING),
    "phlebotomy": ("22778000",),
}
PESSARY_CODES = {"fitting": FITTING, "change": CHANGE}
TYPES = ("Face to face consultation", "Home visit", "Home visit", "Telephone call")
SERVICES = {service.name: service for service in load_catalog().services if service.name in ROLLED_OVER}


@pytest.fixture(autouse=True)
def one_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    """The services, loaded once: loading them four times for each practice would take longer than all its claims."""
    monkeypatch.setattr(choose_services, "load_catalog", cache(load_catalog))


@pytest.fixture
def random_practice() -> Callable[[int], tuple[Surgery, date]]:
    """Make the practice of a seed, and a day to ask about, on or after its last submission."""
    return make


def make(seed: int) -> tuple[Surgery, date]:
    """A practice with two contracts, and work recorded late or twice, claimed, reversed and paid in any order."""
    rng = Random(seed)
    surgery = Surgery(SERVICES["denosumab"], patients=_patients(rng))
    names = rng.sample(sorted(SERVICES), k=2)
    for name in names:
        _terms(rng, surgery.store, name)
        _contract(rng, surgery.store, name)
    _entries(rng, surgery, names)
    for name in names:
        _registers(rng, surgery, name)
    is_tidy = rng.random() < 0.4
    if is_tidy:
        _every_month(rng, surgery, names)
    for _ in range(rng.randint(2, 6)):
        rng.choice((_late if is_tidy else _submit, _reverse, _withdraw, _pay, _late, _gone, _registered))(
            rng, surgery, names
        )
    days = [claim.submitted_on for claim in claims(surgery.store)]
    last = max(days, default=_day(rng, date(2026, 4, 1)))
    return surgery, last + timedelta(days=rng.choice((0, 3, 40, 120)))


def _every_month(rng: Random, surgery: Surgery, names: list[str]) -> None:
    """A tidy practice over four months: it claims early in the next month, and records some work too late."""
    last = Month.of(_day(rng, date(2026, 3, 1), date(2026, 7, 31)))
    month = last.plus(-3)
    while month <= last:
        for name in names:
            _submit(rng, surgery, [name], month, month.plus(1).first + timedelta(days=4))
        month = month.plus(1)
    _late(rng, surgery, names)


def _day(rng: Random, first: date = FIRST, last: date = LAST) -> date:
    return first + timedelta(days=rng.randint(0, (last - first).days))


def _patients(rng: Random) -> str:
    rows = ["patient | born | registered | left | died"]
    for name in PEOPLE:
        left = _day(rng) if rng.random() < 0.15 else ""
        died = _day(rng) if rng.random() < 0.15 else ""
        rows.append(f"{name} | {rng.choice(('1950-01-01', '1950-01-01', '2016-05-01'))} | 2016-06-01 | {left} | {died}")
    return "\n".join(rows)


def _terms(rng: Random, store: Store, name: str) -> None:
    spec = SERVICES[name].spec
    rows = []
    if ROLLED_OVER[name]:
        rows.append(("period.end", rng.choice(("2026-06-30", "2027-03-31")), ROLLED_OVER[name]))
    if name == "pessary":
        rows += [(f"codes.{one}", code, "2025-04-01") for one, code in PESSARY_CODES.items()]
    for item in spec.items:
        unset = not any(price.value.pence for price in item.prices)
        if unset and rng.random() < 0.9:
            rows.append((f"price.{item.name}", f"{rng.randint(100, 9999) / 100:.2f}", "2025-04-01"))
        if rng.random() < 0.3:
            rows.append((f"price.{item.name}", f"{rng.randint(100, 9999) / 100:.2f}", "2026-04-01"))
    if rng.random() < 0.3:
        rows.append(("setting.claims_from", str(Month.of(_day(rng))), "2025-04-01"))
    with store.writing():
        for key, value, start in rows:
            tables.add_term(store, spec, {"key": key, "value": value, "from": start})


def _contract(rng: Random, store: Store, name: str) -> None:
    start = _day(rng, FIRST, date(2026, 4, 20))
    end = str(_day(rng, date(2026, 6, 1))) if rng.random() < 0.2 else ""
    with store.writing():
        tables.sign(store, SERVICES[name].spec, {"from": str(start), "to": end})


def _entries(rng: Random, surgery: Surgery, names: list[str], most: int = 24) -> None:
    rows = []
    for _ in range(rng.randint(most // 3, most)):
        day = _day(rng)
        day -= timedelta(days=max(0, day.weekday() - 4)) if rng.random() < 0.9 else timedelta()
        row = {"patient": rng.choice(PEOPLE), "date": str(day), "code": rng.choice(CODES[rng.choice(names)])}
        row["consultation type"] = rng.choice(TYPES)
        row["clinician"] = rng.choice(("Dr A", ""))
        row["done at"] = rng.choice(("", "", "", "", "Z00001"))
        rows += [row] * rng.choice((1, 1, 1, 2))
    if "pessary" in names and most > 6:
        rows += [{"patient": PEOPLE[0], "date": str(_day(rng)), "code": CHANGE} for _ in range(6)]
    surgery.add_rows(rows)


def _registers(rng: Random, surgery: Surgery, name: str) -> None:
    for patient in PEOPLE:
        if rng.random() < 0.6:
            _enter(rng, surgery, name, patient)


def _enter(rng: Random, surgery: Surgery, name: str, patient: str) -> None:
    entered = _day(rng, FIRST, date(2026, 5, 1))
    row = {"patient": patient, "entered": str(entered)}
    if rng.random() < 0.2:
        row |= {"ended": str(_day(rng, entered)), "end reason": "stopped"}
    if name == "anticoag":
        row |= {"level": rng.choice(("3", "4", "5", "")), "indication": rng.choice(("AF", "DVT", ""))}
        row |= {"initiated on": str(_day(rng))} if rng.random() < 0.4 else {}
    if name == "ius":
        row["indication"] = rng.choice(("menorrhagia", "menorrhagia", "contraception", ""))
    if name == "denosumab" and rng.random() < 0.3:
        row["first dose on"] = str(_day(rng))
    with surgery.store.writing():
        tables.enter(surgery.store, SERVICES[name].spec, surgery.numbers, row)


def _submit(
    rng: Random, surgery: Surgery, names: list[str], month: Month | None = None, on: date | None = None
) -> None:
    month = month or Month.of(_day(rng, date(2026, 1, 1)))
    service = one_service(surgery.store, rng.choice(names))
    with suppress(LesError):  # No price, or no month of the contract's: nothing is written.
        submit(surgery.store, service, month, on or _day(rng, month.last), by="A", authorised_by=None)


def _reverse(rng: Random, surgery: Surgery, names: list[str]) -> None:
    if not (every := claims(surgery.store)):
        return
    claim = rng.choice(every)
    rows = [row.row for row in claim_rows(surgery.store, claim.claim_id) if row.amount_pence and not row.reversed_on]
    if rows:
        with surgery.store.writing():
            write.reverse(surgery.store, claim.claim_id, rng.choice(rows), reason="wrong", on=_day(rng))


def _withdraw(rng: Random, surgery: Surgery, names: list[str]) -> None:
    if every := claims(surgery.store):
        wanted = rng.choice(every).claim_id
        with suppress(LesError), surgery.store.writing():  # Paid, or withdrawn already: nothing is written.
            write.withdraw(surgery.store, wanted, reason="wrong", on=_day(rng))


def _pay(rng: Random, surgery: Surgery, names: list[str]) -> None:
    if every := claims(surgery.store):
        claim = rng.choice(every)
        with suppress(LesError), surgery.store.writing():
            pence = rng.choice((claim.total_pence, 500)) or 1
            write.pay(surgery.store, claim.claim_id, amount_pence=pence, on=_day(rng), again=True)


def _late(rng: Random, surgery: Surgery, names: list[str]) -> None:
    _entries(rng, surgery, names, most=6)


def _gone(rng: Random, surgery: Surgery, names: list[str]) -> None:
    surgery.add(patients=f"patient | died\n{rng.choice(PEOPLE)} | {_day(rng)}")


def _registered(rng: Random, surgery: Surgery, names: list[str]) -> None:
    name, patient = rng.choice(names), rng.choice(PEOPLE)
    number = surgery.numbers[patient]
    entries = surgery.store.rows(
        "SELECT 1 FROM register_entry e JOIN patient p ON p.id = e.patient_id WHERE e.service = ? AND p.nhs_number = ?",
        name,
        number,
    )
    if not entries:
        _enter(rng, surgery, name, patient)
