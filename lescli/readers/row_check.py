"""A row of text becomes a checked row, or all the reasons why it cannot be trusted. This is the same for every profile.

It also checks the order of the dates in a file, and finds the century of a two-digit year of birth.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from ..calendar import EARLIEST_YEAR, age_on
from ..codes import unwrapped
from ..errors import UnreadableFileError
from ..model import Code
from . import cells as cell
from .cells import TIMES_NOTE, TWO_DIGIT_YEAR, Memo, day_of, parted
from .encoding import shown
from .reading import COLUMNS, MARKS, PATIENT_COLUMNS, Row

NOT_YET = "it is after the day the file was made"

LONGEST_LIFE = 120
"""Years. Nobody in England is known to have lived longer. This bound is our own and only decides the century."""

_SLASHED = re.compile(r"\s*([0-9]{1,2})[/.]([0-9]{1,2})[/.][0-9]{2}(?:[0-9]{2})?(?![0-9])")

_PATIENT = PATIENT_COLUMNS[1:]
ENTRY_COLUMNS = ("code", "code_system", "other_codes", "term", "unit", "consultation_type", "clinician", "done_at")
_BLANK = ("",)
_MAX_SOURCE_ID = 200
_SHORT_BIRTH = f"date_of_birth: {cell.NO_CENTURY}"
BEFORE_BIRTH = "date: it is before the date of birth"
_DIES_LATER = (
    "a date of death is after the day the file was made: it counts from that date, so check that the year is right"
)
_SPOILT = frozenset("#0123456789")  # The first characters of `1.23457E+17` and `#N/A`.


def contradictions(days: Mapping[str, date | None], died_by: date | None, made_on: date) -> Iterator[tuple[str, str]]:
    """(column, what is wrong) for dates that contradict each other.

    `died_by` is the last day on which the death may have been. A registration or a departure may be planned, so it may
    be in the future. A death in the future is somebody's slip, which is noted and counts from its day.
    """
    if _after(days["registered_on"], days["left_on"]):
        yield "left_on", "it is before registered_on"
    if _after(days["registered_on"], died_by) and not _after(days["date_of_birth"], died_by):
        yield "registered_on", "it is after died_on"
    for column, day in (("registered_on", days["registered_on"]), ("left_on", days["left_on"]), ("died_on", died_by)):
        if _after(days["date_of_birth"], day):
            yield column, "it is before the date of birth"
    if _after(days["date_of_birth"], made_on):
        yield "date_of_birth", NOT_YET


def _after(first: date | None, second: date | None) -> bool:
    return first is not None and second is not None and first > second


def born_on(cell: str, known: Iterable[date | None], *, ran_on: date | None = None) -> date | None:
    """The only date of birth that fits what is known; None where none fits, or more than one.

    `known` are days on which the patient was alive: registered, left, died, seen. `ran_on` is when the report ran, for
    a patient who is not known to have left or died.
    """
    days = [day for day in known if day is not None]
    days += [ran_on] if ran_on else []
    if not days:
        return None
    fits = [born for born in _candidates(cell) if born <= min(days) and age_on(born, max(days)) <= LONGEST_LIFE]
    return fits[0] if len(fits) == 1 else None


def is_short(cell: str) -> bool:
    """Whether a cell is a date with a two-digit year."""
    return TWO_DIGIT_YEAR.fullmatch(parted(cell.strip()).day) is not None


def _candidates(cell: str) -> Iterator[date]:
    text = parted(cell.strip()).day
    found = TWO_DIGIT_YEAR.fullmatch(text)
    for century in range(EARLIEST_YEAR // 100, 21) if found else ():
        try:
            yield day_of(f"{text[:-2]}{century}{text[-2:]}")
        except ValueError:
            continue


class DateOrder:
    """Whether the dates of one file are day first. `line` has the first date that can only be month first."""

    def __init__(self) -> None:
        self.line = 0
        self._month_first = False
        self._day_first = False
        self._either = False

    def look(self, cell: str) -> None:
        """Take one more cell with a date into account."""
        found = _SLASHED.match(cell)
        if found is None:
            return
        first, second = int(found[1]), int(found[2])
        self._day_first = self._day_first or first > 12 >= second
        self._month_first = self._month_first or second > 12 >= first
        self._either = self._either or (first != second and max(first, second) <= 12)

    def stand(self, line: int) -> None:
        """Note the line of a refused row: the first date that is month first is in such a row."""
        if self._month_first and not self.line:
            self.line = line

    def confirm(self, path: Path) -> None:
        """Refuse a file with a month-first date, no day-first date, and dates that could be either.

        Raises UnreadableFileError.
        """
        if self._month_first and self._either and not self._day_first:
            raise UnreadableFileError(
                f"{shown(path)}, line {self.line}: its dates are month first, so days may be taken for months",
                "export dates as 31-May-2026 or 2026-05-31; if that one date is a slip, correct it at its source",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientFacts:
    """What one row says of its patient; "" and None where it says nothing.

    `died_in` is the first and the last day of the month or year of death, where only that is known. Rows with the same
    patient cells share one object, so `is` shows cheaply that nothing changed since the last row.
    """

    family_name: str
    given_name: str
    date_of_birth: date | None
    sex: str
    registered_practice: str
    registration: str
    registered_on: date | None
    left_on: date | None
    died_on: date | None
    deceased: bool | None
    housebound: bool | None
    died_in: tuple[date, date] | None = None


class CheckedRow(NamedTuple):
    """A row whose cells are all well-formed. `codes` is empty and `day` None where the row only describes the patient.

    Use `isinstance(checked, CheckedRow)` to tell it from reasons: both are tuples. (A frozen dataclass takes four times
    as long to make, 2 of the 5 microseconds a row may take.)

    `withdraws` is true for a row with a `source_id` and neither date nor code: that entry is no longer in the record.
    `done_at` is an ODS code, `elsewhere` (another practice, and the file does not say which) or "".
    """

    nhs_number: str
    patient: PatientFacts
    day: date | None
    codes: tuple[Code, ...]
    term: str
    value: str
    unit: str
    consultation_type: str
    clinician: str
    done_at: str
    recorded_on: date | None
    source_id: str
    withdraws: bool
    marks: tuple[str, ...] = ()


Entry = tuple[tuple[Code, ...], str, str, str, str, str]
"""What repeats from entry to entry: codes, term, unit, consultation_type, clinician, done_at."""


class RowCheck:
    """The checks for one file, compiled for its columns. Call it with each row.

    Files have up to a million rows, so what repeats from row to row (a patient's cells; an entry's codes, term and
    place) is checked once as a whole and remembered. A row that is remembered in full costs 3 to 4 microseconds. The
    store, not this class, knows whether the patient exists. No date of an entry may be after `made_on`.
    """

    def __init__(self, columns: tuple[str, ...], made_on: date = date.max) -> None:
        # A missing column points at the blank cell that is added to the end of every row.
        places = {name: columns.index(name) if name in columns else len(columns) for name in COLUMNS}
        self._width = len(columns)
        self._made_on = made_on
        self._marks = columns.index(MARKS) if MARKS in columns else None
        self._patient_cells = itemgetter(*(places[name] for name in _PATIENT))
        self._entry_cells = itemgetter(*(places[name] for name in ENTRY_COLUMNS))
        self._other_cells = itemgetter(
            *(places[name] for name in ("nhs_number", "date", "code", "value", "recorded_on", "source_id"))
        )
        self.order = DateOrder()
        self._has_times = self._dies_later = False
        self._days = Memo(self._day, 1 << 15)
        self._numbers = Memo(cell.nhs_number, 1 << 16)
        self._values = Memo(cell.text, 1 << 15)
        self._patients = Memo(self._patient, 1 << 14)
        self._entries = Memo(_entry, 1 << 14)

    def __call__(self, row: Row) -> CheckedRow | tuple[str, ...]:
        """The checked row, or every reason (`column: words`) why it goes to quarantine. A reason never has an
        identifier.
        """
        if row.fault or len(row.cells) != self._width:
            return (row.fault or "row: its number of cells differs from the header",)
        padded = row.cells + _BLANK
        number_cell, day_cell, code_cell, value_cell, recorded_cell, source = self._other_cells(padded)
        number, bad_number = self._numbers[number_cell]
        patient, bad_patient = self._patients[self._patient_cells(padded)]
        entry, bad_entry = self._entries[self._entry_cells(padded)]
        day, bad_day = self._days[day_cell]
        value, bad_value = self._values[value_cell]
        recorded_on, bad_recorded = self._days[recorded_cell]
        codes, term, unit, consultation_type, clinician, done_at = entry
        if bad_patient and day is not None and _SHORT_BIRTH in bad_patient:
            patient, bad_patient = self._patient(self._patient_cells(padded), day)
        born = patient.date_of_birth
        source = source.strip()
        reasons = bad_patient + bad_entry
        if bad_number or bad_day or bad_value or bad_recorded:
            named = {"nhs_number": bad_number, "date": bad_day, "value": bad_value, "recorded_on": bad_recorded}
            reasons += tuple(f"{column}: {fault}" for column, fault in named.items() if fault)
        if source and not is_source_id(source):
            fault = cell.spoilt_id(source) or f"it must have at most {_MAX_SOURCE_ID} printable characters"
            reasons += (f"source_id: {fault}",)
        if day is None:
            if not bad_day and (codes or unwrapped(code_cell)):
                reasons += ("date: there is a code and no date",)
        elif not codes and not unwrapped(code_cell):
            reasons += ("code: there is a date and no code",)
        elif born is not None and day < born:
            reasons += (BEFORE_BIRTH,)
        elif day > self._made_on:
            reasons += (f"date: {NOT_YET}",)
        if reasons:
            self.order.stand(row.line)
            return reasons
        withdraws = day is None and source != ""
        return CheckedRow(
            number, patient, day, codes, term, value, unit, consultation_type, clinician, done_at, recorded_on, source,
            withdraws, () if self._marks is None else tuple(row.cells[self._marks].split()),
        )  # fmt: skip

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about the cells read so far, once for the whole file."""
        return (*((TIMES_NOTE,) if self._has_times else ()), *((_DIES_LATER,) if self._dies_later else ()))

    def entry(self, cells: tuple[str, ...]) -> Entry | None:
        """The values of the cells of `ENTRY_COLUMNS`; None where there is no code or something is wrong."""
        entry, bad = self._entries[cells]
        return entry if entry[0] and not bad else None

    def day(self, cell: str) -> str:
        """The ISO date of an entry; "" for a blank or wrong cell."""
        day, bad = self._days[cell]
        return day.isoformat() if day is not None and not bad and day <= self._made_on else ""

    def value(self, cell: str) -> str | None:
        """The text of a cell; None for a wrong one."""
        value, bad = self._values[cell]
        return None if bad else value

    def _day(self, text: str) -> tuple[date | None, str]:
        found = cell.day(text)
        self.order.look(unwrapped(text))
        # `_days` remembers each distinct cell, so this runs about once for each.
        self._has_times = self._has_times or (found[0] is not None and parted(unwrapped(text)).behind != "")
        return found

    def _patient(self, cells: tuple[str, ...], seen_on: date | None = None) -> tuple[PatientFacts, tuple[str, ...]]:
        family, given, born, sex, practice, registration, registered, left, died, deceased, housebound = cells
        faults: dict[str, str] = {}
        days: dict[str, date | None] = {}
        words: dict[str, str] = {}
        died_in = cell.month_or_year(died)
        dates = {
            "date_of_birth": born,
            "registered_on": registered,
            "left_on": left,
            "died_on": "" if died_in else died,
        }
        for column, text in dates.items():
            days[column], faults[column] = self._days[text]
        died_by = died_in[1] if died_in else days["died_on"]
        alive = {"registered_on": days["registered_on"], "left_on": days["left_on"], "died_on": died_by}
        if faults["date_of_birth"] == cell.NO_CENTURY and (
            told := born_on(unwrapped(born), (*alive.values(), seen_on))
        ):
            days["date_of_birth"], faults["date_of_birth"] = told, ""
        words["family_name"], faults["family_name"] = cell.text(family)
        words["given_name"], faults["given_name"] = cell.text(given)
        words["sex"], faults["sex"] = cell.word(sex, cell.SEXES)
        words["registered_practice"], faults["registered_practice"] = cell.organisation(practice)
        words["registration"], faults["registration"] = cell.word(registration, cell.REGISTRATIONS)
        at_home, faults["housebound"] = cell.word(housebound, cell.YES_NO)
        dead, faults["deceased"] = cell.word(deceased, cell.YES_NO)
        faults |= contradictions(days, died_by, self._made_on)
        died_first = died_in[0] if died_in else days["died_on"]
        self._dies_later = self._dies_later or bool(died_first and died_first > self._made_on)
        if dead == "no" and (died_in or days["died_on"]):
            faults["deceased"] = "it says no, but there is a date of death"
        facts = PatientFacts(
            family_name=words["family_name"],
            given_name=words["given_name"],
            date_of_birth=days["date_of_birth"],
            sex=words["sex"],
            registered_practice=words["registered_practice"],
            registration=words["registration"],
            registered_on=days["registered_on"],
            left_on=days["left_on"],
            died_on=days["died_on"],
            deceased=None if not dead else dead == "yes",
            housebound=None if not at_home else at_home == "yes",
            died_in=died_in,
        )
        return facts, tuple(f"{column}: {faults[column]}" for column in _PATIENT if faults[column])


def is_source_id(text: str) -> bool:
    """Whether a text can be the id that a clinical system gave an entry."""
    return text.isprintable() and len(text) <= _MAX_SOURCE_ID and not (text[:1] in _SPOILT and cell.spoilt_id(text))


def _entry(cells: tuple[str, ...]) -> tuple[Entry, tuple[str, ...]]:
    code, system, others, *texts, place = cells
    codes, bad_code = cell.codes(code, system, others)
    (term, bad_term), (unit, bad_unit), (consultation, bad_consultation), (clinician, bad_clinician) = map(
        cell.text, texts
    )
    done_at, bad_place = cell.organisation(place)
    faults = {
        "code": bad_code,
        "term": bad_term,
        "unit": bad_unit,
        "consultation_type": bad_consultation,
        "clinician": bad_clinician,
        "done_at": bad_place,
    }
    entry = (codes, term, unit, consultation, clinician, done_at)
    return entry, tuple(f"{column}: {fault}" for column, fault in faults.items() if fault)
