"""`les services allow` and `disallow`: which packages that are not part of les may provide a service."""

from __future__ import annotations

from datetime import date

from ..errors import LesError, UsageError, did_you_mean
from ..services import is_shipped, package_of, points
from ..store import Store
from ..store.allowed_packages import AllowedPackage, allow_package, allowed_packages, disallow_package


def allow(store: Store, typed: str, on: date) -> str:
    """Record that the package of a service may be used as it is now, and say what was allowed.

    UsageError when there is no package of that name to allow.
    """
    others = {point.name: point for point in points() if not is_shipped(point)}
    name = typed.strip().casefold()
    if name not in others:
        if any(point.name == name for point in points()):
            raise UsageError(f"{name} is part of les and needs no permission", "use it as it is")
        hint = did_you_mean(name, others) or (
            f"there are {', '.join(others)}" if others else "install it with pip first"
        )
        raise UsageError("no package that is not part of les provides a service of that name", hint)
    package = package_of(others[name])
    assert package is not None
    row = AllowedPackage(
        service=name, package=package.name, version=package.version, sha256=package.sha256, allowed_on=on
    )
    with store.writing():
        new = allow_package(store, row)
    told = f"{name}: {package} is allowed" if new else f"{name}: {package} is allowed already, unchanged"
    return f"{told}; the SHA-256 of its files is {package.sha256}"


def disallow(store: Store, typed: str, on: date) -> str:
    """Record that the package of a service may be used no longer, and say what was allowed. LesError when none was."""
    allowed = {one.service: one for one in allowed_packages(store)}
    name = typed.strip().casefold()
    if name not in allowed:
        hint = did_you_mean(name, allowed) or (f"there are {', '.join(allowed)}" if allowed else "none is allowed")
        raise LesError("no package is allowed to provide a service of that name", f"{hint}; nothing was changed")
    with store.writing():
        disallow_package(store, allowed[name], on)
    return (
        f"{name}: {allowed[name].package} {allowed[name].version} is allowed no longer; its files are still installed"
    )
