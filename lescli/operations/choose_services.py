"""Chooses the services to ask, and gives each its local terms and records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from ..calendar import ClaimPeriod, Period, parse_claim_period
from ..errors import UsageError
from ..model import Register, ServiceSpec
from ..rules.windows import may_look_at
from ..services import Catalog, Package, Service, load_catalog
from ..specification import with_local_terms
from ..store import Store
from ..store.allowed_packages import allowed_packages
from ..store.practice_data import folder_services, local_terms, signed_services
from ..store.records.records import StoreRecords

_MOST_DOUBTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The services to ask, warnings about them, and one line for each broken service."""

    services: tuple[Service, ...]
    warnings: tuple[str, ...]
    broken: tuple[str, ...]


def catalog_of(store: Store, names: Sequence[str] = ()) -> Catalog:
    """Every service this practice can use: installed packages and services in its store. `names` limits them.

    A package that is not part of les is left out until a person allows it, and again once it changes.
    """
    allowed = frozenset(
        (one.service, Package(name=one.package, version=one.version, sha256=one.sha256))
        for one in allowed_packages(store)
    )
    return load_catalog(folder_services(store), tuple(names), allowed)


def under_local_terms(store: Store, service: Service) -> Service:
    """A service with the practice's local terms laid over its specification."""
    terms = local_terms(store, service.name)
    return service.with_spec(with_local_terms(service.spec, terms)) if terms else service


def one_service(store: Store, name: str) -> Service:
    """The service with a name, under local terms."""
    return under_local_terms(store, catalog_of(store, (name,)).service(name))


def contracts_needed(services: Iterable[Service]) -> frozenset[str]:
    """Contracts that an item needs and that no service of the same name describes, such as a lower tier of it."""
    services = tuple(services)
    needed = {name for service in services for item in service.spec.items for name in item.needs}
    return frozenset(needed.difference(service.name for service in services))


def contract_named(store: Store, name: str) -> str:
    """The name of a contract to record: that of a service, or of another contract that an item needs."""
    catalog = catalog_of(store, (name,))
    return name if name in contracts_needed(catalog.services) else catalog.service(name).name


def held_contract(store: Store, name: str) -> str:
    """The name of a contract that the practice holds or held, as it is recorded, also when its service is gone."""
    typed, held = name.strip().casefold(), signed_services(store)
    titles = {one.spec.title.casefold(): one.name for one in catalog_of(store).services} if typed not in held else {}
    return typed if typed in held else titles.get(typed, name)


def chosen_services(store: Store, names: Sequence[str], asked: Period) -> Chosen:
    """The named services; else the signed ones; else those with terms in force in the period.

    A named service that is not signed works, with a warning. A broken service does not hide the others.
    """
    catalog = catalog_of(store, names)
    signed = signed_services(store)
    broken = tuple(f"{one.name}: {one.problem}" for one in catalog.broken)
    if names:
        wanted = list(dict.fromkeys(name.strip().casefold() for name in names))
        unusable = {one.name for one in catalog.broken}.intersection(wanted)
        found = [catalog.service(name) for name in wanted if name not in unusable or len(unusable) == len(wanted)]
        # One service may be named twice, by its name and by its title, and its money counts once.
        services = list({service.name: service for service in found}.values())
        warnings = [
            f"{service.name}: the practice has not recorded that it holds this contract; record it with "
            f"`les services sign {service.name} --from DATE`"
            for service in services
            if service.name not in signed
        ]
        return Chosen(
            services=tuple(under_local_terms(store, s) for s in services),
            warnings=tuple(warnings),
            broken=tuple(line for line, one in zip(broken, catalog.broken, strict=True) if one.name in unusable),
        )
    signed = {name: spans for name, spans in signed.items() if name not in contracts_needed(catalog.services)}
    under_terms = [under_local_terms(store, service) for service in catalog.services]
    if signed:
        kept = [service for service in under_terms if service.name in signed]
        gone = [line for line, one in zip(broken, catalog.broken, strict=True) if one.name in signed]
        known = {service.name for service in catalog.services} | {one.name for one in catalog.broken}
        gone += [
            f"{name}: the practice holds this contract, but its service is not installed"
            for name in signed
            if name not in known
        ]
        return Chosen(services=tuple(kept), warnings=(), broken=tuple(gone))
    kept = [service for service in under_terms if service.spec.touches(*may_look_at(service.spec, asked).ends)]
    warning = (
        "no contract is recorded yet: every service with terms in force is shown; record them with `les services sign`"
    )
    return Chosen(services=tuple(kept), warnings=(warning,), broken=broken)


def claimed_for(spec: ServiceSpec, asked: ClaimPeriod) -> ClaimPeriod:
    """The period of a service that a claim was asked for. UsageError when the service is claimed by another period."""
    with suppress(ValueError):
        # The same name means other days where the contract year starts in another month.
        asked = parse_claim_period(str(asked), spec.year_starts)
        if asked.every == spec.every:
            return asked
    periods = [spec.claim_period(asked.first)]
    while periods[-1].last < asked.last:
        periods.append(periods[-1].plus(1))
    first, *others = map(str, periods)
    then = f" and the others to {others[-1]}" if others else ""
    raise UsageError(
        f"{spec.name} is claimed by the {spec.every}, and {asked} is not one of its {spec.every}s",
        f"type `les claim {spec.name} --month {first}`{then}",
    )


def days_of(spec: ServiceSpec, period: Period, typed: str) -> Period:
    """A period that was typed by its name, in the service's own contract year; otherwise the period as it is."""
    with suppress(ValueError):
        return Period.parse(typed, spec.year_starts)
    return period


def each_claimed_for(
    chosen: Chosen, asked: ClaimPeriod, *, named: bool
) -> tuple[list[tuple[Service, ClaimPeriod]], list[str]]:
    """The services with the period of each, and a line for each one that is left out.

    A service claimed by another period is left out, but a `named` one raises UsageError with the period to type.
    """
    found, left_out = [], []
    for service in chosen.services:
        try:
            found.append((service, claimed_for(service.spec, asked)))
        except UsageError as fault:
            if named:
                raise
            left_out.append(f"{service.name}: left out; {fault}")
    return found, left_out


def records_of(store: Store, service: Service, as_of: date) -> StoreRecords:
    """The records that a service may see on a day."""
    return StoreRecords(store, service.spec, as_of)


def register_of(store: Store, service: Service, as_of: date) -> tuple[StoreRecords, Register]:
    """The records and the register of a service on a day."""
    records = records_of(store, service, as_of)
    return records, service.register(records)


def doubts(spec: ServiceSpec, register: Register) -> tuple[str, ...]:
    """One line for each register entry that contradicts another or is hardly possible. It names no patient."""
    found = [f"{spec.name}: {told}" for entry in register.entries for told in (entry.doubt, *entry.warnings) if told]
    more = len(found) - _MOST_DOUBTS
    last = (f"{spec.name}: and {more} more entries; `les register {spec.name}` shows them",) if more > 0 else ()
    return (*found[:_MOST_DOUBTS], *last)


def plain_lines(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines in order, each once."""
    return tuple(dict.fromkeys(lines))
