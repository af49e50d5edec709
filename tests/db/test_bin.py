"""The bin: deleted by id, brought back whole and beside a namesake, and purged with all that hangs on it, bytes too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from db import Store, open_store
from db.columns import LOWEST
from db.engine import file_mark
from db.models import Base, Setting, SnapshotHead
from exposure.errors import InputError, StaleWrite, StoreError
from tests.db.books import DAY, book, fault_at, override, result

LATER = date(2025, 2, 28)
SECRET = "Zyzzyva Holdings 4711"
"""The name of a client's line: a word that stands nowhere else."""


def test_a_deleted_snapshot_leaves_every_list_and_comes_back_whole(store: Store) -> None:
    first, second = (one.snapshot_id for one in store.import_snapshots("A", [book(), book(LATER)]))
    store.delete_snapshot(second)
    assert store.snapshot("A").as_of == DAY
    with pytest.raises(InputError, match="no snapshot has the id"):
        store.snapshot_by_id(second)
    assert [(d.snapshot_id, d.portfolio, d.fund) for d in store.deleted()] == [(second, "A", False)]
    store.restore_snapshot(second)
    assert store.snapshot_by_id(second) == book(LATER)
    assert store.deleted() == ()
    assert first != second


def test_a_deleted_file_can_be_imported_again_and_then_not_restored_beside_itself(store: Store) -> None:
    old = store.import_snapshot("A", book()).snapshot_id
    store.delete_snapshot(old)
    new = store.import_snapshot("A", book())
    assert new.duplicate_of is None
    with pytest.raises(
        InputError, match=r"book.csv of 2025-01-24 was imported again into “A”; delete that snapshot first"
    ):
        store.restore_snapshot(old)
    store.delete_snapshot(new.snapshot_id)  # the remedy
    store.restore_snapshot(old)
    assert [s.snapshot_id for s in store.portfolio("A").snapshots] == [old]


def test_a_portfolio_made_again_stands_beside_the_one_that_comes_back_and_neither_is_changed(store: Store) -> None:
    first = store.import_snapshots("A", [book(), book(LATER)])
    old = store.portfolio("A").portfolio_id
    store.set_override(override("of the first"), "A")
    store.delete_portfolio(old)
    assert store.portfolios() == ()
    assert [(d.portfolio_id, d.name, d.snapshots) for d in store.deleted_portfolios()] == [(old, "A", 2)]
    second = store.import_snapshot("A", book(LATER))
    assert second.snapshot_id not in {each.snapshot_id for each in first}
    assert store.overrides("A") == (), "the second is nobody's heir"
    assert store.restore_portfolio(old) == "A (2)"
    assert {p.name: [s.snapshot_id for s in p.snapshots] for p in store.portfolios()} == {
        "A": [second.snapshot_id],
        "A (2)": [each.snapshot_id for each in first],
    }
    assert store.overrides("A (2)") == (override("of the first"),)
    assert store.restore_portfolio(old) == "A (2)", "a second time changes nothing"


def test_two_deleted_portfolios_of_one_name_are_listed_and_come_back_each_by_itself(store: Store) -> None:
    keys = []
    for day in (DAY, LATER):
        store.import_snapshot("A", book(day))
        keys.append(store.portfolio("A").portfolio_id)
        store.delete_portfolio(keys[-1])
    assert [d.portfolio_id for d in store.deleted_portfolios()] == keys[::-1]
    assert [store.restore_portfolio(key) for key in keys] == ["A", "A (2)"]
    assert store.snapshot("A").as_of == DAY and store.snapshot("A (2)").as_of == LATER


def test_a_snapshot_of_a_deleted_portfolio_comes_back_with_it_alone(store: Store) -> None:
    made = store.import_snapshots("A", [book(), book(LATER)])
    store.delete_snapshot(made[0].snapshot_id)
    key = store.portfolio("A").portfolio_id
    store.delete_portfolio(key)
    with pytest.raises(InputError, match="portfolio “A” of the snapshot is deleted; bring back the portfolio first"):
        store.restore_snapshot(made[0].snapshot_id)
    store.restore_portfolio(key)
    assert [s.as_of for s in store.portfolio("A").snapshots] == [LATER], "as it was when it was deleted"
    store.restore_snapshot(made[0].snapshot_id)
    assert len(store.portfolio("A").snapshots) == 2


