"""The one place that reaches out: daily prices from Yahoo through yfinance, exchange rates from the bank's own file.

Each ticker is judged by its own answer.

What yfinance answers is not to be trusted as a whole: offline it returns an empty frame without an error, and in a bulk
download a refused ticker is a column of NaN. So every ticker is asked for by itself, and why one failed is told from
its own error. Closes are those of the day in the unit of the exchange (pence stay pence), adjusted ones beside them,
splits and dividends apart.

Why a ticker brought no prices, told from what the feed's own library raised, and what to do about it.
"""

from __future__ import annotations

import logging
import re
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from db.repositories import Action, PriceRow
from exposure.errors import RENAMED, FeedError, InputError

if TYPE_CHECKING:
    from exposure.prices.bank import Published
    from exposure.prices.market import Market


OFFLINE = "offline"
RATE_LIMITED = "rate limited"
NO_DATA = "no data (delisted, renamed or unknown)"
EMPTY = "no price on these days"
MALFORMED = "the answer could not be read"


def nothing(failed: Iterable[tuple[str, str]]) -> str:
    """Say on one line why nothing came, by the tickers' reasons."""
    reasons = [reason for _, reason in failed]
    if RATE_LIMITED in reasons:
        return "Yahoo refuses more requests for now; wait some minutes and fetch again, stored prices still serve"
    if set(reasons) == {OFFLINE}:
        return "Yahoo could not be reached; check the network and fetch again, stored prices still serve"
    if MALFORMED in reasons:
        return "Yahoo answered with something that is no price data; fetch again later, stored prices still serve"
    return f"Yahoo has no prices for any of the {len(reasons)} tickers asked; check their spelling and the dates"


def reason_of(error: BaseException) -> str:
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


AT_ONCE = 4
"""Tickers asked for at the same time: more are refused sooner."""
TIMEOUT = 20
"""Seconds that one answer may take."""
ATTEMPTS = {RATE_LIMITED: 4, MALFORMED: 3, OFFLINE: 2}
"""How often a ticker is asked for; what is not named here is Yahoo's last word."""
BACKOFF = 1.0
"""Seconds up to which the first wait is drawn; the bound doubles with each attempt, and chance keeps them apart."""
LONGEST = 30
GIVE_UP_AFTER = 8
"""Tickers that fail as offline before the first answer: then nobody is there, and the rest is not tried."""
REFUSED = 3
"""Tickers in a row that are refused to the last attempt: then the rest is not tried, since asking on prolongs it."""
SOURCE = "yfinance"
BANK = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
"""Every reference rate since 1999, some 700 kilobytes: one file says what is new and what was corrected."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The prices that came and, ticker by ticker, why others did not."""

    market: Market
    failed: tuple[tuple[str, str], ...]
    actions: tuple[Action, ...] = ()
    """Splits and dividends of the days asked for."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Symbol asked for, and the one that Yahoo answered with; its prices are left out."""
    stopped: bool = False
    """Whether it was cancelled; what had not come by then is neither in `market` nor in `failed`."""

    @property
    def unanswered(self) -> str:
        """Say why the rest need not be asked either, empty where somebody answered."""
        reasons = {reason for _, reason in self.failed}
        return nothing(self.failed) if reasons and not self.market.rows and reasons <= {OFFLINE, RATE_LIMITED} else ""


@dataclass(slots=True)
class _Answer:
    rows: list[PriceRow] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    reason: str | None = None
    symbol: str | None = None
    """The symbol answered with, where it is another one."""


def fetch(symbols: Iterable[str], start: date | Mapping[str, date], end: date | None = None, **options: Any) -> Fetched:
    """Fetch the daily prices of Yahoo symbols; see `ask`, which takes the options.

    Raises
    ------
    FeedError
        Only where nothing at all came, saying why; a ticker that fails among others is in `failed`.
    """
    got = ask(symbols, start, end, **options)
    if got.failed and not got.market.rows and not got.stopped:
        raise FeedError(nothing(got.failed))
    return got


def ask(
    symbols: Iterable[str],
    start: date | Mapping[str, date],
    end: date | None = None,
    *,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    session: Any = None,
    timeout: float = TIMEOUT,
) -> Fetched:
    """Ask for the daily prices of Yahoo symbols, and again where the answer was refused, late or torn.

    Parameters
    ----------
    symbols : iterable of str
        Yahoo's, suffix included.
    start, end : date
        First session, of all or by symbol, and the last one included; without `end` up to the last that has closed.
    progress : callable, optional
        Called after each ticker with how many are done, of how many, and which.
    cancelled : callable, optional
        Asked several times a second; once it says yes, nothing more is asked for and what came is handed back.
    session : requests or curl_cffi session, optional
        Speaks to Yahoo instead of yfinance's own.
    """
    wanted = list(dict.fromkeys(symbol.strip() for symbol in symbols if symbol.strip()))
    answers: dict[str, _Answer] = {}
    halt, refused, stopped = Event(), 0, False
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="feed")
    with _yfinance() as yf:

        def submit(symbol: str) -> Future[_Answer]:
            first = start if isinstance(start, date) else start[symbol]
            return pool.submit(_patiently, lambda: _one(yf, symbol, first, end, session, timeout), halt)

        try:
            waiting = {submit(one): one for one in wanted}
            while waiting and not (stopped := cancelled()):
                for future in wait(waiting, 0.1, FIRST_COMPLETED).done:
                    symbol = waiting.pop(future)
                    answer = answers[symbol] = future.result()
                    refused = refused + 1 if answer.reason == RATE_LIMITED else 0
                    if progress is not None:
                        progress(len(answers), len(wanted), symbol)
                nobody = len(answers) >= GIVE_UP_AFTER and {each.reason for each in answers.values()} == {OFFLINE}
                if waiting and (nobody or refused >= REFUSED):
                    answers |= {
                        symbol: _Answer(reason=OFFLINE if nobody else RATE_LIMITED) for symbol in waiting.values()
                    }
                    break
        finally:
            halt.set()
            pool.shutdown(wait=False, cancel_futures=True)
    return _together([(symbol, answers[symbol]) for symbol in wanted if symbol in answers], stopped)


