"""What the random practices of each service look like: codes, terms, registers and the days that matter to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from .commands import Add, Command, End, Letter, Load, Term
from .days import ONE_DAY, months_later
from .practices import ELSEWHERE, HUB, Draw, Kind


def _adult(draw: Draw, days: list[date]) -> date:
    return date(draw.dice.randint(1935, 1960), draw.dice.randint(1, 12), draw.dice.randint(1, 28))


def _common_terms(draw: Draw, *items: str) -> list[Term]:
    found = []
    for item in items:
        if not draw.one_in(4):
            continue
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
        end = draw.dice.choice([date(2028, 3, 31), date(2028, 3, 31), max(draw.day(), date(2026, 4, 1))])
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


# Phlebotomy.

SAMPLE = "snomed:22778000"
REQUEST = "snomed:395123002"


def _phlebotomy_terms(draw: Draw) -> list[Term]:
    found = _common_terms(draw, "sample")
    if not draw.one_in(4):
        found.append(
            Term("price.sample", draw.dice.choice(["1.25", "3.12"]), draw.dice.choice([date(2025, 4, 1), draw.day()]))
        )
    if draw.one_in(4):
        found.append(Term("setting.trained_for_children", draw.dice.choice(["yes", "yes", "no"]), draw.day()))
    if draw.one_in(8):
        found.append(Term("codes.request", "700139004", draw.day()))
    if draw.one_in(12):
        found.append(Term("codes.sample", "700139004, 22778000", draw.day()))
    if draw.one_in(12):
        end = max(draw.day(), date(2025, 4, 1))
        found.append(Term("period.end", end.isoformat(), draw.day()))
    return found


def _phlebotomy_register(draw: Draw, nhs: str, days: list[date]) -> list[Command]:
    return _written(draw, nhs, days, lambda: {"community_nurse_caseload": draw.dice.choice(["yes", "yes", "no"])})


def _written(draw: Draw, nhs: str, days: list[date], details: Callable[[], dict[str, str]]) -> list[Command]:
    """Some commands about one patient's register entry: put on it, changed, ended, put on again, loaded from a file."""
    on = draw.last + ONE_DAY
    commands: list[Command] = []
    for _ in range(draw.dice.choice([0, 0, 1, 1, 2, 3])):
        day = draw.near(draw.dice.choice(days))
        what = draw.dice.randrange(6)
        if what < 3:
            commands.append(Add(nhs, details(), draw.dice.choice([day, day, draw.first, None]), on))
        elif what == 3:
            commands.append(End(nhs, day, on))
        else:
            entered = draw.dice.choice([None, draw.first, day])
            start = draw.dice.choice([None, day])
            ended = draw.near(draw.dice.choice(days)) if draw.one_in(3) else None
            commands.append(Load(nhs, entered, ended, details(), start, on))
    return commands


def _child_or_not(draw: Draw, days: list[date]) -> date:
    day = draw.near(draw.dice.choice(days))
    years = draw.dice.choice([4, 5, 5, 11, 12, 12, 40, 70, 70, 80])
    born = months_later(day, -12 * years)
    return date(born.year - born.year % 4, 2, 29) if draw.one_in(12) else born


PHLEBOTOMY = Kind(
    first=date(2025, 2, 1),
    last=date(2027, 5, 31),
    codes=(SAMPLE, SAMPLE, SAMPLE, INJECTION),
    types=("Face to face consultation", "Home visit", ""),
    clinicians=("Dr Able", "Nurse Baker"),
    window=1,
    terms=_phlebotomy_terms,
    register=_phlebotomy_register,
    born=_child_or_not,
)


# Anticoagulation.

ANTICOAG_CODES = (
    "read2:66QD",
    "ctv3:XaMh8",
    "read2:9K27",
    "read2:9K27",
    "ctv3:XaQyK",
    "read2:66QE",
    "snomed:165581004",
)


def _anticoag_terms(draw: Draw) -> list[Term]:
    found = _common_terms(draw, "level-3", "level-4", "home-visit")
    if draw.one_in(4):
        found.append(Term("setting.accept_registered_at", ELSEWHERE, draw.day(), adds=draw.one_in(2)))
    if draw.one_in(8):
        found.append(Term("period.end", "2021-06-30", date(2021, 4, 1)))
    return found


def _anticoag_register(draw: Draw, nhs: str, days: list[date]) -> list[Command]:
    def details() -> dict[str, str]:
        told = {"level": draw.dice.choice(["3", "3", "4", "4", "5"])}
        if draw.one_in(6):
            told["self_monitoring"] = draw.dice.choice(["yes", "no"])
        return told

    on = draw.last + ONE_DAY
    first = (
        [Load(nhs, draw.dice.choice([draw.first, draw.day()]), None, details(), None, on)] if not draw.one_in(4) else []
    )
    return [*first, *(_written(draw, nhs, days, details) if draw.one_in(2) else [])]


