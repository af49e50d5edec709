"""Sessions and calendars: a market at rest keeps its last close, rows on days of rest are none, no move is lost."""

from __future__ import annotations

import doctest
import importlib
from datetime import date

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exposure.errors import InputError, MissingPrice
from exposure.history import drawdown
from exposure.history._align import align
from exposure.prices import from_rows
from exposure.prices._calendars import common_cuts, exchange_of, open_on
from exposure.types import Assignment, Book, Holding, Line, Part


def line(symbol: str, weight: float, *, kind: str = "equity") -> Line:
    holding = Holding(row=2, kind=kind, ticker=symbol)  # type: ignore[arg-type]
    return Line(
        symbol, holding, weight, weight, Assignment((Part("outside", 1.0),), "made up", "table"), listing=symbol
    )


def book(*lines: Line) -> Book:
    return Book(lines, 1.0, "nav", "values", None, None, 1.0, 1.0)


def market(**series: dict[str, float]):  # type: ignore[no-untyped-def]
    return from_rows(
        (name.replace("_", "."), day, price, None, None, None, None)
        for name, prices in series.items()
        for day, price in prices.items()
    )


def test_the_worked_examples_hold() -> None:
    outcome = doctest.testmod(importlib.import_module("exposure.prices._calendars"))
    assert outcome.attempted and not outcome.failed


def test_a_market_at_rest_keeps_its_close_and_shows_its_whole_move_when_it_opens() -> None:
    """Tokyo is shut on 11 February 2025 (Foundation Day), New York is open: 90 % New York −10 % a day, 10 % Tokyo that
    falls by half across the holiday. On the 11th: 0.9 · −10 % + 0.1 · 0 = −9 %; on the 12th 0.9 · 0 + 0.1 · −50 %."""
    prices = market(
        NVDA={"2025-02-10": 100, "2025-02-11": 90, "2025-02-12": 90},
        **{"8035_T": {"2025-02-10": 100, "2025-02-12": 50}},
    )
    result = drawdown(book(line("NVDA", 0.9), line("8035.T", 0.1)), prices, closes="common")
    assert result.wealth.tolist() == pytest.approx([1.0, 0.91, 0.91 * 0.95])
    local = drawdown(book(line("NVDA", 0.9), line("8035.T", 0.1)), prices)
    assert local.wealth.tolist() == pytest.approx([1.0, 0.91, 0.91 * 0.95])


def test_a_fund_quoted_by_the_month_and_heavy_sets_the_sessions_and_loses_no_move() -> None:
    """0.8 in a fund that is quoted at the ends of months, 0.2 in a stock of every day: six sessions. The fund goes from
    100 to 80 in three months and back, the stock halves in between; +100 % on it comes back on the last."""
    ends = ["2024-01-31", "2024-02-29", "2024-03-29", "2024-04-30", "2024-05-31", "2024-06-28"]
    fund = dict(zip(ends, [100.0, 90.0, 80.0, 90.0, 100.0, 100.0], strict=True))
    weekdays = np.busday_offset(np.datetime64("2024-01-31"), np.arange(108), roll="forward").tolist()
    stock = {str(day): 50.0 if date(2024, 3, 10) < day < date(2024, 6, 28) else 100.0 for day in weekdays}
    own = book(line("^FUND", 0.8), line("^IDX", 0.2))
    found = drawdown(own, market(**{"^FUND": fund, "^IDX": stock}))
    assert [str(day) for day in found.dates] == ends
    assert found.missing_prices == () and found.coverage["priced"] == 1.0
    moves = [0.8 * -0.1, 0.8 * -1 / 9 + 0.2 * -0.5, 0.8 / 8, 0.8 / 9, 0.2]
    assert found.wealth.tolist() == pytest.approx(np.cumprod([1.0, *(1 + m for m in moves)]).tolist())


