"""Which exchange rate counts: the bank's of the day, else a pair, else the last one known; never later, never 1."""

from __future__ import annotations

import doctest
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.errors import MissingRate, UnitError
from exposure.prices import _rates as rates
from exposure.prices import from_rows
from exposure.prices._bank import Bank, shipped_until
from exposure.prices._market import Market
from exposure.prices._rates import OLDEST_DAYS, QUIET_DAYS, Rates

CODES = ["AUD", "BRL", "CAD", "CHF", "CNY", "DKK", "EUR", "GBP", "HKD", "INR", "JPY", "KRW", "SEK", "SGD", "USD", "ZAR"]
MONDAY = date(2024, 7, 1)
SHIPPED = Rates()


def rate(currency: str, base: str, on: date) -> float:
    return SHIPPED.find(currency, base, on).value


def prices(pairs: Mapping[str, Mapping[date, float]]) -> Market:
    return from_rows((s, day, p, None, None, None, None) for s, each in pairs.items() for day, p in each.items())


def at_hand(bank: Mapping[date, Mapping[str, float]], **pairs: Mapping[date, float]) -> Rates:
    """The bank's rates of some days, and pairs of currencies: `EURUSD` for the series `EURUSD=X`."""
    return Rates(Bank(bank, shipped=False), prices({f"{name}=X": each for name, each in pairs.items()}).series)


def days(n: int) -> date:
    return MONDAY + timedelta(n)


@pytest.fixture(scope="module")
def converter() -> Any:
    from currency_converter import CurrencyConverter

    return CurrencyConverter(fallback_on_missing_rate=True, fallback_on_missing_rate_method="last_known")


def test_the_worked_figures_of_the_docstrings() -> None:
    done = doctest.testmod(rates)
    assert done.attempted >= 3 and done.failed == 0


# The bank's rate


def test_sterling_in_dollars_by_hand() -> None:
    """27 January 2025: a euro was 1.053 dollars and 0.84106 pounds, so a pound 1.053 / 0.84106 = 1.2519915 dollars."""
    assert rate("GBP", "USD", date(2025, 1, 27)) == pytest.approx(1.2519915, abs=5e-8)
    assert rate("EUR", "USD", date(2025, 1, 27)) == 1.053
    assert rate("USD", "EUR", date(2025, 1, 27)) == pytest.approx(1 / 1.053)


@given(st.sampled_from(CODES), st.sampled_from(CODES), st.dates(date(2009, 2, 1), date(2025, 12, 31)))
def test_rates_are_those_of_the_package(converter: Any, currency: str, base: str, on: date) -> None:
    assert rate(currency, base, on) == pytest.approx(converter.convert(1, currency, base, date=on), rel=1e-12)


@given(
    st.sampled_from(CODES), st.sampled_from(CODES), st.sampled_from(CODES), st.dates(date(2010, 1, 1), date(2025, 1, 1))
)
def test_rates_multiply_along_a_chain_and_turn_round(a: str, b: str, c: str, on: date) -> None:
    assert rate(a, b, on) * rate(b, c, on) == pytest.approx(rate(a, c, on), rel=1e-12)
    assert rate(a, b, on) * rate(b, a, on) == pytest.approx(1.0, rel=1e-12)


def test_weekends_and_easter_take_the_last_earlier_rate_never_a_later_one() -> None:
    """Friday 18 to Monday 21 April 2025 were Easter; Thursday's rate holds, and Tuesday has its own."""
    thursday = rate("EUR", "USD", date(2025, 4, 17))
    assert {rate("EUR", "USD", date(2025, 4, day)) for day in (18, 19, 20, 21)} == {thursday}
    assert rate("EUR", "USD", date(2025, 4, 22)) != thursday
    assert SHIPPED.find("EUR", "USD", date(2025, 4, 20)).on == date(2025, 4, 17)