def test_a_portfolio_that_has_got_a_snapshot_since_is_not_deleted_unseen(store: Store) -> None:
    first = store.import_snapshot("A", book())
    key = store.portfolio("A").portfolio_id
    store.import_snapshot("A", book(LATER))
    with pytest.raises(StaleWrite) as refused:
        store.delete_portfolio(key, seen={first.snapshot_id})
    assert refused.value.mine == "delete it with its snapshots of 2025-01-24"
    assert refused.value.theirs == "it holds snapshots of 2025-01-24, 2025-02-28"
    assert "\n" not in str(refused.value)
    store.delete_portfolio(key, seen=refused.value.found)
    assert store.portfolios() == ()


def test_no_id_returns_after_a_purge_nor_from_a_backup(store: Store, tmp_path: Path) -> None:
    seen: set[int] = set()
    for _ in range(5):
        made = store.import_snapshot("A", book())
        key = store.portfolio("A").portfolio_id
        kept, _ = store.keep_result("A", result())
        assert not {made.snapshot_id, key, kept} & seen
        assert all(LOWEST <= one < 2**53 for one in (made.snapshot_id, key, kept)), "exact in JSON, above the old ids"
        seen |= {made.snapshot_id, key, kept}
        store.delete_portfolio(key)
        store.purge(portfolios=[key])
    assert store.deleted_portfolios() == ()


def test_a_store_put_back_from_its_backup_gives_other_ids_to_what_comes_after(tmp_path: Path) -> None:
    file, backup = tmp_path / "store.sqlite", tmp_path / "backup.sqlite"
    store = open_store(f"sqlite:///{file}")
    store.import_snapshot("A", book())
    store.close()
    backup.write_bytes(file.read_bytes())
    store = open_store(f"sqlite:///{file}")
    lost = store.import_snapshot("B", book(LATER)).snapshot_id
    store.close()
    mark = file_mark(f"sqlite:///{file}")
    backup.replace(file)
    assert file_mark(f"sqlite:///{file}") != mark, "the file that took its place is told from it"
    store = open_store(f"sqlite:///{file}")
    assert store.import_snapshot("C", book(LATER)).snapshot_id != lost
    assert store.whereabouts(lost).state == "gone"
    store.close()


def test_a_purge_takes_all_that_hangs_on_a_portfolio_and_nothing_of_another(store: Store) -> None:
    before = counts(store)
    hang(store, "Kept", "a" * 64)
    other = counts(store)
    hang(store, "Gone", "b" * 64)
    key = store.portfolio("Gone").portfolio_id
    assert store.purge(portfolios=[key]).portfolios == 0, "what is not in the bin is not purged"
    store.delete_portfolio(key)
    assert store.purge(portfolios=[key], snapshots=[1, 2, 3]).asked == 1
    left = counts(store)
    shared = {Setting: left[Setting]}  # the last number of kept results stands once
    assert {**left, **shared} == {**other, **shared}
    assert left[Setting] == other[Setting]
    assert store.snapshot("Kept") == book(sha256="a" * 64)
    assert store.overrides("Kept") and store.proxies("Kept") and store.trades("Kept", "s")
    assert store.kept_results("Kept")
    store.delete_portfolio(kept := store.portfolio("Kept").portfolio_id)
    store.purge(portfolios=[kept])
    assert counts(store) == {**before, Setting: before[Setting] + 1}


def test_a_namesake_finds_nothing_of_the_purged_one(store: Store) -> None:
    hang(store, "Client", "a" * 64)
    key = store.portfolio("Client").portfolio_id
    store.delete_portfolio(key)
    store.import_snapshot("Client", book(LATER, "c" * 64))
    for _ in range(2):  # in the bin, then purged
        assert store.overrides("Client") == () and store.answers("Client") == {} and store.proxies("Client") == {}
        assert store.trades("Client", "s") == {} and store.kept_results("Client") == ()
        store.purge(portfolios=[key])


