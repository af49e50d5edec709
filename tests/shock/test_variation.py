"""Varying a scenario: what an edit reaches, what it leaves alone, and the file that says the same."""

from __future__ import annotations

from datetime import date

import pytest

from exposure import load_scenario, to_book
from exposure.scenarios import parse_scenario
from exposure.shock import apply
from exposure.shock._variation import Edit, as_numbers, edit_of, segment_moves, vary
from exposure.types import Book, Holding, Scenario, Snapshot

DEEPSEEK = "deepseek-2025-01-27"


def book(*holdings: Holding) -> Book:
    return to_book(Snapshot("f.csv", "csv", None, (), "USD", holdings))


def line(row: int, ticker: str, isin: str | None, value: float, currency: str = "USD", **more: object) -> Holding:
    return Holding(row, ticker=ticker, isin=isin, currency=currency, market_value=value, value_currency="USD", **more)  # type: ignore[arg-type]


NVDA = line(1, "NVDA", "US67066G1040", 600.0)
KO = line(2, "KO", "US1912161007", 400.0)


@pytest.fixture(scope="module")
def replay() -> Scenario:
    return load_scenario(DEEPSEEK)


def test_without_edits_a_scenario_is_itself(replay: Scenario) -> None:
    assert vary(replay, []) is replay


def test_an_edit_by_name_moves_that_name_alone(replay: Scenario) -> None:
    """600 × −10 % replaces NVIDIA's observed move; Coca-Cola keeps its own price."""
    before, after = (apply(book(NVDA, KO), s) for s in (replay, vary(replay, [Edit("isins", "US67066G1040", -0.10)])))
    assert after.positions[0].pnl == pytest.approx(-60.0)
    assert after.positions[0].move.provenance == "user"
    assert after.positions[1].move == before.positions[1].move


def test_an_edited_segment_takes_the_place_of_own_prices_in_it(replay: Scenario) -> None:
    """KLA stands wholly in equipment: with −5 % there it moves by −5 % and is modelled, not −7 % observed."""
    klac = line(1, "KLAC", "US4824801009", 1000.0)
    held = book(klac, KO)
    assert {segment.split(".")[0] for segment in held.lines[0].assignment.weights} == {"equipment"}
    before, after = (apply(held, s) for s in (replay, vary(replay, [Edit("segments", "equipment", -0.05)])))
    assert before.positions[0].move.provenance == "observed"
    assert after.positions[0].move.provenance == "modelled"
    assert after.positions[0].pnl == pytest.approx(-50.0)
    assert after.positions[1].move == before.positions[1].move


def test_reaching_only_names_without_a_price_leaves_the_observed_alone(replay: Scenario) -> None:
    edits = [Edit("segments", "chips", -0.5)]
    before, after = (apply(book(NVDA), s) for s in (replay, vary(replay, edits, whole=False)))
    assert after.total_return == before.total_return


def test_a_sub_segment_with_an_edit_of_its_own_is_not_moved_by_that_of_its_segment(replay: Scenario) -> None:
    edits = [Edit("segments", "equipment.wafer_fab", -0.02), Edit("segments", "equipment", -0.50)]
    for order in (edits, edits[::-1]):
        moves = {m.segment: m.move for m in segment_moves(vary(replay, order))}
        assert moves["equipment.wafer_fab"] == -0.02
        assert moves["equipment.servers"] == -0.50


def test_segments_without_an_edit_keep_their_observed_means(replay: Scenario) -> None:
    """Chips' own prices are put aside, and what others took from their mean stays where it was."""
    before = {m.segment: m.move for m in segment_moves(replay)}
    after = {m.segment: m.move for m in segment_moves(vary(replay, [Edit("segments", "chips", -0.01)]))}
    rest = {s for s in before if not s.startswith("chips")}
    assert len(rest) > 10
    assert {s: after[s] for s in rest} == pytest.approx({s: before[s] for s in rest})


def test_an_edit_outside_the_chain_moves_the_rest(replay: Scenario) -> None:
    after = apply(book(KO), vary(replay, [Edit("segments", "outside", -0.03)]))
    assert after.total_return == pytest.approx(-0.03)


def test_two_variations_differ_in_their_hash(replay: Scenario) -> None:
    one, two = (vary(replay, [Edit("isins", "US67066G1040", move)]) for move in (-0.1, -0.2))
    assert len({replay.hash, one.hash, two.hash}) == 3


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY"])
@pytest.mark.parametrize("horizon", [1, 5])
def test_a_settled_replay_gives_the_same_total_as_one_file(currency: str, horizon: int) -> None:
    """Six listings over four windows, a short, a name nobody lists, cash in euro: one file says the same."""
    held = book(
        NVDA,
        KO,
        line(3, "8035.T", "JP3571400005", 300.0, "JPY", exchange="Tokyo", country="JP"),
        line(4, "000660.KS", "KR7000660001", 200.0, "KRW", exchange="Korea", country="KR"),
        line(5, "SU.PA", "FR0000121972", 250.0, "EUR", exchange="Paris", country="FR"),
        line(6, "ASML.AS", "NL0010273215", -120.0, "EUR", exchange="Amsterdam", country="NL"),
        Holding(7, name="A maker of chips nobody lists", market_value=50.0, value_currency="USD", currency="USD"),
        Holding(8, "cash", name="Cash", market_value=80.0, value_currency="USD", currency="EUR"),
    )
    # Asked in another currency, values need the rate of a day: so the file has a date.
    lines = tuple(each.holding for each in held.lines)
    held = to_book(Snapshot("f.csv", "csv", date(2025, 1, 24), (), "USD", lines), base_currency=currency)
    varied = vary(load_scenario(DEEPSEEK, horizon=horizon), [Edit("segments", "chips.memory", 0.04)])
    text = as_numbers(varied, held, id="mine", title="Mine").to_toml()
    again = parse_scenario(text)
    assert apply(held, again).total_return == pytest.approx(apply(held, varied).total_return, abs=1e-12)
    assert again.kind == "custom"
    assert again.to_toml() == text


def test_a_custom_scenario_is_settled_under_another_name_alone() -> None:
    own = parse_scenario('id = "a"\nrest = 0.01\n[segments]\nchips = -0.1\n')
    settled = as_numbers(vary(own, [Edit("tickers", "NVDA", -0.3)]), book(NVDA), id="b", title="B")
    assert (settled.id, settled.segments, settled.tickers) == ("b", {"chips": -0.1}, {"NVDA": -0.3})


def test_a_line_is_addressed_by_isin_then_by_ticker_or_not_at_all() -> None:
    by_isin, by_ticker, never = book(
        NVDA,
        line(2, "KO", None, 1.0),
        Holding(3, name="No code", market_value=1.0, value_currency="USD", currency="USD"),
    ).lines
    assert edit_of(by_isin, -0.1) == Edit("isins", "US67066G1040", -0.1)
    assert edit_of(by_ticker, -0.1) == Edit("tickers", "KO", -0.1)
    assert edit_of(never, -0.1) is None
