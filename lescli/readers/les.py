"""Profile `les`: the activity CSV that any system can be made to write. Each row is an entry or a patient."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from pathlib import Path

from ..errors import UnreadableFileError
from .asides import Asides, is_patient
from .delimited import DECIMAL_COMMAS_NOTE, Chunk, chunks, dialect_of, has_decimal_commas, pointed
from .encoding import ascii_safe, shown
from .profile import built_in
from .reading import COLUMNS, PATIENT_COLUMNS, Batch, Reading, Row
from .wording import TEXT
from .zip_file import form_of

CSV_COLUMNS = tuple(column for column in COLUMNS if column != "other_codes")
"""The columns a file may have. `other_codes` is for bundles and not a CSV column."""

_MOST_ABOVE = 1_000
TOO_MANY_CELLS = "row: it has more cells than the header (an unquoted comma?)"
_ONE_TOO_MANY = {"\t": "tab", ";": "semicolon", "|": "vertical bar"}
TOO_FEW_CELLS = "row: it has fewer cells than the header"


def too_many_cells(delimiter: str) -> str:
    """The reason why a row with more cells than the header is quarantined, with the delimiter that may be unquoted."""
    return TOO_MANY_CELLS.replace("comma", _ONE_TOO_MANY.get(delimiter, "comma"))


def folded(heading: str) -> str:
    """A heading without case, spaces, underscores and hyphens: `NHS Number ` and `nhs_number` are the same column."""
    return "".join(letter for letter in heading.casefold() if letter not in " _-\t\n\r\xa0")


KNOWN = {folded(column): column for column in CSV_COLUMNS}


def read_les(path: Path) -> Reading:
    """Read the header of a `les` CSV. Its rows follow as the reading is iterated.

    Raises UnreadableFileError for a file without a known header or with the same column twice. While iterating it
    raises it when the last row is cut off or the text is not RFC 4180.
    """
    dialect = dialect_of(path, built_in("les"))
    source = chunks(path, dialect)
    header, above, rest = _header(source)
    places, ignored = _match(path, header)
    asides = Asides(path, built_in("les"), header, [places["nhs_number"]], [cells for _, cells in above])
    for line, _ in above:
        asides.title(line)
    values = [places["value"]] if "value" in places else []
    with_commas = values if has_decimal_commas(path, dialect, values) else []
    batches = _Rows(path, header, places, asides, with_commas, dialect.delimiter).batches(chain(rest, source))
    return Reading(
        profile="les",
        form=form_of(path) or TEXT,
        columns=tuple(places),
        states=frozenset(places),
        rows=_one_by_one(batches),
        batches=batches,
        asides=asides,
        ignored_columns=ignored,
        notes=(DECIMAL_COMMAS_NOTE,) if with_commas else (),
    )


def _header(source: Iterator[Chunk]) -> tuple[list[str], list[tuple[int, list[str]]], list[Chunk]]:
    """The headings, the rows above them with their lines, and the rest of the chunk the headings were in.

    Where no row is a known header, or a patient's row comes before it, the first row that is not blank is returned as
    the headings, and `_match` refuses it.
    """
    above: list[tuple[int, list[str]]] = []
    for chunk in source:
        for place, record in enumerate(chunk.cells):
            if not any(cell.strip() for cell in record):
                continue
            known = {folded(cell) for cell in record} & KNOWN.keys()
            if "nhsnumber" in known and (not above or len(known) > 1):
                rest = chunk.after(place)
                return record, above, [rest] if rest.raws else []
            above.append((chunk.lines[place], record))
            if is_patient(record) or len(above) == _MOST_ABOVE:
                return above[0][1], [], []
    return (above[0][1] if above else []), [], []


def _match(path: Path, header: list[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Canonical column -> its place in the file, and the headings that are not known."""
    places: dict[str, int] = {}
    ignored: list[str] = []
    seen: set[str] = set()
    for place, heading in enumerate(header):
        name = folded(heading)
        if not name:
            continue
        if name in seen:
            # It is unknown which of the two should count, so the file is refused.
            column = f" `{KNOWN[name]}`" if name in KNOWN else f" (column {place + 1})"
            raise UnreadableFileError(f"{shown(path)}: the header has a column twice:{column}", "remove one of them")
        seen.add(name)
        if name in KNOWN:
            places[KNOWN[name]] = place
        else:
            ignored.append(ascii_safe(heading.strip())[:60])
    if "nhs_number" not in places:
        raise UnreadableFileError(
            f"{shown(path)}: no known header: the first row must name the columns, nhs_number among them",
            "the columns are listed in the how-to on the les CSV",
        )
    return places, tuple(ignored)