def test_a_mapping_goes_with_the_last_portfolio_that_uses_it(store: Store) -> None:
    for name in ("A", "B"):
        store.import_snapshot(name, book())
        store.remember_columns("symbol|qty", {"ticker": "symbol"}, name)
    for name, left in (("A", {"ticker": "symbol"}), ("B", None)):
        key = store.portfolio(name).portfolio_id
        store.delete_portfolio(key)
        store.purge(portfolios=[key])
        assert store.columns_for("symbol|qty") == left


def test_a_draft_made_on_a_purged_book_goes_and_so_does_its_file_at_hand_and_no_other(store: Store) -> None:
    made = store.import_snapshot("A", book())
    store.save_setting("draft:one", {"moves": 1}, made_on=made.snapshot_id)
    store.save_setting("draft:two", {"moves": 2})
    store.save_setting("draft:three:file", {"sha256": "a" * 64, "data": "x"})
    store.save_setting("draft:four:file", {"sha256": "b" * 64, "data": "x"})
    key = store.portfolio("A").portfolio_id
    store.delete_portfolio(key)
    store.purge(portfolios=[key])
    assert set(store.settings("draft:")) == {"draft:two", "draft:four:file"}


def test_a_purged_snapshot_leaves_the_results_kept_from_it_whole(store: Store) -> None:
    made = store.import_snapshot("A", book())
    kept, _ = store.keep_result("A", replace(result(), snapshot_id=made.snapshot_id))
    store.delete_snapshot(made.snapshot_id)
    done = store.purge(snapshots=[made.snapshot_id])
    assert (done.snapshots, done.results, done.erased) == (1, 0, True)
    assert store.kept_result(kept).snapshot_id == made.snapshot_id
    assert store.whereabouts(made.snapshot_id).state == "gone", "and that id will never be another book's"


def test_what_was_brought_back_since_the_bin_was_shown_is_not_purged(store: Store) -> None:
    made = store.import_snapshot("A", book())
    key = store.portfolio("A").portfolio_id
    kept, _ = store.keep_result("A", result())
    for back, args in (
        (lambda: (store.delete_portfolio(key), store.restore_portfolio(key)), {"portfolios": [key]}),
        (lambda: (store.delete_kept(kept), store.restore_kept(kept)), {"results": [kept]}),
        (lambda: (store.delete_snapshot(made.snapshot_id), store.restore_snapshot(made.snapshot_id)),
         {"snapshots": [made.snapshot_id]}),
    ):  # fmt: skip
        back()
        assert store.purge(**args).asked == 0
    assert store.snapshot("A") == book() and len(store.kept_results("A")) == 1


def test_no_byte_of_a_purged_client_is_left_in_the_files_of_the_store(tmp_path: Path) -> None:
    """The name of a line stands in the rows, in a kept book, in an override and in a draft: then nowhere."""
    file = tmp_path / "store.sqlite"
    store = open_store(f"sqlite:///{file}")
    store.import_snapshot("Other", book())
    held = replace(book(lines=200), sha256="d" * 64)
    held = replace(held, holdings=tuple(replace(h, name=SECRET) for h in held.holdings))
    made = store.import_snapshot("Client", held)
    store.keep_result("Client", replace(result(), note=SECRET))
    store.set_override(override(SECRET), "Client")
    store.save_setting("draft:one", SECRET, made_on=made.snapshot_id)
    assert SECRET.encode() in everything(tmp_path)
    key = store.portfolio("Client").portfolio_id
    store.delete_portfolio(key)
    assert store.purge(portfolios=[key]).erased
    assert SECRET.encode() not in everything(tmp_path)
    assert store.snapshot("Other") == book()
    store.close()


def test_a_reader_that_holds_the_file_open_is_told_of_and_the_purge_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.engine.WAIT_SECONDS", 0.05)
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store, other = open_store(url), open_store(url)
    store.import_snapshot("A", book())
    key = store.portfolio("A").portfolio_id
    store.delete_portfolio(key)
    with other.read() as reading:
        reading.execute(select(func.count()).select_from(SnapshotHead)).scalar()
        assert not store.purge(portfolios=[key]).erased
    assert store.deleted_portfolios() == ()
    store.close()
    other.close()


