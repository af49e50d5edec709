"""What is compared: portfolios, scenarios and a benchmark, which may be a file that is kept as such.

Benchmark files of the Compare page: kept in the store under their hash, which is what the URL names.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from exposure.errors import ExposureError, InputError
from exposure.shock import ShockResult
from exposure.types import Book, Scenario
from exposure.view.sentences import one_line, plain
from pages.ui import address, cache, scenarios, select, shocks, state
from pages.ui.scenarios import Picked

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


def benchmark_book(one: str, currency: str | None) -> Book:
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


MOST = 8
FIRST = (scenarios.DEFAULT, "deepseek-transmission", "tariffs-2025-04-03")
"""Scenarios that a first visit compares."""


@dataclass(frozen=True, slots=True)
class Side:
    """A book that is compared: a stored snapshot, or the benchmark's `file` by its hash."""

    label: str
    portfolio: str
    currency: str | None
    prices: str
    """Portfolio whose prices complete a scenario: its own, for a file that of the first portfolio."""
    snapshot_id: int = 0
    file: str = ""

    @property
    def book(self) -> Book:
        if self.file:
            return benchmark_book(self.file, self.currency)
        return cache.book(self.portfolio, self.snapshot_id, self.currency)

    def under(self, picked: Picked) -> ShockResult:
        """Give what a scenario does to it; one that waits for prices takes those of the portfolio it is measured by.

        Raises
        ------
        ExposureError : it cannot be applied: prices that it needs are missing.
        """
        scenario = shocks.ready(self.prices, picked.scenario)
        if self.file:
            found: ShockResult = shock(self.file, self.currency, scenario)
            return found
        return shocks.shock_of(self.portfolio, self.snapshot_id, self.currency, scenario)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choice: portfolios, scenarios, and the benchmark, which is the last of `sides`."""

    portfolios: tuple[Side, ...]
    scenarios: tuple[Picked, ...]
    benchmark: Side | None

    @property
    def sides(self) -> tuple[Side, ...]:
        return self.portfolios if self.benchmark is None else (*self.portfolios, self.benchmark)


def pick() -> Chosen:
    """Draw the pickers and give the choice; with nothing chosen, say so and end the page there."""
    found = select.stored()
    labels = select.labelled(found)
    latest: dict[str, int] = {}
    for one, (name, _) in found.items():
        latest.setdefault(name, one)
    own = next((one for one in found if str(one) == address.held().get(state.SNAPSHOT)), None)
    lone = own is None and bool(address.held())  # the address asks for one that is gone: no other stands for it
    first = [] if lone else [one for one in (own, *latest.values()) if one is not None]
    if lost := state.missing(state.PORTFOLIOS, list(found)):
        said = "A snapshot that was compared here is gone: it was deleted, or another took its place."
        st.warning(plain(f"{said} No. {', '.join(lost[:MOST])}; what is left is compared."), icon=":material/warning:")
    state.settle_many(state.PORTFOLIOS, list(found), list(dict.fromkeys(first))[:4])
    wanted = st.multiselect(
        "Portfolios",
        list(found),
        format_func=labels.__getitem__,
        key=state.PORTFOLIOS,
        max_selections=MOST,
        persist_state="session",
        placeholder="Choose portfolios",
    )
    picked = _scenarios()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        against = _benchmark(labels)
        unit = select.units()
    _file(against)
    for key in (state.PORTFOLIOS, state.SCENARIOS):
        state.publish_many(key)
    if not wanted or not picked:
        st.info("Choose at least one portfolio and one scenario to compare.")
        st.stop()
    names = {one: found[one][0] for one in found}
    chosen = [*wanted, *([int(against)] if against.isdigit() and int(against) not in wanted else [])]
    repeated = Counter(names[one] for one in chosen)
    labels = {one: labels[one] if repeated[names[one]] > 1 else one_line(names[one], 60) for one in chosen}
    sides = [Side(labels[one], names[one], unit, names[one], one) for one in wanted]
    benchmark = None
    if against.startswith(state.FILE):
        file = against.removeprefix(state.FILE)
        name = kept()[file]
        benchmark = Side(f"{one_line(name, 50)} (file)", name, unit, sides[0].prices, file=file)
    elif against:
        benchmark = Side(labels[int(against)], names[int(against)], unit, names[int(against)], int(against))
    return _in_one_currency(sides, picked, benchmark)


def _scenarios() -> list[Picked]:
    saved = cache.saved_scenarios()
    labels = scenarios.labelled(saved)
    if lost := state.missing(state.SCENARIOS, list(labels)):
        said = f"No scenario is called {', '.join(one_line(one, 60) for one in lost[:MOST])} any more: it is left out."
        st.warning(plain(said), icon=":material/warning:")
    state.settle_many(state.SCENARIOS, list(labels), [one for one in FIRST if one in labels])
    wanted = st.multiselect(
        "Scenarios",
        list(labels),
        format_func=labels.__getitem__,
        key=state.SCENARIOS,
        max_selections=MOST,
        persist_state="session",
        placeholder="Choose scenarios",
    )
    state.settle(state.HORIZON, scenarios.HORIZONS, 1)
    horizon = st.segmented_control(
        "Sessions after the news, in replays",
        scenarios.HORIZONS,
        key=state.HORIZON,
        required=True,
        persist_state="session",
    )
    state.publish(state.HORIZON)
    found = []
    for one in wanted:
        try:
            found.append(scenarios.load(one, saved, horizon or 1))
        except ExposureError as error:
            st.warning(plain(f"{labels[one]} is left out. {error}"), icon=":material/warning:")
    return found


def _benchmark(labels: dict[int, str]) -> str:
    """Choose what the portfolios are held against: nothing, a stored snapshot, or a file kept as a benchmark."""
    options = {"": "None", **{str(one): label for one, label in labels.items()}}
    options |= {f"{state.FILE}{one}": f"File: {one_line(name, 60)}" for one, name in kept().items()}
    if state.NEXT_BENCHMARK in st.session_state:
        st.session_state[state.BENCHMARK] = st.session_state.pop(state.NEXT_BENCHMARK)
    if lost := state.missing(state.BENCHMARK, list(options)):
        file = lost[0].startswith(state.FILE)
        said = "a file that is no longer kept: upload it again" if file else "a snapshot that is gone: choose another"
        st.info(f"The benchmark was {said}.")
    state.settle(state.BENCHMARK, list(options), "")
    one = st.selectbox(
        "Benchmark",
        list(options),
        format_func=options.__getitem__,
        key=state.BENCHMARK,
        persist_state="session",
        width=420,
    )
    state.publish(state.BENCHMARK)
    return one


def _file(against: str) -> None:
    """Take a holdings file as the benchmark: it is kept under its hash, in no list of portfolios, until removed."""
    with st.expander("Benchmark from a file", icon=":material/upload_file:"):
        given = st.file_uploader(
            "Holdings file of the benchmark",
            type=list(cache.TYPES),
            key="benchmark_file",
            max_upload_size=cache.LIMIT,
            help="As its provider exports it. Kept as a benchmark until removed here, so that the address of this "
            "page finds it; it is in no list of portfolios",
        )
        if against.startswith(state.FILE) and st.button(
            "Remove the benchmark’s file", key="benchmark_forget", icon=":material/delete:"
        ):
            forget(against.removeprefix(state.FILE))
            st.session_state[state.NEXT_BENCHMARK] = ""
            st.rerun()
        if given is None or given.file_id == st.session_state.get(state.BENCHMARK_READ):
            return
        data = given.getvalue()
        try:
            from exposure.reading import read_holdings

            read_holdings(data, name=given.name)
        except ExposureError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        st.session_state[state.BENCHMARK_READ] = given.file_id
        st.session_state[state.NEXT_BENCHMARK] = state.FILE + keep(given.name, data)
        st.rerun()


def _in_one_currency(sides: Sequence[Side], picked: Sequence[Picked], benchmark: Side | None) -> Chosen:
    """Value all books in the currency chosen, else in that of the first which has one; leave out what cannot be."""
    good: list[Side] = []
    unit = sides[0].currency
    for side in (*sides, *([benchmark] if benchmark else [])):
        try:
            book = replace(side, currency=unit).book
        except ExposureError as error:
            st.warning(plain(f"{side.label} is left out. {error}"), icon=":material/warning:")
            continue
        unit = unit or book.currency
        good.append(side)
    if benchmark not in good:
        benchmark = None
    _other_units(good, unit)
    good = [replace(side, currency=unit) for side in good]
    if benchmark is not None:
        benchmark = good.pop()
        good = [side for side in good if side != benchmark] or good
    if not good:
        st.stop()
    return Chosen(tuple(good), tuple(picked), benchmark)


def _other_units(sides: Sequence[Side], unit: str | None) -> None:
    """Say in what all are given where a book’s own currency is another: its total is not that of other pages."""
    if unit is None or sides[0].currency is not None:
        return
    others = [f"{side.label} ({own})" for side in sides if (own := side.book.currency) not in (None, unit)]
    if others:
        said = f"All in {unit}, the currency of {sides[0].label}, so that they compare. In their own currency, and so "
        said += f"on the Shock page, these have another total: {', '.join(others)}."
        st.caption(plain(said, 600))
