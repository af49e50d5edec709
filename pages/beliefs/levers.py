"""The levers: presets, groups, what each rests on, and the view of a book through them, which the page is made of.

Values outlive a change of page and a reload: session state holds the changed levers alone, the URL names each of them
by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from exposure.errors import ScenarioError
from exposure.levers import Cut, LeverCut
from exposure.scenarios import LEVERS_AT_REST, RANGES, LeverText, checked_levers, lever_presets, lever_texts, set_levers
from exposure.types import Book, Scenario, Transmission
from exposure.view import sentences
from exposure.view.sentences import count, lever_name, lever_value, plain
from pages.ui import cache, show, stamp, state

GROUPS: Mapping[str, tuple[str, ...]] = {
    "The claim": ("claim_credibility", "training_gain", "inference_gain", "inference_share", "distillation"),
    "Demand": ("jevons_elasticity", "response_priced", "older_chips", "capex_restraint"),
    "Equipment": ("fab_pass_through", "datacentre_pass_through"),
    "Models and software": ("commoditisation", "openness", "software_uplift"),
    "Policy and market": (
        "export_tightening",
        "curbs_ineffective",
        "valuation_stretch",
        "results_near",
        "market_move",
    ),
}
MARKS = {"fitted": "●", "assumed": "○", "bound": "▲", "unidentified": "?"}
LEGEND = (
    "● fitted to the day. ○ assumed: held at a sourced value, or set by you. ▲ fitted, at a bound of its range. "
    "? unidentified: the day does not tell it."
)
PRESETS = {each.name: each for each in lever_presets()}
FIRST = next(iter(PRESETS))
FAR = 100
"""Steps to either side of a lever's value that are answered ahead."""
SAME = 5e-7
"""Levers this close to the library's value are not changed: the library writes six digits."""


def restore() -> None:
    """Take the changed levers of this session, else those of the URL, where a value that cannot be is put aside."""
    if state.LEVERS in st.session_state:
        return
    found: dict[str, float] = {}
    for lever in RANGES.keys() & st.query_params.keys():
        try:
            found |= checked_levers({lever: float(st.query_params[lever])})
        except (ScenarioError, ValueError):
            st.info(plain(f"The address gives {lever} a value that it cannot have: the library’s is shown."))
    st.session_state[state.LEVERS] = found
    same = [name for name, each in PRESETS.items() if each.levers == found]
    st.session_state[state.PRESET] = (same or [FIRST])[0]


def publish(changed: Mapping[str, float]) -> None:
    """Write the changed levers, and no other, into the URL."""
    wanted = {lever: f"{value:.6g}" for lever, value in changed.items()}
    shown = {lever: st.query_params[lever] for lever in RANGES if lever in st.query_params}
    for lever in shown.keys() - wanted.keys():
        del st.query_params[lever]
    for lever, text in wanted.items():
        if shown.get(lever) != text:
            st.query_params[lever] = text


def pick(base: Transmission) -> dict[str, float]:
    """Draw the picker of presets with a way back to it, and give the changed levers."""
    changed: dict[str, float] = st.session_state[state.LEVERS]
    preset = PRESETS[st.session_state[state.PRESET]]
    own = changed != preset.levers
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Beliefs",
            list(PRESETS),
            format_func=_capital,
            key=state.PRESET,
            persist_state="session",
            on_change=_take,
            width=320,
        )
        st.button("Back to the preset", key="levers_reset", disabled=not own, on_click=_take, icon=":material/undo:")
        moved = [x for x in RANGES if changed.get(x, base.levers[x]) != preset.levers.get(x, base.levers[x])]
        text = _capital(preset.what)
        text += f"; {count(len(moved), 'lever')} moved since: {', '.join(map(lever_name, moved))}" if moved else ""
        st.caption(plain(f"{text}."), width="stretch")
    return changed


def _capital(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}"  # keeps the capital of Jevons


def _take() -> None:
    """Set the levers to those of the chosen preset."""
    st.session_state[state.LEVERS] = dict(PRESETS[st.session_state[state.PRESET]].levers)


