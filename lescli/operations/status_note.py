"""One line of the status, with what the screen must know of it: whose it is, and what puts it right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

UNSET = "not set, so nothing is found or paid: "
"""How a note of terms that are not set begins."""


class Cure(StrEnum):
    """What puts a line right. The screen gathers the lines with the same cure, and says the cure once."""

    OTHER = "other"
    """What the text itself says."""
    SET = "set"
    """Terms are set."""
    CONFIRM = "confirm"
    """Codes that are only suggested are set."""
    SHOW = "show"
    """Rows in quarantine are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One line. `service` is whose it is, "" for the practice's.

    `end` says how to put it right, after the text. `names` are the terms that are not set, or the code list whose code
    is only suggested.
    """

    text: str
    service: str = ""
    cure: Cure = Cure.OTHER
    end: str = ""
    names: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The whole line."""
        return f"{self.service}: {self.text}{self.end}" if self.service else f"{self.text}{self.end}"


def notes_of(service: str, lines: Iterable[str]) -> Iterator[Note]:
    """The lines that begin with the name of a service, as its notes."""
    return (Note(service=service, text=line.removeprefix(f"{service}: ")) for line in lines)
