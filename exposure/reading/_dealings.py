"""What rows of dealings look like: words of buying and selling, signs that run against each other, dates.

Words of transactions in six languages: what an action does to a holding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from exposure.files import dates_in, filled_cells
from exposure.reading._columns import Columns
from exposure.reading._headings import normal

Row = tuple[int, list[Any]]
_TRADE = re.compile(
    r"^(?:you )?(?:market |limit |stop )?(?:savings plan"
    r"|buy|bought|sell|sold|purchase|sale|dividends?|deposits?|withdrawals?"
    r"|interest|reinvest\w*|transfer|split|journal"
    r"|kauf|verkauf|achat|vente|koop|verkoop|aankoop|acquisto|vendita|compra|venta|einzahlung|auszahlung"
    r"|dividende?n?|dividendo|ausschuttung|zins\w*|fees?|withholding"
    r"|order|trade|spend|receive|rewards?|staking|closedlot|bonifico|provento|stock split|conferimento"
    r"|kopt?|salj\w*|salt|salg|solgt|kjopt?|kob|insattning|uttag|utdelning|kupno|zakup|sprzedaz|venda"
    r"|[a-z]+ (?:buy|sell))\b",
    re.I,
)


def paid_for(columns: Columns, sample: Sequence[Sequence[Any]]) -> bool:
    """Tell dealings by their signs: what comes in is paid for, so quantity and value have opposite ones."""
    at = columns.at
    if not {"quantity", "market_value"} <= at.keys():
        return False
    signs = [(_sign(c, at["quantity"]), _sign(c, at["market_value"])) for c in sample]
    opposite = [q != v for q, v in signs if q and v]
    return bool(opposite) and sum(opposite) > 0.8 * len(opposite)


def _sign(cells: Sequence[Any], at: int) -> int:
    """Give −1 or 1 by how a figure is written, whatever its decimal mark; 0 where none or nothing stands there."""
    text = str(cells[at]).strip() if at < len(cells) else ""
    if not any("1" <= c <= "9" for c in text):
        return 0
    return -1 if text[0] in "-−–(" or text[-1] in "-−" else 1


def trades(sample: Sequence[Sequence[Any]], *, strong: bool = False) -> bool:
    """Tell whether some column of these rows names dealings; `strong`: not buy and sell alone."""
    width = max(map(len, sample), default=0)
    for i in range(width):
        cells = [c[i].strip() for c in sample if i < len(c) and isinstance(c[i], str) and c[i].strip()]
        hits = [c for c in cells if len(c) < 60 and _TRADE.match(c if c.isascii() else normal(c))]
        if 2 * len(hits) >= len(cells) and len(hits) > 0.3 * len(sample):
            kinds = {h.lower() for h in hits}
            if not strong or len(kinds - {"buy", "sell", "kauf", "verkauf", "achat", "vente"}) > 0:
                return True
    return False


def bare_trades(rows: Sequence[Row]) -> bool:
    """Tell a list of dealings without a row of headings: a column that names them and one of dates."""
    sample = [cells for _, cells in rows[:200] if len(filled_cells(cells)) > 3]
    dated = sum(any(dates_in(c, "dmy") for c in cells) for cells in sample)
    return bool(sample) and dated > 0.7 * len(sample) and trades(sample)


Action = Literal["buy", "sell", "short", "in", "out", "old", "new", "split", "signed", "income", "cash"]
_WORDS: tuple[tuple[Action, str], ...] = (
    ("old", r"(?:stock |share )?split close"),
    ("new", r"(?:stock |share )?split open"),
    ("split", r"(?:(?:stock|share|forward|reverse) )*(?:split|consolidation)|aktiensplit|(?:reverse )?splitt"
              r"|frazionamento|raggruppamento|division|desdoblamiento|regroupement|merger|fusion|fusie|spin ?off"),
    ("in", r"stock (?:distribution|dividend|bonus)|bonus (?:issue|shares?)|transfer in|transfers? \(?in|einlieferung"
           r"|incoming transfer|overboeking in|transfert entrant|delivery in|deposit securities|shares in"),
    ("out", r"transfer out|outgoing transfer|auslieferung|transfert sortant|delivery out|shares out"),
    ("income", r"(?:(?:cash|qualified|non qualified|ordinary|special|pr yr|return of|reinvest\w*|div\w*) )*"
               r"(?:dividend\w*|div|distributions?|ausschuttung\w*|coupons?|cedol[ae]|provent[oi]|ertrag\w*|utdelning|utbytte|udbytte|capital)\b"
               r"|capital gains?|(?:long|short) term cap"),
    ("short", r"(?:you )?(?:sell short|sold short|short sell|short sale|sell to open|sold to open)"),
    ("buy", r"(?:you )?(?:(?:market|limit|stop|savings? plan|sparplan|executed|stop limit|fractional) )*"
            r"(?:buy|bought|purchased?|kauf\w*|achats?|koop|aankoop|acquist[oi]|compra[sr]?|kopt?|kjopt?|kob|kobt|kupno|zakup"
            r"|reinvest shares|reinvestments?|savings? plan(?: execution)?|sparplan\w*|b)\b"),
    ("sell", r"(?:you )?(?:(?:market|limit|stop|executed|stop limit|fractional) )*"
             r"(?:sell|sold|sale|verkauf\w*|ventes?|verkoop|vendit[ae]|ventas?|salj|salt|salg|solgt|sprzedaz|vendas?|redemption|s)\b"),
    ("cash", r"(?:deposits?|withdrawals?|einzahlung|auszahlung|versement|retrait|storting|opname|ingreso|retirada"
               r"|insattning|uttag|innskudd|uttak"
             r"|bonifico|conferimento|interest|zins\w*|interets?|rente|interess[ie]|intereses|fees?|gebuhr\w*|frais"
             r"|kosten|commission\w*|spese|comision\w*|tax\w*|steuer\w*|impots?|impost\w*|ritenuta|retencion\w*"
             r"|withholding|rit|journal(?:ed)?|wire|transfer|uberweisung|virement|overboeking|ach|moneylink|service|adr"
             r"|foreign tax|fx|forex|currency|valuta"
             r"|conversion|lending|card|cashback|adjustment|misc\w*|electronic|direct debit|bill pay|check|credit"
             r"|debit)\b"),
    ("signed", r"(?:order|trade|execution|exchtrade|booktrade|fill)\b"),
)  # fmt: skip
_ACTIONS = tuple((action, re.compile(words)) for action, words in _WORDS)


@lru_cache(maxsize=4096)
def action_of(text: str) -> Action | None:
    """Tell what an action does to a holding; None where its words are not known.

    >>> action_of("Market buy"), action_of("Verkauf"), action_of("Stock split close"), action_of("Pippo")
    ('buy', 'sell', 'old', None)
    """
    words = normal(text)
    return next((action for action, pattern in _ACTIONS if pattern.match(words)), None)
