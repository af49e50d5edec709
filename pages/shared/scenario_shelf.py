"""The shelf of the Scenarios page: what to start from, and the saved scenarios: open, rename, copy, delete, undo."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from exposure.errors import ExposureError, ScenarioError
from exposure.scenarios import dump_scenario
from exposure.types import Book, Scenario
from pages.shared import cache, guard, scenario_draft, scenario_editor, scenarios, show, state
from pages.shared.select import Selection
from pages.shared.show import Column
from pages.shared.texts import one_line, plain

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
                scenario_editor.start(_draft(chosen, book, sort, one))
                st.rerun()
        if cache.desk().get("draft") and st.button(
            "Bring back the draft before", key="draft_back", icon=":material/undo:"
        ):
            scenario_editor.start(cache.desk().pop("draft"))
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
        order = {segment: place for place, segment in enumerate(scenario_editor.SEGMENTS)}
        draft["segments"].sort(key=lambda row: order.get(row[0], len(order)))
        return draft
    if one == "custom":
        return scenario_draft.empty("custom")
    status = cache.store().price_status(chosen.portfolio)
    last = (status.end or book.as_of).isoformat() if (status.end or book.as_of) else ""
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
            scenario_editor.start(scenario_draft.draft_of(scenario))
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
        scenario_editor.start(_opened(one, text))
    else:
        scenario = cache.parsed(text, f"{one}.toml")
        named = _named(scenario, title)
        cache.store().save_scenario(named.id, dump_scenario(named))
        if action == "rename":
            cache.store().delete_scenario(one, seen=text)
            draft = st.session_state.get(state.EDITOR)
            if draft and draft["of"] == one:
                scenario_editor.start(
                    {**draft, "of": named.id, "id": named.id, "title": named.title, "was": dump_scenario(named)}
                )
    st.rerun()


def _named(scenario: Scenario, title: str) -> Scenario:
    one = scenario_draft.slug(title)
    if one in scenarios.of_library() or one in cache.saved_scenarios():
        raise ScenarioError(f"a scenario with the id {one} exists", remedy="write another title")
    return replace(scenario, id=one, title=title.strip())


def _row(one: str, text: str) -> dict:
    try:
        scenario = cache.parsed(text, f"{one}.toml")
    except ExposureError as error:
        return {"id": one, "title": "", "kind": "", "start": None, "end": None, "said": str(error)}
    end = scenario.end or scenario.as_of
    kind = KINDS[scenario.kind]
    return {"id": one, "title": scenario.title, "kind": kind, "start": scenario.start, "end": end, "said": ""}
