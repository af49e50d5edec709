"""The answers of the command line as text for people; figures through `format` alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from exposure.chain import measure, segment_name
from exposure.format import day, money, number, percent, text_table
from exposure.shock import ShockResult, beyond_value
from exposure.types import Book, Snapshot

SHOWN = 15
"""Rows of a long table that a terminal shows; `--json` gives all."""


def coverage(shares: Mapping[str, float]) -> str:
    """Say what a figure rests on: every share of gross exposure that is not zero."""
    return "Coverage: " + ", ".join(f"{name} {percent(share, 1)}" for name, share in shares.items() if share > 0)


def _more(rows: int) -> str:
    return f"\n… and {rows - SHOWN} more; --json lists all" if rows > SHOWN else ""


def inspected(snapshot: Snapshot) -> str:
    """Say what was read from a file, and what was not."""
    name, currency = snapshot.title or snapshot.format, snapshot.currency
    head = [
        f"{snapshot.file}: {name}, as of {day(snapshot.as_of)}, {currency or 'no currency'}",
        f"{snapshot.positions} positions, {snapshot.unsupported} of which no price move can be applied to",
        f"{snapshot.cash} cash rows, {len(snapshot.rejected)} rows rejected",
        f"Total {money(snapshot.total_market_value, currency, 2)}; stated {number(snapshot.stated_total, 2)}",
        "Columns: " + ", ".join(f"{field} = {heading!r}" for field, heading in snapshot.columns.items()),
    ]
    rows = [("row", "kind", "identifier", "name", "quantity", "value", "weight")]
    for h in snapshot.holdings[:SHOWN]:
        rows.append(
            (
                str(h.row),
                h.kind,
                h.isin or h.ticker or h.cusip or h.sedol or "–",
                (h.name or "–")[:32],
                number(h.quantity, 2),
                money(h.market_value, h.value_currency, 2),
                percent(h.weight),
            )
        )
    refused = [f"rejected row {r.row}: {r.reason}" for r in snapshot.rejected[:SHOWN]]
    return "\n".join([*head, "", text_table(rows, right=(0, 4, 5, 6)) + _more(len(snapshot.holdings)), *refused])


def portfolios(stored: Iterable[Mapping[str, Any]]) -> str:
    """List what is stored."""
    rows = [("portfolio", "snapshot", "as of", "positions", "net asset value")]
    for each in stored:
        rows += [
            (
                each["name"],
                str(s["snapshot_id"]),
                s["as_of"] or "–",
                str(s["positions"]),
                money(s["nav"], s["currency"], 2),
            )
            for s in each["snapshots"]
        ]
    return (
        text_table(rows, right=(1, 3, 4))
        if len(rows) > 1
        else "Nothing is stored yet. Import a file: python -m exposure import FILE --portfolio NAME"
    )


def segments(book: Book) -> str:
    """Say where a book sits along the chain."""
    exposures = measure(book)
    heads = ("segment", "value", "weight", *["effective"] * book.geared, "direct", "by stake", "by customer")
    rows: list[tuple[str, ...]] = [heads]
    for each in exposures.by_segment:
        rows.append(_segment_row(segment_name(each.segment), each, book.geared))
        rows += [
            _segment_row(f"  {segment_name(fine.segment)}", fine, book.geared)
            for fine in exposures.by_sub_segment
            if fine.segment.startswith(f"{each.segment}.")
        ]
    if book.basis == "weights":  # shares of one have no value to write
        rows = [(row[0], *row[2:]) for row in rows]
    table = text_table(rows, right=tuple(range(1, len(rows[0]))))
    return f"{_head(book)}\n\n{table}\n\n{coverage(exposures.coverage)}"


def _segment_row(label: str, each: Any, geared: bool) -> tuple[str, ...]:
    models = each.segment.startswith("foundation_models")
    ties = (percent(each.direct), percent(each.stake), percent(each.customer)) if models else ("", "", "")
    moved = [percent(each.effective)] * geared
    return (label, number(each.market_value), percent(each.weight), *moved, *ties)


def _head(book: Book) -> str:
    value = (
        "a file of weights: net asset value 1"
        if book.basis == "weights"
        else f"net asset value {money(book.nav, book.currency)}"
    )
    thin = ", shares are of gross exposure" if book.capital_basis == "gross" else ""
    unrated = f"\n{without_rate(book)}" if any(line.unrated is not None for line in book.lines) else ""
    return f"{book.title or 'Book'}, as of {day(book.as_of)}, {value}{thin}{unrated}"


def scenarios(entries: Iterable[Mapping[str, Any]]) -> str:
    """List the scenario library."""
    return text_table(
        [
            ("scenario", "kind", "from", "to", "title"),
            *((e["id"], e["kind"], e["from"] or "–", e["to"] or "–", e["title"]) for e in entries),
        ]
    )


def shocked(result: ShockResult, benchmark: ShockResult | None = None) -> str:
    """Say what a scenario does to a book, and who carries it."""
    book, scenario = result.book, result.scenario
    lines = [_head(book), f"{scenario.title} ({scenario.id}, {scenario.kind}, hash {scenario.hash[:12]})", ""]
    cost = "" if book.basis == "weights" else f", {money(result.pnl, book.currency, signed=True)}"
    lines += [f"Total return {percent(result.total_return, signed=True)}{cost}", coverage(result.coverage), ""]
    predicted = scenario.kind == "predictive"
    if predicted and result.band is not None:
        band = result.band
        ends = f"{percent(band.low, signed=True)} to {percent(band.high, signed=True)}"
        lines += [f"Band of {percent(band.level, 0)}: {ends}, {band.meaning}", ""]
    if benchmark:
        active = percent(result.total_return - benchmark.total_return, signed=True)
        against = percent(benchmark.total_return, signed=True)
        lines += [f"{benchmark.book.title or 'Benchmark'} {against}, active {active}", ""]
    moved = {e.segment: e.effective for e in measure(book).by_segment} if book.geared else {}
    cuts = [("segment", "weight", *["effective"] * book.geared, "move", "contribution")]
    beyond = beyond_value(result.positions)
    for each in result.by_segment:
        measured = each.market_value and each.key not in beyond
        cuts.append(
            (
                segment_name(each.key or ""),
                percent(each.market_value / book.capital),
                *[percent(moved.get(each.key or ""))] * book.geared,
                percent(each.pnl / each.market_value, signed=True) if measured else "–",
                percent(each.contribution, signed=True),
            )
        )
    lines += [text_table(cuts, right=(1, 2, 3, 4)[: 3 + book.geared]), ""]
    band_of = ("from", "to") if predicted else ()
    rows = [("line", "name", "weight", "shock", "with currency", *band_of, "contribution", "provenance")]
    ranked = sorted(result.positions, key=lambda p: p.contribution)
    for p in ranked[:SHOWN]:
        name = p.line.holding.name or "–"
        rows.append(
            (
                p.line.holding.ticker or p.line.line_id,
                name[:32],
                percent(p.line.weight),
                percent(p.move.shock, signed=True),
                percent(p.move.total, signed=True),
                *((percent(p.low, signed=True), percent(p.high, signed=True)) if predicted else ()),
                percent(p.contribution, signed=True),
                f"{p.move.provenance} ({p.move.via})",
            )
        )
    return "\n".join([*lines, text_table(rows, right=tuple(range(2, len(rows[0]) - 1))) + _more(len(ranked))])


def fallen(answer: Mapping[str, Any]) -> str:
    """Say how deep today's holdings fell before."""
    covered = answer["covered_weight"]
    low = min(v for v in (covered["start"], covered["end"], 1.0) if v is not None)
    unrated = answer["missing_rates"]
    has = "IS VALUED" if unrated else "HAS PRICES"
    warning = f"ONLY {percent(low, 0)} OF THE BOOK {has}. " if low < 0.5 else ""
    span = f"{answer['from']} to {answer['to']}, {answer['days']} sessions"
    fall = f"from {answer['peak'] or '–'} to {answer['trough'] or '–'}, recovered {answer['recovered'] or 'not yet'}"
    head = [
        f"{warning}Today's holdings, {span}, covered {percent(covered['start'], 0)} to {percent(covered['end'], 0)}",
        *([f"Not valued for want of an exchange rate: {'; '.join(map(_unrated, unrated))}"] if unrated else []),
        f"Deepest fall {percent(answer['max_drawdown'])}, {fall}",
        f"Now {percent(answer['current_drawdown'])}; under water {percent(answer['underwater_share'], 0)} of sessions",
        f"Ulcer index {percent(answer['ulcer_index'])}; CDaR 95 {percent(answer['cdar_95'])}",
        coverage(answer["coverage"]),
    ]
    rows = [("peak", "trough", "recovered", "depth", "sessions down", "sessions back")]
    rows += [
        (
            e["peak"],
            e["trough"],
            e["recovered"] or "not yet",
            percent(e["depth"]),
            str(e["days_down"]),
            str(e["days_to_recover"] or "–"),
        )
        for e in answer["episodes"]
    ]
    cuts = [
        ("segment", "its own deepest fall", "contribution"),
        *(
            (segment_name(s["segment"]), percent(s["max_drawdown"]), percent(s["contribution"], signed=True))
            for s in answer["by_segment"]
        ),
    ]
    missing = (
        f"\n\nWithout prices: {', '.join(answer['missing_prices'][:SHOWN])}" + _more(len(answer["missing_prices"]))
        if answer["missing_prices"]
        else ""
    )
    return (
        "\n".join(head) + "\n\n" + text_table(rows, right=(3, 4, 5)) + "\n\n" + text_table(cuts, right=(1, 2)) + missing
    )