def group() -> tuple[str, ...]:
    """Draw the picker of a group of levers and give its levers: only what is seen is drawn, and so answers quickly."""
    chosen = st.segmented_control(
        "Levers", list(GROUPS), key="lever_group", default="The claim", required=True, persist_state="session",
        label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    return GROUPS[chosen]


def evidence(levers: Sequence[str]) -> None:
    """Show, once opened, what the levers' values rest on."""
    texts = lever_texts()
    with st.popover("Evidence and sources", icon=":material/menu_book:", width="stretch"):
        st.markdown("\n\n".join(_evidence(lever, texts[lever]) for lever in levers))


def step(lever: str) -> float:
    """Give the step of a lever's slider, in the lever's unit."""
    return 0.1 if lever_texts()[lever].unit == "factor" else 0.005 if lever == "market_move" else 0.01


def near(lever: str, value: float) -> tuple[float, ...]:
    """List the steps of a lever's slider, the nearest to a value where there are very many."""
    low, high = RANGES[lever]
    last, here = round((high - low) / step(lever)), round((value - low) / step(lever))
    return tuple(round(low + n * step(lever), 9) for n in range(max(0, here - FAR), min(last, here + FAR) + 1))


def _evidence(lever: str, text: LeverText) -> str:
    return (
        f"**{lever_name(lever)}** ({MARKS[text.state]} {text.state}). {plain(text.evidence, 2000)}\n\n"
        f"Source: {plain(text.source, 1000)}."
    )


def rows(base: Transmission, changed: Mapping[str, float]) -> list[dict[str, object]]:
    """List every lever: its value, the library's, range, prior, state, what it means and rests on."""
    texts = lever_texts()
    return [
        {
            "lever": lever,
            "name": lever_name(lever),
            "group": group,
            "value": changed.get(lever, base.levers[lever]),
            "shown": lever_value(lever, changed.get(lever, base.levers[lever])),
            "library": base.levers[lever],
            "library_shown": lever_value(lever, base.levers[lever]),
            "rest": LEVERS_AT_REST[lever],
            "low": RANGES[lever][0],
            "high": RANGES[lever][1],
            "range": f"{lever_value(lever, RANGES[lever][0])} to {lever_value(lever, RANGES[lever][1])}",
            "mean": base.priors[lever].mean,
            "sd": base.priors[lever].sd,
            "state": f"{MARKS[texts[lever].state]} {texts[lever].state}" if lever not in changed else "○ set by you",
            "meaning": texts[lever].meaning,
            "evidence": texts[lever].evidence,
            "source": texts[lever].source,
        }
        for group, levers in GROUPS.items()
        for lever in levers
    ]


def pick_two(options: Sequence[str]) -> tuple[str, str]:
    """Draw the pickers of two levers and give them; the second cannot be the first."""
    first = st.selectbox(
        "Lever across", options, format_func=lever_name, key="map_x", persist_state="session", width=240,
        index=options.index("claim_credibility"),
    )  # fmt: skip
    others = [lever for lever in options if lever != first]
    wanted = "jevons_elasticity" if first != "jevons_elasticity" else "claim_credibility"
    if st.session_state.get("map_y") not in others:
        st.session_state["map_y"] = wanted
    second = st.selectbox(
        "Lever upwards", others, format_func=lever_name, key="map_y", persist_state="session", width=240
    )
    return first, second


@dataclass(frozen=True, slots=True)
class View:
    """A book, its ids, and the beliefs held of it: what every view needs."""

    portfolio: str
    ids: cache.Ids
    book: Book
    ready: LeverCut
    base: Transmission
    changed: Mapping[str, float]
    cut: Cut
    chain: list[dict[str, Any]]

    @property
    def levers(self) -> dict[str, float]:
        """Give every lever's value."""
        return {**self.base.levers, **self.changed}

    @property
    def stamp(self) -> stamp.Lines:
        """Say what the figures carry when they leave."""
        held = set_levers(self.base, dict(self.changed))
        return stamp.of_scenario(self.portfolio, self.book, held, self.ready.coverage, self.book.issues)

    def ask(self, question: Callable[..., Any], *more: Any) -> Any:
        """Give an answer that is worked out once for these ids and levers."""
        levers = tuple(sorted(self.changed.items()))
        return cache.of_levers(question.__name__, self.ids, levers, *more, _answer=question)

    @property
    def source(self) -> str:
        """Say what the figures are of."""
        own = f", {sentences.count(len(self.changed), 'lever')} changed" if self.changed else ""
        return f"{self.portfolio}, {self.base.id}{own}"

    def chart(self, figure: go.Figure, key: str, title: str, alt: str, source: str = "") -> None:
        """Show a chart with its source, date and currency."""
        show.chart(
            figure,
            key=key,
            title=title,
            alt=alt,
            source=source or self.source,
            as_of=self.end,
            currency=self.book.currency,
        )

    @property
    def end(self) -> date | None:
        """Give the last day that the beliefs are about."""
        return self.base.end or self.book.as_of


def current_scenario() -> Scenario:
    """Give the library's scenario at the levers of this session, under its own id."""
    return set_levers(cache.beliefs(), st.session_state[state.LEVERS])


def named_scenario(view: View, id: str, title: str) -> Scenario:
    """Give the beliefs as a scenario of a name of its own, with the library's priors."""
    moved = set_levers(view.base, dict(view.changed))
    return moved.replace(id=id, title=title, source=f"levers set by hand on {view.base.id}")