@pytest.mark.parametrize("what", ["delete_portfolio", "restore_portfolio", "rename_portfolio", "purge"])
def test_a_fault_at_any_statement_leaves_the_store_as_it_was(
    store: Store, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "rewrite", lambda: True)  # it follows once the purge has been committed
    hang(store, "A", "a" * 64)
    key = store.portfolio("A").portfolio_id
    if what in ("restore_portfolio", "purge"):
        store.delete_portfolio(key)
    change = {
        "delete_portfolio": lambda: store.delete_portfolio(key),
        "restore_portfolio": lambda: store.restore_portfolio(key),
        "rename_portfolio": lambda: store.rename_portfolio(key, "B"),
        "purge": lambda: store.purge(portfolios=[key]),
    }[what]
    before = whole(store)
    for broken in range(1, 40):
        with fault_at(store, broken) as reached:
            try:
                change()
            except (RuntimeError, StoreError):
                pass
            else:
                break
        assert reached
        assert whole(store) == before, f"after a fault at statement {broken}: {reached}"
    else:
        pytest.fail("it never passed")
    assert whole(store) != before


def test_the_same_bytes_under_two_portfolios_are_two_books(store: Store) -> None:
    one, other = store.import_snapshot("A", book()), store.import_snapshot("B", book())
    assert one.snapshot_id != other.snapshot_id and other.duplicate_of is None
    store.set_override(override("of A"), "A")
    assert store.overrides("B") == ()
    store.delete_portfolio(key := store.portfolio("A").portfolio_id)
    store.purge(portfolios=[key])
    assert store.snapshot_by_id(other.snapshot_id) == book()


@pytest.mark.parametrize("name", ["desk", "DESK", "Desk ", "\uff24\uff45\uff53\uff4b", "De\u200bsk", "  dESK\u00a0"])
def test_a_name_that_could_be_taken_for_another_is_refused_and_its_remedy_works(store: Store, name: str) -> None:
    store.import_snapshot("Desk", book())
    store.import_snapshot("Other", book(LATER))
    other = store.portfolio("Other").portfolio_id
    if " ".join(name.split()) != "Desk":
        with pytest.raises(InputError, match="a portfolio called “Desk” is there; write it so"):
            store.import_snapshot(name, book(LATER, "e" * 64))
    with pytest.raises(InputError, match="a portfolio called “Desk” is there"):
        store.rename_portfolio(other, name)
    assert [p.name for p in store.portfolios()] == ["Desk", "Other"]
    assert store.import_snapshot("Desk", book(LATER, "e" * 64)).portfolio == "Desk"


def test_a_portfolio_takes_a_name_with_all_it_has_and_its_own_in_another_case(store: Store) -> None:
    made = store.import_snapshot("Desk", book())
    key = store.portfolio("Desk").portfolio_id
    store.set_override(override("kept"), "Desk")
    assert store.rename_portfolio(key, "  DESK   two ", seen="Desk") == "DESK two"
    assert store.rename_portfolio(key, "desk two") == "desk two"
    assert store.overrides("desk two") == (override("kept"),)
    assert store.whereabouts(made.snapshot_id).portfolio == "desk two"
    with pytest.raises(StaleWrite) as refused:
        store.rename_portfolio(key, "Third", seen="Desk")
    assert (refused.value.mine, refused.value.theirs) == ("Third", "desk two")
    with pytest.raises(InputError, match="needs a name"):
        store.rename_portfolio(key, "  ")
    with pytest.raises(InputError, match="no longer there"):
        store.rename_portfolio(4711, "X")


def test_an_import_into_the_id_of_a_portfolio_never_makes_another(store: Store) -> None:
    store.import_snapshot("A", book())
    key = store.portfolio("A").portfolio_id
    assert store.import_snapshot(key, book(LATER)).portfolio == "A"
    store.delete_portfolio(key)
    with pytest.raises(InputError, match="no longer there"):
        store.import_snapshot(key, book(LATER, "f" * 64))
    assert store.portfolios() == ()


