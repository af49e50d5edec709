"""What the stand-ins on loopback share: a server that runs for as long as a block lasts, and its way to answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

S = TypeVar("S", bound="Server")


class Server(ThreadingHTTPServer):
    """A server on a free port of this machine."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)

    def handle_error(self, *_: Any) -> None:
        """A connection that was cut is what was meant."""


class Handler(BaseHTTPRequestHandler):
    """Answers, with fewer bytes than announced where that is the fault."""

    more: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Headers of every answer."""

    def say(self, status: int, body: bytes, *, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in self.more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@contextmanager
def serving(running: S) -> Iterator[S]:
    """Run a server for as long as the block lasts."""
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        running.shutdown()
        running.server_close()
        thread.join()
