"""The scorecard's days: predictions from a few given moves, real funds' books, and what came after the day."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from exposure.chain.issuers import table
from exposure.errors import InputError, MissingPrice
from exposure.scenarios import load_scenario
from exposure.shock.apply import apply
from exposure.shock.cross_section import HALF, share
from exposure.shock.day import Day
from exposure.types import Book, Scenario

if TYPE_CHECKING:
    from exposure.market import Market

Floats = NDArray[np.float64]
ABSENT = "not measurable"
MAIN = "deepseek-2025-01-27"
PLAIN_HALF_LIFE, PLAIN_SHARE = 90.0, 0.25
"""Of the plain regression: sessions after which a day counts half, and how far a beta is drawn to its sub-segment's."""


def r2(observed: Sequence[float] | Floats, predicted: Sequence[float] | Floats) -> float:
    """Give the share of the spread about the mean that a prediction explains: negative where the mean does better."""
    y, p = np.asarray(observed), np.asarray(predicted)
    return float(1 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def predictions(days: Mapping[str, Day], market: Market | None, missing: list[str]) -> list[dict[str, Any]] | str:
    """Predict the names along the chain from SPY, SMH and IGV on each day, with prices to the evening before.

    Beside it, on the same names: a Ledoit–Wolf covariance of the last 250 sessions (`r2_baseline`), and a plain
    regression on the three funds (`r2_regression`, see `plain_betas`). `coverage` is the share that ended in the 90 %
    band of their prediction.
    """
    if market is None:
        missing.append("prediction: daily prices (--prices FILE)")
        return ABSENT
    rows = []
    for name, day in days.items():
        as_of, on = day.scenario.start, day.scenario.end
        if as_of is None or on is None:
            continue
        try:
            rows.append({"date": on.isoformat(), **_predicted(market, as_of, on)})
        except MissingPrice as error:
            missing.append(f"prediction of {name}: {error}")
    return rows or ABSENT


def _predicted(market: Market, as_of: date, on: date) -> dict[str, Any]:
    from sklearn.covariance import ledoit_wolf

    from exposure.scenarios.prediction import NEEDED, REFERENCES, daily_returns
    from exposure.scenarios.prediction_errors import half_widths, learn

    x, y, stocks = daily_returns(market, as_of, REFERENCES)
    given = [_move(market, s, as_of, on) for s in REFERENCES]
    if None in given:
        raise MissingPrice(f"no closes of {', '.join(REFERENCES)} on {as_of} and {on}", remedy="load them")
    g = np.array(given, dtype=float)
    seen = {s: move for s in stocks if _along(s) and (move := _move(market, s, as_of, on)) is not None}
    observed = np.array(list(seen.values()))
    learnt, asked = learn(market, as_of, REFERENCES), dict(zip(REFERENCES, g.tolist(), strict=True))
    model, halves = learnt.covariance, half_widths(learnt, asked)
    found = model.predict(asked)
    kept = [n for n, s in enumerate(stocks) if s in seen]
    covariance, _ = ledoit_wolf(np.hstack([x[-NEEDED:], y[-NEEDED:, kept]]))
    k = len(REFERENCES)
    baseline = covariance[k:, :k] @ np.linalg.solve(covariance[:k, :k], g)
    regression = plain_betas(x[-NEEDED:], y[-NEEDED:], model.weights)[kept] @ g
    foretold = np.array([found.names[s] for s in seen])
    inside = np.abs(observed - foretold) <= np.array([halves[s] for s in seen])
    return {
        "coverage": float(inside.mean()),
        "r2": r2(np.expm1(observed), np.expm1(foretold)),
        "r2_baseline": r2(np.expm1(observed), np.expm1(baseline)),
        "r2_regression": r2(np.expm1(observed), np.expm1(regression)),
        "names": len(seen),
        "distance": found.distance,
    }


def plain_betas(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Regress each stock on the funds, recent days counting more, and draw its betas to its main sub-segment's mean.

    Half-life and share are those that did best on 200 days of 2018 to June 2024: a baseline should be a strong one.

    Parameters
    ----------
    x, y : log returns, (session, fund) and (session, stock), without gaps.
    weights : (stock, sub-segment).

    Returns
    -------
    (stock, fund)
    """
    days = np.sqrt(0.5 ** (np.arange(len(x))[::-1] / PLAIN_HALF_LIFE))[:, None]
    own = np.linalg.lstsq(days * x, days * y, rcond=None)[0].T
    main = weights.argmax(axis=1)
    shared = np.array([own[main == k].mean(axis=0) for k in main])
    out: Floats = (1 - PLAIN_SHARE) * own + PLAIN_SHARE * shared
    return out


def _along(symbol: str) -> bool:
    entry = table().of(symbol)
    return entry is not None and share(entry.parts) >= HALF


def _move(market: Market, symbol: str, start: date, end: date) -> float | None:
    """Give the log move between two closes, None where either day has none."""
    series = market.series.get(symbol)
    if series is None:
        return None
    at = [int(np.searchsorted(series.dates, np.datetime64(d, "D"))) for d in (start, end)]
    if any(
        n >= len(series.dates) or series.dates[n] != np.datetime64(d, "D")
        for n, d in zip(at, (start, end), strict=True)
    ):
        return None
    first, last = (float(series.returns_price[n]) for n in at)
    return float(np.log(last / first))


def replays(
    funds: Path | None, read_book: Callable[[Path], Book] | None, missing: list[str]
) -> list[dict[str, Any]] | str:
    """Replay the books of real funds and hold them to what the funds did, over New York's window of the day.

    `predicted` is the replay as it stands, in which an exchange that was shut answers later; `same_day` leaves out
    every move that ends after the day, so that those lines are modelled from the ones that traded.
    """
    if funds is None or read_book is None:
        missing.append("replay: books of funds and what these did (--funds DIR)")
        return ABSENT
    scenario = load_scenario(MAIN)
    rows = []
    for fund, actual in _actual(funds / "actual.csv", scenario):
        path = funds / f"{fund}_{scenario.start}.csv"
        if not path.is_file():
            missing.append(f"replay of {fund}: {path.name}")
            continue
        rows.append(replayed(fund, read_book(path), actual, scenario))
    return rows or ABSENT


def replayed(fund: str, book: Book, actual: float | None, scenario: Scenario) -> dict[str, Any]:
    """Replay a fund's book and hold it to what the fund did over New York's window; `actual` None: not known."""
    result = apply(book, scenario)
    return {
        "fund": fund,
        "date": scenario.end.isoformat() if scenario.end else None,
        "scenario": scenario.id,
        "predicted": result.total_return,
        "actual": actual,
        "error": None if actual is None else result.total_return - actual,
        "coverage": result.coverage["observed"] + result.coverage["proxy"],
        "same_day": apply(book, _same_day(scenario)).total_return,
    }


def own_move(market: Market, symbol: str, scenario: Scenario) -> float | None:
    """Give a fund's own move over New York's window from its stored closes; None where either day has none."""
    if scenario.start is None or scenario.end is None:
        return None
    move = _move(market, symbol, scenario.start, scenario.end)
    return None if move is None else float(np.expm1(move))


def _same_day(scenario: Scenario) -> Scenario:
    end = scenario.end
    observed = {s: o for s, o in scenario.observed.items() if end is None or o.end <= end}
    return replace(scenario, observed=observed)


def _actual(path: Path, scenario: Scenario) -> list[tuple[str, float]]:
    """Read what each fund did from the evening before to the day."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        window = (str(scenario.start), str(scenario.end))
        return [(r["fund"], float(r["actual"])) for r in rows if (r["move_from"], r["move_to"]) == window]
    except (OSError, KeyError, ValueError) as error:
        raise InputError(
            "the funds' own moves cannot be read",
            file=path.name,
            remedy="head the columns fund,move_from,move_to,actual, moves as fractions",
        ) from error


def dislocation(episode: str, day: Day, predicted: Floats) -> dict[str, Any]:
    """Correlate what the spread left unexplained on the day with the log moves that followed.

    A negative figure: names that fell more than their peers came back. `corr_5` runs from the day's close to the fifth
    session of the window, `corr_20` to the twentieth.
    """
    residual = {n.key: n.move - p for n, p in zip(day.names, predicted, strict=True)}
    out: dict[str, Any] = {"episode": episode}
    for horizon in (5, 20):
        later = {e.key: m for e, _, m in Day(load_scenario(episode, horizon=horizon)).seen}
        first = {e.key: m for e, _, m in day.seen}
        pairs = np.array([(residual[k], later[k] - first[k]) for k in residual if k in later])
        enough = len(pairs) > 2 and pairs.std(axis=0).min() > 0
        out[f"corr_{horizon}"] = float(np.corrcoef(pairs.T)[0, 1]) if enough else None
    return out
