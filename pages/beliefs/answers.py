"""The views below the levers, one at a time: what is not chosen does not run.

What would have to be true for a loss: lever by lever, all at once, over two levers, and along the ridge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from exposure.format import from_points, number, percent
from exposure.levers import LeverBook, break_even, by_lever, sobol, spread, surface, tornado
from exposure.levers import reverse as draws_reverse
from exposure.scenarios import Equations, lever_ridge, load_scenario, moves_of
from exposure.types import Scenario, Transmission
from exposure.view import beliefs, looks, sentences
from exposure.view.looks import Column
from exposure.view.sentences import lever_value, plain
from pages.beliefs import charts, levers, live
from pages.beliefs.levers import View
from pages.ui import charts as shock_figures
from pages.ui import guard, show
from pages.ui.scenarios import DEFAULT as REPLAY


def reverse(view: View) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.number_input(
            "Total return asked for, %", -99.0, 100.0, -5.0, 0.5, key="belief_loss", persist_state="session", width=200
        )
        across, upwards = levers.pick_two(list(view.base.levers))
    loss = from_points(typed) or 0.0
    found = view.ask(draws_reverse, loss)
    even = view.ask(break_even)
    show.figure_line(
        [
            ("Break-even elasticity of this book", lever_value(even.lever, even.value) if even.reachable else "none"),
            ("Elasticity now", lever_value(even.lever, view.levers[even.lever])),
            (
                "Least implausible, standard deviations",
                f"{found.least_implausible.distance:.2f}" if found.least_implausible else "none",
                "Distance of the likeliest beliefs that give the return asked for from the priors’ means",
            ),
        ]
    )
    st.caption(plain(beliefs.implausible(found)))
    here = (view.levers[across], view.levers[upwards])
    grid = view.ask(surface_over, across, upwards)
    lowest, highest = (percent(float(end), signed=True) for end in (grid[2].min(), grid[2].max()))
    title = f"{sentences.lever_name(across)} and {sentences.lever_name(upwards)}: from {lowest} to {highest}"
    view.chart(
        charts.heat((across, upwards), grid, here=here, loss=loss, dark=show.dark()),
        "heat",
        title,
        f"Total return over two levers, {lowest} to {highest}; here {percent(view.cut.total_return)}.",
    )
    st.caption(plain(f"Thin lines join equal returns, the thick one those of {percent(loss, 1, signed=True)}."))
    _reached(view, found, loss)
    _ridge(view)


def _reached(view: View, found: Any, loss: float) -> None:
    show.table(
        beliefs.reached(found, view.levers),
        (
            Column("name", "Lever", width="medium"),
            Column("now_shown", "Now"),
            Column("value_shown", f"Alone gives {percent(loss, 1, signed=True)} at"),
            Column("likeliest_shown", "In the least implausible beliefs"),
        ),
        file=f"{view.portfolio} what would have to be true",
        key="reached",
    )


def _ridge(view: View) -> None:
    points = view.ask(ridge_along, REPLAY)
    at = Equations(view.levers)
    if not points:
        st.caption("No ridge: under these beliefs the demand for computing does not fall.")
        return
    best = min(points, key=lambda p: p.misfit)
    view.chart(
        charts.ridge(points, (at.excess + 1, view.levers["claim_credibility"]), show.dark()),
        "ridge",
        "Equally good beliefs: the same fall of computing demand",
        f"From a claim believed {percent(points[0].claim_credibility, 0)} at no response to "
        f"{percent(points[-1].claim_credibility, 0)} at ε·λ {points[-1].response:.2f}.",
    )
    st.caption(
        plain(
            f"Along the ridge G·(1 − ε·λ) stays at {-at.excess * at.gain:.3f}. Colour: squared misfit to the day; the "
            f"least is at ε·λ {best.response:.2f}. Models and software alone tell these points apart, and weakly."
        )
    )
    show.table(
        [{"response": p.response, "gain": p.gain, "claim": p.claim_credibility, "misfit": p.misfit} for p in points],
        (
            Column("response", "ε·λ", "number"),
            Column("gain", "Believed gain, log", "number"),
            Column("claim", "Claim credibility", "share"),
            Column("misfit", "Squared misfit", "number"),
        ),
        file=f"{view.portfolio} ridge",
        key="ridge_table",
        height=220,
    )


SEED = 0


def views(view: View) -> None:
    """Offer the views and run the chosen one."""
    chosen = st.segmented_control(
        "More", list(VIEWS), key="belief_view", default="Replay and model", required=True, persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    with guard.sentences():
        VIEWS[chosen](view)


def _misses(view: View) -> None:
    live.table(view)
    columns = [Column(key, key) for key in live.COLUMNS]
    show.download(view.chain, columns, file=f"{view.portfolio} beliefs and replay", key="misses")


def _carried(view: View) -> None:
    fine = st.segmented_control(
        "Cut by", [False, True], format_func={False: "Segments", True: "Sub-segments"}.__getitem__,
        key="belief_fine", default=False, required=True, persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    left, right = st.columns(2, gap="large")
    with left:
        _waterfall(view, beliefs.segment_steps(view.cut, bool(fine)), "segment")
    with right:
        steps = beliefs.lever_steps(view.ask(by_lever), view.cut, view.book.capital)
        _waterfall(view, steps, "lever")
        st.caption(
            "By lever: Shapley values, a lever’s mean effect over all orders in which the levers go from rest to their "
            "values; they add up to the total."
        )


def _waterfall(view: View, steps: list[looks.Step], by: str) -> None:
    text = "; ".join(f"{s.label} {s.figure}" for s in steps)
    title = beliefs.carried(steps)
    view.chart(
        shock_figures.horizontal_waterfall(steps, show.dark()), f"beliefs_by_{by}", title, f"Contributions: {text}."
    )
    money = (Column("pnl", f"P&L, {view.book.currency or 'as in the file'}", "money"),)
    show.table(
        beliefs.step_rows(steps, view.book.capital),
        (
            Column("what", by.capitalize(), width="medium"),
            Column("contribution", "Contribution", "share"),
            *money * (view.book.basis == "values"),
        ),
        file=f"{view.portfolio} beliefs by {by}",
        key=f"beliefs_table_{by}",
        height=220,
    )


def _matters(view: View) -> None:
    held, seed = tuple(sorted(view.changed)), _seed()
    moves = view.ask(swings_of, held)
    with st.spinner("Drawing the levers for the indices"):
        rows = beliefs.matter(moves, view.ask(indices_of, held, seed))
    dark = show.dark()
    left, right = st.columns(2, gap="large")
    first = rows[0]
    with left:
        text = "; ".join(f"{r['name']} {percent(r['low'])} to {percent(r['high'])}" for r in rows[:6])
        title = f"{first['name']} moves the total most: {percent(first['low'])} to {percent(first['high'])}"
        view.chart(charts.tornado(rows, view.cut.total_return, dark), "tornado", title, f"Tornado: {text}.")
    with right:
        ranked = sorted((r for r in rows if r["total"] is not None), key=lambda r: -r["total"])
        text = "; ".join(f"{r['name']} {percent(r['total'], 0)}" for r in ranked[:6])
        title = f"{ranked[0]['name']} carries {percent(ranked[0]['total'], 0)} of the variance, with what it meets"
        view.chart(charts.indices(rows, dark), "sobol", title, f"Total-order Sobol indices: {text}.")
    show.table(
        rows,
        (
            Column("name", "Lever", width="medium"),
            Column("low", "Total return at its 5th percentile", "share"),
            Column("high", "At its 95th", "share"),
            Column("swing", "Swing", "share"),
            Column("first", "Sobol, first order", "share", "Share of the variance from the lever alone"),
            Column("total", "Sobol, total order", "share", "With all that it meets; these may add up to more than one"),
        ),
        file=f"{view.portfolio} which belief matters",
        key="matters",
    )
    st.caption(
        plain(
            "Orange: the lever at its prior’s 5th percentile; blue: at its 95th, one lever at a time, the others as "
            "set. Indices: inside, of the lever alone; in all, with what it meets; 1 024 Sobol "
            f"points a matrix, seed {seed}. " + _held(view)
        )
    )


def _held(view: View) -> str:
    names = ", ".join(map(sentences.lever_name, sorted(view.changed)))
    return f"Held where you set them, and not drawn: {names}." if names else "Every lever is drawn from its prior."


def _seed() -> int:
    return int(st.number_input("Seed", 0, 2**31 - 1, SEED, key="belief_seed", persist_state="session", width=140))


def _spread(view: View) -> None:
    held, seed = tuple(sorted(view.changed)), _seed()
    found = view.ask(spread_of, held, seed)
    each = found.total_return
    show.figure_line(beliefs.spread_figures(each))
    view.chart(
        charts.histogram(found, view.cut.total_return, show.dark()),
        "spread",
        f"Nine draws in ten lie between {percent(each.p05, signed=True)} and {percent(each.p95, signed=True)}",
        f"Distribution of the total return over {found.draws} draws: median {percent(each.p50)}, expected shortfall "
        f"{percent(each.expected_shortfall_95)}.",
    )
    st.caption(
        plain(
            f"{number(found.draws)} scrambled Sobol points through the priors, seed {seed}: what the priors allow, "
            f"not how often it will happen. {_held(view)}"
        )
    )
    show.table(
        [
            {"low": a, "high": b, "draws": n, "share": n / found.draws}
            for a, b, n in zip(found.edges[:-1], found.edges[1:], found.counts, strict=True)
        ],
        (
            Column("low", "Total return from", "share"),
            Column("high", "To", "share"),
            Column("draws", "Draws", "row"),
            Column("share", "Share", "share"),
        ),
        file=f"{view.portfolio} draws",
        key="spread_table",
        height=220,
    )


VIEWS: Mapping[str, Callable[[View], None]] = {
    "Replay and model": _misses,
    "Who carries it": _carried,
    "Which belief matters": _matters,
    "What would have to be true": reverse,
    "How wrong can it be": _spread,
}


# What can be asked of a book and its beliefs beyond the total: each answer takes a moment, and is cached by ids.

POINTS = 31
"""Points of the map along each lever."""


def swings_of(book: LeverBook, scenario: Scenario, held: tuple[str, ...]) -> Any:
    return tornado(LeverBook.of(book, scenario), held)


def indices_of(book: LeverBook, scenario: Scenario, held: tuple[str, ...], seed: int) -> Any:
    return sobol(LeverBook.of(book, scenario), seed, held)


def surface_over(book: LeverBook, scenario: Scenario, lever_x: str, lever_y: str) -> Any:
    return surface(LeverBook.of(book, scenario), lever_x, lever_y, POINTS)


def ridge_along(_: LeverBook, scenario: Transmission, replay: str) -> Any:
    return lever_ridge(scenario, moves_of(load_scenario(replay)))


def spread_of(book: LeverBook, scenario: Scenario, held: tuple[str, ...], seed: int) -> Any:
    return spread(book, scenario, seed=seed, held=held)
