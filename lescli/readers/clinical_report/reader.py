"""Profiles `emis` and `systmone`, and a practice's own columns: a report with a row for each entry of each patient.

No real report is public, so columns are recognised only by headings in a TOML file (`profiles/`), never by position.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from ...codes import mend_nhs_number, unwrapped
from ...errors import UnreadableFileError
from .. import cells as cell
from ..asides import TOTAL, Asides, is_patient
from ..cells import token
from ..delimited import DECIMAL_COMMAS_NOTE, Dialect, dialect_of, has_decimal_commas, pointed, records
from ..encoding import lines, shown
from ..les import TOO_FEW_CELLS, too_many_cells
from ..profile import CODE_KINDS, DATES, Profile, folded
from ..reading import COLUMNS, Reading, Row
from ..row_check import born_on, is_short
from ..wording import TEXT
from ..zip_file import form_of
from .layout import Group, Header, Layout, Places, find_header, iso_date, layout_of

# `72 mL/min`, `>90 mL/min/1.73 m2`, `120/80 mmHg`, `45%`. Not `3a` or `2nd`: without a space only `%` and units with a
# slash, such as `mL/min`, can be told from a word.
_NUMBER = r"[<>]?=?\s*[+-]?[0-9]+(?:[.,/][0-9]+)?"
_MEASURED = re.compile(rf"({_NUMBER})(?:\s+(\S.*)|(%|[A-Za-zµμ]+/\S.*))")
_ONE_WORD = re.compile(r"[^\W\d_%°µμ]*[A-Za-z%°µμ][^\s,;:()]*")
_LONGEST_UNIT = 30


# A report has few distinct dates and values, but each may be on a hundred thousand rows.
_iso_date = lru_cache(1 << 15)(iso_date)


def read_cells(cells: list[str], places: Places, profile: Profile, run_on: date | None) -> dict[str, str]:
    """Each column's first cell that is not blank, translated and with its dates in ISO form.

    A date of birth keeps its two-digit year where the other dates of the row do not show its century.
    """
    found: dict[str, str] = {}
    year_end = run_on.replace(month=12, day=31) if run_on else None
    for column, candidates in places.items():
        texts = (unwrapped(cells[place]) for _, place in candidates if place < len(cells))
        text = next(filter(None, texts), "")
        if column in DATES:
            # A letter may have a date later than the report, up to the end of the year. No entry or registration is a
            # hundred years old, so that decides its century. A birth may be, so the report's day alone does not decide
            # the century of a birth.
            text = _iso_date(text, None if column == "date_of_birth" else year_end)
        found[column] = profile.translated(column, text)
    if is_short(found.get("date_of_birth", "")):
        found["date_of_birth"] = _birth(found, run_on)
    if not found.get("given_name") and ", " in found.get("family_name", ""):
        found["family_name"], _, found["given_name"] = found["family_name"].partition(", ")
    return found


def _birth(found: dict[str, str], run_on: date | None) -> str:
    """The ISO date of birth where registration, death and the day of the report leave only one; else the text."""
    registered, left, died = (cell.day(found.get(column, ""))[0] for column in ("registered_on", "left_on", "died_on"))
    # A patient who left or died may have done so a hundred years ago, but nobody is born after the report ran.
    born = born_on(found["date_of_birth"], (registered, left, died), ran_on=None if left or died else run_on)
    return born.isoformat() if born and (run_on is None or born <= run_on) else found["date_of_birth"]


def read_entry(cells: list[str], group: Group, profile: Profile, run_on: date | None) -> dict[str, str]:
    """The les columns of one entry; {} when the group has neither date nor code on this row."""
    found = read_cells(cells, group.places, profile, run_on)
    named = found.pop("code_system", "")
    codes = [
        (named or _system(code, profile) if kind == "code" else kind, code)
        for kind in CODE_KINDS
        if (code := found.pop(kind, ""))
    ]
    if not codes and not found.get("date") and not (profile.withdraws and found.get("source_id")):
        return {}
    if codes:
        (found["code_system"], found["code"]), *others = codes
        found["other_codes"] = " ".join(token(*other) for other in others)
    if "done_at" in group.places and profile.blank_done_at:
        # Where the report has this column, a blank cell means that the entry came from another practice's record.
        found["done_at"] = found["done_at"] or profile.blank_done_at
    if profile.units is not None:
        found["value"], found["unit"] = measured(found.get("value", ""), found.get("unit", ""), profile.units)
    return found


@lru_cache(1 << 14)
def measured(value: str, unit: str, several_words: frozenset[str]) -> tuple[str, str]:
    """Split a value from the unit printed after it: `72 mL/min` -> `72`, `mL/min`.

    A text that only begins with a number stays whole (`3 weeks overdue`), and so does one whose unit contradicts the
    unit column. `several_words` are the units of more than one word, folded.
    """
    split = _MEASURED.fullmatch(value)
    if split is None:
        return value, unit
    number, behind = split[1].strip(), (split[2] or split[3]).strip()
    words = behind.split()
    is_unit = (
        len(behind) <= _LONGEST_UNIT
        and _ONE_WORD.fullmatch(words[0]) is not None
        and (len(words) == 1 or "/" in words[0] or folded(behind) in several_words)
    ) or folded(behind) in several_words
    if not is_unit or (unit and folded(unit) != folded(behind)):
        return value, unit
    return number, unit or behind


def _system(code: str, profile: Profile) -> str:
    """The system of a code in a column headed `Code`: only SNOMED CT ids are all digits and have six or more."""
    return "snomed" if len(code) >= 6 and code.isascii() and code.isdigit() else profile.other_codes_are


NO_PATIENT_ABOVE = "row: its patient cells are blank and no patient's row is above it"
BAD_PATIENT_ABOVE = "row: its patient cells are blank and the row above with the patient cannot be trusted"
NO_PATIENT = "row: its patient cells are blank, so its patient is not known"
NOTHING_CODED = "row: its patient cells are blank and no entry on it has a date or a code"
TWO_NUMBERS = "row: its columns give two different NHS numbers"

Record = tuple[int, str, list[str]]


def read_report(path: Path, profile: Profile) -> Reading:
    """Read a report's lines above the table and its headings. Its rows follow as the reading is iterated.

    `extracted_at` is the moment in the `Last Run` line (London time), where there is one. One line of the file gives a
    row for each group of columns that has a date or code on it. Raises UnreadableFileError when there are no headings,
    and while iterating when the file is cut off.
    """
    header, layout, source = open_report(path, profile)
    asides = Asides(
        path,
        profile,
        header.headings,
        [place for _, place in layout.patient["nhs_number"]],
        [cells for _, cells in header.above],
    )
    # Every EMIS report has lines above its table, so they are not counted as titles.
    for line, _ in () if profile.banner else header.above:
        asides.title(line)
    values = [place for group in layout.groups for _, place in group.places.get("value", ())]
    dialect = dialect_of(path, profile)
    with_commas = values if has_decimal_commas(path, dialect, values) else []
    if with_commas:
        source = ((line, raw, pointed(cells, with_commas)) for line, raw, cells in source)
    return Reading(
        profile=profile.name,
        columns=COLUMNS,
        rows=_rows(path, source, layout, profile, header.run, asides, too_many_cells(dialect.delimiter)),
        form=form_of(path) or TEXT,
        asides=asides,
        states=layout.states,
        extracted_at=header.run,
        source_system="" if profile.name == "les" else profile.name,
        ignored_columns=layout.ignored,
        notes=(
            *notes_of(header, layout, profile),
            *_limit_note(path, header, profile),
            *((DECIMAL_COMMAS_NOTE,) if with_commas else ()),
        ),
    )


def open_report(path: Path, profile: Profile) -> tuple[Header, Layout, Generator[Record, None, None]]:
    """A report's headings as they are in the file, their meaning, and the records below them."""
    source = _records(path, dialect_of(path, profile))
    try:
        header = find_header(path, source, profile)
        _check_above(path, header, profile)
        return header, layout_of(path, header, profile), source
    except UnreadableFileError:
        # Windows cannot remove an open file, and this one may be a temporary copy.
        source.close()
        raise


