"""How wrong a prediction may be: its errors on earlier days, given the same names, by what was known before each.

Split-conformal (Lei et al., 2018): the last 125 sessions are predicted in five blocks, each by the covariance of the
sessions before it, from the moves that the given names made then. A band is the 90 % quantile of these errors, each
over its own scale, times today's. The scale is the conditional deviation of a multivariate t,
`sd·√((ν + d²)/(ν + k))` for k given moves at a distance d: on days far out all names scatter more. ν was chosen on days
before July 2024.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf, sqrt

import numpy as np

from exposure.chain.scheme import top
from exposure.market import Market
from exposure.scenarios.prediction import Covariance, Floats, daily_returns, estimate

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


def learn(market: Market, as_of: object, references: Sequence[str]) -> Learnt:
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
        others, deviation, told = _others(before, expected, side.deviation)
        alone.append((np.abs(y - others) / (scale * deviation))[:, free & told])
    today = _Conditional(known, keys)
    factor = float(today.scale(np.array([list(given.values())]))[0])
    days = sum(len(x) for _, x, _ in learnt.past.blocks)
    wide = {s: d * factor for s, d in zip(known.stocks, today.deviation.tolist(), strict=True)}
    by_name = _quantile(own, days)
    halves = {s: by_name * d for s, d in wide.items()}
    by_segment = _quantile(alone, days)
    for segment in dict.fromkeys((*known.segments, *map(top, known.segments))):
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
    inside = [n for n, s in enumerate(known.segments) if segment in (s, top(s))]
    out: Floats = known.weights[:, inside].sum(axis=1)
    return out


def _others(known: Covariance, expected: Floats, deviation: Floats) -> tuple[Floats, Floats, Floats]:
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
