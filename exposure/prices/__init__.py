"""Daily prices and exchange rates: their files, series, market, calendars, and what is doubtful about them.

What others ask for stands here; each is loaded when it is asked for, so that rates cost no reader of files.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exposure.prices.assembly import from_rows
    from exposure.prices.files import read_prices
    from exposure.prices.market import Market, PriceSeries
    from exposure.prices.rates import Rate, RatePath, Rates

_HOMES = {
    "Market": "market",
    "PriceSeries": "market",
    "Rate": "rates",
    "RatePath": "rates",
    "Rates": "rates",
    "from_rows": "assembly",
    "read_prices": "files",
}
__all__ = ["Market", "PriceSeries", "Rate", "RatePath", "Rates", "from_rows", "read_prices"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"exposure.prices.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
