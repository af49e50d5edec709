"""Benchmark files of the Compare page: kept in the store under their hash, which is what the URL names."""

from __future__ import annotations

import base64
import gzip
import hashlib
from typing import Any

import streamlit as st

from exposure.errors import InputError
from exposure.types import Book, Scenario
from pages.shared import cache

NAMES, FILES = "benchmark:name:", "benchmark:file:"
"""Keys of a file's name and of its bytes: the names are listed without loading any file."""
SIGNS = 24
"""Signs of the hash that tell one file from another."""


def kept() -> dict[str, str]:
    """List the files that are kept: hash → name."""
    return {key.removeprefix(NAMES): name for key, name in cache.store().settings(NAMES).items()}


def keep(name: str, data: bytes) -> str:
    """Keep a file and give its hash; the same bytes are kept once."""
    one = hashlib.sha256(data).hexdigest()[:SIGNS]
    store = cache.store()
    store.save_setting(f"{FILES}{one}", base64.b64encode(gzip.compress(data, mtime=0)).decode("ascii"))
    store.save_setting(f"{NAMES}{one}", name)
    return one


def forget(one: str) -> None:
    """Take a file out of the store."""
    for prefix in (NAMES, FILES):
        cache.store().remove_settings(f"{prefix}{one}")


def book(one: str, currency: str | None) -> Book:
    """Give the book of a kept file.

    Raises
    ------
    InputError : the file is no longer kept.
    """
    return _book(cache.url(), one, currency, cache.store().prices_version())


@st.cache_resource(show_spinner="Reading the benchmark", max_entries=8)
def _book(url: str, one: str, currency: str | None, prices: str) -> Book:
    from exposure.flow import book_of
    from exposure.reading import read_holdings

    store = cache.store()
    packed, name = store.setting(f"{FILES}{one}"), store.setting(f"{NAMES}{one}")
    if packed is None or name is None:
        raise InputError("the benchmark’s file is no longer kept", remedy="upload it again")
    held = read_holdings(gzip.decompress(base64.b64decode(packed)), name=name)
    return book_of(held, base_currency=currency, market=store.exchange_rates())


def shock(one: str, currency: str | None, scenario: Scenario) -> Any:
    """Apply a scenario to the book of a kept file."""
    return _shock(cache.url(), one, currency, cache.store().prices_version(), scenario.hash, scenario)


@st.cache_resource(show_spinner="Applying the scenario", max_entries=cache.KEEP)
def _shock(url: str, one: str, currency: str | None, prices: str, scenario_hash: str, _scenario: Scenario) -> Any:
    from exposure.flow import shock

    return shock(_book(url, one, currency, prices), _scenario)
