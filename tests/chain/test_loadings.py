"""What is known of each name, against the tables it comes from, worked out a second way."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from exposure.chain import _loadings as loadings
from exposure.chain._issuers import issuer_table, read_data
from exposure.chain._loadings import loadings_named, loadings_of, names_with_figures, near_results, peers
from exposure.chain._scheme import top_segment
from exposure.types import Part

FEW = 5


def test_results_within_ten_sessions_of_the_evening_are_near() -> None:
    """From Friday, 24 January 2025, ten weekdays reach to Friday, 7 February: that day counts, Monday the 10th does
    not, and what came out before the evening does not either."""
    rows = [(r["issuer"], date.fromisoformat(r["date"])) for r in read_data("results.csv")]
    assert near_results() == {key for key, day in rows if date(2025, 1, 25) <= day <= date(2025, 2, 7)}
    assert any(day == date(2025, 2, 10) for _, day in rows) and any(day == date(2025, 2, 6) for _, day in rows)


def test_a_name_without_figures_is_neither_stretched_nor_near() -> None:
    unknown = loadings_named(
        [Part("chips.memory", 0.7), Part("chips.memory", 0.3, "customer")], "NOBODY", "NOB.XX", "US"
    )
    (piece,) = unknown.pieces
    assert (piece.segment, piece.weight, piece.z, piece.near) == ("chips.memory", 1.0, 0.0, 0.0)
    assert piece.loadings == loadings_of("", "chips.memory"), "what its sub-segment shares"
    assert (unknown.beta, unknown.china_ai) == (None, 0.0)


@pytest.mark.parametrize("segment", ["chips.memory", "software.applications", "equipment.servers", "chips.foundry"])
def test_the_stretch_is_the_mean_of_two_standard_scores_cut_at_two(segment: str) -> None:
    """Standard deviations of the names themselves (n, not n − 1), of the segment where under five names stand."""
    rows = {r["ticker"]: r for r in read_data("names.csv") if r["volatility"] and r["run_up"]}
    entries = {e.key: e for e in map(issuer_table().of, rows) if e is not None and not e.fund}
    own = [k for k, e in entries.items() if any(p.segment == segment for p in e.parts)]
    wide = [k for k, e in entries.items() if any(top_segment(p.segment) == top_segment(segment) for p in e.parts)]
    among = own if len(own) >= FEW else wide
    lines = {key: rows[next(s for s in entries[key].symbols if s in rows)] for key in among}
    figures = np.array([[np.log(float(r["volatility"])), float(r["run_up"])] for r in lines.values()])
    scores = np.clip(((figures - figures.mean(axis=0)) / figures.std(axis=0)).mean(axis=1), -2.0, 2.0)
    expected = dict(zip(among, scores.tolist(), strict=True))
    found = {n.key: p.z for n in names_with_figures() for p in n.pieces if p.segment == segment}
    assert found == pytest.approx({key: expected[key] for key in own}, abs=1e-12)


def test_a_sub_segment_of_one_name_has_no_peers() -> None:
    for segment in {p.segment for n in names_with_figures() for p in n.pieces}:
        names = [p for n in names_with_figures() for p in n.pieces if p.segment == segment]
        if len(names) < 2:
            assert peers(segment) == ()
        elif peers(segment):
            assert sum(w for w, _, _ in peers(segment)) == pytest.approx(1.0)


def test_the_tenth_weekday_after_the_evening_is_near_and_the_eleventh_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """After Friday the 24th: 27 to 31 January are five weekdays, 3 to 7 February the next five."""
    days = ("2025-01-24", "2025-01-27", "2025-02-07", "2025-02-08", "2025-02-10")
    monkeypatch.setattr(loadings, "read_data", lambda _: [{"issuer": day, "date": day} for day in days])
    assert loadings._near.__wrapped__() == {"2025-01-27", "2025-02-07"}
