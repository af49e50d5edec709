"""`make bench-pages`: from a moved slider to the redrawn page, at 5,000 holdings, in a browser on the served app.

Milliseconds from the press of an arrow key on a lever, which a slider sends at once, to the moment at which figures,
flow and table are redrawn; beside it until the server has answered and the page rests, for each view below the levers.
What was drawn ahead must be what the server then says, or the run fails. The load of the machine stands beside the
figures: they mean little without it.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.timing import write_book

ROOT = Path(__file__).resolve().parents[1]
LINES, STEPS, WARM, EACH = 5_000, 60, 10, 12
VIEWS = ("Who carries it", "Which belief matters", "What would have to be true", "How wrong can it be")
AIM = (45.0, 60.0)
"""Median and 95th percentile to stay under, in milliseconds."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
READY = "document.querySelector('.live-flow')?.traces && document.querySelector('[data-ahead]')"
WATCH = """
() => {
  const one = (selector) => document.querySelector(selector);
  const drawn = () => [...one('.live-flow').traces[0].x, one('.live-head p + p').textContent];
  const same = (a, b) => a.every((x, n) => (x === b[n] || Math.abs(x - b[n]) < 1e-7));
  const rests = () => one('[data-testid="stApp"]').dataset.testScriptState === 'notRunning';
  const seen = () => one('.live-flow').dataset.seen;
  window.timed = () => new Promise((done, fail) => {
    const [before, known] = [drawn(), seen()];
    let from = 0, chart = 0, ahead = [];
    document.addEventListener('keydown', () => { from = performance.now(); look(); }, {once: true, capture: true});
    const look = () => {
      const now = performance.now();
      if (!chart && !same(drawn(), before)) [chart, ahead] = [now, drawn()];
      if (chart && seen() !== known && rests()) {
        if (!same(drawn(), ahead)) return fail(new Error(`drawn ${ahead}, the server says ${drawn()}`));
        return done([chart - from, now - from]);
      }
      if (now - from > 20000) return fail(new Error('the chart did not change'));
      setTimeout(look, 0);
    };
  });
}
"""


def main() -> None:
    """Serve the app on a store of its own, move a lever by keys, and print the figures."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("  playwright is not installed: make setup")
        return
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{address}/beliefs")
        page.wait_for_function(READY, timeout=120_000)
        page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)
        page.evaluate(WATCH)
        redrawn, rests = zip(*(_step(page, n) for n in range(WARM + STEPS)), strict=True)
        shown: dict[str, Sequence[float]] = {"key to redrawn page": redrawn[WARM:]}
        shown["until the page rests"] = rests[WARM:]
        for view in VIEWS:
            page.get_by_role("radio", name=view).click()
            page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)
            page.wait_for_timeout(1_000)
            shown[f"… with “{view}”"] = [_step(page, n)[1] for n in range(EACH)]
        browser.close()
    print(f"\n{LINES:,} holdings, {STEPS} moves of a lever; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()}")
    for what, each in shown.items():
        half, most = statistics.median(each), statistics.quantiles(each, n=20)[-1]
        print(f"  {what:<36} p50 {half:7.1f} ms   p95 {most:7.1f} ms   min {min(each):7.1f} ms")
    print(f"  {'aim for the first':<36} p50 {AIM[0]:7.1f} ms   p95 {AIM[1]:7.1f} ms")


def _step(page: Any, n: int) -> tuple[float, float]:
    """Move the first lever by one step, up and down in turn, and give the milliseconds to the chart and to rest."""
    page.get_by_role("slider").first.focus()
    page.evaluate("() => { window.answer = window.timed(); }")
    page.keyboard.press("ArrowRight" if n % 20 < 10 else "ArrowLeft")
    chart, rest = page.evaluate("() => window.answer")
    page.wait_for_timeout(60)
    return chart, rest


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """Store a made-up book, serve the app, and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{folder / 'store.sqlite'}"}
    book = write_book(folder / "book_2025-01-24.csv", LINES)
    run = [sys.executable, "-m", "exposure", "import", str(book), "--portfolio", "Bench"]
    subprocess.run(run, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    serve = [sys.executable, "-m", "pages.ui.server", "run", "app.py", "--server.headless", "true"]
    serve += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(serve, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()
