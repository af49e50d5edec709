"""Today's holdings over past sessions: the rules of the interface, worked by hand, and what must hold of any book."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.errors import MissingPrice, UnitError
from exposure.history import DrawdownResult, drawdown
from exposure.history._path import value_path
from exposure.prices import from_rows, read_prices
from exposure.prices._bank import Bank
from exposure.prices._market import Market
from exposure.prices._rates import Rates
from exposure.types import Assignment, Book, Holding, Kind, Line, Part

D = [
    day
    for i in range(100)
    if (day := date(2025, 5, 27) + timedelta(i)).weekday() < 5 and (day.month, day.day) not in ((6, 19), (7, 4))
][:40]
"""Sessions of New York."""


def line(
    ticker: str | None,
    weight: float,
    segment: str | dict[str, float] = "chips.accelerators",
    *,
    kind: Kind = "equity",
    listing: str | None = None,
    siblings: Sequence[str] = (),
    currency: str | None = "USD",
) -> Line:
    parts = {segment: 1.0} if isinstance(segment, str) else segment
    assignment = Assignment(tuple(Part(s, w) for s, w in parts.items()), "made up", "table")
    holding = Holding(row=2, kind=kind, ticker=ticker, currency=currency)
    return Line(
        line_id=ticker or "?", holding=holding, market_value=weight, weight=weight, assignment=assignment,
        listing=listing, siblings=tuple(siblings), currency=currency,
    )  # fmt: skip


def book(*lines: Line, currency: str | None = "USD", as_of: date | None = None) -> Book:
    net, gross = sum(x.weight for x in lines), sum(abs(x.weight) for x in lines)
    return Book(lines, 1.0, "nav", "values", currency, as_of, net, gross)


def by_pairs(prices: Market) -> Rates:
    """The pairs among some prices, and no bank beside them."""
    return Rates(Bank(shipped=False), Rates.of(prices).pairs)


def market(currency: str | dict[str, str] = "USD", **prices: Sequence[float | None]) -> Market:
    """A price for each of `D` in turn, None where there is none; `_` in a name stands for the dot of its suffix."""
    return from_rows(
        (
            name.replace("_", "."),
            day,
            price,
            None,
            None,
            currency if isinstance(currency, str) else currency[name],
            None,
        )
        for name, series in prices.items()
        for day, price in zip(D, series, strict=False)
        if price is not None
    )


def contributions(result: DrawdownResult) -> float:
    return sum(s.contribution for s in result.by_segment)


# By hand


def test_one_line_falls_as_its_prices_do() -> None:
    """100 → 120 → 90 → 108: from 120 down to 90 is −25 %, and 108 is still 10 % under 120."""
    result = drawdown(book(line("A", 1.0)), market(A=[100, 120, 90, 108]))
    assert result.wealth.tolist() == pytest.approx([1.0, 1.2, 0.9, 1.08])
    assert (result.start, result.end, result.days) == (D[0], D[3], 4)
    assert result.max_drawdown == pytest.approx(-0.25) and result.current_drawdown == pytest.approx(-0.10)
    assert (result.peak, result.trough, result.recovered) == (D[1], D[2], None)
    (episode,) = result.episodes
    assert (episode.days_down, episode.days_to_recover) == (1, None)
    assert result.underwater_share == pytest.approx(2 / 4)
    assert result.ulcer_index == pytest.approx(((0.25**2 + 0.1**2) / 4) ** 0.5)
    assert result.cdar_95 == pytest.approx(-0.25)


def test_weights_are_held_constant_and_the_fall_is_split_by_segment() -> None:
    """A 60 %, B 40 %. Day 1: A −10 %, B +5 %: −0.06 + 0.02 = −4 %. Day 2: A −20 %, B −10 %: −0.12 − 0.04 = −16 %.
    Depth 0.96 · 0.84 − 1 = −19.36 %. A's part: −0.06 + 0.96 · −0.12 = −17.52 %; B's: 0.02 + 0.96 · −0.04 = −1.84 %."""
    prices = market(A=[100, 90, 72], B=[100, 105, 94.5])
    result = drawdown(book(line("A", 0.6), line("B", 0.4, "software.applications")), prices)
    assert result.max_drawdown == pytest.approx(-0.1936)
    parts = {s.segment: s for s in result.by_segment}
    assert parts["chips"].contribution == pytest.approx(-0.1752)
    assert parts["software"].contribution == pytest.approx(-0.0184)
    assert parts["chips"].max_drawdown == pytest.approx(-0.28)
    assert parts["software"].max_drawdown == pytest.approx(-0.10)


def test_quantities_drift_with_their_prices() -> None:
    """Today A 50 at 100 and B 50 at 25. Before: A 100, 50, 100, B 25 throughout: values 100, 75, 100: −25 %."""
    prices = market(A=[100, 50, 100], B=[25, 25, 25])
    held = drawdown(book(line("A", 0.5), line("B", 0.5, "software.security"), as_of=D[2]), prices, hold="quantities")
    assert held.wealth.tolist() == pytest.approx([1.0, 0.75, 1.0])
    assert contributions(held) == pytest.approx(-0.25, abs=1e-12)
    constant = drawdown(book(line("A", 0.5), line("B", 0.5)), prices)
    assert constant.wealth.tolist() == pytest.approx([1.0, 0.75, 0.75 * 1.5])


def test_quantities_are_those_of_the_books_own_date() -> None:
    """Equal values at D[0]; A then doubles. Its later half: values 50 + 50, 100 + 50, 50 + 50: −1/3 at the end."""
    result = drawdown(
        book(line("A", 0.5), line("B", 0.5), as_of=D[0]), market(A=[1, 2, 1], B=[1, 1, 1]), hold="quantities"
    )
    assert result.max_drawdown == pytest.approx(-1 / 3)


def test_a_line_in_two_segments_gives_each_its_share() -> None:
    result = drawdown(
        book(line("A", 1.0, {"chips.foundry": 0.25, "chips.memory": 0.25, "software.security": 0.5})),
        market(A=[100, 80]),
    )
    assert {s.segment: round(s.contribution, 12) for s in result.by_segment} == {"chips": -0.10, "software": -0.10}


def test_a_short_gains_when_the_price_falls() -> None:
    """Long A 130 %, short B 30 %; A −10 %, B −20 %: −13 % + 6 % = −7 %."""
    result = drawdown(book(line("A", 1.3), line("B", -0.3, "software.security")), market(A=[10, 9], B=[10, 8]))
    assert result.max_drawdown == pytest.approx(-0.07)
    assert {s.segment: round(s.contribution, 12) for s in result.by_segment} == {"chips": -0.13, "software": 0.06}
    assert result.coverage["priced"] == pytest.approx(1.0)


def test_a_balanced_book_is_measured_on_its_gross() -> None:
    """Long A 50 %, short B 50 %, net nil; A −10 %, B flat: −5 % of gross, and no division by a net of nothing."""
    assert drawdown(book(line("A", 0.5), line("B", -0.5)), market(A=[10, 9], B=[10, 10])).max_drawdown == pytest.approx(
        -0.05
    )


@pytest.mark.parametrize("short", [-90, -94, -101])
def test_quantities_are_measured_on_one_basis_from_first_to_last(short: float) -> None:
    """110, 92, 110 beside a short that stands still: back where it was, whatever net is of gross in between. Net of 20
    is a tenth of gross and stays the base (92 leaves 2 of 20: −90 %); short of 94, 92 leaves less than nothing, and
    short of 101 net is under a twentieth of gross on the book's own date: gross is the base of every session then."""
    lines = line("A", 110.0), line("B", float(short))
    net, gross = 110.0 + short, 110.0 - short
    basis = "nav" if net >= 0.05 * gross else "gross"
    whole = net if basis == "nav" else gross
    measured = "nav" if 92 + short > 0 else "gross"
    weighed = tuple(replace(x, weight=x.weight / whole) for x in lines)
    held = Book(weighed, whole, basis, "values", "USD", D[2], net, gross)  # type: ignore[arg-type]
    result = drawdown(held, market(A=[110, 92, 110], B=[1, 1, 1]), hold="quantities")
    assert result.current_drawdown == pytest.approx(0.0, abs=1e-12)
    assert result.max_drawdown == pytest.approx(-18 / (net if measured == "nav" else gross))
    assert result.capital_basis == result.to_dict()["capital_basis"] == measured
    assert any("gross exposure throughout" in i.what for i in result.issues) == (measured != basis)


