"""Choices of a scenario that no sum elsewhere would miss: one case apiece, worked by hand."""

from __future__ import annotations

from datetime import date, timedelta
from math import copysign, log
from types import SimpleNamespace

import pytest

from exposure.chain import to_book
from exposure.chain._loadings import Name
from exposure.errors import MissingPrice
from exposure.prices import from_rows
from exposure.prices._calendars import span
from exposure.scenarios import parse_scenario
from exposure.scenarios._covariance import daily_returns
from exposure.scenarios._equations import Equations
from exposure.scenarios._levers import LEVERS_AT_REST, PRESETS, RANGES, Preset
from exposure.scenarios._observe import _issues
from exposure.scenarios._predict import _exposures
from exposure.types import Holding, Scenario, Snapshot


@pytest.mark.parametrize(
    ("china", "china_ai", "move"),
    [(0.0, 1.0, 0.05), (0.5, 0.0, -0.10), (0.5, 1.0, -0.05), (0.0, 0.0, 0.0), (0.0, 0.4, 0.02)],
)
def test_chinese_names_by_hand(china: float, china_ai: float, move: float) -> None:
    """Curbs that are 0.05 less effective lift Chinese AI by 0.05 of its share, exports 0.2 tighter cost half of what is
    sold to China 0.10; the market, +1 %, comes on top by its beta of 2."""
    levers = {**LEVERS_AT_REST, "curbs_ineffective": 0.05, "export_tightening": 0.2, "market_move": 0.01}
    found = Equations(levers).log_move(Name("X", (), china, china_ai, 2.0))
    assert found == pytest.approx(move + 2 * log(1.01), abs=1e-12)


FRIDAY, MONDAY = date(2025, 1, 24), date(2025, 1, 27)


def test_an_exchange_without_a_calendar_has_the_two_dates_and_no_longer_horizon() -> None:
    assert span(".XYZ", FRIDAY, MONDAY) == (FRIDAY, MONDAY)
    assert span(".XYZ", FRIDAY, MONDAY, "open") == (FRIDAY, MONDAY)
    assert span(".XYZ", FRIDAY, MONDAY, horizon=3) is None, "sessions cannot be counted there"
    assert span(".XYZ", MONDAY, MONDAY) is None, "nothing moves within one close"
    assert span(".XYZ", MONDAY, FRIDAY) is None


def test_an_exchange_with_a_calendar_has_its_own_days() -> None:
    """Seoul was shut from the 27th to the 30th: nothing between the closes of Friday and Monday."""
    assert span(".KS", FRIDAY, MONDAY) is None
    assert span(".KS", FRIDAY, MONDAY, "open") == (FRIDAY, date(2025, 1, 31))


def test_lines_of_one_item_of_a_prediction_add_up_by_their_signs() -> None:
    """Alphabet A 30 and C 20 are one item of a half; a memory maker long 40, another short 10, neither priced, leave
    0.3 in memory, and half of the book has no price of its own."""
    held = [("GOOGL", 30.0), ("GOOG", 20.0), ("MU", 40.0), ("SNDK", -10.0)]
    lines = [
        Holding(n, ticker=t, market_value=v, currency="USD", value_currency="USD") for n, (t, v) in enumerate(held, 2)
    ]
    cash = Holding(9, "cash", name="Cash", market_value=20.0, currency="USD", value_currency="USD")
    book = to_book(Snapshot("t.csv", "csv", FRIDAY, (FRIDAY,), "USD", (*lines, cash)))
    shares, alone = _exposures(book, {"GOOGL": 0, "chips.memory": 1})
    assert shares == {"GOOGL": pytest.approx(0.5), "chips.memory": pytest.approx(0.3)}
    assert alone == pytest.approx(0.5)


@pytest.mark.parametrize(
    "name",
    [
        "claim_credibility",
        "inference_share",
        "distillation",
        "response_priced",
        "older_chips",
        "capex_restraint",
        "commoditisation",
        "openness",
        "software_uplift",
        "export_tightening",
        "curbs_ineffective",
        "valuation_stretch",
        "results_near",
    ],
)
def test_a_lever_that_is_a_share_goes_from_none_to_all(name: str) -> None:
    assert RANGES[name] == (0.0, 1.0)


@pytest.mark.parametrize(("count", "said"), [(1, "S00"), (8, "S07"), (9, "S07 and others"), (12, "S07 and others")])
def test_of_many_listings_without_a_price_eight_are_named(count: int, said: str) -> None:
    series = dict.fromkeys(f"S{n:02}" for n in range(count))
    scenario = SimpleNamespace(horizon=1, start=FRIDAY, end=MONDAY)
    (issue,) = _issues(scenario, {"": (FRIDAY, MONDAY)}, series, {})  # type: ignore[arg-type]
    assert issue.what.startswith(f"{count} of {count} listings") and issue.what.endswith(said)


def test_a_prediction_from_too_few_sessions_names_its_references() -> None:
    """Each of the two has all its prices: there are only not enough sessions of them."""
    rows = [(s, FRIDAY + timedelta(n), 100.0 + n, None, None, "USD", None) for s in ("SMH", "SPY") for n in range(30)]
    with pytest.raises(MissingPrice, match="for SMH, SPY;"):
        daily_returns(from_rows(rows), FRIDAY + timedelta(40), ("SMH", "SPY"))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_stays_within_the_ranges_of_its_levers(preset: Preset) -> None:
    assert all(RANGES[name][0] <= value <= RANGES[name][1] for name, value in preset.levers.items())


def test_a_prior_of_minus_zero_is_one_of_zero() -> None:
    """The two are one number and must not give two hashes."""

    def found(zero: str) -> Scenario:
        lever = f"market_move = {{ value = {zero}, mean = {zero}, sd = 0.02, low = -0.1, high = {zero} }}"
        return parse_scenario(f'id = "t"\nkind = "transmission"\n[levers]\n{lever}\n')

    assert copysign(1.0, found("-0.0").priors["market_move"].mean) == 1.0
    assert found("-0.0").hash == found("0.0").hash
