"""The one place that reaches out: daily prices from Yahoo through yfinance, exchange rates from the bank's own file.

What yfinance answers is not to be trusted as a whole: offline it returns an empty frame without an error, and in a bulk
download a refused ticker is a column of NaN. So every ticker is asked for by itself, and why one failed is told from
its own error. Closes are those of the day in the unit of the exchange (pence stay pence), adjusted ones beside them,
splits and dividends apart.
"""

from __future__ import annotations

import logging
import re
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from db import sources
from db.repositories import Action, PriceRow
from db.sources import ATTEMPTS, EMPTY, MALFORMED, NO_DATA, OFFLINE, RATE_LIMITED, Answer, AskOne, renamed
from exposure.errors import InputError
from exposure.types import Issue

if TYPE_CHECKING:
    from exposure.prices import Published

TIMEOUT = 20
"""Seconds that one answer may take."""
BANK = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
"""Every reference rate since 1999, some 700 kilobytes: one file says what is new and what was corrected."""


@dataclass(frozen=True)
class Yahoo:
    """Yahoo's daily prices, a `PriceSource`; without a `session` yfinance speaks through its own."""

    name: ClassVar[str] = "yfinance"
    title: ClassVar[str] = "Yahoo"
    session: Any = None
    timeout: float = TIMEOUT

    @contextmanager
    def opened(self) -> Iterator[AskOne]:
        """Give yfinance, to be asked for one ticker at a time."""
        with _yfinance() as yf:
            yield partial(self._one, yf)

    def _one(self, yf: Any, symbol: str, start: date, end: date | None) -> Answer:
        """Fetch one ticker: its rows, or why there are none."""
        last = None if end is None else end + timedelta(days=1)  # yfinance leaves the end out
        try:
            ticker = yf.Ticker(symbol, session=self.session)
            frame = ticker.history(start=start, end=last, auto_adjust=False, actions=True, timeout=self.timeout)
            if frame.empty or frame["Close"].isna().all():
                return Answer(reason=EMPTY)
            meta = ticker.get_history_metadata()
            answered = str(meta.get("symbol") or symbol)
            if answered.upper() != symbol.upper():
                return Answer(reason=renamed(self.title, answered))
            closed = frame[[moment.date() != _open_session(meta) for moment in frame.index]]
            return Answer(_rows(symbol, closed, meta.get("currency")), list(_actions(symbol, closed)))
        # whatever a stranger's answer sets off inside yfinance: one ticker's fault, told as such
        except Exception as error:
            yf.data.YfData.cache_get.cache_clear()  # an answer that was no data must not be remembered as one
            return Answer(reason=reason_of(error))


def reason_of(error: BaseException) -> Issue:
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
    if "PricesMissing" in text and "No data found" not in text:  # a holiday, days before the first or after the last
        return EMPTY
    if "TickerMissing" in text or "TzMissing" in text:
        return NO_DATA
    return MALFORMED


def _open_session(meta: Mapping[str, Any]) -> date | None:
    """Give the day of the session that is still open: its last price is no close yet."""
    try:
        end = meta["currentTradingPeriod"]["regular"]["end"]
        return end.date() if end > datetime.now(UTC) else None
    except (KeyError, TypeError, AttributeError):
        return None


def _rows(symbol: str, frame: Any, currency: str | None) -> list[PriceRow]:
    """Take the rows that have a close; dates are those of the exchange's own day."""
    out: list[PriceRow] = []
    columns = (frame["Close"], frame["Adj Close"], frame["Volume"])
    for moment, close, adjusted, volume in zip(frame.index, *(column.tolist() for column in columns), strict=True):
        if close == close:
            known = (None if number != number else float(number) for number in (adjusted, volume))
            out.append((symbol, moment.date(), float(close), *known, currency, "raw"))
    return out


def _actions(symbol: str, frame: Any) -> Iterator[Action]:
    for column, kind in (("Stock Splits", "split"), ("Dividends", "dividend")):
        for moment, value in zip(frame.index, frame.get(column, ()), strict=False):
            if 0 < value < float("inf"):
                yield Action(symbol, moment.date(), kind, float(value))  # type: ignore[arg-type]


def ask_bank(url: str | None = None, *, timeout: float = TIMEOUT) -> tuple[Published, Issue | None]:
    """Ask the European Central Bank for its file of exchange rates, and again where nobody answered.

    Returns
    -------
    tuple
        The rates, and why there are none: None where they came.
    """
    from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_random_exponential

    again = Retrying(
        retry=retry_if_result(lambda got: got[1] in ATTEMPTS),
        stop=stop_after_attempt(ATTEMPTS[OFFLINE]),
        wait=wait_random_exponential(multiplier=sources.BACKOFF, max=sources.LONGEST),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else ({}, OFFLINE),
    )
    return again(_bank_file, url or BANK, timeout)


def _bank_file(url: str, timeout: float) -> tuple[Published, Issue | None]:
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    from exposure.prices import MOST_BYTES, read_bank_file

    try:
        with urlopen(Request(url, headers={"User-Agent": "Mozilla/5.0"}), timeout=timeout) as answer:
            return read_bank_file(answer.read(MOST_BYTES + 1)), None
    except HTTPError as error:  # an answer, though by its bases an OSError too
        return {}, RATE_LIMITED if error.code == 429 else Issue.of("warning", "feed.status", status=error.code)
    except OSError:  # a connection cut off before any answer among them, which http.client makes one of its own too
        return {}, OFFLINE
    except (InputError, HTTPException):
        return {}, MALFORMED


@contextmanager
def _yfinance() -> Iterator[Any]:
    """Give yfinance, made to raise what it would hide, with its caches in a folder of the application's own."""
    import yfinance as yf

    folder = Path(tempfile.gettempdir()) / "exposure-yfinance"
    folder.mkdir(exist_ok=True)
    yf.set_tz_cache_location(str(folder))
    yf.data.YfData.cache_get.cache_clear()
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
