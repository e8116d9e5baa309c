"""Requests met in time: the share by urgency (points 6 to 8 of the slide), and by who asked (point 2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lescli.api import Measure, ServiceSpec, Table, folded

from .requests import RECALL, Settled

CONSULTANT, PRIMARY_CARE, NOT_STATED = "consultant", "primary care", "not stated"


def in_time(spec: ServiceSpec, requests: Iterable[Settled]) -> tuple[Measure, ...]:
    """A share for each urgency that a measure names; a request without an urgency is in none of them."""
    counts = Counter((request.urgency, request.in_time) for request in requests)
    urgencies = {folded(value) for value, _ in spec.recall(RECALL).by_value}
    return tuple(
        wanted.result(
            counts[folded(wanted.of), True],
            of=counts[folded(wanted.of), True] + counts[folded(wanted.of), False],
        )
        for wanted in spec.measures
        if wanted.kind == "own" and folded(wanted.of) in urgencies
    )


def by_who_asked(spec: ServiceSpec, requests: Iterable[Settled]) -> Table:
    """A table of requests by who asked (primary care, a consultant, or not stated) and by urgency."""
    counts = Counter((_asked_by(spec, request), request.urgency, request.in_time) for request in requests)
    urgencies = [*(folded(value) for value, _ in spec.recall(RECALL).by_value), ""]
    return Table(
        id="requests",
        title="Requests by who asked and how urgent: met in time, and not",
        columns=("asked_by", "urgency", "in_time", "not_in_time"),
        rows=tuple(
            (asked_by, urgency or NOT_STATED, counts[asked_by, urgency, True], counts[asked_by, urgency, False])
            for asked_by in (PRIMARY_CARE, CONSULTANT, NOT_STATED)
            for urgency in urgencies
        ),
    )


def _asked_by(spec: ServiceSpec, request: Settled) -> str:
    if not folded(request.clinician):
        return NOT_STATED
    words = spec.setting("consultant_requests", request.asked_on)
    named = f" {folded(request.clinician)} "
    if isinstance(words, tuple) and any(f" {folded(word)} " in named for word in words):
        return CONSULTANT
    return PRIMARY_CARE
