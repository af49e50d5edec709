"""The scorecard's charts: names observed against predicted, and how often bands held. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from exposure.chain.scheme import TOP, name_of, on_chain
from exposure.format import TICKS, percent
from pages.shared import figures
from pages.shared.texts import in_chart

Row = Mapping[str, Any]


def names(rows: Sequence[Row], dark: bool = False) -> go.Figure:
    """Draw each name: across what the others predict, up what it did, its band as a line over the diagonal."""
    x: list[float | None] = []
    y: list[float | None] = []
    for row in rows:
        if row["low"] is not None:
            x += [row["predicted"], row["predicted"], None]
            y += [row["low"], row["high"], None]
    band = go.Scatter(
        x=x, y=y, mode="lines", line={"color": figures.GRID[dark], "width": 3}, hoverinfo="skip",
        name="band, 90\u202f%", showlegend=True,
    )  # fmt: skip
    ends = [min(r["predicted"] for r in rows), max(r["predicted"] for r in rows)]
    exact = go.Scatter(
        x=ends, y=ends, mode="lines", line={"color": figures.QUIET[dark], "width": 1, "dash": "dot"}, hoverinfo="skip",
        name="as predicted", showlegend=True,
    )  # fmt: skip
    dots = []
    for segment in (s for s in TOP if on_chain(s)):
        own = [r for r in rows if r["segment"] == segment]
        if own:
            dots.append(
                go.Scatter(
                    x=[r["predicted"] for r in own],
                    y=[r["observed"] for r in own],
                    mode="markers+text",
                    name=name_of(segment),
                    showlegend=True,
                    text=[in_chart(r["name"], 8) if r["inside"] == "outside" else "" for r in own],
                    textposition="middle right",
                    textfont={"size": 12, "color": figures.INK[dark]},
                    marker={
                        "color": figures.colour(segment, dark),
                        "size": 8,
                        "line": {
                            "width": [1.8 if r["inside"] == "outside" else 0.5 for r in own],
                            "color": [
                                figures.INK[dark] if r["inside"] == "outside" else figures.GROUND[dark] for r in own
                            ],
                        },
                    },
                    customdata=[[in_chart(_told(r), 300)] for r in own],
                    hovertemplate="%{customdata[0]}<extra></extra>",
                )
            )
    layout = {
        "height": 460,
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "itemclick": False},
        "xaxis": {"tickformat": TICKS, "title": {"text": "Predicted by the others"}, "nticks": 7},
        "yaxis": {"tickformat": TICKS, "title": {"text": "Observed"}, "nticks": 8},
    }
    return go.Figure([band, exact, *dots], layout=layout)


def _told(row: Row) -> str:
    band = "" if row["low"] is None else f", band {percent(row['low'], 1)} to {percent(row['high'], 1)}"
    return (
        f"{row['name']}, {row['sub_segment']}: observed {percent(row['observed'], 1)}, "
        f"predicted {percent(row['predicted'], 1)}{band}"
    )


def coverage(rows: Sequence[Row], level: float, dark: bool = False) -> go.Figure:
    """Draw the share inside the bands for each episode with its exact 95 % interval, and the level promised."""
    labels = [in_chart(r["title"], 42) for r in rows]
    drawn = go.Scatter(
        x=[r["coverage"] for r in rows],
        y=labels,
        mode="markers+text",
        text=[f"{percent(r['coverage'], 0)} of {r['names']}" for r in rows],
        textposition="top center",
        textfont={"size": 12},
        marker={"color": figures.colour("chips", dark), "size": 9},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [r["high"] - r["coverage"] for r in rows],
            "arrayminus": [r["coverage"] - r["low"] for r in rows],
            "color": figures.QUIET[dark],
            "thickness": 1.4,
            "width": 4,
        },
        customdata=[[in_chart(_interval(r), 300)] for r in rows],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )
    line = {"type": "line", "x0": level, "x1": level, "yref": "paper", "y0": 0, "y1": 1}
    layout = {
        "height": 70 + 44 * len(rows),
        "margin": {"l": 8, "r": 8, "t": 26, "b": 8},
        "xaxis": {"tickformat": TICKS, "range": [min(0.6, *(r["low"] for r in rows)) - 0.02, 1.02]},
        "yaxis": {"autorange": "reversed", "showgrid": False},
        "shapes": [{**line, "line": {"color": figures.INK[dark], "width": 1, "dash": "dot"}}],
        "annotations": [
            {"x": level, "y": 1, "yref": "paper", "yanchor": "bottom", "text": f"promised {percent(level, 0)}",
             "showarrow": False, "font": {"size": 12}}
        ],
    }  # fmt: skip
    return go.Figure(drawn, layout=layout)


def _interval(row: Row) -> str:
    return (
        f"{row['title']}: {row['held']} of {row['names']} inside, {percent(row['coverage'], 1)}; 95\u202f% interval "
        f"{percent(row['low'], 0)} to {percent(row['high'], 0)}"
    )
