"""Leveraged and inverse funds: what a name says, where such a fund stands, and what it is exposed to."""

from __future__ import annotations

from datetime import date
from math import fsum, isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.chain import to_book
from exposure.chain._issuers import issuer_table
from exposure.chain._leverage import of_name, underlying_of
from exposure.chain._measure import effective_weight, measure
from exposure.types import Book, Holding, Override, Part, Snapshot

DAY = date(2025, 1, 24)


def book(*holdings: Holding, **options) -> Book:
    return to_book(Snapshot("test.csv", "csv", DAY, (DAY,), "USD", holdings), **options)


def line(ticker: str | None, value: float, name: str | None = None, kind="equity") -> Holding:
    return Holding(2, kind, ticker=ticker, name=name, market_value=value, currency="USD", value_currency="USD")


def cash(value: float) -> Holding:
    return Holding(9, "cash", name="Cash", market_value=value, currency="USD", value_currency="USD")


NAMED = {
    "Direxion Daily Semiconductor Bear 3X": (-3.0, "SOXX"),
    "DIREXION SHS ETF TR DAILY SEMICONDUCTOR BULL 3X SHS": (3.0, "SOXX"),
    "Direxion Daily NVDA Bear 1X Shares": (-1.0, "NVDA"),
    "Direxion Daily Dow Jones Internet Bear 3X Shares": (-3.0, "FDN"),
    "ProShares UltraPro Short QQQ": (-3.0, "QQQ"),
    "PROSHARES TR ULTRASHORT QQQ NEW": (-2.0, "QQQ"),
    "ProShares UltraShort Technology": (-2.0, "XLK"),
    "ProShares Ultra Gold": (2.0, "GLD"),
    "ProShares Short QQQ": (-1.0, "QQQ"),
    "UltraPro Short QQQ": (-3.0, "QQQ"),
    "Short QQQ": (-1.0, "QQQ"),
    "SPXU ProShares UltraPro Short S&P500": (-3.0, "SPY"),
    "Leverage Shares 3x NVIDIA": (3.0, "NVDA"),
    "Leverage Shares -3x Short Tesla (TSLA) ETP": (-3.0, "TSLA"),
    "Leverage Shares 2x Taiwan Semiconductor ETP": (2.0, "TSM"),
    "GraniteShares 3x Short NVIDIA Daily ETP": (-3.0, "NVDA"),
    "GraniteShares 1.5x Long NVDA Daily ETF": (1.5, "NVDA"),
    "AXS 1.25X NVDA Bear Daily ETF": (-1.25, "NVDA"),
    "T-Rex 2X Inverse Tesla Daily Target ETF": (-2.0, "TSLA"),
    "Tradr 2X Long PLTR Daily ETF": (2.0, "PLTR"),
    "3x NVIDIA": (3.0, "NVDA"),
    "2x Long Palantir": (2.0, "PLTR"),
    "MicroSectors FANG+ Index -3X Inverse Leveraged ETNs due January 8, 2038": (-3.0, "FNGS"),
    "MicroSectors FANG & Innovation 3x Leveraged ETN": (3.0, "SOLFANGT"),
    "WisdomTree NASDAQ 100 3x Daily Short": (-3.0, "QQQ"),
    "Amundi Nasdaq-100 Daily (2x) Leveraged UCITS ETF - Acc": (2.0, "QQQ"),
    "Amundi CAC 40 Daily (-2x) Inverse UCITS ETF Acc": (-2.0, "CAC.PA"),
    "Amundi ETF Short Nasdaq-100 Daily": (-1.0, "QQQ"),
    "Lyxor PEA Nasdaq-100 Daily Inverse UCITS ETF": (-1.0, "QQQ"),
    "Lyxor CAC 40 Daily Double Short UCITS ETF": (-2.0, "CAC.PA"),
    "Xtrackers S&P 500 2x Inverse Daily Swap UCITS ETF 1C": (-2.0, "SPY"),
    "Xtrackers ShortDAX x2 Daily Swap UCITS ETF": (-2.0, "EXS1.DE"),
    "BetaPro NASDAQ-100 -2x Daily Bear ETF": (-2.0, "QQQ"),
    "DIREXION SHS ETF TR DLY SMCAP BEAR3X": (-3.0, "IWM"),
    "ProShares Short High Yield": (-1.0, "HYG"),
    "ProShares UltraShort Dow30": (-2.0, "DIA"),
    "ProFunds UltraNASDAQ-100": (2.0, "QQQ"),
    "ProFunds Semiconductor UltraSector": (1.5, "SOXX"),
    "Leverage Shares -1x Short Alphabet (GOOG) ETP": (-1.0, "GOOG"),
    "Leverage Shares −3× Short NVIDIA (NVDA) ETP": (-3.0, "NVDA"),
    "L&G DAX Daily 2x Short UCITS ETF": (-2.0, "EXS1.DE"),
    "L&G FTSE 100 Super Short Strategy (Daily 2x) UCITS ETF": (-2.0, "ISF.L"),
    "Xtrackers LevDAX Daily Swap UCITS ETF 1C": (2.0, "EXS1.DE"),
    "Lyxor UCITS ETF Daily Leverage CAC 40": (2.0, "CAC.PA"),
    "Amundi ETF Leveraged MSCI USA Daily UCITS ETF": (2.0, "SPY"),
    "CSOP NASDAQ-100 Index Daily (-2x) Inverse Product": (-2.0, "QQQ"),
    "TIGER US NASDAQ100 Leverage (Synth)": (2.0, "QQQ"),
    "KODEX 200 Futures Inverse 2X": (-2.0, "EWY"),
    "KODEX Leverage": (2.0, None),
    "KODEX Inverse": (-1.0, None),
    "NEXT FUNDS Nikkei 225 Leveraged Index Exchange Traded Fund": (2.0, "EWJ"),
    "NEXT FUNDS Nikkei 225 Double Inverse Index ETF": (-2.0, "EWJ"),
    "WisdomTree FTSE MIB 3x Daily Short": (-3.0, "EWI"),
    "Vontobel Faktor 4x Short NASDAQ 100": (-4.0, "QQQ"),
    "ProShares Short VIX Short-Term Futures ETF": (-0.5, None),
    "ProShares Ultra VIX Short-Term Futures ETF": (1.5, None),
}
PLAIN = (
    "10x Genomics Inc",
    "NVIDIA Corp",
    "Ultra Clean Holdings Inc",
    "PIMCO Enhanced Short Maturity Active ETF",
    "JPMorgan Ultra-Short Income ETF",
    "iShares Ultra Short-Term Bond Active ETF",
    "ProShares Short Term USD Emerging Markets Bond ETF",
    "ProShares S&P 500 Dividend Aristocrats ETF",
    "BlackRock Global Long/Short Credit Fund",
    "iShares Short Treasury Bond ETF",
    "SPDR Bloomberg 1-3 Month T-Bill ETF",
    "ProShares VIX Short-Term Futures ETF",
    "Invesco Leveraged Loan ETF",
    "Innovator U.S. Equity Ultra Buffer ETF - January",
    # Companies, which a file may list among its funds.
    "Bear Creek Mining Corp",
    "Bull Run Corp",
    "Build-A-Bear Workshop Inc",
    "Inverse Biotech Inc",
    "2X Ltd",
    "X5 Retail Group GDR",
)


