from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lescli.errors import LesError, UsageError
from lescli.outputs import Answer, Event
from lescli.outputs.ics import ics
from lescli.outputs.table import nhs_numbers_in

DAY = date(2026, 6, 10)


def calendar(*events: Event) -> bytes:
    return ics(Answer(data={}, title="", grids=(), events=events))


def test_the_whole_calendar(answer: Answer) -> None:
    assert ics(answer).decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//lescli//les//EN",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        "UID:denosumab-2026-05@les",
        "DTSTAMP:20260610T000000Z",
        "DTSTART;VALUE=DATE:20260610",
        "SUMMARY:Claim\\; denosumab\\, May",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


@given(st.text(max_size=200).filter(lambda text: not nhs_numbers_in(text)))
def test_lines_are_folded_at_75_octets_and_unfold_to_the_title(title: str) -> None:
    content = calendar(Event(uid="u", day=DAY, title=title))
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
        assert b"\r" not in line
        line.decode("utf-8")
    unfolded = content.decode().replace("\r\n ", "")
    found = re.search(r"\r\nSUMMARY:(.*)\r\nTRANSP", unfolded)
    assert found
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", found[1])
    assert len(unfolded.split("\r\n")) == 13


def test_a_title_cannot_begin_another_property() -> None:
    content = calendar(Event(uid="u\r\nX:1", day=DAY, title="a\r\nATTENDEE:mailto:x@example.org"))
    assert b"\r\nATTENDEE" not in content
    assert b"\r\nX:1" not in content


def test_the_last_day_of_the_calendar_and_an_early_one() -> None:
    assert b"DTSTART;VALUE=DATE:99991231" in calendar(Event(uid="u", day=date.max, title=""))
    assert b"DTSTART;VALUE=DATE:08500101" in calendar(Event(uid="u", day=date(850, 1, 1), title=""))


def test_a_title_with_an_nhs_number_is_refused() -> None:
    with pytest.raises(LesError) as caught:
        calendar(Event(uid="u", day=DAY, title="Injection 999 000 0018"))
    assert "0018" not in str(caught.value)


def test_no_events_are_a_usage_error() -> None:
    with pytest.raises(UsageError, match="les status"):
        calendar()
