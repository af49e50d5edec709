"""Rows and sentences about trades that were tried: what each adds, what is dealt in, and the book before and after."""

from __future__ import annotations

from typing import Any, get_args

from exposure.chain import TOP_SEGMENTS, issuer_table, measure, segment_name
from exposure.format import money, percent, short_money
from exposure.trades import Effect, Side, Trade, WhatIf, days_to_trade, exposure_to
from exposure.types import Book, Line
from exposure.view import looks
from exposure.view.looks import TOTAL, Column, Step
from exposure.view.sentences import one_line, segment_label

Row = dict[str, Any]
USUAL = 0.2
PARTICIPATION = {share: percent(share, 0) for share in (0.1, USUAL, 0.3)}
"""Shares of the usual turnover that one's own deals may be."""
TENTHS = "In sessions, to a tenth: 0.0 is under a tenth of one"
ANALYSIS = (
    "Analysis only: nothing here is an order, and none leaves this tool. Prices are those of the book, free of spread, "
    "impact, tax and the cost of borrowing."
)
ORDER = (
    "Each trade is tried on the book that the ones before it leave, so the changes add up; alone, it is tried on the "
    "book as it is. Funded trades keep the net asset value: what is sold becomes cash in the book’s currency."
)


def name(line: Line) -> str:
    """Name a line."""
    return one_line(line.holding.name or line.holding.ticker or line.line_id, 60)


def label(trade: Trade, book: Book) -> str:
    """Say what a trade is."""
    size = abs(trade.amount)
    much = f"{percent(size)} of capital" if trade.unit == "share" else money(size, book.currency)
    if trade.kind == "cut":
        of = f" {trade.side}" if trade.side != "net" else ""
        return f"Cut {_target(trade.target, book)}{of} to {much}"
    if trade.kind == "short":
        return f"Short {one_line(trade.target.upper(), 20)}, {much}"
    if trade.kind == "cash":
        return f"{'Withdraw' if trade.amount < 0 else 'Add'} cash, {much}"
    line = next((x for x in (*book.lines, *book.funds) if x.line_id == trade.target), None)
    return f"{'Sell' if trade.amount < 0 else 'Buy'} {name(line) if line else one_line(trade.target, 60)}, {much}"


def _short(trade: Trade, label: str) -> str:
    """Give a label without its amount."""
    return label.rpartition(" to " if trade.kind == "cut" else ", ")[0] or label


def _target(target: str, book: Book) -> str:
    sort, _, key = target.partition(":")
    if sort == "segment":
        return segment_label(key)
    held = (x for x in sorted(book.lines, key=lambda x: -abs(x.weight)) if x.issuer == key)
    entry = issuer_table().of(key)
    line = next(held, None)
    return name(line) if line else one_line(entry.name if entry else key, 60)


def headline(found: WhatIf) -> list[tuple[str, str] | tuple[str, str, str]]:
    """Give the figures: return and money before and after."""
    before, after, unit = found.before, found.after, found.before.book.currency
    shown: list[tuple[str, str] | tuple[str, str, str]] = [
        ("Total return before", percent(before.total_return, signed=True)),
        ("After the trades", percent(after.total_return, signed=True)),
        ("Change", percent(found.change, signed=True), "After less before, shares of capital"),
    ]
    if before.book.basis == "values":
        shown += [
            ("P&L before", short_money(before.pnl, unit, signed=True)),
            ("P&L after", short_money(after.pnl, unit, signed=True)),
            ("Change of P&L", short_money(after.pnl - before.pnl, unit, signed=True)),
        ]
    return shown


def finding(found: WhatIf) -> str:
    """Say what the trades do, as the title of their chart."""
    before, after, change = found.before.total_return, found.after.total_return, found.change
    if not found.effects:
        return f"Without any trade the book moves by {percent(before, signed=True)}"
    trades = "These trades leave" if len(found.effects) > 1 else "This trade leaves"
    span = f"{percent(before, signed=True)} before, {percent(after, signed=True)} after"
    if abs(change) < 0.00005:
        return f"{trades} the result as it was: {span}"
    if before < 0:
        how = "takes" if len(found.effects) == 1 else "take"
        who = "This trade" if len(found.effects) == 1 else "These trades"
        if change > 0:
            return f"{who} {how} {percent(min(change / -before, 1.0), 0)} of the loss away: {span}"
        return f"{who} {'makes' if how == 'takes' else 'make'} the loss larger: {span}"
    return f"{trades} the gain {'larger' if change > 0 else 'smaller'}: {span}"


