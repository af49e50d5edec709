"""The history of today's holdings over time: how far under water, what became of the money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from exposure.format import TICKS, day, number, percent
from exposure.history import DrawdownResult, Episode
from pages.shared import figures

EVENT = date(2025, 1, 27)
SHADED = 3
"""Episodes shaded: more would cover the chart, and the table lists them all."""


def history(result: DrawdownResult, source: str, dark: bool = False) -> go.Figure:
    """Draw the distance from the last peak above the wealth path, the deepest episodes shaded in both."""
    dates = [d.isoformat() for d in result.dates.tolist()]
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.58, 0.42])
    said = [day(d) for d in result.dates.tolist()]
    figure.add_trace(
        go.Scatter(
            x=dates,
            y=result.underwater.tolist(),
            name="underwater",
            mode="lines",
            fill="tozeroy",
            fillcolor="rgba(213,94,0,0.28)",
            line={"color": figures.LOSS, "width": 1.2},
            text=[f"{d}: {percent(u)}, {source}" for d, u in zip(said, result.underwater.tolist(), strict=True)],
            hovertemplate="%{text}<extra></extra>",
        ),
        row=1,
        col=1,
    )
    figure.add_trace(
        go.Scatter(
            x=dates,
            y=result.wealth.tolist(),
            name="wealth",
            mode="lines",
            line={"color": figures.colour("chips", dark), "width": 1.4},
            text=[f"{d}: {number(w, 3)}, {source}" for d, w in zip(said, result.wealth.tolist(), strict=True)],
            hovertemplate="%{text}<extra></extra>",
        ),
        row=2,
        col=1,
    )
    _shade(figure, result.episodes[:SHADED], result.end, dark)
    if result.start <= EVENT <= result.end:
        _mark(figure, dark)
    figure.update_yaxes(tickformat=TICKS, rangemode="tozero", row=1, col=1)
    figure.update_yaxes(tickformat=".2~f", row=2, col=1)
    figure.update_layout(height=400, margin={"l": 8, "r": 12, "t": 26, "b": 8}, hovermode="closest")
    for row, text in ((1, "Distance from the last peak"), (2, "Value, 1 at the start")):
        figure.add_annotation(
            text=text,
            xref="paper",
            yref="y domain" if row == 1 else "y2 domain",
            x=0.005,
            y=0.02 if row == 1 else 0.98,
            xanchor="left",
            yanchor="bottom" if row == 1 else "top",
            showarrow=False,
            font={"size": 13, "color": figures.QUIET[dark]},
        )
    return figure


def _shade(figure: go.Figure, episodes: Sequence[Episode], end: date, dark: bool) -> None:
    """Shade episodes from peak to recovery (or the end) and number them as the table does."""
    for rank, each in enumerate(episodes, start=1):
        figure.add_vrect(
            x0=each.peak.isoformat(),
            x1=(each.recovered or end).isoformat(),
            fillcolor=figures.QUIET[dark],
            opacity=0.12,
            line_width=0,
        )
        figure.add_annotation(
            x=each.trough.isoformat(),
            y=each.depth,
            yref="y",
            text=str(rank),
            showarrow=False,
            yshift=-9,
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
