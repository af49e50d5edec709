"""A history over time: how far under water, what became of the money.

What is looked into below a history, as Plotly figures: pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import plotly.graph_objects as go

from exposure.format import HOVER, TICKS, day, percent
from exposure.history import RECOVERY_SESSIONS, Comparison, DrawdownResult, Episode, EventPath, Month
from exposure.prices import Days, Floats
from exposure.view import looks
from exposure.view.sentences import in_chart

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
    loss, value = {"color": looks.LOSS, "width": 1.2}, {"color": looks.colour("chips", dark), "width": 1.4}
    _pair(figure, result, result.wealth, below="underwater", value="wealth", loss=loss, line=value, fill="tozeroy")
    if other is not None:
        at = int(np.searchsorted(result.dates, other.dates[0], side="right")) - 1
        level = other.wealth * (float(result.wealth[at]) if at >= 0 else 1.0)
        quiet = {"color": looks.QUIET[dark], "width": 1}
        below, beside = f"{named(other)}, underwater", f"{named(other)}, value"
        _pair(figure, other, level, below=below, value=beside, loss=quiet, line=quiet, fill=None)
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
            font={"size": 13, "color": looks.QUIET[dark]},
        )
    return figure


def named(result: DrawdownResult) -> str:
    """Name a reading in a few words."""
    return "as it was" if result.hold == "snapshots" else "today’s holdings"


def _pair(
    figure: go.Figure,
    result: DrawdownResult,
    level: Any,
    *,
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
            fillcolor=looks.QUIET[dark],
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
            font={"size": 13, "color": looks.INK[dark]},
        )


def _mark(figure: go.Figure, dark: bool) -> None:
    line = {"type": "line", "x0": EVENT.isoformat(), "x1": EVENT.isoformat(), "xref": "x", "yref": "paper"}
    figure.add_shape(**line, y0=0, y1=1, line={"color": looks.INK[dark], "width": 1, "dash": "dot"})
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


LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A929B")
"""Okabe and Ito's palette, for series that are no segment."""
DASHES = ("solid", "solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
"""So that colour alone tells no line from another."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PANELS = (("Deepest fall within", LINES[1]), ("Volatility, yearly", LINES[0]), ("Return over it", LINES[2]))


def rolling(dates: Days, each: Sequence[Floats], window: int, dark: bool, shown: Stretch = None) -> go.Figure:
    """Draw deepest fall, volatility and return of each window by its last day, one below the other."""
    figure, days = go.Figure(), [d.isoformat() for d in dates.tolist()]
    layout = {}
    for n, ((name, colour), values) in enumerate(zip(PANELS, each, strict=True)):
        axis, top = f"y{n + 1 if n else ''}", 1 - 0.345 * n
        figure.add_scatter(
            x=days,
            y=values.tolist(),
            name=name.lower(),
            yaxis=axis,
            mode="lines",
            line={"color": colour, "width": 1.3},
            hovertemplate=f"{name.lower()} %{{y:{HOVER}}}<extra></extra>",
        )
        layout[f"yaxis{n + 1 if n else ''}"] = {
            "domain": [top - 0.31, top],
            "tickformat": TICKS,
            "anchor": "x",
            "rangemode": "tozero",
            "nticks": 5,
        }
        figure.add_annotation(
            text=f"{name} {window} sessions" if n != 1 else name,
            xref="paper",
            yref=f"{axis} domain",
            x=0.005,
            y=0.98 if n else 0.02,
            xanchor="left",
            yanchor="top" if n else "bottom",
            showarrow=False,
            font={"size": 13, "color": looks.QUIET[dark]},
        )
    figure.update_layout(height=440, hovermode="x unified", hoversubplots="axis", **layout)
    figure.update_xaxes(anchor="y3", type="date", hoverformat="%-d %b %Y", domain=[0, 1])
    if shown is not None:
        figure.update_xaxes(range=[each.isoformat() for each in shown])
    return figure


def calendar(months: Sequence[Month], lowest: bool, dark: bool) -> go.Figure:
    """Draw a field for each month of each year, orange for losses and blue for gains, its figure written in it."""
    years = sorted({m.year for m in months}, reverse=True)
    found = {(m.year, m.month): m.lowest if lowest else m.total_return for m in months}
    grid = [[found.get((year, month)) for month in range(1, 13)] for year in years]
    most = max((abs(v) for v in found.values()), default=0.0) or 0.01
    middle = looks.GROUND[dark]
    trace = go.Heatmap(
        x=list(MONTHS),
        y=[str(year) for year in years],
        z=grid,
        name="lowest point" if lowest else "return",
        text=[["" if v is None else percent(v, 0) for v in row] for row in grid],
        texttemplate="%{text}",
        textfont={"size": 12, "color": looks.INK[dark]},
        customdata=[
            ["" if v is None else f"{month} {year}: {percent(v)}" for month, v in zip(MONTHS, row, strict=True)]
            for year, row in zip(years, grid, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        colorscale=[[0, "#D55E00"], [0.5, middle], [1, "#0072B2" if not dark else "#2E86C4"]],
        zmin=-1.7 * most,  # so that no field grows too strong for the figure in it
        zmax=1.7 * most,
        showscale=False,
        xgap=2,
        ygap=2,
    )
    layout = {
        "height": 60 + 34 * len(years),
        "xaxis": {"side": "top", "showgrid": False, "fixedrange": True},
        "yaxis": {"type": "category", "autorange": "reversed", "showgrid": False, "fixedrange": True},
        "dragmode": False,
    }
    return go.Figure(trace, layout=layout)


def beside(found: Comparison, names: Sequence[str], dark: bool, shown: Stretch = None) -> go.Figure:
    """Draw how far each of several stands below its last peak, the name at the end of its line."""
    figure, days = go.Figure(), [d.isoformat() for d in found.dates.tolist()]
    ends = sorted((float(c.underwater[-1]), n) for n, c in enumerate(found.each))
    for n, (each, name) in enumerate(zip(found.each, names, strict=True)):
        colour = LINES[n % len(LINES)]
        figure.add_scatter(
            x=days,
            y=each.underwater.tolist(),
            name=in_chart(name),
            mode="lines",
            line={"color": colour, "width": 1.6 if n < 2 else 1.2, "dash": DASHES[n % len(DASHES)]},
            hovertemplate=f"{in_chart(name)} %{{y:{HOVER}}}<extra></extra>",
        )
    figure.update_layout(
        height=380,
        hovermode="x unified",
        showlegend=len(ends) > 1,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 13}},
        margin={"t": 36},
        yaxis={"tickformat": TICKS, "rangemode": "tozero"},
        xaxis={"type": "date", "hoverformat": "%-d %b %Y"},
    )
    if shown is not None:
        figure.update_xaxes(range=[each.isoformat() for each in shown])
    return figure


def event(path: EventPath, dark: bool) -> go.Figure:
    """Draw the level by sessions from the event, 0 at the close before it, with the days that are told marked."""
    moved = (path.wealth - 1.0).tolist()
    said = [day(d) for d in path.dates.tolist()]
    marked = [n for n, at in enumerate(path.position) if at in (0, *RECOVERY_SESSIONS)]
    figure = go.Figure()
    figure.add_scatter(
        x=list(path.position),
        y=moved,
        name="move since the close before",
        mode="lines",
        line={"color": looks.colour("chips", dark), "width": 1.8},
        customdata=said,
        hovertemplate=f"%{{customdata}}, session %{{x}}: %{{y:{HOVER}}}<extra></extra>",
    )
    figure.add_scatter(
        x=[path.position[n] for n in marked],
        y=[moved[n] for n in marked],
        name="told in the table",
        mode="markers+text",
        marker={"color": looks.LOSS, "size": 8},
        text=[percent(moved[n], 1, signed=True) for n in marked],
        textposition="bottom center",
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure.add_vline(x=-0.5, line={"color": looks.QUIET[dark], "width": 1, "dash": "dot"})
    figure.update_layout(
        height=360,
        hovermode="closest",
        margin={"t": 24},
        xaxis={"title": {"text": "Sessions from the event", "font": {"size": 13}}, "dtick": 5},
        yaxis={"tickformat": TICKS, "zeroline": True},
    )
    return figure


def ranked(depths: Sequence[float], loss: float, place: int, dark: bool) -> go.Figure:
    """Draw the deepest falls in order with the shock among them, at the place that its loss gives it."""
    bars = [*depths[: place - 1], loss, *depths[place - 1 :]]
    names = [*map(str, range(1, place)), "Shock", *map(str, range(place, len(depths) + 1))]
    trace = go.Bar(
        x=names,
        y=bars,
        name="fall",
        marker={"color": [looks.LOSS if name == "Shock" else looks.QUIET[dark] for name in names]},
        text=[
            percent(v, 1) if name == "Shock" or n == 0 else ""
            for n, (name, v) in enumerate(zip(names, bars, strict=True))
        ],
        textposition="outside",
        cliponaxis=False,
        hovertemplate=f"%{{x}}: %{{y:{HOVER}}}<extra></extra>",
    )
    low = min(bars)
    layout = {
        "height": 320,
        "xaxis": {"type": "category", "side": "top", "showgrid": False, "tickangle": 0},
        "yaxis": {"tickformat": TICKS, "range": [1.12 * low, 0]},
    }
    return go.Figure(trace, layout=layout)
