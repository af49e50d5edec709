"""The user's own say on where a line stands: form, list, undo; and the published stakes behind the table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from exposure.chain import FINEST, MOST_DELTA, make_override, segment_name, write_overrides
from exposure.types import Book, Line, Override
from exposure.view import holdings, sentences
from exposure.view.looks import Column
from pages.ui import actions, cache, drafts, guard, show, stamp, state
from pages.ui.select import Selection

NOTHING = ""
OWN = {f: f"own_{f}" for f in ("line", "segments", "reason", "author")}
"""Keys of the form."""


def overrides(chosen: Selection, book: Book) -> None:
    """Show the form for an override and the list of those that hold."""
    st.subheader("Your own placing", anchor=False)
    st.caption("An override beats the table and is kept with the portfolio. Parts that stay below 1 are unassigned.")
    _form(chosen, book)
    owner = cache.standing(chosen.portfolio, chosen.snapshot_id)
    listed = cache.overrides(owner)
    if listed:
        _list(chosen, owner, listed)


def _form(chosen: Selection, book: Book) -> None:
    lines = {_key(line): line for line in book.lines if line.holding.isin or line.holding.ticker}
    labels = {NOTHING: "Choose a line"} | {key: _label(line) for key, line in lines.items()}
    draft = _drafted(chosen.portfolio)
    _begin(OWN["line"], draft.get("line", NOTHING))
    if st.session_state[OWN["line"]] not in labels:
        st.session_state[OWN["line"]] = NOTHING
    line = st.selectbox("Line", list(labels), format_func=labels.__getitem__, key=OWN["line"], width=420)
    if not line:
        _keep({} if draft else None)
        return
    own = lines[line].holding
    now = ", ".join(f"{segment_name(s)} {w:g}" for s, w in lines[line].assignment.weights.items())
    st.caption(sentences.plain(f"Now: {now}. {lines[line].assignment.reason}"))
    _begin(OWN["segments"], draft.get("segments", []))
    segments = st.multiselect(
        "Segments", FINEST, format_func=sentences.segment_label, key=OWN["segments"], max_selections=6
    )
    weights: dict[str, float] = {}
    with st.container(horizontal=True):
        for segment in segments:
            left = max(0.0, round(1.0 - sum(weights.values()), 2))
            key = f"own_weight_{segment}"
            _begin(key, draft.get("weights", {}).get(segment, left))
            label = f"{segment_name(segment)}, share 0 to 1"
            weights[segment] = st.number_input(label, 0.0, 1.0, step=0.05, key=key, width=220)
    delta = _delta(lines[line], draft.get("delta"))
    given = segments or delta is not None
    _begin(OWN["reason"], draft.get("reason", ""))
    reason = st.text_input("Reason", key=OWN["reason"], max_chars=300)
    _begin(OWN["author"], draft.get("author", ""))
    author = st.text_input("Author", key=OWN["author"], max_chars=80, width=300)
    said = {"line": line, "segments": segments, "weights": weights, "reason": reason, "author": author, "delta": delta}
    _keep({"portfolio": chosen.portfolio, **said})
    owner = cache.standing(chosen.portfolio, chosen.snapshot_id)
    holds = next((o for o in cache.overrides(owner) if (o.isin or o.ticker) == (own.isin or own.ticker)), None)
    st.button(
        "Save override",
        type="primary",
        key="own_save",
        disabled=not (given and reason.strip()),
        help=None if given and reason.strip() else "Choose a segment and give a reason first",
        on_click=_save,
        args=(owner, lines[line], holds),
        kwargs={"weights": weights, "reason": reason, "author": author, "delta": delta},
    )


def _delta(line: Line, drafted: float | None) -> float | None:
    """Ask for the delta of an option, or the daily factor of a leveraged fund; nothing of other lines."""
    option = line.holding.kind == "option"
    if not option and line.factor is None:
        return None
    said = "Its move for a move of 1 of what it is on" if option else "Times the daily move of what it tracks"
    name = "Delta" if option else "Daily factor"
    key = f"own_delta_{_key(line)}"
    _begin(key, drafted)
    return st.number_input(
        name, -MOST_DELTA, MOST_DELTA, step=0.05, key=key, help=f"{said}. Empty: as it is now", width=220
    )


def _drafted(portfolio: str) -> dict[str, Any]:
    """Give what was drafted for this portfolio; a form that was drawn for another is emptied first."""
    if st.session_state.get(state.OVERRIDE_OF) != portfolio:
        for key in [key for key in st.session_state if str(key) in OWN.values() or str(key).startswith("own_weight_")]:
            del st.session_state[key]
        st.session_state[state.OVERRIDE_OF] = portfolio
    draft = st.session_state.get(state.OVERRIDE) or {}
    return dict(draft) if draft.get("portfolio") == portfolio else {}


def _begin(key: str, value: Any) -> None:
    """Let a field begin at a value: a widget that another page hid, or a reload, has none."""
    st.session_state.setdefault(key, value)


def _keep(draft: dict[str, Any] | None) -> None:
    """Keep the form as it stands; None leaves what was drafted for another portfolio."""
    if draft is not None:
        st.session_state[state.OVERRIDE] = draft
    with guard.sentences():
        drafts.keep(":override")


def _key(line: Line) -> str:
    return line.holding.isin or line.holding.ticker or ""


def _label(line: Line) -> str:
    own = line.holding
    return sentences.one_line(" · ".join(t for t in (own.name, own.ticker, own.isin) if t), 90)


def _list(chosen: Selection, owner: int, listed: tuple[Override, ...]) -> None:
    show.table(
        holdings.overrides(listed),
        (
            Column("security", "Security", width="small"),
            Column("segment", "Segment", width="medium"),
            Column("weight", "Part of line", "share"),
            *([Column("delta", "Delta", "number")] if any(each.delta is not None for each in listed) else []),
            Column("reason", "Reason", width="large"),
            Column("author", "Author", width="small"),
            Column("date", "Date", "date"),
        ),
        file=f"{chosen.portfolio} overrides listed",
        key="overrides",
    )
    keys = {each.isin or each.ticker: each for each in listed}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.selectbox("Override", list(keys), key="own_which", persist_state="session", width=220)
        gone = keys[which]
        st.button("Remove", key="own_remove", on_click=_remove, args=(owner, gone))
        st.download_button(
            "Download as overrides file",
            write_overrides(listed) + "".join(f"{line}\n" for line in stamp.comments(stamp.kept())),
            file_name="overrides.csv",
            mime="text/csv",
            key="own_file",
            help="For the command line: --overrides FILE",
            icon=":material/download:",
            on_click="ignore",
        )


def _save(
    portfolio: int,
    line: Line,
    seen: Override | None,
    *,
    weights: Mapping[str, float],
    reason: str,
    author: str,
    delta: float | None,
) -> None:
    """Keep an override of a line for one portfolio, and clear the form.

    `seen` is the override that was shown to hold for the line, None where none was.
    """
    isin, ticker = line.holding.isin, line.holding.ticker

    def change(seen: Any) -> str:
        own = make_override(isin, ticker, weights.items(), reason, author=author, day=date.today(), delta=delta)
        cache.store().set_override(own, portfolio, seen=seen)
        for field in ("line", "segments", "reason"):
            st.session_state[OWN[field]] = [] if field == "segments" else ""
        how = "now stands where you put it" if weights else "now moves as you said"
        return f"Saved: {isin or ticker} {how}."

    actions.act_on(change, seen)


def _holds(portfolio: int | None, security: str | None) -> Override | None:
    """Give the override that holds for a security now: the portfolio's own, else that of all."""
    return next((o for o in cache.store().overrides(portfolio) if (o.isin or o.ticker) == security), None)


