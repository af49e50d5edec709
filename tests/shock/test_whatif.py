"""Trades on a book: sums worked by hand, and what holds for any book and any trade."""

from dataclasses import replace
from datetime import date, timedelta
from math import fsum

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from exposure.chain import to_book
from exposure.errors import InputError
from exposure.prices import from_rows
from exposure.scenarios import load_scenario
from exposure.shock import apply
from exposure.trades._effects import days_to_trade, what_if
from exposure.trades._whatif import Fill, Trade, execute, exposure_to
from exposure.types import Book, Holding, Scenario, Snapshot

DAY = date(2025, 1, 24)
REPLAY = load_scenario("deepseek-2025-01-27")
NAMES = ("NVDA", "MU", "AVGO", "ASML.AS", "MSFT", "KO", "SMH", "CRM")


def line(ticker: str, value: float | None, **more) -> Holding:
    return Holding(2, ticker=ticker, market_value=value, **({"currency": "USD", "value_currency": "USD"} | more))


def cash(value: float, currency: str = "USD") -> Holding:
    return Holding(9, "cash", name="Cash", market_value=value, currency=currency, value_currency="USD")


def book(*holdings: Holding, **options) -> Book:
    return to_book(Snapshot("test.csv", "csv", DAY, (DAY,), "USD", holdings), **options)


def weights(**parts: float) -> Book:
    held = [Holding(n, ticker=t, weight=w, currency="USD") for n, (t, w) in enumerate(parts.items(), 2)]
    return to_book(Snapshot("test.csv", "csv", DAY, (DAY,), None, tuple(held)))


def custom(**fields) -> Scenario:
    return Scenario(id="test", title="Test", kind="custom", **({"rest": 0.0} | fields))


def share(held: Book, target: str) -> float:
    return exposure_to(held, target) / held.capital


def worth(held: Book) -> float:
    return fsum(x.market_value for x in held.lines if x.market_value is not None)


def values(held: Book) -> dict[str, float]:
    return {x.line_id: x.market_value for x in held.lines}


def test_a_segment_is_cut_to_its_limit_line_by_line_and_the_proceeds_are_cash():
    """MU 40 and AMD 20 are chips, 60 % of 100; to 30 % both are halved: 20 and 10, and 30 more in cash."""
    before = book(line("MU", 40.0), line("AMD", 20.0), line("KO", 30.0), cash(10.0))
    done = execute(before, Trade("cut", "segment:chips", 0.30))
    assert values(done.book) == pytest.approx({"MU": 20.0, "AMD": 10.0, "KO": 30.0, "Cash": 40.0})
    assert [(d.line.line_id, d.amount) for d in done.dealt] == [
        ("MU", pytest.approx(-20.0)),
        ("AMD", pytest.approx(-10.0)),
    ]
    assert done.book.nav == before.nav
    assert values(before)["MU"] == 40.0, "the book that was given stays as it is"


def test_a_limit_that_is_met_changes_nothing_and_says_so():
    before = book(line("MU", 40.0), line("KO", 60.0))
    done = execute(before, Trade("cut", "segment:chips", 0.40))
    assert done.book is before
    assert "already" in done.said[0]


@pytest.mark.parametrize("target", ["segment:equipment.servers", "issuer:NVDA", "country:NL"])
def test_what_is_known_and_not_held_is_within_any_limit(target: str):
    """A book of Micron alone holds none of the three; they are no slips of the pen."""
    done = execute(book(line("MU", 40.0), cash(60.0)), Trade("cut", target, 0.1))
    assert not done.dealt
    assert "within the limit" in done.said[0]


def test_an_issuer_is_cut_over_all_its_lines():
    """Alphabet A 30 and C 20 of 100; to 10 % both are cut to a fifth: 6 and 4."""
    key = book(line("GOOGL", 1.0)).lines[0].issuer
    done = execute(book(line("GOOGL", 30.0), line("GOOG", 20.0), line("KO", 50.0)), Trade("cut", f"issuer:{key}", 0.10))
    assert values(done.book) == pytest.approx({"GOOGL": 6.0, "GOOG": 4.0, "KO": 50.0, "cash from trades": 40.0})


