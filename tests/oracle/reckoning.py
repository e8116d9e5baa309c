"""What every service shares, reckoned slowly from the record: who counts on a day, what was found, and one verdict.

Written from the specifications and from what was decided where they are silent, by nobody who read the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from .commands import Term
from .days import first_of, last_of, month_of, months_later, year_of
from .record import Claimed, Entry, Record, Spell, alive, remember
from .register import contradicts_itself, times

ORDER = ("claimed", "refused", "expired", "check", "over_cap", "unpriced", "payable")
"""When several apply, the first of these is the verdict."""

Found = tuple[str, str]
"""A verdict and its reason."""
ACCEPTED: Found = ("payable", "accepted")


@dataclass
class Row:
    """One activity (or patient-month) of a claim."""

    item: str
    nhs: str
    day: date
    entry: str | None
    own: frozenset[Found] = frozenset()
    found: list[Found] = field(default_factory=list)
    pence: int | None = None

    @property
    def verdict(self) -> str:
        """The first that applies."""
        return min((verdict for verdict, _ in self.found), key=ORDER.index, default="payable")

    @property
    def reasons(self) -> set[str]:
        """Every reason of that verdict; one of them is told."""
        return {reason for verdict, reason in self.found if verdict == self.verdict} or {"accepted"}


@dataclass(frozen=True)
class Item:
    """Something paid for by the entry."""

    name: str
    codes: tuple[str, ...]
    pence: int | None
    most_a_year: int | None = None


@dataclass(frozen=True)
class Service:
    """One specification: its days, its window, what it pays for, and what it alone says of an entry."""

    name: str
    start: date
    end: date
    window: int | None
    items: tuple[Item, ...]
    own: Callable[[Record, Entry, str, date], list[Found]]
    opened_by: tuple[str, ...]
    for_the_town: bool = False
    or_nowhere: bool = False
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


# What the practice set, and what held on a day.


def listed_on(record: Record, key: str, day: date, shipped: tuple[str, ...]) -> list[str]:
    """A list as it stood on a day: `=` puts another in its place, `+=` adds to it."""
    values = list(shipped)
    for term in _terms_of(record, key):
        if term.start <= day:
            told = [one.strip() for one in term.value.split(",")]
            values = values + told if term.adds else told
    return values


def _terms_of(record: Record, key: str) -> list[Term]:
    """What was set of one thing, by the day from which it holds."""

    def mine() -> list[Term]:
        return sorted((term for term in record.terms if term.key == key), key=lambda term: term.start)

    return list(remember(record, ("terms", key), mine))


def set_on(record: Record, key: str, day: date, shipped: str | None) -> str | None:
    """A single value as it stood on a day."""
    values = listed_on(record, key, day, () if shipped is None else (shipped,))
    return values[-1] if values else None


def price_on(record: Record, item: str, day: date, shipped: int | None, since: date) -> int | None:
    """Pence on a day: of all prices that began by then the one that began last, on one day the practice's own."""
    begun = [(since, 0, shipped)] if shipped is not None and since <= day else []
    for place, term in enumerate(record.terms, start=1):
        if term.key == f"price.{item}" and term.start <= day:
            pounds, _, pence = term.value.partition(".")
            begun.append((term.start, place, int(pounds) * 100 + int(pence)))
    return max(begun)[2] if begun else None


def in_force(record: Record, service: Service, day: date) -> bool:
    """A specification was in force; the practice may have set another first or last day."""
    return bool(remember(record, ("in force", day), lambda: _in_force(record, service, day)))


def _in_force(record: Record, service: Service, day: date) -> bool:
    start = set_on(record, "period.start", date.max, service.start.isoformat())
    end = set_on(record, "period.end", date.max, service.end.isoformat())
    assert start and end
    return date.fromisoformat(start) <= day <= date.fromisoformat(end)


def held(record: Record, day: date) -> bool:
    """The practice held the contract; one that never said so is taken to hold it."""
    return not record.held or any(first <= day <= last for first, last in record.held)


def registered(record: Record, nhs: str, day: date) -> bool:
    """Registered with this practice, regularly or for a time, on that day; the day of leaving is one.

    A death ends the registration too: whoever died registered did not leave, and is only dead.
    """
    return any(spell.practice == record.ods for spell in spells_on(record, nhs, day))


def spells_on(record: Record, nhs: str, day: date) -> list[Spell]:
    """Where a patient was registered on a day, or on that of their death."""
    died = record.patients[nhs].died
    on = min(day, died) if died else day
    return [one for one in told_on(record, nhs, on) if one.kind != "none"]


