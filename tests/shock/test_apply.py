"""What a scenario does to a book: hand-worked sums, properties of the arithmetic, the order of the moves."""

from datetime import date
from math import exp, fsum, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.chain import to_book
from exposure.scenarios import load_scenario
from exposure.shock import apply
from exposure.types import Holding, Observed, Scenario, Snapshot, Window

REPLAY = load_scenario("deepseek-2025-01-27")
DAY = date(2025, 1, 24)


def snapshot(*holdings: Holding, currency: str | None = "USD") -> Snapshot:
    return Snapshot("test.csv", "csv", DAY, (DAY,), currency, holdings)


def line(ticker: str, value: float | None, row: int = 2, **more) -> Holding:
    more = {"currency": "USD", "value_currency": "USD"} | more
    return Holding(row=row, ticker=ticker, market_value=value, **more)


def cash(value: float, currency: str = "USD", row: int = 9) -> Holding:
    return Holding(
        row=row, kind="cash", name=f"{currency} cash", market_value=value, currency=currency, value_currency=currency
    )


def shock(*holdings: Holding, scenario: Scenario = REPLAY, **options):
    return apply(to_book(snapshot(*holdings), **options), scenario)


def custom(**fields) -> Scenario:
    return Scenario(id="test", title="Test", kind="custom", **({"rest": 0.0} | fields))


def test_a_book_long_only_nvidia_falls_by_what_nvidia_fell():
    """142.62 → 118.42 is −16.97 %."""
    result = shock(line("NVDA", 1_000.0))
    assert result.total_return == pytest.approx(118.42 / 142.62 - 1, abs=1e-4)
    assert result.positions[0].move.provenance == "observed"
    assert result.positions[0].move.via == "own_price"


def test_a_short_gains_what_a_long_loses():
    short = shock(line("NVDA", -1_000.0))
    assert short.book.capital_basis == "gross"
    assert short.total_return == -shock(line("NVDA", 1_000.0)).total_return


def test_cash_in_the_books_currency_rests():
    assert shock(cash(500.0)).total_return == 0


def test_half_in_cash_is_the_mean():
    whole = shock(line("NVDA", 100.0)).total_return
    assert shock(line("NVDA", 100.0), cash(100.0)).total_return == pytest.approx(whole / 2, abs=1e-15)


def test_a_hedged_book_is_measured_against_gross_exposure():
    """Long 100 NVDA, short 98 AVGO: net 2 is under 5 % of gross 198, so shares are of 198."""
    result = shock(line("NVDA", 100.0), line("AVGO", -98.0, row=3))
    moves = {p.line.listing: p.move.total for p in result.positions}
    assert result.book.capital == 198.0
    assert result.total_return == pytest.approx((100 * moves["NVDA"] - 98 * moves["AVGO"]) / 198, abs=1e-15)


def test_a_foreign_line_adds_its_currency():
    """Local −10 % with the yen +2 % against the dollar: 0.9 · 1.02 − 1 = −8.2 %."""
    scenario = custom(isins={"JP3571400005": -0.10}, fx={"JPY": 0.02})
    result = shock(line("8035", 100.0, isin="JP3571400005", currency="JPY"), scenario=scenario)
    assert result.positions[0].move.fx == pytest.approx(0.02)
    assert result.total_return == pytest.approx(0.9 * 1.02 - 1)


def test_the_books_own_currency_counts_too():
    """A dollar line in a book of euros while the euro rises 1 %: (1 − 0.1) / 1.01 − 1 = −10.89 %."""
    result = shock(
        line("NVDA", 100.0, value_currency="EUR"),
        scenario=custom(tickers={"NVDA": -0.10}, fx={"EUR": 0.01}),
        base_currency="EUR",
    )
    assert result.total_return == pytest.approx(0.9 / 1.01 - 1)


def test_an_isin_beats_a_listing_beats_an_issuer_beats_a_sub_segment_beats_a_segment_beats_the_rest():
    whole = {
        "isins": {"NL0010273215": -0.01},
        "tickers": {"ASML.AS": -0.02, "ASML": -0.03},
        "segments": {"equipment.wafer_fab": -0.04, "equipment": -0.05},
        "rest": -0.06,
    }
    held = line("ASML", 100.0, isin="NL0010273215", exchange="Euronext Amsterdam", currency="EUR", value_currency="USD")

    def first() -> tuple[float, str, str]:
        move = shock(held, scenario=custom(**whole)).positions[0].move
        return round(move.shock, 12), move.provenance, move.via

    assert first() == (-0.01, "user", "isin")
    del whole["isins"]
    assert first() == (-0.02, "user", "listing")
    whole["tickers"] = {"ASML": -0.03}
    assert first() == (-0.03, "user", "issuer")
    del whole["tickers"]
    assert first() == (-0.04, "modelled", "sub_segment")
    whole["segments"] = {"equipment": -0.05}
    assert first() == (-0.05, "modelled", "segment")
    del whole["segments"]
    assert first() == (-0.06, "modelled", "rest")


