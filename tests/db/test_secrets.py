"""A password in a database URL stays there: no error, traceback, name or representation repeats it."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from db import open_store
from db.engine import address, engine_for, name_of, store_error
from exposure.errors import StoreError

ROOT = Path(__file__).resolve().parents[2]
SECRET = "s3cr3tw0rd"
NOBODY = "127.0.0.1:9"
"""Where nothing listens."""
URLS = [
    f"postgresql://desk:{SECRET}@{NOBODY}/book",
    f"postgresql+psycopg://desk:{SECRET}%40x@{NOBODY}/book",
    f"postgresql://desk:{SECRET}#x?y%ZZ@{NOBODY}/book",
    f"postgresql://desk:%E9{SECRET}@{NOBODY}/book",
    f"postgresql://desk:x/{SECRET}@{NOBODY}/book",
    f"postgresql://desk:{SECRET}\n@{NOBODY}/book",
    f"postgresql://{NOBODY}/book?user=desk&password={SECRET}",
    f"postgresql://desk:x@{NOBODY}/book?sslpassword={SECRET}&bogus=1",
    f"postgresql://desk:{SECRET}@{NOBODY}/book?connect_timeout=soon",
    f"postgresql://desk:{SECRET}@h:99999999/book",
    f"postgresql://desk:x@{SECRET}@{NOBODY}/book",
    f"postgresql://desk:x@y/{SECRET}@{NOBODY}/book",
    f"postgresql://desk:x@y?{SECRET}@{NOBODY}/book",
    f"postgresql://desk:{SECRET}",
    f"postgresql://desk:{SECRET}@{NOBODY[:-2]}:nine/book",
    f"postgresql:/desk:{SECRET}@{NOBODY}/book",
    f"mysql://desk:{SECRET}@{NOBODY}/book",
    f"sqlite://desk:{SECRET}@{NOBODY}/book",
    f"sqlite:///x?timeout={SECRET}",
    SECRET,
]


@pytest.mark.parametrize("url", URLS)
def test_no_refusal_of_a_url_repeats_its_password_nor_does_the_traceback(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError) as refused:
        open_store(url)
    assert SECRET not in "".join(traceback.format_exception(refused.value))
    assert "DATABASE_URL" in str(refused.value) or "127.0.0.1" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("url", URLS[:10])
def test_neither_the_engine_nor_the_stores_name_shows_it(url: str) -> None:
    engine = engine_for(address(url))
    for shown in (repr(engine), repr(engine.url), name_of(address(url)), name_of(engine.url)):
        assert SECRET not in shown


def test_a_password_behind_the_question_mark_still_reaches_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is taken out of the engine's URL is handed to libpq beside it."""
    engine = engine_for(address(f"postgresql://{NOBODY}/book?user=desk&password={SECRET}"))
    given: dict[str, object] = {}

    def connect(*_args: object, **options: object) -> object:
        given.update(options)
        raise engine.dialect.dbapi.OperationalError("stopped here")  # type: ignore[union-attr]

    monkeypatch.setattr(engine.dialect, "connect", connect)
    with pytest.raises(OperationalError):
        engine.connect()
    assert (given["user"], given["password"]) == ("desk", SECRET)


@pytest.mark.parametrize("password", [SECRET, "p@ss wörd/1"])
def test_a_drivers_own_words_are_repeated_without_it(password: str) -> None:
    from urllib.parse import quote

    url = address(f"postgresql://desk:{quote(password, safe='')}@{NOBODY}/book")
    for written in (password, quote(password, safe="")):
        said = str(store_error(RuntimeError(f"cannot parse 'host=h password={written}'"), url))
        assert written not in said
        assert "password=***" in said


@pytest.mark.parametrize("url", [URLS[0], URLS[6], URLS[10], URLS[13], URLS[17]])
@pytest.mark.parametrize("debug", [{}, {"EXPOSURE_DEBUG": "1"}], ids=["plain", "debug"])
def test_the_command_line_says_it_nowhere(url: str, debug: dict[str, str]) -> None:
    command = [sys.executable, "-m", "exposure", "portfolios"]
    environment = {**os.environ, "DATABASE_URL": url, **debug}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert SECRET not in done.stdout + done.stderr
