"""The command `scorecard`: how far the model can be trusted, from the data present."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exposure.cli.source import LazyStore
from exposure.format import percent

if TYPE_CHECKING:
    from exposure.cli.commands import Outcome


def scorecard_(args: argparse.Namespace) -> Outcome:
    """Measure the model against what happened, with prices of a file or of the store, and books of real funds."""
    from exposure.flow import book_of
    from exposure.market import read_prices
    from exposure.shock.score import scorecard

    market = read_prices(Path(args.prices)) if args.prices else LazyStore()().market()
    card = scorecard(market if market.series else None, Path(args.funds) if args.funds else None, book_of)
    return card, lambda: _text(card)


def _text(card: Mapping[str, Any]) -> str:
    """Write the card as lines of a terminal."""
    cross, band = card["cross_section"], card["band"]
    lines = [f"Names without a price, 27 January 2025, each of {cross['names']} left out in turn"]
    for key, label in (
        ("r2", "R² of the modelled move"),
        ("r2_without_loadings", "  from prices alone"),
        ("r2_transmission", "R² of the transmission"),
        ("r2_market_beta", "R² of market beta"),
        ("r2_two_betas", "R² of betas to SMH and SPY"),
        ("r2_sub_segment_means", "R² of sub-segment means"),
        ("mae", "mean absolute error, log"),
    ):
        known = cross["with_betas"].get(key)
        beside = "" if known is None else f"  {_figure(known)}"
        seen = f"  {cross['notes'][key]}" if key in cross["notes"] else ""
        lines.append(f"  {label:<30} {_figure(cross[key])}{beside}{seen}")
    lines[0] += f"; beside it, the {cross['with_betas']['names']} whose betas are known"
    lines.append(f"Bands of {percent(band['level'], 0)}")
    lines += [f"  {row['episode']:<30} {percent(row['coverage'])} of {row['names']} inside" for row in band["episodes"]]
    lines.append("Prediction from SPY, SMH and IGV: R²; beside it Ledoit–Wolf, and a plain regression")
    if isinstance(card["prediction"], str):
        lines.append(f"  {card['prediction']}")
    else:
        lines += [
            f"  {r['date']:<30} {_figure(r['r2'])}  {_figure(r['r2_baseline'])}  {_figure(r['r2_regression'])}"
            f"  ({r['names']} names, {percent(r['coverage'], 0)} in their band of 90\u202f%)"
            for r in card["prediction"]
        ]
    lines.append("Replay of real funds")
    if isinstance(card["replay"], str):
        lines.append(f"  {card['replay']}")
    else:
        lines += [
            f"  {r['fund']:<30} {percent(r['predicted'])} for {percent(r['actual'])}, error {percent(r['error'])}"
            for r in card["replay"]
        ]
    lines.append("What was unexplained against what followed: correlation over 5 and 20 sessions")
    lines += [f"  {r['episode']:<30} {_figure(r['corr_5'])}  {_figure(r['corr_20'])}" for r in card["dislocation"]]
    return "\n".join([*lines, *(f"not measurable: {what}" for what in card["missing"])])


def _figure(value: float | str | None) -> str:
    return value if isinstance(value, str) else "–" if value is None else f"{value:+.3f}"
