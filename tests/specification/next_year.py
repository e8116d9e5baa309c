"""The shipped service.toml of denosumab with the next contract year that the how-to page adds to it."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

from lescli.services import Service, service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import parse_specification

TOML = Path(__file__).parents[2] / "plugins" / "denosumab" / "lescli_denosumab" / "service.toml"
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "new-contract-year.md"
_BLOCK = re.search(r"^   ```toml\n(.*?)^   ```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
assert _BLOCK
NEXT_YEAR, _, _TERMS = dedent(_BLOCK[1]).partition("[[terms]]")
TERMS = f"[[terms]]{_TERMS}"


def as_text(*blocks: str) -> str:
    """The shipped file with more blocks; the next contract year's by default."""
    return "\n".join((TOML.read_text(encoding="utf-8"), *(blocks or (NEXT_YEAR, TERMS))))


def served(*blocks: str) -> Service:
    """A service with the standard rules and those terms."""
    return service_of(
        DataOnlyPlugin(parse_specification(as_text(*blocks).encode(), where="denosumab")), origin="folder"
    )
