"""Which doubts about prices bear on a book: over which days, with how much of it, and in the value of its lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from exposure.flow import book_of
from exposure.history import drawdown, history
from exposure.history._notices import doubts_between, of_values
from exposure.prices import read_prices
from exposure.prices._market import Market
from exposure.types import Acceptance, Book, Issue, Line

from .test_history import book, line

DAYS = np.busday_offset(np.datetime64("2024-01-01"), np.arange(120), roll="forward")


def prices(**moves: dict[int, float]) -> Market:
    """A hundred on 120 weekdays for each ticker, times a factor from a place on; the factor 0 ends the series there."""
    rows = ["date,ticker,close,currency"]
    for ticker, factors in moves.items():
        level = 100.0
        for n, day in enumerate(DAYS):
            level *= factors.get(n, 1.0)
            if level:
                rows.append(f"{day},{ticker},{level},USD")
    return read_prices("\n".join(rows).encode(), name="prices.csv")


def day(place: int) -> date:
    found: date = DAYS[place].item()
    return found


def doubts(issues: tuple[Issue, ...] | list[Issue]) -> list[tuple[str, str, float | None]]:
    return [(i.doubt.ticker, i.doubt.sort, i.weight) for i in issues if i.doubt is not None]


def held(ticker: str, quantity: float, weight: float) -> Line:
    one = line(ticker, weight, listing=ticker)
    return replace(one, holding=replace(one.holding, quantity=quantity, market_value=None))


def test_a_short_counts_by_its_size_and_lines_of_one_series_together() -> None:
    """0.5 and 0.2 long of A, 0.2 short of B, 0.5 of C: of a gross of 1.4."""
    lines = (("A", 0.5), ("A", 0.2), ("B", -0.2), ("C", 0.5))
    mine = book(*(line(ticker, weight, listing=ticker) for ticker, weight in lines))
    market = prices(A={50: 0.1}, B={60: 0.1}, C={})
    assert doubts(drawdown(mine, market).issues) == [
        ("A", "unadjusted", pytest.approx(0.5)),
        ("B", "unadjusted", pytest.approx(0.2 / 1.4)),
    ]


def test_by_quantities_the_day_of_the_book_counts_as_well() -> None:
    mine = replace(book(line("A", 1.0, listing="A")), as_of=day(110))
    market = prices(A={100: 0.1})
    asked = {"start": day(10), "end": day(80)}
    assert doubts(drawdown(mine, market, **asked).issues) == []
    assert doubts(drawdown(mine, market, hold="quantities", **asked).issues) == [("A", "unadjusted", 1.0)]


def test_a_series_that_ends_before_the_history_does_is_named_with_its_share() -> None:
    """From 17 May to 14 June 2024 New York has 19 sessions: 20 weekdays, of which 27 May was Memorial Day."""
    mine = book(line("A", 0.3, listing="A"), line("B", 0.7, listing="B"))
    result = drawdown(mine, prices(A={100: 0.0}, B={}))
    assert doubts(result.issues) == [("A", "stale", 0.3)]
    assert any("A: the prices end on 2024-05-17, 19 sessions before 2024-06-14" in i.what for i in result.issues)
    assert doubts(drawdown(mine, prices(A={110: 0.0}, B={})).issues) == []


def test_of_several_snapshots_each_doubt_stands_once_with_its_largest_share() -> None:
    early = Book((held("A", 9, 0.9), held("B", 1, 0.1)), 10.0, "nav", "values", "USD", day(0), 10.0, 10.0)
    late = Book((held("A", 2, 0.2), held("B", 8, 0.8)), 10.0, "nav", "values", "USD", day(60), 10.0, 10.0)
    market = prices(A={40: 0.1}, B={80: 0.1})
    # A's fall lies in the first stretch, B's in the second; neither is told of the other's.
    assert doubts(history([early, late], market).issues) == [
        ("A", "unadjusted", pytest.approx(0.9)),
        ("B", "unadjusted", pytest.approx(0.8)),
    ]


def test_a_value_is_doubted_for_a_lasting_change_wherever_it_lies_and_for_a_jump_nearby() -> None:
    """The jump of the 51st day lies 70 days and more before the 101st; both are near the 53rd."""
    mine = replace(book(held("A", 1.0, 1.0)), as_of=day(100))
    split, jump = prices(A={50: 0.1}), prices(A={50: 0.6})
    assert doubts(of_values(mine, split)) == [("A", "unadjusted", 1.0)]
    assert doubts(of_values(mine, jump)) == []
    assert doubts(of_values(replace(mine, as_of=day(52)), jump)) == [("A", "jump", 1.0)]
    assert doubts(of_values(replace(mine, as_of=day(10)), split)) == [("A", "unadjusted", 1.0)]


def test_a_line_with_a_value_of_its_own_or_a_weight_is_not_valued_by_prices() -> None:
    valued = held("A", 1.0, 1.0)
    mine = replace(book(replace(valued, holding=replace(valued.holding, market_value=100.0))), as_of=day(100))
    assert of_values(mine, prices(A={50: 0.1})) == []
    assert of_values(replace(book(valued), as_of=day(100), basis="weights"), prices(A={50: 0.1})) == []
    assert of_values(replace(book(valued), as_of=None), prices(A={50: 0.1})) == []


def test_a_line_that_its_prices_are_too_old_to_value_says_since_when(tmp_path: Path) -> None:
    """From 22 March to 14 June 2024: 60 weekdays less Good Friday and Memorial Day."""
    file = tmp_path / "book.csv"
    file.write_text(f"As of,{day(119)}\nTicker,Quantity,Currency\nNVDA,1,USD\nKO,1,USD\n")
    found = book_of(file, market=prices(NVDA={60: 0.0}, KO={}))
    assert doubts(found.issues) == [("NVDA", "stale", None)]
    assert "NVDA: the prices end on 2024-03-22, 58 sessions before 2024-06-14" in [
        i.what for i in found.issues if i.doubt is not None
    ]


def test_between_two_days_only_what_lies_there_counts() -> None:
    mine = book(line("A", 1.0, listing="A"))
    market = prices(A={50: 0.1})
    assert doubts(doubts_between(mine, market, day(40), day(60))) == [("A", "unadjusted", 1.0)]
    assert doubts(doubts_between(mine, market, day(51), day(60))) == []


def test_what_was_accepted_is_a_notice_with_name_and_date() -> None:
    mine, market = book(line("A", 1.0, listing="A")), prices(A={50: 0.1})
    word = Acceptance("A", "unadjusted", day(50), 0.1, "Ann", date(2024, 7, 1))
    (issue,) = [i for i in drawdown(mine, replace(market, accepted=(word,))).issues if i.doubt is not None]
    assert issue.severity == "notice"
    assert issue.what.endswith("; said to be right by Ann on 2024-07-01")
    assert issue.remedy == ""
    other = replace(word, rests_on=0.11)
    (issue,) = [i for i in drawdown(mine, replace(market, accepted=(other,))).issues if i.doubt is not None]
    assert issue.severity == "warning"


def test_a_move_that_a_doubt_tells_of_is_not_told_by_the_prices_as_well():
    """×33 in a session that nothing explains: the doubt alone, which has the ways out, not the row of the file too."""
    market = prices(A={60: 33.0})
    assert any("stands in the figures" in issue.what for issue in market.issues)
    held = book(line("A", 1.0))
    answered = drawdown(held, market)
    told = [issue for issue in answered.issues if "A: " in issue.what]
    assert [issue.doubt is not None for issue in told] == [True]


def with_pair(factor: float) -> Market:
    """A hundred each day for NVDA in dollars and 2330.TW in Taiwan dollars, and `TWD=X` at 32, times a factor from the
    hundredth day on."""
    rows = ["date,ticker,close,currency"]
    for n, each in enumerate(DAYS):
        rows += [f"{each},NVDA,100,USD", f"{each},2330.TW,100,TWD"]
        rows += [f"{each},TWD=X,{32 * (factor if n >= 100 else 1.0)},TWD"]
    return read_prices("\n".join(rows).encode(), name="prices.csv")


def test_a_pair_that_jumps_is_doubted_with_the_weight_that_it_brings_to_the_currency_of_the_book() -> None:
    own = book(line("NVDA", 0.7, listing="NVDA"), line("2330.TW", 0.3, listing="2330.TW", currency="TWD"))
    assert doubts(drawdown(own, with_pair(0.5)).issues) == [("TWD=X", "jump", 0.3)]
    assert doubts(drawdown(own, with_pair(1.01)).issues) == []
    assert doubts(history([replace(own, as_of=day(3))], with_pair(0.5)).issues) == [("TWD=X", "jump", 0.3)]
    alone = book(line("NVDA", 1.0, listing="NVDA"))
    assert doubts(drawdown(alone, with_pair(0.5)).issues) == []


def test_a_value_is_doubted_for_a_jump_of_the_pair_that_brought_it_to_the_currency() -> None:
    market = with_pair(0.5)
    one = replace(line("2330.TW", 1.0, listing="2330.TW", currency="TWD"))
    own = replace(book(replace(one, market_value=1.0)), as_of=day(101))
    assert doubts(of_values(own, market)) == [("TWD=X", "jump", 1.0)]
    assert doubts(of_values(replace(own, as_of=day(80)), market)) == []


def test_what_is_wrong_with_the_prices_themselves_stands_with_its_share_and_for_lines_of_the_book_alone() -> None:
    own = book(line("AAA", 0.75, listing="AAA"), line("BBB", 0.25, listing="BBB"))
    found = drawdown(own, prices(AAA={}, BBB={60: 0.01}, CCC={60: 0.01}))
    assert [i.weight for i in found.issues if "held back" in i.what] == [0.25]
    past = history([replace(own, as_of=day(3))], prices(AAA={}, BBB={60: 0.01}, CCC={60: 0.01}))
    assert [i.weight for i in past.issues if "held back" in i.what] == [0.25]
