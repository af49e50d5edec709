"""A snapshot becomes a book: valued in one currency, placed along the chain, with nothing lost in silence."""

from datetime import date
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.chain import measure, to_book
from exposure.chain._overrides import make_override
from exposure.errors import InputError
from exposure.prices._bank import Bank
from exposure.prices._rates import Rates
from exposure.types import Holding, Snapshot

DAY = date(2025, 1, 24)


def snapshot(*holdings: Holding, currency: str | None = "USD", as_of: date | None = DAY) -> Snapshot:
    return Snapshot("test.csv", "csv", as_of, (as_of,) if as_of else (), currency, holdings)


def equity(ticker: str | None, value: float | None, row: int = 2, **more) -> Holding:
    more = {"currency": "USD", "value_currency": "USD"} | more
    return Holding(row=row, ticker=ticker, market_value=value, **more)


def only(book):
    assert len(book.lines) == 1
    return book.lines[0]


RATES = Rates(Bank({DAY: {"USD": 1 / 0.9, "GBP": 1 / 1.2}}, shipped=False))
"""A dollar is 0.90 euros, a pound 1.20."""


@pytest.mark.parametrize(
    ("holding", "issuer", "listing"),
    [
        (equity("NVDA", 1.0), "NVDA", "NVDA"),
        (equity(None, 1.0, isin="US67066G1040"), "NVDA", "NVDA"),
        (equity(None, 1.0, cusip="67066G104"), "NVDA", "NVDA"),
        (equity(None, 1.0, name="NVIDIA CORP"), "NVDA", "NVDA"),
        (equity("GOOG", 1.0), "GOOGL", "GOOG"),
        (equity("BRKB", 1.0, name="BERKSHIRE HATHAWAY INC CLASS B"), "BRK-B", "BRK-B"),
        (equity("2330", 1.0, exchange="Taiwan Stock Exchange", currency="TWD"), "2330.TW", "2330.TW"),
        (equity("TSM", 1.0, exchange="NYSE"), "2330.TW", "TSM"),
        (equity("ASML", 1.0, exchange="Euronext Amsterdam", currency="EUR"), "ASML.AS", "ASML.AS"),
    ],
)
def test_every_line_of_an_issuer_is_found_by_isin_ticker_or_name(holding, issuer, listing):
    line = only(to_book(snapshot(holding)))
    assert (line.issuer, line.listing, line.assignment.origin) == (issuer, listing, "table")


def test_a_symbol_that_was_handed_on_is_not_taken_for_its_new_owner():
    book = to_book(snapshot(equity("META", 1.0, name="ROUNDHILL BALL METAVERSE FUND")))
    assert only(book).issuer is None
    assert any("META" in i.what and "not taken" in i.what for i in book.issues)


def test_a_number_used_by_two_exchanges_is_told_apart():
    riyadh = equity("2330", 1.0, name="ADVANCED PETROCHEMICAL", exchange="Saudi Stock Exchange", currency="SAR")
    assert only(to_book(snapshot(riyadh))).issuer != "2330.TW"


def test_a_bank_that_is_not_in_the_table_falls_to_a_rule_with_its_mark():
    place = only(to_book(snapshot(equity("ZZQX", 1.0, name="Little Bank of Nowhere")))).assignment
    assert (place.origin, place.weights) == ("rule", {"outside": 1.0})


def test_a_name_that_nothing_places_stays_and_is_unassigned():
    place = only(to_book(snapshot(equity("ZZQX", 1.0, sector="Information Technology")))).assignment
    assert (place.origin, place.weights) == ("none", {"unassigned": 1.0})


def test_a_users_segment_beats_the_table_and_keeps_its_reason_date_and_author():
    own = make_override(
        "US67066G1040", None, [("software.applications", 0.25)], "sold most of it", author="ann", day=DAY
    )
    place = only(to_book(snapshot(equity("NVDA", 1.0, isin="US67066G1040")), overrides=[own])).assignment
    assert place.weights == {"software.applications": 0.25, "unassigned": 0.75}
    assert (place.origin, place.reason, place.reference, place.dated) == ("user", "sold most of it", "ann", DAY)


def test_values_in_two_currencies_are_added_in_one_at_the_rate_of_the_day():
    """100 USD at 0.9 and 50 GBP at 1.2 are 90 + 60 = 150 EUR."""
    held = equity("NVDA", 100.0), equity("AZN", 50.0, 3, currency="GBP", value_currency="GBP")
    book = to_book(snapshot(*held, currency=None), base_currency="EUR", rates=RATES)
    assert book.nav == pytest.approx(150)
    assert [line.weight for line in book.lines] == pytest.approx([0.6, 0.4])


def test_pence_become_pounds_once():
    held = equity("AZN", 12_500.0, currency="GBP", value_currency="GBX")
    assert to_book(snapshot(held, currency="GBP")).nav == pytest.approx(125)


