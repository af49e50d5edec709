"""What buttons do to the store, each told in one sentence afterwards and, where something went, with an undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

import streamlit as st

from exposure.chain.funds import refuse_circles
from exposure.chain.identity import UNKNOWN
from exposure.chain.overrides import make_override
from exposure.errors import ExposureError
from exposure.types import Override, Snapshot
from pages.shared import address, cache, drafts, state
from pages.shared.texts import count, plain


def notice() -> None:
    """Show once what the last action did, and offer to undo a deletion."""
    kind, sentence = st.session_state.pop(state.NOTICE, ("", ""))
    if kind:
        (st.success if kind == "done" else st.error)(plain(sentence))
    if st.session_state.get(state.UNDO):
        what = st.session_state[state.UNDO][-1]
        st.button(f"Undo: bring back {plain(what, 80)}", icon=":material/undo:", key="undo", on_click=_undo)


def act(change: Callable[[], str]) -> None:
    """Run a change of the store and keep its sentence, or the error's, for `notice`; a slow one is seen to run."""
    try:
        with st.spinner("Writing to the store"):
            st.session_state[state.NOTICE] = ["done", change()]
    except ExposureError as error:
        st.session_state[state.NOTICE] = ["error", str(error)]


def store_snapshots(
    portfolio: str, snapshots: Sequence[Snapshot], remember: tuple[str, Mapping[str, str]] | None = None
) -> None:
    """Store the snapshots of an upload in one transaction; those that were there before are told and not stored.

    `remember` is the shape of its headings and the columns said by hand: files of that shape are read so from now on.
    """

    def change() -> str:
        done = cache.store().import_snapshots(portfolio, snapshots)
        if remember is not None:
            cache.store().remember_columns(*remember)
        new = [each for each in done if each.duplicate_of is None]
        address.choose(done[-1].snapshot_id)
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
    drafts.forget_upload()
    st.session_state[state.UPLOADER] = st.session_state.get(state.UPLOADER, 0) + 1


def delete_snapshot(snapshot_id: int, label: str) -> None:
    """Take a snapshot out of the lists."""

    def change() -> str:
        cache.store().delete_snapshot(snapshot_id)
        address.let_go(snapshot_id)
        st.session_state[state.UNDO] = ["snapshot", snapshot_id, label]
        return f"Deleted {label}."

    act(change)


def delete_portfolio(name: str) -> None:
    """Take a portfolio with all its snapshots out of the lists."""

    def change() -> str:
        cache.store().delete_portfolio(name)
        st.session_state[state.UNDO] = ["portfolio", name, name]
        return f"Deleted the portfolio “{name}” with all its snapshots."

    act(change)


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


def delete_kept(kept_id: int, label: str) -> None:
    """Take a kept result out of the list."""

    def change() -> str:
        cache.store().delete_kept(kept_id)
        st.session_state[state.UNDO] = ["result", kept_id, label]
        return f"Deleted {label}."

    act(change)


def bring_back(kind: str, which: int | str, label: str) -> None:
    """Bring back a deleted snapshot, portfolio or kept result."""

    def change() -> str:
        store = cache.store()
        restore = {"snapshot": store.restore_snapshot, "portfolio": store.restore_portfolio}
        restore.get(kind, store.restore_kept)(which)
        st.session_state.pop(state.UNDO, None)
        return f"Brought back {label}."

    act(change)


def purge(until: datetime) -> None:
    """Remove for good what was deleted before a moment; nothing brings it back."""

    def change() -> str:
        snapshots, results = cache.store().purge_deleted(until), cache.store().purge_kept(until)
        st.session_state.pop(state.UNDO, None)
        return f"Removed for good: {count(snapshots, 'snapshot')} and {count(results, 'kept result')}."

    act(change)


def set_override(
    portfolio: str,
    security: tuple[str | None, str | None],
    weights: Mapping[str, float],
    reason: str,
    author: str,
    drafts: Sequence[str],
) -> None:
    """Keep an override of a line (ISIN, ticker) for one portfolio, and clear the form's drafts."""

    def change() -> str:
        own = make_override(*security, weights.items(), reason, author, date.today())
        cache.store().set_override(own, portfolio)
        for key in drafts:
            st.session_state[key] = [] if isinstance(st.session_state.get(key), list) else ""
        return f"Saved: {security[0] or security[1]} now stands where you put it, in “{portfolio}”."

    act(change)


def remove_override(portfolio: str, gone: Override) -> None:
    """Remove an override, that of the portfolio or that of all."""

    def change() -> str:
        owner = None if gone in cache.store().overrides() else portfolio
        cache.store().remove_override(gone.isin, gone.ticker, portfolio=owner)
        cache.desk()["removed"] = (gone, owner)
        label = f"the override of {gone.isin or gone.ticker}"
        st.session_state[state.UNDO] = ["override", gone.isin or gone.ticker or "", label]
        return f"Removed {label}."

    act(change)


def answer(portfolio: str, identifier: str, key: str) -> None:
    """Keep which security an identifier of a portfolio's files means: the symbol chosen in the field of that key."""
    symbol = st.session_state.get(key)

    def change() -> str:
        cache.store().save_answer(identifier, symbol, portfolio)
        means = "none of those on offer" if symbol == UNKNOWN else symbol
        return f"Kept for “{portfolio}”: {identifier} is {means}."

    if symbol:
        act(change)


def take_back(portfolio: str, identifier: str) -> None:
    """Forget an answer, that of the portfolio or that of all, so that it is asked again."""

    def change() -> str:
        store = cache.store()
        store.save_answer(identifier, "", portfolio)
        if identifier in store.answers(portfolio):
            store.save_answer(identifier, "")
        return f"Taken back: what {identifier} means is asked again where it is not clear."

    act(change)


def _undo() -> None:
    kind, which, label = st.session_state.pop(state.UNDO)

    def change() -> str:
        store = cache.store()
        if kind == "snapshot":
            store.restore_snapshot(which)
            address.choose(which)
        elif kind == "inside":
            store.restore_snapshot(which)
        elif kind == "result":
            store.restore_kept(which)
            st.session_state[state.RESULT] = which
        elif kind == "version":
            for before, after in which:
                store.restore_snapshot(before, instead_of=after)
            address.choose(which[-1][0])
        elif kind == "portfolio":
            store.restore_portfolio(which)
        elif kind == "trades":
            for key, value in which:
                store.save_setting(key, value)
        elif kind == "series":
            store.store_prices(cache.desk().pop("dropped"), "restored")
            cache.forget_prices()
        else:
            store.set_override(*cache.desk().pop("removed"))
        return f"Brought back {label}."

    act(change)
