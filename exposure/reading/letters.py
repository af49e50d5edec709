"""Which encoding bytes without a mark are in, when they are no UTF-8: by the letters that each would make of them."""

from __future__ import annotations

import codecs
import re

from exposure.errors import InputError


def legacy(head: bytes, name: str) -> str:
    """Choose between Windows and Mac by which makes likelier letters; where neither can be, ask the detector."""
    high = bytes(b for b in head if b > 127)
    western = {e: _letters(head, e) for e in ("cp1252", "mac_roman")}
    pairs = len(re.findall(rb"[\x81-\xfe][\x40-\xfe]", head))
    if len(high) > 0.3 * len(head) or 2 * len(re.findall(rb"[\x80-\xff]{2}", head)) > 0.6 * len(high):
        likely = {e: _script(head, e) for e in _SCRIPTS}  # accents stand alone, these letters take two bytes
        best = max(likely, key=lambda e: likely[e])
        if pairs and likely[best] > 0.3:
            return best
    if len(high) > 0.3 * len(head):
        from charset_normalizer import from_bytes

        found = from_bytes(head[:20000]).best()
        if found is None:
            raise InputError("its bytes are text in no known encoding", file=name, remedy="save it as UTF-8")
        return found.encoding
    return max(western, key=lambda e: western[e])


_HAN = (
    "的一在有中大上公司股票名稱称代碼码號号數数量市值基金日期現现金權权重比例例净淨資资產产證证券價价格幣币種种合計计總总額额投信元台灣湾"
    "国國電电科技份限控工業业銀银行通訊讯半導导體体光海子新華华人民持有收盤盘成本盈虧亏损率交易所類类型基準准"
)
_SCRIPTS = {
    "cp932": re.compile("[\u3041-\u30ff]|[株式銘柄名証券評価額数量現在値取引所通貨円時市場基準日]"),
    "cp949": re.compile("[\uac00-\ud7a3]"),
    "gb18030": re.compile(f"[{_HAN}]"),
    "big5hkscs": re.compile(f"[{_HAN}]"),
}
"""Encodings of the Far East, and the letters that tables in them are full of."""


def _script(head: bytes, encoding: str) -> float:
    """Score a decoding by the share of its letters that such tables use; nothing where bytes do not fit."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return 0.0
    letters = [c for c in text if c > "\u00ff"]
    return sum(1 for c in letters if _SCRIPTS[encoding].fullmatch(c)) / len(letters) if letters else 0.0


_LOWER, _UPPER = "àâäáãåæçéèêëíìîïñóòôöõøœúùûüßÿ", "ÀÂÄÁÅÆÇÉÈÊËÍÎÏÑÓÔÖÕØŒÚÛÜ"


def _letters(head: bytes, encoding: str) -> float:
    """Score a decoding: small letters with accents are likely, capitals after small ones are not."""
    text = head.decode(encoding, "replace")
    capitals = len(re.findall(f"(?<![a-z])[{_UPPER}]", text)) - 2 * len(re.findall(f"(?<=[a-z])[{_UPPER}]", text))
    return (
        2 * sum(map(text.count, _LOWER))
        + capitals
        + sum(map(text.count, "£€§°®©™\u2019“”–\u00a0"))
        - 3 * text.count("\ufffd")
    )
