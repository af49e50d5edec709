"""What the pages write below a table is no row of it: each reader gives the same with and without."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.chain._overrides import make_override, read_overrides, write_overrides
from exposure.files._dialects import uncommented
from exposure.prices import read_prices
from exposure.reading import read_holdings
from exposure.scenarios._calibrate import read_moves

SAID = (
    "# Book: Desk, 'A'; as of 2024-12-31; USD.",
    "# Scenario: Chips; x; 2025-01-24 to 2025-01-27; hash 4d8316.",
    "# Coverage, share of gross exposure: own price 87.3 %, modelled 12.7 %.",
    "# Overrides: 2. Doubts (warnings and errors): 1.",
)
WAYS = {
    "as written": "\r\n".join(SAID) + "\r\n",
    "without an end of line": "\n".join(SAID),
    "saved by a spreadsheet": "\r\n".join(f'"{line}",,' for line in SAID) + "\r\n,,\r\n\r\n",
}
HOLDINGS = (
    "ticker,isin,name,quantity,price,market_value,value_currency\r\n"
    "NVDA,US67066G1040,#1 NVIDIA,100,140,14000,USD\r\nKO,US1912161007,Coca-Cola Co,100,60,6000,USD\r\n"
)


@pytest.fixture(params=list(WAYS))
def tail(request: pytest.FixtureRequest) -> str:
    return WAYS[request.param]


def test_holdings(tail: str) -> None:
    plain, said = (read_holdings(text.encode("utf-8-sig"), name="x.csv") for text in (HOLDINGS, HOLDINGS + tail))
    assert len(said.holdings) == 2
    assert (said.holdings, said.rejected, said.as_of, said.issues) == (plain.holdings, (), None, plain.issues)


@pytest.mark.parametrize(
    "text",
    [
        "date,NVDA,KO\n2025-01-23,147.2,60\n2025-01-24,142.6,61\n",
        "date,ticker,close\n2025-01-23,NVDA,147.2\n2025-01-24,NVDA,142.6\n",
    ],
)
def test_prices(tail: str, text: str) -> None:
    plain, said = (read_prices(each.encode(), name="p.csv") for each in (text, text + tail))
    assert (said.rejected, said.issues) == (plain.rejected, plain.issues) == ((), ())
    assert said.rows == plain.rows and said.series.keys() == plain.series.keys()


def test_overrides(tail: str, tmp_path: Path) -> None:
    own = make_override(
        "US67066G1040", "NVDA", [("chips.memory", 0.5)], "# why, so", author="me", day=date(2025, 1, 24)
    )
    file = tmp_path / "overrides.csv"
    file.write_bytes((write_overrides([own]) + tail).encode())
    assert read_overrides(file) == (own,)


def test_moves(tail: str, tmp_path: Path) -> None:
    file = tmp_path / "moves.csv"
    file.write_bytes(("ticker,move\nNVDA,-0.17\nKO,0.01\n" + tail).encode())
    assert read_moves(file) == {"NVDA": -0.17, "KO": 0.01}


@given(st.lists(st.text('ab#," ;\r', max_size=6)), st.lists(st.sampled_from(["# a", '"# b",', "", ",,"])))
def test_only_comments_and_blanks_at_the_end_go(rows: list[str], said: list[str]) -> None:
    table = "\n".join(["head,line", *rows, "x,1"]) + "\n"
    left = uncommented((table + "\n".join(["# first", *said])).encode()).decode()
    assert left == table


def test_a_file_of_comments_alone_keeps_its_first_line() -> None:
    assert uncommented(b"# a\n# b\n") == b"# a\n" and uncommented(b"") == b""
