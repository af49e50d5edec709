"""A prediction's file and prices → the Scenario that says what every name does, and how unusual the given moves are.

How wrong a prediction may be: its errors on earlier days, given the same names, by what was known before each.

Split-conformal (Lei et al., 2018): the last 125 sessions are predicted in five blocks, each by the covariance of the
sessions before it, from the moves that the given names made then. A band is the 90 % quantile of these errors, each
over its own scale, times today's. The scale is the conditional deviation of a multivariate t,
`sd·√((ν + d²)/(ν + k))` for k given moves at a distance d: on days far out all names scatter more. ν was chosen on days
before July 2024.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, expm1, fsum, inf, log1p, sqrt
from typing import Any

import numpy as np

from exposure.chain import issuer_table, top_segment
from exposure.errors import ScenarioError
from exposure.prices import Market
from exposure.scenarios._covariance import HISTORY, REFERENCE_SERIES, Covariance, Floats, daily_returns, estimate
from exposure.scenarios._doubtful import doubtful
from exposure.types import Book, Doubt, Issue, Prediction, Scenario

LEVEL = 0.9
BLOCKS, SESSIONS = 5, 25
"""Blocks of earlier days, and sessions in each."""
FREEDOM = 5.0
"""Degrees of freedom of the t that the scale is of."""
HALF = 0.5
"""Share of a stock in its main sub-segment from which its errors tell those of a name known by that alone."""


@dataclass(frozen=True, eq=False)
class Past:
    """Blocks of earlier days: the covariance known before them, and what references and stocks then did."""

    blocks: tuple[tuple[Covariance, Floats, Floats], ...]


@dataclass(frozen=True, eq=False)
class Learnt:
    """What is learnt from prices up to a day: the covariance that predicts, and the past that tells its errors."""

    covariance: Covariance
    past: Past


def learn_covariance(market: Market, as_of: object, references: Sequence[str]) -> Learnt:
    """Estimate from closes up to a day, not one later, what predicts the next and how wrong that may be.

    Raises
    ------
    MissingPrice : as `covariance`.
    """
    x, y, stocks = daily_returns(market, as_of, references)  # type: ignore[arg-type]
    names = tuple(references)
    blocks = []
    for start in range(len(x) - BLOCKS * SESSIONS, len(x), SESSIONS):
        known = estimate(x[:start], y[:start], names, stocks)
        blocks.append((known, x[start : start + SESSIONS], y[start : start + SESSIONS]))
    return Learnt(estimate(x, y, names, stocks), Past(tuple(blocks)))


def half_widths(learnt: Learnt, given: Mapping[str, float]) -> dict[str, float]:
    """Give half the 90 % band of what each stock and segment is expected to do, in log moves.

    Parameters
    ----------
    given : item (symbol or segment id) → log move, as `Covariance.predict` takes them.

    Returns
    -------
    For a stock its own; for a segment that of a name known by its segment alone, from what the stocks of each
    sub-segment did against the others' mean. Items that are given, or whose error nothing tells, are left out.
    """
    keys, known = list(given), learnt.covariance
    own, alone = [], []
    for before, x, y in learnt.past.blocks:
        moves = _moves(before, x, y, keys)
        side = _Conditional(before, keys)
        scale = side.scale(moves)[:, None]
        expected = moves @ side.betas.T
        free = np.array([s not in given for s in before.stocks])
        own.append((np.abs(y - expected) / (scale * side.deviation))[:, free])
        others, deviation, told = told_by_others(before, expected, side.deviation)
        alone.append((np.abs(y - others) / (scale * deviation))[:, free & told])
    today = _Conditional(known, keys)
    factor = float(today.scale(np.array([list(given.values())]))[0])
    days = sum(len(x) for _, x, _ in learnt.past.blocks)
    wide = {s: d * factor for s, d in zip(known.stocks, today.deviation.tolist(), strict=True)}
    by_name = _quantile(own, days)
    halves = {s: by_name * d for s, d in wide.items()}
    by_segment = _quantile(alone, days)
    for segment in dict.fromkeys((*known.segments, *map(top_segment, known.segments))):
        shares = _shares(known, segment)
        halves[segment] = by_segment * factor * float(shares @ today.deviation) / float(shares.sum())
    return {key: half for key, half in halves.items() if key not in given and half < inf}


def book_half(learnt: Learnt, given: Mapping[str, float], exposures: Mapping[str, float]) -> float:
    """Give half the 90 % band of a book's return, from what the same book would have missed on the earlier days.

    Parameters
    ----------
    exposures : item → share of capital; what is no item of the covariance is left out.
    """
    keys = list(given)
    held = [key for key in exposures if key in learnt.covariance.places]
    weights = np.array([exposures[key] for key in held])
    scores = []
    for before, x, y in learnt.past.blocks:
        moves = _moves(before, x, y, keys)
        side = _Conditional(before, keys)
        expected = moves @ (before.between(held, keys) @ side.inverse).T
        gap = (np.expm1(_moves(before, x, y, held)) - np.expm1(expected)) @ weights
        spread = side.deviation_of(held, weights)
        scores.append(np.abs(gap) / (side.scale(moves) * max(spread, 1e-12)))
    today = _Conditional(learnt.covariance, keys)
    factor = float(today.scale(np.array([list(given.values())]))[0])
    days = sum(len(x) for _, x, _ in learnt.past.blocks)
    return _quantile(scores, days) * factor * today.deviation_of(held, weights)


class _Conditional:
    """What a covariance says once some items are given."""

    def __init__(self, known: Covariance, keys: Sequence[str]) -> None:
        self.known, self.keys = known, keys
        inverse = np.linalg.pinv(known.between(keys, keys), rcond=1e-12, hermitian=True)
        self.inverse = np.asarray(inverse, dtype=np.float64)
        with_given: Floats = known.between(known.stocks, keys)
        self.betas: Floats = with_given @ self.inverse
        told: Floats = (self.betas * with_given).sum(axis=1)
        variances = known.variances(known.stocks) - told
        self.deviation: Floats = np.sqrt(np.maximum(variances, 1e-12))

    def scale(self, moves: Floats) -> Floats:
        """Give the factor of the scatter of each day, from the moves (day, given item) made then."""
        squares = np.maximum(np.einsum("ti,ij,tj->t", moves, self.inverse, moves), 0.0)
        out: Floats = np.sqrt((FREEDOM + squares) / (FREEDOM + len(self.keys)))
        return out

    def deviation_of(self, held: Sequence[str], weights: Floats) -> float:
        """Give the conditional deviation of a weighted sum of items."""
        with_given = weights @ self.known.between(held, self.keys)
        variance = weights @ self.known.between(held, held) @ weights - with_given @ self.inverse @ with_given
        return sqrt(max(float(variance), 0.0))


def _moves(known: Covariance, x: Floats, y: Floats, keys: Sequence[str]) -> Floats:
    """Give what items did on some days, (day, item): a segment did the mean of its stocks, by their weights in it."""
    columns = []
    for key in keys:
        if key in known.references:
            columns.append(x[:, known.references.index(key)])
        elif key in known.stocks:
            columns.append(y[:, known.stocks.index(key)])
        else:
            shares = _shares(known, key)
            columns.append(y @ shares / shares.sum())
    return np.column_stack(columns)


def _shares(known: Covariance, segment: str) -> Floats:
    """Give the weight of each stock in a segment or sub-segment."""
    inside = [n for n, s in enumerate(known.segments) if segment in (s, top_segment(s))]
    out: Floats = known.weights[:, inside].sum(axis=1)
    return out


def told_by_others(known: Covariance, expected: Floats, deviation: Floats) -> tuple[Floats, Floats, Floats]:
    """Tell each stock by the other stocks of its main sub-segment: expected moves, deviation, whether there are any.

    A stock less than half in one sub-segment, or alone in it, is not told.
    """
    main = known.weights.argmax(axis=1)
    own = known.weights[np.arange(len(main)), main]
    left = known.weights.sum(axis=0)[main] - own
    told = (own >= HALF) & (left >= HALF)
    share = np.where(told, left, 1.0)
    mean = ((expected @ known.weights)[:, main] - expected * own) / share
    spread = ((deviation @ known.weights)[main] - deviation * own) / share
    return mean, np.where(told, spread, 1.0), told


def _quantile(scores: Sequence[Floats], days: int) -> float:
    """Give the conformal quantile of the scores of some days; the errors of one day are alike, so days are counted."""
    flat = np.sort(np.concatenate([s.ravel() for s in scores]))
    rank = ceil(len(flat) * LEVEL * (days + 1) / days - 1e-9)
    return float(flat[rank - 1]) if len(flat) and rank <= len(flat) else inf


def predict(scenario: Scenario, market: Market, known: Learnt | None = None) -> Prediction:
    """Complete a prediction with the moves that follow from those given, by closes up to `as_of` alone.

    `known` is what was learnt before from that market, up to that day, under those `references`.

    Raises
    ------
    MissingPrice : a given name, or a reference fund, without enough prices up to then.
    ScenarioError : a scenario of another kind.
    """
    if not isinstance(scenario, Prediction):
        raise ScenarioError("prediction.other-kind", id=scenario.id, kind=scenario.kind)
    found, given = known or _learnt(scenario, market), given_logs(scenario)
    seen = found.covariance.predict(given)
    moves = {key: expm1(move) for key, move in {**seen.segments, **seen.names}.items()}
    rarity = Issue.of("notice", "prediction.rarity", distance=seen.distance, sessions=seen.days)
    return scenario.replace(
        predicted=moves,
        errors=half_widths(found, given),
        distance=seen.distance,
        days=seen.days,
        issues=(*scenario.issues, rarity),
        doubts=_doubts(scenario, market, found.covariance),
    )


def _doubts(scenario: Prediction, market: Market, known: Covariance) -> Mapping[str, tuple[Doubt, ...]] | None:
    """Give the doubts about the series that a covariance was learnt from, over the sessions that it looks at."""
    dates = market.series[known.references[0]].dates
    sessions = dates[dates <= np.datetime64(scenario.as_of, "D")][-(HISTORY + 1) :]
    start = sessions[0].item()
    used = (s for s in (*known.references, *known.stocks) if s in market.series)
    return doubtful(market, ((symbol, start, scenario.as_of) for symbol in used))


def given_logs(scenario: Prediction) -> dict[str, float]:
    """Give the log moves that a prediction starts from, by symbol of New York or segment."""
    return {_symbol(t): log1p(m) for t, m in scenario.tickers.items()} | {
        s: log1p(m) for s, m in scenario.given.items()
    }


def worst_loss(scenario: Prediction, market: Market, book: Book, known: Learnt | None = None) -> float:
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


def plausibility(scenario: Prediction, market: Market, book: Book, known: Learnt | None = None) -> dict[str, Any]:
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


def _learnt(scenario: Prediction, market: Market) -> Learnt:
    return learn_covariance(market, scenario.as_of, references(scenario))


def references(scenario: Prediction) -> tuple[str, ...]:
    """List the funds that the covariance of a prediction rests on: the usual ones and whatever other is given."""
    funds = [s for s in map(_symbol, scenario.tickers) if (e := issuer_table().of(s)) is None or e.fund]
    return tuple(dict.fromkeys((*REFERENCE_SERIES, *funds)))


def _symbol(ticker: str) -> str:
    """Give the line of New York that a ticker names: its own symbol, else another line of the issuer."""
    symbol = ticker.strip().upper()
    entry = issuer_table().of(symbol) or issuer_table().of(symbol.replace(".", "-"))
    if entry is None or entry.fund:
        return symbol
    return next((s for s in (symbol, *entry.symbols) if "." not in s), symbol)
