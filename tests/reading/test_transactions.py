"""Positions built from transactions are right to the share, or the file is refused; sums are worked by hand."""

import random

import pytest

from exposure.errors import TransactionsError
from exposure.reading import read_holdings

HEAD = "Date,Action,Symbol,Quantity,Price,Currency,Amount"


def _read(*rows, head=HEAD):
    return read_holdings("\n".join([head, *rows, ""]).encode(), name="x.csv")


def _refusal(*rows, head=HEAD):
    with pytest.raises(TransactionsError, match="transactions") as refusal:
        _read(*rows, head=head)
    assert "positions" in refusal.value.remedy
    return refusal.value


BOUGHT = (
    "2025-01-02,Buy,NVDA,10,136.50,USD,-1365.00",
    "2025-01-10,Buy,MSFT,5,418.95,USD,-2094.75",
    "2025-01-15,Sell,NVDA,4,136.24,USD,544.96",
    "2025-01-20,Dividend,MSFT,,,USD,3.75",
    "2025-01-21,Deposit,,,,USD,500.00",
    "2025-01-24,Buy,SAP,3,270.10,EUR,-810.30",
    "2025-01-27,Sell,SAP,3,268.00,EUR,804.00",
)


def test_what_is_left_after_buys_and_sells_is_held_at_the_last_price():
    """NVDA 10 − 4 = 6 at 136.24, 817.44; MSFT 5 at 418.95, 2,094.75; SAP 3 − 3 is closed and vanishes."""
    s = _read(*BOUGHT)
    assert [(h.ticker, h.quantity, h.price, h.market_value, h.value_currency) for h in s.holdings] == [
        ("MSFT", 5.0, 418.95, pytest.approx(2094.75), "USD"),
        ("NVDA", 6.0, 136.24, pytest.approx(817.44), "USD"),
    ]
    assert str(s.as_of) == "2025-01-27" and s.cash == 0, "no balance is stated, so none is made up"
    assert all({"quantity", "price", "market_value"} <= set(h.derived) for h in s.holdings)
    (notice,) = [i for i in s.issues if i.code.startswith("transactions.built")]
    assert "2025-01-02 to 2025-01-27" in notice.what and "before 2025-01-02" in notice.remedy


def test_order_of_rows_does_not_matter():
    shuffled = list(BOUGHT)
    random.Random(4).shuffle(shuffled)
    key = {h.ticker: (h.quantity, h.price) for h in _read(*BOUGHT).holdings}
    for rows in (shuffled, BOUGHT[::-1]):
        assert {h.ticker: (h.quantity, h.price) for h in _read(*rows).holdings} == key


@pytest.mark.parametrize(
    ("buy", "sell"),
    [
        ("Market buy", "Market sell"),
        ("YOU BOUGHT", "YOU SOLD"),
        ("Kauf", "Verkauf"),
        ("Achat", "Vente"),
        ("Koop", "Verkoop"),
        ("Acquisto", "Vendita"),
        ("Compra", "Venta"),
    ],
)
def test_actions_are_known_in_six_languages(buy, sell):
    s = _read(f"2025-01-02,{buy},NVDA,10,136.50,USD,-1365", f"2025-01-03,{sell},NVDA,-4,140.00,USD,560")
    assert [(h.ticker, h.quantity) for h in s.holdings] == [("NVDA", 6.0)], "a sale's sign is not taken twice"


def test_split_carries_quantity_and_price():
    """3 NVDA at 1,200 before ten for one, 2 more after it: 30 + 2 = 32; with no later dealing the price is 120."""
    split = (
        "2024-06-03 10:00:00,Buy,NVDA,3,1200.00,USD,-3600",
        "2024-06-10 07:00:00,Stock split close,NVDA,3,1200.00,USD,0",
        "2024-06-10 07:00:01,Stock split open,NVDA,30,120.00,USD,0",
    )
    assert [(h.quantity, h.price) for h in _read(*split).holdings] == [(30.0, 120.0)]
    more = _read(*split, "2024-06-11 10:00:00,Buy,NVDA,2,121.50,USD,-243")
    assert [(h.quantity, h.price) for h in more.holdings] == [(32.0, 121.5)]


