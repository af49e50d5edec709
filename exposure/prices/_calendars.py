"""Which exchange a series trades on, on which days it is open, and one common cut through exchanges.

A market that is shut has not moved: its last close still stands. A row on a day on which it was shut is no close.

When each exchange could react: exchange and day → the window it really traded, from close to close.

The library carries its windows resolved; a replay between any two dates asks for them, and so do the builder of the
library and the tests. So `exchange-calendars` is imported late, there and where a history asks for one common cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache, lru_cache
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal

from exposure.errors import InputError
from exposure.exchanges import CALENDARS
from exposure.exchanges import NEW_YORK as NEW_YORK

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from exposure.prices._market import Days

EXCHANGES = CALENDARS
_BOUNDS = RLock()
"""Held while pandas' own bounds of holidays are set: they are one for the whole process."""
Pair = tuple[date, date]
Reaction = Literal["open", "close", "common"]
"""The end of a window: the first close after New York's open of the day, the first one not before New York's close, or
New York's next session for all."""


def suffix(symbol: str) -> str:
    """Give the exchange suffix of a Yahoo symbol, empty for New York: `.T` for `8035.T`, `` for `BRK-B`."""
    _, dot, tail = symbol.rpartition(".")
    return dot + tail if dot else NEW_YORK


def reaction_window(exchange: str, day: date, reaction: Reaction = "open") -> tuple[date, date]:
    """Resolve the window in which an exchange answered to the news of a day.

    Parameters
    ----------
    exchange : Yahoo's suffix, one of `CALENDARS`.
    day : a session of New York.
    reaction : what the window has to reach; see `Reaction`.

    Returns
    -------
    start, end : dates of closes. It starts with the exchange's last session dated on or before New York's session
        before the day (so Taipei, shut from 23 January 2025, starts on the 22nd) and ends with its first close after
        New York's open on the day; `close`: not before New York's close; `common`: New York's sessions on either side
        of the day, for all.
    """
    new_york = calendar(CALENDARS[NEW_YORK])
    before = new_york.previous_session(str(day))
    if reaction == "common":
        return before.date(), new_york.next_session(str(day)).date()
    here = calendar(CALENDARS[exchange])
    start = here.date_to_session(before, "previous").date()
    if reaction == "open":
        reached = here.closes > new_york.session_open(str(day))
    else:
        reached = here.closes >= new_york.session_close(str(day))
    return start, here.closes.index[reached][0].date()


def span(exchange: str, start: date, end: date, reaction: Reaction = "common", horizon: int = 1) -> Pair | None:
    """Resolve the window of an exchange between any two dates, on days on which it was open.

    Parameters
    ----------
    exchange : Yahoo's suffix.
    start, end : any dates; `end` is the day of the news, or the last of several.
    reaction : `common`: its last sessions dated on or before the two; `open`, `close`: from its last session on or
        before New York's to what a `window` of New York's last session has to reach.
    horizon : 1, or the number of its own sessions after the start at which to end instead.

    Returns
    -------
    start, end : dates of closes; None where the exchange was shut in between. Where no calendar is known the two dates
        themselves (nothing at a longer horizon, which cannot be counted then).
    """
    here, new_york = (_around(code, start, end) for code in (CALENDARS.get(exchange), CALENDARS[NEW_YORK]))
    if here is None or new_york is None:
        return (start, end) if horizon == 1 and start < end else None
    last = new_york.date_to_session(str(end), "previous")
    if reaction == "common" or exchange == NEW_YORK:
        first = here.date_to_session(str(start), "previous")
        close = here.date_to_session(str(end), "previous")
    else:
        first = here.date_to_session(new_york.date_to_session(str(start), "previous"), "previous")
        late = here.closes > new_york.session_open(last)
        if reaction == "close":
            late = here.closes >= new_york.session_close(last)
        close = here.closes.index[late][0]
    if horizon != 1:
        close = here.sessions[here.sessions > first][horizon - 1]
    return (first.date(), close.date()) if first < close else None


def _around(code: str | None, start: date, end: date) -> Any | None:
    """Load the calendar of the years around two dates, so that dates near each other share one; None without."""
    first, last = start - timedelta(days=31), end + timedelta(days=62)
    if code is not None and date(2024, 6, 1) <= first and last <= date(2025, 12, 31):
        return calendar(code)
    spans = [(f"{first.year}-01-01", f"{last.year}-12-31"), (f"{first.year}-01-01", last.isoformat())]
    for span in spans if code is not None else ():  # some calendars are published to a date within the year
        try:
            return calendar(code, *span)
        except ValueError:
            continue
    return None


