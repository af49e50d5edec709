"""The command `trades`: cuts, hedges, sales and cash tried on a scenario, before and after; nothing is an order."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

from exposure import answers
from exposure.cli.source import Outcome, Source, chosen_scenario, lever_values
from exposure.errors import InputError
from exposure.format import money, percent
from exposure.trades import Fill, Side, Trade, exposure_to, whole_funds
from exposure.types import Book, Line
from exposure.workbench import complete_scenario

if TYPE_CHECKING:
    from exposure.prices import Market
    from exposure.shock import ShockResult
    from exposure.trades import Effect, WhatIf

SIDES = get_args(Side)
MONEY = re.compile(r"(.*?)\s*([A-Z]{3})")


class Tried(argparse.Action):
    """Gather the trades in the order in which they are written, each with its option."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, value: Any, option: str | None = None) -> None:
        """Put one more trade behind those before it."""
        before = getattr(namespace, self.dest) or []
        setattr(namespace, self.dest, [*before, ((option or "").lstrip("-"), value)])


def trades_(args: argparse.Namespace) -> Outcome:
    """Try trades one after the other on the same scenario."""
    from exposure.trades import what_if

    if not 0 < args.participation <= 1:
        raise InputError("option.participation", share=args.participation)
    if not args.tried:
        raise InputError("option.no-trade")
    scenario = chosen_scenario(args, lever_values(args), args.horizon)
    source = Source(args)
    book = source.book
    scenario = complete_scenario(scenario, source.prices_for)
    trades = [_trade(option, text, book) for option, text in args.tried]
    found = what_if(book, scenario, trades)
    for (option, text), effect in zip(args.tried, found.effects, strict=True):
        if effect.done.refused:
            raise InputError("option.refused", option=option, given=text, reasons="; ".join(effect.done.said))
    answer = _answer(found, _volumes(source, found), args.participation)
    return answer, lambda: _text(answer)


def _trade(option: str, text: str, book: Book) -> Trade:
    """Read one trade as it was written."""
    if option == "cash":
        return Trade("cash", "", *_amount(text, book, option))
    name, equals, much = text.rpartition("=")
    if not equals or not name or not much:
        example = {"cut": "segment:chips=0.20", "hedge": "SMH=0.05"}.get(option, "NVDA=0.02")
        raise InputError("option.no-amount", option=option, given=text, example=example)
    if option == "hedge":
        return Trade("short", name, *_amount(much, book, option))
    if option == "cut":
        first, colon, rest = name.partition(":")
        side, target = (first, rest) if colon and first in SIDES else ("net", name)
        amount, unit = _amount(much, book, option)
        if unit != "share":
            raise InputError("option.cut-money", given=text)
        return Trade("cut", _target(target, book), amount, "share", side)  # type: ignore[arg-type]
    line = _line(name, book)
    if much == "all":
        amount, unit = abs(line.market_value or 0.0), "money" if book.basis == "values" else "share"
    else:
        amount, unit = _amount(much, book, option)
    return Trade("trade", line.line_id, -amount if option == "sell" else amount, unit)


def _amount(text: str, book: Book, option: str) -> tuple[float, Literal["share", "money"]]:
    """Read a fraction of capital, or money with the book's currency behind it."""
    found = MONEY.fullmatch(text.strip().upper())
    try:
        amount = float((found[1] if found else text).replace("_", ""))
    except ValueError:
        raise InputError("option.amount", option=option, given=text) from None
    if found and book.basis == "weights":
        raise InputError("option.money-of-weights", option=option, given=text, currency=found[2])
    if found and found[2] != book.currency:
        base = book.currency or "–"
        raise InputError("option.other-money", option=option, given=text, currency=found[2], base=base)
    most = max(1.0, book.gross / book.capital)
    if not found and option != "cash" and amount > most:
        raise InputError("option.beyond-book", option=option, given=text, amount=amount, most=most)
    return amount, "money" if found else "share"


