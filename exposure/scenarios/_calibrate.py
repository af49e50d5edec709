"""Fit a transmission scenario to observed moves, say which levers the data tell apart, and how far the rest misses.

Least squares within the levers' ranges, with the priors of the scenario as further rows. The data are, for each
sub-segment, the mean log move of its names and how much more its stretched names moved, and the mean of what stands
outside the chain. Held levers stay as they are.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, inf, isfinite, log1p
from pathlib import Path
from typing import Any

from exposure.chain import EQUATIONS, TOP_SEGMENTS, Name, issuer_table, loadings_named, on_chain, top_segment
from exposure.errors import InputError
from exposure.files import uncommented
from exposure.scenarios._equations import Equations
from exposure.scenarios._levers import RANGES, lever_texts
from exposure.scenarios._moves import ABSURD
from exposure.scenarios._replay import set_levers
from exposure.types import Issue, Scenario, Transmission

FITTED = (
    "claim_credibility",
    "fab_pass_through",
    "datacentre_pass_through",
    "valuation_stretch",
    "market_move",
    "commoditisation",
)
"""The levers that are fitted; one day tells about six directions apart."""
NOISE: Mapping[str, float] = {"segment": 0.005, "sub_segment": 0.02, "outside": 0.003, "tilt": 0.02}
"""Standard error granted to each kind of row, as a log move: a segment's mean is to be met closer than its parts."""
UNMOVED = 0.9
"""A lever is `unidentified` where the data leave more than this share of its prior's standard deviation."""
FEW = 5
ORDER = (*(t for t in TOP_SEGMENTS if on_chain(t)), *EQUATIONS, "outside")
"""Groups of stocks as they are listed: the segments, the sub-segments, what stands outside the chain."""


@dataclass(frozen=True, slots=True)
class Stock:
    """A stock with an observed move: what the equations know of it, its parts, and its log move."""

    name: Name
    weights: Mapping[str, float]
    log: float


@dataclass(frozen=True, slots=True)
class Miss:
    """Observed and modelled mean log move of a segment or sub-segment, and how many names stand in it."""

    segment: str
    observed: float
    modelled: float
    names: int


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted scenario, the state of each lever, its remaining standard deviation, and what is missed."""

    scenario: Transmission
    states: Mapping[str, str]
    deviations: Mapping[str, float]
    misses: tuple[Miss, ...]
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class RidgePoint:
    """A belief that gives the same change in computing demand, and how well it fits: sum of squared residuals."""

    response: float
    """ε·λ, the use that is paid for today."""
    gain: float
    claim_credibility: float
    misfit: float


def read_moves(path: Path, episode: str | None = None) -> dict[str, float]:
    """Read observed moves: CSV with `ticker,move`, and `episode` where there are several; other columns are left.

    Raises
    ------
    InputError : no such columns, several episodes and none named, an unknown one, a move that is none (with its row).
    """
    rows = list(csv.DictReader(uncommented(path.read_bytes()).decode("utf-8-sig").splitlines()))
    if not rows or not {"ticker", "move"} <= rows[0].keys():
        raise InputError("fit.no-moves", file=path.name, row=1)
    episodes = sorted({row.get("episode") or "" for row in rows})
    if episode is None and len(episodes) > 1:
        raise InputError("fit.several-episodes", file=path.name)
    if episode is not None and episode not in episodes:
        raise InputError("fit.episode-unknown", file=path.name, episode=episode, known=", ".join(episodes))
    moves = {}
    for number, row in enumerate(rows, 2):
        if episode is not None and row.get("episode") != episode:
            continue
        try:
            move = float(row["move"])
        except (TypeError, ValueError):
            move = inf
        if not -1.0 < move <= ABSURD:
            found = {"ticker": str(row["ticker"]), "move": repr(row["move"])}
            raise InputError("fit.no-move", file=path.name, row=number, bound=ABSURD, **found)
        moves[row["ticker"].strip()] = move
    return moves


def moves_of(replay: Scenario) -> dict[str, float]:
    """Give the observed moves of a replay by symbol, to fit to or to compare with."""
    return {symbol: seen.move for symbol, seen in replay.observed.items() if seen.move > -1}


def stocks_of(moves: Mapping[str, float]) -> list[Stock]:
    """List the stocks of the project's table among observed moves: one line for each issuer, funds left out."""
    issuers = {e.key: e for e in map(issuer_table().of, moves) if e is not None and not e.fund}
    stocks = []
    for entry in issuers.values():
        move = next(moves[s] for s in entry.symbols if s in moves)
        weights: dict[str, float] = {}
        for part in entry.parts:
            weights[part.segment] = weights.get(part.segment, 0.0) + part.weight
        if isfinite(move):
            stocks.append(Stock(loadings_named(entry.parts, entry.key, None, entry.country), weights, log1p(move)))
    return stocks