def test_of_two_imports_of_one_date_the_later_counts_though_the_clock_goes_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.import_snapshot("A", book())
    monkeypatch.setattr("db.repositories.snapshots.now", lambda: datetime(2001, 1, 1, tzinfo=UTC))
    later = store.import_snapshot("A", replace(book(sha256="b" * 64), title="later")).snapshot_id
    assert store.snapshot_id("A") == later
    assert store.portfolio("A").snapshots[-1].snapshot_id == later


def test_a_book_is_told_as_stored_in_the_bin_or_gone_by_id_and_by_name(store: Store) -> None:
    made = store.import_snapshots("A", [book(), book(LATER)])
    first, second = (each.snapshot_id for each in made)
    key = store.portfolio("A").portfolio_id
    assert store.whereabouts_named("A") == store.whereabouts(second)
    found = store.whereabouts_named(" A ", DAY)
    assert (found.state, found.portfolio_id, found.portfolio, found.snapshot_id, found.as_of) == (
        "stored", key, "A", first, DAY,
    )  # fmt: skip
    store.delete_snapshot(second)
    assert store.whereabouts(second).state == store.whereabouts_named("A", LATER).state == "deleted"
    assert store.whereabouts_named("A").snapshot_id == first, "the latest that is stored"
    assert store.whereabouts_named("A", date(2020, 1, 1)).state == "gone"
    store.delete_portfolio(key)
    assert {store.whereabouts(one).state for one in (first, second)} == {"deleted"}
    assert store.whereabouts_named("A").state == "deleted"
    new = store.import_snapshot("A", book()).snapshot_id
    assert store.whereabouts_named("A").snapshot_id == new != first
    assert store.whereabouts_named("A", LATER).state == "gone", "what another of that name had is not this one's"
    store.purge(portfolios=[key])
    assert store.whereabouts(first).state == "gone"
    assert store.whereabouts_named("nobody").state == store.whereabouts_named("  ").state == "gone"
    assert store.whereabouts(store.store_inside("SPY", book()).snapshot_id).state == "gone", "of no portfolio"


def test_an_open_session_is_told_what_became_of_the_book_it_shows(store: Store) -> None:
    made = store.import_snapshot("A", book()).snapshot_id
    key = store.portfolio("A").portfolio_id
    assert store.standing("A", made) == key
    store.rename_portfolio(key, "B")
    store.import_snapshot("A", book(LATER))
    with pytest.raises(InputError, match="shown as “A” is called “B” now; choose it anew"):
        store.standing("A", made)
    store.delete_snapshot(made)
    with pytest.raises(InputError, match="of “B” was deleted; the Holdings page brings it back"):
        store.standing("B", made)
    store.purge(snapshots=[made])
    with pytest.raises(InputError, match="no longer stored"):
        store.standing("B", made)


def hang(store: Store, name: str, sha256: str) -> None:
    """Make a portfolio with one of each thing that can hang on it."""
    made = store.import_snapshot(name, book(sha256=sha256))
    store.set_override(override(name), name)
    store.save_answer("SU", "SU.PA", name)
    store.choose_proxies(name, {"line": "SMH"})
    store.try_trade(name, "s", {"kind": "cash", "target": "", "amount": 0.1, "unit": "share", "side": "net"})
    store.remember_columns(f"shape of {name}", {"ticker": "symbol"}, name)
    store.save_setting(f"draft:{name}", {"of": name}, made_on=made.snapshot_id)
    store.save_setting(f"draft:{name}:file", {"sha256": sha256})
    store.keep_result(name, replace(result(), inputs=f'{{"of": "{name}"}}'))


def counts(store: Store) -> dict[type[Base], int]:
    with store.read() as connection:
        tables = (mapper.class_ for mapper in Base.registry.mappers)
        return {table: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}


def whole(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Give every row of every table."""
    with store.read() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in Base.metadata.tables.items()
        }


def everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())
