"""The made-up book, so that every page has something to show before the first import, the network switched off.

Securities and their ISINs are real; quantities, prices, rates and the whole price history are made up, and say so in
every name a page shows. The history is kept in a price set of its own (`demo`): the demo portfolio is measured with it
and with nothing else, and no other portfolio ever is. So a ticker keeps its name, and no made-up price can stand in for
a real one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from db.repositories import Imported, PriceRow, Store
from exposure.types import Holding, Kind, Snapshot

if TYPE_CHECKING:
    from exposure.prices import Market

NAME = "Demo portfolio (made up)"
AS_OF = date(2025, 1, 24)
BEFORE = date(2024, 6, 28)
"""Day of an earlier snapshot, so that there is something to compare."""
SOURCE = "demo (made up)"
PRICE_SET = "demo"
START, END = date(2019, 1, 2), date(2025, 6, 30)
SEED = 20250127

EUR_PER = {"EUR": 1.0, "USD": 0.95, "CHF": 1.05, "JPY": 0.00625, "KRW": 0.0007}
"""Round, made up."""

# ticker, ISIN, name, kind, exchange, country, currency, quantity, price (made up), and for the path: how strongly it
# follows the market, how strongly the trade in computing power, and a year's standard deviation of its own.
_LINES: tuple[tuple[str, str, str, Kind, str, str, str, float, float, float, float, float], ...] = (
    ("NVDA", "US67066G1040", "NVIDIA Corp", "equity", "NASDAQ", "US", "USD", 6_000, 140, 1.2, 1.6, 0.30),
    ("AVGO", "US11135F1012", "Broadcom Inc", "equity", "NASDAQ", "US", "USD", 2_000, 240, 1.1, 1.3, 0.25),
    ("TSM", "US8740391003", "TSMC ADR", "equity", "NYSE", "US", "USD", 2_500, 220, 1.0, 1.2, 0.20),
    ("MU", "US5951121038", "Micron Technology", "equity", "NASDAQ", "US", "USD", 2_000, 100, 1.2, 1.1, 0.30),
    ("000660.KS", "KR7000660001", "SK hynix", "equity", "Korea", "KR", "KRW", 1_000, 220_000, 1.0, 1.1, 0.30),
    ("ASML.AS", "NL0010273215", "ASML Holding", "equity", "Amsterdam", "NL", "EUR", 500, 700, 1.1, 1.1, 0.22),
    ("8035.T", "JP3571400005", "Tokyo Electron", "equity", "Tokyo", "JP", "JPY", 1_000, 26_000, 1.0, 1.1, 0.25),
    ("AMAT", "US0382221051", "Applied Materials", "equity", "NASDAQ", "US", "USD", 1_000, 180, 1.1, 1.1, 0.22),
    ("VRT", "US92537N1081", "Vertiv Holdings", "equity", "NYSE", "US", "USD", 2_000, 145, 1.2, 1.5, 0.30),
    ("SU.PA", "FR0000121972", "Schneider Electric", "equity", "Paris", "FR", "EUR", 1_200, 260, 1.0, 0.6, 0.15),
    ("CEG", "US21037T1097", "Constellation Energy", "equity", "NASDAQ", "US", "USD", 800, 350, 0.7, 1.1, 0.25),
    ("MSFT", "US5949181045", "Microsoft Corp", "equity", "NASDAQ", "US", "USD", 1_500, 440, 1.0, 0.4, 0.14),
    ("AMZN", "US0231351067", "Amazon.com Inc", "equity", "NASDAQ", "US", "USD", 2_000, 235, 1.1, 0.3, 0.18),
    ("GOOGL", "US02079K3059", "Alphabet Inc Class A", "equity", "NASDAQ", "US", "USD", 2_000, 200, 1.0, 0.3, 0.16),
    ("META", "US30303M1027", "Meta Platforms", "equity", "NASDAQ", "US", "USD", 600, 650, 1.1, 0.3, 0.24),
    ("CRM", "US79466L3024", "Salesforce Inc", "equity", "NYSE", "US", "USD", 700, 330, 1.0, -0.1, 0.22),
    ("NOW", "US81762P1021", "ServiceNow Inc", "equity", "NYSE", "US", "USD", 200, 1_100, 1.0, -0.1, 0.22),
    ("SNOW", "US8334451098", "Snowflake Inc", "equity", "NYSE", "US", "USD", 800, 175, 1.2, 0.0, 0.38),
    ("CRWD", "US22788C1053", "CrowdStrike Holdings", "equity", "NASDAQ", "US", "USD", 500, 370, 1.1, 0.0, 0.34),
    ("SAP.DE", "DE0007164600", "SAP SE", "equity", "XETRA", "DE", "EUR", 1_200, 260, 0.9, 0.0, 0.17),
    ("SMH", "US92189F6768", "VanEck Semiconductor ETF", "fund", "NASDAQ", "US", "USD", 1_500, 250, 1.1, 1.1, 0.06),
    ("JPM", "US46625H1005", "JPMorgan Chase", "equity", "NYSE", "US", "USD", 1_000, 265, 1.0, -0.1, 0.18),
    ("NOVN.SW", "CH0012005267", "Novartis AG", "equity", "SIX Swiss Exchange", "CH", "CHF", 2_000, 90, 0.5, -0.1, 0.14),
    ("KO", "US1912161007", "Coca-Cola Co", "equity", "NYSE", "US", "USD", 2_500, 60, 0.5, -0.1, 0.12),
    ("TTE.PA", "FR0000120271", "TotalEnergies SE", "equity", "Paris", "FR", "EUR", 3_000, 56, 0.8, 0.0, 0.22),
    ("INTC", "US4581401001", "Intel Corp", "equity", "NASDAQ", "US", "USD", 0, 21, 1.1, 0.5, 0.32),
)  # fmt: skip
# What the demo does not hold and a prediction starts from: the same figures, price, market, trade, own.
_FUNDS = (("SPY", "USD", 600, 1.0, 0.15, 0.02), ("IGV", "USD", 100, 1.1, -0.05, 0.08))
_HELD_BEFORE = {"INTC": 8_000, "VRT": 0, "CEG": 0, "NVDA": 7_500, "MU": 3_000, "MSFT": 1_200, "CRM": 1_000}
"""Quantities of the earlier snapshot where they differ: INTC was sold since, VRT and CEG were bought."""
_BALANCES = (("EUR", 300_000.0), ("USD", 200_000.0))
_UNLISTED = ("Unlisted model laboratory, preferred shares (made up)", 250_000.0)


@lru_cache(maxsize=1)
def demo_snapshot() -> Snapshot:
    """Build the made-up book: 25 listed lines, one unlisted, two balances, valued in euro as of 24 January 2025."""
    return _snapshot(AS_OF, {line[0]: float(line[7]) for line in _LINES}, {line[0]: float(line[8]) for line in _LINES})


def demo_before() -> Snapshot:
    """Build the made-up book as it was on 28 June 2024, other quantities at the made-up closes of that day."""
    held = {line[0]: float(_HELD_BEFORE.get(line[0], line[7])) for line in _LINES}
    closes = demo_market().closes_on(BEFORE)
    return _snapshot(BEFORE, held, {ticker: close for ticker, (close, _) in closes.items()})


def _snapshot(as_of: date, quantities: dict[str, float], prices: dict[str, float]) -> Snapshot:
    held: list[Holding] = []
    for ticker, isin, name, kind, exchange, country, currency, *_ in _LINES:
        quantity, price = quantities[ticker], prices[ticker]
        if not quantity:
            continue
        held.append(
            Holding(
                row=len(held) + 2,
                kind=kind,
                ticker=ticker,
                isin=isin,
                name=name,
                exchange=exchange,
                country=country,
                currency=currency,
                quantity=quantity,
                price=price,
                price_currency=currency,
                market_value=round(quantity * price * EUR_PER[currency], 2),
                value_currency="EUR",
            )
        )
    name, value = _UNLISTED
    row = len(held) + 2
    held.append(Holding(row, name=name, country="US", currency="USD", market_value=value, value_currency="EUR"))
    for place, (currency, amount) in enumerate(_BALANCES, start=1):
        value = round(amount * EUR_PER[currency], 2)
        balance = Holding(row + place, "cash", name=f"Cash {currency}", currency=currency, quantity=amount)
        held.append(replace(balance, market_value=value, value_currency="EUR"))
    digest = hashlib.sha256(repr(held).encode()).hexdigest()
    return Snapshot("demo (made up)", "csv", as_of, (as_of,), "EUR", tuple(held), title=NAME, sha256=digest)


def demo_market() -> Market:
    """Build the made-up daily closes of the demo’s listed lines and of two funds, 2019 to June 2025, ever the same."""
    from exposure.prices import from_rows

    return from_rows(_rows(), source=SOURCE)


def install_demo(store: Store) -> Imported:
    """Put the demo portfolio and its prices into a store; a second time changes nothing."""
    # Prices first: where the snapshot stands, they do too, and need not be drawn again.
    if NAME not in {entry.name for entry in store.portfolios()}:
        store.store_prices(demo_market(), SOURCE, price_set=PRICE_SET)
    return store.import_snapshots(NAME, (demo_before(), demo_snapshot()), price_set=PRICE_SET)[-1]


# Moves that every path shares, so that a drawdown has something to tell: first day, sessions, the market's move and
# that of the trade in computing power (logarithms), each spread evenly.
_FALLS = (
    (date(2020, 2, 20), 22, -0.38, -0.05),
    (date(2020, 3, 24), 60, 0.34, 0.10),
    (date(2022, 1, 4), 190, -0.26, -0.28),
    (date(2024, 7, 11), 18, -0.07, -0.12),
    (date(2025, 1, 27), 1, -0.01, -0.09),
    (date(2025, 4, 3), 4, -0.11, -0.05),
)


def _rows() -> Iterator[PriceRow]:
    """Draw the paths: logarithms of the price add up the market, the trade and each line's own days, from a fixed seed.

    Every weekday is a session. Each path is scaled to the round price of the book on its date.
    """
    import numpy as np

    days = [day for n in range((END - START).days + 1) if (day := START + timedelta(n)).weekday() < 5]
    random = np.random.default_rng(SEED)
    market = random.normal(0.0004, 0.008, len(days))
    trade = random.normal(0.0004, 0.009, len(days))
    for first, sessions, fall, excess in _FALLS:
        at = next(i for i, day in enumerate(days) if day >= first)
        market[at : at + sessions] += fall / sessions
        trade[at : at + sessions] += excess / sessions
    anchor = days.index(AS_OF)
    held = tuple((line[0], line[6], *line[8:]) for line in _LINES)
    for ticker, currency, price, to_market, to_trade, restless in (*held, *_FUNDS):
        own = random.normal(0.0, restless / 252**0.5, len(days))
        path = np.cumsum(to_market * market + to_trade * trade + own)
        for day, close in zip(days, (price * np.exp(path - path[anchor])).tolist(), strict=True):
            # Six figures: the last bits of an exponential differ between machines.
            yield ticker, day, float(f"{close:.6g}"), None, None, currency, "raw"
