"""What a file says of itself is held against its lines; a disagreement is shown with both figures, nothing is lost."""

import pytest

from exposure.reading import read_holdings

BODY = "Symbol,Name,Quantity,Price,Market Value (USD)\nNVDA,NVIDIA,50,142.62,7131.00\nAAPL,APPLE,5,222.78,1113.90\n"
"""7,131.00 + 1,113.90 = 8,244.90."""


def _said(text):
    s = read_holdings(text.encode(), name="x.csv")
    return s, " | ".join(i.what for i in s.issues if i.severity == "warning")


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
    s, said = _said(text)
    assert s.stated_total == 9000.0 and s.positions == 2
    assert "9,000.00" in said and "8,244.90" in said and "-755.10" in said
    (issue,) = [i for i in s.issues if "total" in i.what]
    assert issue.weight == pytest.approx(755.10 / 8244.90)


@pytest.mark.parametrize("text", ["Number of holdings,3\n" + BODY, BODY + "\nNumber of positions: 3\n"])
def test_a_count_that_is_not_that_of_the_lines_is_said_wherever_it_stands(text):
    _, said = _said(text)
    assert "states 3 positions, 2" in said


def test_a_file_that_agrees_with_itself_says_nothing():
    s, said = _said("Number of holdings,2\nTotal value,8244.90\n" + BODY + "Total,,,,8244.90\n")
    assert said == "" and s.stated_total == 8244.9


def test_a_value_against_quantity_and_price_is_said_with_both():
    _, said = _said('Symbol,Quantity,Price ($),Market Value ($)\nNVDA,50,142.62,"9,131.00"\nAAPL,5,222.78,"1,113.90"\n')
    assert "7,131.00" in said and "9,131.00" in said


def test_weights_against_values_are_said():
    _, said = _said("Ticker,Market Value (USD),Weight (%)\nNVDA,600,60\nAAPL,300,20\nMSFT,100,20\n")
    assert "2 stated weights differ" in said and "20.00 % against 10.00 %" in said


def test_a_date_that_is_none_is_said_by_row_and_column_and_not_taken_for_another_fault():
    s, said = _said(
        "Date,Symbol,Quantity,Price,Currency\n2025-01-24,NVDA,50,142.62,USD\n2025-01-34,AAPL,5,222.78,USD\n"
        "2025-01-24,MSFT,1,444.06,USD\n"
    )
    assert s.positions == 3 and str(s.as_of) == "2025-01-24"
    assert "Date: '2025-01-34' is no date" in said
    assert [i.row for i in s.issues if "no date" in i.what] == [3]


def test_every_row_that_is_not_read_is_listed_even_a_symbol_alone():
    s, _ = _said("Symbol,Quantity,Price ($)\nNVDA,50,142.62\nAAPL,five,222.78\nMSFT,,\n,3,10\n")
    assert s.positions == 1 and [r.row for r in s.rejected] == [3, 4, 5]
    assert all(r.reason and r.raw for r in s.rejected)