def test_a_path_that_begins_with_next_to_no_net_is_measured_on_gross_and_says_so() -> None:
    """Long 100 of A, short 90 of B today; three days before A stood at 91: net 1 of gross 181 is no base."""
    held = book(line("A", 100.0), line("B", -90.0), as_of=D[2])
    result = drawdown(held, market(A=[91, 95, 100], B=[1, 1, 1]), hold="quantities")
    assert result.capital_basis == "gross"
    assert any("shares of gross exposure throughout" in i.what for i in result.issues)
    assert result.wealth.tolist() == pytest.approx([1.0, 1 + 4 / 181, (1 + 4 / 181) * (1 + 5 / 185)])


def test_cash_earns_nothing_and_dampens() -> None:
    result = drawdown(book(line("A", 0.5), line("USD", 0.5, "cash", kind="cash")), market(A=[100, 80]))
    assert result.max_drawdown == pytest.approx(-0.10)
    assert result.coverage == {"priced": 0.5, "proxy": 0.0, "none": 0.0, "cash": 0.5}
    assert result.missing_prices == ()


# Missing prices


def test_a_missing_price_is_never_a_zero_and_its_move_is_in_the_next_return() -> None:
    """A rests on D[1] (B alone moves: 0.5 · 10 % = +5 %), halves to D[2] (−25 % and 0.5 · −10 % = −30 %), then −5 %."""
    result = drawdown(book(line("A", 0.5), line("B", 0.5)), market(A=[100, None, 50, 45], B=[100, 110, 99, 99]))
    assert result.wealth.tolist() == pytest.approx([1.0, 1.05, 1.05 * 0.7, 1.05 * 0.7 * 0.95])
    assert [i for i in result.issues if i.doubt is None] == [], "nothing of a lost move, only that A halved"


