"""Spread a day's observed moves to names without a price: by segments, and by what was known the evening before.

The log move of name i, less what its parts outside the chain moved, is `Σ_k w_ik (θ_k + γ_k·z_i) + ε_i`: θ an effect of
its sub-segments, γ their slopes on its standard scores z. All are random effects with variances fixed in `RATIO`, so a
sub-segment of few names is drawn to its segment, and a segment to the chain; how far the whole day is drawn in is one
number, averaged by the likelihood that the day's own names give it. `Var ε_i` grows with the name's volatility.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from math import ceil, exp, fsum, inf, log, log1p, sqrt

from exposure.chain import SUB_SEGMENTS, TOP_SEGMENTS, on_chain, read_data, top_segment
from exposure.types import Part

BAND_LEVEL = 0.90
"""Of the bands."""
RATIO = {"chain": 2.0, "segment": 0.6, "sub_segment": 0.8, "slope": 0.35, "sub_slope": 0.35}
"""Standard deviation of each random effect over that of the error of a name of average volatility, before the day's
own factor. Estimated by pooled likelihood on thirty days of large moves of SMH against SPY from 2018 to June 2024,
covariates as of the evening before, then rounded; no day of the library is among them."""
NOISE = 0.9
"""Power of volatility that the error's standard deviation grows with; estimated on the same days."""
FACTORS = tuple(exp(k / 2) for k in range(-4, 9))
"""The day's own factor on all variances: the grid that is averaged over by its likelihood."""
SPEAKS_FOR_CHAIN = 0.5
"""Share of the chain from which a name speaks for it."""
NAMES_NEEDED = 30
"""Names that a fit needs; with fewer the plain means stand."""
DAILY = ("volatility", "run_up", "beta_spy", "beta_outside")
COVARIATES = (*DAILY, "ai_share")
BUILDERS = frozenset({"chips", "fab", "centre", "cloud"})
"""Equations of those who sell computing, or build for it."""
KNOWN_ON = date(2025, 1, 24)
"""The evening that the covariates are of (the loadings' sources are from before it too): a window that starts earlier
knows none of them."""
PRIOR_NAMES = 4.0
"""Names that the scale of the whole chain counts for in the scale of a sub-segment."""


@dataclass(frozen=True, slots=True)
class Name:
    """An observed name along the chain: its parts, log move, the log move of its rest, and its standard scores."""

    key: str
    parts: tuple[Part, ...]
    move: float
    rest: float
    scores: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a day did to a sub-segment: log move of a name of average scores, its slopes, and the scale of errors."""

    move: float
    slopes: tuple[float, ...]
    scale: float

    def of(self, scores: tuple[float, ...] | None) -> float:
        """Give the log move of a name; one whose scores are unknown moves as an average one."""
        return self.move + fsum(g * z for g, z in zip(self.slopes, scores or (), strict=False))


@dataclass(frozen=True, slots=True)
class Spread:
    """A day's effects by sub-segment and the conformal quantile of its scaled errors (`inf` with too few names)."""

    effects: Mapping[str, Effect]
    quantile: float
    names: int

    def predict(self, parts: Sequence[Part], rest: float, scores: tuple[float, ...] | None) -> float:
        """Mix the log moves of a name's parts by weight."""
        return fsum(p.weight * (self.effect(p.segment).of(scores) if on_chain(p.segment) else rest) for p in parts)

    def effect(self, segment: str) -> Effect:
        """Give the effect of a sub-segment; one that the fit has not met moves as its segment."""
        return self.effects.get(segment) or self.effects[top_segment(segment)]

    def half_width(self, parts: Sequence[Part], scores: tuple[float, ...] | None) -> float:
        """Give half the width of a name's 90 % band, in log moves."""
        inside = [(p.weight, self.effect(p.segment).scale) for p in parts if on_chain(p.segment)]
        scale = fsum(w * s for w, s in inside) / fsum(w for w, _ in inside)
        return self.quantile * scale * noise(scores)


def noise(scores: tuple[float, ...] | None) -> float:
    """Give the standard deviation of a name's error over that of a name of average volatility."""
    return exp(NOISE * _moments()[0][1] * scores[0]) if scores else 1.0


