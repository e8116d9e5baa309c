"""The invented practice of the contract test: days on both sides of every boundary, and a patient for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ..calendar import Month, Period, add_months, is_working_day
from ..model import CheckSpec, ClaimItem, Dated, DetailField, Price, ServiceSpec, names_in
from ..rules.eligibility import OTHER
from ..rules.limits import limits_on
from ..services import Service
from ..specification.own_days import price_keys
from ..store import practice_data
from .surgery import FACE_TO_FACE, Surgery
from .tables import TextRow, snomed_concept, table_text

LONG_AGO = date(1990, 1, 1)
CLINICIAN = "Dr Contract Test"
_DAY = timedelta(days=1)
_PAST = timedelta(days=900)
_SOURCE = "contract test"
_PLACE_OF_NOBODY = "ZZZ99"
_ANOTHER_PRACTICE = "Y99998"


@dataclass(frozen=True, slots=True, order=True)
class Question:
    """One claim to ask for: its month and the day asked about."""

    month: Month
    as_of: date

    def __str__(self) -> str:
        return f"claim {self.month} as of {self.as_of}"


def questions_of(spec: ServiceSpec) -> tuple[Question, ...]:
    """The claims around each start, middle and end of the specification and of each price."""
    found: set[Question] = set()
    for period in spec.periods:
        first, middle = Month.of(period.start), middle_month(spec)
        months = [first.plus(-1), first, middle, middle.plus(1)]
        if period.end:
            months += [Month.of(period.end), Month.of(period.end).plus(1)]
        found.update(Question(month, month.last) for month in months)
        found.add(Question(middle, middle.first + timedelta(days=14)))
        found.add(Question(middle, middle.plus(1).first + timedelta(days=8)))
        half = middle.first + timedelta(days=14)
        if window := spec.on(half).window_months:
            # On this day the claim window of the first half of the month has closed.
            found.add(Question(middle, add_months(half, window)))
    for start, _ in spec.editions:
        # Work of the last day of the old terms is claimed beside that of the first day of the new ones.
        found.update(Question(Month.of(start), day) for day in (Month.of(start).last, *_closing(spec, start)))
    for item in spec.items:
        found.update(Question(Month.of(price.start), Month.of(price.start).last) for price in item.prices)
    return tuple(sorted(question for question in found if question.month.year > 1900))


def _closing(spec: ServiceSpec, start: date) -> Iterator[date]:
    """The last day on which work of a day, and of the day before, can be claimed."""
    for day in (start - _DAY, start):
        if window := spec.on(day).window_months:
            yield add_months(day, window)


def middle_month(spec: ServiceSpec) -> Month:
    """A month well inside the first period, away from the end of a contract year."""
    return Month.of(spec.periods[0].start).plus(6)


def inside_day(spec: ServiceSpec) -> date:
    """A working day in the middle of that month, with a working day before and after it."""
    day = middle_month(spec).first + timedelta(days=10)
    while not all(is_working_day(day + _DAY * step) for step in (-1, 0, 1)):
        day += _DAY
    return day


def days_of(spec: ServiceSpec) -> tuple[date, ...]:
    """The boundaries of every claim, each with the day before and the day after, and a day inside."""
    edges = {inside_day(spec)}
    for period in spec.periods:
        edges.update(day for day in (period.start, period.end) if day)
    edges.update(start for start, _ in spec.editions)
    for item in spec.items:
        edges.update(price.start for price in item.prices)
    for question in questions_of(spec):
        span = span_of(spec, question.month)
        edges |= {span.start, question.month.first, question.month.last, question.as_of}
        windows = {terms.window_months for _, _, terms in spec.spans()}
        edges |= {add_months(question.as_of, -months) for months in windows if months}
    edges = {day for day in edges if day.year > 1900}
    return tuple(sorted({day + _DAY * step for day in edges for step in (-1, 0, 1)}))


def span_of(spec: ServiceSpec, month: Month) -> Period:
    """The days that the claim for a month looks at, up to the end of the month.

    They go back by the claim window; without one, to the start of the contract year or of the first period, whichever
    is earlier. Where the window changes, each of those days counts by the window of its own day.
    """
    begun = min(spec.contract_year(month.first).start, *(period.start for period in spec.periods))
    starts = [month.first]
    for first, last, terms in spec.spans():
        back = month.plus(-terms.window_months).first if terms.window_months else begun
        starts += [max(first, back)] if max(first, back) <= last else []
    return Period(Month.of(min(starts)).first, month.last)


def in_time(spec: ServiceSpec, day: date, as_of: date) -> bool:
    """Whether an activity can still be claimed on a later day."""
    window = spec.on(day).window_months
    return not window or as_of <= add_months(day, window)


def specified(spec: ServiceSpec, day: date) -> bool:
    """Whether the specification is in force on a day."""
    return any(period.start <= day and (period.end is None or day <= period.end) for period in spec.periods)


def pence_on(item: ClaimItem, day: date, tariff: str = "") -> int | None:
    """The price of an item on a day: the newest that has begun; of two, the local one. It is one of its tariff."""
    begun: list[Dated[Price]] = [price for price in item.prices if price.start <= day]
    begun = [price for price in begun if not item.price_by or price.value.tariff == tariff]
    begun.sort(key=lambda price: (price.start, price.local))
    return begun[-1].value.part_pence if begun else None


def per_activity(spec: ServiceSpec) -> Iterator[ClaimItem]:
    """The items that are paid for each activity."""
    return (item for item in spec.items if item.kind == "per-activity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One invented activity; `never` says why it must not be paid, and is empty when it may be.

    `gone_after` is the last day on which the patient was alive and registered, or None if they still are.
    """

    patient: str
    item: str
    codelist: str
    day: date
    never: str = ""
    gone_after: date | None = None


