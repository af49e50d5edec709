"""Made-up holdings files of any size, from the project's own table of issuers."""

from __future__ import annotations

from pathlib import Path

from exposure.chain.issuers import table

HEADER = "Ticker,ISIN,Name,Asset Class,Quantity,Price,Market Value,Currency"


def write_book(path: Path, rows: int) -> Path:
    """Write a holdings file of `rows` lines in New York's names, which repeat where it is long."""
    entries = [e for e in table().entries if not e.fund and "." not in e.symbols[0] and e.isins[0]]
    lines = [HEADER]
    for n in range(rows):
        entry = entries[n % len(entries)]
        price, quantity = 10 + n % 490 + 0.25, 1 + n % 97
        name = entry.name.replace(",", " ")
        lines.append(f"{entry.symbols[0]},{entry.isins[0]},{name},Equity,{quantity},{price},{quantity * price:.2f},USD")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