def test_rows_on_days_of_rest_are_told_of_the_days_measured_alone() -> None:
    """New York rests on 4 July 2025 and on Labour Day, 1 September."""
    days = ["2025-07-03", "2025-07-04", "2025-07-07", "2025-08-29", "2025-09-01", "2025-09-02", "2025-09-03"]
    found = drawdown(book(line("NVDA", 1.0)), market(NVDA=dict.fromkeys(days, 100.0)), start=date(2025, 8, 29))
    (said,) = [i.what for i in found.issues if "was shut" in i.what]
    assert "NVDA 2025-09-01 (1)" in said
    later = drawdown(book(line("NVDA", 1.0)), market(NVDA=dict.fromkeys(days, 100.0)), start=date(2025, 9, 2))
    assert not [i for i in later.issues if "was shut" in i.what]


def test_a_day_on_which_only_a_small_market_trades_is_no_session_of_the_cut() -> None:
    """4 July 2025: New York rests, Tokyo trades. Its move of the 4th is in the next session's return."""
    prices = market(
        NVDA={"2025-07-03": 100, "2025-07-07": 90},
        **{"8035_T": {"2025-07-03": 100, "2025-07-04": 80, "2025-07-07": 80}},
    )
    result = drawdown(book(line("NVDA", 0.9), line("8035.T", 0.1)), prices, closes="common")
    assert result.dates.tolist() == [date(2025, 7, 3), date(2025, 7, 7)]
    assert result.max_drawdown == pytest.approx(0.9 * -0.1 + 0.1 * -0.2)


def test_a_price_missing_on_a_session_of_its_exchange_leaves_its_move_to_the_next_return() -> None:
    """Tokyo was open on 12 February 2025 and its close is not known: the whole fall is in the return of the 13th."""
    prices = market(
        NVDA={"2025-02-11": 100, "2025-02-12": 90, "2025-02-13": 90},
        **{"8035_T": {"2025-02-10": 100, "2025-02-13": 50}},
    )
    for closes in ("local", "common"):
        result = drawdown(book(line("NVDA", 0.9), line("8035.T", 0.1)), prices, closes=closes)  # type: ignore[arg-type]
        assert result.wealth[-1] / result.wealth[-2] - 1 == pytest.approx(0.1 * -0.5)
        assert result.wealth[-1] == pytest.approx(0.91 * 0.95)


def test_the_cut_is_a_moment_and_not_a_date() -> None:
    """With Tokyo as the larger part, New York's close of the same date lies hours after the cut: its last close before
    Tokyo's of 28 January 2025 is that of the 27th."""
    prices = market(
        NVDA={"2025-01-24": 142.62, "2025-01-27": 118.42, "2025-01-28": 128.99},
        **{"8035_T": {"2025-01-24": 100, "2025-01-27": 95, "2025-01-28": 90}},
    )
    result = drawdown(book(line("NVDA", 0.2), line("8035.T", 0.8)), prices, closes="common")
    falls = {"nvda": 118.42 / 142.62 - 1, "tokyo": 90 / 95 - 1}
    assert result.dates.tolist()[-2:] == [date(2025, 1, 27), date(2025, 1, 28)]
    assert result.wealth[-1] / result.wealth[-2] - 1 == pytest.approx(0.2 * falls["nvda"] + 0.8 * falls["tokyo"])


@pytest.mark.parametrize(("coin", "days"), [(0.1, [24, 27]), (0.6, [24, 25, 26, 27])])
def test_a_coins_weekend_is_a_session_where_it_is_half_of_the_book(coin: float, days: list[int]) -> None:
    prices = market(
        NVDA={"2025-01-24": 100, "2025-01-27": 90},
        **{"BTC-USD": {"2025-01-24": 100, "2025-01-25": 120, "2025-01-26": 110, "2025-01-27": 50}},
    )
    held = book(line("NVDA", 1 - coin), line("BTC-USD", coin, kind="crypto"))
    assert [d.day for d in drawdown(held, prices).dates.tolist()] == days
    cut = drawdown(held, prices, closes="common")
    assert [d.day for d in cut.dates.tolist()] == [24, 27]
    assert cut.max_drawdown == pytest.approx((1 - coin) * -0.1 + coin * -0.5)