def test_weights_are_rescaled_over_the_lines_that_are_priced() -> None:
    """A 30 %, B 50 % fall by 10 % and 20 %; C 20 % has no price: (0.3·−0.1 + 0.5·−0.2) / 0.8 = −16.25 %."""
    result = drawdown(book(line("A", 0.3), line("B", 0.5), line("C", 0.2)), market(A=[100, 90], B=[100, 80]))
    assert result.max_drawdown == pytest.approx(-0.1625)
    assert result.missing_prices == ("C",)
    assert result.covered_weight == {"start": pytest.approx(0.8), "end": pytest.approx(0.8)}
    assert result.coverage == {"priced": pytest.approx(0.8), "proxy": 0.0, "none": pytest.approx(0.2), "cash": 0.0}


def test_the_history_starts_when_four_fifths_of_what_has_any_price_is_priced() -> None:
    """C has no price at all and does not count; B (30 of 90) begins on D[2], when 90 of 90 are priced; on D[0] 67 %."""
    prices = market(A=[10, 5, 10, 11], B=[None, None, 10, 11])
    result = drawdown(book(line("A", 0.6), line("B", 0.3), line("C", 0.1)), prices)
    assert result.start == D[2] and result.max_drawdown == 0
    # 80 of 100 is enough, and the fall of D[1] is in.
    earlier = drawdown(book(line("A", 0.8), line("B", 0.2)), prices)
    assert earlier.start == D[0] and earlier.max_drawdown == pytest.approx(-0.5)
    assert earlier.covered_weight == {"start": pytest.approx(0.8), "end": pytest.approx(1.0)}


def test_lines_that_never_meet_start_where_most_is_priced_and_it_is_said() -> None:
    prices = market(A=[10, 9, *[None] * 18], B=[*[None] * 18, 10, 8])
    result = drawdown(book(line("A", 0.6), line("B", 0.4)), prices)
    assert result.start == D[0]
    assert any(i.severity == "warning" and i.code == "history.thin-start" for i in result.issues)


def test_under_half_covered_is_said() -> None:
    prices = market(A=[10, 9])
    assert any("less than half" in i.what for i in drawdown(book(line("A", 0.49), line("B", 0.51)), prices).issues)
    assert not any("less than half" in i.what for i in drawdown(book(line("A", 0.5), line("B", 0.5)), prices).issues)


