"""What changed between two snapshots, as Plotly figures: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import plotly.graph_objects as go

from exposure.chain.measure import Exposures
from exposure.chain.scheme import TOP
from exposure.format import TICKS, day, percent
from exposure.history.changes import SegmentChange
from exposure.view import looks
from exposure.view.changes import share_of
from exposure.view.sentences import segment_label
from pages.ui import charts


def by_segment(segments: Sequence[SegmentChange], dark: bool = False) -> go.Figure:
    """Draw how many points of the book each segment gained or lost, those that both snapshots lack left out."""
    held = [s for s in segments if s.before or s.after]
    moved = [s.after - s.before for s in held]
    return charts.bars(
        [segment_label(s.segment) for s in held],
        moved,
        [percent(m, 1, signed=True) for m in moved],
        colours=[looks.colour(s.segment, dark) for s in held],
        hover=[f"{segment_label(s.segment)}: {percent(s.before)} before, {percent(s.after)} after" for s in held],
    )


def over_time(history: Mapping[date, Exposures], dark: bool = False) -> go.Figure:
    """Draw each snapshot as a bar of its segments; what is short lies below zero."""
    labels = [day(when) for when in history]
    figure = go.Figure(layout={"height": 320, "barmode": "relative", "yaxis": {"tickformat": TICKS}})
    for segment in TOP:
        shares = [share_of(measured, segment) for measured in history.values()]
        if any(shares):
            name = segment_label(segment)
            said = [f"{name}, {label}: {percent(s)}" for label, s in zip(labels, shares, strict=True)]
            figure.add_bar(
                x=labels,
                y=shares,
                name=name,
                width=0.6,
                marker={"color": looks.colour(segment, dark)},
                customdata=[[text] for text in said],
                hovertemplate="%{customdata[0]}<extra></extra>",
            )
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": -0.12}, xaxis={"type": "category"})
    return figure
