"""Every query of the project: nouns in, nouns out. `Store` is all of them in one."""

from __future__ import annotations

from db.repositories.portfolios import DeletedSnapshot, Imported, PortfolioEntry, Portfolios, SnapshotEntry
from db.repositories.prices import PriceRow, Prices, PricesStored, PriceStatus, SeriesStatus
from db.repositories.settings import Settings


class Store(Portfolios, Prices, Settings):
    """Portfolios and their snapshots, prices and rates, and what users have settled; made by `db.open_store`."""


__all__ = [
    "DeletedSnapshot",
    "Imported",
    "PortfolioEntry",
    "PriceRow",
    "PriceStatus",
    "PricesStored",
    "SeriesStatus",
    "SnapshotEntry",
    "Store",
]
