"""The services a practice runs: found by entry point or in its store, asked one at a time, every answer checked."""

from .service import Broken, Catalog, Service, load_catalog, service_of

__all__ = ["Broken", "Catalog", "Service", "load_catalog", "service_of"]