def misses(scenario: Transmission, moves: Mapping[str, float]) -> tuple[Miss, ...]:
    """Compare a transmission scenario with observed moves: mean log moves of each segment and sub-segment.

    Both sides are means over the same stocks, each counted by its weight in the segment: a stock in several segments
    brings its whole move to each.
    """
    stocks = stocks_of(moves)
    at = Equations(scenario.levers)
    modelled = [at.log_move(s.name) for s in stocks]
    seen = [s.log for s in stocks]
    groups = groups_of(stocks)
    return tuple(
        Miss(g, mean_of(groups[g], seen), mean_of(groups[g], modelled), len(groups[g])) for g in ORDER if g in groups
    )


def fit_levers(scenario: Transmission, moves: Mapping[str, float]) -> Fit:
    """Fit the six levers of `FITTED` to observed moves (fractions by ticker), the others held.

    Returns
    -------
    Fit
        A lever is `bound` at an end of its range, `unidentified` where the data leave more than nine tenths of its
        prior's standard deviation, else `fitted`; every held one is `assumed`.
    """
    import numpy as np
    from scipy.optimize import least_squares

    stocks = stocks_of(moves)
    if not any(s.name.pieces for s in stocks):
        raise InputError("fit.no-stocks")
    rows = _Rows(stocks)
    priors = [scenario.priors[name] for name in FITTED]
    low, high = np.array([RANGES[name] for name in FITTED]).T

    def residuals(values: Any) -> Any:
        at = Equations({**scenario.levers, **dict(zip(FITTED, map(float, values), strict=True))})
        held = [(x - p.mean) / p.sd for x, p in zip(values, priors, strict=True) if p.sd > 0]
        return np.array([*rows.residuals([at.log_move(s.name) for s in stocks]), *held])

    start = np.clip([scenario.levers[name] for name in FITTED], low + 1e-6, high - 1e-6)
    found = least_squares(residuals, start, bounds=(low, high), x_scale=[p.sd or 1.0 for p in priors], xtol=1e-10)
    spread = np.sqrt(np.diag(np.linalg.pinv(found.jac.T @ found.jac)))
    values = {name: round(float(x), 6) for name, x in zip(FITTED, found.x, strict=True)}
    fitted = set_levers(scenario, values)
    states = dict.fromkeys(RANGES, "assumed")
    for name, prior, sd in zip(FITTED, priors, spread, strict=True):
        edge = 1e-3 * (RANGES[name][1] - RANGES[name][0])
        at_bound = values[name] - RANGES[name][0] < edge or RANGES[name][1] - values[name] < edge
        states[name] = "bound" if at_bound else "unidentified" if sd > UNMOVED * prior.sd else "fitted"
    deviations = {name: float(sd) for name, sd in zip(FITTED, spread, strict=True)}
    unknown = [t for t in moves if issuer_table().of(t) is None]
    issues = [Issue.of("notice", "fit.tickers-left-out", n=len(unknown))] if unknown else []
    return Fit(fitted, states, deviations, misses(fitted, moves), tuple(issues))


