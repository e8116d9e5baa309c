"""Profiles `emis` and `systmone`, and a practice's own columns: a report with a row for each entry of each patient.

No real report is public, so columns are recognised only by headings in a TOML file (`profiles/`), never by position.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import date
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from ...codes import mend_nhs_number
from ...errors import UnreadableFileError
from ..asides import TOTAL, Asides, is_patient
from ..delimited import DECIMAL_COMMAS_NOTE, Dialect, dialect_of, has_decimal_commas, pointed, records
from ..encoding import lines, shown
from ..les import TOO_FEW_CELLS, too_many_cells
from ..profile import Profile
from ..reading import COLUMNS, Reading, Row
from ..wording import TEXT
from ..zip_file import form_of
from .cells import read_cells, read_entry
from .layout import Group, Header, Layout, find_header, layout_of

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
