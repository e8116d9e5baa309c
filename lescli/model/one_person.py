"""One person under two NHS numbers: what the two records say together, and who may be one person."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import SequenceMatcher
from unicodedata import combining, normalize

from .record import Patient
from .registration import Registration

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
