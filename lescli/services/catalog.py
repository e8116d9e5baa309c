"""Which services there are: packages of the entry-point group `lescli.services`, and folders that a practice added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points

from ..errors import LesError, UsageError
from ..specification import parse_specification
from .service import DataOnlyPlugin, Service, service_of

GROUP = "lescli.services"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A service that could not be loaded, and why, in one line."""

    name: str
    origin: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """The services that load, by name, and those that do not."""

    services: tuple[Service, ...]
    broken: tuple[Broken, ...] = ()

    def service(self, name: str) -> Service:
        """The service with a name; UsageError lists the services, LesError says why this one is broken."""
        for service in self.services:
            if service.name == name:
                return service
        for broken in self.broken:
            if broken.name == name:
                raise LesError(f"{name} is broken: {broken.problem}")
        known = ", ".join(service.name for service in self.services)
        raise UsageError("there is no service of that name", f"there are {known}; `les services` lists them")


def load_catalog(folders: Sequence[tuple[str, str]] = (), names: Sequence[str] = ()) -> Catalog:
    """Load every service; `folders` are (name, service.toml text) pairs that the practice added to its store.

    Each is loaded on its own, so one that fails does not hide the others. With `names`, only those are loaded; if one
    of them is not found, all services are.
    """
    if not names:
        return _loaded(folders, None)
    found = _loaded(folders, frozenset(names))
    known = {one.name for one in found.services} | {one.name for one in found.broken}
    return found if known.issuperset(names) else _loaded(folders, None)


def _loaded(folders: Iterable[tuple[str, str]], only: frozenset[str] | None) -> Catalog:
    services: dict[str, Service] = {}
    broken: list[Broken] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        if only is not None and point.name not in only:
            continue
        try:
            service = service_of(point.load(), origin="package")
            if service.name in services:
                raise LesError(f"two packages call their service {service.name}")
            services[service.name] = service
        except LesError as fault:
            broken.append(Broken(name=point.name, origin="package", problem=str(fault)))
        except (Exception, SystemExit) as fault:
            broken.append(
                Broken(name=point.name, origin="package", problem=f"it does not load ({type(fault).__name__})")
            )
    for name, toml in folders:
        if only is not None and name not in only:
            continue
        try:
            spec = parse_specification(toml.encode("utf-8"), where=name)
            services[spec.name] = service_of(DataOnlyPlugin(spec), origin="folder")
        except LesError as fault:
            broken.append(Broken(name=name, origin="folder", problem=str(fault)))
    return Catalog(services=tuple(services[name] for name in sorted(services)), broken=tuple(broken))
