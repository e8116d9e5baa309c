"""The options that every verb has, the values they are parsed to, and the bar that shows an import's progress."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from ..errors import Exit, LesError, UsageError, shows_exception_texts, with_cure
from .run import complain

if TYPE_CHECKING:
    from ..calendar import ClaimPeriod, Period
    from ..operations.imports import Advance
    from ..operations.many_stores import Reply
    from ..outputs import Answer
    from ..store import Store


T = TypeVar("T")

_WIDTH = 30
_PATIENCE_SECONDS = 0.5
_BETWEEN_SECONDS = 0.1
_MOST_DIGITS = 9
"""The digits of pounds that an option takes."""

KEPT = "and kept in the store with the reason"
"""What becomes of a record that was taken back."""

FORMATS = ("table", "json", "csv")

_WRITTEN_BY = {".ics": ("status", "recall"), ".eml": ("claim",), ".docx": ("recall",)}


class ProgressBar:
    """Draws one progress bar over all files or stores. It draws only on a terminal."""

    def __init__(self, *, wanted: bool) -> None:
        self._on = wanted and sys.stderr is not None and sys.stderr.isatty()
        # An import that ends at once needs no bar.
        self._next = monotonic() + _PATIENCE_SECONDS
        self._drawn = 0

    def __call__(self, advance: Advance) -> None:
        of = f" {advance.files_done:,} of {advance.files:,} files" if advance.files > 1 else ""
        self.draw(advance.share, f"{of} {advance.rows:>11,} rows")

    def draw(self, share: float, said: str) -> None:
        """Draw the bar filled to a share (0 to 1), with a text after it, unless it was drawn a moment ago."""
        if not self._on or monotonic() < self._next:
            return
        filled = round(_WIDTH * share)
        text = f"[{'#' * filled}{'.' * (_WIDTH - filled)}]{said}"
        sys.stderr.write(f"\r{text.ljust(self._drawn)}")
        sys.stderr.flush()
        self._drawn, self._next = len(text), monotonic() + _BETWEEN_SECONDS

    def clear(self) -> None:
        """Wipe the bar, so that the next print begins on a clean line."""
        if self._drawn:
            sys.stderr.write("\r" + " " * self._drawn + "\r")
            sys.stderr.flush()
        self._next, self._drawn = monotonic() + _PATIENCE_SECONDS, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """The shared options, as a verb receives them."""

    store_path: Path | None
    as_of: date
    format: str
    out: Path | None
    quiet: bool
    verbose: bool

    @property
    def path(self) -> Path:
        """The store's file: `--store`, else LES_STORE, else the per-user data folder."""
        return self.store_path or default_store()

    def open(self) -> Store:
        """Open the practice's store."""
        from ..store import open_store

        if self.verbose:
            self.tell(f"store {self.path}, asked on {self.as_of.isoformat()}")
        return open_store(self.path)

    def ready(self, verb: str) -> None:
        """Refuse an `--out` that cannot be written, or whose suffix this verb cannot write."""
        if self.out is not None:
            from ..outputs import check_out

            check_out(self.out)
            those = _WRITTEN_BY.get(self.out.suffix.lower(), (verb,))
            if verb not in those:
                raise UsageError(f"--out: that suffix is for `les {'` and `les '.join(those)}`", "choose another")

    def show(self, answer: Answer, code: int = Exit.DONE) -> None:
        """Print the answer, or write it to `--out`. `code` is the exit code the command will have."""
        from ..outputs import show

        if answer.identifiable:
            self.names_patients(answer.patients_shown, code)
        show(answer, format=self.format, out=self.out, quiet=self.quiet)

    def names_patients(self, patients: int, code: int = Exit.DONE) -> None:
        """Write the audit entry before patients are shown. Only a verb that does not use `show` calls this itself."""
        from .audit_entry import before_showing

        before_showing(patients, code)

    def reply(self, reply: Reply) -> int:
        """Show what a store replied, and return the exit code."""
        code = Exit.NEEDS_PERSON if reply.needs_person else Exit.DONE
        for line in reply.said:
            self.tell(line)
        if reply.answer is not None:
            self.show(reply.answer, code)
        for line in reply.failed:
            complain(line)
        return Exit.REFUSED if reply.answer is None else code

    def done(self, text: str) -> None:
        """Report that a verb has written: one line for the person, or with json, csv or `--out` the same as data."""
        if self.format == "table" and self.out is None:
            self.tell(text)
            return
        from ..outputs import Answer, Column, Grid

        data = {"schema": "les-done/1", "done": text}
        self.show(
            Answer(data=data, title=text, grids=(Grid(title="", columns=(Column("done", "Done"),), rows=((text,),)),))
        )

    def tell(self, text: str) -> None:
        """A message for the person, on stderr; none with `--quiet`."""
        if not self.quiet:
            complain(text)


def default_store() -> Path:
    """The store's file where no option names it."""
    named = os.environ.get("LES_STORE")
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("les", appauthor=False) / "practice.les"


