"""The feed against a stand-in for Yahoo on loopback that answers well, badly, half, late or not at all."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from db import feed
from db.feed import EMPTY, MALFORMED, NO_DATA, OFFLINE, RATE_LIMITED, fetch
from exposure.errors import FeedError

START, END = date(2025, 1, 22), date(2025, 1, 28)
SESSIONS = [date(2025, 1, day) for day in (22, 23, 24, 27, 28)]
# symbol: closes and dividend-adjusted closes; unit and zone of its exchange; hour of its opening in UTC
GOOD: dict[str, tuple[list[float | None], str, str, int]] = {
    "NVDA": ([147.07, 147.22, 142.62, 118.42, 128.99], "USD", "America/New_York", 14),
    "ULVR.L": ([4500.0, 4510.0, None, 4530.0, 4540.0], "GBp", "Europe/London", 8),
    "8035.T": ([27000.0, 26800.0, 26500.0, 25000.0, 24000.0], "JPY", "Asia/Tokyo", 0),
}


def chart(symbol: str) -> dict[str, Any]:
    """Yahoo's answer for a symbol, its adjusted close a tenth below the close."""
    closes, currency, zone, opening = GOOD[symbol]
    stamps = [int(datetime(d.year, d.month, d.day, opening, tzinfo=UTC).timestamp()) for d in SESSIONS]
    volume = [None if close is None else 1000 for close in closes]
    quote = dict.fromkeys(("open", "high", "low", "close"), closes) | {"volume": volume}
    meta = {"currency": currency, "symbol": symbol, "exchangeTimezoneName": zone, "instrumentType": "EQUITY"}
    meta |= {"timezone": "X", "gmtoffset": 0, "validRanges": ["1d", "max"], "dataGranularity": "1d", "range": ""}
    adjusted = [None if close is None else close * 0.9 for close in closes]
    result = {"meta": meta, "timestamp": stamps, "indicators": {"quote": [quote], "adjclose": [{"adjclose": adjusted}]}}
    return {"chart": {"result": [result], "error": None}}


def unknown(symbol: str) -> dict[str, Any]:
    """Yahoo's answer for a symbol it does not know."""
    return {"chart": {"result": None, "error": {"code": "Not Found", "description": "No data found, delisted"}}}


class Yahoo(BaseHTTPRequestHandler):
    """Answers by the symbol asked for; the first part of a faulty symbol says what goes wrong."""

    asked: list[str]

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if not path.path.startswith("/v8/finance/chart/"):
            crumb = path.path in ("", "/", "/v1/test/getcrumb")
            return self._say(200, b"crumb") if crumb else self._say(404, json.dumps(unknown("")).encode())
        symbol = path.path.rsplit("/", 1)[1]
        self.server.asked.append(symbol)  # type: ignore[attr-defined]
        # The feed first asks for one day to learn the exchange's time zone, then for the days themselves.
        prices = "period1" in parse_qs(path.query)
        body = json.dumps(chart(symbol) if symbol in GOOD else unknown(symbol)).encode()
        fault = symbol.split("-")[0]
        if fault in FAULTS:
            good = json.dumps(chart("NVDA")).encode()
            return FAULTS[fault](self, good) if prices or symbol.endswith("-FIRST") else self._say(200, good)
        return self._say(200 if symbol in GOOD else 404, body)

    def _say(self, status: int, body: bytes, *, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Set-Cookie", "A3=x; Domain=.yahoo.com; Path=/")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


def _late(handler: Yahoo, good: bytes) -> None:
    time.sleep(1.5)
    handler.close_connection = True


def _reset(handler: Yahoo, good: bytes) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


_EMPTY = {"chart": {"result": [], "error": None}}
FAULTS: dict[str, Callable[[Yahoo, bytes], None]] = {
    "LIMITED": lambda handler, good: handler._say(429, b"Too Many Requests"),
    "EMPTY": lambda handler, good: handler._say(200, json.dumps(_EMPTY).encode()),
    "NOTHING": lambda handler, good: handler._say(200, b""),
    "HTML": lambda handler, good: handler._say(200, b"<html><body>Consent</body></html>"),
    "HALF": lambda handler, good: handler._say(200, good[: len(good) // 2]),
    "CUT": lambda handler, good: handler._say(200, good[: len(good) // 2], length=len(good)),
    "LATE": _late,
    "RESET": _reset,
    "LIST": lambda handler, good: handler._say(200, b"[1, 2]"),
    "ERROR": lambda handler, good: handler._say(500, b'{"finance": {"error": "internal"}}'),
}
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


class ToLoopback(HTTPAdapter):
    """Sends every request to the stand-in, whatever host it names."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    def send(self, request: Any, **options: Any) -> Any:
        request.url = urlsplit(request.url)._replace(scheme="http", netloc=f"127.0.0.1:{self.port}").geturl()
        return super().send(request, **options)


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), Yahoo)
    running.asked = []  # type: ignore[attr-defined]
    running.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def session_to(port: int) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", ToLoopback(port))
    session.mount("http://", ToLoopback(port))
    return session


@pytest.fixture
def session(server: ThreadingHTTPServer) -> Iterator[requests.Session]:
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
    session: requests.Session, server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
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
