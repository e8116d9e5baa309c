"""What a practice may do to its store, one value a command, in the order in which it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Import:
    """Read a file of activity: rows under the names of the activity CSV."""

    rows: tuple[dict[str, str], ...]
    on: date


@dataclass(frozen=True)
class Add:
    """`les register --add NHS --set k=v --from START`."""

    nhs: str
    details: dict[str, str]
    start: date | None
    on: date


@dataclass(frozen=True)
class Load:
    """`les register --load FILE.csv` of one row."""

    nhs: str
    entered: date | None
    ended: date | None
    details: dict[str, str]
    start: date | None
    on: date


@dataclass(frozen=True)
class End:
    """`les register --end NHS --on LAST`."""

    nhs: str
    last: date
    on: date


@dataclass(frozen=True)
class Sign:
    """`les services sign`."""

    start: date


@dataclass(frozen=True)
class Unsign:
    """`les services unsign`; the day is the last one held."""

    last: date


@dataclass(frozen=True)
class Term:
    """`les services set KEY=VALUE --from START`, or `KEY+=VALUE`."""

    key: str
    value: str
    start: date
    adds: bool = False


@dataclass(frozen=True)
class Letter:
    """`les clinician NAME --accreditation KIND --from FIRST --to LAST`."""

    name: str
    kind: str
    first: date
    last: date


@dataclass(frozen=True)
class Submit:
    """`les claim --month M --submit`, with `--yes` where they are sure."""

    month: str
    on: date
    sure: bool = True


@dataclass(frozen=True)
class Settle:
    """`les patients settle NHS --fact died`, of a death that the newest file no longer states."""

    nhs: str
    holds: bool
    on: date


@dataclass(frozen=True)
class Withdraw:
    """`les claims withdraw` of the claim that stands for a month, with `--yes`."""

    month: str
    on: date


@dataclass(frozen=True)
class Reverse:
    """`les claims reverse`: the standing row of that place, counted round."""

    place: int
    on: date


@dataclass(frozen=True)
class Ask:
    """`les claim --month M`, compared row by row."""

    month: str
    on: date


Command = Import | Add | Load | End | Sign | Unsign | Term | Letter | Submit | Settle | Withdraw | Reverse | Ask
