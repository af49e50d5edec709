"""What the rest does when some names move: conditional expectation under a factor covariance of daily returns.

A stock's daily log return is `β_i·g + Σ_k w_ik u_k + e_i`: g the returns of the reference funds, u what the stocks of a
sub-segment share beyond these, e its own. Everything is estimated from closes up to `as_of`, recent days counting more.
Betas are drawn to those of the sub-segment, these to the segment's and the chain's, as by `PRIOR_DAYS` further days on
which every name did as its sub-segment; the covariance of u is shrunk by scikit-learn (Ledoit and Wolf, 2004).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure.chain import Issuer, issuer_table, split_symbol, top_segment
from exposure.errors import MissingPrice
from exposure.prices import Market

Floats = NDArray[np.float64]

REFERENCE_SERIES = ("SPY", "SMH", "IGV")
"""The market, chip makers and software: what a day is usually known by first."""
HISTORY, SESSIONS_NEEDED = 500, 250
"""Sessions looked at, and sessions without a gap that a name needs to be part of it."""
HALF_LIFE = 90.0
"""Sessions after which a day counts half."""
PRIOR_DAYS = 30.0
SEGMENT_PRIOR = 3.0
"""Names that a segment counts for in the betas of its sub-segments, and the chain in those of its segments."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What follows from the moves given: log moves of stocks and segments, and how unusual the given moves are."""

    names: Mapping[str, float]
    segments: Mapping[str, float]
    distance: float
    """Mahalanobis distance of the given moves from none, in daily standard deviations."""
    days: float
    """Sessions between days at least as unusual, were returns normal: real tails are far fatter."""


@dataclass(frozen=True, eq=False)
class Covariance:
    """Covariance of daily log returns in factors; every item (reference, stock, segment) is a row of loadings."""

    references: tuple[str, ...]
    stocks: tuple[str, ...]
    segments: tuple[str, ...]
    betas: Floats
    """(stock, reference)"""
    weights: Floats
    """(stock, segment): sub-segments only, rows add up to 1."""
    reference: Floats
    common: Floats
    """(segment, segment): covariance of what the stocks of a sub-segment share beyond the references."""
    own: Floats
    """(stock): variance of what is its own."""

    @cached_property
    def places(self) -> dict[str, int]:
        """Give the row of each item in `loadings`; segments of the first level come last."""
        tops = sorted({top_segment(s) for s in self.segments} - set(self.segments))
        return {key: n for n, key in enumerate((*self.references, *self.stocks, *self.segments, *tops))}

    @cached_property
    def loadings(self) -> Floats:
        """Rows: items; columns: references, shared parts of sub-segments, own parts of stocks."""
        n, k, r = len(self.stocks), len(self.segments), len(self.references)
        stocks = np.hstack([self.betas, self.weights, np.eye(n)])
        shares = [self.weights[:, [j]] for j in range(k)]
        tops = [s for s in self.places if s not in (*self.references, *self.stocks, *self.segments)]
        shares += [sum(self.weights[:, [j]] for j in range(k) if top_segment(self.segments[j]) == t) for t in tops]  # type: ignore[misc]
        means = np.hstack([s / max(float(s.sum()), 1e-12) for s in shares]).T @ stocks
        return np.vstack([np.hstack([np.eye(r), np.zeros((r, k + n))]), stocks, means])

    def between(self, rows: Sequence[str], columns: Sequence[str]) -> Floats:
        """Give the covariances of items, daily log returns."""
        left, right = (self.loadings[[self.places[key] for key in keys]] for keys in (rows, columns))
        r, k = len(self.references), len(self.segments)
        return (
            left[:, :r] @ self.reference @ right[:, :r].T
            + left[:, r : r + k] @ self.common @ right[:, r : r + k].T
            + (left[:, r + k :] * self.own) @ right[:, r + k :].T
        )

    def variances(self, rows: Sequence[str]) -> Floats:
        """Give the variances of items, without their covariances."""
        left = self.loadings[[self.places[key] for key in rows]]
        r, k = len(self.references), len(self.segments)
        shared = np.einsum("ij,jk,ik->i", left[:, :r], self.reference, left[:, :r])
        shared += np.einsum("ij,jk,ik->i", left[:, r : r + k], self.common, left[:, r : r + k])
        out: Floats = shared + left[:, r + k :] ** 2 @ self.own
        return out

    def predict(self, given: Mapping[str, float]) -> Expected:
        """Give the expected log moves of every stock and segment under those given.

        Parameters
        ----------
        given : item (symbol or segment id) → log move; no mean is supposed otherwise.

        Raises
        ------
        MissingPrice : an item that has no `NEEDED` sessions of prices up to the day.
        """
        unknown = [key for key in given if key not in self.places]
        if unknown or not given:
            if not unknown:
                raise MissingPrice("prediction.nothing-given")
            raise MissingPrice("prediction.history-short", sessions=SESSIONS_NEEDED, names=", ".join(unknown))
        keys, x = list(given), np.array(list(given.values()))
        asked = [*self.stocks, *self.segments]
        solved = np.linalg.lstsq(self.between(keys, keys), x, rcond=1e-12)[0]
        moves = dict(zip(asked, map(float, self.between(asked, keys) @ solved), strict=True)) | dict(given)
        distance = float(np.sqrt(max(x @ solved, 0.0)))
        return Expected(
            {s: moves[s] for s in self.stocks}, {s: moves[s] for s in self.segments}, distance, _days(distance, len(x))
        )

    def worst(self, exposures: Mapping[str, float], distance: float) -> float:
        """Give the worst return of a book among all days that are as plausible as one at that distance.

        `−distance·√(w'Σw)` (log returns, so slightly too mild a loss for a long book is never shown as milder than −1).
        """
        keys = [key for key in exposures if key in self.places]
        w = np.array([exposures[key] for key in keys])
        return max(-1.0, -distance * float(np.sqrt(w @ self.between(keys, keys) @ w)))


