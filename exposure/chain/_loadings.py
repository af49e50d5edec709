"""What public sources say of each name: its loadings in the equations, its stretch, and whether its results are near.

A loading belongs to a name; where only its sub-segment's is known, its names share that. Stretch is measured among the
names of the project's table that have figures, never among the lines of a book.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import fsum, log, sqrt

from exposure.chain._issuers import issuer_table, market_betas, read_data
from exposure.chain._scheme import SEGMENTS, top_segment
from exposure.types import Part

EVENING = date(2025, 1, 24)
"""The figures of names (volatility, run-up, beta, days of results) are those known on this evening."""
EQUATIONS: Mapping[str, str] = {s.id: s.equation for s in SEGMENTS if s.equation}
"""Sub-segment → the equation that moves it: `chips`, `fab`, `centre`, `cloud`, `models` or `software`."""
LEADING_LOADING: Mapping[str, str] = {
    "chips": "A",
    "fab": "E",
    "centre": "E",
    "cloud": "C",
    "models": "F",
    "software": "S",
}
"""Equation → the loading of its term, which weights the stretch."""
LOADINGS_NEEDED: Mapping[str, tuple[str, ...]] = {
    "chips": ("A", "T"),
    "fab": ("E", "p.foundry", "p.memory", "p.processors"),
    "centre": ("E",),
    "cloud": ("C", "R", "S"),
    "models": ("F", "closed"),
    "software": ("S",),
}
KEPT_GAIN = 0.1
"""Share of a believed gain that model providers keep where demand outgrows it; between 0 and 0.2. The gross margin of
providers was put at 40 to 60 per cent in 2024 (press reports on OpenAI and Anthropic), and prices for a given quality
fell tenfold a year (a16z, "LLMflation", November 2024), so at most a small part of a gain stays: half of 0.2."""
CUT = 2.0
FEW = 5
NEAR_SESSIONS = 10
_CHINESE = ("CN", "HK")


@dataclass(frozen=True, slots=True)
class Piece:
    """A name's part in one sub-segment: its weight, its loadings there, its stretch `z`, and `near` (1: results)."""

    segment: str
    equation: str
    weight: float
    loadings: Mapping[str, float]
    z: float = 0.0
    near: float = 0.0


@dataclass(frozen=True, slots=True)
class Name:
    """What the equations know of one name: its pieces along the chain, its share of sales in China, and its beta."""

    key: str
    pieces: tuple[Piece, ...]
    china: float
    china_ai: float
    beta: float | None
    """To the market outside the chain; None where unknown, and 1 is taken."""


def loadings_named(
    parts: Iterable[Part], issuer: str | None = None, listing: str | None = None, country: str | None = None
) -> Name:
    """Gather what is known of a line: by its issuer where there is one, else what its sub-segments share.

    Parameters
    ----------
    parts : where it stands along the chain; parts of one sub-segment are put together, whatever their tie.
    issuer : key in the project's table.
    listing : Yahoo symbol, for the beta of that very line where the issuer has none.
    country : ISO 3166 alpha-2.
    """
    return _name_of(tuple(parts), issuer or "", listing or "", country)


@lru_cache(maxsize=16_384)
def _name_of(parts: tuple[Part, ...], key: str, listing: str, country: str | None) -> Name:
    weights: dict[str, float] = {}
    for part in parts:
        weights[part.segment] = weights.get(part.segment, 0.0) + part.weight
    near = 1.0 if key in near_results() else 0.0
    pieces = tuple(
        Piece(s, EQUATIONS[s], w, loadings_of(key, s), _scores().get((key, s), 0.0), near)
        for s, w in weights.items()
        if s in EQUATIONS
    )
    chinese = country in _CHINESE
    china_ai = chinese and any(s.startswith("foundation_models.") or s == "software.cloud_platforms" for s in weights)
    beta = market_betas().get(listing)
    if beta is None and key:
        beta = market_betas().get(key) or next(
            (b for b in map(market_betas().get, _symbols(key)) if b is not None), None
        )
    return Name(key, pieces, _china(key, weights, chinese), float(china_ai), beta)


@lru_cache(maxsize=1024)
def loadings_of(issuer: str, segment: str) -> Mapping[str, float]:
    """Give the loadings of a name in a sub-segment: its own where published, else its sub-segment's."""
    rows = _rows()
    return {
        name: rows.get((issuer, segment, name), rows.get(("*", segment, name), 0.0))
        for name in LOADINGS_NEEDED[EQUATIONS[segment]]
    }


def near_results() -> frozenset[str]:
    """List the issuers whose results were due within ten sessions after `EVENING`, by the dated table."""
    return _near()