def scores_of(
    symbols: Sequence[str], start: date | None, issuer: str | None = None, parts: Sequence[Part] = ()
) -> tuple[float, ...] | None:
    """Give a name's standard scores, cut at ±2: ln volatility, ln(1 + run-up), two betas, and its share of AI sales.

    What is not known is 0, as for an average name. None where nothing is, or where the window starts before the
    evening that they are of.
    """
    if start is None or start < KNOWN_ON:
        return None
    row = next((_raw()[s] for s in symbols if s in _raw()), (None,) * len(DAILY))
    values = (*row, ai_share(issuer, parts))
    if all(v is None for v in values):
        return None
    return tuple(
        0.0 if value is None else max(-2.0, min(2.0, (value - mean) / deviation))
        for value, (mean, deviation) in zip(values, _moments(), strict=True)
    )


def ai_share(issuer: str | None, parts: Sequence[Part]) -> float | None:
    """Give the published share of a name's value that hangs on AI, in the parts that sell computing or build for it.

    The leading loadings of the transmission's equations, the mean by weight; where only a sub-segment's is published
    its names share it. None for a name without such parts.
    """
    from exposure.chain import EQUATIONS, LEADING_LOADING, loadings_of

    found = [
        (p.weight, loadings_of(issuer or "", p.segment)[LEADING_LOADING[EQUATIONS[p.segment]]])
        for p in parts
        if EQUATIONS.get(p.segment) in BUILDERS
    ]
    return fsum(w * v for w, v in found) / fsum(w for w, _ in found) if found else None


def beta_to_market(symbols: Sequence[str]) -> float | None:
    """Give a name's slope on SPY as known on `KNOWN_ON`, None where it is not."""
    return next((_raw()[s][2] for s in symbols if s in _raw()), None)


@cache
def _raw() -> dict[str, tuple[float | None, ...]]:
    shape = {"volatility": log, "run_up": log1p}
    return {
        row["ticker"]: tuple(shape.get(c, float)(float(row[c])) if row[c] else None for c in DAILY)
        for row in read_data("names.csv")
        if row["volatility"]
    }


@cache
def _moments() -> tuple[tuple[float, float], ...]:
    """Mean and standard deviation of each covariate over the names along the chain that have it."""
    from exposure.chain import issuer_table

    known = [
        (row, e)
        for s, row in _raw().items()
        if (e := issuer_table().of(s)) and not e.fund and chain_share(e.parts) >= SPEAKS_FOR_CHAIN
    ]
    rows = [(*row, ai_share(e.key, e.parts)) for row, e in known]
    out = []
    for values in zip(*rows, strict=True):
        given = [v for v in values if v is not None]
        mean = fsum(given) / len(given)
        out.append((mean, sqrt(fsum((v - mean) ** 2 for v in given) / len(given))))
    return tuple(out)


def chain_share(parts: Sequence[Part]) -> float:
    """Give how much of a name stands along the chain."""
    return fsum(p.weight for p in parts if on_chain(p.segment))


def names_digest(names: Sequence[Name]) -> str:
    """Name a day by everything that its fit depends on."""
    text = repr(
        (RATIO, NOISE, PRIOR_NAMES, BAND_LEVEL, sorted((n.key, n.parts, n.move, n.rest, n.scores) for n in names))
    )
    return sha256(text.encode()).hexdigest()[:16]


def quantile_of(scores: Sequence[float]) -> float:
    """Give the ⌈(n + 1)·0.9⌉-th smallest score: 90 % of new names stay below it, whatever the distribution."""
    rank = ceil((len(scores) + 1) * BAND_LEVEL - 1e-9)
    return sorted(scores)[rank - 1] if rank <= len(scores) else inf


def segments_of(names: Sequence[Name]) -> tuple[str, ...]:
    """List the sub-segments of the scheme and whatever else the names stand in, segments before their own."""
    known = [*(t for t in TOP_SEGMENTS if on_chain(t)), *SUB_SEGMENTS]
    return (*known, *sorted({p.segment for n in names for p in n.parts if on_chain(p.segment)} - set(known)))


def combined(parts: Sequence[Part], chain: float | None, outside: float) -> float | None:
    """Give half the width of a band in log moves, from that of the chain's names and that of those outside.

    A name that stands at least half along the chain is like those the chain's errors come from; below that the two
    are added as independent errors. None where too few names were observed to tell.
    """
    along = min(1.0, chain_share(parts) / SPEAKS_FOR_CHAIN)
    if along and chain is None:
        return None
    half = sqrt((along * (chain or 0.0)) ** 2 + ((1 - along) * outside if along < 1 else 0.0) ** 2)
    return half if half < inf else None


def outside_quantile(errors: Iterable[float]) -> float:
    """Give the conformal quantile of the errors of names outside the chain."""
    return quantile_of([abs(e) for e in errors])
