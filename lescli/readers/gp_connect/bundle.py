"""A GP Connect file becomes a bundle of one patient with a valid NHS number, or is refused as a whole.

It also decides whether the bundle, and each of its sections, is the whole record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ...amounts import counted
from ...calendar import parse_date
from ...codes import parse_nhs_number
from ...errors import UnreadableFileError
from ..encoding import encoding_of, shown
from .fhir import Node, bare_system, codings, extension, is_shortened, node, nodes, text

AGAIN = "ask for the patient's structured record again"

_ALONE = "save each patient's bundle as a file of its own, and import the folder"
_OTHER_PAGES = frozenset({"next", "previous", "prev"})
_FAILED = frozenset({"fatal", "error"})
_EMPTY_INDEED = frozenset({"no-content-recorded", "nilknown"})
_WARNING = "Extension-CareConnect-GPC-ListWarningCode"
_IN_TRANSIT = "data-in-transit"
_SINCE = re.compile(r"information recorded before ([0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}) may be missing")

MAX_BYTES = 64 << 20
"""A full record of one patient is 1 to 10 MB. JSON takes ten times its size in memory."""

_NHS_NUMBER = frozenset({"fhir.nhs.uk/id/nhs-number", "fhir.hl7.org.uk/id/nhs-number", "2.16.840.1.113883.2.1.4.1"})
_REPLACED = "replaced-by"


def of_type(path: Path, root: Any) -> dict[str, Any]:
    """The JSON as a bundle. UnreadableFileError says what else it is."""
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
    """UnreadableFileError for one page of several, and for an answer that says that something failed."""
    entries = [node(entry) for entry in root["entry"]] if isinstance(root.get("entry"), list) else []
    pages = {text(link, "relation").casefold() for link in nodes(root, "link")}
    if pages & _OTHER_PAGES:
        raise _not_whole(path, "it is one page of several (it has a link to another page)")
    total = root.get("total")
    if isinstance(total, str) and total.strip().isascii() and total.strip().isdigit():
        total = int(total)
    if total is not None and not isinstance(total, int):
        raise _not_whole(path, "its total is not a number")
    # A search's total counts its matches, and not the resources it includes beside them.
    found = [entry for entry in entries if text(node(entry.get("search")), "mode") in ("", "match")]
    if total is not None and total > len(found):
        raise _not_whole(path, f"it says that it has {counted(total, 'entry', 'entries')}, and it holds {len(found)}")
    if is_shortened(root):
        raise _not_whole(path, "it is marked as shortened (SUBSETTED)")
    for resource in (node(entry.get("resource")) for entry in entries):
        severe = {text(issue, "severity").casefold() for issue in nodes(resource, "issue")} & _FAILED
        if text(resource, "resourceType") == "OperationOutcome" and severe:
            raise _not_whole(path, "it says that a part of the request failed (OperationOutcome)")


def _not_whole(path: Path, why: str) -> UnreadableFileError:
    return UnreadableFileError(f"{shown(path)} is not the whole record: {why}", "ask for all of it in one bundle")


def lacks(section: Node) -> str:
    """What a section (a List) says is missing from it: a warning code, `withheld`; "" where nothing is.

    `data-in-transit` means that what was recorded before some day may be missing. Where it gives the day, see
    `whole_from`.
    """
    reasons = {code.casefold() for _, code in codings(node(section.get("emptyReason")), every=True)}
    reasons -= _EMPTY_INDEED
    warnings = {each for each in _warnings(section) if each != _IN_TRANSIT or not whole_from(section)}
    if text(section, "mode") == "changes" or text(section, "status") not in ("", "current"):
        warnings.add("a list of changes, or one that is not current")
    return ", ".join(sorted(each for each in reasons | warnings if each.isascii() and len(each) < 50))


def whole_from(section: Node) -> date | None:
    """The day from which a section is whole, where the record is still on its way from another practice."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """One patient's record: (place in the bundle from 1, resource) in order, and every resource by its reference.

    `former_numbers` are the NHS numbers the patient had before. `gaps` counts entries without a resource. `searched` is
    true for the answer to a search, false for a record that was handed over.
    """

    nhs_number: str
    patient: Node
    entries: tuple[tuple[int, Node], ...]
    by_reference: dict[str, Node]
    former_numbers: tuple[str, ...] = ()
    gaps: int = 0
    searched: bool = False

    def find(self, reference: str, within: Node | None = None) -> Node:
        """The resource that a reference points at, `{}` if it is absent.

        A reference is `Type/id`, an address that ends so, a fullUrl or `urn:uuid:`, each with or without a version; or
        `#id` of a resource contained in `within`.
        """
        if reference.startswith("#"):
            return next((each for each in nodes(within or {}, "contained") if _is(each, reference[1:])), {})
        plain = reference.partition("/_history/")[0]
        for each in (plain, "/".join(plain.split("/")[-2:]), plain.casefold()):
            if each in self.by_reference:
                return self.by_reference[each]
        return {}

    def is_of_another(self, resource: Node, key: str) -> bool:
        """Whether the field that says whom the resource is about names somebody other than the patient."""
        about = node(resource.get(key))
        target = text(about, "reference")
        if target:
            found = self.find(target, resource)
            return found is not self.patient and self.nhs_number not in set(_numbers(found))
        stated = set(_numbers({"identifier": [about.get("identifier")]})) - {""}
        return bool(stated) and self.nhs_number not in stated


def _is(resource: Node, wanted: str) -> bool:
    return bool(wanted) and text(resource, "id").lstrip("#") == wanted


def read_bundle(path: Path) -> Bundle:
    """Load and check the bundle.

    Raises UnreadableFileError when it is too large, not JSON, not an STU3 collection or part of a record, or does not
    have exactly one patient with a valid NHS number. The message never repeats the number.
    """
    root = of_type(path, _load(path))
    must_be_whole(path, root)
    entries: list[tuple[int, Node]] = []
    by_reference: dict[str, Node] = {}
    gaps = 0
    for place, entry in enumerate(root["entry"] if isinstance(root.get("entry"), list) else [], 1):
        resource = node(node(entry).get("resource"))
        if not resource:
            gaps += 1
            continue
        entries.append((place, resource))
        by_reference.setdefault(f"urn:uuid:{text(resource, 'id')}".casefold(), resource)
        by_reference[f"{text(resource, 'resourceType')}/{text(resource, 'id')}"] = resource
        if full := text(entry, "fullUrl").partition("/_history/")[0]:
            by_reference[full] = resource
            by_reference[full.casefold()] = resource
    patients = [resource for _, resource in entries if text(resource, "resourceType") == "Patient"]
    if len(patients) != 1:
        raise UnreadableFileError(f"{shown(path)} has {len(patients)} patients instead of one", AGAIN)
    _must_be_in_use(path, patients[0])
    number, former = _in_use(path, patients[0])
    return Bundle(
        nhs_number=number,
        patient=patients[0],
        entries=tuple(entries),
        by_reference=by_reference,
        former_numbers=former,
        gaps=gaps,
        searched=text(root, "type") == "searchset",
    )


def _must_be_in_use(path: Path, patient: Node) -> None:
    if any(text(each, "type") == _REPLACED for each in nodes(patient, "link")):
        raise UnreadableFileError(
            f"{shown(path)}: the record says that another one replaces it", "ask for the record that is in use"
        )
    if nodes(patient, "modifierExtension") or text(patient, "implicitRules"):
        raise UnreadableFileError(
            f"{shown(path)}: its patient has a modifier extension or rules of its own, so who it is is not certain",
            AGAIN,
        )


def _in_use(path: Path, patient: Node) -> tuple[str, tuple[str, ...]]:
    """The NHS number in use, and the patient's former numbers."""
    written = list(dict.fromkeys(_numbers(patient)))
    if not written:
        raise UnreadableFileError(f"{shown(path)}: its patient has no NHS number", "trace the number first")
    old = set(_numbers(patient, old=True)) if len(written) > 1 else set()
    current = [number for number in written if number not in old]
    if len(current) != 1:
        raise UnreadableFileError(
            f"{shown(path)}: its patient has {len(written)} NHS numbers, and {len(current)} of them in use",
            "in the clinical system, keep one number as the patient's own and mark the others as old",
        )
    try:
        number = parse_nhs_number(current[0])
    except ValueError as error:
        raise UnreadableFileError(f"{shown(path)}: {error}", "correct the patient's NHS number at its source") from None
    return number, tuple(each for each in written if each != current[0])


