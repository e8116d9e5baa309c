"""The rows in quarantine, and the trustworthy cells of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import Any, NamedTuple

from ...readers import cells as cell
from ...readers.reading import PATIENT_COLUMNS
from ...readers.row_check import BEFORE_BIRTH, PatientFacts, is_source_id
from ..database.connection import Store
from ..intake.result import OTHER_BIRTH_DATE, UNKNOWN_PATIENT

_NOBODY = UNKNOWN_PATIENT.partition(";")[0]  # The cure after the semicolon differs by the kind of file.
_FACTS = PATIENT_COLUMNS[1:]
_IDENTITY = ("value", "consultation_type", "clinician", "done_at")


class Blame(NamedTuple):
    """The cells of a row that its reasons put at fault.

    With `doubtful` the NHS number is another person's unless the family name agrees as well. A row that `waits` is
    without fault, and no file has described its patient yet. With `before_birth` the only fault of the date is that it
    is before the date of birth.
    """

    faulty: frozenset[str]
    doubtful: bool
    waits: bool
    before_birth: bool

    @property
    def trusts_nothing(self) -> bool:
        """Whether the cells may be under the wrong headings."""
        return "row" in self.faulty


class Said(NamedTuple):
    """What one row states: its cells by column, and which of them are at fault.

    The properties give values as the store spells them, and "" where the cell is blank or at fault.
    """

    row: Mapping[str, str]
    blame: Blame

    def trusted(self, column: str) -> str:
        """The cell of a column; "" where it is at fault."""
        return "" if column in self.blame.faulty else self.row.get(column, "")

    @property
    def is_entry(self) -> bool:
        """Whether the row is about an entry, and not about its patient alone."""
        return any(self.row.get(column, "").strip() for column in ("date", "code", "source_id"))

    @property
    def source_id(self) -> str:
        """The id of the entry."""
        source_id = self.trusted("source_id").strip()
        return source_id if is_source_id(source_id) else ""

    @property
    def number(self) -> str:
        """The NHS number. A row that waits has a valid one, although its reason names that column."""
        return _number(self.row.get("nhs_number", "") if self.blame.waits else self.trusted("nhs_number"))

    @property
    def people(self) -> tuple[str, str, str] | None:
        """Family name, given name and birth date, folded; None unless all three can be trusted."""
        family, given, born = (
            _fact(name, self.trusted(name)) for name in ("family_name", "given_name", "date_of_birth")
        )
        return folded(family, given, born.isoformat()) if family and given and born else None

    @property
    def facts(self) -> dict[str, Any]:
        """What the row states of its patient, by column, with the values of `PatientFacts`."""
        stated = {column: _fact(column, self.trusted(column)) for column in _FACTS}
        return {column: value for column, value in stated.items() if value is not None}

    @property
    def day(self) -> str:
        """The day of the entry, as ISO text."""
        day = _day(self.trusted("date"))
        return day.isoformat() if day else ""

    @property
    def recorded_on(self) -> str:
        """The day the entry was recorded, as ISO text."""
        day = _day(self.trusted("recorded_on"))
        return day.isoformat() if day else ""

    @property
    def term(self) -> str:
        """The term: what was done, in words."""
        return self.trusted("term").strip()

    @property
    def code(self) -> str:
        """The main code of the entry with its system."""
        return _code(self.trusted("code"), self.trusted("code_system"))

    @property
    def acts(self) -> tuple[str | None, ...]:
        """Value, consultation type, clinician and place; None where the cell is at fault."""
        return tuple(
            None if column in self.blame.faulty else _act(column, self.row.get(column, "")) for column in _IDENTITY
        )

    @property
    def is_identified(self) -> bool:
        """Whether the trusted cells hold all that identifies an entry without an id."""
        return bool(self.day and self.code) and self.blame.faulty.isdisjoint({"code_system", *_IDENTITY})

    def with_its_date(self) -> Said:
        """The row with its date trusted, where the date of birth alone speaks against it."""
        if not self.blame.before_birth:
            return self
        return self._replace(blame=self.blame._replace(faulty=self.blame.faulty - {"date"}))


@lru_cache(1 << 10)
def blamed(reasons: str) -> Blame:
    """The blame of a JSON array of reasons (`column: words`); cached because few arrays are distinct."""
    given: list[str] = json.loads(reasons)
    named = {reason.partition(":")[0] for reason in given}
    before_birth = BEFORE_BIRTH in given
    if any(reason.endswith("before the date of birth") for reason in given):
        named.add("date_of_birth")  # One of the two is wrong, and the row does not show which.
    if "code" in named:
        named.add("code_system")
    return Blame(
        faulty=frozenset(named),
        doubtful=OTHER_BIRTH_DATE in given,
        waits=any(reason.startswith(_NOBODY) for reason in given),
        before_birth=before_birth and sum(reason.startswith("date:") for reason in given) == 1,
    )


# Cached: a list has few distinct codes, days and facts, and each may be on a hundred thousand rows.
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
    """The value of a patient cell, as in `PatientFacts`; None for a blank cell."""
    if column in ("date_of_birth", "registered_on", "left_on", "died_on"):
        return cell.day(text)[0]
    if column in ("deceased", "housebound"):
        return {"yes": True, "no": False}.get(text.strip().casefold())
    if column == "registered_practice":
        return cell.organisation(text)[0] or None
    return (text.strip().casefold() if column in ("sex", "registration") else text.strip()) or None


def states(facts: PatientFacts, said: Said) -> bool:
    """Whether accepted facts correct a row that only describes its patient: equal, and the fault corrected."""
    mended = (getattr(facts, column) for column in _FACTS if column in said.blame.faulty)
    return all(value not in ("", None) for value in mended) and all(
        getattr(facts, column) == value for column, value in said.facts.items()
    )


def folded(family: str, given: str, born: str) -> tuple[str, str, str]:
    """A person's names and birth date, made equal in case so that they can be compared."""
    return family.casefold(), given.casefold(), born