def test_rows_on_days_of_rest_are_left_out_and_swallow_nothing() -> None:
    """Friday 100, rows of NVIDIA alone on the weekend, Monday 90 for both: Monday's fall is −10 %."""
    prices = market(
        NVDA={"2024-01-05": 100, "2024-01-06": 100, "2024-01-07": 100, "2024-01-08": 90},
        MSFT={"2024-01-05": 100, "2024-01-08": 90},
    )
    result = drawdown(book(line("NVDA", 0.5), line("MSFT", 0.5)), prices)
    assert result.wealth.tolist() == pytest.approx([1.0, 0.9])
    (said,) = result.issues
    assert said.what.endswith("NVDA 2024-01-06 (2)") and said.weight == pytest.approx(0.5)


def test_a_line_that_begins_between_two_sessions_keeps_its_first_move() -> None:
    """Tel Aviv trades on Sunday 5 January 2025, New York (four fifths) does not: Sunday's 100 to Monday's 90 counts."""
    prices = market(
        NVDA={"2025-01-03": 100, "2025-01-06": 100, "2025-01-07": 100},
        TEVA_TA={"2025-01-05": 100, "2025-01-06": 90, "2025-01-07": 90},
    )
    result = drawdown(book(line("NVDA", 0.8), line("TEVA.TA", 0.2)), prices)
    assert [d.day for d in result.dates.tolist()] == [3, 6, 7]
    assert result.max_drawdown == pytest.approx(0.2 * -0.1)


def test_tel_aviv_trades_on_sundays_until_2026_and_on_fridays_since() -> None:
    days = np.arange("2025-12-25", "2026-01-17", dtype="datetime64[D]")
    opened = open_on(".TA", days)
    assert opened is not None
    assert [d.isoweekday() for d in days[opened].tolist()] == [4, 7, 1, 2, 3, 4, 7, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5]


def test_where_no_calendar_is_known_every_row_counts() -> None:
    assert exchange_of("^GDAXI") == "?" and exchange_of("FUND", "EUR") == "?" and exchange_of("FUND", "USD") == ""
    assert open_on("?", np.array(["2025-01-04"], "datetime64[D]")) is None
    prices = market(**{"HOUSE_XX": {"2025-01-03": 100, "2025-01-04": 90, "2025-01-05": 80}})
    assert drawdown(book(line("HOUSE.XX", 1.0)), prices).days == 3


