"""Changes: two snapshots of one portfolio side by side, and what is needed where there is one alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache

from .conftest import quiet, words

LATER = (
    b"As of,2025-02-28\nTicker,ISIN,Name,Quantity,Price,Market value,Currency\n"
    b"NVDA,US67066G1040,NVIDIA Corp,50,125,6250,USD\nMSFT,US5949181045,Microsoft Corp,10,400,4000,USD\n"
)


def figures(page: AppTest) -> dict[str, str]:
    return {m.label: m.value for m in page.metric}


def test_one_snapshot_says_what_is_needed(holding: AppTest) -> None:
    page = holding.switch_page("pages/changes/page.py").run()
    assert quiet(page)
    assert "Upload its holdings of another day under the same name" in words(page)


def test_two_snapshots_are_compared_line_by_line(holding: AppTest) -> None:
    """100 NVIDIA at 140 became 50 at 125: −6,250 traded, −1,500 by its price. 6,000 of Coca-Cola left, 4,000 of
    Microsoft came: −8,250 went out in all. Chips fell from 70 % to 6,250 of 10,250, 61.0 %."""
    from exposure.reading import read_holdings

    cache.store().import_snapshot("Desk", read_holdings(LATER, name="later.csv"))
    page = holding.switch_page("pages/changes/page.py").run()
    assert quiet(page)
    table = next(d.value for d in page.dataframe if "What" in d.value).set_index("Ticker")
    assert table["What"].to_dict() == {"NVDA": "Less", "KO": "Sold", "MSFT": "Added"}
    assert table["Traded, USD"].to_dict() == {"NVDA": -6250, "KO": -6000, "MSFT": 4000}
    assert table["Price and currency, USD"]["NVDA"] == -1500
    assert figures(page)["Went out"].startswith("−8\u202f250") or figures(page)["Went out"].startswith("−8.2")
    shares = next(d.value for d in page.dataframe if "Share before" in d.value).set_index("Segment")
    assert shares.loc["Outside the chain", "Share before"] == 0.3  # Coca-Cola
    assert shares["Change"].sum() == pytest.approx(0)
    page.pills(key="change_kinds").set_value(["Sold"]).run()
    assert next(d.value for d in page.dataframe if "What" in d.value)["Ticker"].tolist() == ["KO"]
    assert quiet(page)


def test_the_demo_has_an_earlier_day_to_compare(app: Callable[[str], AppTest]) -> None:
    page = app("home")
    page.button(key="demo").click().run()
    page.switch_page("pages/changes/page.py").run()
    assert quiet(page)
    table = next(d.value for d in page.dataframe if "What" in d.value).set_index("Ticker")
    what = table["What"]
    assert (what["INTC"], what["VRT"], what["NVDA"], what["KO"]) == ("Sold", "Added", "Less", "Unchanged")
    assert page.query_params["against"] != []


@pytest.mark.parametrize("key", ["changes_csv", "segment_changes_table_csv", "over_time_table_csv"])
def test_every_table_downloads(app: Callable[[str], AppTest], key: str) -> None:
    page = app("home")
    page.button(key="demo").click().run()
    page.switch_page("pages/changes/page.py").run()
    assert page.get("download_button") != [] and any(b.key == key for b in page.get("download_button"))
