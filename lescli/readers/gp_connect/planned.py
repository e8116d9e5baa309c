"""Diary entries and requests of a GP Connect record: each `ProcedureRequest`, with what the bundle knows became of it.

GP Connect marks every one of them active. A diary entry (intent `plan`) is left out by the clinical system once it is
done or cancelled. A request (intent `order`) stands there as what a laboratory's report says it was asked for: one that
a report points back at has been answered.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..planned import PlannedEntry, RefusedEntry, checked_entry
from .bundle import Bundle
from .entry import Entry, entry_cells, fault_of
from .fhir import Node, day, node, nodes, reference, text

KIND = "ProcedureRequest"


def planned_entry(place: int, resource: Node) -> Entry:
    """What a ProcedureRequest has in common with the entries of activity."""
    asked = text(resource, "authoredOn")
    requester = reference(node(resource.get("requester")), "agent")
    encounter, subject = reference(resource, "context"), reference(resource, "subject")
    return Entry(place, resource, node(resource.get("code")), asked, asked, requester, encounter, subject)


def planned_of(
    bundle: Bundle, entries: Iterable[tuple[Entry, str]], source_system: str
) -> tuple[PlannedEntry | RefusedEntry, ...]:
    """The entries (each with its text as it stood), checked."""
    answered = _answered(bundle)
    return tuple(_checked(bundle, entry, raw, source_system, id(entry.resource) in answered) for entry, raw in entries)


def _checked(bundle: Bundle, entry: Entry, raw: str, source_system: str, answered: bool) -> PlannedEntry | RefusedEntry:
    resource = entry.resource
    status = text(resource, "status")
    cells = entry_cells(bundle, entry, source_system) | {
        "asked_on": day(entry.moment),
        "planned_on": day(_planned(resource)),
        "priority": text(resource, "priority"),
        "intent": text(resource, "intent"),
        "status": "completed" if answered and status == "active" else status,
    }
    fault = fault_of(bundle, resource)
    return checked_entry(entry.place, raw, cells, fault)


def _planned(resource: Node) -> str:
    """The moment it is planned for: a date, or the first day of a span."""
    span = node(resource.get("occurrencePeriod"))
    return text(resource, "occurrenceDateTime") or text(span, "start") or text(span, "end")


def _answered(bundle: Bundle) -> set[int]:
    """The requests (by identity) that a report or result of the bundle is based on."""
    return {
        id(bundle.find(text(each, "reference")))
        for _, resource in bundle.entries
        if text(resource, "resourceType") != KIND
        for each in nodes(resource, "basedOn")
    }
