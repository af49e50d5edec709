"""What each command does: it gives the answer for `--json` and, when asked, the same as text."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

from exposure import answers
from exposure.cli.source import (
    Answer,
    Outcome,
    Source,
    chosen_scenario,
    lever_values,
    open_store,
    read_dated,
    reading_options,
)
from exposure.errors import InputError, legible
from exposure.types import Issue


def inspect_(args: argparse.Namespace) -> Outcome:
    """Read and check a holdings file; store nothing."""
    from exposure.view import texts

    snapshot = read_dated(args)
    return answers.inspected(snapshot), lambda: texts.inspected(snapshot)


def import_(args: argparse.Namespace) -> Outcome:
    """Store a dated snapshot for each date of a file, all or nothing."""
    from exposure.reading import of_day, read_all

    snapshots = list(read_all(Path(args.file), **reading_options(args)))
    if args.as_of is not None:
        snapshots = [of_day(snapshots, args.as_of)]
    if any(s.as_of is None for s in snapshots):
        raise InputError("option.date", file=Path(args.file).name)
    for snapshot in snapshots:
        snapshot.refuse_open_units()
    if args.strict:
        for snapshot in snapshots:
            if snapshot.rejected:
                first = snapshot.rejected[0]
                many, reason = len(snapshot.rejected), first.reason
                raise InputError("option.strict", file=snapshot.file, row=first.row, reason=reason, n=many)
    imported = open_store().import_snapshots(args.portfolio, snapshots)
    rows = [
        {
            "snapshot_id": i.snapshot_id,
            "as_of": answers.iso(s.as_of),
            "positions": s.positions,
            "cash": s.cash,
            "unsupported": s.unsupported,
            "duplicate_of": i.duplicate_of,
            "replaces": i.replaces,
        }
        for s, i in zip(snapshots, imported, strict=True)
    ]
    latest = max(rows, key=lambda r: r["as_of"] or "")
    answer = {
        "portfolio": args.portfolio,
        **latest,
        "rejected": [r for s in snapshots for r in answers.rejected(s)],
        "snapshots": rows,
        "issues": [i for s in snapshots for i in answers.issues(s.issues)],
    }
    return answer, lambda: "\n".join(
        f"{args.portfolio}: {r['positions']} positions and {r['cash']} cash rows of {r['as_of']} "
        + (
            f"were stored before as snapshot {r['duplicate_of']}; nothing changed"
            if r["duplicate_of"]
            else f"stored as snapshot {r['snapshot_id']}"
            + (f" in place of {r['replaces']}, the same file read otherwise" if r["replaces"] else "")
        )
        for r in rows
    )


def portfolios_(args: argparse.Namespace) -> Outcome:
    """List what is stored."""
    from exposure.view import texts

    stored = [
        {
            "name": p.name,
            "snapshots": [
                {
                    "snapshot_id": s.snapshot_id,
                    "as_of": answers.iso(s.as_of),
                    "positions": s.positions,
                    "nav": s.nav,
                    "currency": s.currency,
                }
                for s in p.snapshots
            ],
        }
        for p in open_store().portfolios()
    ]
    return {"portfolios": stored}, lambda: texts.portfolios(stored)


def segments_(args: argparse.Namespace) -> Outcome:
    """Show where a book sits along the chain."""
    from exposure.view import texts

    book = Source(args).book
    return answers.segments(book), lambda: texts.segments(book)


def scenarios_(args: argparse.Namespace) -> Outcome:
    """List the scenario library."""
    from exposure.scenarios import library
    from exposure.view import texts

    entries = [e.to_json() for e in library()]
    return {"scenarios": entries}, lambda: texts.scenarios(entries)


def shock_(args: argparse.Namespace) -> Outcome:
    """Apply a scenario to a book."""
    from exposure.shock import apply
    from exposure.view import texts
    from exposure.workbench import apply_scenario

    scenario = chosen_scenario(args, lever_values(args), args.horizon)
    source = Source(args)
    applied = apply_scenario(source.book, scenario, source.prices_for)
    result, benchmark = applied.result, None
    if args.benchmark:
        benchmark = apply(source.benchmark(args.benchmark).book, result.scenario)
    answer = {**answers.shocked(result, benchmark), "plausibility": applied.plausibility}
    return answer, lambda: texts.shocked(result, benchmark)


def drawdown_(args: argparse.Namespace) -> Outcome:
    """Measure the history of today's holdings."""
    from exposure.flow import drawdown
    from exposure.view import texts

    source = Source(args)
    if not args.portfolio and not args.prices:
        raise InputError("option.prices-drawdown", file=source.name)
    book, market = source.book, source.history()
    try:
        history = drawdown(book, market, start=args.start, end=args.end, hold=args.hold, closes=args.closes)
    except InputError as error:
        if not error.file:
            error.file = source.name
        raise
    answer = answers.fallen(history.to_dict(), book)
    return answer, lambda: texts.fallen(answer)


