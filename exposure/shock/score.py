"""How far the model can be trusted: computed from the data present, on names and days left out; nothing typed in.

What needs data that are absent says `not measurable`, and `missing` names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import fsum, log1p
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from exposure.chain.issuers import Issuer
from exposure.errors import ExposureError, MissingPrice
from exposure.scenarios import library, load_scenario
from exposure.shock.apply import apply
from exposure.shock.cross_fit import leave_one_out
from exposure.shock.cross_section import HALF, LEVEL, Name, beta_to_market, share
from exposure.shock.day import Day
from exposure.shock.score_days import ABSENT, dislocation, predictions, r2, replays
from exposure.types import Assignment, Book, Holding, Line

if TYPE_CHECKING:
    from exposure.market import Market

Floats = NDArray[np.float64]
MAIN = "deepseek-2025-01-27"
TRANSMISSION = "deepseek-transmission"


def scorecard(
    market: Market | None = None, funds: Path | None = None, read_book: Callable[[Path], Book] | None = None
) -> dict[str, Any]:
    """Measure the model against what happened.

    Parameters
    ----------
    market : daily prices, for betas and predictions; those of the day before only are used to predict a day.
    funds : a folder of books `FUND_DATE.csv`, with the funds' own moves in `actual.csv`.
    read_book : reads one of these files into a book.

    Returns
    -------
    The fields of the interface; what cannot be measured is the text `not measurable`, and `missing` says why.
    """
    missing: list[str] = []
    episodes = [e.id for e in library() if e.kind == "replay" and not e.id.startswith(f"{MAIN}-")]
    days = {name: Day(load_scenario(name)) for name in episodes}
    left_out = {name: leave_one_out(day.names) for name, day in days.items()}
    return {
        "cross_section": _cross_section(days[MAIN], left_out[MAIN][0], market, missing),
        "band": _bands(left_out),
        "prediction": predictions(days, market, missing),
        "replay": replays(funds, read_book, missing),
        "dislocation": [dislocation(name, day, left_out[name][0]) for name, day in days.items()],
        "episodes": [
            {
                "episode": n,
                "names": len(d.names),
                "r2": r2(_moves(d.names), left_out[n][0]),
                "r2_sub_segment_means": r2(_moves(d.names), _plain_means(d)),
            }
            for n, d in days.items()
        ],
        "missing": missing,
    }


def _moves(names: Iterable[Name]) -> Floats:
    return np.array([n.move for n in names])


# ---- one day, name by name ------------------------------------------------------------------------------------------


def _cross_section(day: Day, predicted: Floats, market: Market | None, missing: list[str]) -> dict[str, Any]:
    """Hold the spread of the day to three plain ways and to the transmission, on the same names."""
    y = _moves(day.names)
    betas = np.array([[np.nan if (b := beta_to_market(e.symbols)) is None else b] for e, _ in _entries(day)])
    return {
        "names": len(y),
        "r2": r2(y, predicted),
        "r2_transmission": _transmission(day, y, missing),
        "r2_market_beta": r2(y, regressed(y, betas)),
        "r2_two_betas": _two_betas(day, y, market, missing),
        "r2_sub_segment_means": r2(y, _plain_means(day)),
        "r2_without_loadings": r2(y, leave_one_out(tuple(_without_loading(n) for n in day.names))[0]),
        "mae": float(np.abs(y - predicted).mean()),
    }


def _without_loading(name: Name) -> Name:
    """Forget the published share of AI, which people who know the day have gathered: prices alone stay."""
    return name if name.scores is None else replace(name, scores=(*name.scores[:-1], 0.0))


def regressed(y: Floats, x: Floats) -> Floats:
    """Predict each name by least squares on the others; by their mean where its regressors are not known."""
    known = np.isfinite(x).all(axis=1)
    out: Floats = (y.sum() - y) / (len(y) - 1)
    design = np.column_stack([np.ones(int(known.sum())), x[known]])
    hat = design @ np.linalg.pinv(design)
    out[known] = y[known] - (y[known] - hat @ y[known]) / (1 - np.diag(hat))
    return out


def _two_betas(day: Day, y: Floats, market: Market | None, missing: list[str]) -> float | str:
    """Regress the day on betas to SMH and to SPY over the 250 sessions before it."""
    from exposure.scenarios.prediction import NEEDED, daily_returns

    if market is None or day.scenario.start is None:
        missing.append("r2_two_betas: daily prices (--prices FILE)")
        return ABSENT
    try:
        x, returns, stocks = daily_returns(market, day.scenario.start, ("SPY", "SMH"))
    except MissingPrice as error:
        missing.append(f"r2_two_betas: {error}")
        return ABSENT
    design = np.column_stack([np.ones(NEEDED), x[-NEEDED:]])
    slopes = np.linalg.lstsq(design, returns[-NEEDED:], rcond=None)[0][1:].T
    found = dict(zip(stocks, slopes, strict=True))
    unknown = np.full(2, np.nan)
    rows = [next((found[s] for s in e.symbols if s in found), unknown) for e, _ in _entries(day)]
    return r2(y, regressed(y, np.array(rows)))


def _entries(day: Day) -> list[tuple[Issuer, str]]:
    """List (issuer, symbol) of `day.names`, in their order."""
    return [(e, symbol) for e, symbol, _ in day.seen if share(e.parts) >= HALF]


def _plain_means(day: Day) -> Floats:
    """Predict each name by the plain weighted means of its sub-segments, itself left out."""
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
                mine = fsum(p.weight for p in name.parts if p.segment == key or p.segment.startswith(f"{key}."))
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


def _bands(left_out: dict[str, tuple[Floats, Floats]]) -> dict[str, Any]:
    """Count how often a name's band, made by the others alone, held it; with the exact binomial test."""
    from scipy.stats import binomtest

    rows = []
    for name, (_, inside) in left_out.items():
        held, n = int(inside.sum()), len(inside)
        rows.append(
            {"episode": name, "coverage": held / n, "names": n, "p_value": float(binomtest(held, n, LEVEL).pvalue)}
        )
    main = next(r for r in rows if r["episode"] == MAIN)
    return {"level": LEVEL, "coverage": main["coverage"], "names": main["names"], "episodes": rows}
