"""Until when a patient who declined is left out of a recall."""

from __future__ import annotations

from datetime import date

import pytest

from lescli.model import Invitation, Recall
from lescli.rules.unregistered import declined_by

DUE = Recall(nhs_number="9990000018", kind="injection", due_on=date(2026, 11, 4), clause="2.2")


def contact(on: date, outcome: str = "declined", until: date | None = None) -> Invitation:
    return Invitation(nhs_number=DUE.nhs_number, on=on, by="phone", outcome=outcome, until=until)


@pytest.mark.parametrize(
    ("said_on", "until", "again_on"),
    [
        (date(2026, 11, 8), None, None),
        (date(2026, 5, 4), None, None),
        (date(2026, 5, 3), None, date(2026, 11, 4)),
        (date(2026, 11, 8), date(2027, 1, 15), date(2027, 1, 15)),
        (date(2026, 5, 3), date(2026, 8, 1), date(2026, 8, 1)),
        (date(2026, 5, 3), date(2027, 1, 15), date(2026, 11, 4)),
    ],
)
def test_a_refusal_ends_on_its_day_or_when_it_was_about_an_earlier_recall(
    said_on: date, until: date | None, again_on: date | None
) -> None:
    asked = date(2026, 7, 1)
    found = declined_by([contact(said_on, until=until)], DUE, asked)
    assert found is not None
    assert (found.declined_on, found.again_on, found.due_on) == (said_on, again_on, DUE.due_on)
    if again_on:
        assert declined_by([contact(said_on, until=until)], DUE, again_on) is None


def test_the_last_recorded_outcome_counts() -> None:
    said = [contact(date(2026, 11, 8)), contact(date(2026, 11, 9), "booked")]
    assert declined_by(said, DUE, date(2026, 11, 20)) is None