@lru_cache(maxsize=1)
def names_with_figures() -> tuple[Name, ...]:
    """List the names of the project's table that have figures, one for each issuer."""
    return tuple(loadings_named(entry.parts, entry.key, None, entry.country) for entry, _ in _figures())


@lru_cache(maxsize=64)
def peers(segment: str) -> tuple[tuple[float, float, float], ...]:
    """List (ω, z, near) of the names with figures in a sub-segment; ω is weight times leading loading, sums to 1.

    Empty where the sub-segment has fewer than two names, or no loading: nothing is stretched there.
    """
    leading = LEADING_LOADING[EQUATIONS[segment]]
    found = [
        (p.weight * p.loadings[leading], p.z, p.near)
        for n in names_with_figures()
        for p in n.pieces
        if p.segment == segment
    ]
    total = fsum(w for w, _, _ in found)
    return tuple((w / total, z, n) for w, z, n in found if w > 0) if len(found) > 1 and total > 0 else ()


@lru_cache(maxsize=1)
def customers() -> Mapping[str, tuple[float, float]]:
    """Give the mean A and A·T of the chip makers who buy equipment, by weight over the names with figures."""
    out = {}
    for short in ("foundry", "memory", "processors"):
        own = [p for n in names_with_figures() for p in n.pieces if p.segment == f"chips.{short}"]
        total = fsum(p.weight for p in own)
        a = fsum(p.weight * p.loadings["A"] for p in own) / total
        out[short] = (a, fsum(p.weight * p.loadings["A"] * p.loadings["T"] for p in own) / total)
    return out


@lru_cache(maxsize=1)
def _rows() -> dict[tuple[str, str, str], float]:
    return {(r["target"], r["segment"], r["loading"]): float(r["value"]) for r in read_data("loadings.csv")}


def _china(issuer: str, weights: Mapping[str, float], chinese: bool) -> float:
    """Give the share of sales in China that limits could touch; a Chinese name's sales at home are none of them."""
    rows = _rows()
    own = rows.get((issuer, "*", "China"))
    if own is not None:
        return own
    if chinese:
        return 0.0
    return fsum(
        w * rows.get(("*", s, "China"), rows.get(("*", top_segment(s), "China"), 0.0)) for s, w in weights.items()
    )


def _symbols(key: str) -> tuple[str, ...]:
    entry = issuer_table().of(key)
    return entry.symbols if entry is not None else ()


@lru_cache(maxsize=1)
def _near() -> frozenset[str]:
    last, sessions = EVENING, 0
    while sessions < NEAR_SESSIONS:  # weekdays: no exchange of the table's names was shut for long enough to matter
        last += timedelta(days=1)
        sessions += last.weekday() < 5
    rows = read_data("results.csv")
    return frozenset(r["issuer"] for r in rows if EVENING < date.fromisoformat(r["date"]) <= last)


@lru_cache(maxsize=1)
def _figures() -> tuple:  # type: ignore[type-arg]
    """Pair each issuer that has figures with (ln volatility, run-up) of the first of its lines that has them."""
    rows = {r["ticker"]: r for r in read_data("names.csv") if r["volatility"] and r["run_up"]}
    found = {}
    for symbol in rows:
        entry = issuer_table().of(symbol)
        if entry is not None and not entry.fund and entry.key not in found:
            row = next(rows[s] for s in entry.symbols if s in rows)
            found[entry.key] = (entry, (log(float(row["volatility"])), float(row["run_up"])))
    return tuple(found.values())


@lru_cache(maxsize=1)
def _scores() -> dict[tuple[str, str], float]:
    """Score each name's stretch within each of its sub-segments, or the segment where that has fewer than five names.

    The mean of the standard scores of ln volatility and of run-up, each name counted once, cut at ±2.
    """
    groups: dict[str, dict[str, tuple[float, float]]] = {}
    for entry, figures in _figures():
        for part in entry.parts:
            if part.segment in EQUATIONS:
                for group in (part.segment, top_segment(part.segment)):
                    groups.setdefault(group, {})[entry.key] = figures
    scores = {}
    for segment in EQUATIONS:
        own = groups.get(segment, {})
        among = own if len(own) >= FEW else groups.get(top_segment(segment), {})
        if len(among) < 2:
            continue
        columns = list(zip(*among.values(), strict=True))
        means = [fsum(c) / len(c) for c in columns]
        sds = [sqrt(fsum((x - m) ** 2 for x in c) / len(c)) for c, m in zip(columns, means, strict=True)]
        for key, figures in own.items():
            z = fsum((x - m) / sd for x, m, sd in zip(figures, means, sds, strict=True) if sd > 0) / len(columns)
            scores[key, segment] = max(-CUT, min(CUT, z))
    return scores
