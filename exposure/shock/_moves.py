"""Resolve a scenario against the lines of a book: which move each line gets, from where, and over which window.

The order is that of the method's table: the user's number, the line's own price, another line of the same issuer, its
sub-segments, the rest; options, bonds and unknown lines get none. The first that exists counts, and is recorded.

Lines that move as something else does: leveraged funds, options with a delta, and forwards with their currencies.
"""

from __future__ import annotations

from dataclasses import replace
from math import exp, fsum, isnan, log1p
from typing import Any

from exposure.chain import EQUATIONS, Name, issuer_table, loadings_named, market_betas, on_chain, top_segment
from exposure.exchanges import BY_CURRENCY, CURRENCY_OF, split_symbol
from exposure.scenarios import FAR_MOVE, Equations
from exposure.shock._result import Move
from exposure.spread import Day, follow_prediction, predicted_half, scores_of
from exposure.types import UNSUPPORTED, Issue, Line, Part, Prediction, Provenance, Replay, Scenario, Window

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
    entry = issuer_table().of(line.underlying)
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


def daily_factor(line: Line, move: Move) -> float | None:
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
    provenance: Provenance = "observed" if isinstance(moves.scenario, Replay) else "modelled"
    return replace(moves.given(line, 0.0, provenance, "rates", pair), fx=total, total=total)


