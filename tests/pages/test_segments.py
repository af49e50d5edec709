"""Segments: the figures of a book small enough to work by hand, and the user's own placing."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from exposure.chain._issuers import issuer_table
from exposure.types import Holding
from pages.ui import cache

from .conftest import name_field, quiet, upload, words


@pytest.fixture
def segments(holding: AppTest) -> AppTest:
    """The Segments page of the small book: 70 % NVIDIA, 30 % Coca-Cola."""
    holding.switch_page("pages/segments/page.py").run()
    assert quiet(holding)
    return holding


def place(test: AppTest, line: str, weights: dict[str, float], reason: str) -> AppTest:
    test.selectbox(key="own_line").set_value(line).run()
    test.multiselect(key="own_segments").set_value(list(weights)).run()
    for segment, weight in weights.items():
        test.number_input(key=f"own_weight_{segment}").set_value(weight)
    test.text_input(key="own_reason").set_value(reason)
    test.text_input(key="own_author").set_value("desk")
    test.run()
    return test.button(key="own_save").click().run()


def by_segment(test: AppTest) -> dict[str, float]:
    frame = next(d.value for d in test.dataframe if "By stake" in d.value)
    return dict(zip(frame["Segment"], frame["Weight"], strict=True))


def test_the_demo_is_one_click_away_and_marked_as_made_up(app: Callable[[str], AppTest]) -> None:
    page = app("segments")
    assert "Nothing is stored yet" in words(page)
    page.button(key="demo").click().run()
    assert quiet(page)
    assert "made up" in page.selectbox(key="snapshot").options[0]
    assert sum(by_segment(page).values()) == pytest.approx(1.0)


def test_the_weights_are_those_of_the_table(segments: AppTest) -> None:
    """NVIDIA is 14,000 of 20,000 dollars: each of its parts counts 0.7 times, and Coca-Cola is 0.3 outside."""
    weights = by_segment(segments)
    nvidia = issuer_table().find(Holding(1, ticker="NVDA", isin="US67066G1040")).issuer.parts
    chips = sum(p.weight for p in nvidia if p.segment.startswith("chips."))
    outside = sum(p.weight for p in nvidia if p.segment == "outside")
    assert weights["Chips"] == pytest.approx(0.7 * chips)
    assert weights["Outside the chain"] == pytest.approx(0.3 + 0.7 * outside)
    assert sum(weights.values()) == pytest.approx(1.0)


def test_the_chart_holds_the_book_and_says_so_in_words(segments: AppTest) -> None:
    """The root of the tree is 20,000 dollars, and every parent is the sum of its children."""
    proto = segments.get("plotly_chart")[0].proto
    trace = json.loads(proto.spec)["data"][0]
    sizes = dict(zip(trace["ids"], trace["values"], strict=True))
    assert sizes["book"] == pytest.approx(20_000)
    for parent in set(trace["parents"]) - {""}:
        inside = [v for v, p in zip(trace["values"], trace["parents"], strict=True) if p == parent]
        assert sum(inside) == pytest.approx(sizes[parent]), parent
    said = words(segments)
    assert "Chips is the largest link of the chain" in said
    assert "Source: Desk" in said and "Date: 24 Jan 2025. Currency USD." in said
    assert "Coverage, share of gross exposure: the table 100.0" in said


def test_an_override_moves_the_line_and_is_kept(segments: AppTest) -> None:
    place(segments, "US1912161007", {"software.security": 0.25, "outside": 0.5}, "says the desk")
    assert quiet(segments)
    weights = by_segment(segments)
    assert weights["Software"] == pytest.approx(0.3 * 0.25)
    assert weights["Unassigned"] == pytest.approx(0.3 * 0.25), "what the parts leave open"
    (own,) = cache.store().overrides("Desk")
    assert (own.isin, own.reason, own.author) == ("US1912161007", "says the desk", "desk")
    assert segments.selectbox(key="own_line").value == "", "the form is empty again"
    assert "your override 30.0" in words(segments)


def test_parts_above_one_are_refused_with_a_sentence(segments: AppTest) -> None:
    place(segments, "US1912161007", {"software.security": 0.75, "outside": 0.75}, "too much")
    assert [e.value for e in segments.exception] == []
    assert "add up to 1.5" in words(segments)
    assert cache.store().overrides("Desk") == ()
    assert segments.text_input(key="own_reason").value == "too much", "what was entered is still there"


def test_a_removed_override_comes_back_by_undo(segments: AppTest) -> None:
    place(segments, "US1912161007", {"software.security": 1.0}, "says the desk")
    segments.button(key="own_remove").click().run()
    assert quiet(segments)
    assert cache.store().overrides("Desk") == ()
    assert by_segment(segments)["Software"] < 0.3
    segments.button(key="undo").click().run()
    assert quiet(segments)
    assert len(cache.store().overrides("Desk")) == 1


def test_a_draft_outlives_a_change_of_page(segments: AppTest) -> None:
    segments.selectbox(key="own_line").set_value("US1912161007").run()
    segments.text_input(key="own_reason").set_value("half written").run()
    segments.switch_page("pages/holdings/page.py").run()
    segments.switch_page("pages/segments/page.py").run()
    assert segments.text_input(key="own_reason").value == "half written"


def test_drilling_down_lists_the_lines_of_a_segment(segments: AppTest) -> None:
    segments.selectbox(key="segment").set_value("outside").run()
    assert quiet(segments)
    lines = next(d.value for d in segments.dataframe if "Part in segment" in d.value)
    assert lines["Name"].iloc[0] == "Coca-Cola Co"
    assert lines["Weight in book"].iloc[0] == pytest.approx(0.3)
    assert all(lines["Reason"].str.len() > 0)
    assert dict(segments.query_params)["segment"] == "outside"


def test_the_chosen_currency_counts_and_is_kept(segments: AppTest) -> None:
    """On 24 January 2025 one euro was 1.0472 dollars (ECB): 20,000 dollars are 19,098.55 euro."""
    segments.selectbox(key="currency").set_value("EUR").run()
    assert quiet(segments)
    assert segments.metric[0].value == "19.1 k EUR"
    segments.switch_page("pages/holdings/page.py").run()
    segments.switch_page("pages/segments/page.py").run()
    assert segments.metric[0].value == "19.1 k EUR"


GEARED = (
    b"As of,2025-01-24\nName,Ticker,Quantity,Price,Currency,Market value\n"
    b"Direxion Daily Semiconductor Bear 3X,SOXS,100,20,USD,2000\nNVIDIA Corp,NVDA,10,142.62,USD,1426.20\n"
    b"NVDA call,NVDA  250321C00150000,1,8.5,USD,850\nCash,,,,USD,5723.80\n"
)


def test_a_book_with_an_inverse_fund_shows_what_it_is_exposed_to(app: Callable[[str], AppTest]) -> None:
    """SOXS 2000, NVIDIA 1426.20 and its call 850 of 10000: chips −3 · 0.2 · 0.756 + (0.14262 + 0.085) · 0.98.

    With a delta of 0.5 the call counts as half of 100 shares, 7131 dollars, in place of its 850.
    """
    page = upload(app("holdings"), "geared.csv", GEARED)
    name_field(page).set_value("Geared").run()
    page.button(key="confirm").click().run()
    page.switch_page("pages/segments/page.py").run()
    assert quiet(page)

    def chips() -> float:
        frame = next(d.value for d in page.dataframe if "By stake" in d.value)
        return float(frame.set_index("Segment")["Effective weight"]["Chips"])

    assert chips() == pytest.approx(-3 * 0.2 * 0.756 + (0.14262 + 0.085) * 0.98)
    assert "1 leveraged or inverse fund" in words(page)
    page.selectbox(key="own_line").set_value("NVDA  250321C00150000").run()
    page.number_input(key="own_delta_NVDA  250321C00150000").set_value(0.5)
    page.text_input(key="own_reason").set_value("the desk's delta").run()
    page.button(key="own_save").click().run()
    assert quiet(page)
    assert chips() == pytest.approx(-3 * 0.2 * 0.756 + (0.14262 + 0.7131) * 0.98)
    (own,) = cache.store().overrides("Geared")
    assert (own.parts, own.delta) == ((), 0.5)


def test_a_book_of_plain_lines_is_spared_the_effective_weight(segments: AppTest) -> None:
    assert "Effective" not in " ".join(c for d in segments.dataframe for c in d.value.columns)
