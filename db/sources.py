"""Where prices come from: what a source has to do, and how any of them is asked, a ticker by itself.

A source is one module: it tells the prices of one ticker, or why there are none. Asking several at once, again where
the reason may pass, and no further where nobody answers is the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from threading import Event
from typing import TYPE_CHECKING, Protocol

from db.repositories import Action, PriceRow
from exposure.types import Issue

if TYPE_CHECKING:
    from exposure.prices import Market

OFFLINE = Issue.of("warning", "feed.offline")
RATE_LIMITED = Issue.of("warning", "feed.rate-limited")
NO_DATA = Issue.of("warning", "feed.no-data")
EMPTY = Issue.of("warning", "feed.empty")
MALFORMED = Issue.of("warning", "feed.malformed")
STOPPED = Issue.of("notice", "feed.stopped")

AT_ONCE = 4
"""Tickers asked for at the same time: more are refused sooner."""
ATTEMPTS = {RATE_LIMITED: 4, MALFORMED: 3, OFFLINE: 2}
"""How often a ticker is asked for; what is not named here is the source's last word."""
BACKOFF = 1.0
"""Seconds up to which the first wait is drawn; the bound doubles with each attempt, and chance keeps them apart."""
LONGEST = 30
GIVE_UP_AFTER = 8
"""Tickers that fail as offline before the first answer: then nobody is there, and the rest is not tried."""
REFUSED = 3
"""Tickers in a row that are refused to the last attempt: then the rest is not tried, since asking on prolongs it."""


def renamed(source: str, symbol: str) -> Issue:
    """Say that a source answers under another symbol; its prices are not taken for those that were asked for."""
    return Issue.of("warning", "feed.renamed", source=source, symbol=symbol)


@dataclass(slots=True)
class Answer:
    """What a source has of one ticker: its rows, splits and dividends, or why there are none."""

    rows: list[PriceRow] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    reason: Issue | None = None


AskOne = Callable[[str, date, date | None], Answer]
"""Asks for one symbol from a first session to a last one, included; without a last one up to what has closed."""


class PriceSource(Protocol):
    """Something that has daily prices by symbol."""

    @property
    def name(self) -> str:
        """What its prices are stored as coming from."""

    @property
    def title(self) -> str:
        """What people call it."""

    def opened(self) -> AbstractContextManager[AskOne]:
        """Make it ready to be asked, by several threads at once, for as long as the block lasts."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The prices that came and, ticker by ticker, why others did not."""

    market: Market
    failed: tuple[tuple[str, Issue], ...]
    actions: tuple[Action, ...] = ()
    """Splits and dividends of the days asked for."""
    stopped: Issue | None = None
    """Why it ended early: it was cancelled, or nobody answers; what had not come by then need not be asked for."""


def ask(
    source: PriceSource,
    symbols: Iterable[str],
    start: date | Mapping[str, date],
    end: date | None = None,
    *,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Fetched:
    """Ask for daily prices, and again where the answer was refused, late or torn.

    Parameters
    ----------
    symbols : iterable of str
        The source's own.
    start, end : date
        First session, of all or by symbol, and the last one included; without `end` up to the last that has closed.
    progress : callable, optional
        Called after each ticker with how many are done, of how many, and which.
    cancelled : callable, optional
        Asked several times a second; once it says yes, nothing more is asked for and what came is handed back.
    """
    wanted = list(dict.fromkeys(symbol.strip() for symbol in symbols if symbol.strip()))
    answers: dict[str, Answer] = {}
    halt, refused, stopped = Event(), 0, False
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="feed")
    with source.opened() as ask_one:

        def submit(symbol: str) -> Future[Answer]:
            first = start if isinstance(start, date) else start[symbol]
            return pool.submit(_patiently, lambda: ask_one(symbol, first, end), halt)

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
                    reason = OFFLINE if nobody else RATE_LIMITED
                    answers |= {symbol: Answer(reason=reason) for symbol in waiting.values()}
                    break
        finally:
            halt.set()
            pool.shutdown(wait=False, cancel_futures=True)
    return _together(source, {symbol: answers[symbol] for symbol in wanted if symbol in answers}, stopped)


def _together(source: PriceSource, answers: Mapping[str, Answer], cancelled: bool) -> Fetched:
    from exposure.prices import from_rows

    splits = [(a.ticker, a.date, a.value) for answer in answers.values() for a in answer.actions if a.kind == "split"]
    rows = [row for answer in answers.values() for row in answer.rows]
    market = from_rows(rows, source=source.name, splits=splits)
    reasons = {
        symbol: answer.reason or EMPTY
        for symbol, answer in answers.items()
        if answer.reason is not None or symbol not in market.series
    }
    actions = tuple(action for symbol, answer in answers.items() if symbol not in reasons for action in answer.actions)
    stopped = STOPPED if cancelled else None if market.rows else _unanswered(source, set(reasons.values()))
    return Fetched(market, tuple(reasons.items()), actions, stopped)


def _unanswered(source: PriceSource, reasons: set[Issue]) -> Issue | None:
    """Say why others need not be asked for either; None where somebody answered."""
    if not reasons or not reasons <= {OFFLINE, RATE_LIMITED}:
        return None
    return Issue.of("warning", "feed.refused" if RATE_LIMITED in reasons else "feed.unreachable", source=source.title)


def _patiently(ask_one: Callable[[], Answer], halt: Event) -> Answer:
    """Ask again, after a wait that grows, where the reason for failing may pass; a halt ends the wait at once."""
    from tenacity import RetryCallState, Retrying, wait_random_exponential
    from tenacity.nap import sleep_using_event

    def settled(state: RetryCallState) -> bool:
        reason = last(state).reason
        return halt.is_set() or reason is None or state.attempt_number >= ATTEMPTS.get(reason, 1)

    def last(state: RetryCallState) -> Answer:
        assert state.outcome is not None
        answer: Answer = state.outcome.result()
        return answer

    return Retrying(
        retry=lambda state: last(state).reason in ATTEMPTS,
        stop=settled,
        wait=wait_random_exponential(multiplier=BACKOFF, max=LONGEST),
        sleep=sleep_using_event(halt),
        retry_error_callback=last,
    )(ask_one)