def test_a_missing_rate_is_never_one():
    held = equity("NVDA", 100.0, value_currency="EUR"), equity("2330", 50.0, 3, value_currency="TWD")
    book = to_book(snapshot(*held, currency="EUR"), rates=RATES)
    assert book.lines[1].market_value is None
    assert book.nav == 100
    assert any("TWD" in i.what for i in book.issues)


def test_another_base_currency_needs_a_date():
    with pytest.raises(InputError, match="no date"):
        to_book(snapshot(equity("NVDA", 1.0), as_of=None), base_currency="EUR", rates=RATES)


def test_a_position_without_a_value_stays_and_is_named():
    book = to_book(snapshot(equity("NVDA", 100.0), equity("ACME", None, 3, name="House fund", quantity=5.0)))
    assert (len(book.lines), book.lines[1].weight) == (2, 0)
    assert any(i.row == 3 and "House fund" in i.what for i in book.issues)


def test_a_quantity_is_valued_by_the_close_of_its_own_date():
    book = to_book(snapshot(equity("NVDA", None, quantity=3.0)), closes={"NVDA": (142.62, "USD")})
    assert book.nav == pytest.approx(3 * 142.62)


def test_weights_alone_are_never_rescaled_and_what_is_missing_is_a_row():
    held = Holding(2, ticker="NVDA", weight=0.5), Holding(3, ticker="AVGO", weight=0.3)
    book = to_book(snapshot(*held, currency=None))
    assert (book.basis, book.nav, book.currency) == ("weights", 1.0, None)
    assert [line.weight for line in book.lines] == pytest.approx([0.5, 0.3, 0.2])
    assert book.lines[2].holding.name == "not disclosed"


def test_weights_above_one_are_negative_cash():
    book = to_book(snapshot(Holding(2, ticker="NVDA", weight=1.3), currency=None))
    assert (book.lines[1].holding.kind, book.lines[1].weight) == ("cash", pytest.approx(-0.3))


def test_nothing_to_value_by_is_refused():
    with pytest.raises(InputError, match="--prices"):
        to_book(snapshot(equity("NVDA", None, quantity=2.0)))


def test_a_book_worth_nothing_is_refused():
    with pytest.raises(InputError, match="worth nothing"):
        to_book(snapshot(equity("NVDA", 0.0)))


def test_a_base_currency_without_rates_is_named_as_the_cause():
    held = snapshot(Holding(2, ticker="NVDA", market_value=100.0, value_currency="USD", currency="USD"))
    with pytest.raises(InputError, match="no line has a value that can be given in XYZ"):
        to_book(held, base_currency="XYZ")


def test_a_fund_inside_a_fund_is_followed_and_its_rest_is_a_line():
    """100 in F: half G, the rest open. G: 40 % NVDA. So NVDA 20, G's rest 30, F's rest 50."""
    f = snapshot(Holding(2, kind="fund", ticker="G", weight=0.5), currency=None)
    g = snapshot(Holding(2, ticker="NVDA", weight=0.4), currency=None)
    book = to_book(snapshot(equity("F", 100.0, kind="fund")), inside={"F": f, "G": g})
    assert [(line.holding.ticker or "rest", round(line.market_value, 9)) for line in book.lines] == [
        ("NVDA", 20),
        ("rest", 30),
        ("rest", 50),
    ]
    assert fsum(line.weight for line in book.lines) == pytest.approx(1)
    assert measure(book).coverage["look_through"] > 0


def test_a_circle_of_funds_is_refused():
    f = snapshot(Holding(2, kind="fund", ticker="F", weight=1.0), currency=None)
    with pytest.raises(InputError, match="circle"):
        to_book(snapshot(equity("F", 100.0, kind="fund")), inside={"F": f})


TICKERS = st.sampled_from(["NVDA", "MSFT", "AMZN", "JPM", "ZZQQ", "VRT", "SMH"])


@given(st.lists(st.tuples(TICKERS, st.floats(1, 1e9)), min_size=1, max_size=30))
def test_weights_over_all_segments_add_up_to_one(held):
    book = to_book(snapshot(*(equity(t, v, i + 2) for i, (t, v) in enumerate(held))))
    exposures = measure(book)
    assert fsum(e.weight for e in exposures.by_segment) == pytest.approx(1, abs=1e-12)
    assert fsum(e.weight for e in exposures.by_sub_segment) == pytest.approx(1, abs=1e-12)
    assert fsum(exposures.coverage.values()) == pytest.approx(1, abs=1e-12)
    for each in exposures.by_segment:
        assert each.direct + each.stake + each.customer == pytest.approx(each.weight, abs=1e-12)
    for line in book.lines:
        assert fsum(line.assignment.weights.values()) == pytest.approx(1, abs=1e-9)


def test_a_value_whose_currency_nobody_states_is_not_that_of_the_price_beside_it():
    """13,165 beside a price in pence is 13,165 of whatever the values stand in: neither pence nor pounds."""
    held = equity("AZN", 13_165.0, currency="GBP", price=1300.0, price_currency="GBX", value_currency=None)
    assert to_book(snapshot(held, currency=None), base_currency="USD").nav == pytest.approx(13_165.0)
