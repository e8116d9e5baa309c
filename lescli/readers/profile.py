"""A column map: which headings of a report mean which column of the `les` CSV; data in a TOML file, not code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import UsageError
from .text import ascii_safe, shown


def folded(heading: str) -> str:
    """A heading by its letters and digits only: `User Detail's Organisation Code` -> `userdetailsorganisationcode`."""
    return "".join(letter for letter in heading.casefold() if letter.isalnum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One column map. Headings and values are folded; lower `rank` means preferred.

    `patient` and `entry` give for a heading (column, rank); `values` gives for a column what each printed value means.
    """

    banner: str
    run: str
    patient: Mapping[str, tuple[str, int]]
    entry: Mapping[str, tuple[str, int]]
    values: Mapping[str, Mapping[str, str]]

    def translated(self, column: str, cell: str) -> str:
        """What a printed value means; a value the map does not know stays, so that the check reports it."""
        meanings = self.values.get(column)
        return meanings.get(folded(cell), cell) if meanings else cell


@cache
def load_profile(name: str, additions: Path | None = None) -> Profile:
    """The column map of that name that comes with the program, with a practice's own headings before its own.

    Raises UsageError when the additions cannot be read or name a column that does not exist.
    """
    with (Path(__file__).with_name("profiles") / f"{name}.toml").open("rb") as file:
        table = tomllib.load(file)
    added = _additions(additions, table) if additions else {}
    return Profile(
        banner=folded(table["banner"]),
        run=folded(table["run"]),
        patient=_ranked(added.get("patient", {}), table["patient"]),
        entry=_ranked(added.get("entry", {}), table["entry"]),
        values={
            column: _meanings(meanings) | _meanings(added.get(f"values.{column}", {}))
            for column, meanings in table["values"].items()
        },
    )


def _additions(path: Path, known: Mapping[str, Any]) -> dict[str, Any]:
    try:
        added = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise UsageError(f"the profile {shown(path)} is not there or is no TOML", "see the how-to on EMIS") from None
    values = added.pop("values", {})
    added |= {f"values.{column}": each for column, each in values.items()} if isinstance(values, dict) else {"?": None}
    may_hold = {"patient": known["patient"], "entry": known["entry"]}
    may_hold |= {f"values.{column}": meanings for column, meanings in known["values"].items()}
    for name, table in added.items():
        if name not in may_hold or not _is_lists(table) or not table.keys() <= may_hold[name].keys():
            raise UsageError(
                f"the profile {shown(path)}: [{ascii_safe(name)}] holds something other than lists of headings for "
                "columns that exist",
                "see the how-to on EMIS",
            )
    return added


def _is_lists(table: object) -> bool:
    return isinstance(table, dict) and all(
        isinstance(each, list) and all(isinstance(one, str) for one in each) for each in table.values()
    )


def _ranked(*tables: Mapping[str, list[str]]) -> dict[str, tuple[str, int]]:
    """Heading -> (column, rank); the headings of an earlier table are preferred to those of a later one."""
    ranked: dict[str, tuple[str, int]] = {}
    for step, table in enumerate(tables):
        for column, aliases in table.items():
            for rank, alias in enumerate(aliases):
                ranked.setdefault(folded(alias), (column, step * 1000 + rank))
    return ranked


def _meanings(table: Mapping[str, list[str]]) -> dict[str, str]:
    return {folded(printed): meaning for meaning, forms in table.items() for printed in (meaning, *forms)}
