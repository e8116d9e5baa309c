"""The days of an answer as a calendar file (RFC 5545): one all-day event each. No event names a patient."""

from __future__ import annotations

from ..errors import UsageError
from .answer import Answer, Event
from .table import one_line, refuse_nhs_numbers

_LONGEST_LINE = 75  # octets, RFC 5545 section 3.1


def ics(answer: Answer) -> bytes:
    """The calendar, the same bytes for the same answer. UsageError when the answer has no days.

    Nothing depends on the clock: DTSTAMP is the event's own day. Diaries are shared and synchronised, so a title with
    an NHS number is refused with LesError.
    """
    if not answer.events:
        raise UsageError("the answer has no dates for a diary", "`les status --out FILE.ics` writes the deadlines")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//lescli//les//EN", "CALSCALE:GREGORIAN"]
    for event in answer.events:
        lines += _event(event)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) + b"\r\n" for line in lines)


def _event(event: Event) -> list[str]:
    refuse_nhs_numbers(event.title, event.uid)
    day = event.day.isoformat().replace("-", "")
    return [
        "BEGIN:VEVENT",
        f"UID:{_escaped(event.uid)}",
        f"DTSTAMP:{day}T000000Z",
        # No DTEND: an event that starts on a date and has no end lasts that day (section 3.6.1).
        f"DTSTART;VALUE=DATE:{day}",
        f"SUMMARY:{_escaped(event.title)}",
        # A deadline does not make anyone busy all day.
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> bytes:
    """The line cut into pieces of at most 75 octets, never inside a character."""
    pieces, piece = [], b""
    for character in line:
        octets = character.encode("utf-8")
        if len(piece) + len(octets) > _LONGEST_LINE:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece])
