"""Choices of a history that no sum elsewhere would miss: one case apiece, worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from exposure.history import _statistics as measures
from exposure.history import figures_of, history, proxies_for
from exposure.history._changes import Between, _sum, growth
from exposure.history._quotes import _shared, listed
from exposure.messages import words
from exposure.prices import from_rows
from exposure.prices._market import Market
from exposure.types import Assignment, Book, Holding, Line, Part

D = [date(2025, 1, 1) + timedelta(n) for n in range(120)]


def line(name: str, value: float, quantity: float) -> Line:
    holding = Holding(2, ticker=name, quantity=quantity, currency="USD")
    own = Assignment((Part("chips.memory", 1.0),), "made up", "table")
    return Line(name, holding, value, value, own, listing=name, currency="USD")


def book(on: date, *lines: Line) -> Book:
    nav = sum(x.market_value or 0.0 for x in lines)
    weighed = tuple(replace(x, weight=(x.market_value or 0.0) / nav) for x in lines)
    return Book(weighed, nav, "nav", "values", "USD", on, nav, nav)


def market(**prices: list[float]) -> Market:
    rows = ((n, d, p, None, None, "USD", None) for n, series in prices.items() for d, p in zip(D, series, strict=True))
    return from_rows(rows)


def test_a_snapshot_followed_from_long_after_its_own_date_keeps_its_quantities() -> None:
    """Ten shares each of A and B, 100 each on the first day. A trebles to 30 on the tenth; followed from day 100, when
    the book is 300 + 100, A halves: 400 → 250, −37.5 %. Measured from prices of the last weeks alone it would be as
    if half of the book stood in each."""
    a = [10.0] * 10 + [30.0] * 91 + [15.0] * 19
    held = book(D[0], line("A", 100, 10), line("B", 100, 10))
    result = history([held], market(A=a, B=[10.0] * 120), start=D[100])
    assert result.start == D[100]
    assert result.max_drawdown == pytest.approx(-0.375)


def test_the_longest_time_under_water_is_that_of_the_longer_fall() -> None:
    """100 → 90 → 100 is a fall of two sessions, 100 → 95 → 96 → 97 → 98 → 100 one of five; either order, and open."""
    short, long = [90.0, 100.0], [95.0, 96, 97, 98, 100]
    for levels in ([100.0, *short, *long], [100.0, *long, *short], [100.0, *short, *long[:-1], 99.0]):
        dates = np.array(D[: len(levels)], "datetime64[D]")
        assert figures_of(dates, np.array(levels)).longest_underwater == 5


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_a_path_of_one_date_has_no_yearly_growth(shape: tuple[int, ...]) -> None:
    """Nothing was earned in no time: NaN for each path, in the shape of the paths."""
    found = measures.yearly_growth(np.ones((*shape, 1)))
    assert np.shape(found) == shape
    assert np.isnan(found).all()


def test_a_path_of_two_dates_has_one() -> None:
    assert measures.yearly_growth(np.array([[1.0, 1.1], [1.0, 0.5]]), periods=1) == pytest.approx([0.1, -0.5])


@pytest.mark.parametrize(("memory", "stands_in"), [(0.7, "mean:chips.memory"), (0.3, "mean:software.security")])
def test_the_names_of_a_lines_main_sub_segment_stand_in_for_it(memory: float, stands_in: str) -> None:
    """Three names of each sub-segment are priced, and no fund: the larger part decides, wherever it stands."""
    parts = (Part("chips.memory", memory), Part("software.security", 1 - memory))
    own = Assignment(parts, "made up", "table")
    held = Line("Z", Holding(2, ticker="Z"), 100.0, 1.0, own, listing="Z")
    falls = [10.0, *[9.0] * 119]
    names = {symbol: falls for symbol in ("MU", "SNDK", "000660.KS", "CRWD", "PANW", "ZS")}
    (offer,) = proxies_for(Book((held,), 100.0, "nav", "values", "USD", D[0], 100.0, 100.0), market(**names))
    assert offer.proxy == stands_in


@pytest.mark.parametrize(("count", "told"), [(8, "N7"), (9, "N7 and 1 more"), (12, "N7 and 4 more")])
def test_a_notice_names_eight_lines_and_counts_the_others(count: int, told: str) -> None:
    names = [f"N{n}" for n in range(count)]
    said = words("history.unmoved", listed([*names, *names])).partition(": ")[2]
    assert said == ", ".join([*names[:7], told])


def test_each_of_many_paths_has_its_own_share_of_dates_under_water() -> None:
    """100, 90, 80 is below its peak on two dates of three; 100, 110, 120 on none."""
    found = measures.underwater_share(np.array([[100.0, 90.0, 80.0], [100.0, 110.0, 120.0]]))
    assert found.tolist() == pytest.approx([2 / 3, 0.0])


def test_what_two_mixes_share_is_the_sum_over_segments() -> None:
    """0.6 memory and 0.4 foundry beside 0.5 and 0.5: 0.5 + 0.4."""
    fund = (Part("chips.memory", 0.5), Part("chips.foundry", 0.5))
    assert _shared({"chips.memory": 0.6, "chips.foundry": 0.4}, fund, top=False) == pytest.approx(0.9)


def test_the_weight_of_what_is_held_in_two_rows_is_the_sum_of_both() -> None:
    found = _sum(line("A", 30.0, 3.0) for _ in range(2))
    assert (found.quantity, found.market_value) == (6.0, 60.0)
    assert _sum([replace(line("A", 30.0, 3.0), weight=w) for w in (0.25, 0.5)]).weight == 0.75


def test_a_unit_of_cash_stays_one_and_a_line_without_a_price_is_unknown() -> None:
    prices = market(A=[10.0 + n for n in range(120)])
    cash = replace(line("Cash", 100.0, 100.0), holding=Holding(2, "cash", currency="USD"), listing=None)
    between = Between(D[0], D[10], prices, "USD")
    assert growth(cash, between) == 1.0
    assert growth(line("A", 100.0, 10.0), between) == pytest.approx(2.0)
    assert growth(line("B", 100.0, 10.0), between) is None
