"""One service asked through its hooks, every answer checked, and the catalog of all services."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import SimpleNamespace
from typing import Protocol, TypeVar, runtime_checkable

import pluggy

from .. import hookspecs
from ..calendar import Period
from ..errors import LesError, LockedError, PluginError, SpecificationError, UsageError, did_you_mean, with_cure
from ..hookspecs import hookimpl
from ..model import Claim, RecallList, Records, Register, Report, ServiceSpec
from ..rules.claim import standard_claim
from ..rules.other_services import held_elsewhere
from ..rules.recall import standard_recall
from ..rules.register import standard_register
from ..rules.report import standard_report
from ..rules.unregistered import declined_note
from ..specification import parse_specification
from . import validate
from .packages import Package, is_shipped, package_of
from .plugin_faults import TELL_ITS_AUTHOR, fault_of_hooks, missing_module, text_of, where
from .time_limit import OutOfTimeError, longer, seconds_allowed, within

GROUP = "lescli.services"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A service that could not be loaded, and why, in one line. With `waits`, its package was not allowed yet."""

    name: str
    origin: str
    problem: str
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """The services that load, by name, and those that do not."""

    services: tuple[Service, ...]
    broken: tuple[Broken, ...] = ()

    def service(self, name: str) -> Service:
        """The service with a name; UsageError lists the services, LesError says why this one is broken."""
        typed = name.strip().casefold()
        for service in self.services:
            if typed in (service.name, service.spec.title.casefold()):
                return service
        for broken in self.broken:
            if broken.name == typed:
                raise LesError(f"{name}: {broken.problem}" if broken.waits else f"{name} is broken: {broken.problem}")
        known = [service.name for service in self.services]
        hint = did_you_mean(typed, known) or f"there are {', '.join(known)};"
        raise UsageError("there is no service of that name", f"{hint} `les services` lists them")


def load_catalog(
    folders: Sequence[tuple[str, str]] = (),
    names: Sequence[str] = (),
    allowed: frozenset[tuple[str, Package]] | None = None,
) -> Catalog:
    """Load every service; `folders` are (name, service.toml text) pairs that the practice added to its store.

    Each is loaded on its own, so one that fails does not hide the others. With `names`, only those are loaded; if one
    of them is not found, all services are. A package that is not part of les is loaded only if it is in `allowed` as
    it is now, beside the name of its service; None allows every package.
    """
    if not names:
        return _loaded(folders, None, allowed)
    found = _loaded(folders, frozenset(names), allowed)
    known = {one.name for one in found.services} | {one.name for one in found.broken}
    return found if known.issuperset(names) else _loaded(folders, None, allowed)


@dataclass(slots=True)
class _Kept:
    """What was loaded since `services_kept` began."""

    points: list[EntryPoint]
    services: dict[str, Service]


_KEPT: ContextVar[_Kept | None] = ContextVar("services kept", default=None)


@contextmanager
def services_kept() -> Iterator[None]:
    """Load each installed service once until the block ends. The services are the same for all stores of a question.

    What a store alone decides, such as a service of its own or a package that it allows, is still asked of each.
    """
    if _KEPT.get():
        yield
        return
    token = _KEPT.set(_Kept(points(), {}))
    try:
        yield
    finally:
        _KEPT.reset(token)


def points() -> list[EntryPoint]:
    """The entry points of the installed services, those of les itself first."""
    if kept := _KEPT.get():
        return list(kept.points)
    return list(_points(entry_points, tuple((path, _changed(path)) for path in sys.path)))


@lru_cache(maxsize=4)
def _points(find: Callable[..., Iterable[EntryPoint]], _: tuple[tuple[str, int], ...]) -> tuple[EntryPoint, ...]:
    """Found once for as long as no folder of packages changes: a command may ask hundreds of stores."""
    return tuple(sorted(find(group=GROUP), key=lambda point: (not is_shipped(point), point.name)))


def _changed(path: str) -> int:
    try:
        return Path(path or ".").stat().st_mtime_ns
    except OSError:
        return 0


def _loaded(
    folders: Iterable[tuple[str, str]], only: frozenset[str] | None, allowed: frozenset[tuple[str, Package]] | None
) -> Catalog:
    services: dict[str, Service] = {}
    broken: list[Broken] = []
    for point in points():
        if only is not None and point.name not in only:
            continue
        if allowed is not None and (waits := _waits(point, dict(allowed))):
            broken.append(waits)
            continue
        try:
            service = _installed(point)
            if service.name in services:
                raise LesError(f"two packages call their service {service.name}", "uninstall one of them with pip")
            services[service.name] = service
        except LesError as fault:
            broken.append(Broken(name=point.name, origin="package", problem=str(fault)))
    for name, toml in folders:
        if only is not None and name not in only:
            continue
        try:
            spec = parse_specification(toml.encode("utf-8"), where=name)
            services[spec.name] = service_of(DataOnlyPlugin(spec), origin="folder")
        except LesError as fault:
            broken.append(Broken(name=name, origin="folder", problem=str(fault)))
    return Catalog(services=tuple(services[name] for name in sorted(services)), broken=tuple(broken))


