"""What `les month` shows: its answer, the index page of its folder, and the list of the folder's files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..calendar import ClaimPeriod, days_in_words, for_people
from ..outputs import Answer, Column, Grid, Kind, Section, counted, pounds
from .inbox import Imported

PREVIEWED, SUBMITTED, ALREADY = "previewed", "submitted", "already-submitted"
NOTHING, NEEDS_PERSON, FAILED = "nothing", "needs-a-person", "failed"
LIST = "checksums.txt"
INDEX = "index.html"


@dataclass(slots=True, kw_only=True)
class ServiceMonth:
    """What became of one service.

    `period` is what its claim is for, and `files` are made for it. `why` says what a person has to do, or why there is
    nothing to claim. `notes` are what its claim says beside that. `was_refused` is true when something that was asked
    for could not be done, and `has_address` when the claim has somebody to go to. `patients` are those whom the files
    name.
    """

    service: str
    status: str
    period: str = ""
    total_pence: int = 0
    check: int = 0
    deadline: str | None = None
    why: str = ""
    notes: tuple[str, ...] = ()
    files: dict[str, bytes]
    patients: frozenset[str] = frozenset()
    was_refused: bool = False
    has_address: bool = False

    @property
    def needs_person(self) -> bool:
        """Whether a person must do something before all that was asked for is done."""
        return self.was_refused or self.status in (FAILED, NEEDS_PERSON)

    def refuse(self, why: str) -> None:
        """Note something that could not be done. A claim that is in the ledger stays told as submitted."""
        self.was_refused = True
        self.ask(why)

    def ask(self, why: str) -> None:
        """Note something that a person must look at."""
        self.why = "; ".join(filter(None, (self.why, why)))
        if self.status in (PREVIEWED, NOTHING):
            self.status = NEEDS_PERSON


def month_answer(
    month: ClaimPeriod,
    as_of: date,
    months: Sequence[ServiceMonth],
    imported: Sequence[Imported],
    folder: Path,
) -> Answer:
    """The answer of docs/reference/json.md, and one line for each service on the terminal."""
    data: dict[str, Any] = {
        "schema": "les-month/1",
        "month": str(month),
        "as_of": as_of.isoformat(),
        "imported": [one.data for one in imported],
        "services": [
            {
                "service": one.service,
                "status": one.status,
                "total_pence": one.total_pence,
                "check": one.check,
                "deadline": one.deadline,
                "files": [str(folder / name) for name in one.files],
                **({"why": one.why} if one.why else {}),
            }
            for one in months
        ],
        "index": str(folder / INDEX),
    }
    return Answer(data=data, title=_title(month, as_of), grids=(_grid(months),))


def _title(month: ClaimPeriod, as_of: date) -> str:
    return f"The month {month}, as of {for_people(as_of)}"


_COLUMNS = (
    Column("service", "Service"),
    Column("status", "Status"),
    Column("total_pence", "Total", Kind.PENCE),
    Column("check", "To put right", Kind.COUNT),
    Column("deadline", "Submit by", Kind.MOMENT),
)


def _grid(months: Sequence[ServiceMonth]) -> Grid:
    rows = tuple(tuple(getattr(one, column.name) for column in _COLUMNS) for one in months)
    return Grid(title="Services", columns=_COLUMNS, rows=rows, empty="no contract is recorded and none is in force")


def _shown_status(status: str) -> str:
    # The folder is the same whether this command submitted the claim or one before it did.
    return SUBMITTED if status == ALREADY else status


def list_of_files(files: Mapping[str, bytes]) -> bytes:
    """The file by which the next run knows the folder as its own, and whether a person has changed something in it.

    It is as `sha256sum` writes and checks it.
    """
    return "".join(f"{sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()


def listed_in(text: str) -> dict[str, str]:
    """The names and digests of such a file; ValueError when it is none."""
    lines = [line.split("  ", 1) for line in text.splitlines()]
    if not lines or any(len(line) != 2 for line in lines):
        raise ValueError
    return {name: digest for digest, name in lines}


_ROWS = "-rows-identifiable.xlsx"
_FILES = (Column("file", "File", Kind.LINK), Column("what", "What it is"))
_REFUSED = (Column("file", "File"), Column("why", "Why it was refused"))
_NOTES = (Column("service", "Service"), Column("note", "What its claim says"))


def index_page(
    month: ClaimPeriod,
    as_of: date,
    months: Sequence[ServiceMonth],
    together: ServiceMonth,
    warnings: Sequence[str],
    refused: Sequence[tuple[str, str]],
    *,
    is_most: bool,
) -> Answer:
    """The page to begin with: what needs a person first, then each service with its files.

    It says nothing of what this very run did: a run that was killed, and the one after it, write the same page. With
    `is_most` two services would be paid for the same work, so the sum is the most that can come.
    """
    by_deadline = sorted(months, key=lambda one: one.deadline or "9999")
    waits = [f"{one.service}: {line}" for one in (*by_deadline, together) for line in _waits(one)]
    waits += [f"{counted(len(refused), 'file', 'files')} of the inbox refused: see below"] if refused else []
    total = pounds(sum(one.total_pence for one in months))
    shown = [replace(one, status=_shown_status(one.status)) for one in months]
    nothing = tuple(f"{one.service}: nothing, because {one.why}." for one in months if one.status == NOTHING)
    names = [*together.files, *(name for one in months for name in one.files)]
    private = [name for name in names if _names_patients(name)]
    notes = tuple((one.service, note) for one in months for note in one.notes if note != one.why)
    sections = [
        Section(heading="Needs a person", text=(*waits, *warnings) or ("Nothing.",)),
        Section(
            heading="Claims",
            text=(f"Together {'at most ' if is_most else ''}{total}.", *_to_submit(by_deadline, as_of), *nothing),
            grid=replace(_grid(shown), title="Each service"),
        ),
        Section(
            heading="Files that name nobody",
            text=("Check and sign the claims. Nothing was sent.",),
            grid=_files("To send or to keep", [name for name in names if name not in private]),
        ),
        Section(
            heading="Files that name patients",
            text=("These are identifiable. Keep them inside the practice.",),
            grid=_files("Identifiable", private),
        ),
    ]
    if notes:
        sections.append(Section(heading="Notes", grid=Grid(title="By service", columns=_NOTES, rows=notes)))
    if refused:
        grid = Grid(title="Each file and its reason", columns=_REFUSED, rows=tuple(refused))
        text = ("Put them right and lay them into the inbox again, then delete them here.",)
        sections.append(Section(heading="Refused files of the inbox", text=text, grid=grid))
    return Answer(data={}, title=_title(month, as_of), grids=(), sections=tuple(sections))


def _waits(one: ServiceMonth) -> tuple[str, ...]:
    """What a person must do for a service; a claim that is submitted may still have activities to put right."""
    right = ""
    if one.check:
        right = f"{counted(one.check, 'activity', 'activities')} to put right: {one.service}{_ROWS} says how"
    return tuple(filter(None, (one.why if one.status != NOTHING else "", right)))


def _to_submit(months: Sequence[ServiceMonth], as_of: date) -> Iterator[str]:
    """A line for each claim with money that is not submitted, with the command that submits it."""
    for one in months:
        if one.status in (PREVIEWED, NEEDS_PERSON) and one.total_pence:
            day = date.fromisoformat(one.deadline) if one.deadline else None
            until = f" by {for_people(day)} ({days_in_words(day, as_of)})" if day else ""
            command = f"`les claim {one.service} --month {one.period} --submit --by NAME`"
            yield f"{one.service}: not submitted yet. Submit {pounds(one.total_pence)}{until} with {command}."


def _files(title: str, names: Sequence[str]) -> Grid:
    rows = tuple((name, next((what for ending, what in _KINDS if name.endswith(ending)), "")) for name in names)
    return Grid(title=title, columns=_FILES, rows=rows, empty="no file")


def _names_patients(name: str) -> bool:
    return Path(name).stem.endswith("-identifiable")


_KINDS = (
    ("-claim.xlsx", "the claim, to check and sign"),
    ("-claim.json", "the claim for other programs"),
    ("-claim.eml", "a draft e-mail to the commissioner"),
    ("-report.html", "the report of the month"),
    (_ROWS, "every activity with its reason"),
    ("-recalls-identifiable.xlsx", "who is due"),
    ("-worklist-identifiable.html", "who is to be rung for any service, to print, with boxes to tick"),
    ("-call-list-identifiable.xlsx", "the same to fill in; `les invite --load` takes it back"),
)
