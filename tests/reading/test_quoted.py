"""Pounds or pence, line by line: a price's label says nothing of the value beside it, and nothing of another line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure import to_book
from exposure.errors import UnitError
from exposure.reading import read_holdings

HEAD = "Name,Ticker,Quantity,Price,Currency,Market value\n"
NVDA = "NVIDIA,NVDA,100,142.62,USD,14262\n"
BARE = "Name,Ticker,Currency,Market value\nNVIDIA,NVDA,USD,14262\n"


def _read(text, **said):
    return read_holdings(("As of,2025-01-24\n\n" + text).encode(), name="book.csv", **said)


def _values(snapshot):
    return {h.ticker: (h.market_value, h.value_currency) for h in snapshot.holdings}


@pytest.mark.parametrize("unit", ["GBX", "GBp", "gbx", "Gbx", "GBPX", "p", "pence", "Pence Sterling"])
@pytest.mark.parametrize("value", ["1300000", "13000"])
def test_the_value_of_a_line_in_pence_is_told_by_its_own_quantity_and_price(unit, value):
    """1,000 · 1,300 pence are 13,000 pounds, whether the file writes the value in pence or in pounds."""
    s = _read(HEAD + NVDA + f"Sage,SGE.L,1000,1300,{unit},{value}\n")
    assert _values(s) == {"NVDA": (14262.0, "USD"), "SGE.L": (13000.0, "GBP")}
    assert (s.holdings[1].price, s.holdings[1].price_currency) == (1300.0, "GBX")
    assert s.total_market_value is None and not s.open_units


@pytest.mark.parametrize(
    ("unit", "name", "currency"),
    [
        ("ZAc", "ZAc", "ZAR"),
        ("ZAC", "ZAc", "ZAR"),
        ("zac", "ZAc", "ZAR"),
        ("ILA", "ILA", "ILS"),
        ("agorot", "ILA", "ILS"),
    ],
)
@pytest.mark.parametrize("value", ["910000", "9100"])
def test_so_of_every_hundredth(unit, name, currency, value):
    h = _read(HEAD + NVDA + f"Sasol,SOL,100,9100,{unit},{value}\n").holdings[1]
    assert (h.price_currency, h.market_value, h.value_currency, h.currency) == (name, 9100.0, currency, currency)


def test_each_line_is_settled_by_itself():
    """The one writes its value in pence, the other in pounds: neither says anything of the other."""
    s = _read(HEAD + NVDA + "Sage,SGE.L,1000,1300,GBX,1300000\nVodafone,VOD.L,1000,71.2,GBX,712\n")
    assert _values(s) == {"NVDA": (14262.0, "USD"), "SGE.L": (13000.0, "GBP"), "VOD.L": (712.0, "GBP")}


def test_a_line_without_quantity_or_price_follows_the_others_of_its_unit():
    s = _read(HEAD + NVDA + "Sage,SGE.L,1000,1300,GBX,1300000\nVodafone,VOD.L,,,gbx,71200\n")
    assert _values(s)["VOD.L"] == (712.0, "GBP") and _values(s)["NVDA"] == (14262.0, "USD")
    assert "read.unit-assumed" in {i.code for i in s.issues}


def test_lines_that_contradict_each_other_settle_no_other():
    lines = "Sage,SGE.L,1000,1300,GBX,1300000\nVodafone,VOD.L,1000,71.2,GBX,712\nBarclays,BARC.L,,,GBX,144750\n"
    (open_,) = _read(HEAD + lines).open_units
    assert (open_.row, open_.field, open_.figure, open_.unit) == (6, "market_value", 144750.0, "GBX")


@pytest.mark.parametrize(("value", "total"), [("1300000", "20000"), ("13000", "20000")])
def test_the_stated_total_tells_pence_from_pounds(value, total):
    """7,000 pounds and 13,000 make 20,000; 1,300,000 do so as pence."""
    s = _read(f"Name,Ticker,Currency,Market value\nSage,SGE.L,GBX,{value}\nLloyds,LLOY.L,GBP,7000\nTotal,,,{total}\n")
    assert _values(s) == {"SGE.L": (13000.0, "GBP"), "LLOY.L": (7000.0, "GBP")} and s.currency == "GBP"


def test_a_total_that_either_reading_fits_tells_nothing():
    """Ten pounds or ten pence beside seven million: the total does not notice."""
    text = "Name,Ticker,Currency,Market value\nSage,SGE.L,GBX,10\nLloyds,LLOY.L,GBP,7000000\nTotal,,,7000010\n"
    assert [each.figure for each in _read(text).open_units] == [10.0]


def test_a_line_whose_labels_contradict_each_other_does_not_follow_the_others():
    """By the other line values are in pounds; 71,200 would be 1,000 · 71.20 pounds, and the label says pence."""
    head = "Name,Ticker,Quantity,Price,Currency,Market value (GBP)\nSage,SGE.L,1000,1300,GBX,13000\n"
    s = _read(head + "Vodafone,VOD.L,1000,71.2,GBX,71200\n")
    assert s.holdings[0].market_value == 13000.0 and [each.row for each in s.open_units] == [5]


def test_stated_weights_tell_pence_from_pounds():
    s = _read("Name,Ticker,Currency,Market value,Weight\nLloyds,LLOY.L,GBP,7000,35%\nSage,SGE.L,GBp,1300000,65%\n")
    assert _values(s)["SGE.L"] == (13000.0, "GBP")


def test_a_file_wholly_in_pence_agrees_with_its_own_total():
    lines = "Sage,SGE.L,1000,1300,GBX,1300000\nVodafone,VOD.L,1000,71.2,GBX,71200\nTotal,,,,,1371200\n"
    s = _read(HEAD + lines)
    assert (s.currency, s.total_market_value, s.stated_total) == ("GBP", 13712.0, 1371200.0)
    assert [i.severity for i in s.issues] == ["notice"]


def test_a_short_line_and_a_fund_in_pence():
    assert _values(_read(HEAD + NVDA + "Sage,SGE.L,-1000,1300,GBX,-1300000\n"))["SGE.L"] == (-13000.0, "GBP")
    s = _read(
        "Name,Asset class,Ticker,Quantity,Price,Currency,Market value\n"
        "Fundsmith Equity,Fund,FS,1000,650.5,GBp,6505\nNVIDIA,Equity,NVDA,100,142.62,USD,14262\n"
    )
    assert _values(s) == {"FS": (6505.0, "GBP"), "NVDA": (14262.0, "USD")}


def test_currencies_of_price_and_value_stand_apart():
    head = "Ticker,Quantity,Price,Price currency,Market value,Value currency\nNVDA,100,142.62,USD,14262,USD\n"
    for line in ("SGE.L,1000,1300,GBp,13000,GBP\n", "SGE.L,1000,1300,GBX,1300000,GBX\n"):
        assert _values(_read(head + line)) == {"NVDA": (14262.0, "USD"), "SGE.L": (13000.0, "GBP")}


@pytest.mark.parametrize("heading", ["Price (p)", "Price (GBp)", "Price in pence", "Price gbx"])
def test_a_heading_in_pence_leaves_a_line_in_dollars_alone(heading):
    s = _read(f"Name,Ticker,Quantity,{heading},Currency\nSage,SGE.L,1000,1300,GBP\nNVIDIA,NVDA,100,142.62,USD\n")
    assert _values(s) == {"SGE.L": (13000.0, "GBP"), "NVDA": (14262.0, "USD")}


def test_headings_in_pence_of_price_and_value_are_those_of_every_line():
    """A platform that shows a share of New York in pence converts both: 100 · 11,410 pence are 11,410 pounds."""
    text = "Name,Ticker,Quantity,Price (p),Currency,Value (p)\nSage,SGE.L,1000,1300,GBP,1300000\n"
    s = _read(text + "NVIDIA,NVDA,100,11410,USD,1141000\n")
    assert _values(s) == {"SGE.L": (13000.0, "GBP"), "NVDA": (11410.0, "GBP")}
    own = _read("Name,Ticker,Quantity,Price,Currency,Value (p)\nSage,SGE.L,1000,1300,GBX,1300000\n" + NVDA)
    assert _values(own) == {"SGE.L": (13000.0, "GBP"), "NVDA": (14262.0, "USD")}


def test_a_sign_of_pence_is_that_of_its_cell():
    s = _read('Name,Ticker,Quantity,Price,Currency\nSage,SGE.L,1000,"1,300p",\nNVIDIA,NVDA,100,142.62,USD\n')
    assert _values(s) == {"SGE.L": (13000.0, "GBP"), "NVDA": (14262.0, "USD")}
    (open_,) = _read('Name,Ticker,Quantity,Price\nSage,SGE.L,1000,"1,300p"\nBarclays,BARC.L,10,289.5\n').open_units
    assert (open_.row, open_.field, open_.figure) == (5, "price", 289.5), "pence too, or pounds?"
    (open_,) = _read('Name,Ticker,Market value\nSage,SGE.L,"1,300,000p"\nBarclays,BARC.L,14262\n').open_units
    assert (open_.row, open_.field) == (5, "market_value")


def test_the_sign_of_a_deal_is_that_of_its_security():
    s = _read(
        'Date,Action,Ticker,Quantity,Price\n2025-01-02,Buy,SGE.L,1000,"1,300p"\n2025-01-03,Buy,NVDA,100,$142.62\n'
    )
    assert {h.ticker: (h.price_currency, h.value_currency) for h in s.holdings} == {
        "SGE.L": ("GBX", "GBP"),
        "NVDA": ("USD", "USD"),
    }


def test_the_one_sign_of_pence_in_a_long_column_counts():
    lines = "".join(f"Name {n},T{n},10,5.5,USD\n" for n in range(600))
    s = _read("Name,Ticker,Quantity,Price,Currency\n" + lines + "Sage,SGE.L,1000,1300p,\n")
    assert (s.holdings[-1].price_currency, s.holdings[-1].market_value) == ("GBX", 13000.0)
    assert {h.price_currency for h in s.holdings[:-1]} == {"USD"}


def test_a_value_that_nothing_tells_is_left_out_and_no_book_is_made_of_it():
    """13,000 pounds, or 130: nothing in the file says which."""
    s = _read(BARE + "Sage,SGE.L,GBp,13000\n")
    assert _values(s) == {"NVDA": (14262.0, "USD"), "SGE.L": (None, None)}
    assert (s.total_market_value, s.currency) == (None, None)
    assert [(i.severity, i.row) for i in s.issues] == [("error", 5)]
    with pytest.raises(UnitError, match=r"book\.csv:5: the value 13.000\.00 may stand in GBX or in GBP") as refusal:
        to_book(s)
    assert refusal.value.remedy == "say --unit GBX=GBX or --unit GBX=GBP"


@pytest.mark.parametrize(("answer", "value"), [("GBX", 130.0), ("GBP", 13000.0)])
def test_what_is_said_of_it_settles_it(answer, value):
    s = _read(BARE + "Sage,SGE.L,GBp,13000\n", units={"GBX": answer})
    assert _values(s) == {"NVDA": (14262.0, "USD"), "SGE.L": (value, "GBP")} and not s.open_units


@pytest.mark.parametrize(("answer", "value", "unit"), [("GBX", 13000.0, "GBX"), ("GBP", 1300000.0, "GBP")])
def test_labels_that_contradict_each_other_are_asked_about(answer, value, unit):
    """A value headed in pounds that is quantity × a price labelled in pence: one of the labels is wrong."""
    text = "Name,Ticker,Quantity,Price,Currency,Market value (GBP)\nSage,SGE.L,1000,1300,GBX,1300000\n"
    assert [each.row for each in _read(text).open_units] == [4] and _read(text).holdings[0].market_value is None
    (h,) = _read(text, units={"GBX": answer}).holdings
    assert (h.market_value, h.value_currency, h.price_currency) == (value, "GBP", unit)


LINES = st.lists(
    st.tuples(
        st.sampled_from(["GBX", "GBp", "gbx", "GBP", "USD", "ZAc", "ILA", "EUR"]),
        st.integers(-5000, 5000).filter(bool),
        st.integers(50, 500_000),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)
SIZES = {"GBX": 100, "GBp": 100, "gbx": 100, "ZAc": 100, "ILA": 100}


@given(LINES)
def test_whatever_the_lines_beside_it_a_line_is_worth_its_quantity_times_its_price(lines):
    """The value of a line in a hundredth is written in either unit; the file is read as each line would be alone."""
    text = HEAD
    for n, (unit, quantity, price, in_unit) in enumerate(lines):
        value = quantity * price / (1 if in_unit else SIZES.get(unit, 1))
        text += f"Name {n},T{n}X,{quantity},{price},{unit},{value!r}\n"
    s = _read(text, decimal=".")
    for h, (unit, quantity, price, _) in zip(s.holdings, lines, strict=True):
        assert h.market_value == pytest.approx(quantity * price / SIZES.get(unit, 1))
    assert not s.open_units
