"""A mapping of columns: what a user says beats what was recognised, and files of the same shape are read the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from exposure.errors import InputError
from exposure.reading import read_holdings
from exposure.reading._mapping import first_fields, header_of, mapping_of, shape_of

PLAIN = b"Sym,What,How many,Worth,Ccy\nNVDA,NVIDIA Corp,100,14000,USD\nKO,Coca-Cola Co,100,6000,USD\n"
"""Headings of which none but the currency's is a usual one."""


def chosen(header, **said: str | None) -> list[str | None]:
    """Take what was recognised, with the columns of some headings (blanks as `_`) said otherwise."""
    return [
        said.get(heading.replace(" ", "_"), before)
        for heading, before in zip(header.headings, first_fields(header), strict=True)
    ]


def test_a_file_whose_headings_say_nothing_is_read_by_a_mapping():
    with pytest.raises(InputError):
        read_holdings(PLAIN, name="plain.csv")
    header = header_of(PLAIN, "plain.csv")
    assert (header.line, header.headings) == (1, ("Sym", "What", "How many", "Worth", "Ccy"))
    assert header.rows[0] == (2, ("NVDA", "NVIDIA Corp", "100", "14000", "USD"))
    mapping = mapping_of(
        header, chosen(header, Sym="ticker", What="name", How_many="quantity", Worth="market_value", Ccy="currency")
    )
    found = read_holdings(PLAIN, name="plain.csv", columns=mapping)
    assert [(h.ticker, h.name, h.quantity, h.market_value) for h in found.holdings] == [
        ("NVDA", "NVIDIA Corp", 100.0, 14000.0),
        ("KO", "Coca-Cola Co", 100.0, 6000.0),
    ]


def test_a_column_said_to_mean_nothing_is_not_read():
    data = b"Ticker,Name,Quantity,Price,Market value,Currency\nNVDA,NVIDIA,100,140,13000,USD\n"
    header = header_of(data, "x.csv")
    assert read_holdings(data, name="x.csv").holdings[0].price == 140.0
    mapping = mapping_of(header, chosen(header, Price=None))
    assert mapping["price"] == ""
    (line,) = read_holdings(data, name="x.csv", columns=mapping).holdings
    assert (line.market_value, line.quantity) == (13000.0, 100.0)
    assert line.price is None or "price" in line.derived


def test_a_column_said_to_mean_another_thing_is_read_as_that():
    """Of two columns of values the user takes the second."""
    data = b"Ticker,Name,Quantity,Market value,Base worth,Currency\nNVDA,NVIDIA,100,140,14000,USD\n"
    header = header_of(data, "x.csv")
    mapping = mapping_of(header, chosen(header, Market_value=None, Base_worth="market_value"))
    assert read_holdings(data, name="x.csv", columns=mapping).holdings[0].market_value == 14000.0


def test_two_columns_cannot_mean_the_same():
    header = header_of(PLAIN, "plain.csv")
    with pytest.raises(InputError, match="two columns are said to be Ticker: “Sym” and “What”"):
        mapping_of(header, chosen(header, Sym="ticker", What="ticker"))


def test_a_shape_is_the_same_whatever_order_case_and_rows():
    one = header_of(PLAIN, "a.csv").shape
    assert one == shape_of(["CCY", "worth", "How Many", "What", "sym"])
    assert one == header_of(PLAIN.replace(b"14000", b"1"), "b.csv").shape
    assert one != shape_of(["Sym", "What", "How many", "Worth"])


def test_prose_has_no_headings():
    with pytest.raises(InputError, match="no row of it can be one of headings"):
        header_of(b"Dear all\nplease find attached\n", "letter.csv")


def test_headings_can_be_named_by_their_line():
    data = b"Report,of,the,desk\n" + PLAIN
    assert header_of(data, "x.csv", line=2).headings[0] == "Sym"


def test_saying_what_was_recognised_changes_nothing(shared: Path):
    """On every sample: the mapping that the page shows first reads the same holdings."""
    read = 0
    for file in sorted((shared / "samples" / "files").iterdir()):
        data = file.read_bytes()[:40_000] if file.suffix == ".csv" else file.read_bytes()
        try:
            found = read_holdings(data, name=file.name)
        except InputError:
            continue
        header = header_of(data, file.name)
        assert {f: h for f, h in found.columns.items() if f in header.fields} == {
            f: h for f, h in header.fields.items() if f in found.columns
        }, file.name
        mapping = mapping_of(header, first_fields(header))
        assert read_holdings(data, name=file.name, columns=mapping).holdings == found.holdings, file.name
        lines = dict(header.rows)
        for holding in found.holdings:
            if holding.row in lines:
                assert (holding.name or holding.ticker or "").strip() in " ".join(lines[holding.row]), file.name
        read += 1
    assert read > 20
