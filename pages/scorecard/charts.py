"""The scorecard's charts: names observed against predicted, and how often bands held. Pure functions.

Parts of the scorecard, kept as the answers of `cache` are: by episode, by state of the prices, by a file's hash.

Books of real funds on the scorecard: a file with its date, the fund's own move, and the replay held to it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from exposure.chain import TOP_SEGMENTS, on_chain, segment_name
from exposure.format import TICKS, day, from_points, percent
from exposure.spread import LeftOut, left_out, predict_left_out
from exposure.view import looks, scorecard, sentences
from exposure.view.looks import Column
from exposure.view.sentences import in_chart, plain
from pages.ui import cache, guard, shocks, show

if TYPE_CHECKING:
    from exposure.types import Book


Row = Mapping[str, Any]


def names(rows: Sequence[Row], dark: bool = False) -> go.Figure:
    """Draw each name: across what the others predict, up what it did, its band as a line over the diagonal."""
    x: list[float | None] = []
    y: list[float | None] = []
    for row in rows:
        if row["low"] is not None:
            x += [row["predicted"], row["predicted"], None]
            y += [row["low"], row["high"], None]
    band = go.Scatter(
        x=x, y=y, mode="lines", line={"color": looks.GRID[dark], "width": 3}, hoverinfo="skip",
        name="band, 90\u202f%", showlegend=True,
    )  # fmt: skip
    ends = [min(r["predicted"] for r in rows), max(r["predicted"] for r in rows)]
    exact = go.Scatter(
        x=ends, y=ends, mode="lines", line={"color": looks.QUIET[dark], "width": 1, "dash": "dot"}, hoverinfo="skip",
        name="as predicted", showlegend=True,
    )  # fmt: skip
    dots = []
    for segment in (s for s in TOP_SEGMENTS if on_chain(s)):
        own = [r for r in rows if r["segment"] == segment]
        if own:
            dots.append(
                go.Scatter(
                    x=[r["predicted"] for r in own],
                    y=[r["observed"] for r in own],
                    mode="markers+text",
                    name=segment_name(segment),
                    showlegend=True,
                    text=[in_chart(r["name"], 8) if r["inside"] == "outside" else "" for r in own],
                    textposition="middle right",
                    textfont={"size": 12, "color": looks.INK[dark]},
                    marker={
                        "color": looks.colour(segment, dark),
                        "size": 8,
                        "line": {
                            "width": [1.8 if r["inside"] == "outside" else 0.5 for r in own],
                            "color": [looks.INK[dark] if r["inside"] == "outside" else looks.GROUND[dark] for r in own],
                        },
                    },
                    customdata=[[in_chart(_told(r), 300)] for r in own],
                    hovertemplate="%{customdata[0]}<extra></extra>",
                )
            )
    layout = {
        "height": 460,
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "itemclick": False},
        "xaxis": {"tickformat": TICKS, "title": {"text": "Predicted by the others"}, "nticks": 7},
        "yaxis": {"tickformat": TICKS, "title": {"text": "Observed"}, "nticks": 8},
    }
    return go.Figure([band, exact, *dots], layout=layout)


def _told(row: Row) -> str:
    band = "" if row["low"] is None else f", band {percent(row['low'], 1)} to {percent(row['high'], 1)}"
    return (
        f"{row['name']}, {row['sub_segment']}: observed {percent(row['observed'], 1)}, "
        f"predicted {percent(row['predicted'], 1)}{band}"
    )


def coverage(rows: Sequence[Row], level: float, dark: bool = False) -> go.Figure:
    """Draw the share inside the bands for each episode with its exact 95 % interval, and the level promised."""
    labels = [in_chart(r["title"], 42) for r in rows]
    drawn = go.Scatter(
        x=[r["coverage"] for r in rows],
        y=labels,
        mode="markers+text",
        text=[f"{percent(r['coverage'], 0)} of {r['names']}" for r in rows],
        textposition="top center",
        textfont={"size": 12},
        marker={"color": looks.colour("chips", dark), "size": 9},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [r["high"] - r["coverage"] for r in rows],
            "arrayminus": [r["coverage"] - r["low"] for r in rows],
            "color": looks.QUIET[dark],
            "thickness": 1.4,
            "width": 4,
        },
        customdata=[[in_chart(_interval(r), 300)] for r in rows],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )
    line = {"type": "line", "x0": level, "x1": level, "yref": "paper", "y0": 0, "y1": 1}
    layout = {
        "height": 70 + 44 * len(rows),
        "margin": {"l": 8, "r": 8, "t": 26, "b": 8},
        "xaxis": {"tickformat": TICKS, "range": [min(0.6, *(r["low"] for r in rows)) - 0.02, 1.02]},
        "yaxis": {"autorange": "reversed", "showgrid": False},
        "shapes": [{**line, "line": {"color": looks.INK[dark], "width": 1, "dash": "dot"}}],
        "annotations": [
            {"x": level, "y": 1, "yref": "paper", "yanchor": "bottom", "text": f"promised {percent(level, 0)}",
             "showarrow": False, "font": {"size": 12}}
        ],
    }  # fmt: skip
    return go.Figure(drawn, layout=layout)


def _interval(row: Row) -> str:
    return (
        f"{row['title']}: {row['held']} of {row['names']} inside, {percent(row['coverage'], 1)}; 95\u202f% interval "
        f"{percent(row['low'], 0)} to {percent(row['high'], 0)}"
    )


INDEX, FILE = "scorecard:funds", "scorecard:file:"
"""Settings that hold the funds to be replayed, and under its hash the file of each."""
STEPS = 3


@st.cache_resource(show_spinner=False, max_entries=32)
def names_of(episode: str, fresh: bool = False) -> LeftOut:
    """Give each name of an episode as all the others predict it: as shipped for these very names, or worked out."""
    return (predict_left_out if fresh else left_out)(shocks.day_of(episode).names)


@st.cache_resource(show_spinner=False, max_entries=4)
def _cross(url: str, version: str, priced: bool) -> tuple[dict[str, Any], list[str]]:
    from exposure.score import MAIN, cross_section

    missing: list[str] = []
    return cross_section(shocks.day_of(MAIN), names_of(MAIN), _market(url, version, priced), missing, left_out), missing


@st.cache_resource(show_spinner=False, max_entries=32)
def _predicted(url: str, version: str, priced: bool, episode: str) -> tuple[Any, list[str]]:
    from exposure.score import predictions

    missing: list[str] = []
    return predictions({episode: shocks.day_of(episode)}, _market(url, version, priced), missing), missing


@st.cache_resource(show_spinner=False, max_entries=32)
def _later(episode: str) -> dict[str, Any]:
    from exposure.score import dislocation

    return dislocation(episode, shocks.day_of(episode), np.array(names_of(episode).predicted))


def _market(url: str, version: str, priced: bool) -> Any:
    return cache.market_of(url, None, version) if priced else None


def card() -> dict[str, Any]:
    """Measure the model against what happened, with the stored prices (never the made-up ones), and say how far it is.

    What was measured before is not measured again: a change of the prices alone asks for what depends on them.
    """
    from exposure.score import MAIN, bands, episodes, spread_over

    version = cache.prices_version(None)
    priced = cache.store().price_status(None).rows > 0
    key = (cache.url(), version, priced)
    found = episodes()
    bar = st.progress(0.0)
    total = STEPS * len(found) + 1

    def each(work: Any, said: str, round_: int) -> list[Any]:
        out = []
        for n, episode in enumerate(found):
            bar.progress((round_ * len(found) + n) / total, f"{said}: {cache.scenario(episode).title}")
            out.append(work(episode))
        return out

    left = dict(zip(found, each(names_of, "Leaving out each name in turn", 0), strict=True))
    predicted = each(lambda one: _predicted(*key, one), "Predicting the day from the evening before", 1)
    later = each(_later, "Following what was unexplained", 2)
    bar.progress(1 - 1 / total, "Against betas and means of sub-segments")
    cross, missing = _cross(*key)
    bar.empty()
    rows = [row for answer, _ in predicted if not isinstance(answer, str) for row in answer]
    absent = [*missing, *(what for _, lacking in predicted for what in lacking)]
    return {
        "cross_section": cross,
        "band": bands(left),
        "prediction": rows,
        "dislocation": later,
        "episodes": [spread_over(name, shocks.day_of(name), one) for name, one in left.items()],
        "missing": list(dict.fromkeys(absent)),
        "main": MAIN,
    }


# ---- books of real funds --------------------------------------------------------------------------------------------


def funds() -> dict[str, dict[str, Any]]:
    """List the funds to be replayed: id → fund, file, its hash, date of the book, episode, and a move typed in."""
    listed: dict[str, dict[str, Any]] = cache.store().setting(INDEX, {})
    return listed


def add_fund(name: str, data: bytes, about: dict[str, Any]) -> None:
    """Keep a fund's book to be replayed; the same fund at the same episode takes its place."""
    sha256 = hashlib.sha256(data).hexdigest()
    store = cache.store()
    store.save_setting(f"{FILE}{sha256}", {"name": name, "data": base64.b64encode(data).decode("ascii")})
    store.save_setting(INDEX, {**funds(), f"{about['fund']}@{about['episode']}": {**about, "sha256": sha256}})