def _common(
    *,
    store: Annotated[Path | None, typer.Option("--store", help="The practice's store.", metavar="FILE")] = None,
    as_of: Annotated[
        str, typer.Option("--as-of", help="The day to answer for; default: today in London.", metavar="DATE")
    ] = "",
    format_: Annotated[str, typer.Option("--format", help="table, json or csv.", metavar="FORMAT")] = "",
    json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write to FILE; its suffix chooses the format.", metavar="FILE")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing on success.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="More detail, but no identifiers.")] = False,
) -> Common:
    from ..calendar import today

    format_ = format_ or os.environ.get("LES_FORMAT") or FORMATS[0]
    if format_ not in FORMATS:
        raise UsageError("unknown --format", f"choose one of {', '.join(FORMATS)}")
    return Common(
        store_path=store,
        as_of=parse_day("--as-of", as_of) if as_of else today(),
        format="json" if json else format_,
        out=out,
        quiet=quiet,
        verbose=verbose,
    )


_COMMON = inspect.signature(_common, eval_str=True).parameters


def verb(function: Callable[..., int]) -> Callable[..., int]:
    """Make a function a verb: it receives `Common` first, and the common options are added to its own."""
    _, *own = inspect.signature(function, eval_str=True).parameters.values()
    # A verb that writes a folder has its own `out`.
    added = _COMMON.keys() - {one.name for one in own}

    def wrapper(context: typer.Context, **given: Any) -> int:
        options = {name: given.pop(name) for name in _COMMON if name in added}
        common = _common(**options)
        # Before anything is done: a command whose answer cannot be written must not change the store.
        common.ready(function.__name__)
        from .audit_entry import kept

        also = [name for name, value in options.items() if value != _COMMON[name].default]
        before = shows_exception_texts.set(common.verbose)
        try:
            return kept(common, context, given, also, lambda: function(common, **given))
        finally:
            shows_exception_texts.reset(before)

    # The parser reads the options of a verb from its signature.
    every = [*own, *(one for name, one in _COMMON.items() if name in added)]
    shown = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    parameters = [shown, *(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in every)]
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {one.name: one.annotation for one in parameters}
    wrapper.__module__, wrapper.__name__, wrapper.__doc__ = function.__module__, function.__name__, function.__doc__
    return wrapper


def parse_day(option: str, text: str) -> date:
    """A date option. UsageError names the option."""
    from ..calendar import parse_date
    from ..typed_dates import typed_day

    return _read(option, parse_date, typed_day(text), "write a day as 2026-05-31")


def _read(option: str, read: Callable[[str], T], text: str, otherwise: str) -> T:
    """The value that was typed. `otherwise` is the cure of a fault that does not say its own."""
    try:
        return read(text)
    except ValueError as fault:
        what, cure = with_cure(f"{option}: {fault}", otherwise)
        raise UsageError(what, cure) from None


def not_to_come(common: Common, option: str, day: date, what: str) -> None:
    """Refuse a day after `--as-of` for something that has already happened, such as a contact with a patient."""
    from ..calendar import for_people

    if day > common.as_of:
        raise LesError(
            f"{option} is after {for_people(common.as_of)}, the day asked on",
            f"give the day of {what}, or ask on a later day with --as-of",
        )


def parse_month(text: str, as_of: date) -> ClaimPeriod:
    """The value of `--month`: a month, quarter or year. It is read again in the contract year of each service."""
    from ..calendar import JANUARY, parse_claim_period
    from ..typed_dates import typed_month

    text = typed_month(text, as_of)

    with suppress(ValueError):
        return parse_claim_period(text, JANUARY)
    return _read("--month", parse_claim_period, text, "write it as 2026-05")


_PERIODS = "write a month as 2026-05, a contract year as 2026-27, or two dates as 2026-04-01..2026-06-30"


def parse_period(text: str, as_of: date) -> Period:
    """The value of `--period`."""
    from ..calendar import Period
    from ..typed_dates import typed_month

    return _read("--period", Period.parse, typed_month(text, as_of), _PERIODS)


def parse_reason(text: str, what: str = "it") -> str:
    """The value of `--reason`, which the store keeps for good. UsageError when it is empty or holds an NHS number."""
    from ..outputs import nhs_numbers_in

    if not text.strip():
        raise UsageError("--reason is empty", f"say why {what} is taken back")
    if nhs_numbers_in(text):
        raise UsageError("--reason holds an NHS number", "leave it out: the store knows whose it is")
    return text.strip()


def parse_patient(option: str, text: str) -> str:
    """A typed NHS number. The error does not repeat it."""
    from ..codes import parse_nhs_number

    return _read(option, parse_nhs_number, text, "check it against the record")


def parse_pence(option: str, text: str) -> int:
    """Typed pounds and pence, `240.00` or `£240.00`, as pence: at most nine digits of pounds."""
    from ..amounts import typed_pence

    whole, _, _ = text.partition(".")
    try:
        if sum(map(str.isdigit, whole)) <= _MOST_DIGITS:
            return typed_pence(text)
    except ValueError:
        pass
    raise UsageError(f"{option}: not an amount of pounds and pence", "write it as 240.00")