def test_no_price_at_all_names_the_option() -> None:
    for lines in ([line("Z", 1.0)], [line("USD", 1.0, "cash", kind="cash")], []):
        with pytest.raises(MissingPrice, match="--prices"):
            drawdown(book(*lines), market(A=[10, 9]))


def test_a_period_without_two_sessions_is_refused() -> None:
    prices = market(A=[10, 9, 8])
    for start, end in ((D[2], None), (D[5], None), (None, D[0]), (D[2], D[1])):
        with pytest.raises(MissingPrice, match="session between"):
            drawdown(book(line("A", 1.0)), prices, start=start, end=end)


def test_the_period_asked_for_is_the_period_measured() -> None:
    result = drawdown(book(line("A", 1.0)), market(A=[20, 10, 12, 9, 15]), start=D[1], end=D[3])
    assert (result.start, result.end, result.days) == (D[1], D[3], 3)
    assert result.max_drawdown == pytest.approx(-0.25)


def test_prices_that_end_early_are_named_and_their_line_leaves_after_ten_sessions() -> None:
    """B stands still for the ten sessions on which its close may stand, then A, falling 1 % each, counts for all."""
    prices = market(A=[100 * 0.99**k for k in range(14)], B=[10, 10])
    result = drawdown(book(line("A", 0.5), line("B", 0.5)), prices)
    moves = result.wealth[1:] / result.wealth[:-1] - 1
    assert moves.tolist() == pytest.approx([-0.005] * 11 + [-0.01] * 2)
    assert result.covered_weight == {"start": 1.0, "end": 0.5}
    said = {i.what: i.weight for i in result.issues}
    assert not any(what.startswith("prices end before") for what in said)  # the day it left says so
    assert said[f"left out while the last close is older than 10 sessions: B {D[12]} –"] == pytest.approx(0.5)


def test_a_line_that_pauses_leaves_and_comes_back_and_the_others_keep_their_sessions() -> None:
    """A, four fifths of the book, has no close on the sessions 2 to 25. B's own days are sessions again once A's last
    close is three weeks old; A is out then, and what it lost meanwhile is in no return: both days are named."""
    prices = market(A=[100, 100, *[None] * 24, 50, 50], B=[10.0 + k for k in range(28)])
    result = drawdown(book(line("A", 0.8), line("B", 0.2)), prices)
    out = next(i for i in result.issues if i.what.startswith("left out"))
    assert f"– {D[26]}" in out.what and out.weight == pytest.approx(0.8)
    assert result.max_drawdown == 0.0
    assert result.dates[-1] == np.datetime64(D[27])


def test_a_day_on_which_most_of_the_book_rests_is_no_session_and_nothing_is_lost() -> None:
    """A 90 % rests on D[1]; both moves to D[2] are in one return: 0.9 · −50 % + 0.1 · −20 % = −47 %."""
    result = drawdown(book(line("A", 0.9), line("B", 0.1)), market(A=[10, None, 5], B=[10, 9, 8]))
    assert result.dates.tolist() == [D[0], D[2]] and result.max_drawdown == pytest.approx(-0.47)
    assert [i for i in result.issues if i.doubt is None] == [], "nothing of a lost move, only that A halved"


def test_dates_of_series_that_the_book_does_not_hold_are_no_sessions() -> None:
    result = drawdown(book(line("A", 1.0)), market(A=[10, None, 5], B=[10, 9, 8]))
    assert result.dates.tolist() == [D[0], D[2]]


def test_a_book_that_loses_more_than_it_has_ends_there() -> None:
    """Three times A, financed by cash; A −40 % is −120 %: the index ends below nothing, nothing is made up after."""
    result = drawdown(book(line("A", 3.0), line("USD", -2.0, "cash", kind="cash")), market(A=[10, 6, 12]))
    assert result.end == D[1] and result.max_drawdown == pytest.approx(-1.2)
    path = value_path(book(line("A", 3.0), line("USD", -2.0, "cash", kind="cash")), market(A=[10, 6, 12]))
    assert path.dates.tolist() == D[:2] and path.parts.shape[1] == 1, "no part of a session after the last"
    assert contributions(result) == pytest.approx(-1.2, abs=1e-12)
    assert any(i.severity == "error" and "more than its capital" in i.what for i in result.issues)


