"""Books of real funds on the scorecard: a file with its date, the fund's own move, and the replay held to it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from exposure.format import day, from_points
from pages.shared import cache, guard, readings, score_rows, scored, show, texts, upload
from pages.shared.show import Column
from pages.shared.texts import plain

ROUND = "score_round"
MOST = 10
"""MB of a fund's file: it is kept in the store."""


def section(episodes: list[str]) -> None:
    """Show the funds replayed, and take another."""
    listed = scored.funds()
    rows = []
    with guard.sentences():
        for about in listed.values():
            found = scored.replay_of(about)
            start = cache.scenario(about["episode"]).start
            rows.append({**found, "as_of": about["as_of"], "late": about["as_of"] != str(start)})
    st.subheader(plain(score_rows.replayed(rows)), anchor=False)
    if rows:
        show.table(
            rows,
            (
                Column("fund", "Fund", width="small"),
                Column("scenario", "Episode", width="medium"),
                Column("as_of", "Book of", width="small"),
                Column("predicted", "Replay", "share"),
                Column("actual", "Fund’s own move", "share", "Over New York’s window of the episode"),
                Column("own", "Own move from", width="small"),
                Column("error", "Error", "share", "Replay less own move"),
                Column("same_day", "Replay, same day only", "share", "Exchanges that were shut are modelled"),
                Column("coverage", "Observed weight", "share"),
            ),
            file="replayed funds",
            key="score_replays",
        )
        if any(r["late"] for r in rows):
            st.caption(
                "A book that is not of the evening before the day holds what the fund held then, not on the day."
            )
        if any(r["actual"] is None for r in rows):
            st.caption(
                "An own move is not known where the fund’s ticker has no stored close on both days: load prices on the "
                "Data page, or add the fund again with its move typed in."
            )
        _remove(list(listed))
    with st.expander("Replay a fund’s book", icon=":material/upload_file:", expanded=not rows), guard.sentences():
        _add(episodes)


def _remove(listed: list[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.selectbox("Fund in the table", listed, key="score_gone", width=340)
        if st.button("Remove", key="score_remove", icon=":material/delete:"):
            cache.desk()["score_fund"] = scored.remove_fund(which)
            st.rerun()


def undo() -> None:
    """Offer to bring back the fund removed last."""
    gone = cache.desk().get("score_fund")
    if gone and st.button(f"Undo: bring back {plain(gone[0], 60)}", icon=":material/undo:", key="score_undo"):
        scored.put_back(*cache.desk().pop("score_fund"))
        st.rerun()


def _add(episodes: list[str]) -> None:
    """Take a file, its date, its episode and, where no closes are stored, the move that the user knows."""
    file = st.file_uploader(
        "The fund’s holdings on the evening before, as the fund house publishes them",
        type=list(upload.TYPES),
        key=f"score_file_{st.session_state.get(ROUND, 0)}",
        max_upload_size=MOST,
    )
    if file is None:
        st.caption("The replay needs the book of the evening before the day, and what the fund itself did.")
        return
    held = readings.read_inside(file.file_id, file.name, file)
    st.caption(plain(texts.read_from(held)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        named = file.name.split("_")[0].split(".")[0][:12]
        fund = st.text_input("Ticker of the fund", named, key="score_ticker", width=160)
        when = st.date_input("Book of", held.as_of, key=f"score_day_{file.file_id}", width=160)
        one = st.selectbox(
            "Episode", episodes, format_func=_title,
            index=_nearest(episodes, when), key=f"score_episode_{file.file_id}", width=340,
        )  # fmt: skip
        typed = st.number_input(
            "Its own move, %, if no closes are stored", value=None, min_value=-100.0, max_value=1000.0, format="%.3f",
            key="score_typed", width=260, help="Marked as typed in; stored closes of the ticker come first",
        )  # fmt: skip
    scenario = cache.scenario(one)
    st.caption(plain(f"The window is {day(scenario.start)} to {day(scenario.end)}, close to close in New York."))
    if st.button("Replay", type="primary", key="score_add", disabled=not (fund.strip() and when)):
        held = replace(held, as_of=when)
        about = {"fund": fund.strip().upper(), "as_of": str(when), "episode": one, "typed": from_points(typed)}
        scored.add_fund(file.name, file.getvalue(), about)
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.rerun()


def _title(episode: str) -> str:
    return texts.one_line(cache.scenario(episode).title, 60)


def _nearest(episodes: list[str], when: object) -> int:
    """Choose the episode that begins nearest to a date; without one the main one."""
    from exposure.shock.score import MAIN

    if when is None:
        return episodes.index(MAIN)
    gaps = [abs((cache.scenario(e).start - when).days) for e in episodes]  # type: ignore[operator]
    return gaps.index(min(gaps))
