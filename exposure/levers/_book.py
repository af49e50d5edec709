"""A book as a function of the levers: its total return for many settings at once. Imported late: it needs NumPy.

A book at one setting of the levers, cut by sub-segment: what a slider needs at each move of the hand.

The same figures as `apply` gives, in a fraction of the time: what no lever changes is worked out once, and lines that
the equations cannot tell apart are moved as one. Imported late: it needs NumPy.

Profit and loss by lever: Shapley values, which add up to the total. Imported late: it needs NumPy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from math import exp, factorial, fsum

import numpy as np

from exposure.chain import Name, top_segment
from exposure.errors import ScenarioError
from exposure.scenarios import LEVERS_AT_REST, Array, ArrayEquations, LeverNames, exponential_series, horner
from exposure.shock import Moves, ShockedLine, coverage_of, daily_factor, moved_value, underlying
from exposure.types import Book, Line, Scenario, Transmission

CHUNK = 16_384
"""Settings worked on at once: their arrays stay in the cache."""
SERIES_BETA = 4.0
"""Up to this beta the lines outside the chain are summed as one series."""


def _with_levers(scenario: Scenario) -> Transmission:
    if not isinstance(scenario, Transmission):
        raise ScenarioError("lever.none", id=scenario.id)
    return scenario


class LeverBook:
    """What of a book's return depends on the levers of a transmission scenario, and what does not.

    Parameters
    ----------
    book : what `to_book` gives.
    scenario : of kind transmission; its levers are the settings that `returns` varies.

    Attributes
    ----------
    given : return (fraction of capital) that no lever changes: the user's own numbers, exchange rates, cash.
    pieces : how many terms of the equations the book needs, the cost of one setting.
    """

    def __init__(self, book: Book, scenario: Scenario) -> None:
        self.book, self.scenario = book, _with_levers(scenario)
        moves = Moves(scenario, book.currency)
        fixed = [f for f in book.funds if moves.of(f).provenance in ("observed", "proxy", "user")]
        inside = tuple(f"{fund.line_id}/" for fund in fixed)
        given = [(f.market_value or 0.0) * moves.of(f).total for f in fixed if not f.line_id.startswith(inside)]
        alike: dict[tuple[int, float | None, float], tuple[list[float], Name]] = {}
        plain, worth = [], []
        for line in book.lines:
            if line.line_id.startswith(inside):
                continue
            move = moves.of(line)
            value = moved_value(line, move)
            depends = self.depends(line, moves)
            if depends is None:
                given.append(value * move.total)
                continue
            rate = 1 + (move.fx or 0.0)
            given.append(value * rate - value)
            name, by_hand = depends
            beta = 1.0 if name.beta is None else name.beta
            factor = daily_factor(line, move)
            bare = not (name.pieces or name.china or name.china_ai) and factor is None
            if bare and abs(beta) <= SERIES_BETA:
                plain.append((value * rate * exp(by_hand), beta))
                worth.append(value * rate)
            else:
                alike.setdefault((id(name), factor, by_hand), ([], name))[0].append(value * rate)
        self._lines: list[tuple[float, float | None, Name, float]] = [
            (fsum(values), factor, name, by_hand) for (_, factor, by_hand), (values, name) in alike.items()
        ]
        self._plain = exponential_series(plain)
        self._worth = fsum([*worth, *(value for value, *_ in self._lines)])
        self.given = fsum(given) / book.capital
        self.pieces = sum(1 + len(name.pieces) for _, _, name, _ in self._lines)

    @staticmethod
    def depends(line: Line, moves: Moves) -> tuple[Name, float] | None:
        """Give what the equations know of a line, or of what a leveraged fund follows; None where no lever counts."""
        via = moves.of(line).via
        if via in ("factor", "delta"):
            under = underlying(line)
            return None if under is None else LeverBook.depends(under, moves)
        if via not in ("equations", "sub_segment", "rest"):
            return None
        return moves.levered(line)

    def returns(self, levers: Mapping[str, Array | float]) -> Array:
        """Give the total return (fraction of capital) at each setting.

        Parameters
        ----------
        levers : lever → array of one length, or a float for all; those left out stand as in the scenario.
        """
        settings = {name: np.asarray(value, float) for name, value in {**self.scenario.levers, **levers}.items()}
        size = max(value.size for value in settings.values())
        out = np.empty(size)
        for start in range(0, size, CHUNK):
            part = slice(start, start + CHUNK)
            out[part] = self._chunk({n: v[part] if np.size(v) > 1 else float(v.flat[0]) for n, v in settings.items()})
        return out

    def _chunk(self, levers: Mapping[str, Array | float]) -> Array:
        at = ArrayEquations(levers)
        total = horner(self._plain, at.market) - self._worth
        for value, factor, name, by_hand in self._lines:
            grown = np.exp(at.log_move(name) + by_hand if by_hand else at.log_move(name))
            if factor is not None:
                grown = 1 + np.maximum(factor * (grown - 1), -1.0)
            total = total + value * grown
        return self.given + total / self.book.capital  # type: ignore[no-any-return]

    def at(self, rows: Array, names: Sequence[str]) -> Array:
        """Give the total return at each row of settings, a column for each of `names`."""
        return self.returns({name: rows[:, n] for n, name in enumerate(names)})

    @classmethod
    def of(cls, book: Book | LeverBook, scenario: Scenario) -> LeverBook:
        """Give a book as a function of the levers, standing at the scenario's; one made before is used again."""
        return book.standing(scenario) if isinstance(book, LeverBook) else cls(book, scenario)

    def standing(self, scenario: Scenario) -> LeverBook:
        """Give the same book with its levers at another scenario's values and priors; all else must be the same."""
        other = copy(self)
        other.scenario = _with_levers(scenario)
        return other

    def active(self) -> list[str]:
        """List the levers that are not at rest."""
        return [name for name, value in self.scenario.levers.items() if value != LEVERS_AT_REST[name]]