def test_prices_without_bound_are_refused_and_give_no_infinity() -> None:
    days = [date(2020, 1, 1) + timedelta(i) for i in range(500)]
    leg = [("A-USD", d, 10.0 ** (i % 2), None, None, "USD", None) for i, d in enumerate(days)]
    leg += [("B-USD", d, 10.0 ** ((i + 1) % 2), None, None, "USD", None) for i, d in enumerate(days)]
    with pytest.raises(UnitError, match="beyond what a number can hold"):
        drawdown(book(line("A-USD", 0.5), line("B-USD", 0.5)), from_rows(leg))


# Which series


def test_the_listing_held_comes_before_the_ticker_written() -> None:
    prices = market(ASML=[10, 5], ASML_AS=[10, 9])
    result = drawdown(book(line("ASML", 1.0, listing="ASML.AS", siblings=["ASML.AS", "ASML"])), prices)
    assert result.max_drawdown == pytest.approx(-0.10) and result.coverage["priced"] == 1.0


def test_another_line_of_the_issuer_is_a_proxy_and_is_named() -> None:
    result = drawdown(book(line("ASML", 1.0, listing="ASML.AS", siblings=["ASML.AS", "ASML"])), market(ASML=[10, 5]))
    assert result.coverage["proxy"] == 1.0 and result.coverage["priced"] == 0.0
    assert any(i.what == "priced by a proxy: ASML.AS ← ASML (USD)" and i.weight == 1.0 for i in result.issues)


def test_the_same_ticker_of_another_market_is_not_taken_for_the_line() -> None:
    """`SU` is Schneider in Paris and Suncor in New York: the listing is known and the currency differs."""
    held = book(line("SU", 0.5, listing="SU.PA", siblings=["SU.PA"], currency="EUR"), line("A", 0.5), currency=None)
    result = drawdown(held, market(SU=[10, 5], A=[10, 10]))
    assert result.missing_prices == ("SU",) and result.max_drawdown == 0
    # A file of one's own that uses one's own tickers in the right currency is believed.
    own = drawdown(held, market({"SU": "EUR", "A": "USD"}, SU=[10, 5], A=[10, 10]))
    assert own.missing_prices == () and own.coverage["priced"] == 1.0


def test_an_option_does_not_move_as_its_issuer_does() -> None:
    held = book(line("NVDA", 0.9), line("NVDA", 0.1, kind="option", listing="NVDA", siblings=["NVDA"]))
    result = drawdown(held, market(NVDA=[10, 9]))
    assert result.coverage["none"] == pytest.approx(0.1) and result.max_drawdown == pytest.approx(-0.10)
    assert any("no price move applies to options" in i.what for i in result.issues)


def test_a_line_without_ticker_is_named_by_what_it_has() -> None:
    nameless = Line("X1", Holding(3, isin="US0000000001"), 0.5, 0.5, Assignment((), "", "none"))
    result = drawdown(book(line("A", 0.5), nameless), market(A=[10, 9]))
    assert result.missing_prices == ("US0000000001",)
    assert [s.segment for s in result.by_segment] == ["chips", "unassigned"]
    assert result.by_segment[1].max_drawdown is None and result.by_segment[1].contribution == 0


# Currency


def test_a_foreign_price_moves_with_its_currency() -> None:
    """In euro −10 %, the euro from 1.00 to 1.10 dollars: 0.9 · 1.1 − 1 = −1 %."""
    currency = {"A_PA": "EUR", "EURUSD=X": "USD"}
    prices = market(currency, **{"A_PA": [10, 9], "EURUSD=X": [1.0, 1.1]})
    held = book(line("A", 1.0, listing="A.PA", currency="EUR"))
    assert drawdown(held, prices, rates=by_pairs(prices)).max_drawdown == pytest.approx(-0.01)
    # From the other side: a dollar line of a euro book gains what the euro loses.
    dollar = market({"B": "USD", "EURUSD=X": "USD"}, **{"B": [10, 9], "EURUSD=X": [1.1, 1.0]})
    fall = drawdown(book(line("B", 1.0), currency="EUR"), dollar, rates=by_pairs(dollar)).max_drawdown
    assert fall == pytest.approx(0.9 * 1.1 - 1)


