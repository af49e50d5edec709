"""Bands of predictions, held to what happened on many days: how many names, and how many books, ended inside.

Each day is predicted from closes to the evening before alone. Prices are those of `../shared/prices`; without them
there is nothing to measure. `python -m benchmarks.bench prediction`; DAYS is how many sessions apart the days are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from exposure.errors import MissingPrice
from exposure.market import Market, read_prices
from exposure.scenarios.prediction import REFERENCES, daily_returns
from exposure.scenarios.prediction_errors import Learnt, _others, book_half, half_widths, learn

PRICES = Path(__file__).resolve().parents[2] / "shared" / "prices" / "prices.csv.gz"
GIVEN = {"SPY, SMH, IGV": REFERENCES, "NVDA, SPY": ("NVDA", "SPY"), "the chips segment": ("chips",)}
CHOSEN_BEFORE = np.datetime64("2024-07-01")
"""The one choice, the degrees of freedom, was made on days before this one."""
BOOKS = 4
"""Made-up books that are held to each day."""
FAR = (0.0, 1.0, 2.0, 3.0, 5.0, np.inf)


@dataclass(frozen=True)
class Held:
    """A day that was predicted: from what, how far out it was, the shares of names, of names told by their sub-segment
    alone, and of books that ended inside."""

    day: np.datetime64
    given: str
    distance: float
    names: float
    alone: float
    books: float


def days(market: Market, every: int) -> Iterator[Held]:
    """Predict every so many sessions, from their second year of prices on."""
    sessions = market.series[REFERENCES[0]].dates
    for n in range(520, len(sessions) - 1, every):
        try:
            learnt = learn(market, sessions[n].item(), REFERENCES)
            x, y, stocks = daily_returns(market, sessions[n + 1].item(), REFERENCES)
        except MissingPrice:
            continue
        then = dict(zip((*REFERENCES, *stocks), [*x[-1].tolist(), *y[-1].tolist()], strict=True))
        for name, keys in GIVEN.items():
            yield held(learnt, then, sessions[n + 1], name, keys)


def held(learnt: Learnt, then: dict[str, float], day: np.datetime64, name: str, keys: tuple[str, ...]) -> Held:
    """Hold one prediction to what happened: the names, and books of twenty names, long and short."""
    known = learnt.covariance
    chips = np.array([known.weights[n][[s.startswith("chips") for s in known.segments]].sum() for n in
                      range(len(known.stocks))])  # fmt: skip
    moved = np.array([then.get(s, 0.0) for s in known.stocks])
    given = {k: float(chips @ moved / chips.sum()) if k == "chips" else then[k] for k in keys}
    seen, halves = known.predict(given), half_widths(learnt, given)
    asked = [s for s in known.stocks if s in halves and s in then]
    inside = np.mean([abs(then[s] - seen.names[s]) <= halves[s] for s in asked])
    rng, books = np.random.default_rng(int(day.astype(int))), []
    for _ in range(BOOKS):
        chosen = rng.choice(asked, 20, replace=False).tolist()
        weights = dict(zip(chosen, rng.normal(0.05, 0.05, 20).tolist(), strict=True))
        miss = sum(w * (np.expm1(then[s]) - np.expm1(seen.names[s])) for s, w in weights.items())
        books.append(abs(miss) <= book_half(learnt, given, weights))
    return Held(day, name, seen.distance, float(inside), _alone(learnt, given, then), float(np.mean(books)))


def _alone(learnt: Learnt, given: dict[str, float], then: dict[str, float]) -> float:
    """Hold names to what the others of their sub-segment were expected to do, as a name without prices is told."""
    known, halves = learnt.covariance, half_widths(learnt, given)
    seen = known.predict(given)
    expected = np.array([[seen.names[s] for s in known.stocks]])
    others, _, told = _others(known, expected, np.ones(len(known.stocks)))
    main = [known.segments[n] for n in known.weights.argmax(axis=1)]
    inside = [
        abs(then[s] - others[0, n]) <= halves[main[n]]
        for n, s in enumerate(known.stocks)
        if told[n] and s in then and s not in given and main[n] in halves
    ]
    return float(np.mean(inside))


def main() -> None:
    """Print coverage before and since the choice, and by how far out the days were."""
    if not PRICES.is_file():
        print(f"no prices in {PRICES}: nothing to measure")
        return
    found = list(days(read_prices(PRICES), int(os.environ.get("DAYS", "10"))))
    for name in GIVEN:
        own = [h for h in found if h.given == name]
        for label, part in (
            ("before July 2024", [h for h in own if h.day < CHOSEN_BEFORE]),
            ("since", [h for h in own if h.day >= CHOSEN_BEFORE]),
            *((f"distance {a:g} to {b:g}", [h for h in own if a <= h.distance < b]) for a, b in pairwise(FAR)),
        ):
            if part:
                names = np.array([h.names for h in part])
                error = names.std() / len(part) ** 0.5
                alone = np.mean([h.alone for h in part])
                books = np.mean([h.books for h in part])
                said = f"names {names.mean():.3f} ± {error:.3f}  by sub-segment {alone:.3f}  books {books:.3f}"
                print(f"{name:<20} {label:<18} {len(part):4} days  {said}")


if __name__ == "__main__":
    main()
