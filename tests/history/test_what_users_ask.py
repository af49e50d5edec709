"""What users of other tools complain of, in missing prices, currency, splits and drawdown: each is a test here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from exposure.errors import MissingPrice, MissingRate
from exposure.flow import book_of
from exposure.flow import drawdown as flow_drawdown
from exposure.history import compare, drawdown, history
from exposure.history._statistics import max_drawdown, spells, wealth
from exposure.prices import from_rows, read_prices
from exposure.prices._bank import Bank
from exposure.prices._market import Market
from exposure.prices._rates import Rates
from exposure.types import Assignment, Book, Holding, Line, Part, Snapshot

D = [
    day
    for i in range(100)
    if (day := date(2025, 5, 27) + timedelta(i)).weekday() < 5 and (day.month, day.day) not in ((6, 19), (7, 4))
][:20]
"""Sessions of New York."""
BEFORE_SPLIT, AFTER_SPLIT = date(2024, 6, 7), date(2024, 6, 10)
# NVIDIA's closes around its split of ten to one: as traded, and as adjusted since.
TRADED = [("2024-06-06", 1209.98), ("2024-06-07", 1208.88), ("2024-06-10", 121.79), ("2024-06-11", 120.91)]
ADJUSTED = [("2024-06-06", 120.998), ("2024-06-07", 120.888), ("2024-06-10", 121.79), ("2024-06-11", 120.91)]


def line(name: str, value: float, quantity: float | None = None, currency: str = "USD") -> Line:
    holding = Holding(row=2, ticker=name, quantity=quantity, currency=currency)
    assignment = Assignment((Part("chips.accelerators", 1.0),), "made up", "table")
    return Line(name, holding, value, value, assignment, listing=name, currency=currency)


def book(*lines: Line, on: date | None = None, currency: str | None = "USD") -> Book:
    nav = sum(x.market_value or 0 for x in lines)
    return Book(lines, nav, "nav", "values", currency, on, nav, nav)


def market(currency: str = "USD", **prices: list[float | None]) -> Market:
    return from_rows(
        (name.replace("_", "."), day, price, None, None, currency, None)
        for name, series in prices.items()
        for day, price in zip(D, series, strict=False)
        if price is not None
    )


def nvidia(prices: list[tuple[str, float]], *, split: float | None = None, adjusted: bool = False) -> Market:
    by_date = dict(ADJUSTED)
    return from_rows(
        (
            "NVDA",
            day,
            close,
            by_date[day] if adjusted else None,
            None,
            "USD",
            "raw",
            split if day == "2024-06-10" else None,
        )
        for day, close in prices
    )


def ten_shares(on: date, quantity: float = 10.0) -> Snapshot:
    held = Holding(2, ticker="NVDA", isin="US67066G1040", name="NVIDIA Corp", quantity=quantity, currency="USD")
    return Snapshot("h.csv", "csv", on, (on,), "USD", (held,))


# Missing prices


def test_a_holding_without_any_price_is_kept_counted_and_named() -> None:
    """Unlisted, delisted and house funds block nothing: the figure is of the rest, and says how much that is."""
    result = drawdown(book(line("A", 0.6), line("HOUSE FUND", 0.4)), market(A=[10, 8]))
    assert result.missing_prices == ("HOUSE FUND",) and result.coverage["none"] == pytest.approx(0.4)
    assert result.covered_weight == {"start": pytest.approx(0.6), "end": pytest.approx(0.6)}
    assert any("no price history: HOUSE FUND" in i.what and i.weight == pytest.approx(0.4) for i in result.issues)


def test_a_missing_price_is_no_fall_to_zero() -> None:
    result = drawdown(book(line("A", 0.5), line("B", 0.5)), market(A=[10, 10, 10], B=[10, None, 10]))
    assert result.max_drawdown == 0


def test_a_holiday_is_not_taken_for_a_delisting() -> None:
    """After a date without price the line counts again; nothing says that its prices end."""
    result = drawdown(book(line("A", 0.5), line("B", 0.5)), market(A=[10, 10, 10, 10], B=[10, None, 10, 5]))
    assert result.max_drawdown == pytest.approx(-0.25)
    assert not any("prices end" in i.what for i in result.issues)


def test_a_name_that_stops_trading_leaves_with_its_weight_said() -> None:
    result = drawdown(book(line("A", 0.5), line("B", 0.5)), market(A=[10, 10, 9], B=[10, 10]))
    assert any(i.what.startswith("prices end before") and i.weight == pytest.approx(0.5) for i in result.issues)


# Currency and units


def test_pence_are_pounds_once_and_returns_do_not_know_the_unit() -> None:
    result = drawdown(book(line("VOD.L", 1.0, currency="GBP"), currency="GBP"), market("GBX", VOD_L=[70, 63]))
    assert result.max_drawdown == pytest.approx(-0.1) and result.issues == ()


def test_the_exchange_does_not_imply_the_currency() -> None:
    """A dollar line in London: its prices say dollars, and no pound comes in."""
    prices = market("USD", CSPX_L=[600, 540])
    result = flow_drawdown(book(line("CSPX.L", 1.0, currency="USD")), prices)
    assert result.max_drawdown == pytest.approx(-0.1)


def test_pence_and_pounds_mixed_in_one_series_are_held_back_and_make_no_move() -> None:
    result = drawdown(book(line("V.L", 1.0, currency="GBP"), currency="GBP"), market("GBX", V_L=[70, 71, 0.7, 72, 70]))
    assert result.max_drawdown == pytest.approx(70 / 72 - 1)
    assert any("fault of unit" in i.what for i in result.issues)


def test_a_past_date_is_converted_at_the_rate_of_that_date() -> None:
    """A price that stands still in yen moves as the yen did between the two days, by the central bank's rates."""
    prices = from_rows([("A.T", d, 500, None, None, "JPY", None) for d in ("2025-01-24", "2025-01-27")])
    result = flow_drawdown(book(line("A.T", 1.0, currency="JPY"), on=date(2025, 6, 30)), prices)
    move = Rates().move("JPY", date(2025, 1, 24), date(2025, 1, 27))
    assert move == pytest.approx(0.016015, abs=1e-6) and result.wealth[-1] - 1 == pytest.approx(move, abs=1e-12)