def test_a_newer_rate_of_the_bank_is_taken_over_the_shipped_one_of_its_day_and_of_later_days() -> None:
    last = shipped_until()
    newer = Rates(Bank({last: {"USD": 2.0}, last + timedelta(3): {"USD": 3.0}}))
    assert newer.find("EUR", "USD", last).value == 2.0
    assert newer.find("EUR", "JPY", last).value == SHIPPED.find("EUR", "JPY", last).value, "what it leaves out stands"
    assert newer.find("EUR", "USD", last + timedelta(3)).value == 3.0
    assert newer.bank.end == last + timedelta(3)


# The order of sources


def test_the_bank_comes_first_then_a_pair_of_the_day_then_the_last_one_known() -> None:
    known = at_hand(
        {days(0): {"USD": 1.10}, days(3): {"USD": 1.13}}, EURUSD={days(0): 1.2, days(1): 1.21, days(3): 1.23}
    )
    assert known.find("EUR", "USD", days(0)) == rates.Rate(1.10, days(0))
    assert known.find("EUR", "USD", days(1)) == rates.Rate(1.21, days(1)), "a pair of the day beats an older bank's"
    assert known.find("EUR", "USD", days(2)) == rates.Rate(1.21, days(1)), "the later of the two that are old"
    assert known.find("EUR", "USD", days(3)) == rates.Rate(1.13, days(3))
    assert known.find("EUR", "USD", days(5)) == rates.Rate(1.13, days(3))


@pytest.mark.parametrize(
    ("pair", "level", "currency", "base", "value"),
    [
        ("EURUSD", 1.25, "EUR", "USD", 1.25),
        ("EURUSD", 1.25, "USD", "EUR", 0.8),
        ("USDEUR", 0.8, "EUR", "USD", 1.25),
        ("JPY", 160.0, "USD", "JPY", 160.0),
        ("JPY", 160.0, "JPY", "USD", 0.00625),
        ("USDTWD", 32.0, "TWD", "USD", 0.03125),
        ("TWDUSD", 0.03125, "USD", "TWD", 32.0),
    ],
)
def test_a_pair_is_read_in_either_direction(pair: str, level: float, currency: str, base: str, value: float) -> None:
    assert at_hand({}, **{pair: {days(0): level}}).find(currency, base, days(0)).value == pytest.approx(value)


def test_a_currency_that_the_bank_does_not_publish_is_crossed_over_the_dollar_or_the_euro() -> None:
    """A euro is 1.25 dollars, a dollar 32 Taiwan dollars and 3.75 riyals: 40 for a euro, and 8.533 for a riyal."""
    known = at_hand(
        {days(0): {"USD": 1.25}}, USDTWD={days(0): 32.0}, SARUSD={days(0): 1 / 3.75}, EURCLP={days(0): 1000.0}
    )
    assert known.find("EUR", "TWD", days(0)).value == pytest.approx(40.0)
    assert known.find("SAR", "TWD", days(0)).value == pytest.approx(32 / 3.75)
    assert known.find("CLP", "USD", days(0)).value == pytest.approx(0.00125), "over the euro"


def test_a_cross_is_as_old_as_its_older_leg() -> None:
    known = at_hand({days(0): {"USD": 1.25}}, USDTWD={days(20): 32.0})
    assert known.find("TWD", "EUR", days(21)) == rates.Rate(pytest.approx(1 / 40), days(0))
    with pytest.raises(MissingRate):
        known.find("TWD", "EUR", days(OLDEST_DAYS + 1))


# How old one may be


@pytest.mark.parametrize(("age", "known"), [(0, True), (10, True), (11, True), (44, True), (45, True), (46, False)])
@pytest.mark.parametrize("of_the_bank", [True, False])
def test_the_last_rate_stands_for_forty_five_days_with_its_own_day(age: int, known: bool, of_the_bank: bool) -> None:
    at = {days(0): {"USD": 1.25}}
    held = at_hand(at) if of_the_bank else at_hand({}, EURUSD={days(0): 1.25})
    assert held.known("USD", "EUR", days(age)) is known
    if known:
        assert held.find("USD", "EUR", days(age)) == rates.Rate(0.8, days(0))
    else:
        with pytest.raises(MissingRate, match=f"from USD to EUR on {days(age)} or in the 45 days before"):
            held.find("USD", "EUR", days(age))


