"""The practice's record: patients, coded activity, planned work, register entries by hand and other contacts.

It also decides when two NHS numbers may belong to one person, and joins the records of merged numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from unicodedata import combining, normalize

from .quick import quickly_made
from .registration import Registration

REPORTED = "reported"
NOT_FINAL = frozenset({"registered", "preliminary", "unknown", "unreadable"})
MARKS = NOT_FINAL | {REPORTED}
"""What casts doubt on an entry: the work was done elsewhere and only reported here, or the entry is not final.

`unreadable` means that the status is missing or is not a known one.
"""

MOST_NUMBERS = 3
"""One person may have this many NHS numbers. If more share a name and birth date, these are not one person's."""
_ALIKE = 0.75
"""Names that share this much of their letters may be one name spelt in two ways."""

_REQUESTS = frozenset({"order", "original-order", "instance-order"})
_OPEN = "active"
_ANSWERED = "completed"
_DIARY = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """The practice that holds the contracts."""

    ods_code: str
    name: str


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One patient. `registrations` are all known spells, at this practice and elsewhere.

    A death on an unknown day has no `died_on`: it was from `died_from` (if known) to `died_by`. `apart_from` has the
    NHS numbers that somebody said belong to another person. `doubts` are facts (`died`, `left`, ...) that the newest
    extract no longer states and nobody has settled.
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
        """The patient's name as lists show it: `SMITH, Ann`."""
        family = self.family_name.upper()
        return f"{family}, {self.given_name}" if self.given_name else family

    def registered_on(self, day: date, practice: str) -> bool:
        """Whether the patient was registered with the practice on that day, as a regular or temporary patient."""
        for spell in self.registrations:
            if spell.practice == practice and spell.kind != "none" and spell.covers(day):
                return True
        return False

    def alive_on(self, day: date) -> bool:
        """Whether the patient may have been alive on that day; the day of death still counts as alive."""
        return self.last_alive is None or day <= self.last_alive

    def can_be_called_on(self, day: date) -> bool:
        """Whether the day is before the first possible day of death; always true while the death is in doubt."""
        if self.death_in_doubt:
            return True
        if self.died_on is not None:
            return day < self.died_on
        return self.died_by is None or (self.died_from is not None and day < self.died_from)

    @property
    def death_in_doubt(self) -> bool:
        """Whether the newest export no longer states the death: the patient is called, later work is not paid."""
        return "died" in self.doubts

    @property
    def last_alive(self) -> date | None:
        """The day of death or, if it is not known, its last possible day."""
        return self.died_on or self.died_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code of a named coding system, spelt as `codes.parse_code` returns it."""

    system: str
    code: str

    def __str__(self) -> str:
        return f"{self.system}:{self.code}"


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One coded entry in a record. It may have a code in more than one system and is still one activity.

    `marks` cast doubt on the entry: `reported` (done elsewhere and only reported here), or the status of an entry that
    is not final, such as `preliminary`.
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
        """The id by which a claim or register names this entry as evidence."""
        return f"activity:{self.id}"

    @property
    def order(self) -> tuple[str, ...]:
        """A sort key that depends on the entry's content, not on the order in which files were imported."""
        recorded = self.recorded_on.isoformat() if self.recorded_on else ""
        return (self.day.isoformat(), self.nhs_number, recorded, self.consultation_type, self.value, self.identity)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandEntry:
    """What the practice wrote into one service's register by hand for one patient.

    `details` are (from, name, value): a value applies from its date until a later one of the same name. `written_for`
    is the NHS number it was written for, if the patient has been known by another since; otherwise it is empty.
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
        """The id by which this entry is named as evidence."""
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
    """What a clinician may do, from when until when, both days included."""

    clinician: str
    kind: str
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An untoward event. `due_at` and `notified_at` are local times, `2026-05-04T00:00`.

    `due_at` is empty when the event has no clock, and `notified_at` is None when no notification is recorded.
    """

    kind: str
    on: str
    due_at: str
    notified_at: str | None
    nhs_number: str | None
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One request or diary entry, as in the newest export.

    `intent` and `status` are FHIR's words (`plan`, `order`, ...; `active`, `completed`, `cancelled`, ...). `value` is
    the priority, if stated, and `clinician` the person who asked. `planned_on` is None when no day is planned.
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
        """The id by which a register or recall names this entry as evidence."""
        return f"planned:{self.id}"

    @property
    def order(self) -> tuple[str, ...]:
        """A sort key that depends on the entry's content, comparable with an activity's."""
        return (self.day.isoformat(), self.nhs_number, "", "", self.value, self.identity)

    @property
    def is_request(self) -> bool:
        """Whether it is an order that is open or was answered, and was not withdrawn.

        Orders that a laboratory adds (`filler-order`, `reflex-order`) ask nothing of the practice and are no requests.
        """
        return self.intent in _REQUESTS and self.status in (_OPEN, _ANSWERED)

    @property
    def is_diary_entry(self) -> bool:
        """Whether it is a diary entry: the practice plans the work, and nobody asked for it."""
        return self.intent == _DIARY

    @property
    def is_open(self) -> bool:
        """Whether the record says that it is neither done nor cancelled."""
        return self.status == _OPEN


def one_person(new: Patient, old: Patient) -> Patient:
    """The patient under the NHS number in use, with the facts that only the record of the old number has.

    A spell of the old record without an end ends with the spells of the new record at that practice, because the old
    record is not updated when the patient leaves.
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
    """Whether two NHS numbers have the same birth date and full name, and nobody has told them apart.

    Twins share a birth date and a family name, so a name without a given name is never suspected.
    """
    return (
        one.nhs_number != other.nhs_number
        and named(one) is not None
        and named(one) == named(other)
        and ("unknown" in (one.sex, other.sex) or one.sex == other.sex)
        and other.nhs_number not in one.apart_from
    )


def named(patient: Patient) -> tuple[str, str, str] | None:
    """Birth date and full name, to be compared; None when the name is not complete."""
    return named_as(patient.date_of_birth.isoformat(), patient.family_name, patient.given_name)


def named_as(born: str, family_name: str, given_name: str) -> tuple[str, str, str] | None:
    """The same of an ISO birth date and two names."""
    family, given = " ".join(family_name.casefold().split()), " ".join(given_name.casefold().split())
    if not family or not (given or "," in family or " " in family):
        return None
    return born, family, given


def clearly_different_names(one: Patient, other: Patient) -> bool:
    """Whether the family names or the given names of two records can hardly be those of one person.

    Part of a name, an initial, an accent, a mistyped letter or a missing name does not count as a difference.
    """
    pairs = zip(_names(one), _names(other), strict=True)
    return any(mine and theirs and not any(_alike(a, b) for a in mine for b in theirs) for mine, theirs in pairs)


def _names(patient: Patient) -> tuple[list[str], list[str]]:
    """The parts of the family name and of the given name. Some files write both in one cell."""
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