def steps(found: WhatIf, names: list[str], dark: bool) -> list[Step]:
    """Give the bars: the return before, what each trade adds, the return after."""
    before, after = found.before.total_return, found.after.total_return
    said = percent(before, signed=True)
    bars = [Step("before", "Before", before, said, f"Before any trade: {said}", looks.QUIET[dark])]
    for number, (effect, text) in enumerate(zip(found.effects, names, strict=True), 1):
        figure = percent(effect.change, signed=True)
        colour = looks.LOSS if effect.change < 0 else looks.GAIN
        called = one_line(f"{number}. {_short(effect.done.trade, text)}", 26)  # a telephone has no room for more
        bars.append(Step(f"trade {number}", called, effect.change, figure, f"{text}: {figure}", colour))
    said = percent(after, signed=True)
    return [*bars, Step(TOTAL, "After", after, said, f"After all trades: {said}")]


def alt_text(bars: list[Step]) -> str:
    """Tell the chart in words."""
    return (
        "Total return before, what each trade adds, and after: "
        + ", ".join(f"{b.label} {b.figure}" for b in bars)
        + "."
    )


EFFECTS = (
    Column("trade", "Trade", width="large"),
    Column("change", "Change of total return", "share", "In this order; they add up"),
    Column("alone", "Alone", "share", "Tried by itself on the book as it is; empty where it needs another before it"),
    Column("pnl", "Change of P&L", "money"),
    Column("turnover", "Traded, % of capital", "share"),
    Column("days", "Days to trade", "tenths", f"The slowest line. {TENTHS}; empty where a volume is not known"),
    Column("said", "Remark", width="large"),
)


def effects(found: WhatIf, names: list[str], deals: list[Row]) -> list[Row]:
    """List what each trade adds."""
    rows = []
    for number, (effect, text) in enumerate(zip(found.effects, names, strict=True)):
        days = [row["days"] for row in deals if row["trade"] == number + 1]
        rows.append(
            {
                "trade": f"{number + 1}. {text}" + " (not tried)" * effect.done.refused,
                "change": effect.change,
                "alone": effect.alone,
                "pnl": effect.pnl if found.before.book.basis == "values" else None,
                "turnover": _turnover(effect),
                "days": max(days) if days and None not in days else None,
                "said": "; ".join(effect.done.said),
            }
        )
    return rows


def _turnover(effect: Effect) -> float:
    return sum(abs(deal.amount) for deal in effect.done.dealt) / effect.result.book.capital


def deals(found: WhatIf, market: Any, participation: float) -> list[Row]:
    """List every line that a trade buys or sells, with the sessions that takes."""
    rows = []
    for number, effect in enumerate(found.effects, 1):
        book = effect.result.book
        for deal in effect.done.dealt:
            days = None if market is None else days_to_trade(deal, book, market, participation)
            rows.append(
                {
                    "trade": number,
                    "way": "buy" if deal.amount > 0 else "sell",
                    "name": name(deal.line),
                    "ticker": deal.line.holding.ticker,
                    "isin": deal.line.holding.isin,
                    "amount": deal.amount if book.basis == "values" else None,
                    "weight": deal.amount / book.capital,
                    "days": days,
                }
            )
    return rows


def made(found: WhatIf, names: list[str]) -> dict[str, Trade]:
    """Give the trades that could be tried, by number and name."""
    pairs = enumerate(zip(found.effects, names, strict=True), 1)
    return {f"{number}. {text}": each.done.trade for number, (each, text) in pairs if not each.done.refused}


