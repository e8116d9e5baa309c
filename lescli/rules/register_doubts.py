"""Doubts about a register: impossible values, a first time that is not first, contradicting entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from ..calendar import for_people
from ..errors import LesError
from ..model import (
    ClaimRow,
    DetailField,
    DetailValue,
    Finding,
    HandEntry,
    RecallRule,
    Records,
    Register,
    RegisterEntry,
    ServiceSpec,
    Verdict,
)
from .accepted import newest_of, refusal_of
from .claim_row import finding
from .details import typed_detail


def not_possible(field: DetailField, value: DetailValue, as_of: date, born: date | None = None) -> str:
    """Why a value cannot be true, in words that follow the detail's name; empty when it can."""
    if field.past and isinstance(value, date):
        if value > as_of:
            return "it is after the day asked about"
        if born and value < born:
            return "it is before the patient was born"
    if field.range and isinstance(value, int | float) and not field.range.holds(value):
        return f"it takes {_from_to(field.range.least, field.range.most)}"
    return ""


def refuse_impossible(
    spec: ServiceSpec, details: Mapping[str, str], days: Iterable[date | None], as_of: date, born: date | None
) -> None:
    """LesError when one of the days is before birth, or when a detail cannot be true."""
    faults = []
    if born and any(day < born for day in days if day):
        faults.append("the entry would begin before the patient was born")
    for name, text in details.items():
        field = spec.register.field(name)
        why = not_possible(field, typed_detail(field, text), as_of, born) if field else ""
        faults += [f"{name}: {why}"] if why else []
    if faults:
        raise LesError("; ".join(faults), "give the right value; nothing was changed")


def set_aside(entry: RegisterEntry, hands: Iterable[HandEntry], spec: ServiceSpec, records: Records) -> RegisterEntry:
    """The entry without the values that cannot be true, and with a warning and a cure for each.

    Such values were recorded before les checked them, or before a birth date was corrected. A day in the future is set
    aside only until it comes.
    """
    bounded = {field.name: field for field in spec.register.details if field.past or field.range}
    if not bounded or not any(name in bounded for _, name, _ in entry.history):
        return entry
    born, as_of = records.patient(entry.nhs_number).date_of_birth, records.as_of

    def why(name: str, value: DetailValue) -> str:
        return not_possible(bounded[name], value, as_of, born) if name in bounded else ""

    kept = tuple(each for each in entry.history if not why(each[1], each[2]))
    if len(kept) == len(entry.history):
        return entry
    warnings = list(entry.warnings)
    for hand in hands:
        newest = {name: (start, text) for start, name, text in hand.details if start <= as_of and name in bounded}
        for name, (start, text) in newest.items():
            reason = why(name, _typed(bounded[name], text))
            if reason and f"register:{hand.id}" in entry.evidence:
                warnings.append(_told(spec, hand.id, name, start, reason))
    return replace(entry, history=kept, warnings=tuple(warnings))


def _typed(field: DetailField, text: str) -> DetailValue:
    """The value; or the text itself when the field does not accept it, which `overlaps.unreadable_detail` reports."""
    try:
        return typed_detail(field, text)
    except ValueError:
        return text


def _told(spec: ServiceSpec, number: int, name: str, start: date, why: str) -> str:
    return (
        f"entry {number} has a value of {name} that is not used ({why}); correct it with "
        f"`les register {spec.name} --amend {number} --set {name}=VALUE --from {start.isoformat()}`"
    )


def _from_to(least: float | None, most: float | None) -> str:
    if least is None:
        return f"a number up to {most:g}"
    return f"a number of {least:g} or more" if most is None else f"a number from {least:g} to {most:g}"


def is_no_first(rule: RecallRule, entry: RegisterEntry, start: date, done: Iterable[date]) -> bool:
    """Whether the work was done before the first time that the register gives, during the same register entry.

    Work from before the entry began belongs to an earlier treatment.
    """
    return rule.start_is_first and any(entry.entered_on <= day < start for day in done)


def with_no_first(spec: ServiceSpec, records: Records, entries: Iterable[RegisterEntry]) -> tuple[RegisterEntry, ...]:
    """The register entries, each with a warning if its first time is later than a coded entry that counts."""
    found = tuple(entries)
    for rule in spec.recalls:
        if rule.start_is_first:
            found = tuple(_warned(spec, records, rule, found))
    return found


def _warned(
    spec: ServiceSpec, records: Records, rule: RecallRule, entries: tuple[RegisterEntry, ...]
) -> Iterator[RegisterEntry]:
    starts = {
        entry: start
        for entry in entries
        if entry.ended_on is None and isinstance(start := entry.detail(rule.start_detail), date)
    }
    first = [records.first(name) for name in rule.codelists] if starts else []
    patients = {nhs_number for each in first for nhs_number in each}
    # Most patients have no coded entry before their first time; then nothing more is read.
    doubtful = {
        entry: start
        for entry, start in starts.items()
        if entry.nhs_number in patients
        and any(one.day < start for each in first if (one := each.get(entry.nhs_number)))
    }
    if not doubtful:
        yield from entries
        return
    newest = newest_of(spec, records, rule.codelists).done
    refused = refusal_of(spec, records)
    for entry in entries:
        if entry not in doubtful:
            yield entry
            continue
        known = [*(each.get(entry.nhs_number) for each in first), newest.get(entry.nhs_number)]
        days = [one.day for one in known if one and refused(one) is None and one.day >= entry.entered_on]
        no_first = is_no_first(rule, entry, doubtful[entry], days)
        told = _first_time_text(spec, rule, entry, doubtful[entry], min(days)) if no_first else ""
        yield replace(entry, warnings=(*entry.warnings, told)) if told else entry


def _first_time_text(spec: ServiceSpec, rule: RecallRule, entry: RegisterEntry, start: date, before: date) -> str:
    name = rule.start_detail
    number = max(numbers_of(entry), default=0)
    since = max(day for day, known, value in entry.history if known == name and value == start)
    return (
        f"entry {number}: {name} ({for_people(start)}) is after an entry of {for_people(before)}, so the recall "
        f"counts from the entries; correct it with `les register {spec.name} --amend {number} --set {name}=DATE "
        f"--from {since.isoformat()}`, or, if treatment began anew, end this one with `les register {spec.name} "
        f"--amend {number} --on DATE --reason TEXT` and add the next"
    )


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
