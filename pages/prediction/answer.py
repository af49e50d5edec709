"""The book's day as it follows from what has moved so far: figures, how unusual that is, and keeping it.

What has moved so far: the paste, the segments, the last day of prices, and the scenario that they make.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from exposure.chain import segment_name
from exposure.errors import MissingPrice
from exposure.format import day, number, percent, short_money
from exposure.scenarios import REFERENCE_SERIES, SESSIONS_NEEDED, Pasted, read_pasted
from exposure.shock import ShockResult
from exposure.types import Scenario
from exposure.view import shock
from exposure.view.looks import Column
from exposure.view.sentences import plain, segment_label
from pages.ui import cache, guard, prices, scenario_draft, scenarios, show, state
from pages.ui.prices import SINCE, made_up
from pages.ui.scenario_draft import Refusal


def headline(result: ShockResult, plausible: dict[str, Any]) -> list[tuple[str, str] | tuple[str, str, str]]:
    """Give the line of figures: expected return, money, how unusual the given moves are, the worst day as unusual."""
    book, worst = result.book, plausible["worst_return"]
    shown: list[tuple[str, str] | tuple[str, str, str]] = [
        ("Expected total return", percent(result.total_return, signed=True), "If the rest follows as it did before")
    ]
    shown += shock.predicted_band(result)
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
    "the day is: over many days they held what they say, on 27 January 2025 less (docs/method/prediction.md). "
    "The odds are those of a normal distribution. Real returns have far fatter tails, so days like this come much more "
    "often than it says: read them to compare one day with another, never as a probability. The expectation supposes "
    "that names move together as they did over the last 500 sessions, recent ones counting more; the same page "
    "has its measured error: it explained between a fifth and two fifths of how names along the chain differed on six "
    "days."
)


def missing(portfolio: str, error: MissingPrice) -> None:
    """Say which prices are missing, and offer the way to them."""
    st.error(plain(str(error)), icon=":material/error:")
    st.info(
        f"A prediction needs {SESSIONS_NEEDED} sessions of prices up to that day: of {', '.join(REFERENCE_SERIES)}, of "
        "any other fund that is given, and of the names. Load a price file or fetch prices on the Data page."
    )
    with st.container(horizontal=True):
        st.page_link(guard.page("data"), label="Prices on the Data page", icon=":material/database:")
        if not made_up(portfolio) and st.button(f"Fetch {', '.join(REFERENCE_SERIES)}", key="prediction_fetch"):
            prices.start(REFERENCE_SERIES, SINCE)
            st.rerun()
    prices.watch()


def rows(result: ShockResult) -> list[dict[str, Any]]:
    """List every line, the largest loss first, with its band where there is one."""
    ranked = sorted(result.positions, key=lambda p: p.contribution)
    bands = [{"low": p.low, "high": p.high} for p in ranked]
    return [row | band for row, band in zip(shock.positions(result), bands, strict=True)]


def keep(found: Scenario) -> None:
    """Save the prediction under a title, or take it away as a file."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input("Title", key="prediction_title", max_chars=80, persist_state="session", width=300)
        named = scenario_draft.slug(title)
        text = _titled(found, named or "so-far", title.strip() or "So far today").to_toml()
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


EXAMPLE = "NVDA -17%\nSMH -9.8%\nSPY -1.4%"
TEXT, DAY = "prediction_text", "prediction_as_of"


def entered(portfolio: str) -> tuple[Pasted, str]:
    """Draw the fields and give what was pasted, and the last day of prices (ISO, empty where there is none)."""
    draft = st.session_state.get(state.PASTED) or {}
    status = cache.store().price_status(portfolio)
    st.session_state.setdefault(TEXT, draft.get("text", ""))
    st.text_area(
        "Names and moves, one a line", key=TEXT, height=180, placeholder=EXAMPLE, max_chars=20_000,
        help="Tickers or segments, straight from a spreadsheet too: NVDA -17%, NVDA;-0,17, SMH and a tab and -9.8%",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        segment = st.selectbox(
            "Segment", scenario_draft.SEGMENTS, format_func=segment_label, key="prediction_segment", width=240
        )
        move = st.number_input("Move, %", value=-5.0, step=0.5, format="%.2f", key="prediction_move", width=150)
        st.button("Add this line", key="prediction_add", on_click=_add, args=(segment, move))
        st.button("Example", key="prediction_example", on_click=_example, type="tertiary")
    last = status.end.isoformat() if status.end else ""
    if DAY not in st.session_state:
        said = draft.get("as_of") or last
        st.session_state[DAY] = date.fromisoformat(said) if said else None
    chosen = st.date_input(
        "By prices up to", key=DAY, min_value=date(1990, 1, 1), max_value=date(2100, 12, 31), width=180,
        help="Nothing later is looked at: the last close before the day whose moves are given",
    )  # fmt: skip
    if status.tickers:
        sort = "made-up prices of the demo" if made_up(portfolio) else "stored prices"
        st.caption(plain(f"How the names moved together before is learnt from the {sort}, up to {day(status.end)}."))
    as_of = chosen.isoformat() if chosen else ""
    said = {"text": st.session_state[TEXT], "as_of": as_of if as_of != last else ""}
    st.session_state[state.PASTED] = said if said["text"].strip() else {}  # a visit alone drafts nothing
    return read_pasted(st.session_state[TEXT]), as_of


def _add(segment: str, move: float) -> None:
    text = st.session_state.get(TEXT, "").rstrip()
    st.session_state[TEXT] = f"{text}\n{segment} {move:g}%".lstrip()


def _example() -> None:
    st.session_state[TEXT] = EXAMPLE


def understood(pasted: Pasted) -> None:
    """Say what was understood and what was refused, line by line."""
    for each in pasted.refused[:20]:
        st.error(plain(f"Line {each.number}, {each.raw[:60]}: {each.reason}."), icon=":material/error:")
    if len(pasted.refused) > 20:
        st.error(plain(f"{len(pasted.refused) - 20} more lines were not understood."))
    if pasted.heading:
        st.caption(plain(f"Read as a heading: {pasted.heading}"))
    if pasted.lines:
        said = ", ".join(f"{_called(line.name)} {percent(line.move, signed=True)}" for line in pasted.lines[:12])
        more = f" and {len(pasted.lines) - 12} more" if len(pasted.lines) > 12 else ""
        st.caption(plain(f"Understood: {said}{more}."))


def _called(name: str) -> str:
    return segment_name(name) if name in scenario_draft.SEGMENTS else name


def scenario(pasted: Pasted, as_of: str, title: str) -> Scenario | Refusal:
    """Make the prediction of what was pasted; its id follows from its title."""
    given = [[line.name, line.move] for line in pasted.lines]
    draft = scenario_draft.empty("predictive", id=scenario_draft.slug(title) or "so-far", title=title, as_of=as_of)
    return scenario_draft.read(draft | {"given": given})


def lines(rows: list[dict[str, Any]], file: str) -> None:
    """Show every line with its move, its band where one is known, and where it came from."""
    show.table(
        rows,
        (
            Column("name", "Name", width="medium"),
            Column("ticker", "Ticker", width="small"),
            Column("weight", "Weight", "share"),
            Column("total_move", "Expected move", "share"),
            Column("low", "Band from", "share", "90 %, where something tells the error of this line"),
            Column("high", "Band to", "share"),
            Column("contribution", "Contribution", "share", "To the total return"),
            Column("mark", "Move from", width="small"),
            Column("source", "Source", width="small"),
            Column("segment", "Segments", width="medium"),
        ),
        file=file,
        key="prediction_lines",
    )
