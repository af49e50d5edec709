"""What has changed since it was seen is not written over: refused with both texts, and changed once both were read."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from db import Store, open_store
from exposure.errors import InputError, StaleWrite, StoreError
from exposure.types import Override, Part
from tests.db.books import DAY, book, override, result

OLD, MINE, THEIRS = "old", "mine", "theirs"


@pytest.fixture
def desk(store: Store) -> Store:
    store.import_snapshot("A", book())
    return store


def note(store: Store) -> tuple[Callable[..., Any], Callable[[], Any], Callable[[str], Any]]:
    kept, _ = store.keep_result("A", result())
    return lambda value, **seen: store.note_kept(kept, value, **seen), lambda: store.kept_results()[0].note, str


def own(store: Store) -> tuple[Callable[..., Any], Callable[[], Any], Callable[[str], Any]]:
    return (
        lambda value, **seen: store.set_override(value, "A", **seen),
        lambda: next(iter(store.overrides("A")), None),
        override,
    )


def scenario(store: Store) -> tuple[Callable[..., Any], Callable[[], Any], Callable[[str], Any]]:
    return (
        lambda value, **seen: store.save_scenario("s", value, replace=True, **seen),
        lambda: store.scenarios().get("s"),
        str,
    )


def proxy(store: Store) -> tuple[Callable[..., Any], Callable[[], Any], Callable[[str], Any]]:
    return (
        lambda value, **seen: store.choose_proxies("A", value, **seen),
        lambda: store.proxies("A"),
        lambda text: {"line": text},
    )


def name(store: Store) -> tuple[Callable[..., Any], Callable[[], Any], Callable[[str], Any]]:
    key = store.portfolio("A").portfolio_id
    return (
        lambda value, **seen: store.rename_portfolio(key, value, **seen),
        lambda: store.portfolios()[0].name,
        str,
    )


@pytest.mark.parametrize("kind", [note, own, scenario, proxy, name])
def test_a_change_to_what_has_changed_since_is_refused_with_both_texts(desk: Store, kind: Callable[..., Any]) -> None:
    change, stored, make = kind(desk)
    change(make(OLD))
    seen = stored()
    change(make(THEIRS), seen=seen)  # the other tab, which saw the same
    with pytest.raises(StaleWrite) as refused:
        change(make(MINE), seen=seen)
    assert stored() == make(THEIRS), "nothing was changed"
    assert MINE in refused.value.mine and THEIRS in refused.value.theirs
    assert MINE in str(refused.value) and THEIRS in str(refused.value)
    assert "\n" not in str(refused.value)
    assert isinstance(refused.value, StoreError)
    change(make(MINE), seen=refused.value.found)
    assert stored() == make(MINE), "who has read both may choose"


@pytest.mark.parametrize("kind", [note, own, scenario, proxy])
def test_what_was_made_where_nothing_was_seen_is_not_written_over(desk: Store, kind: Callable[..., Any]) -> None:
    change, stored, make = kind(desk)
    seen = stored()
    change(make(THEIRS), seen=seen)
    with pytest.raises(StaleWrite):
        change(make(MINE), seen=seen)
    assert stored() == make(THEIRS)


@pytest.mark.parametrize("kind", [note, own, scenario, proxy, name])
def test_of_two_who_saw_the_same_and_write_at_once_one_is_refused(url: str, kind: Callable[..., Any]) -> None:
    stores = [open_store(url), open_store(url)]
    stores[0].import_snapshot("A", book())
    change, stored, make = kind(stores[0])
    changes = [change, change if kind is note else kind(stores[1])[0]]
    change(make(OLD))
    seen = stored()

    def write(place: int) -> bool:
        try:
            changes[place](make(f"text {place}"), seen=seen)
        except StaleWrite:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(write, (0, 1))) == [False, True]
    for each in stores:
        each.close()


def test_an_override_that_was_removed_since_is_not_brought_back_unseen(desk: Store) -> None:
    desk.set_override(override(OLD), "A")
    desk.remove_override(isin="US67066G1040", portfolio="A", seen=override(OLD))
    with pytest.raises(StaleWrite) as refused:
        desk.set_override(override(MINE), "A", seen=override(OLD))
    assert refused.value.theirs == "" and "stored is “(–)”" in str(refused.value)
    with pytest.raises(StaleWrite):
        desk.remove_override(isin="US67066G1040", portfolio="A", seen=override(OLD))


def test_an_override_of_all_that_came_since_is_seen_before_a_portfolio_gets_its_own(desk: Store) -> None:
    """What holds for the line on the page counts, be it the portfolio's own or that of all."""
    desk.set_override(override(THEIRS))
    with pytest.raises(StaleWrite, match="the override of US67066G1040"):
        desk.set_override(override(MINE), "A", seen=None)
    desk.set_override(override(MINE), "A", seen=override(THEIRS))
    other = Override(None, "NVDA", (Part("outside", 1.0),), "another line", "me", DAY)
    desk.set_override(other, "A", seen=None)
    assert desk.overrides("A") == (override(MINE), other)


def test_proxies_of_other_lines_are_neither_asked_nor_touched(desk: Store) -> None:
    desk.choose_proxies("A", {"one": "SMH"}, seen={})
    desk.choose_proxies("A", {"two": "SOXX"}, seen={})  # a page drawn before the first was chosen
    assert desk.proxies("A") == {"one": "SMH", "two": "SOXX"}
    desk.choose_proxies("A", {"one": None}, seen={"one": "SMH"})
    with pytest.raises(StaleWrite, match="one: nothing"):
        desk.choose_proxies("A", {"one": "XSD"}, seen={"one": "SMH"})
    assert desk.proxies("A") == {"two": "SOXX"}


def test_a_result_whose_note_came_since_is_not_deleted_unseen_and_a_deleted_one_not_noted(desk: Store) -> None:
    kept, _ = desk.keep_result("A", result())
    desk.note_kept(kept, THEIRS, seen="")
    with pytest.raises(StaleWrite) as refused:
        desk.delete_kept(kept, seen="")
    assert refused.value.theirs == "its note is “theirs”"
    desk.delete_kept(kept, seen=THEIRS)
    with pytest.raises(InputError, match="may have been deleted"):
        desk.note_kept(kept, MINE, seen=THEIRS)
    desk.restore_kept(kept)
    assert desk.kept_results()[0].note == THEIRS


def test_a_scenario_that_was_rewritten_since_is_not_deleted_unseen(desk: Store) -> None:
    desk.save_scenario("s", OLD)
    desk.save_scenario("s", THEIRS, replace=True, seen=OLD)
    with pytest.raises(StaleWrite, match="yours is “delete it”, stored is “theirs”"):
        desk.delete_scenario("s", seen=OLD)
    assert desk.delete_scenario("s", seen=THEIRS) == THEIRS


def test_a_trade_is_taken_away_by_its_id_and_put_back_in_its_place(desk: Store) -> None:
    made = [desk.try_trade("A", "s", {"amount": n}) for n in range(3)]
    gone = desk.take_trades([made[1]])
    assert [t["amount"] for t in desk.trades("A", "s").values()] == [0, 2]
    assert desk.take_trades([made[1]]) == [], "another tab takes away what is gone: nothing else goes"
    for _ in range(2):
        desk.put_trades(gone)
        assert desk.trades("A", "s") == {key: {"amount": n} for n, key in enumerate(made)}
    assert desk.trades("A", "other") == {}
