"""`les services`: the services there are, each one's terms with their clauses, and what the practice has set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..calendar import APRIL, Month, for_people
from ..errors import UsageError, did_you_mean
from ..model import ClaimItem, Code, Dated, Price, ServiceSpec, SettingValue
from ..outputs import Answer, Column, Grid, Kind, counted, pounds
from ..rules.claim_row import price_key
from ..rules.eligibility import OWN
from ..services import Catalog, Package, Service
from ..store import Store
from ..store.practice_data import local_terms, signed_services
from .choose_services import catalog_of, under_local_terms
from .values import LEFT_OUT, as_cells, as_json


def kinds_of(spec: ServiceSpec) -> frozenset[str]:
    """The kinds that one service asks of a clinician."""
    items = (item for _, _, terms in spec.spans() for item in terms.items)
    checked = (check.options["kind"] for item in items for check in item.checks if check.rule == "accreditation")
    shown = (field.of for field in spec.evidence if field.kind == "accreditation")
    return frozenset((*checked, *shown))


def kind_of(store: Store, typed: str) -> str:
    """The kind that was typed. UsageError lists the known kinds when no service asks for it.

    A broken service may ask for a kind that cannot be read. So while a service is broken, any kind is accepted.
    """
    catalog = catalog_of(store)
    kinds = sorted({kind for one in catalog.services for kind in kinds_of(under_local_terms(store, one).spec)})
    if typed in kinds or catalog.broken:
        return typed
    if not kinds:
        raise UsageError("--accreditation: no service asks for one", "leave it out: no claim depends on it")
    hint = did_you_mean(typed, kinds) or f"it is one of {', '.join(kinds)}"
    raise UsageError("--accreditation: no service asks for that kind", hint)


Line = tuple[str, str, date | None, str, str]
_UNSET = "UNSET"

_SERVICES = (
    Column("name", "Name"),
    Column("title", "Title"),
    Column("commissioner", "Commissioner"),
    Column("in_force", "In force"),
    Column("signed", "Signed"),
    Column("unset", "Unset"),
    Column("status", "Status"),
)
_IN_GROUP = tuple(column for column in _SERVICES if column.name != "commissioner")
_NO_COMMISSIONER = "Commissioner not known"
_TERMS = (
    Column("term", "Term"),
    Column("value", "Value"),
    Column("from", "From", Kind.DATE),
    Column("clause", "Clause or source"),
    Column("decided", "Decided by"),
)
_LOCAL = (
    Column("key", "Key"),
    Column("value", "Value"),
    Column("from", "From", Kind.DATE),
    Column("source", "Source"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodShown:
    """Days in which a specification is in force, with the fields of docs/reference/json.md, as all values here."""

    start: date
    end: date | None
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedShown:
    """Days in which the practice holds a contract."""

    start: date
    end: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """One service. `problem` says why a broken one cannot be used; `unset` has its prices and codes without a value."""

    name: str
    title: str = ""
    commissioner: str = ""
    periods: tuple[PeriodShown, ...] = ()
    signed: tuple[SignedShown, ...] = ()
    source: str
    status: str
    problem: str | None = None
    unset: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TermRow:
    """One term of a service and who decided it."""

    term: str
    value: str
    from_: date | None
    clause: str
    decided: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTermRow:
    """One term that the practice set; `adds` is true for one added to a list, `removes` for one taken from it."""

    key: str
    value: str
    adds: bool
    removes: bool
    from_: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceShown:
    """One service's terms; `unset` names those without a value. `plugin` is the installed package, if it has one."""

    schema: str = "les-service-shown/1"
    service: str
    sha256: str
    plugin: Package | None = field(default=None, metadata=LEFT_OUT)
    terms: tuple[TermRow, ...]
    local_terms: tuple[LocalTermRow, ...]
    unset: tuple[str, ...]
    notes: tuple[str, ...]


def services_answer(catalog: Catalog, store: Store | None) -> Answer:
    """All services by commissioner: their periods, contracts held and what is unset. Broken ones say why."""
    signed = signed_services(store) if store else {}
    services = [
        _service(under_local_terms(store, one) if store else one, signed.get(one.name, ())) for one in catalog.services
    ]
    services += [
        ServiceRow(name=one.name, source=one.origin, status="broken", problem=one.problem) for one in catalog.broken
    ]
    groups = _by_commissioner(services)
    return Answer(
        data={
            "schema": "les-services/1",
            "services": [as_json(one) for one in services],
            "commissioners": [{"name": who, "services": [one.name for one in group]} for who, group in groups.items()],
        },
        title=f"Services: {len(services)}",
        grids=tuple(
            Grid(title=who or _NO_COMMISSIONER, columns=_IN_GROUP, rows=tuple(_cells_in_group(one) for one in group))
            for who, group in groups.items()
        )
        or (Grid(title="", columns=_SERVICES, rows=(), empty="no service is installed"),),
        records=Grid(title="", columns=_SERVICES, rows=tuple(map(_service_cells, services))),
    )