def lever_ridge(
    scenario: Transmission, moves: Mapping[str, float] | None = None, points: int = 25
) -> tuple[RidgePoint, ...]:
    """Walk along the beliefs that give the scenario's change in computing demand: `G·(1 − ε·λ)` constant.

    Parameters
    ----------
    scenario : a transmission scenario with ε·λ under 1.
    moves : observed moves to measure each point's misfit by; without them it is 0.
    points : how many values of ε·λ from 0 up to where the claim would have to be believed more than wholly.
    """
    at = Equations(scenario.levers)
    constant, believed = -at.excess * at.gain, scenario.levers["claim_credibility"]
    if constant <= 0 or believed <= 0:
        return ()
    full = at.gain / believed
    last = 1 - constant / full
    stocks = stocks_of(moves) if moves else []
    rows = _Rows(stocks) if stocks else None
    out = []
    for n in range(points):
        response = last * n / (points - 1)
        gain = constant / (1 - response)
        levers = {
            **scenario.levers,
            "claim_credibility": min(gain / full, 1.0),
            "response_priced": response / 3.0,
            "jevons_elasticity": 3.0,
        }
        there = Equations(levers)
        squares = (r * r for r in rows.residuals([there.log_move(s.name) for s in stocks])) if rows else ()
        out.append(RidgePoint(response, gain, levers["claim_credibility"], fsum(squares)))
    return tuple(out)


def fit_toml(result: Fit, name: str, source: str) -> str:
    """Write a fitted scenario as TOML: values, priors and states, with what each lever means and rests on."""
    scenario = result.scenario.replace(id=name, source=source)
    blocks = scenario.to_toml().split("\n\n[levers.")
    out = [blocks[0]]
    for block in blocks[1:]:
        lever, _, numbers = block.partition("]\n")
        text = lever_texts()[lever]
        words = {"state": result.states[lever], "unit": text.unit, "meaning": text.meaning}
        words |= {"evidence": text.evidence, "source": text.source}
        out.append(f"{lever}]\n{numbers.rstrip()}\n" + "\n".join(f"{k} = {_quoted(v)}" for k, v in words.items()))
    return "\n\n[levers.".join(out) + "\n"


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)


Group = Sequence[tuple[int, float]]
"""Places of stocks in a list, each with its weight in the group."""


def groups_of(stocks: Sequence[Stock]) -> dict[str, list[tuple[int, float]]]:
    """Group stocks by sub-segment, by segment, and those wholly outside the chain under `outside`."""
    groups: dict[str, list[tuple[int, float]]] = {}
    for n, stock in enumerate(stocks):
        shares: dict[str, float] = {}
        for segment, weight in stock.weights.items():
            if segment in EQUATIONS:
                shares[segment] = weight
                shares[top_segment(segment)] = shares.get(top_segment(segment), 0.0) + weight
        if set(stock.weights) == {"outside"}:
            shares = {"outside": 1.0}
        for group, weight in shares.items():
            groups.setdefault(group, []).append((n, weight))
    return groups


def mean_of(group: Group, logs: Sequence[float]) -> float:
    """Give the mean of what stands at a group's places, by its weights."""
    return fsum(w * logs[n] for n, w in group) / fsum(w for _, w in group)


def _noise(group: str) -> float:
    return NOISE["outside" if group == "outside" else "sub_segment" if "." in group else "segment"]


class _Rows:
    """The rows of the fit: for each group its mean, and for each sub-segment how its move leans on stretch."""

    def __init__(self, stocks: Sequence[Stock]) -> None:
        seen = [s.log for s in stocks]
        self._means = [(group, mean_of(group, seen), _noise(g)) for g, group in groups_of(stocks).items()]
        self._tilts = []
        for segment, group in groups_of(stocks).items():
            leaning = [
                (n, w * piece.z)
                for n, w in group
                for piece in stocks[n].name.pieces
                if piece.segment == segment and piece.z
            ]
            if "." in segment and len(leaning) >= FEW:
                total = fsum(w for n, w in group if any(n == m for m, _ in leaning))
                center = fsum(w for _, w in leaning) / total
                weights = [(n, (wz - center * dict(group)[n]) / total) for n, wz in leaning]
                self._tilts.append((weights, fsum(w * seen[n] for n, w in weights)))

    def residuals(self, logs: Sequence[float]) -> list[float]:
        """Give modelled less observed, each over the standard error granted to its kind."""
        means = [(mean_of(group, logs) - seen) / noise for group, seen, noise in self._means]
        tilts = [(fsum(w * logs[n] for n, w in weights) - seen) / NOISE["tilt"] for weights, seen in self._tilts]
        return means + tilts
