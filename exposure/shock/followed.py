"""Lines that move as something else does: leveraged funds, options with a delta, and forwards with their currencies."""

from __future__ import annotations

from dataclasses import replace
from math import fsum, isnan
from typing import TYPE_CHECKING

from exposure.chain.issuers import table
from exposure.chain.listing import CURRENCY_OF, split_symbol
from exposure.shock.result import Move
from exposure.types import Line, Provenance

if TYPE_CHECKING:
    from exposure.shock.moves import Moves

UNKNOWN = "leveraged fund of unknown factor"


def underlying(line: Line) -> Line | None:
    """Give the line that a leveraged fund or an option follows; None where that, or a fund's factor, is not known.

    What no table knows but a user or a rule has placed moves as its segments do.
    """
    option = line.holding.kind == "option"
    if not option and (line.factor is None or isnan(line.factor)):
        return None
    bare = replace(
        line,
        factor=None,
        underlying=None,
        holding=replace(line.holding, kind="equity" if option else line.holding.kind, isin=None, ticker=None),
    )
    entry = table().of(line.underlying)
    if entry is None or line.underlying is None:
        known = any(p.segment != "unassigned" for p in line.assignment.parts)
        return replace(bare, issuer=None, listing=None, siblings=()) if known else None
    return replace(
        bare,
        issuer=entry.key,
        listing=line.underlying,
        siblings=entry.symbols,
        currency=CURRENCY_OF[split_symbol(line.underlying)[1]],
        sector=entry.sector,
        country=entry.country,
        factor=entry.factor if entry.fund else None,
        underlying=entry.underlying,
        assignment=replace(line.assignment, parts=entry.parts),
        holding=replace(bare.holding, isin=dict(zip(entry.symbols, entry.isins, strict=True)).get(line.underlying)),
        holds=None,
    )


def multiple(line: Line, move: Move) -> float | None:
    """Give the daily factor in a line's move: a fund's own, or of the fund that an option is on."""
    under = underlying(line) if move.via == "delta" else None
    return line.factor if move.via == "factor" else under.factor if under else None


def by_factor(line: Line, moves: Moves) -> Move | None:
    """Move a leveraged or inverse fund by its factor, or not at all where factor or underlying is not known."""
    if line.factor is None:
        return None
    under = underlying(line)
    if under is None:
        return moves.given(line, 0.0, "none", "none", UNKNOWN)
    shock = max(line.factor * moves.of(under).shock, -1.0)
    return moves.given(line, shock, "modelled", "factor", f"{line.factor:g} × {line.underlying or 'its segments'}")


def by_delta(line: Line, moves: Moves) -> Move | None:
    """Move an option by the delta that the user gave, of what it is on; None where none was given or nothing is known.

    The move is that of the underlying: it applies to delta times notional.
    """
    if line.delta is None or line.notional is None or (under := underlying(line)) is None:
        return None
    move = moves.of(under)
    if move.via == "none":
        return None
    return replace(move, provenance="user", via="delta", source=f"{line.delta:g} × {line.underlying or 'its segments'}")


def by_rates(line: Line, moves: Moves) -> Move | None:
    """Move a forward by what its currencies do against the book's; None where it has no legs.

    The move is of the notional: `Σ leg · fx(leg)` over it. In a replay the rates were observed.
    """
    if not line.legs or not line.notional:
        return None
    pair = "/".join(leg.currency for leg in line.legs)
    moved = [(leg.value, moves.exchange(leg.currency)) for leg in line.legs]
    if any(fx is None for _, fx in moved):
        return replace(moves.given(line, 0.0, "none", "none", f"no exchange rate for {pair}"), fx=None, total=0.0)
    total = fsum(value * (fx or 0.0) for value, fx in moved) / line.notional
    provenance: Provenance = "observed" if moves.scenario.kind == "replay" else "modelled"
    return replace(moves.given(line, 0.0, provenance, "rates", pair), fx=total, total=total)
