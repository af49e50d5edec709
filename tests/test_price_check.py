"""What looks wrong in a series: sessions without a price, large moves, splits that nobody adjusted for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.delivered import SORTS, Sort, settled
from exposure.messages import spoken
from exposure.prices import from_rows
from exposure.prices._checks import JUMP, RATIOS, check_series, doubts_in
from exposure.prices._doubt_words import MOST, doubt_issues, doubt_text
from exposure.prices._market import PriceSeries
from exposure.types import Acceptance, Doubt

START = date(2025, 1, 20)


def series(*closes: float, adjusted: list[float] | None = None, skip: tuple[int, ...] = ()) -> PriceSeries:
    """Consecutive days from START, one close each; the days numbered in `skip` are left out."""
    days = [day for n in range(len(closes) + len(skip)) if n not in skip for day in [START + timedelta(days=n)]]
    rows = [
        ("A", day, close, None if adjusted is None else adjusted[n], None, "USD", "raw")
        for n, (day, close) in enumerate(zip(days, closes, strict=True))
    ]
    return from_rows(rows).series["A"]


def days(count: int) -> np.ndarray:
    return np.array([START + timedelta(days=n) for n in range(count)], "datetime64[D]")


def test_a_quiet_series_has_nothing_to_ask_about() -> None:
    assert check_series(series(100, 101, 99), days(3)).clean


def test_a_session_without_a_price_is_a_gap_and_what_lies_outside_the_series_is_not() -> None:
    found = check_series(series(100, 101, 99, skip=(1,)), days(10))
    assert found.gaps == (START + timedelta(days=1),)
    assert check_series(series(100, 101, 99, skip=(1,))).gaps == ()  # no calendar, no gap


def test_nvidias_fall_of_27_january_is_no_fault() -> None:
    """142.62 to 118.42 is −17 %."""
    assert check_series(series(147.22, 142.62, 118.42, 128.99)).clean


def test_a_move_beyond_the_bound_is_asked_about_on_both_sides() -> None:
    """100 → 160 is +60 %; 160 → 100 is −37.5 %, beyond the −33.3 % that takes +50 % back."""
    found = check_series(series(100, 160, 100, 99))
    assert [(day, round(move, 6)) for day, move in found.jumps] == [
        (START + timedelta(days=1), 0.6),
        (START + timedelta(days=2), -0.375),
    ]
    assert found.unadjusted == ()


def test_a_split_in_both_closes_is_unadjusted_and_not_also_a_jump() -> None:
    """1,208.88 to 121.79 dollars is ten to one and a day's +0.75 %."""
    found = check_series(series(1209.98, 1208.88, 121.79, 120.91, adjusted=[1209.9, 1208.8, 121.78, 120.9]))
    assert found.unadjusted == ((START + timedelta(days=2), 10.0),)
    assert found.jumps == ()


def test_a_split_that_the_adjusted_close_is_free_of_is_no_fault() -> None:
    assert check_series(series(1209.98, 1208.88, 121.79, 120.91, adjusted=[120.99, 120.88, 121.78, 120.9])).clean


def test_a_consolidation_has_a_ratio_below_one() -> None:
    """One new share for ten old ones: 1.02 becomes 10.1."""
    assert check_series(series(1.0, 1.02, 10.1)).unadjusted == ((START + timedelta(days=2), 0.1),)


@given(st.sampled_from(RATIOS), st.floats(-0.03, 0.03), st.booleans())
def test_every_common_split_is_told_whatever_the_days_own_small_move(ratio: float, move: float, turned: bool) -> None:
    after = 1000.0 * (ratio if turned else 1 / ratio) * (1 + move)
    found = check_series(series(1000.0, after)) if after / 1000 <= 20 and after / 1000 >= 0.05 else None
    if found is not None:  # beyond that the series is held back as a fault of unit before anybody looks at it
        ((day, told),) = found.unadjusted
        assert day == START + timedelta(days=1)
        assert told == pytest.approx(1 / ratio if turned else ratio)


@given(st.lists(st.floats(-0.3, JUMP - 0.01), min_size=1, max_size=30))
def test_moves_within_the_bound_are_never_asked_about(moves: list[float]) -> None:
    assert check_series(series(*np.cumprod([100.0, *(1 + m for m in moves)]).tolist())).clean


def daily(*closes: float, start: str = "2024-01-01", ticker: str = "A", missing: range | None = None) -> PriceSeries:
    """Closes on consecutive weekdays from a day on, those numbered in `missing` left out; no row is held back."""
    at = [n for n in range(len(closes) + len(missing or ())) if missing is None or n not in missing]
    dates = np.busday_offset(np.datetime64(start, "D"), at, roll="forward")
    return PriceSeries(ticker, dates, np.array(closes, float), currency="USD")


