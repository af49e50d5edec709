"""Histories beside one another, an event's path, and where a shock would rank among past falls."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.errors import MissingPrice
from exposure.history import compare, drawdown, event_of, event_path, rank_of, rank_of_day
from exposure.prices import from_rows
from exposure.prices._market import Market
from exposure.types import Assignment, Book, Holding, Line, Part

D = [
    day
    for i in range(200)
    if (day := date(2025, 5, 27) + timedelta(i)).weekday() < 5 and (day.month, day.day) not in ((6, 19), (7, 4), (9, 1))
][:100]
"""Sessions of New York."""


def book(*weights: tuple[str, float], as_of: date | None = None) -> Book:
    lines = tuple(
        Line(n, Holding(2, ticker=n), w, w, Assignment((Part("chips.memory", 1.0),), "", "table"), listing=n)
        for n, w in weights
    )
    return Book(lines, 1.0, "nav", "values", None, as_of, 1.0, 1.0)


def market(**prices: list[float | None]) -> Market:
    return from_rows(
        (name, day, price, None, None, None, None)
        for name, series in prices.items()
        for day, price in zip(D, series, strict=False)
        if price is not None
    )


# Beside one another


def test_histories_and_benchmarks_are_laid_on_their_common_sessions() -> None:
    """A from D[0], B from D[1], the fund without D[2]: the common sessions are D[1], D[3], D[4]. There A is 80, 60, 90
    (−25 %), B 5, 4, 6 (−20 %), the fund 100, 110, 99 (−10 %)."""
    prices = market(A=[100, 80, 40, 60, 90], B=[None, 5, 4, 4, 6], F=[90, 100, None, 110, 99])
    own = {n: drawdown(book((n, 1.0)), prices) for n in ("A", "B")}
    found = compare(own, prices)
    assert found.dates.tolist() == D[1:5]
    assert {c.name: round(c.max_drawdown, 9) for c in found.each} == {"A": -0.5, "B": -0.2}
    long = market(A=[100] + [80, 60] * 20, F=[100] + [None] + [50, 60] * 20)
    beside = compare({"A": drawdown(book(("A", 1.0)), long)}, long, ("F", "NONE"))
    assert beside.missing == ("NONE",) and len(beside.dates) == 41, "its close of the day before stands"
    assert [c.name for c in beside.each] == ["A", "F"]
    assert beside.each[1].max_drawdown == pytest.approx(-0.5) and beside.each[1].wealth[0] == 1.0


def test_a_benchmark_rests_on_the_sundays_of_a_book_of_tel_aviv_and_loses_no_move() -> None:
    """Half of the book trades from Sunday to Thursday, the benchmark from Monday to Friday, falling by half on a Friday
    that is no session of the other half: every session is kept, and the fall shows."""
    first = date(2023, 12, 3)
    days = [first + timedelta(n) for n in range(33)]
    rows = [("T.TA", d, 100.0, None, None, None, None) for d in days if d.weekday() not in (4, 5)]
    for name in ("NVDA", "^IDX"):
        for d in days:
            if d.weekday() < 5 and d not in (date(2023, 12, 25), date(2024, 1, 1)):
                level = 50.0 if name == "^IDX" and d >= date(2023, 12, 15) else 100.0
                rows.append((name, d, level, None, None, None, None))
    prices = from_rows(rows)
    own = drawdown(book(("T.TA", 0.5), ("NVDA", 0.5)), prices)
    found = compare({"own": own}, prices, ("^IDX",))
    assert found.missing == ()
    assert found.dates.tolist() == [day for day in own.dates.tolist() if day >= date(2023, 12, 4)]
    assert any(day.weekday() == 6 for day in found.dates.tolist())
    assert found.each[1].max_drawdown == pytest.approx(-0.5)


def test_a_benchmark_that_lacks_the_start_is_named_and_does_not_shorten_the_rest() -> None:
    prices = market(A=[100, 50, 100, 90], F=[None, None, 100, 90])
    found = compare({"A": drawdown(book(("A", 1.0)), prices)}, prices, ("F",))
    assert found.missing == ("F",) and found.each[0].max_drawdown == pytest.approx(-0.5)


def test_histories_that_never_meet_cannot_be_compared() -> None:
    prices = market(A=[1, 2, None, None], B=[None, None, 3, 4])
    with pytest.raises(MissingPrice, match="in common"):
        compare({n: drawdown(book((n, 1.0)), prices) for n in ("A", "B")})


# An event


def test_an_event_is_followed_from_five_sessions_before_to_sixty_after() -> None:
    """100 on each day, 80 on the day, then 81, 82, … 140: after one session 5 % of the 20 is made up, after five a
    quarter, after twenty all of it, after sixty three times."""
    prices = market(A=[100.0] * 10 + [80.0] + [80.0 + k for k in range(1, 70)])
    path = event_path(book(("A", 1.0)), prices, D[10])
    assert (path.day, path.position[0], path.position[-1], len(path.dates)) == (D[10], -5, 60, 66)
    assert path.fall == pytest.approx(-0.2) and path.wealth[4] == 1.0 and path.wealth[5] == pytest.approx(0.8)
    assert path.recovered == {k: pytest.approx(k / 20) for k in (1, 5, 20, 60)}


def test_beyond_the_prices_nothing_is_known_and_without_a_fall_nothing_to_recover() -> None:
    falls = event_path(book(("A", 1.0)), market(A=[10, 8, 7]), D[1])
    assert falls.recovered == {1: pytest.approx(-0.5), 5: None, 20: None, 60: None}
    assert falls.position == (-1, 0, 1)
    rises = event_path(book(("A", 1.0)), market(A=[10, 11, 12]), D[1])
    assert set(rises.recovered.values()) == {None}


def test_an_event_on_a_day_without_session_is_that_of_the_next_one() -> None:
    assert event_path(book(("A", 1.0)), market(A=[10, None, 8]), D[1]).day == D[2]


@pytest.mark.parametrize("day", [D[0], D[50]])
def test_an_event_outside_the_history_is_refused(day: date) -> None:
    with pytest.raises(MissingPrice, match="not within the history"):
        event_path(book(("A", 1.0)), market(A=[10, 9, 8]), day)


def test_quantities_drift_through_an_event() -> None:
    """Half A, half B on D[0]; A halves on D[1] (−25 %) and doubles on D[2]: quantities are whole again."""
    held = book(("A", 0.5), ("B", 0.5), as_of=D[0])
    assert event_path(held, market(A=[2, 1, 2], B=[1, 1, 1]), D[1]).recovered[1] == pytest.approx(1.0)


# A rank


def test_a_shock_is_ranked_among_past_falls() -> None:
    """Falls of 50 % (D[1]), 20 % (D[4]) and 10 % (D[7]), the last one open. −20 % has one deeper and one equal."""
    result = drawdown(book(("A", 1.0)), market(A=[100, 50, 100, 100, 80, 100, 100, 90]))
    found = rank_of(result, -0.2)
    assert (found.rank, found.of, found.as_deep) == (3, 3, D[4])
    assert found.share_of_days == pytest.approx(2 / 8)
    assert found.drawdown_after == pytest.approx(0.9 * 0.8 - 1), "the fall that is open goes on"
    assert rank_of(result, -0.51).rank == 1 and rank_of(result, -0.51).as_deep is None
    assert rank_of(result, -0.15).rank == 3 and rank_of(result, -0.05).rank == 4


def test_a_shock_is_ranked_among_single_sessions_too() -> None:
    """Sessions that fell: −50 %, −20 %, −10 %."""
    result = drawdown(book(("A", 1.0)), market(A=[100, 50, 100, 100, 80, 100, 100, 90]))
    found = rank_of_day(result, -0.15)
    assert (found.rank, found.of, found.as_deep) == (3, 3, D[4])
    assert found.share_of_days == pytest.approx(2 / 7)


@given(st.lists(st.floats(-0.3, 0.3), min_size=2, max_size=40), st.floats(-0.9, -0.01))
def test_a_deeper_shock_never_ranks_lower(moves: list[float], loss: float) -> None:
    prices = market(A=[100.0, *(100 * np.cumprod(1 + np.array(moves))).tolist()])
    result = drawdown(book(("A", 1.0)), prices)
    for ranked in (rank_of, rank_of_day):
        here, deeper = ranked(result, loss), ranked(result, loss * 1.1)
        assert deeper.rank <= here.rank <= here.of + 1 and deeper.share_of_days <= here.share_of_days
    assert rank_of(result, result.max_drawdown - 1e-9).rank == 1


# Real prices


@pytest.fixture(scope="session")
def closes(daily_closes: Market) -> Market:
    return daily_closes


@pytest.mark.slow
def test_the_day_of_the_claim_in_nvidias_own_history(closes: Market) -> None:
    """27 January 2025: 142.62 → 118.42, −16.97 %. In the file's prices, written out by hand from its closes."""
    path = event_path(book(("NVDA", 1.0)), closes, date(2025, 1, 27))
    series = closes.series["NVDA"]
    at = int(np.searchsorted(series.dates, np.datetime64("2025-01-27")))
    price = series.returns_price
    assert path.fall == pytest.approx(-0.1697, abs=1e-4)
    assert path.recovered[5] == pytest.approx((price[at + 5] - price[at]) / (price[at - 1] - price[at]), abs=1e-12)
    whole = drawdown(book(("NVDA", 1.0)), closes, start=date(2020, 1, 1))
    assert rank_of_day(whole, path.fall).rank == 3, "16 March 2020, the day itself (a tie counts as deeper)"


def test_an_event_cut_out_of_a_history_is_the_event_followed_by_itself() -> None:
    """Same holdings, same path: 100 → 90 on D[6] is −10 %, 95 the session after makes up half of it."""
    prices = market(A=[100.0] * 6 + [90, 95] + [97.0] * 70)
    held = book(("A", 1.0), as_of=D[0])
    cut = event_of(drawdown(held, prices, hold="quantities"), D[6])
    alone = event_path(held, prices, D[6])
    assert cut.wealth.tolist() == alone.wealth.tolist() and cut.position == alone.position
    assert (cut.day, cut.fall, cut.covered) == (D[6], pytest.approx(-0.1), None)
    assert cut.recovered == alone.recovered and cut.recovered[1] == pytest.approx(0.5)
