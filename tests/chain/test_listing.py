"""Where a line is listed: exchange names, codes, countries and currencies to Yahoo's spelling."""

import pytest

from exposure.chain._listing import country_code, split_symbol, suffix_of_exchange, yahoo_symbol


@pytest.mark.parametrize(
    ("ticker", "exchange", "country", "currency", "symbol"),
    [
        ("NVDA", "NASDAQ", "United States", "USD", "NVDA"),
        ("NVDA ", None, None, None, "NVDA"),
        ("BRK.B", "New York Stock Exchange Inc.", None, "USD", "BRK-B"),
        ("BRK/B", None, None, None, "BRK-B"),
        ("NOVO B", "Omx Nordic Exchange Copenhagen A/S", "Dänemark", "DKK", "NOVO-B.CO"),
        ("ASML", "Euronext Amsterdam", "Niederlande", "EUR", "ASML.AS"),
        ("SU", "Nyse Euronext - Euronext Paris", "Frankreich", "EUR", "SU.PA"),
        ("2330", "Taiwan Stock Exchange", "Taiwan", "TWD", "2330.TW"),
        ("700", "Hong Kong Exchanges And Clearing Ltd", "China", "HKD", "0700.HK"),
        ("660", "Korea Exchange (Stock Market)", "Korea (South)", "KRW", "000660.KS"),
        ("8035", "Tokyo Stock Exchange", "Japan", "JPY", "8035.T"),
        ("8035.T", None, None, None, "8035.T"),
        ("ASML NA", None, None, None, "ASML.AS"),
        ("NVDA US", None, None, None, "NVDA"),
        ("NVDA.OQ", None, None, None, "NVDA"),
        ("SAP", None, "Deutschland", "EUR", "SAP.DE"),
        ("SAP", None, None, None, "SAP"),
        ("AZN", "London Stock Exchange", "United Kingdom", "GBP", "AZN.L"),
        ("6857", None, None, "JPY", "6857.T"),
    ],
)
def test_a_ticker_is_spelled_as_yahoo_does(ticker, exchange, country, currency, symbol):
    assert yahoo_symbol(ticker, exchange, country, currency)[0] == symbol


def test_a_market_that_nothing_states_is_only_supposed():
    assert yahoo_symbol("NVDA") == ("NVDA", False)
    assert yahoo_symbol("NVDA", "NASDAQ") == ("NVDA", True)


def test_an_unknown_exchange_names_no_suffix():
    assert suffix_of_exchange("NO MARKET (E.G. UNLISTED)") is None
    assert suffix_of_exchange("-") is None
    assert suffix_of_exchange("XTKS") == ".T"


def test_a_class_of_share_is_no_exchange():
    assert split_symbol("BRK.B") == ("BRK.B", "")
    assert split_symbol("ASML.AS") == ("ASML", ".AS")


@pytest.mark.parametrize(
    ("text", "code"),
    [("Vereinigte Staaten", "US"), ("Korea (South)", "KR"), ("FR", "FR"), ("Atlantis", None), (None, None)],
)
def test_a_country_is_read_in_several_languages(text, code):
    assert country_code(text) == code
