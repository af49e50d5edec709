"""The equations for many settings of the levers at once: the same class on arrays, with its slow sums as series.

Imported late: it needs NumPy.

The equations for many names at one setting of the levers: one array for each sub-segment instead of a loop.

Imported late: it needs NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import exp, factorial, fsum

import numpy as np
import numpy.typing as npt

from exposure.chain import LOADINGS_NEEDED, Name, Piece, peers
from exposure.scenarios._calibrate import ORDER, Miss, groups_of, stocks_of
from exposure.scenarios._equations import SCALAR, Equations, Value

Array = npt.NDArray[np.float64]
DEGREE = 17
"""Degree of the series of an exponential; with exponents up to 1 the next term is under 2e-16."""
MIDDLE = 0.5
"""The series of stretch stand around the middle of the range of `valuation_stretch`."""


class ArrayEquations(Equations):
    """The equations at arrays of levers, all of one length (a float stands for an array of that value)."""

    def __init__(self, levers: Mapping[str, Value]) -> None:
        super().__init__(levers, np)

    def _mean_stretch(self, segment: str) -> Value:
        """Sum `ω·exp(v·z + e·n)` as `P(v) + exp(e)·Q(v)`: two polynomials instead of an exponential for each name."""
        v, e = self._levers["valuation_stretch"], self._levers["results_near"]
        far, close = _mean_series(segment)
        return horner(far, v - MIDDLE) + (np.exp(e) * horner(close, v - MIDDLE) if close[0] else 0.0)


@lru_cache(maxsize=64)
def _mean_series(segment: str) -> tuple[list[float], list[float]]:
    """Give P and Q: the names without and with results near."""
    return (
        exponential_series((w * exp(MIDDLE * z), z) for w, z, near in peers(segment) if not near),
        exponential_series((w * exp(MIDDLE * z), z) for w, z, near in peers(segment) if near),
    )


def exponential_series(terms: Iterable[tuple[float, float]]) -> list[float]:
    """Give the coefficients of `Σ a·exp(b·x)` as a polynomial in x, from pairs (a, b) with |b·x| up to 1."""
    pairs = list(terms)
    return [fsum(a * b**k for a, b in pairs) / factorial(k) for k in range(DEGREE + 1)]


def horner(coefficients: list[float], x: Value) -> Value:
    """Evaluate a polynomial, lowest coefficient first."""
    total: Value = np.full_like(x, coefficients[-1]) if isinstance(x, np.ndarray) else coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        total *= x
        total += coefficient
    return total


class LeverNames:
    """Names made ready to be moved all at once, at any setting of the levers.

    Parameters
    ----------
    names : what the equations know of each; the answers stand in their order.
    """

    def __init__(self, names: Sequence[Name]) -> None:
        self.size = len(names)
        self._beta = np.array([1.0 if n.beta is None else n.beta for n in names])
        self._china = np.array([n.china for n in names])
        self._china_ai = np.array([n.china_ai for n in names])
        pieces: dict[str, list[tuple[int, Piece]]] = {}
        for place, name in enumerate(names):
            for piece in name.pieces:
                pieces.setdefault(piece.segment, []).append((place, piece))
        self._pieces = [_stacked([piece for _, piece in own]) for own in pieces.values()]
        self._places = np.array([place for own in pieces.values() for place, _ in own], dtype=np.intp)
        self._by_name = np.argsort(self._places, kind="stable")
        self._owners, self._starts = np.unique(self._places[self._by_name], return_index=True)

    def log_moves(self, levers: Mapping[str, float]) -> Array:
        """Give the log move of each name at one setting of the levers (a value for each of them)."""
        at = _Stacks(levers, SCALAR)
        moves: Array = self._beta * at.market - levers["export_tightening"] * self._china
        moves += levers["curbs_ineffective"] * self._china_ai
        if self._pieces:
            parts = np.concatenate([at.stretch(p) * p.weight * at.term(p) for p in self._pieces])
            moves += np.bincount(self._places, weights=parts, minlength=self.size)
        return moves

    def log_moves_along(self, levers: Mapping[str, float], lever: str, values: Array) -> Array:
        """Give the log moves where one lever takes each of `values` and the others stand: a row for each value."""
        size, varied = len(values), {**levers, lever: values[:, None]}
        at = _Stacks(varied, np)
        moves: Array = np.zeros((size, self.size)) + self._beta * at.market
        moves -= varied["export_tightening"] * self._china
        moves += varied["curbs_ineffective"] * self._china_ai
        if self._pieces:
            terms = [at.stretch(p) * p.weight * at.term(p) for p in self._pieces]
            parts = np.hstack([np.broadcast_to(t, (size, p.z.size)) for t, p in zip(terms, self._pieces, strict=True)])  # type: ignore[attr-defined]
            moves[:, self._owners] += np.add.reduceat(parts[:, self._by_name], self._starts, axis=1)
        return moves


class LeverMisses:
    """Observed moves made ready to be set against any levers: `at` answers as `calibrate.misses` does.

    Parameters
    ----------
    moves : observed moves (fractions) by ticker.

    Attributes
    ----------
    groups : segments and sub-segments in the order of the answers.
    """

    def __init__(self, moves: Mapping[str, float]) -> None:
        stocks = stocks_of(moves)
        self._names = LeverNames([s.name for s in stocks])
        groups = groups_of(stocks)
        self.groups = [g for g in ORDER if g in groups]
        self._weights = np.zeros((len(self.groups), len(stocks)))
        for row, group in enumerate(self.groups):
            for place, weight in groups[group]:
                self._weights[row, place] += weight
        self._weights /= self._weights.sum(axis=1, keepdims=True)
        self._observed = (self._weights @ np.array([s.log for s in stocks])).tolist()
        self._counts = [len(groups[g]) for g in self.groups]

    def at(self, levers: Mapping[str, float]) -> tuple[Miss, ...]:
        """Compare the observed with the modelled mean log moves of each segment and sub-segment."""
        modelled = (self._weights @ self._names.log_moves(levers)).tolist()
        return tuple(map(Miss, self.groups, self._observed, modelled, self._counts))

    def along(self, levers: Mapping[str, float], lever: str, values: Array) -> Array:
        """Give the modelled mean log moves where one lever takes each of `values`: a row for each, in `at`'s order."""
        moves: Array = np.einsum("vn,gn->vg", self._names.log_moves_along(levers, lever, values), self._weights)
        return moves


class _Stacks(Equations):
    """The equations on pieces that hold an array, one value for each name, where one name's holds a float."""

    def _f(self, z: Value, near: Value) -> Value:
        if isinstance(z, np.ndarray):
            return np.exp(self._v.valuation_stretch * z + self._v.results_near * near)
        return super()._f(z, near)


def _stacked(pieces: Sequence[Piece]) -> Piece:
    """Put the pieces of one sub-segment into one whose figures are arrays."""
    first = pieces[0]
    loadings = {key: np.array([p.loadings[key] for p in pieces]) for key in LOADINGS_NEEDED[first.equation]}
    weight, z, near = (np.array([getattr(p, key) for p in pieces]) for key in ("weight", "z", "near"))
    return Piece(first.segment, first.equation, weight, loadings, z, near)  # type: ignore[arg-type]
