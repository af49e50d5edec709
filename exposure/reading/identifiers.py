"""Identifiers of securities, told by their shape and check digit: ISIN, CUSIP, SEDOL, FIGI."""

from __future__ import annotations

import re

_VALUE = {c: i for i, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*@#")}
_DIGITS = {ord(c): str(v) for c, v in _VALUE.items()}
_SINGLE = bytes.maketrans(b"0123456789", bytes(range(10)))
_DOUBLED = bytes.maketrans(b"0123456789", bytes([0, 2, 4, 6, 8, 1, 3, 5, 7, 9]))
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_CUSIP = re.compile(r"[A-Z0-9*@#]{8}[0-9]")
_SEDOL = re.compile(r"[0-9B-DF-HJ-NP-TV-Z]{6}[0-9]")
_FIGI = re.compile(r"(?!BS|BM|GG|GB|GH|KY|VG)[B-DF-HJ-NP-TV-Z]{2}G[B-DF-HJ-NP-TV-Z0-9]{8}[0-9]")


def is_isin(text: str) -> bool:
    """Tell whether `text` is an ISIN with its check digit (Luhn over letters as two digits, ISO 6166)."""
    if not _ISIN.fullmatch(text):
        return False
    digits = text.translate(_DIGITS).encode()[::-1]
    return (sum(digits[::2].translate(_SINGLE)) + sum(digits[1::2].translate(_DOUBLED))) % 10 == 0


def cusip_check(base: str) -> str:
    """Return the ninth character of the CUSIP that begins with eight characters `base`."""
    total = 0
    for i, c in enumerate(base):
        v = _VALUE[c] * (1 + i % 2)
        total += v // 10 + v % 10
    return str(-total % 10)


def is_cusip(text: str) -> bool:
    """Tell whether `text` is a CUSIP or CINS of nine characters with its check digit."""
    return bool(_CUSIP.fullmatch(text)) and cusip_check(text[:8]) == text[8] and text != "000000000"


def is_sedol(text: str) -> bool:
    """Tell whether `text` is a SEDOL of seven characters with its check digit (weights 1, 3, 1, 7, 3, 9, 1)."""
    return (
        bool(_SEDOL.fullmatch(text))
        and sum(_VALUE[c] * w for c, w in zip(text, (1, 3, 1, 7, 3, 9, 1), strict=True)) % 10 == 0
    )


def is_figi(text: str) -> bool:
    """Tell whether `text` has the shape and check digit of a FIGI (Luhn, every second character doubled)."""
    if not _FIGI.fullmatch(text):
        return False
    total = 0
    for i, c in enumerate(text[:11]):
        v = _VALUE[c] * (1 + i % 2)
        total += v // 10 + v % 10
    return str(-total % 10) == text[11]


def identify(text: str) -> str | None:
    """Name the identifier that `text` is, `isin`, `figi`, `cusip` or `sedol`, or None.

    >>> identify("US0378331005"), identify("037833100"), identify("2046251"), identify("AAPL")
    ('isin', 'cusip', 'sedol', None)
    """
    match len(text):
        case 12:
            return (
                "figi" if text[2] == "G" and is_figi(text) else "isin" if is_isin(text) else None
            )  # BBG… is no Barbadian ISIN
        case 9:
            return "cusip" if is_cusip(text) else None
        case 7:
            return "sedol" if is_sedol(text) else None
    return None


def mended(text: str, length: int) -> str | None:
    """Give back the leading zeros that a spreadsheet took from a CUSIP (9) or SEDOL (7), if the check then holds."""
    full = text.rjust(length, "0")
    ok = is_cusip(full) if length == 9 else is_sedol(full)
    return full if ok and text.isalnum() and len(text) >= length - 4 else None
