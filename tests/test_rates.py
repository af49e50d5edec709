"""Exchange rates: those of the ECB's file to the last digit, the last earlier one where there is none, never 1."""

from __future__ import annotations

import doctest
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure import rates
from exposure.errors import MissingRate, UnitError
from exposure.rates import currencies, fx_move, last_day, rate

CODES = ["AUD", "BRL", "CAD", "CHF", "CNY", "DKK", "EUR", "GBP", "HKD", "INR", "JPY", "KRW", "SEK", "SGD", "USD", "ZAR"]


@pytest.fixture(scope="module")
def converter() -> Any:
    from currency_converter import CurrencyConverter

    return CurrencyConverter(fallback_on_missing_rate=True, fallback_on_missing_rate_method="last_known")


def test_the_worked_figures_of_the_docstrings() -> None:
    done = doctest.testmod(rates)
    assert done.attempted >= 3 and done.failed == 0


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


def test_a_rate_is_at_most_seven_days_old() -> None:
    last = last_day()
    assert rate("EUR", "USD", last + timedelta(days=7)) == rate("EUR", "USD", last)
    with pytest.raises(MissingRate, match="the package ends with"):
        rate("EUR", "USD", last + timedelta(days=8))
    with pytest.raises(MissingRate):
        rate("EUR", "USD", date(1999, 1, 3))
    assert rate("EUR", "USD", date(1999, 1, 4)) > 1


@pytest.mark.parametrize("currency", ["TWD", "SAR", "AED", "XXX", "usd", "", "\n"])
def test_a_currency_without_a_rate_is_missing_and_not_one(currency: str) -> None:
    for pair in ((currency, "EUR"), ("USD", currency)):
        with pytest.raises(MissingRate, match="the ECB does not publish"):
            rate(*pair, date(2025, 1, 27))


def test_a_currency_that_is_no_longer_quoted_has_no_rate_after_its_last() -> None:
    assert rate("RUB", "EUR", date(2022, 3, 1)) > 0
    with pytest.raises(MissingRate):
        rate("RUB", "EUR", date(2025, 1, 27))
    assert "RUB" not in currencies(date(2025, 1, 27))
    assert {"EUR", "USD", "JPY"} <= set(currencies(date(2025, 1, 25)))


@pytest.mark.parametrize(("unit", "currency"), [("GBX", "GBP"), ("GBp", "GBP"), ("ZAc", "ZAR"), ("ILA", "ILS")])
def test_a_quote_unit_is_no_currency(unit: str, currency: str) -> None:
    with pytest.raises(UnitError, match=f"convert the price to {currency} first"):
        rate(unit, "EUR", date(2025, 1, 27))
    with pytest.raises(UnitError):
        rate("EUR", unit, date(2025, 1, 27))
    with pytest.raises(UnitError):
        rate(unit, unit, date(2025, 1, 27))


def test_the_dollar_does_not_move_against_itself_and_a_move_compounds() -> None:
    first, middle, last = date(2025, 1, 24), date(2025, 1, 27), date(2025, 1, 31)
    assert fx_move("USD", first, last) == 0.0
    whole = (1 + fx_move("EUR", first, middle)) * (1 + fx_move("EUR", middle, last)) - 1
    assert fx_move("EUR", first, last) == pytest.approx(whole)


def test_messages_stay_on_one_line() -> None:
    with pytest.raises(MissingRate) as caught:
        rate("\n", "EUR", date(2025, 1, 27))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("currency", "base"),
    [("JPY", "EUR"), ("KRW", "USD"), ("EUR", "USD"), ("USD", "USD"), ("RUB", "USD"), ("TWD", "USD")],
)
def test_rates_of_many_days_are_those_of_each(currency: str, base: str) -> None:
    """Weekends, holidays, a currency that stopped being published (the rouble in 2022) and one that never was."""
    import numpy as np

    days = np.arange(np.datetime64("2021-12-20"), np.datetime64("2022-04-20"))
    each = []
    for day in days.tolist():
        try:
            each.append(rate(currency, base, day))
        except MissingRate:
            each.append(float("nan"))
    found = rates.rates_on(currency, base, days)
    assert np.array_equal(found, np.array(each), equal_nan=True)
    assert np.isnan(found).any() == (currency in ("RUB", "TWD"))
    assert len(rates.rates_on(currency, base, days[:0])) == 0