def open_terms(spec: ServiceSpec) -> str:
    """A table of local terms for every code and price that the specification leaves open."""
    rows: list[TextRow] = []
    for place, codelist in enumerate(spec.codelists):
        if not codelist.all_codes():
            rows.append(_term(f"codes.{codelist.name}", snomed_concept(place), LONG_AGO))
    # Prices begin a month after the start, so that there are also days without a price.
    priced_from = (spec.periods[0].start.replace(day=1) + timedelta(days=31)).replace(day=1)
    priced = {key for key in price_keys(spec) for item in spec.items if _is_priced(item, key)}
    rows += [_term(key, "1.23", priced_from) for key in price_keys(spec) if key not in priced]
    return table_text(("key", "value", "from", "source"), rows) if rows else ""


def _is_priced(item: ClaimItem, key: str) -> bool:
    """Whether a price of the file is the one that a key names."""
    tariffs = [one.value.tariff for one in item.prices if one.value.pence]
    keys = {f"price.{item.name}.{one}" if one and item.price_by != "part" else f"price.{item.name}" for one in tariffs}
    return key in keys


def _term(key: str, value: str, start: date) -> TextRow:
    return {"key": key, "value": value, "from": start.isoformat(), "source": _SOURCE}


def new_surgery(service: Service) -> Surgery:
    """An empty practice with those local terms and every accreditation that the service's data names."""
    items = [item for _, _, terms in service.spec.spans() for item in terms.items]
    checks = [check for item in items for check in item.checks if check.rule == "accreditation"]
    rows = [
        {"clinician": CLINICIAN, "kind": kind, "from": LONG_AGO.isoformat(), "to": "2999-12-31"}
        for kind in {check.options["kind"] for check in checks}
    ]
    table = table_text(("clinician", "kind", "from", "to"), rows) if rows else ""
    surgery = Surgery(service, terms=open_terms(service.spec), accreditations=table)
    with surgery.store.writing():
        for name in {name for item in items for name in item.needs}:
            practice_data.sign(surgery.store, name, LONG_AGO, "test")
    return surgery


def activities_of(spec: ServiceSpec) -> tuple[Made, ...]:
    """Every activity of the practice: one patient for each, so that no cap or duplicate hides a boundary."""
    return tuple(made for item in per_activity(spec) for made in _of_item(spec, item))


def _of_item(spec: ServiceSpec, item: ClaimItem) -> Iterator[Made]:
    day, before = inside_day(spec), inside_day(spec) - timedelta(days=1)
    for codelist in item.codelists:
        for boundary in days_of(spec):
            yield Made(patient=f"{item.name} {codelist} {boundary}", item=item.name, codelist=codelist, day=boundary)
        copy = Made(patient=f"{item.name} {codelist} copied", item=item.name, codelist=codelist, day=day)
        yield from (copy, copy)
        for why, gone in (("died", before), ("left", before), ("stranger", LONG_AGO), ("done elsewhere", None)):
            name = f"{item.name} {codelist} {why}"
            yield Made(patient=name, item=item.name, codelist=codelist, day=day, never=why, gone_after=gone)
    cap = spec.on(day).item(item.name).cap
    for step in range(min(cap + 1, 25) if cap else 0):
        often = day + timedelta(days=step)
        yield Made(patient=f"{item.name} often", item=item.name, codelist=item.codelists[0], day=often)


