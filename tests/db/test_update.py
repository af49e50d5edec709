"""Bringing prices up to date: only what is missing is asked for, and no fault at any step leaves a series torn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import event

from db import Store, feed, open_store, sources, update
from db.update import fetch_missing
from exposure.errors import StoreError
from exposure.types import Issue
from tests.db.source import Ledger
from tests.db.yahoo import History, StandIn

START = date(2025, 1, 2)
DAYS = [START + timedelta(days=n) for n in range(27) if (START + timedelta(days=n)).weekday() < 5]
CLOSED = {date(2025, 1, 9), date(2025, 1, 20)}
"""New York mourned a president on the 9th and remembered Martin Luther King on the 20th."""
DAYS = [day for day in DAYS if day not in CLOSED]
LAST = DAYS[-1]
NOW = datetime(2025, 1, 28, 23, tzinfo=UTC)
"""After the close of the last of those days, the 28th."""


def history(level: float = 100.0, days: list[date] = DAYS, adjusted: float = 1.0) -> History:
    return {day: (level + n, (level + n) * adjusted) for n, day in enumerate(days)}


@pytest.fixture(autouse=True)
def at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(sources, "BACKOFF", 0.01)


def closes(store: Store) -> dict[str, dict[date, tuple[float, float]]]:
    """Give what is stored: ticker → day → close and adjusted close."""
    out = {}
    for ticker, series in store.market().series.items():
        assert series.adj_close is not None
        columns = (series.dates.tolist(), series.close.tolist(), series.adj_close.tolist())
        out[ticker] = {day: (close, adjusted) for day, close, adjusted in zip(*columns, strict=True)}
    return out


def near(stored: dict[str, History], meant: dict[str, History]) -> bool:
    """Tell whether two stocks of prices are the same to what a feed rounds."""
    if {t: list(h) for t, h in stored.items()} != {t: list(h) for t, h in meant.items()}:
        return False
    pairs = [(stored[t][d], meant[t][d]) for t in meant for d in meant[t]]
    return all(a == pytest.approx(b, rel=1e-9) for a, b in pairs)


def run(store: Store, session: requests.Session, names: Any, **options: Any) -> update.Updated:
    options = {"moment": NOW, "end": LAST, "source": feed.Yahoo(session)} | options
    return fetch_missing(store, names, START, **options)


def test_what_is_missing_is_stored_and_what_is_there_is_not_asked_for(
    store: Store, server: StandIn, session: requests.Session
) -> None:
    server.histories = {"A": history(), "B": history(50.0)}
    first = run(store, session, ["A", "B"])
    assert (first.asked, first.current, first.new, first.failed, first.stopped) == (2, 0, 2 * len(DAYS), {}, None)
    assert near(closes(store), server.histories)
    server.requests.clear()
    again = run(store, session, ["A", "B"])
    assert (again.asked, again.current, again.new) == (0, 2, 0)
    assert server.requests == []


def test_a_later_fetch_begins_a_few_days_before_the_last_price(
    sqlite: Store, server: StandIn, session: requests.Session
) -> None:
    whole = history()
    server.histories["A"] = {day: pair for day, pair in whole.items() if day <= date(2025, 1, 22)}
    run(sqlite, session, ["A"], moment=datetime(2025, 1, 22, 23, tzinfo=UTC))
    server.histories["A"] = whole
    server.requests.clear()
    later = run(sqlite, session, ["A"])
    assert server.since("A") == [date(2025, 1, 22) - update.OVERLAP]
    assert later.new == 4  # 23, 24, 27 and 28 January
    assert near(closes(sqlite), {"A": whole})


def test_an_earlier_start_is_asked_for_once_and_a_young_listing_not_again(
    sqlite: Store, server: StandIn, session: requests.Session
) -> None:
    """Prices begin on the 2nd, wanted is since 2020: what is not there is not asked for a second time."""
    server.histories["A"] = history()
    run(sqlite, session, ["A"])
    for _ in range(2):
        fetch_missing(sqlite, ["A"], date(2020, 1, 1), LAST, source=feed.Yahoo(session), moment=NOW)
    assert server.since("A") == [START, date(2020, 1, 1)]


def test_a_weekend_has_nothing_that_could_be_missing(sqlite: Store, server: StandIn, session: requests.Session) -> None:
    """The last price is Friday's; on Sunday New York has not traded since, on Monday evening it has."""
    friday = [day for day in DAYS if day <= date(2025, 1, 24)]
    server.histories["A"] = history(days=friday)
    run(sqlite, session, ["A"], end=None, moment=datetime(2025, 1, 24, 22, tzinfo=UTC))
    sunday, monday = datetime(2025, 1, 26, 12, tzinfo=UTC), datetime(2025, 1, 27, 22, tzinfo=UTC)
    assert run(sqlite, session, ["A"], end=None, moment=sunday).asked == 0
    assert run(sqlite, session, ["A"], end=None, moment=monday).asked == 1


