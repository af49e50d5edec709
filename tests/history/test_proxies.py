"""Proxies are offered with their reason and weight, applied only when passed in, and marked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from exposure.errors import MissingPrice
from exposure.history import drawdown, proxies_for
from exposure.prices import from_rows
from exposure.prices._market import Market
from exposure.types import Assignment, Book, Holding, Kind, Line, Part

D = [
    day
    for i in range(100)
    if (day := date(2025, 5, 27) + timedelta(i)).weekday() < 5 and (day.month, day.day) not in ((6, 19), (7, 4))
][:10]
"""Sessions of New York."""


def line(
    name: str, weight: float, segment: str = "chips.memory", *, sector: str | None = None, kind: Kind = "equity"
) -> Line:
    holding = Holding(row=2, kind=kind, ticker=name)
    parts = (Part(segment, 1.0),)
    return Line(name, holding, weight, weight, Assignment(parts, "made up", "table"), listing=name, sector=sector)


def book(*lines: Line) -> Book:
    return Book(lines, 1.0, "nav", "values", None, None, 1.0, 1.0)


def market(**prices: list[float]) -> Market:
    return from_rows(
        (name, day, price, None, None, None, None)
        for name, series in prices.items()
        for day, price in zip(D, series, strict=False)
    )


def test_a_fund_of_the_segment_is_offered_and_nothing_is_applied() -> None:
    held, prices = book(line("A", 0.7), line("Z", 0.3)), market(A=[10, 9], SMH=[10, 8], SOXL=[10, 4], XLF=[10, 10])
    (offer,) = proxies_for(held, prices)
    assert (offer.line, offer.name, offer.proxy, offer.weight) == ("Z", "Z", "SMH", pytest.approx(0.3))
    assert "segments" in offer.why
    result = drawdown(held, prices)
    assert result.missing_prices == ("Z",) and result.coverage["proxy"] == 0
    assert result.max_drawdown == pytest.approx(-0.1)


def test_a_proxy_that_is_passed_in_is_used_and_marked() -> None:
    """0.7 · −10 % + 0.3 · −20 % = −13 %."""
    held, prices = book(line("A", 0.7), line("Z", 0.3)), market(A=[10, 9], SMH=[10, 8])
    result = drawdown(held, prices, proxies={"Z": "SMH"})
    assert result.max_drawdown == pytest.approx(-0.13) and result.missing_prices == ()
    assert result.coverage["proxy"] == pytest.approx(0.3)
    said = next(i for i in result.issues if i.what.startswith("priced by a proxy"))
    assert "Z ← SMH" in said.what and said.weight == pytest.approx(0.3)


def test_a_proxy_never_replaces_a_price_of_the_line_itself() -> None:
    held, prices = book(line("A", 1.0)), market(A=[10, 9], SMH=[10, 5])
    assert drawdown(held, prices, proxies={"A": "SMH"}).max_drawdown == pytest.approx(-0.1)


def test_without_a_fund_the_mean_of_the_segments_names_is_offered() -> None:
    """Three memory makers at −10 %, −20 %, −30 %: the mean is −20 %."""
    held = book(line("A", 0.5), line("Z", 0.5))
    prices = market(A=[10, 10], MU=[10, 9], SNDK=[10, 8], **{"000660.KS": [10, 7]})
    (offer,) = proxies_for(held, prices)
    assert offer.proxy == "mean:chips.memory" and "3 names" in offer.why
    result = drawdown(held, prices, proxies={"Z": offer.proxy})
    assert result.max_drawdown == pytest.approx(0.5 * -0.2)
    assert any("Z ← mean:chips.memory" in i.what for i in result.issues)


def test_off_the_chain_the_sector_comes_before_the_market() -> None:
    held = book(line("A", 0.5, "outside"), line("B", 0.3, "outside", sector="financials"), line("C", 0.2, "outside"))
    prices = market(A=[10, 9], XLF=[10, 9], SPY=[10, 9])
    assert [(p.line, p.proxy) for p in proxies_for(held, prices)] == [("B", "XLF"), ("C", "SPY")]


def test_what_nothing_like_it_is_priced_for_is_left_without() -> None:
    held = book(line("A", 0.5), line("Z", 0.3), line("O", 0.2, kind="option"))
    assert proxies_for(held, market(A=[10, 9])) == ()


def test_a_proxy_without_prices_is_refused_by_name() -> None:
    held, prices = book(line("A", 0.5), line("Z", 0.5)), market(A=[10, 9])
    for proxy in ("SMH", "mean:chips.memory"):
        with pytest.raises(MissingPrice, match=r"SMH, proxy of Z|no name of chips\.memory is priced"):
            drawdown(held, prices, proxies={"Z": proxy})


def test_a_mean_of_names_loses_no_move_to_a_holiday_of_one_of_them() -> None:
    """Flat in New York; Tokyo halves across a day on which it rests: the mean of the two falls by a quarter, once."""
    from exposure.history._quotes import _mean

    days = [date(2025, 2, 10), date(2025, 2, 11), date(2025, 2, 12)]
    rows = [("NVDA", d, 100.0, None, None, None, None) for d in days]
    rows += [("8035.T", d, p, None, None, None, None) for d, p in ((days[0], 100.0), (days[2], 50.0))]
    found = _mean("mean:x", list(from_rows(rows).series.values()))
    assert found.close.tolist() == pytest.approx([100.0, 100.0, 75.0])
