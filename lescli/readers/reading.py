"""What every profile gives the import: rows of text under the column names of the `les` activity CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from .asides import Asides
    from .planned import Planning

COLUMNS = (
    "nhs_number",
    "family_name",
    "given_name",
    "date_of_birth",
    "sex",
    "registered_practice",
    "registration",
    "registered_on",
    "left_on",
    "died_on",
    # Not listed in the CSV's how-to, but read: `yes` where the day of death is not known.
    "deceased",
    "housebound",
    "date",
    "code",
    "code_system",
    "term",
    "value",
    "unit",
    "consultation_type",
    "clinician",
    "done_at",
    "recorded_on",
    "source_id",
    # Not in the CSV: further codes of the same entry, separated by spaces: `read2:42QE. local:EMISNQPR489`.
    "other_codes",
)
"""The canonical columns (docs/how-to/the-les-csv.md). A profile maps its file's columns onto these."""


MARKS = "marks"
"""A column that only bundles have, beside `COLUMNS`: the marks of an entry (model/record.py)."""

_ROWS = 250
_LONDON = ZoneInfo("Europe/London")


PATIENT_COLUMNS = COLUMNS[: COLUMNS.index("date")]
"""The columns that describe the patient."""


class Row(NamedTuple):
    """One row of a file: its line from 1 (or its place in a bundle), its original text, and its cells.

    `cells` are in the order of `Reading.columns`. `fault` is a reason that the reader itself found why the row cannot
    be trusted, such as `row: it has fewer cells than the header`. A row with a fault goes to quarantine whatever its
    cells.
    """

    line: int
    raw: str
    cells: tuple[str, ...]
    fault: str = ""


class Batch(NamedTuple):
    """Many rows of a file at once. Some may be blank or lack a cell.

    `places` gives for each of `Reading.columns` its place in a row's cells. `row` gives one of them as a Row, None for
    a blank one. With `joined` the first `joined` columns, all about the patient, are one cell as in the file, with
    `delimiter` between them: they repeat together, and comparing one text is faster than comparing all.
    """

    lines: Sequence[int]
    raws: Sequence[str]
    cells: Sequence[Sequence[str]]
    places: tuple[int, ...]
    joined: int
    row: Callable[[int], Row | None]
    delimiter: str = ","

    def rows(self) -> Iterator[Row]:
        """All rows that are not blank."""
        return (row for place in range(len(self.cells)) if (row := self.row(place)))


def in_batches(reading: Reading) -> Iterator[Row | Batch]:
    """All rows of a reading, in batches where possible. A row with a fault comes alone."""
    return reading.batches if reading.batches is not None else _grouped(reading.rows, len(reading.columns))


def _grouped(rows: Iterable[Row], width: int) -> Iterator[Row | Batch]:
    held: list[Row] = []
    for row in rows:
        if row.fault or len(row.cells) != width:
            yield row
            continue
        held.append(row)
        if len(held) == _ROWS:
            yield _batch(held, width)
            held = []
    if held:
        yield _batch(held, width)


def _batch(rows: list[Row], width: int) -> Batch:
    lines, raws, cells, _ = zip(*rows, strict=True)
    return Batch(lines, raws, cells, tuple(range(width)), 0, rows.__getitem__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A file being read. Iterating `rows` raises UnreadableFileError when the file cannot be read to its end.

    `extracted_at` is the moment the data describes, `2026-11-05T09:14`, where the file gives it. It is London time, or
    UTC with `in_utc`.

    `source_system` says which system gave the `source_id`s. The same id from two systems is two entries.

    `whole_record` is true where the file has everything known of its patients: what a later export leaves out was then
    withdrawn. `whole_from` is the day from which the record is whole, "" for all days. What was recorded before it may
    be missing and is not withdrawn.

    `left_out` counts by kind what the file has and `les` does not read. `resources` counts by kind what it reads.

    `batches`, where given, has the same rows many at a time. Iterate one of the two, once.

    `planning` has the requests and planned work, which are not activity.

    `asides` counts the lines that are not data rows, while the rows are iterated.

    `states` are the columns the file has a place for. A blank there means "none"; of other columns the file says
    nothing.

    `form` is the kind of file, one of `wording.FORMS`.

    `held_ids` are the `source_id`s of all entries in the file, read or not: none of them is missing from it.

    `former_numbers` are NHS numbers the patient had before.
    """

    profile: str
    columns: tuple[str, ...]
    rows: Iterator[Row]
    extracted_at: str | None = None
    source_system: str = ""
    whole_record: bool = False
    ignored_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    resources: tuple[tuple[str, int], ...] = ()
    batches: Iterator[Row | Batch] | None = None
    planning: Planning | None = None
    asides: Asides | None = None
    form: str = "text"
    states: frozenset[str] = frozenset()
    in_utc: bool = False
    held_ids: frozenset[str] = frozenset()
    former_numbers: tuple[str, ...] = ()
    whole_from: str = ""

    @property
    def one_by_one(self) -> bool:
        """Whether the import must look at each row: for entries missing from a whole record, and for marks."""
        return self.whole_record or MARKS in self.columns

    def made_on(self, as_of: date) -> date:
        """The day the file was made. Where the file does not say, the day of the import."""
        if not self.extracted_at:
            return as_of
        moment = datetime.fromisoformat(self.extracted_at)
        return (moment.replace(tzinfo=UTC).astimezone(_LONDON) if self.in_utc else moment).date()
