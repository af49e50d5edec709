"""The equations for many settings of the levers at once: the same class on arrays, with its slow sums as series.

Imported late: it needs NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import exp, factorial, fsum

import numpy as np
import numpy.typing as npt

from exposure.chain.loadings import peers
from exposure.scenarios.transmission import Transmission, Value

Array = npt.NDArray[np.float64]
DEGREE = 17
"""Degree of the series of an exponential; with exponents up to 1 the next term is under 2e-16."""
MIDDLE = 0.5
"""The series of stretch stand around the middle of the range of `valuation_stretch`."""


class ArrayTransmission(Transmission):
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
        series((w * exp(MIDDLE * z), z) for w, z, near in peers(segment) if not near),
        series((w * exp(MIDDLE * z), z) for w, z, near in peers(segment) if near),
    )


def series(terms: Iterable[tuple[float, float]]) -> list[float]:
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
