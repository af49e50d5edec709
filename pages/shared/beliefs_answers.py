"""The views below the levers, one at a time: what is not chosen does not run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from exposure.format import percent
from pages.shared import beliefs_figures, beliefs_levers, beliefs_live, beliefs_rows, guard, shock_figures, show
from pages.shared.beliefs_asked import Asked
from pages.shared.beliefs_reverse import reverse
from pages.shared.show import Column
from pages.shared.texts import plain

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
    st.html(beliefs_live.misses(asked.chain, show.dark()))
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
        _waterfall(asked, beliefs_rows.segment_steps(asked.cut, bool(fine)), "segment")
    with right:
        steps = beliefs_rows.lever_steps(asked.ask("levers"), asked.cut, asked.book.capital)
        _waterfall(asked, steps, "lever")
        st.caption(
            "By lever: Shapley values, a lever’s mean effect over all orders in which the levers go from rest to their "
            "values; they add up to the total."
        )


def _waterfall(asked: Asked, steps: list[shock_figures.Step], by: str) -> None:
    said = "; ".join(f"{s.label} {s.figure}" for s in steps)
    title = beliefs_rows.carried(steps)
    asked.chart(shock_figures.waterfall(steps, show.dark()), f"beliefs_by_{by}", title, f"Contributions: {said}.")
    money = (Column("pnl", f"P&L, {asked.book.currency or 'as in the file'}", "money"),)
    show.table(
        beliefs_rows.step_rows(steps, asked.book.capital),
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
    swings = asked.ask("swings", held)
    with st.spinner("Drawing the levers for the indices"):
        rows = beliefs_rows.matter(swings, asked.ask("indices", held, seed))
    dark = show.dark()
    left, right = st.columns(2, gap="large")
    first = rows[0]
    with left:
        said = "; ".join(f"{r['name']} {percent(r['low'])} to {percent(r['high'])}" for r in rows[:6])
        title = f"{first['name']} moves the total most: {percent(first['low'])} to {percent(first['high'])}"
        asked.chart(beliefs_figures.tornado(rows, asked.cut.total_return, dark), "tornado", title, f"Tornado: {said}.")
    with right:
        ranked = sorted((r for r in rows if r["total"] is not None), key=lambda r: -r["total"])
        said = "; ".join(f"{r['name']} {percent(r['total'], 0)}" for r in ranked[:6])
        title = f"{ranked[0]['name']} carries {percent(ranked[0]['total'], 0)} of the variance, with what it meets"
        asked.chart(beliefs_figures.indices(rows, dark), "sobol", title, f"Total-order Sobol indices: {said}.")
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
    names = ", ".join(map(beliefs_levers.name_of, sorted(asked.changed)))
    return f"Held where you set them, and not drawn: {names}." if names else "Every lever is drawn from its prior."


def _seed() -> int:
    return int(st.number_input("Seed", 0, 2**31 - 1, SEED, key="belief_seed", persist_state="session", width=140))


def _spread(asked: Asked) -> None:
    held, seed = tuple(sorted(asked.changed)), _seed()
    found = asked.ask("spread", held, seed)
    each = found.total_return
    show.figure_line(beliefs_rows.spread_figures(each))
    asked.chart(
        beliefs_figures.histogram(found, asked.cut.total_return, show.dark()),
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
