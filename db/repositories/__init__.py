"""Every query of the project: nouns in, nouns out. `Store` is all of them in one."""

from __future__ import annotations

from db.repositories.insides import Inside, Insides
from db.repositories.kept import Kept, KeptEntry
from db.repositories.portfolios import DeletedSnapshot, Imported, PortfolioEntry, Portfolios, SnapshotEntry
from db.repositories.prices import Action, PriceRow, Prices, PricesStored
from db.repositories.rates import BankRates, RateReach, RatesStored, RateStatus
from db.repositories.series import Event, PriceStatus, SeriesStatus
from db.repositories.settings import Settings


class Store(Portfolios, Insides, Prices, BankRates, Settings, Kept):
    """Portfolios and their snapshots, prices and rates, and what users have settled; made by `db.open_store`."""


__all__ = [
    "Action",
    "DeletedSnapshot",
    "Event",
    "Imported",
    "Inside",
    "KeptEntry",
    "PortfolioEntry",
    "PriceRow",
    "PriceStatus",
    "PricesStored",
    "RateReach",
    "RateStatus",
    "RatesStored",
    "SeriesStatus",
    "SnapshotEntry",
    "Store",
]
