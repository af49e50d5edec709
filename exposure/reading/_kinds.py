"""What kind of thing a line is: by the shape of its symbol, the words of its asset class, then its name."""

from __future__ import annotations

import re
from functools import lru_cache

from exposure.files import CURRENCY_CODES, CURRENCY_NAMES
from exposure.reading._headings import normal
from exposure.reading._profiles import Contract as Contract
from exposure.reading._profiles import option as option
from exposure.types import Kind

_CLASSES: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"\b(?:{words})"))  # type: ignore[misc]
    for kind, words in (
        ("option", r"options?\b|opt\b|opcion|opzion|optionen|optie|calls?\b|puts?\b|fop\b|iopt\b"),
        ("other", r"warrants?\b|war\b|turbo|zertifikat|swaps?\b|swp\b|cfds?\b"),
        ("future", r"futures?\b|fut\b|termingesch|futuros?\b|contrats? a terme"),
        (
            "fx",
            r"fx\b|forwards?\b|forex\b|foreign exchange|devisentermin|change a terme|termine su valute|ccy fwd"
            r"|currency contract",
        ),
        (
            "cash",
            r"money market|geldmarkt|marche monetaire|mercato monetario|mercado monetario|monetaire|collateral"
            r"|margin|sweep|liquidit|especes|efectivo|tesoreria|barmittel|bargeld|contanten|kas\b"
            r"|contant|flussige mittel|cash(?! und oder| and or| et ou| e o| y o| en of| equivalent fund)"
            r"|currency\b|currencies\b|devises?\b|divisas?\b|valute?n?\b|bank deposit|time deposit|deposits?\b"
            r"|tresorerie|kassa|treps|(?:tri ?party|reverse) repo|cblo|likvid|kontant"
            r"|barsicherheit|einschuss|garantie en espece|caixa\b",
        ),
        ("crypto", r"crypto|krypto|digital asset|kryptowahrung"),
        (
            "fund",
            r"etfs?\b|etns?\b|etcs?\b|etps?\b|funds?\b|fonds\b|fondos?\b|fondi\b|fondo\b|mutual|ucits|sicav|opcvm"
            r"|investment compan|closed end|unit trust|exchange traded|index?fonds|trackers?\b|oeic"
            r"|fonder\b|fundos?\b|rahasto",
        ),
        (
            "bond",
            r"fixed income|fixed interest|bonds?\b|obligat|anleihe|renten\b|obbligazion|obligacion|bonos?\b"
            r"|notes?\b|treasur|gilts?\b|debenture|govt\b|government|renta fija|titres? de creance|corporate debt"
            r"|debt\b"
            r"|obligaties|reddito fisso|t bill|bills?\b|sovereign|mbs\b|abs\b|commercial paper"
            r"|certificates? of deposit|cds?\b|schuldverschreibung|festverzins"
            r"|revenu fixe|renda fixa|rantor\b|rentepapir|obligasjon",
        ),
        (
            "equity",
            r"equit|stocks?\b|stk\b|aktien?|actions?\b|azion|accion|aandel|common|ordinary|adrs?\b|gdrs?\b"
            r"|deposit[ao]ry|reits?\b|preferred|shares?\b|eqty\b|rights?\b|renta variable|eq\b|cs\b|partnership"
            r"|genussschein|participation|acoes\b|acao\b|aksje|osake|akcj",
        ),
    )
)
_MONEY_NAME = re.compile(
    r"\bmoney (?:market|mkt|fund)\b|\bmoney mkt\b|\bmmf\b|\bbank deposit sweep\b|\b(?:deposit"
    r"|cash) sweep\b|\bsweep (?:program|account|vehicle)\b|\bsettlement fund\b|\bcash collateral\b|\bmargin balance\b"
    r"|\binstitutional liq(?:uid\w*)?\b|\bliquidity fund\b|\bics \w+ liq\b|\bgeldmarktfonds\b"
    r"|\bmonetaire\b|\bcash (?:fund|fnd|reserves?|management fund|sweep|trust|man ins\w*)\b"
    r"|\bgov\w*t? (?:money|cash|instl|oblig\w* (?:fund|fd|mm))\b|\bcsh fnd\b|\btr(?:easury|sy) (?:oblig|instl|mm"
    r"|money)\w*|\bst invest\w* fund\b|\bfdic\b|\btempfund\b|\btreasury sl agency\b|\binsured deposit\b"
    r"|\bmarket liquidity\b|\btrs?r?y inst\w*\b|\b(?:tri ?party|reverse) repo\b|\btreps\b|\bcblo\b"
)
_EASTERN: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("fx", re.compile("先物為替|為替予約|远期外汇|遠期外匯|선물환")),
    ("option", re.compile("オプション|期权|期權|選擇權|옵션")),
    ("future", re.compile("先物|期货|期貨|선물")),
    ("cash", re.compile("現金|现金|현금|예금|예수금|存款|預金|コール・?ローン|キャッシュ|保証金|保證金|保证金")),
    ("bond", re.compile("債券|债券|채권|国債|國債|国债")),
    ("fund", re.compile("投資信託|投信|ETF|基金|펀드|收益凭证")),
    ("equity", re.compile("株|股|주식")),
)
"""Words of classes in Japanese, Chinese and Korean, where no space parts words."""
_WEAK_MONEY = re.compile(
    r"\b(?:gov\w*t?|cash|liq\w*|treas\w*|tre?a?sr?y|money|reserve\w*|deposit\w*|sweep|instl|institutional|prime)\b"
)
_CASH_NAME = re.compile(
    r"(?:(?:[a-z]{3}|us|u s|dollars?|euros?|pounds?|uninvested|available|settled|free|net|total|other|uk"
    r"|fund|base|account|core|trading) )*"
    r"(?:cash|cash (?:and|&|or)? ?(?:cash )?(?:investments?|equivalents?|balance|sweep|position|fund|other"
    r"|money market|component|offset|account|at bank)?|cash other|liquidites?|especes|efectivo|barmittel"
    r"|bargeld|barbestand|bankguthaben|liquidita|contanti|contanten|kontokorrent|guthaben"
    r"|kassenbestand|verrechnungskonto|geldkonto|compte especes|solde especes|kas|saldo|flussige mittel"
    r"|liquide mittel|geldrekening|tagesgeldkonto|vrije ruimte|likvida medel|likvide midler|kontanter"
    r"|caixa|disponibilidades|tresorerie|(?:current|checking|savings|call) (?:account|deposit)|\w*konto"
    r"|compte (?:courant|a vue|prive)"
    r"|conto corrente|cuenta corriente|(?:spaar|zicht|geld)?rekening|vrij besteedbaar|beschikbaar saldo)"
    r"(?: (?:[a-z]{3}|balance|fund|position|dollars?|other|component|account|us dollars?))*"
    r"|(?:other )?(?:net )?(?:payables?|receivables?|assets?|liabilities)(?:(?: (?:and|&"
    r"|less|or))? (?:other )?(?:net )?(?:payables?|receivables?|liabilities|assets?|cash))+"
    r"|other payables? receivables?|net other assets(?: liabilities)?|other net assets|net current assets"
    r"|etd [a-z]{3} balance.*|(?:futures )?[a-z]{3} margin balance|margin [a-z]{3}"
    r"|(?:futures )?(?:variation |initial )?margin(?: balance| account| deposit)?|spot [a-z]{3}"
    r"|dep[oó]t especes"
)
_CASH_TICKER = re.compile(
    r"\$CASH|CASH(?:[_ -][A-Z]{3})?|(?:INITIAL|AVAILABLE|FREE|TOTAL|SETTLED)[_ ]CASH|CASH[_ ]BALANCE"
    r"|[A-Z]{3}[_ ]?CASH|F?CASH\*\*|CUR:[A-Z]{3}|\$\$|MARGIN_[A-Z]{3}|CORE\*\*"
    r"|[A-Z]{3} CURNCY|-?[A-Z]{3} CASH-?",
    re.I,
)
_SWEEP_TICKER = re.compile(r"[A-Z]{3}XX\*{0,2}|[A-Z]{5}\*\*")
_FUND_NAME = re.compile(
    r"\b(?:etf|etc|etn|etp|ucits|sicav|index fund|fcp|fund|fonds|fondo|mutual|etfs|opcvm|oeic"
    r"|target retirement|unit trust)\b"
)
_MAYBE_FUND = re.compile(r"et[fcnp]|ucits|sicav|fcp|fund|fond|mutual|opcvm|oeic|retirement|trust")
_MONTH = r"(?:jan|feb|fev|mar|mrz|apr|avr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-z]*"
_FUTURE_NAME = re.compile(
    rf"\b(?:e ?mini|emini|futures?|fut|idx fut)\b.*\b{_MONTH} ?\d{{2,4}}\b"
    rf"|\b{_MONTH} ?\d{{2,4}}\b.*\b(?:futures?|fut)\b"
)
_FORWARD_NAME = re.compile(
    r"\b[a-z]{3} ?[a-z]{3} (?:fwd|fx forward|forward)\b|\b(?:fwd|fx forward) [a-z]{3} ?[a-z]{3}\b"
)
"""Two currencies and a forward: `USD/EUR FWD 20250205`."""
_FORWARD_WORD = re.compile(r"\b(?:fwds?|forwards?|a terme|devisentermin\w*|a termine|a plazo|(?:buy|sell) [a-z]{3})\b")
_CODE = re.compile(r"(?<![A-Z])[A-Z]{3}(?![A-Z])")
_DATED_PAIR = re.compile(r"([A-Z]{3})/([A-Z]{3})\s+(?=.*\d)(?!.*\d\s?x\b)", re.I)
"""Two currencies and a date: `EUR/USD 15 Mar 2025`."""
_OPTION_NAME = re.compile(r"\b(?:put|call)\b.*(?:\bexp\b|\$ ?\d|\d{1,2} ?/ ?\d{1,2}|\b20\d\d\b|\d+\.\d\d)")
_BOND_NAME = re.compile(r"\d{1,2}(?:[.,]\d{1,5})? ?%?.{0,24}\b(?:\d{1,2}/(?:\d{1,2}/)?(?:20)?\d{2}|20[2-9]\d)\b", re.I)
_BOND_HINT = re.compile(r"%|\b(?:treasury|bond|notes?|bund|gilt|oat|btp|bonos|anleihe|t-bill|treas)\b", re.I)
_BILL = re.compile(r"\b(?:treasury|treas|t) (?:bill|note|bond)s?\b")
_STATE = re.compile(r"\b(?:btp\w*|cct\w*|oat|bund\w*|bobl|schatz|gilt|bonos?|treasury|t note|anleihe)\b")
_COINS = frozenset(
    ["bitcoin", "ethereum", "ether", "solana", "cardano", "dogecoin", "litecoin", "ripple", "xrp", "polkadot"]
)
_COIN_TICKER = re.compile(r"(?:X:)?(?:BTC|ETH|SOL|ADA|XRP|DOGE|LTC|DOT)[-/](?:USD|EUR|GBP|USDT)")

