"""Which exchange a series trades on, and one common cut through exchanges that rest on different days.

A market that is shut has not moved: its last close still stands. A price that is missing although its exchange was
open is unknown. Only the calendar tells the two apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from exposure.errors import InputError
from exposure.market import Days, Floats
from exposure.scenarios.sessions import EXCHANGES, NEW_YORK, calendar, suffix

ALWAYS = ("=X", "-")
"""Not exchanges: pairs of currencies, and coins (`BTC-USD`), which trade on days on which no exchange does."""
LATER = "measure with local closes, or start later"
COINS = ("-USD", "-EUR", "-GBP")


def exchange_of(symbol: str) -> str:
    """Give the exchange of a Yahoo symbol as its suffix: empty for New York, or one of `ALWAYS`.

    >>> exchange_of("8035.T"), exchange_of("NVDA"), exchange_of("EURUSD=X"), exchange_of("BTC-USD")
    ('.T', '', '=X', '-')
    """
    if symbol.endswith("=X"):
        return "=X"
    return "-" if symbol.endswith(COINS) else suffix(symbol)


def cut(
    dates: Days, price: Floats, exchanges: Sequence[str | None], sizes: Mapping[str | None, float]
) -> tuple[Days, Floats]:
    """Lay prices on the sessions of the exchange that carries most weight, each at its last close before the cut.

    Parameters
    ----------
    dates : D dates
    price : (J, D), NaN where there is none
    exchanges : for each row its exchange, None where it is none (cash)
    sizes : exchange → gross weight; the largest known one sets the cut, New York on a tie

    Returns
    -------
    (S sessions, (J, S) prices). A row is NaN where its exchange was open last and the price of that session is missing,
    so an unknown price is never taken for a market at rest. Where the calendar of an exchange is not known, a price
    counts on its own date alone.
    """
    known = {x: w for x, w in sizes.items() if x is not None and x in EXCHANGES}
    main = max(known, key=lambda x: (known[x], x == NEW_YORK)) if known else NEW_YORK
    # Whole years, the one before included for a rest at New Year's: few spans to build calendars for.
    span = int(str(dates[0])[:4]) - 1, int(str(dates[-1])[:4])
    found = sessions(main, *span)
    if found is None:
        raise InputError(f"the calendar of {EXCHANGES[main]} does not reach back to {span[0]}", remedy=LATER)
    days, closes = found
    within = (days >= dates[0]) & (days <= dates[-1])
    days, closes = days[within], closes[within]
    out = np.full((len(price), len(days)), np.nan)
    place = {x: _places(dates, days, closes, x, span) for x in set(exchanges) if x is not None}
    for j, exchange in enumerate(exchanges):
        if exchange is not None:
            at = place[exchange]
            out[j, at >= 0] = price[j, at[at >= 0]]
    return days, out


def _places(
    dates: Days, days: Days, closes: NDArray[np.datetime64], exchange: str, span: tuple[int, int]
) -> NDArray[np.int64]:
    """Give, for each cut, the place in `dates` of the exchange's last session that had closed by then, or −1."""
    wanted, own = days, sessions(exchange, *span) if exchange in EXCHANGES else None
    if own is not None:
        own_days, own_closes = own
        wanted = own_days[np.maximum(np.searchsorted(own_closes, closes, side="right") - 1, 0)]
    at = np.minimum(np.searchsorted(dates, wanted), len(dates) - 1)
    return np.where(dates[at] == wanted, at, -1)


@lru_cache(maxsize=64)
def sessions(exchange: str, first: int, last: int) -> tuple[Days, NDArray[np.datetime64]] | None:
    """Give an exchange's session dates and the moments (UTC) at which they closed, None beyond its calendar."""
    try:
        closes = calendar(EXCHANGES[exchange], f"{first}-01-01", f"{last}-12-31").closes
    except ValueError:  # some calendars begin late (Riyadh in 2021) or are published a few years ahead only
        return None
    return closes.index.to_numpy().astype("datetime64[D]"), closes.dt.tz_localize(None).to_numpy()
