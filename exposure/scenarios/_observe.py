"""A replay between two dates and daily prices → the Scenario with each exchange's window and each line's own move.

The library's replays carry their moves in a file; any other is made here from prices. An exchange takes the pair that
the file gives it, else the file's two dates by its rule (`reaction`), and in both only days on which it was open: a
market that is shut has not moved, so its last close stands, and one that was shut throughout was not observed at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from exposure.chain import CURRENCY_OF
from exposure.errors import MissingPrice, ScenarioError
from exposure.prices import NEW_YORK, QUIET_DAYS, Rates, span, suffix
from exposure.scenarios._doubtful import doubtful
from exposure.types import Issue, Observed, Prediction, Replay, Scenario, Window
from exposure.units import currency_of

if TYPE_CHECKING:
    from exposure.prices import Market, PriceSeries

Pair = tuple[date, date]


def complete(scenario: Scenario, market: Market) -> Scenario:
    """Give a scenario that can be applied: one that waits for prices gets them, any other stays as it is.

    Raises
    ------
    MissingPrice : the prices do not reach the days that the scenario needs.
    """
    if not scenario.needs_prices:
        return scenario
    if isinstance(scenario, Prediction):
        from exposure.scenarios._predict import predict

        return predict(scenario, market)
    return observe(scenario, market)


def observe(scenario: Scenario, market: Market) -> Replay:
    """Complete a replay between two dates with what each listing did, close to close over its exchange's window.

    Parameters
    ----------
    scenario : a replay that waits for prices: `start` and `end`, `windows` of exchanges that differ, `reaction`,
        `horizon` (1: to the end of the window; 3, 5, 20: sessions from its start, on the exchange's own calendar).
    market : daily prices; returns come from `adj_close` where there is one, rates as `exposure.prices.rates`
        chooses them: the European Central Bank's, else pairs such as `TWDUSD=X`.

    Raises
    ------
    ScenarioError : New York had no session between the two dates.
    MissingPrice : no listing has a price at both ends of its window.
    """
    if not isinstance(scenario, Replay) or scenario.start is None or scenario.end is None:
        raise ScenarioError("replay.not-between-days", id=scenario.id)
    series = {s: each for s, each in market.series.items() if listed(s)}
    pairs = exchange_windows(scenario, {suffix(s) for s in series} | set(scenario.windows))
    main = pairs[NEW_YORK]
    if main is None:
        raise ScenarioError("replay.no-session", start=str(scenario.start), end=str(scenario.end))
    observed = {s: seen for s, each in series.items() if (seen := _move(each, pairs.get(suffix(s), main))) is not None}
    if not observed:
        raise MissingPrice("replay.no-prices", start=str(main[0]), end=str(main[1]))
    rates = Rates.of(market)
    windows = {x: Window(*pair, _moves(scenario, rates, pair)) for x, pair in pairs.items() if pair is not None}
    return scenario.replace(
        start=main[0],
        end=main[1],
        observed=observed,
        windows=windows,
        fx=windows[NEW_YORK].fx,
        fx_known=None if scenario.local_only else _known(windows),
        issues=(
            *scenario.issues,
            *_issues(scenario, pairs, series, observed),
            *_held_back(market, pairs),
            *_old(scenario, rates, observed),
        ),
        doubts=doubtful(market, ((s, seen.start, seen.end) for s, seen in observed.items())),
    )


def listed(symbol: str) -> bool:
    """Tell whether a symbol is a listing: no pair of currencies, no index."""
    return not symbol.endswith("=X") and not symbol.startswith("^")


def exchange_windows(scenario: Replay, exchanges: set[str]) -> dict[str, Pair | None]:
    """Resolve the window of New York and of some other exchanges; None where one was shut throughout."""
    assert scenario.start is not None and scenario.end is not None
    given = scenario.windows
    return {
        exchange: (
            span(exchange, given[exchange].start, given[exchange].end, "common", scenario.horizon)
            if exchange in given
            else span(exchange, scenario.start, scenario.end, scenario.reaction, scenario.horizon)
        )
        for exchange in sorted({NEW_YORK, *exchanges})
    }


def _move(series: PriceSeries, pair: Pair | None) -> Observed | None:
    """Give the move of a listing over its window; None where a price is missing at either end, or its unit."""
    import numpy as np

    currency = currency_of(series.currency or CURRENCY_OF.get(suffix(series.ticker)) or "")
    if pair is None or not currency:
        return None
    at = np.searchsorted(series.dates, np.array(pair, "datetime64[D]"))
    if at[1] >= len(series.dates) or any(series.dates[i].item() != day for i, day in zip(at, pair, strict=True)):
        return None
    first, last = (float(series.returns_price[i]) for i in at)
    move = last / first - 1 if first > 0 and last >= 0 else float("nan")
    return Observed(series.ticker, currency, *pair, move) if move == move else None


def _issues(
    scenario: Replay,
    pairs: Mapping[str, Pair | None],
    series: Mapping[str, Any],
    observed: Mapping[str, Observed],
) -> list[Issue]:
    """Say which days were moved, which exchanges were shut, and how many listings have no move."""
    main, found = pairs[NEW_YORK], []
    if main is not None and scenario.horizon == 1 and main != (scenario.start, scenario.end):
        found.append(Issue.of("notice", "replay.days-moved", start=str(main[0]), end=str(main[1])))
    shut = sorted(x for x, pair in pairs.items() if pair is None)
    if shut:
        found.append(Issue.of("notice", "replay.exchanges-shut", exchanges=", ".join(shut)))
    absent = sorted(s for s in series if s not in observed and pairs.get(suffix(s), main) is not None)
    if absent:
        code = "replay.listings-unpriced" + ("-among-others" if len(absent) > 8 else "")
        names = ", ".join(absent[:8])
        found.append(Issue.of("notice", code, absent=len(absent), of=len(series), names=names))
    return found


def _held_back(market: Market, pairs: Mapping[str, Pair | None]) -> list[Issue]:
    """Name the listings whose price at an end of their window was given and could not be used."""
    missed = []
    for symbol, notes in sorted(market.notes.items()):
        pair = pairs.get(suffix(symbol), pairs[NEW_YORK]) if listed(symbol) else None
        missed += [f"{symbol} {day}" for day in notes.held_back if pair and day in pair]
    if not missed:
        return []
    code = "replay.prices-held-back" + ("-and-more" if len(missed) > 8 else "")
    return [Issue.of("warning", code, prices=", ".join(missed[:8]), more=len(missed) - 8)]


def _moves(scenario: Replay, rates: Rates, pair: Pair) -> dict[str, float]:
    """Give the moves of currencies against the dollar over a window: the file's own, else by the rates at hand."""
    if scenario.local_only:
        return {}
    known = set(rates.currencies(pair[0])) & set(rates.currencies(pair[1])) - {"USD"}
    return {**{currency: rates.move(currency, *pair) for currency in sorted(known)}, **scenario.fx}


def _known(windows: Mapping[str, Window]) -> frozenset[str]:
    """Give the currencies that have a move over every window."""
    return frozenset.intersection(*(frozenset(w.fx) for w in windows.values())) | {"USD"}


def _old(scenario: Replay, rates: Rates, observed: Mapping[str, Observed]) -> list[Issue]:
    """Say where an old rate stands for the day of a window's end, of the currencies that the listings trade in."""
    if scenario.local_only:
        return []
    ends = {(seen.currency, day) for seen in observed.values() for day in (seen.start, seen.end)}
    old: dict[tuple[str, date], list[date]] = {}
    for currency, day in sorted(ends):
        if currency not in (*scenario.fx, "USD") and rates.known(currency, "USD", day):
            on = rates.find(currency, "USD", day).on
            if (day - on).days > QUIET_DAYS:
                old.setdefault((currency, on), []).append(day)
    return [
        Issue.of(
            "warning",
            "replay.rate-old",
            currency=currency,
            day=str(days[-1]),
            on=str(on),
            days=(days[-1] - on).days,
        )
        for (currency, on), days in old.items()
    ]
