"""The services a practice runs: found by entry point or in its store, asked one at a time, every answer checked."""

from .packages import Package, is_shipped, package_of
from .service import Broken, Catalog, Service, load_catalog, points, service_of, services_kept

__all__ = [
    "Broken",
    "Catalog",
    "Package",
    "Service",
    "is_shipped",
    "load_catalog",
    "package_of",
    "points",
    "service_of",
    "services_kept",
]