def _by_commissioner(services: Iterable[ServiceRow]) -> dict[str, list[ServiceRow]]:
    """The services of each commissioner, by name. Broken ones come last: their file does not say who pays."""
    groups: dict[str, list[ServiceRow]] = {}
    for one in sorted(services, key=lambda one: (not one.commissioner, one.commissioner.casefold(), one.name)):
        groups.setdefault(one.commissioner, []).append(one)
    return groups


def _service(service: Service, signed: Iterable[tuple[date, date | None]]) -> ServiceRow:
    spec = service.spec
    return ServiceRow(
        name=spec.name,
        title=spec.title,
        commissioner=spec.commissioner,
        periods=tuple(PeriodShown(start=one.start, end=one.end, clause=one.source) for one in spec.periods),
        signed=tuple(SignedShown(start=start, end=end) for start, end in signed),
        source=service.origin,
        status="ok",
        unset=tuple(
            term for term, value, *_ in _lines(spec) if value == _UNSET and term.startswith(("price.", "codes."))
        ),
    )


def _service_cells(one: ServiceRow) -> tuple[str, ...]:
    in_force = "; ".join(f"{span.start} to {span.end or 'open'}" for span in one.periods)
    signed = "; ".join(f"from {span.start}" + (f" to {span.end}" if span.end else "") for span in one.signed)
    return (one.name, one.title, one.commissioner, in_force, signed or "no", ", ".join(one.unset), one.problem or "ok")


def _cells_in_group(one: ServiceRow) -> tuple[str, ...]:
    """The cells below the commissioner's name. `les services show` names what is unset; here it is counted."""
    name, title, _, in_force, signed, _, status = _service_cells(one)
    prices = sum(term.startswith("price.") for term in one.unset)
    codes = len(one.unset) - prices
    unset = [counted(prices, "price")] * bool(prices) + [counted(codes, "code list")] * bool(codes)
    return (name, title, in_force, signed, ", ".join(unset), status)


def shown_answer(store: Store, name: str) -> Answer:
    """One service's terms, each with its clause. Local terms are shown beside those of the specification."""
    printed = catalog_of(store, (name,)).service(name)
    spec = under_local_terms(store, printed).spec
    terms = tuple(
        TermRow(term=term, value=value, from_=day, clause=clause, decided=_decided(clause, by))
        for term, value, day, clause, by in _lines(spec)
    )
    local = tuple(
        LocalTermRow(
            key=one.key, value=one.value, adds=one.adds, removes=one.removes, from_=one.start, source=one.source
        )
        for one in local_terms(store, name)
    )
    shown = ServiceShown(
        service=name,
        sha256=spec.sha256,
        plugin=printed.package,
        terms=terms,
        local_terms=local,
        unset=tuple(one.term for one in terms if one.value == _UNSET),
        notes=spec.notes,
    )
    signs = ("+=" if one.adds else "-=" if one.removes else "=" for one in local)
    set_here = tuple((one.key, sign + one.value, one.from_, one.source) for one, sign in zip(local, signs, strict=True))
    return Answer(
        data=as_json(shown),
        title=f"{spec.title}: {spec.document}",
        grids=(
            Grid(title="Terms", columns=_TERMS, rows=as_cells(terms, _TERMS)),
            Grid(title="Set by the practice", columns=_LOCAL, rows=set_here, empty="nothing was set locally"),
        ),
        notes=(*spec.notes, *([spec.submission.note] if spec.submission.note else []), *_package(printed)),
    )


def _package(service: Service) -> tuple[str, ...]:
    package = service.package
    return (f"from the package {package}; the SHA-256 of its files is {package.sha256}",) if package else ()


def _decided(clause: str, by: str) -> str:
    return "ours" if clause.startswith("our decision") else by