def _target(name: str, book: Book) -> str:
    """Write a target as the book does: an issuer by any of its tickers, a country in either case."""
    from exposure.chain import issuer_table

    sort, colon, key = name.partition(":")
    if sort == "country":
        return f"country:{key.upper()}"
    if sort == "issuer" and colon and not any(x.issuer == key for x in book.lines):
        entry = issuer_table().of(key.upper())
        held = [x.issuer for x in book.lines if x.issuer and key.upper() == (x.holding.ticker or "").upper()]
        return f"issuer:{held[0] if held else entry.key if entry else key}"
    return name


def _line(name: str, book: Book) -> Line:
    """Find the line of an id, an ISIN or a ticker, or a fund that is looked through."""
    own = [x for x in (*book.lines, *whole_funds(book)) if not x.inside]
    wanted = name.strip().upper()
    found = [x for x in own if x.line_id == name]
    found = found or [x for x in own if wanted in (x.holding.isin, (x.holding.ticker or "").upper(), x.listing)]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(x.line_id for x in found)
        raise InputError("option.several-lines", name=name, n=len(found), lines=ids)
    raise InputError("option.no-line", name=name)


def _volumes(source: Source, found: WhatIf) -> Market | None:
    """Give the volumes that tell how long the deals take: of the file, else of a stored portfolio's prices."""
    from datetime import timedelta

    args, day = source.args, found.before.book.as_of
    if args.prices or not args.portfolio or day is None:
        return source.market if args.prices else None
    lines = (deal.line for effect in found.effects for deal in effect.done.dealt)
    symbols = tuple(sorted({line.listing for line in lines if line.listing}))
    return source.store.market(symbols, day - timedelta(days=60), day, portfolio=args.portfolio)


def _answer(found: WhatIf, market: Market | None, participation: float) -> dict[str, Any]:
    before, after = found.before, found.after
    shown = answers.shocked(before, levers=False)
    about = ("basis", "capital_basis", "capital", "currency", "as_of", "nav", "scenario", "engine_version", "coverage")
    return {
        **{key: shown[key] for key in about},
        "participation": participation,
        "before": _side(before),
        "after": _side(after),
        "change": found.change,
        "trades": [_effect(each, market, participation) for each in found.effects],
        "limits": [_limit(each.done.trade, before.book, after.book) for each in found.effects if _cuts(each)],
        "exposure": _exposure(before.book, after.book),
        "issues": shown["issues"],
    }


def _side(result: ShockResult) -> dict[str, Any]:
    shown = answers.shocked(result, levers=False)
    fields = ("capital_basis", "capital", "nav_before", "nav_after", "pnl", "total_return", "band", "coverage",
              "by_segment")  # fmt: skip
    return {key: shown[key] for key in fields}


def _effect(effect: Effect, market: Market | None, participation: float) -> dict[str, Any]:
    trade, book = effect.done.trade, effect.result.book
    own = effect.done.dealt[0].line.holding if effect.done.dealt else None
    return {
        "trade": _label(trade, book.currency, own.ticker or own.name if own else None),
        "kind": trade.kind,
        "target": trade.target or None,
        "side": trade.side if trade.kind == "cut" else None,
        "amount": trade.amount,
        "unit": trade.unit,
        "change": effect.change,
        "alone": effect.alone,
        "pnl": effect.pnl,
        "said": list(effect.done.said),
        "dealt": [_dealt(deal, book, market, participation) for deal in effect.done.dealt],
    }


def _dealt(deal: Fill, book: Book, market: Market | None, participation: float) -> dict[str, Any]:
    from exposure.trades import days_to_trade

    own = deal.line.holding
    days = None if market is None else days_to_trade(deal, book, market, participation)
    share = deal.amount / book.capital
    return {"line_id": deal.line.line_id, "ticker": own.ticker, "isin": own.isin, "name": own.name,
            "amount": deal.amount, "weight": share, "days": days}  # fmt: skip


def _cuts(effect: Effect) -> bool:
    return effect.done.trade.kind == "cut"