def _check_above(path: Path, header: Header, profile: Profile) -> None:
    for line, cells in () if profile.banner else header.above:
        if is_patient(cells):
            raise UnreadableFileError(
                f"{shown(path)}, line {line}: no known header: a patient's row is above the headings",
                "put the headings above all rows",
            )


def _records(path: Path, dialect: Dialect) -> Generator[Record, None, None]:
    yield from records(path, dialect)


def notes_of(header: Header, layout: Layout, profile: Profile) -> tuple[str, ...]:
    """What a person should know about a report from its headings alone."""
    notes = []
    if profile.run and not header.run:
        notes.append("the report does not say when it ran: two-digit years cannot be read")
    notes += [
        f"{f'the columns of `{group.name}`' if group.name else group.span} hold no code: add the SNOMED CT Concept ID "
        "to the report"
        for group in layout.groups
        if not group.has_code
    ]
    if profile.continues and len(layout.patient_places) == 1 and layout.groups:
        notes.append(
            "it identifies patients by NHS number alone: a row of somebody without one would go to the patient above; "
            "add Date of Birth to the report"
        )
    if profile.separator and len(layout.groups) > 1:
        notes.append(
            "an entry that is repeated on several rows of a patient, beside other groups of columns, is read once"
        )
    return tuple(notes)


