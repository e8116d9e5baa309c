"""The rows in quarantine, and the trustworthy cells of each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import Any, NamedTuple

from ...calendar import for_people
from ...readers import cells as cell
from ...readers.reading import PATIENT_COLUMNS
from ...readers.row_check import PatientFacts, is_source_id
from ..database.connection import Store
from ..intake.result import OTHER_BIRTH_DATE, UNKNOWN_PATIENT

_NOBODY = UNKNOWN_PATIENT.partition(";")[0]  # What follows differs by the kind of file.
_FACTS = PATIENT_COLUMNS[1:]
_IDENTITY = ("value", "consultation_type", "clinician", "done_at")


class Blame(NamedTuple):
    """What the reasons of a row say of its cells.

    With `doubtful` its number is another person's unless the family name agrees as well. A row that `waits` is whole,
    and nobody described its patient yet.
    """

    faulty: frozenset[str]
    doubtful: bool
    waits: bool

    @property
    def trusts_nothing(self) -> bool:
        """Whether the cells may stand under wrong headings."""
        return "row" in self.faulty


class Said(NamedTuple):
    """One row: its cells by column, and what its reasons blame.

    What is asked of it comes in the spelling the store keeps, "" where it says nothing or the cell is to blame.
    """

    row: Mapping[str, str]
    blame: Blame

    def trusted(self, column: str) -> str:
        """The cell of a column."""
        return "" if column in self.blame.faulty else self.row.get(column, "")

    @property
    def is_entry(self) -> bool:
        """Whether the row means to tell of an entry, and not of its patient alone."""
        return any(self.row.get(column, "").strip() for column in ("date", "code", "source_id"))

    @property
    def source_id(self) -> str:
        """The id of the entry."""
        source_id = self.trusted("source_id").strip()
        return source_id if is_source_id(source_id) else ""

    @property
    def number(self) -> str:
        """The NHS number; that of a row that waits is well-formed."""
        return _number(self.row.get("nhs_number", "") if self.blame.waits else self.trusted("nhs_number"))

    @property
    def people(self) -> tuple[str, str, str] | None:
        """Family name, given name and birth date, folded, where all three can be trusted."""
        family, given, born = (
            _fact(name, self.trusted(name)) for name in ("family_name", "given_name", "date_of_birth")
        )
        return folded(family, given, born.isoformat()) if family and given and born else None

    @property
    def facts(self) -> dict[str, Any]:
        """What it states of its patient, by column, as `PatientFacts` has it."""
        stated = {column: _fact(column, self.trusted(column)) for column in _FACTS}
        return {column: value for column, value in stated.items() if value is not None}

    @property
    def day(self) -> str:
        """The day of the entry, as ISO text."""
        day = _day(self.trusted("date"))
        return day.isoformat() if day else ""

    @property
    def recorded_on(self) -> str:
        """The day it was entered, as ISO text."""
        day = _day(self.trusted("recorded_on"))
        return day.isoformat() if day else ""

    @property
    def term(self) -> str:
        """What was done, in words."""
        return self.trusted("term").strip()

    @property
    def code(self) -> str:
        """The main code of the entry with its system."""
        return _code(self.trusted("code"), self.trusted("code_system"))

    @property
    def acts(self) -> tuple[str | None, ...]:
        """Value, consultation type, clinician and place; None where the cell is to blame."""
        return tuple(
            None if column in self.blame.faulty else _act(column, self.row.get(column, "")) for column in _IDENTITY
        )

    @property
    def is_vague(self) -> bool:
        """Whether more than one identity of an entry would fit."""
        return not self.blame.faulty.isdisjoint(_IDENTITY)


@lru_cache(1 << 10)
def blamed(reasons: str) -> Blame:
    """What a JSON array of reasons (`column: words`) blames; rows have few distinct ones."""
    given: list[str] = json.loads(reasons)
    named = {reason.partition(":")[0] for reason in given}
    if any(reason.endswith("before the date of birth") for reason in given):
        named.add("date_of_birth")  # One of the two is wrong, and nobody knows which.
    if "code" in named:
        named.add("code_system")
    return Blame(frozenset(named), OTHER_BIRTH_DATE in given, any(reason.startswith(_NOBODY) for reason in given))


# A list has few distinct codes, days and facts, and each may stand on a hundred thousand rows.
_day = lru_cache(1 << 12)(lambda text: cell.day(text)[0])
_number = lru_cache(1 << 12)(lambda text: cell.nhs_number(text)[0])


@lru_cache(1 << 12)
def _code(text: str, system: str) -> str:
    codes, _ = cell.codes(text, system, "")
    return str(codes[0]) if codes else ""


@lru_cache(1 << 12)
def _act(column: str, text: str) -> str:
    return (cell.organisation if column == "done_at" else cell.text)(text)[0]


@lru_cache(1 << 13)
def _fact(column: str, text: str) -> Any:
    """What a cell states of a patient, as `PatientFacts` has it; None for a blank cell."""
    if column in ("date_of_birth", "registered_on", "left_on", "died_on"):
        return cell.day(text)[0]
    if column in ("deceased", "housebound"):
        return {"yes": True, "no": False}.get(text.strip().casefold())
    if column == "registered_practice":
        return cell.organisation(text)[0] or None
    return (text.strip().casefold() if column in ("sex", "registration") else text.strip()) or None


def states(facts: PatientFacts, said: Said) -> bool:
    """Whether a row with these facts corrects a row that only describes its patient: the same, and the fault mended."""
    mended = (getattr(facts, column) for column in _FACTS if column in said.blame.faulty)
    return all(value not in ("", None) for value in mended) and all(
        getattr(facts, column) == value for column, value in said.facts.items()
    )


def folded(family: str, given: str, born: str) -> tuple[str, str, str]:
    """A person's names and birth date, for comparing."""
    return family.casefold(), given.casefold(), born