def _limit(trade: Trade, before: Book, after: Book) -> dict[str, Any]:
    """Say where a limit stands after all trades: a later one may have moved it again."""
    was, now = (exposure_to(held, trade.target, trade.side) / held.capital for held in (before, after))
    over = abs(now) > trade.amount + 1e-9
    return {"limit": trade.target, "side": trade.side, "bound": trade.amount, "before": was, "after": now,
            "headroom": trade.amount - abs(now), "breached": over}  # fmt: skip


def _exposure(before: Book, after: Book) -> list[dict[str, Any]]:
    """Give net, gross, long and short of each segment that either book stands in, shares of their capital."""
    from exposure.chain import TOP_SEGMENTS

    rows = []
    for segment in (s for s in TOP_SEGMENTS if s not in ("cash", "unassigned")):
        both = [{s: exposure_to(b, f"segment:{segment}", s) / b.capital for s in SIDES} for b in (before, after)]
        if any(each["gross"] for each in both):
            rows.append({"segment": segment, "before": both[0], "after": both[1]})
    return rows


def _label(trade: Trade, currency: str | None, name: str | None) -> str:
    size = abs(trade.amount)
    much = percent(size) if trade.unit == "share" else money(size, currency)
    if trade.kind == "cut":
        return f"cut {trade.target}{f' ({trade.side})' * (trade.side != 'net')} to {much}"
    if trade.kind == "short":
        return f"short {trade.target.upper()}, {much}"
    if trade.kind == "cash":
        return f"{'withdraw' if trade.amount < 0 else 'add'} cash, {much}"
    return f"{'sell' if trade.amount < 0 else 'buy'} {name or trade.target}, {much}"


def _text(answer: Mapping[str, Any]) -> str:
    """Write the answer as lines of a terminal."""
    from exposure.view.texts import coverage

    before, after = answer["before"], answer["after"]
    many = "1 trade" if len(answer["trades"]) == 1 else f"{len(answer['trades'])} trades"
    lines = [f"{answer['scenario']['title']}: {percent(before['total_return'], signed=True)} before, "
             f"{percent(after['total_return'], signed=True)} after {many} "
             f"({percent(answer['change'], signed=True)})"]  # fmt: skip
    if answer["basis"] == "values":
        pnls = (money(each["pnl"], answer["currency"], signed=True) for each in (before, after))
        lines.append("Profit and loss " + " before, ".join(pnls) + " after")
    lines += [f"Before: {coverage(before['coverage'])}", f"After: {coverage(after['coverage'])}"]
    for number, each in enumerate(answer["trades"], 1):
        lines.append(f"{number}. {each['trade']:<44} {percent(each['change'], signed=True)}")
        for deal in each["dealt"]:
            days = "" if deal["days"] is None else f", {_sessions(deal['days'])}"
            way = "buy" if deal["amount"] > 0 else "sell"
            name = deal["ticker"] or deal["name"] or deal["line_id"]
            lines.append(f"     {way} {name:<32} {percent(abs(deal['weight']))} of capital{days}")
        lines += [f"     {remark}" for remark in each["said"]]
    for row in answer["limits"]:
        state = "over it" if row["breached"] else "within it"
        lines.append(f"Limit {row['limit']} ({row['side']}) {percent(row['bound'])}: {percent(row['before'])} before, "
                     f"{percent(row['after'])} after, {state}")  # fmt: skip
    lines.append(f"{'Share of capital':<22}" + "".join(f"{side:>20}" for side in SIDES))
    for row in answer["exposure"]:
        pairs = (f"{percent(row['before'][s], 1)} → {percent(row['after'][s], 1)}" for s in SIDES)
        lines.append(f"{row['segment']:<22}" + "".join(f"{pair:>20}" for pair in pairs))
    return "\n".join([*lines, "Analysis only: nothing here is an order."])


def _sessions(days: float) -> str:
    return f"{days:.1f} sessions" if days >= 0.1 else "under 0.1 sessions"
