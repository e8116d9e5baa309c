"""One practice, done twice: told to the record and to a store of `les`; every difference in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import ModuleType

from .asked import Les, Told
from .commands import Add, Ask, Command, End, Load, Reverse, Submit, Unsign, Withdraw
from .days import last_of, month_of
from .practices import ODS, Kind, practice
from .reckoning import Found, Row, Service, claim_of, code_days, without_codes
from .record import Record, tell
from .register import write

Reckoner = Callable[[Record, str, date], list[Row]]


@dataclass(frozen=True)
class Contest:
    """A service, its reckoning and its practices; `known` are the seeds that meet a fault not yet mended."""

    package: ModuleType
    service: Service
    reckon: Reckoner
    kind: Kind
    verdicts: tuple[str, ...]
    known: frozenset[int] = frozenset()


@dataclass
class Outcome:
    """What one practice showed."""

    rows: int
    verdicts: Counter[str]
    differences: list[str] = field(default_factory=list)


def play(contest: Contest, seed: int, folder: Path) -> Outcome:
    """Do what the practice of a seed did, and compare after every question."""
    return play_commands(contest, practice(contest.kind, seed), folder)


def play_commands(contest: Contest, commands: list[Command], folder: Path) -> Outcome:
    """The same for commands that are given."""
    record, les = Record(ODS), Les(contest.package, ODS, folder)
    outcome = Outcome(0, Counter())
    try:
        for place, command in enumerate(commands):
            found = _step(contest, record, les, command, outcome)
            if found:
                outcome.differences += [f"command {place} {command}: {one}" for one in found]
                break
    finally:
        les.close()
    return outcome


def _step(contest: Contest, record: Record, les: Les, command: Command, outcome: Outcome) -> list[str]:
    if not isinstance(command, Ask):
        record.remembered.clear()
    match command:
        case Ask(month=month, on=on):
            return _compare(contest, record, les, month, on, outcome)[0]
        case Submit(month=month, on=on):
            return _submit(contest, record, les, command, month, on, outcome)
        case Withdraw(month=month, on=on):
            return _withdraw(record, les, month, on)
        case Reverse(place=place, on=on):
            return _reverse(record, les, place, on)
        case Add() | Load() | End():
            # What contradicts the register is refused, and then nothing was said.
            if not les.do(command):
                write(record, command, code_days(record, contest.service, command.nhs, date.max))
            return []
        case Unsign():
            if not les.do(command):
                tell(record, command)
            return []
        case _:
            if refused := les.do(command):
                return [f"refused: {refused}"]
            tell(record, command)
            return []


def _compare(
    contest: Contest, record: Record, les: Les, month: str, on: date, outcome: Outcome
) -> tuple[list[str], list[Row], list[Told]]:
    reckoned = contest.reckon(record, month, on)
    body, told = les.claim(month, on)
    outcome.rows += len(reckoned)
    outcome.verdicts.update(row.verdict for row in reckoned)
    found = differences(reckoned, told)
    total = sum(row.pence or 0 for row in reckoned if row.verdict == "payable")
    if body["total_pence"] != total:
        found.append(f"total: les {body['total_pence']}, reckoned {total}")
    counts = Counter(one.verdict for one in told)
    if body["considered"] != len(told) or Counter(body["verdicts"]) != counts:
        found.append(f"les counts {body['verdicts']} of {body['considered']}, its rows are {dict(counts)}")
    if body["lines"] != lines(reckoned, month):
        found.append(f"lines: les {body['lines']}, reckoned {lines(reckoned, month)}")
    return found, reckoned, told


def lines(reckoned: list[Row], month: str) -> list[dict[str, object]]:
    """What is paid, by item, month of the activity and price; what is from an earlier month is late."""
    paid = Counter((row.item, month_of(row.day), row.pence or 0) for row in reckoned if row.verdict == "payable")
    return [
        {
            "item": item,
            "activity_month": done,
            "quantity": quantity,
            "unit_price_pence": pence,
            "amount_pence": quantity * pence,
            "late": done < month,
        }
        for (item, done, pence), quantity in sorted(paid.items())
    ]


def differences(reckoned: list[Row], told: list[Told]) -> list[str]:
    """Row by row; of entries of which the same is found it does not matter which is the one that counts."""
    own = {(row.entry, row.item): row.own for row in reckoned}
    # Which unpaid patient-months have a row is said nowhere: of these the paid ones are compared, and the others only
    # where one side would pay.
    left = [one for one in told if one.entry is not None or one.verdict == "payable"]
    missed = [row for row in reckoned if row.entry is not None or row.verdict == "payable"]
    for exactly in (True, False):
        for row in list(missed):
            match = next((one for one in left if agree(row, one, own, exactly)), None)
            if match:
                left.remove(match)
                missed.remove(row)
    return [
        *(f"reckoned {_where(row)}: {row.verdict} {sorted(row.reasons)} {row.pence}; {row.found}" for row in missed),
        *(f"les says {_where(one)}: {one.verdict} {one.reason} {one.pence}" for one in left),
    ]


def _where(row: Row | Told) -> str:
    return f"{row.nhs} {row.day} {row.item} {row.entry}"


def agree(row: Row, told: Told, own: dict[tuple[str | None, str], frozenset[Found]], exactly: bool) -> bool:
    """The same answer, about the same entry or about one of its day of which nothing else is to be said."""
    return (
        _same(told, row)
        and told.verdict == row.verdict
        and told.reason in row.reasons
        and told.pence == (row.pence if row.verdict == "payable" else None)
        and (told.entry == row.entry or (not exactly and own.get((told.entry, told.item)) == row.own))
    )


def _submit(
    contest: Contest, record: Record, les: Les, command: Submit, month: str, on: date, outcome: Outcome
) -> list[str]:
    if month in record.submitted:
        return [f"refused: {fault}"] if (fault := les.do(command)) else []
    found, reckoned, told = _compare(contest, record, les, month, on, outcome)
    if found:
        return found
    refused = les.do(command)
    if not command.sure and (on <= last_of(month) or not any(row.pence for row in reckoned)):
        return [] if refused else ["submitted without --yes, before the month is over or for nothing"]
    if any(row.verdict == "unpriced" for row in reckoned):
        return [] if refused else ["submitted, although something has no price"]
    if refused:
        # Nothing was in force in any month looked at, or an item has no code: there is nothing whole to submit.
        allowed = without_codes(record, contest.service, month) or not any(row.verdict == "payable" for row in reckoned)
        return [] if allowed else [f"not submitted: {refused}"]
    before = sum(one.startswith(f"{les.shipped.name}-{month}") for one in record.names)
    name = f"{les.shipped.name}-{month}" + (f"-{before + 1}" if before else "")
    record.submitted[month] = name
    record.names.append(name)
    for row in reckoned:
        if row.verdict == "payable":
            line = claim_of(row, name)
            # Of two entries alike, the one that les names is the one that was claimed.
            line.entry = next(one.entry for one in told if one.verdict == "payable" and _same(one, row))
            record.ledger.append(line)
    return []


def _withdraw(record: Record, les: Les, month: str, on: date) -> list[str]:
    """Every row of it is taken back, and the month is open again."""
    name = record.submitted.pop(month, None)
    if name is None:
        return []
    if refused := les.withdraw(name, on):
        return [f"not withdrawn: {refused}"]
    for row in record.ledger:
        row.reversed = row.reversed or row.claim == name
    return []


def _same(told: Told, row: Row) -> bool:
    return (told.item, told.nhs, told.day) == (row.item, row.nhs, row.day)


def _reverse(record: Record, les: Les, place: int, on: date) -> list[str]:
    standing = sorted(record.standing(), key=lambda row: (row.claim, row.nhs, row.day, row.item))
    if not standing:
        return []
    row = standing[place % len(standing)]
    refused = les.take_back(row.claim, row.item, row.nhs, row.day, on)
    if refused:
        return [f"refused: {refused}"]
    row.reversed = True
    return []
