"""Beliefs as Plotly figures: pure functions, one colour for each segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from exposure.format import FINE_TICKS, HOVER, TICKS, percent
from exposure.levers import Spread
from exposure.scenarios import RidgePoint
from exposure.view import looks
from exposure.view.sentences import in_chart, lever_name, lever_value

FRAME = 36
Row = Mapping[str, Any]


def tornado(rows: Sequence[Row], here: float, dark: bool = False) -> go.Figure:
    """Draw for each lever the return at its prior's 5th and 95th percentile, from where the book stands."""
    names = [in_chart(r["name"]) for r in rows]

    def side(key: str, colour: str, quantile: str) -> go.Bar:
        return go.Bar(
            x=[r[key] - here for r in rows],
            base=here,
            y=names,
            orientation="h",
            marker={"color": colour},
            customdata=[[f"{in_chart(r['name'])} at its {quantile} percentile: {percent(r[key])}"] for r in rows],
            hovertemplate="%{customdata[0]}<extra></extra>",
            name=f"{quantile} percentile",
        )

    layout = {
        "height": FRAME + 26 * len(rows),
        "barmode": "overlay",
        "xaxis": {"tickformat": FINE_TICKS, "nticks": 7},
        "yaxis": {"autorange": "reversed", "showgrid": False},
        "shapes": [_upright(here, dark)],
    }
    return go.Figure(
        [side("low", looks.LOSS, "5th"), side("high", looks.GAIN, "95th")],
        layout=layout,
    )


def indices(rows: Sequence[Row], dark: bool = False) -> go.Figure:
    """Draw total-order Sobol indices with the first-order ones inside."""
    known = sorted((r for r in rows if r["total"] is not None), key=lambda r: -r["total"])
    names = [in_chart(r["name"]) for r in known]
    whole = go.Bar(
        x=[r["total"] for r in known], y=names, orientation="h", width=0.7, name="total order",
        marker={"color": looks.tint("chips", 0.5, dark)},
        text=[percent(r["total"], 0) for r in known], textposition="outside", cliponaxis=False,
    )  # fmt: skip
    alone = go.Bar(
        x=[max(r["first"], 0.0) for r in known], y=names, orientation="h", width=0.35, name="first order",
        marker={"color": looks.colour("chips", dark)},
    )  # fmt: skip
    layout = {
        "height": FRAME + 26 * len(known),
        "barmode": "overlay",
        "xaxis": {"tickformat": TICKS, "rangemode": "tozero"},
        "yaxis": {"autorange": "reversed", "showgrid": False},
    }
    return go.Figure([whole, alone], layout=layout)


def heat(
    levers: tuple[str, str], grid: tuple[Any, Any, Any], *, here: tuple[float, float], loss: float, dark: bool = False
) -> go.Figure:
    """Draw the total return over two levers with level curves; the one of the loss asked for is the thick one."""
    lever_x, lever_y = map(lever_name, levers)
    x, y, returns = (part.tolist() for part in grid)
    far = max(1e-6, *(abs(v) for row in returns for v in row))
    field = go.Contour(
        x=x,
        y=y,
        z=returns,
        zmin=-far,
        zmax=far,
        colorscale=[[0, looks.LOSS], [0.5, looks.GROUND[dark]], [1, looks.GAIN]],
        contours={"showlabels": True, "labelfont": {"size": 13, "color": looks.INK[dark]}, "labelformat": TICKS},
        line={"width": 0.6, "color": looks.QUIET[dark]},
        colorbar={"tickformat": TICKS, "thickness": 12, "outlinewidth": 0},
        hovertemplate=(f"{lever_x} %{{x:.3~g}}, {lever_y} %{{y:.3~g}}: %{{z:{HOVER}}} of the book<extra></extra>"),
        name="total return",
    )
    level = go.Contour(
        x=x,
        y=y,
        z=returns,
        showscale=False,
        hoverinfo="skip",
        contours={"type": "constraint", "operation": "=", "value": loss, "coloring": "lines"},
        line={"width": 3, "color": looks.INK[dark]},
        name="loss asked for",
    )
    at = go.Scatter(
        x=[here[0]],
        y=[here[1]],
        mode="markers+text",
        text=["here"],
        textposition="top center",
        marker={"size": 12, "symbol": "x", "color": looks.INK[dark]},
        hoverinfo="skip",
        name="here",
    )
    layout = {
        "height": 440,
        "xaxis": {"title": {"text": lever_x}, "showgrid": False},
        "yaxis": {"title": {"text": lever_y}, "showgrid": False},
    }
    return go.Figure([field, level, at], layout=layout)


def ridge(points: Sequence[RidgePoint], here: tuple[float, float], dark: bool = False) -> go.Figure:
    """Draw the beliefs that change computing demand alike: how much use is paid for against how far one believes."""
    line = go.Scatter(
        x=[p.response for p in points],
        y=[p.claim_credibility for p in points],
        mode="lines+markers",
        marker={"color": [p.misfit for p in points], "colorscale": "Cividis", "size": 8, "showscale": False},
        line={"color": looks.QUIET[dark], "width": 1},
        customdata=[
            [
                f"ε·λ {p.response:.2f}, claim believed {lever_value('claim_credibility', p.claim_credibility)}, "
                f"squared misfit {p.misfit:.0f}"
            ]
            for p in points
        ],
        hovertemplate="%{customdata[0]}<extra></extra>",
        name="ridge",
    )
    at = go.Scatter(
        x=[here[0]], y=[here[1]], mode="markers+text", text=["here"], textposition="top center",
        marker={"size": 12, "symbol": "x", "color": looks.INK[dark]}, hoverinfo="skip", name="here",
    )  # fmt: skip
    layout = {
        "height": 340,
        "xaxis": {"title": {"text": "Jevons elasticity × response priced"}},
        "yaxis": {"title": {"text": "Claim credibility"}, "tickformat": TICKS},
    }
    return go.Figure([line, at], layout=layout)


def histogram(found: Spread, here: float, dark: bool = False) -> go.Figure:
    """Draw how often each total return was drawn; the tail beyond the 5th percentile in the colour of losses."""
    middles = [(a + b) / 2 for a, b in zip(found.edges[:-1], found.edges[1:], strict=True)]
    shares = [n / found.draws for n in found.counts]
    tail = found.total_return.p05
    trace = go.Bar(
        x=middles,
        y=shares,
        marker={"color": [looks.LOSS if m < tail else looks.colour("outside", dark) for m in middles]},
        customdata=[
            [f"{percent(a)} to {percent(b)}: {percent(s, 1)} of the draws"]
            for a, b, s in zip(found.edges[:-1], found.edges[1:], shares, strict=True)
        ],
        hovertemplate="%{customdata[0]}<extra></extra>",
        name="draws",
    )
    layout = {
        "height": 340,
        "bargap": 0.03,
        "xaxis": {"tickformat": FINE_TICKS, "nticks": 8},
        "yaxis": {"tickformat": TICKS},
        "shapes": [_upright(here, dark)],
        "margin": {"t": 24},
        "annotations": [
            {"x": here, "y": 1, "yref": "paper", "yanchor": "bottom", "text": "these beliefs", "showarrow": False}
        ],
    }
    return go.Figure(trace, layout=layout)


def _upright(at: float, dark: bool) -> dict[str, Any]:
    line = {"color": looks.INK[dark], "width": 1, "dash": "dot"}
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": line}
