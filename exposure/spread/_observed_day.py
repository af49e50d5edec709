"""What was observed over a replay's windows: the stocks of each segment, their means, and how they spread to others.

Each name of a day predicted from all the others: what was observed, what they say, and the band they give.

Those of the library's replays are shipped, as the fits are: found by everything that they depend on, done anew where
the day's names are not the shipped ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import fsum, inf, log1p
from pathlib import Path

from exposure.chain import Issuer, issuer_table, top_segment
from exposure.errors import ScenarioError
from exposure.spread._cross_section import (
    NAMES_NEEDED,
    SPEAKS_FOR_CHAIN,
    Effect,
    Name,
    Spread,
    chain_share,
    combined,
    names_digest,
    outside_quantile,
    scores_of,
)
from exposure.types import Part, Prediction, Scenario

SECTOR_FUNDS = {
    "energy": "XLE",
    "financials": "XLF",
    "industrials": "XLI",
    "health care": "XLV",
    "consumer staples": "XLP",
    "materials": "XLB",
    "consumer discretionary": "XLY",
    "real estate": "XLRE",
    "communication services": "XLC",
}
"""Sector → its fund. Technology and utilities are left out: both funds are full of the chain."""


class Day:
    """The observed moves of a scenario, each figure computed when it is first asked for."""

    def __init__(self, scenario: Scenario) -> None:
        if scenario.needs_prices:
            sort = "prediction" if isinstance(scenario, Prediction) else "replay"
            raise ScenarioError(f"{sort}.without-prices", id=scenario.id)
        self.scenario = scenario

    def sector(self, sector: str | None) -> float | None:
        """Give the log move of a sector's fund, where it was observed and is not full of the chain."""
        fund = self.scenario.observed.get(SECTOR_FUNDS.get(sector or "", ""))
        return log1p(fund.move) if fund is not None else None

    @cached_property
    def seen(self) -> tuple[tuple[Issuer, str, float], ...]:
        """List (issuer, symbol, log move) of one observed line for each issuer of the table, funds left out."""
        observed = self.scenario.observed
        issuers = {e.key: e for e in map(issuer_table().of, observed) if e is not None and not e.fund}
        lines = ((e, observed[next(s for s in e.symbols if s in observed)]) for e in issuers.values())
        return tuple((entry, line.symbol, log1p(line.move)) for entry, line in lines if line.move > -1)

    @cached_property
    def segment_means(self) -> dict[str, float]:
        """Mean log move of the observed stocks of each segment and sub-segment, each counted by its weight in it."""
        sums: dict[str, tuple[list[float], list[float]]] = {}
        for entry, _, move in self.seen:
            for part in entry.parts:
                for segment in {part.segment, top_segment(part.segment)}:
                    products, weights = sums.setdefault(segment, ([], []))
                    products.append(part.weight * move)
                    weights.append(part.weight)
        return {
            segment: fsum(products) / fsum(weights)
            for segment, (products, weights) in sums.items()
            if fsum(weights) > 0
        }

    @cached_property
    def outside(self) -> tuple[tuple[str | None, float], ...]:
        """List (sector, log move) of the observed stocks that stand wholly outside the chain."""
        return tuple((e.sector, m) for e, _, m in self.seen if all(p.segment == "outside" for p in e.parts))

    @cached_property
    def outside_mean(self) -> float:
        """Mean log move of the stocks outside the chain; 0 where none was observed."""
        return fsum(m for _, m in self.outside) / len(self.outside) if self.outside else 0.0

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """List the observed names that stand at least half along the chain, as the cross-section takes them."""
        found = []
        for entry, _, move in self.seen:
            if chain_share(entry.parts) >= SPEAKS_FOR_CHAIN:
                rest = self.sector(entry.sector)
                scores = scores_of(entry.symbols, self.scenario.start, entry.key, entry.parts)
                found.append(Name(entry.key, entry.parts, move, self.outside_mean if rest is None else rest, scores))
        return tuple(found)

    @cached_property
    def spread(self) -> Spread | None:
        """How the day's moves spread to names without a price; None where too few were observed: plain means then."""
        return spread_of(self.names)

    @cached_property
    def observed_names(self) -> dict[str, float]:
        """Count the observed names of each sub-segment, each by its weight in it."""
        counts: dict[str, float] = {}
        for entry, _, _ in self.seen:
            for part in entry.parts:
                counts[part.segment] = counts.get(part.segment, 0.0) + part.weight
        return counts

    def half_width(self, parts: Sequence[Part], scores: tuple[float, ...] | None) -> float | None:
        """Give half the 90 % band of a modelled log move; None where too few names were observed to tell."""
        chain = self.spread.half_width(parts, scores) if self.spread and chain_share(parts) > 0 else None
        return combined(parts, chain, self._outside_error)

    @cached_property
    def _outside_error(self) -> float:
        """Half the band of a name outside the chain: errors of those observed, their own left out."""
        total, n = fsum(m for _, m in self.outside), len(self.outside)
        if n < 2:
            return inf
        held_to = ((total - m) / (n - 1) if (fund := self.sector(s)) is None else fund for s, m in self.outside)
        return outside_quantile(m - h for (_, m), h in zip(self.outside, held_to, strict=True))