def covariance(market: Market, as_of: date, references: Sequence[str] = REFERENCE_SERIES) -> Covariance:
    """Estimate the covariance of New York's lines from closes up to `as_of`, not one day later.

    Raises
    ------
    MissingPrice : a reference has no `NEEDED` sessions of prices up to then.
    """
    x, y, stocks = daily_returns(market, as_of, references)
    return estimate(x, y, tuple(references), stocks)


def daily_returns(market: Market, as_of: date, references: Sequence[str]) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Line up daily log returns up to `as_of`: (session, reference), (session, stock) and the stocks.

    Stocks are New York's lines in the table with `NEEDED` sessions without a gap; NaN before they were listed.

    Raises
    ------
    MissingPrice : as `covariance`.
    """
    symbols, prices = _closes(market, as_of, references)
    returns = np.diff(np.log(prices), axis=0)
    gaps = np.isnan(returns[-SESSIONS_NEEDED:]).sum(axis=0)
    full = {s for n, s in enumerate(symbols) if not gaps[n]}
    absent = [s for s in references if s not in full]
    if absent or len(returns) < SESSIONS_NEEDED:
        names = ", ".join(absent or references)
        raise MissingPrice("prediction.prices-short", sessions=SESSIONS_NEEDED, day=str(as_of), names=names)
    stocks = tuple(s for s in symbols if s in full and s not in references)
    place = {s: n for n, s in enumerate(symbols)}
    return returns[:, [place[s] for s in references]], returns[:, [place[s] for s in stocks]], stocks


def estimate(x: Floats, y: Floats, references: tuple[str, ...], stocks: tuple[str, ...]) -> Covariance:
    """Estimate from log returns: `x` (session, reference), `y` (session, stock), NaN before a stock was listed."""
    from sklearn.covariance import ledoit_wolf

    age = np.arange(len(x))[::-1]
    days = 0.5 ** (age / HALF_LIFE)
    days *= len(x) / days.sum()
    known = np.isfinite(y)
    y = np.where(known, y, 0.0)
    parts = [_parts(s) for s in stocks]
    segments = tuple(sorted({s for p in parts for s in p}))
    weights = np.array([[p.get(s, 0.0) for s in segments] for p in parts])
    betas = _betas(x, y, days[:, None] * known, weights, segments)
    errors = np.where(known, y - x @ betas.T, 0.0)
    shared = (errors @ weights) / np.maximum(known @ weights, 1e-12)
    common, _ = ledoit_wolf(shared * np.sqrt(days)[:, None], assume_centered=True)
    own = (days[:, None] * np.where(known, errors - shared @ weights.T, 0.0) ** 2).sum(axis=0)
    own /= (days[:, None] * known).sum(axis=0)
    return Covariance(references, stocks, segments, betas, weights, (days[:, None] * x).T @ x / len(x), common, own)


def _betas(x: Floats, y: Floats, days: Floats, weights: Floats, segments: Sequence[str]) -> Floats:
    """Regress each stock on the references and draw its betas to those of its sub-segments."""
    gram = np.einsum("ti,tj,tn->nij", x, x, days)
    cross = np.einsum("ti,tn->ni", x, days * y)
    first = np.linalg.solve(gram, cross[:, :, None])[:, :, 0]
    precise = days.sum(axis=0) / (days * (y - x @ first.T) ** 2).sum(axis=0)
    precise /= precise.mean()

    def means(share: Floats, prior: Floats) -> Floats:
        counted = share * precise[:, None]
        out: Floats = (counted.T @ first + SEGMENT_PRIOR * prior) / (counted.sum(axis=0)[:, None] + SEGMENT_PRIOR)
        return out

    whole = (precise @ first / precise.sum())[None, :]
    tops = sorted({top_segment(s) for s in segments})
    inside = np.array([[float(top_segment(s) == t) for t in tops] for s in segments])
    by_segment = means(weights, inside @ means(weights @ inside, whole))
    typical = np.diag(np.diag((days.mean(axis=1)[:, None] * x).T @ x / days.mean(axis=1).sum()))
    drawn: Floats = np.linalg.solve(
        gram + PRIOR_DAYS * typical, (cross + PRIOR_DAYS * (weights @ by_segment) @ typical)[:, :, None]
    )[:, :, 0]
    return drawn


def _closes(market: Market, as_of: date, references: Sequence[str]) -> tuple[list[str], Floats]:
    """Line up New York's closes on the sessions of the first reference: symbols, and (session, symbol)."""
    first = market.series.get(references[0])
    if first is None:
        raise MissingPrice("prediction.reference-unpriced", name=references[0])
    sessions = first.dates[first.dates <= np.datetime64(as_of, "D")][-(HISTORY + 1) :]
    symbols = [s for s in market.series if not split_symbol(s)[1] and (s in references or _stock(s))]
    prices = np.full((len(sessions), len(symbols)), np.nan)
    for n, symbol in enumerate(symbols):
        series = market.series[symbol]
        _, ours, theirs = np.intersect1d(sessions, series.dates, assume_unique=True, return_indices=True)
        prices[ours, n] = series.returns_price[theirs]
    return symbols, prices


def _stock(symbol: str) -> Issuer | None:
    entry = issuer_table().of(symbol)
    return entry if entry is not None and not entry.fund else None


def _parts(symbol: str) -> dict[str, float]:
    entry = _stock(symbol)
    out: dict[str, float] = {}
    for part in entry.parts if entry else ():
        out[part.segment] = out.get(part.segment, 0.0) + part.weight
    return out


def _days(distance: float, moves: int) -> float:
    """Give one over the probability that independent normals lie at least so far out."""
    from scipy.special import gammaincc

    tail: Any = gammaincc(moves / 2, distance**2 / 2)
    return float(1 / max(float(tail), 1e-300))
