"""What users have settled: it is kept, replaced by key, and a removal hands back what undoes it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import Store, open_store
from exposure.errors import InputError
from exposure.types import Override, Part
from tests.db.books import book, texts

PARTS = (Part("chips.memory", 0.6), Part("foundation_models.cloud_providers", 0.4, "stake"))
OVERRIDE = Override("US5951121038", "MU", PARTS, "own research", "ML", date(2025, 1, 20))


def test_an_override_comes_back_equal_and_the_later_one_for_a_security_counts(store: Store) -> None:
    store.set_override(OVERRIDE)
    later = Override("US5951121038", "MU.MX", (Part("chips.other", 1.0),), "second thoughts", "ML", date(2025, 1, 22))
    store.set_override(later)
    by_ticker = Override(None, "MU", PARTS, "no ISIN in the file", "ML", date(2025, 1, 22))
    store.set_override(by_ticker)
    assert store.overrides() == (later, by_ticker)


def test_a_delta_is_kept_with_and_without_segments(store: Store) -> None:
    alone = Override(None, "NVDA  250321C00150000", (), "the desk's", "ML", date(2025, 1, 22), delta=0.45)
    beside = Override(None, "ZZZ9", PARTS, "its prospectus", "ML", date(2025, 1, 22), delta=-2.0)
    store.set_override(alone)
    store.set_override(beside)
    assert store.overrides() == (alone, beside)
    assert store.remove_override(ticker="ZZZ9") == beside


def test_a_portfolios_own_override_beats_that_of_all_and_touches_no_other_portfolio(store: Store) -> None:
    store.import_snapshot("A", book())
    store.import_snapshot("B", book())
    own = Override("US5951121038", None, (Part("outside", 1.0),), "for this client", "KT", date(2025, 1, 23))
    store.set_override(OVERRIDE)
    store.set_override(own, "A")
    assert (store.overrides("A"), store.overrides("B"), store.overrides()) == ((own,), (OVERRIDE,), (OVERRIDE,))


def test_a_removed_override_can_be_set_again(store: Store) -> None:
    store.set_override(OVERRIDE)
    assert store.remove_override(isin="US5951121038") == OVERRIDE
    assert store.overrides() == ()
    with pytest.raises(InputError, match="no override is stored for US5951121038"):
        store.remove_override(isin="US5951121038")
    with pytest.raises(InputError, match="needs an ISIN or a ticker"):
        store.remove_override()


def test_overrides_of_an_unknown_portfolio_are_refused_by_name(store: Store) -> None:
    with pytest.raises(InputError, match="no portfolio is called “C”"):
        store.set_override(OVERRIDE, "C")
    assert store.overrides() == ()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(toml=texts)
def test_a_scenario_keeps_its_text_to_the_last_character(store: Store, toml: str) -> None:
    store.save_scenario("down", "before", replace=True)
    store.save_scenario("down", toml, replace=True)
    assert store.scenarios() == {"down": toml}
    assert store.delete_scenario("down") == toml
    with pytest.raises(InputError, match="no stored scenario has the id “down”"):
        store.delete_scenario("down")


def test_a_column_mapping_is_remembered_by_the_shape_of_the_header(store: Store) -> None:
    assert store.columns_for("symbol|qty") is None
    store.remember_columns("symbol|qty", {"columns": {"ticker": "symbol"}, "decimal": ","})
    store.remember_columns("symbol|qty", {"columns": {"ticker": "symbol"}, "decimal": "."})
    assert store.columns_for("symbol|qty") == {"columns": {"ticker": "symbol"}, "decimal": "."}


def test_an_answer_to_which_symbol_is_meant_is_kept_until_it_is_taken_back(store: Store) -> None:
    store.save_answer("HY9H", "000660.KS")
    assert store.answers() == {"HY9H": "000660.KS"}
    store.save_answer("HY9H", "")
    assert store.answers() == {}


def test_an_answer_of_one_portfolio_beats_that_of_all_and_touches_no_other(store: Store) -> None:
    for name in ("A", "B"):
        store.import_snapshot(name, book())
    store.save_answer("SU", "SU")
    store.save_answer("SU", "SU.PA", portfolio="A")
    assert (store.answers("A"), store.answers("B"), store.answers()) == ({"SU": "SU.PA"}, {"SU": "SU"}, {"SU": "SU"})
    store.save_answer("SU", "", portfolio="A")
    assert store.answers("A") == {"SU": "SU"}


@pytest.mark.parametrize("value", [None, False, 0, "", "x\x00", [1, {"a": None}], {"nested": {"ü": 0.1}}])
def test_a_setting_holds_whatever_json_holds(store: Store, url: str, value: Any) -> None:
    assert store.setting("base_currency", "EUR") == "EUR"
    store.save_setting("base_currency", value)
    other = open_store(url)
    assert other.setting("base_currency", "EUR") == value
    other.close()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(weights=st.lists(st.floats(0, 1), min_size=1, max_size=3), reason=texts)
def test_weights_of_an_override_come_back_to_the_last_bit(store: Store, weights: list[float], reason: str) -> None:
    override = Override("X", None, tuple(Part("chips", w) for w in weights), reason, "", date(2025, 1, 1))
    store.set_override(override)
    assert store.overrides() == (override,)


def test_choices_under_a_prefix_come_in_the_order_of_their_keys_and_no_others(store: Store) -> None:
    for key in ("trade:b:000002:x", "trade:a_:000010:x", "trade:a_:000002:x", "trade:ab:000001:x"):
        store.save_setting(key, {"of": key})
    assert list(store.settings("trade:a_:")) == ["trade:a_:000002:x", "trade:a_:000010:x"]
    assert store.settings("trade:b:") == {"trade:b:000002:x": {"of": "trade:b:000002:x"}}
    assert store.settings("none:") == {}


def test_another_scenario_is_replaced_only_where_that_is_said_and_the_librarys_never(store: Store) -> None:
    store.save_scenario("down", "one")
    store.save_scenario("down", "one")
    with pytest.raises(InputError, match="another saved scenario has the id down"):
        store.save_scenario("down", "two")
    assert store.scenarios() == {"down": "one"}
    store.save_scenario("down", "two", replace=True)
    for replace in (False, True):
        with pytest.raises(InputError, match="deepseek-transmission is the id of a scenario of the library"):
            store.save_scenario("deepseek-transmission", "mine", replace=replace)
    assert store.scenarios() == {"down": "two"}
