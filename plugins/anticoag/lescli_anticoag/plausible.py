"""Implausible INR results, such as 25 for 2.5: their value is not used, and they are named.

The test was done, so it counts as monitoring. It does not put off the next test until its value is confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from lescli.api import Activity, Register, RegisterEntry, ServiceSpec, Table

from .inr import Inr, read_inr

CODELIST = "inr"
CONFIRMED = "inr_confirmed_on"
LOWEST, HIGHEST = "inr_lowest", "inr_highest"
TARGET = "target_inr"
Results = Mapping[str, list[Inr]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The lowest and highest plausible result, both included; None when the setting is not a number."""

    lowest: Fraction | None
    highest: Fraction | None
    words: str

    def hold(self, value: Fraction) -> bool:
        """Whether a value is within the limits."""
        return (self.lowest is None or value >= self.lowest) and (self.highest is None or value <= self.highest)


def limits(spec: ServiceSpec, day: date) -> Limits:
    """The limits of plausible results in force on a day."""
    low, high = (str(spec.setting(name, day)) for name in (LOWEST, HIGHEST))
    return Limits(lowest=number_in(low), highest=number_in(high), words=f"{low} to {high}")


def number_in(text: str) -> Fraction | None:
    """The number in a setting or register detail; None when it is not a number."""
    try:
        return Fraction(text)
    except ValueError:
        return None


def set_aside(spec: ServiceSpec, register: Register, results: Results) -> tuple[dict[str, list[Inr]], Results]:
    """The results to use, and those beyond the limits that nobody confirmed, both by NHS number."""
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
    """The days whose result the practice confirmed."""
    named = (value for entry in entries for _, name, value in entry.history if name == CONFIRMED)
    return {value for value in named if isinstance(value, date)}


def doubtful_table(doubtful: Results) -> Table:
    """A table of the results that are not used, by patient and day."""
    rows = [
        (nhs_number, one.day.isoformat(), f"{one.sign}{float(one.value):g}")
        for nhs_number, own in sorted(doubtful.items())
        for one in own
    ]
    return Table(
        id="inr-to-confirm",
        title="INR results to correct or confirm; until then their value is not used",
        columns=("nhs_number", "on", "value"),
        rows=tuple(rows),
        names_patients=True,
    )


def believed(spec: ServiceSpec, register: Register) -> Callable[[Activity], bool]:
    """A function that says whether an entry is believed: its INR is plausible, was confirmed, or has no value."""
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
