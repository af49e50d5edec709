"""The commands on levers: fit them to observed moves, draw them from their priors, and find where a loss is reached.

The command `scorecard`: how far the model can be trusted, from the data present.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exposure import answers
from exposure.cli.source import Outcome, Source, chosen_scenario, lever_values, open_store
from exposure.errors import InputError, ScenarioError
from exposure.format import percent
from exposure.types import Transmission

if TYPE_CHECKING:
    from exposure.scenarios import Miss
    from exposure.types import Book, Scenario


def _levered(args: argparse.Namespace, levers: Mapping[str, float]) -> Transmission:
    scenario = chosen_scenario(args, levers)
    if not isinstance(scenario, Transmission):
        raise ScenarioError("option.no-levers", scenario=scenario.id, kind=scenario.kind)
    return scenario


def _about(book: Book, scenario: Scenario) -> dict[str, Any]:
    from exposure.shock import apply

    shown = answers.shocked(apply(book, scenario), levers=False)
    about = ("basis", "capital_basis", "capital", "currency", "as_of", "nav", "scenario", "engine_version", "coverage")
    return {**{key: shown[key] for key in about}, "issues": shown["issues"]}


def fit_(args: argparse.Namespace) -> Outcome:
    """Fit a transmission scenario to observed moves and write it as TOML."""
    from exposure.scenarios import fit_levers, fit_toml, lever_table, read_moves
    from exposure.view import texts

    args.portfolio = None
    scenario = _levered(args, {})
    path, out = Path(args.moves), Path(args.out)
    if out.suffix != ".toml":
        raise InputError("option.out", name=out.name)
    result = fit_levers(scenario, read_moves(path, args.episode))
    of = f", {args.episode}" if args.episode else ""
    source = f"fitted to {path.name}{of}; equations of docs/method/transmission.md"
    out.write_text(fit_toml(result, out.stem, source), encoding="utf-8", newline="\n")
    levers = lever_table(result.scenario)
    for name, lever in levers.items():
        lever["state"] = result.states[name]
        if name in result.deviations:
            lever["remaining_sd"] = result.deviations[name]
    answer = {
        "levers": levers,
        "misses": [{"sub_segment": m.segment, **_miss(m)} for m in result.misses if "." in m.segment],
        "segment_misses": [{"segment": m.segment, **_miss(m)} for m in result.misses if "." not in m.segment],
        "out": str(out),
        "issues": answers.issues(result.issues),
    }
    return answer, lambda: texts.fitted(answer)


def _miss(miss: Miss) -> dict[str, Any]:
    return {"observed": miss.observed, "modelled": miss.modelled, "names": miss.names}


def simulate_(args: argparse.Namespace) -> Outcome:
    """Draw the levers from their priors; those that are set are held."""
    from exposure.levers import simulate
    from exposure.view import texts

    levers = lever_values(args)
    scenario = _levered(args, levers)
    book = Source(args).book
    result = simulate(book, scenario, draws=args.draws, seed=args.seed, held=tuple(levers))
    answer = {**_about(book, scenario), **asdict(result)}
    return answer, lambda: texts.simulated(answer)


def reverse_(args: argparse.Namespace) -> Outcome:
    """Find the levers at which a return is reached."""
    from exposure.levers import reverse
    from exposure.view import texts

    scenario = _levered(args, lever_values(args))
    book = Source(args).book
    answer = {**_about(book, scenario), **asdict(reverse(book, scenario, args.loss))}
    return answer, lambda: texts.reversed_(answer)


def scorecard_(args: argparse.Namespace) -> Outcome:
    """Measure the model against what happened, with prices of a file or of the store, and books of real funds."""
    from exposure.flow import book_of
    from exposure.prices import read_prices
    from exposure.score import scorecard

    market = read_prices(Path(args.prices)) if args.prices else open_store().market()
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
