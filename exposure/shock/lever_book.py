"""A book as a function of the levers: its total return for many settings at once. Imported late: it needs NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from math import exp, fsum

import numpy as np

from exposure.chain.loadings import Name
from exposure.errors import ScenarioError
from exposure.scenarios.lever_arrays import Array, ArrayTransmission, horner, series
from exposure.scenarios.levers import OFF
from exposure.shock.followed import multiple, underlying
from exposure.shock.moves import Moves
from exposure.shock.result import moved_value
from exposure.types import Book, Line, Scenario

CHUNK = 16_384
"""Settings worked on at once: their arrays stay in the cache."""
SERIES_BETA = 4.0
"""Up to this beta the lines outside the chain are summed as one series."""


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
        if not scenario.levers:
            raise ScenarioError(f"scenario {scenario.id} has no levers", remedy="use one of kind transmission")
        self.book, self.scenario = book, scenario
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
            factor = multiple(line, move)
            bare = not (name.pieces or name.china or name.china_ai) and factor is None
            if bare and abs(beta) <= SERIES_BETA:
                plain.append((value * rate * exp(by_hand), beta))
                worth.append(value * rate)
            else:
                alike.setdefault((id(name), factor, by_hand), ([], name))[0].append(value * rate)
        self._lines: list[tuple[float, float | None, Name, float]] = [
            (fsum(values), factor, name, by_hand) for (_, factor, by_hand), (values, name) in alike.items()
        ]
        self._plain = series(plain)
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
        at = ArrayTransmission(levers)
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
        other.scenario = scenario
        return other

    def active(self) -> list[str]:
        """List the levers that are not at rest."""
        return [name for name, value in self.scenario.levers.items() if value != OFF[name]]
