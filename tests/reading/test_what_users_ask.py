"""What users of such tools complain of most, each complaint a test named after what it protects."""

from datetime import date

import pytest

from exposure.errors import InputError
from exposure.reading import read_holdings


def _read(text, name="x.csv", **how):
    return read_holdings(text.encode(), name=name, **how)


LAYOUTS = {
    "positions of two accounts, a sweep and a footer": (
        "Account Number,Account Name,Symbol,Description,Quantity,Last Price,Last Price Change,Current Value,"
        "Today's Gain/Loss Dollar,Percent Of Account,Cost Basis Total,Type\n"
        "X1,Individual,FCASH**,HELD IN FCASH,,,,$105.46,,0.72%,,Cash,\n"
        "X1,Individual,RDW,REDWIRE CORPORATION COM,1500,$9.73,+$0.65,$14595.00,+$975.00,99.28%,$14065.09,Margin,\n"
        'X2,Rollover,NVDA,NVIDIA CORP,2,$142.62,-$1.00,$285.24,-$2.00,100%,$100.00,Cash,\n\n"Date downloaded today"\n',
        [("FCASH**", 105.46), ("RDW", 14595.0), ("NVDA", 285.24)],
    ),
    "a name for each price and value of its own": (
        "Instrument,Qty.,Avg. cost,LTP,Cur. val,P&L,Net chg.\nRELIANCE,10,2350.00,2810.50,28105.00,4605.00,19.60\n"
        "TCS,5,3900.00,3750.25,18751.25,-748.75,-3.84\nTotal,,,,46856.25,3856.25,\n",
        [("RELIANCE", 28105.0), ("TCS", 18751.25)],
    ),
    "an unnamed column of currencies": (
        "Product,Symbool/ISIN,Aantal,Slotkoers,Lokale waarde,,Waarde in EUR\n"
        'CASH & CASH FUND & FTX CASH (EUR),,,,EUR,"164,14","164,14"\n'
        '"COREWEAVE, INC. CLASS A",US21873S1087,25,"89,62",USD,"2240,50","1990,68"\n',
        [(None, 164.14), (None, 1990.68)],
    ),
    "prices without values": (
        "Datum der Erstellung;Depotnummer;Wertpapierbezeichnung;WKN;ISIN;Einstiegskurs;Bewertungskurs;Stückzahl\n"
        '15.06.2026;5067;"AMAZON.COM INC.    DL-,01";906866;US0231351067;"81,37 €";"210,10 €";5\n',
        [(None, 1050.5)],
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_brokers_file_needs_no_mapping(layout):
    text, wanted = LAYOUTS[layout]
    s = _read(text)
    assert [(h.ticker, h.market_value) for h in s.holdings] == wanted and not s.rejected


def test_a_saved_mapping_reads_the_same_file_again_without_a_question():
    text = "Foo;Bar;Baz\nNVDA;10;1.426,20\nSAP;4;1.040,60\n"
    with pytest.raises(InputError, match="map them"):
        _read(text)
    mapping = {"ticker": "Foo", "quantity": "Bar", "market_value": "Baz"}
    first, again = (_read(text, columns=mapping) for _ in range(2))
    assert first == again and [h.market_value for h in first.holdings] == [1426.2, 1040.6]


def test_an_isin_is_the_key_where_symbols_differ():
    """One share, two symbols and two currencies: both lines carry the ISIN, neither asks for a symbol."""
    s = _read(
        "Symbol,ISIN,Quantity,Price,Currency\nASML,NL0010273215,5,730.10,EUR\nASMLF,NL0010273215,1,760.50,USD\n,US67066G1040,2,142.62,USD\n"
    )
    assert {h.isin for h in s.holdings} == {"NL0010273215", "US67066G1040"} and not s.rejected


def test_a_line_that_no_price_source_knows_is_kept_at_the_files_value():
    s = _read("Name,Quantity,Market Value (EUR)\nHOUSE FUND SERIES B,10,1234.56\nDELISTED PLC,100,0.00\n")
    assert [(h.name, h.market_value) for h in s.holdings] == [("HOUSE FUND SERIES B", 1234.56), ("DELISTED PLC", 0.0)]


def test_an_error_names_the_row_the_column_and_what_was_read():
    s = _read("Ticker,Quantity,Price ($)\nNVDA,10,142.62\nSAP,ten,260.15\nAMD,5,12O.79\n")
    assert [(r.row, r.reason) for r in s.rejected] == [
        (3, "Quantity: 'ten' is not a number"),
        (4, "Price ($): '12O.79' is not a number"),
    ]


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "\u2009", "'", "\u2019"])
def test_a_thousand_written_with_a_space_is_no_one(space):
    s = _read(f"Libellé;Quantité;Cours (EUR)\nLVMH;1{space}000;712,40\nSAP;12{space}345;251,00\n")
    assert [h.quantity for h in s.holdings] == [1000.0, 12345.0]