def may_be(text: str, day: date) -> bool:
    """Whether a broken date can have meant a day: its year and its month can still be read there."""
    numbers = [int(number) for number in re.findall(r"[0-9]{1,4}", text)]
    if day.year not in numbers:
        return False
    numbers.remove(day.year)
    return day.month in numbers or for_people(day)[3:6].casefold() in text.casefold()


# By the index on what no import has settled, in its order: nothing is sorted, and of no row is more read than is used.
KEPT = """
SELECT q.id, q.import_file_id, q.line, CASE WHEN q.cells IS NULL OR instr(q.reasons, '"row:') THEN q.raw ELSE '' END,
  q.cells, q.reasons, q.closed, q.occurrence, f.profile, f.columns,
  f.source_system, f.extracted_at,
  EXISTS (SELECT 1 FROM settlement s WHERE s.quarantine_id = q.id AND s.how = 'reopened')
FROM quarantine q CROSS JOIN import_file f ON f.id = q.import_file_id
WHERE q.settled_by IS NULL AND +q.closed = ? AND q.import_file_id BETWEEN ? AND ?
ORDER BY q.import_file_id, q.closed, q.id
"""


class Kept(NamedTuple):
    """A row in quarantine that no import has settled; `closed` when a person has.

    `occurrence` is how many rows like it a file must hold to hold this one too: those of its own file that were taken
    in, those like it that stand before it in quarantine, and itself. `raw` is its text where nothing else is known.
    """

    id: int
    file: int
    line: int
    raw: str
    cells: str | None
    reasons: str
    closed: int
    occurrence: int
    profile: str
    columns: str
    source_system: str
    extracted_at: str | None
    reopened: int

    def said(self) -> Said | None:
        """What of it can be trusted; None where nothing can."""
        if self.cells is None or blamed(self.reasons).trusts_nothing:
            return None
        return Said(dict(zip(_columns(self.columns), json.loads(self.cells), strict=False)), blamed(self.reasons))

    def very_row(self) -> bytes:
        """The same for rows that are the very same, whatever the file around them."""
        # A row whose cells may stand under wrong headings is known by its text.
        whole = self.cells is not None and not blamed(self.reasons).trusts_nothing
        parts = (self.profile, self.columns, self.cells or "") if whole else (self.profile, "", self.raw)
        return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def kept_before(store: Store, import_file: int) -> Iterator[Kept]:
    """The rows of earlier files: the open ones first, then those a person has closed; each file's in order."""
    return chain(_kept(store, 0, 0, import_file - 1), _kept(store, 1, 0, import_file - 1))


def kept_in(store: Store, import_file: int) -> Iterator[Kept]:
    """The rows of one file."""
    return chain(_kept(store, 0, import_file, import_file), _kept(store, 1, import_file, import_file))


def kept_open(store: Store) -> Iterator[Kept]:
    """Every row that waits for somebody, file by file."""
    return _kept(store, 0, 0, _NEWEST)


_NEWEST = (1 << 63) - 1
"""No file has a higher number."""


def _kept(store: Store, closed: int, first: int, last: int) -> Iterator[Kept]:
    return (Kept(*row) for row in store.connection.execute(KEPT, (closed, first, last)))


@lru_cache(1 << 8)
def _columns(columns: str) -> tuple[str, ...]:
    return tuple(json.loads(columns))
