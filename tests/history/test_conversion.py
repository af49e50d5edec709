"""Prices in another currency than the book's: each age of a rate, what is not valued, and that weights add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.errors import MissingRate
from exposure.flow import book_of
from exposure.flow import drawdown as flow_drawdown
from exposure.history import drawdown, history
from exposure.history._changes import Between, changes, growth
from exposure.prices import from_rows, read_prices
from exposure.prices._bank import Bank
from exposure.prices._market import Market
from exposure.prices._rates import Rates
from exposure.types import Book, Line
from exposure.view.texts import fallen

from .test_history import book, line

FIRST = date(2024, 7, 1)


@pytest.fixture(scope="module", autouse=True)
def no_calendar() -> Iterator[None]:
    """Let every day be one on which every exchange is open: the tests here count days."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("exposure.history._align.open_on", lambda *_: None)
        yield


def day(n: int) -> date:
    return FIRST + timedelta(n)


def bank(**rates: Mapping[int, float]) -> Rates:
    """Units of each currency for one euro, by the number of the day."""
    days: dict[date, dict[str, float]] = {}
    for code, each in rates.items():
        for n, level in each.items():
            days.setdefault(day(n), {})[code] = level
    return Rates(Bank(days, shipped=False))


def prices(unit: Mapping[str, str], **series: Mapping[int, float]) -> Market:
    """Closes by the number of the day; `_` in a name stands for the dot of its suffix."""
    return from_rows(
        (name.replace("_", "."), day(n), p, None, None, unit[name], None)
        for name, each in series.items()
        for n, p in each.items()
    )


def euro_book(*lines: Line) -> Book:
    return book(*lines, currency="EUR")


def test_a_price_fall_shows_whole_where_the_rate_is_old_and_the_warning_names_day_and_weight() -> None:
    """100 → 50 dollars at 1.25 for a euro, the rate of day 0: 80 → 40 euros, 12 days later. Half of the book."""
    held = euro_book(line("A", 0.5), line("B", 0.5, currency="EUR"))
    market = prices({"A": "USD", "B": "EUR"}, A={0: 100, 5: 100, 12: 50}, B={0: 1, 5: 1, 12: 1})
    result = drawdown(held, market, rates=bank(USD={0: 1.25}))
    assert result.max_drawdown == pytest.approx(-0.25)
    (said,) = [i for i in result.issues if "exchange rate" in i.what]
    assert said.what == f"an old exchange rate from USD to EUR stands for {day(12)}: that of {day(0)}, 12 days old"
    assert (said.severity, said.weight) == ("warning", pytest.approx(0.5))
    assert "EURUSD=X" in said.remedy


@pytest.mark.parametrize(("age", "warned", "valued"), [(10, 0, True), (11, 1, True), (44, 1, True), (46, 0, False)])
def test_each_age_of_a_rate_is_quiet_said_or_refused(age: int, warned: int, valued: bool) -> None:
    held = euro_book(line("A", 0.4), line("B", 0.6, currency="EUR"))
    market = prices({"A": "USD", "B": "EUR"}, A={age - 1: 100, age: 50}, B={age - 1: 10, age: 10})
    rates = bank(USD={0: 1.25}) if valued else bank(USD={-1: 1.25})
    result = drawdown(held, market, rates=rates)
    assert sum("an old exchange rate" in i.what for i in result.issues) == warned
    assert result.max_drawdown == pytest.approx(-0.2 if valued else 0.0)
    assert result.coverage["none"] == pytest.approx(0.0 if valued else 0.4)
    assert result.missing_prices == ()
    assert bool(result.missing_rates) is not valued


