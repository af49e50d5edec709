"""Which book this session shows, and the address that says so on every page.

An address names a book as people do: `?portfolio=NAME&as_of=DATE`. The session holds the id of its snapshot beside the
name: a name can be given to another book, an id never is. Links of the menu and of the pages drop what stands in the
address, so `enter` writes it again before a page draws anything; a page then settles it with the store at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import streamlit as st

from exposure.format import day
from exposure.view.sentences import one_line
from pages.ui import cache, state

PORTFOLIO, AS_OF = "portfolio", "as_of"
KEYS = (PORTFOLIO, AS_OF, state.SNAPSHOT)
"""What says which book: its id stands in the address only where name and date lead elsewhere, or nowhere any more."""
OWN = 8
"""How many of its last addresses a session knows as its own: a browser in a hurry sends an older one once more."""
LISTED = 8
"""Dates that a sentence names."""

Stored = dict[int, tuple[str, date]]
"""Id of a snapshot → its portfolio and date; the latest of a portfolio first."""


def stored() -> Stored:
    """List what is stored."""
    return {s.snapshot_id: (p.name, s.as_of) for p in cache.store().portfolios() for s in reversed(p.snapshots)}


def enter(page: str) -> None:
    """Take over what the address asks for, unless this session wrote it, and write it on the page that opens."""
    if st.session_state.get(state.PAGE) != page:
        st.session_state.pop(state.RENAMED, None)
        st.session_state[state.PAGE] = page
    asked = {key: st.query_params.get(key, "") for key in KEYS}
    if _back() or _written(asked) not in st.session_state.get(state.ADDRESSES, []):
        if any(asked.values()):
            _hold(asked, asked)
        for key in state.CARRIED:
            if key in st.query_params:
                state.carry(key, st.query_params[key])
                st.session_state.pop(key, None)
    publish()


def _back() -> bool:
    """Tell whether the visitor went back or forward: the address counts then, though this session wrote it."""
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def held() -> dict[str, str]:
    """Give the name, date and id that this session holds; nothing where none was asked for or chosen yet."""
    return dict(st.session_state.get(state.BOOK, {}))


def choose(snapshot_id: int) -> None:
    """Show a stored snapshot from now on."""
    st.session_state.pop(state.RENAMED, None)
    found = stored()
    if snapshot_id in found:
        _show(found, snapshot_id)


def let_go(snapshot_id: int) -> None:
    """Show the latest that is left of a portfolio, where this session itself deletes the snapshot that it shows."""
    if (book := held()) and book[state.SNAPSHOT] == str(snapshot_id):
        asked = {PORTFOLIO: book[PORTFOLIO], AS_OF: "", state.SNAPSHOT: ""}
        _hold(asked, asked)


def settle(found: Stored) -> int | None:
    """Settle which snapshot is shown, the first where nothing was asked for; None where it is gone: see `gone`."""
    asked = held() or {PORTFOLIO: "", AS_OF: "", state.SNAPSHOT: str(next(iter(found)))}
    if asked[state.SNAPSHOT]:
        chosen = {str(one): one for one in found}.get(asked[state.SNAPSHOT])
    else:
        chosen = _named(found, asked[PORTFOLIO], asked[AS_OF])
    if chosen is None:
        _hold(asked, asked)  # with its id, so that a reload does not open what goes by its name now
    else:
        if asked[PORTFOLIO] and _tidy(asked[PORTFOLIO]) != (name := found[chosen][0]):
            said = f"What was chosen as “{one_line(asked[PORTFOLIO], 60)}” is called “{one_line(name, 60)}” now."
            st.session_state[state.RENAMED] = said
        _show(found, chosen)
    publish()
    return chosen


def _show(found: Stored, chosen: int) -> None:
    name, as_of = found[chosen]
    says = {PORTFOLIO: name, AS_OF: as_of.isoformat()}
    by_id = {state.SNAPSHOT: str(chosen)}
    _hold(says | by_id, says if _named(found, name, says[AS_OF]) == chosen else says | by_id)


def _hold(book: Mapping[str, str], says: Mapping[str, str]) -> None:
    st.session_state[state.BOOK] = {key: book[key] for key in KEYS}
    st.session_state[state.SAYS] = {key: value for key, value in says.items() if value}


def renamed() -> str:
    """Say where the book on show goes by another name than was asked for; nothing where it does not."""
    return str(st.session_state.get(state.RENAMED, ""))


def gone(found: Stored) -> str:
    """Say that what was asked for is not there, what became of it, and what to do."""
    asked = held()
    name = one_line(asked[PORTFOLIO], 60)
    days = [as_of for portfolio, as_of in found.values() if portfolio == _tidy(asked[PORTFOLIO])]
    if one := asked[state.SNAPSHOT]:
        at = f" as of {_day(asked[AS_OF])}" if asked[AS_OF] else ""
        what = f"“{name}”{at}" if name else f"Snapshot no. {one_line(one, 20)}"
        said = f"{what} is gone: it was deleted, or another took its place."
        if (number := state.number(one)) is not None and cache.store().whereabouts(number).state == "deleted":
            said += " It can be brought back under “Deleted” on the Holdings page."
        if days:
            said += f" What is stored as “{name}” now is another snapshot."
    elif days:
        listed = ", ".join(day(each) for each in days[:LISTED])
        said = f"The address asks for “{name}” as of {_day(asked[AS_OF])}, which is not stored; stored are {listed}."
    elif not name:
        said = "The address names a day and no portfolio."
    else:
        said = f"The address asks for “{name}”. Nothing is stored under that name: it may have been renamed or deleted."
    return f"{said} Nothing is shown in its place."


def publish() -> None:
    """Write the book, and what else every page carries, into the address, in one step: each is one of the history."""
    says = st.session_state.get(state.SAYS, {})
    others = {key: value for key, value in state.carried().items() if key not in st.query_params}
    # A key that stands there twice says two books, of which only the last is shown.
    if new := {key: value for key, value in (says | others).items() if st.query_params.get_all(key) != [value]}:
        st.query_params.update(new)
    for key in KEYS:
        if key not in says and key in st.query_params:
            del st.query_params[key]
    known = st.session_state.get(state.ADDRESSES, [])
    if _written(says) not in known[-1:]:
        st.session_state[state.ADDRESSES] = [*known, _written(says)][-OWN:]


def _written(book: Mapping[str, str]) -> str:
    return "&".join(f"{key}={book.get(key, '')}" for key in KEYS)


def _named(found: Stored, portfolio: str, as_of: str) -> int | None:
    """Find the snapshot that a name and a date lead to, without a date the latest."""
    name, wanted = _tidy(portfolio), _date(as_of)
    if as_of and wanted is None:
        return None
    return next((one for one, (own, at) in found.items() if own == name and wanted in (None, at)), None)


def _tidy(name: str) -> str:
    from db.repositories.names import tidy_name

    return tidy_name(name) if name.strip() else ""


def _date(as_of: str) -> date | None:
    """Read a day in any of ISO's ways of writing it."""
    try:
        return date.fromisoformat(as_of)
    except ValueError:
        return None


def _day(as_of: str) -> str:
    read = _date(as_of)
    return one_line(as_of, 20) if read is None else day(read)