class _Rows:
    """The rows of one file below its header. The values at `with_commas` have decimal commas."""

    def __init__(
        self,
        path: Path,
        header: list[str],
        places: Mapping[str, int],
        asides: Asides,
        with_commas: Sequence[int],
        delimiter: str,
    ) -> None:
        self._path = path
        self._places = tuple(places.values())
        self._pick = _picker(self._places)
        self._most = len(header)
        self._asides = asides
        self._too_many = too_many_cells(delimiter)
        self._with_commas = with_commas
        # A comma at the end of the header names no column, so rows need not have it.
        self._least = max((place for place, heading in enumerate(header) if heading.strip()), default=-1) + 1
        patient = {places[column] for column in PATIENT_COLUMNS if column in places}
        together = patient == set(range(len(patient))) and self._least == self._most and not with_commas
        self._joined = len(patient) if together and len(patient) > 1 else 0

    def batches(self, source: Iterable[Chunk]) -> Iterator[Row | Batch]:
        """All rows, a batch for each chunk."""
        return (self._joined_batch(chunk) or self._batch(chunk) for chunk in source)

    def _joined_batch(self, chunk: Chunk) -> Batch | None:
        """A batch whose patient cells stay one text: only the cells after them are split off, from the right."""
        plain = chunk.plain
        behind = self._most - self._joined
        if plain is None or not self._joined:
            return None
        cells = [line.rsplit(chunk.delimiter, behind) for line in plain]
        if min(map(len, cells)) <= behind:
            return None

        def row(place: int) -> Row | None:
            return self._row(chunk.lines[place], chunk.raws[place], plain[place].split(chunk.delimiter))

        return Batch(chunk.lines, chunk.raws, cells, self._places, self._joined, row, chunk.delimiter)

    def _batch(self, chunk: Chunk) -> Batch:
        whole = chunk.cells
        if self._with_commas:
            whole = [pointed(cells, self._with_commas) for cells in whole]
        # A row with too few or too many cells is checked by itself, as is every row with blank cells.
        cells = [one if self._least <= len(one) <= self._most else [""] * self._most for one in whole]

        def row(place: int) -> Row | None:
            return self._row(chunk.lines[place], chunk.raws[place], whole[place])

        return Batch(chunk.lines, chunk.raws, cells, self._places, 0, row)

    def _row(self, line: int, raw: str, cells: list[str]) -> Row | None:
        count = len(cells)
        if not any(cell.strip() for cell in cells):
            return None
        if self._asides.kind(line, cells):
            return None
        text = raw.rstrip("\r\n")
        if count < self._least:
            if not raw.endswith(("\n", "\r")):
                raise UnreadableFileError(
                    f"{shown(self._path)}, line {line}: truncated row: the file ends in the middle of it",
                    "the export was cut short; run it again",
                )
            return Row(line, text, self._pick([*cells, *[""] * (self._most - count)]), TOO_FEW_CELLS)
        extra = any(cell.strip() for cell in cells[self._most :])
        return Row(line, text, self._pick(cells), self._too_many if extra else "")


def _one_by_one(batches: Iterator[Row | Batch]) -> Iterator[Row]:
    for each in batches:
        if isinstance(each, Batch):
            yield from each.rows()
        else:
            yield each


def _picker(places: tuple[int, ...]) -> Callable[[list[str]], tuple[str, ...]]:
    if places == tuple(range(len(places))):
        end = len(places)
        return lambda cells: tuple(cells[:end])
    if len(places) == 1:
        only = places[0]
        return lambda cells: (cells[only],)
    return itemgetter(*places)
