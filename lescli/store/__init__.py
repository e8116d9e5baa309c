"""The practice's store: one SQLite file, which only this package reads and writes."""

from .database.connection import Store, create_store, open_store

__all__ = ["Store", "create_store", "open_store"]
