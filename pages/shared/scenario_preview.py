"""What the scenario that is being written does to the chosen portfolio, and its file."""

from __future__ import annotations

from collections import Counter
from typing import Any

import streamlit as st

from exposure.format import day, percent
from exposure.scenarios import waits
from exposure.types import Scenario
from pages.shared import (
    cache,
    completed,
    conflicts,
    guard,
    scenario_draft,
    scenarios,
    shock_figures,
    shock_rows,
    shock_windows,
    show,
    stamp,
    state,
)
from pages.shared.prices import made_up
from pages.shared.scenario_draft import Draft, Refusal
from pages.shared.select import Selection
from pages.shared.show import Column
from pages.shared.texts import plain


def horizon(draft: Draft) -> int:
    """Ask over how many sessions a replay is looked at; it is no part of the file."""
    if draft["kind"] != "replay":
        return 1
    state.settle(state.HORIZON, scenarios.HORIZONS, 1)
    chosen: int | None = st.segmented_control(
        "Look at it over", scenarios.HORIZONS, key=state.HORIZON, required=True, persist_state="session",
        format_func=_sessions,
        help="Sessions are counted from the first date on each exchange’s own calendar; not part of the file",
    )  # fmt: skip
    return chosen or 1


def _sessions(count: int) -> str:
    return "its dates" if count == 1 else f"{count} sessions"


def preview(chosen: Selection, found: Scenario | Refusal, book: Any) -> None:
    """Apply the scenario to the portfolio and show total, segments, and where each line's move came from."""
    if isinstance(found, Refusal):
        st.info("What it does to the portfolio shows here once nothing speaks against it.")
        return
    with guard.sentences():
        if waits(found):
            st.caption(plain(_prices(chosen.portfolio)))
        scenario = completed.ready(chosen.portfolio, found)
        result = cache.shock_of(*chosen.key, scenario)
        stamp.keep(stamp.of_result(chosen.portfolio, result))
        show.figure_line(shock_rows.headline(result))
        st.caption(plain(shock_rows.coverage(result)))
        windows = shock_windows.windows(result)
        if windows:
            st.caption(plain(shock_windows.windows_said(result, windows)))
        steps = shock_rows.steps(result, result.by_segment)
        show.chart(
            shock_figures.waterfall(steps, show.dark()),
            key="draft_waterfall",
            title=shock_rows.finding(result, result.by_segment),
            alt=shock_rows.in_words(steps),
            source=f"{chosen.portfolio}, {shock_rows.about(scenario)}",
            as_of=scenario.end or scenario.as_of or book.as_of,
            currency=book.currency,
        )
        _lines(chosen, result)
        show.issues(result.issues, "draft_issues")


def _prices(portfolio: str) -> str:
    status = cache.store().price_status(portfolio)
    if not status.tickers:
        return "No price is stored for this portfolio: load a price file or fetch prices on the Data page."
    sort = "The demo’s made-up prices" if made_up(portfolio) else "Stored prices"
    return f"{sort}: {day(status.start)} to {day(status.end)}."


def _lines(chosen: Selection, result: Any) -> None:
    rows = shock_rows.positions(result)
    counted = Counter(row["provenance"] for row in rows)
    said = ", ".join(f"{n} {shock_rows.MARKED[kind]}" for kind, n in counted.most_common())
    with st.expander(plain(f"Line by line: {said}"), icon=":material/list:"):
        show.table(
            rows,
            (
                Column("name", "Name", width="medium"),
                Column("ticker", "Ticker", width="small"),
                Column("weight", "Weight", "share"),
                Column("total_move", "Move", "share", "With its currency, where that is known"),
                Column("contribution", "Contribution", "share"),
                Column("mark", "Move from", width="small"),
                Column("source", "Source", width="small"),
                Column("start", "Window from", "date"),
                Column("end", "Window to", "date"),
            ),
            file=f"{chosen.portfolio} {result.scenario.id} lines",
            key="draft_lines",
        )
        st.caption(plain(shock_rows.LEGEND))
        total = percent(result.total_return, signed=True)
        st.caption(plain(f"The contributions add up to the total return, {total}."))


def file(draft: Draft, found: Scenario | Refusal) -> None:
    """Show the TOML, offer it as a file, and save the scenario."""
    written = scenario_draft.write(draft)
    sound = isinstance(found, Scenario)
    name = found.id if isinstance(found, Scenario) else "scenario"
    with st.container(horizontal=True):
        if st.button("Save", type="primary", key="draft_save", disabled=not sound, icon=":material/save:"):
            with guard.sentences():
                _save(draft, found)
        st.download_button(
            "Download TOML", written.text, file_name=f"{scenario_draft.slug(name) or 'scenario'}.toml",
            mime="application/toml", key="draft_toml", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        if draft["of"] and st.button("Use on the Shock page", key="draft_use"):
            scenarios.choose(draft["of"])
            st.switch_page(guard.page("shock"))
    with st.expander("The file as it stands", icon=":material/code:"):
        st.code(written.text, language="toml", line_numbers=True)
        option = scenarios.with_prices(found) if isinstance(found, Scenario) else ""
        st.caption(plain(f"It runs as: python -m exposure shock FILE --scenario {name}.toml{option}"))


def _save(draft: Draft, found: Any) -> None:
    saved = cache.saved_scenarios()
    one = scenario_draft.save_id(found, draft, saved, scenarios.of_library())
    text = scenario_draft.write(draft).text
    own = one == draft["of"]

    def change(seen: Any) -> str:
        said = scenarios.save(one, text, own, seen)
        draft["of"], draft["was"] = one, text
        return said

    cache.desk()["said"] = conflicts.run(change, draft.get("was") if own else None)
    st.rerun()
