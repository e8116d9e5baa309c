"""Values out of FHIR STU3 JSON that may be incomplete or wrongly built: whatever is not as expected is absent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Node = Mapping[str, Any]
"""One JSON object. `{}` stands for an absent one."""

_DESCRIPTION = "Extension-coding-sctdescid"
_LONDON = ZoneInfo("Europe/London")
_SYSTEMS = {
    "http://snomed.info/sct": "snomed",
    "http://read.info/readv2": "read2",
    "http://read.info/ctv3": "ctv3",
    "https://fhir.hl7.org.uk/Id/egton-codes": "local",
}


def node(value: object) -> Node:
    """The value when it is an object, else `{}`."""
    return value if isinstance(value, dict) else {}


def nodes(parent: Node, key: str) -> list[Node]:
    """The objects of a list."""
    value = parent.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(parent: Node, key: str) -> str:
    """A string without blanks around it; "" when it is absent or something else."""
    value = parent.get(key)
    return value.strip() if isinstance(value, str) else ""


def extension(parent: Node, name: str) -> Node:
    """The extension whose address ends in `name`; the version at its end (`-1`) may differ."""
    for item in nodes(parent, "extension"):
        if text(item, "url").rpartition("/")[2].rstrip("0123456789-") == name:
            return item
    return {}


def reference(parent: Node, key: str) -> str:
    """What a reference points at, `Observation/7E27...`; "" when it points at nothing."""
    return text(node(parent.get(key)), "reference")


def day(moment: str) -> str:
    """The day in London of a FHIR date or dateTime, `2020-09-06`; text of another shape is left as it is.

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
    """A FHIR instant in UTC to the second, `2021-06-02T08:16:47`; None when it is not one."""
    try:
        parsed = datetime.fromisoformat(moment)
        return parsed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if parsed.tzinfo and "T" in moment else None
    except (ValueError, OverflowError):
        return None


def codings(concept: Node) -> Iterator[tuple[str, str]]:
    """(system, code) of each coding in a system that is known, SNOMED CT first, then as they stand."""
    found = [
        (_SYSTEMS[text(coding, "system")], text(coding, "code"))
        for coding in nodes(concept, "coding")
        if text(coding, "system") in _SYSTEMS and text(coding, "code")
    ]
    yield from sorted(found, key=lambda pair: pair[0] != "snomed")


def term(concept: Node) -> str:
    """The words the clinician picked, else the concept's text, else the first words there are.

    A coding's `display` is rewritten when the terminology is updated; the description picked is not.
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
    # 1E999999 would be a million digits.
    if not exact.is_finite() or not -20 < exact.adjusted() < 20:
        return str(value)[:40]
    plain = format(exact, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def measured(parent: Node) -> tuple[str, str]:
    """(value, unit) of an Observation or a component; ("", "") when it has none."""
    quantity = node(parent.get("valueQuantity"))
    if quantity:
        return text(quantity, "comparator") + number(quantity.get("value")), text(quantity, "unit")
    return text(parent, "valueString") or term(node(parent.get("valueCodeableConcept"))), ""


def paired(parent: Node) -> tuple[str, str]:
    """(`120/90`, unit) of two components in one unit, as a blood pressure is written; else ("", "")."""
    parts = [measured(part) for part in nodes(parent, "component")]
    if len(parts) != 2 or not all(value for value, _ in parts) or parts[0][1] != parts[1][1]:
        return "", ""
    names = [term(node(part.get("code"))).casefold() for part in nodes(parent, "component")]
    # Diastolic first would be written the wrong way round.
    if "systolic" not in names[0] or "diastolic" not in names[1]:
        return "", ""
    return f"{parts[0][0]}/{parts[1][0]}", parts[0][1]


def name(person: Node) -> tuple[str, str]:
    """(family name, given names) by the official name, else the first that is not an old one."""
    names = [each for each in nodes(person, "name") if text(each, "use") != "old"]
    official = next((each for each in names if text(each, "use") == "official"), names[0] if names else {})
    given = official.get("given")
    return text(official, "family"), " ".join(
        each.strip() for each in (given if isinstance(given, list) else []) if isinstance(each, str)
    )