def test_what_is_not_valued_stands_in_the_headline_with_its_pair_its_days_and_its_share() -> None:
    held = euro_book(line("2330.TW", 0.3, currency="TWD"), line("B", 0.7, currency="EUR"))
    market = prices({"2330_TW": "TWD", "B": "EUR"}, **{"2330_TW": {0: 100, 1: 90}, "B": {0: 10, 1: 8}})
    result = drawdown(held, market, rates=bank(USD={0: 1.25}))
    assert result.coverage == pytest.approx({"priced": 0.7, "proxy": 0.0, "none": 0.3, "cash": 0.0})
    (said,) = [i for i in result.issues if "no exchange rate" in i.what]
    assert (
        said.what == f"no exchange rate from TWD to EUR on 2 dates from {day(0)} to {day(1)}: not valued there: 2330.TW"
    )
    assert said.weight == pytest.approx(0.3)
    assert not any("no price" in i.what for i in result.issues), "a missing rate is no missing price"
    answer = result.to_dict()
    assert answer["missing_prices"] == [] and answer["missing_rates"][0]["lines"] == ["2330.TW"]
    head = fallen(answer).split("\n\n")[0]
    assert (
        f"Not valued for want of an exchange rate: 30.0\u202f% of the book (TWD to EUR, {day(0)} to {day(1)})" in head
    )


def test_weights_of_missing_and_old_rates_add_up_to_those_of_the_lines() -> None:
    held = euro_book(
        line("A", 0.1), line("B", 0.2), line("C", 0.3, currency="GBP"), line("D", 0.15, currency="TWD"),
        line("E", 0.25, currency="EUR"),
    )  # fmt: skip
    unit = {"A": "USD", "B": "USD", "C": "GBP", "D": "TWD", "E": "EUR"}
    market = prices(unit, **{name: {20: 10, 21: 9} for name in unit})
    result = drawdown(held, market, rates=bank(USD={0: 1.25}, GBP={0: 0.8}))
    old = {i.what.split()[5]: i.weight for i in result.issues if "an old exchange rate" in i.what}
    assert old == pytest.approx({"USD": 0.3, "GBP": 0.3})
    assert [u.weight for u in result.missing_rates] == pytest.approx([0.15])
    assert result.coverage["none"] == pytest.approx(0.15)


def test_a_hole_in_the_rates_takes_the_line_out_there_and_no_longer() -> None:
    """The rouble: rated on day 0, not from day 46 on. The other line carries the rest of the history alone."""
    held = euro_book(line("R", 0.5, currency="RUB"), line("B", 0.5, currency="EUR"))
    every = {n: 10.0 for n in range(0, 61, 5)}
    market = prices({"R": "RUB", "B": "EUR"}, R=every, B={**every, 60: 8.0})
    result = drawdown(held, market, rates=bank(RUB={0: 100.0}))
    assert result.max_drawdown == pytest.approx(-0.2), "the line left over is the whole of what is valued"
    (missing,) = result.missing_rates
    assert (missing.start, missing.end, missing.dates) == (day(50), day(60), 3)
    assert result.covered_weight["end"] == pytest.approx(0.5)
    assert result.coverage["priced"] == 1.0, "it is priced, in a part of the history"
    assert not any("prices end before" in i.what for i in result.issues)


def test_a_book_without_any_rate_is_refused_by_its_pair_and_days() -> None:
    market = prices({"R": "RUB"}, R={0: 10.0, 1: 9.0})
    with pytest.raises(MissingRate, match=f"from RUB to EUR from {day(0)} to {day(1)}"):
        drawdown(euro_book(line("R", 1.0, currency="RUB")), market, rates=bank(USD={0: 1.25}))
    market = prices({"R": "RUB"}, R={0: 10.0, 1: 9.0, 100: 8.0, 101: 7.0})
    with pytest.raises(MissingRate, match=f"from RUB to EUR from {day(100)} to {day(101)}"):
        drawdown(
            euro_book(line("R", 1.0, currency="RUB")), market, rates=bank(RUB={0: 100.0}), start=day(90), end=day(110)
        )