def _together(answers: list[tuple[str, _Answer]], stopped: bool) -> Fetched:
    from exposure.prices import from_rows

    splits = [(a.ticker, a.date, a.value) for _, answer in answers for a in answer.actions if a.kind == "split"]
    market = from_rows([row for _, answer in answers for row in answer.rows], source=SOURCE, splits=splits)
    reasons = {
        symbol: answer.reason or EMPTY
        for symbol, answer in answers
        if answer.reason is not None or symbol not in market.series
    }
    return Fetched(
        market,
        tuple(reasons.items()),
        tuple(action for symbol, answer in answers if symbol not in reasons for action in answer.actions),
        tuple((symbol, answer.symbol) for symbol, answer in answers if answer.symbol is not None),
        stopped,
    )


def _patiently(ask_one: Callable[[], _Answer], halt: Event) -> _Answer:
    """Ask again, after a wait that grows, where the reason for failing may pass; a halt ends the wait at once."""
    from tenacity import RetryCallState, Retrying, wait_random_exponential
    from tenacity.nap import sleep_using_event

    def settled(state: RetryCallState) -> bool:
        assert state.outcome is not None
        return halt.is_set() or state.attempt_number >= ATTEMPTS.get(state.outcome.result().reason, 1)

    def last(state: RetryCallState) -> _Answer:
        assert state.outcome is not None
        answer: _Answer = state.outcome.result()
        return answer

    return Retrying(
        retry=lambda state: last(state).reason in ATTEMPTS,
        stop=settled,
        wait=wait_random_exponential(multiplier=BACKOFF, max=LONGEST),
        sleep=sleep_using_event(halt),
        retry_error_callback=last,
    )(ask_one)


def _one(yf: Any, symbol: str, start: date, end: date | None, session: Any, timeout: float) -> _Answer:
    """Fetch one ticker: its rows, or why there are none."""
    last = None if end is None else end + timedelta(days=1)  # yfinance leaves the end out
    try:
        ticker = yf.Ticker(symbol, session=session)
        frame = ticker.history(start=start, end=last, auto_adjust=False, actions=True, timeout=timeout)
        if frame.empty or frame["Close"].isna().all():
            return _Answer(reason=EMPTY)
        meta = ticker.get_history_metadata()
        answered = str(meta.get("symbol") or symbol)
        if answered.upper() != symbol.upper():  # prices of another name are not taken for those that were asked for
            return _Answer(reason=RENAMED + answered, symbol=answered)
        closed = frame[[moment.date() != _open_session(meta) for moment in frame.index]]
        return _Answer(_rows(symbol, closed, meta.get("currency")), list(_actions(symbol, closed)))
    except (
        Exception
    ) as error:  # whatever a stranger's answer sets off inside yfinance: one ticker's fault, told as such
        yf.data.YfData.cache_get.cache_clear()  # an answer that was no data must not be remembered as one
        return _Answer(reason=reason_of(error))


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


def ask_bank(url: str | None = None, *, timeout: float = TIMEOUT) -> tuple[Published, str]:
    """Ask the European Central Bank for its file of exchange rates, and again where nobody answered.

    Returns
    -------
    tuple
        The rates, and why there are none: empty where they came.
    """
    from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_random_exponential

    again = Retrying(
        retry=retry_if_result(lambda got: got[1] in ATTEMPTS),
        stop=stop_after_attempt(ATTEMPTS[OFFLINE]),
        wait=wait_random_exponential(multiplier=BACKOFF, max=LONGEST),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else ({}, OFFLINE),
    )
    return again(_bank_file, url or BANK, timeout)


def _bank_file(url: str, timeout: float) -> tuple[Published, str]:
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    from exposure.prices.bank import LIMIT, read_bank_file

    try:
        with urlopen(Request(url, headers={"User-Agent": "Mozilla/5.0"}), timeout=timeout) as answer:
            return read_bank_file(answer.read(LIMIT + 1)), ""
    except HTTPError as error:  # an answer, though by its bases an OSError too
        return {}, RATE_LIMITED if error.code == 429 else f"answered with HTTP status {error.code}"
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


__all__ = ["EMPTY", "MALFORMED", "NO_DATA", "OFFLINE", "RATE_LIMITED", "RENAMED", "Fetched", "ask", "ask_bank", "fetch"]
