"""The services a practice runs: found through entry points or in its store, asked one at a time, never trusted."""

from .catalog import Broken, Catalog, load_catalog
from .service import Service, service_of

__all__ = ["Broken", "Catalog", "Service", "load_catalog", "service_of"]