class Moves:
    """A scenario made ready to be asked, line by line. `base` is the currency of the book, None for one of weights."""

    def __init__(self, scenario: Scenario, base: str | None) -> None:
        self.scenario, self.base = scenario, base
        self.issues: list[Issue] = []
        self.day = Day(scenario)
        self._equations = Equations(scenario.levers) if scenario.levers else None
        self._by_issuer = {}
        self._by_listing = {}
        for ticker, move in scenario.tickers.items():
            symbol = ticker.strip().upper()
            entry = issuer_table().of(symbol) or issuer_table().of(symbol.replace(".", "-"))
            if split_symbol(symbol)[1]:
                self._by_listing[symbol] = move
            elif entry is not None and not entry.fund:
                self._by_issuer[entry.key] = (ticker, move)
            else:
                self._by_listing[symbol] = move

    def of(self, line: Line) -> Move:
        """Give the move of one line."""
        return (
            self._user(line)
            or self._cash(line)
            or by_rates(line, self)
            or by_delta(line, self)
            or self._untouched(line)
            or self._observed(line)
            or self._other_line(line)
            or by_factor(line, self)
            or self._modelled(line)
        )

    def unknown_tickers(self, lines: tuple[Line, ...]) -> list[str]:
        """List the scenario's tickers that stand in neither the table nor the book."""
        held = {n.upper() for line in lines for n in (line.listing, line.holding.ticker) if n}
        known = issuer_table()
        return [
            t
            for t in self.scenario.tickers
            if t.upper() not in held and known.of(t.upper()) is None and known.of(t.upper().replace(".", "-")) is None
        ]

    def _user(self, line: Line) -> Move | None:
        own = line.holding
        if own.isin and own.isin in self.scenario.isins:
            return self.given(line, self.scenario.isins[own.isin], "user", "isin", own.isin)
        if own.kind not in ("equity", "fund"):
            return None
        for symbol in (line.listing, own.ticker):
            if symbol and symbol.upper() in self._by_listing:
                return self.given(line, self._by_listing[symbol.upper()], "user", "listing", symbol)
        if line.issuer in self._by_issuer:
            ticker, move = self._by_issuer[line.issuer]
            return self.given(line, move, "user", "issuer", ticker)
        return None

    def _cash(self, line: Line) -> Move | None:
        return self.given(line, 0.0, "none", "none", "currency") if line.holding.kind == "cash" else None

    def _untouched(self, line: Line) -> Move | None:
        """Leave alone what a price move cannot be applied to; it is counted and named in the headline."""
        kind = line.holding.kind
        still = kind in UNSUPPORTED or kind in ("crypto", "other")
        return self.given(line, 0.0, "none", "none", kind) if still else None

    def _observed(self, line: Line) -> Move | None:
        seen = self.scenario.observed.get(line.listing or "")
        if seen is None or (line.currency and line.currency != seen.currency):
            return None
        return self.given(
            line,
            seen.move,
            "observed",
            "own_price",
            seen.symbol,
            window=Window(seen.start, seen.end, self._rates(seen.symbol)),
        )

    def _other_line(self, line: Line) -> Move | None:
        """Take the move of another line of the issuer: its value in the book's currency moves alike."""
        known = [self.scenario.observed[s] for s in line.siblings if s in self.scenario.observed]
        if not known or line.factor is not None:
            return None
        seen = next((s for s in known if s.currency == line.currency), known[0])
        window = Window(seen.start, seen.end, self._rates(seen.symbol))
        theirs, ours = self._fx(seen.currency, window), self._fx(line.currency, window)
        total = (1 + seen.move) * (1 + (theirs or 0.0)) - 1
        if ours is None or theirs is None:
            return Move(
                total if ours is None else seen.move,
                None if theirs is None else ours,
                total,
                "proxy",
                "other_line",
                seen.start,
                seen.end,
                seen.symbol,
            )
        return Move((1 + total) / (1 + ours) - 1, ours, total, "proxy", "other_line", seen.start, seen.end, seen.symbol)

    def _modelled(self, line: Line) -> Move:
        """Mix the log moves of the line's segments by weight; parts that nothing reaches move as the rest does."""
        if self._equations is not None:
            return self._transmitted(line, self._equations)
        if isinstance(self.scenario, Prediction):
            return self._predicted(line, self.scenario)
        logs, vias = [], []
        for part in line.assignment.parts:
            move, via = self._part(part, line)
            logs.append(part.weight * move)
            vias.append(via)
        via = next((v for v in ("sub_segment", "segment", "rest") if v in vias), "rest")
        source = " + ".join(f"{p.segment} {p.weight:g}" for p in line.assignment.parts)
        return self.given(line, exp(fsum(logs)) - 1, "modelled", via, source)

    def _transmitted(self, line: Line, equations: Equations) -> Move:
        """Move a line by the equations; what stands outside the chain, by its beta alone."""
        name, given = self.levered(line)
        log = given + equations.log_move(name)
        called = line.holding.name or line.line_id
        at: dict[str, Any] = {"row": line.holding.row, "weight": line.weight, "name": called}
        if name.beta is None and self.scenario.market:
            self.issues.append(Issue.of("notice", "shock.beta-unknown", **at))
        if abs(log) > FAR_MOVE:
            self.issues.append(Issue.of("warning", "shock.move-far", log=f"{log:+.2f}", **at))
        segments = {p.segment for p in line.assignment.parts}
        by_hand = {s for s in segments if {s, top_segment(s)} & self.scenario.segments.keys()}
        strange = sorted(s for s in segments - by_hand - EQUATIONS.keys() if on_chain(s))
        if strange:
            self.issues.append(Issue.of("warning", "shock.no-equation", segments=", ".join(strange), **at))
        source = " + ".join(f"{p.segment} {p.weight:g}" for p in line.assignment.parts)
        via = "equations" if name.pieces else "sub_segment" if by_hand else "rest"
        return self.given(line, exp(log) - 1, "modelled", via, source)

    def _predicted(self, line: Line, scenario: Prediction) -> Move:
        """Move a line as given for its segments, and for what is left as follows from that."""
        symbols = [s for s in (line.listing, *line.siblings) if s]
        log, source, given = follow_prediction(scenario, line.assignment.parts, symbols, lambda: self._rest(line))
        return self.given(line, exp(log) - 1, *(("user", "segment") if given else ("modelled", "covariance")), source)

    def levered(self, line: Line) -> tuple[Name, float]:
        """Give what the equations move of a line, and the log move of its parts in segments given by hand.

        The market, and limits on China, then bear on the share that no hand has given.
        """
        given = self.scenario.segments
        by_hand = [p for p in line.assignment.parts if p.segment in given or top_segment(p.segment) in given]
        others = [p for p in line.assignment.parts if p not in by_hand]
        name = loadings_named(others, line.issuer, line.listing, line.country)
        if not by_hand:
            return name, 0.0
        left = fsum(p.weight for p in others)
        beta = left * (1.0 if name.beta is None else name.beta)
        name = replace(name, beta=beta, china=left * name.china, china_ai=left * name.china_ai)
        return name, fsum(
            p.weight * log1p(given.get(p.segment, given.get(top_segment(p.segment), 0.0))) for p in by_hand
        )

    def _part(self, part: Part, line: Line) -> tuple[float, str]:
        """Give the log move of one part and what gave it."""
        given = self.scenario.segments
        if part.segment in given:
            return log1p(given[part.segment]), "sub_segment" if "." in part.segment else "segment"
        if top_segment(part.segment) in given:
            return log1p(given[top_segment(part.segment)]), "segment"
        if on_chain(part.segment) and self.scenario.observed:
            if part.segment in self.day.segment_means:
                if self.day.spread is not None:
                    return self.day.spread.effect(part.segment).of(self._scores(line)), "sub_segment"
                return self.day.segment_means[part.segment], "sub_segment"
            if top_segment(part.segment) in self.day.segment_means:
                return self.day.segment_means[top_segment(part.segment)], "segment"
        return self._rest(line), "rest"

    def _rest(self, line: Line) -> float:
        rest = self.scenario.rest
        if rest == "market":
            beta = market_betas().get(line.listing or "", market_betas().get(line.issuer or ""))
            if beta is None:
                at: dict[str, Any] = {"row": line.holding.row, "weight": line.weight}
                self.issues.append(
                    Issue.of("notice", "shock.beta-unknown", name=line.holding.name or line.line_id, **at)
                )
            return (1.0 if beta is None else beta) * log1p(self.scenario.market or 0.0)
        if rest == "outside":
            move = self.day.sector(line.sector)
            return self.day.outside_mean if move is None else move
        return log1p(rest or 0.0)

    @property
    def segment_means(self) -> dict[str, float]:
        """Mean log move of the observed stocks of each segment and sub-segment."""
        return self.day.segment_means

    @property
    def outside_mean(self) -> float:
        """Mean log move of those that stand wholly outside the chain."""
        return self.day.outside_mean

    def half_width(self, line: Line, move: Move) -> float | None:
        """Give half the 90 % band of a modelled line's log move; None where it was not spread from observed names."""
        parts, given = line.assignment.parts, self.scenario.segments
        if move.via == "covariance" and isinstance(self.scenario, Prediction):
            return predicted_half(self.scenario, parts, [s for s in (line.listing, *line.siblings) if s])
        if move.via not in ("sub_segment", "segment", "rest") or not self.scenario.observed:
            return None
        if any(p.segment in given or top_segment(p.segment) in given for p in parts):
            return None  # a number that the user gave
        return self.day.half_width(parts, self._scores(line))

    def _scores(self, line: Line) -> tuple[float, ...] | None:
        symbols = [s for s in (line.listing, *line.siblings) if s]
        return scores_of(symbols, self.scenario.start, line.issuer, line.assignment.parts)

    def _rates(self, symbol: str | None) -> dict[str, float]:
        suffix = split_symbol(symbol)[1] if symbol else ""
        window = self.scenario.windows.get(suffix) or self.scenario.windows.get("")
        return dict(window.fx) if window else dict(self.scenario.fx)

    def _window(self, line: Line) -> Window | None:
        own = split_symbol(line.listing)[1] if line.listing else BY_CURRENCY.get(line.currency or "", "")
        return self._window_of(own)

    def _window_of(self, suffix: str) -> Window | None:
        return self.scenario.windows.get(suffix) or self.scenario.windows.get("")

    def exchange(self, currency: str) -> float | None:
        """Give the move of a currency against the book's over the window of cash in it; None where not known."""
        return self._fx(currency, self._window_of(BY_CURRENCY.get(currency, "")))

    def _fx(self, currency: str | None, window: Window | None) -> float | None:
        """Give the move of a currency against the book's; None where either has no known rate."""
        if self.base is None or currency is None:
            return None
        if currency == self.base:
            return 0.0
        rates = window.fx if window is not None else self.scenario.fx
        known = self.scenario.fx_known
        if known is not None and not {currency, self.base} <= known | {"USD"}:
            return None
        return (1 + rates.get(currency, 0.0)) / (1 + rates.get(self.base, 0.0)) - 1

    def given(
        self, line: Line, shock: float, provenance: Provenance, via: str, source: str, *, window: Window | None = None
    ) -> Move:
        """Give a line a local move; its currency moves over its exchange's window unless another is named.

        A fund of one country, or of a multiple, that is modelled moves in the currency of what it holds or tracks.
        """
        window = window or self._window(line)
        held = line.holds if provenance == "modelled" else None
        fx = self._fx(held or line.currency, window)
        total = (1 + shock) * (1 + (fx or 0.0)) - 1
        return Move(
            shock, fx, total, provenance, via, window.start if window else None, window.end if window else None, source
        )
