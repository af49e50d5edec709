import doctest
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure import units
from exposure.units import QUOTE_UNITS, SUCCESSORS, currency_of, factor, in_currency, unit_named


def test_the_examples_hold() -> None:
    assert doctest.testmod(units).failed == 0


@pytest.mark.parametrize("pence", ["GBX", "gbx", "Gbx", "GBp", "GBPX", "gbpx", "GBPp", "GBPP", "gbpp"])
def test_pence_are_a_hundredth_of_a_pound_in_any_spelling(pence: str) -> None:
    assert currency_of(pence) == "GBP"
    assert in_currency(7000.0, pence) == pytest.approx(70.0)


@pytest.mark.parametrize(
    ("unit", "currency", "size"),
    [
        ("ZAC", "ZAR", 0.01), ("zac", "ZAR", 0.01), ("ZAr", "ZAR", 0.01), ("ZARc", "ZAR", 0.01),
        ("ILA", "ILS", 0.01), ("ila", "ILS", 0.01), ("ILs", "ILS", 0.01),
        ("USX", "USD", 0.01), ("usc", "USD", 0.01), ("EUX", "EUR", 0.01), ("EURc", "EUR", 0.01),
        ("KWF", "KWD", 0.001), ("KWd", "KWD", 0.001),
    ],
)  # fmt: skip
def test_other_markets_quote_in_parts_of_their_currency_too(unit: str, currency: str, size: float) -> None:
    assert QUOTE_UNITS[unit] == (currency, size)


@pytest.mark.parametrize("code", ["GBP", "gbp", "ZAR", "zar", "ILS", "KWD", "USD", "EUR", "USDC", "EURC", "p", "P"])
def test_a_currency_a_coin_and_a_bare_letter_are_no_unit(code: str) -> None:
    assert code not in QUOTE_UNITS
    assert in_currency(3.0, code) == 3.0


def test_a_cell_of_a_currency_column_names_its_unit_whatever_its_spelling() -> None:
    named = {" gbp ": "GBP", "Pence": "GBX", "p": "GBX", "agorot": "ILA", "US cents": "USX", "GBp": "GBp", "usd": "USD"}
    assert {text: unit_named(text) for text in named} == named
    assert unit_named("Dollars") == "Dollars"


FIXED = [
    "ATS",
    "13.7603",
    "BEF",
    "40.3399",
    "DEM",
    "1.95583",
    "ESP",
    "166.386",
    "FIM",
    "5.94573",
    "FRF",
    "6.55957",
    "GRD",
    "340.75",
    "IEP",
    "0.787564",
    "ITL",
    "1936.27",
    "LUF",
    "40.3399",
    "NLG",
    "2.20371",
    "PTE",
    "200.482",
    "SIT",
    "239.64",
    "CYP",
    "0.585274",
    "MTL",
    "0.4293",
    "SKK",
    "30.126",
    "EEK",
    "15.6466",
    "LVL",
    "0.702804",
    "LTL",
    "3.4528",
    "HRK",
    "7.5345",
    "BGN",
    "1.95583",
]


def test_every_currency_that_joined_the_euro_is_worth_its_fixed_rate_for_good() -> None:
    assert {code: factor("EUR", code) for code in SUCCESSORS} == pytest.approx(
        dict(zip(FIXED[::2], map(float, FIXED[1::2]), strict=True))
    )
    assert SUCCESSORS["HRK"][2] == date(2023, 1, 1)
    assert SUCCESSORS["BGN"][2] == date(2026, 1, 1)
    assert factor("DEM", "FRF") == pytest.approx(6.55957 / 1.95583)


def test_what_no_definition_ties_together_has_no_factor() -> None:
    assert [factor("GBX", "USD"), factor("USD", None), factor("GBP", "EUR"), factor(None, "GBX")] == [None] * 4
    assert factor(None, None) == 1.0


@given(
    st.sampled_from([*QUOTE_UNITS, *SUCCESSORS, "EUR", "GBP", "USD"]),
    st.sampled_from([*QUOTE_UNITS, *SUCCESSORS, "GBP"]),
)
def test_a_factor_and_its_way_back_cancel(one: str, other: str) -> None:
    there, back = factor(one, other), factor(other, one)
    assert (there is None) == (back is None)
    assert there is None or back is None or there * back == pytest.approx(1.0)
