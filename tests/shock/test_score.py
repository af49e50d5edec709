"""The scorecard: its baselines against hand-made ones, what it says without data, and the targets that it must hold."""

from pathlib import Path

import numpy as np
import pytest

from exposure.flow import book_of
from exposure.prices import from_rows
from exposure.scenarios import load_scenario
from exposure.score import (
    ABSENT,
    PLAIN_HALF_LIFE,
    PLAIN_SHARE,
    _plain_means,
    dislocation,
    plain_betas,
    r2,
    regressed,
    replays,
    scorecard,
)
from exposure.spread._cross_section import SPEAKS_FOR_CHAIN, beta_to_market, chain_share
from exposure.spread._observed_day import Day


@pytest.fixture(scope="module")
def bare(anew):
    return scorecard(predict=anew)


@pytest.fixture(scope="session")
def card(shared: Path, daily_closes, anew):
    return scorecard(daily_closes, shared / "funds", book_of, anew)


def test_r2_of_the_mean_is_zero_and_of_the_truth_one():
    assert r2([1.0, 2.0, 6.0], [3.0, 3.0, 3.0]) == 0
    assert r2([1.0, 2.0, 6.0], [1.0, 2.0, 6.0]) == 1


def test_a_regression_that_leaves_each_out_is_one_fit_for_each():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(12, 2)), rng.normal(size=12)
    x[3, 1] = np.nan  # a name whose second beta is not known takes the mean of the others
    expected = []
    for i in range(12):
        others = [j for j in range(12) if j != i and j != 3]
        if i == 3:
            expected.append(np.delete(y, 3).mean())
            continue
        fit = np.linalg.lstsq(np.column_stack([np.ones(len(others)), x[others]]), y[others], rcond=None)[0]
        expected.append(fit @ [1.0, *x[i]])
    assert regressed(y, x) == pytest.approx(expected, abs=1e-10)


def test_the_mean_of_a_sub_segment_leaves_the_name_itself_out():
    """ZS stands wholly in security: the weighted mean of the others' log moves there."""
    day = Day(load_scenario("deepseek-2025-01-27"))
    at = [n.key for n in day.names].index("ZS")
    pairs = [
        (p.weight, move)
        for entry, _, move in day.seen
        if entry.key != "ZS"
        for p in entry.parts
        if p.segment == "software.security"
    ]
    expected = sum(w * m for w, m in pairs) / sum(w for w, _ in pairs)
    assert _plain_means(day)[at] == pytest.approx(expected, abs=1e-12)


@pytest.mark.slow
def test_what_needs_data_that_are_absent_says_so(bare):
    assert bare["cross_section"]["r2_two_betas"] == ABSENT
    assert bare["prediction"] == bare["replay"] == ABSENT
    assert any("--prices" in m for m in bare["missing"]) and any("--funds" in m for m in bare["missing"])


@pytest.mark.slow
def test_too_few_prices_are_no_prices(anew):
    rows = [("SPY", f"2025-01-{d:02d}", 100.0 + d, None, None, "USD", None) for d in range(2, 25)]
    card = scorecard(from_rows(rows), predict=anew)
    assert card["prediction"] == ABSENT
    assert any("250 sessions" in m for m in card["missing"])


@pytest.mark.slow
def test_names_left_out_are_told_better_than_by_betas_or_means(bare):
    cross = bare["cross_section"]
    assert cross["r2"] >= 0.70
    assert cross["r2_without_loadings"] >= 0.68
    assert cross["r2"] > max(cross["r2_market_beta"], cross["r2_sub_segment_means"])


@pytest.mark.slow
def test_bands_hold_on_every_episode(bare):
    assert {e["episode"] for e in bare["band"]["episodes"]} >= {"deepseek-2025-01-27", "tariffs-2025-04-03"}
    assert all(e["p_value"] > 0.05 for e in bare["band"]["episodes"])


def test_a_residual_that_reverses_has_a_negative_correlation():
    """Predicting each name's own 5-session move leaves the reversal itself as the residual: correlation −1."""
    day = Day(load_scenario("deepseek-2025-01-27"))
    later = {e.key: m for e, _, m in Day(load_scenario("deepseek-2025-01-27", horizon=5)).seen}
    predicted = np.array([later.get(n.key, n.move) for n in day.names])
    assert dislocation("deepseek-2025-01-27", day, predicted)["corr_5"] == pytest.approx(-1, abs=1e-9)


def test_a_book_that_is_not_there_is_named(tmp_path):
    (tmp_path / "actual.csv").write_text("fund,move_from,move_to,actual\nXYZ,2025-01-24,2025-01-27,-0.01\n")
    missing: list[str] = []
    assert replays(tmp_path, book_of, missing) == ABSENT
    assert missing == ["replay of XYZ: XYZ_2025-01-24.csv"]


@pytest.mark.slow
def test_the_books_of_real_funds_fall_as_the_funds_did(card):
    errors = {r["fund"]: abs(r["error"]) for r in card["replay"]}
    assert errors["AIQ"] < 0.0025
    assert errors["ARKK"] < 0.0010


