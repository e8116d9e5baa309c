"""The errors that a user sees, each with its exit code: one line that says what is wrong, where, and how to cure it.

A message never contains an identifier (name, NHS number, date of birth), because it reaches screens, logs and help
desks.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from enum import IntEnum

shows_exception_texts: ContextVar[bool] = ContextVar("les_shows_exception_texts", default=False)
"""Whether a plugin's fault is reported with the exception's text, identifiers masked. `-v` turns it on."""


class Exit(IntEnum):
    """The exit codes of docs/reference/exit-codes.md."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NEEDS_PERSON = 3
    LOCKED = 4
    INTERRUPTED = 130


class LesError(Exception):
    """The command was refused or failed, and nothing changed (exit 1).

    `what` says what is wrong and where, and `fix` how to cure it. Both are one clause without an identifier.
    """

    exit_code = Exit.REFUSED

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.what}; {self.fix}" if self.fix else self.what


class UsageError(LesError):
    """The command was typed wrongly (exit 2)."""

    exit_code = Exit.USAGE


class LockedError(LesError):
    """The store is locked by another program, or the key is wrong or missing (exit 4)."""

    exit_code = Exit.LOCKED


class InterruptedByPerson(LesError):  # noqa: N818 (it is not an error)
    """A person pressed Control-C (exit 130). The command was undone, unless `what` says what stays."""

    exit_code = Exit.INTERRUPTED

    def __init__(self, what: str = "interrupted, nothing changed") -> None:
        super().__init__(what)


class ReadOnlyError(LesError):
    """The store can be read but not written: its file, folder or disk does not allow it (exit 1)."""


class UnreadableFileError(LesError):
    """A file cannot be read to its end, so all of it is refused (exit 1)."""


class SpecificationError(LesError):
    """A service.toml cannot be used; `problems` has every fault with its path."""

    def __init__(self, where: str, problems: tuple[str, ...]) -> None:
        shown = "; ".join(problems[:5]) + (f"; and {len(problems) - 5} more" if len(problems) > 5 else "")
        super().__init__(f"{where}: {shown}", "run `les services check PATH` for the whole list")
        self.problems = problems


class PluginError(LesError):
    """One service's plugin failed or returned a wrong answer; the other services go on."""


def with_cure(told: str, otherwise: str) -> tuple[str, str]:
    """What is wrong and how to mend it, of a text that may say both, as `not a month; write it as 2026-05`."""
    what, _, cure = told.partition("; ")
    return what, cure or otherwise


def did_you_mean(word: str, known: Iterable[str], before: str = "") -> str:
    """A question for a mistyped word, "did you mean `BEFOREword`?", or "" when no known word is like it."""
    # difflib is imported here, because every command imports this module and hardly any needs it.
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1)
    return f"did you mean `{before}{close[0]}`?" if close else ""
