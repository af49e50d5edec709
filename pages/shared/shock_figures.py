"""What adds up, as a waterfall lying on its side: long names stay readable, each bar in the colour of its segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import plotly.graph_objects as go

from exposure.chain.scheme import top
from exposure.format import FINE_TICKS
from pages.shared import figures
from pages.shared.texts import in_chart

TOTAL = "total"
ROW, FRAME = 29, 44
"""Height of one bar with its gap, and of what stands around all of them, in pixels."""


@dataclass(frozen=True, slots=True)
class Step:
    """A bar: `key` is a segment id, or `TOTAL` for the sum of all; `value` a signed fraction, `figure` its text."""

    key: str
    label: str
    value: float
    figure: str
    hover: str
    colour: str = ""
    """Of the bar, where it is not that of a segment."""


def waterfall(steps: Sequence[Step], dark: bool = False) -> go.Figure:
    """Draw steps one below the other, each from where the last one ended; the total, from zero, stands last."""
    parts = [s for s in steps if s.key != TOTAL]
    ends = list(accumulate((s.value for s in parts), initial=0.0))
    starts = [*ends[:-1], *(0.0 for s in steps if s.key == TOTAL)]
    names = [in_chart(s.label) for s in steps]
    trace = go.Bar(
        x=[s.value for s in steps],
        y=names,
        base=starts,
        orientation="h",
        width=0.62,
        text=[s.figure for s in steps],
        textposition="outside",
        cliponaxis=False,
        marker={
            "color": [s.colour or _colour(s.key, dark) for s in steps],
            "pattern": {"shape": ["/" if top(s.key) == "unassigned" else "" for s in steps], "solidity": 0.3},
        },
        customdata=[[in_chart(s.hover, 300)] for s in steps],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )
    joints = [  # from the end of one bar down to the beginning of the next
        {
            "type": "line",
            "x0": end,
            "x1": end,
            "y0": place + 0.31,
            "y1": place + 1 - 0.31,
            "line": {"width": 1, "color": figures.QUIET[dark]},
        }
        for place, end in enumerate(ends[1:])
        if place + 1 < len(steps)
    ]
    low, high = _range(parts, ends)
    return go.Figure(
        trace,
        layout={
            "height": FRAME + ROW * len(steps),
            "xaxis": {"range": [low, high], "tickformat": FINE_TICKS, "zeroline": True, "nticks": 6},
            "yaxis": {"autorange": "reversed", "type": "category", "showgrid": False},
            "shapes": joints,
        },
    )


def _range(parts: Sequence[Step], ends: Sequence[float]) -> tuple[float, float]:
    """Give the axis room for the figures beside the bars: a loss has its own on the left, a gain on the right."""
    span = max(ends) - min(ends) or 0.01
    text, edge = 0.42 * span, 0.02 * span  # so wide is a figure on a telephone
    lows = [end - text for part, end in zip(parts, ends[1:], strict=True) if part.value < 0]
    highs = [end + text for part, end in zip(parts, ends[1:], strict=True) if part.value >= 0]
    total = ends[-1]
    (lows if total < 0 else highs).append(total - text if total < 0 else total + text)
    return min([*lows, min(ends) - edge]), max([*highs, max(ends) + edge])


def _colour(key: str, dark: bool) -> str:
    if key == TOTAL:
        return figures.QUIET[dark]
    return figures.colour(key, dark) if top(key) == key else figures.tint(key, 0.75, dark)
