"""Every key of session state and of the URL. State holds ids and drafts, never frames; the URL holds ids alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st

from exposure import messages

SNAPSHOT = "snapshot"
"""Id of the chosen snapshot; in the URL where name and date do not lead to it."""
BOOK, SAYS = "book", "says"
"""The book on show as `portfolio`, `as_of`, `snapshot`, and what the URL says of it (`address`)."""
ADDRESSES = "addresses"
"""The books that this session wrote into the URL last."""
PAGE, RENAMED = "page", "parted"
"""Page on show, and what it says of a book that goes by another name now."""
STAMP = "stamp"
"""What a chart or table carries when it is downloaded, as `stamp` has it."""
KEPT_ALONG = "kept_along"
"""Values of `CARRIED` as they were chosen last."""
CURRENCY = "currency"
"""Chosen base currency, empty for that of the file; also in the URL."""
SEGMENT = "segment"
"""Segment or sub-segment looked into; also in the URL."""
UNDO = "deleted"
"""Deleted last: its sort (`snapshot`, `version`, `inside`, `portfolio`, `override`, `series`, `trades`), id"""
NOTICE = "notice"
"""What the last action did, to be shown once: `["done" or "error", sentence]`."""
CONFLICT = "conflict"
"""The change that was refused because somebody else came first: what it is of, one's own text, the stored one."""
UPLOAD = "upload"
"""Name and SHA-256 of the upload at hand; its bytes are in `cache.desk`."""
MAPPING = "mapping"
"""Columns said by hand of the upload at hand: its SHA-256 and field → heading."""
UPLOADER = "uploader"
"""Counts up to give an empty upload field after a file was stored or put away."""
TRADE = "trade_kind"
"""Which sort of trade is written down: `cut`, `short`, `trade` or `cash`."""
SCENARIO = "scenario"
"""Id of the chosen scenario; also in the URL."""
HORIZON = "horizon"
"""Sessions over which a replay runs; also in the URL."""
FILTER = "filter"
"""Segment that the table of shocked lines is held to, empty for all; also in the URL."""
LEVERS = "levers"
"""Levers that do not stand at the library's values: lever → value; also in the URL, each under its own name."""
PRESET = "preset"
"""The ready-made set of levers that was chosen last."""
EDITS = "edits"
"""Drafts of edited moves: hash of the scenario → `target:key` → move (fraction)."""
KEPT = "kept"
"""The drafts of edited moves as they stand in the store."""
EDITOR = "editor"
"""The scenario that is being written, as `scenario_draft` has it."""
PASTED = "pasted"
"""What was said of the day so far: pasted text, the last day of prices, the name to save under."""
KEPT_PARTS = "kept_parts"
"""Drafts of scenarios and of moves as they stand in the store."""
DRAFT, SECRET = "draft", "draft_secret"
"""The two tokens under which drafts stand in the store (`drafts`): one is in the URL, one in a cookie."""
OVERRIDE, OVERRIDE_OF = "override_draft", "override_of"
"""The override that is being written, and the portfolio that its form was drawn for last."""
NEXT = "next"
"""Id of a scenario to choose at the beginning of the next run: a picker that is drawn cannot be set."""
ROUND = "round"
"""Counts up to give empty tables of edits."""
PERIOD = ("from", "to")
"""First and last day of a history, none for all there is; also in the URL."""
FUNDS = "funds"
"""Whether funds are looked through (the default) or stand as one line each; also in the URL."""
AGAINST = "against"
"""Id of the snapshot that another is compared with; also in the URL."""
NOTICE_KEPT = "notice_kept"
"""What a button that keeps a result did last: key of the button → hash of the scenario, number, there before."""
RESULT, RESULT_BESIDE = "result", "beside"
"""Ids of the kept result that is open and of the one it is compared with (0: none); also in the URL."""
HOLD = "hold"
"""What a history holds constant: `weights` or `quantities`; also in the URL."""
CLOSES = "closes"
"""Whether a history takes local closes or one common cut; also in the URL."""
READING = "reading"
"""Which history the chart and the tables show: `today` or `actual`; also in the URL."""
VIEW = "view"
"""What is looked into below the history; also in the URL."""
RANGE = "range"
"""Stretch of the history on show: `1y`, `3y`, `5y`, `all`, or two dates with `..` between; also in the URL."""
WINDOW = "window"
"""Sessions of a rolling window; also in the URL."""
MONTHS = "months"
"""What the calendar shows of each month: its `return` or its `lowest` point; also in the URL."""
BESIDE = ("beside_series", "beside_portfolios")
"""Stored series and portfolios that a history is set beside."""
EVENT = ("event", "event_day")
"""The event that a history is followed through, and the day where it is another one; the first also in the URL."""

