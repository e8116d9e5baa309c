"""Store which packages that are not part of les may provide a service. The newest row of each service counts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from .database.connection import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedPackage:
    """A package as it was when a person allowed the service it provides."""

    service: str
    package: str
    version: str
    sha256: str
    allowed_on: date


_NO_LONGER = "0" * 64
"""The digest in the row that takes a permission back: no files have it."""


def allowed_packages(store: Store) -> tuple[AllowedPackage, ...]:
    """What is allowed now, one for each service."""
    newest = "SELECT max(id) FROM allowed_package GROUP BY service"
    return tuple(
        AllowedPackage(
            service=row[0], package=row[1], version=row[2], sha256=row[3], allowed_on=date.fromisoformat(row[4])
        )
        for row in store.rows(
            f"SELECT service, package, version, sha256, allowed_on FROM allowed_package WHERE id IN ({newest})"
            " AND sha256 <> ?",
            _NO_LONGER,
        )
    )


def allow_package(store: Store, allowed: AllowedPackage) -> bool:
    """Record that a package may provide a service; False when it is allowed as it is already."""
    now = [one for one in allowed_packages(store) if one.service == allowed.service]
    if [(one.package, one.version, one.sha256) for one in now] == [(allowed.package, allowed.version, allowed.sha256)]:
        return False
    row = {**asdict(allowed), "allowed_on": allowed.allowed_on.isoformat()}
    store.tables.table("allowed_package").insert(row)
    return True


def disallow_package(store: Store, allowed: AllowedPackage, on: date) -> None:
    """Record that a package may provide its service no longer. That it was allowed stays recorded."""
    row = {**asdict(allowed), "sha256": _NO_LONGER, "allowed_on": on.isoformat()}
    store.tables.table("allowed_package").insert(row)
