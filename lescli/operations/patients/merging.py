"""`les patients merge` and `apart`: what is asked before, and what it changes that a person has to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ...calendar import Period
from ...errors import LesError
from ...model import Register
from ...model.one_person import clearly_different_names
from ...outputs import counted
from ...store import Store
from ...store.people.same_person import known_as, merge, names, on_one_day, tell_apart
from ..choose_services import chosen_services, doubts, register_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What a merge came to: the line that says so, and a line for each thing that waits for a person now."""

    told: str
    waits: tuple[str, ...] = ()


def merge_patients(store: Store, old: str, new: str, *, on: date, reason: str, is_sure: bool) -> Merged:
    """Merge, unless birth dates or names differ and nobody said that this is known; it names nobody."""
    with store.writing():
        known = {one.nhs_number: one for one in names(store) if one.nhs_number in (old, new)}
        if len(known) == 2 and not is_sure:
            _ask(
                other_day=known[old].date_of_birth != known[new].date_of_birth,
                other_name=clearly_different_names(known[old], known[new]),
            )
        if not merge(store, old, new, on=on, reason=reason):
            return Merged(told="they are one patient already, nothing was changed")
    told = "the two numbers are one patient, so claims may change"
    if shared := on_one_day(store, known_as(store, new)):
        told += f": {counted(shared, 'entry', 'entries')} of both numbers on one day may now count once"
    told += "; `les patients apart OLD NEW --reason TEXT` takes it back"
    return Merged(told=told, waits=_contradictions(store, known_as(store, new), on))


def _ask(*, other_day: bool, other_name: bool) -> None:
    what = " and ".join(["different birth dates"] * other_day + ["different names"] * other_name)
    if what:
        raise LesError(
            f"the two have {what}, so they are hardly one person", "if they are, add --yes; nothing was changed"
        )


def _contradictions(store: Store, patient: str, on: date) -> tuple[str, ...]:
    """A line for each register on which the merged patient's entries now contradict one another, with its cure."""
    chosen = chosen_services(store, (), Period(on, on))
    found: list[str] = []
    for service in chosen.services:
        try:
            _, register = register_of(store, service, on)
        except LesError as fault:
            found.append(str(fault))
        else:
            found += doubts(service.spec, Register(entries=tuple(register.of(patient))))
    return tuple(found)


def apart_patients(store: Store, one: str, other: str, *, on: date, reason: str) -> bool:
    """Tell two numbers apart, or take their merge back."""
    with store.writing():
        return tell_apart(store, one, other, on=on, reason=reason)
