"""Words that people typed into a register and a report repeats: no patient's name among them leaves the practice.

What a service counts by its own words is its own; a reason for a removal is whatever somebody wrote. A cell that
repeats such a text is looked through for the names of the patients on that register. A nickname, a relative or a slip
of the pen is not found.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from ..model import Records, Register, ServiceSpec
from ..outputs import masked

NAME = "[name]"
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_JOINT = re.compile(r"['’-]")
_SHORTEST = 2  # an initial is any letter


def typed_words(spec: ServiceSpec, register: Register) -> frozenset[str]:
    """Every text of the register that was typed and not chosen."""
    free = {detail.name for detail in spec.register.details if detail.type == "text"}
    return frozenset(str(value) for entry in register.entries for _, name, value in entry.history if name in free)


def names_on(register: Register, records: Records) -> frozenset[str]:
    """The words of the names of everybody on a register, now or before, case folded."""
    numbers = {entry.nhs_number for entry in register.entries}
    patients = (records.patient(number) for number in numbers)
    words = (word for one in patients for word in _WORD.findall(f"{one.family_name} {one.given_name}"))
    return frozenset(part for word in words for part in _parts(word))


def without_names(
    tables: Iterable[dict[str, Any]], typed: frozenset[str], names: frozenset[str], *, but_in: Collection[str] = ()
) -> tuple[list[dict[str, Any]], list[str]]:
    """The tables with `[name]` for each name in a cell that was typed, and the titles of those that held one.

    `but_in` are ids of tables that stay as they are.
    """
    kept, held = [], []
    for table in tables:
        if table["id"] in but_in:
            kept.append(table)
            continue
        rows = [[_nameless(cell, names) if cell in typed else cell for cell in row] for row in table["rows"]]
        kept.append({**table, "rows": rows})
        if rows != table["rows"]:
            held.append(table["title"])
    return kept, held


def _nameless(cell: str, names: frozenset[str]) -> str:
    return masked(_WORD.sub(lambda word: word[0] if names.isdisjoint(_parts(word[0])) else NAME, cell))


def _parts(word: str) -> set[str]:
    """The word and the pieces of a double name or a possessive, case folded."""
    return {part for part in (word.casefold(), *_JOINT.split(word.casefold())) if len(part) >= _SHORTEST}