def test_a_hedged_book_is_cut_by_its_gross_exposure_which_shrinks_with_it():
    """Long MU 100, short KO 98, borrowed 1: net 1 is under 5 % of gross 199, MU 50.3 % of it. To 40 %: selling x of MU
    repays the 1 and then is cash, so gross is 100 − x + 98 + (x − 1) = 197, and 100 − x = 0.4 · 197, x = 21.2."""
    before = book(line("MU", 100.0), line("KO", -98.0), cash(-1.0))
    assert before.capital_basis == "gross"
    done = execute(before, Trade("cut", "segment:chips", 0.40))
    assert values(done.book)["MU"] == pytest.approx(78.8)
    assert done.book.capital == pytest.approx(197.0)
    assert share(done.book, "segment:chips") == pytest.approx(0.40, abs=1e-12)


def test_shares_turn_from_gross_to_net_where_a_hedge_is_closed_and_that_is_said():
    """Long KO 100, short MU 98: gross 198, shares of gross. Bought back half of MU: 49 of cash borrowed, and gross is
    100 + 49 + 49 = 198; net 2 is still under 5 %. With the whole book sold to cash, gross is 2 and net is all of it."""
    before = book(line("KO", 100.0), line("MU", -98.0))
    half = execute(before, Trade("trade", "MU", 49.0, "money"))
    assert (half.book.capital_basis, half.book.gross) == ("gross", pytest.approx(100 + 49 + 49))
    flat = execute(half.book, Trade("trade", "MU", 49.0, "money"))
    closed = execute(flat.book, Trade("trade", "KO", -100.0, "money"))
    assert closed.book.capital_basis == "nav"
    assert closed.book.capital == 2.0
    assert any("net asset value from here" in said for said in closed.said)


@pytest.mark.parametrize(
    ("side", "was", "limit", "left"),
    [
        ("net", 0.40, 0.20, {"MU": 30.0, "AMD": -10.0, "Cash": 40.0}),
        ("gross", 0.80, 0.40, {"MU": 30.0, "AMD": -10.0, "Cash": 40.0}),
        ("long", 0.60, 0.30, {"MU": 30.0, "AMD": -20.0, "Cash": 50.0}),
        ("short", -0.20, 0.10, {"MU": 60.0, "AMD": -10.0, "Cash": 10.0}),
    ],
)
def test_a_limit_on_gross_on_longs_or_on_shorts_alone(side, was, limit, left):
    """MU 60, AMD −20, KO 40 and cash 20 are 100: chips net 40, gross 80, long 60, short −20; each is halved.

    Net and gross scale both lines: 30 comes in for MU, 10 goes out for AMD, cash is 40. Long alone: 30 in, 50. Short
    alone: 10 out, 10.
    """
    before = book(line("MU", 60.0), line("AMD", -20.0), line("KO", 40.0), cash(20.0))
    assert exposure_to(before, "segment:chips", side) == pytest.approx(was * 100)
    done = execute(before, Trade("cut", "segment:chips", limit, side=side))
    assert values(done.book) == pytest.approx({"KO": 40.0, **left})
    assert abs(exposure_to(done.book, "segment:chips", side)) == pytest.approx(limit * 100)


def test_a_short_gains_when_the_price_falls():
    """SMH −10 % by hand: 20 short of a book of 100 gains 2 %; the proceeds rest in cash and the net value stays."""
    before = book(line("KO", 100.0))
    done = execute(before, Trade("short", "SMH", 0.20))
    assert values(done.book) == {"KO": 100.0, "short SMH": -20.0, "cash from trades": 20.0}
    assert done.book.nav == 100.0
    assert apply(done.book, custom(tickers={"SMH": -0.10})).total_return == pytest.approx(0.02, abs=1e-15)


