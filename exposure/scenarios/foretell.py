"""A prediction's file and prices → the Scenario that says what every name does, and how unusual the given moves are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import expm1, fsum, inf, log1p
from typing import Any

import numpy as np

from exposure.chain.issuers import table
from exposure.errors import ScenarioError
from exposure.market import Market
from exposure.scenarios.canonical import scenario_hash
from exposure.scenarios.doubtful import doubtful
from exposure.scenarios.prediction import HISTORY, REFERENCES, Covariance
from exposure.scenarios.prediction_errors import Learnt, book_half, half_widths, learn
from exposure.types import Book, Doubt, Issue, Scenario


def foretell(scenario: Scenario, market: Market, known: Learnt | None = None) -> Scenario:
    """Complete a prediction with the moves that follow from those given, by closes up to `as_of` alone.

    `known` is what was learnt before from that market, up to that day, under those `references`.

    Raises
    ------
    MissingPrice : a given name, or a reference fund, without enough prices up to then.
    ScenarioError : a scenario of another kind.
    """
    found, given = known or _learnt(scenario, market), given_logs(scenario)
    seen = found.covariance.predict(given)
    moves = {key: expm1(move) for key, move in {**seen.segments, **seen.names}.items()}
    what = (
        f"given moves at a distance of {seen.distance:.1f} daily standard deviations: "
        f"once in {seen.days:,.0f} sessions, were returns normal"
    )
    whole = replace(
        scenario,
        foretold=moves,
        errors=half_widths(found, given),
        distance=seen.distance,
        days=seen.days,
        issues=(*scenario.issues, Issue("notice", what, remedy="real tails are far fatter: read it as an order")),
        doubts=_doubts(scenario, market, found.covariance),
    )
    return replace(whole, hash=scenario_hash(whole))


def _doubts(scenario: Scenario, market: Market, known: Covariance) -> Mapping[str, tuple[Doubt, ...]] | None:
    """Give the doubts about the series that a covariance was learnt from, over the sessions that it looks at."""
    assert scenario.as_of is not None
    dates = market.series[known.references[0]].dates
    sessions = dates[dates <= np.datetime64(scenario.as_of, "D")][-(HISTORY + 1) :]
    start = sessions[0].item()
    used = (s for s in (*known.references, *known.stocks) if s in market.series)
    return doubtful(market, ((symbol, start, scenario.as_of) for symbol in used))


def given_logs(scenario: Scenario) -> dict[str, float]:
    """Give the log moves that a prediction starts from, by symbol of New York or segment."""
    return {_symbol(t): log1p(m) for t, m in scenario.tickers.items()} | {
        s: log1p(m) for s, m in scenario.given.items()
    }


def worst_loss(scenario: Scenario, market: Market, book: Book, known: Learnt | None = None) -> float:
    """Give the worst return of a book over all days that are as plausible as the given moves, as a share of capital.

    Lines without prices of their own stand for their sub-segments; what nothing stands for is left out.
    """
    found = (known or _learnt(scenario, market)).covariance
    return found.worst(_exposures(book, found.places)[0], scenario.distance or 0.0)


def _exposures(book: Book, places: Mapping[str, int]) -> tuple[dict[str, float], float]:
    """Give the share of capital in each item, and the gross share of what has no price of its own among them."""
    shares: dict[str, list[float]] = {}
    alone = []
    for line in book.lines:
        if line.holding.kind not in ("equity", "fund"):
            continue
        own = next((s for s in (line.listing, *line.siblings) if s in places), None)
        value = (line.market_value or 0.0) / book.capital
        if own is None and line.factor is not None:
            own = line.underlying if line.underlying in places else None
            value = (line.effective_value or 0.0) / book.capital
        for key, weight in [(own, 1.0)] if own else [(p.segment, p.weight) for p in line.assignment.parts]:
            shares.setdefault(key, []).append(weight * value)
        if own is None:
            alone.append(abs(value))
    return {key: fsum(parts) for key, parts in shares.items()}, fsum(alone)


def plausibility(scenario: Scenario, market: Market, book: Book, known: Learnt | None = None) -> dict[str, Any]:
    """Say how unusual the given moves are, what the worst day as unusual would cost this book, and its 90 % band.

    `half` is half the width of the band of the book's return, a share of capital; `unknown` is the gross share of lines
    without prices of their own, whose own part of the error is not in it.
    """
    found = known or _learnt(scenario, market)
    exposures, alone = _exposures(book, found.covariance.places)
    half = book_half(found, given_logs(scenario), exposures)
    return {
        "distance": scenario.distance,
        "days": scenario.days,
        "worst_return": worst_loss(scenario, market, book, found),
        "half": half if half < inf else None,
        "unknown": alone,
    }


def _learnt(scenario: Scenario, market: Market) -> Learnt:
    if scenario.kind != "predictive" or scenario.as_of is None:
        raise ScenarioError(
            f"scenario {scenario.id} is of kind {scenario.kind}", remedy="only a prediction is foretold"
        )
    return learn(market, scenario.as_of, references(scenario))


def references(scenario: Scenario) -> tuple[str, ...]:
    """List the funds that the covariance of a prediction rests on: the usual ones and whatever other is given."""
    funds = [s for s in map(_symbol, scenario.tickers) if (e := table().of(s)) is None or e.fund]
    return tuple(dict.fromkeys((*REFERENCES, *funds)))


def _symbol(ticker: str) -> str:
    """Give the line of New York that a ticker names: its own symbol, else another line of the issuer."""
    symbol = ticker.strip().upper()
    entry = table().of(symbol) or table().of(symbol.replace(".", "-"))
    if entry is None or entry.fund:
        return symbol
    return next((s for s in (symbol, *entry.symbols) if "." not in s), symbol)
