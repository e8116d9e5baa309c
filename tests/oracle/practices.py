"""Random practices by seed: what they did in which order, on days around every boundary that a specification knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from random import Random

from lescli.testing import nhs_number

from .commands import Ask, Command, Import, Reverse, Settle, Sign, Submit, Term, Unsign, Withdraw
from .days import ONE_DAY, days_between, first_of, last_of, month_of, months_between, months_later

ODS, HUB, ELSEWHERE = "A82038", "RXN", "A82999"
Cells = dict[str, str]


@dataclass
class Draw:
    """The dice of one practice, the months it lives in, and the patients it has."""

    dice: Random
    first: date
    last: date
    people: list[Cells] = field(default_factory=list)
    made: int = 0
    risen: list[str] = field(default_factory=list)
    """Whose death the newest file no longer states."""
    ever_risen: set[str] = field(default_factory=set)

    def one_in(self, n: int) -> bool:
        """True once in n throws."""
        return self.dice.randrange(n) == 0

    def day(self) -> date:
        """A day of the practice's time, often the edge of a month or beside one."""
        days = days_between(self.first, self.last)
        if self.one_in(2):
            return self.dice.choice(days)
        edges = [first_of(month) for month in months_between(self.first, self.last)]
        edge = self.dice.choice(edges) + self.dice.choice([-2, -1, 0, 0, 1]) * ONE_DAY
        return min(max(edge, self.first), self.last)

    def near(self, day: date) -> date:
        """That day, the one before or the one after."""
        return day + self.dice.choice([-1, 0, 0, 1]) * ONE_DAY

    def name(self) -> str:
        """What no other entry is called."""
        self.made += 1
        return f"v{self.made}"


@dataclass(frozen=True)
class Kind:
    """What practices of one service look like."""

    first: date
    last: date
    codes: tuple[str, ...]
    types: tuple[str, ...]
    clinicians: tuple[str, ...]
    window: int
    terms: Callable[[Draw], list[Term]]
    register: Callable[[Draw, str, list[date]], list[Command]]
    born: Callable[[Draw, list[date]], date]
    others: Callable[[Draw], list[Command]] = lambda draw: []
    many: bool = False


def practice(kind: Kind, seed: int) -> list[Command]:
    """The commands of one practice."""
    dice = Random(seed)
    months = months_between(kind.first, kind.last)
    place = dice.randrange(len(months))
    first = first_of(months[place])
    draw = Draw(dice, first, last_of(months[min(place + dice.choice([2, 3, 5, 8, 12]), len(months) - 1)]))
    entries = [row for number in range(dice.randint(3, 7)) for row in _entries(kind, draw, number)]
    days = [date.fromisoformat(row["date"]) for row in entries] or [first]
    asking = draw.last + ONE_DAY
    setting: list[Command] = [*_signing(draw), *kind.terms(draw), *kind.others(draw)]
    registering = [
        one
        for person in draw.people
        for one in kind.register(draw, person["nhs_number"], _days_of(entries, person) or [first])
    ]
    dice.shuffle(registering)
    commands: list[Command] = [*setting, _import(draw, [*_described(draw), *entries]), *registering]
    commands += [_ask(draw, kind, days) for _ in range(2)]
    for month in _months_to_submit(draw):
        on = _submitted_on(draw, month)
        if draw.one_in(4):
            early = last_of(month) + draw.dice.choice([-3, 0, 1]) * ONE_DAY
            commands.append(Submit(month, draw.dice.choice([early, on]), sure=False))
        commands.append(Submit(month, on))
        commands.append(_ask(draw, kind, days))
        if draw.one_in(4):
            commands += [Withdraw(month, on + ONE_DAY), _ask(draw, kind, days)]
            if not draw.one_in(3):
                commands.append(Submit(month, on + 2 * ONE_DAY))
        if draw.one_in(3):
            commands.append(Reverse(dice.randrange(1000), asking))
        if draw.one_in(3):
            commands.append(_import(draw, _changed(kind, draw, entries)))
            for nhs in draw.risen:
                commands.append(_ask(draw, kind, days))
                if not draw.one_in(3):
                    commands.append(Settle(nhs, draw.one_in(3), asking))
        if draw.one_in(4):
            commands += kind.terms(draw)
        if draw.one_in(6):
            commands += _signing(draw)
        if draw.one_in(4) and registering:
            commands += kind.register(draw, dice.choice(draw.people)["nhs_number"], days)
        commands.append(_ask(draw, kind, days))
    return [one for one in commands if not isinstance(one, Import) or one.rows]


def _import(draw: Draw, rows: list[Cells]) -> Import:
    return Import(tuple(dict(row) for row in rows), draw.last + ONE_DAY)


def _signing(draw: Draw) -> list[Command]:
    if not draw.one_in(3):
        return []
    start = draw.day()
    commands: list[Command] = [Sign(start)]
    if draw.one_in(2):
        last = draw.day()
        if last >= start:
            commands.append(Unsign(last))
            if draw.one_in(2):
                commands.append(Sign(max(draw.day(), last + ONE_DAY)))
    return commands


def _person(kind: Kind, draw: Draw, number: int, days: list[date]) -> Cells:
    dice = draw.dice
    left = draw.near(dice.choice(days)) if draw.one_in(5) else None
    died = draw.near(dice.choice(days)) if draw.one_in(6) else None
    joined = draw.near(dice.choice(days)) if draw.one_in(6) else None
    if joined and left and left <= joined:
        left = None
    if joined and died and died < joined:
        died = None
    born = kind.born(draw, days)
    return {
        "nhs_number": nhs_number(number),
        "date_of_birth": born.isoformat(),
        "registered_practice": ELSEWHERE if draw.one_in(12) else "",
        "registration": dice.choice(["", "", "regular", "temporary", "none"] if draw.one_in(4) else [""]),
        "registered_on": max(joined or date(2015, 3, 2), born).isoformat(),
        "left_on": left.isoformat() if left else "",
        "died_on": died.isoformat() if died else "",
        "housebound": dice.choice(["", "yes", "no"]),
    }