@pytest.mark.parametrize("name", NAMED)
def test_factor_and_what_it_applies_to_are_read_out_of_a_name(name: str) -> None:
    found = of_name(name)
    assert found is not None and (found.factor, found.underlying) == NAMED[name]


@pytest.mark.parametrize("name", NAMED)
def test_a_fund_that_the_file_calls_a_share_is_read_alike(name: str) -> None:
    assert of_name(name, fund=False) == of_name(name)


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_short_of_time_or_merely_named_so_is_not_multiplied(name: str) -> None:
    assert of_name(name) is None


def test_a_company_with_a_number_in_its_name_is_no_fund() -> None:
    assert of_name("X3 Holdings Co Ltd", fund=False) is None


@given(st.sampled_from(sorted(NAMED)), st.sampled_from((str.upper, str.lower, str.title)))
def test_neither_case_nor_space_changes_what_is_read(name: str, way) -> None:
    found = of_name(f"  {way(name)} ")
    assert found is not None and (found.factor, found.underlying) == NAMED[name]


def test_every_fund_that_stands_for_an_index_is_in_the_table() -> None:
    """A pattern of `indices.csv` whose fund nobody knows would place nothing."""
    from exposure.chain._leverage import _indices

    for pattern, symbol in _indices():
        entry = issuer_table().of(symbol)
        assert entry is not None and entry.factor is None, (pattern.pattern, symbol)


def test_names_of_the_table_read_as_the_table_has_them() -> None:
    """The rule against the table, which is an independent source: the factor of every leveraged fund of it."""
    geared = [e for e in issuer_table().entries if e.factor is not None]
    assert len(geared) > 60
    for entry in geared:
        found = of_name(entry.name)
        assert found is not None and found.factor == entry.factor, entry.name


