"""Requests and planned work in a record. Each entry is checked as rows of activity are, or refused with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from ..model import Code
from . import cells as cell
from .row_check import is_source_id

INTENTS = (
    "proposal", "plan", "order", "original-order", "reflex-order", "filler-order", "instance-order", "option",
)  # fmt: skip
STATUSES = ("draft", "active", "suspended", "completed", "cancelled", "unknown")
"""The words of FHIR STU3 (`request-intent`, `request-status`). An entry made in error is left out."""


class PlannedEntry(NamedTuple):
    """One entry whose cells are all well-formed. `planned_on` is None where no day is planned."""

    line: int
    raw: str
    asked_on: date
    planned_on: date | None
    codes: tuple[Code, ...]
    term: str
    priority: str
    clinician: str
    intent: str
    status: str
    source_id: str


class RefusedEntry(NamedTuple):
    """An entry that goes to quarantine, with every reason (`column: words`)."""

    line: int
    raw: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """What one patient's record plans. `born` is the date of birth in the record, "" where it has none.

    `whole` is true where the record has everything that is planned: what a later record leaves out was then withdrawn.
    `held_ids` are the ids of all requests in the record, read or not.
    """

    nhs_number: str
    born: str
    entries: tuple[PlannedEntry | RefusedEntry, ...]
    whole: bool
    held_ids: frozenset[str] = frozenset()


def checked_entry(line: int, raw: str, cells: Mapping[str, str], fault: str = "") -> PlannedEntry | RefusedEntry:
    """Check the cells of one entry: those of an activity, with `asked_on`, `planned_on`, `intent` and `status`."""
    if fault:
        return RefusedEntry(line, raw, (fault,))
    faults: dict[str, str] = {}
    asked_on, faults["asked_on"] = cell.day(cells["asked_on"])
    planned_on, faults["planned_on"] = cell.day(cells["planned_on"])
    codes, faults["code"] = cell.codes(cells["code"], cells["code_system"], cells["other_codes"])
    words: dict[str, str] = {}
    for name in ("term", "clinician", "priority"):
        words[name], faults[name] = cell.text(cells[name])
    intent, faults["intent"] = cell.word(cells["intent"], INTENTS)
    status, faults["status"] = cell.word(cells["status"], STATUSES)
    if asked_on is None and not faults["asked_on"]:
        faults["asked_on"] = "it does not say when it was asked for"
    for name, said in (("intent", intent), ("status", status)):
        if not said and not faults[name]:
            faults[name] = "it is missing"
    source_id = cells["source_id"]
    if not source_id or not is_source_id(source_id):
        faults["source_id"] = "it has no id by which a later export could recognise it"
    reasons = tuple(f"{name}: {words_}" for name, words_ in faults.items() if words_)
    if reasons or asked_on is None:
        return RefusedEntry(line, raw, reasons)
    return PlannedEntry(
        line, raw, asked_on, planned_on, codes, words["term"], words["priority"], words["clinician"], intent, status,
        source_id,
    )  # fmt: skip
