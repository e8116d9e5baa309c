"""What the practice's record holds: patients, their registrations, and the activity coded for them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from unicodedata import combining, normalize

from .registration import Registration

REPORTED = "reported"
NOT_FINAL = frozenset({"registered", "preliminary", "unknown", "unreadable"})
MARKS = NOT_FINAL | {REPORTED}
"""What an entry may say against itself: that it was done elsewhere and written down here, or that it is not final.

`unreadable` stands for a status that is missing, or that is none.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """The practice that holds the contracts."""

    ods_code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One patient. `registrations` are all known spells, at this practice and elsewhere.

    A death whose day nobody knows has no `died_on`: it lay from `died_from` (if that is known) to `died_by`.
    `apart_from` are other NHS numbers of which somebody said that they are not this person's.
    `doubts` are facts (`died`, `left`, ...) that the newest extract no longer states and nobody has settled.
    """

    nhs_number: str
    family_name: str
    given_name: str
    date_of_birth: date
    sex: str
    died_on: date | None = None
    housebound: bool | None = None
    registrations: tuple[Registration, ...] = ()
    died_from: date | None = None
    died_by: date | None = None
    apart_from: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name as lists print it: `SMITH, Ann`."""
        family = self.family_name.upper()
        return f"{family}, {self.given_name}" if self.given_name else family

    def registered_on(self, day: date, practice: str) -> bool:
        """Registered with the practice on that day, as a regular or temporary patient."""
        return any(
            spell.practice == practice and spell.kind != "none" and spell.covers(day) for spell in self.registrations
        )

    def alive_on(self, day: date) -> bool:
        """Alive on that day, as far as anybody knows; a patient is still alive on the day they die."""
        return self.last_alive is None or day <= self.last_alive

    def can_be_called_on(self, day: date) -> bool:
        """Alive on that day, whichever of its possible days the death was on; on the day itself nobody is called."""
        if self.death_in_doubt:
            return True
        if self.died_on is not None:
            return day < self.died_on
        return self.died_by is None or (self.died_from is not None and day < self.died_from)

    @property
    def death_in_doubt(self) -> bool:
        """Stated once, and no longer: they are called with a mark, and nothing done after it is paid."""
        return "died" in self.doubts

    @property
    def last_alive(self) -> date | None:
        """The day of death; where it is not known, the last day it can have been."""
        return self.died_on or self.died_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code of a named system, in the spelling `codes.parse_code` gives it."""

    system: str
    code: str

    def __str__(self) -> str:
        return f"{self.system}:{self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One coded entry in a record. It may carry a code in more than one system and is still one activity.

    `marks` are what the entry says against itself: `reported` (done elsewhere, and written down here), or the status of
    an entry that is not final, such as `preliminary`.
    """

    id: int
    nhs_number: str
    day: date
    codes: tuple[Code, ...]
    term: str = ""
    value: str = ""
    unit: str = ""
    consultation_type: str = ""
    clinician: str = ""
    done_at: str = ""
    recorded_on: date | None = None
    identity: str = ""
    marks: tuple[str, ...] = ()

    @property
    def evidence(self) -> str:
        """The id under which a claim or register names this entry as its evidence."""
        return f"activity:{self.id}"

    @property
    def order(self) -> tuple[str, ...]:
        """A sort key that depends on what the entry says, not on the order files were imported in."""
        recorded = self.recorded_on.isoformat() if self.recorded_on else ""
        return (self.day.isoformat(), self.nhs_number, recorded, self.consultation_type, self.value, self.identity)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandEntry:
    """What the practice wrote into one service's register by hand for one patient.

    `details` are (from, name, value): a value holds from its date until a later one of the same name. `written_for` is
    the NHS number it was written for, where the patient is known by another one since; else empty.
    """

    nhs_number: str
    entered_on: date | None
    ended_on: date | None
    end_reason: str
    details: tuple[tuple[date, str, str], ...]
    id: int
    written_for: str = ""

    @property
    def evidence(self) -> str:
        """The id under which this entry is named as evidence."""
        return f"register:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One contact made with a patient about one service."""

    nhs_number: str
    on: date
    by: str
    outcome: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accreditation:
    """What a clinician may do, from when until when, both days inside."""

    clinician: str
    kind: str
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An untoward event. `due_at` and `notified_at` are local times, `2026-05-04T00:00`; None when not known."""

    kind: str
    on: str
    due_at: str
    notified_at: str | None
    nhs_number: str | None
    id: int


_REQUESTS = frozenset({"order", "original-order", "instance-order"})
_OPEN = "active"
_ANSWERED = "completed"
_DIARY = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One entry, as the newest extract has it.

    `intent` and `status` are FHIR's words (`plan`, `order`, ...; `active`, `completed`, `cancelled`, ...), `value` is
    the priority where one is stated, `clinician` who asked. `planned_on` is None where no day is planned.
    """

    id: int
    nhs_number: str
    day: date
    planned_on: date | None
    codes: tuple[Code, ...]
    intent: str
    status: str
    term: str = ""
    value: str = ""
    clinician: str = ""
    identity: str = ""

    @property
    def evidence(self) -> str:
        """The id under which a register or recall names this entry as its evidence."""
        return f"planned:{self.id}"

    @property
    def order(self) -> tuple[str, ...]:
        """A sort key that depends on what the entry says, comparable with an activity's."""
        return (self.day.isoformat(), self.nhs_number, "", "", self.value, self.identity)

    @property
    def is_request(self) -> bool:
        """Somebody asked for it, and did not take it back: an order that is open or was answered.

        What a laboratory adds to an order (`filler-order`, `reflex-order`) asks for nothing more of the practice.
        """
        return self.intent in _REQUESTS and self.status in (_OPEN, _ANSWERED)

    @property
    def is_diary_entry(self) -> bool:
        """A diary entry: the practice plans to do it, and nobody asked."""
        return self.intent == _DIARY

    @property
    def is_open(self) -> bool:
        """Neither done nor given up, as far as the record says."""
        return self.status == _OPEN


