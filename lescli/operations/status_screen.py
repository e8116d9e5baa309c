"""The status as one screen: what is late, the recall, the money, what is coming, what to put right, what to type next.

Every service that was asked is named. Every note of the status is a line of the screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ..calendar import (
    JANUARY,
    STALE_DAYS,
    ClaimPeriod,
    Month,
    days_in_words,
    for_people,
    moment_for_people,
    parse_claim_period,
)
from ..model import Practice
from ..outputs import Block, Screen, counted, masked, pounds
from ..rules.unclaimed import RISK_DAYS
from .claims.list import AccountRow
from .patients.recall import DEFAULT_WITHIN
from .position import months_in_words
from .status_note import UNSET, Cure, Note

Rows = Sequence[dict[str, Any]]

_MOST_TERMS = 12
_SET_ALL = "les services set SERVICE KEY=VALUE --from DATE --source TEXT"
_SHOW_ALL = "les quarantine --rows"
_COMMAND = re.compile(r"`(les [^`]+)`|^next: (les .+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the status knows beside the services' own facts.

    `night` is what a month that failed by itself has left. `unanswered` are services that could not be asked.
    `accounts` and `to_reverse` are of every service with a claim, also of one that could not be asked.
    """

    practice: Practice
    pairs: int
    quarantine: dict[str, Any]
    newest: date | None
    night: tuple[str, ...]
    unanswered: tuple[str, ...]
    accounts: tuple[AccountRow, ...]
    to_reverse: tuple[tuple[str, int], ...]


def status_screen(data: dict[str, Any], notes: Sequence[Note], around: Around, command: str) -> Screen:
    """The screen of a status."""
    as_of = date.fromisoformat(data["as_of"])
    services: Rows = data["services"]
    money, without = _money(services, around, as_of)
    late, coming = _late(data, as_of), _coming(data, as_of)
    recall = _recall(data["recalls"])
    blocks = [
        Block(
            heading="The month that ran by itself",
            facts=tuple(("month", masked(line)) for line in around.night),
            is_late=True,
            about="Command",
        ),
        Block(
            heading="Not answered",
            facts=tuple((name, "could not be asked; the reason is below") for name in around.unanswered),
            is_late=True,
        ),
        Block(heading="Late", facts=tuple(late), is_late=True),
        Block(heading="Recall", facts=recall, command="les recall", about="Patients"),
        Block(heading="Money, each pound once", facts=money, about="Money"),
        Block(heading="Coming", facts=tuple(coming)),
        *_to_put_right(data, notes),
    ]
    shown = tuple(block for block in blocks if block.facts)
    said = " ".join(f"{about} {text}" for block in shown for about, text in block.facts)
    quiet = [row["service"] for row in services if not re.search(rf"(?<![\w-]){row['service']}(?![\w-])", said)]
    # When the data is old, a note says so.
    last = [_age(around.newest, as_of)] if around.newest and (as_of - around.newest).days <= STALE_DAYS else []
    if services and not any(row["months_not_submitted"] for row in services):
        last.append("Every month that ended is submitted, or has nothing left to claim.")
    if nothing := [*without, *_zeros(data, around)]:
        last.append(f"None: {', '.join(nothing)}.")
    if quiet:
        last.append(f"Nothing waits: {', '.join(quiet)}.")
    if not services and not around.unanswered:
        last.append("No service is signed: `les services sign SERVICE --from DATE` records a contract.")
    return Screen(blocks=shown, last=tuple(last), command=command)


def _age(newest: date, as_of: date) -> str:
    days = (as_of - newest).days
    ago = {0: "today", 1: "yesterday"}.get(days, f"{counted(days, 'day')} ago")
    return f"Newest data: {for_people(newest)}, {ago}."


def _late(data: dict[str, Any], as_of: date) -> Iterator[tuple[str, str]]:
    """What has passed its day, patients and events first."""
    yield from (_clock(row, as_of) for row in data["clocks"] if row["overdue"])
    passed = [row for row in data["deadlines"] if row["days_left"] < 0]
    yield from _claims(passed, as_of)
    for row in data["services"]:
        if lost := row["newly_expired"]:
            work = counted(lost, "activity was", "activities were")
            yield row["service"], f"{work} lost in the last {counted(RISK_DAYS, 'day')}: the claim window closed"
    for row in data["duties"]:
        if row["overdue"]:
            yield row["service"], f"{counted(row['overdue'], 'duty', 'duties')} overdue: `les duties {row['service']}`"
    yield from (_accreditation(row, as_of) for row in data["accreditations"] if row["days_left"] < 0)


