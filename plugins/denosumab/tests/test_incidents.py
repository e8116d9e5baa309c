"""Untoward events: the commissioner is told within 72 hours of their occurrence (2.2)."""

from __future__ import annotations

from datetime import date

import pytest

import lescli_denosumab
from lescli.rules.report import clock_state
from lescli.rules.windows import due_at
from lescli.services import service_of

SERVICE = service_of(lescli_denosumab, origin="package")
KINDS = {kind.kind: kind for kind in SERVICE.spec.incidents}


def test_the_three_kinds_of_the_specification_have_72_hours() -> None:
    assert {name: kind.hours for name, kind in KINDS.items()} == {
        "adverse-event": 72,
        "emergency-admission": 72,
        "death": 72,
    }


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize(
    ("happened", "due"),
    [
        ("2026-05-04T14:30", "2026-05-07T14:30"),
        ("2026-05-04", "2026-05-07T00:00"),
        ("2026-12-31T23:59", "2027-01-03T23:59"),
        ("2027-02-27T08:00", "2027-03-02T08:00"),
        # Weekends count: hours are hours.
        ("2026-05-22T18:00", "2026-05-25T18:00"),
        # Summer time begins on 29 March 2026: 72 hours later the clock shows an hour more.
        ("2026-03-28T12:00", "2026-03-31T13:00"),
        ("2026-03-26T00:30", "2026-03-29T00:30"),
        ("2026-03-26T01:30", "2026-03-29T02:30"),
        ("2026-03-28", "2026-03-31T01:00"),
        # It ends on 25 October 2026: an hour less.
        ("2026-10-24T12:00", "2026-10-27T11:00"),
        ("2026-10-22T00:30", "2026-10-25T00:30"),
        ("2026-10-22T01:30", "2026-10-25T01:30"),
        ("2026-10-22T02:30", "2026-10-25T01:30"),
        ("2026-10-25", "2026-10-27T23:00"),
    ],
)
def test_when_it_is_due(kind: str, happened: str, due: str) -> None:
    assert due_at(KINDS[kind], happened) == due


@pytest.mark.parametrize(
    ("notified", "as_of", "state"),
    [
        ("2026-05-07T14:30", "2026-05-04", "yes"),
        ("2026-05-07T14:31", "2026-05-04", "no"),
        (None, "2026-05-07", "running"),
        (None, "2026-05-08", "no"),
    ],
)
def test_whether_the_clock_was_met(notified: str | None, as_of: str, state: str) -> None:
    assert clock_state("2026-05-07T14:30", notified, date.fromisoformat(as_of)) == state
