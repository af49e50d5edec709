"""Two sessions at one store, in any order of steps: no row of one book under another, nothing lost, no id twice.

The model says in plain dictionaries what is stored, and of each step whether it is done, refused as stale, or refused
because what it is about is gone. After each step the store is compared with it whole. A session acts on what it saw
when it looked last, which the other may have changed since.
"""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, text

from db import Store, open_store
from db.models import Base
from db.repositories.names import alike
from exposure.errors import InputError, StaleWrite
from exposure.types import Snapshot
from tests.db.books import DAY, book, override, result

NAMES = ("Desk", "desk", "O\u0301ther")
ACTS = st.tuples(st.sampled_from((0, 1)), st.sampled_from((True, True, False)))
"""Which session acts, and whether it looks first or goes by what it saw before."""
PICK = st.integers(0, 50)
TEXTS = st.sampled_from(("", "a", "b"))


@dataclass
class Snap:
    content: str
    file: int
    as_of: date
    order: int
    deleted: bool = False


@dataclass
class Kept:
    content: str
    number: int
    note: str = ""
    deleted: bool = False


@dataclass
class Book:
    name: str
    deleted: bool = False
    snaps: dict[int, Snap] = field(default_factory=dict)
    kept: dict[int, Kept] = field(default_factory=dict)
    placed: str | None = None
    """Reason of the override that holds."""


@lru_cache
def one_result() -> Any:
    return result()


def reading(file: int, way: int, day: int) -> Snapshot:
    """The file of a number, read in one of two ways; every line carries both in its name."""
    held = book(DAY + timedelta(days=day), f"{file:064d}")
    content = f"file {file} of day {day} read as {way}"
    return replace(held, holdings=tuple(replace(h, name=content) for h in held.holdings))


