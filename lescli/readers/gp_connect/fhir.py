"""Read values from FHIR STU3 JSON that may be incomplete or malformed. A malformed value counts as absent.

It also tells which resources are not work done, and which may mean something other than they seem to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ...model.record import NOT_FINAL, REPORTED

Node = Mapping[str, Any]
"""One JSON object. `{}` stands for an absent one."""

_DESCRIPTION = "Extension-coding-sctdescid"
_LONDON = ZoneInfo("Europe/London")
_SYSTEMS = {
    "snomed.info/sct": "snomed",
    "2.16.840.1.113883.6.96": "snomed",
    "2.16.840.1.113883.2.1.3.2.4.15": "snomed",
    "read.info/readv2": "read2",
    "2.16.840.1.113883.2.1.6.2": "read2",
    "read.info/ctv3": "ctv3",
    "2.16.840.1.113883.2.1.3.2.4.14": "ctv3",
    "fhir.hl7.org.uk/id/egton-codes": "local",
    "2.16.840.1.113883.2.1.6.3": "local",
}
"""By `bare_system`. The numbers are object identifiers used in the transfer of records between practices."""

_PAIRS = (("valueRange", ("low", "high"), "-"), ("valueRatio", ("numerator", "denominator"), "/"))
_LONG_NUMBER = re.compile(r"[0-9]{10}")
_SCHEME = re.compile(r"(?:https?://(?:www\.)?|urn:oid:|oid:)")
_EDITION = re.compile(r"(?<=^snomed\.info/sct)/.*")
_NAMEABLE = re.compile(r"[a-z0-9./_:#-]{3,80}")

_UNREADABLE = "unreadable"
_FINAL = {
    "Observation": frozenset({"final", "amended", "corrected"}),
    "Immunization": frozenset({"completed"}),
}
_NOT_DONE = {
    "entered-in-error": "entered in error",
    "cancelled": "cancelled",
    "not-done": "not done",
    "not-performed": "not done",
    "aborted": "not finished",
    "stopped": "not finished",
}
_OF_THE_ENTRY = ("Observation", "Immunization", "Condition")
_SHORTENED = "subsetted"
_FOR_TESTING = "htest"


def node(value: object) -> Node:
    """The value when it is an object, else `{}`."""
    return value if isinstance(value, dict) else {}


def nodes(parent: Node, key: str) -> list[Node]:
    """The objects of a list."""
    value = parent.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(parent: Node, key: str) -> str:
    """A string without spaces around it; "" when it is absent or not a string."""
    value = parent.get(key)
    return value.strip() if isinstance(value, str) else ""


def extension(parent: Node, name: str) -> Node:
    """The extension whose address ends in `name`. Its host, a version at its end (`-1`) and `-GPC-` may differ."""
    wanted = _plain(name)
    return next((item for item in nodes(parent, "extension") if _plain(text(item, "url")) == wanted), {})


def _plain(address: str) -> str:
    """The last part of a profile's address, which is the same for all hosts and versions of the profile."""
    last = address.partition("|")[0].rstrip("/").rpartition("/")[2]
    return last.rstrip("0123456789.-").replace("-GPC-", "-").casefold()


def reference(parent: Node, key: str) -> str:
    """The target of a reference, `Observation/7E27...`; "" when there is none."""
    return text(node(parent.get(key)), "reference")


def day(moment: str) -> str:
    """The day in London of a FHIR date or dateTime, `2020-09-06`. Other text is left unchanged.

    With a time zone the day may differ from the one written: 23:30 UTC on 31 March is 1 April in London.
    """
    if "T" not in moment:
        return moment
    try:
        parsed = datetime.fromisoformat(moment)
        return (parsed.astimezone(_LONDON) if parsed.tzinfo else parsed).date().isoformat()
    except (ValueError, OverflowError):
        return moment


def instant(moment: str) -> str | None:
    """A FHIR instant in UTC to the second, `2021-06-02T08:16:47`; None when the text is not one."""
    try:
        parsed = datetime.fromisoformat(moment)
        return parsed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if parsed.tzinfo and "T" in moment else None
    except (ValueError, OverflowError):
        return None


def codings(concept: Node, *, every: bool = False) -> Iterator[tuple[str, str]]:
    """(system, code) of each coding in a known system: SNOMED CT first, then in their order.

    With `every`, codings of unknown systems too, under `bare_system`.
    """
    found = [
        (_SYSTEMS.get(system, system), text(coding, "code"))
        for coding in nodes(concept, "coding")
        if ((system := bare_system(text(coding, "system"))) in _SYSTEMS or every) and text(coding, "code")
    ]
    yield from sorted(found, key=lambda pair: pair[0] != "snomed")


def bare_system(address: str) -> str:
    """A system's address without the parts that differ from bundle to bundle: scheme, case, edition, version."""
    bare = _SCHEME.sub("", address.casefold().partition("|")[0], count=1).rstrip("/")
    return _EDITION.sub("", bare)


def uncoded(concept: Node) -> str:
    """Why a concept has no code that can be read: `without a code`, or which unknown system its code is of."""
    others = {system for system, _ in codings(concept, every=True)}
    if not others:
        return "without a code"
    named = sorted(each for each in others if _NAMEABLE.fullmatch(each) and not _LONG_NUMBER.search(each))
    return f"with a code of a system that is not known ({', '.join(named)})" if named else "with a code of no system"