def remove_fund(one: str) -> tuple[str, dict[str, Any]]:
    """Take a fund out of the list, and hand back what `put_back` needs; its file stays for that."""
    listed = funds()
    gone = listed.pop(one)
    cache.store().save_setting(INDEX, listed)
    return one, gone


def put_back(one: str, about: dict[str, Any]) -> None:
    """Undo `remove_fund`."""
    cache.store().save_setting(INDEX, {**funds(), one: about})


def replay_of(about: dict[str, Any]) -> dict[str, Any]:
    """Replay a fund's book and hold it to its own move: stored closes first, else the move that was typed in."""
    return _replay(cache.url(), cache.prices_version(None), **about)


@st.cache_resource(show_spinner="Replaying the fund's book", max_entries=32)
def _replay(
    url: str, version: str, *, sha256: str, fund: str, episode: str, as_of: str, typed: float | None
) -> dict[str, Any]:
    from exposure.score import own_move, replayed

    scenario = cache.scenario(episode)
    market = cache.store().market(tickers=[fund])
    stored = own_move(market, fund, scenario)
    row = replayed(fund, _book(url, sha256, as_of), typed if stored is None else stored, scenario)
    said = "stored prices" if stored is not None else "typed in" if typed is not None else "not known"
    return {**row, "own": said}


