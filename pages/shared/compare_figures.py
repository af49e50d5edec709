"""Totals of several portfolios under several scenarios: bars in groups, each with its name and its figure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import plotly.graph_objects as go

from exposure.format import FINE_TICKS, percent
from pages.shared import figures
from pages.shared.compare_rows import Pair
from pages.shared.texts import in_chart

ROW, FRAME = 26, 40
"""Height of one bar or heading with its gap, and of what stands around all of them, in pixels."""


def totals(pairs: Sequence[Pair], dark: bool = False) -> go.Figure:
    """Draw a bar for each portfolio under each scenario, below the scenario's name; the benchmark is grey.

    `pairs` come grouped by scenario. One that could not be applied has no bar and says so.
    """
    places: list[int] = []
    drawn: list[Pair] = []
    heads = []
    longest = min(24, max((len(pair.side) for pair in pairs), default=0))
    place = 0
    for _, group in groupby(pairs, key=lambda pair: pair.scenario_id):
        shown = list(group)
        heads.append(_head(shown[0].scenario, place, longest, dark))
        for pair in shown:
            place += 1
            places.append(place)
            drawn.append(pair)
        place += 1
    values = [pair.result.total_return if pair.result is not None else 0.0 for pair in drawn]
    texts = [
        percent(v, signed=True) if p.result is not None else "not applied" for p, v in zip(drawn, values, strict=True)
    ]
    trace = go.Bar(
        x=values,
        y=places,
        orientation="h",
        width=0.66,
        text=texts,
        textposition="outside",
        cliponaxis=False,
        marker={"color": [_colour(p, v, dark) for p, v in zip(drawn, values, strict=True)]},
        customdata=[
            [in_chart(f"{p.side} under {p.scenario}: {text}", 300)] for p, text in zip(drawn, texts, strict=True)
        ],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    room = 0.45 * (high - low or 0.01)  # for the figures beside the bars
    return go.Figure(
        trace,
        layout={
            "height": FRAME + ROW * place,
            "xaxis": {
                "range": [low - (room if low < 0 else room / 6), high + (room if high > 0 else room / 6)],
                "tickformat": FINE_TICKS,
                "zeroline": True,
                "nticks": 6,
            },
            "yaxis": {
                "range": [place - 0.4, -0.6],
                "tickvals": places,
                "ticktext": [in_chart(pair.side, 24) for pair in drawn],
                "showgrid": False,
                "zeroline": False,
            },
            "annotations": heads,
        },
    )


def _head(text: str, place: int, longest: int, dark: bool) -> dict[str, object]:
    """Write a scenario's name over its bars, begun above their names: on a telephone there is no room beside them."""
    return {
        "text": f"<b>{in_chart(text, 44)}</b>",
        "x": 0,
        "xshift": -5 * longest,
        "xref": "paper",
        "xanchor": "left",
        "y": place,
        "yref": "y",
        "showarrow": False,
        "font": {"color": figures.INK[dark], "size": 13},
    }


def _colour(pair: Pair, value: float, dark: bool) -> str:
    if pair.benchmark:
        return figures.QUIET[dark]
    return figures.LOSS if value < 0 else figures.GAIN
