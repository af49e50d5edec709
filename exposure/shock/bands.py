"""Bands of modelled moves: how wrong it may be to spread a day's moves to names without a price.

A band's half-width is a conformal quantile of errors that other names made when they were left out (`cross_fit`), times
a scale of the name's sub-segments and volatility; outside the chain, of the errors of the names outside. It holds 90 %
of new names of that day, whatever the errors' distribution, as far as these names are like those observed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import exp, fsum, inf, sqrt
from typing import Any

from exposure.chain.scheme import on_chain
from exposure.shock.cross_section import HALF, LEVEL, quantile_of, share
from exposure.shock.result import Band, ShockedLine
from exposure.types import Part

MEANING = "the error of spreading this day's moves to names without a price, not the risk of the next event"


FORETOLD = "how far predictions of this book from the same names missed on the 125 sessions before, scaled to the day"


def foretold_band(total_return: float, plausible: Mapping[str, Any]) -> Band | None:
    """Give the band of a predicted return, from what `plausibility` says of the book; None where nothing tells."""
    half = plausible["half"]
    if half is None:
        return None
    return Band(LEVEL, total_return - half, total_return + half, FORETOLD, plausible["unknown"])


def combined(parts: Sequence[Part], chain: float | None, outside: float) -> float | None:
    """Give half the width of a band in log moves, from that of the chain's names and that of those outside.

    A name that stands at least half along the chain is like those the chain's errors come from; below that the two
    are added as independent errors. None where too few names were observed to tell.
    """
    along = min(1.0, share(parts) / HALF)
    if along and chain is None:
        return None
    half = sqrt((along * (chain or 0.0)) ** 2 + ((1 - along) * outside if along < 1 else 0.0) ** 2)
    return half if half < inf else None


def outside_quantile(errors: Iterable[float]) -> float:
    """Give the conformal quantile of the errors of names outside the chain."""
    return quantile_of([abs(e) for e in errors])


def bounds(shock: float, fx: float | None, half: float) -> tuple[float, float]:
    """Give the bounds of a line's total move, its local log move being off by as much as `half`.

    Examples
    --------
    >>> low, high = bounds(-0.10, 0.0, 0.05)
    >>> round(low, 4), round(high, 4)
    (-0.1439, -0.0539)
    """
    grown = (1 + shock) * (1 + (fx or 0.0))
    return grown * exp(-half) - 1, grown * exp(half) - 1


def total_band(
    positions: Iterable[ShockedLine], total_return: float, capital: float, observed: Mapping[str, float]
) -> Band:
    """Put the errors of the lines together: the band of the total.

    Errors of two names of one sub-segment share that of its mean: with n names observed their correlation is
    1/(n + 1); across sub-segments they are taken as independent, within an issuer as one. A line whose error cannot be
    told is left out, and `Band.unknown` is its share of capital.

    Parameters
    ----------
    observed : sub-segment → names observed in it, each counted by its weight.
    """
    down: dict[str, dict[str, float]] = {}
    up: dict[str, dict[str, float]] = {}
    unknown = []
    for position in positions:
        line, value = position.line, position.line.market_value or 0.0
        if position.low is None or position.high is None:
            if position.move.provenance == "modelled":
                unknown.append(abs(value))
            continue
        key = max(line.assignment.parts, key=lambda p: p.weight).segment
        issuer = line.issuer or line.line_id
        ends = value * (position.low - position.move.total), value * (position.high - position.move.total)
        for side, end in ((down, ends[value < 0]), (up, ends[value >= 0])):
            names = side.setdefault(key, {})
            # the sign is kept as that of the position, so that a short hedges a long of the same sub-segment
            names[issuer] = names.get(issuer, 0.0) + (abs(end) if value >= 0 else -abs(end))
    low, high = (_joined(side, observed) / capital for side in (down, up))
    return Band(LEVEL, total_return - low, total_return + high, MEANING, fsum(unknown) / capital)


def _joined(sides: Mapping[str, Mapping[str, float]], observed: Mapping[str, float]) -> float:
    """Add errors that share, in each sub-segment, the error of its mean."""
    squares = []
    for segment, errors in sides.items():
        together = 1 / (observed.get(segment, 0.0) + 1) if on_chain(segment) or segment in observed else 1.0
        squares.append((1 - together) * fsum(e * e for e in errors.values()) + together * fsum(errors.values()) ** 2)
    return sqrt(fsum(squares))
