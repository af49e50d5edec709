"""The sign of an exposure is the sign of its move: leveraged funds, hedges by forwards, options by a delta."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import fsum
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure import answers, read_holdings
from exposure.chain import to_book
from exposure.levers._book import LeverBook, LeverCut
from exposure.scenarios import load_scenario
from exposure.shock import apply
from exposure.shock._result import ShockResult
from exposure.trades._effects import what_if
from exposure.trades._whatif import Trade, execute, exposure_to
from exposure.types import Book, Holding, Override, Scenario, Snapshot

DAY = date(2025, 1, 24)
REPLAY = load_scenario("deepseek-2025-01-27")
SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "files"


def book(*holdings: Holding, currency: str = "USD", **options) -> Book:
    return to_book(Snapshot("test.csv", "csv", DAY, (DAY,), currency, holdings), **options)


def line(ticker: str, value: float, name: str | None = None, **more) -> Holding:
    more = {"currency": "USD", "value_currency": "USD"} | more
    return Holding(2, ticker=ticker, name=name, market_value=value, **more)


def cash(value: float) -> Holding:
    return Holding(9, "cash", name="Cash", market_value=value, currency="USD", value_currency="USD")


def forward(pair: str, amount: float, **more) -> Holding:
    return Holding(5, "fx", name=f"{pair} 15 Mar 2025", quantity=amount, market_value=0.0, value_currency="USD", **more)


def option(delta: float, **more) -> tuple[Holding, Override]:
    known = {"quantity": 2.0, "price": 8.5, "price_currency": "USD", "market_value": 1_700.0, "underlying": "NVDA"}
    own = Holding(3, "option", ticker="NVDA  250321C00150000", value_currency="USD", **(known | more))
    return own, Override(None, own.ticker, (), "the desk's", "ann", DAY, delta=delta)


def custom(**fields) -> Scenario:
    return Scenario(id="test", title="Test", kind="custom", **({"rest": 0.0} | fields))


def said(result: ShockResult, words: str) -> list:
    return [i for i in result.issues if words in i.what]


@given(st.floats(-0.3, 0.3), st.sampled_from([-3.0, -2.0, -1.0, 2.0, 3.0]))
def test_a_fund_gains_its_factor_times_what_it_tracks_on_one_session(move: float, factor: float) -> None:
    own = Override(None, "SOXL", (), "test", "ann", DAY, delta=factor)
    scenario = custom(segments={"chips": move, "equipment": move, "software": move, "outside": move})
    plain = apply(book(line("SOXX", 100.0), cash(900.0)), scenario).total_return
    geared = apply(book(line("SOXL", 100.0), cash(900.0), overrides=[own]), scenario).total_return
    assert geared == pytest.approx(max(factor * plain, -0.1), abs=1e-12)


def test_a_fund_of_unknown_underlying_moves_as_the_user_has_placed_it() -> None:
    """Nobody knows the index; the user says memory and −2: memory −5 % makes the fund gain 10 %."""
    from exposure.types import Part

    own = Override(None, "ZZZ9", (Part("chips.memory", 1.0),), "its prospectus", "ann", DAY, delta=-2.0)
    held = book(line("ZZZ9", 100.0, "Acme -2x Basket of Things ETP"), cash(900.0), overrides=[own])
    result = apply(held, custom(segments={"chips.memory": -0.05}))
    assert result.total_return == pytest.approx(0.01)
    assert result.positions[0].move.via == "factor"


def test_more_than_one_session_is_said_of_a_fund_that_is_reset_daily() -> None:
    held = book(line("SOXS", 100.0), cash(900.0))
    assert not said(apply(held, REPLAY), "reset each day")
    long = said(apply(held, load_scenario("deepseek-2025-01-27", horizon=5)), "reset each day")
    assert len(long) == 1 and long[0].weight == pytest.approx(0.1)


def test_a_fund_on_a_dollar_index_is_worth_dollars_wherever_it_trades() -> None:
    """−3 · −3 % = 9 % in dollars, and nothing of the pound in which the line trades; in pounds 1.09 / 1.02 − 1."""
    name = "WisdomTree NASDAQ 100 3x Daily Short"
    held = line("3QSS.L", 1_000.0, name, currency="GBP")
    scenario = custom(tickers={"QQQ": -0.03}, fx={"GBP": 0.02})
    assert apply(book(held, cash(9_000.0)), scenario).pnl == pytest.approx(90.0)
    hedged = replace(held, name=f"{name} GBP Hedged")
    assert apply(book(hedged, cash(9_000.0)), scenario).pnl == pytest.approx(1_000.0 * (1.09 * 1.02 - 1))


def test_a_users_number_for_a_share_by_its_isin_reaches_the_funds_on_it() -> None:
    held = book(line("NVDD", 1_000.0), line("NVDA", 1_000.0, isin="US67066G1040"))
    result = apply(held, custom(isins={"US67066G1040": -0.2}, segments={"chips": -0.1}))
    assert [p.move.shock for p in result.positions] == pytest.approx([0.2, -0.2])


def test_a_sold_forward_takes_what_its_currency_gains() -> None:
    """−100000 EUR at 1.0472 is −104720 dollars; the euro gains 1 %: −1047.20 of 1000000."""
    result = apply(book(forward("EUR/USD", -100_000.0), cash(1_000_000.0)), custom(fx={"EUR": 0.01}))
    assert result.pnl == pytest.approx(-1_047.2)
    own = answers.shocked(result)["positions"][0]
    assert (own["provenance"], own["via"]) == ("modelled", "rates")
    assert own["pnl"] == pytest.approx(own["moved_value"] * own["total_move"])
    assert {s.key: s.pnl for s in result.by_currency} == pytest.approx({"EUR": -1_047.2, "USD": 0.0})


@pytest.mark.parametrize(
    ("name", "pnl"),
    [
        ("EUR SOLD FORWARD", -1_047.2),
        ("Forward sell EUR", -1_047.2),
        ("FX forward short EUR", -1_047.2),
        ("EUR BOUGHT FORWARD", 1_047.2),
        ("EUR forward", 1_047.2),
    ],
)
def test_a_forward_of_one_currency_is_against_the_books_by_its_words(name: str, pnl: float) -> None:
    """100 000 EUR are 104 720 dollars on 24 January 2025; the euro gains 1 %."""
    held = Holding(5, "fx", name=name, quantity=100_000.0, market_value=10.0, value_currency="USD")
    result = apply(book(held, cash(1e6)), custom(fx={"EUR": 0.01}))
    assert result.pnl == pytest.approx(pnl)
    assert [p.segment for p in result.book.lines[0].assignment.parts] == ["cash"]


@pytest.mark.parametrize(
    ("row", "pnl"), [("Fwd,FX Forward,,,EUR,100000,0", -1_047.2), ("Fwd,FX Forward,EUR,100000,,,0", 1_047.2)]
)
def test_a_forward_of_which_the_file_states_one_leg_is_against_the_books_currency(row: str, pnl: float) -> None:
    text = (
        "As of,2025-01-24\n\nName,Asset class,Buy currency,Buy amount,Sell currency,Sell amount,Market value,Currency\n"
        f"{row},USD\nCash,Cash,,,,,1000000,USD\n"
    )
    held = to_book(read_holdings(text.encode(), name="forwards.csv"), base_currency="USD")
    assert apply(held, custom(fx={"EUR": 0.01})).pnl == pytest.approx(pnl)


def test_a_cross_forward_moves_by_the_difference_of_its_currencies() -> None:
    """100000 EUR bought for pounds, EUR +1 %, GBP +3 %: 104720 · (0.01 − 0.03) = −2094.40."""
    result = apply(book(forward("EUR/GBP", 100_000.0), cash(1e6)), custom(fx={"EUR": 0.01, "GBP": 0.03}))
    assert result.pnl == pytest.approx(-2_094.4)
    cut = {s.key: s.pnl for s in result.by_currency}
    assert cut == pytest.approx({"EUR": 1_047.2, "GBP": -3_141.6, "USD": 0.0})
    assert fsum(cut.values()) == pytest.approx(result.pnl)


@given(st.floats(-0.2, 0.2), st.floats(1e3, 1e6))
def test_a_book_hedged_in_full_moves_as_its_shares_do_at_home(fx: float, euros: float) -> None:
    """SAP in euros and as many euros sold: local move, and the product of the two moves alone is left unhedged."""
    share = line("SAP.DE", euros, currency="EUR", value_currency="EUR")
    held = book(share, forward("EUR/USD", -euros), cash(0.0))
    local, both = -0.04, apply(held, custom(tickers={"SAP.DE": -0.04}, fx={"EUR": fx}))
    assert both.total_return == pytest.approx(local + local * fx, abs=1e-9)


def test_a_replay_moves_a_forward_by_observed_rates() -> None:
    result = apply(book(forward("EUR/USD", -100_000.0), cash(1e6)), REPLAY)
    (own, *_) = result.positions
    assert own.move.provenance == "observed"
    assert own.pnl == pytest.approx(-104_720 * REPLAY.windows[""].fx["EUR"])


def test_a_currency_without_a_rate_leaves_the_forward_at_rest_with_its_notional() -> None:
    own = forward("TWD/USD", -1e6, notional_value=-30_000.0)
    result = apply(book(own, cash(1e6)), REPLAY)
    assert result.pnl == 0.0
    (rests,) = said(result, "1 of kind fx not shocked")
    assert "30\u202f000" in rests.what and rests.weight == pytest.approx(0.03)


def test_a_notional_that_rests_is_weighed_as_one() -> None:
    """An option worth nothing on 4800 dollars of shares, in a book of a million: 0.48 % and not 0.0 %."""
    own = Holding(3, "option", name="KO call", notional_value=4_800.0, market_value=0.0, value_currency="USD")
    (rests,) = said(apply(book(own, cash(1_000_000.0)), REPLAY), "not shocked")
    assert rests.weight == pytest.approx(0.0048)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample files are not beside the project")
def test_a_hedged_fund_moves_as_what_it_holds_does_at_home() -> None:
    """HEWU: 102.6 % of a fund of British shares, 11.4 million pounds sold: +0.28 % at home, whatever the pound did."""
    result = apply(to_book(read_holdings(SAMPLES / "02_ishares_us_hewu_two_tables.csv")), REPLAY)
    fund = next(p for p in result.positions if p.line.holding.ticker == "EWU")
    assert abs(fund.move.fx or 0.0) > 0.005, "the pound moved"
    assert result.total_return == pytest.approx(fund.line.weight * fund.move.shock, abs=0.0006)
    assert fsum(p.line.notional or 0.0 for p in result.positions) == pytest.approx(-14.07e6, rel=0.01)


def test_an_option_moves_by_the_users_delta() -> None:
    """Delta 0.45 of 2 · 100 · 142.62 is 12835.80; NVIDIA −10 %: −1283.58."""
    own, delta = option(0.45)
    stock = line("NVDA", 14_262.0, quantity=100.0)
    result = apply(book(stock, own, overrides=[delta]), custom(tickers={"NVDA": -0.10}))
    moved = result.positions[1]
    assert moved.pnl == pytest.approx(-1_283.58)
    assert (moved.move.provenance, moved.move.via) == ("user", "delta")
    assert not said(result, "not shocked")
    without = apply(book(stock, own), custom(tickers={"NVDA": -0.10}))
    assert without.positions[1].pnl == 0.0 and said(without, "1 of kind option not shocked")


def test_a_loss_beyond_what_an_option_is_worth_is_said() -> None:
    own, delta = option(0.45)
    held = book(line("NVDA", 14_262.0, quantity=100.0), own, overrides=[delta])
    assert said(apply(held, custom(tickers={"NVDA": -0.20})), "no option held loses more")
    assert not said(apply(held, custom(tickers={"NVDA": -0.05})), "no option held loses more")


@given(st.floats(0.1, 10.0), st.floats(-0.3, 0.3))
def test_a_line_of_another_size_moves_in_proportion(times: float, move: float) -> None:
    own, delta = option(-0.4, quantity=-2.0, market_value=-1_700.0)
    stock = line("NVDA", 14_262.0, quantity=100.0)
    scenario = custom(tickers={"NVDA": move}, fx={"EUR": move})
    held = book(stock, own, forward("EUR/USD", -5_000.0), line("SOXS", -300.0), cash(1e5), overrides=[delta])
    from exposure.trades._whatif import times as sized

    larger = replace(held, lines=tuple(sized(x, times) for x in held.lines))
    for one, other in zip(apply(held, scenario).positions, apply(larger, scenario).positions, strict=True):
        assert other.pnl == pytest.approx(times * one.pnl, rel=1e-9, abs=1e-9)


def geared() -> Book:
    own, delta = option(0.45)
    return book(
        line("NVDA", 14_262.0, quantity=100.0), own, forward("EUR/USD", -9_000.0), line("SOXS", 2_000.0),
        line("MSFT", 3_000.0), cash(1_000.0), overrides=[delta],
    )  # fmt: skip


def test_levers_move_such_lines_as_the_engine_does() -> None:
    held, scenario = geared(), load_scenario("deepseek-transmission")
    whole = apply(held, scenario)
    levered = LeverBook(held, scenario)
    assert float(levered.returns(scenario.levers)[0]) == pytest.approx(whole.total_return, abs=1e-12)
    cut = LeverCut(held, scenario).at(scenario.levers)
    assert cut.total_return == pytest.approx(whole.total_return, abs=1e-12)
    assert dict(cut.by_segment) == pytest.approx({s.key: s.contribution for s in whole.by_segment}, abs=1e-12)
    other = load_scenario("deepseek-transmission", jevons_elasticity=0.4)
    assert float(np.squeeze(levered.at(np.array([[0.4]]), ["jevons_elasticity"]))) == pytest.approx(
        apply(held, other).total_return, abs=1e-12
    )


@settings(max_examples=60)
@given(st.floats(0.0, 20_000.0), st.floats(0.0, 8_000.0), st.floats(0.01, 0.5))
def test_a_cut_of_effective_exposure_ends_where_it_was_asked(long: float, inverse: float, limit: float) -> None:
    held = book(line("MU", long + 1.0), line("SOXS", inverse + 1.0), line("KO", 5_000.0), cash(5_000.0))
    before = exposure_to(held, "segment:chips", "effective") / held.capital
    after = execute(held, Trade("cut", "segment:chips", limit, side="effective")).book
    share = exposure_to(after, "segment:chips", "effective") / after.capital
    assert share == pytest.approx(before if abs(before) <= limit else limit * (1 if before > 0 else -1), abs=1e-9)
    assert after.nav == held.nav


def test_effective_and_net_part_company_on_an_inverse_fund() -> None:
    held = book(line("MU", 3_000.0), line("SOXS", 1_000.0), cash(6_000.0))
    assert exposure_to(held, "segment:chips") == pytest.approx(3_756.0)
    assert exposure_to(held, "segment:chips", "effective") == pytest.approx(3_000 - 3 * 756.0)


@pytest.mark.parametrize(("amount", "word"), [(0.05, "add cash"), (-0.05, "withdraw cash")])
def test_cash_that_is_added_is_told_as_added(amount: float, word: str) -> None:
    from exposure.cli.trades import _label

    assert _label(Trade("cash", "", amount), "USD", None).startswith(word)


def test_cash_can_be_added_to_a_book_that_owes_more_than_it_owns() -> None:
    """−2000 short of NVIDIA and no cash: 500 more leaves −1500. It adds, and is not refused as a withdrawal."""
    held = book(line("NVDA", -2_000.0))
    done = execute(held, Trade("cash", "", 500.0, "money"))
    assert done.book.nav == pytest.approx(-1_500.0)
    effect = what_if(held, REPLAY, [Trade("cash", "", -500.0, "money")]).effects[0]
    assert effect.done.refused and "withdrawing 500" in effect.done.said[0].replace("\u202f", " ")
