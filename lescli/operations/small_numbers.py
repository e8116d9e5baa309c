"""Hides small numbers in a report that leaves the practice, so that no patient can be recognised from a count.

The rule is NHS England's for hospital episode statistics below national level (since September 2018): a count from 1 to
7 is shown as `*`, any other count is rounded to the nearest 5, 0 stays 0, and a share is worked out from the numbers
shown.

https://digital.nhs.uk/data-and-information/data-tools-and-services/data-services/hospital-episode-statistics/change-to-disclosure-control-methodology-for-hes-and-ecds-from-september-2018

It is our own decision to hide more, so that no hidden number can be worked out from a total.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from ..model import Records, Register, ServiceSpec
from ..outputs import masked

NAME = "[name]"
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_JOINT = re.compile(r"['’-]")
_SHORTEST = 2  # a single letter may be an initial

HIDDEN = "*"
DEFAULT_UP_TO = 7
LEAST_UP_TO = 2
_STEP = 5
_WHOLE = "of"  # the column that holds the total of a row
MONEY_COLUMN = "_pence"
_CLAUSE = "clause"  # the column of clauses: a 4.10 in it is no amount of money
_MONEY_TEXT = re.compile(r"-?[0-9]+\.[0-9]{2}")


def typed_words(spec: ServiceSpec, register: Register) -> frozenset[str]:
    """Every free text in the register: typed by a person, not chosen from a list."""
    free = {detail.name for detail in spec.register.details if detail.type == "text"}
    return frozenset(str(value) for entry in register.entries for _, name, value in entry.history if name in free)


def names_on(register: Register, records: Records) -> frozenset[str]:
    """The words in the names of everybody ever on a register, case folded."""
    numbers = {entry.nhs_number for entry in register.entries}
    patients = (records.patient(number) for number in numbers)
    words = (word for one in patients for word in _WORD.findall(f"{one.family_name} {one.given_name}"))
    return frozenset(part for word in words for part in _parts(word))


def without_names(
    tables: Iterable[dict[str, Any]], typed: frozenset[str], names: frozenset[str], *, but_in: Collection[str] = ()
) -> tuple[list[dict[str, Any]], list[str]]:
    """The tables with names in typed cells replaced by `[name]`, and the titles of the tables that held one.

    Tables whose id is in `but_in` stay as they are.
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
    """A word and its parts at hyphens and apostrophes, case folded."""
    return {part for part in (word.casefold(), *_JOINT.split(word.casefold())) if len(part) >= _SHORTEST}


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallNumbers:
    """Hides every count from 1 to `up_to`. It is at least 2: if only 1 were hidden, `*` could mean nothing but 1."""

    up_to: int = DEFAULT_UP_TO

    @property
    def words(self) -> str:
        """The rule in one line, for the reader of the report."""
        return (
            f"small numbers are suppressed: counts from 1 to {self.up_to}, what they could be computed from, and "
            f"amounts of money are shown as {HIDDEN}; every other number is rounded to the nearest {_STEP}"
        )

    def measures(self, measures: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """The measures in the report's JSON shape. A hidden one has nulls and `suppressed`."""
        given = list(measures)
        hidden = {number for number, one in enumerate(given) if self._is_small(one)}
        hidden |= self._differences(given, hidden)
        return [self._measure(one, number in hidden) for number, one in enumerate(given)]

    def tables(
        self, tables: Iterable[dict[str, Any]], typed: frozenset[str] = frozenset()
    ) -> tuple[list[dict[str, Any]], list[str]]:
        """The tables with small numbers hidden, and the titles of those left out because they list single cases.

        In a row with a hidden number, `typed` words are hidden too: what was written about one patient identifies them.
        """
        kept, left_out = [], []
        for table in tables:
            if table["rows"] and not any(_is_count(cell) for row in table["rows"] for cell in row):
                left_out.append(table["title"])
            else:
                kept.append({**table, "rows": self._rows(table["columns"], table["rows"], typed)})
        return kept, left_out

    def _small(self, number: int) -> bool:
        return 1 <= number <= self.up_to

    def _is_small(self, measure: dict[str, Any]) -> bool:
        part, whole = measure["numerator"], measure["denominator"]
        return self._small(part) or (whole is not None and (self._small(whole) or self._small(whole - part)))

    def _differences(self, measures: list[dict[str, Any]], hidden: set[int]) -> set[int]:
        """Further counts to hide, because subtracting two counts that are shown would give a hidden one."""
        more: set[int] = set()
        secret = {measures[number]["numerator"] for number in hidden}
        shown = {n: m["numerator"] for n, m in enumerate(measures) if n not in hidden and m["denominator"] is None}
        wholes = {int(m["denominator"]) for m in measures if m["denominator"] is not None} | set(shown.values())
        for number, count in sorted(shown.items(), key=lambda one: one[1]):
            if count and any(whole - count in secret for whole in wholes):
                more.add(number)
        return more

    def _measure(self, measure: dict[str, Any], hidden: bool) -> dict[str, Any]:
        part, whole = measure["numerator"], measure["denominator"]
        if hidden:
            tells = whole is not None and not self._small(whole)
            shown = _rounded(whole) if tells else None
            return {**measure, "numerator": None, "denominator": shown, "value": None, "suppressed": True}
        part = _rounded(part)
        if whole is None:
            return {**measure, "numerator": part, "value": part}
        whole = _rounded(whole)
        return {
            **measure,
            "numerator": part,
            "denominator": whole,
            "value": round(100 * part / whole) if whole else None,
        }

    def _rows(self, columns: list[str], rows: list[list[Any]], typed: frozenset[str]) -> list[list[Any]]:
        money = {place for place, name in enumerate(columns) if name.endswith(MONEY_COLUMN)}
        counts = [[n for place, n in enumerate(row) if _is_count(n) and place not in money] for row in rows]
        hidden = {line for line, row in enumerate(rows) if self._row_is_small(columns, row, counts[line])}
        grown = -1
        while len(hidden) > grown:
            grown = len(hidden)
            for group in _groups(rows):
                _hide_a_second(group, counts, hidden)
        clause = columns.index(_CLAUSE) if _CLAUSE in columns else None
        return [_row(row, line in hidden, money, clause, typed) for line, row in enumerate(rows)]

    def _row_is_small(self, columns: list[str], row: list[Any], counts: list[int]) -> bool:
        whole = row[columns.index(_WHOLE)] if _WHOLE in columns else None
        return any(self._small(n) or (isinstance(whole, int) and self._small(whole - n)) for n in counts)


def _groups(rows: list[list[Any]]) -> list[list[int]]:
    """The groups of rows that a total may add up: all rows, and the rows with the same text in a column."""
    same: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for line, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                same[place, cell].append(line)
    return [list(range(len(rows))), *same.values()]


def _hide_a_second(group: list[int], counts: list[list[int]], hidden: set[int]) -> None:
    """If exactly one row of a group is hidden, hide the next smallest too, so that no total reveals it."""
    if len(hidden.intersection(group)) != 1:
        return
    others = [line for line in group if line not in hidden and any(counts[line])]
    if others:
        hidden.add(min(others, key=lambda line: (sum(counts[line]), line)))


def _row(row: list[Any], hidden: bool, money: set[int], clause: int | None, typed: frozenset[str]) -> list[Any]:
    """A row with its numbers hidden or rounded. Amounts are hidden: an amount divided by its price is a count."""
    shown: list[Any] = []
    for place, cell in enumerate(row):
        if place == clause:
            # A clause such as `4.10` looks like an amount of money.
            shown.append(cell)
            continue
        amount = place in money or (isinstance(cell, str) and _MONEY_TEXT.fullmatch(cell))
        number = isinstance(cell, int | float) and not isinstance(cell, bool)
        secret = amount or (hidden and (number or cell in typed))
        shown.append(HIDDEN if secret else _rounded(cell) if number else cell)
    return shown


def _is_count(cell: object) -> bool:
    return isinstance(cell, int) and not isinstance(cell, bool)


def _rounded(number: float) -> int:
    """Round to the nearest 5, halves up: 12.5 becomes 15."""
    return int((2 * number + _STEP) // (2 * _STEP)) * _STEP
