"""Which scenario: the picker, and the files: load, keep, delete, download."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from exposure.errors import ExposureError, ScenarioError
from exposure.scenarios import library
from exposure.shock import as_numbers
from exposure.types import Book, Scenario
from exposure.view import shock
from exposure.view.sentences import one_line, plain
from pages.ui import actions, cache, guard, shocks, state

DEFAULT = "deepseek-2025-01-27"
HORIZONS = (1, 3, 5, 20)


@dataclass(frozen=True, slots=True)
class Picked:
    """The scenario that the page applies; `saved` where it is a user's own."""

    id: str
    saved: bool
    scenario: Scenario


def pick(portfolio: str | None = None) -> Picked:
    """Draw the pickers of scenario and horizon and give the choice; where it cannot be read say why, end the page.

    A scenario that waits for prices is completed with those of the portfolio, where one is named.
    """
    saved = cache.saved_scenarios()
    labels = labelled(saved)
    if state.NEXT in st.session_state:
        st.session_state[state.SCENARIO] = st.session_state.pop(state.NEXT)
    wanted = st.session_state.get(state.SCENARIO, st.query_params.get(state.SCENARIO, DEFAULT))
    if wanted not in labels:
        st.info(f"No scenario is called {plain(str(wanted), 60)} any more: the default is shown.")
    state.settle(state.SCENARIO, list(labels), DEFAULT)
    state.settle(state.HORIZON, HORIZONS, 1)
    one = st.selectbox(
        "Scenario",
        list(labels),
        format_func=labels.__getitem__,
        key=state.SCENARIO,
        persist_state="session",
        width=420,
    )
    own = one not in of_library()
    horizon = 1
    replay = not own or kind_of(saved[one], one) == "replay"
    if replay:
        picked = st.segmented_control(
            "Sessions after the news",
            HORIZONS,
            key=state.HORIZON,
            required=True,
            persist_state="session",
            help="Counted from each window’s start, on each exchange’s own calendar; 1 is the reaction itself",
        )
        horizon = picked or 1  # a browser that redraws may send nothing for a moment
    state.publish(state.SCENARIO)
    if replay:
        state.publish(state.HORIZON)
    with guard.sentences():
        found = load(one, saved, horizon)
        return replace(found, scenario=shocks.ready(portfolio, found.scenario)) if portfolio else found
    st.stop()


def load(one: str, saved: dict[str, str], horizon: int = 1) -> Picked:
    """Give a scenario by its id, of the library or of those saved, as it stands before any price is read.

    Raises
    ------
    ScenarioError : its text does not read.
    """
    own = one not in of_library()
    return Picked(one, own, cache.parsed(saved[one], f"{one}.toml", horizon) if own else cache.scenario(one, horizon))


def kind_of(toml: str, one: str) -> str:
    """Give the kind of a saved scenario, nothing where it cannot be read."""
    try:
        return cache.parsed(toml, f"{one}.toml").kind
    except ExposureError:
        return ""


def of_library() -> dict[str, str]:
    """Name the scenarios of the library, the default first."""
    return {e.id: e.title for e in sorted(library(), key=lambda e: (e.id != DEFAULT, not e.id.startswith(DEFAULT)))}


def labelled(saved: dict[str, str]) -> dict[str, str]:
    """Name every scenario, the library's before the user's own; a saved one that cannot be read goes by its id."""
    sorts = {each.id: "Beliefs" if each.kind == "transmission" else "Replay" for each in library()}
    labels = {one: f"{sorts[one]}: {title}" for one, title in of_library().items()}
    for one, toml in saved.items():
        try:
            title = cache.parsed(toml, f"{one}.toml").title
        except ExposureError:
            title = one
        labels.setdefault(one, f"Saved: {one_line(title, 60)}" + (f" ({one_line(one, 40)})" if title != one else ""))
    return labels


def cuts(one: str) -> list[str]:
    """List the replays of the same event over different windows; nothing where there is one only."""
    event = shock.event(one)
    found = [event + ending for ending in shock.CUTS if event + ending in of_library()]
    return found if len(found) > 1 else []


def keep(scenario: Scenario, replace: bool = False) -> None:
    """Store a scenario under its id and choose it for the next run; what it replaces can be had back.

    Where it would replace another text than the one that was shown to be in the way, both are shown to choose from.

    Raises
    ------
    InputError : its id is one of the library's, or another scenario's and `replace` is not said.
    """
    text = scenario.to_toml()
    actions.run(lambda seen: save(scenario.id, text, replace, seen), _shown().get(scenario.id))
    choose(scenario.id)


def save(one: str, text: str, replace: bool, seen: str | None) -> str:
    """Store the text of a scenario over the one that was seen, and say so."""
    was = cache.saved_scenarios().get(one)
    cache.store().save_scenario(one, text, replace=replace, seen=seen)
    if was not in (None, text):
        cache.desk()["scenario"] = one, was, text
    return f"Saved as {one}: the Shock page offers it among the scenarios."


def delete(one: str, seen: str) -> None:
    """Delete a saved scenario whose text was shown; it can be had back."""

    def change(seen: str) -> str:
        cache.desk()["scenario"] = one, cache.store().delete_scenario(one, seen=seen), None
        return f"Deleted the scenario {one}."

    actions.run(change, seen)