@dataclass(frozen=True, slots=True)
class Cut:
    """What a setting of the levers costs: the total and its parts, as fractions of the book's capital."""

    total_return: float
    pnl: float
    by_segment: Mapping[str, float]
    by_sub_segment: Mapping[str, float]


class LeverCut:
    """A book made ready to be shocked at any levers of a transmission scenario.

    Parameters
    ----------
    book : what `to_book` gives.
    scenario : of kind transmission; its levers may be varied, all else in it holds.

    Attributes
    ----------
    coverage : shares of gross exposure by provenance of the move, as `apply` gives them; no lever changes them.
    """

    def __init__(self, book: Book, scenario: Scenario) -> None:
        self.book, self.scenario = book, scenario
        moves = Moves(scenario, book.currency)
        self._given: dict[str, float] = defaultdict(float)
        """P&L by sub-segment that no lever changes."""
        self._movers: dict[tuple[int, float | None, float], tuple[int, Name]] = {}
        self._worth: dict[tuple[str, int], float] = defaultdict(float)
        """Value, its currency moved, by sub-segment and by place among the movers."""
        funds = [f for f in book.funds if moves.of(f).provenance in ("observed", "proxy", "user")]
        inside = tuple(f"{fund.line_id}/" for fund in funds)
        for fund in funds:
            if not fund.line_id.startswith(inside):
                self._given["outside"] += (fund.market_value or 0.0) * moves.of(fund).total
        positions = []
        for line in book.lines:
            move = moves.of(line)
            value = moved_value(line, move)
            positions.append(ShockedLine(line, move, 0.0, 0.0))
            shares = [(p.segment, p.weight) for p in line.assignment.parts]
            # A fund of a known move keeps its own total: what its lines lose in their segments, its residual gains.
            shares += [("outside", -fsum(w for _, w in shares))] * line.line_id.startswith(inside)
            depends = LeverBook.depends(line, moves)
            if depends is None:
                for segment, share in shares:
                    self._given[segment] += share * value * move.total
                continue
            key = (id(depends[0]), daily_factor(line, move), depends[1])
            place, _ = self._movers.setdefault(key, (len(self._movers), depends[0]))
            for segment, share in shares:
                self._given[segment] -= share * value
                self._worth[segment, place] += share * value * (1 + (move.fx or 0.0))
        self.coverage = coverage_of(positions)
        self._freeze()

    def _freeze(self) -> None:
        """Turn what was gathered into arrays: a row for each sub-segment, a column for each mover."""
        self._segments = list(self._given)
        self._fixed = np.array([self._given[s] for s in self._segments])
        self._matrix = np.zeros((len(self._segments), len(self._movers)))
        for (segment, place), worth in self._worth.items():
            self._matrix[self._segments.index(segment), place] = worth
        self._names = LeverNames([name for _, name in self._movers.values()])
        self._by_hand = np.array([by_hand for _, _, by_hand in self._movers])
        factors = [factor for _, factor, _ in self._movers]
        self._geared = np.array([n for n, factor in enumerate(factors) if factor is not None], dtype=np.intp)
        self._factors = np.array([factor for factor in factors if factor is not None])

    def at(self, levers: Mapping[str, float]) -> Cut:
        """Give what the book gains or loses at one setting; levers left out stand as in the scenario."""
        grown = self._grown(self._names.log_moves({**self.scenario.levers, **levers}))
        pnls = (self._fixed + self._matrix @ grown).tolist()
        total, capital = fsum(pnls), self.book.capital
        fine = {s: pnl / capital for s, pnl in zip(self._segments, pnls, strict=True)}
        coarse: dict[str, float] = defaultdict(float)
        for segment, share in fine.items():
            coarse[top_segment(segment)] += share
        return Cut(total / capital, total, dict(coarse), fine)

    def along(self, levers: Mapping[str, float], lever: str, values: Array) -> tuple[Array, Mapping[str, Array]]:
        """Give what `at` gives where one lever takes each of `values` and the others stand as given.

        Returns
        -------
        The total return and the part of each sub-segment, fractions of capital, a value for each of `values`.
        """
        moves = self._names.log_moves_along({**self.scenario.levers, **levers}, lever, values)
        # By einsum: a product of this size is not worth the threads that BLAS would start for it.
        parts = (self._fixed + np.einsum("vn,sn->vs", self._grown(moves), self._matrix)) / self.book.capital
        return parts.sum(axis=1), dict(zip(self._segments, parts.T, strict=True))

    def _grown(self, log_moves: Array) -> Array:
        """Turn log moves into growth, the names along the last axis; a geared fund's is a multiple of its own."""
        grown: Array = np.exp(log_moves + self._by_hand)
        if self._geared.size:
            grown[..., self._geared] = 1 + np.maximum(self._factors * (grown[..., self._geared] - 1), -1.0)
        return grown


