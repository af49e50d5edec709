"""The views below the levers, one at a time: what is not chosen does not run.

What would have to be true for a loss: lever by lever, all at once, over two levers, and along the ridge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from exposure.format import from_points, percent
from exposure.scenarios.transmission import Transmission
from exposure.view import beliefs, looks, sentences
from exposure.view.looks import Column
from exposure.view.sentences import lever_value, plain
from pages.beliefs import charts, keep, levers, live
from pages.beliefs.levers import Asked
from pages.ui import charts as shock_figures
from pages.ui import guard, show
from pages.ui.scenarios import DEFAULT as REPLAY


def reverse(asked: Asked) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.number_input(
            "Total return asked for, %", -99.0, 100.0, -5.0, 0.5, key="belief_loss", persist_state="session", width=200
        )
        across, upwards = levers.two(list(asked.base.levers))
    loss = from_points(typed) or 0.0
    found = asked.ask(keep.QUESTIONS["reverse"], loss)
    even = asked.ask(keep.QUESTIONS["break_even"])
    show.figure_line(
        [
            ("Break-even elasticity of this book", lever_value(even.lever, even.value) if even.reachable else "none"),
            ("Elasticity now", lever_value(even.lever, asked.levers[even.lever])),
            (
                "Least implausible, standard deviations",
                f"{found.least_implausible.distance:.2f}" if found.least_implausible else "none",
                "Distance of the likeliest beliefs that give the return asked for from the priors’ means",
            ),
        ]
    )
    st.caption(plain(beliefs.implausible(found)))
    here = (asked.levers[across], asked.levers[upwards])
    grid = asked.ask(keep.QUESTIONS["surface"], across, upwards)
    lowest, highest = (percent(float(end), signed=True) for end in (grid[2].min(), grid[2].max()))
    title = f"{sentences.lever_name(across)} and {sentences.lever_name(upwards)}: from {lowest} to {highest}"
    asked.chart(
        charts.heat(across, upwards, grid, here, loss, show.dark()),
        "heat",
        title,
        f"Total return over two levers, {lowest} to {highest}; here {percent(asked.cut.total_return)}.",
    )
    st.caption(plain(f"Thin lines join equal returns, the thick one those of {percent(loss, 1, signed=True)}."))
    _reached(asked, found, loss)
    _ridge(asked)


def _reached(asked: Asked, found: Any, loss: float) -> None:
    show.table(
        beliefs.reached(found, asked.levers),
        (
            Column("name", "Lever", width="medium"),
            Column("now_shown", "Now"),
            Column("value_shown", f"Alone gives {percent(loss, 1, signed=True)} at"),
            Column("likeliest_shown", "In the least implausible beliefs"),
        ),
        file=f"{asked.portfolio} what would have to be true",
        key="reached",
    )


def _ridge(asked: Asked) -> None:
    points = asked.ask(keep.QUESTIONS["ridge"], REPLAY)
    at = Transmission(asked.levers)
    if not points:
        st.caption("No ridge: under these beliefs the demand for computing does not fall.")
        return
    best = min(points, key=lambda p: p.misfit)
    asked.chart(
        charts.ridge(points, (at.excess + 1, asked.levers["claim_credibility"]), show.dark()),
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
        file=f"{asked.portfolio} ridge",
        key="ridge_table",
        height=220,
    )


SEED = 0


def views(asked: Asked) -> None:
    """Offer the views and run the chosen one."""
    chosen = st.segmented_control(
        "More", list(VIEWS), key="belief_view", default="Replay and model", required=True, persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    with guard.sentences():
        VIEWS[chosen](asked)


MISSES = ("segment", "observed", "modelled", "miss", "names", "contribution")
"""What a row of the flow holds, as a file has it."""


def _misses(asked: Asked) -> None:
    st.html(live.misses(asked.chain, show.dark()))
    show.download(
        asked.chain, [Column(key, key) for key in MISSES], file=f"{asked.portfolio} beliefs and replay", key="misses"
    )


def _carried(asked: Asked) -> None:
    fine = st.segmented_control(
        "Cut by", [False, True], format_func={False: "Segments", True: "Sub-segments"}.__getitem__,
        key="belief_fine", default=False, required=True, persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    left, right = st.columns(2, gap="large")
    with left:
        _waterfall(asked, beliefs.segment_steps(asked.cut, bool(fine)), "segment")
    with right:
        steps = beliefs.lever_steps(asked.ask(keep.QUESTIONS["levers"]), asked.cut, asked.book.capital)
        _waterfall(asked, steps, "lever")
        st.caption(
            "By lever: Shapley values, a lever’s mean effect over all orders in which the levers go from rest to their "
            "values; they add up to the total."
        )


def _waterfall(asked: Asked, steps: list[looks.Step], by: str) -> None:
    said = "; ".join(f"{s.label} {s.figure}" for s in steps)
    title = beliefs.carried(steps)
    asked.chart(
        shock_figures.horizontal_waterfall(steps, show.dark()), f"beliefs_by_{by}", title, f"Contributions: {said}."
    )
    money = (Column("pnl", f"P&L, {asked.book.currency or 'as in the file'}", "money"),)
    show.table(
        beliefs.step_rows(steps, asked.book.capital),
        (
            Column("what", by.capitalize(), width="medium"),
            Column("contribution", "Contribution", "share"),
            *money * (asked.book.basis == "values"),
        ),
        file=f"{asked.portfolio} beliefs by {by}",
        key=f"beliefs_table_{by}",
        height=220,
    )


def _matters(asked: Asked) -> None:
    held, seed = tuple(sorted(asked.changed)), _seed()
    swings = asked.ask(keep.QUESTIONS["swings"], held)
    with st.spinner("Drawing the levers for the indices"):
        rows = beliefs.matter(swings, asked.ask(keep.QUESTIONS["indices"], held, seed))
    dark = show.dark()
    left, right = st.columns(2, gap="large")
    first = rows[0]
    with left:
        said = "; ".join(f"{r['name']} {percent(r['low'])} to {percent(r['high'])}" for r in rows[:6])
        title = f"{first['name']} moves the total most: {percent(first['low'])} to {percent(first['high'])}"
        asked.chart(charts.tornado(rows, asked.cut.total_return, dark), "tornado", title, f"Tornado: {said}.")
    with right:
        ranked = sorted((r for r in rows if r["total"] is not None), key=lambda r: -r["total"])
        said = "; ".join(f"{r['name']} {percent(r['total'], 0)}" for r in ranked[:6])
        title = f"{ranked[0]['name']} carries {percent(ranked[0]['total'], 0)} of the variance, with what it meets"
        asked.chart(charts.indices(rows, dark), "sobol", title, f"Total-order Sobol indices: {said}.")
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
        file=f"{asked.portfolio} which belief matters",
        key="matters",
    )
    st.caption(
        plain(
            "Orange: the lever at its prior’s 5th percentile; blue: at its 95th, one lever at a time, the others as "
            "set. Indices: inside, of the lever alone; in all, with what it meets; 1 024 Sobol "
            f"points a matrix, seed {seed}. " + _held(asked)
        )
    )


def _held(asked: Asked) -> str:
    names = ", ".join(map(sentences.lever_name, sorted(asked.changed)))
    return f"Held where you set them, and not drawn: {names}." if names else "Every lever is drawn from its prior."


def _seed() -> int:
    return int(st.number_input("Seed", 0, 2**31 - 1, SEED, key="belief_seed", persist_state="session", width=140))


def _spread(asked: Asked) -> None:
    held, seed = tuple(sorted(asked.changed)), _seed()
    found = asked.ask(keep.QUESTIONS["spread"], held, seed)
    each = found.total_return
    show.figure_line(beliefs.spread_figures(each))
    asked.chart(
        charts.histogram(found, asked.cut.total_return, show.dark()),
        "spread",
        f"Nine draws in ten lie between {percent(each.p05, signed=True)} and {percent(each.p95, signed=True)}",
        f"Distribution of the total return over {found.draws} draws: median {percent(each.p50)}, expected shortfall "
        f"{percent(each.expected_shortfall_95)}.",
    )
    st.caption(
        plain(
            f"{found.draws:,} scrambled Sobol points through the priors, seed {seed}: what the priors allow, not how "
            f"often it will happen. {_held(asked)}".replace(",", "\u202f", 1)
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
        file=f"{asked.portfolio} draws",
        key="spread_table",
        height=220,
    )


VIEWS: Mapping[str, Callable[[Asked], None]] = {
    "Replay and model": _misses,
    "Who carries it": _carried,
    "Which belief matters": _matters,
    "What would have to be true": reverse,
    "How wrong can it be": _spread,
}
