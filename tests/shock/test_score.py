"""The scorecard: its baselines against hand-made ones, what it says without data, and the targets that it must hold."""

from pathlib import Path

import numpy as np
import pytest

from exposure.flow import book_of
from exposure.market import from_rows, read_prices
from exposure.scenarios import load_scenario
from exposure.shock.day import Day
from exposure.shock.score import _plain_means, regressed, scorecard
from exposure.shock.score_days import ABSENT, dislocation, r2, replays


@pytest.fixture(scope="module")
def bare():
    return scorecard()


@pytest.fixture(scope="session")
def card(shared: Path):
    return scorecard(read_prices(shared / "prices" / "prices.csv.gz"), shared / "funds", book_of)


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


def test_what_needs_data_that_are_absent_says_so(bare):
    assert bare["cross_section"]["r2_two_betas"] == ABSENT
    assert bare["prediction"] == bare["replay"] == ABSENT
    assert any("--prices" in m for m in bare["missing"]) and any("--funds" in m for m in bare["missing"])


def test_too_few_prices_are_no_prices():
    rows = [("SPY", f"2025-01-{d:02d}", 100.0 + d, None, None, "USD", None) for d in range(2, 25)]
    card = scorecard(from_rows(rows))
    assert card["prediction"] == ABSENT
    assert any("250 sessions" in m for m in card["missing"])


def test_names_left_out_are_told_better_than_by_betas_or_means(bare):
    cross = bare["cross_section"]
    assert cross["r2"] >= 0.70
    assert cross["r2_without_loadings"] >= 0.68
    assert cross["r2"] > max(cross["r2_market_beta"], cross["r2_sub_segment_means"])


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


def test_the_books_of_real_funds_fall_as_the_funds_did(card):
    errors = {r["fund"]: abs(r["error"]) for r in card["replay"]}
    assert errors["AIQ"] < 0.0025
    assert errors["ARKK"] < 0.0010


def test_predictions_beat_a_ledoit_wolf_covariance_on_average(card):
    rows = card["prediction"]
    assert len(rows) == 6
    assert np.mean([r["r2"] for r in rows]) > max(0.30, np.mean([r["r2_baseline"] for r in rows]))


def test_the_two_betas_are_measured_with_prices(card):
    assert card["cross_section"]["r2"] > card["cross_section"]["r2_two_betas"]


def test_what_is_shipped_of_names_left_out_is_what_is_worked_out_anew(bare):
    """The file of predictions is found by what it depends on; the card above was worked out without it."""
    from exposure.shock.left_out import shipped
    from exposure.shock.score import without_loading

    for row in bare["episodes"]:
        found = shipped(Day(load_scenario(row["episode"])).names)
        assert found is not None, "run python -m exposure.shock.build"
        assert found.r2 == pytest.approx(row["r2"], abs=1e-9)
    coverage = {e["episode"]: e["coverage"] for e in bare["band"]["episodes"]}
    main = Day(load_scenario("deepseek-2025-01-27")).names
    assert shipped(main).coverage == coverage["deepseek-2025-01-27"]
    alone = shipped(tuple(map(without_loading, main)))
    assert alone.r2 == pytest.approx(bare["cross_section"]["r2_without_loadings"], abs=1e-9)
    assert shipped(main[:-1]) is None, "other names are another day"


def test_what_is_fitted_tells_its_own_names_better_than_names_left_out(bare):
    """Least squares and means can only gain by seeing the name itself: a fitted figure is no score."""
    cross = bare["cross_section"]
    for key in ("r2", "r2_market_beta", "r2_sub_segment_means"):
        assert cross["fitted"][key] > cross[key]
