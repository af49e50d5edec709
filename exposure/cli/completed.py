"""A scenario that waits for prices, completed with those of a file or of the store."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from exposure.cli.source import stored_market

if TYPE_CHECKING:
    from exposure.market import Market
    from exposure.types import Scenario


def prices_for(args: argparse.Namespace, scenario: Scenario, market: Market | None) -> Market:
    """Give the prices that complete a scenario: of `--prices`, else of the store."""
    if market is not None and args.prices:  # what values a book is a part of the stored prices alone
        return market
    return stored_market(args, "a prediction" if scenario.kind == "predictive" else "a replay between two dates")


def completed(args: argparse.Namespace, scenario: Scenario, market: Market | None) -> Scenario:
    """Complete a scenario with prices where it waits for some."""
    from exposure.scenarios import complete, waits

    return complete(scenario, prices_for(args, scenario, market)) if waits(scenario) else scenario
