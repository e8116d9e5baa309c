"""Faults of `[[terms]]`: each names its block and its key, and what to write instead."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lescli.errors import SpecificationError
from lescli.specification import parse_specification
from tests.specification.next_year import NEXT_YEAR, as_text

BLOCK = '\n[[terms]]\nfrom = "{}"\nclause = "variation 2"\n[terms.set]\n{}\n'


def faults(*blocks: tuple[str, str]) -> list[str]:
    text = as_text(NEXT_YEAR, *(BLOCK.format(day, keys) for day, keys in blocks))
    try:
        parse_specification(text.encode(), where="denosumab")
    except SpecificationError as fault:
        return list(fault.problems)
    return []


@pytest.mark.parametrize(
    "keys",
    [
        "window_months = 2",
        'window_months = "none"',
        '"deadline.working_day" = 15',
        '"overdue_interval.injection" = 8',
        '"check.injection.consultation-type" = false',
        '"check.injection.working-days-only" = true',
        '"check.injection.age" = { from = 18 }',
        '"payment.every" = "quarter"',
        '"codes.injection-" = ["700139004"]\n"codes.injection+" = ["22778000"]',
        '"setting.accepted_consultation_types+" = ["video"]',
        'email = "claims@example.org"',
        'price.injection = "22.50"\ndeadline.day = 12\ncheck.injection.age.from = 18',
    ],
)
def test_every_key_can_be_set(keys: str) -> None:
    assert faults(("2027-04-01", keys)) == []


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("windw_months = 2", "denosumab has no term `windw_months`; did you mean `window_months`? it has price."),
        ('"cap.injections" = 2', "did you mean `cap.injection`?"),
        ('"deadline.week" = 2', "denosumab has no term `deadline.week`"),
        ('"price.*" = "+2.15%"', "denosumab has no term `price.*`"),
        ('"period.end" = "2028-03-31"', "denosumab has no term `period.end`"),
        ('window_months = "2"', 'window_months": it is not a whole number; write a whole number, as in 2'),
        ("window_months = 0", 'window_months": the number is too small; write 1 or more'),
        ('"deadline.day" = 31', 'deadline.day": the number is too large; write 28 or less'),
        ('"interval.injection" = 0', 'interval.injection": the number is too small'),
        ('"cap.injection" = true', 'cap.injection": it is not a whole number'),
        ('"check.injection.age.form" = 18', 'check.injection.age.form": '),
        ('"check.injection.aeg" = { from = 18 }', 'check.injection.aeg": '),
        ('"check.injection.consultation-type.setting" = "seen"', "there is no setting `seen`"),
        ('"price.injection" = "22.5"', 'price.injection": the price must be pounds and pence'),
        ('"price.injection" = "1,240.00"', 'price.injection": the price must be pounds and pence'),
        ('"price.injection" = "22"', 'price.injection": the price must be pounds and pence'),
        ('"price.injection" = 22', 'price.injection": it is a number; write it in quotes: "22.00"'),
        ('"codes.injection" = "22778000"', 'codes.injection": the value is of the wrong kind; write a list'),
        ('"codes.injection" = ["22778001"]', 'codes.injection": '),
        ('"codes.injection" = []', 'codes.injection": the list is empty; leave the key out'),
        ('"price.injection" = 22.50', 'price.injection": it is a number; write it in quotes: "22.50"'),
        ("window_months = 2.5", 'window_months": it is not a whole number'),
        ('"check.injection.consultation" = false', "there is nothing to take away on that day; did you mean `check."),
        ('"check.injection.consultation-type.exept" = "none"', "mean `check.injection.consultation-type.except`"),
        ('"cap.injection" = "none"', 'cap.injection": there is nothing to take away on that day; leave it out'),
        ('"codes.injection-" = ["22778000"]', "not all of it is in the list on 01 Apr 2027; name only what the list"),
        ('"setting.accept_marked" = "reported"', 'accept_marked": the value is of the wrong kind; write a list'),
    ],
)  # fmt: skip
def test_a_key_that_cannot_be_set_is_named(keys: str, told: str) -> None:
    first, *_ = faults(("2027-04-01", keys))
    assert first.startswith('terms[1].set."')
    assert told in first


@pytest.mark.parametrize(
    ("blocks", "told"),
    [
        ((("2028-04-01", ""),), "terms[1].from: 2028-04-01 is in no [[period]]; add the period, or correct the day"),
        ((("2026-03-31", ""),), "terms[1].from: 2026-03-31 is in no [[period]]"),
        ((("2027-04-01", ""), ("2027-04-01", "")), "terms[2].from: two blocks begin on 2027-04-01; put their keys"),
        ((("2027-04-01", ""), ("2026-10-01", "")), "terms[2].from: it begins before the block above it; put"),
        ((("2027-02-30", ""),), 'terms[1].from: "2027-02-30" is not a date of the calendar'),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_is_named(blocks: tuple[tuple[str, str], ...], told: str) -> None:
    (fault,) = faults(*((day, keys or "window_months = 2") for day, keys in blocks))
    assert fault.startswith(told)


def test_a_price_of_the_same_day_is_a_fault() -> None:
    (fault,) = faults(("2026-04-01", '"price.injection" = "22.50"'))
    assert "there is a price from 01 Apr 2026 already; leave one of them out" in fault


def test_a_price_of_a_level_is_dated_like_any_other() -> None:
    text = (Path(__file__).parent / "shapes" / "drug-level" / "service.toml").read_text(encoding="utf-8")
    block = BLOCK.format("2026-10-01", '"price.monitoring.low" = "13.00"')
    spec = parse_specification((text + block).encode(), where="drug-level")
    prices = [spec.item("monitoring").price_on(date(2026, month, 30), "low") for month in (9, 10)]
    assert [price.value.pence for price in prices if price] == [1250, 1300]
    again = BLOCK.format("2026-04-01", '"price.monitoring.low" = "13.00"')
    with pytest.raises(SpecificationError, match="there is a price from 01 Apr 2026 already"):
        parse_specification((text + again).encode(), where="drug-level")


def test_every_fault_is_told_at_once() -> None:
    found = faults(("2027-04-01", 'window_months = 0\n"deadline.day" = 31'), ("2027-05-01", '"cap.injections" = 2'))
    assert [fault.partition(":")[0] for fault in found] == [
        'terms[1].set."window_months"',
        'terms[1].set."deadline.day"',
        'terms[2].set."cap.injections"',
    ]
