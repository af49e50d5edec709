"""Kept results: nouns come back from their texts bit for bit, figures reproduce, and causes add up line by line."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from math import fsum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import exposure
from exposure import load_scenario, results, to_book
from exposure.errors import InputError
from exposure.messages import known
from exposure.results import CAUSES, book_of, engine, from_text, scenario_of, to_text
from exposure.results._record import INPUTS, ROOMS, fingerprint
from exposure.scenarios import library, parse_scenario
from exposure.shock import apply
from exposure.shock._variation import Edit, vary
from exposure.types import Assignment, Book, Holding, Line, Override, Part, Scenario, Snapshot
from tests.db.books import days, holdings, issues, maybe_number, maybe_text, texts

finite = st.floats(allow_nan=False, allow_infinity=False)
parts = st.lists(st.builds(Part, texts, finite, st.sampled_from(("direct", "stake", "customer"))), max_size=3)
assignments = st.builds(
    Assignment, parts.map(tuple), texts, st.sampled_from(("table", "rule", "user", "none")), texts, st.none() | days
)
lines = st.builds(
    Line, line_id=texts, holding=holdings, market_value=maybe_number, weight=finite, assignment=assignments,
    issuer=maybe_text, listing=maybe_text, siblings=st.lists(texts, max_size=2).map(tuple), currency=maybe_text,
    factor=maybe_number, inside=maybe_text,
)  # fmt: skip
books = st.builds(
    Book, lines=st.lists(lines, max_size=3).map(tuple), capital=finite, capital_basis=st.sampled_from(("nav", "gross")),
    basis=st.sampled_from(("values", "weights")), currency=maybe_text, as_of=st.none() | days, nav=finite, gross=finite,
    issues=st.lists(issues, max_size=2).map(tuple), title=maybe_text, funds=st.lists(lines, max_size=1).map(tuple),
)  # fmt: skip


@given(books)
def test_any_book_comes_back_equal_and_gives_the_same_text(book: Book) -> None:
    text = to_text(book)
    assert from_text(text, Book) == book
    assert to_text(from_text(text, Book)) == text


@pytest.mark.parametrize("one", [e.id for e in library()])
def test_every_scenario_comes_back_with_its_hash_edits_included(one: str) -> None:
    scenario = load_scenario(one)
    edited = vary(scenario, [Edit("segments", "chips", -0.31), Edit("tickers", "KO", 0.02)])
    for given_one in (scenario, edited):
        found = from_text(to_text(given_one), Scenario)
        assert found == given_one
        assert found.hash == given_one.hash


def test_a_field_of_a_newer_version_is_refused_in_one_sentence() -> None:
    with pytest.raises(InputError, match="speed, which this version does not know"):
        from_text('{"segment":"chips","speed":3,"weight":1.0}', Part)


def book(*held: tuple[str, float, float], overrides: tuple[Override, ...] = ()) -> Book:
    """Make a book in dollars of (ticker, quantity, price)."""
    made = tuple(
        Holding(n, ticker=t, name=t, quantity=q, price=p, market_value=q * p, value_currency="USD", currency="USD")
        for n, (t, q, p) in enumerate(held, 2)
    )
    return to_book(Snapshot("f.csv", "csv", date(2025, 1, 24), (), "USD", made), overrides=overrides)


def scenario(move: float) -> Scenario:
    return parse_scenario(f'id = "down"\nrest = 0.0\n[tickers]\nNVDA = {move}\n')


def record(held: Book, what: Scenario, **inputs: object) -> results.Record:
    return results.keep(apply(held, what), inputs)


def test_causes_by_hand() -> None:
    """NVIDIA 100 at 100 and Coca-Cola 100 at 100; then NVIDIA 50 at 120 and Coca-Cola 140 at 100.

    −10 % of half the book is −5 %; −20 % of 6,000 in 20,000 is −6 %. Scenario: −10 % less −5 %, −5 %. Prices: 12,000 in
    22,000 lose −10.909 %, so −0.909 %. Holdings: −6 % less −10.909 %, +4.909 %. Together −1 %.
    """
    one = record(book(("NVDA", 100, 100), ("KO", 100, 100)), scenario(-0.1))
    other = record(book(("NVDA", 50, 120), ("KO", 140, 100)), scenario(-0.2))
    found, by_line = results.causes(one, other)
    expected = (-0.05, 0.0, 0.1 - 0.2 * 12 / 22, 0.2 * 12 / 22 - 0.06, 0.0)
    assert [c.effect for c in found] == pytest.approx(expected, abs=1e-12)
    assert by_line[0].name == "NVDA"
    assert (by_line[0].before, by_line[0].after) == (pytest.approx(-0.05), pytest.approx(-0.06))


quantities = st.integers(1, 500).map(float)
prices = st.floats(1, 1000)
held = st.dictionaries(st.sampled_from(("NVDA", "KO", "ASML", "MU", "CRM")), st.tuples(quantities, prices), min_size=1)


@given(held, held, st.floats(-0.9, 0.5), st.floats(-0.9, 0.5))
def test_causes_add_up_to_the_difference_for_each_line_and_in_all(one, other, before, after) -> None:
    pair = [record(book(*((t, *qp) for t, qp in h.items())), scenario(m)) for h, m in ((one, before), (other, after))]
    found, by_line = results.causes(*pair)
    for line in by_line:
        assert fsum(line.effects) == pytest.approx(line.after - line.before, abs=1e-12)
    gap = pair[1].total_return - pair[0].total_return
    assert fsum(c.effect for c in found) == pytest.approx(gap, abs=1e-12)


def test_an_override_is_told_as_classification() -> None:
    """The same holdings, NVIDIA put outside the chain: it then rests with the rest, by classification alone."""
    chips = parse_scenario('id = "c"\nrest = 0.0\n[segments]\nchips = -0.1\n')
    mine = Override(None, "NVDA", (Part("outside", 1.0),), "mine", "me", date(2025, 1, 1))
    pair = [record(book(("NVDA", 10, 100.0), overrides=o), chips) for o in ((), (mine,))]
    found, _ = results.causes(*pair)
    effects = dict(zip(CAUSES, (c.effect for c in found), strict=True))
    assert effects.pop("classification") == pytest.approx(-pair[0].total_return)
    assert pair[0].total_return < -0.09 and pair[1].total_return == 0
    assert list(effects.values()) == pytest.approx([0.0] * 4, abs=1e-12)


def test_what_the_engine_does_otherwise_is_said_and_put_down_to_it() -> None:
    """A kept total that today's engine does not give (one cent more, another version) no longer reproduces."""
    good = record(book(("NVDA", 100, 100.0)), scenario(-0.1))
    assert results.matches(good, results.recompute(good))
    old = replace(good, pnl=good.pnl + 0.01, engine="0.9.0+0")
    assert not results.matches(old, results.recompute(old))
    assert [d.subject for d in results.differences(old, {}, scenario(-0.1))] == ["engine"]
    told = json.loads(good.answer)
    told["positions"][0]["contribution"] -= 0.1
    found, _ = results.causes(replace(good, answer=json.dumps(told)), good)
    assert {c.cause: round(c.effect, 12) for c in found if abs(c.effect) > 1e-12} == {"engine": 0.1}