REAL = {"NVDA": "", "8035.T": ".T", "000660.KS": ".KS", "TEVA.TA": ".TA", "ASML.AS": ".AS", "BTC-USD": "-"}
"""Listings and exchanges with different rests: Tokyo's Golden Week, Seoul's New Year, Tel Aviv's week."""


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Prices of some listings over a stretch of 2024 to 2026: sessions, a few missing, a few rows on days of rest."""
    first = np.datetime64(draw(st.sampled_from(["2024-04-19", "2025-01-15", "2025-04-25", "2025-12-19", "2026-01-20"])))
    days = np.arange(first, first + draw(st.integers(20, 45)))
    names = draw(st.lists(st.sampled_from(sorted(REAL)), min_size=1, max_size=4, unique=True))
    prices: dict[str, dict[str, float]] = {}
    for name in names:
        opened = open_on(REAL[name], days)
        begin, level, rows = draw(st.integers(0, 8)), 100.0, dict[str, float]()
        for k, day in enumerate(days.tolist()):
            level *= 1 + draw(st.floats(-0.1, 0.1))
            traded = opened is None or bool(opened[k])
            missing, stray = draw(st.integers(0, 11)) == 0, draw(st.integers(0, 5)) == 0
            if k >= begin and ((traded and not missing) or (not traded and stray)):
                rows[day.isoformat()] = level
        prices[name] = rows
    weights = {name: draw(st.floats(0.05, 1.0)) for name in names}
    return prices, weights


@pytest.mark.slow
@settings(max_examples=150)
@given(worlds())
def test_no_move_is_lost_between_calendars(world: tuple[dict[str, dict[str, float]], dict[str, float]]) -> None:
    """For each line the product of its returns is its last close over its first; the path is the sum of w · r over the
    lines that have begun, written out with dictionaries and nothing of the project's."""
    prices, weights = world
    own: dict[str, dict[np.datetime64, float]] = {}
    for name, rows in prices.items():
        days = np.array(sorted(rows), "datetime64[D]")
        opened = open_on(REAL[name], days) if len(days) else None
        kept = days if opened is None or not opened.any() else days[opened]
        own[name] = {day: rows[str(day)] for day in kept}
    assume(all(len(each) > 1 for each in own.values()))
    held = book(*(line(n, w, kind="crypto" if n == "BTC-USD" else "equity") for n, w in weights.items()))
    data = market(**{n.replace(".", "_"): rows for n, rows in prices.items()})
    columns = align(held, data)
    for j, name in enumerate(weights):
        price = columns.price[j][~np.isnan(columns.price[j])]
        upto = [own[name][day] for day in sorted(own[name]) if day <= columns.dates[-1]]
        from_first = [own[name][day] for day in sorted(own[name]) if day > columns.dates[0]]
        begun = [own[name][day] for day in sorted(own[name]) if day <= columns.dates[0]]
        assume(bool(upto))
        first = begun[-1] if begun else from_first[0]
        assert np.prod(price[1:] / price[:-1]) == pytest.approx(upto[-1] / first, rel=1e-9)
    try:
        result = drawdown(held, data)
    except MissingPrice:
        return
    level = [1.0]
    for before, day in zip(result.dates[:-1], result.dates[1:], strict=True):
        moved, whole = 0.0, 0.0
        for name, weight in weights.items():
            closes = sorted(d for d in own[name] if d <= day)
            base = [d for d in closes if d <= before] or closes[:1]
            if base and (base[-1] <= before or base[-1] < day):
                moved += weight * (own[name][closes[-1]] / own[name][base[-1]] - 1)
                whole += weight
        level.append(level[-1] * (1 + moved / whole))
    assert result.wealth.tolist() == pytest.approx(level, rel=1e-9)


def test_a_book_of_coins_alone_has_their_days() -> None:
    prices = market(**{"BTC-USD": {"2025-01-24": 100, "2025-01-25": 80, "2025-01-26": 90}})
    assert drawdown(book(line("BTC-USD", 1.0, kind="crypto")), prices).days == 3


def test_a_calendar_that_does_not_reach_back_is_said() -> None:
    dates = np.array(["2015-01-05", "2015-01-06"], "datetime64[D]")
    with pytest.raises(InputError, match="XSAU does not reach back to 2014; measure with local closes"):
        common_cuts(dates, [".SR"], {".SR": 1.0})


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("code", ["XTKS", "XHKG", "XLON", "XAMS"])
def test_holidays_of_a_span_are_those_of_all_time_and_the_bounds_are_put_back(code: str) -> None:
    from exchange_calendars.calendar_utils import _default_calendar_factories
    from pandas.tseries.holiday import AbstractHolidayCalendar

    from exposure.prices._calendars import calendar

    before = AbstractHolidayCalendar.start_date, AbstractHolidayCalendar.end_date
    found = calendar(code, "2012-01-01", "2014-12-31").closes
    assert (AbstractHolidayCalendar.start_date, AbstractHolidayCalendar.end_date) == before
    assert found.equals(_default_calendar_factories[code](start="2012-01-01", end="2014-12-31").closes)


def test_seoul_rests_at_its_lunar_new_year_and_reopens() -> None:
    """Seollal 2023: Saturday 21 to Monday 23 January, and Tuesday 24 in place of the Sunday."""
    from exposure.prices._calendars import calendar

    sessions = [day.date() for day in calendar("XKRX", "2023-01-01", "2023-12-31").sessions]
    assert [d.day for d in sessions if date(2023, 1, 19) <= d <= date(2023, 1, 26)] == [19, 20, 25, 26]