def follow_prediction(
    scenario: Prediction, parts: Sequence[Part], symbols: Sequence[str], rest: Callable[[], float]
) -> tuple[float, str, bool]:
    """Give the log move of a line in a prediction: as given for its segments, else its own, else its segments'.

    Returns
    -------
    move, the symbol or segments that it came from, and whether all of it was given.
    """
    given, known = scenario.given, scenario.predicted
    logs, left = [], []
    for part in parts:
        move = given.get(part.segment, given.get(top_segment(part.segment)))
        if move is None:
            left.append(part)
        else:
            logs.append(part.weight * log1p(move))
    own = next((s for s in symbols if s in known), None) if left else None
    for part in left:
        key = own or next((s for s in (part.segment, top_segment(part.segment), "outside") if s in known), None)
        logs.append(part.weight * (log1p(known[key]) if key else rest()))
    return fsum(logs), own or " + ".join(f"{p.segment} {p.weight:g}" for p in parts), not left


def predicted_half(scenario: Prediction, parts: Sequence[Part], symbols: Sequence[str]) -> float | None:
    """Give half the 90 % band of a line's log move in a prediction, by what `follow` took; None where nothing tells."""
    left = [p for p in parts if p.segment not in scenario.given and top_segment(p.segment) not in scenario.given]
    own = next((s for s in symbols if s in scenario.predicted), None)
    halves = []
    for part in left:
        key = own or next(
            (s for s in (part.segment, top_segment(part.segment), "outside") if s in scenario.predicted), ""
        )
        half = scenario.errors.get(key)
        if half is None:
            return None
        halves.append(part.weight * half)
    return fsum(halves) if halves else None


LEFT_OUT_FILE = Path(__file__).parent / "data" / "left_out.csv"
LEFT_OUT_COLUMNS = ("scenario", "digest", "name", "predicted", "half")


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
    return shipped_left_out(names) or predict_left_out(names)


def predict_left_out(names: Sequence[Name]) -> LeftOut:
    """Predict each name anew, everything refitted without it: one fit for each name."""
    from exposure.spread._fit import predict_each

    predicted, half = predict_each(names)
    return LeftOut(tuple(names), tuple(map(float, predicted)), tuple(map(float, half)))


def shipped_left_out(names: Sequence[Name]) -> LeftOut | None:
    """Find the shipped predictions of these very names; None where there are none, or too few names for a fit."""
    if len(names) < NAMES_NEEDED:
        return None
    rows = _rows().get(names_digest(names))
    if rows is None or any(n.key not in rows for n in names):
        return None
    return LeftOut(tuple(names), *zip(*(rows[n.key] for n in names), strict=True))


@cache
def _rows() -> dict[str, dict[str, tuple[float, float]]]:
    """Read the file of predictions: digest of a day → name → what the others say of it, and half its band."""
    out: dict[str, dict[str, tuple[float, float]]] = {}
    if LEFT_OUT_FILE.exists():
        for line in LEFT_OUT_FILE.read_text(encoding="utf-8").splitlines()[1:]:
            _, day, name, predicted, half = line.split(",")
            out.setdefault(day, {})[name] = float(predicted), inf if half == "inf" else float(half)
    return out


SPREADS_FILE = Path(__file__).parent / "data" / "spreads.csv"


def spread_of(names: Sequence[Name]) -> Spread | None:
    """Spread a day's moves: as fitted before where these very names were, else fitted now; None with too few names."""
    if len(names) < NAMES_NEEDED:
        return None
    return _fitted(names_digest(names)) or _fit_once(tuple(names))


@cache
def _fit_once(names: tuple[Name, ...]) -> Spread:
    from exposure.spread._fit import fit_spread

    return fit_spread(names)


@cache
def _fitted(day: str) -> Spread | None:
    """Find a fit among those of the library's replays, so that applying one needs no linear algebra."""
    if not SPREADS_FILE.exists():
        return None
    rows = [line.split(",") for line in SPREADS_FILE.read_text(encoding="utf-8").splitlines() if f",{day}," in line]
    if not rows:
        return None
    effects = {r[2]: Effect(float(r[5]), tuple(map(float, r[7:])), float(r[6])) for r in rows}
    return Spread(effects, float(rows[0][4]), int(rows[0][3]))
