"""A portfolio as its snapshots say it was: flows are never returns, and each snapshot counts in its own time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.errors import InputError, MissingPrice
from exposure.history import drawdown, history
from exposure.prices import from_rows
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
    name: str, value: float, quantity: float | None = None, segment: str = "chips.memory", kind: Kind = "equity"
) -> Line:
    holding = Holding(row=2, kind=kind, ticker=name, quantity=quantity, currency="USD")
    parts = (Part("cash" if kind == "cash" else segment, 1.0),)
    return Line(name, holding, value, value, Assignment(parts, "made up", "table"), listing=name, currency="USD")


def book(on: date | None, *lines: Line, currency: str = "USD") -> Book:
    nav = sum(x.market_value or 0.0 for x in lines)
    weighed = tuple(replace(x, weight=(x.market_value or 0.0) / nav) for x in lines)
    return Book(weighed, nav, "nav", "values", currency, on, nav, nav)


def market(**prices: list[float | None]) -> Market:
    return from_rows(
        (name, day, price, None, None, "USD", None)
        for name, series in prices.items()
        for day, price in zip(D, series, strict=False)
        if price is not None
    )


def test_new_cash_hides_no_loss() -> None:
    """100 in A, which halves; then 150 is paid in and put into A. The total went 100 → 50 → 200 → 200, a rise; the
    portfolio fell by half. The flow is +150, no part of it a return."""
    first, second = book(D[0], line("A", 100, 10)), book(D[1], line("A", 200, 40))
    result = history([first, second], market(A=[10, 5, 5]))
    assert result.wealth.tolist() == pytest.approx([1.0, 0.5, 0.5])
    assert result.max_drawdown == pytest.approx(-0.5) and result.hold == "snapshots"
    (flow,) = result.flows
    assert (flow.date, flow.value) == (D[1], pytest.approx(150)) and flow.what.startswith("paid in")
    assert result.to_dict()["flows"] == [{"date": D[1].isoformat(), "value": pytest.approx(150), "what": flow.what}]


def test_a_purchase_from_own_cash_is_a_trade_and_no_flow() -> None:
    """50 in A and 50 of cash; on D[1], at 12, 2 shares are bought for 24 of the cash."""
    first = book(D[0], line("A", 50, 5), line("USD", 50, kind="cash"))
    second = book(D[1], line("A", 84, 7), line("USD", 26, kind="cash"))
    result = history([first, second], market(A=[10, 12, 6]))
    assert result.flows == ()
    assert {(t.name, round(t.value, 9)) for t in result.trades} == {("A", 24.0), ("USD", -24.0)}
    # 0.5 · 20 % = 10 %; then 84 of 110 falls by half: −84/110 · 0.5.
    assert result.wealth.tolist() == pytest.approx([1.0, 1.1, 1.1 * (1 - 42 / 110)])


def test_each_snapshot_counts_in_its_own_time() -> None:
    """All in A, which falls 20 % to D[1]; then all in B, which falls 25 % from D[1] to D[2]: 0.8 · 0.75 = 0.6. Today's
    holdings held through the past would have fallen by B alone, and that is the hindsight."""
    first, second = book(D[0], line("A", 100, 10)), book(D[1], line("B", 80, 8, "software.security"))
    prices = market(A=[10, 8, 100], B=[5, 10, 7.5])
    result = history([second, first], prices)
    assert result.wealth.tolist() == pytest.approx([1.0, 0.8, 0.6])
    assert {s.segment: round(s.contribution, 9) for s in result.by_segment} == {"chips": -0.2, "software": -0.2}
    assert {h.name: round(h.contribution, 9) for h in result.by_holding} == {"A": -0.2, "B": -0.2}
    assert result.flows == () and {(t.name, round(t.value, 9)) for t in result.trades} == {("A", -80.0), ("B", 80.0)}
    assert drawdown(second, prices).max_drawdown == pytest.approx(-0.25)


def test_quantities_drift_between_snapshots() -> None:
    """Half in A, half in B; A doubles to D[1], then halves: 150 → 100 is −1/3, not the −25 % of constant weights."""
    result = history([book(D[0], line("A", 50, 5), line("B", 50, 5))], market(A=[10, 20, 10], B=[10, 10, 10]))
    assert result.max_drawdown == pytest.approx(-1 / 3)


def test_money_taken_out_is_a_flow_out_and_not_a_loss() -> None:
    result = history([book(D[0], line("A", 100, 10)), book(D[2], line("A", 50, 5))], market(A=[10, 10, 10, 10]))
    assert result.max_drawdown == 0 and result.flows[0].value == pytest.approx(-50)
    assert result.flows[0].what.startswith("paid out")


def test_without_quantities_the_earlier_value_is_carried_by_its_price() -> None:
    """100 in A at 10 becomes 120 at 12; the file says 150: 30 were bought."""
    result = history([book(D[0], line("A", 100)), book(D[1], line("A", 150))], market(A=[10, 12, 12]))
    assert [round(t.value, 9) for t in result.trades] == [30.0] and result.flows[0].value == pytest.approx(30)


def test_a_line_without_price_and_quantity_is_in_no_flow_and_named() -> None:
    first = book(D[0], line("A", 100, 10), line("X", 50))
    result = history([first, book(D[1], line("A", 100, 10), line("X", 90))], market(A=[10, 10, 10]))
    assert result.flows == () and any(i.what.startswith("X: no price between") for i in result.issues)
    assert result.missing_prices == ("X",)


def test_a_snapshot_of_a_weekend_begins_with_the_close_before_it() -> None:
    """The snapshot of Saturday D[3] holds from the close of Friday D[2] on."""
    prices = market(A=[10, 10, 10, None, None, 5], B=[10, 10, 10, None, None, 8])
    result = history([book(D[0], line("A", 10, 1)), book(D[3], line("B", 10, 1))], prices)
    assert result.dates.tolist() == [D[0], D[1], D[2], D[5]]
    assert result.max_drawdown == pytest.approx(-0.2), "B's fall, not A's"


def test_a_period_begins_with_the_snapshot_in_force() -> None:
    """From D[2] on; the quantities are still those of D[0]'s prices: A 5 at 10, B 5 at 10 → at D[2] 100 and 50."""
    prices = market(A=[10, 20, 20, 10], B=[10, 10, 10, 10])
    result = history([book(D[0], line("A", 50, 5), line("B", 50, 5))], prices, start=D[2])
    assert (result.start, result.max_drawdown) == (D[2], pytest.approx(-1 / 3))