class Sessions(RuleBasedStateMachine):
    """Two sessions of one store."""

    url = ""
    given: set[int]

    def __init__(self) -> None:
        super().__init__()
        self.stores: list[Store] = [open_store(self.url), open_store(self.url)]
        with self.stores[0].write() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(delete(table))
        self.books: dict[int, Book] = {}
        self.views: list[dict[int, Book]] = [{}, {}]
        self.count, self.last = itertools.count(), 0

    def teardown(self) -> None:
        for store in self.stores:
            store.close()

    # What the model knows.

    def live(self) -> dict[str, int]:
        return {one.name: key for key, one in self.books.items() if not one.deleted}

    def new(self, key: int) -> int:
        assert key not in self.given, "an id was given twice"
        self.given.add(key)
        return key

    def chosen(self, session: int, pick: int, what: str) -> tuple[int, int] | None:
        """Choose a snapshot or result that the session saw: portfolio and id."""
        seen = [(key, one) for key, own in self.views[session].items() for one in getattr(own, what)]
        return seen[pick % len(seen)] if seen else None

    def portfolio(self, session: int, pick: int) -> int | None:
        seen = list(self.views[session])
        return seen[pick % len(seen)] if seen else None

    def there(self, key: int, what: str, one: int) -> Any:
        """Give what is stored under an id now, deleted or not; None where it was purged."""
        return getattr(self.books[key], what).get(one) if key in self.books else None

    def tried(self, expected: type[Exception] | None, change: Any, *args: Any, **options: Any) -> Any:
        """Do a step as the model says: done, or refused."""
        if expected is None:
            return change(*args, **options)
        with pytest.raises(expected):
            change(*args, **options)
        return None

    @initialize()
    def two_books(self) -> None:
        """Begin with two portfolios, a result kept of each, and both sessions having seen them."""
        for place, name in enumerate(("Desk", NAMES[-1])):
            self.import_((place, True), name, place, 0, 0)
            self.keep((place, True), place, "x")
        for session in (0, 1):
            self.acting((session, True))

    # Steps.

    def acting(self, acts: tuple[int, bool]) -> int:
        session, fresh = acts
        if fresh:
            self.views[session] = copy.deepcopy(self.books)
        return session

    @rule(acts=ACTS, name=st.sampled_from(NAMES), file=st.integers(0, 2), way=st.integers(0, 1),
          day=st.integers(0, 1))  # fmt: skip
    def import_(self, acts: tuple[int, bool], name: str, file: int, way: int, day: int) -> None:
        session = self.acting(acts)
        held = reading(file, way, day)
        live = self.live()
        tidy = name.replace("O\u0301", "Ó")
        taken = tidy not in live and any(alike(one) == alike(tidy) for one in live)
        done = self.tried(InputError if taken else None, self.stores[session].import_snapshot, name, held)
        if done is None:
            return
        assert done.portfolio == tidy
        key = self.stores[session].portfolio(name).portfolio_id
        if tidy not in live:
            self.books[self.new(key)] = Book(tidy)
        own = self.books[key].snaps
        same = [one for one, s in own.items() if not s.deleted and (s.file, s.as_of) == (file, held.as_of)]
        content = str(held.holdings[0].name)
        if same and own[same[0]].content == content:
            assert done.duplicate_of == done.snapshot_id == same[0]
            return
        for one in same:
            own[one].deleted = True
        assert (done.duplicate_of, done.replaces) == (None, same[0] if same else None)
        own[self.new(done.snapshot_id)] = Snap(content, file, DAY + timedelta(days=day), next(self.count))

    @rule(acts=ACTS, pick=PICK)
    def delete_snapshot(self, acts: tuple[int, bool], pick: int) -> None:
        session = self.acting(acts)
        if (chosen := self.chosen(session, pick, "snaps")) is None:
            return
        now = self.there(chosen[0], "snaps", chosen[1])
        gone = now is None or now.deleted or self.books[chosen[0]].deleted
        self.tried(InputError if gone else None, self.stores[session].delete_snapshot, chosen[1])
        if not gone:
            now.deleted = True

    @rule(acts=ACTS, pick=PICK)
    def restore_snapshot(self, acts: tuple[int, bool], pick: int) -> None:
        session = self.acting(acts)
        if (chosen := self.chosen(session, pick, "snaps")) is None:
            return
        now = self.there(chosen[0], "snaps", chosen[1])
        refused = now is None or self.books[chosen[0]].deleted
        if not refused:
            others = [s for one, s in self.books[chosen[0]].snaps.items() if one != chosen[1] and not s.deleted]
            refused = (now.file, now.as_of) in {(s.file, s.as_of) for s in others}
        self.tried(InputError if refused else None, self.stores[session].restore_snapshot, chosen[1])
        if not refused:
            now.deleted = False

    @rule(acts=ACTS, pick=PICK)
    def delete_portfolio(self, acts: tuple[int, bool], pick: int) -> None:
        session = self.acting(acts)
        if (key := self.portfolio(session, pick)) is None:
            return
        seen = {one for one, s in self.views[session][key].snaps.items() if not s.deleted}
        now = self.books.get(key)
        expected: type[Exception] | None = None
        if now is None or now.deleted:
            expected = InputError
        elif {one for one, s in now.snaps.items() if not s.deleted} != seen:
            expected = StaleWrite
        self.tried(expected, self.stores[session].delete_portfolio, key, seen=seen)
        if expected is None and now is not None:
            now.deleted = True

    @rule(acts=ACTS, pick=PICK)
    def restore_portfolio(self, acts: tuple[int, bool], pick: int) -> None:
        session = self.acting(acts)
        if (key := self.portfolio(session, pick)) is None:
            return
        now = self.books.get(key)
        name = self.tried(InputError if now is None else None, self.stores[session].restore_portfolio, key)
        if now is not None:
            others = {alike(one.name) for k, one in self.books.items() if k != key and not one.deleted}
            assert alike(name) not in others and name.startswith(now.name)
            now.name, now.deleted = name, False

    @rule(acts=ACTS, pick=PICK, name=st.sampled_from(NAMES))
    def rename(self, acts: tuple[int, bool], pick: int, name: str) -> None:
        session = self.acting(acts)
        if (key := self.portfolio(session, pick)) is None:
            return
        now, tidy = self.books.get(key), name.replace("O\u0301", "Ó")
        expected: type[Exception] | None = None
        if now is None or now.deleted:
            expected = InputError
        elif now.name != self.views[session][key].name:
            expected = StaleWrite
        elif alike(tidy) in {alike(one.name) for k, one in self.books.items() if k != key and not one.deleted}:
            expected = InputError
        seen = self.views[session][key].name
        self.tried(expected, self.stores[session].rename_portfolio, key, name, seen=seen)
        if expected is None and now is not None:
            now.name = tidy

    @rule(acts=ACTS, all_=st.booleans(), pick=PICK)
    def purge(self, acts: tuple[int, bool], all_: bool, pick: int) -> None:
        """Purge what the session saw in the bin, all or one thing of it."""
        session = self.acting(acts)
        view = self.views[session]
        listed = [("portfolios", key, key) for key, own in view.items() if own.deleted]
        for key, own in view.items():
            if not own.deleted:
                listed += [("snapshots", key, one) for one, s in own.snaps.items() if s.deleted]
                listed += [("results", key, one) for one, s in own.kept.items() if s.deleted]
        if listed and not all_:
            listed = [listed[pick % len(listed)]]
        asked = {sort: [one for s, _, one in listed if s == sort] for sort in ("portfolios", "snapshots", "results")}
        done = self.stores[session].purge(**asked)
        count = 0
        for sort, key, _ in listed:
            if sort == "portfolios" and key in self.books and self.books[key].deleted:
                del self.books[key]
                count += 1
        for sort, key, one in listed:
            what = {"snapshots": "snaps", "results": "kept"}.get(sort)
            now = self.there(key, what, one) if what else None
            if what and now is not None and now.deleted:
                del getattr(self.books[key], what)[one]
                count += 1
        assert done.asked == count

    @rule(acts=ACTS, pick=PICK, reason=TEXTS)
    def place(self, acts: tuple[int, bool], pick: int, reason: str) -> None:
        """Set an override, or with an empty reason remove it, having seen the one of the last look."""
        session = self.acting(acts)
        if (key := self.portfolio(session, pick)) is None:
            return
        seen, now = self.views[session][key].placed, self.books.get(key)
        was = None if seen is None else override(seen)
        expected: type[Exception] | None = None
        if now is None or now.deleted:
            expected = InputError
        elif now.placed != seen:
            expected = StaleWrite
        elif not reason and seen is None:
            expected = InputError
        store = self.stores[session]
        if reason:
            self.tried(expected, store.set_override, override(reason), key, seen=was)
        else:
            self.tried(expected, store.remove_override, "US67066G1040", portfolio=key, seen=was)
        if expected is None and now is not None:
            now.placed = reason or None

    @rule(acts=ACTS, pick=PICK, content=st.sampled_from("xyz"))
    def keep(self, acts: tuple[int, bool], pick: int, content: str) -> None:
        session = self.acting(acts)
        if (key := self.portfolio(session, pick)) is None:
            return
        now = self.books.get(key)
        gone = now is None or now.deleted
        record = replace(one_result(), inputs=f'"{content}"')
        done = self.tried(InputError if gone else None, self.stores[session].keep_result, key, record)
        if now is None or gone:
            return
        same = [one for one, k in now.kept.items() if k.content == content and not k.deleted]
        assert done[1] == bool(same)
        if same:
            assert done[0] == same[0]
        else:
            self.last += 1
            now.kept[self.new(done[0])] = Kept(content, self.last)

    @rule(acts=ACTS, pick=PICK, note=TEXTS)
    def note(self, acts: tuple[int, bool], pick: int, note: str) -> None:
        session = self.acting(acts)
        self.on_kept(session, pick, "note_kept", note)

    @rule(acts=ACTS, pick=PICK)
    def delete_kept(self, acts: tuple[int, bool], pick: int) -> None:
        session = self.acting(acts)
        self.on_kept(session, pick, "delete_kept")

    def on_kept(self, session: int, pick: int, step: str, *note: str) -> None:
        if (chosen := self.chosen(session, pick, "kept")) is None:
            return
        seen, now = self.views[session][chosen[0]].kept[chosen[1]].note, self.there(chosen[0], "kept", chosen[1])
        expected: type[Exception] | None = None
        if now is None or now.deleted or self.books[chosen[0]].deleted:
            expected = InputError
        elif now.note != seen and [now.note] != [*note]:
            expected = StaleWrite
        self.tried(expected, getattr(self.stores[session], step), chosen[1], *note, seen=seen)
        if expected is None:
            now.note, now.deleted = (note[0], False) if note else (now.note, True)

    @rule(acts=ACTS, pick=PICK)
    def restore_kept(self, acts: tuple[int, bool], pick: int) -> None:
        session = self.acting(acts)
        if (chosen := self.chosen(session, pick, "kept")) is None:
            return
        now = self.there(chosen[0], "kept", chosen[1])
        self.tried(InputError if now is None else None, self.stores[session].restore_kept, chosen[1])
        if now is not None:
            now.deleted = False

    # What holds after each step.

    @invariant()
    def the_store_is_what_the_model_says(self) -> None:
        store = self.stores[next(self.count) % 2]
        live = {key: own for key, own in self.books.items() if not own.deleted}
        listed = {entry.portfolio_id: entry for entry in store.portfolios()}
        assert {key: entry.name for key, entry in listed.items()} == {key: own.name for key, own in live.items()}
        for key, own in live.items():
            order = sorted((s.as_of, s.order, one) for one, s in own.snaps.items() if not s.deleted)
            assert [s.snapshot_id for s in listed[key].snapshots] == [one for *_, one in order]
            assert [o.reason for o in store.overrides(key)] == ([own.placed] if own.placed else [])
            kept = {e.kept_id: (e.note, e.number, e.portfolio) for e in store.kept_results(key)}
            assert kept == {
                one: (k.note, k.number, own.name) for one, k in own.kept.items() if not k.deleted
            }  # fmt: skip
            for one in kept:
                assert store.kept_result(one).inputs == f'"{own.kept[one].content}"'
        bin_ = {one for own in live.values() for one, s in own.snaps.items() if s.deleted}
        assert {d.snapshot_id for d in store.deleted()} == bin_
        assert {d.portfolio_id for d in store.deleted_portfolios()} == self.books.keys() - live.keys()
        unkept = {one for own in live.values() for one, k in own.kept.items() if k.deleted}
        assert {e.kept_id for e, _ in store.deleted_results()} == unkept

    @invariant()
    def no_row_stands_under_another_book(self) -> None:
        store = self.stores[next(self.count) % 2]
        expected = {
            one: (key, s.content) for key, own in self.books.items() for one, s in own.snaps.items()
        }  # fmt: skip
        query = text(
            "SELECT s.id, s.portfolio_id, h.name FROM holdings h JOIN snapshots s ON s.id = h.snapshot_id "
            "JOIN portfolios p ON p.id = s.portfolio_id"
        )
        with store.read() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
            loose = connection.execute(text("SELECT count(*) FROM holdings")).scalar()
        assert len(rows) == loose == 2 * len(expected)
        assert {(one, key, name) for one, key, name in rows} == {(o, k, c) for o, (k, c) in expected.items()}
        for one, (key, _) in expected.items():
            own = self.books[key]
            found = store.whereabouts(one)
            gone = own.deleted or own.snaps[one].deleted
            assert (found.state, found.portfolio_id, found.portfolio) == (
                "deleted" if gone else "stored", key, own.name,
            )  # fmt: skip