def _shown() -> dict[str, str]:
    """Give what this session was shown to be saved under an id, where something is to be replaced or deleted."""
    shown: dict[str, str] = cache.desk().setdefault("scenarios shown", {})
    return shown


def shown(texts: dict[str, str]) -> dict[str, str]:
    """Give the saved scenarios as they were shown in the run before, when a button was pressed; keep those of now."""
    before = {**texts, **{one: text for one, text in _shown().items() if one in texts}}
    _shown().update(texts)
    return before


def save_buttons(scenario: Scenario, key: str, label: str = "Save as scenario", named: bool = True) -> str:
    """Draw the button that saves a scenario, another one where its id is taken; give `save`, `replace` or nothing."""
    taken = named and scenario.id not in of_library() and bool(in_the_way(scenario))
    if st.button(label, type="primary", key=key, disabled=not named or taken):
        return "save"
    if taken:
        if st.button(f"Replace {plain(scenario.id, 40)}", key=f"{key}_replace", icon=":material/warning:"):
            return "replace"
        _shown()[scenario.id] = cache.saved_scenarios()[scenario.id]
    return ""


def in_the_way(scenario: Scenario) -> str:
    """Say what other scenario has the id of this one, and what can be done; nothing where it is free."""
    if scenario.id in of_library():
        return f"{scenario.id} is the id of a scenario of the library, which is never written over: give it another."
    if cache.saved_scenarios().get(scenario.id) in (None, scenario.to_toml()):
        return ""
    return f"Another scenario is saved as {scenario.id}: give this one another name, or replace that one."


def choose(one: str) -> None:
    """Take a scenario at the beginning of the next run."""
    st.session_state[state.NEXT] = one


def settled(scenario: Scenario, book: Book, *, id: str, title: str) -> Scenario:
    """Give what one file can hold of a scenario: itself where it is custom, else the book's lines by name."""
    return (
        scenario if scenario.kind == "custom" and scenario.id == id else as_numbers(scenario, book, id=id, title=title)
    )


def files(picked: Picked, book: Book) -> None:
    """Load a scenario from a file, download the one on show, delete a saved one."""
    with st.expander("Scenario files", icon=":material/description:", key="scenario_files", on_change="rerun"):
        _load()
        scenario = picked.scenario
        one = picked.id if picked.saved else f"{picked.id}-settled"
        text = (
            cache.saved_scenarios()[one]
            if picked.saved
            else settled(scenario, book, id=one, title=scenario.title).to_toml()
        )
        st.download_button(
            "Download this scenario (TOML)",
            text,
            file_name=f"{one}.toml",
            mime="application/toml",
            key="scenario_toml",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption(
            f"Runs on the command line: python -m exposure shock FILE --scenario THIS.toml{with_prices(scenario)}. "
            + (
                ""
                if picked.saved
                else "A replay lives in several files; this one writes each line of this book down by name, so its "
                "moves count as the user’s."
            )
        )
        if picked.saved:
            seen = shown(cache.saved_scenarios())[picked.id]
            if st.button("Delete this saved scenario", icon=":material/delete:", key="scenario_delete"):
                delete(picked.id, seen)
                choose(DEFAULT)
                st.rerun()


def with_prices(scenario: Scenario) -> str:
    """Name the option that a scenario needs beside a file, where prices complete it."""
    of_prices = scenario.kind == "predictive" or (scenario.kind == "replay" and scenario.id not in of_library())
    return " --prices FILE" if of_prices else ""


def undo(go: bool = True) -> None:
    """Offer to bring back the scenario that was deleted, or written over, last; `go`: and to choose it."""
    gone = cache.desk().get("scenario")
    if gone and st.button(f"Undo: bring back {plain(gone[0], 60)}", icon=":material/undo:", key="scenario_undo"):
        one, text, left = cache.desk().pop("scenario")

        def change(seen: str | None) -> str:
            cache.store().save_scenario(one, text, replace=True, seen=seen)
            return f"Brought back {one}."

        actions.run(change, left)
        if go:
            choose(one)
        st.rerun()


def of_file(given: Any) -> Scenario:
    """Read an uploaded scenario file.

    Raises
    ------
    ScenarioError : what it refuses, with file and line.
    """
    try:
        text = given.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ScenarioError("the file is not UTF-8", file=given.name, remedy="save it as UTF-8 text") from None
    return cache.parsed(text, given.name)


def _load() -> None:
    """Check an uploaded file; what is refused is told with its key and line, what is read can be kept."""
    given = st.file_uploader("Scenario from a TOML file", "toml", key="scenario_file", max_upload_size=1)
    if given is None:
        return
    with guard.sentences():
        scenario = of_file(given)
        st.success(plain(f"{given.name}: {scenario.title}, understood."))
        for issue in scenario.issues:
            st.caption(plain(f"{issue.what}. {issue.remedy}"))
        if said := in_the_way(scenario):
            st.warning(plain(said))
        with st.container(horizontal=True):
            pressed = save_buttons(scenario, "scenario_keep", "Save and use")
        if pressed:
            keep(scenario, pressed == "replace")
            st.rerun()
