"""Register entries of one patient that contradict one another: found, and joined into one entry in doubt.

One wrong record must not stop a service. Entries that overlap become one entry with the days and details of both, and
a `doubt` that says what to correct. Work that it would pay for waits as `check` until then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from ..calendar import for_people
from ..model import ClaimRow, Finding, Register, RegisterEntry, ServiceSpec, Verdict
from .verdict import finding

OVERLAP = "register-overlap"


def settled(spec: ServiceSpec, entries: Iterable[RegisterEntry], written_for: Mapping[int, str]) -> list[RegisterEntry]:
    """One patient's entries, with overlapping ones joined; an entry that ends before it begins is also in doubt.

    `written_for` gives the NHS number that each entry by hand was written for. Two merged NHS numbers may both be on
    the register: where their entries agree, nothing is in doubt.
    """
    found: list[RegisterEntry] = []
    for entry in sorted((_forwards(spec, one) for one in entries), key=lambda one: one.entered_on):
        if found and found[-1].covers(entry.entered_on):
            numbers = {written_for.get(each, "") for one in (found[-1], entry) for each in numbers_of(one)}
            agree = len(numbers) > 1 and _agree(found[-1], entry)
            found[-1] = _as_one(found[-1], entry, "" if agree else _overlap(spec, found[-1], entry))
        else:
            found.append(entry)
    return found


def overlapping(entries: Sequence[RegisterEntry]) -> list[tuple[RegisterEntry, RegisterEntry]]:
    """Every pair of one patient's entries with a day in common, the earlier first.

    An entry that ends before it begins is returned as a pair with itself.
    """
    ordered = sorted(entries, key=lambda one: one.entered_on)
    pairs = [(one, one) for one in ordered if _is_backwards(one)]
    for place, before in enumerate(ordered):
        pairs += [(before, after) for after in ordered[place + 1 :] if before.covers(after.entered_on)]
    return pairs


def numbers_of(entry: RegisterEntry) -> tuple[int, ...]:
    """The numbers of the entries by hand that a register entry comes from, as `les register` shows them."""
    mark = "register:"
    return tuple(int(one.removeprefix(mark)) for one in entry.evidence if one.startswith(mark))


def in_days(entry: RegisterEntry) -> str:
    """An entry's days in words: since when, or from when to when."""
    if entry.ended_on is None:
        return f"since {for_people(entry.entered_on)}"
    return f"from {for_people(entry.entered_on)} to {for_people(entry.ended_on)}"


def unreadable_detail(spec: ServiceSpec, number: int, names: Sequence[str]) -> str:
    """The doubt about details whose values service.toml no longer accepts."""
    return (
        f"entry {number} has a value of {', '.join(names)} that {spec.name} does not accept; set it again with "
        f"`les register {spec.name} --amend {number} --set {names[0]}=VALUE --from DATE`"
    )


def held_back(spec: ServiceSpec, register: Register, rows: Iterable[ClaimRow]) -> list[ClaimRow]:
    """Hold back as `check` the rows that an entry in doubt would pay for; claimed and refused rows stay as they are."""
    doubtful = {entry.nhs_number for entry in register.entries if entry.doubt}
    return [_held_back(spec, register, row) if row.nhs_number in doubtful else row for row in rows]


def _held_back(spec: ServiceSpec, register: Register, row: ClaimRow) -> ClaimRow:
    if row.verdict.rank <= Verdict.CHECK.rank or not any(_touches(one, row) for one in register.of(row.nhs_number)):
        return row
    why = finding(spec, OVERLAP, fix=_fix(spec))
    before = Finding(verdict=row.verdict, reason=row.reason, clause=row.clause, fix=row.fix)
    also = row.also if row.verdict is Verdict.PAYABLE else (before, *row.also)
    return replace(
        row, verdict=why.verdict, reason=why.reason, clause=why.clause, fix=why.fix, unit_price_pence=None, also=also
    )


def _touches(entry: RegisterEntry, row: ClaimRow) -> bool:
    # A patient-month is dated the first of its month. Its entry may begin later, so the evidence is compared too.
    return bool(entry.doubt) and (entry.covers(row.day) or entry.evidence == row.evidence)


def _fix(spec: ServiceSpec) -> str:
    return (
        f"`les register {spec.name}` names the entries; change one with `les register {spec.name} --amend NUMBER`, or "
        f"remove one with `les register {spec.name} --remove NUMBER --reason TEXT`"
    )


def _is_backwards(entry: RegisterEntry) -> bool:
    return entry.ended_on is not None and entry.ended_on < entry.entered_on


def _forwards(spec: ServiceSpec, entry: RegisterEntry) -> RegisterEntry:
    """The entry as it is; or, if it ends before it begins, cut to its first day and in doubt."""
    if entry.ended_on is None or entry.ended_on >= entry.entered_on:
        return entry
    named = " and ".join(map(str, numbers_of(entry)))
    doubt = (
        f"entry {named} begins on {for_people(entry.entered_on)} but ends before it, on {for_people(entry.ended_on)}; "
        f"change it with `les register {spec.name} --amend {named}`"
    )
    return replace(entry, ended_on=entry.entered_on, doubt="; ".join(filter(None, (entry.doubt, doubt))))


def _agree(first: RegisterEntry, second: RegisterEntry) -> bool:
    """Whether both end on the same day (or not at all) and no detail differs on a day when both have it."""
    if first.ended_on != second.ended_on:
        return False
    days = {day for one in (first, second) for day, _, _ in one.history}
    names = {name for _, name, _ in first.history} & {name for _, name, _ in second.history}
    said = [(first.detail_on(name, day), second.detail_on(name, day)) for day in days for name in names]
    return all(one == other or None in (one, other) for one, other in said)


def _as_one(first: RegisterEntry, second: RegisterEntry, doubt: str) -> RegisterEntry:
    ends = (first.ended_on, second.ended_on)
    last = None if None in ends else max(end for end in ends if end)
    ending = first if first.ended_on == last else second
    # A higher number was written later. Where both entries give a detail from the same day, the later one counts.
    written = sorted((first, second), key=numbers_of)
    history = sorted((each for one in written for each in one.history), key=_start)
    return replace(
        first,
        ended_on=last,
        end_reason=ending.end_reason if last else "",
        history=tuple(history),
        evidence=tuple(dict.fromkeys((*first.evidence, *second.evidence))),
        doubt="; ".join(filter(None, (first.doubt, second.doubt, doubt))),
    )


def _start(detail: tuple[date, str, object]) -> date:
    return detail[0]


def _overlap(spec: ServiceSpec, first: RegisterEntry, second: RegisterEntry) -> str:
    number = max((*numbers_of(first), *numbers_of(second)), default=0)
    return (
        f"{_named(first)} and {_named(second)} of one patient overlap; remove one with "
        f"`les register {spec.name} --remove {number} --reason TEXT`, or change it with `--amend {number}`"
    )


def _named(entry: RegisterEntry) -> str:
    numbers = numbers_of(entry)
    named = f"entry {' and '.join(map(str, numbers))}" if numbers else "the entry that a code opened"
    return f"{named} ({in_days(entry)})"
