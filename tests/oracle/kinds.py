"""What the random practices of each service look like: codes, terms, registers and the days that matter to it."""

from __future__ import annotations

from datetime import date

from .commands import Add, Command, Load, Term
from .days import ONE_DAY
from .practices import HUB, Draw, Kind


def _adult(draw: Draw, days: list[date]) -> date:
    return date(draw.dice.randint(1935, 1960), draw.dice.randint(1, 12), draw.dice.randint(1, 28))


def _common_terms(draw: Draw, item: str) -> list[Term]:
    found = []
    if draw.one_in(4):
        found.append(Term(f"price.{item}", draw.dice.choice(["21.00", "19.50", "20.01"]), draw.day()))
    if draw.one_in(6):
        found.append(Term("setting.accept_done_at", HUB, draw.day(), adds=draw.one_in(2)))
    if draw.one_in(8):
        day = draw.day()
        found.append(Term("setting.claims_from", f"{day.year:04d}-{day.month:02d}", date(2020, 1, 1)))
    return found


# Denosumab.

INJECTION = "snomed:700139004"
LOCAL_CODE = "snomed:22778000"


def _denosumab_terms(draw: Draw) -> list[Term]:
    found = _common_terms(draw, "injection")
    types = "setting.accepted_consultation_types"
    if draw.one_in(5):
        found.append(Term(types, draw.dice.choice(["GP Surgery", "Telephone"]), draw.day(), adds=True))
    if draw.one_in(10):
        found.append(Term(types, "home visit, surgery", draw.day()))
    if draw.one_in(6):
        found.append(Term("codes.injection", draw.dice.choice(["22778000", "22778000, 700139004"]), draw.day()))
    if (draw.last > date(2027, 3, 31) and draw.one_in(2)) or draw.one_in(12):
        end = draw.dice.choice([date(2028, 3, 31), date(2028, 3, 31), draw.day()])
        found.append(Term("period.end", end.isoformat(), date(2027, 4, 1)))
    return found


def _denosumab_register(draw: Draw, nhs: str, days: list[date]) -> list[Command]:
    if not draw.one_in(3):
        return []
    dose = draw.near(draw.dice.choice(days))
    on = draw.last + ONE_DAY
    start = draw.dice.choice([date(2025, 1, 1), dose])
    details = {"first_dose_on": dose.isoformat()}
    if draw.one_in(2):
        return [Add(nhs, details, start, on)]
    return [Load(nhs, start, None, details, draw.dice.choice([None, start]), on)]


DENOSUMAB = Kind(
    first=date(2026, 2, 1),
    last=date(2027, 5, 31),
    codes=(INJECTION, INJECTION, INJECTION, LOCAL_CODE),
    types=(
        "Face to face consultation",
        "FACE-TO-FACE",
        "Home visit note",
        "Enterprise consultation",
        "Telephone call to a patient",
        "Non-face to face consultation",
        "GP Surgery",
        "",
    ),
    clinicians=("Dr Able",),
    window=3,
    terms=_denosumab_terms,
    register=_denosumab_register,
    born=_adult,
)