def _clock(row: dict[str, Any], as_of: date) -> tuple[str, str]:
    due = row["due_at"]
    words = days_in_words(date.fromisoformat(due[:10]), as_of)
    if "patients" in row:
        who = counted(row["patients"], "patient")
        last = for_people(date.fromisoformat(due[:10]))
        return row["service"], f"{words}: {row['title']}, {who}, last day {last}"
    return row["service"], f"{words}: notify {row['title']}, by {moment_for_people(due)}"


def _claims(rows: Rows, as_of: date) -> Iterator[tuple[str, str]]:
    """One line for each service: its months, what they hold, who gets the claim and by when."""
    for service in dict.fromkeys(row["service"] for row in rows):
        own = [row for row in rows if row["service"] == service]
        first = min(date.fromisoformat(row["due_on"]) for row in own)
        many = "claims" if len(own) > 1 else "claim"
        months = months_in_words(sorted((period_named(row["month"]) for row in own), key=lambda one: one.first))
        amount = pounds(sum(row["amount_pence"] for row in own))
        when = f"{'the first ' if len(own) > 1 else ''}by {for_people(first)}"
        yield service, f"{days_in_words(first, as_of)}: {many} for {months}, {amount}, to {own[0]['to']}, {when}"


def period_named(name: str) -> ClaimPeriod:
    """A month, quarter or year by its name. A name is read the same way in whichever month the contract year starts."""
    try:
        return parse_claim_period(name)
    except ValueError:
        return parse_claim_period(name, JANUARY)


def _accreditation(row: dict[str, Any], as_of: date) -> tuple[str, str]:
    ends = date.fromisoformat(row["ends_on"])
    when = days_in_words(ends, as_of)
    return "accreditation", f"{when}: {row['kind']} of {row['clinician']}, last day {for_people(ends)}"


def _recall(rows: Rows) -> tuple[tuple[str, str], ...]:
    names = {
        "overdue": "overdue",
        "due": f"due in {counted(DEFAULT_WITHIN.days, 'day')}",
        "upcoming": "due later",
        "declined": "declined",
    }
    found = ((told, [(row["service"], row[name]) for row in rows if row[name]]) for name, told in names.items())
    return tuple(
        (told, f"{sum(count for _, count in each):,}: " + ", ".join(f"{who} {count:,}" for who, count in each))
        for told, each in found
        if each
    )


_SUMS = (
    ("ready", "ready to claim"),
    ("not_over", "month not over"),
    ("held_back", "held back"),
    ("expired", "expired and lost"),
    ("over_cap", "over the cap"),
)


def _money(services: Rows, around: Around, as_of: date) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    """Each sum with its services, money at risk first, and the names of the sums that hold nothing."""
    facts: list[tuple[str, str]] = []
    none: list[str] = []

    def add(name: str, each: list[tuple[str, int, str]]) -> None:
        if not each:
            none.append(name)
            return
        listed = ", ".join(f"{who} {pounds(pence)}{more}" for who, pence, more in each)
        facts.append((name, f"{pounds(sum(pence for _, pence, _ in each))}: {listed}"))

    def until(row: dict[str, Any]) -> str:
        if not row["at_risk_until"]:
            return ""
        last = date.fromisoformat(row["at_risk_until"])
        return f" (last day {for_people(last)}, {days_in_words(last, as_of)})"

    add("at risk", [(row["service"], row["at_risk_pence"], until(row)) for row in services if row["at_risk"]])
    for key, name in _SUMS:
        add(name, [(row["service"], row[f"{key}_pence"], f" ({row[key]:,})") for row in services if row[key]])
    for key, name in (("unpriced", "no price"), ("claimed_elsewhere", "in other services")):
        if counts := [(row["service"], row[key]) for row in services if row[key]]:
            total = counted(sum(count for _, count in counts), "activity", "activities")
            facts.append((name, f"{total}: " + ", ".join(f"{who} {count:,}" for who, count in counts)))
        else:
            none.append(name)
    owed = [one for one in around.accounts if one.owed_pence]
    add("owed", [(one.service, one.owed_pence, _waited(one)) for one in owed])
    add("paid too much", [(one.service, one.overpaid_pence, "") for one in around.accounts if one.overpaid_pence])
    lost: dict[str, int] = {}
    for who, pence in around.to_reverse:
        lost[who] = lost.get(who, 0) + pence
    add("to reverse", [(who, pence, " of what is claimed") for who, pence in sorted(lost.items())])
    return tuple(facts), none