def _limit_note(path: Path, header: Header, profile: Profile) -> tuple[str, ...]:
    most = profile.row_limit
    if not most or sum(1 for line in islice(lines(path), header.line, header.line + most + 1) if line.strip()) != most:
        return ()
    return (f"it has exactly {most:,} rows, which may be all that is exported at once: run it for shorter periods",)


def _rows(
    path: Path,
    source: Iterator[Record],
    layout: Layout,
    profile: Profile,
    run: str | None,
    asides: Asides,
    too_many: str,
) -> Iterator[Row]:
    run_on = date.fromisoformat(run[:10]) if run else None
    numbers = [place for _, place in layout.patient["nhs_number"]]
    facts: dict[str, str] = {}
    above = NO_PATIENT_ABOVE
    once = _SeenEntries(layout) if profile.separator and len(layout.groups) > 1 else None
    for line, raw, cells in source:
        if not any(cell.strip() for cell in cells):
            continue
        if aside := asides.kind(line, cells):
            # A page may end in the middle of a patient. After a total, it is unknown which patient a row belongs to.
            above = NO_PATIENT_ABOVE if aside == TOTAL else above
            continue
        text = raw.rstrip("\r\n")
        fault = _fault(path, line, raw, cells, layout, too_many)
        blank = not any(cells[place].strip() for place in layout.patient_places if place < len(cells))
        if blank and not profile.continues:
            fault = fault or NO_PATIENT
        elif not blank:
            facts = read_cells(cells, layout.patient, profile, run_on)
            fault = fault or _two_numbers(cells, numbers)
            above = BAD_PATIENT_ABOVE if fault else ""
        fault = fault or above
        if fault:
            yield Row(line, text, _canonical({} if blank and not profile.continues else facts), fault)
            continue
        groups = layout.groups if once is None else once.new(cells, facts["nhs_number"])
        entries = [entry for group in groups if (entry := read_entry(cells, group, profile, run_on))]
        for entry in entries:
            yield Row(line, text, _canonical({**facts, **entry}))
        if not entries and not blank:
            yield Row(line, text, _canonical(facts))
        elif not entries and any(_has_content(cells, group) for group in layout.groups):
            yield Row(line, text, _canonical(facts), NOTHING_CODED)


class _SeenEntries:
    """Finds entries that were already read.

    Where reports are joined, each entry is repeated beside every entry of the other report. Remembering them takes some
    hundred bytes an entry. SystmOne exports some ten thousand rows at most.
    """

    def __init__(self, layout: Layout) -> None:
        self.seen: set[bytes] = set()
        self.of: list[tuple[Group, list[int]]] = []
        for group in layout.groups:
            places = {place for many in group.places.values() for _, place in many}
            # The unknown columns of a joined report also tell its entries apart.
            places |= {each.place for each in layout.columns if group.name and each.group == group.name}
            self.of.append((group, sorted(places)))

    def new(self, cells: list[str], number: str) -> list[Group]:
        """The groups whose entry on this row is new."""
        found = []
        for at, (group, places) in enumerate(self.of):
            told = "\x1f".join([str(at), number, *(cells[place].strip() for place in places if place < len(cells))])
            key = blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            if key not in self.seen:
                self.seen.add(key)
                found.append(group)
        return found


def _two_numbers(cells: list[str], places: list[int]) -> str:
    if len(places) < 2:
        return ""
    found = {cells[place].strip() for place in places if place < len(cells)} - {""}
    return TWO_NUMBERS if len(found) > 1 and len({_mended(each) for each in found}) > 1 else ""


def _mended(cell: str) -> str:
    try:
        return mend_nhs_number(cell)
    except ValueError:
        return cell


def _fault(path: Path, line: int, raw: str, cells: list[str], layout: Layout, too_many: str) -> str:
    if len(cells) < layout.least:
        if not raw.endswith(("\n", "\r")):
            raise UnreadableFileError(
                f"{shown(path)}, line {line}: truncated row: the file ends in the middle of it",
                "the export was cut short; run it again",
            )
        return TOO_FEW_CELLS
    return too_many if any(cell.strip() for cell in cells[layout.most :]) else ""


def _has_content(cells: list[str], group: Group) -> bool:
    """Whether a group of columns that can hold an entry has a cell on this row that is not blank."""
    if "date" not in group.places and not group.has_code:
        return False
    places = (place for candidates in group.places.values() for _, place in candidates)
    return any(cells[place].strip() for place in places if place < len(cells))


def _canonical(by_column: dict[str, str]) -> tuple[str, ...]:
    return tuple(by_column.get(column, "") for column in COLUMNS)