_NO_ENTRY = dict.fromkeys(
    ("date", "code", "code_system", "consultation_type", "clinician", "done_at", "value", "source_id"), ""
)


def _entries(kind: Kind, draw: Draw, number: int) -> list[Cells]:
    dice = draw.dice
    days = [draw.day() for _ in range(dice.choice([4, 6, 9, 12] if kind.many else [1, 2, 3, 4, 6]))]
    if draw.one_in(3):
        days += [draw.near(dice.choice(days)) for _ in range(3)]
    days = [min(max(day, draw.first), draw.last) for day in days]
    person = _person(kind, draw, number, days)
    draw.people.append(person)
    rows = [{**person, **_entry(kind, draw, day)} for day in days]
    if draw.one_in(8):
        # The very same row twice is two entries.
        rows += [{**rows[0], "source_id": "", "value": "twice"} for _ in range(2)]
    return rows


def _entry(kind: Kind, draw: Draw, day: date) -> Cells:
    dice = draw.dice
    system, _, code = dice.choice(kind.codes).partition(":")
    name = draw.name()
    return {
        "date": day.isoformat(),
        "code": code,
        "code_system": system,
        "consultation_type": dice.choice(kind.types),
        "clinician": dice.choice(kind.clinicians),
        "done_at": dice.choice([HUB, ODS]) if draw.one_in(8) else "",
        "value": name,
        "source_id": f"id-{name}" if draw.one_in(2) else "",
    }


def _described(draw: Draw) -> list[Cells]:
    return [{**person, **_NO_ENTRY} for person in draw.people]


def _days_of(entries: list[Cells], person: Cells) -> list[date]:
    return [date.fromisoformat(row["date"]) for row in entries if row["nhs_number"] == person["nhs_number"]]


def _changed(kind: Kind, draw: Draw, entries: list[Cells]) -> list[Cells]:
    """A later export: some rows the same, some changed, some withdrawn, some new; some patients left or died."""
    dice = draw.dice
    rows: list[Cells] = []
    draw.risen.clear()
    for person in draw.people:
        days = _days_of(entries, person) or [draw.first]
        # Whether the register of who is said to have left after a death in doubt has ended is said nowhere.
        taken_back = bool(person["died_on"]) and not person["left_on"] and draw.one_in(3)
        if draw.one_in(6) and not person["left_on"] and not taken_back and person["nhs_number"] not in draw.ever_risen:
            left = draw.near(dice.choice(days)).isoformat()
            person["left_on"] = left if left > person["registered_on"] else ""
        elif draw.one_in(3) and person["left_on"] and not person["died_on"]:
            back = draw.near(dice.choice(days)).isoformat()
            if back > person["left_on"]:
                person["registered_on"], person["left_on"] = back, ""
        if taken_back:
            person["died_on"] = ""
            draw.risen.append(person["nhs_number"])
            draw.ever_risen.add(person["nhs_number"])
        elif draw.one_in(8) and not person["died_on"]:
            died = draw.near(dice.choice(days)).isoformat()
            person["died_on"] = died if died >= person["registered_on"] else ""
        if taken_back or draw.one_in(2):
            rows.append({**person, **_NO_ENTRY})
        if draw.one_in(3):
            row = {**person, **_entry(kind, draw, draw.near(dice.choice(days)))}
            entries.append(row)
            rows.append(row)
    told = {person["nhs_number"]: person for person in draw.people}
    for row in list(entries):
        row.update(told[row["nhs_number"]])
        chance = dice.randrange(12)
        if chance < 4:
            rows.append(dict(row))
        elif chance == 4 and row["source_id"]:
            row["date"] = draw.near(date.fromisoformat(row["date"])).isoformat()
            rows.append(dict(row))
        elif chance == 5 and row["source_id"]:
            row["consultation_type"] = dice.choice(kind.types)
            rows.append(dict(row))
        elif chance == 6 and row["source_id"]:
            rows.append({**row, **_NO_ENTRY, "source_id": row["source_id"]})
            entries.remove(row)
    dice.shuffle(rows)
    return rows


def _months_to_submit(draw: Draw) -> list[str]:
    months = months_between(draw.first, draw.last)
    start = draw.dice.randrange(len(months))
    return months[start : start + draw.dice.randint(1, 2)]


def _submitted_on(draw: Draw, month: str) -> date:
    return months_later(first_of(month), draw.dice.choice([1, 1, 1, 2, 3])) + draw.dice.randint(0, 12) * ONE_DAY


def _ask(draw: Draw, kind: Kind, days: list[date]) -> Ask:
    day = draw.dice.choice(days)
    month = month_of(months_later(day, draw.dice.choice([0, 0, 1, 2, kind.window, kind.window + 1])))
    edge = months_later(day, kind.window)
    on = draw.dice.choice(
        [
            last_of(month),
            last_of(month) + draw.dice.randint(1, 10) * ONE_DAY,
            first_of(month) + draw.dice.randint(0, 27) * ONE_DAY,
            edge,
            edge + ONE_DAY,
            draw.last + ONE_DAY,
        ]
    )
    return Ask(month, on)
