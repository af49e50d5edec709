"""The tables of issuers, funds and stakes, read with the csv module alone: what a loader may rely on.

Shares of an issuer add up to 1, every identifier belongs to one issuer, and check digits hold. The ISIN check digit is
Luhn's over the letters written as two digits: for US67066G1040 the payload 3028 67066 16 104 doubles to a sum of 50 and
the digit is 0.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from datetime import date
from math import fsum
from pathlib import Path

import pytest

from exposure.chain._place import SECTORS
from exposure.chain._scheme import BESIDE, FINEST

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "exposure" / "chain" / "data"
FACTS = ROOT.parent / "shared" / "facts"
SAMPLES = ROOT.parent / "shared" / "samples" / "files"
ISSUER_FILES = sorted([*DATA.glob("issuers-*.csv"), *DATA.glob("outside*.csv")])
ISSUER_COLUMNS = ["issuer", "name", "aliases", "country", "sector", "lines", "parts", "reason", "source", "dated"]
FUND_COLUMNS = ["symbol", "isin", "name", "sector", "factor", "underlying", "parts", "reason"]
STAKE_COLUMNS = ["holder", "lab", "stake", "value_usd", "basis", "source", "dated"]
PLACES = frozenset(FINEST) - {"cash", "unassigned"}


def rows(path: Path, columns: list[str]) -> list[dict[str, str]]:
    """Read a table, refusing a wrong heading or a row with too few or too many cells."""
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.reader(handle)
        assert next(reader) == columns, f"{path.name}: heading"
        out = []
        for number, cells in enumerate(reader, start=2):
            assert len(cells) == len(columns), f"{path.name}:{number}: {len(cells)} cells"
            assert all(cell == cell.strip() for cell in cells), f"{path.name}:{number}: space around a cell"
            out.append(dict(zip(columns, cells, strict=True)))
    return out


def issuers() -> list[dict[str, str]]:
    """Read every table of issuers."""
    return [row for path in ISSUER_FILES for row in rows(path, ISSUER_COLUMNS)]


def lines_of(row: dict[str, str]) -> list[tuple[str, str]]:
    """Split `SYMBOL=ISIN|SYMBOL=` into pairs."""
    return [(symbol, isin) for symbol, _, isin in (line.partition("=") for line in row["lines"].split("|"))]


def parts_of(text: str) -> list[tuple[str, str, float]]:
    """Split `segment@tie weight|…` into segment, tie and weight."""
    out = []
    for part in text.split("|"):
        place, weight = part.split(" ")
        segment, _, tie = place.partition("@")
        out.append((segment, tie, float(weight)))
    return out


def check_digit_holds(isin: str) -> bool:
    """Tell whether an ISIN's last digit is Luhn's; letters count as two digits, A = 10."""
    if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{9}[0-9]", isin):
        return False
    digits = [int(d) for c in isin for d in str(int(c, 36))]
    doubled = (2 * d if i % 2 else d for i, d in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def assert_parts(text: str, where: str) -> None:
    """Check that shares are positive, lie in known segments, and add up to 1."""
    parts = parts_of(text)
    assert {segment for segment, _, _ in parts} <= PLACES, f"{where}: unknown segment in {text}"
    assert len({(segment, tie) for segment, tie, _ in parts}) == len(parts), f"{where}: a segment twice in {text}"
    assert all(0 < weight <= 1 for _, _, weight in parts), f"{where}: a weight outside (0, 1] in {text}"
    assert abs(fsum(weight for _, _, weight in parts) - 1) < 1e-9, f"{where}: parts do not add up to 1"
    tied = {segment for segment, tie, _ in parts if tie}
    assert {tie for _, tie, _ in parts} <= {"", "stake", "customer"}, f"{where}: unknown tie in {text}"
    assert all(segment.startswith("foundation_models.") for segment in tied), f"{where}: a tie off the models in {text}"


def plain(name: str) -> str:
    """Write a name as a loader compares it, the least it may do: upper case, letters and digits alone."""
    return " ".join(re.sub(r"[^A-Z0-9&]+", " ", name.upper()).split())


def test_check_digit_tells_a_right_isin_from_a_wrong_one() -> None:
    assert check_digit_holds("US67066G1040")
    assert check_digit_holds("NL0010273215")
    assert not check_digit_holds("US67066G1041")
    assert not check_digit_holds("US67066G104")


@pytest.mark.parametrize("path", ISSUER_FILES, ids=lambda p: p.name)
def test_every_issuer_row_is_whole(path: Path) -> None:
    table = rows(path, ISSUER_COLUMNS)
    assert table
    for number, row in enumerate(table, start=2):
        where = f"{path.name}:{number} {row['issuer']}"
        assert row["issuer"] and row["name"], where
        assert lines_of(row)[0][0] == row["issuer"], f"{where}: the primary line is not the key"
        assert re.fullmatch(r"[A-Z]{2}", row["country"]), f"{where}: country {row['country']!r}"
        assert row["sector"] in SECTORS, f"{where}: sector {row['sector']!r}"
        assert len(row["reason"]) > 3 and len(row["source"]) > 5, f"{where}: reason or source missing"
        assert "http" not in row["source"], f"{where}: a source is a publication, not an address"
        date.fromisoformat(row["dated"])
        assert_parts(row["parts"], where)


def test_no_issuer_symbol_or_isin_stands_twice() -> None:
    keys: dict[str, str] = {}
    symbols: dict[str, str] = {}
    isins: dict[str, str] = {}
    for row in issuers():
        assert row["issuer"] not in keys, f"{row['issuer']}: key twice"
        keys[row["issuer"]] = row["name"]
        for symbol, isin in lines_of(row):
            assert re.fullmatch(r"[A-Z0-9][A-Z0-9.&\-]*", symbol), f"{row['issuer']}: symbol {symbol!r}"
            assert symbol not in symbols, f"{symbol}: in {symbols.get(symbol)} and {row['issuer']}"
            symbols[symbol] = row["issuer"]
            if isin:
                assert check_digit_holds(isin), f"{symbol}: check digit of {isin}"
                assert isins.setdefault(isin, row["issuer"]) == row["issuer"], (
                    f"{isin}: in {isins[isin]} and {row['issuer']}"
                )


def test_no_name_stands_for_two_issuers() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for row in issuers():
        for name in (row["name"], *filter(None, row["aliases"].split("|"))):
            owners[plain(name)].add(row["issuer"])
    assert {name: who for name, who in owners.items() if len(who) > 1} == {}


def test_names_outside_are_wholly_outside() -> None:
    tables = sorted(DATA.glob("outside*.csv"))
    assert {row["parts"] for path in tables for row in rows(path, ISSUER_COLUMNS)} == {"outside 1"}


def test_the_chain_is_covered_in_breadth_and_every_segment_has_names() -> None:
    on_chain = [row for row in issuers() if any(s not in BESIDE for s, _, _ in parts_of(row["parts"]))]
    assert len(on_chain) >= 350
    names: dict[str, int] = defaultdict(int)
    for row in on_chain:
        for segment in {s for s, _, _ in parts_of(row["parts"])}:
            names[segment] += 1
    assert {segment for segment in PLACES if names[segment] < 4} == set()


def test_funds_are_whole_and_their_underlyings_known() -> None:
    table = rows(DATA / "funds.csv", FUND_COLUMNS)
    listed = {symbol for row in issuers() for symbol, _ in lines_of(row)}
    owned = {isin for row in issuers() for _, isin in lines_of(row) if isin}
    symbols = [row["symbol"] for row in table]
    assert len(symbols) == len(set(symbols))
    assert set(symbols) & listed == set()
    by_isin: dict[str, tuple[str, str]] = {}
    for row in table:
        where = f"funds.csv {row['symbol']}"
        assert row["name"] and len(row["reason"]) > 10, where
        assert row["sector"] in SECTORS | {"", "bonds", "commodities"}, f"{where}: sector {row['sector']!r}"
        assert_parts(row["parts"], where)
        assert row["underlying"] != row["symbol"], where
        assert not row["underlying"] or row["underlying"] in listed or row["underlying"] in symbols, where
        if row["factor"]:
            assert float(row["factor"]) in {-3.0, -2.0, -1.5, -1.0, 1.5, 2.0, 3.0}, f"{where}: factor {row['factor']}"
            assert row["underlying"], f"{where}: a factor on nothing"
        if row["isin"]:
            assert check_digit_holds(row["isin"]) and row["isin"] not in owned, f"{where}: ISIN {row['isin']}"
            name, parts = by_isin.setdefault(row["isin"], (row["name"], row["parts"]))
            listed_again = row["name"].rpartition(", ")[0] == name
            assert row["name"] == name or listed_again, f"{where}: {row['isin']} under two names"
            assert row["parts"] == parts, f"{where}: {row['isin']} split in two ways"


def test_leveraged_funds_split_as_what_they_track() -> None:
    """SOXL moves three times SOXX and stands in the same segments; a fund on one stock stands where the stock does."""
    table = {row["symbol"]: row for row in rows(DATA / "funds.csv", FUND_COLUMNS)}
    parts = {symbol: row["parts"] for row in issuers() for symbol, _ in lines_of(row)}
    parts |= {symbol: row["parts"] for symbol, row in table.items()}
    for symbol, factor, underlying in (
        ("SOXL", 3, "SOXX"),
        ("SOXS", -3, "SOXX"),
        ("TQQQ", 3, "QQQ"),
        ("NVDL", 2, "NVDA"),
    ):
        assert (float(table[symbol]["factor"]), table[symbol]["underlying"]) == (factor, underlying)
    for symbol, row in table.items():
        if row["factor"]:
            assert sorted(parts_of(row["parts"])) == sorted(parts_of(parts[row["underlying"]])), symbol


def test_stakes_are_dated_and_their_holders_known() -> None:
    keys = {row["issuer"] for row in issuers()}
    seen = set()
    for row in rows(DATA / "stakes.csv", STAKE_COLUMNS):
        where = f"stakes.csv {row['holder']} in {row['lab']}"
        assert row["holder"] in keys, f"{where}: no such issuer"
        assert row["lab"] and len(row["source"]) > 10, where
        assert row["basis"] in {"equity", "convertible", "commitment"}, where
        assert not row["stake"] or 0 < float(row["stake"]) < 1, where
        assert not row["value_usd"] or float(row["value_usd"]) > 0, where
        date.fromisoformat(row["dated"])
        assert (row["holder"], row["lab"], row["basis"]) not in seen, f"{where}: twice"
        seen.add((row["holder"], row["lab"], row["basis"]))
    assert {("MSFT", "OpenAI"), ("AMZN", "Anthropic"), ("GOOGL", "Anthropic")} <= {(h, lab) for h, lab, _ in seen}


def test_a_named_stake_shows_in_the_holders_parts() -> None:
    """Whoever is listed with a published share of a lab carries some of its weight as a stake."""
    held = {
        row["holder"] for row in rows(DATA / "stakes.csv", STAKE_COLUMNS) if row["stake"] and row["basis"] == "equity"
    }
    ties = {row["issuer"]: {tie for _, tie, _ in parts_of(row["parts"])} for row in issuers()}
    assert {"MSFT", "GOOGL"} <= {holder for holder in held if "stake" in ties[holder]}


@pytest.mark.skipif(not FACTS.is_dir(), reason="the facts lie in the folder shared beside the project")
def test_every_observed_ticker_is_in_a_table() -> None:
    observed = set()
    for name in ("observed_moves.csv", "names.csv"):
        with (FACTS / name).open(encoding="utf-8", newline="") as handle:
            observed |= {row["ticker"] for row in csv.DictReader(handle)}
    known = {symbol for row in issuers() for symbol, _ in lines_of(row)}
    known |= {row["symbol"] for row in rows(DATA / "funds.csv", FUND_COLUMNS)}
    assert len(observed) > 600
    assert observed - known == set()


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples lie in the folder shared beside the project")
@pytest.mark.parametrize(
    ("file", "heading", "column"),
    [
        ("01_ishares_us_ivv_2024.csv", "Ticker,", "Ticker"),
        ("06_ishares_us_soxx_resaved.csv", "Ticker,", "Ticker"),
        ("24_invesco_qqq_2025.csv", "Fund Ticker,", "Holding Ticker"),
    ],
)
def test_every_stock_of_the_large_index_funds_is_in_a_table(file: str, heading: str, column: str) -> None:
    text = (SAMPLES / file).read_text(encoding="utf-8-sig").splitlines()
    start = next(n for n, line in enumerate(text) if line.startswith(heading))
    stocks = {"Equity", "Common Stock", "Depository Receipt", "Depository Receipt - NY"}
    held = {
        row[column].strip()
        for row in csv.DictReader(text[start:])
        if row.get("Asset Class", row.get("Class of Shares")) in stocks
    }
    known = {symbol for row in issuers() for symbol, _ in lines_of(row)}
    known |= {symbol.replace("-", "") for symbol in known}
    assert len(held) >= 30
    assert held - known == set()
