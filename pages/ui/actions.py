"""What buttons do to the store, each told in one sentence afterwards and, where something went, with an undo.

A change to what somebody else changed since it was shown: both texts side by side, and the person chooses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from exposure.chain.assign import make_override
from exposure.chain.listing import UNKNOWN
from exposure.chain.lookthrough import refuse_circles
from exposure.errors import ExposureError, StaleWrite
from exposure.types import Override, Snapshot
from exposure.view.sentences import count, plain
from pages.ui import cache, guard, state

Change = Callable[[Any], str]
"""Makes a change to what was seen, and tells it in a sentence."""


def keep(refused: StaleWrite, change: Change) -> None:
    """Keep a refused change with what is stored instead, to be chosen from."""
    st.session_state[state.CONFLICT] = [refused.subject, refused.mine, refused.theirs]
    cache.desk()["refused"] = (change, refused.found)


def run(change: Change, seen: Any) -> str:
    """Make a change to what was seen, and tell it; where somebody came first, begin the page anew with both texts."""
    try:
        return change(seen)
    except StaleWrite as refused:
        keep(refused, change)
        st.rerun()


def show() -> None:
    """Show both texts of the change that was refused last over the page, wherever it is scrolled to."""
    if state.CONFLICT in st.session_state:
        _ask()


@st.dialog("Changed since it was shown here", width="large", dismissible=False)
def _ask() -> None:
    what, mine, theirs = st.session_state[state.CONFLICT]
    with st.container(key="conflict"):
        said = (
            f"{what[:1].upper()}{what[1:]} has been changed since it was shown here. Nothing was changed; choose which "
        )
        st.markdown(plain(f"{said}of the two is to stand."))
        left, right = st.columns(2)
        with left:
            _text("Yours", mine)
            # The change itself is lost with the session that wrote it: then what is stored stands.
            if st.button("Use mine", key="conflict_mine", disabled="refused" not in cache.desk()):
                _choose(mine=True)
        with right:
            _text("Stored now", theirs)
            if st.button("Keep what is stored", key="conflict_theirs"):
                _choose(mine=False)


def _text(title: str, text: str) -> None:
    st.markdown(f"**{title}**")
    tall = text.count("\n") > 12
    st.code(text or "(nothing)", language=None, wrap_lines=True, height=300 if tall else "content")


def _choose(mine: bool) -> None:
    change, found = cache.desk().pop("refused", (None, None))
    st.session_state.pop(state.CONFLICT, None)
    if mine and change is not None:
        act_on(change, found)
    st.rerun()


def notice() -> None:
    """Show once what the last action did, and offer to undo a deletion."""
    from pages.ui import deleted  # it asks this module in turn

    kind, sentence = st.session_state.pop(state.NOTICE, ("", ""))
    if kind:
        (st.success if kind == "done" else st.error)(plain(sentence))
    if st.session_state.get(state.UNDO):
        what = st.session_state[state.UNDO][-1]
        st.button(f"Undo: bring back {plain(what, 80)}", icon=":material/undo:", key="undo", on_click=deleted.undo)


def act(change: Callable[[], str]) -> None:
    """Run a change of the store and keep its sentence, or the error's, for `notice`; a slow one is seen to run."""
    act_on(lambda _: change(), None)


def act_on(change: Change, seen: Any) -> None:
    """Run a change to what was seen; where the store holds something else by now, both are shown to choose from."""
    try:
        with st.spinner("Writing to the store"):
            st.session_state[state.NOTICE] = ["done", change(seen)]
    except StaleWrite as error:
        keep(error, change)
    except ExposureError as error:
        st.session_state[state.NOTICE] = ["error", str(error)]


def store_snapshots(
    portfolio: str | int, snapshots: Sequence[Snapshot], remember: tuple[str, Mapping[str, str]] | None = None
) -> None:
    """Store the snapshots of an upload in one transaction; those that were there before are told and not stored.

    `remember` is the shape of its headings and the columns said by hand: files of that shape are read so from now on.
    """

    def change() -> str:
        done = cache.store().import_snapshots(portfolio, snapshots)
        if remember is not None:
            cache.store().remember_columns(*remember, done[-1].portfolio)
        new = [each for each in done if each.duplicate_of is None]
        guard.choose(done[-1].snapshot_id)
        put_away()
        name, days = done[-1].portfolio, ", ".join(str(each.as_of) for each in new)
        if not new:
            return f"Already stored: “{name}” holds this very file of this date. Nothing was stored twice."
        if replaced := [each for each in new if each.replaces is not None]:
            pairs = [[each.replaces, each.snapshot_id] for each in replaced]
            st.session_state[state.UNDO] = ["version", pairs, f"the reading of {days} before"]
            return f"Stored in “{name}” as of {days}, in place of what was read from this file before."
        again = f" {len(done) - len(new)} of its dates were stored before and are left as they were." * (new != [*done])
        return f"Stored in “{name}” as of {days}: {new[-1].positions} positions, {new[-1].cash} cash rows.{again}"

    act(change)


def put_away() -> None:
    """Clear the upload field and what was read."""
    st.session_state.pop(state.UPLOAD, None)
    cache.desk().pop("upload", None)
    state.forget_upload()
    st.session_state[state.UPLOADER] = st.session_state.get(state.UPLOADER, 0) + 1


def delete_snapshot(snapshot_id: int, label: str) -> None:
    """Take a snapshot out of the lists."""

    def change() -> str:
        cache.store().delete_snapshot(snapshot_id)
        guard.let_go(snapshot_id)
        st.session_state[state.UNDO] = ["snapshot", snapshot_id, label]
        return f"Deleted {label}."

    act(change)


