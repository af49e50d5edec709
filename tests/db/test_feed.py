"""The feed against a stand-in for Yahoo on loopback that answers well, badly, half, late or not at all."""

from __future__ import annotations

import socket
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from db import sources
from db.feed import Yahoo
from db.repositories import Action
from db.sources import EMPTY, MALFORMED, NO_DATA, OFFLINE, RATE_LIMITED, STOPPED, Fetched, renamed
from exposure.types import Issue
from tests.db.yahoo import END, FAULTS, GOOD, SESSIONS, START, StandIn, session_to

EACH = 2
"""Requests of one attempt that is refused: yfinance asks again by itself, with a cookie got in another way."""
EXPECTED = {
    "LIMITED": RATE_LIMITED,
    "EMPTY": EMPTY,
    "NOTHING": MALFORMED,
    "HTML": MALFORMED,
    "HALF": MALFORMED,
    "CUT": MALFORMED,
    "LATE": OFFLINE,
    "RESET": OFFLINE,
}


def fetch(symbols: list[str], start: date, end: date | None = None, **options: Any) -> Fetched:
    """Ask Yahoo, `session` and `timeout` as given."""
    own = {name: options.pop(name) for name in ("session", "timeout") if name in options}
    return sources.ask(Yahoo(**own), symbols, start, end, **options)


@pytest.fixture(autouse=True)
def own_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(sources, "BACKOFF", 0.01)


def test_closes_come_as_delivered_in_the_unit_and_on_the_day_of_their_exchange(session: requests.Session) -> None:
    """Tokyo opens at midnight UTC and New York at 14:30: both are dated by their own day; pence stay pence."""
    market = fetch(["NVDA", "8035.T", "ULVR.L"], START, END, session=session).market
    nvda = market.series["NVDA"]
    assert nvda.dates.tolist() == SESSIONS
    assert nvda.close.tolist() == [147.07, 147.22, 142.62, 118.42, 128.99]
    assert nvda.adj_close is not None
    assert nvda.adj_close.tolist() == pytest.approx([0.9 * close for close in nvda.close.tolist()], rel=1e-12)
    assert (nvda.currency, nvda.basis) == ("USD", "raw")
    assert market.series["8035.T"].dates.tolist() == SESSIONS
    assert market.series["ULVR.L"].currency == "GBp"


def test_a_day_without_a_close_is_absent_and_not_filled(session: requests.Session) -> None:
    series = fetch(["ULVR.L"], START, END, session=session).market.series["ULVR.L"]
    assert series.dates.tolist() == [day for day in SESSIONS if day != date(2025, 1, 24)]


def test_the_last_day_asked_for_is_included(session: requests.Session) -> None:
    series = fetch(["NVDA"], START, date(2025, 1, 27), session=session).market.series["NVDA"]
    assert series.dates.tolist()[-1] == date(2025, 1, 27)


@pytest.mark.parametrize(("fault", "reason"), EXPECTED.items())
@pytest.mark.parametrize("when", ["X", "FIRST"])
def test_a_ticker_that_fails_is_named_with_its_reason_and_the_others_come(
    session: requests.Session, fault: str, reason: Issue, when: str
) -> None:
    symbol = f"{fault}-{when}"
    # An answer without the exchange's zone, the first thing asked for, is no answer; one without prices is.
    reason = MALFORMED if symbol == "EMPTY-FIRST" else reason
    fetched = fetch([symbol, "NVDA"], START, END, session=session, timeout=0.4)
    assert fetched.failed == ((symbol, reason),)
    assert list(fetched.market.series) == ["NVDA"]


@pytest.mark.parametrize("fault", ["LIST-X", "ERROR-X", "LIST-FIRST", "ERROR-FIRST"])
def test_whatever_else_comes_fails_that_ticker_alone(session: requests.Session, fault: str) -> None:
    fetched = fetch([fault, "NVDA"], START, END, session=session)
    assert [symbol for symbol, _ in fetched.failed] == [fault]
    assert list(fetched.market.series) == ["NVDA"]


