"""Small invented services in the shapes of published contracts, claimed on both sides of each boundary."""

from __future__ import annotations

from pathlib import Path

import pytest

from lescli.operations.position import position_of
from lescli.services import Service, service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.store.ledger import write
from lescli.store.people.same_person import merge
from lescli.testing import Surgery, assert_claim
from lescli.testing.contract import problems_of

SHAPES = Path(__file__).parent / "shapes"


def shape(name: str) -> Service:
    """The service of a folder of shapes."""
    content = (SHAPES / name / "service.toml").read_bytes()
    return service_of(DataOnlyPlugin(parse_specification(content, where=name)), origin="test")


@pytest.mark.parametrize("name", sorted(folder.name for folder in SHAPES.iterdir()))
def test_every_shape_says_that_its_prices_are_invented(name: str) -> None:
    assert "invented" in shape(name).spec.title


@pytest.mark.parametrize("name", sorted(folder.name for folder in SHAPES.iterdir()))
def test_every_shape_keeps_the_contract_of_a_service(name: str) -> None:
    assert problems_of(shape(name)) == []


def test_a_patient_is_paid_for_a_quarter_with_any_day_or_with_the_last_day_of_it() -> None:
    surgery = Surgery(
        shape("shared-care-quarter"),
        register="""
            patient | entered    | ended      | level
            Before  | 2026-01-01 | 2026-03-31 | 1
            First   | 2026-01-01 | 2026-04-01 | 1
            Eve     | 2026-05-01 | 2026-06-29 | 1
            Last    | 2026-06-30 | 2026-06-30 | 2
            After   | 2026-07-01 |            | 1
        """,
    )
    assert_claim(
        surgery,
        """
        patient | date       | item        | verdict | reason   | price
        First   | 2026-04-01 | monitoring  | payable | accepted | 30.00
        Eve     | 2026-04-01 | monitoring  | payable | accepted | 30.00
        Last    | 2026-04-01 | monitoring  | payable | accepted | 30.00
        Last    | 2026-04-01 | held-at-end | payable | accepted | 5.00
        """,
        month="2026-27-Q1",
        as_of="2026-06-30",
    )


def test_a_quarter_is_paid_once_and_again_after_a_reversal_of_it() -> None:
    surgery = Surgery(shape("shared-care-quarter"), register="patient | entered | level\nAnn | 2026-05-01 | 1")
    assert surgery.submit("2026-27-Q1", "2026-07-01").total_pence == 3500
    assert_claim(
        surgery,
        """
        patient | date       | item        | verdict | reason   | price
        Ann     | 2026-04-01 | monitoring  | claimed | claimed  |
        Ann     | 2026-04-01 | held-at-end | claimed | claimed  |
        Ann     | 2026-07-01 | monitoring  | payable | accepted | 30.00
        Ann     | 2026-07-01 | held-at-end | payable | accepted | 5.00
        """,
        month="2026-27-Q2",
    )


def test_a_patient_who_died_or_left_is_paid_for_the_quarter_of_that_day_only() -> None:
    surgery = Surgery(
        shape("shared-care-quarter"),
        patients="""
            patient | registered | left       | died
            Died    | 2020-01-01 |            | 2026-06-30
            Left    | 2020-01-01 | 2026-06-30 |
        """,
        register="patient | entered | level\nDied | 2026-04-02 | 1\nLeft | 2026-04-02 | 1",
    )
    for quarter, paid in (("2026-27-Q1", 7000), ("2026-27-Q2", 7000)):
        rows = surgery.claim(quarter).rows
        assert sum(row.unit_price_pence or 0 for row in rows) == paid
    assert not [row for row in rows if row.day.isoformat() == "2026-07-01" and row.unit_price_pence]


@pytest.mark.parametrize(
    ("signed", "verdict", "reason"),
    [
        ("2026-04-01", "payable", "accepted"),
        ("2026-04-02", "check", "part-period"),
        ("2026-06-30", "check", "part-period"),
        ("2026-07-01", "refused", "not-signed"),
    ],
)
def test_a_quarter_held_in_part_waits_for_a_person(signed: str, verdict: str, reason: str) -> None:
    surgery = Surgery(
        shape("shared-care-quarter"),
        register="patient | entered | level\nAnn | 2026-04-01 | 1",
        signed=f"from\n{signed}",
    )
    rows = [row for row in surgery.claim("2026-27-Q1").rows if row.item == "monitoring"]
    assert [(row.verdict.value, row.reason) for row in rows] == [(verdict, reason)]


