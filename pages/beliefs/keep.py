"""Keep a set of beliefs: every lever as a table and a file, or saved as a scenario under a name.

What can be asked of a book and its beliefs beyond the total: each answer takes a moment, and is cached by ids.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from exposure.levers.book import LeverBook
from exposure.scenarios import dump_scenario
from exposure.types import Scenario
from exposure.view.looks import Column
from exposure.view.sentences import plain
from pages.beliefs import levers
from pages.beliefs.levers import Asked
from pages.ui import guard, scenarios, show


def keep(asked: Asked) -> None:
    """Offer the table of all levers and the file of these beliefs, once opened."""
    opened = st.expander(
        "Every lever, and these beliefs as a scenario", icon=":material/description:", key="belief_keep",
        on_change="rerun",
    )  # fmt: skip
    if not opened.open:
        return
    with opened:
        show.table(
            levers.rows(asked.base, asked.changed),
            (
                Column("name", "Lever", width="medium"),
                Column("group", "Of"),
                Column("shown", "Value"),
                Column("library_shown", "Library"),
                Column("state", "State"),
                Column("range", "Range"),
                Column("meaning", "Meaning", width="large"),
                Column("evidence", "Evidence", width="large"),
                Column("source", "Source", width="large"),
            ),
            file=f"{asked.portfolio} levers",
            key="levers",
        )
        st.caption(levers.LEGEND)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            title = st.text_input("Name of these beliefs", key="belief_title", max_chars=80, persist_state="session")
            one = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
            named = levers.scenario(asked, one or "beliefs", title.strip() or "Beliefs")
            save = scenarios.save_buttons(named, "belief_save", named=bool(one))
            st.download_button(
                "Download TOML",
                dump_scenario(named),
                file_name=f"{one or 'beliefs'}.toml",
                mime="application/toml",
                key="belief_toml",
                icon=":material/download:",
                on_click="ignore",
            )
        if one and not save and (said := scenarios.in_the_way(named)):
            st.warning(plain(said))
        if save:
            with guard.sentences():
                scenarios.keep(named, save == "replace")
                st.success(plain(f"Saved as {one}: the Shock page offers it among the scenarios."))
        st.caption("The file runs on the command line: python -m exposure shock FILE --scenario THIS.toml.")


def _levers(book: LeverBook, scenario: Scenario) -> Any:
    from exposure.levers.book import by_lever

    return by_lever(book, scenario)


def _swings(book: LeverBook, scenario: Scenario, held: tuple[str, ...]) -> Any:
    from exposure.levers.draws import tornado

    return tornado(LeverBook.of(book, scenario), held)


def _indices(book: LeverBook, scenario: Scenario, held: tuple[str, ...], seed: int) -> Any:
    from exposure.levers.draws import sobol

    return sobol(LeverBook.of(book, scenario), seed, held)


def _reverse(book: LeverBook, scenario: Scenario, loss: float) -> Any:
    from exposure.levers.draws import reverse

    return reverse(book, scenario, loss)


def _break_even(book: LeverBook, scenario: Scenario) -> Any:
    from exposure.levers.draws import break_even

    return break_even(book, scenario)


def _surface(book: LeverBook, scenario: Scenario, lever_x: str, lever_y: str) -> Any:
    from exposure.levers.draws import surface

    return surface(LeverBook.of(book, scenario), lever_x, lever_y, POINTS)


def _ridge(book: LeverBook, scenario: Scenario, replay: str) -> Any:
    from exposure.scenarios import load_scenario
    from exposure.scenarios.calibrate import moves_of, ridge

    return ridge(scenario, moves_of(load_scenario(replay)))


def _spread(book: LeverBook, scenario: Scenario, held: tuple[str, ...], seed: int) -> Any:
    from exposure.levers.draws import spread

    return spread(book, scenario, seed=seed, held=held)


POINTS = 31
"""Points of the map along each lever."""
QUESTIONS: Mapping[str, Callable[..., Any]] = {
    "levers": _levers,
    "swings": _swings,
    "indices": _indices,
    "reverse": _reverse,
    "break_even": _break_even,
    "surface": _surface,
    "ridge": _ridge,
    "spread": _spread,
}