def test_a_pair_of_the_day_comes_before_an_older_rate_of_the_bank() -> None:
    """A euro was 1.25 dollars by the bank on day 0, 1.60 by a pair on day 20: 100 dollars are 80, then 62.5 euros."""
    market = prices({"A": "USD", "EURUSD=X": "USD"}, **{"A": {0: 100, 20: 100}, "EURUSD=X": {20: 1.6}})
    rates = Rates(bank(USD={0: 1.25}).bank, Rates.of(market).pairs)
    result = drawdown(euro_book(line("A", 1.0)), market, rates=rates)
    assert result.max_drawdown == pytest.approx(62.5 / 80 - 1)
    assert not any("exchange rate" in i.what for i in result.issues)


@given(st.sets(st.integers(0, 120), min_size=1, max_size=5), st.sets(st.integers(0, 160), min_size=2, max_size=12))
def test_no_value_ever_rests_on_a_later_rate_or_on_one(rated: set[int], priced: set[int]) -> None:
    """The price stands at 1 dollar, which is 2 + n euros on day n: each level is that of a day at or before its own."""
    market = prices({"A": "USD", "B": "EUR"}, A=dict.fromkeys(priced, 1.0), B=dict.fromkeys(priced, 1.0))
    rates = bank(USD={n: 1.0 / (2 + n) for n in rated})
    result = drawdown(euro_book(line("A", 0.5), line("B", 0.5, currency="EUR")), market, rates=rates)
    valued = {n: [r for r in rated if 0 <= n - r <= 45] for n in priced}
    missing = sorted(n for n, known in valued.items() if not known)
    within = [n for n in missing if result.dates[0] <= np.datetime64(day(n)) <= result.dates[-1]]
    assert [u.dates for u in result.missing_rates] == ([len(within)] if within else [])
    level = {n: 2.0 + max(known) for n, known in valued.items() if known}
    pairs = [(a, b) for a, b in zip(sorted(priced), sorted(priced)[1:], strict=False) if a in level and b in level]
    moves = {day(b): level[b] / level[a] - 1 for a, b in pairs if b - a == 1}
    own = dict(zip(result.dates.tolist()[1:], (result.wealth[1:] / result.wealth[:-1] - 1).tolist(), strict=True))
    for on, move in moves.items():
        if on in own and result.dates[0].item() < on:
            assert own[on] == pytest.approx(move / 2, abs=1e-9)


# What else converts


def test_a_missing_rate_between_two_snapshots_is_no_growth_of_one() -> None:
    market = prices({"R": "RUB"}, R={0: 10.0, 90: 9.0})
    with pytest.raises(MissingRate):
        growth(line("R", 1.0, currency="RUB"), Between(day(0), day(90), market, "EUR", bank(RUB={0: 100.0})))


def test_what_was_sold_without_a_rate_has_no_price_told() -> None:
    before = book(line("2330.TW", 1.0, currency="TWD"), line("B", 1.0), as_of=day(0))
    after = book(line("B", 1.0), as_of=day(1))
    market = prices({"2330_TW": "TWD", "B": "USD"}, **{"2330_TW": {0: 10, 1: 9}, "B": {0: 1, 1: 1}})
    (sold,) = [c for c in changes(before, after, market).lines if c.what == "sold"]
    assert sold.traded is None


def test_snapshots_without_a_rate_are_refused_for_the_rate() -> None:
    held = book(line("R", 1.0, currency="RUB"), currency="EUR", as_of=day(0))
    with pytest.raises(MissingRate):
        history([held], prices({"R": "RUB"}, R={0: 10.0, 1: 9.0, 2: 9.0}), rates=bank(USD={0: 1.25}))


def test_the_case_of_prices_later_than_the_last_rate(shared: Path) -> None:
    """NVIDIA halves in dollars on 10 and 11 November 2026, twelve days after the rates that ship end."""
    files = shared / "cases" / "figures"
    result = flow_drawdown(book_of(files / "d_stalefx1.csv"), read_prices(files / "p_stalefx.csv"))
    assert result.max_drawdown == pytest.approx(-0.50, rel=0.02)
    assert result.end == date(2026, 11, 11)