def test_revised_history_is_had_whole_and_logged(sqlite: Store, server: StandIn, session: requests.Session) -> None:
    """A dividend moved every adjusted close: the days of the overlap alone would make a seam with a false return."""
    old = [day for day in DAYS if day <= date(2025, 1, 22)]
    server.histories["A"] = history(days=old)
    run(sqlite, session, ["A"], moment=datetime(2025, 1, 22, 23, tzinfo=UTC))
    server.histories["A"] = history(adjusted=0.5)
    server.requests.clear()
    later = run(sqlite, session, ["A"])
    assert server.since("A") == [date(2025, 1, 22) - update.OVERLAP, START]
    assert near(closes(sqlite), {"A": history(adjusted=0.5)})
    assert later.changed == len(old)
    assert any("adjusted closes changed" in issue.what for issue in later.issues)
    (logged,) = sqlite.price_log()
    assert (logged.ticker, logged.source) == ("A", "yfinance")
    assert logged.issue.what.startswith(f"A: {len(old)} stored adjusted closes changed")


def test_revised_history_that_cannot_be_had_whole_changes_nothing(
    sqlite: Store, server: StandIn, session: requests.Session
) -> None:
    old = [day for day in DAYS if day <= date(2025, 1, 22)]
    server.histories["A"] = history(days=old)
    run(sqlite, session, ["A"], moment=datetime(2025, 1, 22, 23, tzinfo=UTC))
    before = closes(sqlite)
    server.histories["A"] = history(adjusted=0.5)
    server.script["A"] = ["", "HTML", "HTML", "HTML"]
    later = run(sqlite, session, ["A"])
    assert later.failed == {"A": Issue.of("warning", "feed.not-whole.malformed")}
    assert closes(sqlite) == before
    run(sqlite, session, ["A"])
    assert near(closes(sqlite), server.histories)


def test_a_split_and_a_dividend_are_kept_apart_and_a_past_close_can_be_had_back(
    sqlite: Store, server: StandIn, session: requests.Session
) -> None:
    """The feed gives 100 for the 2nd, adjusted for the ten to one of the 24th: it was traded at 1,000 dollars."""
    server.histories["NVDA"] = history()
    server.splits["NVDA"] = {date(2025, 1, 24): 10}
    server.dividends["NVDA"] = {date(2025, 1, 15): 0.04}
    run(sqlite, session, ["NVDA"])
    stored = [(one.date, one.kind, one.value, one.source) for one in sqlite.actions(["NVDA"])]
    assert stored == [
        (date(2025, 1, 15), "dividend", 0.04, "yfinance"),
        (date(2025, 1, 24), "split", 10.0, "yfinance"),
    ]
    assert sqlite.market().series["NVDA"].close.tolist()[0] == 100.0
    assert sqlite.market().closes_on(START)["NVDA"][0] == pytest.approx(1000.0)
    assert sqlite.market().closes_on(LAST)["NVDA"][0] == pytest.approx(100.0 + len(DAYS) - 1)


