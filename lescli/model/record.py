"""What the practice's record holds: patients, their registrations, and the activity coded for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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
