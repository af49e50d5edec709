"""Kept results on both databases: equal when read back, nothing twice, deletions undone, older stores upgraded."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from db import Store
from exposure import load_scenario, to_book
from exposure.errors import InputError
from exposure.results import keep, matches, recompute
from exposure.shock import apply
from exposure.types import Override, Part
from tests.db.books import DAY, book

DEEPSEEK = "deepseek-2025-01-27"


def record(scenario: str = DEEPSEEK, **inputs: object):
    return keep(apply(to_book(book()), load_scenario(scenario)), {"overrides": {}, **inputs}, note="\x00 <b>\ud800")


@pytest.fixture
def desk(store: Store) -> Store:
    store.import_snapshot("Desk", book())
    return store


def test_a_kept_result_comes_back_equal_and_reproduces(desk: Store) -> None:
    given = record()
    made, there = desk.keep_result("Desk", given)
    assert not there
    found = desk.kept_result(made)
    assert found == given
    assert matches(found, recompute(found))
    entry = desk.kept_results("Desk")[0]
    assert (entry.kept_id, entry.portfolio, entry.pnl, entry.as_of) == (made, "Desk", given.pnl, DAY)
    assert entry.kept_at.tzinfo is not None


def test_the_same_result_is_kept_once_and_another_beside_it(desk: Store) -> None:
    first, _ = desk.keep_result("Desk", record())
    assert desk.keep_result("Desk", record()) == (first, True)
    second, there = desk.keep_result("Desk", record("tariffs-2025-04-03"))
    assert not there
    third, there = desk.keep_result("Desk", record(prices="other"))
    assert not there, "the same figure, made of other inputs"
    assert [e.kept_id for e in desk.kept_results()] == [third, second, first]


def test_it_reproduces_to_the_cent_after_overrides_prices_and_scenario_changed(desk: Store) -> None:
    """NVIDIA put outside the chain by an override changes today's book, not the one that was kept."""
    made, _ = desk.keep_result("Desk", record())
    nvda = Override("US67066G1040", "NVDA", (Part("outside", 1.0),), "mine", "me", DAY)
    desk.set_override(nvda, "Desk")
    desk.delete_snapshot(desk.snapshot_id("Desk"))
    kept = desk.kept_result(made)
    assert recompute(kept).pnl == kept.pnl
    assert recompute(kept).total_return == kept.total_return


def test_a_deletion_is_undone_and_a_purge_leaves_no_text_behind(desk: Store) -> None:
    made, _ = desk.keep_result("Desk", record())
    other, _ = desk.keep_result("Desk", record("tariffs-2025-04-03"))
    desk.delete_kept(made)
    assert [e.kept_id for e in desk.kept_results()] == [other]
    with pytest.raises(InputError, match="no kept result"):
        desk.kept_result(made)
    desk.restore_kept(made)
    assert len(desk.kept_results()) == 2
    desk.delete_kept(made)
    assert [e.kept_id for e, _ in desk.deleted_results()] == [made]
    assert desk.purge(results=[made]).results == 1
    assert matches(desk.kept_result(other), recompute(desk.kept_result(other))), (
        "the book that both share is still there"
    )
    with desk.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM kept_texts")).scalar() == 4


def test_a_note_is_kept_as_it_is_written(desk: Store) -> None:
    made, _ = desk.keep_result("Desk", record())
    desk.note_kept(made, "for the committee; \\ <b>")
    assert desk.kept_results()[0].note == "for the committee; \\ <b>"


def test_a_number_is_given_once_and_outlives_the_purge_of_its_result(desk: Store) -> None:
    made, _ = desk.keep_result("Desk", record())
    assert [e.number for e in desk.kept_results()] == [1]
    desk.delete_kept(made)
    desk.purge(results=[made])
    again_made, _ = desk.keep_result("Desk", record())
    assert again_made != made
    assert [e.number for e in desk.kept_results()] == [2]


def test_a_result_of_a_deleted_portfolio_is_neither_opened_nor_noted(desk: Store) -> None:
    made, _ = desk.keep_result("Desk", record())
    desk.delete_portfolio(desk.portfolio("Desk").portfolio_id)
    for change in (lambda: desk.kept_result(made), lambda: desk.note_kept(made, "x"), lambda: desk.delete_kept(made)):
        with pytest.raises(InputError, match="no kept result"):
            change()


def test_a_result_is_opened_in_its_own_portfolio_whichever_was_imported_first(desk: Store) -> None:
    desk.import_snapshot("Later", book())
    for name in ("Desk", "Later"):
        made, _ = desk.keep_result(name, record())
        assert desk.kept_result(made) == record()
        assert [e.portfolio for e in desk.kept_results(name)] == [name]