def test_an_inverse_fund_is_a_short_of_what_it_tracks() -> None:
    """SOXS 2000 of 10000 at −3: of SOXX 0.756 is chips, so −3 · 0.2 · 0.756 = −0.4536."""
    held = book(line("SOXS", 2_000.0, "Direxion Daily Semiconductor Bear 3X"), cash(8_000.0))
    chips = next(e for e in measure(held).by_segment if e.segment == "chips")
    assert chips.weight == pytest.approx(0.1512)
    assert chips.effective == pytest.approx(-0.4536)


@pytest.mark.parametrize("name", ["Leverage Shares -3x Short NVIDIA ETP", "Acme Daily NVDA Bear 3X"])
def test_a_fund_that_only_its_name_tells_stands_where_its_stock_does_and_says_so(name: str) -> None:
    held = book(line("ZZZ9", 1_000.0, name), cash(9_000.0))
    own, nvidia = held.lines[0], issuer_table().of("NVDA")
    assert nvidia is not None
    assert (own.factor, own.underlying, own.geared_by) == (-3.0, "NVDA", "name")
    assert own.assignment.parts == nvidia.parts and own.assignment.origin == "rule"
    said = [i for i in held.issues if name in i.what]
    assert len(said) == 1 and "by its name" in said[0].what and said[0].weight == pytest.approx(0.1)
    assert "delta" in said[0].remedy
    effective = {e.segment: e.effective for e in measure(held).by_segment}
    assert effective["chips"] == pytest.approx(-3 * 0.1 * 0.98)


def test_a_factor_that_nobody_knows_is_said_and_multiplies_nothing() -> None:
    held = book(line("ZZZ9", 1_000.0, "AXS TSLA Bear Daily ETF", "fund"), cash(9_000.0))
    assert held.lines[0].factor is not None and isnan(held.lines[0].factor)
    assert effective_weight(held.lines[0], held.capital) is None
    assert any("not by how much" in i.what for i in held.issues)
    assert fsum(e.effective for e in measure(held).by_segment) == pytest.approx(1.0)


def test_the_users_factor_mends_it_as_the_remedy_says() -> None:
    own = Override(None, "ZZZ9", (), "its prospectus", "ann", DAY, delta=-1.0)
    held = book(line("ZZZ9", 1_000.0, "AXS TSLA Bear Daily ETF", "fund"), cash(9_000.0), overrides=[own])
    assert (held.lines[0].factor, held.lines[0].underlying) == (-1.0, "TSLA")
    assert held.lines[0].assignment.origin == "rule"
    assert not [i for i in held.issues if "not by how much" in i.what]


def test_a_name_that_states_another_factor_beats_the_table() -> None:
    """NVDS was minus 1.25 times under its first name and is minus 1.5 times now."""
    held = book(line("NVDS", 1_000.0, "AXS 1.25X NVDA Bear Daily ETF"), line("NVDS", 1_000.0), cash(8_000.0))
    assert [x.factor for x in held.lines[:2]] == [-1.25, -1.5]
    assert [x.geared_by for x in held.lines[:2]] == ["name", "table"]


def test_a_users_segments_stay_beside_the_factor() -> None:
    own = Override(None, "SOXS", (Part("chips.memory", 1.0),), "why", "ann", DAY)
    held = book(line("SOXS", 2_000.0), cash(8_000.0), overrides=[own])
    effective = {e.segment: e.effective for e in measure(held).by_sub_segment}
    assert effective["chips.memory"] == pytest.approx(-0.6)


@given(st.floats(1.0, 1e6), st.sampled_from([-3.0, -2.0, -1.0, 1.5, 2.0, 3.0]))
def test_effective_is_what_the_underlying_times_the_factor_would_be(value: float, factor: float) -> None:
    """A fund of −3 on SOXX beside the short of three times as much SOXX: the same exposure in every segment."""
    own = Override(None, "SOXL", (), "test", "ann", DAY, delta=factor)
    fund = measure(book(line("SOXL", value), cash(1e7), overrides=[own]))
    plain = measure(book(line("SOXX", factor * value), cash(1e7 + value - factor * value)))
    for one, other in zip(fund.by_segment, plain.by_segment, strict=True):
        if one.segment != "cash":
            assert one.effective == pytest.approx(other.weight, rel=1e-9, abs=1e-15)


def test_what_is_tracked_is_found_by_its_symbol_beside_the_name() -> None:
    assert underlying_of("Leverage Shares 3x Long NVIDIA (NVDA) ETP Securities") == "NVDA"
    assert underlying_of("Acme 3x Long Basket of Things ETP") is None
