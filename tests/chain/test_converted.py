"""A book in one currency: each age of a rate, lines without one counted and sized, funds in several currencies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.chain import measure, to_book
from exposure.errors import InputError, MissingRate
from exposure.prices._bank import Bank
from exposure.prices._rates import Rates
from exposure.scenarios import load_scenario
from exposure.shock import apply
from exposure.types import Holding, Snapshot
from exposure.view.texts import without_rate

DAY = date(2026, 11, 30)


def rates(age: int = 0, **levels: float) -> Rates:
    """Units of each currency for one euro, so many days before the book's."""
    return Rates(Bank({DAY - timedelta(age): levels}, shipped=False))


def held(row: int, ticker: str, value: float, currency: str, weight: float | None = None) -> Holding:
    return Holding(row, ticker=ticker, market_value=value, value_currency=currency, currency=currency, weight=weight)


def snapshot(*holdings: Holding) -> Snapshot:
    return Snapshot("t.csv", "csv", DAY, (DAY,), "EUR", holdings)


def old(issues: object) -> list[object]:
    return [i for i in issues if "an old exchange rate" in i.what]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("age", "warned"), [(0, False), (10, False), (11, True), (44, True), (45, True)])
def test_up_to_forty_five_days_a_value_is_converted_and_from_the_eleventh_on_it_is_said(age: int, warned: bool) -> None:
    """125 dollars at 1.25 are 100 euros, half of the book."""
    book = to_book(snapshot(held(2, "NVDA", 125.0, "USD"), held(3, "SAP.DE", 100.0, "EUR")), rates=rates(age, USD=1.25))
    assert book.nav == pytest.approx(200.0)
    assert len(old(book.issues)) == warned
    for issue in old(book.issues):
        assert f"that of {DAY - timedelta(age)}, {age} days old" in issue.what  # type: ignore[attr-defined]
        assert (issue.severity, issue.weight) == ("warning", pytest.approx(0.5))  # type: ignore[attr-defined]


def test_on_the_forty_sixth_day_it_is_not_valued_counts_as_none_and_the_headline_says_so() -> None:
    """Three quarters of the book by its stated weights: 100 euros are a quarter, so 300 stand open."""
    lines = held(2, "NVDA", 375.0, "USD", 0.75), held(3, "SAP.DE", 100.0, "EUR", 0.25)
    book = to_book(snapshot(*lines), rates=rates(46, USD=1.25))
    assert (book.nav, book.lines[0].market_value, book.lines[0].weight) == (100.0, None, 0.0)
    assert book.lines[0].unrated == pytest.approx(300.0)
    (said,) = [i for i in book.issues if "no exchange rate from USD to EUR" in i.what]
    assert (said.severity, said.row, said.weight) == ("warning", 2, pytest.approx(0.75))
    assert measure(book).coverage == pytest.approx(
        {"table": 0.25, "rule": 0.0, "user": 0.0, "look_through": 0.0, "none": 0.75, "cash": 0.0}
    )
    assert apply(book, load_scenario("deepseek-2025-01-27")).coverage["none"] == pytest.approx(0.75)
    assert without_rate(book).startswith("Not valued for want of an exchange rate: 1 line, about 75.0")


def test_without_stated_weights_the_line_is_counted_and_its_share_is_not_known() -> None:
    book = to_book(snapshot(held(2, "2330.TW", 5e5, "TWD"), held(3, "SAP.DE", 100.0, "EUR")), rates=rates(USD=1.25))
    assert book.lines[0].unrated == 0.0 and book.nav == 100.0
    assert "1 line, of unknown weight (2330.TW)" in without_rate(book)
    (said,) = [i for i in book.issues if "no exchange rate from TWD" in i.what]
    assert said.weight is None
    assert without_rate(to_book(snapshot(held(3, "SAP.DE", 100.0, "EUR")))) == ""


