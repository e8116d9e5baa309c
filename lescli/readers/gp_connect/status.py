"""What a resource says against itself: that nothing was done, that it is not final, that others did it, or words that
nobody here understands.
"""

from __future__ import annotations

from ...model.record import NOT_FINAL, REPORTED
from .fhir import Node, codings, node, nodes, text

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


def not_done(resource: Node) -> str:
    """`Immunization not given`: why the resource is no work done; "" where it says nothing of the kind."""
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
    """`row: ...` where the resource may mean something else than it seems to; "" otherwise.

    Of a modifier extension FHIR says that whoever does not know it must not go by the rest.
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
    """Whether it is tagged as a part of what there is."""
    return _SHORTENED in _labels(resource)


def _labels(resource: Node) -> set[str]:
    meta = node(resource.get("meta"))
    labels = (*nodes(meta, "tag"), *nodes(meta, "security"))
    return {text(each, "code").casefold() for each in labels}
