"""Rows pasted without headings are read where what they hold settles each column, and asked about where it does not."""

import pytest

from exposure.errors import InputError
from exposure.reading import read_holdings


def _read(text):
    return read_holdings(text.encode(), name="pasted.csv")


@pytest.mark.parametrize(
    "text",
    [
        "NVDA\tNVIDIA Corp\t50\t142.62\t7,131.00\nAAPL\tApple Inc\t5\t222.78\t1,113.90\n",
        "7131.00;NVIDIA Corp;142.62;50;NVDA\n1113.90;Apple Inc;222.78;5;AAPL\n",
    ],
)
def test_quantity_price_and_value_are_told_by_their_product_in_any_order(text):
    """50 · 142.62 = 7,131.00 and 5 · 222.78 = 1,113.90; the whole numbers are the quantities."""
    s = _read(text)
    assert [(h.ticker, h.name, h.quantity, h.price, h.market_value) for h in s.holdings] == [
        ("NVDA", "NVIDIA Corp", 50.0, 142.62, 7131.0),
        ("AAPL", "Apple Inc", 5.0, 222.78, 1113.9),
    ]
    assert [h.row for h in s.holdings] == [1, 2] and "read.headless" in {i.code for i in s.issues}


def test_weights_are_told_by_their_sum_or_their_sign():
    s = _read("US67066G1040;60,5\nNL0010273215;30,5\nDE0007164600;9\n")
    assert [(h.isin, h.weight) for h in s.holdings] == [
        ("US67066G1040", 0.605),
        ("NL0010273215", 0.305),
        ("DE0007164600", 0.09),
    ]
    assert [h.weight for h in _read("NVDA 60%\nAAPL 30%\n").holdings] == [0.6, 0.3]


@pytest.mark.parametrize(
    "text",
    [
        "NVDA,50\nAAPL,5\n",  # shares or dollars
        "NVDA,50,7131\nAAPL,5,1113.9\n",  # a value, or a price
        "NVDA,1.234,2.345,3.456\nAAPL,5.678,6.789,7.891\n",  # thousands or fractions
        "2025-01-22,139.8,147.79,139.77\n2025-01-23,145.05,147.23,143.72\n",
        "Dear Sir, I hold\nfifty shares, of NVIDIA\n",
    ],
)
def test_what_nothing_settles_is_not_guessed(text):
    with pytest.raises(InputError, match=r"headings|positions"):
        _read(text)
