"""Guards of the chain, each of which could be taken out without a sum changing elsewhere: one case apiece."""

from __future__ import annotations

from datetime import date

import pytest

from exposure.chain import to_book
from exposure.chain._book import capital_of
from exposure.chain._measure import measure, price_keys
from exposure.chain._overrides import Overrides
from exposure.errors import InputError
from exposure.prices._bank import Bank
from exposure.prices._rates import Rates
from exposure.types import Book, Holding, Snapshot

DAY = date(2025, 1, 24)


def held(*holdings: Holding, currency: str | None = "USD") -> Snapshot:
    return Snapshot("t.csv", "csv", DAY, (DAY,), currency, holdings)


def line(ticker: str | None, value: float | None, row: int = 2, **more) -> Holding:
    return Holding(row, ticker=ticker, market_value=value, **({"currency": "USD", "value_currency": "USD"} | more))


RATES = Rates(Bank({DAY: {"USD": 1 / 0.9}}, shipped=False))
"""A dollar is 0.9 euros; nothing else is known."""


def placed(book: Book) -> list[tuple[str, dict[str, float]]]:
    return [(x.assignment.origin, x.assignment.weights) for x in book.lines]


def test_a_fund_is_looked_through_by_values_where_its_file_gives_no_weights():
    """30 and 10 of 40 are 75 % and 25 % of the fund's 200."""
    inside = held(line("NVDA", 30.0), line("KO", 10.0, 3))
    book = to_book(held(line("SMH", 200.0, kind="fund")), inside={"SMH": inside})
    assert {x.holding.ticker: x.market_value for x in book.lines} == {
        "NVDA": pytest.approx(150.0),
        "KO": pytest.approx(50.0),
    }


@pytest.mark.parametrize("values", [(None, None), (0.0, 0.0), (30.0, -30.0)])
def test_a_funds_file_that_gives_neither_weights_nor_a_total_is_refused(values):
    inside = held(*(line(t, v, n) for n, (t, v) in enumerate(zip(("NVDA", "KO"), values, strict=True), 2)))
    with pytest.raises(InputError, match="neither weights nor values in one currency"):
        to_book(held(line("SMH", 200.0, kind="fund")), inside={"SMH": inside})


def test_one_line_without_a_rate_is_named_and_the_others_stand():
    """100 dollars are 90 euros; the line in Taiwan dollars has no rate, and the book is not refused for it."""
    book = to_book(
        held(line("NVDA", 100.0), line("2330", 50.0, 3, currency="TWD", value_currency="TWD")),
        base_currency="EUR",
        rates=RATES,
    )
    assert [x.market_value for x in book.lines] == [pytest.approx(90.0), None]
    assert any("TWD" in i.what and i.row == 3 for i in book.issues)


def test_only_a_book_without_any_rate_is_refused():
    two = held(*(line(t, 50.0, n, currency="TWD", value_currency="TWD") for n, t in enumerate(("2330", "2454"), 2)))
    with pytest.raises(InputError, match="no line has a value that can be given in EUR"):
        to_book(two, base_currency="EUR", rates=RATES)


def test_a_bond_stands_outside_an_option_with_its_underlying_and_another_line_nowhere():
    book = to_book(
        held(
            line("NVDA", 50.0),
            line(None, 10.0, 3, kind="bond", name="US TREASURY 4.25 2035"),
            line("NVDA", 10.0, 4, kind="option", name="NVDA 250620C00150000", underlying="NVDA"),
            line("ZZQX", 10.0, 5, kind="option", name="ZZQX 250620C00150000"),
            line("BTC", 10.0, 6, kind="crypto", name="Bitcoin"),
        )
    )
    origin, segments = zip(*placed(book), strict=True)
    assert segments[1:] == ({"outside": 1.0}, segments[0], {"unassigned": 1.0}, {"unassigned": 1.0})
    assert origin[1:] == ("rule", "rule", "none", "none")


def test_the_pairs_that_a_book_in_euros_asks_for():
    """Every currency of its lines, and its own, against the euro and the dollar, both ways round; no dollar pair of it
    against itself."""
    book = to_book(
        held(line("NVDA", 100.0), line("AZN", 50.0, 3, exchange="London", currency="GBP", value_currency="EUR")),
        base_currency="EUR",
        rates=RATES,
    )
    pairs = {key for key in price_keys(book) if key.endswith("=X")}
    assert pairs == {"USDEUR=X", "EURUSD=X", "GBPEUR=X", "EURGBP=X", "GBPUSD=X", "USDGBP=X"}


def test_a_book_without_currency_asks_for_dollar_pairs():
    book = to_book(held(Holding(2, ticker="SAP.DE", weight=1.0, currency="EUR"), currency=None))
    assert book.currency is None
    assert {key for key in price_keys(book) if key.endswith("=X")} == {"EURUSD=X", "USDEUR=X"}


def test_the_gross_of_a_long_short_book_is_the_sum_of_sizes():
    """100 long, 40 short: net 60, gross 140, and both are told."""
    book = to_book(held(line("NVDA", 100.0), line("AMD", -40.0, 3)))
    assert (book.nav, book.gross, book.capital, book.capital_basis) == (60.0, 140.0, 60.0, "nav")
    assert measure(book).coverage["table"] == 1.0


