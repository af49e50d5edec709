"""A history over time: how far under water, what became of the money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import plotly.graph_objects as go

from exposure.format import HOVER, TICKS, day, percent
from exposure.history import DrawdownResult, Episode
from pages.shared import figures

EVENT = date(2025, 1, 27)
NEAR = 900
"""Days between two troughs below which their names would touch on a narrow screen."""
SHADED = 3
"""Episodes shaded: more would cover the chart, and the table lists them all."""


Stretch = tuple[date, date] | None
"""First and last day on show, None for all."""


def history(
    result: DrawdownResult, dark: bool = False, *, shown: Stretch = None, other: DrawdownResult | None = None
) -> go.Figure:
    """Draw the distance from the last peak above the wealth path, the deepest episodes shaded in both.

    The other reading, where there is one, is a thin line; its value begins at the level that the first one has there.
    """
    figure = go.Figure()
    loss, value = {"color": figures.LOSS, "width": 1.2}, {"color": figures.colour("chips", dark), "width": 1.4}
    _pair(figure, result, result.wealth, "underwater", "wealth", loss, value, "tozeroy")
    if other is not None:
        at = int(np.searchsorted(result.dates, other.dates[0], side="right")) - 1
        level = other.wealth * (float(result.wealth[at]) if at >= 0 else 1.0)
        quiet = {"color": figures.QUIET[dark], "width": 1}
        _pair(figure, other, level, f"{named(other)}, underwater", f"{named(other)}, value", quiet, quiet, None)
    _shade(figure, result.episodes[:SHADED], result.end, dark)
    if result.start <= EVENT <= result.end:
        _mark(figure, dark)
    figure.update_layout(
        height=400,
        margin={"l": 8, "r": 12, "t": 26, "b": 8},
        hovermode="x unified",
        hoversubplots="axis",
        dragmode="select",
        selectdirection="h",
        xaxis={"anchor": "y2", "hoverformat": "%-d %b %Y", "type": "date", "domain": [0, 1]},
        yaxis={"domain": [0.46, 1], "tickformat": TICKS, "rangemode": "tozero", "anchor": "x"},
        yaxis2={"domain": [0, 0.39], "tickformat": ".2~f", "anchor": "x"},
    )
    if shown is not None:
        _show(figure, result, shown)
    for axis, text in (("y", "Distance from the last peak"), ("y2", "Value, 1 at the start")):
        figure.add_annotation(
            text=text,
            xref="paper",
            yref=f"{axis} domain",
            x=0,
            y=1,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font={"size": 13, "color": figures.QUIET[dark]},
        )
    return figure


def named(result: DrawdownResult) -> str:
    """Name a reading in a few words."""
    return "as it was" if result.hold == "snapshots" else "today’s holdings"


def _pair(
    figure: go.Figure,
    result: DrawdownResult,
    level: Any,
    below: str,
    value: str,
    loss: dict[str, Any],
    line: dict[str, Any],
    fill: str | None,
) -> None:
    """Draw one reading in both panels, which share one axis of time."""
    dates = [d.isoformat() for d in result.dates.tolist()]
    for name, y, axis, pen, shape, form in (
        (below, result.underwater.tolist(), "y", loss, fill, HOVER),
        (value, level.tolist(), "y2", line, None, ".3f"),
    ):
        figure.add_scatter(
            x=dates,
            y=y,
            name=name,
            mode="lines",
            yaxis=axis,
            line=pen,
            fill=shape,
            fillcolor="rgba(213,94,0,0.28)",
            hovertemplate=f"{name} %{{y:{form}}}<extra></extra>",
        )


def _show(figure: go.Figure, result: DrawdownResult, shown: tuple[date, date]) -> None:
    """Draw one stretch alone, the axes fitted to what is in it."""
    first, last = (np.datetime64(day, "D") for day in shown)
    within = (result.dates >= first) & (result.dates <= last)
    figure.update_xaxes(range=[day.isoformat() for day in shown])
    if within.any():
        low, high = float(result.wealth[within].min()), float(result.wealth[within].max())
        room, deepest = 0.06 * (high - low or high), float(result.underwater[within].min())
        figure.update_layout(yaxis2={"range": [low - room, high + room]})
        figure.update_layout(yaxis={"range": [1.12 * deepest or -0.01, 0], "rangemode": "normal"})


def _shade(figure: go.Figure, episodes: Sequence[Episode], end: date, dark: bool) -> None:
    """Shade episodes from peak to recovery (or the end) and number them as the table does."""
    for rank, each in enumerate(episodes, start=1):
        # On a telephone the names of troughs close to each other would lie over one another: a row for each.
        near = [e for e in episodes[: rank - 1] if abs((e.trough - each.trough).days) < NEAR]
        figure.add_shape(
            type="rect",
            xref="x",
            yref="paper",
            x0=each.peak.isoformat(),
            x1=(each.recovered or end).isoformat(),
            y0=0,
            y1=1,
            fillcolor=figures.QUIET[dark],
            opacity=0.12,
            line={"width": 0},
        )
        figure.add_annotation(
            x=each.trough.isoformat(),
            y=each.depth,
            yref="y",
            text=f"{rank}: {percent(each.depth, 1)}",
            showarrow=False,
            yshift=-9 - 15 * len(near),
            font={"size": 13, "color": figures.INK[dark]},
        )


def _mark(figure: go.Figure, dark: bool) -> None:
    line = {"type": "line", "x0": EVENT.isoformat(), "x1": EVENT.isoformat(), "xref": "x", "yref": "paper"}
    figure.add_shape(**line, y0=0, y1=1, line={"color": figures.INK[dark], "width": 1, "dash": "dot"})
    figure.add_annotation(
        x=EVENT.isoformat(),
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="right",
        text=day(EVENT),
        showarrow=False,
        font={"size": 13},
    )