@pytest.mark.slow
def test_predictions_beat_a_ledoit_wolf_covariance_and_are_no_worse_than_a_plain_regression(card):
    rows = card["prediction"]
    assert len(rows) == 6
    mean = np.mean([r["r2"] for r in rows])
    assert mean > max(0.30, np.mean([r["r2_baseline"] for r in rows]))
    assert mean > np.mean([r["r2_regression"] for r in rows]) - 0.005


def test_a_plain_beta_is_three_quarters_a_names_own_and_one_its_sub_segments_mean():
    """Without noise a regression returns the betas themselves: with 1, 3 in one sub-segment and 5 alone in another,
    1 → 0.75·1 + 0.25·2 = 1.25, 3 → 0.75·3 + 0.25·2 = 2.75, 5 stays."""
    x = np.random.default_rng(2).normal(size=(50, 1))
    y = x @ np.array([[1.0, 3.0, 5.0]])
    weights = np.array([[1.0, 0.0], [0.6, 0.4], [0.0, 1.0]])
    assert PLAIN_SHARE == 0.25
    assert plain_betas(x, y, weights)[:, 0] == pytest.approx([1.25, 2.75, 5.0], abs=1e-12)


def test_a_day_of_a_plain_beta_counts_half_after_its_half_life():
    """Two days, x = 1 on both, moves 1 and then 4: (w·1 + 4)/(w + 1) with w = ½ where the half-life lies between."""
    n = int(PLAIN_HALF_LIFE) + 1
    x, y = np.zeros((n, 1)), np.zeros((n, 1))
    x[[0, -1]] = 1.0
    y[0], y[-1] = 1.0, 4.0
    assert plain_betas(x, y, np.ones((1, 1)))[0, 0] == pytest.approx(4.5 / 1.5, abs=1e-12)


@pytest.mark.slow
def test_ways_by_betas_are_also_held_to_the_names_whose_betas_are_known(card, bare):
    """On a name without betas such a way has but the mean of the others: its figure there would be unfair to it."""
    cross, known = card["cross_section"], card["cross_section"]["with_betas"]
    assert known["names"] < cross["names"]
    assert known["r2_two_betas"] > cross["r2_two_betas"]
    assert known["r2"] >= 0.70
    others = (known["r2_market_beta"], known["r2_two_betas"], known["r2_sub_segment_means"])
    assert min(known["r2"], known["r2_without_loadings"]) > max(others)
    assert bare["cross_section"]["with_betas"]["r2_two_betas"] == ABSENT


@pytest.mark.slow
def test_market_beta_on_the_names_that_have_one_is_one_regression_for_each_left_out(bare):
    day = Day(load_scenario("deepseek-2025-01-27"))
    betas = [beta_to_market(e.symbols) for e, _, _ in day.seen if chain_share(e.parts) >= SPEAKS_FOR_CHAIN]
    pairs = [(b, n.move) for b, n in zip(betas, day.names, strict=True) if b is not None]
    x, y = np.array(pairs).T
    left = [np.polyval(np.polyfit(np.delete(x, i), np.delete(y, i), 1), x[i]) for i in range(len(x))]
    known = bare["cross_section"]["with_betas"]
    assert known["names"] == len(x)
    assert known["r2_market_beta"] == pytest.approx(r2(y, left), abs=1e-9)


@pytest.mark.slow
def test_the_two_betas_are_measured_with_prices(card):
    assert card["cross_section"]["r2"] > card["cross_section"]["r2_two_betas"]


@pytest.mark.slow
def test_what_is_shipped_of_names_left_out_is_what_is_worked_out_anew(bare):
    """The file of predictions is found by what it depends on; the card above was worked out without it."""
    from exposure.score import without_loading
    from exposure.spread._observed_day import shipped_left_out

    for row in bare["episodes"]:
        found = shipped_left_out(Day(load_scenario(row["episode"])).names)
        assert found is not None, "run python -m benchmarks.library"
        assert found.r2 == pytest.approx(row["r2"], abs=1e-9)
    coverage = {e["episode"]: e["coverage"] for e in bare["band"]["episodes"]}
    main = Day(load_scenario("deepseek-2025-01-27")).names
    assert shipped_left_out(main).coverage == coverage["deepseek-2025-01-27"]
    alone = shipped_left_out(tuple(map(without_loading, main)))
    assert alone.r2 == pytest.approx(bare["cross_section"]["r2_without_loadings"], abs=1e-9)
    assert shipped_left_out(main[:-1]) is None, "other names are another day"


@pytest.mark.slow
def test_what_is_fitted_tells_its_own_names_better_than_names_left_out(bare):
    """Least squares and means can only gain by seeing the name itself: a fitted figure is no score."""
    cross = bare["cross_section"]
    for key in ("r2", "r2_market_beta", "r2_sub_segment_means"):
        assert cross["fitted"][key] > cross[key]


@pytest.mark.slow
def test_the_transmissions_figure_says_in_both_answers_that_its_levers_saw_the_day(bare):
    from exposure.cli.beliefs import _text

    assert "levers were fitted to this very day" in bare["cross_section"]["notes"]["r2_transmission"]
    row = next(line for line in _text(bare).splitlines() if "transmission" in line)
    assert "no score: its levers were fitted to this very day" in row
    assert f"{bare['cross_section']['r2_transmission']:+.3f}" in row