def delete_portfolio(key: int, name: str, seen: Sequence[int]) -> None:
    """Take a portfolio of an id out of the lists, with all its snapshots, `seen` being the ids of those shown."""

    def change(seen: Any) -> str:
        cache.store().delete_portfolio(key, seen=seen)
        st.session_state[state.UNDO] = ["portfolio", key, name]
        return f"Deleted the portfolio “{name}” with all its snapshots."

    act_on(change, frozenset(seen))


def rename_portfolio(key: int, field: str, seen: str) -> None:
    """Give a portfolio the name that stands in a field."""

    def change(seen: Any) -> str:
        name = cache.store().rename_portfolio(key, st.session_state.get(field, ""), seen=seen)
        return f"“{seen}” is called “{name}” now."

    act_on(change, seen)


def choose_proxies(portfolio: int, chosen: Mapping[str, str | None], seen: Mapping[str, str]) -> None:
    """Let series stand in for lines, or (None) no more, `seen` being what was shown to stand in."""

    def change(seen: Any) -> str:
        cache.store().choose_proxies(portfolio, chosen, seen=seen)
        placed = sum(symbol is not None for symbol in chosen.values())
        stands = f"Standing in from now on for {count(placed, 'line')}."
        return stands if placed else f"Taken out: {count(len(chosen), 'line')} without a price again."

    act_on(change, seen)


def store_inside(fund: str, held: Snapshot) -> None:
    """Keep what a fund holds, for every portfolio, unless funds would then hold each other in a circle."""

    def change() -> str:
        store = cache.store()
        known = {one: cache.snapshot(each.snapshot_id) for one, each in store.insides(held.as_of).items()}
        refuse_circles({**known, fund.upper(): held})
        done = store.store_inside(fund, held)
        st.session_state[state.UPLOADER] = st.session_state.get(state.UPLOADER, 0) + 1
        if done.duplicate_of is not None:
            return f"The holdings of {done.portfolio} of {done.as_of} were stored before."
        return f"{done.portfolio} is looked through by its {done.positions} positions of {done.as_of}."

    act(change)


def remove_inside(snapshot_id: int, label: str) -> None:
    """Forget what a fund holds as of one date."""

    def change() -> str:
        cache.store().delete_snapshot(snapshot_id)
        st.session_state[state.UNDO] = ["inside", snapshot_id, label]
        return f"Removed {label}."

    act(change)


def note_kept(kept_id: int, field: str, seen: str) -> None:
    """Write the note that stands in a field on a kept result, `seen` being the note that it was written over."""
    note = st.session_state[field]

    def change(seen: Any) -> str:
        cache.store().note_kept(kept_id, note, seen=seen)
        return "The note is kept."

    act_on(change, seen)


def delete_kept(kept_id: int, label: str, seen: str) -> None:
    """Take a kept result out of the list, `seen` being the note that was shown on it."""

    def change(seen: Any) -> str:
        cache.store().delete_kept(kept_id, seen=seen)
        st.session_state[state.UNDO] = ["result", kept_id, label]
        return f"Deleted {label}."

    act_on(change, seen)


def set_override(
    portfolio: int,
    security: tuple[str | None, str | None],
    weights: Mapping[str, float],
    reason: str,
    author: str,
    drafts: Sequence[str],
    seen: Override | None,
    delta: float | None = None,
) -> None:
    """Keep an override of a line (ISIN, ticker) for one portfolio, and clear the form's drafts.


    `seen` is the override that was shown to hold for the line, None where none was.
    """

    def change(seen: Any) -> str:
        own = make_override(*security, weights.items(), reason, author=author, day=date.today(), delta=delta)
        cache.store().set_override(own, portfolio, seen=seen)
        for key in drafts:
            st.session_state[key] = [] if isinstance(st.session_state.get(key), list) else ""
        how = "now stands where you put it" if weights else "now moves as you said"
        return f"Saved: {security[0] or security[1]} {how}."

    act_on(change, seen)


def _holds(portfolio: int | None, security: str | None) -> Override | None:
    """Give the override that holds for a security now: the portfolio's own, else that of all."""
    return next((o for o in cache.store().overrides(portfolio) if (o.isin or o.ticker) == security), None)


def remove_override(portfolio: int, gone: Override) -> None:
    """Remove an override as it was shown, that of the portfolio or that of all."""

    def change(seen: Any) -> str:
        owner = None if gone in cache.store().overrides() else portfolio
        removed = cache.store().remove_override(gone.isin, gone.ticker, portfolio=owner, seen=seen)
        cache.desk()["removed"] = (removed, owner, _holds(owner, gone.isin or gone.ticker))
        label = f"the override of {gone.isin or gone.ticker}"
        st.session_state[state.UNDO] = ["override", gone.isin or gone.ticker or "", label]
        return f"Removed {label}."

    act_on(change, gone)


def answer(portfolio: int, identifier: str, key: str) -> None:
    """Keep which security an identifier of a portfolio's files means: the symbol chosen in the field of that key."""
    symbol = st.session_state.get(key)

    def change() -> str:
        cache.store().save_answer(identifier, symbol, portfolio)
        means = "none of those on offer" if symbol == UNKNOWN else symbol
        return f"Kept for this portfolio: {identifier} is {means}."

    if symbol:
        act(change)


def take_back(portfolio: int, identifier: str) -> None:
    """Forget an answer, that of the portfolio or that of all, so that it is asked again."""

    def change() -> str:
        store = cache.store()
        store.save_answer(identifier, "", portfolio)
        if identifier in store.answers(portfolio):
            store.save_answer(identifier, "")
        return f"Taken back: what {identifier} means is asked again where it is not clear."

    act(change)
