"""Tables to Plotly figures: pure functions, one colour for each segment (Okabe and Ito), in light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

import plotly.graph_objects as go

from exposure.chain.scheme import top
from exposure.format import FINE_TICKS, TICKS, day, percent
from pages.shared.texts import in_chart
from pages.shared.tree import Node

LIGHT: Mapping[str, str] = {
    "foundation_models": "#CC79A7",
    "chips": "#0072B2",
    "equipment": "#E69F00",
    "software": "#009E73",
    "outside": "#8A929B",
    "cash": "#B4BAC1",
    "unassigned": "#D5D9DE",
}
DARK: Mapping[str, str] = {
    **LIGHT,
    "chips": "#56A5D8",
    "software": "#00B184",
    "outside": "#9AA3AD",
    "cash": "#6B747E",
    "unassigned": "#4A525B",
}
LOSS, GAIN = "#D55E00", "#0072B2"
"""Orange and blue of the same palette; the sign stands beside them, colour alone says nothing."""
INK = {False: "#0E1216", True: "#E8EBEE"}
QUIET = {False: "#4A525B", True: "#B3BBC4"}
GRID = {False: "#DDE1E6", True: "#2A323B"}
GROUND = {False: "#FFFFFF", True: "#040506"}


@lru_cache(maxsize=2)
def template(dark: bool) -> go.layout.Template:
    """Give the look of every chart: no ground of its own, quiet grid, visible zero line."""
    axis = {
        "gridcolor": GRID[dark],
        "zerolinecolor": QUIET[dark],
        "zerolinewidth": 1,
        "linecolor": GRID[dark],
        "tickfont": {"color": QUIET[dark], "size": 13},
        "automargin": True,
    }
    return go.layout.Template(
        layout={
            "font": {"family": "Source Sans, Source Sans Pro, sans-serif", "size": 14, "color": INK[dark]},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [(DARK if dark else LIGHT)[s] for s in LIGHT],
            "xaxis": axis,
            "yaxis": axis,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "hoverlabel": {"bgcolor": GROUND[dark], "font": {"color": INK[dark]}, "bordercolor": QUIET[dark]},
            "separators": ".\u202f",
            "showlegend": False,
        }
    )


def dressed(figure: go.Figure, dark: bool) -> go.Figure:
    """Give a figure the look of every chart; Plotly's own way copies the template twice and checks it."""
    spec = figure.to_dict()
    layout = {**spec["layout"], "template": template(dark).to_plotly_json()}
    return go.Figure(data=spec["data"], layout=layout, _validate=False)


def colour(segment: str, dark: bool = False) -> str:
    """Give a segment's colour; a sub-segment has that of its segment."""
    return (DARK if dark else LIGHT).get(top(segment), LIGHT["unassigned"])


def tint(segment: str, share: float, dark: bool = False) -> str:
    """Mix a segment's colour with the ground: share 1 is the colour, 0 the ground."""
    pairs = [(int(colour(segment, dark)[i : i + 2], 16), int(GROUND[dark][i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(share * one + (1 - share) * other):02X}" for one, other in pairs)


def luminance(colour: str) -> float:
    """Give the relative luminance of `#RRGGBB` as WCAG 2 defines it: black 0, white 1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ink_on(colour: str) -> str:
    """Choose black or white, whichever can be read better on a colour."""
    black, white = (luminance(colour) + 0.05) / 0.05, 1.05 / (luminance(colour) + 0.05)
    return "#000000" if black >= white else "#FFFFFF"


def treemap(nodes: Sequence[Node], dark: bool = False) -> go.Figure:
    """Draw segments, their sub-segments and largest holdings; areas are absolute values, the text tells signs."""
    strength = {0: 0.0, 1: 1.0, 2: 0.8, 3: 0.6}
    colours = [tint(n.segment, strength[n.depth], dark) for n in nodes]
    trace = go.Treemap(
        ids=[n.id for n in nodes],
        parents=[n.parent for n in nodes],
        labels=[in_chart(n.label, 24) for n in nodes],
        values=[n.size for n in nodes],
        text=[n.share for n in nodes],
        customdata=[[in_chart(n.hover, 300)] for n in nodes],
        branchvalues="total",
        sort=False,
        marker={
            "colors": colours,
            "pattern": {"shape": ["/" if top(n.segment) == "unassigned" else "" for n in nodes], "solidity": 0.2},
            "line": {"color": GROUND[dark], "width": 1},
            "pad": {"t": 22, "l": 2, "r": 2, "b": 2},
        },
        textfont={"color": [ink_on(c) for c in colours]},
        texttemplate="%{label}<br>%{text}",
        hovertemplate="%{customdata[0]}<extra></extra>",
        tiling={"pad": 1},
        pathbar={"visible": True, "thickness": 22},
        root={"color": "rgba(0,0,0,0)"},
        maxdepth=4,
    )
    layout = {"height": 440, "margin": {"l": 0, "r": 0, "t": 26, "b": 0}}
    layout |= {"uniformtext": {"minsize": 11, "mode": "hide"}}
    return go.Figure(trace, layout=layout)


def bars(
    labels: Sequence[str],
    values: Sequence[float],
    texts: Sequence[str],
    *,
    colours: Sequence[str],
    hover: Sequence[str],
) -> go.Figure:
    """Draw horizontal bars from zero, the first on top, each with its figure written beside it."""
    trace = go.Bar(
        x=list(values),
        y=[in_chart(label) for label in labels],
        orientation="h",
        text=list(texts),
        textposition="outside",
        cliponaxis=False,
        marker={"color": list(colours)},
        customdata=[[in_chart(h, 300)] for h in hover],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )
    low, high = min(0.0, *values), max(0.0, *values)
    room = 0.28 * (high - low or 1.0)  # for the figures outside the bars, on a telephone as well
    layout = {
        "height": 60 + 34 * len(labels),
        "xaxis": {
            "range": [low - (room if low < 0 else 0), high + (room if high > 0 else 0)],
            "tickformat": FINE_TICKS,
        },
        "yaxis": {"autorange": "reversed"},
    }
    return go.Figure(trace, layout=layout)


def waterfall(
    labels: Sequence[str], values: Sequence[float], texts: Sequence[str], *, hover: Sequence[str], total: str
) -> go.Figure:
    """Draw contributions that add up to their total, each with its signed figure; the total stands last."""
    trace = go.Waterfall(
        x=[*(in_chart(label) for label in labels), in_chart(total)],
        y=[*values, 0.0],
        measure=["relative"] * len(values) + ["total"],
        text=list(texts),
        textposition="outside",
        cliponaxis=False,
        decreasing={"marker": {"color": LOSS}},
        increasing={"marker": {"color": GAIN}},
        totals={"marker": {"color": "#8A929B"}},
        connector={"line": {"width": 1, "color": "#8A929B"}},
        customdata=[[in_chart(h, 300)] for h in hover],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )
    return go.Figure(trace, layout={"height": 380, "yaxis": {"tickformat": FINE_TICKS}, "margin": {"t": 28}})


def underwater(dates: Sequence[date], depth: Sequence[float]) -> go.Figure:
    """Draw the distance from the last peak over time, zero on top."""
    trace = go.Scatter(
        x=list(dates),
        y=list(depth),
        mode="lines",
        fill="tozeroy",
        line={"color": LOSS, "width": 1.2},
        text=[f"{day(when)}: {percent(fall)}" for when, fall in zip(dates, depth, strict=True)],
        hovertemplate="%{text}<extra></extra>",
    )
    return go.Figure(trace, layout={"height": 340, "yaxis": {"tickformat": TICKS, "rangemode": "tozero"}})
