"""How far the model can be trusted: computed from the data present, on names and days left out; nothing typed in.

What needs data that are absent says `not measurable`, and `missing` names them.

The scorecard's days: predictions from a few given moves, real funds' books, and what came after the day.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import fsum, log1p
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from exposure.chain import Issuer, issuer_table
from exposure.errors import ExposureError, InputError, MissingPrice
from exposure.messages import remedy_of, words
from exposure.scenarios import library, load_scenario
from exposure.shock import apply
from exposure.spread import (
    BAND_LEVEL,
    SPEAKS_FOR_CHAIN,
    Day,
    LeftOut,
    Name,
    beta_to_market,
    chain_share,
    predict_left_out,
)
from exposure.types import Assignment, Book, Holding, Line, Scenario

if TYPE_CHECKING:
    from exposure.prices import Market

ABSENT = "not measurable"
PLAIN_HALF_LIFE, PLAIN_SHARE = 90.0, 0.25
"""Of the plain regression: sessions after which a day counts half, and how far a beta is drawn to its sub-segment's."""


def r2(observed: Sequence[float] | Floats, predicted: Sequence[float] | Floats) -> float:
    """Give the share of the spread about the mean that a prediction explains: negative where the mean does better."""
    y, p = np.asarray(observed), np.asarray(predicted)
    return float(1 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def _absent(code: str) -> str:
    """Say which data are absent, and the option that brings them where there is one."""
    remedy = remedy_of(code, {})
    return f"{words(code, {})} ({remedy})" if remedy else words(code, {})


def predictions(days: Mapping[str, Day], market: Market | None, missing: list[str]) -> list[dict[str, Any]] | str:
    """Predict the names along the chain from SPY, SMH and IGV on each day, with prices to the evening before.

    Beside it, on the same names: a Ledoit–Wolf covariance of the last 250 sessions (`r2_baseline`), and a plain
    regression on the three funds (`r2_regression`, see `plain_betas`). `coverage` is the share that ended in the 90 %
    band of their prediction.
    """
    if market is None:
        missing.append(f"prediction: {_absent('score.no-prices')}")
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

    from exposure.scenarios import REFERENCE_SERIES, SESSIONS_NEEDED, daily_returns, half_widths, learn_covariance

    x, y, stocks = daily_returns(market, as_of, REFERENCE_SERIES)
    given = [_move(market, s, as_of, on) for s in REFERENCE_SERIES]
    if None in given:
        raise MissingPrice(
            "score.references-unpriced", names=", ".join(REFERENCE_SERIES), first=str(as_of), last=str(on)
        )
    g = np.array(given, dtype=float)
    seen = {s: move for s in stocks if _along(s) and (move := _move(market, s, as_of, on)) is not None}
    observed = np.array(list(seen.values()))
    learnt, asked = (
        learn_covariance(market, as_of, REFERENCE_SERIES),
        dict(zip(REFERENCE_SERIES, g.tolist(), strict=True)),
    )
    model, halves = learnt.covariance, half_widths(learnt, asked)
    found = model.predict(asked)
    kept = [n for n, s in enumerate(stocks) if s in seen]
    covariance, _ = ledoit_wolf(np.hstack([x[-SESSIONS_NEEDED:], y[-SESSIONS_NEEDED:, kept]]))
    k = len(REFERENCE_SERIES)
    baseline = covariance[k:, :k] @ np.linalg.solve(covariance[:k, :k], g)
    regression = plain_betas(x[-SESSIONS_NEEDED:], y[-SESSIONS_NEEDED:], model.weights)[kept] @ g
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
    entry = issuer_table().of(symbol)
    return entry is not None and chain_share(entry.parts) >= SPEAKS_FOR_CHAIN


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
        missing.append(f"replay: {_absent('score.no-funds')}")
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
    return scenario.replace(observed=observed)


def _actual(path: Path, scenario: Scenario) -> list[tuple[str, float]]:
    """Read what each fund did from the evening before to the day."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        window = (str(scenario.start), str(scenario.end))
        return [(r["fund"], float(r["actual"])) for r in rows if (r["move_from"], r["move_to"]) == window]
    except (OSError, KeyError, ValueError) as error:
        raise InputError("score.moves-unreadable", file=path.name) from error


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


Floats = NDArray[np.float64]
MAIN = "deepseek-2025-01-27"
TRANSMISSION = "deepseek-transmission"
SEEN = "no score: its levers were fitted to this very day, so none of these names was left out of it"


def scorecard(
    market: Market | None = None,
    funds: Path | None = None,
    read_book: Callable[[Path], Book] | None = None,
    predict: Callable[[Sequence[Name]], LeftOut] = predict_left_out,
) -> dict[str, Any]:
    """Measure the model against what happened.

    Parameters
    ----------
    market : daily prices, for betas and predictions; those of the day before only are used to predict a day.
    funds : a folder of books `FUND_DATE.csv`, with the funds' own moves in `actual.csv`.
    read_book : reads one of these files into a book.
    predict : gives each name of a day as the others say; anew, or as shipped where these very names were.

    Returns
    -------
    The fields of the interface; what cannot be measured is the text `not measurable`, and `missing` says why.
    """
    missing: list[str] = []
    days = {name: Day(load_scenario(name)) for name in episodes()}
    left = {name: predict(day.names) for name, day in days.items()}
    return {
        "cross_section": cross_section(days[MAIN], left[MAIN], market, missing, predict),
        "band": bands(left),
        "prediction": predictions(days, market, missing),
        "replay": replays(funds, read_book, missing),
        "dislocation": [dislocation(name, day, np.array(left[name].predicted)) for name, day in days.items()],
        "episodes": [spread_over(name, day, left[name]) for name, day in days.items()],
        "missing": missing,
    }


def episodes() -> list[str]:
    """List the replays of the library, one for each event: other cuts of its time are left out."""
    return [e.id for e in library() if e.kind == "replay" and not e.id.startswith(f"{MAIN}-")]


def spread_over(episode: str, day: Day, left: LeftOut) -> dict[str, Any]:
    """Hold the spread of an episode to plain means of sub-segments, both on names left out."""
    means = r2(_moves(day.names), _plain_means(day))
    return {"episode": episode, "names": len(day.names), "r2": left.r2, "r2_sub_segment_means": means}


def _moves(names: Iterable[Name]) -> Floats:
    return np.array([n.move for n in names])


# ---- one day, name by name ------------------------------------------------------------------------------------------


def cross_section(
    day: Day,
    left: LeftOut,
    market: Market | None,
    missing: list[str],
    predict: Callable[[Sequence[Name]], LeftOut] = predict_left_out,
) -> dict[str, Any]:
    """Hold the spread of the day to three plain ways and to the transmission, on the same names.

    `fitted` holds the same figures on the very names fitted to: how far a way can bend, no score. `with_betas` holds
    them, left out, on the names whose betas are all known alone: on the others a way by betas has but the mean of the
    rest to offer, which says nothing of betas.
    """
    y = _moves(day.names)
    market_beta = np.array([[np.nan if (b := beta_to_market(e.symbols)) is None else b] for e, _ in _entries(day)])
    two_betas = _two_betas(day, market, missing)
    transmission = _transmission(day, y, missing)
    means, bare = _plain_means(day), predict(tuple(without_loading(n) for n in day.names))

    def ways(kept: NDArray[np.bool_]) -> dict[str, Any]:
        return {
            "names": int(kept.sum()),
            "r2": r2(y[kept], np.array(left.predicted)[kept]),
            "r2_market_beta": r2(y[kept], regressed(y[kept], market_beta[kept])),
            "r2_two_betas": ABSENT if two_betas is None else r2(y[kept], regressed(y[kept], two_betas[kept])),
            "r2_sub_segment_means": r2(y[kept], means[kept]),
            "r2_without_loadings": r2(y[kept], np.array(bare.predicted)[kept]),
        }

    betas = market_beta if two_betas is None else np.hstack([market_beta, two_betas])
    return {
        **ways(np.ones(len(y), dtype=bool)),
        "r2_transmission": transmission,
        "notes": {"r2_transmission": SEEN},
        "mae": left.mae,
        "with_betas": ways(np.isfinite(betas).all(axis=1)),
        "fitted": {
            "r2": _fitted(day, y),
            "r2_transmission": transmission,
            "r2_market_beta": r2(y, regressed(y, market_beta, left_out=False)),
            "r2_two_betas": ABSENT if two_betas is None else r2(y, regressed(y, two_betas, left_out=False)),
            "r2_sub_segment_means": r2(y, _plain_means(day, left_out=False)),
        },
    }


def _fitted(day: Day, y: Floats) -> float | str:
    spread = day.spread
    return ABSENT if spread is None else r2(y, [spread.predict(n.parts, n.rest, n.scores) for n in day.names])


def without_loading(name: Name) -> Name:
    """Forget the published share of AI, which people who know the day have gathered: prices alone stay."""
    return name if name.scores is None else replace(name, scores=(*name.scores[:-1], 0.0))


def regressed(y: Floats, x: Floats, *, left_out: bool = True) -> Floats:
    """Predict each name by least squares on the others, or on all; by a mean where its regressors are not known."""
    known = np.isfinite(x).all(axis=1)
    out: Floats = (y.sum() - y) / (len(y) - 1) if left_out else np.full(len(y), y.mean())
    design = np.column_stack([np.ones(int(known.sum())), x[known]])
    hat = design @ np.linalg.pinv(design)
    out[known] = y[known] - (y[known] - hat @ y[known]) / (1 - np.diag(hat) if left_out else 1.0)
    return out


def _two_betas(day: Day, market: Market | None, missing: list[str]) -> Floats | None:
    """Give each name's betas to SPY and to SMH over the 250 sessions before the day; None without prices."""
    from exposure.scenarios import SESSIONS_NEEDED, daily_returns

    if market is None or day.scenario.start is None:
        missing.append(f"r2_two_betas: {_absent('score.no-prices')}")
        return None
    try:
        x, returns, stocks = daily_returns(market, day.scenario.start, ("SPY", "SMH"))
    except MissingPrice as error:
        missing.append(f"r2_two_betas: {error}")
        return None
    design = np.column_stack([np.ones(SESSIONS_NEEDED), x[-SESSIONS_NEEDED:]])
    slopes = np.linalg.lstsq(design, returns[-SESSIONS_NEEDED:], rcond=None)[0][1:].T
    found = dict(zip(stocks, slopes, strict=True))
    unknown = np.full(2, np.nan)
    rows = [next((found[s] for s in e.symbols if s in found), unknown) for e, _ in _entries(day)]
    return np.array(rows)


def _entries(day: Day) -> list[tuple[Issuer, str]]:
    """List (issuer, symbol) of `day.names`, in their order."""
    return [(e, symbol) for e, symbol, _ in day.seen if chain_share(e.parts) >= SPEAKS_FOR_CHAIN]


def _plain_means(day: Day, *, left_out: bool = True) -> Floats:
    """Predict each name by the plain weighted means of its sub-segments, itself left out unless asked otherwise."""
    sums: dict[str, list[float]] = {}
    for entry, _, move in day.seen:
        for part in entry.parts:
            for key in {part.segment, part.segment.split(".")[0]}:
                pair = sums.setdefault(key, [0.0, 0.0])
                pair[0] += part.weight * move
                pair[1] += part.weight
    out = []
    for name in day.names:
        logs = []
        for part in name.parts:
            if part.segment == "outside":
                logs.append(part.weight * name.rest)
                continue
            for key in (part.segment, part.segment.split(".")[0]):
                own = (p.weight for p in name.parts if p.segment == key or p.segment.startswith(f"{key}."))
                mine = fsum(own) if left_out else 0.0
                total, weight = sums[key][0] - mine * name.move, sums[key][1] - mine
                if weight > 1e-9:
                    logs.append(part.weight * total / weight)
                    break
        out.append(fsum(logs))
    return np.array(out)


def _transmission(day: Day, y: Floats, missing: list[str]) -> float | str:
    """Give what the equations say of the same names, at the fitted levers."""
    try:
        scenario = load_scenario(TRANSMISSION)
    except ExposureError as error:
        missing.append(f"r2_transmission: {error}")
        return ABSENT
    lines = tuple(
        Line(
            symbol,
            Holding(n, ticker=symbol, market_value=1.0),
            1.0,
            1 / len(y),
            Assignment(entry.parts, entry.reason, "table"),
            entry.key,
            symbol,
            entry.symbols,
        )
        for n, (entry, symbol) in enumerate(_entries(day))
    )
    book = Book(lines, float(len(y)), "nav", "values", None, day.scenario.start, float(len(y)), float(len(y)))
    return r2(y, [log1p(p.move.shock) for p in apply(book, scenario).positions])


def bands(left: Mapping[str, LeftOut]) -> dict[str, Any]:
    """Count how often a name's band, made by the others alone, held it; with the exact binomial test."""
    from scipy.stats import binomtest

    rows = []
    for name, each in left.items():
        held, n = sum(each.inside), len(each.names)
        rows.append(
            {"episode": name, "coverage": held / n, "names": n, "p_value": float(binomtest(held, n, BAND_LEVEL).pvalue)}
        )
    main = next(r for r in rows if r["episode"] == MAIN)
    return {"level": BAND_LEVEL, "coverage": main["coverage"], "names": main["names"], "episodes": rows}