_PROMISING = re.compile(
    r"cash|csh|kas|cont|esp[eè]c|efect|geld|guthab|saldo|liq|flüss|barm|barb|ruimte|pay|receiv|asset|liabil|etd"
    r"|margin|spot|d[eé]p[oô]t|money|mkt|mmf|sweep|collat|gov|treas|trsy|invest|fdic|temp|mon[eé]t"
    r"|dollar|euro|pound|sterl|livre|yen|franc|yuan|renminbi|won|rupee|rupiah|ringgit|baht|peso|real|rand"
    r"|shekel|lira|riyal|dirham|dinar|kron|zloty|koruna|forint|ruble|d[oó]lar|libra"
    r"|tr[eé]sor|konto|compt|kred|account|besteed|beschik|rekening|cuenta|treps|repo|cblo|現金|现金|현금|예금|예수금|存款|預金|コール|金$|금$"
    r"|etf|etc|etn|etp|ucits|sicav|index f|fcp|fund|fonds|fondo|mutual|opcvm|oeic|target|trust|coin|ether"
    r"|solana|cardano|ripple|xrp|polkadot"
)
"""Letters without which no name below is anything but a share's."""
_FUTURE_TICKER = re.compile(r"[A-Z0-9]{1,3} ?[FGHJKMNQUVXZ]\d{1,2}")


