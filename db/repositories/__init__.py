"""Every query of the project: nouns in, nouns out. `Store` is all of them in one.

A repository is whole by itself, of an engine alone; where two need the same rows they share a function of a connection.
"""

from __future__ import annotations

from db.repositories.bin import Bin, DeletedPortfolio, DeletedSnapshot, Purged
from db.repositories.choices import Choices
from db.repositories.doubts import Doubts
from db.repositories.kept import Kept, KeptEntry
from db.repositories.portfolios import (
    Imported,
    Inside,
    Insides,
    PortfolioEntry,
    Portfolios,
    SnapshotEntry,
    Whereabouts,
)
from db.repositories.prices import Action, PriceRow, Prices, PricesStored
from db.repositories.rates import BankRates, RateReach, RatesStored, RateStatus
from db.repositories.series import Event, PriceStatus, Series, SeriesStatus
from db.repositories.settings import Settings


class Store(Portfolios, Bin, Insides, Prices, Series, Doubts, BankRates, Settings, Choices, Kept):
    """Portfolios and their snapshots, prices and rates, and what users have settled; made by `db.open_store`."""


__all__ = [
    "Action",
    "DeletedPortfolio",
    "DeletedSnapshot",
    "Event",
    "Imported",
    "Inside",
    "KeptEntry",
    "PortfolioEntry",
    "PriceRow",
    "PriceStatus",
    "PricesStored",
    "Purged",
    "RateReach",
    "RateStatus",
    "RatesStored",
    "SeriesStatus",
    "SnapshotEntry",
    "Store",
    "Whereabouts",
]