def test_a_short_moves_by_its_own_observed_price():
    done = execute(book(line("KO", 100.0)), Trade("short", "smh", 20.0, "money"))
    short = next(p for p in apply(done.book, REPLAY).positions if p.line.line_id == "short SMH")
    assert (short.move.provenance, short.move.via) == ("observed", "own_price")
    assert short.pnl == pytest.approx(-20.0 * REPLAY.observed["SMH"].move)


def test_cash_dilutes_what_is_held():
    """NVDA −20 % on 100 is −20 %; with 100 more in cash, −20 on 200: −10 %."""
    done = execute(book(line("NVDA", 100.0)), Trade("cash", amount=100.0, unit="money"))
    assert done.book.nav == 200.0
    assert apply(done.book, custom(tickers={"NVDA": -0.2})).total_return == pytest.approx(-0.10)


def test_a_book_of_weights_keeps_a_value_of_one():
    """MU 60 %, KO 40 %: with a quarter added as cash, 0.6 / 1.25 is 48 %, 0.4 / 1.25 is 32 %, and 20 % is cash."""
    done = execute(weights(MU=0.6, KO=0.4), Trade("cash", amount=0.25))
    assert values(done.book) == pytest.approx({"MU": 0.48, "KO": 0.32, "cash from trades": 0.20})
    assert (done.book.nav, done.book.capital, done.book.basis) == (1.0, 1.0, "weights")
    cut = execute(done.book, Trade("cut", "segment:chips", 0.10))
    assert share(cut.book, "segment:chips") == pytest.approx(0.10, abs=1e-15)


def test_a_fund_that_is_looked_through_is_sold_whole_and_only_where_needed():
    """MU 30 direct, and a fund of 40 that is half MU: 50 of 100. To 35 % MU alone is sold, 15 of it. To 10 % MU goes,
    and half of the fund with it, so its own half of KO too."""
    inside = Snapshot("f.csv", "csv", DAY, (DAY,), "USD", (
        Holding(2, ticker="MU", weight=0.5, currency="USD"), Holding(3, ticker="KO", weight=0.5, currency="USD"),
    ))  # fmt: skip
    before = book(line("MU", 30.0), line("SMH", 40.0, kind="fund"), line("PEP", 30.0), inside={"SMH": inside})
    assert share(before, "segment:chips") == pytest.approx(0.50)
    first = execute(before, Trade("cut", "segment:chips", 0.35))
    assert values(first.book)["MU"] == pytest.approx(15.0)
    assert not first.said
    second = execute(before, Trade("cut", "segment:chips", 0.10))
    assert "MU" not in values(second.book)
    assert values(second.book)["SMH/MU"] == values(second.book)["SMH/KO"] == pytest.approx(10.0)
    assert second.book.funds[0].market_value == pytest.approx(20.0)
    assert "funds are sold whole" in second.said[0]
    with pytest.raises(InputError, match="held through SMH"):
        execute(before, Trade("trade", "SMH/MU", -1.0, "money"))