def test_two_currencies_meet_over_the_dollar_and_yen_are_quoted_by_the_dollar() -> None:
    """Yen 100 → 110 a dollar, euro 1.0 → 1.0 dollars: a yen line that stands still loses 1/11 in euro."""
    currency = {"A_T": "JPY", "EURUSD=X": "USD", "JPY=X": "JPY"}
    prices = market(currency, **{"A_T": [500, 500], "EURUSD=X": [1.0, 1.0], "JPY=X": [100, 110]})
    held = book(line("A", 1.0, listing="A.T", currency="JPY"), currency="EUR")
    assert drawdown(held, prices, rates=by_pairs(prices)).max_drawdown == pytest.approx(-1 / 11)


def test_a_rate_is_that_of_the_date_or_of_the_week_before_and_never_a_later_one() -> None:
    currency = {"A_PA": "EUR", "B": "USD", "EURUSD=X": "USD"}
    rates: list[float | None] = [None, 1.0, None, 1.1]
    prices = market(currency, **{"A_PA": [10, 10, 10, 10], "B": [10, 10, 10, 10], "EURUSD=X": rates})
    held = book(line("A", 0.5, listing="A.PA", currency="EUR"), line("B", 0.5))
    result = drawdown(held, prices, rates=by_pairs(prices))
    assert result.start == D[1]
    assert result.wealth.tolist() == pytest.approx([1.0, 1.0, 1.05])


def test_rates_given_by_the_caller_are_those_that_count_and_pence_are_pounds() -> None:
    """The pound falls from 1.25 to 1.00 dollars: from 0.8 to 1.0 for a euro, at a dollar for a euro."""
    bank = Bank({D[0]: {"GBP": 0.8, "USD": 1.0}, D[1]: {"GBP": 1.0, "USD": 1.0}}, shipped=False)
    held = book(line("V", 1.0, listing="V.L", currency="GBP"))
    assert drawdown(held, market("GBX", V_L=[70, 70]), rates=Rates(bank)).max_drawdown == pytest.approx(-0.20)


def test_without_any_rate_a_line_is_not_valued_and_its_weight_is_named() -> None:
    held = book(line("A", 0.25, listing="A.KS", currency="KRW"), line("B", 0.75))
    prices = market({"A_KS": "KRW", "B": "USD"}, A_KS=[10, 9], B=[10, 8])
    result = drawdown(held, prices, rates=by_pairs(prices))
    assert result.max_drawdown == pytest.approx(-0.2)
    assert result.coverage == pytest.approx({"priced": 0.75, "proxy": 0.0, "none": 0.25, "cash": 0.0})
    assert result.missing_prices == ()
    (said,) = [i for i in result.issues if "no exchange rate from KRW to USD" in i.what]
    assert (said.severity, said.weight) == ("warning", pytest.approx(0.25))
    (missing,) = result.missing_rates
    assert (missing.currency, missing.base, missing.start, missing.end) == ("KRW", "USD", D[0], D[1])


def test_cash_moves_with_its_currency_alone() -> None:
    prices = market({"A": "USD", "EURUSD=X": "USD"}, **{"A": [10, 10], "EURUSD=X": [1.0, 0.9]})
    held = book(line("A", 0.5), line("EUR", 0.5, "cash", kind="cash", currency="EUR"))
    assert drawdown(held, prices, rates=by_pairs(prices)).max_drawdown == pytest.approx(-0.05)


# The answer


def test_the_answer_is_json_with_the_names_of_the_interface() -> None:
    result = drawdown(book(line("A", 0.9), line("Z", 0.1), as_of=D[2]), market(A=[100, 80, 120]))
    answer = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert {
        "basis", "capital_basis", "currency", "as_of", "coverage", "from", "to", "days", "max_drawdown", "peak",
        "trough", "recovered", "current_drawdown", "underwater_share", "ulcer_index", "cdar_95", "covered_weight",
        "episodes", "by_segment", "missing_prices",
    } <= answer.keys()  # fmt: skip
    first, second, third = (day.isoformat() for day in D[:3])
    assert (answer["from"], answer["recovered"], answer["as_of"]) == (first, third, third)
    assert answer["episodes"] == [
        {
            "peak": first,
            "trough": second,
            "recovered": third,
            "depth": pytest.approx(-0.2),
            "days_down": 1,
            "days_to_recover": 1,
        }
    ]
    frame = result.frame()
    assert list(frame.columns) == ["wealth", "underwater"] and frame.index.name == "date"
    assert frame["underwater"].min() == result.max_drawdown


