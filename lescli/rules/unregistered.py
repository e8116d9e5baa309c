"""Work under a service's codes of patients whom no register entry covers, so that nothing is claimed for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..calendar import Month, Period
from ..model import Activity, Records, Register, ServiceSpec
from .windows import held_in

_FOUND_BY_REGISTER = {"detail", "date_detail"}
"""The options of items that are paid for what the register says of a patient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unregistered:
    """Entries of one code list: `never` by patients who never were on the register, `ended` after their time on it."""

    codelist: str
    title: str
    plural: str
    never: tuple[Activity, ...]
    ended: tuple[Activity, ...]

    @property
    def never_patients(self) -> tuple[str, ...]:
        """The NHS numbers of those who never were on it."""
        return tuple(sorted({one.nhs_number for one in self.never}))

    @property
    def ended_patients(self) -> tuple[str, ...]:
        """The NHS numbers of those whose time on it has ended."""
        return tuple(sorted({one.nhs_number for one in self.ended}))


def unregistered(spec: ServiceSpec, records: Records, register: Register, period: Period) -> tuple[Unregistered, ...]:
    """One value for each code list that has such entries in the days of a period on which the contract was held.

    Only where the service pays by the register, and for codes that put nobody on it by themselves. Left out is whoever
    was not registered or alive on the day, and whoever was put on the register later: a first test comes before it.
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
    """The code lists that the rules look at and that put nobody on the register."""
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
