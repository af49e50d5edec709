"""A store made by an earlier version opens with all it held: the schema of then is made by the migrations of then."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, inspect, text

from db import open_store
from db.columns import LOWEST, Verbatim
from db.engine import address
from db.migrations import FOLDER
from exposure.types import Override, Part
from tests.db.books import DAY, book

THEN = "2025-02-01 10:00:00"
ODD = "Ærø\\\\ \x00 & Søn"
"""A name that is escaped where it is stored, and was not in the key of a choice."""


def made_by(url: str, revision: str) -> Connection:
    """Make an empty store of an earlier version; give a connection that writes to it."""
    engine = create_engine(address(url))
    connection = engine.connect()
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    return connection


def done(connection: Connection) -> None:
    connection.commit()
    connection.close()
    connection.engine.dispose()


def put(connection: Connection, table: str, **values: Any) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)


def portfolio(connection: Connection, key: int, name: str, deleted: str | None = None, **more: Any) -> None:
    stored = {"price_set": "market", **more}
    put(connection, "portfolios", id=key, name=Verbatim.escape(name), created_at=THEN, deleted_at=deleted, **stored)


def snapshot(connection: Connection, key: int, owner: int, deleted: str | None = None) -> None:
    held = book(sha256=f"{key:064d}")
    put(
        connection, "snapshots", id=key, portfolio_id=owner, as_of=DAY.isoformat(), currency="USD", file="book.csv",
        sha256=held.sha256, format="csv", dates="[]", columns="{}", dialect="{}", issues="[]", positions=1, nav=13000.0,
        nav_currency="USD", imported_at=THEN, deleted_at=deleted,
    )  # fmt: skip
    put(connection, "holdings", snapshot_id=key, position=0, row=2, kind="equity", ticker="NVDA", derived="[]")
    put(connection, "rejected", snapshot_id=key, position=0, row=9, reason="why", raw="raw")


def choice(connection: Connection, key: str, value: Any) -> None:
    put(connection, "settings", key=key, value=json.dumps({"value": value}), saved_at=THEN)


def test_a_store_of_the_version_before_keeps_all_under_the_ids_it_had(url: str) -> None:
    connection = made_by(url, "0004")
    portfolio(connection, 1, ODD)
    portfolio(connection, 2, "Twice", deleted="2025-01-05 10:00:00")
    portfolio(connection, 3, "Twice", deleted="2025-01-06 10:00:00")
    portfolio(connection, 4, " SPY", price_set="inside")
    portfolio(connection, 5, "Plain")
    for key, owner in ((1, 1), (2, 3), (3, 4), (7, 5)):
        snapshot(connection, key, owner)
    snapshot(connection, 8, 5, deleted=THEN)
    parts = json.dumps([{"segment": "outside", "weight": 1.0}])
    put(connection, "overrides", portfolio_id=5, key="isin:X", isin="X", parts=parts, reason="r", author="a",
        date=DAY.isoformat())  # fmt: skip
    put(connection, "answers", portfolio_id=5, identifier="SU", symbol="SU.PA", saved_at=THEN)
    put(connection, "column_mappings", shape="a|b", mapping='{"ticker": "a"}', saved_at=THEN)
    packed = b"x"
    put(connection, "kept_texts", sha256="c" * 64, packed=packed)
    texts = dict.fromkeys(("book", "scenario", "inputs", "answer"), "c" * 64)
    put(connection, "kept_results", id=6, portfolio_id=5, snapshot_id=7, as_of=DAY.isoformat(), scenario_id="s",
        scenario_title="t", scenario_hash="h", engine="e", total_return=-0.1, pnl=-1.0, note="mine", kept_at=THEN,
        **texts)  # fmt: skip
    choice(connection, "proxies:Plain", {"line": "SMH", "\\odd": "SOXX"})
    choice(connection, "proxies:Twice", {"line": "XSD"})
    choice(connection, "proxies:nobody", {"line": "IGV"})
    cash = {"kind": "cash", "target": "", "amount": 0.1, "unit": "share", "side": "net"}
    for place, amount in ((2, 0.2), (1, 0.1)):
        choice(connection, f"trade:abc:{place:06d}:x", cash | {"amount": amount, "portfolio": "Plain", "scenario": "s"})
    choice(connection, "trade:def:000001:x", {**cash, "portfolio": "nobody", "scenario": "s"})
    choice(connection, "draft:one", {"kept": True})
    done(connection)

    store = open_store(url)
    assert {p.name: (p.portfolio_id, [s.snapshot_id for s in p.snapshots]) for p in store.portfolios()} == {
        ODD: (1, [1]), "Plain": (5, [7]),
    }  # fmt: skip
    assert [h.ticker for h in store.snapshot_by_id(7).holdings] == ["NVDA"]
    assert store.snapshot_by_id(7).rejected[0].raw == "raw"
    assert list(store.insides()) == ["SPY"]
    assert [d.portfolio_id for d in store.deleted_portfolios()] == [3, 2]
    assert [d.snapshot_id for d in store.deleted()] == [8]
    assert store.overrides("Plain") == (Override("X", None, (Part("outside", 1.0),), "r", "a", DAY),)
    assert store.answers("Plain") == {"SU": "SU.PA"}
    assert store.columns_for("a|b") == {"ticker": "a"}
    [entry] = store.kept_results("Plain")
    assert (entry.kept_id, entry.number, entry.note, entry.snapshot_id) == (6, 6, "mine", 7)
    assert store.proxies("Plain") == {"line": "SMH", "\\odd": "SOXX"}
    assert [t["amount"] for t in store.trades("Plain", "s").values()] == [0.1, 0.2]
    assert store.trades("Plain", "s").popitem()[1] == cash | {"amount": 0.2}
    assert list(store.settings("")) == ["draft:one", "number of the last kept result"]
    assert store.restore_portfolio(3) == "Twice"
    assert store.proxies("Twice") == {"line": "XSD"}, "of the two, the one deleted last had it"
    assert store.restore_snapshot(8) is None
    made = store.import_snapshot("Plain", book(sha256="f" * 64)).snapshot_id
    assert made >= LOWEST and store.snapshot_id("Plain") == made, "after those of before, though they count otherwise"
    store.delete_portfolio(5)
    store.purge(portfolios=[5])
    assert store.settings("draft:") == {}, "on whose book it was made was not noted, and no address opens it any more"
    store.close()


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0004"])
def test_a_store_of_any_version_before_is_upgraded_with_its_portfolio(url: str, revision: str) -> None:
    connection = made_by(url, revision)
    portfolio(connection, 1, "Desk")
    snapshot(connection, 1, 1)
    done(connection)
    store = open_store(url)
    assert [(p.name, p.snapshots[0].snapshot_id) for p in store.portfolios()] == [("Desk", 1)]
    store.delete_portfolio(1)
    assert store.purge(portfolios=[1]).snapshots == 1
    assert store.import_snapshot("Desk", book()).snapshot_id >= LOWEST
    store.close()


def test_the_server_hands_out_no_id_of_its_own(url: str) -> None:
    store = open_store(url)
    with store.read() as connection:
        for table in ("portfolios", "snapshots", "kept_results", "trades"):
            [own] = [c for c in inspect(connection).get_columns(table) if c["name"] == "id"]
            assert own["default"] is None, table
    store.close()


def test_moments_of_before_and_of_now_are_told_apart(url: str) -> None:
    connection = made_by(url, "0004")
    portfolio(connection, 1, "Desk", deleted=THEN)
    done(connection)
    store = open_store(url)
    assert store.deleted_portfolios()[0].deleted_at == datetime(2025, 2, 1, 10, tzinfo=UTC)
    store.close()


def test_what_was_said_before_messages_had_codes_reads_as_it_was_written(url: str) -> None:
    connection = made_by(url, "0008")
    portfolio(connection, 1, "Desk")
    snapshot(connection, 1, 1)
    connection.execute(text("UPDATE rejected SET reason = :odd"), {"odd": Verbatim.escape(ODD)})
    said = {"severity": "warning", "what": "NVDA: prices changed", "remedy": "see why"}
    put(connection, "price_log", price_set="market", ticker="NVDA", noticed_at=THEN, source="yfinance", **said)
    old = {"FB": "renamed: Yahoo answers with META", "GONE": "no data (delisted, renamed or unknown)", "X": "so it was"}
    for ticker, outcome in old.items():
        known = {"price_set": "market", "rows": 0, "changed_at": THEN}
        put(connection, "price_series", ticker=ticker, outcome=outcome, **known)
    done(connection)

    store = open_store(url)
    (rejected,) = store.snapshot_by_id(1).rejected
    assert (rejected.row, rejected.code, rejected.raw) == (9, "text", "raw")
    assert dict(rejected.params) == {"what": ODD}
    (event,) = store.price_log()
    assert (event.issue.severity, event.issue.what, event.issue.remedy) == tuple(said.values())
    failed = dict(store.price_status().failed)
    assert {ticker: why.what for ticker, why in failed.items()} == old
    assert [why.code for why in failed.values()] == ["feed.renamed", "feed.no-data", "text"]
    store.close()
