"""The store: what is kept between two visits, in SQLite or PostgreSQL; its door is `open_store`."""

from db.engine import open_store
from db.repositories import Store

__all__ = ["Store", "open_store"]
