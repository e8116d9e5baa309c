"""The commissioner's own form, a workbook, filled with a claim: only the cells that are named change."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from ...errors import LesError, did_you_mean
from ...model import ClaimForm, FormLines
from ...outputs.zip_package import packed

Values = Mapping[str, object]
"""What a form can take, by name: text, a date, a count, or pounds as a float. "" and None leave a cell as it is."""
_MONEY = ("total", "price", "amount")
_FORMATS = {"money": '"£"#,##0.00;-"£"#,##0.00', "date": "dd mmm yyyy"}
_FIELD = re.compile(r"\{([a-z_]+)\}")
_DRAWN = ("xl/media/", "xl/drawings/", "xl/charts/")
_MACROS = "xl/vbaProject.bin"
_ABOUT = "docProps/core.xml"
_TIMES = re.compile(rb"(<dcterms:(?:modified|created)[^>]*>)[^<]*")
_MOST_LINES = 200
_PREVIEW = "PREVIEW, not submitted"
_EXCEL = "save it in Excel as a workbook (.xlsx)"


def faults_of_form(template: bytes, form: ClaimForm) -> tuple[str, ...]:
    """Why a form cannot be filled, one line for each fault, with its key under `[submission.form]`."""
    try:
        book = _opened(template)
    except LesError as fault:
        return (f"template: {fault}",)
    return tuple(_faults(book, form))


def form_in(template: bytes) -> ClaimForm:
    """The form whose cells say themselves what they take, as `{total}`. LesError when none does."""
    book = _opened(template)
    cells: list[tuple[str, str]] = []
    in_lines: list[Any] = []
    lines: FormLines | None = None
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            _refuse_mixed(row)
            found = [(name, cell) for cell in row if (name := _field(cell.value))]
            cells += [(name, f"{sheet.title}!{cell.coordinate}") for name, cell in found if name not in LINE_VALUES]
            if of_lines := {name: cell for name, cell in found if name in LINE_VALUES}:
                lines = lines or _lines_from(sheet, of_lines)
                in_lines += [cell for name, cell in found if name in LINE_VALUES]
    if outside := next((cell for cell in in_lines if lines and not _is_in(lines, cell)), None):
        raise LesError(
            f"{outside.coordinate} of the form is outside the table that its first line begins", "empty that cell"
        )
    if unknown := next((name for name, _ in cells if name not in CLAIM_VALUES), ""):
        raise LesError(
            f"the form has {{{unknown}}}, which is nothing that a claim has",
            did_you_mean(unknown, CLAIM_VALUES) or f"write one of {', '.join(CLAIM_VALUES)}",
        )
    if not cells:
        raise LesError(
            "the form does not say which cell takes what, and neither does the service",
            "type {practice}, {month} and {total} into its empty cells in Excel, save it, and use that file",
        )
    return ClaimForm(template="", clause="", cells=tuple(cells), lines=lines)


def filled(template: bytes, form: ClaimForm, values: Values, lines: Sequence[Values], *, is_preview: bool) -> bytes:
    """The form with the claim in it, the same bytes for the same claim. LesError when it cannot take all of it."""
    book = _opened(template)
    if fault := next(_faults(book, form), ""):
        raise LesError(f"the form cannot be filled: {fault}", "put it right, and check it again")
    for name, place in form.cells:
        sheet, cell = _place(place)
        _write(book[sheet][cell], name, values.get(name))
    if form.lines is not None:
        _fill_lines(book[form.lines.sheet], form.lines, lines)
    if is_preview:
        for sheet in book.worksheets:
            sheet.oddHeader.center.text = _PREVIEW
    # A form may add up by itself. What it added up before is old now.
    book.calculation.fullCalcOnLoad = True
    content = io.BytesIO()
    book.save(content)
    return _same_bytes(content.getvalue())


def not_carried_over(template: bytes) -> str:
    """What the filled form has lost, in words; "" when nothing."""
    with zipfile.ZipFile(io.BytesIO(template)) as file:
        drawn = any(name.startswith(_DRAWN) for name in file.namelist())
    return "the form has pictures or drawings, such as a logo, and the filled one has none" if drawn else ""


CLAIM_VALUES = (
    "practice",
    "ods_code",
    "commissioner",
    "service",
    "contract_year",
    "month",
    "claim_id",
    "submit_by",
    "prepared_by",
    "authorised_by",
    "submitted_on",
    "chain_head",
    "total_quantity",
    "total",
)
LINE_VALUES = ("item", "activity_month", "quantity", "price", "amount")


def _opened(template: bytes) -> Any:
    # Imported here: only a form needs it.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(template)) as file:
            if _MACROS in file.namelist():
                raise LesError("the form holds macros", _EXCEL)
        return load_workbook(io.BytesIO(template))
    except LesError:
        raise
    except Exception:
        # openpyxl raises many kinds of error for a file that is damaged or of another kind.
        raise LesError("the form is not an Excel workbook, or it is damaged", _EXCEL) from None


def _faults(book: Any, form: ClaimForm) -> Iterator[str]:
    taken: dict[tuple[str, str], str] = {}
    for name, place in form.cells:
        sheet, cell = _place(place)
        yield from _faults_of_cell(book, f"cells.{name}", sheet, cell, taken)
    lines = form.lines
    if lines is None:
        return
    if lines.last_row < lines.first_row:
        yield "lines.last_row: it is above first_row; name a later row"
    elif lines.last_row - lines.first_row >= _MOST_LINES:
        yield f"lines.last_row: a form can take {_MOST_LINES} rows; name an earlier row"
    elif not lines.columns:
        yield "lines: it names no column; add one, such as item = `A`"
    elif lines.sheet not in book.sheetnames:
        yield f"lines.sheet: {_no_sheet(book, lines.sheet)}"
    else:
        for row in range(lines.first_row, lines.last_row + 1):
            for name, column in lines.columns:
                yield from _faults_of_cell(book, f"lines.{name}", lines.sheet, f"{column}{row}", taken)


def _faults_of_cell(book: Any, key: str, sheet: str, cell: str, taken: dict[tuple[str, str], str]) -> Iterator[str]:
    from openpyxl.cell.cell import MergedCell
    from openpyxl.utils import coordinate_to_tuple

    if sheet not in book.sheetnames:
        yield f"{key}: {_no_sheet(book, sheet)}"
        return
    row, column = coordinate_to_tuple(cell)
    if row > 1_048_576 or column > 16_384:
        yield f"{key}: a sheet has no cell {cell}"
        return
    if other := taken.get((sheet, cell)):
        yield f"{key}: {other} names {cell} too; name another cell"
        return
    taken[sheet, cell] = key
    found = book[sheet][cell]
    if isinstance(found, MergedCell):
        merged = next(one for one in book[sheet].merged_cells.ranges if cell in one)
        yield f"{key}: {cell} lies inside merged cells; name their first, {merged.start_cell.coordinate}"
    elif found.data_type == "f":
        yield f"{key}: {cell} holds a formula, which the form works out itself; leave {key.rpartition('.')[2]} out"
    elif found.value not in (None, "") and not _field(found.value):
        yield f"{key}: {cell} holds something already; name the empty cell beside it"


def _no_sheet(book: Any, name: str) -> str:
    return f"the form has no sheet `{name}`; it has {', '.join(f'`{one}`' for one in book.sheetnames)}"


def _place(place: str) -> tuple[str, str]:
    sheet, _, cell = place.rpartition("!")
    return (sheet[1:-1].replace("''", "'") if sheet[:1] == sheet[-1:] == "'" else sheet), cell


def _field(value: object) -> str:
    found = _FIELD.fullmatch(value.strip()) if isinstance(value, str) else None
    return found[1] if found else ""


def _lines_from(sheet: Any, found: Mapping[str, Any]) -> FormLines:
    """The table whose first row has the names: it goes down for as long as the cells of those columns are empty."""
    first = next(iter(found.values())).row
    last = first
    while last - first + 1 < _MOST_LINES and last < max(sheet.max_row, first) and _is_free(sheet, last + 1, found):
        last += 1
    columns = tuple((name, cell.column_letter) for name, cell in found.items())
    return FormLines(sheet=sheet.title, first_row=first, last_row=last, columns=columns)


def _refuse_mixed(row: Iterable[Any]) -> None:
    """A field beside other words in one cell would stay as it is, and the form would look filled."""
    for cell in row:
        if isinstance(cell.value, str) and not _field(cell.value):
            for name in _FIELD.findall(cell.value):
                if name in CLAIM_VALUES or name in LINE_VALUES:
                    raise LesError(
                        f"{cell.coordinate} of the form has more in it than {{{name}}}",
                        f"put {{{name}}} into a cell by itself",
                    )


def _is_in(lines: FormLines, cell: Any) -> bool:
    columns = [column for _, column in lines.columns]
    on_sheet = cell.parent.title == lines.sheet
    return on_sheet and lines.first_row <= cell.row <= lines.last_row and cell.column_letter in columns


def _is_free(sheet: Any, row: int, found: Mapping[str, Any]) -> bool:
    from openpyxl.cell.cell import MergedCell

    cells = [sheet.cell(row, cell.column) for cell in found.values()]
    # A label such as "Total" to the left of the table ends it too.
    return not any(cell.value and not _field(cell.value) for cell in sheet[row]) and not any(
        isinstance(one, MergedCell) for one in cells
    )


def _fill_lines(sheet: Any, form: FormLines, lines: Sequence[Values]) -> None:
    room = form.last_row - form.first_row + 1
    if len(lines) > room:
        raise LesError(
            f"the form has room for {room} lines and the claim has {len(lines)}",
            "add rows to the table of the form, or fill in the rest by hand from the workbook of `les claim`",
        )
    for row, line in enumerate(_padded(lines, room), start=form.first_row):
        for name, column in form.columns:
            _write(sheet[f"{column}{row}"], name, line.get(name))


def _padded(lines: Sequence[Values], room: int) -> Iterable[Values]:
    return (*lines, *({} for _ in range(room - len(lines))))


def _write(cell: Any, name: str, value: object) -> None:
    """One value in the form's own style. A text is never a formula, whatever it begins with."""
    kind = "date" if isinstance(value, date) else "money" if name in _MONEY and value not in (None, "") else ""
    kept = cell.number_format
    if value in (None, ""):
        # The name of what the cell would take must not stay on the form.
        if _field(cell.value):
            cell.value = None
        return
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    cell.number_format = _FORMATS[kind] if kind and kept in ("General", "@") else kept


def _same_bytes(content: bytes) -> bytes:
    """The workbook without the time of its making, which openpyxl writes into it."""
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        parts = {name: made.read(name) for name in made.namelist()}
    parts[_ABOUT] = _TIMES.sub(rb"\g<1>2000-01-01T00:00:00Z", parts[_ABOUT])
    return packed(parts)
