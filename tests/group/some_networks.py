"""A page of many networks, with places and areas, from practices that are made up."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from lescli.calendar import Period
from lescli.group.ask import StoreReply
from lescli.group.members import Member, Members
from lescli.group.networks import network_answer
from lescli.group.practices import practices_of
from lescli.operations.small_numbers import SmallNumbers
from lescli.outputs.html import html

YEAR, AS_OF = Period(date(2026, 4, 1), date(2027, 3, 31)), date(2027, 2, 3)
_EACH, _PLACES, _AREAS = 5, 6, 2


def page_of(networks: int, *, exact: bool) -> str:
    """The page of so many networks with five practices each."""
    rng = random.Random(networks)
    lines = list(_lines(networks))
    replies = [_reply(line.ods_code, rng) for line in lines]
    members = Members(lines=tuple(lines))
    practices = practices_of(replies, members, AS_OF)
    return html(network_answer(practices, members, "larc", YEAR, AS_OF, None if exact else SmallNumbers()))


def _lines(networks: int) -> Iterator[Member]:
    for number in range(networks * _EACH):
        network = number % networks
        yield Member(
            ods_code=f"A{81000 + number}",
            name=f"Surgery {number}",
            network_code=f"U{network + 1:05}",
            network_name=f"Primary care network {network + 1}",
            start=None,
            end=None,
            list_size=4000 + 97 * number,
            women_15_44=800 + 19 * number,
            place=f"Place {network % _PLACES + 1}",
            area=f"Area {network % _AREAS + 1}",
        )


def _reply(code: str, rng: random.Random) -> StoreReply:
    others = (code, code, code, "A81000", "A81001")
    days = [date(year, month, rng.randint(1, 28)) for year in (2024, 2025, 2026) for month in range(1, 13)]
    done = [[day.isoformat(), rng.choice(others), rng.randint(0, 6)] for day in sorted(days) for _ in range(2)]
    counts = {"title": "Implants and devices fitted", "items": ["fitting"], "rate_of": "women_15_44"}
    data = {"done": done, "elsewhere": [["2026-05-01", "Y00001", 4]], "counts": counts}
    return StoreReply(path=Path(f"{code}.les"), ods_code=code, name=code, data=data)
