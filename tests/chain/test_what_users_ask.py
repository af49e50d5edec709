"""What users of such tools complain of in look-through and classes, each a test named after what it protects."""

from datetime import date
from math import fsum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.chain import measure, to_book
from exposure.chain._overrides import make_override
from exposure.errors import InputError
from exposure.reading import read_holdings
from exposure.types import Holding, Snapshot

DAY = date(2025, 1, 24)


def _fund(ticker: str, value: float = 100.0, **more) -> Snapshot:
    line = Holding(2, kind="fund", ticker=ticker, market_value=value, value_currency="USD", currency="USD", **more)
    return Snapshot("t.csv", "csv", DAY, (DAY,), "USD", (line,))


def _inside(*parts: tuple[str, float, str]) -> Snapshot:
    lines = tuple(Holding(i, kind=kind, ticker=t, weight=w) for i, (t, w, kind) in enumerate(parts, 2))
    return Snapshot("f.csv", "csv", DAY, (DAY,), None, lines)


def test_a_fund_is_not_put_whole_into_its_largest_segment():
    """Seen through, 60 % NVIDIA and 40 % ServiceNow lie in the segments where the two shares by themselves would."""
    through = to_book(_fund("F"), inside={"F": _inside(("NVDA", 0.6, "equity"), ("NOW", 0.4, "equity"))})
    shares = [
        Holding(2, ticker=t, market_value=v, value_currency="USD", currency="USD")
        for t, v in (("NVDA", 60.0), ("NOW", 40.0))
    ]
    direct = to_book(Snapshot("t.csv", "csv", DAY, (DAY,), "USD", tuple(shares)))
    by, own = ({e.segment: e.weight for e in measure(b).by_segment} for b in (through, direct))
    assert by == pytest.approx(own) and by["chips"] > 0.5 and by["software"] > 0.3


def test_a_fund_without_its_file_stays_one_line_that_is_counted():
    book = to_book(_fund("ZZFUND"))
    assert [(line.holding.ticker, line.weight) for line in book.lines] == [("ZZFUND", 1.0)]
    assert measure(book).coverage["none"] == pytest.approx(1.0)


def test_a_wrapper_is_followed_to_what_it_wraps():
    """A fund listed at home that holds one fund abroad, which holds shares: the shares are seen."""
    inside = {"IVV.AX": _inside(("IVV", 1.0, "fund")), "IVV": _inside(("NVDA", 0.5, "equity"), ("MSFT", 0.5, "equity"))}
    book = to_book(_fund("IVV.AX"), inside=inside)
    assert [(line.holding.ticker, line.market_value) for line in book.lines] == [("NVDA", 50.0), ("MSFT", 50.0)]


def test_five_funds_deep_are_followed_and_a_sixth_is_refused_as_too_deep_and_not_as_a_circle():
    chain = {f"F{i}": _inside((f"F{i + 1}", 1.0, "fund")) for i in range(1, 5)}
    five = chain | {"F5": _inside(("NVDA", 1.0, "equity"))}
    assert [line.holding.ticker for line in to_book(_fund("F1"), inside=five).lines] == ["NVDA"]
    six = chain | {"F5": _inside(("F6", 1.0, "fund")), "F6": _inside(("NVDA", 1.0, "equity"))}
    with pytest.raises(InputError, match="more than 5 deep: F1 → F2"):
        to_book(_fund("F1"), inside=six)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.0, 0.2), min_size=1, max_size=5))
def test_what_a_fund_does_not_disclose_is_a_row_of_its_own_and_all_add_up(weights):
    names = ["NVDA", "MSFT", "AMZN", "JPM", "ASML"]
    parts = [(names[i], w, "equity") for i, w in enumerate(weights)]
    book = to_book(_fund("F", 1e6), inside={"F": _inside(*parts)})
    assert fsum(line.market_value for line in book.lines) == pytest.approx(1e6, rel=1e-12)
    assert fsum(e.weight for e in measure(book).by_segment) == pytest.approx(1.0, abs=1e-12)
    (rest,) = [line for line in book.lines if line.line_id.endswith("/rest")] or [None]
    assert (rest is None) == (abs(1 - fsum(weights)) <= 1e-12)
    assert rest is None or (rest.holding.name or "").startswith("cash and not disclosed in F")


def test_a_managers_class_outlives_a_new_file_and_another_symbol_and_holds_inside_funds():
    """Given once by ISIN: the next file spells the ticker otherwise, and a fund holds the same share."""
    own = make_override("US67066G1040", None, [("software.applications", 1.0)], "our view", author="ann", day=DAY)
    share = {"isin": "US67066G1040", "value_currency": "USD", "currency": "USD"}
    for ticker in ("NVDA", "NVDA US", "NVD.DE"):
        held = Snapshot("t.csv", "csv", DAY, (DAY,), "USD", (Holding(2, ticker=ticker, market_value=1.0, **share),))
        (line,) = to_book(held, overrides=[own]).lines
        assert (line.assignment.origin, line.assignment.weights) == ("user", {"software.applications": 1.0})
    inside = Snapshot("f.csv", "csv", DAY, (DAY,), None, (Holding(2, isin="US67066G1040", weight=1.0),))
    (line,) = to_book(_fund("F"), inside={"F": inside}, overrides=[own]).lines
    assert line.assignment.origin == "user"


def test_a_funds_own_file_is_an_input_as_it_is_handed_out():
    """The house's export is read and looked through without a step between: 75, 24, and 1 of its cash."""
    file = (
        "Fund holdings as of 2025-01-24\nTicker,Name,Asset Class,Weight (%)\nNVDA,NVIDIA CORP,Equity,75.0\n"
        "MSFT,MICROSOFT CORP,Equity,24.0\nUSD,USD CASH,Cash,1.0\n"
    )
    book = to_book(_fund("F"), inside={"F": read_holdings(file.encode(), name="f.csv")})
    assert [(line.holding.ticker, round(line.market_value, 9)) for line in book.lines] == [
        ("NVDA", 75.0),
        ("MSFT", 24.0),
        ("USD", 1.0),
    ]