def populate(surgery: Surgery, made: Iterable[Made], details: Mapping[str, Mapping[str, str]]) -> None:
    """Import the activities and put their patients on the register, each with the details for their item."""
    spec = surgery.service.spec
    activities = list(made)
    patients = {one.patient: _patient(spec, one) for one in activities}
    rows = [row for one in activities for row in (*_asked_first(spec, one), _activity(spec, one))]
    surgery.add_rows(rows, patients.values())
    # A patient of another practice is on no register of this one.
    entered = {one.patient: one.item for one in activities if spec.item(one.item).population != OTHER}
    surgery.add_register(
        {"patient": patient, "entered": LONG_AGO.isoformat(), **details[item]} for patient, item in entered.items()
    )


def _patient(spec: ServiceSpec, made: Made) -> TextRow:
    row = {"patient": made.patient, "sex": "female", "housebound": "no", "registered": "1980-01-01"}
    if spec.item(made.item).population == OTHER and made.never != "stranger":
        row["registered at"] = _ANOTHER_PRACTICE
    gone = made.gone_after.isoformat() if made.gone_after else ""
    changes: dict[str, TextRow] = {
        "died": {"died": gone},
        "left": {"left": gone},
        "stranger": {"registration": "none"},
    }
    return {**row, **changes.get(made.never, {})}


def _activity(spec: ServiceSpec, made: Made) -> TextRow:
    return {
        "patient": made.patient,
        "date": made.day.isoformat(),
        "code": made.codelist,
        "consultation type": _consultation_type(spec, spec.on(made.day).item(made.item).checks, made.day),
        "clinician": CLINICIAN,
        "done at": _PLACE_OF_NOBODY if made.never == "done elsewhere" else "",
        "value": _entry_value(spec, made),
    }


def _asked_first(spec: ServiceSpec, made: Made) -> Iterator[TextRow]:
    """The entries of the same day that the item's checks ask for, unless they would be claimed themselves."""
    names: list[str] = []
    for check in spec.on(made.day).item(made.item).checks:
        if check.rule == "after" and check.options.get("must") != "not-exist":
            names += names_in(check.options.get("codelist", ""))[:1]
        if check.rule == "within":
            names += spec.clock(check.options["clock"]).from_codelists[:1]
    for name in dict.fromkeys(names):
        if name not in spec.claim_codelists():
            yield {"patient": made.patient, "date": made.day.isoformat(), "code": name}


def _entry_value(spec: ServiceSpec, made: Made) -> str:
    """A value that the item's checks accept; empty when they ask for none, or compare it with a register detail."""
    for check in spec.on(made.day).item(made.item).checks:
        if check.rule == "value":
            limits = limits_on(check.options, spec, None, made.day)
            above, below = limits.above, limits.below
            if above is not None and below is not None:
                return f"{(above + below) / 2:g}"
            return "" if above is below is None else f"{above + 1 if above is not None else (below or 0) - 1:g}"
    return "20" if spec.item(made.item).price_by == "part" else ""


def _consultation_type(spec: ServiceSpec, checks: Iterable[CheckSpec], day: date) -> str:
    for check in checks:
        accepted = spec.setting(check.options["setting"], day) if check.rule == "consultation-type" else None
        if isinstance(accepted, tuple) and accepted:
            return accepted[0]
    return FACE_TO_FACE


def profiles_of(spec: ServiceSpec, item: ClaimItem) -> list[dict[str, str]]:
    """Sets of register details to try, the simplest first: some services pay only if certain details are recorded."""
    day = inside_day(spec)
    fields = spec.register.details
    named = {name for check in item.checks for name in names_in(check.options.get("details", ""))}
    named |= {check.options.get("detail", "") for check in item.checks}
    plain = {field.name: _value(field, item, day - _PAST) for field in fields if field.required or field.name in named}
    whole = {field.name: _value(field, item, day - _PAST) for field in fields}
    found: list[dict[str, str]] = [plain, whole, {}]
    for start in (plain, whole):
        dates = [field.name for field in fields if field.type == "date" and field.name in start]
        found.append({**start, **{name: (day + _PAST).isoformat() for name in dates}})
        found += [{**start, name: (day + _PAST).isoformat()} for name in dates]
        found += [{key: value for key, value in start.items() if key != name} for name in dates]
        for field in fields:
            found += [{**start, field.name: choice} for choice in field.choices]
            if field.type == "yes-no":
                found.append({**start, field.name: "yes"})
    return [profile for place, profile in enumerate(found) if profile not in found[:place]]


def _value(field: DetailField, item: ClaimItem, past: date) -> str:
    refused = {check.options.get("value") for check in item.checks if check.options.get("detail") == field.name}
    number = 1
    if field.range and not field.range.holds(number):
        bounds = (field.range.least, field.range.most)
        number = next(int(one) for one in bounds if one is not None)
    plain = {"date": past.isoformat(), "integer": f"{number}", "number": f"{number}.0", "yes-no": "no", "text": _SOURCE}
    return next((choice for choice in field.choices if choice not in refused), plain.get(field.type, ""))
