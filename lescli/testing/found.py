"""Finds a service and its tests.toml: in a folder, or in an installed package."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from pathlib import Path

from ..errors import LesError, UsageError
from ..services import Service, load_catalog, service_of
from ..services.service import GROUP, DataOnlyPlugin
from ..specification import parse_specification
from .tests_file import TESTS_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A service to try: its tests.toml, or None when it has none, and where it was found.

    `python_left_out` is true when the folder has Python that is not run, because its package is not installed.
    """

    service: Service
    tests: bytes | None
    where: str
    python_left_out: bool = False


def installed_service(name: str) -> Tried:
    """The service of an installed package; UsageError lists them when there is none of that name."""
    points = _points()
    name = name if name in points else name.strip().casefold()
    if name not in points:
        raise UsageError(
            "there is no such folder, and no service of that name is installed",
            f"name a folder that holds a service.toml, or one of {', '.join(points)}",
        )
    service = load_catalog(names=(name,)).service(name)
    held = files(points[name].module).joinpath(TESTS_FILE)
    return Tried(service=service, tests=held.read_bytes() if held.is_file() else None, where=name)


def specification_text(name: str) -> str:
    """The service.toml of an installed package, as text."""
    point = _points()[installed_service(name).where]
    return files(point.module).joinpath("service.toml").read_text(encoding="utf-8")


def service_in_folder(folder: Path) -> Tried:
    """The service of a folder that holds a service.toml; with its Python when it is the folder of an installed one."""
    for name, point in _points().items():
        if Path(str(files(point.module))).resolve() == folder.resolve():
            return installed_service(name)
    spec = parse_specification(_read(folder / "service.toml"), where="service.toml")
    tests = folder / TESTS_FILE
    return Tried(
        service=service_of(DataOnlyPlugin(spec), origin="folder"),
        tests=_read(tests) if tests.is_file() else None,
        where=str(folder),
        python_left_out=(folder / "__init__.py").is_file(),
    )


def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise LesError(f"{path} cannot be read: {fault.strerror}", "check the permissions of the file") from None
