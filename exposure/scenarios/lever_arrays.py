"""The equations for many settings of the levers at once: the same class on arrays, with its slow sums as series.

Imported late: it needs NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import factorial, fsum

import numpy as np
import numpy.typing as npt

from exposure.chain.loadings import peers
from exposure.scenarios.transmission import Transmission, Value

Array = npt.NDArray[np.float64]
DEGREE = 24
"""Terms of the series of an exponential; with exponents up to 2 the next term is under 1e-17."""


class ArrayTransmission(Transmission):
    """The equations at arrays of levers, all of one length (a float stands for an array of that value)."""

    def __init__(self, levers: Mapping[str, Value]) -> None:
        super().__init__(levers, np)

    def _mean_stretch(self, segment: str) -> Value:
        """Sum `ω·exp(v·z + e·n)` as `P(v) + exp(e)·Q(v)`: two polynomials instead of an exponential for each name."""
        v, e = self._levers["valuation_stretch"], self._levers["results_near"]
        far = series((w, z) for w, z, near in peers(segment) if not near)
        close = series((w, z) for w, z, near in peers(segment) if near)
        return horner(far, v) + (np.exp(e) * horner(close, v) if close[0] else 0.0)


def series(terms: Iterable[tuple[float, float]]) -> list[float]:
    """Give the coefficients of `Σ a·exp(b·x)` as a polynomial in x, from pairs (a, b) with |b·x| up to 2."""
    pairs = list(terms)
    return [fsum(a * b**k for a, b in pairs) / factorial(k) for k in range(DEGREE + 1)]


def horner(coefficients: list[float], x: Value) -> Value:
    """Evaluate a polynomial, lowest coefficient first."""
    total: Value = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        total = total * x + coefficient
    return total
