"""Two browsers at one app: nothing of a client deleted for good is shown to the next, no tab writes over another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db import open_store
from exposure.reading import read_holdings

from .conftest import settle

pytestmark = pytest.mark.browser

FIRST = (
    b"As of,2025-01-24\nTicker,ISIN,Name,Quantity,Price,Market value,Currency\n"
    b"NVDA,US67066G1040,Zyzzyva of the first client,100,140,14000,USD\n"
    b"KO,US1912161007,Coca-Cola Co,100,60,6000,USD\n"
)
SECOND = FIRST.replace(
    b"NVDA,US67066G1040,Zyzzyva of the first client,100,140,14000",
    b"MSFT,US5949181045,Quixotic of the second client,50,440,22000",
)


@pytest.fixture
def store(server: str, tmp_path: Path) -> Any:
    """The served app's store, with the first client's book."""
    opened = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    opened.import_snapshot("Client", read_holdings(FIRST, name="first.csv"))
    yield opened
    opened.close()


def metric(page: Any, label: str) -> str:
    found = page.locator('[data-testid="stMetric"]').filter(has_text=label).first
    return str(found.locator('[data-testid="stMetricValue"]').inner_text())


def downloaded(page: Any, key: str) -> str:
    """Give the rows of a table: on the page they are drawn on a canvas."""
    with page.expect_download() as download:
        page.locator(f".st-key-{key}_csv button").click()
    return Path(download.value.path()).read_text(encoding="utf-8-sig")


def test_what_was_deleted_for_good_is_not_shown_to_the_next_client(
    visit: Callable[..., Any], store: Any, tmp_path: Path
) -> None:
    old = store.portfolio("Client").snapshots[0].snapshot_id
    one, other = visit("holdings"), visit(f"holdings?snapshot={old}")
    assert "Zyzzyva" in downloaded(other, "holdings")
    one.get_by_role("button", name="Delete the portfolio").click()
    one.get_by_text("Deleted the portfolio “Client”").wait_for()
    one.get_by_text("Deleted, and can be had back: 1").click()
    one.get_by_role("button", name="Delete for good").click()
    one.get_by_role("button", name="Yes, delete for good").click()
    one.get_by_text("Removed for good: 1 snapshot").wait_for()
    assert b"Zyzzyva" not in b"".join(f.read_bytes() for f in tmp_path.glob("store.sqlite*"))
    settle(one)
    one.set_input_files("input[type=file]", {"name": "Client.csv", "mimeType": "text/csv", "buffer": SECOND})
    # The file's name is the one proposed for its portfolio: that of the client who is gone.
    one.get_by_role("heading", name="To check: Client.csv").wait_for()
    settle(one)
    one.get_by_role("button", name="Confirm and store").click()
    one.get_by_text("Stored in “Client”").wait_for()
    settle(one)
    assert "Quixotic" in downloaded(one, "holdings")
    assert store.portfolio("Client").snapshots[0].snapshot_id != old
    # The other browser goes on in its open session, and a third follows the address of what is gone.
    other.get_by_role("link", name="Segments").first.click()
    other.get_by_role("heading", name="Segments", exact=True).wait_for()
    settle(other)
    assert "Zyzzyva" not in other.content()
    other.get_by_role("link", name="Holdings").first.click()
    other.get_by_role("heading", name="Holdings", exact=True).wait_for()
    settle(other)
    third = visit(f"holdings?snapshot={old}")
    for page in (other, third):
        assert "Zyzzyva" not in page.content()
        if page.locator(".st-key-holdings_csv button").count():
            assert "Zyzzyva" not in downloaded(page, "holdings")


def test_a_second_tab_neither_empties_a_note_nor_writes_over_it_unseen(visit: Callable[..., Any], store: Any) -> None:
    page = visit("shock")
    page.get_by_role("button", name="Keep this result").click()
    page.get_by_text("Kept as no. 1").wait_for()
    one, other = visit("results"), visit("results")
    one.get_by_label("Note", exact=True).fill("for the committee")
    one.get_by_label("Note", exact=True).press("Enter")
    one.get_by_text("The note is kept").wait_for()
    # The second tab, which was drawn before, runs again: it shows the note and leaves it.
    assert other.get_by_label("Note", exact=True).input_value() == ""
    stale = visit("results")
    with other.expect_download():
        other.get_by_role("button", name="Download JSON").click()
    other.get_by_label("Note", exact=True).fill("mine")
    other.get_by_label("Note", exact=True).press("Enter")
    other.get_by_text("has been changed since it was shown here").wait_for()
    assert [e.note for e in store.kept_results()] == ["for the committee"]
    panel = other.locator(".st-key-conflict")
    for text in ("mine", "for the committee"):
        panel.get_by_text(text, exact=True).wait_for()
    other.get_by_role("button", name="Keep what is stored").click()
    panel.wait_for(state="detached")
    settle(other)
    assert other.get_by_label("Note", exact=True).input_value() == "for the committee"
    other.get_by_label("Note", exact=True).fill("mine, knowing yours")
    other.get_by_label("Note", exact=True).press("Enter")
    other.get_by_text("The note is kept").wait_for()
    assert [e.note for e in store.kept_results()] == ["mine, knowing yours"]
    # A third tab deletes what it saw with another note: refused, then done by choice.
    stale.get_by_role("button", name="Delete", exact=True).click()
    stale.get_by_role("button", name="Use mine").wait_for()
    assert len(store.kept_results()) == 1
    stale.get_by_role("button", name="Use mine").click()
    stale.get_by_text("Deleted kept result no. 1").wait_for()
    assert store.kept_results() == ()


def test_a_portfolio_that_grew_in_another_tab_is_not_deleted_unseen(visit: Callable[..., Any], store: Any) -> None:
    page = visit("holdings")
    later = read_holdings(SECOND.replace(b"2025-01-24", b"2025-02-28"), name="second.csv")
    store.import_snapshot("Client", later)
    page.get_by_role("button", name="Delete the portfolio").click()
    page.get_by_role("button", name="Keep what is stored").wait_for()
    page.locator(".st-key-conflict").get_by_text("2025-02-28").wait_for()
    assert len(store.portfolio("Client").snapshots) == 2