@lru_cache(maxsize=1024)
def of_class(text: str) -> Kind | None:
    """Read the words of an asset class; None where they say nothing (`Tier I`, `Cash and/or Derivatives`)."""
    words = normal(text)
    for kind, pattern in _CLASSES:
        if pattern.search(words):
            return kind
    if not text.isascii():
        return next((kind for kind, pattern in _EASTERN if pattern.search(text)), None)
    return None


def is_cash(ticker: str | None, name: str | None) -> bool:
    """Tell currency balances, sweeps, collateral and margin by ticker and name."""
    if ticker and (_CASH_TICKER.fullmatch(ticker) or _SWEEP_TICKER.fullmatch(ticker)):
        return True
    if ticker and ticker.upper() in CURRENCY_CODES and (not name or name.upper() == ticker.upper()):
        return True
    if not name:
        return ticker is not None and (" " in ticker or not ticker.isascii()) and is_cash(None, ticker)
    if not ticker and name.upper() in CURRENCY_CODES:
        return True
    return _cash_name(name)


@lru_cache(maxsize=8192)
def _cash_name(name: str) -> bool:
    words = normal(name)
    if words in CURRENCY_NAMES or _MONEY_NAME.search(words):
        return True
    if " / " in name and all(_CASH_NAME.fullmatch(normal(part)) for part in name.split(" / ")):
        return True  # in two languages
    if words.removesuffix(" cash").removeprefix("cash ") in CURRENCY_NAMES:
        return True
    if not name.isascii() and len(name) < 16 and _EASTERN[3][1].search(name):
        return True
    return bool(_CASH_NAME.fullmatch(words))


