"""Draws of the levers from their priors, and which lever matters. Imported late: it needs NumPy and SciPy."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import ceil, log2

import numpy as np

from exposure.errors import ScenarioError
from exposure.scenarios.lever_arrays import Array
from exposure.scenarios.levers import quantile
from exposure.shock.lever_book import LeverBook
from exposure.types import Book, Prior, Scenario

DRAWS, MOST = 16_384, 4_194_304
INDEX_POINTS = 1024
"""Sobol points behind each of the matrices of the indices; SciPy asks for a power of two."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """Total return over the draws, as fractions; `expected_shortfall_95` is the mean of the worst twentieth."""

    mean: float
    sd: float
    p01: float
    p05: float
    p50: float
    p95: float
    p99: float
    expected_shortfall_95: float


@dataclass(frozen=True, slots=True)
class Swing:
    """Total return with one lever at its prior's 5th and at its 95th percentile, the others as in the scenario."""

    lever: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Index:
    """Sobol indices: the share of the variance of the return from a lever alone, and with all that it meets."""

    lever: str
    first: float
    total: float


@dataclass(frozen=True, slots=True)
class Simulation:
    """What the priors of a scenario mean for a book; the same seed gives the same figures."""

    draws: int
    seed: int
    total_return: Distribution
    sensitivity: tuple[Swing, ...]
    sobol: tuple[Index, ...]
    held: tuple[str, ...] = ()


def simulate(
    book: Book | LeverBook, scenario: Scenario, *, draws: int = DRAWS, seed: int = 0, held: Collection[str] = ()
) -> Simulation:
    """Draw the levers from their priors and apply each draw to a book.

    Parameters
    ----------
    book, scenario : a book, and a scenario of kind transmission.
    draws : number of draws, scrambled Sobol points through each prior's quantile function.
    seed : of the scramble.
    held : levers that stay at the scenario's value instead of being drawn.

    Raises
    ------
    ScenarioError : a number of draws that is none, or more than four million.
    """
    if not 2 <= draws <= MOST:
        raise ScenarioError(f"{draws} draws cannot be made", remedy=f"give a number from 2 to {MOST}")
    levered = LeverBook.of(book, scenario)
    returns = levered.returns(draw_levers(scenario, draws, seed, held))
    return Simulation(
        draws,
        seed,
        distribution(returns),
        tornado(levered, held),
        sobol(levered, seed, held),
        tuple(held),
    )


def draw_levers(scenario: Scenario, draws: int, seed: int, held: Collection[str] = ()) -> dict[str, Array]:
    """Draw the levers: lever → its values, from scrambled Sobol points. Levers held are left out."""
    from scipy.stats import qmc

    names = [name for name in scenario.levers if name not in held]
    if not names:
        return {}
    points = qmc.Sobol(len(names), rng=np.random.default_rng(seed)).random_base2(ceil(log2(draws)))[:draws]
    return {name: quantiles(scenario.priors[name], points[:, n]) for n, name in enumerate(names)}


def quantiles(prior: Prior, shares: Array) -> Array:
    """Give the quantiles of a truncated normal, an array for an array of shares in [0, 1]."""
    from scipy.special import ndtr, ndtri

    if prior.sd == 0:
        return np.full(np.shape(shares), prior.mean)
    low, high = ndtr((prior.low - prior.mean) / prior.sd), ndtr((prior.high - prior.mean) / prior.sd)
    found = prior.mean + prior.sd * ndtri(low + shares * (high - low))
    return np.clip(found, prior.low, prior.high)  # type: ignore[no-any-return]


def distribution(returns: Array) -> Distribution:
    """Sum up the total returns of draws; percentiles by linear interpolation between the ranks."""
    p01, p05, p50, p95, p99 = np.quantile(returns, [0.01, 0.05, 0.5, 0.95, 0.99])
    worst = np.sort(returns)[: max(1, ceil(0.05 * returns.size))]
    figures = (returns.mean(), returns.std(), p01, p05, p50, p95, p99, worst.mean())
    return Distribution(*map(float, figures))


def tornado(levered: LeverBook, held: Collection[str] = ()) -> tuple[Swing, ...]:
    """Move one lever at a time to its prior's 5th and 95th percentile; the widest swing first."""
    scenario = levered.scenario
    names = [name for name in scenario.levers if name not in held]
    rows = np.tile([scenario.levers[name] for name in names], (2 * len(names), 1))
    for n, name in enumerate(names):
        rows[2 * n, n], rows[2 * n + 1, n] = (quantile(scenario.priors[name], share) for share in (0.05, 0.95))
    found = levered.at(rows, names) if names else np.empty(0)
    swings = [Swing(name, float(found[2 * n]), float(found[2 * n + 1])) for n, name in enumerate(names)]
    return tuple(sorted(swings, key=lambda s: -abs(s.high - s.low)))


def sobol(levered: LeverBook, seed: int, held: Collection[str] = ()) -> tuple[Index, ...]:
    """Give first-order and total-order Sobol indices of the total return, by SciPy; the largest total first."""
    from scipy.stats import sobol_indices, uniform

    priors = {n: p for n, p in levered.scenario.priors.items() if n not in held and p.sd > 0}
    names = list(priors)

    def returns(shares: Array) -> Array:
        return levered.returns({name: quantiles(priors[name], shares[n]) for n, name in enumerate(names)})[None, :]

    if not names or np.ptp(returns(np.linspace(0.05, 0.95, 16) * np.ones((len(names), 1)))) == 0:
        return tuple(Index(name, 0.0, 0.0) for name in names)
    if len(names) == 1:
        return (Index(names[0], 1.0, 1.0),)
    found = sobol_indices(func=returns, n=INDEX_POINTS, dists=[uniform()] * len(names), rng=np.random.default_rng(seed))
    first, total = np.ravel(found.first_order), np.ravel(found.total_order)
    rows = [Index(name, float(first[n]), float(total[n])) for n, name in enumerate(names)]
    return tuple(sorted(rows, key=lambda r: -r.total))