def at(url: str) -> type[Sessions]:
    return type("SessionsAtUrl", (Sessions,), {"url": url, "given": set()})


@pytest.mark.parametrize("seed", [1, 2])
def test_a_seeded_walk_of_two_sessions_loses_nothing_and_mixes_nothing(url: str, seed: int) -> None:
    """Steps drawn without aim: dense where Hypothesis begins with the short and simple ones.

    The whole store is looked through after every third: what a step did wrong is still there two steps later, and each
    step is held by itself to what the model says of it.
    """
    random, machine = Random(seed), at(url)()
    plain = [f"{do}_{what}" for do in ("delete", "restore") for what in ("snapshot", "portfolio", "kept")]
    machine.two_books()
    for step_no in range(300 if url.startswith("sqlite") else 60):
        acts, pick = (random.randrange(2), random.random() < 0.5), random.randrange(50)
        step = random.choice(
            [*plain, "import_", "import_", "rename", "purge", "place", "place", "keep", "note", "note", "note", "purge"]
        )
        more: dict[str, Any] = {} if step == "import_" else {"pick": pick}
        if step == "import_":
            more = {"file": pick % 3, "way": pick % 2, "day": random.randrange(2)}
        if step in ("import_", "rename"):
            more["name"] = random.choice(NAMES)
        if step == "purge":
            more["all_"] = random.random() < 0.3
        if step in ("place", "keep", "note"):
            said = {"place": "reason", "keep": "content", "note": "note"}[step]
            more[said] = random.choice("xyz" if step == "keep" else ("", "a", "b"))
        getattr(machine, step)(acts, **more)
        if step_no % 3 == 2:
            machine.the_store_is_what_the_model_says()
            machine.no_row_stands_under_another_book()
    machine.teardown()


@pytest.mark.fuzz
def test_two_sessions_in_any_order_of_steps_lose_nothing_and_mix_nothing(url: str) -> None:
    long = settings().max_examples > 1000  # as `make fuzz` asks; the suite looks at a few
    how = settings(max_examples=300 if long else 4, stateful_step_count=60, deadline=None)
    run_state_machine_as_test(at(url), settings=how)
