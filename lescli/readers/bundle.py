"""A GP Connect file becomes a bundle of one patient whose NHS number is right, or is refused whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..codes import parse_nhs_number
from ..errors import UnreadableFileError
from .fhir import Node, node, nodes, text
from .text import encoding_of, shown

MAX_BYTES = 64 << 20
"""A full record of one patient is 1 to 10 MB; JSON takes ten times its size in memory."""

_NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
_AGAIN = "ask for the patient's structured record again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """One patient's record: (1-based place in the bundle, resource) in order, and every resource by its reference."""

    nhs_number: str
    patient: Node
    entries: tuple[tuple[int, Node], ...]
    by_reference: dict[str, Node]

    def find(self, reference: str) -> Node:
        """The resource a reference points at: `Type/id`, an address that ends so, or its fullUrl; `{}` if absent."""
        found = self.by_reference.get(reference)
        return found if found is not None else self.by_reference.get("/".join(reference.split("/")[-2:]), {})


def read_bundle(path: Path) -> Bundle:
    """Load and check the bundle.

    Raises UnreadableFileError when it is too large, no JSON, no STU3 collection, or has not exactly one patient with a
    valid NHS number. The message never repeats the number.
    """
    root = _load(path)
    if text(root, "resourceType") != "Bundle" or text(root, "type") not in ("collection", "searchset"):
        raise UnreadableFileError(
            f"{shown(path)} is JSON and not a FHIR bundle of type collection", "export Access Record: Structured (STU3)"
        )
    entries: list[tuple[int, Node]] = []
    by_reference: dict[str, Node] = {}
    for place, entry in enumerate(root["entry"] if isinstance(root.get("entry"), list) else [], 1):
        resource = node(node(entry).get("resource"))
        if not resource:
            continue
        entries.append((place, resource))
        by_reference[f"{text(resource, 'resourceType')}/{text(resource, 'id')}"] = resource
        if full := text(entry, "fullUrl"):
            by_reference[full] = resource
    patients = [resource for _, resource in entries if text(resource, "resourceType") == "Patient"]
    if len(patients) != 1:
        raise UnreadableFileError(f"{shown(path)} has {len(patients)} patients instead of one", _AGAIN)
    return Bundle(
        nhs_number=_number(path, patients[0]),
        patient=patients[0],
        entries=tuple(entries),
        by_reference=by_reference,
    )


def _number(path: Path, patient: Node) -> str:
    written = {text(each, "value") for each in nodes(patient, "identifier") if text(each, "system") == _NHS_NUMBER}
    if not written:
        raise UnreadableFileError(f"{shown(path)}: its patient has no NHS number", "trace the number first")
    if len(written) > 1:
        raise UnreadableFileError(f"{shown(path)}: its patient has {len(written)} NHS numbers", _AGAIN)
    try:
        return parse_nhs_number(written.pop())
    except ValueError as error:
        raise UnreadableFileError(f"{shown(path)}: {error}", "correct the patient's NHS number at its source") from None


def _load(path: Path) -> dict[str, Any]:
    encoding = encoding_of_json(path)
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableFileError(
            f"{shown(path)} is larger than {MAX_BYTES >> 20} MB", "a bundle holds one patient; import one at a time"
        )
    try:
        root = json.loads(
            path.read_bytes().decode(encoding),
            object_pairs_hook=_once,
            # As floats, 3.1 would come back as 3.1000000000000001 and 18-digit ids would lose their last digits.
            parse_float=Decimal,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        raise UnreadableFileError(
            f"{shown(path)} is not whole JSON (line {error.lineno}, column {error.colno}): it was cut short or damaged",
            _AGAIN,
        ) from None
    except RecursionError:
        raise UnreadableFileError(f"{shown(path)} is nested too deeply to be a record", _AGAIN) from None
    except (ValueError, OSError, ArithmeticError) as error:
        # Ours (a key twice, NaN), a number of thousands of digits, or bytes that are not UTF-8.
        reason = str(error) if isinstance(error, _JsonFaultError) else "it is not well-formed JSON in UTF-8"
        raise UnreadableFileError(f"{shown(path)}: {reason}", _AGAIN) from None
    if not isinstance(root, dict):
        raise UnreadableFileError(f"{shown(path)} is JSON and not a FHIR bundle", _AGAIN)
    return root


def encoding_of_json(path: Path) -> str:
    """The file's encoding; raises UnreadableFileError for what is no file, no text, or Windows-1252 (JSON never is)."""
    encoding = encoding_of(path)
    if encoding == "cp1252":
        raise UnreadableFileError(f"{shown(path)} is not UTF-8, so it is not JSON", _AGAIN)
    return encoding


class _JsonFaultError(ValueError):
    """A fault that json lets pass."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) != len(pairs):
        # Two readers may take two different values: a record must not depend on that.
        raise _JsonFaultError("an object in it has the same key twice")
    return whole


def _no_constant(_: str) -> Any:
    raise _JsonFaultError("NaN and Infinity are not JSON")
