"""Nothing that a page of networks hides can be worked out from all the rest of it: a solver tries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import numpy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from lescli.calendar import Period
from lescli.group.ask import StoreReply
from lescli.group.members import Member, Members
from lescli.group.networks import network_answer
from lescli.group.practices import practices_of
from lescli.operations.small_numbers import HIDDEN, SmallNumbers

UP_TO, MANY = 7, 400
YEAR = Period(date(2026, 4, 1), date(2027, 3, 31))
AS_OFS = {1: date(2026, 5, 2), 2: date(2026, 6, 2), 3: date(2026, 7, 2), 12: date(2027, 4, 2)}
Work = dict[tuple[str, str, date], int]
"""(practice, practice of the patients, first day of a month) -> number."""
Figure = tuple[str, Any, Callable[[str, str, date], bool]]
"""What it is, what is shown, and which work it is the sum of."""


def member(code: str, network: str, place: str) -> Member:
    return Member(
        ods_code=code,
        name=code,
        network_code=network,
        network_name=f"Network {network}",
        start=None,
        end=None,
        list_size=9000,
        women_15_44=1800,
        place=place,
    )


def published(work: Work, members: Members, as_of: date) -> Mapping[str, Any]:
    replies = []
    for code in members.practices:
        rows = [[day.isoformat(), home, count] for (by, home, day), count in work.items() if by == code and count]
        counts = {"title": "", "items": ["work"], "rate_of": "list_size"}
        data = {"done": rows, "elsewhere": [], "counts": counts}
        replies.append(StoreReply(path=Path(f"{code}.les"), ods_code=code, name=code, data=data))
    answer = network_answer(practices_of(replies, members, as_of), members, "s", YEAR, as_of, SmallNumbers())
    assert isinstance(answer.data, dict)
    return answer.data


def figures(data: Mapping[str, Any], members: Members, days: set[date]) -> Iterator[Figure]:
    """Every count of the answer, with the work that it stands for."""

    def inside(row: Mapping[str, Any], code: str) -> bool:
        line = members.of(code)[0] if code in members.practices else None
        if row["level"] == "all":
            return True
        named = "" if line is None else line.network_code if row["level"] == "network" else line.place
        return named == ("" if row["code"] == "none" else row["code"])

    for row in data["months"]:
        month = date.fromisoformat(f"{row['month']}-01")
        before = month.replace(year=month.year - 1)
        yield (
            f"{row['code']} {month}",
            row["count"],
            lambda by, home, day, row=row, month=month: inside(row, by) and day == month,
        )
        yield (
            f"{row['code']} {before}",
            row["last_year"],
            lambda by, home, day, row=row, before=before: inside(row, by) and day == before,
        )
    now, then = [day for day in days if day >= YEAR.start], [day for day in days if day < YEAR.start]
    networks = [row for row in data["networks"] if row["level"] == "network"]
    for row in (*data["networks"], *data["places"]):
        yield f"{row['code']} this", row["count"], lambda by, home, day, row=row: inside(row, by) and day in now
        yield f"{row['code']} last", row["last_year"], lambda by, home, day, row=row: inside(row, by) and day in then
        yield (
            f"{row['code']} for others",
            row["for_others"],
            lambda by, home, day, row=row: inside(row, by) and day in now and home not in ("", by),
        )
        # Work for patients of those in no place is done by others of nobody.
        among = [one for one in (networks if row["level"] == "all" else [row]) if one["code"] != "none"]
        yield (
            f"{row['code']} by others",
            row["by_others"],
            lambda by, home, day, among=among: (
                day in now and any(home and inside(one, home) and not inside(one, by) for one in among)
            ),
        )


def left_open(data: Mapping[str, Any], members: Members, work: Work) -> Iterator[tuple[str, int, int]]:
    """For each small number that is hidden: what it is, and the least and most that a reader can work out.

    The reader is trusted with the worst: to know which of the hidden numbers are small and which are 0.
    """
    names = list(work)
    rows, low, high, small = [], [], [], []
    for name, shown, counts in figures(data, members, {day for _, _, day in names}):
        row = numpy.array([float(counts(*name)) for name in names])
        true = int(sum(value * work[name] for value, name in zip(row, names, strict=True)))
        if shown == HIDDEN:
            least, most = (1, UP_TO) if 1 <= true <= UP_TO else (0, 0) if true == 0 else (UP_TO + 1, MANY)
            if 1 <= true <= UP_TO:
                small.append((name, true, row))
        else:
            assert not 1 <= true <= UP_TO, "a small number is shown"
            assert shown == (2 * true + 5) // 10 * 5
            least, most = (0, 0) if shown == 0 else (max(UP_TO + 1, shown - 2), shown + 2)
        assert least <= true <= most
        rows.append(row)
        low.append(least)
        high.append(most)
    fits = LinearConstraint(numpy.array(rows), low, high)
    for name, true, row in small:
        ends = []
        for sign in (1, -1):
            found = milp(sign * row, constraints=fits, integrality=numpy.ones(len(names)), bounds=Bounds(0, MANY))
            assert found.status == 0, found.message
            ends.append(round(sign * found.fun))
        yield f"{name} is {true}", ends[0], ends[1]


@st.composite
def practices(draw: st.DrawFn) -> tuple[Members, Work, int]:
    codes = [f"A{n}" for n in range(1, draw(st.integers(2, 4)) + 1)]
    places = draw(st.sampled_from([("",), ("", "P1"), ("P1", "P2")]))
    lines = [member(code, f"U{draw(st.integers(1, 3))}", draw(st.sampled_from(places))) for code in codes]
    months = draw(st.integers(1, 3))
    days = [date(year, 4 + month, 1) for month in range(months) for year in (2025, 2026)]
    # A reader does not know who worked for whom: what is 0 may have been anything.
    work = dict.fromkeys(product(codes, (*codes, ""), days), 0)
    for code in codes:
        for home, day in product((code, draw(st.sampled_from((*codes, "")))), days):
            work[code, home, day] = draw(st.one_of(st.just(0), st.integers(1, 9), st.integers(8, 30)))
    return Members(lines=tuple(lines)), work, months


def drawn_of(lines: str, *done: tuple[str, str, int]) -> tuple[Members, Work, int]:
    """Practices as `A1:U1:P1`, and what each did in April 2026 for whose patients."""
    members = Members(lines=tuple(member(*line.split(":")) for line in lines.split()))
    days = (date(2025, 4, 1), date(2026, 4, 1))
    work = dict.fromkeys(product(members.practices, (*members.practices, ""), days), 0)
    return members, {**work, **{(by, home, days[1]): count for by, home, count in done}}, 1


def one_a_month() -> tuple[Members, Work, int]:
    """A year of 12, shown as 10, cannot be less than one a month."""
    days = [date(2026 + month // 13, month % 13 + month // 13, 1) for month in range(4, 16)]
    return Members(lines=(member("A1", "U1", ""),)), {("A1", "A1", day): 1 for day in days}, 12


SMALL, LARGE, OTHER = ("A1", "A1", 1), ("A2", "A2", 18), ("A3", "A3", 18)


@settings(deadline=None, max_examples=60)
@given(practices())
@example(drawn_of("A1:U1: A2:U2: A3:U3:", SMALL, LARGE, OTHER))
# The place of A2 alone says what its network hides.
@example(drawn_of("A1:U1:P1 A2:U2:P2 A3:U3:P1", SMALL, LARGE, OTHER))
@example(drawn_of("A1:U1: A2:U2: A3:U3:", ("A1", "A2", 1), ("A2", "A3", 18), ("A3", "A2", 18), ("A1", "A1", 30)))
@example(drawn_of("A1:U1: A2:U2: A3:U3:", ("A2", "A1", 1), ("A2", "A3", 18), ("A3", "A2", 18)))
@example(one_a_month())
def test_a_solver_finds_no_hidden_number(drawn: tuple[Members, Work, int]) -> None:
    members, work, months = drawn
    data = published(work, members, AS_OFS[months])
    for what, least, most in left_open(data, members, work):
        assert least < most, what
