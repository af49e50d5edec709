"""Guards and choices of a shock that no sum elsewhere would miss: one case apiece, worked by hand."""

from __future__ import annotations

from datetime import date
from math import inf
from types import SimpleNamespace
from typing import Literal

import numpy as np
import pytest

from exposure.chain import to_book
from exposure.errors import ScenarioError
from exposure.levers._draws import _reached, surface
from exposure.score import _plain_means
from exposure.shock import apply
from exposure.shock._compare import side_by_side
from exposure.shock._result import total_band
from exposure.spread._cross_section import RATIO, outside_quantile
from exposure.spread._fit import slope_covariance
from exposure.trades._whatif import Trade, execute, exposure_to, scaled
from exposure.types import Book, Holding, Observed, Part, Scenario, Snapshot, Window

DAY, NEXT = date(2025, 1, 24), date(2025, 1, 27)


def held(*holdings: Holding) -> Snapshot:
    return Snapshot("t.csv", "csv", DAY, (DAY,), "USD", holdings)


def line(ticker: str, value: float | None, row: int = 2, **more) -> Holding:
    return Holding(row, ticker=ticker, market_value=value, **({"currency": "USD", "value_currency": "USD"} | more))


def fund_of(*parts: tuple[str, float]) -> Snapshot:
    return held(*(Holding(n, ticker=t, weight=w) for n, (t, w) in enumerate(parts, 2)))


def replay(**moves: float) -> Scenario:
    seen = {s: Observed(s, "USD", DAY, NEXT, m) for s, m in moves.items()}
    windows = {"": Window(DAY, NEXT)}
    known = frozenset({"USD"})
    return Scenario(id="t", title="T", kind="replay", rest="outside", observed=seen, windows=windows, fx_known=known)


def test_a_fund_without_a_price_is_the_sum_of_what_it_holds_and_has_no_residual():
    """Half NVIDIA −17 %, half Broadcom −17.3 %: −17.15 %. No price of the fund says that it did otherwise."""
    inside = {"ZZZF": fund_of(("NVDA", 0.5), ("AVGO", 0.5))}
    book = to_book(held(line("ZZZF", 100.0, kind="fund", name="House fund")), inside=inside)
    result = apply(book, replay(NVDA=-0.17, AVGO=-0.173))
    assert result.total_return == pytest.approx(-0.1715, abs=1e-12)
    assert [p.move.via for p in result.positions] == ["own_price", "own_price"]
    assert result.total_return == pytest.approx(sum(p.contribution for p in result.positions), abs=1e-15)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_band_outside_the_chain_counts_errors_by_their_size(sign: float):
    """The ⌈20 · 0.9⌉ = 18th smallest size of 19 errors: those of −0.19 … are as large as those of +0.19."""
    errors = [sign * 0.01 * n * (-1) ** n for n in range(1, 20)]
    assert outside_quantile(errors) == pytest.approx(0.18)
    assert outside_quantile([-abs(e) for e in errors]) == pytest.approx(0.18)
    assert outside_quantile(errors[:8]) == inf, "nine names are needed for nine in ten"


def chips(book: Book) -> float:
    return exposure_to(book, "segment:chips") / book.capital


def test_a_cut_sells_what_is_long_and_buys_back_no_short_that_already_hedges_it():
    """A fund of chips, 100, looked through, less AMD short 30: 70 of 150 are chips net. To 20 % of 150 only the fund
    can be sold, 40 of its 100; buying back the short would bring more chips, not fewer."""
    inside = {"SMH": fund_of(("MU", 1.0))}
    cash = Holding(9, "cash", name="Cash", market_value=80.0, currency="USD", value_currency="USD")
    book = to_book(held(line("SMH", 100.0, kind="fund"), line("AMD", -30.0, 3), cash), inside=inside)
    assert chips(book) == pytest.approx(70 / 150)
    done = execute(book, Trade("cut", "segment:chips", 0.20))
    assert chips(done.book) == pytest.approx(0.20)
    assert [(d.line.holding.ticker, d.amount) for d in done.dealt] == [("SMH", pytest.approx(-40.0))]
    assert {x.holding.ticker: x.market_value for x in done.book.lines}["AMD"] == -30.0


class Levered:
    """A book whose return is −(lever − 0.2)(lever − 0.9): −0.04 and the like are reached twice over the range."""

    def __init__(self, own: float) -> None:
        self.scenario = SimpleNamespace(levers={"claim_credibility": own})

    def returns(self, levers):
        at = np.asarray(levers["claim_credibility"], float)
        return -(at - 0.2) * (at - 0.9)


@pytest.mark.parametrize(("own", "nearest"), [(0.0, 0.2), (0.5, 0.2), (0.6, 0.9), (1.0, 0.9)])
def test_of_two_settings_that_reach_a_loss_the_nearer_one_is_told(own: float, nearest: float):
    """From 0.5 it is 0.3 down to 0.2 and 0.4 up to 0.9."""
    found = _reached(Levered(own), "claim_credibility", 0.0)  # type: ignore[arg-type]
    assert (found.reachable, found.value) == (True, pytest.approx(nearest, abs=1e-9))


def test_a_row_of_a_comparison_is_called_after_the_largest_line_short_or_long():
    """Alphabet A 30 long, Alphabet C 50 short: the larger line names the row."""
    down = Scenario(id="t", title="T", kind="custom", rest=0.0, tickers={"GOOGL": -0.1})
    book = to_book(held(line("GOOGL", 30.0), line("GOOG", -50.0, 3), line("KO", 100.0, 4)))
    rows = side_by_side((apply(book, down),), "holding")
    assert [row.ticker for row in rows if row.ticker in ("GOOGL", "GOOG")] == ["GOOG"]


