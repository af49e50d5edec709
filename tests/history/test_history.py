"""Today's holdings over past sessions: the rules of the interface, worked by hand, and what must hold of any book."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.bank_rates import Bank
from exposure.errors import MissingPrice, UnitError
from exposure.history import DrawdownResult, drawdown
from exposure.market import Market, from_rows, read_prices
from exposure.rates import Rates
from exposure.types import Assignment, Book, Holding, Kind, Line, Part

PRICES = Path(__file__).resolve().parents[2].parent / "shared" / "prices" / "prices.csv.gz"
D = [date(2025, 1, 1) + timedelta(i) for i in range(40)]


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


def test_cash_earns_nothing_and_dampens() -> None:
    result = drawdown(book(line("A", 0.5), line("USD", 0.5, "cash", kind="cash")), market(A=[100, 80]))
    assert result.max_drawdown == pytest.approx(-0.10)
    assert result.coverage == {"priced": 0.5, "proxy": 0.0, "none": 0.0, "cash": 0.5}
    assert result.missing_prices == ()


# Missing prices


def test_a_missing_price_is_never_a_zero_and_its_line_is_out_of_both_returns() -> None:
    """A has no price on D[1]: D[1] and D[2] are B's alone (+10 %, −10 %); D[3] has both (0.5·−10 % + 0.5·0)."""
    result = drawdown(book(line("A", 0.5), line("B", 0.5)), market(A=[100, None, 50, 45], B=[100, 110, 99, 99]))
    assert result.wealth.tolist() == pytest.approx([1.0, 1.1, 0.99, 0.99 * 0.95])
    assert any("their move is lost" in i.what and i.weight == pytest.approx(1 / 3) for i in result.issues)


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
    result = drawdown(book(line("A", 0.6), line("B", 0.4)), market(A=[10, 9, None, None], B=[None, None, 10, 8]))
    assert result.start == D[0]
    assert any(i.severity == "warning" and "on no session is 0.8" in i.what for i in result.issues)


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


def test_prices_that_end_early_are_named() -> None:
    result = drawdown(book(line("A", 0.5), line("B", 0.5)), market(A=[10, 9, 8], B=[10, 9]))
    assert result.covered_weight["end"] == pytest.approx(0.5)
    assert any(i.what == f"prices end before {D[2]}: B" for i in result.issues)


def test_on_a_holiday_of_most_of_the_book_the_rule_is_kept_to_the_letter_and_the_session_is_counted() -> None:
    """A 90 % rests on D[1]. Each return uses the lines priced on it and on the session before: B alone, 10 → 9 → 8,
    twice. A's halving is lost, which is why the Issues count the session and name the remedy."""
    result = drawdown(book(line("A", 0.9), line("B", 0.1)), market(A=[10, None, 5], B=[10, 9, 8]))
    assert result.dates.tolist() == D[:3] and result.max_drawdown == pytest.approx(-0.20)
    said = {i.what: i for i in result.issues}
    thin = said["on 1 of 3 sessions less than half of the weight trades and stands for all"]
    assert thin.severity == "warning" and "one common cut" in thin.remedy
    assert any("their move is lost" in what for what in said)


def test_dates_of_series_that_the_book_does_not_hold_are_no_sessions() -> None:
    result = drawdown(book(line("A", 1.0)), market(A=[10, None, 5], B=[10, 9, 8]))
    assert result.dates.tolist() == [D[0], D[2]]


def test_a_book_that_loses_more_than_it_has_ends_there() -> None:
    """Three times A, financed by cash; A −40 % is −120 %: the index ends below nothing, nothing is made up after."""
    result = drawdown(book(line("A", 3.0), line("USD", -2.0, "cash", kind="cash")), market(A=[10, 6, 12]))
    assert result.end == D[1] and result.max_drawdown == pytest.approx(-1.2)
    assert contributions(result) == pytest.approx(-1.2, abs=1e-12)
    assert any(i.severity == "error" and "more than its capital" in i.what for i in result.issues)


def test_prices_without_bound_are_refused_and_give_no_infinity() -> None:
    days = [date(2020, 1, 1) + timedelta(i) for i in range(500)]
    leg = [("A", d, 10.0 ** (i % 2), None, None, "USD", None) for i, d in enumerate(days)]
    leg += [("B", d, 10.0 ** ((i + 1) % 2), None, None, "USD", None) for i, d in enumerate(days)]
    with pytest.raises(UnitError, match="beyond what a number can hold"):
        drawdown(book(line("A", 0.5), line("B", 0.5)), from_rows(leg))


# Which series


def test_the_listing_held_comes_before_the_ticker_written() -> None:
    prices = market(ASML=[10, 5], ASML_AS=[10, 9])
    result = drawdown(book(line("ASML", 1.0, listing="ASML.AS", siblings=["ASML.AS", "ASML"])), prices)
    assert result.max_drawdown == pytest.approx(-0.10) and result.coverage["priced"] == 1.0


def test_another_line_of_the_issuer_is_a_proxy_and_is_named() -> None:
    result = drawdown(book(line("ASML", 1.0, listing="ASML.AS", siblings=["ASML.AS", "ASML"])), market(ASML=[10, 5]))
    assert result.coverage["proxy"] == 1.0 and result.coverage["priced"] == 0.0
    assert any(i.what == "priced by a proxy: ASML.AS by ASML (USD)" and i.weight == 1.0 for i in result.issues)


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
    assert (answer["from"], answer["recovered"], answer["as_of"]) == ("2025-01-01", "2025-01-03", "2025-01-03")
    assert answer["episodes"] == [
        {
            "peak": "2025-01-01",
            "trough": "2025-01-02",
            "recovered": "2025-01-03",
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
    assert "fault of unit" in said and "1 rows of p.csv are not used, first row 3" in said


def test_no_pandas_is_imported_before_a_frame_is_asked_for() -> None:
    code = "import sys, exposure.history, exposure.market; sys.exit('pandas' in sys.modules)"
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


@pytest.fixture(scope="module")
def closes() -> Market:
    if not PRICES.exists():
        pytest.skip("the daily closes are not beside the project")
    return read_prices(PRICES)


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


def test_one_common_cut_is_what_last_known_prices_give_and_local_closes_lose_moves(closes: Market) -> None:
    """Two thirds New York, one third elsewhere, against prices carried onto New York's dates by hand: one common cut
    comes out within half a point of it, local closes lose the moves across holidays and are several points away."""
    world = {"NVDA": 0.35, "MSFT": 0.3, "000660.KS": 0.1, "ASML.AS": 0.1, "8035.T": 0.15}
    held = book(*(line(t, w, listing=t) for t, w in world.items()), currency=None)
    calendar = closes.series["SPY"].dates
    rows = []
    for ticker in world:
        series = closes.series[ticker]
        at = np.searchsorted(series.dates, calendar, side="right") - 1
        rows += [
            (ticker, day, series.returns_price[k], None, None, series.currency, None)
            for day, k in zip(calendar.tolist(), at.tolist(), strict=True)
            if k >= 0
        ]
    start = date(2020, 1, 1)
    local, carried = drawdown(held, closes, start=start), drawdown(held, from_rows(rows), start=start)
    common = drawdown(held, closes, start=start, closes="common")
    out = abs(common.max_drawdown - carried.max_drawdown)
    assert out < 0.005 and out < abs(local.max_drawdown - carried.max_drawdown) / 3
    assert (common.peak, common.trough) == (carried.peak, carried.trough)
    assert any("their move is lost" in i.what for i in local.issues)
    assert not any("stands for all" in i.what for i in common.issues)
    assert common.days == int((calendar >= np.datetime64(start)).sum())