def test_a_ticker_with_its_suffix_is_that_listing_alone():
    scenario = custom(tickers={"ASML.AS": -0.5})
    assert shock(line("ASML", 100.0, exchange="NASDAQ"), scenario=scenario).total_return == 0


def test_a_line_in_several_segments_mixes_log_moves_by_weight():
    """Tower of weights w: exp(Σ w·ln(1 + move)) − 1, with what no segment reaches moving as the rest does."""
    scenario = custom(
        segments={"software": 0.05, "foundation_models": -0.10, "chips": -0.2, "equipment": -0.3}, rest=0.01
    )
    book = to_book(snapshot(line("MSFT", 100.0)))
    result = apply(book, scenario)
    moves = {"software": 0.05, "foundation_models": -0.10, "chips": -0.2, "equipment": -0.3, "outside": 0.01}
    expected = exp(fsum(p.weight * log(1 + moves[p.segment.split(".")[0]]) for p in book.lines[0].assignment.parts)) - 1
    assert len(book.lines[0].assignment.parts) > 1
    assert result.total_return == pytest.approx(expected, abs=1e-15)


def _tiny(moves: dict[str, float], fx: dict[str, float] | None = None, **more) -> Scenario:
    seen = {s: Observed(s, "USD", DAY, date(2025, 1, 27), m) for s, m in moves.items()}
    return Scenario(
        id="tiny",
        title="Tiny",
        kind="replay",
        rest="outside",
        observed=seen,
        windows={"": Window(DAY, date(2025, 1, 27), fx or {})},
        fx_known=frozenset({"USD", "EUR"}),
        **more,
    )


def test_a_name_without_a_price_takes_the_mean_log_move_of_its_sub_segment():
    """CRWD −10 % and PANW +5 % stand in security; ZS without a price gets their weighted mean log move."""
    from exposure.chain._issuers import issuer_table

    weights = {
        s: next((p.weight for p in issuer_table().of(s).parts if p.segment == "software.security"), 0.0)
        for s in ("CRWD", "PANW")
    }
    result = shock(line("ZS", 100.0), scenario=_tiny({"CRWD": -0.10, "PANW": 0.05}))
    security = next(p.weight for p in issuer_table().of("ZS").parts if p.segment == "software.security")
    mean = (weights["CRWD"] * log(0.9) + weights["PANW"] * log(1.05)) / (weights["CRWD"] + weights["PANW"])
    assert security == 1.0
    assert result.total_return == pytest.approx(exp(mean) - 1, abs=1e-15)
    assert (result.positions[0].move.provenance, result.positions[0].move.via) == ("modelled", "sub_segment")


def test_a_sub_segment_that_nobody_traded_in_takes_its_segments_mean():
    result = shock(line("ZS", 100.0), scenario=_tiny({"SNOW": -0.02}))
    assert result.positions[0].move.via == "segment"
    assert result.total_return == pytest.approx(-0.02)


def test_a_name_outside_takes_its_sectors_fund_else_the_mean_of_those_outside():
    """A bank moves as XLF; a retailer, whose fund was not observed, as JPM and PG: √(1.02 · 0.99) − 1."""
    scenario = _tiny({"XLF": 0.013, "JPM": 0.02, "PG": -0.01})
    assert shock(line("BAC", 100.0), scenario=scenario).total_return == pytest.approx(0.013)
    shop = shock(line("HD", 100.0), scenario=scenario)
    assert shop.total_return == pytest.approx((1.02 * 0.99) ** 0.5 - 1)
    assert shop.positions[0].move.via == "rest"


def test_another_line_of_the_issuer_stands_for_one_without_a_price():
    """ASML in New York −5.75 % in dollars, the euro +1 %: Amsterdam moves 0.9425 / 1.01 − 1."""
    scenario = _tiny({"ASML": -0.0575}, {"EUR": 0.01})
    held = line("ASML", 100.0, exchange="Euronext Amsterdam", currency="EUR")
    move = shock(held, scenario=scenario).positions[0].move
    assert (move.provenance, move.via) == ("proxy", "other_line")
    assert move.shock == pytest.approx(0.9425 / 1.01 - 1)
    assert move.total == pytest.approx(-0.0575)


