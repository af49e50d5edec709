"""Draws of the levers from their priors, and which lever matters. Imported late: it needs NumPy and SciPy.

How the total return of a book spreads when the levers are drawn from their priors. Imported late: it needs NumPy.

Reverse stress: at which levers a given return is reached. Imported late: it needs NumPy and SciPy.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, fsum, log2, sqrt

import numpy as np

from exposure.errors import ScenarioError
from exposure.levers._book import LeverBook
from exposure.scenarios import RANGES, Array, prior_quantile
from exposure.types import Book, Prior, Scenario, Transmission

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
        raise ScenarioError("draw.count", draws=draws, most=MOST)
    levered = LeverBook.of(book, scenario)
    returns = levered.returns(draw_levers(levered.scenario, draws, seed, held))
    return Simulation(
        draws,
        seed,
        distribution(returns),
        tornado(levered, held),
        sobol(levered, seed, held),
        tuple(held),
    )


def draw_levers(scenario: Transmission, draws: int, seed: int, held: Collection[str] = ()) -> dict[str, Array]:
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
        rows[2 * n, n], rows[2 * n + 1, n] = (prior_quantile(scenario.priors[name], share) for share in (0.05, 0.95))
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


BINS = 60


@dataclass(frozen=True, slots=True)
class Spread:
    """Total returns of draws: their distribution, and a histogram of `counts` between neighbouring `edges`."""

    draws: int
    seed: int
    total_return: Distribution
    edges: tuple[float, ...]
    counts: tuple[int, ...]


def spread(
    book: Book | LeverBook, scenario: Scenario, *, draws: int = DRAWS, seed: int = 0, held: Collection[str] = ()
) -> Spread:
    """Draw the levers as `simulate` does and sum up the returns; levers of `held` stay as in the scenario."""
    levered = LeverBook.of(book, scenario)
    returns = levered.returns(draw_levers(levered.scenario, draws, seed, held))
    counts, edges = np.histogram(returns, bins=BINS)
    return Spread(draws, seed, distribution(returns), tuple(edges.tolist()), tuple(counts.tolist()))


GRID = 241
"""Points over a lever's range between which a crossing is looked for."""
STARTS = 3


@dataclass(frozen=True, slots=True)
class Reached:
    """The value of one lever at which the return is reached, the others as in the scenario; None where it is not."""

    lever: str
    value: float | None
    reachable: bool


@dataclass(frozen=True, slots=True)
class Implausible:
    """The likeliest levers that reach the return: within their priors' bounds, `distance` in standard deviations."""

    levers: Mapping[str, float]
    distance: float


@dataclass(frozen=True, slots=True)
class Reverse:
    """Where a return is reached, lever by lever and by all at once (None where no setting within the priors does)."""

    loss: float
    levers: tuple[Reached, ...]
    least_implausible: Implausible | None


@dataclass(frozen=True, slots=True)
class LevelMap:
    """Total return over two levers: `returns[i][j]` at `y[i]`, `x[j]`, and the points where the level is met."""

    lever_x: str
    lever_y: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    returns: tuple[tuple[float, ...], ...]
    level: float
    curve: tuple[tuple[float, float], ...]


def reverse(book: Book | LeverBook, scenario: Scenario, loss: float) -> Reverse:
    """Find where a total return (fraction, a loss negative) is reached.

    Raises
    ------
    ScenarioError : a loss that is not a finite number above −10 and under 10, or a scenario without levers.
    """
    if not -10 < loss < 10:
        raise ScenarioError("reverse.no-return", loss=loss)
    levered = LeverBook.of(book, scenario)
    found = tuple(_reached(levered, name, loss) for name in scenario.levers)
    return Reverse(loss, found, least_implausible(levered, loss))


def break_even(book: Book | LeverBook, scenario: Scenario, lever: str = "jevons_elasticity") -> Reached:
    """Give the value of a lever at which the book neither gains nor loses; the elasticity of use by default."""
    return _reached(LeverBook.of(book, scenario), lever, 0.0)


def level_map(
    book: Book | LeverBook, scenario: Scenario, lever_x: str, lever_y: str, level: float, *, points: int = 41
) -> LevelMap:
    """Map the total return over the ranges of two levers, with the curve where it equals `level`.

    Raises
    ------
    ScenarioError : an unknown lever, or one lever twice.
    """
    levered = LeverBook.of(book, scenario)
    x, y, grid = surface(levered, lever_x, lever_y, points)
    curve = [
        (float(x[j]), root)
        for j in range(points)
        for root in _roots(levered, lever_y, level, at=y, returns=grid[:, j], others={lever_x: float(x[j])})
    ]
    rows = tuple(tuple(map(float, row)) for row in grid)
    return LevelMap(lever_x, lever_y, tuple(map(float, x)), tuple(map(float, y)), rows, level, tuple(curve))


def surface(levered: LeverBook, lever_x: str, lever_y: str, points: int = 41) -> tuple[Array, Array, Array]:
    """Give the total return over the ranges of two levers: `x`, `y`, and a grid with a row for each y.

    Raises
    ------
    ScenarioError : an unknown lever, or one lever twice.
    """
    if lever_x == lever_y or not {lever_x, lever_y} <= RANGES.keys():
        raise ScenarioError("lever.no-pair", one=lever_x, other=lever_y, known=", ".join(RANGES))
    x, y = (np.linspace(*RANGES[name], points) for name in (lever_x, lever_y))
    grid_x, grid_y = np.meshgrid(x, y)
    grid = levered.returns({lever_x: grid_x.ravel(), lever_y: grid_y.ravel()}).reshape(points, points)
    return x, y, grid