def _unrated(missing: Mapping[str, Any]) -> str:
    days = missing["from"] if missing["dates"] == 1 else f"{missing['from']} to {missing['to']}"
    share = "unknown weight" if missing["weight"] is None else f"{percent(missing['weight'], 1)} of the book"
    return f"{share} ({missing['currency']} to {missing['base']}, {days})"


def without_rate(book: Book) -> str:
    """Say which part of a book no exchange rate values, by the weights that its file states; empty without any."""
    lines = [line for line in book.lines if line.unrated is not None]
    if not lines:
        return ""
    size, whole = (sum(line.size for line in each) for each in (lines, book.lines))
    many = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
    share = (
        f", about {percent(size / whole, 1)} of the book by its stated weight or last known rate"
        if size
        else ", of unknown weight"
    )
    names = ", ".join(line.holding.ticker or line.holding.name or line.line_id for line in lines[:4])
    return f"Not valued for want of an exchange rate: {many}{share} ({names}{' and others' * (len(lines) > 4)})"


def prices(answer: Mapping[str, Any]) -> str:
    """Say what the price store holds."""
    lines = [
        f"{answer['tickers']} tickers, {number(answer['rows'])} rows, {answer['from'] or '–'} to {answer['to'] or '–'}"
    ]
    lines += [f"missing: {', '.join(answer['missing'])}"] * bool(answer["missing"]) + [
        f"stale: {', '.join(answer['stale'])}"
    ] * bool(answer["stale"])
    lines += [f"failed: {f['ticker'] or ''} {f['reason']}" for f in answer["failed"][:SHOWN]]
    lines += _rates(answer["rates"])
    for gap in answer.get("gaps", ())[:SHOWN]:
        count = len(gap["sessions"])
        lines.append(f"gaps: {gap['ticker']} {count} sessions without a price, the first on {gap['sessions'][0]}")
    lines += [f"doubtful: {doubt['what']}" for doubt in answer.get("doubts", ())[: 4 * SHOWN]]
    for word in answer.get("accepted", ())[: 4 * SHOWN]:
        state = "" if word["holds"] else "; the price has changed since, and it is asked about again"
        by, note = word["author"] or "a user", f": {word['note']}" if word["note"] else ""
        saying = f"said to be right by {by} on {word['on']}{note}{state}"
        lines.append(f"accepted: {word['ticker']} {word['kind']} of {word['date']}, {saying}")
    return "\n".join(lines)


