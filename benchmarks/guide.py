"""The pictures of the guide, drawn anew from the made-up demo: `make pictures`, where Chromium is."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from PIL import Image
from playwright.sync_api import sync_playwright

from pages.ui.guard import PAGES

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
SIZE = {"width": 1440, "height": 900}
PRESSED = {"prediction": "Example", "scenarios": "Start"}
"""Page → the button that fills it."""
COLOURS = 96
"""Enough for text and flat areas: a picture so takes a third of its bytes."""


@contextmanager
def served() -> Iterator[str]:
    """Serve the app with a store of its own, and give its address."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
        probe.close()
        command = [sys.executable, "-m", "pages.ui.server", "run", "app.py", "--server.headless", "true"]
        command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
        environment = os.environ | {"DATABASE_URL": f"sqlite:///{folder}/store.sqlite"}
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
            try:
                _wait(f"http://127.0.0.1:{port}/_stcore/health")
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()


def _wait(address: str) -> None:
    opener = build_opener(ProxyHandler({}))
    for _ in range(300):
        try:
            opener.open(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("guide: the dashboard did not answer")


def settle(page: Any) -> None:
    """Wait until the page's script has run and nothing is drawn any more."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=120_000)
    page.wait_for_function("!document.querySelector('[data-stale=\"true\"]')", timeout=120_000)
    page.wait_for_function("!document.querySelector('[data-testid=\"stSkeleton\"]')", timeout=120_000)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)  # a chart draws itself after its data came


def keep(picture: bytes, name: str) -> None:
    """Write a picture with few colours."""
    drawn = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    drawn.save(PICTURES / f"{name}.png", optimize=True)
    print(f"{name}: {(PICTURES / f'{name}.png').stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Draw every page of the menu, or those that are named."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("guide: the pictures need Chromium (Debian: apt-get install chromium)")
    PICTURES.mkdir(parents=True, exist_ok=True)
    chosen = sys.argv[1:] or [name for name, _ in PAGES]
    with served() as address, sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = started.new_page(viewport=SIZE, color_scheme="light")
        page.goto(address)
        page.get_by_role("button", name="Open the demo portfolio").click()
        page.get_by_role("heading", name="Segments", exact=True).or_(
            page.get_by_role("heading", name="Shock", exact=True)
        ).first.wait_for(timeout=120_000)
        settle(page)
        page.goto(f"{address}/shock")
        page.get_by_role("button", name="Keep this result").click()
        settle(page)
        for name in chosen:
            page.goto(f"{address}/{'' if name == 'home' else name}")
            settle(page)
            if name in PRESSED:
                page.get_by_role("button", name=PRESSED[name], exact=True).click()
                page.wait_for_timeout(2_000)
                settle(page)
            keep(page.screenshot(animations="disabled"), name)
        started.close()


if __name__ == "__main__":
    main()
