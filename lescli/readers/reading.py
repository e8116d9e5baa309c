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
    # Not promised in the CSV, and read in it: `yes` where nobody knows the day.
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
    # Not in the CSV: further codes of the same entry, `read2:42QE. local:EMISNQPR489`, space-separated.
    "other_codes",
)
"""The canonical columns (docs/how-to/the-les-csv.md); a profile maps whatever its file has onto these."""


MARKS = "marks"
"""A column of its own that bundles have beside `COLUMNS`: what an entry says against itself (model/record.py)."""

_ROWS = 250
_LONDON = ZoneInfo("Europe/London")


PATIENT_COLUMNS = COLUMNS[: COLUMNS.index("date")]
"""Those that say who an entry is about."""


class Row(NamedTuple):
    """One row of a file: its 1-based line (or its place in a bundle), its text as it stood, and its cells.

    `cells` stand in the order of `Reading.columns`. `fault` is the reason why the row cannot be trusted, `row: it has
    fewer cells than the header`, where the reader itself saw one; such a row belongs in quarantine whatever its cells.
    """

    line: int
    raw: str
    cells: tuple[str, ...]
    fault: str = ""


class Batch(NamedTuple):
    """Many rows as they stand in the file; blank ones and such as lack a cell may be among them.

    `places` tells for each of `Reading.columns` where in a row's cells it stands, and `row` gives one of them as a
    row, None for a blank one. With `joined` the first so many columns, all of them about the patient, stand in the
    first cell as they are in the file, with `delimiter` between them: they repeat together, and as one text they are
    known at one look.
    """

    lines: Sequence[int]
    raws: Sequence[str]
    cells: Sequence[Sequence[str]]
    places: tuple[int, ...]
    joined: int
    row: Callable[[int], Row | None]
    delimiter: str = ","

    def rows(self) -> Iterator[Row]:
        """All that are not blank."""
        return (row for place in range(len(self.cells)) if (row := self.row(place)))


def in_batches(reading: Reading) -> Iterator[Row | Batch]:
    """All rows of a reading, many at a time where that can be; a row with a fault comes alone."""
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
    """A file being read. Iterating `rows` raises UnreadableFileError when it cannot be read to its end.

    `extracted_at` is the moment the data is true on, `2026-11-05T09:14` (London time; with `in_utc` that of
    Greenwich), where the file says.
    `source_system` tells whose `source_id`s these are (the same id from two systems is two entries).
    `whole_record` is true where the file holds everything known of its patients, so that what a later extract no
    longer holds has been withdrawn. `left_out` counts what the file holds and `les` does not read, by kind, and
    `resources` what it does, where a file has kinds. Where `batches` is given it tells the same rows, many at a time;
    one of the two is iterated, once. `planning` is what the record asks for and plans, which is no activity. `asides`
    counts, while the rows go by, what stands among them and is none. `states` are the columns that
    the file itself has a place for: what it leaves out of them it leaves out, and of others it says nothing. `form` is
    what it was made of, one of `wording.FORMS`.
    `held_ids` are the `source_id`s of all entries in the file, read or not: none of them is missing from it.
    `former_numbers` are NHS numbers the patient had before. `whole_from` is the day from which on a record is whole
    ("" for all its days): what was recorded before it may be missing, and is not withdrawn.
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
        """Whether each row is looked at: for what a whole record no longer holds, and for marks."""
        return self.whole_record or MARKS in self.columns

    def made_on(self, as_of: date) -> date:
        """The day the file was made, as far as anybody can tell: where it does not say, that of the import."""
        if not self.extracted_at:
            return as_of
        moment = datetime.fromisoformat(self.extracted_at)
        return (moment.replace(tzinfo=UTC).astimezone(_LONDON) if self.in_utc else moment).date()
