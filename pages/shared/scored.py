"""Parts of the scorecard, kept as the answers of `cache` are: by episode, by state of the prices, by a file's hash."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from exposure.shock.left_out import LeftOut, left_out, shipped, work_out
from pages.shared import cache

if TYPE_CHECKING:
    from exposure.shock.day import Day
    from exposure.types import Book

INDEX, FILE = "scorecard:funds", "scorecard:file:"
"""Settings that hold the funds to be replayed, and under its hash the file of each."""
STEPS = 3


@st.cache_resource(show_spinner=False, max_entries=32)
def day(episode: str) -> Day:
    """Give the observed moves of an episode."""
    from exposure.shock.day import Day

    return Day(cache.scenario(episode))


@st.cache_resource(show_spinner=False, max_entries=32)
def names(episode: str, fresh: bool = False) -> LeftOut:
    """Give each name of an episode as all the others predict it: as shipped for these very names, or worked out."""
    return (work_out if fresh else left_out)(day(episode).names)


def at_hand(episode: str, scenario_hash: str) -> LeftOut | None:
    """Give the shipped predictions of a scenario of the library as it stands there; None where nothing is shipped."""
    return _at_hand(episode) if episode in _replays() and cache.scenario(episode).hash == scenario_hash else None


@st.cache_resource(show_spinner=False, max_entries=32)
def _at_hand(episode: str) -> LeftOut | None:
    return shipped(day(episode).names)


@st.cache_resource(show_spinner=False, max_entries=1)
def _replays() -> frozenset[str]:
    from exposure.scenarios import library

    return frozenset(e.id for e in library() if e.kind == "replay")


@st.cache_resource(show_spinner=False, max_entries=4)
def _cross(url: str, version: str, priced: bool) -> tuple[dict[str, Any], list[str]]:
    from exposure.shock.score import MAIN, cross_section

    missing: list[str] = []
    return cross_section(day(MAIN), names(MAIN), _market(url, version, priced), missing, left_out), missing


@st.cache_resource(show_spinner=False, max_entries=32)
def _predicted(url: str, version: str, priced: bool, episode: str) -> tuple[Any, list[str]]:
    from exposure.shock.score_days import predictions

    missing: list[str] = []
    return predictions({episode: day(episode)}, _market(url, version, priced), missing), missing


@st.cache_resource(show_spinner=False, max_entries=32)
def _later(episode: str) -> dict[str, Any]:
    from exposure.shock.score_days import dislocation

    return dislocation(episode, day(episode), np.array(names(episode).predicted))


def _market(url: str, version: str, priced: bool) -> Any:
    return cache._market(url, None, version) if priced else None


def card() -> dict[str, Any]:
    """Measure the model against what happened, with the stored prices (never the made-up ones), and say how far it is.

    What was measured before is not measured again: a change of the prices alone asks for what depends on them.
    """
    from exposure.shock.score import MAIN, bands, episodes, spread_over

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

    left = dict(zip(found, each(names, "Leaving out each name in turn", 0), strict=True))
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
        "episodes": [spread_over(name, day(name), one) for name, one in left.items()],
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
    return _replay(
        cache.url(),
        cache.prices_version(None),
        about["sha256"],
        about["fund"],
        about["episode"],
        about["as_of"],
        about["typed"],
    )


@st.cache_resource(show_spinner="Replaying the fund's book", max_entries=32)
def _replay(
    url: str, version: str, sha256: str, fund: str, episode: str, as_of: str, typed: float | None
) -> dict[str, Any]:
    from exposure.shock.score_days import own_move, replayed

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