def test_a_stretch_without_prices_is_said_and_not_taken_for_standing_still() -> None:
    books = [book(D[0], line("A", 10, 1)), book(D[2], line("X", 10, 1)), book(D[4], line("A", 10, 1))]
    result = history(books, market(A=[10, 9, 9, 3, 10, 8]))
    assert result.wealth.tolist() == pytest.approx([1.0, 0.9, 0.9, 0.9 * 0.8])
    said = " | ".join(i.what for i in result.issues)
    assert f"the snapshot of {D[2]} is not measured" in said and f"between {D[2]} and {D[4]}" in said


@pytest.mark.parametrize(
    ("books", "said"),
    [
        ([], "no snapshot"),
        ([book(None, line("A", 1, 1))], "no date"),
        ([book(D[0], line("A", 1, 1)), book(D[1], line("A", 1, 1), currency="EUR")], "several currencies"),
    ],
)
def test_books_that_make_no_history_are_refused(books: list[Book], said: str) -> None:
    with pytest.raises(InputError, match=said):
        history(books, market(A=[1, 2, 3]))


def test_no_prices_at_all_is_missing_prices() -> None:
    with pytest.raises(MissingPrice):
        history([book(D[0], line("X", 1, 1))], market(A=[1, 2, 3]))


def test_foreign_lines_move_with_their_currency() -> None:
    bank = Bank({D[0]: {"USD": 1.0}, D[1]: {"USD": 0.9}}, shipped=False)
    held = book(D[0], replace(line("A", 100, 10), currency="EUR"))
    prices = from_rows([("A", day, 10, None, None, "EUR", None) for day in D[:3]])
    assert history([held], prices, rates=Rates(bank)).max_drawdown == pytest.approx(-0.1)


@given(
    st.lists(st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)), min_size=2, max_size=12),
    st.lists(st.floats(0.5, 3.0), min_size=1, max_size=5),
)
def test_buying_more_of_everything_changes_no_return(moves: list[tuple[float, float]], scales: list[float]) -> None:
    """Snapshots on successive days, the holdings scaled by what was paid in or out: the path is the first one's."""
    a, b = (np.concatenate([[10.0], 10 * np.cumprod([1 + m[k] for m in moves])]).tolist() for k in (0, 1))
    prices, books, size = market(A=a, B=b), [], 1.0
    for day, scale in enumerate([1.0, *scales][: len(moves)]):
        size *= scale
        books.append(book(D[day], line("A", 5 * size * a[day], 5 * size), line("B", 3 * size * b[day], 3 * size)))
    alone, several = history(books[:1], prices), history(books, prices)
    assert several.wealth == pytest.approx(alone.wealth, rel=1e-12)
    assert sum(s.contribution for s in several.by_segment) == pytest.approx(several.max_drawdown, abs=1e-12)
    assert sum(h.contribution for h in several.by_holding) == pytest.approx(several.max_drawdown, abs=1e-12)
    total = [x.nav for x in books]
    for flow in several.flows:
        k = D.index(flow.date)
        carried = 5 * a[k] + 3 * b[k]
        scale_before = total[k - 1] / (5 * a[k - 1] + 3 * b[k - 1])
        assert flow.value == pytest.approx(total[k] - scale_before * carried, rel=1e-9)