def test_changes_since_are_named() -> None:
    one = record(book(("NVDA", 1, 1.0)), scenario(-0.1), overrides={"A": 1, "B": 1}, prices="v1")
    assert results.differences(one, {"overrides": {"A": 1, "B": 1}, "prices": "v1"}, scenario(-0.1)) == ()
    found = results.differences(one, {"overrides": {"A": 2, "C": 1}, "prices": "v2"}, scenario(-0.2))
    assert [(d.code, dict(d.params)) for d in found] == [
        ("results.scenario", {"scenario": "down", "fields": "tickers"}),
        ("results.overrides-new", {"input": "overrides", "names": "C", "n": 1}),
        ("results.overrides-gone", {"input": "overrides", "names": "B", "n": 1}),
        ("results.overrides-other", {"input": "overrides", "names": "A", "n": 1}),
        ("results.input", {"input": "prices", "then": "v1", "now": "v2"}),
    ]
    assert [d.text for d in found[:2]] == ["down has other content now; differs in tickers", "overrides: new C"]
    gone = [d.subject for d in results.differences(one, None, None)]
    assert gone == ["scenario", "snapshot"]


def test_the_engine_is_named_by_its_version_and_content() -> None:
    from exposure import ENGINE_VERSION

    assert engine().startswith(f"{ENGINE_VERSION}+")
    assert record(book(("NVDA", 1, 1.0)), scenario(-0.1)).engine == engine()


@pytest.mark.parametrize("room", ROOMS)
def test_the_engine_has_another_name_once_a_file_that_decides_a_figure_changes(room: str, tmp_path: Path) -> None:
    whole = Path(exposure.__file__).parent
    assert engine().endswith(f"+{fingerprint(whole)}")
    for each in ROOMS:
        shutil.copytree(whole / each, tmp_path / each, ignore=shutil.ignore_patterns("__pycache__"))
    assert fingerprint(tmp_path) == fingerprint(whole), "where it lies decides nothing"
    changed = sorted((tmp_path / room).rglob("*.py"))[-1]
    changed.write_bytes(changed.read_bytes() + b"\n")
    assert fingerprint(tmp_path) != fingerprint(whole)


@pytest.mark.parametrize("name", list(INPUTS))
def test_whatever_a_book_is_made_of_has_words_when_it_changes(name: str) -> None:
    """The names are those that a kept result's inputs have, which the Results page writes."""
    values = record(book(("NVDA", 1, 1.0)), scenario(-0.1), **{name: "one"})
    (changed,) = results.differences(values, {name: "two"}, scenario(-0.1))
    assert changed.text == f"{name}: one then, two now"
    none = record(book(("NVDA", 1, 1.0)), scenario(-0.1), **{name: {}})
    if known(f"results.{INPUTS[name]}-new"):
        (changed,) = results.differences(none, {name: dict.fromkeys("ABCDEF", 1)}, scenario(-0.1))
        assert changed.text == f"{name}: new A, B, C, D, E, …"


def test_book_and_scenario_of_a_record_are_those_kept() -> None:
    held_now, what = book(("NVDA", 3, 7.0), ("KO", 1, 0.1)), load_scenario("deepseek-2025-01-27")
    one = record(held_now, what)
    assert book_of(one) == held_now
    assert scenario_of(one) == what