def _remove(portfolio: int, gone: Override) -> None:
    """Remove an override as it was shown, that of the portfolio or that of all."""

    def change(seen: Any) -> str:
        owner = None if gone in cache.store().overrides() else portfolio
        removed = cache.store().remove_override(gone.isin, gone.ticker, portfolio=owner, seen=seen)
        cache.desk()["removed"] = (removed, owner, _holds(owner, gone.isin or gone.ticker))
        label = f"the override of {gone.isin or gone.ticker}"
        st.session_state[state.UNDO] = ["override", gone.isin or gone.ticker or "", label]
        return f"Removed {label}."

    actions.act_on(change, gone)


def stakes(book: Book) -> None:
    """Show which held issuers have a published stake in an unlisted laboratory."""
    held = holdings.stakes_held(book)
    st.subheader("Stakes in unlisted laboratories", anchor=False)
    if not held:
        st.caption("No issuer in this book has a published stake.")
        return
    show.table(
        held,
        (
            Column("holder", "Holder", width="medium"),
            Column("weight", "Weight in book", "share"),
            Column("lab", "Laboratory", width="small"),
            Column("stake", "Stake", "share", "Empty: no share is published"),
            Column("value_usd", "Value, USD", "money", "Empty: no value is published"),
            Column("basis", "Basis", width="medium"),
            Column("source", "Source", width="large"),
            Column("dated", "Date", "date"),
        ),
        file="stakes",
        key="stakes",
    )