def test_an_unknown_ticker_is_told_from_one_that_was_refused(session: requests.Session) -> None:
    fetched = fetch(["GONE", "NVDA", "LIMITED-X"], START, END, session=session)
    assert fetched.failed == (("GONE", NO_DATA), ("LIMITED-X", RATE_LIMITED))


@pytest.mark.parametrize(
    ("symbols", "code"), [(["LIMITED-X"], "feed.refused"), (["RESET-X"], "feed.unreachable"), (["GONE", "HTML-X"], "")]
)
def test_only_where_nobody_answers_it_says_that_the_rest_need_not_be_asked(
    session: requests.Session, symbols: list[str], code: str
) -> None:
    stopped = fetch(symbols, START, END, session=session).stopped
    assert stopped == (Issue.of("warning", code, source="Yahoo") if code else None)


def test_offline_is_said_once_and_not_every_ticker_is_waited_for() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    seen: list[tuple[int, int, str]] = []
    with session_to(port) as nobody:
        symbols = [f"T{n}" for n in range(200)]
        got = fetch(symbols, START, END, session=nobody, progress=lambda *step: seen.append(step))
    assert got.stopped is not None and got.stopped.code == "feed.unreachable"
    assert sources.GIVE_UP_AFTER <= len(seen) < 40


def test_the_transport_of_yfinance_itself_is_told_as_offline_too() -> None:
    from yfinance._http import new_session

    got = fetch(["NVDA", "4290.T"], START, END, session=new_session(), timeout=2)
    assert got.stopped is not None and got.stopped.code == "feed.unreachable"