def test_a_quarter_claimed_under_two_numbers_of_one_person_says_that_one_is_to_be_reversed() -> None:
    surgery = Surgery(
        shape("shared-care-quarter"), register="patient | entered | level\nAnn | 2026-04-05 | 1\nAnna | 2026-04-06 | 1"
    )
    surgery.submit("2026-27-Q1", "2026-07-01")
    day = surgery.records("2026-07-02").as_of
    with surgery.store.writing():
        merge(surgery.store, surgery.numbers["Anna"], surgery.numbers["Ann"], on=day, reason="test")
    rows = surgery.claim("2026-27-Q1", "2026-07-02").rows
    assert [(row.reason, [one.reason for one in row.also]) for row in rows] == [("claimed", ["duplicate"])] * 2
    with surgery.store.writing():
        for number in (1, 2):
            write.reverse(surgery.store, "shared-care-quarter-2026-27-Q1", number, reason="test", on=day)
    rows = surgery.claim("2026-27-Q1", "2026-07-02").rows
    assert [(row.reason, row.also) for row in rows] == [("claimed", ())] * 2


def test_a_quarter_waits_in_its_last_month_although_the_contract_ended_before() -> None:
    text = (SHAPES / "shared-care-quarter" / "service.toml").read_text(encoding="utf-8")
    text = text.replace('every = "quarter"\nclause = "3"', 'clause = "3"', 1)
    text += '\n[settings.accept_part_months]\ntitle = "Parts are paid"\nvalue = true\ndecided = "ours"\nclause = "3"\n'
    surgery = Surgery(
        service_of(DataOnlyPlugin(parse_specification(text.encode(), where="parts")), origin="test"),
        register="patient | entered | level\nAnn | 2026-04-01 | 1",
        signed="from | to\n2026-04-01 | 2026-05-31",
    )
    records = surgery.records("2026-07-01")
    found = position_of(surgery.store, surgery.service, records, surgery.service.register(records))
    months = [(str(one.month), str(one.due_on), sum(row.amount_pence for row in one.work)) for one in found.months]
    assert months == [("2026-06", "2026-07-21", 3500)]
    assert found.found_since == ()
    surgery.submit("2026-06", "2026-07-01")
    found = position_of(surgery.store, surgery.service, records, surgery.service.register(records))
    assert (found.months, found.claimed.amount_pence) == ((), 3500)


@pytest.mark.parametrize(
    ("first", "verdict", "reason"),
    [
        ("2026-04", "payable", "accepted"),
        ("2026-05", "check", "part-period"),
        ("2026-07", "claimed", "claimed-elsewhere"),
    ],
)
def test_a_quarter_partly_claimed_by_other_means_waits_for_a_person(first: str, verdict: str, reason: str) -> None:
    surgery = Surgery(
        shape("shared-care-quarter"),
        register="patient | entered | level\nAnn | 2026-04-01 | 1",
        terms=f"key | value | from\nsetting.claims_from | {first} | 2026-04-01",
    )
    rows = [row for row in surgery.claim("2026-27-Q1").rows if row.item == "monitoring"]
    assert [(row.verdict.value, row.reason) for row in rows] == [(verdict, reason)]


def test_a_quarter_in_a_monthly_claim_comes_with_its_last_month() -> None:
    surgery = Surgery(
        shape("list-quarter"), patients="patient | registered\nA | 2020-01-01\nB | 2025-10-01\nC | 2025-10-02"
    )
    paid = {
        month: [
            (row.item, row.day.isoformat(), row.unit_price_pence)
            for row in surgery.claim(month).rows
            if row.unit_price_pence
        ]
        for month in ("2025-11", "2025-12", "2026-08", "2026-09")
    }
    assert paid["2025-11"] == []
    # The list is that of the quarter's first day: C came the day after.
    assert paid["2025-12"] == [("list", "2025-12-01", 200)]
    assert paid["2026-08"] == [("list", "2026-06-01", 300)]
    assert paid["2026-09"] == [
        ("list", "2026-09-01", 300),
        ("retainer", "2026-09-01", 50000),
    ]


def test_a_quarter_of_the_list_is_claimed_once_and_held_in_part_it_waits() -> None:
    surgery = Surgery(shape("list-quarter"), patients="patient | registered\nA | 2020-01-01")
    surgery.submit("2025-12", "2026-01-05")
    assert [row.verdict.value for row in surgery.claim("2026-01").rows if row.day.month == 12] == ["claimed"]
    part = Surgery(shape("list-quarter"), patients="patient | registered\nA | 2020-01-01", signed="from\n2025-11-01")
    assert [row.reason for row in part.claim("2025-12").rows if row.day.month == 12] == ["part-period"]
    accepted = Surgery(
        shape("list-quarter"),
        patients="patient | registered\nA | 2020-01-01",
        signed="from\n2025-11-01",
        terms="key | value | from\nsetting.accept_part_months | yes | 2025-10-01",
    )
    assert [row.reason for row in accepted.claim("2025-12").rows if row.day.month == 12] == ["accepted"]