def test_signed_orders_need_no_action():
    """A statement's trades: +10 and −4 by sign; the closed lot beside the sale is not a second sale."""
    text = (
        "Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,T. Price,Proceeds\n"
        'Trades,Data,Order,Stocks,USD,NVDA,"2025-01-02, 10:00:00",10,136.5,-1365\n'
        'Trades,Data,Order,Stocks,USD,NVDA,"2025-01-15, 10:00:00",-4,136.25,545\n'
        'Trades,Data,ClosedLot,Stocks,USD,NVDA,"2025-01-02, 10:00:00",-4,136.5,\n'
        "Trades,SubTotal,,Stocks,USD,NVDA,,6,,\n"
    )
    s = read_holdings(text.encode(), name="x.csv")
    assert [(h.ticker, h.quantity, h.price_currency) for h in s.holdings] == [("NVDA", 6.0, "USD")]


def test_more_sold_than_bought_is_refused():
    refusal = _refusal(BOUGHT[0], "2025-01-03,Sell,NVDA,11,140,USD,1540")
    assert refusal.row == 3 and "earlier position" in refusal.what


def test_dividend_on_what_was_never_bought_shows_a_missing_position():
    assert "earlier position" in _refusal(BOUGHT[0], "2025-01-03,Dividend,AAPL,,,USD,5").what


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("2025-01-03,Pippo,NVDA,5,1,USD,5", "Pippo"),
        ("2025-01-03,Buy,NVDA,,1,USD,5", "no quantity"),
        ("2025-01-03,Stock Split,NVDA,90,,USD,0", "split"),
        ("2025-01-03,Transfer,NVDA,5,,USD,0", "Transfer"),
        ("2025-01-03,Stock split close,NVDA,7,,USD,0", "split"),
        ("2025-01-03,Sell,NVDA,10,140,USD,1400", "closed"),
    ],
)
def test_what_cannot_be_settled_is_refused_by_name(row, says):
    assert says in _refusal(BOUGHT[0], row).what


def test_accounts_are_kept_apart():
    """5 in one account and 3 sold in another, where only 2 were bought, are no 4."""
    head = "Account,Date,Action,Symbol,Quantity,Price,Currency"
    s = _read("A,2025-01-02,Buy,NVDA,5,100,USD", "B,2025-01-02,Buy,NVDA,2,100,USD", head=head)
    assert [(h.account, h.quantity) for h in s.holdings] == [("A", 5.0), ("B", 2.0)]
    _refusal("A,2025-01-02,Buy,NVDA,5,100,USD", "B,2025-01-02,Buy,NVDA,2,100,USD",
             "B,2025-01-03,Sell,NVDA,3,100,USD", head=head)  # fmt: skip


def test_each_row_that_moves_no_position_is_counted_once():
    """A dividend, a fee without a name, a deposit, and an order that was cancelled: four."""
    rows = (
        "2025-01-02,Buy,NVDA,10,136.50,USD,-1365.00,Done",
        "2025-01-03,Buy,MSFT,5,400.00,USD,-2000.00,Cancelled",
        "2025-01-20,Dividend,NVDA,,,USD,3.75,Done",
        "2025-01-21,Deposit,,,,USD,500.00,Done",
        "2025-01-22,Fee,NVDA,,,USD,-1.00,Done",
    )
    found = _read(*rows, head=f"{HEAD},Status")
    assert [(h.ticker, h.quantity) for h in found.holdings] == [("NVDA", 10.0)]
    (said,) = [i.what for i in found.issues if i.code.startswith("transactions.built")]
    assert "; 4 rows of income" in said
