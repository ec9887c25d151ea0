"""The SQLite backend: hub.db is the truth, day files are its projection. No SQL ever runs on the event loop."""

from noctule_hub.store.sqlite.projector import Projection, Projector
from noctule_hub.store.sqlite.store import SqliteStore, open_store

__all__ = ["Projection", "Projector", "SqliteStore", "open_store"]