def test_only_the_ten_deepest_episodes_are_listed_deepest_first() -> None:
    prices = [100.0]
    for depth in range(1, 13):
        prices += [prices[-1] * (1 - depth / 100), prices[-1] * 1.01]
    result = drawdown(book(line("A", 1.0)), market(A=prices))
    assert [round(e.depth, 4) for e in result.episodes] == [-d / 100 for d in range(12, 2, -1)]


def test_what_was_wrong_with_the_prices_is_handed_on() -> None:
    prices = read_prices(
        b"date,ticker,close\n2025-01-02,A,7\n2025-01-03,A,x\n2025-01-06,A,700\n2025-01-07,A,6.3\n", name="p.csv"
    )
    result = drawdown(book(line("A", 1.0)), prices)
    assert result.max_drawdown == pytest.approx(-0.10)
    said = " | ".join(i.what for i in result.issues)
    assert "fault of unit" in said and "1 row of p.csv is not used, row 3" in said


def test_no_pandas_is_imported_before_a_frame_is_asked_for() -> None:
    asked = "from exposure.history import drawdown; from exposure.prices import Market"
    code = f"import sys; {asked}; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).resolve().parents[2]).returncode == 0


# Of any book


@st.composite
def made_up(draw: st.DrawFn) -> tuple[list[Line], Market, Any]:
    names, n = ["A", "B", "C", "E"], draw(st.integers(3, 12))
    move = st.floats(-0.2, 0.2)
    prices: dict[str, list[float | None]] = {}
    for name in names:
        level, series = 100.0, list[float | None]()
        for _ in range(n):
            level *= 1 + draw(move)
            series.append(level if draw(st.integers(0, 9)) else None)
        prices[name] = series
    prices["A"] = [100.0 if p is None else p for p in prices["A"]]
    segments = st.sampled_from(["chips.memory", "chips.foundry", "software.security", "outside"])
    weights = [draw(st.floats(0.05, 1)) * draw(st.sampled_from([1, 1, 1, -0.2])) for _ in names]
    lines = [line(t, w, {draw(segments): 0.5, "equipment.servers": 0.5}) for t, w in zip(names, weights, strict=True)]
    return lines, market(**prices), draw(st.sampled_from(["weights", "quantities"]))


@given(made_up())
def test_contributions_add_up_and_coverage_is_whole(case: tuple[list[Line], Market, Any]) -> None:
    lines, prices, hold = case
    try:
        result = drawdown(book(*lines), prices, hold=hold)
    except MissingPrice:  # every session but one is a holiday of the book
        return
    assert contributions(result) == pytest.approx(result.max_drawdown, abs=1e-12 * max(1, abs(result.wealth).max()))
    assert sum(result.coverage.values()) == pytest.approx(1.0)
    assert result.wealth[0] == 1.0 and result.max_drawdown <= 0 and len(result.episodes) <= 10
    assert all((e.recovered is None) == (e.days_to_recover is None) for e in result.episodes)
    assert np.isfinite(result.wealth).all()


@given(made_up(), st.randoms())
def test_the_order_of_lines_does_not_matter(case: tuple[list[Line], Market, Any], seed: Any) -> None:
    lines, prices, hold = case
    shuffled = list(lines)
    seed.shuffle(shuffled)
    try:
        result = drawdown(book(*lines), prices, hold=hold)
    except MissingPrice:
        return
    other = drawdown(book(*shuffled), prices, hold=hold)
    assert other.wealth == pytest.approx(result.wealth, rel=1e-9, abs=1e-12)
    assert other.coverage == pytest.approx(result.coverage)


@given(st.lists(st.floats(-0.3, 0.3), min_size=1, max_size=20), st.floats(0.01, 0.99))
def test_cash_scales_each_return(moves: list[float], cash: float) -> None:
    prices = market(A=[100.0, *(100 * np.cumprod(1 + np.array(moves))).tolist()])
    result = drawdown(book(line("A", 1 - cash), line("USD", cash, "cash", kind="cash")), prices)
    expected = np.cumprod(1 + (1 - cash) * np.array(moves))
    assert result.wealth[1:] == pytest.approx(expected, rel=1e-9)


