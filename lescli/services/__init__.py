"""The services a practice runs: found by entry point or in its store, asked one at a time, every answer checked."""

from .catalog import Broken, Catalog, load_catalog
from .service import Service, service_of

__all__ = ["Broken", "Catalog", "Service", "load_catalog", "service_of"]
