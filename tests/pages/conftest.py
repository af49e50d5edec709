"""The pages on a store of their own: one SQLite file for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
SMALL = (
    b"As of,2025-01-24\n"
    b"Ticker,ISIN,Name,Quantity,Price,Market value,Currency\n"
    b"NVDA,US67066G1040,NVIDIA Corp,100,140,14000,USD\n"
    b"KO,US1912161007,Coca-Cola Co,100,60,6000,USD\n"
)
"""20,000 US dollars: 70 % NVIDIA, 30 % Coca-Cola."""


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_store: bytes) -> Iterator[str]:
    file = tmp_path / "store.sqlite"
    file.write_bytes(empty_store)
    url = f"sqlite:///{file}"
    monkeypatch.setenv("DATABASE_URL", url)
    yield url
    from pages.ui import cache

    cache.store().close()
    cache.store_at.clear()


@pytest.fixture(autouse=True)
def cookies(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The cookies of a test's browser: `AppTest` sends none."""
    from pages.ui import drafts

    sent: dict[str, str] = {}
    monkeypatch.setattr(drafts, "cookies", lambda: sent)
    return sent


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the made-up book, written once and copied for each test that wants it."""
    from db import open_store
    from db.demo import install_demo

    file = tmp_path_factory.mktemp("demo") / "demo.sqlite"
    store = open_store(f"sqlite:///{file}")
    install_demo(store)
    store.close()
    return file


@pytest.fixture
def app() -> Callable[[str], AppTest]:
    """Open the app at a page."""

    def at(page: str = "home") -> AppTest:
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
        return test if page == "home" else test.switch_page(f"pages/{page}/page.py").run()

    return at


@pytest.fixture
def holding(app: Callable[[str], AppTest]) -> AppTest:
    """The Holdings page with the small file stored as “Desk”."""
    test = upload(app("holdings"), "small.csv", SMALL)
    name_field(test).set_value("Desk").run()
    test.button(key="confirm").click().run()
    assert quiet(test)
    return test


def upload(test: AppTest, name: str, data: bytes) -> AppTest:
    return test.file_uploader[0].set_value((name, data, "text/csv")).run()


def name_field(test: AppTest) -> object:
    return next(field for field in test.text_input if str(field.key).startswith("name_"))


def quiet(test: AppTest) -> bool:
    """Tell that a page shows neither a failure nor an error."""
    assert [e.value for e in test.exception] == []
    return [e.value for e in test.error] == []


def words(test: AppTest) -> str:
    """Give everything the page says outside its tables, the escapes of Markdown taken off."""
    kinds = (test.markdown, test.caption, test.error, test.success, test.info, test.subheader, test.warning)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")