@given(st.lists(st.floats(-0.3, 0.3), min_size=1, max_size=20), st.floats(0.1, 0.9))
def test_a_line_in_two_accounts_is_the_line_in_one(moves: list[float], share: float) -> None:
    prices = market(A=[100.0, *(100 * np.cumprod(1 + np.array(moves))).tolist()])
    split = drawdown(book(line("A", share), line("A", 1 - share)), prices)
    assert split.wealth == pytest.approx(drawdown(book(line("A", 1.0)), prices).wealth, rel=1e-12)


# Real prices


@pytest.fixture(scope="session")
def closes(daily_closes: Market) -> Market:
    return daily_closes


@pytest.mark.slow
@pytest.mark.parametrize("ticker", ["NVDA", "SMH", "SPY"])
@pytest.mark.parametrize("hold", ["weights", "quantities"])
def test_one_name_falls_as_empyrical_says(closes: Market, ticker: str, hold: Any) -> None:
    import empyrical

    series = closes.series[ticker]
    within = (series.dates >= np.datetime64("2020-01-01")) & (series.dates <= np.datetime64("2025-06-30"))
    price = series.returns_price[within]
    result = drawdown(book(line(ticker, 1.0)), closes, start=date(2020, 1, 1), end=date(2025, 6, 30), hold=hold)
    assert result.max_drawdown == pytest.approx(empyrical.max_drawdown(price[1:] / price[:-1] - 1), abs=1e-12)
    assert result.days == len(price)


def test_a_real_book_is_the_plain_sum_of_its_returns(closes: Market) -> None:
    """Three New York names, all priced throughout: Σ w·r each day, written out with nothing of the project."""
    weights = {"NVDA": 0.5, "MSFT": 0.3, "JPM": 0.2}
    start, end = np.datetime64("2020-01-01"), np.datetime64("2025-06-30")
    moves = 0.0
    for ticker, weight in weights.items():
        series = closes.series[ticker]
        price = series.returns_price[(series.dates >= start) & (series.dates <= end)]
        moves = moves + weight * (price[1:] / price[:-1] - 1)
    levels = np.concatenate([[1.0], np.cumprod(1 + np.asarray(moves))])
    held = book(line("NVDA", 0.5), line("MSFT", 0.3, "software.applications"), line("JPM", 0.2, "outside"))
    result = drawdown(held, closes, start=date(2020, 1, 1), end=date(2025, 6, 30))
    assert result.wealth == pytest.approx(levels, rel=1e-12)
    assert contributions(result) == pytest.approx(result.max_drawdown, abs=1e-12)
    assert result.episodes[0].peak == result.peak


@pytest.mark.slow
def test_both_cuts_are_what_last_known_prices_give(closes: Market) -> None:
    """Two thirds New York, one third elsewhere, against prices carried onto New York's dates by hand."""
    world = {"NVDA": 0.35, "MSFT": 0.3, "000660.KS": 0.1, "ASML.AS": 0.1, "8035.T": 0.15}
    held = book(*(line(t, w, listing=t) for t, w in world.items()), currency=None)
    calendar = closes.series["SPY"].dates
    rows = []
    for ticker in world:
        series = closes.series[ticker]
        at = np.searchsorted(series.dates, calendar, side="right") - 1
        rows += [
            (ticker.partition(".")[0], day, series.returns_price[k], None, None, "USD", None)
            for day, k in zip(calendar.tolist(), at.tolist(), strict=True)
            if k >= 0
        ]
    plain = book(*(line(t.partition(".")[0], w) for t, w in world.items()), currency=None)
    start = date(2020, 1, 1)
    carried = drawdown(plain, from_rows(rows), start=start)
    for cut in ("local", "common"):
        result = drawdown(held, closes, start=start, closes=cut)  # type: ignore[arg-type]
        assert result.max_drawdown == pytest.approx(carried.max_drawdown, abs=1e-9)
        assert (result.peak, result.trough) == (carried.peak, carried.trough)
        assert result.days == int((calendar >= np.datetime64(start)).sum())
