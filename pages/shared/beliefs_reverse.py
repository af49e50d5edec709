"""What would have to be true for a loss: lever by lever, all at once, over two levers, and along the ridge."""

from __future__ import annotations

from typing import Any

import streamlit as st

from exposure.format import from_points, percent
from exposure.scenarios.transmission import Transmission
from pages.shared import beliefs_figures, beliefs_levers, beliefs_rows, show
from pages.shared.beliefs_asked import Asked
from pages.shared.beliefs_levers import written
from pages.shared.scenarios import DEFAULT as REPLAY
from pages.shared.show import Column
from pages.shared.texts import plain


def reverse(asked: Asked) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.number_input(
            "Total return asked for, %", -99.0, 100.0, -5.0, 0.5, key="belief_loss", persist_state="session", width=200
        )
        across, upwards = beliefs_levers.two(list(asked.base.levers))
    loss = from_points(typed) or 0.0
    found = asked.ask("reverse", loss)
    even = asked.ask("break_even")
    show.figure_line(
        [
            ("Break-even elasticity of this book", written(even.lever, even.value) if even.reachable else "none"),
            ("Elasticity now", written(even.lever, asked.levers[even.lever])),
            (
                "Least implausible, standard deviations",
                f"{found.least_implausible.distance:.2f}" if found.least_implausible else "none",
                "Distance of the likeliest beliefs that give the return asked for from the priors’ means",
            ),
        ]
    )
    st.caption(plain(beliefs_rows.implausible(found)))
    here = (asked.levers[across], asked.levers[upwards])
    grid = asked.ask("surface", across, upwards)
    lowest, highest = (percent(float(end), signed=True) for end in (grid[2].min(), grid[2].max()))
    title = f"{beliefs_levers.name_of(across)} and {beliefs_levers.name_of(upwards)}: from {lowest} to {highest}"
    asked.chart(
        beliefs_figures.heat(across, upwards, grid, here, loss, show.dark()),
        "heat",
        title,
        f"Total return over two levers, {lowest} to {highest}; here {percent(asked.cut.total_return)}.",
    )
    st.caption(plain(f"Thin lines join equal returns, the thick one those of {percent(loss, 1, signed=True)}."))
    _reached(asked, found, loss)
    _ridge(asked)


def _reached(asked: Asked, found: Any, loss: float) -> None:
    show.table(
        beliefs_rows.reached(found, asked.levers),
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
    points = asked.ask("ridge", REPLAY)
    at = Transmission(asked.levers)
    if not points:
        st.caption("No ridge: under these beliefs the demand for computing does not fall.")
        return
    best = min(points, key=lambda p: p.misfit)
    asked.chart(
        beliefs_figures.ridge(points, (at.excess + 1, asked.levers["claim_credibility"]), show.dark()),
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
