"""Profit and loss by lever: Shapley values, which add up to the total. Imported late: it needs NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial

import numpy as np

from exposure.scenarios.levers import OFF
from exposure.shock.lever_book import LeverBook
from exposure.types import Book, Scenario

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
    given = float(levered.returns(OFF)[0])
    rows += [LeverPnl("given", given * levered.book.capital)] if abs(given) > NOISE else []
    return tuple(sorted(rows, key=lambda row: row.pnl))


def _coalitions(levered: LeverBook, names: list[str]) -> list[float]:
    """Work out every coalition: bit i of a row's number says whether lever i is on."""
    size = len(names)
    numbers = np.arange(2**size)
    on = [(numbers >> i) & 1 == 1 for i in range(size)]
    values = levered.scenario.levers
    worth = levered.returns({**OFF, **{n: np.where(on[i], values[n], OFF[n]) for i, n in enumerate(names)}})
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
    worth = levered.returns({**OFF, **{n: np.where(on[i], values[n], OFF[n]) for i, n in enumerate(names)}})
    effect = np.diff(worth.reshape(len(orders), -1), axis=1)
    return [float(np.take_along_axis(effect, place[:, [i]], axis=1).mean()) for i in range(len(names))]
