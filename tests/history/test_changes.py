"""What changed between two snapshots: by quantity, splits taken off, trades and prices adding up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.history._changes import Change, changes
from exposure.prices import from_rows
from exposure.types import Assignment, Book, Holding, Kind, Line, Part

BEGUN, ENDED = date(2024, 6, 7), date(2024, 6, 28)


def line(
    name: str,
    value: float | None,
    quantity: float | None = None,
    segment: str = "chips.memory",
    kind: Kind = "equity",
    isin: str | None = None,
    listing: str | None = None,
) -> Line:
    holding = Holding(row=2, kind=kind, ticker=name, isin=isin, quantity=quantity, currency="USD")
    parts = (Part("cash" if kind == "cash" else segment, 1.0),)
    return Line(
        name, holding, value, 0.0, Assignment(parts, "made up", "table"), listing=listing or name, currency="USD"
    )


def book(on: date, *lines: Line, currency: str = "USD") -> Book:
    nav = fsum(x.market_value or 0.0 for x in lines)
    weighed = tuple(replace(x, weight=(x.market_value or 0.0) / nav) for x in lines)
    return Book(weighed, nav, "nav", "values", currency, on, nav, nav)


def told(before: Book, after: Book, **options: object) -> dict[str | None, Change]:
    return {c.ticker: c for c in changes(before, after, **options).lines}  # type: ignore[arg-type]


def test_trades_and_prices_are_told_apart() -> None:
    """A: 10 at 10 become 15 at 12, so 5 · 12 = 60 were bought and 10 · 2 = 20 are its price: 180 − 100 = 80. B is sold
    for its 50, C bought for 30. Cash went from 100 to 60: 60 − 50 + 30 − 40 = 0, nothing came in."""
    before = book(BEGUN, line("A", 100, 10), line("B", 50, 5), line("CASH", 100, 100, kind="cash"))
    after = book(ENDED, line("A", 180, 15), line("C", 30, 1), line("CASH", 60, 60, kind="cash"))
    found = changes(before, after)
    lines = {c.ticker: c for c in found.lines}
    assert {t: c.what for t, c in lines.items()} == {"A": "more", "B": "sold", "C": "added", "CASH": "less"}
    assert (lines["A"].traded, lines["A"].price_effect, lines["A"].value_change) == (60, 20, 80)
    assert (lines["B"].traded, lines["C"].traded, lines["CASH"].traded) == (-50, 30, -40)
    assert found.traded == pytest.approx(0) and found.nav == (250, 270)


def test_a_split_is_no_purchase_by_the_prices_or_by_the_file_alone() -> None:
    """NVIDIA split ten to one on 10 June 2024: 10 at 1,208.88 became 100 at 123.54, and nothing was traded."""
    before, after = book(BEGUN, line("NVDA", 12088.8, 10)), book(ENDED, line("NVDA", 12354, 100))
    rows = [("NVDA", BEGUN, 120.888, None, None, "USD", "raw", 0), ("NVDA", date(2024, 6, 10), 121.79, *[None] * 2)]
    rows[1] = ("NVDA", date(2024, 6, 10), 121.79, None, None, "USD", "raw", 10)
    for options in ({}, {"market": from_rows(rows)}):
        nvidia = told(before, after, **options)["NVDA"]
        assert (nvidia.what, nvidia.split, nvidia.traded) == ("unchanged", pytest.approx(10), 0.0)
        assert nvidia.price_effect == pytest.approx(12354 - 12088.8)


def test_ten_times_the_shares_at_ten_times_the_value_is_a_purchase() -> None:
    grown = told(book(BEGUN, line("A", 100, 10)), book(ENDED, line("A", 1000, 100)))["A"]
    assert (grown.what, grown.split, grown.traded) == ("more", 1.0, 900)


def test_one_security_under_two_names_is_one() -> None:
    """The earlier file names the ISIN, the later one the ticker alone, in two accounts: the listing tells."""
    before = book(BEGUN, line("US67066G1040", 100, 10, isin="US67066G1040", listing="NVDA"))
    after = book(ENDED, line("NVDA", 60, 6), replace(line("NVDA", 40, 4), line_id="NVDA#2"))
    (only,) = changes(before, after).lines
    assert (only.what, only.after and only.after.quantity, only.traded) == ("unchanged", 10, 0.0)


def test_without_quantities_weights_speak_and_no_trade_is_told() -> None:
    found = changes(book(BEGUN, line("A", 60), line("B", 40)), book(ENDED, line("A", 50), line("B", 50)))
    assert {c.ticker: (c.what, c.traded) for c in found.lines} == {"A": ("less", None), "B": ("more", None)}
    assert found.traded is None


def test_an_unvalued_line_is_unknown_and_other_currencies_have_no_money() -> None:
    before, after = book(BEGUN, line("A", 60), line("B", None)), book(ENDED, line("A", 60), line("B", None))
    assert told(before, after)["B"].what == "unknown"
    found = changes(book(BEGUN, line("A", 60, 6)), book(ENDED, line("A", 60, 7), currency="EUR"))
    assert found.nav is None and found.lines[0].traded is None and found.lines[0].what == "more"


def test_more_of_a_short_is_more() -> None:
    """A short of 10 at 5 becomes one of 20: 10 more were sold, −50."""
    short = told(
        book(BEGUN, line("S", -50, -10), line("A", 500, 5)), book(ENDED, line("S", -100, -20), line("A", 500, 5))
    )
    assert (short["S"].what, short["S"].traded) == ("more", -50)


def test_segments_see_into_funds_and_the_list_shows_the_fund() -> None:
    """60 in a fund that holds chips alone; the list has the fund, the segment its inside."""
    inner = replace(line("FUND/NVDA", 60, segment="chips.accelerators"), inside="FUND")
    fund = line("FUND", 60, 6, kind="fund")
    rest = line("A", 40, 4, "software.security")
    through = replace(book(BEGUN, inner, rest), funds=(fund,))
    found = changes(through, replace(through, as_of=ENDED))
    assert {c.ticker: c.what for c in found.lines} == {"FUND": "unchanged", "A": "unchanged"}
    assert {s.segment: s.before for s in found.by_segment if s.before} == {"chips": 0.6, "software": 0.4}


amounts = st.floats(1, 1e6)
sides = st.dictionaries(st.sampled_from("ABCDEF"), st.tuples(amounts, amounts), min_size=1)


@given(sides, sides)
def test_trades_and_price_effects_add_up_to_the_change_of_value(
    old: dict[str, tuple[float, float]], new: dict[str, tuple[float, float]]
) -> None:
    before, after = (
        book(day, *(line(name, q * p, q) for name, (q, p) in side.items()))
        for day, side in ((BEGUN, old), (ENDED, new))
    )
    found = changes(before, after)
    effect = fsum(c.price_effect or 0.0 for c in found.lines)
    assert found.traded is not None
    assert abs(found.traded + effect - (after.nav - before.nav)) < 1e-12 * (after.nav + before.nav)
    assert {c.what for c in found.lines if c.ticker not in old} <= {"added"}
    assert {c.what for c in found.lines if c.ticker not in new} <= {"sold"}
    assert fsum(s.after for s in found.by_segment) == pytest.approx(1)


@given(sides)
def test_a_snapshot_against_itself_has_changed_nothing(side: dict[str, tuple[float, float]]) -> None:
    same = book(BEGUN, *(line(name, q * p, q) for name, (q, p) in side.items()))
    found = changes(same, replace(same, as_of=ENDED))
    assert {c.what for c in found.lines} == {"unchanged"} and found.traded == 0
    assert all(s.before == s.after for s in found.by_segment)
