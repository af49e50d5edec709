"""Which security is meant: identifiers, suffixes, and what is asked where a file leaves it open."""

from __future__ import annotations

from datetime import date

import pytest

from exposure.chain import to_book
from exposure.chain._issuers import issuer_table
from exposure.chain._listing import NONE_OFFERED, yahoo_symbol
from exposure.chain._overrides import questions
from exposure.types import Holding, Snapshot


def found(**what):
    return issuer_table().find(Holding(1, **what))


@pytest.mark.parametrize(
    ("ticker", "exchange", "country", "symbol"),
    [
        ("MC", "Euronext Paris", None, "MC.PA"),
        ("MC", "XPAR", None, "MC.PA"),
        ("MC", None, "France", "MC.PA"),
        ("ASML", "XAMS", None, "ASML.AS"),
        ("ASML", None, "Nederland", "ASML.AS"),
        ("SAP", "Xetra", None, "SAP.DE"),
        ("SAP", None, "Germany", "SAP.DE"),
        ("8035", "Tokyo Stock Exchange", None, "8035.T"),
        ("8035", None, "Japan", "8035.T"),
        ("5930", "Korea Exchange (Stock Market)", None, "005930.KS"),
        ("5930", None, "Korea (South)", "005930.KS"),
        ("2330", "Taiwan Stock Exchange", None, "2330.TW"),
        ("2330", None, "Taiwan", "2330.TW"),
        ("700", "Hong Kong Exchanges And Clearing Ltd", None, "0700.HK"),
        ("700", None, "Hong Kong", "0700.HK"),
        ("ARM", "London Stock Exchange", None, "ARM.L"),
        ("ULVR", None, "United Kingdom", "ULVR.L"),
    ],
)
def test_a_suffix_comes_from_the_exchange_and_where_there_is_none_from_the_country(ticker, exchange, country, symbol):
    assert yahoo_symbol(ticker, exchange, country)[0] == symbol


def test_a_ticker_in_euro_is_the_one_line_that_trades_in_euro():
    """`SAP` in New York is in dollars; no country is stated."""
    assert found(ticker="SAP", currency="EUR").symbol == "SAP.DE"
    assert found(ticker="SAP", currency="USD").symbol == "SAP"


def test_a_sedol_is_found_inside_the_isin_that_london_or_dublin_makes_of_it():
    """AstraZeneca: SEDOL 0989529, ISIN GB0009895292."""
    match = found(sedol="0989529", ticker="whatever")
    assert (match.symbol, match.by) == ("AZN.L", "isin")


@pytest.mark.parametrize("identifier", ["sedol", "figi", "isin", "cusip", "ticker", "name"])
def test_an_answer_is_used_for_whatever_identifier_was_asked(identifier):
    own = Holding(1, **{identifier: "X1", "currency": "USD"})
    match = issuer_table().find(own, {"X1": "NVDA"})
    assert (match.issuer.key, match.symbol, match.by) == ("NVDA", "NVDA", "answer")


def test_an_answer_beats_what_the_table_says_and_none_of_these_is_an_answer():
    own = Holding(1, ticker="SU")
    assert issuer_table().find(own, {"SU": "SU.PA"}).issuer.name == "Schneider Electric"
    nobody = issuer_table().find(own, {"SU": NONE_OFFERED})
    assert (nobody.issuer, nobody.symbol, nobody.doubt) == (None, None, None)


def test_a_bare_ticker_of_several_companies_is_asked_once_with_all_of_them():
    lines = [Holding(2, ticker="SU"), Holding(3, ticker="SU"), Holding(4, ticker="NVDA")]
    (asked,) = questions(lines)
    assert (asked.identifier, asked.row) == ("SU", 2)
    assert {(o.symbol, o.name) for o in asked.options} == {
        ("SU", "Suncor Energy"),
        ("SU.TO", "Suncor Energy"),
        ("SU.PA", "Schneider Electric"),
    }
    assert questions(lines, {"SU": "SU.PA"}) == ()
    assert questions(lines, {"SU": NONE_OFFERED}) == ()


@pytest.mark.parametrize(
    "told",
    [
        {"currency": "CAD"},
        {"exchange": "Euronext Paris"},
        {"country": "France"},
        {"price_currency": "USD"},
        {"value_currency": "USD"},
        {"isin": "CA8672241079"},
    ],
)
def test_nothing_is_asked_where_the_file_says_which(told):
    assert questions([Holding(2, ticker="SU", **told)]) == ()


def test_a_ticker_that_the_file_gives_another_name_is_asked_and_not_taken():
    own = Holding(2, ticker="B", name="Barnes Group Inc.", currency="USD")
    assert [q.options[0].name for q in questions([own])] == ["Barrick Mining"]
    assert issuer_table().find(own).issuer is None


def test_a_security_with_its_isin_is_never_asked_for():
    """ISIN is the key: one that no table knows is a security of its own, whatever its ticker is elsewhere."""
    own = Holding(2, ticker="TEL", name="PLDT INC", isin="PHY7072Q1032", currency="PHP")
    assert questions([own]) == ()
    assert issuer_table().find(own).issuer is None


def test_a_book_places_a_line_by_the_answer_and_values_it_by_that_listing():
    """Ten shares at 200 euro in Paris are 2,000 euro."""
    held = Snapshot("t.csv", "csv", date(2025, 1, 24), (), "EUR", (Holding(2, ticker="SU", quantity=10.0),))
    closes = {"SU": (40.0, "USD"), "SU.PA": (200.0, "EUR")}
    book = to_book(held, answers={"SU": "SU.PA"}, closes=closes)
    (line,) = book.lines
    assert (line.listing, line.market_value, line.currency) == ("SU.PA", 2000.0, "EUR")
    assert [i for i in book.issues if "may be" in i.what] == []
    assert any("SU may be SU or" in i.what for i in to_book(held, closes=closes, base_currency="USD").issues)
