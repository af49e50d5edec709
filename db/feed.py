"""Daily prices from Yahoo through yfinance, the one place that reaches for them: each ticker judged by its own answer.

What yfinance answers is not to be trusted as a whole: offline it returns an empty frame without an error, and in a bulk
download a refused ticker is a column of NaN. So every ticker is asked for by itself, and why one failed is told from
its own error. Closes are those of the day in the unit of the exchange (pence stay pence), adjusted ones beside them.
"""

from __future__ import annotations

import logging
import re
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exposure.errors import FeedError

if TYPE_CHECKING:
    from exposure.market import Market

OFFLINE = "offline"
RATE_LIMITED = "rate limited"
NO_DATA = "no data (delisted or unknown)"
MALFORMED = "the answer could not be read"

AT_ONCE = 4
"""Tickers asked for at the same time: more are refused sooner."""
TIMEOUT = 20
"""Seconds that one answer may take."""
GIVE_UP_AFTER = 8
"""Tickers that fail as offline before the first answer: then nobody is there, and the rest is not tried."""

Row = tuple[str, date, float, float | None, float | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """The prices that came and, ticker by ticker, why others did not."""

    market: Market
    failed: tuple[tuple[str, str], ...]


def fetch(
    symbols: Iterable[str],
    start: date,
    end: date | None = None,
    *,
    progress: Callable[[int, int, str], None] | None = None,
    session: Any = None,
    timeout: float = TIMEOUT,
) -> Fetched:
    """Fetch the daily prices of Yahoo symbols.

    Parameters
    ----------
    symbols : iterable of str
        Yahoo's, suffix included.
    start, end : date
        First session, and the last one included; without `end` up to now.
    progress : callable, optional
        Called after each ticker with how many are done, of how many, and which.
    session : requests or curl_cffi session, optional
        Speaks to Yahoo instead of yfinance's own.

    Raises
    ------
    FeedError
        Only where nothing at all came, saying why; a ticker that fails among others is in `failed`.
    """
    wanted = list(dict.fromkeys(symbol.strip() for symbol in symbols if symbol.strip()))
    rows: list[Row] = []
    failed: dict[str, str] = {}
    answered = 0
    with _yfinance() as yf, ThreadPoolExecutor(AT_ONCE, thread_name_prefix="feed") as pool:
        waiting = {pool.submit(_one, yf, one, start, end, session, timeout): one for one in wanted}
        for done, future in enumerate(as_completed(waiting), start=1):
            symbol = waiting[future]
            if future.cancelled():
                failed[symbol] = OFFLINE
                continue
            found, reason = future.result()
            rows += found
            if reason is not None:
                failed[symbol] = reason
            answered += reason != OFFLINE
            if not answered and done >= GIVE_UP_AFTER:
                for other in waiting:
                    other.cancel()
            if progress is not None:
                progress(done, len(wanted), symbol)
    if wanted and not rows:
        raise FeedError(_nothing(failed, len(wanted)))
    from exposure.market import from_rows

    market = from_rows(rows, source="yfinance")
    failed |= {symbol: NO_DATA for symbol in wanted if symbol not in market.series and symbol not in failed}
    return Fetched(market, tuple((symbol, failed[symbol]) for symbol in wanted if symbol in failed))


def _nothing(failed: dict[str, str], asked: int) -> str:
    reasons = set(failed.values())
    if reasons == {OFFLINE}:
        return "Yahoo could not be reached; check the network and fetch again, stored prices still serve"
    if RATE_LIMITED in reasons:
        return "Yahoo refuses more requests for now; wait some minutes and fetch again, stored prices still serve"
    if MALFORMED in reasons:
        return "Yahoo answered with something that is no price data; fetch again later, stored prices still serve"
    return f"Yahoo has no prices for any of the {asked} tickers asked; check their spelling and the dates"


def _one(
    yf: Any, symbol: str, start: date, end: date | None, session: Any, timeout: float
) -> tuple[list[Row], str | None]:
    """Fetch one ticker: its rows, or why there are none."""
    from datetime import timedelta

    last = None if end is None else end + timedelta(days=1)  # yfinance leaves the end out
    try:
        ticker = yf.Ticker(symbol, session=session)
        frame = ticker.history(start=start, end=last, auto_adjust=False, actions=False, timeout=timeout)
        if frame.empty or frame["Close"].isna().all():
            return [], NO_DATA
        currency = ticker.get_history_metadata().get("currency")
        return _rows(symbol, frame, currency), None
    except (
        Exception
    ) as error:  # whatever a stranger's answer sets off inside yfinance: one ticker's fault, told as such
        return [], _reason(error)


def _rows(symbol: str, frame: Any, currency: str | None) -> list[Row]:
    """Take the rows that have a close; dates are those of the exchange's own day."""
    out: list[Row] = []
    columns = (frame["Close"], frame["Adj Close"], frame["Volume"])
    for moment, close, adjusted, volume in zip(frame.index, *(column.tolist() for column in columns), strict=True):
        if close == close:
            known = (None if number != number else float(number) for number in (adjusted, volume))
            out.append((symbol, moment.date(), float(close), *known, currency, "raw"))
    return out


def _reason(error: BaseException) -> str:
    """Tell from an error and its causes why a ticker did not come."""
    seen: BaseException | None = error
    names: list[str] = []
    while seen is not None:
        names += [f"{kind.__module__}.{kind.__name__}" for kind in type(seen).__mro__] + [str(seen)]
        seen = seen.__cause__ or seen.__context__
    text = " ".join(names)
    if "RateLimit" in text or "Too Many Requests" in text:
        return RATE_LIMITED
    if re.search(r"\b(requests|curl_cffi)[\w.]*\.HTTPError\b", text):  # an answer, though by its bases an OSError too
        return NO_DATA if "404" in text else MALFORMED
    if "JSONDecodeError" in text or "ChunkedEncoding" in text or "IncompleteRead" in text:
        return MALFORMED
    if any(word in text for word in ("ConnectionError", "Timeout", "DNSError", "CurlError", "OSError", "ProxyError")):
        return OFFLINE
    if "TickerMissing" in text or "PricesMissing" in text or "TzMissing" in text:
        return NO_DATA
    return MALFORMED


@contextmanager
def _yfinance() -> Iterator[Any]:
    """Give yfinance, made to raise what it would hide, with its caches in a folder of the application's own."""
    import yfinance as yf
    from yfinance.data import YfData

    folder = Path(tempfile.gettempdir()) / "exposure-yfinance"
    folder.mkdir(exist_ok=True)
    yf.set_tz_cache_location(str(folder))
    # An answer that was no data must not be remembered as one.
    YfData.cache_get.cache_clear()
    logger, hidden = logging.getLogger("yfinance"), yf.config.debug.hide_exceptions
    level = logger.level
    logger.setLevel(logging.CRITICAL)  # every failure is in `failed`
    yf.config.debug.hide_exceptions = False
    try:
        with warnings.catch_warnings():
            # What yfinance's own code does that pandas will one day refuse is nothing that a user could mend.
            warnings.filterwarnings("ignore", module="yfinance")
            yield yf
    finally:
        yf.config.debug.hide_exceptions = hidden
        logger.setLevel(level)


__all__ = ["MALFORMED", "NO_DATA", "OFFLINE", "RATE_LIMITED", "Fetched", "fetch"]
