"""How the total return of a book spreads when the levers are drawn from their priors. Imported late: it needs NumPy."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from exposure.shock.draws import DRAWS, Distribution, distribution, draw_levers
from exposure.shock.lever_book import LeverBook
from exposure.types import Book, Scenario

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
    returns = LeverBook.of(book, scenario).returns(draw_levers(scenario, draws, seed, held))
    counts, edges = np.histogram(returns, bins=BINS)
    return Spread(draws, seed, distribution(returns), tuple(edges.tolist()), tuple(counts.tolist()))
