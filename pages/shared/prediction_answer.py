"""The book's day as it follows from what has moved so far: figures, how unusual that is, and keeping it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from exposure.errors import MissingPrice
from exposure.format import number, percent, short_money
from exposure.scenarios import dump_scenario
from exposure.scenarios.prediction import NEEDED, REFERENCES
from exposure.shock.result import ShockResult
from exposure.types import Scenario
from pages.shared import cache, fetching, guard, scenario_draft, scenarios, shock_rows
from pages.shared.prices import SINCE, made_up
from pages.shared.texts import plain


def headline(result: ShockResult, plausible: dict[str, Any]) -> list[tuple[str, str] | tuple[str, str, str]]:
    """Give the line of figures: expected return, money, how unusual the given moves are, the worst day as unusual."""
    book, worst = result.book, plausible["worst_return"]
    shown: list[tuple[str, str] | tuple[str, str, str]] = [
        ("Expected total return", percent(result.total_return, signed=True), "If the rest follows as it did before")
    ]
    shown += shock_rows.foretold_band(result)
    if book.basis == "values":
        shown += [("Profit and loss", short_money(result.pnl, book.currency, signed=True))]
    return [
        *shown,
        (
            "Distance of the given moves",
            f"{number(plausible['distance'], 1)} σ",
            "Mahalanobis distance from a day on which nothing moves, in daily standard deviations",
        ),
        ("Odds, were returns normal", odds(plausible["days"]), "Real tails are far fatter: read it as an order"),
        (
            "Worst day as unusual",
            percent(worst, signed=True),
            "The worst return of this book over all days at the same distance, by the same covariance",
        ),
    ]


def odds(days: float) -> str:
    """Write odds in sessions, years of 250 where they are long."""
    if days < 1000:
        return f"1 in {number(max(days, 1.0))} sessions"
    years = days / 250
    return f"1 in {number(years)} years" if years < 1e6 else "1 in over a million years"


CAVEAT = (
    "The bands hold 90 % of the errors that the same prediction made on the 125 sessions before, scaled by how far out "
    "the day is: over many days they held what they say, on 27 January 2025 less (METHOD.md). "
    "The odds are those of a normal distribution. Real returns have far fatter tails, so days like this come much more "
    "often than it says: read them to compare one day with another, never as a probability. The expectation supposes "
    "that names move together as they did over the last 500 sessions, recent ones counting more; METHOD.md has its "
    "measured error: it explained between a fifth and two fifths of how names along the chain differed on six days."
)


def missing(portfolio: str, error: MissingPrice) -> None:
    """Say which prices are missing, and offer the way to them."""
    st.error(plain(str(error)), icon=":material/error:")
    st.info(
        f"A prediction needs {NEEDED} sessions of prices up to that day: of {', '.join(REFERENCES)}, of any other fund "
        "that is given, and of the names. Load a price file or fetch prices on the Data page."
    )
    with st.container(horizontal=True):
        st.page_link(guard.page("data"), label="Prices on the Data page", icon=":material/database:")
        if not made_up(portfolio) and st.button(f"Fetch {', '.join(REFERENCES)}", key="prediction_fetch"):
            fetching.start(REFERENCES, SINCE)
            st.rerun()
    fetching.watch()


def rows(result: ShockResult) -> list[dict[str, Any]]:
    """List every line, the largest loss first, with its band where there is one."""
    ranked = sorted(result.positions, key=lambda p: p.contribution)
    bands = [{"low": p.low, "high": p.high} for p in ranked]
    return [row | band for row, band in zip(shock_rows.positions(result), bands, strict=True)]


def keep(found: Scenario) -> None:
    """Save the prediction under a title, or take it away as a file."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input("Title", key="prediction_title", max_chars=80, persist_state="session", width=300)
        named = scenario_draft.slug(title)
        text = dump_scenario(_titled(found, named or "so-far", title.strip() or "So far today"))
        if st.button("Save as scenario", key="prediction_save", type="primary", disabled=not named):
            with guard.sentences():
                one = scenario_draft.save_id(
                    _titled(found, named, title.strip()), {"of": ""}, cache.saved_scenarios(), scenarios.of_library()
                )
                cache.store().save_scenario(one, text)
                st.success(plain(f"Saved as {one}: the Shock and Scenarios pages offer it."))
        st.download_button(
            "Download TOML", text, file_name=f"{named or 'so-far'}.toml", mime="application/toml",
            key="prediction_toml", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
    st.caption(
        "The file holds the given moves and the day; on the command line: python -m exposure shock FILE --scenario "
        "THIS.toml --prices FILE."
    )


def _titled(found: Scenario, one: str, title: str) -> Scenario:
    from dataclasses import replace

    return replace(found, id=one, title=title)