def test_each_way_of_bringing_nothing_has_its_own_words(
    sqlite: Store, server: StandIn, session: requests.Session
) -> None:
    server.histories = {"A": history(), "DEAD": history(days=DAYS[:5]), "FB": history(), "YOUNG": {}}
    server.histories |= {"LIMITED": history(), "HALF": history()}
    run(sqlite, session, ["DEAD"], moment=datetime(2025, 1, 8, 23, tzinfo=UTC))
    del server.histories["DEAD"]
    server.meta["FB"] = {"symbol": "META"}
    server.script |= {"DEAD": [], "LIMITED": ["LIMITED", "for ever"], "HALF": ["HALF", "for ever"]}
    done = run(
        sqlite, session, ["A", "DEAD", "FB", "YOUNG", "NEVER", "LIMITED", "HALF"], source=feed.Yahoo(session, timeout=1)
    )
    assert done.failed == {
        "DEAD": Issue.of("warning", "feed.no-longer", day="2025-01-08"),
        "FB": sources.renamed("Yahoo", "META"),
        "YOUNG": sources.EMPTY,
        "NEVER": sources.NO_DATA,
        "LIMITED": sources.RATE_LIMITED,
        "HALF": sources.MALFORMED,
    }
    assert (done.stopped, set(closes(sqlite))) == (None, {"A", "DEAD"})
    kept = dict(sqlite.price_status().failed)
    assert kept == {t: r for t, r in done.failed.items() if t not in ("LIMITED", "HALF")}  # that may pass
    server.histories["YOUNG"] = history()
    run(sqlite, session, ["YOUNG"])
    assert "YOUNG" not in dict(sqlite.price_status().failed)


def test_a_refusal_for_ever_ends_the_fetch_with_a_sentence_and_keeps_what_came(
    sqlite: Store, server: StandIn, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update, "BATCH", 2)
    names = ["A", "B", "C", "D", "E", "F"]
    server.histories = {name: history() for name in names}
    server.script = {name: ["LIMITED", "for ever"] for name in names[2:]}
    done = run(sqlite, session, names)
    assert done.stopped == Issue.of("warning", "feed.refused", source="Yahoo")
    assert set(closes(sqlite)) == {"A", "B"}
    assert {name for name, _ in server.requests} == {"A", "B", "C", "D"}


def test_a_fetch_stopped_half_way_goes_on_from_there(
    sqlite: Store, server: StandIn, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update, "BATCH", 3)
    names = [f"T{n:02}" for n in range(12)]
    server.histories = {name: history(100.0 + n) for n, name in enumerate(names)}
    done: list[str] = []
    first = run(sqlite, session, names, progress=lambda *step: done.append(step[2]), cancelled=lambda: len(done) >= 5)
    assert first.stopped == sources.STOPPED
    kept = set(closes(sqlite))
    assert set(names[:3]) <= kept < set(names)
    assert all(len(days) == len(DAYS) for days in closes(sqlite).values())
    server.requests.clear()
    second = run(sqlite, session, names)
    assert {name for name, _ in server.requests} == set(names) - kept
    assert second.stopped is None
    assert near(closes(sqlite), server.histories)


