"""Names implausible INR results on the register and in the recall list until they are corrected or confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction

from lescli.api import (
    Activity,
    Advice,
    Recall,
    RecallList,
    Records,
    Register,
    RegisterEntry,
    ServiceSpec,
    for_people,
    standard_recall,
)

from .inr import read_inr
from .plausible import CODELIST, CONFIRMED, HIGHEST, TARGET, believed, limits


def with_advice(spec: ServiceSpec, records: Records, register: Register, since: date) -> Register:
    """The register with a line of advice for each implausible result since a day and each implausible target."""
    can_be = believed(spec, register)
    doubtful: dict[str, list[Activity]] = {}
    for one in records.activity(CODELIST, since):
        if not can_be(one):
            doubtful.setdefault(one.nhs_number, []).append(one)
    # An older result still matters if it is the patient's newest: because of it the next test is due.
    for nhs_number, one in records.latest(CODELIST).items():
        if one.day < since and not can_be(one):
            doubtful[nhs_number] = [one]
    return Register(
        entries=tuple(
            replace(entry, advice=(*entry.advice, *_advice(spec, records, entry, doubtful.get(entry.nhs_number, ()))))
            for entry in register.entries
        )
    )


def _advice(
    spec: ServiceSpec, records: Records, entry: RegisterEntry, doubtful: Iterable[Activity]
) -> Iterator[Advice]:
    clause = next(one.clause for one in spec.settings if one.name == HIGHEST)
    if not entry.covers(records.as_of):
        return
    for one in doubtful:
        yield Advice(text=_told(spec, one), clause=clause, is_of_result=True)
    held, value = limits(spec, records.as_of), entry.detail(TARGET)
    if isinstance(value, float) and not held.hold(Fraction(str(value))):
        yield Advice(text=f"{TARGET} {value:g} is outside {held.words}: it gives no range", clause=clause)


def _told(spec: ServiceSpec, one: Activity) -> str:
    day, result = one.day.isoformat(), read_inr(one.day, one.value)
    # A text without a number is not repeated, because it may say anything about the patient.
    why = (
        f"({result.sign}{float(result.value):g}) is outside {limits(spec, one.day).words}"
        if result
        else "is not a number above 0"
    )
    return (
        f"the INR of {for_people(one.day)} {why}: it counts as monitoring, but its value is not used and it does not "
        "put off the next test; correct it in the clinical system and import again, or confirm it with "
        f"`les register {spec.name} --add NHS --set {CONFIRMED}={day} --from {day}`"
    )


def recalls_by_sound_results(spec: ServiceSpec, records: Records, register: Register) -> RecallList:
    """The standard recall, in which an implausible result does not count as a test.

    If it is newer than the last plausible one, a note names it for the person who rings to look at first.
    """
    can_be = believed(spec, register)
    recalls = standard_recall(spec, records, register, believed=can_be)
    doubtful = {nhs: one for nhs, one in records.latest(CODELIST).items() if not can_be(one)}
    tests = {rule.name for rule in spec.recalls if CODELIST in rule.codelists}
    return replace(
        recalls,
        recalls=tuple(
            _named(spec, one, doubtful[one.nhs_number]) if one.kind in tests and one.nhs_number in doubtful else one
            for one in recalls.recalls
        ),
    )


def _named(spec: ServiceSpec, recall: Recall, doubtful: Activity) -> Recall:
    if recall.last_done_on is not None and doubtful.day <= recall.last_done_on:
        return recall
    evidence = tuple(dict.fromkeys((*recall.evidence, doubtful.evidence)))
    return replace(recall, note="; ".join(filter(None, (recall.note, _told(spec, doubtful)))), evidence=evidence)
