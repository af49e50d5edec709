"""The workbench: the same inputs make the same book, and prices are asked for only where something needs them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from exposure import load_scenario, to_book
from exposure.chain._overrides import make_override
from exposure.prices import Market, from_rows
from exposure.scenarios import complete, parse_scenario
from exposure.scenarios._covariance import REFERENCE_SERIES
from exposure.scenarios._predict import learn_covariance, plausibility, references
from exposure.shock import apply
from exposure.types import Holding, Scenario, Snapshot
from exposure.workbench import (
    BookInputs,
    apply_scenario,
    complete_scenario,
    fund_holdings,
    needs_closes,
    rates_from,
    with_bank_rates,
)

DAY = date(2025, 1, 24)
REPLAY = 'id = "two-days"\nkind = "replay"\nfrom = "2025-01-24"\nto = "2025-01-27"\nrest = 0.0\n'
PREDICTION = 'id = "p"\nkind = "predictive"\nas_of = "2025-01-24"\nrest = 0.0\n[given]\n"chips.memory" = -0.05\n'


def holding(ticker: str, value: float | None = 100.0, **more: object) -> Holding:
    return Holding(2, ticker=ticker, market_value=value, currency="USD", value_currency="USD", **more)  # type: ignore[arg-type]


def snapshot(*held: Holding) -> Snapshot:
    return Snapshot("f.csv", "csv", DAY, (DAY,), "USD", held)


def never(_: Scenario) -> Market:
    raise AssertionError("no price is needed")


def prices() -> Market:
    """Make 400 sessions up to the day for the funds that a prediction rests on and three stocks, and one beyond it."""
    rng = np.random.default_rng(3)
    symbols = (*REFERENCE_SERIES, "NVDA", "MU", "CRM")
    paths = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (412, len(symbols))), axis=0))
    days = [DAY + timedelta(days=n - 408) for n in range(412)]
    return from_rows(
        (symbol, day, float(price), None, None, "USD", None)
        for n, symbol in enumerate(symbols)
        for day, price in zip(days, paths[:, n], strict=True)
    )


def test_a_book_is_made_of_all_its_inputs() -> None:
    """A close values the line without a value, an override places it, and a fund is seen through."""
    own = make_override(None, "NVDA", [("chips.memory", 1.0)], "why", author="ann", day=DAY)
    market = from_rows([("NVDA", DAY, 10.0, None, None, "USD", None)])
    fund = snapshot(holding("MU"))
    held = snapshot(holding("NVDA", None, quantity=5.0), holding("SMH", kind="fund"))
    inputs = BookInputs(snapshot=held, market=market, overrides=(own,), fund_holdings={"SMH": fund})
    book = inputs.open()
    assert [(x.holding.ticker, x.market_value) for x in book.lines] == [("NVDA", 50.0), ("MU", 100.0)]
    assert book.lines[0].assignment.origin == "user" and book.lines[1].inside == "SMH"
    assert replace(inputs, base_currency="EUR").open().currency == "EUR"
    assert BookInputs(snapshot=snapshot(holding("NVDA"))).open() == to_book(snapshot(holding("NVDA")))


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        (holding("NVDA"), False),
        (holding("NVDA", None, quantity=5.0), True),
        (holding("NVDA", None, weight=0.5), False),
    ],
)
def test_closes_are_needed_for_a_quantity_without_a_value(line: Holding, needed: bool) -> None:
    assert needs_closes(snapshot(line)) is needed


def test_only_the_holdings_of_funds_that_a_snapshot_reaches_are_given() -> None:
    stored = {1: snapshot(holding("SPY", kind="fund")), 2: snapshot(holding("MU")), 3: snapshot(holding("KO"))}
    found = fund_holdings(snapshot(holding("SMH", kind="fund")), {"SMH": 1, "SPY": 2, "QQQ": 3}, stored.__getitem__)
    assert found == {"SMH": stored[1], "SPY": stored[2]}


def test_given_rates_count_before_stored_ones() -> None:
    given = replace(prices(), published={DAY: {"USD": 1.1}})
    both = with_bank_rates(given, {DAY: {"USD": 1.0}, date(2025, 1, 23): {"USD": 1.2}})
    assert both.published == {DAY: {"USD": 1.1}, date(2025, 1, 23): {"USD": 1.2}}
    assert with_bank_rates(given, {}) is given


def test_a_history_reads_rates_from_before_its_start() -> None:
    assert rates_from(None) is None
    assert rates_from(DAY) == date(2024, 12, 10), "45 days: the oldest rate that can stand"


def test_a_scenario_that_waits_for_no_price_asks_for_none() -> None:
    scenario, book = load_scenario("deepseek-2025-01-27"), to_book(snapshot(holding("NVDA")))
    assert complete_scenario(scenario, never) is scenario
    applied = apply_scenario(book, scenario, never)
    assert applied.result == apply(book, scenario) and applied.plausibility is None


def test_a_replay_between_two_dates_asks_for_prices_once() -> None:
    scenario, market, asked = parse_scenario(REPLAY), prices(), []
    found = complete_scenario(scenario, lambda waiting: asked.append(waiting) or market)  # type: ignore[func-returns-value]
    assert found == complete(scenario, market) and asked == [scenario]


def test_a_prediction_has_the_band_of_its_return_whether_it_was_completed_before_or_not() -> None:
    scenario, market, book = parse_scenario(PREDICTION), prices(), to_book(snapshot(holding("NVDA"), holding("CRM")))
    applied = apply_scenario(book, scenario, lambda _: market)
    whole = complete(scenario, market)
    assert applied.plausibility == plausibility(whole, market, book)
    total = apply(book, whole).total_return
    assert applied.result.total_return == total and applied.result.band is not None
    assert applied.result.band.low < total < applied.result.band.high
    learnt = learn_covariance(market, DAY, references(scenario))
    assert apply_scenario(book, scenario, lambda _: market, learnt) == applied
    assert apply_scenario(book, whole, lambda _: market) == applied
