"""What derivatives are on: currencies and notional of forwards, notional of options, as the file states them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.chain import to_book
from exposure.chain._derivatives import terms_of
from exposure.chain._measure import effective_weight
from exposure.prices._rates import Rates
from exposure.types import Book, Holding, Leg, Override, Snapshot

DAY = date(2025, 1, 24)


def book(*holdings: Holding, currency: str = "USD", **options) -> Book:
    return to_book(Snapshot("test.csv", "csv", DAY, (DAY,), currency, holdings), **options)


def forward(name: str, value: float = -100.0, **more) -> Holding:
    return Holding(3, "fx", name=name, market_value=value, value_currency="USD", **more)


def cash(value: float = 1e6) -> Holding:
    return Holding(9, "cash", name="Cash", market_value=value, currency="USD", value_currency="USD")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("EUR/USD 15 Mar 2025", ("EUR", "USD", None)),
        ("FWD EUR/USD", ("EUR", "USD", None)),
        ("USD/JPY FWD 20250205", ("USD", "JPY", None)),
        ("FWD SELL EUR / BUY USD 15 Mar 2025", ("EUR", "USD", True)),
        ("Sold 1,000,000 EUR bought 1,050,000 USD", ("EUR", "USD", True)),
        ("Achat EUR vente USD", ("EUR", "USD", False)),
        ("EURUSD forward", ("EUR", "USD", None)),
        ("GBP forward 2025", ("GBP", "USD", None)),
    ],
)
def test_the_currencies_of_a_forward_are_read_out_of_its_name(name, expected) -> None:
    found = terms_of(Holding(1, "fx", name=name), "USD")
    assert found is not None and (found.first, found.second, found.sold) == expected


def test_a_forward_without_currencies_has_no_terms() -> None:
    assert terms_of(Holding(1, "fx", name="Currency contract"), None) is None


def test_a_quantity_is_the_amount_of_the_first_currency() -> None:
    """−96000 EUR at 1.0472 dollars on 24 January 2025: −100531.20 USD against +100531.20."""
    line = book(forward("EUR/USD 15 Mar 2025", quantity=-96_000.0), cash()).lines[0]
    assert line.legs == (Leg("EUR", pytest.approx(-100_531.2)), Leg("USD", pytest.approx(100_531.2)))
    assert line.notional == pytest.approx(-96_000 * Rates().find("EUR", "USD", DAY).value)
    assert line.currency == "EUR"


def test_a_stated_notional_is_money_of_the_value() -> None:
    line = book(forward("FWD EUR/USD", notional_value=-50_000.0), cash()).lines[0]
    assert [(leg.currency, leg.value) for leg in line.legs] == [("EUR", -50_000.0), ("USD", 50_000.0)]


def test_words_that_sell_beat_a_positive_amount() -> None:
    line = book(forward("FWD SELL EUR / BUY USD", quantity=1_000.0), cash()).lines[0]
    assert line.notional == pytest.approx(-1_047.2)


def test_the_rate_of_the_contract_gives_the_other_leg() -> None:
    """70000 EUR bought for 73500 dollars: strike 1.05; what is paid is dollars, what is got 73304 of them today."""
    own = forward("forward", underlying="EUR/USD", quantity=70_000.0, strike=1.05)
    line = book(own, cash()).lines[0]
    assert [(leg.currency, leg.value) for leg in line.legs] == [
        ("EUR", pytest.approx(73_304.0)),
        ("USD", pytest.approx(-73_500.0)),
    ]


@pytest.mark.parametrize(
    "own",
    [
        forward("EUR/USD 15 Mar 2025", -100.0, notional_value=-100.0, quantity=-100.0),
        forward("EUR/USD 15 Mar 2025", -100.0, quantity=2.0),
        forward("EUR/USD 15 Mar 2025", -100.0),
    ],
)
def test_a_notional_that_repeats_the_value_or_a_count_of_contracts_states_nothing(own: Holding) -> None:
    line = book(own, cash()).lines[0]
    assert line.notional is None and line.legs == ()


@given(st.floats(1e3, 1e9), st.sampled_from(["EUR", "GBP", "JPY", "CHF"]))
def test_the_legs_of_one_notional_cancel(amount: float, currency: str) -> None:
    line = book(forward(f"{currency}/USD", quantity=amount), cash()).lines[0]
    assert sum(leg.value for leg in line.legs) == pytest.approx(0.0, abs=1e-6)
    assert line.notional == pytest.approx(amount * Rates().find(currency, "USD", DAY).value)


def test_a_forward_in_a_fund_is_held_in_the_size_of_the_fund() -> None:
    """The fund is worth 1000 in its file, of which 100 is held: a tenth of its 5000 EUR."""
    inside = Snapshot("f.csv", "csv", DAY, (DAY,), "USD", (
        Holding(2, ticker="KO", market_value=1_010.0, currency="USD", value_currency="USD"),
        forward("EUR/USD 1 Mar 2025", -10.0, quantity=-5_000.0),
    ))  # fmt: skip
    fund = Holding(
        2, "fund", ticker="HEDG", name="Hedged fund", market_value=100.0, currency="USD", value_currency="USD"
    )
    held = book(fund, cash(), inside={"HEDG": inside})
    assert next(x for x in held.lines if x.legs).notional == pytest.approx(-500 * 1.0472)


def option(**more) -> Holding:
    known = {"underlying": "NVDA", "quantity": 2.0, "price": 8.5, "price_currency": "USD", "market_value": 1_700.0}
    return Holding(3, "option", ticker="NVDA  250321C00150000", value_currency="USD", **(known | more))


def delta(size: float = 0.45) -> Override:
    return Override(None, "NVDA  250321C00150000", (), "the desk's", "ann", DAY, delta=size)


def stock() -> Holding:
    return Holding(2, ticker="NVDA", quantity=100.0, market_value=14_262.0, currency="USD", value_currency="USD")


def test_an_options_notional_is_contracts_size_and_the_price_of_the_stock_held() -> None:
    """1700 / (2 · 8.50) is 100 to a contract: 2 · 100 · 142.62 = 28524, of which delta 0.45 is 12835.80."""
    held = book(stock(), option(), overrides=[delta()])
    line = held.lines[1]
    assert line.notional == pytest.approx(28_524.0)
    assert line.effective_value == pytest.approx(12_835.8)
    assert effective_weight(line, held.capital) == pytest.approx(12_835.8 / 15_962.0)
    assert line.assignment.parts == held.lines[0].assignment.parts


def test_a_written_option_is_short_of_it() -> None:
    held = book(stock(), option(quantity=-2.0, market_value=-1_700.0), overrides=[delta()])
    assert held.lines[1].effective_value == pytest.approx(-12_835.8)


def test_a_close_of_the_stock_does_where_it_is_not_held() -> None:
    held = book(option(), cash(), overrides=[delta()], closes={"NVDA": (150.0, "USD")})
    assert held.lines[0].notional == pytest.approx(30_000.0)


@pytest.mark.parametrize(
    ("own", "missing"),
    [
        (option(), "price of the underlying"),
        (option(price=None), "contract size"),
        (option(quantity=None), "contracts"),
    ],
)
def test_a_delta_that_cannot_be_applied_says_what_is_missing(own: Holding, missing: str) -> None:
    held = book(own, cash(), overrides=[delta()])
    said = [i for i in held.issues if "a delta is given" in i.what]
    assert len(said) == 1 and missing in said[0].what and said[0].row == 3
    assert held.lines[0].notional is None and effective_weight(held.lines[0], held.capital) == held.lines[0].weight