@pytest.mark.parametrize("fault", ["LIMITED", "EMPTY", "NOTHING", "HTML", "HALF", "CUT", "RESET", "LIST", "ERROR"])
def test_a_fault_at_any_request_leaves_every_series_as_it_was_or_whole(
    sqlite: Store, server: StandIn, session: requests.Session, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three series lag, the second was revised besides: each of the four requests in turn fails for good."""
    monkeypatch.setattr(update, "BATCH", 2)
    names, old = ["A", "B", "C"], [day for day in DAYS if day <= date(2025, 1, 22)]
    lagging = {name: history(days=old) for name in names}
    meant = {"A": history(), "B": history(adjusted=0.5), "C": history()}
    for failing, nth in (("A", 1), ("B", 1), ("B", 2), ("C", 1)):
        for name in names:
            with _ignore_nothing_stored():
                sqlite.drop_series(name)
        server.histories, server.script = dict(lagging), {}
        run(sqlite, session, names, moment=datetime(2025, 1, 22, 23, tzinfo=UTC))
        assert near(closes(sqlite), lagging)
        server.histories = dict(meant)
        server.script = {failing: [*[""] * (nth - 1), fault, fault, fault, fault]}
        run(sqlite, session, names)
        now = closes(sqlite)
        for name in names:
            whole = near({name: now[name]}, {name: meant[name]})
            assert whole or near({name: now[name]}, {name: lagging[name]}), (failing, nth, name)
            assert whole or name == failing, (failing, nth, name)
        server.script = {}
        run(sqlite, session, names)
        assert near(closes(sqlite), meant)


def _ignore_nothing_stored() -> Any:
    from contextlib import suppress

    from exposure.errors import MissingPrice

    return suppress(MissingPrice)


def test_a_power_cut_at_any_write_leaves_every_series_as_it_was_or_whole(
    new_url: Callable[[str], str], server: StandIn, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fetch is cut off at its first write to the store, then at its second, and so on until it gets through."""
    monkeypatch.setattr(update, "BATCH", 2)
    names, old = ["A", "B", "C"], [day for day in DAYS if day <= date(2025, 1, 22)]
    lagging = {name: history(days=old) for name in names}
    meant = {"A": history(), "B": history(adjusted=0.5), "C": history()}
    for cuts in range(200):
        store = open_store(new_url("sqlite"))
        server.histories = dict(lagging)
        server.dividends = {"A": {date(2025, 1, 15): 0.1}}
        run(store, session, names, moment=datetime(2025, 1, 22, 23, tzinfo=UTC))
        server.histories = dict(meant)
        seen = 0

        def cut(_c: Any, _cursor: Any, statement: str, *_: Any, allowed: int = cuts) -> None:
            nonlocal seen
            if statement.split()[0] in ("INSERT", "DELETE", "UPDATE"):
                seen += 1
                if seen > allowed:
                    raise StoreError("power cut")

        event.listen(store.engine, "before_cursor_execute", cut)
        try:
            run(store, session, names)
            through = True
        except StoreError:
            through = False
        event.remove(store.engine, "before_cursor_execute", cut)
        now = closes(store)
        for name in names:
            whole = near({name: now[name]}, {name: meant[name]})
            assert whole or near({name: now[name]}, {name: lagging[name]}), (cuts, name)
            assert store.price_status().series[names.index(name)].rows == len(now[name])
        run(store, session, names)
        assert near(closes(store), meant)
        store.close()
        if through:
            break
    assert 8 <= cuts < 199


def test_rates_of_the_currencies_held_are_asked_for_by_their_pairs(sqlite: Store) -> None:
    from dataclasses import replace

    from tests.db.books import book

    held = book()
    lines = (replace(held.holdings[0], currency="TWD", price_currency="TWD", value_currency="TWD"), *held.holdings[1:])
    sqlite.import_snapshot("A", replace(held, holdings=lines))
    assert "TWDUSD=X" in sqlite.rate_symbols("A")
    assert "USDUSD=X" not in sqlite.rate_symbols("A")


def test_another_source_of_prices_is_a_module_of_its_own(sqlite: Store) -> None:
    """It is asked, stored, continued and named as Yahoo is; all that it has to say is the prices of one ticker."""
    ledger = Ledger({"LAB": {day: 10.0 + n for n, day in enumerate(DAYS)}})
    done = fetch_missing(sqlite, ["LAB", "GONE"], START, LAST, source=ledger, moment=NOW)
    assert (done.new, done.failed, done.stopped) == (len(DAYS), {"GONE": sources.NO_DATA}, None)
    assert sqlite.market().series["LAB"].close.tolist() == [10.0 + n for n in range(len(DAYS))]
    assert fetch_missing(sqlite, ["LAB"], START, LAST, source=ledger, moment=NOW).asked == 0
    ledger.closes = {"LAB": {day: 20.0 + n for n, day in enumerate(DAYS)}}
    fetch_missing(sqlite, ["LAB"], START, LAST, source=ledger, moment=NOW, anew=True)
    assert [one.source for one in sqlite.price_log()] == ["ledger"]


def test_each_reason_for_failing_has_words_within_what_it_means() -> None:
    reasons = (*sources.ATTEMPTS, sources.NO_DATA, sources.EMPTY, sources.renamed("Yahoo", "META"))
    for reason in reasons:
        assert update._because("feed.not-whole", reason).what.endswith(f": {reason.what}")
    for reason in (*sources.ATTEMPTS, Issue.of("warning", "feed.status", status=404)):
        assert f"({reason.what})" in update._because("feed.no-rates", reason, end="2025-01-28").what
