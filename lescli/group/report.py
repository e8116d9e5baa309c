"""The measures of one service over many practices: sums of numerators and denominators, never of percentages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from ..calendar import Period, for_people
from ..operations.small_numbers import HIDDEN, SmallNumbers
from ..outputs import Answer, Column, Grid, Kind, counted
from .members import Members
from .practices import PracticeReply, attention_lines
from .suppress import Counts

_MEASURES = (
    Column("level", "Level"),
    Column("code", "Code", Kind.CODE),
    Column("name", "Name"),
    Column("id", "Measure"),
    Column("numerator", "Numerator", Kind.COUNT),
    Column("denominator", "Denominator", Kind.COUNT),
    Column("value", "Value", Kind.NUMBER),
    Column("unit", "Unit"),
)
_PERCENT = 100
_ALL = "all"


def group_report(
    practices: Sequence[PracticeReply],
    members: Members | None,
    service: str,
    period: Period,
    as_of: date,
    small: SmallNumbers | None,
) -> Answer:
    """The measures of each practice, of each network and of all.

    A network counts the practices that were its members on the last day of the period. With `small`, a count that could
    show who a patient is is hidden and every other is rounded, at every level.
    """
    counted_ones = [one for one in practices if one.is_counted]
    levels: list[tuple[str, str, str, list[dict[str, Any]]]] = [
        ("practice", one.ods_code, one.name, _measures(one)) for one in counted_ones
    ]
    names = members.networks() if members else {}
    for code in sorted({one.network for one in counted_ones if one.network}):
        those = [_measures(one) for one in counted_ones if one.network == code]
        levels.append(("network", code, names.get(code, code), summed(those)))
    levels.append(("all", "", "All practices", summed([_measures(one) for one in counted_ones])))
    if small is not None:
        levels = _suppressed(levels, {one.ods_code: one.network for one in counted_ones}, small)
    data: dict[str, Any] = {
        "schema": "les-group-report/1",
        "service": service,
        "period": {"start": period.start.isoformat(), "end": period.end.isoformat()},
        "as_of": as_of.isoformat(),
        "practices": [
            {**one.head, "measures": next((found for _, code, _, found in levels if code == one.ods_code), [])}
            if one.is_counted
            else {**one.head, "measures": []}
            for one in practices
        ],
        "networks": [
            {"code": code, "name": name, "measures": found} for level, code, name, found in levels if level == "network"
        ],
        "measures": levels[-1][3],
    }
    if small is not None:
        data["suppressed"] = small.words
    rows = tuple(
        (level, code, name, *(_shown(one, column.name) for column in _MEASURES[3:]))
        for level, code, name, found in reversed(levels)
        for one in found
    )
    title = f"Report of {service}, {for_people(period.start)} to {for_people(period.end)}, "
    title += counted(len(counted_ones), "practice")
    return Answer(
        data=data,
        title=f"{title}; {small.words}" if small else title,
        grids=(Grid(title="Measures", columns=_MEASURES, rows=rows, empty="no practice answered"),),
        notes=attention_lines(practices, members),
    )


def _measures(practice: PracticeReply) -> list[dict[str, Any]]:
    return list(practice.reply.data["measures"]) if practice.reply is not None and practice.reply.data else []


def summed(every: Iterable[Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The measures of several practices as one: numerators and denominators added, shares worked out anew.

    A measure that a practice does not have adds nothing; one without a denominator anywhere is a count.
    """
    sums: dict[str, dict[str, Any]] = {}
    for found in every:
        for one in found:
            held = sums.setdefault(one["id"], {**one, "numerator": 0, "denominator": None})
            held["numerator"] += one["numerator"]
            if one["denominator"] is not None:
                held["denominator"] = (held["denominator"] or 0) + one["denominator"]
    for held in sums.values():
        part, whole = held["numerator"], held["denominator"]
        held["value"] = part if whole is None else round(_PERCENT * part / whole, 2) if whole else None
    return list(sums.values())


_Level = tuple[str, str, str, list[dict[str, Any]]]


def _suppressed(levels: Sequence[_Level], networks: dict[str, str], small: SmallNumbers) -> list[_Level]:
    """The levels with small numbers hidden, and with them what would give them away by subtraction."""
    keys = [
        code if level == "practice" else f"network {code}" if level == "network" else _ALL for level, code, *_ in levels
    ]
    found = [{one["id"]: one for one in measures} for _, _, _, measures in levels]
    shown = [small.measures(measures) for _, _, _, measures in levels]
    by_id = [{one["id"]: one for one in measures} for measures in shown]
    for measure in {name for one in found for name in one}:
        held = [(key, one[measure], told) for key, one, told in zip(keys, found, by_id, strict=True) if measure in one]
        for part in ("numerator", "denominator"):
            counts = {key: one[part] or 0 for key, one, _ in held}
            secret = {key for key, _, told in held if counts[key] and told[measure][part] is None}
            hidden = hidden_of_sums(counts, secret, networks, small.up_to)
            for key, _, told in held:
                if key in hidden:
                    row = {"numerator": None, "value": None, "suppressed": True}
                    told[measure] |= row if part == "numerator" else {**row, "denominator": None}
    return [(*level[:3], measures) for level, measures in zip(levels, shown, strict=True)]


def hidden_of_sums(
    counts: Mapping[str, int], secret: Collection[str], networks: Mapping[str, str], up_to: int
) -> frozenset[str]:
    """What to hide of one measure's counts: of practices by their code, of networks as `network CODE`, and of `all`."""
    sums = Counts(up_to)
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for key, count in counts.items():
        rank = 0 if key in networks else 2 if key == _ALL else 1
        sums.add(key, count, unit=key, rank=rank, hidden=key in secret)
        if key != _ALL:
            parts[f"network {networks[key]}" if networks.get(key) else _ALL].append(key)
    for total, found in parts.items():
        sums.add_sum(total, found)
    return sums.hidden_units()


def _shown(measure: dict[str, Any], name: str) -> object:
    value: object = measure[name]
    return HIDDEN if value is None and measure.get("suppressed") and name in ("numerator", "value") else value
