"""The practice's store: the only place that knows SQLite."""

from .database.connection import Store, create_store, open_store

__all__ = ["Store", "create_store", "open_store"]