@pytest.mark.parametrize(
    ("trade", "said"),
    [
        (Trade("cut", "segment:cash", 0.1), "cannot be cut"),
        (Trade("cut", "chips", 0.1), "cannot be cut"),
        (Trade("cut", "segment:chips", -0.1), "below zero"),
        (Trade("cut", "segment:chip", 0.1), "no segment is called chip; name one of foundation_models, chips, "),
        (Trade("cut", "segment:chips.mem", 0.1), "name one of chips.accelerators, chips.memory"),
        (Trade("cut", "issuer:NVIDA", 0.1), "knows the issuer NVIDA; name one that the book holds, such as MU"),
        (Trade("cut", "country:XX", 0.1), "knows the country XX; name one that the book holds, such as US"),
        (Trade("cut", "segment:chips", float("nan")), "no amount"),
        (Trade("short", "NO SUCH", 0.1), "not in the project"),
        (Trade("short", "SMH", 0.0), "not above zero"),
        (Trade("trade", "XYZ", 0.1), "holds no line"),
        (Trade("trade", "Cash", 0.1), "no value to trade by"),
        (Trade("cash", amount=-2.0), "leaves no net asset value"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(trade: Trade, said: str):
    held = book(line("MU", 40.0), cash(60.0))
    with pytest.raises(InputError, match=said):
        execute(held, trade)
    tried = what_if(held, custom(), [trade, Trade("cut", "segment:chips", 0.2)])
    assert tried.effects[0].done.refused
    assert share(tried.after.book, "segment:chips") == pytest.approx(0.2)


def test_what_is_sold_beyond_what_is_held_is_said_to_be_a_short():
    done = execute(book(line("MU", 40.0), cash(60.0)), Trade("trade", "MU", -50.0, "money"))
    assert values(done.book)["MU"] == pytest.approx(-10.0)
    assert "a short" in done.said[0]


amounts = st.floats(-1e6, 1e6, allow_subnormal=False).filter(lambda v: abs(v) > 1.0)
held = st.dictionaries(st.sampled_from(NAMES), amounts, min_size=1, max_size=6)
balances = st.floats(-1e5, 1e6, allow_subnormal=False)
targets = st.sampled_from(
    ["segment:chips", "segment:chips.memory", "segment:software", "segment:equipment", "country:US"]
)


def made(parts: dict[str, float], balance: float) -> Book:
    try:
        return book(*(line(t, v) for t, v in parts.items()), cash(balance))
    except InputError:  # worth nothing
        assume(False)
        raise


@given(held, balances, targets)
def test_net_is_longs_and_shorts_and_gross_their_sizes(parts, balance, target):
    before = made(parts, balance)
    net, gross, longs, shorts = (exposure_to(before, target, side) for side in ("net", "gross", "long", "short"))
    assert shorts <= 0 <= longs
    assert net == pytest.approx(longs + shorts, abs=1e-9 * before.gross)
    assert gross == pytest.approx(longs - shorts, abs=1e-9 * before.gross)


@settings(max_examples=100)
@given(held, balances, targets, st.floats(0.0, 1.5), st.sampled_from(["gross", "long", "short"]))
def test_a_cut_of_a_side_reaches_its_limit_and_keeps_the_net_value(parts, balance, target, limit, side):
    before = made(parts, balance)
    done = execute(before, Trade("cut", target, limit, side=side))

    def size(held):
        return abs(exposure_to(held, target, side)) / held.capital

    if size(before) <= limit:
        assert done.book is before
    elif done.book.capital_basis == before.capital_basis:
        assert size(done.book) == pytest.approx(limit, abs=1e-9)
    else:
        assert size(done.book) <= limit + 1e-9
    assert done.book.nav == before.nav
    assert worth(done.book) == pytest.approx(before.nav, abs=1e-9 * max(before.gross, 1.0))
    other = {"long": "short", "short": "long"}.get(side)
    if other:
        kept = exposure_to(done.book, target, other), exposure_to(before, target, other)
        assert kept[0] == pytest.approx(kept[1], abs=1e-9 * before.gross)


@settings(max_examples=200)
@given(held, balances, targets, st.floats(0.0, 1.5))
@example({"NVDA": 3.0, "MU": -2.0}, 0.0, "segment:chips", 1e-05)
@example({"NVDA": 2.0}, -2.0, "segment:chips", 0.0)
def test_a_cut_gives_exactly_the_limit_and_keeps_the_net_value(parts, balance, target, limit):
    """Long and short books, hedged ones too, where capital is gross exposure and moves with the cut."""
    before = made(parts, balance)
    was = share(before, target)
    try:
        done = execute(before, Trade("cut", target, limit))
    except InputError as refused:  # what is cut was all there was, and owed: nothing would be left
        assert "nothing would be left" in str(refused)
        assert before.nav == pytest.approx(0.0, abs=1e-9 * before.gross)
        return
    if abs(was) <= limit:
        assert done.book is before
    else:
        assert abs(share(done.book, target)) == pytest.approx(limit, abs=1e-12)
        assert share(done.book, target) * was >= 0
    assert done.book.nav == before.nav
    assert worth(done.book) == pytest.approx(before.nav, abs=1e-9 * max(before.gross, 1.0))


trades = st.one_of(
    st.builds(Trade, st.just("cut"), targets, st.floats(0.0, 0.6)),
    st.builds(Trade, st.just("short"), st.sampled_from(["SMH", "SOXX", "QQQ"]), st.floats(0.01, 0.5)),
    st.builds(Trade, st.just("trade"), st.sampled_from(NAMES), st.floats(-0.3, 0.3)),
    st.builds(Trade, st.just("cash"), st.just(""), st.floats(0.0, 0.5)),
)


@settings(max_examples=60)
@given(held, balances, st.lists(trades, min_size=1, max_size=4))
def test_what_trades_add_is_the_whole_change(parts, balance, tried):
    before = made(parts, balance)
    found = what_if(before, REPLAY, tried)
    assert found.before.book is before
    assert fsum(e.change for e in found.effects) == pytest.approx(found.change, abs=1e-12)
    pnl = found.after.pnl - found.before.pnl
    assert fsum(e.pnl for e in found.effects) == pytest.approx(pnl, abs=1e-9 * max(found.before.book.gross, 1.0))
    now = before
    for effect in found.effects:
        if effect.done.trade.kind != "cash":
            assert effect.done.book.nav == now.nav
        now = effect.done.book
        assert worth(now) == pytest.approx(now.nav, abs=1e-9 * max(now.gross, 1.0))
        assert fsum(x.weight for x in now.lines) == pytest.approx(now.nav / now.capital, abs=1e-9)


@given(st.floats(0.0, 0.2), st.floats(0.0, 0.2), st.floats(0.01, 0.3))
def test_trades_in_other_lines_add_up_alone_as_in_sequence(one, other, short):
    """Money, not shares, in a long book: capital stays, so the effects are linear."""
    before = book(line("MU", 40.0), line("KO", 30.0), cash(30.0))
    tried = [
        Trade("trade", "MU", -100 * one, "money"),
        Trade("trade", "KO", -100 * other, "money"),
        Trade("short", "SMH", 100 * short, "money"),
    ]
    found = what_if(before, REPLAY, tried)
    for effect in found.effects:
        assert effect.alone == pytest.approx(effect.change, abs=1e-12)


@given(st.floats(-0.9, 0.9), st.floats(0.01, 2.0))
def test_a_short_earns_what_the_listing_loses(move, size):
    done = execute(book(line("KO", 100.0)), Trade("short", "SMH", size))
    if done.book.capital_basis == "nav":
        gained = apply(done.book, custom(tickers={"SMH": move})).total_return
        assert gained == pytest.approx(-size * move, abs=1e-12)


def market(currency: str = "USD", sessions: int = 30, volume: float | None = 1000.0):
    days = [DAY - timedelta(n) for n in range(sessions)]
    return from_rows(("MU", day, 100.0, None, volume, currency, "raw") for day in days)


def test_days_to_trade_are_the_deal_over_a_share_of_the_turnover():
    """1,000 shares a day at 100 dollars are 100,000; at a fifth of it, 50,000 take 2.5 sessions."""
    held = book(line("MU", 100_000.0))
    deal = Fill(held.lines[0], -50_000.0)
    assert days_to_trade(deal, held, market(), 0.2) == pytest.approx(2.5)
    pence = market("GBX")
    assert days_to_trade(deal, replace(held, currency="GBP"), pence, 0.2) == pytest.approx(250.0)


def test_days_to_trade_are_unknown_without_volume_money_or_recent_prices():
    held = book(line("MU", 100_000.0))
    deal = Fill(held.lines[0], -50_000.0)
    assert days_to_trade(deal, held, market(volume=None), 0.2) is None
    assert days_to_trade(deal, held, market(sessions=4), 0.2) is None
    assert days_to_trade(deal, replace(held, as_of=DAY + timedelta(90)), market(), 0.2) is None
    assert days_to_trade(deal, replace(held, basis="weights"), market(), 0.2) is None
    assert days_to_trade(deal, book(line("KO", 1.0)), from_rows([]), 0.2) is None