PORTFOLIOS = "portfolios"
"""Ids of the snapshots that are compared; also in the URL."""
SCENARIOS = "scenarios"
"""Ids of the scenarios that are compared; also in the URL."""
BENCHMARK = "benchmark"
"""What they are compared with: the id of a snapshot as text, `FILE` and the hash of a kept file, empty for none; also
in the URL."""
FILE = "file:"
PARTICIPATION = "participation"
"""Share of the usual turnover that one's own trades may be; also in the URL."""
BENCHMARK_READ = "benchmark_read"
"""Id of the upload that was taken as the benchmark last: it is not taken a second time."""
LOOK_SCENARIO, LOOK_PORTFOLIO, LOOK_CUT = "of_scenario", "of_portfolio", "cut_by"
"""What the comparison looks into: ids of a scenario and a snapshot, and the cut; also in the URL."""
NEXT_BENCHMARK = "next_benchmark"
"""The benchmark to choose at the beginning of the next run."""

CARRIED = (SCENARIO, HORIZON, CURRENCY, FUNDS)
"""What the URL carries from page to page beside the book, so that a reload on any of them loses none."""

Id = TypeVar("Id", int, float, str)


def speak() -> None:
    """Let all that is said in this thread from here on name what a page has: each run and each callback begins so."""
    messages.speak(edge="page")


def carry(key: str, value: str) -> None:
    """Take along a value of `CARRIED`, or none where it is empty."""
    if key in CARRIED:
        others = {one: said for one, said in carried().items() if one != key}
        st.session_state[KEPT_ALONG] = others | ({key: value} if value else {})


def carried() -> dict[str, str]:
    """Give what every page's URL carries beside the book."""
    return dict(st.session_state.get(KEPT_ALONG, {}))


def number(said: str) -> int | None:
    """Read an id as an address writes it; None for any other text, be it of many digits or of foreign ones."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 20 else None


def missing(key: str, options: Sequence[Id]) -> list[str]:
    """List what a picker was set to, in this session or by the URL, that is not among its options; before `settle`."""
    asked = st.session_state.get(key, st.query_params.get_all(key))
    known = set(map(str, options))
    return [str(one) for one in (asked if isinstance(asked, list) else [asked]) if str(one) not in known]


def settle(key: str, options: Sequence[Id], default: Id) -> None:
    """Choose the value of a picker before it is drawn: this session's, else the URL's, else the default.

    An id that is no longer among the options (deleted, or mistyped in the URL) gives way to the default.
    """
    if key not in st.session_state and key in st.query_params:
        st.session_state[key] = next((o for o in options if str(o) == st.query_params[key]), default)
    if st.session_state.get(key) not in options:
        st.session_state[key] = default


def settle_many(key: str, options: Sequence[Id], default: Sequence[Id]) -> None:
    """Choose the values of a picker of several before it is drawn; ids that are gone are left out."""
    if key not in st.session_state and key in st.query_params:
        wanted = st.query_params.get_all(key)
        st.session_state[key] = [o for w in dict.fromkeys(wanted) for o in options if str(o) == w]
    st.session_state[key] = [one for one in st.session_state.get(key, default) if one in options]


def publish_many(key: str) -> None:
    """Write the values of a picker of several into the URL, each under the same key."""
    st.query_params[key] = [str(one) for one in st.session_state[key]]


def publish(key: str) -> None:
    """Write a picker's value into the URL, so that a reload or a shared address finds it."""
    value = str(st.session_state[key])
    carry(key, value)
    if value:
        st.query_params[key] = value
    elif key in st.query_params:
        del st.query_params[key]


def looks_through() -> bool:
    """Tell whether funds are looked through: as the switch stands, or the URL where it was not drawn yet."""
    said = st.session_state.get(FUNDS, st.query_params.get(FUNDS) != "False")
    return bool(said)