def test_options_and_bonds_are_counted_and_never_moved():
    option = Holding(
        row=3, kind="option", ticker="NVDA 250620C00150000", market_value=50.0, value_currency="USD", underlying="NVDA"
    )
    result = shock(line("NVDA", 50.0), option)
    assert result.positions[1].pnl == 0
    assert result.coverage["none"] == 0.5
    assert any("option" in i.what for i in result.issues)


def test_a_threefold_fund_moves_by_its_factor_or_not_at_all():
    """SOXX −2 %: a fund of three times the same index −6 %; one whose factor is unknown rests and says so."""
    triple = shock(
        Holding(row=2, kind="fund", ticker="SOXL", market_value=100.0, currency="USD", value_currency="USD"),
        scenario=_tiny({"SOXX": -0.02}),
    )
    assert triple.total_return == pytest.approx(-0.06)
    assert triple.positions[0].move.via == "factor"
    unknown = Holding(
        row=2,
        kind="fund",
        ticker="ZZZU",
        name="Acme 3x Long Chips ETP",
        market_value=100.0,
        currency="USD",
        value_currency="USD",
    )
    result = shock(unknown, scenario=_tiny({"SOXX": -0.02}))
    assert (result.total_return, result.positions[0].move.provenance) == (0, "none")


def test_a_fund_looked_through_keeps_its_own_total():
    """SMH −9 % by its own price, all it holds −17 %: a residual of +8 % of its value, outside."""
    inside = Snapshot(
        "smh.csv",
        "csv",
        DAY,
        (DAY,),
        None,
        (Holding(2, ticker="NVDA", weight=0.6), Holding(3, ticker="AVGO", weight=0.4)),
    )
    held = Holding(row=2, kind="fund", ticker="SMH", market_value=100.0, currency="USD", value_currency="USD")
    result = shock(held, scenario=_tiny({"SMH": -0.09, "NVDA": -0.17, "AVGO": -0.17}), inside={"SMH": inside})
    residual = result.positions[-1]
    assert residual.move.via == "fund_residual"
    assert residual.pnl == pytest.approx(8.0)
    assert result.total_return == pytest.approx(-0.09)
    assert {p.line.inside for p in result.positions} == {"SMH"}


def test_a_rate_that_nobody_publishes_is_null_and_named():
    result = shock(line("2330", 100.0, exchange="Taiwan Stock Exchange", currency="TWD"))
    assert result.positions[0].move.fx is None
    assert any("TWD" in i.what for i in result.issues)


def test_a_name_that_nobody_knows_is_a_notice():
    result = shock(line("NVDA", 100.0), scenario=custom(tickers={"NVDAX": -0.2}))
    assert any("NVDAX" in i.what for i in result.issues)


VALUES = st.floats(-1e9, 1e9).filter(lambda v: abs(v) > 1e-3)
TICKERS = st.sampled_from(["NVDA", "AVGO", "MSFT", "CRM", "VRT", "JPM", "ZZQQ", "SMH", "TSM", "AMZN"])


@given(st.lists(st.tuples(TICKERS, VALUES), min_size=1, max_size=30))
def test_contributions_and_every_cut_add_up_to_the_total(held):
    result = shock(*(line(t, v, row=i + 2) for i, (t, v) in enumerate(held)))
    assert fsum(p.contribution for p in result.positions) == pytest.approx(result.total_return, abs=1e-12)
    for cut in (result.by_segment, result.by_sub_segment, result.by_country, result.by_currency):
        assert fsum(s.contribution for s in cut) == pytest.approx(result.total_return, abs=1e-12)
    assert fsum(result.coverage.values()) == pytest.approx(1, abs=1e-12)


@given(st.lists(st.tuples(TICKERS, VALUES), min_size=2, max_size=12), st.randoms())
def test_the_order_of_rows_changes_nothing(held, random):
    lines = [line(t, v, row=i + 2) for i, (t, v) in enumerate(held)]
    shuffled = random.sample(lines, len(lines))
    assert shock(*shuffled).pnl == pytest.approx(shock(*lines).pnl, rel=1e-12, abs=1e-6)


@given(st.lists(st.tuples(TICKERS, VALUES), min_size=1, max_size=12), st.floats(0.01, 100))
def test_a_book_twice_as_large_loses_twice_as_much(held, factor):
    lines = [line(t, v, row=i + 2) for i, (t, v) in enumerate(held)]
    larger = [line(t, v * factor, row=i + 2) for i, (t, v) in enumerate(held)]
    assert shock(*larger).pnl == pytest.approx(factor * shock(*lines).pnl, rel=1e-9, abs=1e-6)
