"""Exposure of a portfolio along the AI value chain, what a shock costs it, and its drawdown.

    >>> import exposure                                             # doctest: +SKIP
    >>> snapshot = exposure.read_holdings("holdings.csv")           # doctest: +SKIP
    >>> book = exposure.to_book(snapshot)                           # doctest: +SKIP
    >>> scenario = exposure.load_scenario("deepseek-2025-01-27")    # doctest: +SKIP
    >>> exposure.apply(book, scenario).total_return                 # doctest: +SKIP

Importing this imports neither Streamlit, SQLAlchemy, yfinance nor pandas.
"""

from exposure.chain import measure, to_book
from exposure.reading import read_holdings
from exposure.scenarios import load_scenario
from exposure.shock import apply
from exposure.version import VERSION as __version__

ENGINE_VERSION = "1.1.0"
"""Changes whenever a figure may: the answer of a stored scenario is told apart by it."""

__all__ = ["ENGINE_VERSION", "__version__", "apply", "load_scenario", "measure", "read_holdings", "to_book"]