def _rates(rates: Mapping[str, Any]) -> list[str]:
    """Say to which day each exchange rate reaches, those of one day and source together."""
    shipped = f"those that come with the program end on {rates['shipped_to']}"
    lines = [f"exchange rates of the European Central Bank to {rates['to']}; {shipped}"]
    ends: dict[tuple[str, str], list[str]] = {}
    for one in rates["each"]:
        ends.setdefault((one["to"], one["source"]), []).append(one["rate"])
    return lines + [f"rates to {to} ({source}): {', '.join(names)}" for (to, source), names in sorted(ends.items())]


def fitted(answer: Mapping[str, Any]) -> str:
    """Say what a fit found, and what it misses."""
    levers = [("lever", "value", "remaining sd", "state")]
    for name, lever in answer["levers"].items():
        levers.append((name, number(lever["value"], 4), number(lever.get("remaining_sd"), 4), lever["state"]))
    rows = [("segment", "names", "observed", "modelled", "miss")]
    for m in (*answer["segment_misses"], *answer["misses"]):
        miss = percent(m["modelled"] - m["observed"], signed=True)
        figures = (percent(m["observed"], signed=True), percent(m["modelled"], signed=True), miss)
        rows.append((m.get("segment") or m["sub_segment"], str(m["names"]), *figures))
    heads = text_table(levers, right=(1, 2)), text_table(rows, right=(1, 2, 3, 4))
    return f"{heads[0]}\n\nMean log moves\n{heads[1]}\n\nWritten to {answer['out']}"


