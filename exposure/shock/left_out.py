"""Each name of a day predicted from all the others: what was observed, what they say, and the band they give.

Those of the library's replays are shipped, as the fits are: found by everything that they depend on, done anew where
the day's names are not the shipped ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import fsum, inf
from pathlib import Path

from exposure.shock.cross_section import ENOUGH, Name, digest

SHIPPED = Path(__file__).parent / "data" / "left_out.csv"
HEADER = ("scenario", "digest", "name", "predicted", "half")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A day's names in their order: log moves observed, predicted by the others, and half the width of the band."""

    names: tuple[Name, ...]
    predicted: tuple[float, ...]
    half: tuple[float, ...]
    """`inf` where too few others tell an error."""

    @property
    def observed(self) -> tuple[float, ...]:
        """Log moves as they were."""
        return tuple(n.move for n in self.names)

    @property
    def inside(self) -> tuple[bool, ...]:
        """Tell of each name whether the band that the others give held it."""
        return tuple(abs(n.move - p) <= h for n, p, h in zip(self.names, self.predicted, self.half, strict=True))

    @property
    def r2(self) -> float:
        """Share of the spread about the mean that the predictions explain: negative where the mean does better."""
        mean = fsum(self.observed) / len(self.names)
        missed = fsum((n.move - p) ** 2 for n, p in zip(self.names, self.predicted, strict=True))
        return 1 - missed / fsum((n.move - mean) ** 2 for n in self.names)

    @property
    def mae(self) -> float:
        """Mean absolute error, in log moves."""
        return fsum(abs(n.move - p) for n, p in zip(self.names, self.predicted, strict=True)) / len(self.names)

    @property
    def coverage(self) -> float:
        """Share of the names inside their bands."""
        return sum(self.inside) / len(self.names)


def left_out(names: Sequence[Name]) -> LeftOut:
    """Give the predictions of a day's names, each from all the others: as shipped where these very names were."""
    return shipped(names) or work_out(names)


def work_out(names: Sequence[Name]) -> LeftOut:
    """Predict each name anew, everything refitted without it: one fit for each name."""
    from exposure.shock.cross_fit import predict_each

    predicted, half = predict_each(names)
    return LeftOut(tuple(names), tuple(map(float, predicted)), tuple(map(float, half)))


def shipped(names: Sequence[Name]) -> LeftOut | None:
    """Find the shipped predictions of these very names; None where there are none, or too few names for a fit."""
    if len(names) < ENOUGH:
        return None
    rows = _rows().get(digest(names))
    if rows is None or any(n.key not in rows for n in names):
        return None
    return LeftOut(tuple(names), *zip(*(rows[n.key] for n in names), strict=True))


@cache
def _rows() -> dict[str, dict[str, tuple[float, float]]]:
    """Read the file of predictions: digest of a day → name → what the others say of it, and half its band."""
    out: dict[str, dict[str, tuple[float, float]]] = {}
    if SHIPPED.exists():
        for line in SHIPPED.read_text(encoding="utf-8").splitlines()[1:]:
            _, day, name, predicted, half = line.split(",")
            out.setdefault(day, {})[name] = float(predicted), inf if half == "inf" else float(half)
    return out
