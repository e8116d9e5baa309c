"""INR results that can hardly be true, such as 25 for 2.5: their value is used for nothing, and they are named.

The test was done, so it counts as monitoring. It puts off no next test until its value is confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
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
    Table,
    for_people,
    standard_recall,
)

from .inr import Inr, read_inr

CODELIST = "inr"
CONFIRMED = "inr_confirmed_on"
LOWEST, HIGHEST = "inr_lowest", "inr_highest"
TARGET = "target_inr"
Results = Mapping[str, list[Inr]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From where to where a result is taken as it stands, both inside; None where a setting holds no number."""

    lowest: Fraction | None
    highest: Fraction | None
    words: str

    def hold(self, value: Fraction) -> bool:
        """Whether a value lies between them."""
        return (self.lowest is None or value >= self.lowest) and (self.highest is None or value <= self.highest)


def limits(spec: ServiceSpec, day: date) -> Limits:
    """The limits in force on a day."""
    low, high = (str(spec.setting(name, day)) for name in (LOWEST, HIGHEST))
    return Limits(lowest=number_in(low), highest=number_in(high), words=f"{low} to {high}")


def number_in(text: str) -> Fraction | None:
    """A number as a setting or a register detail holds it; None where it holds none."""
    try:
        return Fraction(text)
    except ValueError:
        return None


def set_aside(spec: ServiceSpec, register: Register, results: Results) -> tuple[dict[str, list[Inr]], Results]:
    """Results to count by, and those beyond the limits that nobody confirmed, both by NHS number."""
    kept: dict[str, list[Inr]] = {}
    doubtful: dict[str, list[Inr]] = {}
    known: dict[date, Limits] = {}
    for nhs_number, own in results.items():
        confirmed = confirmed_days(register.of(nhs_number))
        for one in own:
            if one.day not in known:
                known[one.day] = limits(spec, one.day)
            likely = known[one.day].hold(one.value) or one.day in confirmed
            (kept if likely else doubtful).setdefault(nhs_number, []).append(one)
    return kept, doubtful


def confirmed_days(entries: Iterable[RegisterEntry]) -> set[date]:
    """Every day whose result the practice confirmed."""
    named = (value for entry in entries for _, name, value in entry.history if name == CONFIRMED)
    return {value for value in named if isinstance(value, date)}


def doubtful_table(doubtful: Results) -> Table:
    """The results that are used for nothing, by patient and day."""
    rows = [
        (nhs_number, one.day.isoformat(), f"{one.sign}{float(one.value):g}")
        for nhs_number, own in sorted(doubtful.items())
        for one in own
    ]
    return Table(
        id="inr-to-confirm",
        title="INR results to correct or confirm; until then their value is used for nothing",
        columns=("nhs_number", "on", "value"),
        rows=tuple(rows),
        names_patients=True,
    )


def believed(spec: ServiceSpec, register: Register) -> Callable[[Activity], bool]:
    """Judges an entry: an INR counts as done when it can be true, was confirmed or holds no value at all."""
    confirmed: dict[str, set[date]] = {}
    known: dict[date, Limits] = {}
    codes = spec.codelist(CODELIST)

    def judge(one: Activity) -> bool:
        if not one.value.strip() or not any(code in codes.codes_on(one.day) for code in one.codes):
            return True
        if one.day not in known:
            known[one.day] = limits(spec, one.day)
        result = read_inr(one.day, one.value)
        if result is not None and known[one.day].hold(result.value):
            return True
        if one.nhs_number not in confirmed:
            confirmed[one.nhs_number] = confirmed_days(register.of(one.nhs_number))
        return one.day in confirmed[one.nhs_number]

    return judge


def with_advice(spec: ServiceSpec, records: Records, register: Register, since: date) -> Register:
    """The register with a line for each result since a day, and each target, that can hardly be true."""
    can_be = believed(spec, register)
    doubtful: dict[str, list[Activity]] = {}
    for one in records.activity(CODELIST, since):
        if not can_be(one):
            doubtful.setdefault(one.nhs_number, []).append(one)
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
        yield Advice(text=_told(spec, one), clause=clause)
    held, value = limits(spec, records.as_of), entry.detail(TARGET)
    if isinstance(value, float) and not held.hold(Fraction(str(value))):
        yield Advice(text=f"{TARGET} {value:g} is outside {held.words}: no range is taken from it", clause=clause)


def _told(spec: ServiceSpec, one: Activity) -> str:
    day, result = one.day.isoformat(), read_inr(one.day, one.value)
    # A text is not repeated: it may say anything of the patient.
    why = (
        f"({result.sign}{float(result.value):g}) is outside {limits(spec, one.day).words}"
        if result
        else "is no number above 0"
    )
    return (
        f"the INR of {for_people(one.day)} {why}: it counts as monitoring, but its value is used for nothing and it "
        "puts off no next test; correct it in the clinical system and import again, or confirm it with "
        f"`les register {spec.name} --add NHS --set {CONFIRMED}={day} --from {day}`"
    )


def recalls_by_sound_results(spec: ServiceSpec, records: Records, register: Register) -> RecallList:
    """The standard recall, in which a result that can hardly be true settles nothing.

    Where it is newer than the last sound one it is named: whoever rings looks at it first.
    """
    can_be = believed(spec, register)
    recalls = standard_recall(spec, records, register, believed=can_be)
    doubtful = {nhs: one for nhs, one in records.latest(CODELIST).items() if not can_be(one)}
    tests = {rule.name for rule in spec.recalls if CODELIST in rule.codelists}
    return RecallList(
        recalls=tuple(
            _named(spec, one, doubtful[one.nhs_number]) if one.kind in tests and one.nhs_number in doubtful else one
            for one in recalls.recalls
        )
    )


def _named(spec: ServiceSpec, recall: Recall, doubtful: Activity) -> Recall:
    if recall.last_done_on is not None and doubtful.day <= recall.last_done_on:
        return recall
    evidence = tuple(dict.fromkeys((*recall.evidence, doubtful.evidence)))
    return replace(recall, note="; ".join(filter(None, (recall.note, _told(spec, doubtful)))), evidence=evidence)
