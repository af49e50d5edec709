"""Names of companies as files write them: cut to the words that tell them apart, compared despite abbreviations."""

from __future__ import annotations

import re
import unicodedata

_NOISE = re.compile(
    r"\b(inc|incorporated|corp|corporation|co|company|companies|cos|plc|ltd|limited|llc|lp|sa|s a|ag|se|nv|n v|ab|asa|"
    r"as|oyj|spa|s p a|kk|bhd|pjsc|ord|ordinary|common|stock|shares?|class|cl|ser(ies)?|adr|ads|gdr|sponsored|spon|"
    r"unsponsored|depositary|receipts?|american|reg(istered)?|namens|inhaber|aktien|holdings?|hldgs?|hlds?|group|grp|"
    r"the|and|[abc]|non voting|nonvoting|pref(erred)?|new|de|of|usd|eur|par value)\b"
)


def normalise(name: str) -> str:
    """Reduce a company's name to the words that tell it apart: `NVIDIA CORP` → `nvidia`."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"\([^)]*\)|/[a-z]{2,3}/?$", " ", text).replace("'", "").replace(".com", " com")
    text = re.sub(r"[^a-z0-9]+", " ", text)
    reduced = re.sub(r"\s+", " ", _NOISE.sub(" ", text)).strip()
    return reduced or text.strip()


def abbreviates(ours: str, theirs: str) -> bool:
    """Tell whether a word of a file stands for one of the table's: equal, cut short (`semicon`), or thinned (`mfg`)."""
    if ours == theirs or (len(ours) >= 3 and theirs.startswith(ours)) or (len(theirs) >= 6 and ours.startswith(theirs)):
        return True
    letters = iter(theirs)
    return len(ours) >= 3 and ours[0] == theirs[0] and all(c in letters for c in ours)
