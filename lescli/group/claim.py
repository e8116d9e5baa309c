"""The claims of many practices for one month, by practice, by network and in all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from ..calendar import ClaimPeriod
from ..outputs import Answer, Column, Grid, Kind, counted, pounds
from .members import Members
from .practices import PracticeReply, attention_lines

_PRACTICES = (
    Column("ods_code", "ODS code", Kind.CODE),
    Column("name", "Practice"),
    Column("network", "Network", Kind.CODE),
    Column("service", "Service"),
    Column("status", "Status"),
    Column("considered", "Activities", Kind.COUNT),
    Column("payable", "Payable", Kind.COUNT),
    Column("check", "To put right", Kind.COUNT),
    Column("total_pence", "Total", Kind.PENCE),
    Column("error", "To look at"),
)
_NETWORKS = (
    Column("code", "Network", Kind.CODE),
    Column("name", "Name"),
    Column("practices", "Practices", Kind.COUNT),
    Column("total_pence", "Total", Kind.PENCE),
)


def group_claim(practices: Sequence[PracticeReply], members: Members | None, month: ClaimPeriod, as_of: date) -> Answer:
    """All claims in the shape of docs/reference/json.md. It names no patient.

    A network's total counts the work of the days on which a practice was its member: a practice that changes network
    in June counts in each for its days.
    """
    networks = list(_networks(practices, members, month))
    total = sum(sum(one["total_pence"] for one in _services(practice)) for practice in practices if practice.is_counted)
    data: dict[str, Any] = {
        "schema": "les-group-claim/1",
        "month": str(month),
        "as_of": as_of.isoformat(),
        "practices": [{**one.head, "services": _services(one)} for one in practices],
        "networks": networks,
        "total_pence": total,
    }
    answered = sum(one.is_counted for one in practices)
    rows = tuple(row for one in practices for row in _rows(one))
    return Answer(
        data=data,
        title=f"Claims for {month}: {answered} of {counted(len(practices), 'practice')}, {pounds(total)}",
        grids=(
            Grid(title="Practices", columns=_PRACTICES, rows=rows, empty="no store was named"),
            Grid(
                title="Networks",
                columns=_NETWORKS,
                rows=tuple(tuple(one[column.name] for column in _NETWORKS) for one in networks),
                empty="no network: name the file of members with --members",
            ),
        ),
        notes=attention_lines(practices, members),
    )


def _services(practice: PracticeReply) -> list[dict[str, Any]]:
    """A practice's claims without what only the practice needs."""
    if practice.reply is None or practice.reply.data is None:
        return []
    data = practice.reply.data
    names = ("service", "status", "lines", "total_pence", "considered", "verdicts")
    return [{name: one[name] for name in names} for one in (data if isinstance(data, list) else [data])]


def _rows(practice: PracticeReply) -> Iterator[tuple[object, ...]]:
    head = (practice.ods_code, practice.name, practice.network)
    services = _services(practice)
    if practice.status == "duplicate" or not services:
        yield (*head, "", practice.status, None, None, None, None, practice.error)
        return
    for one in services:
        verdicts = one["verdicts"]
        said = one["status"] if practice.status == "ok" else practice.status
        numbers = (one["considered"], verdicts["payable"], verdicts["check"], one["total_pence"])
        yield (*head, one["service"], said, *numbers, practice.error or "")


def _networks(
    practices: Sequence[PracticeReply], members: Members | None, month: ClaimPeriod
) -> Iterator[dict[str, Any]]:
    if members is None:
        return
    sums: defaultdict[str, int] = defaultdict(int)
    belong: defaultdict[str, set[str]] = defaultdict(set)
    for line in members.lines:
        if (line.start or date.min) <= month.last and (line.end or date.max) >= month.first:
            belong[line.network_code].add(line.ods_code)
    for practice in practices:
        if not practice.is_counted or practice.reply is None:
            continue
        for day, pence in practice.reply.paid_on:
            line_then = members.on(practice.ods_code, day)
            if line_then is not None:
                sums[line_then.network_code] += pence
                # Late work of an earlier month may be of a network that the practice has left.
                belong[line_then.network_code].add(practice.ods_code)
    for code, name in members.networks().items():
        if code in belong:
            yield {"code": code, "name": name, "practices": len(belong[code]), "total_pence": sums[code]}