def simulated(answer: Mapping[str, Any]) -> str:
    """Say what the priors of the levers mean for a book, and which lever matters."""
    total = answer["total_return"]
    spread = ", ".join(
        f"{name} percentile {percent(total[key], signed=True)}"
        for key, name in {"p01": "1st", "p05": "5th", "p50": "50th", "p95": "95th", "p99": "99th"}.items()
    )
    head = [
        f"{answer['draws']} draws of {answer['scenario']['title']}, seed {answer['seed']}",
        f"Mean {percent(total['mean'], signed=True)}, standard deviation {percent(total['sd'])}; {spread}",
        f"Expected shortfall 95 {percent(total['expected_shortfall_95'], signed=True)}",
        coverage(answer["coverage"]),
    ]
    shares = {row["lever"]: row for row in answer["sobol"]}
    rows = [("lever", "at 5th percentile", "at 95th percentile", "Sobol first", "Sobol total")]
    for swing in answer["sensitivity"]:
        ends = (percent(swing["low"], signed=True), percent(swing["high"], signed=True))
        share = shares.get(swing["lever"], {})
        rows.append((swing["lever"], *ends, number(share.get("first"), 3), number(share.get("total"), 3)))
    return "\n".join(head) + "\n\n" + text_table(rows, right=(1, 2, 3, 4))


def reversed_(answer: Mapping[str, Any]) -> str:
    """Say at which levers a return is reached."""
    least = answer["least_implausible"]
    rows = [("lever", "alone", "all together")]
    for row in answer["levers"]:
        alone = number(row["value"], 4) if row["reachable"] else "not reached"
        rows.append((row["lever"], alone, number(least["levers"][row["lever"]], 4) if least else "–"))
    far = (
        f"{number(least['distance'], 2)} standard deviations from the priors" if least else "beyond the priors' bounds"
    )
    head = f"A return of {percent(answer['loss'], signed=True)}: {far}\n{coverage(answer['coverage'])}"
    return f"{head}\n\n{text_table(rows, right=(1, 2))}"
