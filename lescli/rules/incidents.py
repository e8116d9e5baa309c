"""The reporting clock of an untoward event: when it must be notified, by the hours or working days of the clause."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ..calendar import add_working_days
from ..model import IncidentKind


def due_at(kind: IncidentKind, happened: str) -> str:
    """When the notification is due, as local time `2026-05-04T14:30`.

    `happened` is a date or a local date and time. Hours are counted from the moment; where only the day is known,
    from its first minute, so that the clock is never longer than the specification allows. A clock of hours that
    crosses a change of summer time counts real hours. Working days end with the last minute of the day. Empty for an
    event that is counted and has no clock.
    """
    if kind.working_days is None and kind.hours is None:
        return ""
    if kind.working_days is not None:
        return f"{add_working_days(date.fromisoformat(happened[:10]), kind.working_days).isoformat()}T23:59"
    from zoneinfo import ZoneInfo

    london = ZoneInfo("Europe/London")
    start = datetime.fromisoformat(happened if "T" in happened else f"{happened}T00:00").replace(tzinfo=london)
    utc = ZoneInfo("UTC")
    due = (start.astimezone(utc) + timedelta(hours=kind.hours or 0)).astimezone(london)
    return due.strftime("%Y-%m-%dT%H:%M")
