"""Every query of the project: nouns in, nouns out. `Store` is all of them in one."""

from __future__ import annotations

from db.repositories.bin import Bin, DeletedPortfolio, DeletedSnapshot, Purged
from db.repositories.choices import Choices
from db.repositories.fund_holdings import Inside, Insides
from db.repositories.kept import Kept, KeptEntry
from db.repositories.portfolios import Imported, PortfolioEntry, Portfolios, SnapshotEntry
from db.repositories.prices import Action, PriceRow, Prices, PricesStored
from db.repositories.rates import BankRates, RateReach, RatesStored, RateStatus
from db.repositories.series import Event, PriceStatus, SeriesStatus
from db.repositories.settings import Settings
from db.repositories.whereabouts import Whereabout, Whereabouts


class Store(Portfolios, Bin, Whereabout, Insides, Prices, BankRates, Settings, Choices, Kept):
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
