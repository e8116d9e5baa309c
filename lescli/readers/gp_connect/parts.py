"""A part of a record is never read as the whole of it: pages, answers that failed, and sections that lack something."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from ...calendar import parse_date
from ...counting import counted
from ...errors import UnreadableFileError
from ..encoding import shown
from .fhir import Node, codings, extension, node, nodes, text
from .status import is_shortened

AGAIN = "ask for the patient's structured record again"

_ALONE = "save each patient's bundle as a file of its own, and import the folder"
_OTHER_PAGES = frozenset({"next", "previous", "prev"})
_FAILED = frozenset({"fatal", "error"})
_EMPTY_INDEED = frozenset({"no-content-recorded", "nilknown"})
_WARNING = "Extension-CareConnect-GPC-ListWarningCode"
_IN_TRANSIT = "data-in-transit"
_SINCE = re.compile(r"information recorded before ([0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}) may be missing")


def of_type(path: Path, root: Any) -> dict[str, Any]:
    """The JSON as a bundle; UnreadableFileError says what else it is."""
    if isinstance(root, list):
        raise UnreadableFileError(f"{shown(path)} is a list of {len(root)} JSON values and not one bundle", _ALONE)
    if not isinstance(root, dict):
        raise UnreadableFileError(f"{shown(path)} is JSON and not a FHIR bundle", AGAIN)
    if text(root, "resourceType") == "OperationOutcome":
        raise UnreadableFileError(f"{shown(path)} is the answer to a request that failed, and holds no record", AGAIN)
    kind = text(root, "type")
    if text(root, "resourceType") != "Bundle" or kind not in ("collection", "searchset"):
        harmless = kind.isascii() and kind.replace("-", "").isalpha() and len(kind) < 30
        of_kind = f" but of type {kind}" if harmless else ""
        raise UnreadableFileError(
            f"{shown(path)} is JSON and not a FHIR bundle of type collection{of_kind}",
            "export Access Record: Structured (STU3)",
        )
    if text(root, "implicitRules") or nodes(root, "modifierExtension"):
        raise UnreadableFileError(
            f"{shown(path)}: the bundle has rules of its own, so what it says is not certain", AGAIN
        )
    return root


def must_be_whole(path: Path, root: Node) -> None:
    """UnreadableFileError for a page of an answer, and for an answer that says that something failed."""
    entries = [node(entry) for entry in root["entry"]] if isinstance(root.get("entry"), list) else []
    pages = {text(link, "relation").casefold() for link in nodes(root, "link")}
    if pages & _OTHER_PAGES:
        raise _part(path, "it is one page of several (it has a link to another page)")
    total = root.get("total")
    if isinstance(total, str) and total.strip().isascii() and total.strip().isdigit():
        total = int(total)
    if total is not None and not isinstance(total, int):
        raise _part(path, "its total is no number")
    # What a search found is counted by the total, and what it brings along is not.
    found = [entry for entry in entries if text(node(entry.get("search")), "mode") in ("", "match")]
    if total is not None and total > len(found):
        raise _part(path, f"it says that it has {counted(total, 'entry', 'entries')}, and it holds {len(found)}")
    if is_shortened(root):
        raise _part(path, "it is marked as shortened (SUBSETTED)")
    for resource in (node(entry.get("resource")) for entry in entries):
        severe = {text(issue, "severity").casefold() for issue in nodes(resource, "issue")} & _FAILED
        if text(resource, "resourceType") == "OperationOutcome" and severe:
            raise _part(path, "it says that a part of the request failed (OperationOutcome)")


def _part(path: Path, why: str) -> UnreadableFileError:
    return UnreadableFileError(f"{shown(path)} is not the whole record: {why}", "ask for all of it in one bundle")


def lacks(section: Node) -> str:
    """What a section (a List) says that it does not hold: a warning code, `withheld`; "" where it holds all.

    `data-in-transit` says that what was recorded before a day may be missing: where it says which, see `whole_from`.
    """
    reasons = {code.casefold() for _, code in codings(node(section.get("emptyReason")), every=True)}
    reasons -= _EMPTY_INDEED
    warnings = {each for each in _warnings(section) if each != _IN_TRANSIT or not whole_from(section)}
    if text(section, "mode") == "changes" or text(section, "status") not in ("", "current"):
        warnings.add("a list of changes, or one that is not current")
    return ", ".join(sorted(each for each in reasons | warnings if each.isascii() and len(each) < 50))


def whole_from(section: Node) -> date | None:
    """The day from which on a section is whole, where the record is still on its way from another practice."""
    if _IN_TRANSIT not in _warnings(section):
        return None
    days = [found[1] for note in nodes(section, "note") for found in _SINCE.finditer(text(note, "text"))]
    try:
        return max((parse_date(day) for day in days), default=None)
    except ValueError:
        return None


def _warnings(section: Node) -> set[str]:
    name = _WARNING
    plain = [each for each in nodes(section, "extension") if extension({"extension": [each]}, name)]
    return {(text(each, "valueCode") or "warning").casefold() for each in plain}
