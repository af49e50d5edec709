"""What a file says of itself is held against its lines; a disagreement is shown with both figures, nothing is lost."""

import pytest

from exposure.reading import read_holdings

BODY = "Symbol,Name,Quantity,Price,Market Value (USD)\nNVDA,NVIDIA,50,142.62,7131.00\nAAPL,APPLE,5,222.78,1113.90\n"
"""7,131.00 + 1,113.90 = 8,244.90."""


def _warned(text):
    """Read a file, and give what each warning of it carries, by its code."""
    s = read_holdings(text.encode(), name="x.csv")
    return s, {i.code: dict(i.params) for i in s.issues if i.severity == "warning"}


@pytest.mark.parametrize(
    "text",
    [
        BODY + "Total,,,,9000.00\n",
        BODY + ",,,,\n,TOTAL PORTFOLIO,,,9000.00\n",
        'As of 2025-01-24\nTotal market value (USD),"9,000.00"\n\n' + BODY,
        "Gesamtwert,9000.00\n" + BODY,
    ],
)
def test_a_total_that_the_lines_do_not_reach_is_said_with_both_figures_and_the_gap(text):
    s, warned = _warned(text)
    assert s.stated_total == 9000.0 and s.positions == 2
    assert warned["read.total-differs"] == pytest.approx({"stated": 9000.0, "total": 8244.9, "gap": -755.1})
    (issue,) = [i for i in s.issues if i.code == "read.total-differs"]
    assert issue.weight == pytest.approx(755.10 / 8244.90)


@pytest.mark.parametrize("text", ["Number of holdings,3\n" + BODY, BODY + "\nNumber of positions: 3\n"])
def test_a_count_that_is_not_that_of_the_lines_is_said_wherever_it_stands(text):
    _, warned = _warned(text)
    assert warned["read.count-differs"] == {"stated": 3, "held": 2, "cash": 0}


def test_a_file_that_agrees_with_itself_says_nothing():
    s, warned = _warned("Number of holdings,2\nTotal value,8244.90\n" + BODY + "Total,,,,8244.90\n")
    assert warned == {} and s.stated_total == 8244.9


def test_a_value_against_quantity_and_price_is_said_with_both():
    _, warned = _warned(
        'Symbol,Quantity,Price ($),Market Value ($)\nNVDA,50,142.62,"9,131.00"\nAAPL,5,222.78,"1,113.90"\n'
    )
    assert warned["read.value-differs"] == pytest.approx({"product": 7131.0, "value": 9131.0})


def test_weights_against_values_are_said():
    _, warned = _warned("Ticker,Market Value (USD),Weight (%)\nNVDA,600,60\nAAPL,300,20\nMSFT,100,20\n")
    assert warned["read.weights-differ"] == {"n": 2, "stated": 0.2, "found": 0.1}


def test_a_date_that_is_none_is_said_by_row_and_column_and_not_taken_for_another_fault():
    s, warned = _warned(
        "Date,Symbol,Quantity,Price,Currency\n2025-01-24,NVDA,50,142.62,USD\n2025-01-34,AAPL,5,222.78,USD\n"
        "2025-01-24,MSFT,1,444.06,USD\n"
    )
    assert s.positions == 3 and str(s.as_of) == "2025-01-24"
    assert warned == {"read.no-date": {"heading": "Date", "cell": "2025-01-34"}}
    assert [i.row for i in s.issues if i.code == "read.no-date"] == [3]


def test_every_row_that_is_not_read_is_listed_even_a_symbol_alone():
    s, _ = _warned("Symbol,Quantity,Price ($)\nNVDA,50,142.62\nAAPL,five,222.78\nMSFT,,\n,3,10\n")
    assert s.positions == 1 and [r.row for r in s.rejected] == [3, 4, 5]
    assert [r.code for r in s.rejected] == ["row.no-number", "row.no-amount", "row.nameless"]
    assert all(r.reason and r.raw for r in s.rejected)