MOST_NUMBERS = 3
"""One person may have so many numbers; where more share a name and a birth date, these are no person's own."""

_ALIKE = 0.75
"""Names that share so much of their letters may be one name spelt in two ways."""


def one_person(new: Patient, old: Patient) -> Patient:
    """The patient of the number in use, with what only the record of the old number knows.

    A spell of the old record that has no end there ends when the spells of the new one do: nobody tells the old number
    that its patient has left.
    """
    death = old if new.last_alive is None else new
    return replace(
        new,
        family_name=new.family_name or old.family_name,
        given_name=new.given_name or old.given_name,
        sex=old.sex if new.sex == "unknown" else new.sex,
        died_on=death.died_on,
        died_from=death.died_from,
        died_by=death.died_by,
        housebound=old.housebound if new.housebound is None else new.housebound,
        registrations=(*new.registrations, *(_closed(spell, new) for spell in old.registrations)),
        doubts=tuple(dict.fromkeys((*new.doubts, *(("died",) if death.death_in_doubt else ())))),
        apart_from=tuple(sorted({*new.apart_from, *old.apart_from})),
    )


def _closed(spell: Registration, new: Patient) -> Registration:
    ends = [one.end for one in new.registrations if one.practice == spell.practice]
    if spell.end is not None or not ends or None in ends:
        return spell
    last = max(end for end in ends if end)
    return replace(spell, end=max(last, spell.start) if spell.start else last)


def may_be_one(one: Patient, other: Patient) -> bool:
    """Two numbers with the same birth date and the same whole name, which nobody has told apart.

    Twins share a birth date and a family name: without a given name nothing is suspected.
    """
    return (
        one.nhs_number != other.nhs_number
        and named(one) is not None
        and named(one) == named(other)
        and ("unknown" in (one.sex, other.sex) or one.sex == other.sex)
        and other.nhs_number not in one.apart_from
    )


def named(patient: Patient) -> tuple[str, str, str] | None:
    """Birth date and whole name, to be compared; None where the name is not whole."""
    family, given = (" ".join(text.casefold().split()) for text in (patient.family_name, patient.given_name))
    if not family or not (given or "," in family or " " in family):
        return None
    return patient.date_of_birth.isoformat(), family, given


def clearly_different_names(one: Patient, other: Patient) -> bool:
    """Whether the family names or the given names of two records can hardly be one person's.

    A part of a name, an initial, an accent or a letter mistyped is no difference, nor is a name that is not there.
    """
    pairs = zip(_names(one), _names(other), strict=True)
    return any(mine and theirs and not any(_alike(a, b) for a in mine for b in theirs) for mine, theirs in pairs)


def _names(patient: Patient) -> tuple[list[str], list[str]]:
    """The parts of the family name and of the given name; some files write both in one cell."""
    family, given = patient.family_name, patient.given_name
    if not given and "," in family:
        family, _, given = family.partition(",")
    return _parts(family), _parts(given)


def _parts(text: str) -> list[str]:
    plain = "".join(each for each in normalize("NFKD", text.casefold()) if not combining(each))
    return re.findall(r"[^\W_]+", re.sub("['\u2019]", "", plain))


def _alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) in (1, *range(3, len(long) + 1)) and long.startswith(short):
        return True
    return SequenceMatcher(None, short, long, autojunk=False).ratio() >= _ALIKE
