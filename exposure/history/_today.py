"""Drawdown of today's holdings held through the past: the question after a shock, and hindsight by its nature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

from exposure.history import _notices
from exposure.history import _statistics as measures
from exposure.history._align import Closes
from exposure.history._path import Hold, Path, value_path
from exposure.history._quotes import Rates, State, line_name, once, shares_of, top_parts, with_means
from exposure.history._result import DrawdownResult, Episode, HoldingFall, SegmentFall
from exposure.prices import Floats, Market
from exposure.types import Book, Issue

DEEPEST = 10
STATES: tuple[State, ...] = ("priced", "proxy", "none", "cash")


def drawdown(
    book: Book,
    market: Market,
    *,
    start: date | None = None,
    end: date | None = None,
    hold: Hold = "weights",
    rates: Rates | None = None,
    closes: Closes = "local",
    proxies: Mapping[str, str] | None = None,
) -> DrawdownResult:
    """Measure how today's holdings fell over past sessions.

    Parameters
    ----------
    book : its weights are held, or with `hold="quantities"` its quantities, their value followed along the prices
    market : daily prices; returns are taken from `adj_close` where there is one
    start, end : first and last session to look at
    rates : for prices in another currency than the book's; without it those of the market: the bank's, and its own
        `EURUSD=X` and the like. On a date without a rate a line is not valued, and an Issue says so; see
        `exposure.prices.rates`.
    closes : `local`, each exchange's own closes; or `common`, one cut for all at the closes of the exchange with most
        weight, each line at its last close before it
    proxies : `line_id` → symbol of the series to stand for a line without prices; each is marked. See `proxies_for`.

    Raises
    ------
    MissingPrice
        No line has a price, the period holds fewer than two sessions, or a proxy has no prices.
    MissingRate
        There are prices, and no rate brings any of them to the book's currency.

    Notes
    -----
    A session of the book is a date on which lines of at least half of the weight then priced trade on their own
    exchanges; the history starts on the first one on which 80 % of the weight that has any price is priced, cash
    counting as priced. A line's return on a session runs from its last close up to the session before to its last close
    up to this one, so the product of its returns is its last price over its first: a market at rest moves nothing and
    shows its whole move when it opens again, whoever rests when. Rows on days on which the exchange was shut are left
    out. A line whose last close is older than ten sessions leaves, the weights of the others rescaled to 1, until it
    has a close again; a missing price is never a zero. Cash earns nothing but the move of its currency.

    By quantities a session's return is P&L over the capital of the session before. Whether capital is net asset value
    or gross exposure is settled once for the whole path (`capital_basis` of the result).

    A segment's or a line's contribution links its part of each return by the level before it, over the level at the
    peak: `Σ W(t−1)·c(t) / W(peak)` from peak to trough; over all of them they sum to the drawdown (Cariño's problem
    does not arise, since the levels themselves are the linking coefficients).
    """
    market = with_means(market, (proxies or {}).values())
    path = value_path(book, market, start=start, end=end, hold=hold, rates=rates, closes=closes, proxies=proxies)
    doubtful = _notices.doubts_of_path(book, path, market, anchored=hold == "quantities")
    told = (*_notices.of_path(book, path), *doubtful, *_notices.of_market(market, shares_of(book, path.quotes)))
    issues = once(told, market)
    return result_of(book, path, hold, closes, issues)


def result_of(
    book: Book,
    path: Path,
    hold: Literal["weights", "quantities", "snapshots"],
    closes: Closes,
    issues: Iterable[Issue],
) -> DrawdownResult:
    """Take every statistic of a path."""
    falls = measures.spells(path.wealth)
    deepest = sorted(falls, key=lambda f: f.depth)
    dates: list[date] = path.dates.tolist()
    episodes = tuple(_episode(f, dates) for f in deepest[:DEEPEST])
    worst = episodes[0] if episodes else None
    below = measures.underwater(path.wealth)
    missing = [line for line, q in zip(book.lines, path.quotes, strict=True) if q.state == "none" and not q.unrated]
    return DrawdownResult(
        book=book,
        hold=hold,
        start=dates[0],
        end=dates[-1],
        days=len(dates),
        max_drawdown=float(below.min()),
        peak=worst.peak if worst else None,
        trough=worst.trough if worst else None,
        recovered=worst.recovered if worst else None,
        current_drawdown=float(below[-1]),
        underwater_share=float(measures.underwater_share(path.wealth)),
        ulcer_index=float(measures.ulcer_index(path.wealth)),
        pain_index=float(measures.pain_index(path.wealth)),
        cdar_95=float(measures.cdar(path.wealth, 0.95)),
        covered_weight={"start": float(path.covered[0]), "end": float(path.covered[-1])},
        coverage=_coverage(book, path),
        episodes=episodes,
        by_segment=_by_segment(path, deepest[0] if deepest else None),
        missing_prices=tuple(dict.fromkeys(line_name(line) for line in missing)),
        issues=tuple(issues),
        dates=path.dates,
        wealth=path.wealth,
        underwater=below,
        closes=closes,
        capital_basis=path.capital,
        expected_drawdown=_known(measures.expected_drawdown(path.wealth)),
        calmar=_known(measures.calmar(path.wealth)),
        by_holding=_by_holding(path, deepest[0] if deepest else None),
        missing_rates=_notices.unrated(book, path),
    )


def _known(value: float) -> float | None:
    return float(value) if value == value else None


def _episode(fall: measures.Spell, dates: list[date]) -> Episode:
    back = fall.recovered
    return Episode(
        peak=dates[fall.peak],
        trough=dates[fall.trough],
        recovered=None if back is None else dates[back],
        depth=fall.depth,
        days_down=fall.trough - fall.peak,
        days_to_recover=None if back is None else back - fall.trough,
    )


def _coverage(book: Book, path: Path) -> dict[str, float]:
    shares = dict.fromkeys(map(str, STATES), 0.0)
    for line, q in zip(book.lines, path.quotes, strict=True):
        shares["none" if line.unrated is not None else q.state] += (
            abs(line.weight) + (line.unrated or 0.0) / book.capital
        )
    whole = sum(shares.values())
    return {state: share / whole if whole else 0.0 for state, share in shares.items()}


def _levels(path: Path, fall: measures.Spell | None) -> tuple[slice, Floats]:
    """Give the returns from peak to trough, and the level before each over that at the peak."""
    between = slice(fall.peak, fall.trough) if fall else slice(0, 0)
    return between, path.wealth[between] / path.wealth[fall.peak if fall else 0]


def _by_segment(path: Path, fall: measures.Spell | None) -> tuple[SegmentFall, ...]:
    own = measures.max_drawdown(path.segment_wealth)
    between, level = _levels(path, fall)
    linked = path.parts[:, between] @ level
    return tuple(
        SegmentFall(s, float(own[k]) if path.measured[k] else None, float(linked[k]))
        for k, s in enumerate(path.segments)
    )


def _by_holding(path: Path, fall: measures.Spell | None) -> tuple[HoldingFall, ...]:
    between, level = _levels(path, fall)
    found: dict[str, HoldingFall] = {}
    for piece in path.pieces:
        n = piece.gain.shape[1]
        first, last = max(between.start, piece.begin), min(between.stop, piece.begin + n)
        linked = piece.gain[:, max(first - piece.begin, 0) : max(last - piece.begin, 0)]
        each = linked @ level[max(first - between.start, 0) : max(last - between.start, 0)] if last > first else None
        of_column = each.tolist() if each is not None else []
        for line, j in zip(piece.book.lines, piece.of_line.tolist(), strict=True):
            part = line.weight * of_column[j] if of_column and j >= 0 else 0.0
            before = found[line.line_id].contribution if line.line_id in found else 0.0
            top = top_parts(line)
            found[line.line_id] = HoldingFall(
                line.line_id, line_name(line), max(top, key=top.__getitem__), before + part
            )
    return tuple(sorted(found.values(), key=lambda h: h.contribution))
