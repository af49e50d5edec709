"""Units of a table: which currency the securities trade in, the prices are quoted in and the values stand in."""

from exposure.reading import read_holdings

FUND = b"""As of,2025-01-24
Ticker,Name,Market Value,Shares,Price,Currency,Market Currency,FX Rate
AAPL,APPLE INC,1900,10,190,CAD,USD,0.77
SAP,SAP SE,1400,10,140,CAD,EUR,0.68
RY,ROYAL BANK,1300,10,130,CAD,CAD,1
"""


def test_a_fund_that_prices_in_its_own_currency_still_holds_securities_of_theirs():
    """Quantity times price gives the value in Canadian dollars; Apple's shares trade in US dollars all the same."""
    held = read_holdings(FUND, name="fund.csv").holdings
    assert [(h.currency, h.price_currency, h.value_currency) for h in held] == [
        ("USD", "CAD", "CAD"),
        ("EUR", "CAD", "CAD"),
        ("CAD", "CAD", "CAD"),
    ]
