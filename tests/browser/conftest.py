"""The app as it is served, and a browser that fails the test on any complaint of the page."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
KNOWN = re.compile(r"/_stcore/(health|host-config)")
"""Below a page's path Streamlit first asks for these beside the page, gets 404, and then asks at the root."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Serve the app on a free port of this machine with an empty store; give its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "pages.ui.server", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'store.sqlite'}"}
    log = tmp_path / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process, log)
            yield address
        finally:
            process.terminate()
            process.wait(20)
    said = log.read_text(encoding="utf-8", errors="replace")
    assert "Traceback" not in said, said


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    opener = build_opener(ProxyHandler({}))
    for _ in range(300):
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        try:
            if opener.open(f"{address}/_stcore/health", timeout=2).status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer: " + log.read_text(encoding="utf-8", errors="replace"))


Open = Callable[..., "playwright_api.Page"]


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[playwright_api.Browser]:
    """Start Chromium without a window, once for all tests of a process: each test has contexts of its own."""
    with playwright_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def visit(browser: playwright_api.Browser, server: str) -> Iterator[Open]:
    """Open a path of the app, in a window of some size and theme; at the end nothing may have complained."""
    complaints: list[str] = []
    contexts: list[playwright_api.BrowserContext] = []

    def heard(message: playwright_api.ConsoleMessage) -> None:
        if message.type == "error" and not KNOWN.search(str(message.location.get("url", ""))):
            complaints.append(f"{message.text} ({message.location.get('url')})")

    def answered(response: playwright_api.Response) -> None:
        if response.status >= 400 and not KNOWN.search(response.url):
            complaints.append(f"{response.status} {response.url}")

    def opened(path: str = "", *, width: int = 1440, height: int = 900, scheme: str = "light") -> playwright_api.Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("response", answered)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: _outside(request.url, server, complaints))
        page.goto(f"{server}/{path}")
        settle(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def _outside(url: str, server: str, complaints: list[str]) -> None:
    """A page that asks another host fails in an office without one."""
    if not url.startswith(server):
        complaints.append(f"asked outside: {url}")


def settle(page: playwright_api.Page) -> None:
    """Wait until the page's script has run."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)
    page.wait_for_function("!document.querySelector('[data-stale=\"true\"]')", timeout=60_000)


def choose(page: playwright_api.Page, key: str, option: str) -> None:
    """Choose from the list of a key; one that the page's own redrawing shut is opened again."""
    for _ in range(10):
        page.locator(f".st-key-{key} input").click()
        try:
            page.get_by_role("option", name=option).click(timeout=3_000)
        except playwright_api.TimeoutError:
            page.keyboard.press("Escape")
        else:
            return
    raise AssertionError(f"{option} could not be chosen")


def chart(page: playwright_api.Page) -> dict[str, object]:
    """Give the first chart's trace as the browser drew it."""
    page.wait_for_function("document.querySelector('.js-plotly-plot')?._fullData?.length > 0", timeout=60_000)
    drawn: dict[str, object] = page.evaluate(
        "(({ids, labels, values, parents, customdata}) => ({ids: [...ids], labels: [...labels], values: [...values],"
        " parents: [...parents]}))(document.querySelector('.js-plotly-plot')._fullData[0])"
    )
    return drawn