EXACT = 50_000_000
"""Terms up to which every coalition of levers is worked out; beyond, orders are drawn."""
NOISE = 1e-15
"""A return that rounding alone may leave."""
ORDERS = 200
"""Pairs of orders (one and its reverse) that are drawn where there are too many coalitions."""


@dataclass(frozen=True, slots=True)
class LeverPnl:
    """What a lever adds to profit and loss, in the book's currency; `given` is what no lever changes."""

    lever: str
    pnl: float


def by_lever(book: Book | LeverBook, scenario: Scenario, seed: int = 0) -> tuple[LeverPnl, ...]:
    """Split the profit and loss of a transmission scenario over its levers.

    A lever's Shapley value is its mean effect over all orders in which the levers are brought from rest (gains of 1,
    all else 0, where nothing moves) to their values. Levers at rest have none. The values, with a row `given` for the
    user's own numbers and exchange rates where there are any, add up to the profit and loss.

    Notes
    -----
    Exact up to 50 million terms (coalitions times terms of the book), which holds for some thousand lines; beyond, the
    mean over 400 drawn orders, by seed, which adds up as well.
    """
    levered = LeverBook.of(book, scenario)
    names = levered.active()
    exact = 2 ** len(names) * max(levered.pieces, 1) <= EXACT
    values = _coalitions(levered, names) if exact else _orders(levered, names, seed)
    rows = [LeverPnl(name, float(v) * levered.book.capital) for name, v in zip(names, values, strict=True)]
    given = float(levered.returns(LEVERS_AT_REST)[0])
    rows += [LeverPnl("given", given * levered.book.capital)] if abs(given) > NOISE else []
    return tuple(sorted(rows, key=lambda row: row.pnl))


def _coalitions(levered: LeverBook, names: list[str]) -> list[float]:
    """Work out every coalition: bit i of a row's number says whether lever i is on."""
    size = len(names)
    numbers = np.arange(2**size)
    on = [(numbers >> i) & 1 == 1 for i in range(size)]
    values = levered.scenario.levers
    worth = levered.returns(
        {**LEVERS_AT_REST, **{n: np.where(on[i], values[n], LEVERS_AT_REST[n]) for i, n in enumerate(names)}}
    )
    count = np.sum(on, axis=0) if size else np.zeros(1, int)
    weights = np.array([factorial(k) * factorial(max(size - k - 1, 0)) / factorial(size) for k in range(size + 1)])
    out = []
    for i in range(size):
        without = numbers[~on[i]]
        out.append(float(np.sum(weights[count[without]] * (worth[without | (1 << i)] - worth[without]))))
    return out


def _orders(levered: LeverBook, names: list[str], seed: int) -> list[float]:
    random = np.random.default_rng(seed)
    drawn = [random.permutation(len(names)) for _ in range(ORDERS)]
    orders = np.array([order for one in drawn for order in (one, one[::-1])])
    place = np.argsort(orders, axis=1)
    steps = np.arange(len(names) + 1)
    values = levered.scenario.levers
    on = [(place[:, i, None] < steps).ravel() for i in range(len(names))]
    worth = levered.returns(
        {**LEVERS_AT_REST, **{n: np.where(on[i], values[n], LEVERS_AT_REST[n]) for i, n in enumerate(names)}}
    )
    effect = np.diff(worth.reshape(len(orders), -1), axis=1)
    return [float(np.take_along_axis(effect, place[:, [i]], axis=1).mean()) for i in range(len(names))]