def test_the_bounds_are_those_of_the_method() -> None:
    assert (QUIET_DAYS, OLDEST_DAYS) == (10, 45)


def test_the_shipped_rates_end_and_a_book_long_after_has_none() -> None:
    last = shipped_until()
    assert SHIPPED.find("EUR", "USD", last + timedelta(45)).on == last
    with pytest.raises(MissingRate) as refused:
        rate("USD", "EUR", last + timedelta(46))
    assert "EURUSD=X" in refused.value.remedy and "prices fetch" in refused.value.remedy
    with pytest.raises(MissingRate):
        rate("EUR", "USD", date(1999, 1, 3))
    assert rate("EUR", "USD", date(1999, 1, 4)) > 1


# What there is no rate of


@pytest.mark.parametrize("currency", ["TWD", "SAR", "AED", "XXX", "usd", "", "\n"])
def test_a_currency_without_a_rate_is_missing_and_not_one(currency: str) -> None:
    for pair in ((currency, "EUR"), ("USD", currency)):
        with pytest.raises(MissingRate, match="the ECB does not publish"):
            rate(*pair, date(2025, 1, 27))


def test_a_currency_that_is_no_longer_quoted_has_no_rate_after_its_last_and_a_pair_gives_one() -> None:
    assert rate("RUB", "EUR", date(2022, 3, 1)) > 0
    with pytest.raises(MissingRate, match="from RUB to EUR on 2025-01-27"):
        rate("RUB", "EUR", date(2025, 1, 27))
    assert "RUB" not in SHIPPED.currencies(date(2025, 1, 27))
    assert {"EUR", "USD", "JPY"} <= set(SHIPPED.currencies(date(2025, 1, 25)))
    pair = Rates.of(prices({"RUB=X": {date(2025, 1, 24): 100.0}}))
    assert pair.find("RUB", "EUR", date(2025, 1, 24)).value == pytest.approx(0.01 / 1.0472)


@pytest.mark.parametrize(("unit", "currency"), [("GBX", "GBP"), ("GBp", "GBP"), ("ZAc", "ZAR"), ("ILA", "ILS")])
def test_a_quote_unit_is_no_currency(unit: str, currency: str) -> None:
    with pytest.raises(UnitError, match=f"convert the price to {currency} first"):
        rate(unit, "EUR", date(2025, 1, 27))
    with pytest.raises(UnitError):
        rate("EUR", unit, date(2025, 1, 27))
    with pytest.raises(UnitError):
        rate(unit, unit, date(2025, 1, 27))


def test_messages_stay_on_one_line() -> None:
    with pytest.raises(MissingRate) as caught:
        rate("\n", "EUR", date(2025, 1, 27))
    assert "\n" not in str(caught.value)


# The euro takes a currency's place


@pytest.mark.parametrize(
    ("currency", "fixed", "on"),
    [("HRK", 7.5345, date(2023, 1, 1)), ("BGN", 1.95583, date(2026, 1, 1)), ("LTL", 3.4528, date(2015, 1, 1))],
)
def test_a_currency_that_became_the_euro_is_converted_by_its_fixed_rate_for_ever(
    currency: str, fixed: float, on: date
) -> None:
    for day in (on, on + timedelta(400), shipped_until() + timedelta(1000)):
        assert rate(currency, "EUR", day) == pytest.approx(1 / fixed, rel=1e-12)
        assert rate("EUR", currency, day) == pytest.approx(fixed, rel=1e-12)
    assert rate(currency, "USD", on + timedelta(40)) == pytest.approx(rate("EUR", "USD", on + timedelta(40)) / fixed)
    before = on - timedelta(10)
    assert rate(currency, "USD", before) == pytest.approx(
        SHIPPED.bank.row(SHIPPED.find(currency, "EUR", before).on)["USD"] * rate(currency, "EUR", before), rel=1e-6
    )


