"""The scorecard as sentences and rows of tables: pure, without Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, expm1, isfinite
from typing import Any

from exposure.chain import on_chain, segment_name, top_segment
from exposure.format import number, percent
from exposure.spread import LeftOut

Row = dict[str, Any]
ABSENT = "not measurable"
WAYS = {
    "r2": "This model: segments and what was known the evening before",
    "r2_without_loadings": "This model from prices alone",
    "r2_sub_segment_means": "Means of sub-segments",
    "r2_two_betas": "Betas to SMH and SPY",
    "r2_market_beta": "Beta to the market",
    "r2_transmission": "Transmission, its levers fitted to this day",
}
"""Figure of the card → what it is of."""
REMEDY = (
    "Needs daily closes of SPY, SMH, IGV and the names along the chain, 250 sessions before the day: load a price file "
    "or fetch prices on the Data page."
)


def ways(cross: Mapping[str, Any]) -> list[Row]:
    """List each way to predict a name: R² on names left out, on those with betas, and on the very names fitted to."""
    fitted, known = cross["fitted"], cross["with_betas"]

    def held_out(key: str) -> float | None:
        return None if key == "r2_transmission" else _figure(cross[key])

    return [
        {
            "way": label,
            "held_out": held_out(key),
            "with_betas": _figure(known.get(key)),
            "fitted": _figure(fitted.get(key)),
            "note": ABSENT + ": prices are missing"
            if cross[key] == ABSENT
            else "its levers have seen this day: no score"
            if key == "r2_transmission"
            else "",
        }
        for key, label in WAYS.items()
    ]


def _figure(value: Any) -> float | None:
    return value if isinstance(value, float) else None


def headline(card: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Give the line of figures: how well names without a price are told, and how often their bands hold."""
    cross, band = card["cross_section"], card["band"]
    return [
        ("R², names left out", number(cross["r2"], 2), "27 January 2025; 1 is exact, 0 no better than the mean"),
        ("R² of sub-segment means", number(cross["r2_sub_segment_means"], 2), "The same names, each left out too"),
        ("Names", number(cross["names"]), "Observed names that stand at least half along the chain"),
        ("Mean miss", percent(expm1(cross["mae"]), 1), "Mean absolute error of a name left out"),
        (
            f"Inside the {percent(band['level'], 0)} band",
            percent(band["coverage"], 1),
            "Share of names whose move lay in the band that the others gave",
        ),
    ]


def in_short(left: LeftOut) -> str:
    """Say on one line how far modelled moves of a replay can be trusted."""
    return (
        f"How far to trust modelled moves: on this day, each of {len(left.names)} observed names left out in turn was "
        f"told with R² {number(left.r2, 2)}, mean miss {percent(expm1(left.mae), 1)}, "
        f"{percent(left.coverage, 0)} inside its 90\u202f% band."
    )


def names(left: LeftOut) -> list[Row]:
    """List the names of a day: observed, as the others predict it, the band; the largest miss over its band first."""
    rows = []
    for name, predicted, half, inside in zip(left.names, left.predicted, left.half, left.inside, strict=True):
        own = max((p for p in name.parts if on_chain(p.segment)), key=lambda p: p.weight)
        known = isfinite(half)
        rows.append(
            {
                "name": name.key,
                "segment": top_segment(own.segment),
                "sub_segment": segment_name(own.segment),
                "observed": expm1(name.move),
                "predicted": expm1(predicted),
                "miss": exp(name.move - predicted) - 1,
                "low": expm1(predicted - half) if known else None,
                "high": expm1(predicted + half) if known else None,
                "inside": "inside" if inside else "outside",
                "far": abs(name.move - predicted) / half if known else 0.0,
            }
        )
    return sorted(rows, key=lambda r: -r["far"])


def finding(left: LeftOut, means: float, title: str) -> str:
    """Say how well the names of a day are told, as the title of their chart."""
    better = "more than" if left.r2 > means else "no more than"
    return (
        f"{title}: names left out are told with R² {number(left.r2, 2)}, {better} by sub-segment means "
        f"({number(means, 2)})"
    )


def names_said(rows: Sequence[Row]) -> str:
    """Tell the chart of names in words."""
    out = [r["name"] for r in rows if r["inside"] == "outside"]
    return (
        f"{len(rows)} names, predicted against observed move; {len(out)} outside their bands"
        + (f": {', '.join(out[:12])}" if out else "")
        + "."
    )


def bands(band: Mapping[str, Any], titles: Mapping[str, str]) -> list[Row]:
    """List the coverage of each episode's bands with its exact test and the 95 % interval of Clopper and Pearson."""
    from scipy.stats import binomtest

    rows = []
    for row in band["episodes"]:
        held = round(row["coverage"] * row["names"])
        interval = binomtest(held, row["names"], band["level"]).proportion_ci(0.95, "exact")
        more = {"held": held, "low": float(interval.low), "high": float(interval.high)}
        rows.append({**row, "title": titles[row["episode"]], **more})
    return rows


def covered(rows: Sequence[Row], level: float) -> str:
    """Say whether the bands hold what they promise."""
    off = [r for r in rows if r["p_value"] < 0.05]
    shares = [r["coverage"] for r in rows]
    span = f"{percent(min(shares), 0)} to {percent(max(shares), 0)}"
    if not off:
        return f"Bands of {percent(level, 0)} held {span} of the names; on no episode is that off by more than chance"
    return (
        f"Bands of {percent(level, 0)} held {span} of the names; off by more than chance on {len(off)} of {len(rows)}"
    )


def covered_said(rows: Sequence[Row]) -> str:
    """Tell the chart of coverage in words."""
    return "Names inside their bands: " + ", ".join(f"{r['title']} {percent(r['coverage'], 0)}" for r in rows) + "."


def predicted(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say whether predictions beat their baseline."""
    if not rows:
        return "Predictions: not measurable without prices"
    mean, base, plain = (sum(r[k] for r in rows) / len(rows) for k in ("r2", "r2_baseline", "r2_regression"))
    won = sum(r["r2"] > r["r2_baseline"] for r in rows)
    return (
        f"Predictions from SPY, SMH and IGV explain {percent(mean, 0)} on average, the baseline {percent(base, 0)} "
        f"(better on {won} of {len(rows)} days), a plain regression {percent(plain, 0)}"
    )


def replayed(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say how near replays of funds came to what the funds did."""
    errors = [r["error"] for r in rows if r["error"] is not None]
    if not errors:
        return "Replay of real funds: not measurable without a fund’s book and its own move"
    worst = max(errors, key=abs)
    return f"{len(errors)} replayed: the largest error is {percent(worst, 2, signed=True)} of the fund"


def came_back(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say whether what was unexplained on a day came back in the sessions after it."""
    known = [r["corr_5"] for r in rows if r["corr_5"] is not None]
    if not known:
        return "What was unexplained against what followed: not measurable"
    return (
        f"What was unexplained came back within 5 sessions on {sum(c < -0.2 for c in known)} of {len(known)} episodes "
        f"(correlation below {number(-0.2, 1)}); from {number(min(known), 2)} to {number(max(known), 2, signed=True)}"
    )