def unnamed_code(concept: Node) -> str:
    """The first code that names no system, where no code of a known system can be read; else ""."""
    if next(codings(concept), None) is not None:
        return ""
    return next((code for system, code in codings(concept, every=True) if not system), "")


def term(concept: Node) -> str:
    """The words the clinician picked, else the concept's text, else the first words there are.

    A coding's `display` is rewritten when the terminology is updated. The picked description is not.
    """
    entries = nodes(concept, "coding")
    picked = [coding for coding in entries if coding.get("userSelected") is True]
    described = [text(extension(extension(each, _DESCRIPTION), "descriptionDisplay"), "valueString") for each in picked]
    words = [*described, *(text(each, "display") for each in picked), text(concept, "text")]
    return next((each for each in [*words, *(text(each, "display") for each in entries)] if each), "")


def number(value: object) -> str:
    """A JSON number as a person writes it: 140.0 -> `140`, 3.10 -> `3.1`; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return ""
    exact = Decimal(value)
    # 1E999999 would have a million digits.
    if not exact.is_finite() or not -20 < exact.adjusted() < 20:
        return str(value)[:40]
    plain = format(exact, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def measured(parent: Node) -> tuple[str, str]:
    """(value, unit) of an Observation or a component; ("", "") when it has none."""
    quantity = node(parent.get("valueQuantity"))
    if quantity:
        return text(quantity, "comparator") + number(quantity.get("value")), text(quantity, "unit")
    if isinstance(parent.get("valueBoolean"), bool):
        return ("yes" if parent["valueBoolean"] else "no"), ""
    for key, (first, second), between in _PAIRS:
        ends = [node(node(parent.get(key)).get(end)) for end in (first, second)]
        told = [number(end.get("value")) for end in ends]
        if any(told):
            return between.join(told), text(ends[0], "unit")
    return text(parent, "valueString") or term(node(parent.get("valueCodeableConcept"))), ""


def paired(parent: Node) -> tuple[str, str]:
    """(`120/90`, unit) of two components in one unit, as a blood pressure is written; else ("", "")."""
    parts = [measured(part) for part in nodes(parent, "component")]
    if len(parts) != 2 or not all(value for value, _ in parts) or parts[0][1] != parts[1][1]:
        return "", ""
    names = [term(node(part.get("code"))).casefold() for part in nodes(parent, "component")]
    # Diastolic first would give the wrong order.
    if "systolic" not in names[0] or "diastolic" not in names[1]:
        return "", ""
    return f"{parts[0][0]}/{parts[1][0]}", parts[0][1]


def name(person: Node) -> tuple[str, str]:
    """(family name, given names): of the official name, else of the first name that is not marked as old."""
    names = [each for each in nodes(person, "name") if text(each, "use") != "old"]
    official = next((each for each in names if text(each, "use") == "official"), names[0] if names else {})
    given = official.get("given")
    return text(official, "family"), " ".join(
        each.strip() for each in (given if isinstance(given, list) else []) if isinstance(each, str)
    )


def not_done(resource: Node) -> str:
    """Why a resource is not work done, such as `Immunization not given`; "" where it does not say so."""
    kind = text(resource, "resourceType")
    if "entered-in-error" in (text(resource, "status"), text(resource, "verificationStatus")):
        return f"{kind} entered in error"
    if _FOR_TESTING in _labels(resource):
        return f"{kind} made for a test of the system"
    if kind == "Immunization" and (resource.get("notGiven") is True or text(resource, "notGiven") == "true"):
        return "Immunization not given"
    if kind == "ProcedureRequest":
        forbids = resource.get("doNotPerform")
        return f"{kind} not to be performed" if forbids is True or forbids == "true" else ""
    absent = {code.casefold() for _, code in codings(node(resource.get("dataAbsentReason")), every=True)}
    if kind == "Observation" and "not-performed" in absent:
        return f"{kind} not done"
    words = _NOT_DONE.get(text(resource, "status"))
    return f"{kind} {words}" if words and kind in _OF_THE_ENTRY else ""


def marks_of(resource: Node) -> tuple[str, ...]:
    """The marks of an entry (model/record.py), in order."""
    found = []
    final = _FINAL.get(text(resource, "resourceType"), frozenset())
    status = text(resource, "status")
    if final and status not in final:
        found.append(status if status in NOT_FINAL else _UNREADABLE)
    if "primarySource" in resource and resource["primarySource"] is not True:
        found.append(REPORTED)
    return tuple(found)


def not_understood(resource: Node) -> str:
    """`row: ...` where the resource may mean something other than it seems to; else "".

    FHIR says: a program that does not know a modifier extension must not use the rest of the resource.
    """
    if nodes(resource, "modifierExtension") or text(resource, "implicitRules"):
        return "row: the entry has a modifier extension or rules of its own, so what it says is not certain"
    given = resource.get("notGiven")
    if given is not None and not isinstance(given, bool) and text(resource, "notGiven") != "false":
        return "row: its notGiven is neither true nor false"
    if _SHORTENED in _labels(resource):
        return "row: the entry is shortened (SUBSETTED); ask for the patient's structured record again"
    return ""


def is_shortened(resource: Node) -> bool:
    """Whether the resource is tagged as incomplete."""
    return _SHORTENED in _labels(resource)


def _labels(resource: Node) -> set[str]:
    meta = node(resource.get("meta"))
    labels = (*nodes(meta, "tag"), *nodes(meta, "security"))
    return {text(each, "code").casefold() for each in labels}