def test_an_answer_that_was_no_data_is_not_remembered(
    session: requests.Session, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fetch(["HTML-FIRST"], START, END, session=session).failed == (("HTML-FIRST", MALFORMED),)
    monkeypatch.setitem(GOOD, "HTML-FIRST", GOOD["NVDA"])
    monkeypatch.delitem(FAULTS, "HTML")
    assert fetch(["HTML-FIRST"], START, END, session=session).failed == ()


def test_progress_counts_every_ticker_once_and_repeated_symbols_are_asked_for_once(session: requests.Session) -> None:
    seen: list[tuple[int, int, str]] = []
    fetch(["NVDA", " NVDA ", "8035.T", "", "GONE"], START, END, session=session, progress=lambda *s: seen.append(s))
    assert [(done, total) for done, total, _ in seen] == [(1, 3), (2, 3), (3, 3)]
    assert {symbol for _, _, symbol in seen} == {"NVDA", "8035.T", "GONE"}


def test_nothing_asked_is_nothing_fetched() -> None:
    fetched = fetch([], START)
    assert (fetched.market.rows, fetched.failed) == (0, ())


def test_yfinance_is_left_as_it_was_found(session: requests.Session) -> None:
    import yfinance as yf

    before = yf.config.debug.hide_exceptions
    fetch(["NVDA"], START, END, session=session)
    assert yf.config.debug.hide_exceptions == before


@pytest.mark.parametrize("fault", ["LIMITED", "HTML", "HALF", "CUT", "RESET", "NOTHING"])
def test_an_answer_that_fails_once_is_asked_for_again(session: requests.Session, server: StandIn, fault: str) -> None:
    server.histories["NVDA"] = {day: (100.0, 99.0) for day in SESSIONS}
    server.script["NVDA"] = [fault]
    got = fetch(["NVDA"], START, END, session=session)
    assert (got.failed, got.market.rows) == ((), 5)
    assert len(server.since("NVDA")) == 2


def test_a_refusal_that_lasts_is_tried_four_times_and_the_rest_is_spared(
    session: requests.Session, server: StandIn
) -> None:
    """Three tickers in a row, four attempts each; four are asked at a time, so most of the forty are never begun."""
    names = [f"T{n}" for n in range(40)]
    for name in names:
        server.histories[name] = {day: (100.0, 99.0) for day in SESSIONS}
        server.script[name] = ["LIMITED", "for ever"]
    got = fetch(names, START, END, session=session)
    assert [reason for _, reason in got.failed] == [RATE_LIMITED] * 40
    assert got.stopped is not None and got.stopped.code == "feed.refused"
    asked = [name for name in names if server.since(name)]
    assert 3 <= len(asked) <= 8
    assert max(len(server.since(name)) for name in asked) == EACH * sources.ATTEMPTS[RATE_LIMITED]


def test_an_unknown_ticker_is_yahoos_last_word_and_not_asked_for_again(
    session: requests.Session, server: StandIn
) -> None:
    assert fetch(["GONE"], START, END, session=session).failed == (("GONE", NO_DATA),)
    assert server.asked.count("GONE") == EACH


def test_days_without_a_price_are_told_from_a_ticker_that_is_unknown(
    session: requests.Session, server: StandIn
) -> None:
    server.histories["NVDA"] = {date(2020, 1, 2): (100.0, 99.0)}
    assert fetch(["NVDA"], START, END, session=session).failed == (("NVDA", EMPTY),)


def test_prices_under_another_name_are_not_taken_and_the_name_is_told(
    session: requests.Session, server: StandIn
) -> None:
    server.histories["FB"] = {day: (600.0, 600.0) for day in SESSIONS}
    server.meta["FB"] = {"symbol": "META"}
    got = fetch(["FB"], START, END, session=session)
    assert got.market.rows == 0
    assert got.failed == (("FB", renamed("Yahoo", "META")),)


def test_splits_and_dividends_come_apart_from_the_prices(session: requests.Session, server: StandIn) -> None:
    server.histories["NVDA"] = {day: (100.0, 99.0) for day in SESSIONS}
    server.splits["NVDA"] = {date(2025, 1, 24): 10}
    server.dividends["NVDA"] = {date(2025, 1, 27): 0.04}
    got = fetch(["NVDA"], START, END, session=session)
    assert got.actions == (
        Action("NVDA", date(2025, 1, 24), "split", 10.0),
        Action("NVDA", date(2025, 1, 27), "dividend", 0.04),
    )
    assert got.market.series["NVDA"].close.tolist() == [100.0] * 5


def test_the_price_of_a_session_that_is_still_open_is_no_close(session: requests.Session, server: StandIn) -> None:
    now = datetime.now(UTC)
    today, open_until = now.date(), int((now + timedelta(minutes=1)).timestamp())
    if {(now + timedelta(minutes=away)).date() for away in (-3, 1)} != {today}:
        pytest.skip("midnight UTC is a few minutes away")
    server.opening = time(0)  # a session of the future would not be asked for
    days = [today - timedelta(days=1), today]
    server.histories["NVDA"] = {day: (100.0, 99.0) for day in days}
    zone = {"timezone": "UTC", "gmtoffset": 0, "start": open_until - 180, "end": open_until}
    server.meta["NVDA"] = {"exchangeTimezoneName": "UTC", "currentTradingPeriod": {"regular": zone}}
    got = fetch(["NVDA"], days[0], session=session)
    assert got.market.series["NVDA"].dates.tolist() == days[:1]
    zone["end"] = int((now - timedelta(minutes=1)).timestamp())
    assert fetch(["NVDA"], days[0], session=session).market.series["NVDA"].dates.tolist() == days


def test_a_fetch_that_is_cancelled_hands_back_what_came(session: requests.Session, server: StandIn) -> None:
    names = [f"T{n}" for n in range(30)]
    for name in names:
        server.histories[name] = {day: (100.0, 99.0) for day in SESSIONS}
    seen: list[str] = []
    got = fetch(
        names, START, END, session=session, progress=lambda *s: seen.append(s[2]), cancelled=lambda: len(seen) >= 5
    )
    assert got.stopped == STOPPED
    assert set(got.market.series) == set(seen)
    assert 5 <= len(seen) < 30
    assert got.failed == ()


def test_a_wait_between_attempts_ends_with_the_cancellation(
    session: requests.Session, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "BACKOFF", 1e6)
    monkeypatch.setattr(sources, "LONGEST", 1e6)
    server.script["NVDA"] = ["LIMITED", "for ever"]
    server.histories["NVDA"] = {}
    got = fetch(["NVDA"], START, END, session=session, cancelled=lambda: bool(server.since("NVDA")))
    assert got.stopped == STOPPED  # a wait of up to eleven days would not have let it come back
