"""Which installed package a service comes from: its name, its version and the digest of its files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path

_OWN = "lescli"
_TEXT = (".py", ".pyi", ".toml", ".txt", ".csv", ".json", ".md")
_MADE_BY_PYTHON = (".pyc", ".pyo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """An installed package. `sha256` covers its files, so a changed file shows even when the version does not."""

    name: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def is_shipped(point: EntryPoint) -> bool:
    """Whether a service is part of les itself."""
    found = getattr(point, "dist", None)
    return found is None or _plain_name(found) == _OWN


def package_of(point: EntryPoint) -> Package | None:
    """The package of a service's entry point, without importing it; None when it belongs to no installed package."""
    found = getattr(point, "dist", None)
    return _package(found, point.module) if found is not None else None


@lru_cache(maxsize=64)
def _package(found: Distribution, module: str) -> Package:
    """A service's package; its digest covers what was installed with it and the files of its top-level module."""
    digest = sha256()
    for name, path in sorted(set(_files(found, module.partition(".")[0]))):
        content = path.read_bytes()
        if path.suffix in _TEXT:
            # A checkout on Windows has the same digest.
            content = content.replace(b"\r\n", b"\n")
        digest.update(f"{name}\n{sha256(content).hexdigest()}\n".encode())
    return Package(name=_plain_name(found), version=found.version, sha256=digest.hexdigest())


@lru_cache(maxsize=64)
def _plain_name(found: Distribution) -> str:
    return re.sub(r"[-_.]+", "-", str(found.metadata["Name"] or "")).lower()


def _files(found: Distribution, top: str) -> Iterator[tuple[str, Path]]:
    """(name, path) of each file. The package's own notes on its installation are not code and differ by machine."""
    if _plain_name(found) != _OWN:
        for file in found.files or ():
            path = Path(str(found.locate_file(file)))
            if ".dist-info" not in file.as_posix() and not file.as_posix().startswith("..") and _counts(path):
                yield file.as_posix(), path.resolve()
    # PathFinder looks for a top-level module without running any of it.
    spec = PathFinder.find_spec(top)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        root = Path(folder)
        for path in sorted(root.rglob("*")):
            if _counts(path):
                yield f"{top}/{path.relative_to(root).as_posix()}", path.resolve()
    if spec and not spec.submodule_search_locations and spec.origin:
        yield Path(spec.origin).name, Path(spec.origin).resolve()


def _counts(path: Path) -> bool:
    return path.suffix not in _MADE_BY_PYTHON and "__pycache__" not in path.parts and path.is_file()
