"""The shipped service.toml of denosumab with its next contract year as another block of the same file."""

from __future__ import annotations

from pathlib import Path

from lescli.services import Service, service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import parse_specification

TOML = Path(__file__).parents[2] / "plugins" / "denosumab" / "lescli_denosumab" / "service.toml"
NEXT_YEAR = """
[[period]]
start = "2027-04-01"
end = "2028-03-31"
clause = "contract variation 2, section 1"
"""
TERMS = """
[[terms]]
from = "2027-04-01"
clause = "contract variation 2, section 4"

[terms.set]
"price.injection" = "22.50"
"window_months" = 2
"deadline.day" = 12
"codes.injection+" = ["22778000"]
"interval.injection" = 5
"cap.injection" = 2
"check.injection.age.from" = "18"
"""


def as_text(*blocks: str) -> str:
    """The shipped file with more blocks; the next contract year's by default."""
    return TOML.read_text(encoding="utf-8") + "".join(blocks or (NEXT_YEAR, TERMS))


def served(*blocks: str) -> Service:
    """A service with the standard rules and those terms."""
    return service_of(
        DataOnlyPlugin(parse_specification(as_text(*blocks).encode(), where="denosumab")), origin="folder"
    )
