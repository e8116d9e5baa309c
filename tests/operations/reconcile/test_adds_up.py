"""Whatever their file says, each row of either side has one reason, and the reasons come to the difference exactly."""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lescli_larc
from lescli.calendar import parse_claim_period
from lescli.operations.reconcile.run import reconcile
from lescli.services import service_of
from lescli.store.ledger import write
from lescli.store.ledger.read import claim_rows
from lescli.store.people.same_person import merge
from lescli.testing import Surgery
from tests.operations.reconcile.conftest import Told

ITEMS = ("implant-fitting", "iucd-fitting", "implant-removal")
TERMS = """
    key                   | value               | from
    price.implant-fitting | 80.00               | 2026-04-01
    price.implant-fitting | 82.00               | 2026-05-10
    price.iucd-fitting    | 81.00               | 2026-04-01
    codes.implant         | 46825001, 165581004 | 2026-04-01
    codes.iucd            | 127783003           | 2026-04-01
    codes.implant-removal | 9999999105          | 2026-04-01
"""
PATIENTS = """
    patient | registered at | left       | died
    Far     | A82002        |            |
    Left    |               | 2026-06-10 |
    Died    |               |            | 2026-06-11
    Gone    |               | 2026-05-01 |
"""
ACTIVITY = """
    patient | date       | code      | done at
    Ann     | 2026-04-07 | implant   |
    Ann     | 2026-05-04 | implant   |
    Ann     | 2026-05-04 | iucd      |
    Ben     | 2026-05-11 | 165581004 |
    Ben     | 2026-05-12 | iucd      | A82003
    Far     | 2026-05-05 | implant   |
    Left    | 2026-05-06 | implant   |
    Died    | 2026-05-07 | iucd      |
    Gone    | 2026-05-08 | implant   |
    Old     | 2026-05-09 | implant   |
    New     | 2026-05-09 | implant   |
    Dot     | 2026-05-13 | implant-removal |
"""
NAMES = ("Ann", "Ben", "Far", "Left", "Died", "Gone", "Old", "New", "Dot", "Late", "Eve")
DAYS = [date(2026, 4, 7), *(date(2026, 5, day) for day in range(3, 15)), date(2026, 6, 2)]


@cache
def surgery(state: str) -> Surgery:
    """A practice whose claim of May is not submitted, or submitted and partly undone, with more work in June's."""
    made = Surgery(service_of(lescli_larc, origin="package"), patients=PATIENTS, activity=ACTIVITY, terms=TERMS)
    made.add(patients="patient\nEve\nLate")
    if state == "preview":
        return made
    made.submit("2026-04", "2026-05-05")
    made.add(activity="patient | date | code\nLate | 2026-04-07 | implant")
    made.submit("2026-05", "2026-06-05")
    made.add(activity="patient | date | code\nLate | 2026-05-14 | implant\nLate | 2026-06-02 | iucd")
    with made.store.writing():
        first = next(one.row for one in claim_rows(made.store, "larc-2026-05") if one.day == date(2026, 5, 11))
        write.reverse(made.store, "larc-2026-05", first, reason="a slip", on=date(2026, 6, 10))
        merge(made.store, made.numbers["Old"], made.numbers["New"], on=date(2026, 6, 10), reason="one person")
    if state == "later":
        made.submit("2026-06", "2026-07-05")
        made.add(activity="patient | date | code\nEve | 2026-05-14 | iucd")
    return made


STATES = st.sampled_from(["preview", "submitted", "later"])
AMOUNTS = st.one_of(st.none(), st.sampled_from([0, 4000, 8000, 8100, 8200]), st.integers(0, 30000))
ROWS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(DAYS), st.sampled_from(("", *ITEMS)), AMOUNTS), min_size=1
)
FIGURES = st.lists(st.tuples(st.sampled_from(ITEMS), st.integers(0, 12), AMOUNTS), min_size=1, max_size=6)
_numbers = count()


def typed(pence: int | None) -> str:
    return "" if pence is None else f"{pence // 100}.{pence % 100:02d}"


def told(folder: Path, state: str, text: str) -> Told:
    path = folder / f"{next(_numbers)}.csv"
    path.write_text(text, encoding="utf-8")
    made = surgery(state)
    return Told(reconcile(made.store, made.service, parse_claim_period("2026-05"), path, date(2026, 7, 20), rows=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("theirs")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(state=STATES, rows=ROWS)
def test_rows(folder: Path, state: str, rows: list[tuple[str, date, str, int | None]]) -> None:
    numbers = surgery(state).numbers
    lines = [f"{numbers[name]},{day},{item},{typed(pence)}\n" for name, day, item, pence in rows]
    found = told(folder, state, "nhs_number,date,item,amount\n" + "".join(lines))
    data = found.data
    assert data["theirs"]["quantity"] == len(rows)
    # What only one side has, and what both have, is every row of either side once.
    of = {side: sum(one["side"] == side for one in data["rows"]) for side in ("theirs", "ours")}
    assert data["theirs"]["quantity"] - of["theirs"] == data["ours"]["quantity"] - of["ours"] >= 0
    # The order of the file does not matter.
    turned = told(folder, state, "nhs_number,date,item,amount\n" + "".join(lines[::-1]))
    assert turned.data == data


@settings(max_examples=150, deadline=None)
@given(state=STATES, figures=FIGURES)
def test_figures(folder: Path, state: str, figures: list[tuple[str, int, int | None]]) -> None:
    lines = [f"{item},{quantity},{typed(pence)}\n" for item, quantity, pence in figures]
    data = told(folder, state, "item,quantity,amount\n" + "".join(lines)).data
    assert data["theirs"]["quantity"] == sum(quantity for _, quantity, _ in figures)
    for item in {one["item"] for one in data["differences"]}:
        those = [one for one in data["differences"] if one["item"] == item]
        of_item = [(quantity, pence) for name, quantity, pence in figures if name == item]
        gives = any(pence is not None for _, _, pence in figures)
        whole = gives and all(pence is not None or not quantity for quantity, pence in of_item)
        assert all((one["difference_pence"] is not None) is whole for one in those)


def test_the_practice_of_these_tests_has_many_reasons(folder: Path) -> None:
    numbers = surgery("later").numbers
    rows = "nhs_number,date,item\n" + "".join(f"{numbers[name]},{day},\n" for name in NAMES for day in DAYS)
    few = f"nhs_number,date\n{numbers['Ann']},2026-05-04\n"
    found = {
        name
        for state in ("preview", "submitted", "later")
        for text in (rows, few, "item,quantity,amount\nimplant-fitting,0,1.00\n")
        for name, _ in told(folder, state, text).reasons
    }
    assert found == {
        *("other-month", "taken-back", "found-later", "counted-twice", "other-day", "no-price", "done-elsewhere"),
        *("no-such-entry", "amount-without-work", "late", "left", "other-practice", "duplicate", "not-in-theirs"),
        *("not-submitted", "practice-unknown"),
    }