def _reached(levered: LeverBook, name: str, loss: float) -> Reached:
    """Find the crossing nearest to the scenario's own value."""
    at = np.linspace(*RANGES[name], GRID)
    roots = _roots(levered, name, loss, at=at, returns=levered.returns({name: at}), others={})
    own = levered.scenario.levers[name]
    nearest = min(roots, key=lambda root: abs(root - own)) if roots else None
    return Reached(name, nearest, nearest is not None)


def _roots(
    levered: LeverBook, name: str, loss: float, *, at: Array, returns: Array, others: Mapping[str, float]
) -> list[float]:
    """Find where a lever brings the return to `loss`: between neighbours of the grid on both sides of it."""
    from scipy.optimize import brentq

    gap = returns - loss
    roots = [float(at[n]) for n in np.flatnonzero(gap == 0)] if np.ptp(returns) > 0 or gap[0] == 0 else []
    for n in np.flatnonzero(gap[:-1] * gap[1:] < 0):
        roots.append(float(brentq(lambda v: _gap(levered, {**others, name: v}, loss), at[n], at[n + 1], xtol=1e-15)))
    return roots


def _gap(levered: LeverBook, levers: Mapping[str, float], loss: float) -> float:
    return float(levered.returns(levers)[0]) - loss


def least_implausible(levered: LeverBook, loss: float, seed: int = 0) -> Implausible | None:
    """Find the setting that reaches a return and is likeliest under the priors, within their bounds.

    The distance is `sqrt(Σ ((x − mean)/sd)²)`, with the priors independent; a lever whose prior has no spread stays at
    its mean. Sequential quadratic programming from several starts, then a bisection that meets the return itself.
    """
    from scipy.optimize import minimize

    priors = levered.scenario.priors
    names = [name for name, p in priors.items() if p.sd > 0]
    mean, sd, low, high = (np.array([getattr(priors[n], key) for n in names]) for key in ("mean", "sd", "low", "high"))
    held = {name: p.mean for name, p in priors.items() if p.sd == 0}
    bounds = list(zip((low - mean) / sd, (high - mean) / sd, strict=True))

    def gaps(z: Array) -> Array:
        rows = mean + sd * np.atleast_2d(z)
        return levered.returns({**held, **{n: rows[:, i] for i, n in enumerate(names)}}) - loss

    def slope(z: Array) -> Array:
        step = 1e-6 * np.eye(len(names))
        above, below = np.split(gaps(np.vstack([z + step, z - step])), 2)
        return (above - below) / 2e-6

    constraint = {"type": "eq", "fun": lambda z: 100 * gaps(z), "jac": lambda z: 100 * slope(z)}
    best: Array | None = None
    for start in _starts(gaps, bounds, seed):
        done = minimize(
            lambda z: z @ z,
            start,
            jac=lambda z: 2 * z,
            bounds=bounds,
            constraints=constraint,
            method="SLSQP",
            options={"maxiter": 60},
        )
        found = _settle(gaps, done.x, bounds)
        if found is not None and (best is None or found @ found < best @ best):
            best = found
    if best is None:
        return None
    levers = {**held, **{n: float(v) for n, v in zip(names, mean + sd * best, strict=True)}}
    distance = sqrt(fsum(((levers[n] - priors[n].mean) / priors[n].sd) ** 2 for n in names))
    return Implausible({name: levers[name] for name in priors}, distance)


Bounds = Sequence[tuple[float, float]]


def _starts(gaps, bounds: Bounds, seed: int) -> list[Array]:  # type: ignore[no-untyped-def]
    """Begin at the priors' means and at the drawn points that come nearest to the return on either side."""
    low, high = np.array(bounds).T
    random = np.random.default_rng(seed)
    points = np.clip(random.normal(size=(2048, len(low))) * random.choice([0.5, 1, 2, 3], (2048, 1)), low, high)
    found = gaps(points)
    cost = np.sum(points**2, axis=1) + (found / 0.01) ** 2
    return [np.clip(np.zeros(len(low)), low, high), *points[np.argsort(cost)[: STARTS - 1]]]


def _settle(gaps, z: Array, bounds: Bounds) -> Array | None:  # type: ignore[no-untyped-def]
    """Meet the return itself on the ray from the means through z; None where the ray does not reach it."""
    from scipy.optimize import brentq

    low, high = np.array(bounds).T
    shares = np.concatenate([np.linspace(0.9, 1.1, 81), np.linspace(0, 0.9, 31), np.linspace(1.1, 3, 31)])
    along = gaps(np.clip(shares[:, None] * z, low, high))
    order = np.argsort(shares)
    shares, along = shares[order], along[order]
    crossings = np.flatnonzero(along[:-1] * along[1:] <= 0)
    if not len(crossings):
        return None
    n = crossings[np.argmin(np.abs(shares[crossings] - 1))]
    if along[n] == along[n + 1]:
        share = shares[n]
    else:
        share = brentq(lambda t: gaps(np.clip(t * z, low, high))[0], shares[n], shares[n + 1], xtol=1e-15)
    return np.clip(share * z, low, high)  # type: ignore[no-any-return]
