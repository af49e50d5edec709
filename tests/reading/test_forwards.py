"""Currency forwards as files write them: told by their names, both currencies taken from their columns."""

from __future__ import annotations

import pytest

from exposure import read_holdings
from exposure.types import Holding

HEAD = "As of,2025-01-24\nName,Ticker,Quantity,Price,Currency,Market value"


def read(tmp_path, row: str, more: str = "") -> Holding:
    file = tmp_path / "book.csv"
    filler = "," * more.count(",")
    file.write_text(f"{HEAD}{more}\nCoca-Cola Co,KO,10,60,USD,600{filler}\n{row}\n", encoding="utf-8")
    return read_holdings(file).holdings[1]


@pytest.mark.parametrize(
    "name",
    [
        "FWD EUR/USD 15 Mar 2025",
        "EUR/USD 15 Mar 2025",
        "FWD SELL EUR / BUY USD 15 Mar 2025",
        "BUY USD SELL EUR 03/15/2025",
        "USD/EUR FWD 20250315",
        "Change à terme EUR USD 15/03/2025",
    ],
)
def test_a_forward_is_told_by_its_name(tmp_path, name: str) -> None:
    assert read(tmp_path, f"{name},,-70000,1.05,USD,-120").kind == "fx"


@pytest.mark.parametrize(
    "name", ["Forward Air Corp", "Forward Industries Inc", "Eur Holdings", "WisdomTree EUR/USD 3x ETP"]
)
def test_a_company_or_a_fund_is_no_forward(tmp_path, name: str) -> None:
    assert read(tmp_path, f"{name},FWRD,100,20,USD,2000").kind != "fx"


COLUMNS = ",Asset class,Buy currency,Buy amount,Sell currency,Sell amount"


def test_both_currencies_and_amounts_are_read_from_their_columns(tmp_path) -> None:
    """73500 dollars are bought for 70000 euros: what is bought is the quantity, 70000 / 73500 the rate."""
    own = read(tmp_path, "FX forward,,,,USD,120,FX forward,USD,73500,EUR,70000", COLUMNS)
    assert (own.kind, own.underlying, own.quantity) == ("fx", "USD/EUR", 73_500.0)
    assert own.strike == pytest.approx(70_000 / 73_500)


def test_what_is_sold_does_where_nothing_else_is_told(tmp_path) -> None:
    own = read(tmp_path, "FX forward,,,,USD,120,FX forward,USD,,EUR,70000", COLUMNS)
    assert (own.underlying, own.quantity, own.strike) == ("EUR/USD", -70_000.0, None)
