"""The feed against a stand-in for Yahoo on loopback that answers well, badly, half, late or not at all."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import requests

from db import feed
from db.feed import EMPTY, MALFORMED, NO_DATA, OFFLINE, RATE_LIMITED, RENAMED, Action, ask, fetch
from exposure.errors import FeedError
from tests.db.yahoo import END, FAULTS, GOOD, SESSIONS, START, StandIn, serve, session_to

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


@pytest.fixture
def server() -> Iterator[StandIn]:
    with serve() as running:
        yield running


@pytest.fixture
def session(server: StandIn) -> Iterator[requests.Session]:
    with session_to(server.server_address[1]) as opened:
        yield opened


@pytest.fixture(autouse=True)
def own_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(feed, "BACKOFF", 0.01)


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
    session: requests.Session, fault: str, reason: str, when: str
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
    ("symbols", "message"),
    [
        (["LIMITED-X"], "refuses more requests"),
        (["HTML-X"], "no price data"),
        (["GONE", "EMPTY-X"], "no prices for any of the 2 tickers"),
    ],
)
def test_only_where_nothing_came_at_all_an_error_says_why(
    session: requests.Session, symbols: list[str], message: str
) -> None:
    with pytest.raises(FeedError, match=message) as error:
        fetch(symbols, START, END, session=session)
    assert "\n" not in str(error.value)


def test_offline_is_said_once_and_not_every_ticker_is_waited_for() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    seen: list[tuple[int, int, str]] = []
    with session_to(port) as nobody, pytest.raises(FeedError, match="could not be reached"):
        symbols = [f"T{n}" for n in range(200)]
        fetch(symbols, START, END, session=nobody, progress=lambda *step: seen.append(step))
    assert feed.GIVE_UP_AFTER <= len(seen) < 40


def test_the_transport_of_yfinance_itself_is_told_as_offline_too() -> None:
    from yfinance._http import new_session

    with pytest.raises(FeedError, match="could not be reached"):
        fetch(["NVDA", "4290.T"], START, END, session=new_session(), timeout=2)


def test_an_answer_that_was_no_data_is_not_remembered(
    session: requests.Session, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FeedError):
        fetch(["HTML-FIRST"], START, END, session=session)
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
    got = ask(names, START, END, session=session)
    assert [reason for _, reason in got.failed] == [RATE_LIMITED] * 40
    assert "refuses more requests" in got.unanswered
    asked = [name for name in names if server.since(name)]
    assert 3 <= len(asked) <= 8
    assert max(len(server.since(name)) for name in asked) == EACH * feed.ATTEMPTS[RATE_LIMITED]


def test_an_unknown_ticker_is_yahoos_last_word_and_not_asked_for_again(
    session: requests.Session, server: StandIn
) -> None:
    assert ask(["GONE"], START, END, session=session).failed == (("GONE", NO_DATA),)
    assert server.asked.count("GONE") == EACH


def test_days_without_a_price_are_told_from_a_ticker_that_is_unknown(
    session: requests.Session, server: StandIn
) -> None:
    server.histories["NVDA"] = {date(2020, 1, 2): (100.0, 99.0)}
    assert ask(["NVDA"], START, END, session=session).failed == (("NVDA", EMPTY),)


def test_prices_under_another_name_are_not_taken_and_the_name_is_told(
    session: requests.Session, server: StandIn
) -> None:
    server.histories["FB"] = {day: (600.0, 600.0) for day in SESSIONS}
    server.meta["FB"] = {"symbol": "META"}
    got = ask(["FB"], START, END, session=session)
    assert got.market.rows == 0
    assert got.renamed == (("FB", "META"),)
    assert got.failed == (("FB", RENAMED + "META"),)


def test_splits_and_dividends_come_apart_from_the_prices(session: requests.Session, server: StandIn) -> None:
    server.histories["NVDA"] = {day: (100.0, 99.0) for day in SESSIONS}
    server.splits["NVDA"] = {date(2025, 1, 24): 10}
    server.dividends["NVDA"] = {date(2025, 1, 27): 0.04}
    got = ask(["NVDA"], START, END, session=session)
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
    got = ask(["NVDA"], days[0], session=session)
    assert got.market.series["NVDA"].dates.tolist() == days[:1]
    zone["end"] = int((now - timedelta(minutes=1)).timestamp())
    assert ask(["NVDA"], days[0], session=session).market.series["NVDA"].dates.tolist() == days


def test_a_fetch_that_is_cancelled_hands_back_what_came(session: requests.Session, server: StandIn) -> None:
    names = [f"T{n}" for n in range(30)]
    for name in names:
        server.histories[name] = {day: (100.0, 99.0) for day in SESSIONS}
    seen: list[str] = []
    got = ask(
        names, START, END, session=session, progress=lambda *s: seen.append(s[2]), cancelled=lambda: len(seen) >= 5
    )
    assert got.stopped
    assert set(got.market.series) == set(seen)
    assert 5 <= len(seen) < 30
    assert got.failed == ()


def test_a_wait_between_attempts_ends_with_the_cancellation(
    session: requests.Session, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "BACKOFF", 1e6)
    monkeypatch.setattr(feed, "LONGEST", 1e6)
    server.script["NVDA"] = ["LIMITED", "for ever"]
    server.histories["NVDA"] = {}
    got = ask(["NVDA"], START, END, session=session, cancelled=lambda: bool(server.since("NVDA")))
    assert got.stopped  # a wait of up to eleven days would not have let it come back
