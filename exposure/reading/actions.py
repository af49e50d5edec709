"""Words of transactions in six languages: what an action does to a holding."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from exposure.reading.headings import normal

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
