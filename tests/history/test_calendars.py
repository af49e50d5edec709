"""One common cut: a market at rest keeps its last close, a price missing on a session of its exchange is unknown."""

from __future__ import annotations

import doctest
import importlib
from datetime import date

import numpy as np
import pytest

from exposure.errors import InputError
from exposure.history import drawdown
from exposure.history.calendars import cut
from exposure.market import from_rows
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
    outcome = doctest.testmod(importlib.import_module("exposure.history.calendars"))
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
    assert not any("lost" in i.what for i in result.issues)
    local = drawdown(book(line("NVDA", 0.9), line("8035.T", 0.1)), prices)
    assert local.wealth.tolist() == pytest.approx([1.0, 0.9, 0.9]), "New York's return stands for all, Tokyo's is lost"


def test_a_day_on_which_only_a_small_market_trades_is_no_session_of_the_cut() -> None:
    """4 July 2025: New York rests, Tokyo trades. Its move of the 4th is in the next session's return."""
    prices = market(
        NVDA={"2025-07-03": 100, "2025-07-07": 90},
        **{"8035_T": {"2025-07-03": 100, "2025-07-04": 80, "2025-07-07": 80}},
    )
    result = drawdown(book(line("NVDA", 0.9), line("8035.T", 0.1)), prices, closes="common")
    assert result.dates.tolist() == [date(2025, 7, 3), date(2025, 7, 7)]
    assert result.max_drawdown == pytest.approx(0.9 * -0.1 + 0.1 * -0.2)


def test_a_price_missing_on_a_session_of_its_exchange_is_not_taken_for_rest() -> None:
    """Tokyo was open on 12 February 2025: without its price the line is in neither return that meets there."""
    prices = market(
        NVDA={"2025-02-11": 100, "2025-02-12": 90, "2025-02-13": 90},
        **{"8035_T": {"2025-02-10": 100, "2025-02-13": 50}},
    )
    result = drawdown(book(line("NVDA", 0.9), line("8035.T", 0.1)), prices, closes="common")
    assert result.wealth.tolist() == pytest.approx([1.0, 0.9, 0.9])
    assert any("lost" in i.what for i in result.issues)


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


def test_what_trades_every_day_makes_no_session() -> None:
    """A coin has a price on Saturday; the book's share in New York would lose its move over the weekend."""
    prices = market(
        NVDA={"2025-01-24": 100, "2025-01-27": 90},
        **{"BTC-USD": {"2025-01-24": 100, "2025-01-25": 120, "2025-01-26": 110, "2025-01-27": 50}},
    )
    held = book(line("NVDA", 0.9), line("BTC-USD", 0.1, kind="crypto"))
    for closes in ("local", "common"):
        result = drawdown(held, prices, closes=closes)  # type: ignore[arg-type]
        assert result.dates.tolist() == [date(2025, 1, 24), date(2025, 1, 27)]
        assert result.max_drawdown == pytest.approx(0.9 * -0.1 + 0.1 * -0.5)


def test_a_book_of_coins_alone_has_their_days() -> None:
    prices = market(**{"BTC-USD": {"2025-01-24": 100, "2025-01-25": 80, "2025-01-26": 90}})
    assert drawdown(book(line("BTC-USD", 1.0, kind="crypto")), prices).days == 3


def test_a_calendar_that_does_not_reach_back_is_said() -> None:
    dates = np.array(["2015-01-05", "2015-01-06"], "datetime64[D]")
    with pytest.raises(InputError, match="XSAU does not reach back to 2014; measure with local closes"):
        cut(dates, np.ones((1, 2)), [".SR"], {".SR": 1.0})


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("code", ["XTKS", "XHKG", "XLON", "XAMS"])
def test_holidays_of_a_span_are_those_of_all_time_and_the_bounds_are_put_back(code: str) -> None:
    from exchange_calendars.calendar_utils import _default_calendar_factories
    from pandas.tseries.holiday import AbstractHolidayCalendar

    from exposure.scenarios.sessions import calendar

    before = AbstractHolidayCalendar.start_date, AbstractHolidayCalendar.end_date
    found = calendar(code, "2012-01-01", "2014-12-31").closes
    assert (AbstractHolidayCalendar.start_date, AbstractHolidayCalendar.end_date) == before
    assert found.equals(_default_calendar_factories[code](start="2012-01-01", end="2014-12-31").closes)


def test_seoul_rests_at_its_lunar_new_year_and_reopens() -> None:
    """Seollal 2023: Saturday 21 to Monday 23 January, and Tuesday 24 in place of the Sunday."""
    from exposure.scenarios.sessions import calendar

    sessions = [day.date() for day in calendar("XKRX", "2023-01-01", "2023-12-31").sessions]
    assert [d.day for d in sessions if date(2023, 1, 19) <= d <= date(2023, 1, 26)] == [19, 20, 25, 26]
