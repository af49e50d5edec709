"""The bank's file: its three forms read alike, anything broken refused whole, and told from files of prices."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.errors import InputError
from exposure.prices import read_prices
from exposure.prices._bank import Bank, is_bank_file, read_bank_file, shipped_until
from exposure.prices._rates import Rates
from tests.db.bank import ANSWERS, markup, packed, table

DAYS = {
    date(2026, 11, 27): {"USD": 1.1622, "JPY": 181.5, "GBP": 0.8765},
    date(2026, 11, 30): {"USD": 1.16, "JPY": 180.0},
}
DAILY = b"Date, USD, JPY, GBP, \n30 November 2026, 1.1600, 180.00, 0.87650, \n"


@pytest.mark.parametrize("written", [table(DAYS), packed(DAYS), markup(DAYS), b"\xef\xbb\xbf" + table(DAYS)])
def test_the_three_forms_of_the_file_say_the_same(written: bytes) -> None:
    assert is_bank_file(written)
    assert read_bank_file(written) == DAYS


def test_the_file_of_one_day_writes_its_date_in_words() -> None:
    assert read_bank_file(DAILY) == {date(2026, 11, 30): {"USD": 1.16, "JPY": 180.0, "GBP": 0.8765}}


rates = st.dictionaries(
    st.sampled_from(["USD", "JPY", "GBP", "CHF"]), st.floats(1e-3, 1e6).map(lambda x: float(f"{x:.6g}")), min_size=1
)


@given(st.dictionaries(st.dates(date(1999, 1, 4), date(2026, 12, 31)), rates, min_size=1, max_size=8))
def test_whatever_days_are_written_are_read_back(days: dict[date, dict[str, float]]) -> None:
    for write in (table, packed, markup):
        assert read_bank_file(write(days)) == days


@pytest.mark.parametrize("fault", sorted(set(ANSWERS) - {"gone", "error", "refused"}))
def test_what_is_broken_is_refused_whole_and_on_one_line(fault: str) -> None:
    with pytest.raises(InputError) as refused:
        read_bank_file(ANSWERS[fault][1], "answer")
    assert str(refused.value).startswith("answer") and "\n" not in str(refused.value)


@pytest.mark.parametrize("cut", range(1, len(table(DAYS)) - 1, 3))
def test_a_table_that_ends_early_never_gives_a_rate_that_it_does_not_hold(cut: int) -> None:
    try:
        found = read_bank_file(table(DAYS)[:cut])
    except InputError:
        return
    assert all(found[day][code] == DAYS[day][code] for day in found for code in found[day])


def test_a_zip_that_swells_is_not_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eurofxref-hist.csv", b"Date,USD,\n" + b"0" * (65 * 2**20))
    with pytest.raises(InputError, match="damaged or no file"):
        read_bank_file(out.getvalue())


def test_files_of_prices_are_not_taken_for_the_banks() -> None:
    wide = b"Date,NVDA,AAPL\n2025-01-24,142.62,222.78\n"
    long = b"date,ticker,close\n2025-01-24,NVDA,142.62\n"
    three = b"date,IBM,AMD\n2025-01-24,224,122\n"
    for prices in (wide, long, three):
        assert not is_bank_file(prices)
        assert read_prices(prices).published == {}
    assert not is_bank_file(b"PK\x03\x04 broken")


@pytest.mark.parametrize("wrap", [bytes, gzip.compress])
def test_a_price_file_may_be_the_banks_file(wrap: object) -> None:
    market = read_prices(wrap(table(DAYS)), name="eurofxref-hist.csv")  # type: ignore[operator]
    assert (market.series, market.published) == ({}, DAYS)
    assert Rates.of(market).find("EUR", "USD", date(2026, 11, 30)).value == 1.16


def test_the_bank_with_newer_days_ends_with_them_and_each_currency_with_its_own() -> None:
    bank = Bank(DAYS)
    assert bank.end == date(2026, 11, 30) > shipped_until()
    ends = bank.ends()
    assert (ends["USD"], ends["GBP"], ends["CHF"]) == (date(2026, 11, 30), date(2026, 11, 27), shipped_until())
    assert "RUB" not in ends and "EUR" not in ends
    assert Bank(shipped=False).end is None and Bank(shipped=False).ends() == {}