def test_a_line_whose_last_rate_is_too_old_counts_as_none_by_its_size_at_that_rate() -> None:
    """100 dollars at 1.25 of two months ago are about 80 euros: four ninths of a book with 100 euros more."""
    own = snapshot(held(2, "NVDA", 100.0, "USD"), held(3, "SAP.DE", 100.0, "EUR"))
    book = to_book(own, base_currency="EUR", rates=rates(60, USD=1.25))
    assert book.nav == 100.0 and book.lines[0].market_value is None
    assert measure(book).coverage["none"] == pytest.approx(80 / 180)
    (said,) = [i for i in book.issues if "no exchange rate from USD" in i.what]
    assert said.weight == pytest.approx(80 / 180)
    assert "about 44.4" in without_rate(book)


def test_a_book_without_any_rate_names_the_remedy() -> None:
    with pytest.raises(InputError, match="EURTWD=X"):
        to_book(snapshot(held(2, "2330.TW", 5e5, "TWD")), base_currency="EUR", rates=rates(USD=1.25))


def test_cash_without_a_rate_is_none_and_not_cash() -> None:
    cash = Holding(2, kind="cash", name="TWD", market_value=100.0, value_currency="TWD", currency="TWD", weight=0.5)
    book = to_book(snapshot(cash, held(3, "SAP.DE", 100.0, "EUR", 0.5)), rates=rates(USD=1.25))
    assert (measure(book).coverage["cash"], measure(book).coverage["none"]) == (0.0, pytest.approx(0.5))


CODES = ("EUR", "USD", "GBP", "TWD")


@given(st.lists(st.tuples(st.sampled_from(CODES), st.floats(1, 1e6)), min_size=1, max_size=8), st.integers(0, 60))
def test_warned_weights_and_weights_without_a_rate_add_up(lines: list[tuple[str, float]], age: int) -> None:
    own = [held(n + 2, "SAP.DE", value, code) for n, (code, value) in enumerate([("EUR", 1.0), *lines])]
    levels: Mapping[str, float] = {"USD": 1.25, "GBP": 0.8}
    book = to_book(snapshot(*own), base_currency="EUR", rates=rates(age, **levels))
    foreign = [x for x in book.lines if x.holding.value_currency in levels]
    told = sum(i.weight for i in old(book.issues))  # type: ignore[attr-defined]
    assert told == pytest.approx(sum(abs(x.weight) for x in foreign) if 10 < age <= 45 else 0.0)
    for x in book.lines:
        code, value = x.holding.value_currency or "", x.holding.market_value or 0.0
        if code == "EUR":
            assert x.market_value == value
        elif code == "TWD" or age > 45:
            last = value / levels[code] if code in levels else 0.0
            assert x.market_value is None and x.unrated == pytest.approx(last)
        else:
            assert x.market_value == pytest.approx(value / levels[code])


def fund(*holdings: Holding) -> tuple[Snapshot, dict[str, Snapshot]]:
    return snapshot(held(2, "MYFUND", 1000.0, "EUR")), {"MYFUND": Snapshot("f.csv", "csv", DAY, (DAY,), None, holdings)}


def test_a_fund_with_values_in_several_currencies_is_looked_through_at_the_rates_of_its_day() -> None:
    """125 dollars are 100 euros: half of the fund beside 100 euros, so 500 each."""
    own, inside = fund(held(2, "NVDA", 125.0, "USD"), held(3, "SAP.DE", 100.0, "EUR"))
    book = to_book(own, inside=inside, rates=rates(USD=1.25))
    assert [x.market_value for x in book.lines] == pytest.approx([500.0, 500.0])
    late = to_book(own, inside=inside, rates=rates(12, USD=1.25))
    assert len([i for i in late.issues if "f.csv: an old exchange rate" in i.what]) == 1


def test_a_fund_with_a_value_that_has_no_rate_is_refused_by_its_row() -> None:
    own, inside = fund(held(2, "2330.TW", 125.0, "TWD"), held(3, "SAP.DE", 100.0, "EUR"))
    with pytest.raises(MissingRate, match=r"f.csv:2: no exchange rate from TWD to EUR|f.csv:3: .* from EUR to TWD"):
        to_book(own, inside=inside, rates=rates(USD=1.25))