def test_a_thousand_written_with_a_dot_is_no_one():
    """`1.000` alone could be one: `712,40` elsewhere in the file says that the comma is the decimal mark."""
    s = _read("Bezeichnung;Stück;Kurs (EUR)\nLVMH;1.000;712,40\n")
    assert (s.holdings[0].quantity, s.dialect["decimal"]) == (1000.0, ",")
    with pytest.raises(InputError, match="--decimal"):
        _read("Symbol,Market Value\nLVMH,1.000\nSAP,2.500\n")


def test_a_thousands_comma_does_not_split_a_file_of_tabs():
    s = _read("Symbol\tQuantity\tPrice ($)\nNVDA\t1,500\t142.62\nMSFT\t12,345\t444.06\n")
    assert [h.quantity for h in s.holdings] == [1500.0, 12345.0] and s.dialect["delimiter"] == "\t"


@pytest.mark.parametrize(
    ("heading", "cell", "unit"),
    [("Price (pence)", "289.5", "GBX"), ("Price", "289.5p", "GBX"), ("Price (GBX)", "289.5", "GBX")],
)
def test_pence_are_not_pounds(heading, cell, unit):
    """500 shares at 289.5 pence are 1,447.50 pounds, not 144,750."""
    h = _read(f"Symbol,Quantity,{heading}\nBARC,500,{cell}\nVOD,10,{cell}\n").holdings[0]
    assert (h.price, h.price_currency, h.market_value, h.value_currency) == (289.5, unit, 1447.5, "GBP")


def test_south_african_cents_are_not_rand():
    """10 shares at 338,000 cents are 33,800 rand."""
    h = _read("Symbol,Quantity,Price,Currency\nNPN,10,338000,ZAc\nSOL,5,9100,ZAc\n").holdings[0]
    assert (h.price_currency, h.market_value, h.value_currency, h.currency) == ("ZAc", 33800.0, "ZAR", "ZAR")


def test_a_dollar_line_on_the_london_exchange_is_in_dollars():
    s = _read(
        "Symbol,Exchange,Currency,Quantity,Price\nCSPX,London Stock Exchange,USD,10,640.25\n"
        "VUSA,London Stock Exchange,GBP,10,88.50\nBARC,London Stock Exchange,GBX,10,289.50\n"
    )
    assert [(h.price_currency, h.market_value, h.value_currency) for h in s.holdings] == [
        ("USD", 6402.5, "USD"),
        ("GBP", 885.0, "GBP"),
        ("GBX", 28.95, "GBP"),
    ]


def test_pence_and_pounds_may_stand_in_one_column():
    """Each line is judged by its own quantity × price against its value: 289.5 in pence, 88.50 in pounds."""
    s = _read(
        "Symbol,Quantity,Price,Currency,Market Value (GBP)\nBARC,500,289.5,GBP,1447.50\nVOD,1000,71.2,GBP,712.00\n"
        "TSCO,100,369.9,GBP,369.90\nVUSA,10,88.50,GBP,885.00\n"
    )
    assert [h.price_currency for h in s.holdings] == ["GBX", "GBX", "GBX", "GBP"]


def test_a_value_without_any_currency_is_not_called_one():
    s = _read("Ticker,Quantity,Price,Market Value\nABC,10,5.50,55.00\nDEF,4,2.25,9.00\n")
    assert s.currency is None and {h.value_currency for h in s.holdings} == {None}


def test_a_file_of_positions_is_dated_by_itself_before_its_name():
    text = "Holdings as of 2025-01-24\nTicker,Quantity\nNVDA,10\n"
    assert _read(text, name="positions_2024-12-31.csv").as_of == date(2025, 1, 24)
    assert _read("Ticker,Quantity\nNVDA,10\n", name="positions_2024-12-31.csv").as_of == date(2024, 12, 31)


def test_dealings_without_an_action_are_not_positions():
    """What comes in is paid for: 5 − 2 = 3 are held, where the rows as they stand would be three positions."""
    s = _read(
        "Datum,Product,ISIN,Aantal,Koers,,Waarde EUR,,Order ID\n"
        '15-01-2025,ASML HOLDING,NL0010273215,5,"712,40",EUR,"-3562,00",EUR,a\n'
        '20-01-2025,ASML HOLDING,NL0010273215,-2,"735,10",EUR,"1470,20",EUR,b\n'
    )
    assert [(h.isin, h.quantity, h.price) for h in s.holdings] == [("NL0010273215", 3.0, 735.1)]


def test_a_cusip_without_its_check_digit_is_completed():
    """A house writes eight characters in every row: 03783310 is 037833100, and marked as mended."""
    s = _read(
        "Name,Ticker,Identifier,SEDOL,Weight\nApple Inc.,AAPL,03783310,2046251,6.12\n"
        "Microsoft,MSFT,59491810,2588173,5.80\nNvidia,NVDA,67066G10,2379504,5.10\n"
    )
    assert [(h.cusip, h.derived) for h in s.holdings] == [
        ("037833100", ("cusip",)),
        ("594918104", ("cusip",)),
        ("67066G104", ("cusip",)),
    ]
