"""A practice can correct a local term: of two terms from one day, the one recorded later counts."""

from __future__ import annotations

import pytest

import lescli_denosumab
from lescli.calendar import parse_date
from lescli.services import service_of
from lescli.specification import LocalTerm
from lescli.store import practice_data
from lescli.testing import Surgery, assert_claim

SERVICE = service_of(lescli_denosumab, origin="package")
INJECTION = """
    patient | date       | consultation type
    Ann     | 2026-05-04 | Home visit
"""


@pytest.mark.parametrize(
    ("first", "then", "start", "expected"),
    [
        ("price.injection=2.00", "price.injection=21.00", "2026-05-04", "payable | 21.00"),
        ("price.injection=2.00", "price.injection=21.00", "2026-05-05", "payable | 20.00"),
        ("setting.claims_from=2026-06", "setting.claims_from=2026-05", "2026-04-01", "payable | 20.00"),
        ("setting.claims_from=2026-05", "setting.claims_from=2026-06", "2026-04-01", "claimed |"),
        ("codes.injection=22778000", "codes.injection=700139004", "2026-04-01", "payable | 20.00"),
        (
            "setting.accepted_consultation_types=telephone",
            "setting.accepted_consultation_types=home visit",
            "2026-04-01",
            "payable | 20.00",
        ),
        (
            "setting.accepted_consultation_types=telephone",
            "setting.accepted_consultation_types+=home visit",
            "2026-04-01",
            "payable | 20.00",
        ),
        ("period.end=2026-04-30", "period.end=2027-03-31", "2026-04-01", "payable | 20.00"),
    ],
)
def test_of_two_terms_from_one_day_the_one_recorded_later_counts(
    first: str, then: str, start: str, expected: str
) -> None:
    surgery = Surgery(SERVICE, activity=INJECTION)
    for typed in (first, then):
        record(surgery, typed, start)
    assert_claim(surgery, f"verdict | price\n{expected}", month="2026-05")


def test_the_first_term_counts_again_when_it_is_recorded_again() -> None:
    surgery = Surgery(SERVICE, activity=INJECTION)
    new = [record(surgery, f"price.injection={price}", "2026-05-01") for price in ("21.00", "2.00", "21.00", "21.00")]
    assert new == [True, True, True, False]
    assert_claim(surgery, "verdict | price\npayable | 21.00", month="2026-05")


def record(surgery: Surgery, typed: str, start: str) -> bool:
    key, _, value = typed.partition("=")
    term = LocalTerm(key=key.rstrip("+"), value=value, start=parse_date(start), source="a letter", adds="+=" in typed)
    with surgery.store.writing():
        return practice_data.add_term(surgery.store, SERVICE.name, term)