def test_a_missing_rate_is_neither_one_nor_a_later_one_and_is_no_missing_price() -> None:
    """The central bank publishes no Taiwan dollar: alone the line is refused, beside another it is counted as none."""
    taiwan = [("2330.TW", d, p, None, None, "TWD", None) for d, p in (("2025-01-22", 1000), ("2025-02-03", 900))]
    with pytest.raises(MissingRate, match="from TWD to USD from 2025-01-22 to 2025-02-03") as refused:
        flow_drawdown(book(line("2330.TW", 1.0, currency="TWD")), from_rows(taiwan))
    assert "the ECB does not publish TWD" in refused.value.what and "TWDUSD=X" in refused.value.remedy
    both = book(line("2330.TW", 0.4, currency="TWD"), line("A", 0.6))
    dollars = [("A", d, 100, None, None, "USD", None) for d in ("2025-01-22", "2025-02-03")]
    result = flow_drawdown(both, from_rows([*taiwan, *dollars]))
    assert (result.max_drawdown, result.missing_prices) == (0.0, ())
    assert result.coverage["none"] == pytest.approx(0.4)
    pair = [("TWDUSD=X", "2025-01-21", 0.03, None, None, "USD", None)]
    assert flow_drawdown(both, from_rows([*taiwan, *dollars, *pair])).max_drawdown == pytest.approx(-0.04)


# Splits: NVIDIA across 10 June 2024, ten shares for one


@pytest.mark.parametrize(
    ("prices", "split", "adjusted"),
    [(TRADED, 10.0, False), (TRADED, None, True), (ADJUSTED, 10.0, False), (ADJUSTED, 10.0, True)],
    ids=["as traded", "as traded, the split told from adj_close", "adjusted since", "adjusted, with adj_close"],
)
def test_a_snapshot_is_valued_by_the_close_traded_on_its_own_date(
    prices: list[tuple[str, float]], split: float | None, adjusted: bool
) -> None:
    """Ten shares on 7 June 2024 were worth 12,088.80 dollars, a hundred on the 10th 12,179.00."""
    closes = nvidia(prices, split=split, adjusted=adjusted)
    assert book_of(ten_shares(BEFORE_SPLIT), market=closes).nav == pytest.approx(12_088.80)
    assert book_of(ten_shares(AFTER_SPLIT, 100.0), market=closes).nav == pytest.approx(12_179.00)