def broken(found: WhatIf, names: list[str]) -> str:
    """Say which limits the trades after them have passed again; nothing where all hold at the end."""
    said = []
    for text, effect in zip(names, found.effects, strict=True):
        trade, after = effect.done.trade, found.after.book
        if trade.kind == "cut" and not effect.done.refused:
            share = exposure_to(after, trade.target, trade.side) / after.capital
            if abs(share) > trade.amount + 1e-9:
                said.append(f"{text}, but after all trades it is {percent(share)}")
    return "; ".join(said)


def listings(found: WhatIf) -> tuple[str, ...]:
    """List the symbols whose volumes tell how long the trades take."""
    lines = (deal.line for effect in found.effects for deal in effect.done.dealt)
    return tuple(sorted({line.listing for line in lines if line.listing}))


SEGMENTS = (
    Column("segment", "Segment", width="medium"),
    Column("weight", "Weight before", "share", "Share of capital"),
    Column("weight_after", "Weight after", "share"),
    Column("contribution", "Contribution before", "share"),
    Column("contribution_after", "Contribution after", "share"),
    Column("change", "Change", "share", "Of the contribution; the rows add up to the change of the total return"),
)


def segments(found: WhatIf) -> list[Row]:
    """List the segments before and after: what stands in each, and what it contributes."""
    sides = (found.before, found.after)
    weights = [{e.segment: e.weight for e in measure(side.book).by_segment} for side in sides]
    parts = [{s.key: s.contribution for s in side.by_segment} for side in sides]
    rows = []
    for segment in TOP_SEGMENTS:
        weight, after = (w.get(segment, 0.0) for w in weights)
        before, now = (p.get(segment, 0.0) for p in parts)
        if weight or after or before or now:
            rows.append(
                {
                    "segment": segment_name(segment),
                    "weight": weight,
                    "weight_after": after,
                    "contribution": before,
                    "contribution_after": now,
                    "change": now - before,
                }
            )
    return rows


SIDES = (
    Column("segment", "Segment", width="medium"),
    *(
        Column(f"{side}{when}", f"{side.capitalize()} {word}", "share")
        for side in get_args(Side)
        for when, word in (("", "before"), ("_after", "after"))
    ),
)


def sides(found: WhatIf) -> list[Row]:
    """List what is long and short in each segment, before and after; nothing where all lines are plain longs."""
    books = found.before.book, found.after.book
    short = any(x.holding.kind != "cash" and (x.market_value or 0.0) < 0 for held in books for x in held.lines)
    if not (short or any(held.geared for held in books)):
        return []
    rows: list[Row] = []
    for segment in TOP_SEGMENTS:
        if segment in ("cash", "unassigned"):
            continue
        row: Row = {"segment": segment_name(segment)}
        for held, when in zip(books, ("", "_after"), strict=True):
            for side in get_args(Side):
                row[f"{side}{when}"] = exposure_to(held, f"segment:{segment}", side) / held.capital
        rows += [row] * any(row[f"gross{when}"] for when in ("", "_after"))
    return rows


def capital_said(found: WhatIf) -> str:
    """Say what the shares before and after are shares of."""
    basis = {"nav": "net asset value", "gross": "gross exposure (net is under 5\u202f% of it)"}
    before, after = (basis[side.book.capital_basis] for side in (found.before, found.after))
    if before == after:
        return f"Shares of {before}, before and after."
    return f"Before, shares of {before}; after, of {after}: the two returns are shares of different things."


DEALS = (
    Column("trade", "Trade", "row"),
    Column("name", "Name", width="medium"),
    Column("way", "Way", width="small"),
    Column("weight", "% of capital", "share"),
    Column("days", "Days to trade", "tenths", TENTHS),
    Column("ticker", "Ticker", width="small"),
    Column("isin", "ISIN", width="small"),
)


def days_said(deals: list[Row]) -> str:
    """Say what days to trade rest on, and for how many lines they are not known."""
    unknown = sum(row["days"] is None for row in deals)
    said = "Days to trade: mean turnover of the 20 sessions to the book’s date, at the share above."
    if not unknown:
        return said
    return f"{said} Not known for {unknown} of {len(deals)} lines: the store holds no recent volume of them."