def _numbers(person: Node, *, old: bool = False) -> Iterator[str]:
    """The person's NHS numbers, without spaces and hyphens. With `old` only those no longer in use."""
    for each in nodes(person, "identifier"):
        if bare_system(text(each, "system")) in _NHS_NUMBER:
            ended = text(node(each.get("period")), "end") != "" or text(each, "use") == "old"
            if ended or not old:
                yield text(each, "value").replace(" ", "").replace("-", "")


def _load(path: Path) -> Any:
    encoding = encoding_of_json(path)
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableFileError(
            f"{shown(path)} is larger than {MAX_BYTES >> 20} MB", "a bundle holds one patient; import one at a time"
        )
    try:
        return json.loads(
            path.read_bytes().decode(encoding),
            object_pairs_hook=_refuse_repeated_keys,
            # As a float, 3.1 would become 3.1000000000000001 and ids of 18 digits would lose their last digits.
            parse_float=Decimal,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and error.doc[error.pos] in "{[":
            raise _several(path) from None
        raise UnreadableFileError(
            f"{shown(path)} is not whole JSON (line {error.lineno}, column {error.colno}): it was cut short or damaged",
            AGAIN,
        ) from None
    except RecursionError:
        raise UnreadableFileError(f"{shown(path)} is nested too deeply to be a record", AGAIN) from None
    except (ValueError, OSError, ArithmeticError) as error:
        # Our own faults (a repeated key, NaN), a number of thousands of digits, or bytes that are not UTF-8.
        reason = str(error) if isinstance(error, _JsonFaultError) else "it is not well-formed JSON in UTF-8"
        raise UnreadableFileError(f"{shown(path)}: {reason}", AGAIN) from None


def _several(path: Path) -> UnreadableFileError:
    return UnreadableFileError(
        f"{shown(path)} holds more than one JSON value, such as several bundles",
        "save each patient's bundle as a file of its own, and import the folder",
    )


def encoding_of_json(path: Path) -> str:
    """The file's encoding. UnreadableFileError for what is not a file or not text, and for Windows-1252, which JSON
    never is.
    """
    try:
        encoding = encoding_of(path)
    except UnreadableFileError as fault:
        # The cure for a report is to save it as CSV, which does not help with a bundle.
        raise UnreadableFileError(fault.what, "save the bundle as it was handed over, as JSON") from None
    if encoding == "cp1252":
        raise UnreadableFileError(f"{shown(path)} is not UTF-8, so it is not JSON", AGAIN)
    return encoding


class _JsonFaultError(ValueError):
    """A fault that the json module accepts."""


def _refuse_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) != len(pairs):
        # Programs differ in which of the two values they take, so the record would be ambiguous.
        raise _JsonFaultError("an object in it has the same key twice")
    return whole


def _refuse_constant(_: str) -> Any:
    raise _JsonFaultError("NaN and Infinity are not JSON")