@pytest.mark.parametrize("hold", ["weights", "quantities"])
@pytest.mark.parametrize(
    ("prices", "split", "adjusted"), [(TRADED, 10.0, False), (TRADED, None, True), (ADJUSTED, None, False)]
)
def test_a_split_is_no_fall(prices: list[tuple[str, float]], split: float | None, adjusted: bool, hold: str) -> None:
    """From 120.998 down to 120.888 and from 121.79 to 120.91: the deepest fall is 0.72 %, and not 90 %."""
    result = flow_drawdown(book(line("NVDA", 1.0)), nvidia(prices, split=split, adjusted=adjusted), hold=hold)
    assert result.max_drawdown == pytest.approx(120.91 / 121.79 - 1, abs=1e-6)


@pytest.mark.parametrize(
    ("prices", "split"), [(TRADED, 10.0), (ADJUSTED, 10.0), (ADJUSTED, None)], ids=["traded", "stated", "seen"]
)
def test_ten_shares_that_became_a_hundred_are_no_trade_and_no_flow(
    prices: list[tuple[str, float]], split: float | None
) -> None:
    """The quantity is carried by the split: stated, or where nothing states it, seen from quantity and price."""
    before = book(line("NVDA", 12_088.80, 10), on=BEFORE_SPLIT)
    after = book(line("NVDA", 12_179.00, 100), on=AFTER_SPLIT)
    result = history([before, after], nvidia(prices, split=split))
    assert result.flows == () and result.trades == ()
    assert result.max_drawdown == pytest.approx(120.91 / 121.79 - 1, abs=1e-6)
    assert any("taken as a split" in i.what for i in result.issues) == (split is None)


def test_shares_bought_across_a_split_are_a_trade_of_the_new_shares() -> None:
    """Ten became a hundred, and there are 120: twenty were bought at 121.79."""
    before = book(line("NVDA", 12_088.80, 10), on=BEFORE_SPLIT)
    after = book(line("NVDA", 120 * 121.79, 120), on=AFTER_SPLIT)
    (flow,) = history([before, after], nvidia(ADJUSTED, split=10.0)).flows
    assert flow.value == pytest.approx(20 * 121.79)


def test_a_close_that_states_no_splits_is_said_where_a_quantity_rests_on_it() -> None:
    """An adjusted close cannot be told from a traded one by itself: ten shares look like 1,208.88 dollars."""
    held = book_of(ten_shares(BEFORE_SPLIT), market=nvidia(ADJUSTED))
    assert held.nav == pytest.approx(1_208.88)
    assert any("state no splits: NVDA" in i.what and i.weight == pytest.approx(1.0) for i in held.issues)


def test_a_book_of_weights_is_valued_by_no_close() -> None:
    """Fund books state shares beside weights: the weights count, and nothing rests on the quantity."""
    snapshot = ten_shares(BEFORE_SPLIT)
    weighed = replace(snapshot, holdings=tuple(replace(h, weight=1.0) for h in snapshot.holdings))
    held = book_of(weighed, market=nvidia(ADJUSTED))
    assert held.basis == "weights"
    assert not any("state no splits" in i.what for i in held.issues)


def test_splits_of_a_download_are_read() -> None:
    text = "Price,Close,Stock Splits\nTicker,NVDA,NVDA\nDate,,\n" + "".join(
        f"{day},{close},{10.0 if day == '2024-06-10' else 0.0}\n" for day, close in ADJUSTED
    )
    prices = read_prices(text.encode())
    assert prices.series["NVDA"].splits == ((AFTER_SPLIT, 10.0),)
    assert prices.closes_on(BEFORE_SPLIT)["NVDA"] == (pytest.approx(1208.88), None)
    assert not any("not used" in i.what and "Splits" in i.what for i in prices.issues)


# Drawdown