@pytest.mark.parametrize(
    ("nav", "basis", "expected"),
    [
        (4.999, "values", (100.0, "gross")),
        (5.0, "values", (5.0, "nav")),
        (-60.0, "values", (100.0, "gross")),
        (0.01, "weights", (0.01, "nav")),
    ],
)
def test_capital_is_gross_exposure_below_five_per_cent_net_and_only_for_values(nav, basis, expected):
    assert capital_of(nav, 100.0, basis) == expected


def test_a_file_that_names_no_currency_has_a_book_without_one():
    bare = Holding(2, ticker="NVDA", market_value=100.0)
    book = to_book(held(bare, currency=None))
    assert (book.currency, book.nav) == (None, 100.0)
    assert any("names no currency" in i.what for i in book.issues)


def test_lines_of_one_isin_are_numbered_from_the_second():
    lots = [line("NVDA", 10.0, n, isin="US67066G1040") for n in (2, 3, 4)]
    ids = [x.line_id for x in to_book(held(*lots)).lines]
    assert ids == ["US67066G1040", "US67066G1040#2", "US67066G1040#3"]


def test_overrides_of_one_name_are_told_apart_by_isin():
    """The override of another company's share with the same ticker does not reach this one."""
    from exposure.chain._overrides import make_override

    other = make_override("US0000000000", "NVDA", [("software.applications", 1.0)], "another", author="ann", day=DAY)
    ours = Holding(2, ticker="NVDA", isin="US67066G1040")
    assert Overrides([other]).find(ours, "NVDA") is None
    assert Overrides([other]).find(Holding(2, ticker="NVDA"), "NVDA") is other


def test_a_constituent_without_a_value_takes_no_share_and_stops_no_other():
    """30 and 10 of the 40 that are known; the line without a value, first in the file, has no part in them."""
    inside = held(line("NVDA", None), line("MU", 30.0, 3), line("KO", 10.0, 4))
    book = to_book(held(line("SMH", 200.0, kind="fund")), inside={"SMH": inside})
    assert {x.holding.ticker: x.market_value for x in book.lines if x.market_value is not None} == {
        "MU": pytest.approx(150.0),
        "KO": pytest.approx(50.0),
    }


def test_the_effective_weight_of_a_segment_is_the_sum_of_its_sub_segments():
    """Memory 60, foundry 40 and a short of 30 in designers are chips 70 of 200; nothing is geared."""
    book = to_book(held(line("MU", 60.0), line("TSM", 40.0, 3), line("AMD", -30.0, 4), line("KO", 130.0, 5)))
    (chips,) = [e for e in measure(book).by_segment if e.segment == "chips"]
    assert (chips.weight, chips.effective) == (pytest.approx(0.35), pytest.approx(0.35))


@pytest.mark.parametrize(
    ("known", "line_id"),
    [
        ({"isin": "US67066G1040", "cusip": "67066G104", "sedol": "2379504"}, "US67066G1040"),
        ({"cusip": "67066G104", "sedol": "2379504"}, "67066G104"),
        ({"cusip": "67066G104"}, "67066G104"),
        ({"sedol": "2379504"}, "2379504"),
        ({}, "NVDA"),
    ],
)
def test_a_line_is_called_by_the_first_identifier_that_it_has(known: dict[str, str], line_id: str):
    (only,) = to_book(held(line("NVDA", 50.0, name="NVIDIA Corp", **known))).lines
    assert only.line_id == line_id


def test_a_constituent_without_a_value_stops_none_in_a_fund_of_several_currencies():
    """27 euros are 30 dollars at 0.9, beside 10 dollars: three quarters and one of the fund's 200."""
    inside = held(
        line("NVDA", None),
        line("ASML.AS", 27.0, 3, currency="EUR", value_currency="EUR"),
        line("KO", 10.0, 4),
        line("MU", 0.0, 5),
    )
    book = to_book(held(line("SMH", 200.0, kind="fund")), inside={"SMH": inside}, rates=RATES)
    values = {x.holding.ticker: x.market_value for x in book.lines}
    assert (values["NVDA"], values["MU"]) == (None, 0.0)
    assert (values["ASML.AS"], values["KO"]) == (pytest.approx(150.0), pytest.approx(50.0))


@pytest.mark.parametrize(
    ("stated", "base"),
    [
        ({"value_currency": "EUR", "price_currency": "USD", "currency": "USD"}, "EUR"),
        ({"price_currency": "EUR", "currency": "USD"}, "EUR"),
        ({"price_currency": "EUR"}, "EUR"),
        ({"currency": "USD"}, "USD"),
    ],
)
def test_a_book_is_in_the_currency_that_its_lines_say_most_closely(stated: dict[str, str], base: str):
    """That of the value, else of the price, else of the security, where the file itself names none."""
    bare = {"currency": None, "value_currency": None, **stated}
    assert to_book(held(line("NVDA", 100.0, **bare), currency=None), rates=RATES).currency == base
