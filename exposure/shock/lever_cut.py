"""A book at one setting of the levers, cut by sub-segment: what a slider needs at each move of the hand.

The same figures as `apply` gives, in a fraction of the time: what no lever changes is worked out once, and lines that
the equations cannot tell apart are moved as one. Imported late: it needs NumPy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

import numpy as np

from exposure.chain.loadings import Name
from exposure.chain.scheme import top
from exposure.scenarios.lever_arrays import Array
from exposure.scenarios.lever_names import LeverNames
from exposure.shock.apply import coverage_of
from exposure.shock.followed import multiple
from exposure.shock.lever_book import LeverBook
from exposure.shock.moves import Moves
from exposure.shock.result import ShockedLine, moved_value
from exposure.types import Book, Scenario


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
            key = (id(depends[0]), multiple(line, move), depends[1])
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
            coarse[top(segment)] += share
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
