"""What stands below a chart: each button says what it downloads, and what a user has named reaches it as it is."""

from __future__ import annotations

import json

from pages.ui import show


def test_each_button_says_what_it_downloads() -> None:
    data = show.export_data("Chips fell", ["Source: here"])
    assert data["buttons"] == {
        kind: f"Download the chart “Chips fell” as {kind.upper()}" for kind in ("png", "svg", "csv")
    }
    assert data["group"] == "Download the chart “Chips fell”"
    assert data["file"] == "chips-fell"


def test_a_name_with_markup_stays_a_name() -> None:
    """It goes as data, and the script makes text of it: no part of it is ever read as markup."""
    hostile = '"><img src=x onerror=alert(1)>{kind}<script>alert(2)</script>'
    data = show.export_data(hostile, [f"Source: {hostile}"])
    assert data["title"] == hostile and hostile in data["buttons"]["png"]
    assert all(line.startswith("# ") for line in data["comments"])
    assert json.loads(json.dumps(data)) == data
    script = show._HERE.with_suffix(".js").read_text(encoding="utf-8")
    assert "innerHTML" not in script and "insertAdjacent" not in script
