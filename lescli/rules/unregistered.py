"""Work with a service's codes for patients whom no register entry covers: nothing is claimed for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..calendar import Month, Period
from ..model import Activity, Records, Register, ServiceSpec
from .windows import held_in

_FOUND_BY_REGISTER = {"detail", "date_detail"}
"""The options of claim items that are paid from the register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unregistered:
    """Entries of one code list: `never` by patients never on the register, `ended` after a patient's time on it."""

    codelist: str
    title: str
    plural: str
    never: tuple[Activity, ...]
    ended: tuple[Activity, ...]

    @property
    def never_patients(self) -> tuple[str, ...]:
        """The NHS numbers of the patients who were never on the register."""
        return tuple(sorted({one.nhs_number for one in self.never}))

    @property
    def ended_patients(self) -> tuple[str, ...]:
        """The NHS numbers of the patients whose time on the register is over."""
        return tuple(sorted({one.nhs_number for one in self.ended}))


def unregistered(spec: ServiceSpec, records: Records, register: Register, period: Period) -> tuple[Unregistered, ...]:
    """One value for each code list with such entries, in those months of a period in which work could be claimed.

    Only services paid by their register are looked at, and only codes that do not put a patient on it. Left out are
    patients who were not registered or alive on the day, and patients put on the register later, because a first test
    comes before the register entry.
    """
    found = []
    for name in _looked_at(spec):
        never: list[Activity] = []
        ended: list[Activity] = []
        for entry in _entries(spec, records, name, period):
            times = register.of(entry.nhs_number)
            if not times:
                never.append(entry)
            elif all(time.ended_on is not None and time.ended_on < entry.day for time in times):
                ended.append(entry)
        if never or ended:
            listed = spec.codelist(name)
            found.append(
                Unregistered(
                    codelist=name,
                    title=listed.title,
                    plural=listed.plural or f"{listed.title} entries",
                    never=tuple(never),
                    ended=tuple(ended),
                )
            )
    return tuple(found)


def _looked_at(spec: ServiceSpec) -> tuple[str, ...]:
    """The code lists that the rules use and that do not put a patient on the register."""
    if not any(_FOUND_BY_REGISTER.intersection(item.options or {}) for item in spec.items):
        return ()
    recalled = (name for rule in spec.recalls for name in (*rule.codelists, *rule.done_codelists))
    named = dict.fromkeys((*spec.codelists_relied_on(), *recalled))
    return tuple(name for name in named if name not in spec.register.find_by)


def _entries(spec: ServiceSpec, records: Records, codelist: str, period: Period) -> Iterator[Activity]:
    months: dict[Month, bool] = {}
    practice = records.practice.ods_code
    for entry in records.activity(codelist, period.start, period.end):
        month = Month.of(entry.day)
        if month not in months:
            months[month] = held_in(spec, records, month)
        patient = records.patient(entry.nhs_number)
        if months[month] and patient.registered_on(entry.day, practice) and patient.alive_on(entry.day):
            yield entry
