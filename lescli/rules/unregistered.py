"""Patients a service would miss: with activity but on no register, and those who declined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ..calendar import Month, Period, add_months
from ..model import Activity, Declined, Invitation, Recall, RecallList, Records, Register, ServiceSpec
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

    Only services paid by their register, and events of clocks, are looked at, and only codes that do not put a patient
    on it. Left out are
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
    """The code lists that the rules use and that do not put a patient on the register.

    The events of clocks are always among them, because a clock runs only for a patient on the register.
    """
    named = [name for clock in spec.clocks for name in clock.from_codelists]
    if any(_FOUND_BY_REGISTER.intersection(item.options or {}) for item in spec.items):
        recalled = (name for rule in spec.recalls for name in (*rule.codelists, *rule.done_codelists))
        named = [*spec.codelists_relied_on(), *recalled, *named]
    return tuple(name for name in dict.fromkeys(named) if name not in spec.register.find_by)


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


DECLINED = "declined"
DECLINE_REACHES_MONTHS = 6
"""A patient can decline a recall at most this many months before it falls due."""


def declined_by(since: Sequence[Invitation], recall: Recall, as_of: date) -> Declined | None:
    """The refusal that leaves a patient out of a recall; None when they are to be called.

    It counts when the last outcome recorded was a refusal, it was about this recall, and the day the patient set has
    not come.
    """
    said = [contact for contact in since if contact.outcome]
    if not said or said[-1].outcome != DECLINED:
        return None
    last = said[-1]
    # Declining one recall does not decline another that falls due much later: a patient who declines the six-week
    # check has not declined the change of the device years later. Until that falls due nobody calls them.
    ends = [last.until, None if last.on >= add_months(recall.due_on, -DECLINE_REACHES_MONTHS) else recall.due_on]
    again = min((day for day in ends if day), default=None)
    if again is not None and as_of >= again:
        return None
    return Declined(
        nhs_number=recall.nhs_number,
        kind=recall.kind,
        due_on=recall.due_on,
        clause=recall.clause,
        declined_on=last.on,
        again_on=again,
    )


def declined_note(recalls: RecallList) -> tuple[str, ...]:
    """A line for a report: how many patients are not counted as overdue because they declined. It names nobody."""
    patients = len({one.nhs_number for one in recalls.declined})
    return (f"not counted as overdue, because they declined: {patients}",) if patients else ()