def told_on(record: Record, nhs: str, day: date) -> list[Spell]:
    """The registrations that the record tells of a day, "registered nowhere" with them."""
    return [one for one in record.patients[nhs].spells if one.start <= day <= one.end]


def not_registered(record: Record, service: Service, nhs: str, day: date) -> Found:
    """Not ours that day: a service for all of a town's patients asks whether it is another of its practices."""
    if service.for_the_town:
        admitted = listed_on(record, "setting.accept_registered_at", min(day, record.patients[nhs].died or day), ())
        others = [spell.practice for spell in spells_on(record, nhs, day)]
        if others:
            return ACCEPTED if any(one in admitted for one in others) else ("check", "registered-elsewhere")
    if service.or_nowhere and any(
        one.kind == "none" for one in told_on(record, nhs, min(day, record.patients[nhs].died or day))
    ):
        admits = set_on(record, "setting.accept_registered_nowhere", day, "no") == "yes"
        return ACCEPTED if admits else ("check", "registered-elsewhere")
    return ("refused", "not-registered")


def plain(text: str) -> str:
    """Letters and digits only, in lower case: how consultation types are compared."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def codes_of(record: Record, service: Service, name: str, day: date) -> set[str]:
    """The codes of a list in force on a day, as `system:code`."""
    return set(remember(record, ("codes", name, day), lambda: _codes_of(record, service, name, day)))


def _codes_of(record: Record, service: Service, name: str, day: date) -> set[str]:
    """The codes of a list in force on a day, as `system:code`."""
    shipped = {item.name: item.codes for item in service.items} | dict(service.lists)
    return {one if ":" in one else f"snomed:{one}" for one in listed_on(record, f"codes.{name}", day, shipped[name])}


def without_codes(record: Record, service: Service, month: str) -> bool:
    """Something is paid for of which nobody said by what code it is found."""
    return any(not codes_of(record, service, item.name, last_of(month)) for item in service.items)


def code_days(record: Record, service: Service, nhs: str, as_of: date) -> list[date]:
    """The days of the codes that put a patient on the register."""
    return list(remember(record, ("days", nhs, as_of), lambda: _code_days(record, service, nhs, as_of)))


def _code_days(record: Record, service: Service, nhs: str, as_of: date) -> list[date]:
    """The days of the codes that put a patient on the register."""
    return [
        entry.day
        for entry in record.entries
        if entry.nhs == nhs and entry.day <= as_of
        for name in service.opened_by
        if entry.code in codes_of(record, service, name, entry.day)
    ]


# Judging.


def first_looked_at(record: Record, service: Service, month: str, as_of: date) -> date:
    """The first day a month's claim looks at: back by the window.

    Without a window back to the first day that may be unclaimed, on which terms were in force and the contract was
    held; and, so that the contract year is told whole, never later than its 1 April.
    """
    first = first_of(month)
    if service.window is not None:
        return months_later(first, -service.window)
    start = set_on(record, "period.start", date.max, service.start.isoformat())
    claims_from = set_on(record, "setting.claims_from", as_of, None)
    assert start
    began = [date.fromisoformat(start), *(first for first, _ in record.held)]
    if claims_from:
        began.append(first_of(claims_from))
        began = [day for day in began if day >= first_of(claims_from)]
    unclaimed = [day for day in began if in_force(record, service, day) and held(record, day)]
    return min([date(year_of(first), 4, 1), *(day.replace(day=1) for day in unclaimed)])


def common_findings(record: Record, service: Service, nhs: str, day: date, as_of: date) -> list[Found]:
    """What every service says of work done for a patient on a day."""
    found: list[Found] = []
    if contradicts_itself(times(record, nhs, code_days(record, service, nhs, as_of))):
        found.append(("check", "register-overlap"))
    claims_from = set_on(record, "setting.claims_from", as_of, None)
    if claims_from and month_of(day) < claims_from:
        found.append(("claimed", "claimed-elsewhere"))
    if not in_force(record, service, day):
        found.append(("refused", "no-specification"))
    if not held(record, day):
        found.append(("refused", "not-signed"))
    if not registered(record, nhs, day):
        found.append(not_registered(record, service, nhs, day))
    if not alive(record, nhs, day):
        found.append(("check", "after-death"))
    if service.window is not None and as_of > months_later(day, service.window):
        found.append(("expired", "expired"))
    return found


def done_elsewhere(record: Record, entry: Entry) -> list[Found]:
    """Work of another organisation, unless the practice admits it."""
    admitted = {record.ods, *listed_on(record, "setting.accept_done_at", entry.day, ())}
    return [("refused", "done-elsewhere")] if entry.done_at and entry.done_at not in admitted else []


def entry_rows(record: Record, service: Service, month: str, as_of: date) -> list[Row]:
    """Every entry that the claim looks at, with its verdict."""
    first, last = first_looked_at(record, service, month, as_of), min(last_of(month), as_of)
    # A cap counts from 1 April, whatever the claim looks at.
    counted_from = min(first, date(year_of(first), 4, 1))
    rows = []
    for item in service.items:
        mine = [
            Row(item.name, entry.nhs, entry.day, entry.name, frozenset(own), list(own))
            for entry in record.entries
            if counted_from <= entry.day <= last and entry.code in codes_of(record, service, item.name, entry.day)
            for own in [
                common_findings(record, service, entry.nhs, entry.day, as_of)
                + done_elsewhere(record, entry)
                + service.own(record, entry, item.name, as_of)
            ]
        ]
        for nhs, day in sorted({(row.nhs, row.day) for row in mine}):
            count_once([row for row in mine if (row.nhs, row.day) == (nhs, day)], record)
        for row in mine:
            put_price(record, service, item, row)
        if item.most_a_year is not None:
            cap(record, item, mine)
        rows += [row for row in mine if first <= row.day]
    return rows


def count_once(same: list[Row], record: Record) -> None:
    """Same patient, same item, same day counts once: what is claimed already, else what comes nearest to being paid."""
    standing = [one for one in record.standing() if one.item == same[0].item]
    claimed = [one for one in standing if (one.nhs, one.day) == (same[0].nhs, same[0].day)]
    for row in same:
        if any(one.entry == row.entry for one in standing) or (claimed and row.verdict == "claimed"):
            row.found.append(("claimed", "claimed"))
    hopeful = [row for row in same if row.verdict not in ("claimed", "refused")]
    if claimed and not any(row.verdict == "claimed" for row in same):
        # The entry that was claimed has gone or moved; another of its day stands in its place.
        best = max(same, key=nearness)
        best.found.append(("claimed", "claimed"))
    if any(row.verdict == "claimed" for row in same):
        counted = next(row for row in same if row.verdict == "claimed")
    elif hopeful:
        counted = max(hopeful, key=nearness)
    else:
        return
    for row in hopeful:
        if row is counted or row.verdict == "claimed":
            continue
        better = ("check", "consultation-type") in row.found and ("check", "consultation-type") not in counted.found
        row.found.append(("refused", "superseded" if better else "duplicate"))
        if any(verdict == "check" for verdict, _ in row.found) and not better:
            # In other words the same: an accepted entry of the same day stands in its place.
            row.found.append(("refused", "superseded"))


def nearness(row: Row) -> list[int]:
    """How near to being paid: by its worst finding, then by the next."""
    return [*sorted(ORDER.index(verdict) for verdict, _ in row.found), len(ORDER)]


def put_price(record: Record, service: Service, item: Item, row: Row) -> None:
    """What it is worth on its day, where nothing speaks against it."""
    if row.verdict != "payable":
        return
    row.pence = price_on(record, item.name, row.day, item.pence, service.start)
    if row.pence is None:
        row.found.append(("unpriced", "no-price"))


def cap(record: Record, item: Item, rows: list[Row]) -> None:
    """At most so many of a patient in a contract year: what is claimed counts first, then the earliest."""
    assert item.most_a_year is not None
    for nhs, year in sorted({(row.nhs, year_of(row.day)) for row in rows}):
        used = {
            one.day
            for one in [*record.standing(), *(row for row in rows if ("claimed", "claimed-elsewhere") in row.found)]
            if (one.item, one.nhs, year_of(one.day)) == (item.name, nhs, year)
        }
        open_rows = [
            row
            for row in sorted(rows, key=lambda row: row.day)
            if row.nhs == nhs and year_of(row.day) == year and row.verdict in ("payable", "unpriced")
        ]
        for row in open_rows[max(0, item.most_a_year - len(used)) :]:
            row.found.append(("over_cap", "over-cap"))
            row.pence = None


def claim_of(row: Row, claim: str) -> Claimed:
    """The line of the ledger that a payable row becomes."""
    assert row.pence is not None
    return Claimed(claim, row.item, row.nhs, row.day, row.pence, row.entry)