@st.cache_resource(show_spinner=False, max_entries=32)
def _book(url: str, sha256: str, as_of: str) -> Book:
    from exposure.flow import book_of
    from exposure.reading import read_holdings

    kept = cache.store().setting(f"{FILE}{sha256}")
    snapshot = read_holdings(base64.b64decode(kept["data"]), name=kept["name"])
    return book_of(snapshot, as_of=date.fromisoformat(as_of))


ROUND = "score_round"
MOST = 10
"""MB of a fund's file: it is kept in the store."""


def section(episodes: list[str]) -> None:
    """Show the funds replayed, and take another."""
    listed = funds()
    rows = []
    with guard.sentences():
        for about in listed.values():
            found = replay_of(about)
            start = cache.scenario(about["episode"]).start
            rows.append({**found, "as_of": about["as_of"], "late": about["as_of"] != str(start)})
    st.subheader(plain(scorecard.replayed(rows)), anchor=False)
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
            cache.desk()["score_fund"] = remove_fund(which)
            st.rerun()


def undo() -> None:
    """Offer to bring back the fund removed last."""
    gone = cache.desk().get("score_fund")
    if gone and st.button(f"Undo: bring back {plain(gone[0], 60)}", icon=":material/undo:", key="score_undo"):
        put_back(*cache.desk().pop("score_fund"))
        st.rerun()


def _add(episodes: list[str]) -> None:
    """Take a file, its date, its episode and, where no closes are stored, the move that the user knows."""
    file = st.file_uploader(
        "The fund’s holdings on the evening before, as the fund house publishes them",
        type=list(cache.TYPES),
        key=f"score_file_{st.session_state.get(ROUND, 0)}",
        max_upload_size=MOST,
    )
    if file is None:
        st.caption("The replay needs the book of the evening before the day, and what the fund itself did.")
        return
    held = cache.read_fund(file.file_id, file.name, file)
    st.caption(plain(sentences.read_from(held)))
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
        add_fund(file.name, file.getvalue(), about)
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.rerun()


def _title(episode: str) -> str:
    return sentences.one_line(cache.scenario(episode).title, 60)


def _nearest(episodes: list[str], when: object) -> int:
    """Choose the episode that begins nearest to a date; without one the main one."""
    from exposure.score import MAIN

    if when is None:
        return episodes.index(MAIN)
    gaps = [abs((cache.scenario(e).start - when).days) for e in episodes]  # type: ignore[operator]
    return gaps.index(min(gaps))