def test_the_first_days_loss_counts() -> None:
    assert max_drawdown(wealth([-0.1, 0.05])) == pytest.approx(-0.1)  # type: ignore[arg-type]
    assert drawdown(book(line("A", 1.0)), market(A=[10, 9, 9.5])).max_drawdown == pytest.approx(-0.1)


def test_the_base_is_given_and_never_guessed() -> None:
    """A first level of 20 is a level, not a return of 1,900 %: the fall is the 10 %, and not 95 %."""
    assert max_drawdown(wealth([0.0, -0.1])) == pytest.approx(-0.1)  # type: ignore[arg-type]
    assert drawdown(book(line("A", 1.0)), market(A=[20, 20, 18])).max_drawdown == pytest.approx(-0.1)


def test_an_episode_that_has_not_recovered_has_no_end() -> None:
    result = drawdown(book(line("A", 1.0)), market(A=[10, 8, 9]))
    (episode,) = result.episodes
    assert (episode.recovered, episode.days_to_recover, episode.days_down) == (None, None, 1)
    assert spells(wealth([-0.2, 0.1]))[0].recovered is None  # type: ignore[arg-type]


def test_new_cash_does_not_hide_the_loss() -> None:
    """The total rises from 100 to 150 by 100 of new cash; the portfolio fell by half."""
    books = [book(line("A", 100, 10), on=D[0]), book(line("A", 150, 30), on=D[1])]
    result = history(books, market(A=[10, 5, 5]))
    assert result.max_drawdown == pytest.approx(-0.5)
    assert [(f.date, f.value) for f in result.flows] == [(D[1], pytest.approx(100))]


def test_dates_are_session_dates_without_time_zone() -> None:
    prices = from_rows([("A", f"{d}T00:00:00-05:00", 10 - k, None, None, "USD", None) for k, d in enumerate(D[:3])])
    result = drawdown(book(line("A", 1.0)), prices)
    assert result.dates.tolist() == D[:3] and str(result.dates.dtype) == "datetime64[D]"


def test_an_empty_period_is_refused_and_not_answered_by_zero() -> None:
    with pytest.raises(MissingPrice):
        drawdown(book(line("A", 1.0)), market(A=[10, 9]), start=D[10])


def test_a_gap_in_the_rates_is_filled_by_no_later_rate() -> None:
    """Rates of 1.10 on the 2nd and 1.32 on the 21st: prices of the 6th and the 15th take that of the 2nd.

    The euro price stands still at 100, so in dollars it is 110, 110, 110, 132. On the 15th the rate is 13 days old,
    which is said with its day.
    """
    rates = [("EURUSD=X", d, p, None, None, "USD", None) for d, p in (("2025-01-02", 1.1), ("2025-01-21", 1.32))]
    days = ("2025-01-02", "2025-01-06", "2025-01-15", "2025-01-21")
    prices = from_rows([*rates, *(("A.PA", d, 100, None, None, "EUR", None) for d in days)])
    result = drawdown(
        book(line("A.PA", 1.0, currency="EUR")), prices, rates=Rates(Bank(shipped=False), Rates.of(prices).pairs)
    )
    assert result.wealth.tolist() == pytest.approx([1.0, 1.0, 1.0, 1.2])
    (said,) = [i for i in result.issues if "old exchange rate" in i.what]
    assert "stands for 2025-01-15: that of 2025-01-02, 13 days old" in said.what and said.weight == 1.0


def test_a_portfolio_and_its_benchmark_meet_on_session_dates_whatever_their_time_zones() -> None:
    """A date stamped in New York and one stamped in Tokyo is one date; no session is lost and none is doubled."""
    stamps = {"A": "T00:00:00-05:00", "F": "T00:00:00+09:00"}
    prices = from_rows(
        (name, f"{day}{stamp}", 10 - n, None, None, "USD", None)
        for name, stamp in stamps.items()
        for n, day in enumerate(D[:4])
    )
    found = compare({"A": drawdown(book(line("A", 1.0)), prices)}, prices, ("F",))
    assert found.dates.tolist() == D[:4] and found.missing == ()
    assert found.each[0].underwater.tolist() == pytest.approx(found.each[1].underwater.tolist())
