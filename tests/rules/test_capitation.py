"""Items paid for the practice list: a price per 1,000 patients or a block a month, in a service without Python."""

from __future__ import annotations

import pytest

from lescli.calendar import Month
from lescli.errors import LesError
from lescli.model import Claim, Verdict
from lescli.operations.claim.preview import preview
from lescli.operations.claim.submit import submit
from lescli.services import Service, service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.testing import Surgery

SHIPPED = """
[service]
name = "bloods"
title = "Bloods by list size"
commissioner = "Test ICB"
document = "Test document"

[[period]]
start = "2025-04-01"
end = "2026-03-31"
clause = "1"

[register]
rule = "coded"
clause = "2"

[submission]
clause = "3"
by = "email"

[[item]]
name = "list"
title = "A month of the service, per 1,000 patients"
kind = "{kind}"
clause = "4"
unit = "month"
"""
PRICED = """
[[item.price]]
amount = "{amount}"
from = "2025-04-01"
clause = "5"
"""


def bare(kind: str, amount: str = "") -> Service:
    text = SHIPPED.format(kind=kind) + (PRICED.format(amount=amount) if amount else "")
    spec = parse_specification(text.encode(), where="bloods/service.toml")
    return service_of(DataOnlyPlugin(spec), origin="test")


def listed(count: int, *more: str) -> str:
    """A table of patients registered since 2020, with more rows added."""
    rows = [f"P{number} | 2020-01-01 | |" for number in range(count)]
    return "\n".join(["patient | registered | left | died", *rows, *more])


def found(claim: Claim) -> list[tuple[str, str, str, int | None]]:
    return [(row.day.isoformat(), row.verdict.value, row.reason, row.unit_price_pence) for row in claim.rows]


@pytest.mark.parametrize(
    ("amount", "patients", "pence"),
    [
        ("100.00", 7, 70),
        ("100.00", 1, 10),
        # 12.50 a head of a thousand: 1.25 pence a patient, half a penny rounds up.
        ("12.50", 3, 4),
        ("12.50", 2, 3),
        ("12.50", 5, 6),
        ("0.50", 1, 0),
        ("2.50", 2, 1),
        ("9999999.99", 3, 3000000),
    ],
)
def test_the_price_is_per_1000_patients_to_the_nearest_penny(amount: str, patients: int, pence: int | None) -> None:
    claim = Surgery(bare("capitation", amount), patients=listed(patients)).claim("2025-04")
    assert [row.unit_price_pence for row in claim.rows if row.verdict is Verdict.PAYABLE] == (
        [] if pence is None else [pence]
    )


def test_a_block_costs_the_same_for_any_list_size() -> None:
    for patients in (1, 9):
        claim = Surgery(bare("block", "250.00"), patients=listed(patients)).claim("2025-04")
        assert found(claim) == [("2025-04-01", "payable", "accepted", 25000)]


def test_the_list_size_is_that_of_the_first_of_the_month() -> None:
    surgery = Surgery(
        bare("capitation", "1000.00"),
        patients=listed(
            3,
            "Came on the first | 2025-05-01 | |",
            "Came on the second | 2025-05-02 | |",
            "Left the day before | 2020-01-01 | 2025-04-30 |",
            "Left on the first | 2020-01-01 | 2025-05-01 |",
            "Died the day before | 2020-01-01 | | 2025-04-30",
            "Died on the first | 2020-01-01 | | 2025-05-01",
        ),
    )
    claim = surgery.claim("2025-05")
    assert found(claim) == [
        ("2025-04-01", "payable", "accepted", 700),
        ("2025-05-01", "payable", "accepted", 600),
    ]
    assert [row.evidence for row in claim.rows] == [("list:2025-04-01:7",), ("list:2025-05-01:6",)]
    assert {(row.nhs_number, row.code, row.entry_id) for row in claim.rows} == {("", "", None)}


@pytest.mark.parametrize(("kind", "pence"), [("capitation", 40), ("block", 10000)])
def test_a_month_is_claimed_once(kind: str, pence: int) -> None:
    surgery = Surgery(bare(kind, "100.00"), patients=listed(4))
    april = submit(
        surgery.store, surgery.service, Month(2025, 4), Month(2025, 4).last, by="Test Clerk", authorised_by=None
    )
    assert (april.submitted_now, april.data["total_pence"], april.data["verdicts"]["payable"]) == (True, pence, 1)
    # A list that grows afterwards does not change what is claimed.
    surgery.add(patients="patient | registered\n Late | 2020-01-01")
    assert found(surgery.claim("2025-04"))[0][1:] == ("claimed", "claimed", None)
    may = surgery.claim("2025-05")
    assert [(day, verdict) for day, verdict, _, _ in found(may)] == [
        ("2025-04-01", "claimed"),
        ("2025-05-01", "payable"),
    ]
    again = submit(
        surgery.store, surgery.service, Month(2025, 4), Month(2025, 5).last, by="Test Clerk", authorised_by=None
    )
    assert (again.submitted_now, again.data["total_pence"]) == (False, pence)


