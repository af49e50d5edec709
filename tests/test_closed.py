"""Nobody signs in yet, so the app is for one's own machine: where it listens, whom it answers, and how it is opened."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[1]
SERVE = ROOT / ".ci" / "serve"
BARE = [sys.executable, "-m", "streamlit", "run", "app.py"]
ELSEWHERE = "127.0.0.2"
"""Another address of this machine, which a server on every address answers as well."""


def _environment(**given: str) -> dict[str, str]:
    left_out = ("HOST", "PORT", "EXPOSURE_OPEN")
    kept = {k: v for k, v in os.environ.items() if k not in left_out and not k.startswith("STREAMLIT_")}
    return kept | given


@contextmanager
def served(command: list[str], tmp_path: Path, at: str = "127.0.0.1", **given: str) -> Iterator[int]:
    """Serve the app by a command on a free port until it answers at an address; give the port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = _environment(
        STREAMLIT_SERVER_PORT=str(port), PORT=str(port), DATABASE_URL=f"sqlite:///{tmp_path / 'x.sqlite'}", **given
    )
    log = tmp_path / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
        try:
            for _ in range(600):
                assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
                try:
                    if _answer(at, port, "/_stcore/health", "localhost").startswith("HTTP/1.1 200"):
                        break
                except OSError:
                    time.sleep(0.1)
            else:
                raise AssertionError("no answer: " + log.read_text(encoding="utf-8", errors="replace"))
            yield port
        finally:
            process.terminate()
            process.wait(20)


def _answer(address: str, port: int, path: str, host: str, *headers: str) -> str:
    """Give the first line that a raw request is answered with."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]
    with socket.create_connection((address, port), timeout=10) as connection:
        connection.sendall("\r\n".join(lines).encode())
        return connection.recv(200).decode("latin-1").split("\r\n")[0]


def _session(address: str, port: int, host: str, *headers: str) -> str:
    """Ask for a session by the websocket, as the page does: 101 is one, and all that a book holds goes through it."""
    upgrade = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    return _answer(address, port, "/_stcore/stream", host, *upgrade, key, *headers).split(" ")[1]


def test_a_bare_streamlit_run_answers_this_machine_alone_and_by_its_own_names_alone(tmp_path: Path) -> None:
    with served(BARE, tmp_path) as port:
        with pytest.raises(OSError):
            socket.create_connection((ELSEWHERE, port), timeout=5)
        for name in ("localhost", "127.0.0.1", f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", "LOCALHOST"):
            assert _session("127.0.0.1", port, name) == "101", name
        for name in ("evil.example", f"evil.example:{port}", "localhost.evil.example", "127.0.0.1.evil.example", ""):
            assert _session("127.0.0.1", port, name) in {"400", "403"}, name
        own = f"localhost:{port}"
        assert _session("127.0.0.1", port, own, f"Origin: http://{own}") == "101"
        assert _session("127.0.0.1", port, own, "Origin: http://evil.example") == "403", "a page of another origin"


def test_an_open_address_is_reached_by_any_name_once_it_is_meant(tmp_path: Path) -> None:
    with served([str(SERVE)], tmp_path, HOST="0.0.0.0", EXPOSURE_OPEN="1") as port:
        assert _session(ELSEWHERE, port, f"desk.example:{port}", f"Origin: http://desk.example:{port}") == "101"
        assert _session(ELSEWHERE, port, f"desk.example:{port}", "Origin: http://evil.example") == "403"
    assert "whoever reaches it" in (tmp_path / "server.log").read_text(encoding="utf-8")


def test_another_address_of_the_loopback_needs_no_word_and_may_be_called_by_itself(tmp_path: Path) -> None:
    with served([str(SERVE)], tmp_path, at=ELSEWHERE, HOST=ELSEWHERE) as port:
        assert _session(ELSEWHERE, port, f"{ELSEWHERE}:{port}") == "101"
        assert _session(ELSEWHERE, port, "evil.example") == "403"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "desk.example", "127.evil.example", "1270.0.0.1"])
@pytest.mark.parametrize("word", [{}, {"EXPOSURE_OPEN": "0"}, {"EXPOSURE_OPEN": "yes"}], ids=["silent", "0", "yes"])
def test_an_address_beyond_the_machine_is_refused_with_what_it_means_and_what_to_do(
    host: str, word: dict[str, str]
) -> None:
    environment = _environment(HOST=host, **word)
    done = subprocess.run([str(SERVE)], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"HOST={host} opens the dashboard to other machines" in done.stderr
    assert f"EXPOSURE_OPEN=1 HOST={host} make run" in done.stderr


def test_make_run_refuses_as_well() -> None:
    done = subprocess.run(
        ["make", "run", "HOST=0.0.0.0"], cwd=ROOT, env=_environment(), capture_output=True, text=True, timeout=60
    )
    assert done.returncode != 0
    assert "EXPOSURE_OPEN=1" in done.stderr


def test_the_settings_hold_the_protections_by_name_and_not_by_default() -> None:
    server = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["server"]
    assert server["address"] == "127.0.0.1"
    assert set(server["allowedHosts"]) == {"localhost", "127.0.0.1", "::1"}
    assert server["enableCORS"] is True
    assert server["enableXsrfProtection"] is True