def prices_(args: argparse.Namespace) -> Outcome:
    """Load or fetch prices, or say what is stored."""
    from exposure.view import texts

    store = open_store()
    failed: list[Answer] = []
    notices: list[Issue] = []
    if args.action == "load":
        from exposure.prices import read_prices

        name = Path(args.file).name
        market = read_prices(Path(args.file), latest=store.last_possible_day())
        if market.published:
            notices += store.store_bank_rates(market.published, source=name).issues
        if market.series:
            notices += store.store_prices(market, source=name).issues
        notices += market.issues
        failed += [{"ticker": None, "reason": f"row {r.row}: {r.reason}"} for r in market.rejected]
    elif args.action == "fetch":
        rates, updated = _fetched(store, args)
        notices += [*rates.issues, *updated.issues]
        failed += [{"ticker": "ECB", "reason": rates.reason.what}] if rates.reason else []
        failed += [{"ticker": t, "reason": r.what} for t, r in updated.failed.items()]
        if updated.stopped:
            notices.append(updated.stopped)
    chosen = args.portfolio if args.action == "fetch" else None
    status = store.price_status(chosen)
    answer = {
        "tickers": status.tickers,
        "rows": status.rows,
        "from": answers.iso(status.start),
        "to": answers.iso(status.end),
        "missing": list(status.missing),
        "stale": list(status.stale),
        "failed": failed,
        "issues": answers.issues(notices),
        "updated": status.updated_at and status.updated_at.isoformat(timespec="seconds"),
        "rates": _rates(store.rate_status(chosen)),
    }
    if args.action == "status":
        answer["failed"] = [{"ticker": t, "reason": r.what} for t, r in status.failed]
        answer |= answers.checked(store.check_prices())
        answer["accepted"] = answers.accepted(store.accepted())
    return answer, lambda: texts.prices(answer)


def accept_(args: argparse.Namespace) -> Outcome:
    """Keep a person's word that what is doubtful about a series on a day is right."""
    from exposure.prices import doubt_text

    store = open_store()
    found = store.accept_day(args.ticker, args.date, args.author, args.note or "")
    answer = _words(store, args.ticker) | {"settled": [doubt_text(doubt) for doubt in found]}
    return answer, lambda: "\n".join(f"Said to be right by {args.author}: {each}" for each in answer["settled"])


def reopen_(args: argparse.Namespace) -> Outcome:
    """Take a person's word back."""
    store = open_store()
    gone = store.reopen_doubts(args.ticker, args.date)
    answer = _words(store, args.ticker) | {"reopened": gone}
    return answer, lambda: f"{args.ticker} on {args.date} is asked about again."


def _words(store: Any, ticker: str) -> Answer:
    return {"ticker": ticker, "accepted": answers.accepted(x for x in store.accepted() if x[0].ticker == ticker)}


def _rates(status: Any) -> Answer:
    """Say how far the exchange rates reach, and where those that come with the program end."""
    return {
        "to": answers.iso(status.end),
        "shipped_to": answers.iso(status.shipped_until),
        "updated": status.updated_at and status.updated_at.isoformat(timespec="seconds"),
        "each": [{"rate": one.rate, "to": answers.iso(one.end), "source": one.source} for one in status.each],
    }


def _fetched(store: Any, args: argparse.Namespace) -> Any:
    """Fetch the rates and prices that the store lacks; where nothing at all came, an error says why."""
    from db.update import fetch_missing, fetch_rates
    from exposure.errors import FeedError

    rates = fetch_rates(store)
    symbols = (*store.symbols(args.portfolio), *store.rate_symbols(args.portfolio))
    updated = fetch_missing(store, symbols, args.start or date(2015, 1, 1), progress=_progress)
    if updated.stopped and len(updated.failed) == updated.asked and (rates.reason or not rates.new + rates.changed):
        told = [updated.stopped.what, updated.stopped.remedy, *(i.what for i in rates.issues if rates.reason)]
        raise FeedError("; ".join(told))
    return rates, updated


def _progress(done: int, total: int, what: str) -> None:
    print(f"\r{done}/{total} {legible(what):<24}", end="" if done < total else "\n", file=sys.stderr, flush=True)