def test_each_unclaimed_month_has_its_own_line() -> None:
    surgery = Surgery(bare("block", "100.00"), patients=listed(2))
    lines = preview(surgery.store, surgery.service, Month(2025, 6), Month(2025, 6).last).data["lines"]
    assert [(line["activity_month"], line["quantity"], line["amount_pence"], line["late"]) for line in lines] == [
        ("2025-04", 1, 10000, True),
        ("2025-05", 1, 10000, True),
        ("2025-06", 1, 10000, False),
    ]


@pytest.mark.parametrize("kind", ["capitation", "block"])
def test_the_claim_is_complete_without_a_code(kind: str) -> None:
    claim = Surgery(bare(kind, "100.00"), patients=listed(3)).claim("2025-04")
    assert (claim.notes, claim.incomplete) == ((), ())


@pytest.mark.parametrize("kind", ["capitation", "block"])
def test_an_item_without_a_price_is_previewed_but_cannot_be_submitted(kind: str) -> None:
    surgery = Surgery(bare(kind), patients=listed(3))
    assert found(surgery.claim("2025-04")) == [("2025-04-01", "unpriced", "no-price", None)]
    with pytest.raises(LesError, match="without a price"):
        submit(surgery.store, surgery.service, Month(2025, 4), Month(2025, 4).last, by="X", authorised_by=None)


def test_future_months_and_months_outside_the_contract_are_not_paid() -> None:
    surgery = Surgery(bare("block", "100.00"), patients=listed(3))
    assert found(surgery.claim("2026-04"))[-1] == ("2026-04-01", "refused", "no-specification", None)
    assert found(surgery.claim("2025-05", "2025-04-30")) == [("2025-04-01", "payable", "accepted", 10000)]


@pytest.mark.parametrize("kind", ["capitation", "block"])
def test_a_practice_without_patients_can_be_asked(kind: str) -> None:
    claim = Surgery(bare(kind, "100.00")).claim("2025-04")
    assert len(claim.rows) <= 1


def test_each_month_has_the_price_in_force_in_it() -> None:
    text = SHIPPED.format(kind="block") + PRICED.format(amount="100.00")
    text += PRICED.format(amount="110.00").replace("2025-04-01", "2025-05-01")
    service = service_of(DataOnlyPlugin(parse_specification(text.encode(), where="bloods")), origin="test")
    claim = Surgery(service, patients=listed(3)).claim("2025-05")
    assert [row.unit_price_pence for row in claim.rows] == [10000, 11000]


@pytest.mark.parametrize("kind", ["capitation", "block"])
@pytest.mark.parametrize(
    ("start", "end", "april"),
    [
        ("2025-04-01", "", ("payable", "accepted")),
        ("2025-04-02", "", ("check", "part-month")),
        ("2025-04-15", "", ("check", "part-month")),
        ("2025-04-30", "", ("check", "part-month")),
        ("2025-05-01", "", ("refused", "not-signed")),
        ("2025-01-01", "2025-04-29", ("check", "part-month")),
        ("2025-01-01", "2025-04-30", ("payable", "accepted")),
    ],
)
def test_a_month_with_only_part_of_it_under_contract_is_held_back(
    kind: str, start: str, end: str, april: tuple[str, str]
) -> None:
    signed = f"from | to\n {start} | {end}"
    claim = Surgery(bare(kind, "100.00"), patients=listed(3), signed=signed).claim("2025-04")
    assert [(row.verdict.value, row.reason) for row in claim.rows] == [april]


def test_a_setting_pays_a_whole_month_held_only_in_part() -> None:
    text = SHIPPED.format(kind="block") + PRICED.format(amount="100.00") + PARTS
    service = service_of(DataOnlyPlugin(parse_specification(text.encode(), where="bloods")), origin="test")
    waits = Surgery(service, patients=listed(3), signed="from\n 2025-04-15")
    assert found(waits.claim("2025-04")) == [("2025-04-01", "check", "part-month", None)]
    terms = "key | value | from\n setting.accept_part_months | yes | 2025-04-01"
    accepted = Surgery(service, patients=listed(3), signed="from\n 2025-04-15", terms=terms)
    assert found(accepted.claim("2025-04")) == [("2025-04-01", "payable", "accepted", 10000)]


def test_a_price_that_begins_within_a_month_applies_to_it() -> None:
    text = SHIPPED.format(kind="block").replace("2025-04-01", "2025-04-15") + PARTS.replace("false", "true")
    text += PRICED.format(amount="100.00").replace("2025-04-01", "2025-04-15")
    service = service_of(DataOnlyPlugin(parse_specification(text.encode(), where="bloods")), origin="test")
    assert found(Surgery(service, patients=listed(3)).claim("2025-05")) == [
        ("2025-04-01", "payable", "accepted", 10000),
        ("2025-05-01", "payable", "accepted", 10000),
    ]


PARTS = """
[settings.accept_part_months]
title = "A month in which the contract was held in part counts whole"
value = false
decided = "ours"
clause = "6"
"""
