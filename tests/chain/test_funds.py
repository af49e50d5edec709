"""Funds looked through: what reaches a book, what is left open, and no circle."""

from __future__ import annotations

from datetime import date
from math import fsum

import pytest

from exposure.chain import measure, to_book
from exposure.chain._lookthrough import held_funds, looked_through, reachable, refuse_circles
from exposure.errors import InputError
from exposure.types import Holding, Snapshot

DAY = date(2025, 1, 24)


def held(*holdings: Holding, as_of: date | None = DAY) -> Snapshot:
    return Snapshot("t.csv", "csv", as_of, (as_of,) if as_of else (), "USD", holdings)


def line(ticker: str, value: float | None = None, weight: float | None = None, kind: str = "equity") -> Holding:
    return Holding(2, kind=kind, ticker=ticker, market_value=value, value_currency="USD", weight=weight, currency="USD")


BOOK = held(line("SPY", 6000.0, kind="fund"), line("NVDA", 4000.0))
INSIDE = {"SPY": held(line("NVDA", weight=0.5), line("MSFT", weight=0.4))}
"""60 % in a fund that is half NVIDIA, 40 % Microsoft, and leaves 10 % open."""


def test_a_fund_is_seen_by_what_it_holds_and_the_rest_is_a_line():
    """NVIDIA is 4,000 + 0.5 · 6,000 = 7,000 of 10,000; the file leaves 0.1 · 6,000 = 600 open."""
    book = to_book(BOOK, inside=INSIDE)
    by_ticker: dict[str | None, float] = {}
    for each in book.lines:
        by_ticker[each.holding.ticker] = by_ticker.get(each.holding.ticker, 0.0) + each.weight
    assert by_ticker["NVDA"] == pytest.approx(0.7)
    assert by_ticker["MSFT"] == pytest.approx(0.24)
    assert [(x.holding.name, x.weight) for x in book.lines if x.line_id.endswith("/rest")] == [
        ("cash and not disclosed in SPY", pytest.approx(0.06))
    ]
    assert fsum(e.weight for e in measure(book).by_segment) == pytest.approx(1.0)
    assert measure(book).coverage["look_through"] == pytest.approx(0.54)


def test_how_much_is_looked_through_is_measured_with_and_without():
    through = looked_through(to_book(BOOK, inside=INSIDE))
    assert (through.funds, through.through, through.undisclosed) == pytest.approx((0.6, 0.6, 0.06))
    whole = looked_through(to_book(BOOK))
    assert (whole.funds, whole.through, whole.undisclosed) == pytest.approx((0.6, 0.0, 0.0))


def test_a_held_fund_is_listed_by_the_key_its_inside_is_kept_under():
    by_isin = held(Holding(2, kind="fund", isin="US78462F1030", market_value=1.0, value_currency="USD"))
    assert [f.key for f in held_funds(to_book(by_isin))] == ["SPY"]
    (fund,) = held_funds(to_book(BOOK))
    assert (fund.key, fund.weight, fund.through) == ("SPY", pytest.approx(0.6), False)
    (fund,) = held_funds(to_book(BOOK, inside=INSIDE))
    assert (fund.key, fund.weight, fund.through) == ("SPY", pytest.approx(0.6), True)


def test_a_fund_that_moves_by_a_multiple_is_not_offered():
    assert held_funds(to_book(held(line("TQQQ", 1.0, kind="fund")))) == ()


def test_only_the_insides_that_reach_a_book_are_taken_with_those_inside_them():
    insides = {
        "MINE": held(line("SPY", weight=1.0, kind="fund")),
        "SPY": INSIDE["SPY"],
        "QQQ": held(line("NVDA", weight=1.0)),
    }
    assert reachable(insides, [line("MINE", 1.0, kind="fund")]).keys() == {"MINE", "SPY"}
    assert reachable(insides, [line("KO", 1.0)]) == {}
    by_isin = Holding(2, kind="fund", isin="US78462F1030")
    assert reachable(insides, [by_isin]).keys() == {"SPY"}


def test_funds_in_funds_multiply():
    """0.5 of a fund that is all SPY, of which 0.5 is NVIDIA: 0.25."""
    insides = {"MINE": held(line("SPY", weight=1.0, kind="fund")), "SPY": INSIDE["SPY"]}
    book = to_book(held(line("MINE", 50.0, kind="fund"), line("KO", 50.0)), inside=insides)
    assert fsum(x.weight for x in book.lines if x.holding.ticker == "NVDA") == pytest.approx(0.25)
    assert [(f.key, f.inside) for f in held_funds(book)] == [("MINE", None), ("SPY", "MINE")]
    assert looked_through(book).through == pytest.approx(0.5)


@pytest.mark.parametrize("chain", [["A"], ["A", "B"], ["A", "B", "C"]])
def test_a_circle_is_refused_by_the_names_in_it(chain: list[str]):
    insides = {a: held(line(b, weight=1.0, kind="fund")) for a, b in zip(chain, chain[1:] + chain[:1], strict=True)}
    with pytest.raises(InputError, match=" → ".join([*chain, "A"])):
        refuse_circles(insides)
    del insides[chain[-1]]
    refuse_circles(insides)


def test_a_fund_held_twice_over_is_no_circle():
    refuse_circles(
        {
            "A": held(line("B", weight=0.5, kind="fund"), line("C", weight=0.5, kind="fund")),
            "B": held(line("C", weight=1.0, kind="fund")),
            "C": held(line("KO", weight=1.0)),
        }
    )


def test_a_leveraged_fund_is_left_as_one_line_and_said_so():
    """What it holds would move once: three times the Nasdaq by 20 % of a book would count as 20 %."""
    book = to_book(held(line("TQQQ", 2_000.0), line("KO", 8_000.0)), inside={"TQQQ": held(line("NVDA", weight=1.0))})
    assert [x.factor for x in book.lines] == [3.0, None]
    assert any("TQQQ" in i.what and "factor" in i.what for i in book.issues)


def test_an_inside_of_a_far_day_is_told():
    old = {"SPY": held(line("NVDA", weight=1.0), as_of=date(2024, 1, 24))}
    assert any("of 2024-01-24" in i.what for i in to_book(BOOK, inside=old).issues)
    assert not any("the holdings of SPY" in i.what for i in to_book(BOOK, inside=INSIDE).issues)
