"""How far the model can be trusted: computed from the data present, on names and days left out; nothing typed in.

What needs data that are absent says `not measurable`, and `missing` names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from exposure.shock.cross_section import HALF, LEVEL, Name, beta_to_market, share
from exposure.shock.day import Day
from exposure.shock.left_out import LeftOut, work_out
from exposure.shock.score_days import ABSENT, dislocation, predictions, r2, replays
from exposure.types import Assignment, Book, Holding, Line

if TYPE_CHECKING:
    from exposure.market import Market

Floats = NDArray[np.float64]
MAIN = "deepseek-2025-01-27"
TRANSMISSION = "deepseek-transmission"
SEEN = "no score: its levers were fitted to this very day, so none of these names was left out of it"


def scorecard(
    market: Market | None = None,
    funds: Path | None = None,
    read_book: Callable[[Path], Book] | None = None,
    predict: Callable[[Sequence[Name]], LeftOut] = work_out,
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
    predict: Callable[[Sequence[Name]], LeftOut] = work_out,
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
    from exposure.scenarios.prediction import NEEDED, daily_returns

    if market is None or day.scenario.start is None:
        missing.append("r2_two_betas: daily prices (--prices FILE)")
        return None
    try:
        x, returns, stocks = daily_returns(market, day.scenario.start, ("SPY", "SMH"))
    except MissingPrice as error:
        missing.append(f"r2_two_betas: {error}")
        return None
    design = np.column_stack([np.ones(NEEDED), x[-NEEDED:]])
    slopes = np.linalg.lstsq(design, returns[-NEEDED:], rcond=None)[0][1:].T
    found = dict(zip(stocks, slopes, strict=True))
    unknown = np.full(2, np.nan)
    rows = [next((found[s] for s in e.symbols if s in found), unknown) for e, _ in _entries(day)]
    return np.array(rows)


def _entries(day: Day) -> list[tuple[Issuer, str]]:
    """List (issuer, symbol) of `day.names`, in their order."""
    return [(e, symbol) for e, symbol, _ in day.seen if share(e.parts) >= HALF]


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
            {"episode": name, "coverage": held / n, "names": n, "p_value": float(binomtest(held, n, LEVEL).pvalue)}
        )
    main = next(r for r in rows if r["episode"] == MAIN)
    return {"level": LEVEL, "coverage": main["coverage"], "names": main["names"], "episodes": rows}
