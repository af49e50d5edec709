"""Mutated files by the thousand: each is read or refused by the project's own errors, and nothing else.

In an ordinary run a short seeded slice; `make fuzz` runs a million in twenty parts, with new seeds each time. A failure
prints the seed of its part and the bytes.
"""

import io
import random
import zipfile

import pytest
from hypothesis import settings

from exposure.errors import ExposureError
from exposure.reading import read_all

PARTS = 20
_LONG = 50_000
"""Cases in each part of a long run."""


def _zip(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


POSITIONS = (
    b"Ticker,Name,Quantity,Price,Market Value\nNVDA,NVIDIA CORP,10,142.62,1426.20\nSAP,SAP SE,4,260.15,1040.60\n"
)
SEEDS = (
    POSITIONS,
    POSITIONS.replace(b",", b"\t"),
    POSITIONS.decode().encode("utf-16"),
    b"\xef\xbb\xbfTitolo;ISIN;Quantit\xc3\xa0;Prezzo;Valore EUR\nENEL;IT0003128367;1.050;7,02;7.371,00\n"
    b"Totale;;;;7.371,00\n",
    b"Libell\xe9;Quantit\xe9;Cours (EUR)\nLVMH;1\xa0000;712,40\n",
    b'Fund Holdings as of,"Jan 24, 2025"\n\nTicker,Name,Asset Class,Market Value,Weight (%),Price,Currency\n'
    b'"NVDA","NVIDIA","Equity","1,426.20","60","142.62","USD"\n"USD","USD CASH","Cash","950.00","40","1.00","USD"\n'
    b'"ESH5","S&P500 EMINI MAR 25","Futures","0.00","0","6,000.00","USD"\n\n"Small print, of no use"\n',
    b"Symbol,Quantity,Price ($)\nSMAL 04/01/2020 32.00 P,-1,12.53\nNVDA,(10),142.62\nBARC,5,289.5p\n",
    b"First\nSymbol,Quantity,Value ($)\n\nSecond\nSymbol,Quantity,Value ($)\nNVDA,1,142.62\nAccount Total,,142.62\n",
    b"date,symbol,quantity,price,currency\n2024-03-31,AAPL,50,171.48,USD\n2024-06-30,$CASH,500,,USD\n",
    b"Date,Action,Symbol,Quantity,Price,Amount\n2025-01-02,Buy,NVDA,10,136.5,-1365\n2025-01-03,Sell,NVDA,4,140,560\n",
    b"Trades,Header,DataDiscriminator,Currency,Symbol,Date/Time,Quantity,T. Price\n"
    b'Trades,Data,Order,USD,NVDA,"2025-01-02, 10:00:00",10,136.5\nTrades,SubTotal,,USD,NVDA,,10,\n',
    b'<?xml version="1.0"?><Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
    b'<Worksheet ss:Name="H"><Row><Cell><Data ss:Type="String">Ticker</Data></Cell>'
    b'<Cell><Data ss:Type="String">Market Value (USD)</Data></Cell>'
    b"</Row>"
    b'<Row><Cell><Data ss:Type="String">NVDA</Data></Cell><Cell><Data ss:Type="Number">142.62</Data></Cell></Row>'
    b"</Worksheet></Workbook>",
    b"<html><table><tr><td colspan=2>As of 24-Jan-2025</td></tr><tr><th>Ticker</th><th>Value ($)</th></tr>"
    b"<tr><td>NVDA</td><td>142.62</td></tr><tr><td>Total</td><td>142.62</td></tr></table></html>",
    '基準日,2025/1/24\nコード,銘柄名,株数,時価評価額,比率(%)\n7203,トヨタ,100,"288,000",99\nJPY,現金,,"2,880",1\n'.encode(
        "cp932"
    ),
    b"NVDA\tNVIDIA Corp\t50\t142.62\t7,131.00\nAAPL\tApple Inc\t5\t222.78\t1,113.90\n",
    b"SECURITY NAME        ISIN            SHARES    MARKET VALUE USD\n"
    b"NVIDIA CORP          US67066G1040    50,000    7,131,000.00\n"
    b"TOTAL                                          7,131,000.00\n",
    b'ISIN,Name of the Instrument,Quantity,"Market Value (Rs. in Lakhs)",% to NAV\n,Equity,,,\n'
    b"INE040A01034,HDFC Bank,281,4774.13,99.2\n,Sub Total,,4774.13,99.2\n,TREPS,,38.5,0.8\n,GRAND TOTAL,,4812.63,100\n",
    b"Name,Ticker,Quantity,Price,Market Value (USD)\nTechnology,,,,600.00\nAAA,AAA,10,40.00,400.00\n"
    b"BBB,BBB,10,20.00,200.00\n,,,,600.00\n",
    _zip({"a.csv": POSITIONS, "b.csv": POSITIONS.replace(b"NVDA", b"AMD")}),
)
JUNK = (
    *(b'"', b"\x00", b",", b";", b"\t", b"\n", b"\r", b"\r\n\r\n", b"\xff\xfe", b"\xef\xbb\xbf", b"-", b"(", b"%"),
    *(b"1e999", b"1e-999", b"9" * 400, b"nan", b"inf", b"0", b"-0", b"1.234.5", b"1,23,4", b"\xe2\x82\xac", b"'"),
    *(b"Total", b"Ticker", b"ISIN", b"US0378331005", b"Quantity", b"Sell", b"Split", b"99/99/2099", b"2025-02-30"),
    *(b"\xd9\xa1", b"\xc2\xb2", b"\xed\xa0\x80", b"=cmd|' /C calc'!A0", b"NVDA250620P120", b"0000-00-00"),
    *(b"\x1a", b"\xc2\xa0", b"Cash", b"a" * 300),
)  # fmt: skip


def _mutated(rng):
    data = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randint(1, 6)):
        i = rng.randrange(len(data) + 1)
        match rng.randrange(6):
            case 0:
                data[i : i + rng.randrange(30)] = rng.choice(JUNK)
            case 1:
                data[i:i] = rng.choice(JUNK)
            case 2:
                data[i : i + 1] = bytes([rng.randrange(256)])
            case 3:
                del data[i : i + rng.randrange(1, 60)]
            case 4:
                lines = data.split(b"\n")
                rng.shuffle(lines)
                data = bytearray(b"\n".join(lines))
            case _:
                data[i:i] = data[rng.randrange(len(data) + 1) :][: rng.randrange(1, 80)]
    return bytes(data)


def _check(data):
    try:
        found = read_all(data, name="f.csv")
    except ExposureError as error:
        assert "\n" not in str(error), "more than one line"
        assert error.__cause__ is None or not isinstance(
            error.__cause__, (TypeError, AttributeError, LookupError, ArithmeticError, AssertionError, ValueError)
        ), f"refused by accident: {error.__cause__!r}"
        return
    for snapshot in found:
        assert snapshot.holdings
        for h in snapshot.holdings:
            for value in (h.quantity, h.price, h.market_value, h.weight):
                assert value is None or abs(value) < float("inf")


@pytest.mark.fuzz
@pytest.mark.parametrize("part", range(PARTS))
def test_a_mutated_file_is_read_or_refused(part):
    long = settings.get_current_profile_name() == "fuzz"
    seed = random.SystemRandom().getrandbits(64) if long else part
    rng = random.Random(seed)
    for _ in range(_LONG if long else 25):
        data = _mutated(rng)
        try:
            _check(data)
        except BaseException as error:
            raise AssertionError(f"seed {seed}: {error!r} on {data!r}") from error
