"""Puts the replies of many stores beside the practices that should have replied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..outputs import counted
from .ask import StoreReply
from .members import Members

_MOST_STALE = 5
"""A line for each of so many practices with old data. Of more there is one line: the table has each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeReply:
    """One practice of a group: its store's reply, or why there is none.

    `status` is `ok`, `failed`, `missing` (in MEMBERS, without a store), `stale` (old data) or `duplicate` (another
    store of the same practice is counted). `network` is its network's code on the day asked for, "" outside any.
    """

    ods_code: str
    name: str
    network: str
    status: str
    error: str | None
    reply: StoreReply | None

    @property
    def is_counted(self) -> bool:
        """Whether its answer is part of the sums."""
        return self.status != "duplicate" and self.reply is not None and self.reply.data is not None

    @property
    def head(self) -> dict[str, Any]:
        """What every answer about many practices says of each."""
        return {
            "ods_code": self.ods_code or None,
            "name": self.name,
            "network": self.network or None,
            "status": self.status,
            "error": self.error,
        }


def practices_of(replies: Sequence[StoreReply], members: Members | None, day: date) -> tuple[PracticeReply, ...]:
    """Every practice that replied or is in MEMBERS on a day, in order of its code; unknown codes come last.

    Of two stores of one practice, the first one that answered is counted. The other is a duplicate.
    """
    counted_paths: dict[str, StoreReply] = {}
    for reply in replies:
        if reply.ods_code and reply.data is not None:
            counted_paths.setdefault(reply.ods_code, reply)
    found = [_practice(reply, counted_paths.get(reply.ods_code), members, day) for reply in replies]
    there = {reply.ods_code for reply in replies}
    for ods_code in members.practices if members else ():
        line = members.on(ods_code, day) if members else None
        if line is not None and ods_code not in there:
            found.append(
                PracticeReply(
                    ods_code=ods_code,
                    name=line.name,
                    network=line.network_code,
                    status="missing",
                    error="it is in MEMBERS, but no store of it was named",
                    reply=None,
                )
            )
    return tuple(sorted(found, key=lambda one: (not one.ods_code, one.ods_code, one.status == "duplicate")))


def _practice(reply: StoreReply, counted_reply: StoreReply | None, members: Members | None, day: date) -> PracticeReply:
    line = members.on(reply.ods_code, day) if members else None
    status, error = reply.status, reply.error
    if counted_reply is not None and counted_reply is not reply:
        status, error = "duplicate", f"the same practice as {counted_reply.path.name}, which is counted; this is not"
    elif error is None and reply.stale_days is not None:
        error = f"its newest data is {counted(reply.stale_days, 'day')} old"
    return PracticeReply(
        ods_code=reply.ods_code,
        name=reply.name or (line.name if line else ""),
        network=line.network_code if line else "",
        status=status,
        error=error,
        reply=reply,
    )


def attention_lines(practices: Sequence[PracticeReply], members: Members | None) -> tuple[str, ...]:
    """One line for each practice that did not answer as it should, and one for those that are in no network.

    Where many have old data, one line says so of all.
    """
    stale = [one for one in practices if one.status == "stale"]
    summed_up = stale if len(stale) > _MOST_STALE else []
    lines = [f"{_named(one)}: {one.status}: {one.error}" for one in practices if one.error and one not in summed_up]
    if summed_up:
        days = [one.reply.stale_days for one in summed_up if one.reply and one.reply.stale_days]
        age = f"{min(days)} to {max(days)}" if min(days) < max(days) else f"{min(days)}"
        codes = ", ".join(one.ods_code for one in summed_up[:_MOST_STALE])
        lines.append(
            f"{counted(len(summed_up), 'practice')} stale: the newest data is {age} days old: "
            f"{codes} and {len(summed_up) - _MOST_STALE:,} more"
        )
    if members is not None and (outside := [one for one in practices if one.ods_code and not one.network]):
        codes = ", ".join(one.ods_code for one in outside)
        lines.append(
            f"{counted(len(outside), 'practice')} in no network of MEMBERS on that day: {codes}; counted in the "
            "total and in no network"
        )
    return tuple(lines)


def _named(one: PracticeReply) -> str:
    path = one.reply.path.name if one.reply else ""
    return " ".join(filter(None, (one.ods_code, f"({path})" if path else "")))


def needs_person(practices: Sequence[PracticeReply]) -> bool:
    """Whether somebody must look: a practice has not answered as it should, or its own answer asks for a person."""
    return any(one.error or (one.reply and one.reply.needs_person) for one in practices)
