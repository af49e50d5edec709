"""What every test shares: no network, one seed, quick rings first, and a loud word at the end on what did not run."""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

# Each processor has a test of its own already: threads of one test that wait for another's cost more than they bring.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if TYPE_CHECKING:
    from exposure.prices._market import Market

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("fuzz", max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("ci")  # `--hypothesis-profile fuzz` is read later and wins


def is_local(address: Any) -> bool:
    """Tell whether a socket address stays on this machine: a Unix path, localhost, or a loopback number."""
    if not isinstance(address, tuple):
        return True
    host = address[0].decode() if isinstance(address[0], bytes) else address[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def pytest_configure(config: pytest.Config) -> None:
    """Refuse connections that leave the machine, in this process by the socket and in its children by a dead proxy."""
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _refusing(getattr(socket.socket, name)))
    for name in ("http_proxy", "https_proxy", "all_proxy"):  # libcurl and other programs open sockets of their own
        os.environ[name] = os.environ[name.upper()] = "http://127.0.0.1:9"
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "localhost,127.0.0.1,::1"


def _refusing(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if not is_local(address):
            raise RuntimeError(
                f"a test tried to reach {address[0]!r}; tests run offline: give it a stand-in on loopback"
            )
        return connect(self, address)

    return guarded


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of sample files, prices and facts that lies beside the project, where there is one."""
    if not SHARED.is_dir():
        pytest.skip("the folder `shared` is not beside the project")
    return SHARED


@pytest.fixture(scope="session")
def daily_closes(shared: Path) -> Market:
    """Give the real daily closes that lie beside the project, read once."""
    from exposure.prices import read_prices

    return read_prices(shared / "prices" / "prices.csv.gz")


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give an SQLite store with every table and nothing in it: to copy it is quicker than to make each anew."""
    from db import open_store

    file = tmp_path_factory.mktemp("empty") / "store.sqlite"
    open_store(f"sqlite:///{file}").close()
    return file.read_bytes()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Give the path of the browser for tests marked `browser`, which are skipped where there is none."""
    assert CHROMIUM is not None, "ask for this fixture in tests marked `browser` only"
    return CHROMIUM


def ring(item: pytest.Item) -> int:
    """Rank a test by what it needs: 0 nothing, 1 the store, 2 the pages, 3 a browser."""
    folder = item.path.relative_to(ROOT / "tests").parts[0]
    if item.get_closest_marker("browser"):
        return 3
    return {"pages": 2, "db": 1}.get(folder, 0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=ring)
    for item in items:
        if CHROMIUM is None and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium here (Debian: apt-get install chromium)"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which tests did not run and why: a green line alone would hide it."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        place = report.longrepr
        reasons[(place[2] if isinstance(place, tuple) else str(place)).removeprefix("Skipped: ")] += 1
    if reasons:
        terminalreporter.section(f"{reasons.total()} TESTS DID NOT RUN", sep="!", yellow=True, bold=True)
        for reason, count in reasons.most_common():
            terminalreporter.line(f"{count:4d}  {reason}", yellow=True)


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """Ask the command line, which must succeed, and give its answer."""
    from exposure.cli import main

    def ask(*words: object) -> dict[str, Any]:
        status = main([*map(str, words), "--json"])
        captured = capsys.readouterr()
        assert status == 0, captured.err
        found: dict[str, Any] = json.loads(captured.out)
        return found

    return ask
