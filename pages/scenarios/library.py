"""The shelf of the Scenarios page: what to start from, and the saved scenarios: open, rename, copy, delete, undo.

What the scenario that is being written does to the chosen portfolio, and its file.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import streamlit as st

from exposure.errors import ExposureError, ScenarioError
from exposure.format import day, percent
from exposure.types import Book, Scenario
from exposure.view import shock
from exposure.view.looks import Column
from exposure.view.sentences import one_line, plain
from pages.scenarios import editor
from pages.ui import actions, cache, charts, doubts, guard, scenario_draft, scenarios, shocks, show, stamp, state
from pages.ui.prices import made_up
from pages.ui.scenario_draft import Draft, Refusal
from pages.ui.select import Selection

NEW = {
    "custom": "New: moves by segment and name",
    "replay": "New: replay between two dates",
    "predictive": "New: prediction from given moves",
}
KINDS = {"custom": "Custom", "replay": "Replay", "transmission": "Beliefs", "predictive": "Prediction"}


def begin(chosen: Selection, book: Book) -> None:
    """Offer what to start from: nothing, a scenario of the library, a saved one, or a file."""
    of_library, saved = scenarios.of_library(), cache.saved_scenarios()
    labels = {f"new:{kind}": text for kind, text in NEW.items()}
    labels |= {f"library:{one}": f"Library: {title}" for one, title in of_library.items()}
    labels |= {f"saved:{one}": f"Saved: {one_line(one, 60)}" for one in saved}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        pick = st.selectbox("Start from", list(labels), format_func=labels.__getitem__, key="scenario_from", width=420)
        if st.button("Start", key="scenario_start", type="secondary"):
            with guard.sentences():
                sort, _, one = pick.partition(":")
                editor.start(_draft(chosen, book, sort, one))
                st.rerun()
        if cache.desk().get("draft") and st.button(
            "Bring back the draft before", key="draft_back", icon=":material/undo:"
        ):
            editor.start(cache.desk().pop("draft"))
            st.rerun()
    if pick.startswith("library:") and cache.scenario(pick.partition(":")[2]).kind == "replay":
        st.caption("A replay of the library lives in several files; it starts here as this book’s lines by name.")
    with st.expander("Start from a file", icon=":material/upload_file:"):
        _upload()


def _draft(chosen: Selection, book: Book, sort: str, one: str) -> scenario_draft.Draft:
    if sort == "saved":
        return _opened(one, cache.saved_scenarios()[one])
    if sort == "library":
        base = cache.scenario(one)
        named = scenarios.settled(base, book, id=f"{one}-mine", title=f"{base.title}, mine")
        draft = scenario_draft.draft_of(named)
        order = {segment: place for place, segment in enumerate(scenario_draft.SEGMENTS)}
        draft["segments"].sort(key=lambda row: order.get(row[0], len(order)))
        return draft
    if one == "custom":
        return scenario_draft.empty("custom")
    status = cache.store().price_status(chosen.portfolio)
    end = status.end or book.as_of
    last = end.isoformat() if end else ""
    if one == "replay":
        return scenario_draft.empty("replay", reaction="open", to=last)
    return scenario_draft.empty("predictive", as_of=last)


def _opened(one: str, text: str) -> scenario_draft.Draft:
    """Make a draft of a saved scenario that remembers the text it began from."""
    return {**scenario_draft.draft_of(cache.parsed(text, f"{one}.toml"), one), "was": text}


def _upload() -> None:
    given = st.file_uploader("Scenario file (TOML)", "toml", key="scenario_upload", max_upload_size=1)
    if given is None:
        return
    with guard.sentences():
        scenario = scenarios.of_file(given)
        st.success(plain(f"{given.name}: {scenario.title}, understood."))
        for issue in scenario.issues:
            st.caption(plain(f"{issue.what}. {issue.remedy}"))
        if st.button("Open in the editor", key="scenario_open_file"):
            editor.start(scenario_draft.draft_of(scenario))
            st.rerun()


def saved() -> None:
    """List the saved scenarios, each with what can be done to it."""
    st.subheader("Saved scenarios", anchor=False)
    texts = cache.saved_scenarios()
    seen = scenarios.shown(texts)
    if not texts:
        st.caption("None yet. What is saved here, on the Shock page or under Beliefs is listed here.")
        return
    show.table(
        [_row(one, text) for one, text in texts.items()],
        (
            Column("id", "Id", width="medium"),
            Column("title", "Title", width="large"),
            Column("kind", "Kind", width="small"),
            Column("start", "From", "date"),
            Column("end", "To", "date"),
            Column("said", "Remark", width="large"),
        ),
        file="saved scenarios",
        key="saved_scenarios",
    )
    state.settle("saved_one", list(texts), next(iter(texts)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        one = st.selectbox("Scenario", list(texts), format_func=one_line, key="saved_one", width=300)
        title = st.text_input("New title", key="saved_title", max_chars=80, width=260)
        blank = not scenario_draft.slug(title)
        actions = {
            "open": st.button("Open", key="saved_open", icon=":material/edit:"),
            "rename": st.button("Rename", key="saved_rename", disabled=blank),
            "copy": st.button("Copy", key="saved_copy", disabled=blank),
            "delete": st.button("Delete", key="saved_delete", icon=":material/delete:"),
        }
    if blank:
        st.caption("To rename or copy, write the new title first; its id follows from it.")
    with guard.sentences():
        action = next((name for name, pressed in actions.items() if pressed), None)
        if action:
            _do(action, one, texts[one], title, seen[one])


def _do(action: str, one: str, text: str, title: str, seen: str) -> None:
    if action == "delete":
        scenarios.delete(one, seen)
        draft = st.session_state.get(state.EDITOR)
        if draft and draft["of"] == one:
            draft["of"] = ""
    elif action == "open":
        editor.start(_opened(one, text))
    else:
        scenario = cache.parsed(text, f"{one}.toml")
        named = _named(scenario, title)
        cache.store().save_scenario(named.id, named.to_toml())
        if action == "rename":
            cache.store().delete_scenario(one, seen=text)
            draft = st.session_state.get(state.EDITOR)
            if draft and draft["of"] == one:
                editor.start({**draft, "of": named.id, "id": named.id, "title": named.title, "was": named.to_toml()})
    st.rerun()


def _named(scenario: Scenario, title: str) -> Scenario:
    one = scenario_draft.slug(title)
    if one in scenarios.of_library() or one in cache.saved_scenarios():
        raise ScenarioError(f"a scenario with the id {one} exists", remedy="write another title")
    return replace(scenario, id=one, title=title.strip())


def _row(one: str, text: str) -> dict[str, Any]:
    try:
        scenario = cache.parsed(text, f"{one}.toml")
    except ExposureError as error:
        return {"id": one, "title": "", "kind": "", "start": None, "end": None, "said": str(error)}
    end = scenario.last_day
    kind = KINDS[scenario.kind]
    return {"id": one, "title": scenario.title, "kind": kind, "start": scenario.start, "end": end, "said": ""}


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
        if found.needs_prices:
            st.caption(plain(_prices(chosen.portfolio)))
        scenario = shocks.ready(chosen.portfolio, found)
        result = shocks.shock_of(*chosen.key, scenario)
        stamp.keep(stamp.of_result(chosen.portfolio, result))
        show.figure_line(shock.headline(result))
        st.caption(plain(shock.coverage(result)))
        windows = shock.windows(result)
        if windows:
            st.caption(plain(shock.windows_said(result, windows)))
        steps = shock.steps(result, result.by_segment)
        show.chart(
            charts.horizontal_waterfall(steps, show.dark()),
            key="draft_waterfall",
            title=shock.finding(result, result.by_segment),
            alt=shock.alt_text(steps),
            source=f"{chosen.portfolio}, {shock.about(scenario)}",
            as_of=scenario.last_day or book.as_of,
            currency=book.currency,
        )
        _lines(chosen, result)
        doubts.issues(result.issues, "draft_issues")


def _prices(portfolio: str) -> str:
    status = cache.store().price_status(portfolio)
    if not status.tickers:
        return "No price is stored for this portfolio: load a price file or fetch prices on the Data page."
    sort = "The demo’s made-up prices" if made_up(portfolio) else "Stored prices"
    return f"{sort}: {day(status.start)} to {day(status.end)}."


def _lines(chosen: Selection, result: Any) -> None:
    rows = shock.positions(result)
    counted = Counter(row["provenance"] for row in rows)
    said = ", ".join(f"{n} {shock.MARKED[kind]}" for kind, n in counted.most_common())
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
        st.caption(plain(shock.LEGEND))
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

    cache.desk()["said"] = actions.run(change, draft.get("was") if own else None)
    st.rerun()
