"""INR results that can hardly be true, such as 25 for 2.5: set aside from every count, and named until put right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from lescli.api import Advice, RecallList, Records, Register, RegisterEntry, ServiceSpec, Table, for_people

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
        title="INR results to correct or confirm, used for nothing until then",
        columns=("nhs_number", "on", "value"),
        rows=tuple(rows),
        names_patients=True,
    )


def with_advice(spec: ServiceSpec, records: Records, register: Register, since: date) -> Register:
    """The register with a line for each result since a day, and each target, that can hardly be true."""
    entered: dict[str, list[Inr]] = {}
    for one in records.activity(CODELIST, since):
        result = read_inr(one.day, one.value)
        if result is not None:
            entered.setdefault(one.nhs_number, []).append(result)
    _, doubtful = set_aside(spec, register, entered)
    return Register(
        entries=tuple(
            replace(entry, advice=(*entry.advice, *_advice(spec, records, entry, doubtful.get(entry.nhs_number, ()))))
            for entry in register.entries
        )
    )


def _advice(spec: ServiceSpec, records: Records, entry: RegisterEntry, doubtful: Iterable[Inr]) -> Iterator[Advice]:
    clause = next(one.clause for one in spec.settings if one.name == HIGHEST)
    if not entry.covers(records.as_of):
        return
    for one in doubtful:
        yield Advice(text=_told(spec, one), clause=clause)
    held, value = limits(spec, records.as_of), entry.detail(TARGET)
    if isinstance(value, float) and not held.hold(Fraction(str(value))):
        yield Advice(text=f"{TARGET} {value:g} is outside {held.words}: no range is taken from it", clause=clause)


def _told(spec: ServiceSpec, one: Inr) -> str:
    day = one.day.isoformat()
    value = f"{one.sign}{float(one.value):g}"
    return (
        f"the INR of {for_people(one.day)} ({value}) is outside {limits(spec, one.day).words} and used for nothing: "
        "correct it in the clinical system and import again, or confirm it with "
        f"`les register {spec.name} --add NHS --set {CONFIRMED}={day} --from {day}`"
    )


def with_doubtful_results(spec: ServiceSpec, records: Records, register: Register, recalls: RecallList) -> RecallList:
    """The recall list, in which a last result that can hardly be true is named: whoever rings looks at it first."""
    newest = records.latest(CODELIST)
    read = {nhs: [found] for nhs, one in newest.items() if (found := read_inr(one.day, one.value))}
    _, doubtful = set_aside(spec, register, read)
    tests = {rule.name for rule in spec.recalls if CODELIST in rule.codelists}
    return RecallList(
        recalls=tuple(
            replace(one, note="; ".join(filter(None, (one.note, _told(spec, doubtful[one.nhs_number][0])))))
            if one.kind in tests and one.nhs_number in doubtful
            else one
            for one in recalls.recalls
        )
    )
