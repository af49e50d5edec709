"""A stand-in for the European Central Bank on loopback: its file of exchange rates, whole, broken or late."""

from __future__ import annotations

import io
import socket
import time
import zipfile
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import date

from tests.db.loopback import Handler, Server, serving

Days = Mapping[date, Mapping[str, float]]


def table(days: Days) -> bytes:
    """The bank's CSV: the latest day first, a comma at the end of each line, `N/A` where there is no rate."""
    codes = list(dict.fromkeys(code for rates in days.values() for code in rates))
    lines = [f"Date,{','.join(codes)},"]
    for day in sorted(days, reverse=True):
        lines.append(f"{day.isoformat()},{','.join(str(days[day].get(code, 'N/A')) for code in codes)},")
    return ("\n".join(lines) + "\n").encode()


def packed(days: Days) -> bytes:
    """The same in its zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eurofxref-hist.csv", table(days))
    return out.getvalue()


def markup(days: Days) -> bytes:
    """The bank's XML, as of its ninety days."""
    cubes = "".join(
        f'<Cube time="{day}">' + "".join(f'<Cube currency="{c}" rate="{r}"/>' for c, r in rates.items()) + "</Cube>"
        for day, rates in sorted(days.items(), reverse=True)
    )
    head = (
        '<?xml version="1.0" encoding="UTF-8"?><gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
        'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><gesmes:subject>Reference rates</gesmes:subject>'
    )
    return f"{head}<Cube>{cubes}</Cube></gesmes:Envelope>".encode()


class StandIn(Server):
    """What it answers with, and how often it was asked."""

    def __init__(self) -> None:
        super().__init__(Bank)
        self.days: Days = {}
        self.faults: list[str] = []
        """What goes wrong at the next requests, one after the other."""
        self.asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/stats/eurofxref/eurofxref-hist.zip"


class Bank(Handler):
    server: StandIn

    def do_GET(self) -> None:
        self.server.asked += 1
        good = packed(self.server.days)
        fault = self.server.faults.pop(0) if self.server.faults else ""
        if fault == "late":
            time.sleep(1.5)
            self.close_connection = True
        elif fault == "reset":
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault == "cut":
            self.say(200, good[: len(good) // 2], length=len(good))
        else:
            self.say(*{"": (200, good), **ANSWERS}[fault])


ANSWERS = {
    "empty": (200, b""),
    "html": (200, b"<!DOCTYPE html><html><body>Maintenance of eurofxref</body></html>"),
    "half": (200, packed({date(2026, 11, 30): {"USD": 1.2}})[:60]),
    "negative": (200, table({date(2026, 11, 30): {"USD": -1.2, "JPY": 180.0}})),
    "short": (200, b"Date,USD,JPY,GBP,\n2026-11-30,1.2,18"),
    "gone": (404, b"not found"),
    "error": (500, b"error"),
    "refused": (429, b"Too Many Requests"),
}


def serve() -> AbstractContextManager[StandIn]:
    """Run a stand-in for as long as the block lasts."""
    return serving(StandIn())
