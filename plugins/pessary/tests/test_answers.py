"""What the standard vocabulary answers from this service's data."""

from __future__ import annotations

from pathlib import Path

from lescli.services import service_of
from lescli.services.standard import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.testing import Surgery, assert_claim, assert_measures, assert_recall

TOML = Path(__file__).parents[1] / "lescli_pessary" / "service.toml"
SERVICE = service_of(DataOnlyPlugin(parse_specification(TOML.read_bytes(), where="pessary")), origin="test")


# The slide names no codes; these stand for those a practice would set.
CODES = """
    key             | value             | from
    codes.fitting   | 65200003          | 2025-04-01
    codes.change    | 68254000          | 2025-04-01
    codes.follow-up | 68254000,22778000 | 2025-04-01
"""


def test_the_fifth_change_of_a_year_is_over_the_cap() -> None:
    days = ["2025-04-01", "2025-06-01", "2025-08-01", "2025-10-01", "2025-12-01"]
    surgery = Surgery(
        SERVICE,
        terms=f"{CODES}    price.change | 1.00 | 2025-04-01",
        activity="patient | date | code\n" + "\n".join(f"Ann | {day} | change" for day in [*days, "2026-04-01"]),
    )
    assert_claim(
        surgery,
        """
            patient | date       | verdict  | price
            Ann     | 2025-04-01 | payable  | 1.00
            Ann     | 2025-06-01 | payable  | 1.00
            Ann     | 2025-08-01 | payable  | 1.00
            Ann     | 2025-10-01 | payable  | 1.00
            Ann     | 2025-12-01 | over_cap |
        """,
        month="2025-12",
    )
    assert [row.verdict.value for row in surgery.claim("2026-04").rows] == ["payable"]


def test_without_codes_and_prices_the_claim_says_what_to_set() -> None:
    notes = Surgery(SERVICE).claim("2025-05").notes
    assert [note.split(":")[0] for note in notes] == ["fitting", "change", "removal", "annual-review"]


def test_recalls() -> None:
    surgery = Surgery(
        SERVICE,
        terms=CODES,
        activity="patient | date | code\nAnn | 2025-06-10 | change\nDot | 2025-06-10 | 22778000",
        register="""
            patient | entered    | fitted on  | self managing
            Ann     | 2025-05-01 | 2025-05-01 |
            Ben     | 2025-05-01 | 2025-05-01 | no
            Cat     | 2025-05-01 | 2025-05-01 | yes
            Dot     | 2025-05-01 | 2025-05-01 |
        """,
    )
    assert_recall(
        surgery,
        """
            patient | kind               | due        | late
            Ben     | follow-up          | 2025-05-29 | 1
            Cat     | follow-up          | 2025-05-29 | 1
            Dot     | change             | 2025-11-01 | 0
            Ben     | change-in-practice | 2025-11-01 | 0
            Ann     | change             | 2025-12-10 | 0
            Cat     | annual-review      | 2026-05-01 | 0
        """,
        as_of="2025-06-13",
    )


def test_measures() -> None:
    surgery = Surgery(
        SERVICE, terms=CODES, activity="patient | date | code\nAnn | 2025-05-01 | fitting\nAnn | 2025-05-31 | change"
    )
    assert_measures(
        surgery,
        """
            measure       | count
            fittings      | 1
            changes       | 1
            removals      | 0
            register-size | 1
        """,
        period="2025-05",
    )