NOISE = np.random.default_rng(7).normal(0, 0.02, 600)
"""Log moves of two per cent a day."""


def noisy(*factors: tuple[int, float], sigma: float = 1.0, **more: object) -> PriceSeries:
    """A wandering series whose level is multiplied by a factor from a place on."""
    level = np.ones(len(NOISE) + 1)
    for at, factor in factors:
        level[at:] *= factor
    return daily(*(level * 100 * np.exp(sigma * np.cumsum([0.0, *NOISE]))).tolist(), **more)  # type: ignore[arg-type]


def sorts(series: PriceSeries, **more: object) -> list[str]:
    return [doubt.sort for doubt in doubts_in(series, **more)]  # type: ignore[arg-type]


@given(st.integers(0, 10_000), st.floats(0.001, 0.045), st.integers(2, 800))
def test_geometric_noise_alone_is_never_doubtful(seed: int, sigma: float, count: int) -> None:
    """Nine standard deviations at the least: no normal move comes near the bound."""
    moves = np.random.default_rng(seed).normal(0, sigma, count)
    assert sorts(daily(*(50 * np.exp(np.cumsum(moves))).tolist())) == []


def test_a_series_of_two_units_is_told_on_both_of_its_days() -> None:
    """Pounds become pence on one day and pounds again on another."""
    first, second = doubts_in(noisy((100, 100.0), (300, 0.01)))
    assert (first.sort, second.sort) == ("unit", "unit")
    assert first.size == pytest.approx(100 * np.exp(NOISE[99]))
    assert "times higher, as where its unit changes" in doubt_text(first)
    assert "times lower" in doubt_text(second)
    assert sorts(noisy((100, 1000.0))) == ["unit"]


def test_a_hole_is_more_than_ten_sessions_and_no_doubt_below() -> None:
    """Ten weekdays without a price are none, eleven are; 25 January 2024 is the nineteenth weekday of the year."""
    closes = [100.0] * 30
    assert sorts(daily(*closes, missing=range(5, 15))) == []
    (hole,) = doubts_in(daily(*closes, missing=range(5, 16)))
    assert (hole.sort, hole.size, hole.before, hole.day) == ("hole", 11, date(2024, 1, 5), date(2024, 1, 23))
    assert doubt_text(hole) == "A: no price on 11 sessions in a row, between 2024-01-05 and 2024-01-23"


def test_sessions_on_which_the_exchange_was_shut_are_no_hole() -> None:
    """Eleven weekdays, of which the exchange was shut on one: a hole of ten, which is none."""
    series = daily(*[100.0] * 30, missing=range(5, 16))
    open_days = np.busday_offset(np.datetime64("2024-01-01"), np.arange(80))
    assert sorts(series, sessions=lambda first, last: open_days) == ["hole"]
    assert sorts(series, sessions=lambda first, last: np.delete(open_days, 7)) == []


def test_another_level_after_a_hole_is_another_company_and_a_wandering_price_is_not() -> None:
    """A year's rest: what two per cent a day can wander in 250 sessions (3·0.02·√251 = 0.95) is a hole, not more."""
    found = doubts_in(noisy((200, 0.1), missing=range(200, 450)))
    assert [doubt.sort for doubt in found] == ["reused"]
    assert found[0].missed == 250
    assert "seems to have passed to another company, or a 10-for-1 split was not adjusted for" in doubt_text(found[0])
    (long,) = doubts_in(noisy((200, 2.0), missing=range(200, 450)))
    assert long.sort == "hole"
    assert doubt_text(long).endswith("; see whether the ticker has passed to another company")
    assert sorts(noisy((200, 2.0), missing=range(200, 215))) == ["reused"]


def test_a_series_is_stale_against_the_end_asked_for_alone() -> None:
    """From Friday 9 February 2024 the tenth weekday is 23 February and the eleventh Monday the 26th."""
    series = daily(*[100.0] * 30)
    assert series.dates[-1].item() == date(2024, 2, 9)
    assert sorts(series) == sorts(series, end=date(2024, 2, 23)) == []
    (stale,) = doubts_in(series, end=date(2024, 2, 26))
    assert (stale.sort, stale.day, stale.size, stale.rests_on) == ("stale", date(2024, 2, 9), 11, 100.0)
    assert doubt_text(stale) == "A: the prices end on 2024-02-09, 11 sessions before 2024-02-26"


def test_only_what_lies_in_the_period_counts() -> None:
    """The level changes on the 101st weekday: the price before it is part of a period that begins there."""
    series = noisy((100, 0.1))
    day = series.dates[100].item()
    assert sorts(series, start=day, end=day + timedelta(days=30)) == []
    assert sorts(series, start=day - timedelta(days=1), end=day) == ["unadjusted"]
    assert sorts(series, end=day - timedelta(days=1)) == []
    assert sorts(series, end=date(2023, 1, 1)) == []  # nothing of it lies there