def _lines(spec: ServiceSpec) -> Iterator[Line]:
    for period in spec.periods:
        until = for_people(period.end) if period.end else "no end"
        yield ("period", f"{for_people(period.start)} to {until}", None, period.source, "specification")
    for codelist in spec.codelists:
        if not codelist.versions:
            yield (f"codes.{codelist.name}", _UNSET, None, codelist.clause, codelist.status)
        for codes in codelist.versions:
            yield _line(f"codes.{codelist.name}", _codes(codes.value), codes, codelist.status)
    for item in spec.items:
        if not item.prices:
            yield (f"price.{item.name}", _UNSET, None, item.clause, "unset")
        for price in item.prices:
            yield _line(price_key(item, _tariff(item, price.value)), _price(price.value), price, "specification")
        if item.population != OWN:
            yield (f"population.{item.name}", item.population, None, item.clause, "specification")
        if item.needs:
            yield (f"needs.{item.name}", ", ".join(item.needs), None, item.clause, "specification")
        if item.cap is not None:
            yield (
                f"cap.{item.name}",
                f"{item.cap} a {item.cap_of} and {'contract year' if item.cap_per == 'year' else item.cap_per}",
                None,
                item.cap_clause,
                "specification",
            )
        for check in item.checks:
            yield (f"check.{item.name}", check.rule, None, check.clause, "specification")
    if spec.every != Month.every:
        yield ("claim period", spec.every, None, spec.window_clause, "specification")
    if spec.year_starts != APRIL:
        named = for_people(date(2000, spec.year_starts, 1))[:6]
        yield ("contract year", f"from {named}", None, spec.window_clause, "specification")
    if spec.window_months:
        yield ("claim window", counted(spec.window_months, "month"), None, spec.window_clause, "specification")
    yield from _submission_lines(spec)
    for rule in spec.recalls:
        number = rule.interval or rule.interval_setting or rule.interval_detail
        when = f"{rule.kind} {number} {rule.unit}" if number else f"{rule.kind} {rule.start_detail}"
        if rule.first_interval is not None:
            when += f", first {rule.first_interval} {rule.first_unit or rule.unit}"
        if rule.offset_detail:
            when += f", begins {rule.offset} {rule.offset_unit} after {rule.offset_detail}"
        yield (f"recall.{rule.name}", when, None, rule.clause, "specification")
        for band in rule.bands:
            upto = f"to {counted(band.up_to_days, 'day')} late" if band.up_to_days is not None else "beyond"
            yield (f"band.{band.name}", upto, None, band.clause, "ours")
    for one in spec.clocks:
        within = counted(one.within, one.unit.removesuffix("s").replace("-", " "))
        event = ", ".join((*one.from_codelists, *((one.from_detail,) if one.from_detail else ())))
        done = (" and " if one.needs_all else " or ").join(one.to)
        yield (f"clock.{one.name}", f"{done} within {within} of {event}", None, one.clause, "specification")
    for threshold in spec.thresholds:
        limits = " and ".join(f"{key.replace('_', ' ')} {value}" for key, value in threshold.limits.items())
        newest = f"newest {', '.join(threshold.codelists)} {limits}"
        yield (f"threshold.{threshold.name}", newest, None, threshold.clause, "specification")
    for kind in spec.incidents:
        clock = counted(kind.hours, "hour") if kind.hours else counted(kind.working_days or 0, "working day")
        told = f"notify within {clock}" if kind.hours or kind.working_days else "counted"
        yield (f"incident.{kind.kind}", told, None, kind.clause, "specification")
    for duty in spec.duties:
        months = f"every {counted(duty.every_months, 'month')}" if duty.every_months else "once"
        yield (
            f"duty.{duty.name}",
            f"every {duty.interval_setting}" if duty.interval_setting else months,
            None,
            duty.clause,
            "specification",
        )
    if spec.networks.clause:
        compared = f"{', '.join(spec.networks.items) or 'every item'}, for 1,000 {spec.networks.rate_of}"
        yield ("networks", compared, None, spec.networks.clause, "specification")
    for setting in spec.settings:
        if not setting.versions:
            yield (f"setting.{setting.name}", _UNSET, None, setting.clause, setting.decided)
        for value in setting.versions:
            yield _line(f"setting.{setting.name}", _setting(value.value), value, setting.decided)
    for change in sorted(spec.changes, key=lambda one: (one.start, one.local)):
        key, text = change.value
        yield _line(key, text, change, "specification")


def _submission_lines(spec: ServiceSpec) -> Iterator[Line]:
    submission = spec.submission
    if submission.day:
        when = f"by day {submission.day} of the month after, by {submission.by}"
        yield ("submission", when, None, submission.clause, "specification")
    if submission.working_day:
        when = f"by working day {submission.working_day} of the month after, by {submission.by}"
        yield ("submission", when, None, submission.clause, "specification")
    if submission.after:
        count, unit = submission.after
        when = f"within {counted(count, unit.removesuffix('s'))} of the end of the {spec.every}, by {submission.by}"
        yield ("submission", when, None, submission.clause, "specification")
    for address in submission.addresses:
        yield _line("email", address.value, address, "specification")


def _line(term: str, text: str, version: Dated[Any], decided: str) -> Line:
    start = None if version.start == date.min else version.start
    return (term, text, start, version.source, "local" if version.local else decided)


def _codes(codes: tuple[Code, ...]) -> str:
    return ", ".join(str(code) for code in codes)


def _price(price: Price) -> str:
    if price.pence is None:
        return _UNSET
    part, whole = price.share
    limit = f" for work of at most {counted(price.up_to_minutes, 'minute')}" if price.up_to_minutes else ""
    share = f"{part}% of " if whole == 100 else f"{part}/{whole} of "
    return f"{share if part != whole else ''}{pounds(price.pence)}{limit}"


def _tariff(item: ClaimItem, price: Price) -> str:
    """The tariff in a price's key. The parts of a sum have one key, because the sum is one price."""
    return "" if item.price_by == "part" else price.tariff


def _setting(value: SettingValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value)