T = TypeVar("T")


class StandardPlugin:
    """Answers the hooks that the service's own plugin leaves out."""

    @hookimpl
    def les_register(self, spec: ServiceSpec, records: Records) -> Register:
        return standard_register(spec, records)

    @hookimpl
    def les_recall(self, spec: ServiceSpec, records: Records, register: Register) -> RecallList:
        return standard_recall(spec, records, register)

    @hookimpl
    def les_claim(self, spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
        return standard_claim(spec, records, register, period)

    @hookimpl
    def les_report(
        self,
        spec: ServiceSpec,
        records: Records,
        register: Register,
        claim: Claim,
        period: Period,
        recalls: RecallList,
    ) -> Report:
        return standard_report(spec, records, register, claim, period, recalls)


class DataOnlyPlugin:
    """The plugin of a service that is only a service.toml: it has a specification and uses the standard rules."""

    def __init__(self, spec: ServiceSpec) -> None:
        self._spec = spec

    @hookimpl
    def les_service(self) -> ServiceSpec:
        return self._spec


@runtime_checkable
class _Guarded(Protocol):
    """Records that can guard their store against writing while a plugin uses them; those of tests need not."""

    def only_reading(self) -> AbstractContextManager[None]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service to call. `spec` is the specification that its plugin ships; `with_spec` replaces it."""

    spec: ServiceSpec
    origin: str
    hooks: pluggy.PluginManager
    point: EntryPoint | None = None

    @property
    def package(self) -> Package | None:
        """The installed package that it comes from; None for a folder."""
        return package_of(self.point) if self.point else None

    @property
    def name(self) -> str:
        """The service's name on the command line."""
        return self.spec.name

    def with_spec(self, spec: ServiceSpec) -> Service:
        """The same service with another specification, such as one with local terms."""
        return replace(self, spec=spec)

    def register(self, records: Records) -> Register:
        """The answer of `les_register`, checked and sorted."""
        spec = self.spec

        def ask() -> Register:
            return validate.register(spec, records, self._answer("les_register", spec=spec, records=records))

        return self._ask("les_register", records, ask)

    def recall(self, records: Records, register: Register) -> RecallList:
        """The answer of `les_recall`, checked and in the order to ring: longest overdue first."""
        spec = self.spec

        def ask() -> RecallList:
            answer = self._answer("les_recall", spec=spec, records=records, register=register)
            return validate.recall(spec, records, register, answer)

        return self._ask("les_recall", records, ask)

    def claim(self, records: Records, register: Register, period: Period) -> Claim:
        """The answer of `les_claim`, checked against the period, the terms and the records, and sorted.

        Work that another service has claimed is held back.
        """
        spec = self.spec

        def ask() -> Claim:
            answer = self._answer("les_claim", spec=spec, records=records, register=register, period=period)
            told = held_elsewhere(spec, records, validate.claim(spec, records, period, answer))
            return replace(told, as_of=records.as_of)

        return self._ask("les_claim", records, ask)

    def report(self, records: Records, register: Register, claim: Claim, period: Period) -> Report:
        """The answer of `les_report`, checked, with a note about patients who declined."""
        spec = self.spec
        recalls = self.recall(records, register)

        def ask() -> Report:
            known = {"spec": spec, "records": records, "register": register}
            answer = self._answer("les_report", **known, claim=claim, period=period, recalls=recalls)
            told = validate.report(spec, records, claim, period, recalls, answer)
            # The note is added here, because a plugin may replace the standard report and nobody may be dropped in
            # silence.
            return replace(told, notes=(*told.notes, *declined_note(recalls)))

        return self._ask("les_report", records, ask)

    def _answer(self, hook: str, **given: object) -> object:
        """What a hook returns. A forgotten `return` is a fault of the plugin, not a wish for the standard answer."""
        answer = getattr(self.hooks.hook, hook)(**given)
        if answer is None:
            raise validate.Untrue(f"returned nothing: return the answer, or leave {hook} out for the standard one")
        return answer

    def _ask(self, hook: str, records: Records, ask: Callable[[], T]) -> T:
        seconds = seconds_allowed()
        try:
            with records.only_reading() if isinstance(records, _Guarded) else nullcontext():
                return within(seconds, ask, f"{self.name}: {hook}")
        except LockedError:
            raise  # It comes from the store, not from the plugin.
        except OutOfTimeError as fault:
            raise PluginError(
                f"{self.name}: {hook} {fault} and was ended, nothing was written",
                longer(seconds),
            ) from None
        except validate.Untrue as fault:
            raise PluginError(f"{self.name}: {hook} {fault}", f"{TELL_ITS_AUTHOR}; nothing was written") from None
        except (Exception, SystemExit) as fault:
            # The exception's text may contain patient data, so its type and place are shown, and the text only masked.
            raise PluginError(
                f"{self.name}: its plugin failed in {hook} ({where(fault)}){text_of(fault, records)}", TELL_ITS_AUTHOR
            ) from None


def _waits(point: EntryPoint, allowed: Mapping[str, Package]) -> Broken | None:
    """The line about a package that has to be allowed first; None when it may be loaded."""
    package = None if is_shipped(point) else package_of(point)
    known = allowed.get(point.name)
    if package is None or package == known:
        return None
    cure = f"look at it, then type `les services allow {point.name}`"
    if known is None:
        told = f"its package, {package}, is not part of les and was not allowed yet; {cure}"
    elif (known.name, known.version) == (package.name, package.version):
        told = f"the files of its package, {package}, have changed since it was allowed; {cure}"
    else:
        told = f"its package is {package} now, and {known} was allowed; {cure}"
    return Broken(name=point.name, origin="package", problem=told, waits=True)


def _installed(point: EntryPoint) -> Service:
    kept = _KEPT.get()
    found = kept.services.get(point.name) if kept else None
    if found is None or found.point is not point:
        found = replace(_from_package(point), point=point)
        if kept:
            kept.services[point.name] = found
    return found


def _from_package(point: EntryPoint) -> Service:
    """The service of an installed package. PluginError when its module does not import."""
    seconds = seconds_allowed()
    try:
        plugin = within(seconds, point.load, f"{point.name}: importing its module")
    except OutOfTimeError as fault:
        raise PluginError(f"importing its module {fault} and was ended", longer(seconds)) from None
    except LesError:
        raise
    except (Exception, SystemExit) as fault:
        module = getattr(point, "module", point.name)
        raise PluginError(
            f"its module {module} does not import ({where(fault)}){missing_module(fault)}",
            f'`python -c "import {module}"` shows why',
        ) from None
    return service_of(plugin, origin="package")


def service_of(plugin: object, *, origin: str) -> Service:
    """Make a service from a plugin; PluginError when it has an unknown hook or no usable specification.

    Each service has its own plugin manager, so that a failure or a misspelt hook of one plugin affects no other.
    """
    if problem := fault_of_hooks(plugin):
        what, cure = with_cure(f"{origin}: {problem}", "see the hooks in lescli/hookspecs.py")
        raise PluginError(what, cure)
    hooks = pluggy.PluginManager(hookspecs.PROJECT)
    hooks.add_hookspecs(hookspecs)
    try:
        hooks.register(plugin)
        hooks.register(_standard_beside(hooks))
        # pluggy ignores misspelt hooks unless this is called.
        hooks.check_pending()
    except pluggy.PluginValidationError as fault:
        raise PluginError(f"{origin}: {str(fault).splitlines()[-1]}", "see the hooks in lescli/hookspecs.py") from None
    seconds = seconds_allowed()
    try:
        spec = within(seconds, hooks.hook.les_service, f"{origin}: les_service")
    except SpecificationError:
        raise  # It lists the faults of a service.toml, which contains no patient data.
    except OutOfTimeError as fault:
        raise PluginError(f"{origin}: les_service {fault} and was ended", longer(seconds)) from None
    except (Exception, SystemExit) as fault:
        raise PluginError(f"{origin}: its plugin failed in les_service ({where(fault)})", TELL_ITS_AUTHOR) from None
    if not isinstance(spec, ServiceSpec):
        raise PluginError(f"{origin}: les_service returned no ServiceSpec", "return specification_of(__package__)")
    return Service(spec=spec, origin=origin, hooks=hooks)


def _standard_beside(hooks: pluggy.PluginManager) -> object:
    """The standard answers, for only the hooks that the plugin leaves out.

    When a hook returns None, pluggy asks the next plugin. If the standard plugin had that hook too, a forgotten
    `return` would pay what the standard rules pay.
    """
    standard = StandardPlugin()
    names = [name for name in dir(standard) if name.startswith("les_")]
    answered = [name for name in names if any(not _wraps(one) for one in getattr(hooks.hook, name).get_hookimpls())]
    return SimpleNamespace(**{name: getattr(standard, name) for name in names if name not in answered})


def _wraps(one: pluggy.HookImpl) -> bool:
    """Whether a hook implementation wraps others and gives no answer of its own."""
    return one.wrapper or one.hookwrapper