ANTICOAG = Kind(
    first=date(2020, 2, 1),
    last=date(2021, 7, 31),
    codes=ANTICOAG_CODES,
    types=("Face to face consultation", "Home visit"),
    clinicians=("Dr Able",),
    window=1,
    terms=_anticoag_terms,
    register=_anticoag_register,
    born=_adult,
)


# Pessaries.

PESSARY_CODES = {
    "fitting": "19999999103",
    "change": "29999999105",
    "removal": "39999999107",
    "annual-review": "49999999102",
    "follow-up": "59999999104",
}


def _pessary_terms(draw: Draw) -> list[Term]:
    found = _common_terms(draw, "fitting", "change", "removal", "annual-review")
    for name, code in PESSARY_CODES.items():
        if not draw.one_in(10):
            found.append(Term(f"codes.{name}", code, draw.dice.choice([date(2025, 4, 1)] * 5 + [draw.day()])))
        if name != "follow-up" and not draw.one_in(8):
            price = draw.dice.choice(["30.00", "45.50"])
            found.append(Term(f"price.{name}", price, draw.dice.choice([date(2025, 4, 1)] * 3 + [draw.day()])))
    return found


def _pessary_register(draw: Draw, nhs: str, days: list[date]) -> list[Command]:
    return _written(draw, nhs, days, lambda: {"self_managing": draw.dice.choice(["yes", "no"])})


PESSARY = Kind(
    first=date(2025, 2, 1),
    last=date(2027, 5, 31),
    codes=tuple(
        f"snomed:{PESSARY_CODES[name]}"
        for name in ("fitting", "change", "change", "change", "change", "removal", "annual-review", "follow-up")
    ),
    types=("Face to face consultation",),
    clinicians=("Dr Able", "Nurse Baker"),
    window=1,
    terms=_pessary_terms,
    register=_pessary_register,
    born=_adult,
    many=True,
)


# Intrauterine systems.

DEVICE = {"device_type": "Mirena", "batch_number": "B1", "device_expiry": "2023-01-31", "consent": "written"}
INDICATIONS = ("menorrhagia", "endometrial-protection", "contraception", "menorrhagia+contraception")


def _ius_terms(draw: Draw) -> list[Term]:
    found = _common_terms(draw, "fitting", "check", "removal")
    for item in ("fitting", "check", "removal"):
        if not draw.one_in(6):
            price = draw.dice.choice(["81.31", "20.00"])
            found.append(Term(f"price.{item}", price, draw.dice.choice([date(2020, 4, 1)] * 3 + [draw.day()])))
    if not draw.one_in(6):
        found.append(
            Term("codes.check", PESSARY_CODES["follow-up"], draw.dice.choice([date(2020, 4, 1)] * 3 + [draw.day()]))
        )
    if draw.one_in(8):
        found.append(Term("setting.fitting_record", "device_type, consent", draw.day()))
    if draw.one_in(4):
        found.append(Term("setting.accept_registered_at", ELSEWHERE, draw.day(), adds=draw.one_in(2)))
    if draw.one_in(10):
        found.append(Term("setting.recorded_anew", "batch_number", draw.day()))
    if draw.one_in(8):
        end = draw.dice.choice([date(2021, 6, 30), max(draw.day(), date(2020, 4, 1))])
        found.append(Term("period.end", end.isoformat(), date(2021, 4, 1)))
    return found


def _ius_register(draw: Draw, nhs: str, days: list[date]) -> list[Command]:
    def details() -> dict[str, str]:
        told = {name: value for name, value in DEVICE.items() if not draw.one_in(10)}
        if draw.one_in(4):
            told = {}
        if not draw.one_in(5) or not told:
            told["indication"] = draw.dice.choice(INDICATIONS)
        if draw.one_in(3):
            told["fitted_on"] = draw.near(draw.dice.choice(days)).isoformat()
        return told

    on = draw.last + ONE_DAY
    first = [Load(nhs, draw.first, None, details(), None, on)] if not draw.one_in(3) else []
    anew = [Add(nhs, details(), day, on) for day in days if draw.one_in(2)]
    return [*first, *anew, *(_written(draw, nhs, days, details) if draw.one_in(4) else [])]


def _letters(draw: Draw) -> list[Command]:
    found: list[Command] = []
    for name in ("Dr Able", "Nurse Baker"):
        for _ in range(draw.dice.choice([0, 1, 1, 2])):
            first = draw.dice.choice([date(2016, 5, 1), draw.day()])
            last = draw.dice.choice([date(2022, 5, 1), draw.day()])
            if first <= last:
                found.append(Letter(name, draw.dice.choice(["fsrh-loc"] * 4 + ["other"]), first, last))
    return found


IUS = Kind(
    first=date(2020, 2, 1),
    last=date(2021, 7, 31),
    codes=("snomed:65200003", "snomed:65200003", "snomed:68254000", f"snomed:{PESSARY_CODES['follow-up']}"),
    types=("Face to face consultation",),
    clinicians=("Dr Able", "Dr Able", "Nurse Baker", "Dr Cole", ""),
    window=1,
    terms=_ius_terms,
    register=_ius_register,
    born=_adult,
    others=_letters,
)
