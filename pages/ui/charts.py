"""Tables to Plotly figures: pure functions, one colour for each segment (Okabe and Ito), in light and dark.

A book as a tree for the segment chart: segment, sub-segment, largest holdings, and the rest in one leaf each.

What adds up, as a waterfall lying on its side: long names stay readable, each bar in the colour of its segment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate
from math import fsum

import plotly.graph_objects as go

from exposure.chain import TOP_SEGMENTS, segment_name, top_segment
from exposure.format import FINE_TICKS, TICKS, day, percent
from exposure.types import Book, Line
from exposure.view import looks, sentences
from exposure.view.looks import DARK, GAIN, GRID, GROUND, INK, LIGHT, LOSS, QUIET, TOTAL, Step, ink_on, tint
from exposure.view.sentences import in_chart

LEAVES = 60
"""Holdings drawn by themselves: more cost the browser half a second and cannot be read."""
ROOT = "book"


@dataclass(frozen=True, slots=True)
class Node:
    """A rectangle: `size` is absolute value, `share` the signed weight as text, `depth` 0 for the whole book."""

    id: str
    parent: str
    label: str
    size: float
    share: str
    hover: str
    segment: str
    depth: int


def tree(book: Book, leaves: int = LEAVES) -> tuple[Node, ...]:
    """Lay a book out along the chain; a line in several segments has a leaf in each, of its part."""
    parts = [
        (part.segment, line, part.weight * (line.market_value or 0.0))
        for line in book.lines
        for part in line.assignment.parts
        if line.market_value and part.weight
    ]
    large = {id(p) for p in sorted(parts, key=lambda p: -abs(p[2]))[:leaves]}
    cells: dict[str, list[tuple[str, Line, float]]] = defaultdict(list)
    for part in parts:
        cells[part[0]].append(part)
    nodes: list[Node] = []
    for segment in TOP_SEGMENTS:
        fine = sorted(s for s in cells if top_segment(s) == segment)
        values = [p[2] for s in fine for p in cells[s]]
        if not values:
            continue
        nodes.append(_node(segment, ROOT, segment_name(segment), values, book, segment=segment, depth=1))
        for each in fine:
            if each != segment:
                nodes.append(
                    _node(each, segment, segment_name(each), [p[2] for p in cells[each]], book, segment=each, depth=2)
                )
            nodes += _leaves(each, cells[each], large, book)
    whole = _node(ROOT, "", "Whole book", [p[2] for p in parts], book, segment="outside", depth=0)
    return (whole, *nodes)


def _leaves(segment: str, cell: list[tuple[str, Line, float]], large: set[int], book: Book) -> list[Node]:
    ranked = sorted(cell, key=lambda p: -abs(p[2]))
    own = [p for p in ranked if id(p) in large]
    rest = [p[2] for p in ranked if id(p) not in large]
    nodes = [
        _node(
            f"{segment}/{line.line_id}/{place}",
            segment,
            line.holding.ticker or _name(line),
            [amount],
            book,
            segment=segment,
            depth=3,
            name=_name(line),
        )
        for place, (_, line, amount) in enumerate(own)
    ]
    if rest:
        label = sentences.count(len(rest), "other holding") if own else sentences.count(len(rest), "holding")
        nodes.append(_node(f"{segment}/rest", segment, label, rest, book, segment=segment, depth=3))
    return nodes


def _name(line: Line) -> str:
    return line.holding.name or line.holding.ticker or line.line_id


def _node(
    id: str, parent: str, label: str, values: list[float], book: Book, *, segment: str, depth: int, name: str = ""
) -> Node:
    net = fsum(values)
    share = percent(net / book.capital, 2 if depth == 3 else 1)
    hover = f"{name or label}: {share} of the book, {sentences.value(net, book)}"
    return Node(id, parent, label, fsum(map(abs, values)), share, hover, segment, depth)


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
            "pattern": {
                "shape": ["/" if top_segment(n.segment) == "unassigned" else "" for n in nodes],
                "solidity": 0.2,
            },
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


ROW, FRAME = 29, 44
"""Height of one bar with its gap, and of what stands around all of them, in pixels."""


def horizontal_waterfall(steps: Sequence[Step], dark: bool = False) -> go.Figure:
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
            "pattern": {"shape": ["/" if top_segment(s.key) == "unassigned" else "" for s in steps], "solidity": 0.3},
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
            "line": {"width": 1, "color": looks.QUIET[dark]},
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
        return looks.QUIET[dark]
    return looks.colour(key, dark) if top_segment(key) == key else looks.tint(key, 0.75, dark)
