"""Which exchange a series trades on, on which days it is open, and one common cut through exchanges.

A market that is shut has not moved: its last close still stands. A row on a day on which it was shut is no close.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from exposure.errors import InputError
from exposure.market import Days
from exposure.scenarios.sessions import EXCHANGES, NEW_YORK, calendar, suffix

ALWAYS = ("=X", "-")
"""Not exchanges: pairs of currencies, and coins (`BTC-USD`), which trade on days on which no exchange does."""
LATER = "measure with local closes, or start later"
COINS = ("-USD", "-EUR", "-GBP")


def exchange_of(symbol: str, currency: str | None = None) -> str:
    """Give the exchange of a Yahoo symbol as its suffix: empty for New York, one of `ALWAYS`, or `?` where unknown.

    An index has no exchange, and what has no suffix and is priced in another currency than dollars is not New York's.

    >>> exchange_of("8035.T"), exchange_of("NVDA"), exchange_of("EURUSD=X"), exchange_of("BTC-USD")
    ('.T', '', '=X', '-')
    >>> exchange_of("^GDAXI"), exchange_of("HOUSEFUND", "EUR")
    ('?', '?')
    """
    if symbol.endswith("=X"):
        return "=X"
    if symbol.startswith("^") or (suffix(symbol) == NEW_YORK and (currency or "USD") != "USD"):
        return "?"
    return "-" if symbol.endswith(COINS) else suffix(symbol)


def cuts(days: Days, exchanges: Iterable[str], sizes: Mapping[str, float]) -> tuple[Days, dict[str, Days]]:
    """Give the sessions of the exchange that carries most weight, and for each exchange its last session before each.

    Parameters
    ----------
    days : the dates on which anything has a price, ascending
    exchanges : those asked for; an exchange without a calendar is cut by date
    sizes : exchange → gross weight; the largest known one sets the cut, New York on a tie

    Returns
    -------
    (S sessions, exchange → S dates). With Tokyo's close as the cut, New York's date is that of the evening before.

    Raises
    ------
    InputError
        The calendar of the exchange that sets the cut does not reach back to the first date.
    """
    known = {x: w for x, w in sizes.items() if x in EXCHANGES}
    main = max(known, key=lambda x: (known[x], x == NEW_YORK)) if known else NEW_YORK
    # Whole years, the one before included for a rest at New Year's: few spans to build calendars for.
    span = int(str(days[0])[:4]) - 1, int(str(days[-1])[:4])
    found = sessions(main, *span)
    if found is None:
        raise InputError(f"the calendar of {EXCHANGES[main]} does not reach back to {span[0]}", remedy=LATER)
    cut, closes = found
    within = (cut >= days[0]) & (cut <= days[-1])
    cut, closes = cut[within], closes[within]
    upto = dict[str, Days]()
    for exchange in set(exchanges):
        own = sessions(exchange, *span) if exchange in EXCHANGES else None
        before = None if own is None else np.maximum(np.searchsorted(own[1], closes, side="right") - 1, 0)
        upto[exchange] = cut if own is None or before is None else own[0][before]
    return cut, upto


def open_on(exchange: str, days: Days) -> NDArray[np.bool_] | None:
    """Tell on which of some ascending dates an exchange was open; None where its calendar is not known."""
    if exchange not in EXCHANGES or not len(days):
        return None
    found = sessions(exchange, int(str(days[0])[:4]), int(str(days[-1])[:4]))
    if found is None or not len(found[0]):
        return None
    own = found[0]
    return np.asarray(own[np.minimum(np.searchsorted(own, days), len(own) - 1)] == days, bool)


@lru_cache(maxsize=64)
def sessions(exchange: str, first: int, last: int) -> tuple[Days, NDArray[np.datetime64]] | None:
    """Give an exchange's session dates and the moments (UTC) at which they closed, None beyond its calendar."""
    try:
        closes = calendar(EXCHANGES[exchange], f"{first}-01-01", f"{last}-12-31").closes
    except ValueError:  # some calendars begin late (Riyadh in 2021) or are published a few years ahead only
        return None
    return closes.index.to_numpy().astype("datetime64[D]"), closes.dt.tz_localize(None).to_numpy()
