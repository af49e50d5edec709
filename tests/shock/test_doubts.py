"""Which doubts about prices bear on a shocked book: of own series, of a fund's, of those that a move is modelled on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from exposure import apply
from exposure.flow import book_of
from exposure.prices import read_prices
from exposure.prices._market import Market
from exposure.reading import read_holdings
from exposure.scenarios import complete, parse_scenario
from exposure.types import Book, Scenario

REPLAY = 'id = "r"\ntitle = "R"\nkind = "replay"\nfrom = 2024-06-07\nto = 2024-06-10\nrest = "outside"\n'


def market(**moves: float) -> Market:
    """A hundred on 5 to 7 June 2024, and then what each ticker moved to."""
    rows = [f"2024-06-{d:02},{t},{100 if d < 10 else 100 * m},USD" for t, m in moves.items() for d in (5, 6, 7, 10, 11)]
    return read_prices("\n".join(["date,ticker,close,currency", *rows]).encode(), name="p.csv")


def replay(prices: Market) -> Scenario:
    return complete(parse_scenario(REPLAY), prices)


def book(folder: Path, text: str, prices: Market | None = None, inside: Mapping[str, str] | None = None) -> Book:
    for name, held in {"book": text, **(inside or {})}.items():
        (folder / f"{name}.csv").write_text(f"As of,2024-06-11\n{held}")
    funds = {name: read_holdings(folder / f"{name}.csv") for name in inside or {}}
    return book_of(folder / "book.csv", market=prices, inside=funds)


def doubts(book: Book, scenario: Scenario) -> dict[str, float | None]:
    found = [i for i in apply(book, scenario).issues if i.doubt is not None]
    assert len({i.doubt.key for i in found if i.doubt}) == len(found)
    return {i.doubt.ticker: i.weight for i in found if i.doubt}


def test_a_leveraged_fund_rests_on_the_fund_that_it_follows(tmp_path: Path) -> None:
    held = book(
        tmp_path,
        "Ticker,Name,Market value,Currency\nSOXL,Direxion Daily Semiconductor Bull 3X,20,USD\nKO,Coca-Cola,80,USD\n",
    )
    (fund,) = [line for line in held.lines if line.factor is not None]
    assert fund.underlying is not None
    prices = market(**{fund.underlying: 0.5, "KO": 1.0})
    assert doubts(held, replay(prices)) == {fund.underlying: pytest.approx(0.2)}


def test_a_fund_that_is_looked_through_rests_on_its_own_price_with_its_whole_value(tmp_path: Path) -> None:
    inside = {"SMH": "Ticker,Market value,Currency\nNVDA,60,USD\nAMD,40,USD\n"}
    held = book(
        tmp_path,
        "Ticker,Name,Market value,Currency\nSMH,VanEck Semiconductor ETF,30,USD\nKO,Coca-Cola,70,USD\n",
        None,
        inside,
    )
    assert held.funds
    assert doubts(held, replay(market(SMH=0.5, NVDA=0.9, AMD=0.9, KO=1.0))) == {"SMH": pytest.approx(0.3)}


def test_a_modelled_name_rests_on_the_names_of_its_own_segment_alone(tmp_path: Path) -> None:
    """Adobe stands in software: what is doubtful about a maker of chips does not bear on it."""
    held = book(tmp_path, "Ticker,Market value,Currency\nADBE,40,USD\nAMD,60,USD\n")
    scenario = replay(market(NVDA=0.1, MSFT=1.01, KO=1.0))
    assert scenario.doubts is not None
    assert list(scenario.doubts) == ["NVDA"]
    assert doubts(held, scenario) == {"NVDA": pytest.approx(0.6)}


def test_a_doubt_that_values_a_line_and_moves_another_stands_once_by_the_larger_share(tmp_path: Path) -> None:
    """Ten shares at 10 dollars and a stated value of 100: a half is valued by closes, all is moved by them."""
    prices = market(NVDA=0.1, KO=1.0)
    rows = "Account,Ticker,Quantity,Market value,Currency\nA,NVDA,10,,USD\nB,NVDA,,100,USD\n"
    held = book(tmp_path, rows, prices)
    assert [i.weight for i in held.issues if i.doubt] == [pytest.approx(0.5)]
    assert doubts(held, replay(prices)) == {"NVDA": pytest.approx(1.0)}


def test_a_scenario_of_the_users_own_numbers_rests_on_no_price(tmp_path: Path) -> None:
    held = book(tmp_path, "Ticker,Market value,Currency\nNVDA,100,USD\n")
    text = 'id = "c"\ntitle = "C"\nkind = "custom"\nrest = 0.0\n[tickers]\nNVDA = -0.1\n'
    assert doubts(held, parse_scenario(text)) == {}
    assert replay(market(NVDA=0.9, KO=1.0)).doubts is None


def test_doubts_are_no_part_of_the_hash_and_outlive_being_kept(tmp_path: Path) -> None:
    from dataclasses import replace

    from exposure.results import keep, recompute

    held = book(tmp_path, "Ticker,Market value,Currency\nNVDA,100,USD\n")
    scenario = replay(market(NVDA=0.1, KO=1.0))
    assert replace(scenario, doubts=None).hash == scenario.hash
    result = apply(held, scenario)
    assert recompute(keep(result, {})).issues == result.issues