def _waited(one: AccountRow) -> str:
    return f" (for up to {counted(one.oldest_days, 'day')})" if one.oldest_days else ""


def _coming(data: dict[str, Any], as_of: date) -> Iterator[tuple[str, str]]:
    """Deadlines, clocks and last days that are still to come, service by service."""
    facts = [
        *_claims([row for row in data["deadlines"] if row["days_left"] >= 0], as_of),
        *_without_deadline(data),
        *_running(data, as_of),
        *_windows(data["at_risk"], as_of),
        *(_clock(row, as_of) for row in data["clocks"] if not row["overdue"]),
        *(
            (row["service"], f"{counted(row['due'], 'duty', 'duties')} due soon: `les duties {row['service']}`")
            for row in data["duties"]
            if row["due"]
        ),
    ]
    order = list(dict.fromkeys([row["service"] for row in data["services"]] + [about for about, _ in facts]))
    yield from sorted(facts, key=lambda fact: order.index(fact[0]))
    yield from (_accreditation(row, as_of) for row in data["accreditations"] if row["days_left"] >= 0)


def _without_deadline(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    dated = {(row["service"], row["month"]) for row in data["deadlines"]}
    for row in data["services"]:
        months = [month for month in row["months_not_submitted"] if (row["service"], month) not in dated]
        if months:
            many = "claims" if len(months) > 1 else "claim"
            yield row["service"], f"no deadline is set: {many} for {months_in_words(map(period_named, months))}"


def _running(data: dict[str, Any], as_of: date) -> Iterator[tuple[str, str]]:
    for row in data["services"]:
        if row["running_month_due_on"]:
            due = date.fromisoformat(row["running_month_due_on"])
            month = row.get("running_period", str(Month.of(as_of)))
            when = days_in_words(due, as_of)
            yield row["service"], f"{when}: claim for {month} once it is over, by {for_people(due)}"


def _windows(rows: Rows, as_of: date) -> Iterator[tuple[str, str]]:
    """The claim windows that close later; those that close soon stand under the money at risk."""
    open_still = [row for row in rows if not row["closes_soon"]]
    for service in dict.fromkeys(row["service"] for row in open_still):
        own = [row for row in open_still if row["service"] == service]
        last = date.fromisoformat(own[0]["expires_on"])
        work = counted(own[0]["count"], "activity", "activities")
        more = sum(row["count"] for row in own[1:])
        after = f"; {more:,} more have longer" if more > 1 else "; 1 more has longer" if more else ""
        yield service, f"{days_in_words(last, as_of)}: last day to claim {work}, {for_people(last)}{after}"


def _to_put_right(data: dict[str, Any], notes: Sequence[Note]) -> Iterator[Block]:
    """Every note as a line under its service, in blocks by the command that puts it right."""
    names = {row["service"] for row in data["services"]}
    unset: list[Note] = []
    waiting: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    suggested: dict[str, list[str]] = {}
    for note in notes:
        # A service that could not be asked is named in the text: it has no line of its own here.
        told = note if note.service in names else replace(note, service="practice", text=replace(note, end="").line)
        match note.cure:
            case Cure.CONFIRM:
                suggested.setdefault(told.service, []).extend(told.names)
            case Cure.SET:
                unset.append(told)
            case Cure.SHOW:
                waiting.append((told.service, told.text))
            case _:
                others.append((told.service, f"{told.text}{told.end}"))
    others += [("practice", f"{row['title']}: {row['count']:,}; `les patients doubts`") for row in data["doubts"]]
    if never := [f"{row['service']} {row['never']:,}" for row in data["duties"] if row["never"]]:
        others.append(("duties", f"never confirmed: {', '.join(never)}; `les duties` lists them"))
    terms = _terms(unset)
    terms += [(about, f"suggested, not specified: {', '.join(codes)}") for about, codes in suggested.items()]
    waiting = waiting or _rows_waiting(data["quarantine"])
    yield Block(heading="To put right", facts=tuple(_by_service(others)))
    yield Block(heading="To set", facts=tuple(_by_service(terms)), command=_SET_ALL)
    yield Block(heading="In quarantine", facts=tuple(_by_service(waiting)), command=_SHOW_ALL)


def _rows_waiting(quarantine: dict[str, Any]) -> list[tuple[str, str]]:
    """Rows with codes of no service the practice holds are still rows that a person may put right."""
    rows = quarantine["rows"]
    return [("practice", f"{counted(rows, 'row waits', 'rows wait')}; none has a code of these services")] * bool(rows)


def _terms(notes: Sequence[Note]) -> list[tuple[str, str]]:
    """The terms that are not set by name, or their number by service where there are many."""
    named = [note for note in notes if note.names]
    if sum(len(note.names) for note in named) <= _MOST_TERMS:
        return [(note.service, note.text) for note in notes]
    many = ", ".join(f"{note.service} {len(note.names)}" for note in named)
    return [
        ("terms", f"{UNSET}{many}; `les services show SERVICE` lists them"),
        *((note.service, note.text) for note in notes if not note.names),
    ]


def _by_service(facts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The facts of the practice first, then each service's together."""
    return sorted(facts, key=lambda fact: (fact[0] not in ("practice", "terms", "duties"), fact[0]))


def _zeros(data: dict[str, Any], around: Around) -> list[str]:
    """What is counted and is nought, beside the sums of money."""
    counts = {
        "overdue recalls": sum(row["overdue"] for row in data["recalls"]),
        "running clocks": len(data["clocks"]),
        "lapsing accreditations": len(data["accreditations"]),
        "overdue duties": sum(row["overdue"] for row in data["duties"]),
        "facts in doubt": len(data["doubts"]),
        "patients with two numbers": around.pairs,
        "rows in quarantine": around.quarantine["rows"],
    }
    return [name for name, count in counts.items() if not count]


def next_command(data: dict[str, Any], around: Around) -> str:
    """The command that does most good now: money that runs out first, then patients, then what must be put right."""
    services: Rows = data["services"]
    for line in reversed(around.night):
        if found := _COMMAND.search(line):
            return found[1] or found[2]
    if around.newest is None:
        return "les quarantine --rows" if around.quarantine["rows"] else "les import --help"
    needs_term = {row["service"] for row in services if row["unpriced"]}
    for row in data["deadlines"]:
        if row["days_left"] < 0:
            return f"les services show {row['service']}" if row["service"] in needs_term else _claim_of(row)
    if closing := sorted((row["at_risk_until"], row["service"]) for row in services if row["at_risk_until"]):
        return next(_claim_now(row, data) for row in services if row["service"] == closing[0][1])
    return next(_in_order(data, around), "les recall")


def _in_order(data: dict[str, Any], around: Around) -> Iterator[str]:
    services: Rows = data["services"]
    yield from (f"les recall {row['service']}" for row in data["clocks"] if row["overdue"] and "patients" in row)
    yield from (f"les duties {row['service']}" for row in data["duties"] if row["overdue"])
    yield from (f"les services show {row['service']}" for row in services if row["unpriced"])
    yield from (f"les register {row['service']}" for row in services if row["results_in_doubt"] or row["unregistered"])
    yield from ("les patients doubts" for _ in data["doubts"])
    if around.pairs:
        yield "les patients"
    if around.to_reverse:
        yield "les claims --to-reverse"
    if around.quarantine["rows"]:
        yield "les quarantine --rows"
    yield from map(_claim_of, data["deadlines"])
    yield from (_claim_now(row, data) for row in services if row["months_not_submitted"])
    yield from (f"les services show {row['service']}" for row in services if row["unset"])


def _claim_of(row: dict[str, Any]) -> str:
    return f"les claim {row['service']} --month {row['month']}"


def _claim_now(row: dict[str, Any], data: dict[str, Any]) -> str:
    """The first claim that a service can submit, or the running one."""
    running = row.get("running_period", data["as_of"][:7])
    return f"les claim {row['service']} --month {next(iter(row['months_not_submitted']), running)}"
