"""A practice's own TOML file that names the headings of its own report: read, and every fault in it told at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..errors import UsageError
from .cells import REGISTRATIONS, SEXES, YES_NO
from .encoding import ascii_safe, shown
from .profile import DATES, ENTRY, PATIENT, folded

BASES = ("emis", "systmone", "les")
"""The profiles a practice's own file may build upon; the first is meant when it names none."""

_HOW_TO = "docs/how-to/own-columns.md has an example"
_KEYS = ("profile", "ignore", "continuation", "patient", "entry", "values")
_CLOSED = {"sex": SEXES, "registration": REGISTRATIONS, "deceased": YES_NO, "housebound": YES_NO}
_MOST_TOLD = 5
_PLACE = re.compile(r"\(at (line \d+), column \d+\)")

Headings = dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """What the file says; headings and values as they are written there."""

    base: str
    ignore: list[str]
    continuation: bool | None
    patient: Headings
    entry: Headings
    values: dict[str, Headings]


def read_additions(path: Path) -> Additions:
    """Read the file; UsageError names each fault with its place."""
    table = _table(path)
    faults = [*_faults(table)]
    if faults:
        more = f"; and {len(faults) - _MOST_TOLD} more" if len(faults) > _MOST_TOLD else ""
        raise UsageError(f"the profile {shown(path)}: {'; '.join(faults[:_MOST_TOLD])}{more}", _HOW_TO)
    return Additions(
        base=table.get("profile", BASES[0]),
        ignore=table.get("ignore", []),
        continuation=table.get("continuation"),
        patient=table.get("patient", {}),
        entry=table.get("entry", {}),
        values=table.get("values", {}),
    )


def _table(path: Path) -> dict[str, Any]:
    try:
        # Notepad writes a BOM before UTF-8, which TOML does not allow.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise UsageError(f"the profile {shown(path)} is not there", "check the folder and the name") from None
    except OSError:
        raise UsageError(f"the profile {shown(path)} cannot be read", "check the folder and the name") from None
    except UnicodeDecodeError:
        raise UsageError(f"the profile {shown(path)} is not UTF-8 text", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as fault:
        place = _PLACE.search(str(fault))
        where = f", {place[1]}" if place else ""
        raise UsageError(
            f"the profile {shown(path)}{where}: not TOML", 'headings stand in quotes: date = ["When done"]; ' + _HOW_TO
        ) from None


def _faults(table: dict[str, Any]) -> Iterator[str]:
    for key in table:
        if key not in _KEYS:
            yield f"`{ascii_safe(key)}` means nothing here{_perhaps(key, _KEYS)}; there are {', '.join(_KEYS)}"
    base = table.get("profile", BASES[0])
    if base not in BASES:
        yield f"profile: it is one of {', '.join(BASES)}"
    if not _is_texts(table.get("ignore", [])):
        yield 'ignore: it is a list of headings, as in ["Comments"]'
    if not isinstance(table.get("continuation", True), bool):
        yield "continuation: it is true or false"
    stands_for: dict[str, str] = {}
    for name, columns, other in (("patient", PATIENT, ENTRY), ("entry", ENTRY, PATIENT)):
        yield from _map_faults(name, table.get(name, {}), columns, other, stands_for)
    yield from _value_faults(table.get("values", {}))


def _map_faults(
    name: str, headings: object, columns: tuple[str, ...], other: tuple[str, ...], stands_for: dict[str, str]
) -> Iterator[str]:
    if not isinstance(headings, dict):
        yield f"[{name}]: it is a table"
        return
    for column, aliases in headings.items():
        if column not in columns:
            elsewhere = "entry" if name == "patient" else "patient"
            hint = f"; it belongs under [{elsewhere}]" if column in other else _perhaps(column, columns)
            yield f"[{name}] {ascii_safe(column)}: there is no such column{hint}"
        if not _is_texts(aliases):
            yield f'[{name}] {ascii_safe(column)}: it is a list of headings, as in ["When done"]'
            continue
        for alias in aliases:
            if not folded(alias):
                yield f"[{name}] {ascii_safe(column)}: a heading has letters or digits"
            elif stands_for.setdefault(folded(alias), column) != column:
                yield (
                    f"[{name}] {ascii_safe(column)}: the heading `{ascii_safe(alias)}` stands for "
                    f"{stands_for[folded(alias)]} already"
                )


def _value_faults(values: object) -> Iterator[str]:
    if not isinstance(values, dict):
        yield "[values]: it holds tables, as in [values.sex]"
        return
    columns = [column for column in (*PATIENT[1:], *ENTRY) if column not in DATES]
    for column, table in values.items():
        place = f"[values.{ascii_safe(column)}]"
        if column not in columns:
            yield f"{place}: there is no such column{_perhaps(column, columns)}"
        elif not isinstance(table, dict) or not all(map(_is_texts, table.values())):
            yield f'{place}: it holds lists of what the report prints, as in female = ["Lady"]'
        else:
            allowed = _CLOSED.get(column)
            yield from (
                f"{place} {ascii_safe(meaning)}: it is one of {', '.join(allowed)}"
                for meaning in table
                if allowed and meaning not in allowed
            )


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _perhaps(word: str, known: tuple[str, ...] | list[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f" (is it {close[0]}?)" if close else ""
