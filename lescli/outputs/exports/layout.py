"""The layout of each file that another program takes, read from layouts.toml, and the file as bytes."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from ...errors import LesError, UsageError, did_you_mean
from ..answer import Answer, Column, Grid, Kind
from ..csv_text import csv_file
from ..xlsx import xlsx
from .letters import Letter, letters, shipped_template

_DAY = "%d/%m/%Y"
"""How a day is written in the files of other programs: day first, as the clinical systems print it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One kind of file: its columns as (header, name of the value), and the most rows that one file may have.

    `spreadsheet` is true for a file that a person opens, false for one that only a program reads.
    `document` is true for letters, which have a template in place of columns.
    """

    kind: str
    title: str
    source: str
    seen: str
    columns: tuple[tuple[str, str], ...]
    most_rows: int | None = None
    note: str = ""
    spreadsheet: bool = False
    document: bool = False
    letter: Letter | None = None

    def lettered(self, template: Path | None, *, large: bool, today: date) -> Layout:
        """The layout of letters with their template: the practice's own, else the one that ships.

        UsageError when the file is no template, or when the kind has none.
        """
        if not self.document:
            if template or large:
                raise UsageError("--template and --large-print go with --for letters", "leave them out")
            return self
        if template and large:
            raise UsageError("--large-print is a form of our own letter", "give --template or --large-print")
        if template and (template.suffix.lower() != ".docx" or not template.is_file()):
            raise UsageError("--template: there is no such .docx file", "check its name")
        content = template.read_bytes() if template else shipped_template(large=large)
        return replace(self, letter=Letter(template=content, today=today))

    def corrected(self, headers: Iterable[str]) -> Layout:
        """The layout with headers that a practice corrected, each as `KIND: OLD = NEW`. LesError for an unknown one."""
        columns = list(self.columns)
        for given in headers:
            kind, colon, change = given.partition(":")
            old, equals, new = (part.strip() for part in change.partition("="))
            if not (colon and equals and new):
                raise LesError(
                    "setting.export_headers is not KIND: OLD = NEW", "write accurx-web: NHS number = NHS no."
                )
            if kind.strip() != self.kind:
                continue
            known = [header for header, _ in columns]
            if old not in known:
                hint = did_you_mean(old, known) or f"there are {', '.join(known)}"
                raise LesError(f"setting.export_headers: {self.kind} has no such column", hint)
            columns[known.index(old)] = (new, columns[known.index(old)][1])
        return replace(self, columns=tuple(columns))


@cache
def layouts() -> Mapping[str, Layout]:
    """Every kind of file by its name."""
    data = tomllib.loads(files(__package__).joinpath("layouts.toml").read_text(encoding="utf-8"))
    return {
        kind: Layout(
            kind=kind,
            title=row["title"],
            source=row["source"],
            seen=row["seen"],
            columns=tuple((column["header"], column["value"]) for column in row.get("columns", ())),
            most_rows=row.get("most_rows"),
            note=row.get("note", ""),
            spreadsheet=row.get("spreadsheet", False),
            document=row.get("document", False),
        )
        for kind, row in data.items()
    }


def export_files(layout: Layout, rows: Sequence[Mapping[str, object]], out: Path, title: str) -> dict[Path, bytes]:
    """The files of an export by their paths: one, or FILE-1, FILE-2 and so on where one may not hold all rows.

    UsageError when the suffix is none that the kind can have.
    """
    suffixes = (".docx",) if layout.document else (".csv", ".xlsx") if layout.spreadsheet else (".csv",)
    if out.suffix.lower() not in suffixes:
        raise UsageError(f"--out: a file for {layout.kind} ends in {' or '.join(suffixes)}", "choose another name")
    if layout.letter:
        return {out: letters(layout.letter, rows)}
    most = layout.most_rows or max(len(rows), 1)
    parts = [rows[start : start + most] for start in range(0, len(rows), most)] or [rows]
    if len(parts) == 1:
        return {out: _bytes(layout, parts[0], out, title)}
    return {
        path: _bytes(layout, part, path, title)
        for number, part in enumerate(parts, start=1)
        for path in [out.with_name(f"{out.stem}-{number}{out.suffix}")]
    }


def _bytes(layout: Layout, rows: Sequence[Mapping[str, object]], out: Path, title: str) -> bytes:
    if layout.spreadsheet:
        columns = tuple(Column(header, header, _kind(value)) for header, value in layout.columns)
        cells = tuple(tuple(row[value] for _, value in layout.columns) for row in rows)
        answer = Answer(data={}, title=title, grids=(Grid(title="Patients", columns=columns, rows=cells),))
        if out.suffix.lower() == ".xlsx":
            return xlsx(answer)
        # A column that says so would become a field of the merge.
        return csv_file(answer)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([header for header, _ in layout.columns])
    for row in rows:
        writer.writerow([_plain(row[value]) for _, value in layout.columns])
    return text.getvalue().encode("utf-8")


def _kind(value: str) -> Kind:
    if value in ("date_of_birth", "due_on"):
        return Kind.DATE
    return Kind.CODE if value in ("nhs_number", "practice_telephone") else Kind.TEXT


def _plain(value: object) -> str:
    return value.strftime(_DAY) if isinstance(value, date) else "" if value is None else str(value)