def test_the_plain_mean_of_a_name_in_three_places_is_the_sum_of_its_parts() -> None:
    """A moved −0.2 in memory, B −0.4 half in memory and half in foundry. C, 0.5 memory, 0.3 foundry, 0.2 outside (rest
    +0.1), gets 0.5 · (−0.2 − 0.5 · 0.4) / 1.5 + 0.3 · −0.4 + 0.2 · 0.1, its own move left out."""
    memory, foundry = "chips.memory", "chips.foundry"
    a, b = (Part(memory, 1.0),), (Part(memory, 0.5), Part(foundry, 0.5))
    c = (Part(memory, 0.5), Part(foundry, 0.3), Part("outside", 0.2))
    seen = [(SimpleNamespace(parts=parts), "", move) for parts, move in ((a, -0.2), (b, -0.4), (c, 0.9))]
    name = SimpleNamespace(parts=c, move=0.9, rest=0.1)
    found = _plain_means(SimpleNamespace(seen=seen, names=[name]))  # type: ignore[arg-type]
    assert found.tolist() == pytest.approx([0.5 * -0.4 / 1.5 + 0.3 * -0.4 + 0.2 * 0.1])


@pytest.mark.parametrize("factor", [0.5, 2.0, 3.0])
def test_a_line_is_scaled_by_any_factor(factor: float) -> None:
    """Also to exactly its double: the difference leaves or enters cash."""
    cash = Holding(9, "cash", name="Cash", market_value=200.0, currency="USD", value_currency="USD")
    after = scaled(to_book(held(line("MU", 50.0), cash)), {"MU": factor})
    assert {x.line_id: x.market_value for x in after.lines} == {"MU": 50.0 * factor, "Cash": 250.0 - 50.0 * factor}


@pytest.mark.parametrize(("kind", "called"), [("predictive", "a prediction"), ("replay", "a replay between two dates")])
def test_a_scenario_that_waits_for_prices_is_called_what_it_is(kind: Literal["predictive", "replay"], called: str):
    book = to_book(held(line("MU", 50.0)))
    own = {"as_of": DAY, "given": {"chips": -0.1}} if kind == "predictive" else {}
    waiting = Scenario(id="t", title="T", kind=kind, rest=0.0, start=DAY, end=NEXT, **own)
    with pytest.raises(ScenarioError, match=f"scenario t is {called}, and no prices were given"):
        apply(book, waiting)


def test_segments_share_a_slope_and_each_sub_segment_has_its_own_part_of_it() -> None:
    """Variances add: the common slope's everywhere, a sub-segment's own on its diagonal, none for a whole segment."""
    common, own = RATIO["slope"] ** 2, RATIO["sub_slope"] ** 2
    found = slope_covariance(["chips", "chips.memory"])
    assert found.tolist() == [[common, common], [common, pytest.approx(common + own)]]


def test_a_surface_is_drawn_in_steps_of_a_fortieth_of_each_range() -> None:
    class Flat:
        def returns(self, levers):
            return np.zeros(len(levers["distillation"]))

    x, y, grid = surface(Flat(), "distillation", "training_gain")  # type: ignore[arg-type]
    assert (x[:2].tolist(), y[:2].tolist()) == ([0.0, pytest.approx(1 / 40)], [1.0, pytest.approx(1 + 29 / 40)])
    assert grid.shape == (41, 41)


def test_lines_of_one_issuer_err_together_in_the_band_of_a_book() -> None:
    """Alphabet A 50 and C 50 are as one line of 100: what one issuer is off adds up and does not even out."""

    def width(*values: float) -> float:
        lines = [
            SimpleNamespace(
                line=SimpleNamespace(
                    line_id=str(n),
                    issuer="GOOGL",
                    market_value=v,
                    assignment=SimpleNamespace(parts=(Part("cloud", 1.0),)),
                ),
                low=-0.15,
                high=0.05,
                move=SimpleNamespace(total=-0.05, provenance="modelled"),
            )
            for n, v in enumerate(values)
        ]
        band = total_band(lines, -0.05, 100.0, {"cloud": 3.0})  # type: ignore[arg-type]
        return band.high - band.low

    assert width(50.0, 50.0) == pytest.approx(width(100.0))


@pytest.mark.parametrize(("currency", "suffix"), [("CAD", ".TO"), ("GBP", ".L"), ("JPY", ".T"), ("USD", "")])
def test_a_balance_takes_the_rate_of_the_window_of_its_own_market(currency: str, suffix: str) -> None:
    """New York's window says −1 % for every currency, the market's own −10 %; a balance of dollars stays as it is."""
    rates = {"CAD": -0.01, "GBP": -0.01, "JPY": -0.01}
    windows = {"": Window(DAY, NEXT, rates), suffix: Window(DAY, NEXT, {**rates, currency: -0.1})}
    known = frozenset({"USD", *rates})
    event = Scenario(id="t", title="T", kind="replay", rest=0.0, windows=windows, fx=rates, fx_known=known)
    cash = Holding(2, "cash", name="Cash", market_value=100.0, currency=currency, value_currency="USD")
    expected = 0.0 if currency == "USD" else -0.1
    assert apply(to_book(held(cash)), event).total_return == pytest.approx(expected)