def session_after(exchange: str, start: date, count: int) -> date:
    """Give an exchange's session that is `count` sessions after a date (which need not be a session itself)."""
    sessions = calendar(CALENDARS[exchange]).sessions
    found: date = sessions[sessions > str(start)][count - 1].date()
    return found


@cache
def calendar(code: str, start: str = "2024-06-01", end: str = "2025-12-31") -> Any:
    """Load an exchange's calendar between two dates, by default the years that the library's episodes fall into."""
    import warnings

    import exchange_calendars
    import pandas as pd
    from exchange_calendars.exchange_calendar_xtae import XTAEExchangeCalendar
    from exchange_calendars.pandas_extensions.offsets import OrthodoxEaster

    # exchange-calendars 4.13 hooks into pandas as it was before 3.0. Two things fail: Orthodox Easter (Athens,
    # Bucharest), and Tel Aviv's change of week, Sunday to Thursday until 4 January 2026 and Monday to Friday since: its
    # days of rest are told as single holidays instead.
    OrthodoxEaster._add_datetime = OrthodoxEaster._apply
    span = {"start": start, "end": end}

    class TelAviv(XTAEExchangeCalendar):  # type: ignore[misc]
        weekmask = "1111111"
        special_weekmasks = ()

        @property
        def adhoc_holidays(self) -> list[Any]:
            every = pd.date_range(start, end)
            rests = {True: (4, 5), False: (5, 6)}  # Friday and Saturday, then Saturday and Sunday
            return [
                *super().adhoc_holidays,
                *(d for d in every if d.weekday() in rests[d < pd.Timestamp("2026-01-05")]),
            ]

    with warnings.catch_warnings(), _holidays(date.fromisoformat(start), date.fromisoformat(end)):
        warnings.simplefilter("ignore", DeprecationWarning)  # pandas 3.1 speaking to exchange-calendars
        return TelAviv(**span) if code == "XTAE" else exchange_calendars.get_calendar(code, **span)


@contextmanager
def _holidays(start: date, end: date) -> Iterator[None]:
    """Let holidays be worked out around two dates only, a year more on either side.

    exchange-calendars works them out from 1970 to 2200 whatever span is asked, by bounds that pandas keeps for all: for
    Seoul's lunar ones that alone takes ten seconds.
    """
    import pandas as pd
    from pandas.tseries.holiday import AbstractHolidayCalendar as Bounds

    more = timedelta(days=366)
    with _BOUNDS:
        before = Bounds.start_date, Bounds.end_date
        Bounds.start_date, Bounds.end_date = pd.Timestamp(start - more), pd.Timestamp(end + more)
        try:
            yield
        finally:
            Bounds.start_date, Bounds.end_date = before


ALWAYS = ("=X", "-")
"""Not exchanges: pairs of currencies, and coins (`BTC-USD`), which trade on days on which no exchange does."""
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


def common_cuts(days: Days, exchanges: Iterable[str], sizes: Mapping[str, float]) -> tuple[Days, dict[str, Days]]:
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
    import numpy as np

    known = {x: w for x, w in sizes.items() if x in CALENDARS}
    main = max(known, key=lambda x: (known[x], x == NEW_YORK)) if known else NEW_YORK
    # Whole years, the one before included for a rest at New Year's: few spans to build calendars for.
    span = int(str(days[0])[:4]) - 1, int(str(days[-1])[:4])
    found = sessions(main, *span)
    if found is None:
        raise InputError("price.calendar-too-short", calendar=CALENDARS[main], year=span[0])
    cut, closes = found
    within = (cut >= days[0]) & (cut <= days[-1])
    cut, closes = cut[within], closes[within]
    upto: dict[str, Days] = {}
    for exchange in set(exchanges):
        own = sessions(exchange, *span) if exchange in CALENDARS else None
        before = None if own is None else np.maximum(np.searchsorted(own[1], closes, side="right") - 1, 0)
        upto[exchange] = cut if own is None or before is None else own[0][before]
    return cut, upto


def open_on(exchange: str, days: Days) -> NDArray[np.bool_] | None:
    """Tell on which of some ascending dates an exchange was open; None where its calendar is not known."""
    import numpy as np

    if exchange not in CALENDARS or not len(days):
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
        closes = calendar(CALENDARS[exchange], f"{first}-01-01", f"{last}-12-31").closes
    except ValueError:  # some calendars begin late (Riyadh in 2021) or are published a few years ahead only
        return None
    return closes.index.to_numpy().astype("datetime64[D]"), closes.dt.tz_localize(None).to_numpy()
