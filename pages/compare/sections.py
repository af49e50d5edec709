"""The comparison's parts: the results of every pair, what is looked into, and the cuts side by side.

Totals of several portfolios under several scenarios: bars in groups, each with its name and its figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import plotly.graph_objects as go
import streamlit as st

from exposure.errors import ExposureError
from exposure.format import FINE_TICKS, percent
from exposure.shock import By, ShockResult, active_return
from exposure.view import compare, looks, shock
from exposure.view.compare import CUTS, Pair
from exposure.view.looks import Step
from exposure.view.sentences import in_chart, one_line, plain
from pages.compare.pick import Chosen, Side
from pages.ui import show, state
from pages.ui.scenarios import Picked

ADDS_UP = (
    "Active: the contribution to the portfolio less that to the benchmark, each over its own capital. The rows add up "
    "to the active return. Holdings are matched by issuer, else by ISIN, so share classes and ADRs are one row."
)


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked into: one portfolio under one scenario, beside its benchmark where there is one, cut `by`."""

    side: str
    picked: Picked
    result: ShockResult
    benchmark: ShockResult | None
    by: By

    @property
    def about(self) -> str:
        return shock.about(self.picked.scenario)


def pairs(chosen: Chosen) -> list[Pair]:
    """Apply every scenario to every portfolio and the benchmark, scenario by scenario."""
    return [_pair(side, picked, side is chosen.benchmark) for picked in chosen.scenarios for side in chosen.sides]


def _pair(side: Side, picked: Picked, benchmark: bool) -> Pair:
    title = one_line(picked.scenario.title, 80)
    try:
        return Pair(side.label, title, picked.id, side.under(picked), benchmark=benchmark)
    except ExposureError as error:
        return Pair(side.label, title, picked.id, None, str(error), benchmark)


def unapplied(found: Sequence[Pair]) -> None:
    """Say which scenarios could not be applied, and why."""
    for why in dict.fromkeys(pair.why for pair in found if pair.why):
        st.warning(plain(f"Not applied: {why}"), icon=":material/warning:")


def hashes(chosen: Chosen) -> str:
    """Name the scenarios as the source of a figure."""
    return "; ".join(shock.about(picked.scenario) for picked in chosen.scenarios)


def look(chosen: Chosen, found: Sequence[Pair]) -> Look | None:
    """Draw the choice of what is looked into; None where that pair has no result."""
    by_pair = {(p.side, p.scenario_id): p.result for p in found}
    titles = {picked.id: one_line(picked.scenario.title, 80) for picked in chosen.scenarios}
    sides = {str(side.snapshot_id): side.label for side in chosen.portfolios}
    state.settle(state.LOOK_CUT, list(CUTS), "segment")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        one = _choose("Scenario", state.LOOK_SCENARIO, titles)
        side = sides[_choose("Portfolio", state.LOOK_PORTFOLIO, sides)]
        by: By | None = st.segmented_control(
            "Cut by",
            list(CUTS),
            format_func=CUTS.__getitem__,
            key=state.LOOK_CUT,
            required=True,
            persist_state="session",
            wrap=True,
        )
    state.publish(state.LOOK_CUT)
    result = by_pair.get((side, one))
    if result is None or by is None:
        return None
    against = by_pair.get((chosen.benchmark.label, one)) if chosen.benchmark is not None else None
    return Look(side, next(p for p in chosen.scenarios if p.id == one), result, against, by)


def _choose(label: str, key: str, names: dict[str, str]) -> str:
    state.settle(key, list(names), next(iter(names)))
    chosen: str = st.selectbox(
        label, list(names), format_func=names.__getitem__, key=key, persist_state="session", width=380
    )
    state.publish(key)
    return chosen


def headline(result: ShockResult, benchmark: ShockResult) -> list[tuple[str, str] | tuple[str, str, str]]:
    """Give the figures over the active contributions."""
    return [
        ("Portfolio", percent(result.total_return, signed=True), "Total return"),
        ("Benchmark", percent(benchmark.total_return, signed=True), "Total return"),
        ("Active return", percent(active_return(result, benchmark), signed=True), "The first less the second"),
    ]


def active_alt_text(bars: Sequence[Step]) -> str:
    """Tell the chart of active contributions in words."""
    return "Active contributions: " + ", ".join(f"{b.label} {b.figure}" for b in bars) + "."


def cuts(chosen: Chosen, found: Sequence[Pair], looked: Look) -> None:
    """Lay contributions side by side: the portfolios under the scenario, and the scenarios on the portfolio."""
    of_scenario = [p for p in found if p.scenario_id == looked.picked.id and p.result is not None]
    of_side = [p for p in found if p.side == looked.side and p.result is not None]
    by = CUTS[looked.by].lower()
    if len(of_scenario) > 1 or len(of_side) == 1:
        _table(of_scenario, [p.side for p in of_scenario], looked, f"By {by}, under {of_scenario[0].scenario}", "sides")
    if len(of_side) > 1:
        _table(of_side, _unlike([p.scenario for p in of_side]), looked, f"By {by}, {looked.side}", "cases")


def _table(found: Sequence[Pair], heads: Sequence[str], looked: Look, title: str, key: str) -> None:
    st.markdown(f"**{plain(title)}**")
    rows, columns = compare.cut([p.result for p in found if p.result is not None], heads, looked.by)
    show.table(rows, columns, file=title, key=f"cut_{key}")
    totals = ", ".join(
        f"{head} {percent(p.result.total_return, signed=True)}"
        for head, p in zip(heads, found, strict=True)
        if p.result is not None
    )
    st.caption(plain(f"Contributions; an empty cell holds nothing of it. They add up to: {totals}.", 800))


def _unlike(heads: Sequence[str]) -> list[str]:
    """Number headings that read alike, since a table needs each once."""
    return [head if heads.count(head) == 1 else f"{head} ({n})" for n, head in enumerate(heads, 1)]


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
        "font": {"color": looks.INK[dark], "size": 13},
    }


def _colour(pair: Pair, value: float, dark: bool) -> str:
    if pair.benchmark:
        return looks.QUIET[dark]
    return looks.LOSS if value < 0 else looks.GAIN
