"""One service asked through its hooks, every answer checked, and the catalog of all services."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from types import SimpleNamespace
from typing import Protocol, TypeVar, runtime_checkable

import pluggy

from .. import hookspecs
from ..calendar import Period
from ..errors import LesError, LockedError, PluginError, SpecificationError, UsageError
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

    @property
    def name(self) -> str:
        """The service's name on the command line."""
        return self.spec.name

    def with_spec(self, spec: ServiceSpec) -> Service:
        """The same service with another specification, such as one with local terms."""
        return Service(spec=spec, origin=self.origin, hooks=self.hooks)

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
        try:
            with records.only_reading() if isinstance(records, _Guarded) else nullcontext():
                return ask()
        except LockedError:
            raise  # It comes from the store, not from the plugin.
        except validate.Untrue as fault:
            raise PluginError(
                f"{self.name}: {hook} {fault}", "this is a fault of its plugin; nothing was written"
            ) from None
        except (Exception, SystemExit) as fault:
            # The exception's text may contain patient data, so only its type and place are shown.
            raise PluginError(f"{self.name}: its plugin failed in {hook} ({_where(fault)})") from None


def _where(fault: BaseException) -> str:
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = ""
    if trace is not None:
        name = trace.tb_frame.f_code.co_filename.replace("\\", "/").rsplit("/", 1)[-1]
        place = f" at {name}:{trace.tb_lineno}"
    return f"{type(fault).__name__}{place}"


def service_of(plugin: object, *, origin: str) -> Service:
    """Make a service from a plugin; PluginError when it has an unknown hook or no usable specification.

    Each service has its own plugin manager, so that a failure or a misspelt hook of one plugin affects no other.
    """
    hooks = pluggy.PluginManager(hookspecs.PROJECT)
    hooks.add_hookspecs(hookspecs)
    try:
        hooks.register(plugin)
        hooks.register(_standard_beside(hooks))
        # pluggy ignores misspelt hooks unless this is called.
        hooks.check_pending()
    except pluggy.PluginValidationError as fault:
        raise PluginError(f"{origin}: {str(fault).splitlines()[-1]}", "see the hooks in lescli/hookspecs.py") from None
    misspelt = [name for name in dir(plugin) if name.startswith("les_") and not hasattr(hookspecs, name)]
    if misspelt:
        raise PluginError(f"{origin}: there is no hook `{misspelt[0]}`", "see the hooks in lescli/hookspecs.py")
    try:
        spec = hooks.hook.les_service()
    except SpecificationError:
        raise  # It lists the faults of a service.toml, which contains no patient data.
    except (Exception, SystemExit) as fault:
        raise PluginError(f"{origin}: its plugin failed in les_service ({_where(fault)})") from None
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
