"""Files that are no holdings, and damaged ones: refused in one line or read with the fault named, never a crash."""

import io
import random
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.errors import ExposureError, InputError, TransactionsError
from exposure.reading import read_all, read_holdings

GOOD = b"Ticker,Name,Quantity,Price,Market Value\nNVDA,NVIDIA CORP,10,142.62,1426.20\nSAP,SAP SE,4,260.15,1040.60\n"

REFUSED = {
    "empty": b"",
    "spaces": b" \r\n \n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
    "headings only": b"Ticker,Name,Quantity,Price\n",
    "a web page": b"\n\n<!DOCTYPE html><html><body><table><tr><td>NVDA</td></tr></table></body></html>",
    "binary rubbish": random.Random(1).randbytes(5000),
    "NUL bytes": b"Ticker,Quantity\nNV\x00DA,10\n",
    "nothing but NUL": b"\x00" * 4096,
    "a lone quote": b'"',
    "a quote left open": GOOD.replace(b"NVIDIA CORP", b'"NVIDIA CORP'),
    "ten thousand columns": b"Ticker,Quantity," + b"," * 10_000 + b"\nNVDA,10\n",
    "an endless line": b"Ticker" + b"x" * 200_000 + b",Quantity\nNVDA,10\n",
    "JSON": b'{"holdings": [{"ticker": "NVDA"}]}',
    "prose": b"Dear all,\nplease find attached the holdings, as agreed.\nRegards\n",
    "a broken archive": b"PK\x03\x04" + b"\x00" * 100,
    "a broken workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x01" * 600,
    "no amounts": b"Ticker,Name,Sector\nNVDA,NVIDIA CORP,Technology\n",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_what_holds_no_positions_is_refused_in_one_line(data):
    with pytest.raises(InputError) as refusal:
        read_holdings(data, name="file.csv")
    text = str(refusal.value)
    assert text.startswith("file.csv") and "\n" not in text and "; " in text, "what, where, and what to do"


def test_open_quote_is_named_by_its_line():
    with pytest.raises(InputError) as refusal:
        read_holdings(REFUSED["a quote left open"], name="file.csv")
    assert refusal.value.row == 2


def test_missing_file_and_folder(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path, "bad\x00name.csv"):
        with pytest.raises(InputError):
            read_holdings(path)


def test_a_large_file_of_rubbish_is_refused_from_its_head(tmp_path):
    path = tmp_path / "big.csv"
    with path.open("wb") as f:
        f.write(random.Random(2).randbytes(300_000))
        f.truncate(150_000_000)
    import tracemalloc

    tracemalloc.start()
    with pytest.raises(InputError):
        read_holdings(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def _archive(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members.items():
            z.writestr(name, data)
    return out.getvalue()


def test_archive_of_tables_is_read_and_bombs_are_refused():
    s = read_holdings(
        _archive({"a.csv": GOOD, "b.csv": GOOD.replace(b"NVDA", b"AMD"), "readme.md": b"hello"}), name="x.zip"
    )
    assert (s.format, [h.ticker for h in s.holdings], [h.account for h in s.holdings]) == (
        "zip",
        ["NVDA", "SAP", "AMD", "SAP"],
        ["a", "a", "b", "b"],
    )
    with pytest.raises(InputError, match="more than 200 MB"):
        read_holdings(_archive({"a.csv": b"0" * 201_000_000}), name="bomb.zip")
    with pytest.raises(InputError) as refusal:
        read_holdings(_archive({f"{i}.csv": b"" for i in range(1_001)}), name="many.zip")
    assert (refusal.value.code, refusal.value.params["most"]) == ("file.too-many-members", 1_000)


def test_a_member_without_a_name_is_passed_over():
    damaged = _archive({"a.csv": GOOD, "b.csv": GOOD}).replace(b"PK\x01\x02", b"PK\x01\x02", 1)
    at = damaged.index(b"PK\x01\x02")
    damaged = damaged[: at + 28] + b"\0\0" + damaged[at + 30 : at + 46] + damaged[at + 51 :]  # its name of 5 letters
    with pytest.raises(InputError):
        read_holdings(damaged, name="x.zip")


def test_workbook_whose_few_cells_span_a_vast_grid_is_refused():
    sheet = (
        b'<worksheet><sheetData><row r="1"><c r="A1"/></row><row r="1048576"><c '
        b'r="XFD1048576"/></row></sheetData></worksheet>'
    )
    with pytest.raises(InputError, match="rows"):
        read_holdings(_archive({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": sheet}), name="x.xlsx")


def test_rejected_rows_carry_the_line_an_editor_shows():
    """Lines: 1 headings, 2-3 a quoted name over two lines, 4 a bad number, 5 no amount, 6 too many cells, 7 good."""
    data = b'Ticker,Name,Quantity,Price\nA,"TWO\nLINES",1,2\nB,BAD,x1,2\nC,NOTHING,,\nD,LONG,1,2,3,4\nE,GOOD,5,6\n'
    s = read_holdings(data, name="x.csv")
    assert [(h.row, h.ticker) for h in s.holdings] == [(2, "A"), (7, "E")]
    assert [r.row for r in s.rejected] == [4, 5, 6]
    assert "x1" in s.rejected[0].reason and s.rejected[0].raw == "B,BAD,x1,2"


def test_transactions_that_do_not_tell_all_are_refused_by_name():
    data = b"Date,Action,Symbol,Quantity,Price,Amount\n2025-01-02,Sell,NVDA,1,100,100\n2025-01-03,Dividend,NVDA,,,5\n"
    with pytest.raises(TransactionsError, match="transactions") as refusal:
        read_holdings(data, name="x.csv")
    assert "positions" in refusal.value.remedy


def test_what_nothing_settles_is_asked_for():
    """`1,234` may be a thousand or one and a bit; 03/04/2025 may be March or April: no mark speaks for either."""
    data = b'Symbol,Market Value\nNVDA,"1,234"\nSAP,"2,500"\n'
    with pytest.raises(InputError, match="--decimal"):
        read_holdings(data, name="x.csv")
    assert read_holdings(data, name="x.csv", decimal=".").holdings[0].market_value == 1234.0
    assert read_holdings(data, name="x.csv", decimal=",").holdings[0].market_value == 1.234
    dated = b"Symbol,Quantity,Date\nNVDA,1,03/04/2025\n"
    with pytest.raises(InputError, match="--dates"):
        read_holdings(dated, name="x.csv")
    assert str(read_holdings(dated, name="x.csv", dates="mdy").as_of) == "2025-03-04"
    assert str(read_holdings(dated, name="x.csv", dates="dmy").as_of) == "2025-04-03"
    dollars = read_holdings(b"Symbol,Quantity,Price ($),Date\nNVDA,1,5,03/04/2025\n", name="x.csv")
    assert str(dollars.as_of) == "2025-03-04" and any("--dates" in i.remedy for i in dollars.issues)


_SEEDS = [
    GOOD,
    *(v for v in REFUSED.values() if len(v) < 10_000),
    GOOD.decode().encode("utf-16"),
    _archive({"a.csv": GOOD}),
]
_JUNK = [
    b'"',
    b"\x00",
    b",",
    b";",
    b"\n",
    b"\r",
    b"\xff\xfe",
    b"1e999",
    b"(",
    b"9" * 400,
    b"Total",
    b"nan",
    b"inf",
    b"99/99/2099",
    b"\xd9\xa1",
    b"\xc2\xb2",
]


def _survives(data):
    try:
        found = read_all(data, name="f.csv")
    except ExposureError as error:
        assert "\n" not in str(error)
        assert not isinstance(error.__cause__, (TypeError, AttributeError, KeyError, IndexError)), "refused by accident"
        return
    for snapshot in found:
        for h in snapshot.holdings:
            for value in (h.quantity, h.price, h.market_value, h.weight):
                assert value is None or abs(value) < float("inf")


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("1e200,1e200,", "quantity 1e+200"),
        ("1,1,1e308", "market value 1e+308"),
        ("-1,1,-1e308", "market value -1e+308"),
        ("1e40,1e40,", "market value 1e+80"),
    ],
)
def test_a_figure_beyond_any_holding_is_refused_with_its_row(row, what):
    """Two values of 1e308 have no sum; 1e40 pieces at 1e40 are worth more than there is."""
    lines = f"Ticker,Quantity,Price,Market Value\nSAP,1,1,1\nNVDA,{row}\nMSFT,{row}\n"
    with pytest.raises(InputError, match=rf"f\.csv:3: the {re.escape(what)} is larger than any holding's; correct"):
        read_holdings(lines.encode(), name="f.csv")


def test_a_quotient_beyond_all_numbers_is_left_out():
    """1e50 over 1e-300 is no price, and no quantity."""
    (b, c) = read_holdings(
        b"Ticker,Quantity,Price,Market Value\nSAP,1e-300,,1e50\nASML,,1e-300,1e50\n", name="f.csv"
    ).holdings
    assert (b.quantity, b.price, b.market_value) == (1e-300, None, 1e50)
    assert (c.quantity, c.price, c.market_value) == (None, 1e-300, 1e50)


def test_a_strike_of_eight_characters_may_hold_a_point():
    lines = b"Symbol,Name,Quantity,Price,Market Value\nNVDA250620P12060.15,A put,2,1,200\n"
    (one,) = read_holdings(lines, name="f.csv").holdings
    assert (one.kind, one.strike, one.underlying) == ("option", 12060.15, "NVDA")


@pytest.mark.fuzz
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data):
    _survives(data)


@pytest.mark.fuzz
@given(
    st.sampled_from(_SEEDS),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 40), st.sampled_from(_JUNK)), min_size=1, max_size=8),
)
def test_damaged_files_are_read_or_refused(seed, wounds):
    data = bytearray(seed)
    for at, cut, junk in wounds:
        i = at % (len(data) + 1)
        data[i : i + cut] = junk
    _survives(bytes(data))


SPREADSHEET = (
    b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="a">'
)


@pytest.mark.parametrize(
    "data",
    [
        SPREADSHEET + b"<Row><Cell><Data>" * 50_000,
        SPREADSHEET + b"<Row " * 50_000,
        b"<html><table>" + b"<tr><td>" * 50_000,
        b"<html><table>" + b"<table " * 50_000,
        b"<html><table>" + b"<script " * 50_000,
        b"<html><table>" + b"<!--" * 50_000,
    ],
)
def test_tags_that_are_never_closed_are_gone_through_once(data):
    """A pattern that looks for each end anew would take hours for these; the time limit of the suite would tell."""
    with pytest.raises(InputError):
        read_holdings(data, name="x.xls")


def test_a_few_tags_that_span_a_vast_grid_are_refused(monkeypatch):
    monkeypatch.setattr("exposure.files._workbooks.MAX_MARKUP_CELLS", 5_000)
    with pytest.raises(InputError, match="cells"):
        read_holdings(SPREADSHEET + b'<Row><Cell ss:Index="900"/></Row>' * 10, name="x.xls")
    with pytest.raises(InputError, match="cells"):
        read_holdings(b"<html><table>" + b"<tr><td colspan=900></td></tr>" * 10, name="x.xls")