def test_a_crash_by_a_half_in_a_quiet_name_is_a_jump_and_a_split_is_told_by_its_exact_half() -> None:
    """With half a per cent a day a fall of 51.5 % is no split: 1 / 0.485 is three per cent beyond two."""
    assert [d.sort for d in doubts_in(noisy((300, 0.485), sigma=0.25))] == ["jump"]
    (found,) = doubts_in(noisy((300, 0.5), sigma=0.25))
    assert (found.sort, found.size) == ("unadjusted", 2.0)


def test_a_split_of_three_for_two_is_asked_about_as_a_jump_that_it_may_be() -> None:
    """A third less and a day of +0.4 % is −33.1 %, just within the bound of other falls."""
    (found,) = doubts_in(daily(100, 101, 101 / 1.5 * 1.004, 67))
    assert (found.sort, found.looks_like) == ("jump", 1.5)
    assert doubt_text(found).endswith("is more than a session usually moves; a 3-for-2 split looks the same")


def test_dates_without_an_adjusted_price_are_passed_over() -> None:
    series = noisy((100, 0.1))
    adjusted = series.close.copy()
    adjusted[[50, 100, 200]] = np.nan
    found = doubts_in(replace(series, adj_close=adjusted))
    assert [(d.sort, d.day, d.before) for d in found] == [
        ("unadjusted", series.dates[101].item(), series.dates[99].item())
    ]


def test_the_words_name_ticker_date_and_ratio() -> None:
    (split,) = doubts_in(series(1209.98, 1208.88, 121.79, 120.91))
    assert (
        doubt_text(split)
        == "A: the fall of 90\u202f% on 2025-01-22 looks like a 10-for-1 split that nobody adjusted for"
    )
    (turned,) = doubts_in(series(1.0, 1.02, 10.1))
    assert (
        doubt_text(turned)
        == "A: the rise of 890\u202f% on 2025-01-22 looks like a 1-for-10 reverse split that nobody adjusted for"
    )


def test_a_persons_word_holds_for_the_same_prices_alone() -> None:
    (doubt,) = doubts_in(series(100, 160, 161))
    word = Acceptance("A", "jump", doubt.day, 1.6, "Ann", date(2025, 2, 1))
    assert word.holds(doubt)
    assert not word.holds(replace(doubt, rests_on=1.601))
    assert not word.holds(replace(doubt, sort="unadjusted"))
    assert not word.holds(replace(doubt, day=START))
    assert not word.holds(replace(doubt, ticker="B"))
    assert settled([doubt], [word])[0].accepted == word
    assert settled([doubt], [replace(word, rests_on=1.7)])[0].accepted is None


def test_doubts_of_much_weight_stand_by_themselves_and_the_others_together() -> None:
    many = [(doubt, weight / 100) for weight in range(1, 31) for doubt in doubts_in(series(100, 160, 161))]
    named = [(replace(doubt, ticker=f"T{n}"), weight) for n, (doubt, weight) in enumerate(many)]
    issues = doubt_issues(named)
    assert len(issues) == MOST + 1
    assert [issue.weight for issue in issues[:2]] == [0.3, 0.29]
    assert issues[-1].what.startswith(f"{30 - MOST} more doubts about prices: T17 2025-01-21, T16 2")
    assert issues[-1].weight == pytest.approx(sum(range(1, 30 - MOST + 1)) / 100)
    assert all(issue.severity == "warning" for issue in issues)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("change", [0.1, 0.667, 1.5, 8.0])
@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("count", [1, 11, 90])
@pytest.mark.parametrize("stored", [False, True])
def test_every_doubt_has_its_words_and_its_way_out(
    sort: Sort, change: float, split: bool, count: int, stored: bool
) -> None:
    days = {"hole": count, "stale": count}
    like = round(1 / change, 6) if split or sort == "unadjusted" else None
    size = like if sort == "unadjusted" and like else days.get(sort, change)
    doubt = Doubt(sort, "A", date(2025, 1, 22), size, date(2025, 1, 21), change, like, count, stored)
    (issue,) = doubt_issues([(doubt, 0.5)])
    assert issue.what == doubt_text(doubt) and issue.what.startswith("A: ") and issue.remedy
    assert issue.code.startswith(f"doubt.{sort}") and issue.doubt == doubt
    with spoken(edge="page"):
        assert issue.remedy and "--" not in issue.remedy
    accepted = replace(doubt, accepted=Acceptance("A", sort, doubt.day, None, "", date(2025, 2, 1)))
    (right,) = doubt_issues([(accepted, 0.5)])
    assert right.what == f"{issue.what}; said to be right by a user on 2025-02-01" and not right.remedy