def like_money(name: str | None, quantity: float | None, value: float | None, ticker: str | None) -> bool:
    """Tell a money-market line by a unit worth 1 and a weak word in its name."""
    if (
        not name
        or not quantity
        or value is None
        or abs(value / quantity - 1) > 1e-5
        or (ticker and "X" not in ticker[-2:])
        or _BILL.search(normal(name))
    ):
        return False
    return bool(_WEAK_MONEY.search(normal(name)))


@lru_cache(maxsize=4096)
def fund_name(name: str) -> bool:
    """Tell whether a name calls itself a fund."""
    if name.isascii() and not _MAYBE_FUND.search(name.lower()):  # most names: spared the way to plain words
        return False
    return bool(_FUND_NAME.search(normal(name)))


def listed_fund(name: str) -> bool:
    """Tell whether a name calls itself an exchange-traded fund."""
    return bool(re.search(r"\b(?:etf|ucits)\b", normal(name)))


def of_name(ticker: str | None, name: str | None) -> Kind | None:
    """Tell the kind from symbol and name alone; None where they leave it open."""
    if not name or len(name) < 8 or _PROMISING.search(name.lower()):
        if is_cash(ticker, name):
            return "cash"
    elif ticker and (_CASH_TICKER.fullmatch(ticker) or _SWEEP_TICKER.fullmatch(ticker)):
        return "cash"
    for text in (ticker, name):
        if text and len(text) == 7 and text[3] in "/." and text[:3] in CURRENCY_CODES and text[4:] in CURRENCY_CODES:
            return "fx"
    if ticker and _COIN_TICKER.fullmatch(ticker):
        return "crypto"
    if not name:
        return None
    words = normal(name)
    if words in _COINS:
        return "crypto"
    if _FORWARD_NAME.search(words) or _forward(name, words):
        return "fx"
    if any(c.isdigit() for c in name):
        if _OPTION_NAME.search(name.lower()):
            return "option"
        if _FUTURE_NAME.search(words) or (
            ticker and _FUTURE_TICKER.fullmatch(ticker) and re.search(rf"\b{_MONTH} ?\d\d$", words)
        ):
            return "future"
        if _FUND_NAME.search(words):
            return "fund"
        if "%" in name and _STATE.search(words):
            return "bond"
        if _BOND_NAME.search(name) and _BOND_HINT.search(name):
            return "bond"
    return "fund" if _FUND_NAME.search(words) else "bond" if _BILL.search(words) else None


def _forward(name: str, words: str) -> bool:
    """Tell a currency forward by two currencies with a word for one, or with a date."""
    if (pair := _DATED_PAIR.match(name)) and {pair[1].upper(), pair[2].upper()} <= CURRENCY_CODES:
        return not _FUND_NAME.search(words)
    return bool(_FORWARD_WORD.search(words)) and len(CURRENCY_CODES.intersection(_CODE.findall(name))) > 1


def kind_of(ticker: str | None, name: str | None) -> Kind:
    """Tell the kind of a line by its ticker and name alone: an equity where nothing speaks for another."""
    from exposure.reading._profiles import option

    if is_cash(ticker, name):
        return "cash"
    if ticker and len(ticker) > 8 and option(ticker):
        return "option"
    return of_name(ticker, name) or "equity"