def test_two_currencies_that_became_the_euro_meet_over_it() -> None:
    assert rate("HRK", "BGN", date(2027, 6, 1)) == pytest.approx(1.95583 / 7.5345)


# Many days at once


@pytest.mark.parametrize(
    ("currency", "base"),
    [("JPY", "EUR"), ("KRW", "USD"), ("EUR", "USD"), ("USD", "USD"), ("RUB", "USD"), ("TWD", "USD"), ("HRK", "USD")],
)
def test_rates_of_many_days_are_those_of_each(currency: str, base: str) -> None:
    """Weekends, holidays, the rouble's end in 2022, the kuna's in 2023, and a currency that never was published."""
    _each_as_one(SHIPPED, currency, base, np.arange(np.datetime64("2021-12-20"), np.datetime64("2023-01-20")))
    assert len(SHIPPED.path(currency, base, np.array([], "datetime64[D]")).value) == 0


OFFSETS = st.sets(st.integers(0, 120), max_size=6)


@given(bank=OFFSETS, straight=OFFSETS, turned=OFFSETS, leg=OFFSETS, wanted=st.sets(st.integers(0, 200), min_size=1))
def test_a_rate_is_never_later_than_its_day_and_as_near_to_it_as_any_source(
    bank: set[int], straight: set[int], turned: set[int], leg: set[int], wanted: set[int]
) -> None:
    """Any holes in any source: the rate is of the nearest earlier day that any of them has, at most 45 days back."""
    pairs = {"USDXTS": straight, "XTSUSD": turned, "EURXTS": leg}
    known = at_hand(
        {days(n): {"USD": 1.25, "XTS": 5.0} for n in bank},
        **{name: {days(n): 4.0 + n / 1000 for n in each} for name, each in pairs.items() if each},
    )
    dates = np.array([days(n) for n in sorted(wanted)], "datetime64[D]")
    _each_as_one(known, "XTS", "USD", dates)
    for n in wanted:
        direct = [d for d in bank | straight | turned if 0 <= n - d <= OLDEST_DAYS]
        legs = [[d for d in each if 0 <= n - d <= OLDEST_DAYS] for each in (bank | leg, bank)]
        crossed = [min(map(max, legs))] if all(legs) else []
        nearest = max([*direct, *crossed], default=None)
        assert known.known("XTS", "USD", days(n)) is (nearest is not None)
        if nearest is not None:
            found = known.find("XTS", "USD", days(n))
            assert found.on == days(nearest) <= days(n)
            assert found.value != 1.0
            if nearest in bank and nearest == n:
                assert found.value == pytest.approx(0.25)


def _each_as_one(known: Rates, currency: str, base: str, dates: Any) -> None:
    found = known.path(currency, base, dates)
    for day, value, on in zip(dates.tolist(), found.value.tolist(), found.on.tolist(), strict=True):
        if known.known(currency, base, day):
            one = known.find(currency, base, day)
            assert (value, on) == (pytest.approx(one.value, rel=1e-12), one.on)
        else:
            assert value != value and on is None


# Moves


def test_the_dollar_does_not_move_against_itself_and_a_move_compounds() -> None:
    first, middle, last = date(2025, 1, 24), date(2025, 1, 27), date(2025, 1, 31)
    assert SHIPPED.move("USD", first, last) == 0.0
    whole = (1 + SHIPPED.move("EUR", first, middle)) * (1 + SHIPPED.move("EUR", middle, last)) - 1
    assert SHIPPED.move("EUR", first, last) == pytest.approx(whole)