# Reads in the order of the index on unsettled rows, so that nothing is sorted. `raw` is read only where it is used.
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
    """A row in quarantine that no import has settled. `closed` is 1 when a person has closed it.

    `occurrence` is how many equal entries a newer file must hold before this row counts as corrected: the accepted ones
    of its own file, those of equal rows before it in quarantine, and its own. `raw` is the text of the row where the
    cells cannot be used, else "".
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
        """What the row states in cells that can be trusted; None where no cell can."""
        if self.cells is None or blamed(self.reasons).trusts_nothing:
            return None
        return Said(dict(zip(_columns(self.columns), json.loads(self.cells), strict=False)), blamed(self.reasons))

    def very_row(self) -> bytes:
        """A digest that is equal for equal rows of one profile, in whichever file."""
        # A row whose cells may be under the wrong headings is compared by its text.
        whole = self.cells is not None and not blamed(self.reasons).trusts_nothing
        parts = (self.profile, self.columns, self.cells or "") if whole else (self.profile, "", self.raw)
        return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def kept_before(store: Store, import_file: int) -> Iterator[Kept]:
    """The rows of earlier files: first the open ones, then those that a person closed; in the order of their files."""
    return chain(_kept(store, 0, 0, import_file - 1), _kept(store, 1, 0, import_file - 1))


def kept_in(store: Store, import_file: int) -> Iterator[Kept]:
    """The rows of one file."""
    return chain(_kept(store, 0, import_file, import_file), _kept(store, 1, import_file, import_file))


def kept_open(store: Store) -> Iterator[Kept]:
    """Every open row, file by file."""
    return _kept(store, 0, 0, _NEWEST)


_NEWEST = (1 << 63) - 1
"""No file has a higher number."""


def _kept(store: Store, closed: int, first: int, last: int) -> Iterator[Kept]:
    return (Kept(*row) for row in store.connection.execute(KEPT, (closed, first, last)))


@lru_cache(1 << 8)
def _columns(columns: str) -> tuple[str, ...]:
    return tuple(json.loads(columns))
