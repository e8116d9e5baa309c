"""What the standard vocabulary answers from this service's data."""

from __future__ import annotations

from pathlib import Path

from lescli.services import service_of
from lescli.services.standard import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.testing import Surgery, assert_claim, assert_measures

TOML = Path(__file__).parents[1] / "lescli_phlebotomy" / "service.toml"
SERVICE = service_of(DataOnlyPlugin(parse_specification(TOML.read_bytes(), where="phlebotomy")), origin="test")


def practice() -> Surgery:
    return Surgery(
        SERVICE,
        terms="key | value | from\nprice.sample | 1.00 | 2025-04-01",
        patients="""
            patient | born
            Tot     | 2020-05-07
            Kid     | 2020-05-06
            Lad     | 2013-05-07
            Max     | 2013-05-06
        """,
        register="""
            patient | entered    | community nurse caseload
            Ann     | 2025-04-01 | yes
            Ben     | 2025-04-01 | no
        """,
        activity="""
            patient | date
            Tot     | 2025-05-06
            Kid     | 2025-05-06
            Lad     | 2025-05-06
            Max     | 2025-05-06
            Ann     | 2025-05-06
            Ben     | 2025-05-06
            Ben     | 2025-05-06
            Cat     | 2025-05-05
            Cat     | 2025-05-10
        """,
    )


def test_who_and_when() -> None:
    assert_claim(
        practice(),
        """
            patient | date       | verdict | reason                  | price
            Tot     | 2025-05-06 | refused | under-5                 |
            Kid     | 2025-05-06 | check   | under-12                |
            Lad     | 2025-05-06 | check   | under-12                |
            Max     | 2025-05-06 | payable | accepted                | 1.00
            Ann     | 2025-05-06 | refused | community-nurse-caseload|
            Ben     | 2025-05-06 | payable | accepted                | 1.00
            Ben     | 2025-05-06 | refused | duplicate               |
            Cat     | 2025-05-05 | check   | outside-core-hours      |
            Cat     | 2025-05-10 | check   | outside-core-hours      |
        """,
        month="2025-05",
    )


def test_samples() -> None:
    assert_measures(practice(), "measure | count\nsamples | 2", period="2025-05")


def test_without_a_price_nothing_is_payable() -> None:
    surgery = Surgery(SERVICE, activity="patient | date\nAnn | 2025-05-06")
    assert_claim(surgery, "patient | verdict | reason\nAnn | unpriced | no-price", month="2025-05")
