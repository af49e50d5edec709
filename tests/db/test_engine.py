"""Opening the store: which one, its migrations, and what is said where it cannot be opened."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, text

from db import Store, open_store
from db.engine import DEFAULT_FILE, address
from db.migrations import FOLDER, HEAD
from db.models import Base, Portfolio
from exposure.errors import StoreError

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = Path(sys.executable).parent
"""Where no module of the project lies."""


def test_without_database_url_the_store_is_the_projects_own_file_wherever_the_command_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    assert address().database == str(ROOT / "db" / "exposure.sqlite") == str(DEFAULT_FILE)


def test_a_url_given_beats_the_environment_and_postgresql_is_spoken_to_through_psycopg(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@host/name")
    assert address().drivername == "postgresql+psycopg"
    assert address("sqlite:///x.db").drivername == "sqlite"


@pytest.mark.parametrize("bad", ["mysql://u@h/d", "postgresql+asyncpg://u@h/d", "nonsense", "://"])
def test_another_database_is_refused_by_name(bad: str) -> None:
    with pytest.raises(StoreError, match="DATABASE_URL"):
        address(bad)


def test_migrations_make_the_very_schema_of_the_models(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_newest_migration_is_the_head_that_the_code_names() -> None:
    assert max(file.name.split("_")[0] for file in (FOLDER / "versions").glob("0*.py")) == HEAD


def test_a_store_that_is_up_to_date_opens_without_alembic(url: str) -> None:
    open_store(url).close()
    code = "import sys; from db import open_store; open_store().close(); print('alembic' in sys.modules)"
    assert _python(code, url) == "False"


def test_two_processes_may_open_an_empty_store_at_the_same_time(url: str) -> None:
    code = "from db import open_store; open_store().close()"
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": _path()}
    command = [sys.executable, "-c", code]
    options = {"env": environment, "cwd": ELSEWHERE, "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, **options) for _ in range(2)]
    assert [process.communicate()[1] for process in running] == ["", ""]
    store = open_store(url)
    assert store.portfolios() == ()
    store.close()


def test_a_migration_that_fails_half_way_leaves_an_empty_store(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import op

    real, calls = op.create_table, []

    def create_table(name: str, *columns: object, **options: object) -> object:
        calls.append(name)
        if len(calls) == 4:
            raise RuntimeError("power cut")
        return real(name, *columns, **options)

    with monkeypatch.context() as patch:
        patch.setattr(op, "create_table", create_table)
        with pytest.raises(RuntimeError, match="power cut"):
            open_store(url)
    assert len(calls) == 4
    store = open_store(url)  # every table can be made: none was left behind
    assert store.portfolios() == ()
    store.close()


def test_a_store_of_a_newer_version_is_not_touched(store: Store, url: str) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer version.*9999.*update the program"):
        open_store(url)


def test_a_database_of_something_else_is_not_touched(url: str, new_url: Callable[[str], str]) -> None:
    store = open_store(url)
    with store.write() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    store.close()
    with pytest.raises(StoreError, match="did not make"):
        open_store(url)


def test_a_write_that_fails_is_undone_whole_tables_included(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        connection.execute(text("CREATE TABLE extra (a INTEGER)"))
        connection.execute(text("INSERT INTO extra VALUES (1)"))
        _ = 1 / 0
    with pytest.raises(StoreError), store.read() as connection:
        connection.execute(text("SELECT * FROM extra"))


def test_a_read_sees_one_moment_however_long_it_lasts(store: Store) -> None:
    count = text("SELECT count(*) FROM portfolios")
    with store.read() as reading:
        assert reading.execute(count).scalar() == 0
        with store.write() as writing:
            values = {"name": "A", "price_set": "market", "created_at": datetime.now(UTC)}
            writing.execute(insert(Portfolio).values(**values))
        assert reading.execute(count).scalar() == 0
    with store.read() as reading:
        assert reading.execute(count).scalar() == 1


def test_foreign_keys_hold(store: Store) -> None:
    orphan = "INSERT INTO rejected (snapshot_id, position, row, reason, raw) VALUES (77, 0, 1, 'x', 'y')"
    with pytest.raises(StoreError), store.write() as connection:
        connection.execute(text(orphan))


def test_a_locked_store_says_so_on_one_line(new_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    url = new_url("sqlite")
    open_store(url).close()
    monkeypatch.setattr("db.engine.WAIT_SECONDS", 0.05)
    other = sqlite3.connect(address(url).database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store = open_store(url)
    assert store.portfolios() == ()  # reading goes on while another writes
    _refused(store, "written by another program")
    other.close()


@pytest.mark.postgres
def test_a_locked_postgresql_says_so_on_one_line(
    new_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(new_url("postgresql"))
    monkeypatch.setattr("db.engine.WAIT_SECONDS", 1)
    with store.write():
        _refused(other := open_store(store.engine.url.render_as_string(False)), "written by another program")
    store.close()
    other.close()


def test_a_read_only_file_can_be_read_and_says_why_it_cannot_be_written(new_url: Callable[[str], str]) -> None:
    url = new_url("sqlite")
    open_store(url).close()
    store = open_store(f"sqlite:///file:{address(url).database}?mode=ro&uri=true")
    assert store.portfolios() == ()
    _refused(store, "is read-only")


def test_a_full_disk_says_so_and_nothing_is_lost(new_url: Callable[[str], str]) -> None:
    store = open_store(new_url("sqlite"))
    store.save_scenario("kept", "id = 'kept'")
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="no space left") as error:
        store.save_scenario("large", "x" * 1_000_000)
    assert "\n" not in str(error.value)
    assert store.scenarios() == {"kept": "id = 'kept'"}
    store.close()


@pytest.mark.parametrize(
    ("broken", "message"),
    [("missing/x.sqlite", "cannot be opened"), ("", "cannot be opened"), ("damaged", "no SQLite database")],
)
def test_what_cannot_be_opened_is_named(tmp_path: Path, broken: str, message: str) -> None:
    (tmp_path / "damaged").write_bytes(b"this is no database" * 1000)
    with pytest.raises(StoreError, match=message) as error:
        open_store(f"sqlite:///{tmp_path / broken}")
    assert str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(StoreError, match="cannot be reached") as error:
        open_store("postgresql://desk:secret@127.0.0.1:9/book")
    assert "secret" not in str(error.value)
    assert "127.0.0.1" in str(error.value)
    assert "\n" not in str(error.value)


def _refused(store: Store, message: str) -> None:
    with pytest.raises(StoreError, match=message) as error:
        store.save_scenario("a", "b")
    assert "\n" not in str(error.value)
    store.close()


def _path() -> str:
    return os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(ROOT)])


def _python(code: str, url: str) -> str:
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": _path()}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ELSEWHERE, capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout.strip()
