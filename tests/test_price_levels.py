"""Units by their labels, splits as stated, and only then the question whether a jump is a fault."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.prices import from_rows, read_prices
from exposure.prices._market import Market, PriceSeries
from exposure.units import SUCCESSORS

FIRST = date(2025, 1, 6)


def weekdays(count: int) -> list[date]:
    return [day for n in range(2 * count) if (day := FIRST + timedelta(n)).weekday() < 5][:count]


def of(closes: list[float], labels: list[str | None] | None = None, splits: dict[int, float] | None = None) -> Market:
    """A series V of daily closes, the label of each row, and splits by the index of their row."""
    units = labels or [None] * len(closes)
    return from_rows(
        [
            ("V", day, close, None, None, unit, None, (splits or {}).get(n))
            for n, (day, close, unit) in enumerate(zip(weekdays(len(closes)), closes, units, strict=True))
        ]
    )


def total(series: PriceSeries) -> float:
    price = series.returns_price
    return float(price[-1] / price[0] - 1.0)


# Labels


def test_two_spellings_of_pence_are_one_unit_and_nothing_is_said() -> None:
    market = of([70, 71, 72, 68], ["GBX", "gbx", "GBp", "Pence"])
    assert market.series["V"].close.tolist() == [70, 71, 72, 68] and market.issues == ()
    assert market.series["V"].currency == "GBX"


def test_pence_that_become_pounds_are_converted_by_their_labels() -> None:
    market = of([7000, 7100, 7200, 71.5, 73.0], ["GBX", "GBX", "GBX", "GBP", "GBP"])
    assert market.series["V"].close.tolist() == pytest.approx([7000, 7100, 7200, 7150, 7300])
    (issue,) = market.issues
    assert issue.severity == "notice"
    assert issue.what == "V: 2 prices in GBP are converted to GBX (× 100 each), the first on 2025-01-09"


def test_labels_settle_even_a_move_within_the_bound() -> None:
    """Agorot at 900 and shekels at 90 are a rise to 9,000 agorot, which no guard would have noticed as ÷10."""
    assert of([900, 90.0], ["ILA", "ILS"]).series["V"].close.tolist() == pytest.approx([9.0, 90.0])


@pytest.mark.parametrize("code", sorted(SUCCESSORS))
def test_a_series_goes_on_in_euro_by_the_fixed_rate_of_what_it_was_in(code: str) -> None:
    rate = SUCCESSORS[code][1]
    closes = [10 / rate, 11 / rate, 12.0, 13.0]
    market = of(closes, [code, code, "EUR", "EUR"])
    series = market.series["V"]
    assert (series.currency, series.close.tolist()) == ("EUR", pytest.approx([10, 11, 12, 13]))
    assert [i.severity for i in market.issues] == ["notice"] and code in market.issues[0].what


def test_a_currency_that_the_euro_replaced_goes_on_in_euro_however_few_its_rows_in_euro_are() -> None:
    market = of([75.345, 82.8795, 90.414, 13.0], ["HRK", "HRK", "HRK", "EUR"])
    assert market.series["V"].currency == "EUR" and market.series["V"].close.tolist() == pytest.approx([10, 11, 12, 13])


def test_adjusted_closes_are_converted_with_the_closes() -> None:
    rows = [("V", FIRST, 7000, 6900, None, "GBX", None), ("V", weekdays(2)[1], 71, 71, None, "GBP", None)]
    adjusted = from_rows(rows).series["V"].adj_close
    assert adjusted is not None and adjusted.tolist() == pytest.approx([69, 71])


def test_lev_of_few_rows_and_cents_of_the_euro_meet_in_euro() -> None:
    market = of([19.5583, 1100.0, 12.0], ["BGN", "EUX", "EUR"])
    assert market.series["V"].close.tolist() == pytest.approx([10, 11, 12]) and market.series["V"].currency == "EUR"


def test_a_row_without_a_label_carries_that_of_the_row_before_it() -> None:
    market = of([7000, 7100, 71.5, 73.0], ["GBX", None, "GBP", None])
    assert market.series["V"].close.tolist() == pytest.approx([70, 71, 71.5, 73.0])


def test_another_currency_is_held_back_and_its_days_are_known() -> None:
    market = of([10, 11, 12, 13], ["USD", "USD", "EUR", "USD"])
    assert market.series["V"].close.tolist() == [10, 11, 13]
    assert market.notes["V"].held_back == (weekdays(3)[2],)
    assert (market.issues[0].severity, market.issues[0].code) == ("warning", "price.other-currency")


# Splits


RATIOS = [2, 3, 4, 5, 7, 10, 15, 19, 20, 20.5, 21, 30, 50, 99, 100, 101, 150, 190]


@pytest.mark.parametrize("ratio", [*RATIOS, *(1 / r for r in RATIOS)])
def test_a_stated_split_is_applied_before_anyone_asks_whether_its_jump_is_a_fault(ratio: float) -> None:
    traded = [1000.0, 1010.0, 1020.0 / ratio, 1030.0 / ratio]
    market = of(traded, splits={2: ratio})
    series = market.series["V"]
    assert market.issues == () and series.close.tolist() == traded
    assert total(series) == pytest.approx(0.03)
    for n, day in enumerate(weekdays(4)):
        assert market.closes_on(day)["V"][0] == pytest.approx(traded[n])
    # The same closes adjusted by the source: returns as they are, values as traded.
    adjusted = of([1000 / ratio, 1010 / ratio, 1020 / ratio, 1030 / ratio], splits={2: ratio})
    assert total(adjusted.series["V"]) == pytest.approx(0.03)
    assert adjusted.closes_on(weekdays(1)[0])["V"][0] == pytest.approx(1000.0)


@given(
    ratio=st.floats(1.5, 190) | st.floats(1 / 190, 1 / 1.5),
    moves=st.lists(st.floats(-0.15, 0.15), min_size=4, max_size=12),
    at=st.integers(1, 3),
)
def test_no_move_of_a_day_makes_a_stated_split_a_return(ratio: float, moves: list[float], at: int) -> None:
    path = 100.0 * np.cumprod([1.0, *(1 + m for m in moves)])
    traded = path.copy()
    traded[at:] /= ratio
    market = of(traded.tolist(), splits={at: ratio})
    assert total(market.series["V"]) == pytest.approx(path[-1] / path[0] - 1)
    assert [market.closes_on(d)["V"][0] for d in weekdays(len(path))] == pytest.approx(traded.tolist())


def test_two_splits_multiply() -> None:
    market = of([600.0, 606.0, 303.0, 306.0, 102.0, 103.0], splits={2: 2.0, 4: 3.0})
    assert total(market.series["V"]) == pytest.approx(103 / 100 - 1)
    assert market.series["V"].split_factor(weekdays(1)[0], weekdays(6)[5]) == 6.0


def test_a_split_stated_twice_is_one_and_two_of_one_ratio_are_two() -> None:
    feed = [("V", weekdays(2)[1], 20.0), ("V", weekdays(3)[2], 20.0)]
    twice = from_rows(
        [("V", day, c, None, None, None, None) for day, c in zip(weekdays(4), (2000, 2010, 101, 102), strict=True)],
        splits=feed,
    )
    assert twice.series["V"].splits == ((weekdays(3)[2], 20.0),)
    late = of([2000.0, 100.0, 101.0, 102.0, 103.0, 104.0], splits={1: 20.0, 4: 20.0})
    assert (weekdays(5)[4] - weekdays(2)[1]).days <= 4, "too near for another of the same ratio, which moved nothing"
    assert late.series["V"].splits == ((weekdays(2)[1], 20.0),)
    two = of([400.0, 200.0, 100.0, 101.0], splits={1: 2.0, 2: 2.0})
    assert total(two.series["V"]) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("cell", "ratio"),
    [
        *(("20", 20), ("20.0", 20), ("20:1", 20), ("20/1", 20), ("20 for 1", 20), ("20-for-1", 20), ("3:2", 1.5)),
        *(("0.05", 0.05), ("1:20", 0.05), ("1/20", 0.05), ("1-for-20", 0.05)),
    ],
)
def test_a_split_is_stated_as_a_ratio_in_any_of_its_spellings(cell: str, ratio: float) -> None:
    rows = ["date,ticker,close,stock_splits", "2025-01-06,V,1000,", f"2025-01-07,V,{1000 / ratio},{cell}"]
    market = read_prices("\n".join(rows).encode())
    assert market.series["V"].splits == ((date(2025, 1, 7), pytest.approx(ratio)),)
    assert total(market.series["V"]) == pytest.approx(0.0) and market.issues == ()


@pytest.mark.parametrize("cell", ["20:0", "twenty", "-2", "5000", "inf"])
def test_what_is_no_ratio_of_shares_is_said_and_left_unknown(cell: str) -> None:
    market = read_prices(f"date,ticker,close,splits\n2025-01-06,V,100,\n2025-01-07,V,101,{cell}\n".encode())
    assert market.series["V"].splits == ()
    assert [(i.severity, i.row) for i in market.issues] == [("warning", 3)]


@pytest.mark.parametrize("heading", ["stock_splits", "Splits", "Split Ratio", "splitFactor", "split_coefficient"])
def test_a_column_of_splits_is_known_by_the_names_that_sources_give_it(heading: str) -> None:
    text = f"date,ticker,close,{heading}\n2024-01-03,A,1010,\n2024-01-04,A,101,10\n"
    assert read_prices(text.encode()).series["A"].splits == ((date(2024, 1, 4), 10.0),)


@pytest.mark.parametrize("day", ["2025-01-11", "2025-01-12", "2025-01-13"])
def test_a_split_row_without_a_close_or_between_sessions_counts_from_the_next_session(day: str) -> None:
    """Friday 10 January and Tuesday the 14th have closes; the split is stated on a row of its own."""
    market = read_prices(
        "date,ticker,close,stock_splits\n2025-01-09,V,2200,0\n2025-01-10,V,2240,0\n"
        f"{day},V,,20\n2025-01-14,V,109,0\n2025-01-15,V,113,0\n".encode()
    )
    series = market.series["V"]
    assert market.issues == () and market.rejected == ()
    assert total(series) == pytest.approx(113 / 110 - 1)
    assert market.closes_on(date(2025, 1, 10))["V"][0] == 2240.0


def test_a_split_row_without_a_close_of_a_yfinance_download_counts_too() -> None:
    market = read_prices(
        b"Price,Close,Stock Splits\nTicker,V,V\nDate,,\n2025-01-09,2200,0\n2025-01-10,,20\n2025-01-13,109,0\n"
    )
    assert market.series["V"].splits == ((date(2025, 1, 10), 20.0),) and market.rejected == ()
    assert total(market.series["V"]) == pytest.approx(109 / 110 - 1)


@pytest.mark.parametrize("off", [-2, -1, 1, 2])
def test_a_split_stated_a_day_or_two_beside_its_jump_is_that_jump(off: int) -> None:
    market = of([2000.0, 2010, 2020, 2030, 102, 103, 104, 105], splits={4 + off: 20.0})
    assert market.series["V"].splits == ((weekdays(5)[4], 20.0),)
    assert total(market.series["V"]) == pytest.approx(0.05) and market.issues == ()


def test_a_split_beside_adjusted_closes_is_taken_once() -> None:
    """GOOGL on 18 July 2022: raw closes jump; the adjusted ones do not, or were not adjusted for it either."""
    rows = [("2022-07-14", 2207.35), ("2022-07-15", 2235.55), ("2022-07-18", 109.03), ("2022-07-19", 113.81)]
    for adjusted in ([110.0, 111.4, 108.7, 113.4], [2200.7, 2228.8, 108.7, 113.4]):
        market = from_rows(
            [
                ("GOOGL", day, close, adj, None, "USD", "raw", 20 if day == "2022-07-18" else None)
                for (day, close), adj in zip(rows, adjusted, strict=True)
            ]
        )
        series = market.series["GOOGL"]
        assert series.splits == ((date(2022, 7, 18), 20.0),) and market.issues == ()
        price = series.returns_price
        assert price[2] / price[1] - 1 == pytest.approx(-0.0245, abs=5e-4)
        assert market.closes_on(date(2022, 7, 15))["GOOGL"] == (2235.55, "USD")


def test_a_split_after_the_last_close_leaves_the_closes_as_they_were_traded() -> None:
    market = read_prices(b"date,ticker,close,stock_splits\n2025-01-09,V,2200,\n2025-01-10,V,2240,\n2025-01-13,V,,20\n")
    assert market.closes_on(date(2025, 1, 10))["V"][0] == 2240.0


# Faults


def test_a_wrong_print_of_the_close_alone_values_nothing() -> None:
    """The adjusted closes are right; by the close of the 8th the shares would be worth a hundred times as much."""
    closes = zip(weekdays(4), (10, 10.1, 1010, 10.2), strict=True)
    market = from_rows([("V", day, close, 10.0, None, "USD", "raw") for day, close in closes])
    assert market.notes["V"].held_back == (weekdays(3)[2],)
    assert market.closes_on(weekdays(3)[2])["V"][0] == 10.1


def test_a_wrong_print_of_the_adjusted_close_alone_makes_no_return() -> None:
    adjusted = zip(weekdays(4), (9.9, 10.0, 1000.0, 10.1), strict=True)
    market = from_rows([("V", day, 10.0, adj, None, "USD", "raw") for day, adj in adjusted])
    assert market.notes["V"].held_back == (weekdays(3)[2],)
    assert market.series["V"].returns_price.tolist() == [9.9, 10.0, 10.1]


def test_a_penny_stock_may_rise_thirty_times_and_the_jump_is_named() -> None:
    market = of([0.001, 0.0012, 0.036, 0.041, 0.039])
    assert market.series["V"].close.tolist() == [0.001, 0.0012, 0.036, 0.041, 0.039]
    (issue,) = market.issues
    assert issue.severity == "warning" and "×30 on 2025-01-08" in issue.what and "split" in issue.remedy


def test_a_stated_split_and_a_fault_of_unit_in_one_series_are_told_apart() -> None:
    market = of([2000.0, 2010, 101, 10_200, 103], splits={2: 20.0})
    assert market.series["V"].close.tolist() == [2000, 2010, 101, 103]
    assert total(market.series["V"]) == pytest.approx(0.03)
    assert "is a fault of unit" in market.issues[0].what
