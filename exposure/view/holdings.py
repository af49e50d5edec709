"""A book and its neighbours as rows of tables: pure, without Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exposure.chain import Exposure, effective_weight, segment_name, stakes, top_segment
from exposure.types import Book, Override, Snapshot

Row = dict[str, Any]


def exposures(measured: Sequence[Exposure]) -> list[Row]:
    """List exposures with their names; the three ties add up to the weight."""
    fields = ("market_value", "weight", "effective", "direct", "stake", "customer")
    return [{"segment": segment_name(e.segment)} | {f: getattr(e, f) for f in fields} for e in measured]


def lines_in(book: Book, segment: str) -> list[Row]:
    """List the parts of lines that stand in a segment or in its sub-segments, the largest first."""
    rows = []
    for line in book.lines:
        own, place, moved = line.holding, line.assignment, effective_weight(line, book.capital)
        for part in place.parts:
            if segment not in (part.segment, top_segment(part.segment)):
                continue
            rows.append(
                {
                    "name": own.name or own.ticker or line.line_id,
                    "ticker": own.ticker,
                    "isin": own.isin,
                    "segment": segment_name(part.segment),
                    "weight": line.weight * part.weight,
                    "effective": None if moved is None else moved * part.weight,
                    "market_value": None if line.market_value is None else line.market_value * part.weight,
                    "part": part.weight,
                    "tie": part.tie,
                    "origin": "cash" if own.kind == "cash" else place.origin.replace("_", "-"),
                    "reason": place.reason,
                    "reference": place.reference,
                    "dated": place.dated,
                }
            )
    return sorted(rows, key=lambda r: -abs(r["weight"]))


def stakes_held(book: Book) -> list[Row]:
    """List the published stakes in unlisted laboratories of the issuers that a book holds."""
    names: dict[str, str] = {}
    weights: dict[str, float] = {}
    for line in book.lines:
        if line.issuer:
            names.setdefault(line.issuer, line.holding.name or line.holding.ticker or line.issuer)
            weights[line.issuer] = weights.get(line.issuer, 0.0) + line.weight
    return [
        {
            "holder": names[s.holder],
            "weight": weights[s.holder],
            "lab": s.lab,
            "stake": s.stake,
            "value_usd": s.value_usd,
            "basis": s.basis,
            "source": s.source,
            "dated": s.dated,
        }
        for s in stakes()
        if s.holder in names
    ]


def overrides(listed: Sequence[Override]) -> list[Row]:
    """List overrides, a row for each part, or one for a delta alone."""
    return [
        {
            "security": each.isin or each.ticker,
            "segment": segment_name(part.segment) if part else None,
            "weight": part.weight if part else None,
            "delta": each.delta,
            "reason": each.reason,
            "author": each.author,
            "date": each.date,
        }
        for each in listed
        for part in (each.parts or (None,))
    ]


HOLDING_FIELDS = (
    "row", "kind", "name", "ticker", "isin", "cusip", "sedol", "quantity", "price", "price_currency",
    "market_value", "value_currency", "weight", "currency", "exchange", "country", "sector", "account",
)  # fmt: skip


def holdings(snapshot: Snapshot) -> list[Row]:
    """List the holdings of a snapshot as they were read, and which fields were computed from others."""
    return [
        {f: getattr(h, f) for f in HOLDING_FIELDS} | {"derived": ", ".join(h.derived) or None}
        for h in snapshot.holdings
    ]


def snapshots(portfolio: Any) -> list[Row]:
    """List the snapshots of a stored portfolio, the latest first."""
    fields = ("snapshot_id", "as_of", "positions", "nav", "currency")
    return [{f: getattr(s, f) for f in fields} for s in reversed(portfolio.snapshots)]


def columns(snapshot: Snapshot) -> list[Row]:
    """List which heading of the file was understood as what, and how its text was read."""
    understood = [{"field": field.replace("_", " "), "heading": heading} for field, heading in snapshot.columns.items()]
    return understood + [
        {"field": f"({key.replace('_', ' ')})", "heading": said} for key, said in snapshot.dialect.items()
    ]


def rejected(snapshot: Snapshot) -> list[Row]:
    """List the rows that could not be used."""
    return [{"row": r.row, "reason": r.reason, "raw": r.raw} for r in snapshot.rejected]
