"""A stand-in for Yahoo on loopback: it speaks the protocol well, badly, half or late, and notes what it is asked."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from datetime import time as Clock
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import HTTPAdapter

from tests.db.loopback import Handler, Server, serving

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


def _chart_of(symbol: str, days: list[date], server: StandIn) -> dict[str, Any]:
    """Yahoo's answer of New York's days from a history."""
    whole = chart("NVDA")
    result = whole["chart"]["result"][0]
    result["meta"] |= {"symbol": symbol} | server.meta.get(symbol, {})
    if not days:
        del result["timestamp"]
        result["indicators"] = {"quote": [{}], "adjclose": [{}]}
        return whole
    closes, adjusted = zip(*(server.histories[symbol][day] for day in days), strict=True)
    stamp = {day: int(datetime.combine(day, server.opening, UTC).timestamp()) for day in days}
    result["timestamp"] = list(stamp.values())
    quote = {name: list(closes) for name in ("open", "high", "low", "close")} | {"volume": [1000] * len(days)}
    result["indicators"] = {"quote": [quote], "adjclose": [{"adjclose": list(adjusted)}]}
    splits = {str(stamp[day]): {"date": stamp[day], "numerator": ratio, "denominator": 1, "splitRatio": f"{ratio}:1"}
              for day, ratio in server.splits.get(symbol, {}).items() if day in days}  # fmt: skip
    paid = {str(stamp[day]): {"date": stamp[day], "amount": amount}
            for day, amount in server.dividends.get(symbol, {}).items() if day in days}  # fmt: skip
    if splits or paid:
        result["events"] = ({"splits": splits} if splits else {}) | ({"dividends": paid} if paid else {})
    return whole


def unknown(symbol: str) -> dict[str, Any]:
    """Yahoo's answer for a symbol it does not know."""
    return {"chart": {"result": None, "error": {"code": "Not Found", "description": "No data found, delisted"}}}


History = dict[date, tuple[float, float]]
"""Session → close and adjusted close."""


class StandIn(Server):
    """What it has, how it will fail, and what it was asked for."""

    def __init__(self) -> None:
        super().__init__(Yahoo)
        self.asked: list[str] = []
        self.opening = Clock(14, 30)
        """Time of day, in UTC, at which the sessions of the histories open: their prices carry it."""
        self.histories: dict[str, History] = {}
        self.splits: dict[str, dict[date, float]] = {}
        self.dividends: dict[str, dict[date, float]] = {}
        self.meta: dict[str, dict[str, Any]] = {}
        self.script: dict[str, list[str]] = {}
        """Symbol → what goes wrong at its next requests for prices, one after the other; the last one `for ever`."""
        self.requests: list[tuple[str, date]] = []
        """Each request for prices that was answered or failed: symbol, and the first day asked for."""

    def since(self, symbol: str) -> list[date]:
        """Give the first days that were asked for of a symbol."""
        return [day for one, day in self.requests if one == symbol]


def _day(stamp: str) -> date:
    return datetime.fromtimestamp(int(stamp), UTC).date()


class Yahoo(Handler):
    """Answers by the symbol asked for; the first part of a faulty symbol says what goes wrong."""

    server: StandIn
    more = MappingProxyType({"Content-Type": "application/json", "Set-Cookie": "A3=x; Domain=.yahoo.com; Path=/"})

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if not path.path.startswith("/v8/finance/chart/"):
            crumb = path.path in ("", "/", "/v1/test/getcrumb")
            return self.say(200, b"crumb") if crumb else self.say(404, json.dumps(unknown("")).encode())
        symbol, query = path.path.rsplit("/", 1)[1], parse_qs(path.query)
        self.server.asked.append(symbol)
        # The feed first asks for one day to learn the exchange's time zone, then for the days themselves.
        prices = "period1" in query
        if symbol in self.server.histories or symbol in self.server.script:
            return self._from_history(symbol, query if prices else {})
        body = json.dumps(chart(symbol) if symbol in GOOD else unknown(symbol)).encode()
        fault = symbol.split("-")[0]
        if fault in FAULTS:
            good = json.dumps(chart("NVDA")).encode()
            return FAULTS[fault](self, good) if prices or symbol.endswith("-FIRST") else self.say(200, good)
        return self.say(200 if symbol in GOOD else 404, body)

    def _from_history(self, symbol: str, query: dict[str, list[str]]) -> None:
        """Answer with the days between `period1` and `period2`, unless the script has something else in store."""
        history = self.server.histories.get(symbol)
        if query:
            self.server.requests.append((symbol, _day(query["period1"][0])))
            faults = self.server.script.get(symbol, [])
            fault = (faults[0] if faults[1:] == ["for ever"] else faults.pop(0)) if faults else ""
            if fault:
                return FAULTS[fault](self, json.dumps(chart("NVDA")).encode())
        if history is None:
            return self.say(404, json.dumps(unknown(symbol)).encode())
        ends = query.get("period2", ["inf"])[0]
        # Without an end the feed asks up to this moment, and Yahoo gives the price of the session that is open.
        until = date.max if float(ends) > time.time() - 60 else _day(ends)
        since = _day(query["period1"][0]) if query else date.min
        days = [day for day in sorted(history) if since <= day < until]
        return self.say(200, json.dumps(_chart_of(symbol, days, self.server)).encode())


def _late(handler: Yahoo, good: bytes) -> None:
    time.sleep(1.5)
    handler.close_connection = True


def _reset(handler: Yahoo, good: bytes) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


_EMPTY = {"chart": {"result": [], "error": None}}
FAULTS: dict[str, Callable[[Yahoo, bytes], None]] = {
    "LIMITED": lambda handler, good: handler.say(429, b"Too Many Requests"),
    "EMPTY": lambda handler, good: handler.say(200, json.dumps(_EMPTY).encode()),
    "NOTHING": lambda handler, good: handler.say(200, b""),
    "HTML": lambda handler, good: handler.say(200, b"<html><body>Consent</body></html>"),
    "HALF": lambda handler, good: handler.say(200, good[: len(good) // 2]),
    "CUT": lambda handler, good: handler.say(200, good[: len(good) // 2], length=len(good)),
    "LATE": _late,
    "RESET": _reset,
    "LIST": lambda handler, good: handler.say(200, b"[1, 2]"),
    "ERROR": lambda handler, good: handler.say(500, b'{"finance": {"error": "internal"}}'),
}


class ToLoopback(HTTPAdapter):
    """Sends every request to the stand-in, whatever host it names."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    def send(self, request: Any, **options: Any) -> Any:
        request.url = urlsplit(request.url)._replace(scheme="http", netloc=f"127.0.0.1:{self.port}").geturl()
        return super().send(request, **options)


def serve() -> AbstractContextManager[StandIn]:
    """Run a stand-in for as long as the block lasts."""
    return serving(StandIn())


def session_to(port: int) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", ToLoopback(port))
    session.mount("http://", ToLoopback(port))
    return session
