"""A contact, an event or a notification cannot have happened on a future day, so it is refused."""

from __future__ import annotations

import pytest

ANN = "9990000018"
AS_OF = ("--as-of", "2026-06-05")
INVITE = ("invite", "denosumab", ANN, "--by", "sms", "--on")
INCIDENT = ("incident", "denosumab", "--kind", "death", "--patient", ANN, "--on")


@pytest.mark.parametrize(
    ("words", "option", "what"),
    [
        ((*INVITE, "2026-06-06"), "--on", "the contact"),
        ((*INCIDENT, "2026-06-06"), "--on", "the event"),
        ((*INCIDENT, "2026-06-06T00:00"), "--on", "the event"),
        ((*INCIDENT, "2026-06-05", "--notified", "2026-06-06T09:00"), "--notified", "the notification"),
    ],
)
def test_a_day_to_come_is_refused(les_here, store, words, option, what):
    before = store.read_bytes()
    done = les_here(*words, *AS_OF, store=store)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"les: {option} is after 05 Jun 2026, the day asked on; give the day of {what}, or ask on a later day "
        "with --as-of\n"
    )
    assert store.read_bytes() == before
    # The cure, typed as printed.
    assert les_here(*words, "--as-of", "2026-06-06", store=store).code == 0


@pytest.mark.parametrize(
    "words",
    [
        (*INVITE, "2026-06-05"),
        (*INCIDENT, "2026-06-05T23:59"),
        (*INCIDENT, "2026-06-05", "--notified", "2026-06-05T23:59"),
    ],
)
def test_the_day_asked_on_itself_is_taken(les_here, store, words):
    assert les_here(*words, *AS_OF, store=store).code == 0


def test_the_reporting_clock_is_printed_in_plain_dates(les_here, store):
    event = (*INCIDENT, "2026-06-01")
    done = les_here(*event, *AS_OF, store=store)
    assert "recorded; to be notified by 04 Jun 2026, 00:00 (" in done.err
    explain = ("explain", "denosumab", "--patient", ANN, *AS_OF)
    assert (
        "on 01 Jun 2026, to be notified by 04 Jun 2026, 00:00, notified: not yet" in les_here(*explain, store=store).out
    )
    shown = " ".join(les_here("status", *AS_OF, store=store).out.split())
    assert "1 day late: notify" in shown and "by 04 Jun 2026, 00:00" in shown
    (clock,) = les_here("status", *AS_OF, "--json", store=store).json["clocks"]
    assert (clock["on"], clock["due_at"]) == ("2026-06-01", "2026-06-04T00:00")
    assert les_here(*event, "--notified", "2026-06-03T14:30", *AS_OF, store=store).code == 0
    assert "notified: 03 Jun 2026, 14:30" in les_here(*explain, store=store).out
