"""A scenario completed with prices where it waits for some, and applied; a prediction has the band of its return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from exposure.scenarios import complete
from exposure.shock import ShockResult, apply, predicted_band
from exposure.types import Book, Prediction, Scenario

if TYPE_CHECKING:
    from exposure.prices import Market
    from exposure.scenarios import Learnt

Prices = Callable[[Scenario], "Market"]
"""Gives the prices that complete a scenario; asked once, and only where one needs them."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a scenario did to a book, and of a prediction how usual the given moves are."""

    result: ShockResult
    plausibility: Mapping[str, Any] | None = None


def complete_scenario(scenario: Scenario, prices: Prices, learnt: Learnt | None = None) -> Scenario:
    """Give a scenario that can be applied: one that waits for prices gets them, any other stays as it is.

    Parameters
    ----------
    learnt : how names move together, where that was found out before from the same prices.

    Raises
    ------
    MissingPrice : the prices do not reach the days that the scenario needs.
    """
    if not scenario.needs_prices:
        return scenario
    return _completed(scenario, prices(scenario), learnt)


def apply_scenario(book: Book, scenario: Scenario, prices: Prices, learnt: Learnt | None = None) -> Applied:
    """Complete a scenario and apply it; the result of a prediction has the band of the book's return.

    Parameters
    ----------
    learnt : as `complete_scenario` takes it.

    Raises
    ------
    MissingPrice : the prices do not reach the days that the scenario needs.
    """
    if not isinstance(scenario, Prediction):
        return Applied(apply(book, complete_scenario(scenario, prices)))
    from exposure.scenarios import plausibility

    market = prices(scenario)
    whole = _foretold(scenario, market, learnt) if scenario.needs_prices else scenario
    found, result = plausibility(whole, market, book, learnt), apply(book, whole)
    return Applied(replace(result, band=predicted_band(result.total_return, found)), found)


def _completed(scenario: Scenario, market: Market, learnt: Learnt | None) -> Scenario:
    return _foretold(scenario, market, learnt) if isinstance(scenario, Prediction) else complete(scenario, market)


def _foretold(scenario: Prediction, market: Market, learnt: Learnt | None) -> Prediction:
    from exposure.scenarios import predict  # SciPy: only where something is predicted

    return predict(scenario, market, learnt)
