"""Side by side and against a benchmark: sums worked by hand, and parts that add up in every cut."""

from datetime import date
from math import fsum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.chain import to_book
from exposure.scenarios import load_scenario
from exposure.shock import apply
from exposure.shock._compare import CUTS, active, active_return, comparison_issues, side_by_side
from exposure.types import Book, Holding, Scenario, Snapshot

DAY = date(2025, 1, 24)
REPLAY = load_scenario("deepseek-2025-01-27")
NAMES = ("NVDA", "AVGO", "ASML.AS", "8035.T", "MSFT", "GOOGL", "GOOG", "KO", "SMH", "ZZZZ")


def line(ticker: str | None, value: float, **more) -> Holding:
    return Holding(2, ticker=ticker, market_value=value, **({"currency": "USD", "value_currency": "USD"} | more))


def cash(value: float, currency: str = "USD") -> Holding:
    return Holding(9, "cash", name="Cash", market_value=value, currency=currency, value_currency="USD")


def book(*holdings: Holding, day: date = DAY, **options) -> Book:
    return to_book(Snapshot("test.csv", "csv", day, (day,), "USD", holdings), **options)


def custom(**fields) -> Scenario:
    return Scenario(id="test", title="Test", kind="custom", **({"rest": 0.0} | fields))


def test_the_active_return_of_two_lines():
    """MU −20 %, the rest 0. Book: 60 % MU, −12 %. Benchmark: 10 % MU, −2 %. Active −10 %, all of it chips."""
    down = custom(tickers={"MU": -0.20})
    ours = apply(book(line("MU", 60.0), line("KO", 40.0)), down)
    theirs = apply(book(line("MU", 100.0), line("KO", 900.0)), down)
    assert active_return(ours, theirs) == pytest.approx(-0.10, abs=1e-15)
    by = {row.key: row for row in active(ours, theirs)}
    assert by["chips"].active == pytest.approx(-0.10, abs=1e-15)
    assert (by["chips"].weight, by["chips"].benchmark_weight) == (0.6, 0.1)
    assert by["chips"].active_weight == pytest.approx(0.5)
    assert by["outside"].active == 0.0


def test_share_classes_and_listings_of_an_issuer_are_one_row():
    """Alphabet A in the book, Alphabet C in the benchmark: 50 % − 20 % of a fall of 10 % is −3 %, in one row."""
    down = custom(tickers={"GOOGL": -0.10})
    ours = apply(book(line("GOOGL", 50.0), line("KO", 50.0)), down)
    theirs = apply(book(line("GOOG", 20.0), line("KO", 80.0)), down)
    alphabet = [row for row in active(ours, theirs, "holding") if row.ticker in ("GOOGL", "GOOG")]
    assert len(alphabet) == 1
    assert alphabet[0].active == pytest.approx(-0.03, abs=1e-15)
    assert alphabet[0].ticker == "GOOGL", "named after the larger line"


def test_a_listing_that_one_file_gives_an_isin_is_the_same_holding_in_the_other():
    ours = apply(book(line("QQQZ1", 50.0, isin="US0000000001"), line("KO", 50.0)), custom())
    theirs = apply(book(line("QQQZ1", 20.0), line("KO", 80.0)), custom())
    assert len(side_by_side((ours, theirs), "holding")) == 2


def test_what_a_book_does_not_hold_is_none_and_not_zero():
    ours = apply(book(line("NVDA", 100.0)), REPLAY)
    theirs = apply(book(line("KO", 100.0)), REPLAY)
    rows = {row.key: row.cells for row in side_by_side((ours, theirs), "segment")}
    assert rows["chips"][1] is None
    assert rows["outside"][0] is None


def test_cash_is_matched_by_its_currency():
    ours = apply(book(line("KO", 50.0), cash(25.0), cash(25.0, "EUR")), REPLAY)
    theirs = apply(book(line("KO", 50.0), cash(50.0, "EUR")), REPLAY)
    labels = {row.label: row for row in active(ours, theirs, "holding")}
    assert (labels["Cash EUR"].weight, labels["Cash EUR"].benchmark_weight) == (0.25, 0.5)
    assert labels["Cash USD"].benchmark_weight == 0.0


def test_what_makes_results_hard_to_compare_is_said():
    long, other = book(line("NVDA", 100.0)), book(line("NVDA", 100.0), day=date(2025, 1, 31), base_currency="EUR")
    hedged = book(line("NVDA", 100.0), line("AVGO", -99.0))
    assert comparison_issues([apply(long, REPLAY), apply(long, REPLAY)]) == ()
    said = " ".join(i.what for i in comparison_issues([apply(b, REPLAY) for b in (long, other, hedged)]))
    assert "EUR, USD" in said
    assert "gross exposure" in said
    assert "2025-01-24 to 2025-01-31" in said


amounts = st.floats(-1e6, 1e6, allow_subnormal=False).filter(lambda v: abs(v) > 1.0)
books = st.lists(st.tuples(st.sampled_from(NAMES), amounts), min_size=1, max_size=8)


@settings(max_examples=60)
@given(books, books, st.floats(1.0, 1e6))
def test_in_every_cut_active_contributions_add_up_to_the_active_return(ours, theirs, balance):
    """Shorts, hedged books and names that the table does not know included."""
    results = [
        apply(book(*(line(name, value) for name, value in held), cash(balance, "EUR")), REPLAY)
        for held in (ours, theirs)
    ]
    gap = active_return(*results)
    for by in CUTS:
        rows = active(*results, by)
        assert fsum(row.active for row in rows) == pytest.approx(gap, abs=1e-12)
        assert fsum(row.active_weight for row in rows) == pytest.approx(
            fsum(x.weight for x in results[0].book.lines) - fsum(x.weight for x in results[1].book.lines), abs=1e-9
        )
        for n, result in enumerate(results):
            cells = [row.cells[n] for row in side_by_side(results, by)]
            total = fsum(cell.contribution for cell in cells if cell is not None)
            assert total == pytest.approx(result.total_return, abs=1e-12)


@given(books)
def test_a_book_is_not_active_against_itself(held):
    result = apply(book(*(line(name, value) for name, value in held), cash(1.0)), REPLAY)
    assert all(row.active == 0.0 for by in CUTS for row in active(result, result, by))
