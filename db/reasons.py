"""Why a ticker brought no prices, told from what the feed's own library raised, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable

OFFLINE = "offline"
RATE_LIMITED = "rate limited"
NO_DATA = "no data (delisted, renamed or unknown)"
EMPTY = "no price on these days"
MALFORMED = "the answer could not be read"
RENAMED = "renamed: Yahoo answers with "


def nothing(failed: Iterable[tuple[str, str]]) -> str:
    """Say on one line why nothing came, by the tickers' reasons."""
    reasons = [reason for _, reason in failed]
    if RATE_LIMITED in reasons:
        return "Yahoo refuses more requests for now; wait some minutes and fetch again, stored prices still serve"
    if set(reasons) == {OFFLINE}:
        return "Yahoo could not be reached; check the network and fetch again, stored prices still serve"
    if MALFORMED in reasons:
        return "Yahoo answered with something that is no price data; fetch again later, stored prices still serve"
    return f"Yahoo has no prices for any of the {len(reasons)} tickers asked; check their spelling and the dates"


def reason_of(error: BaseException) -> str:
    """Tell from an error and its causes why a ticker did not come."""
    seen: BaseException | None = error
    names: list[str] = []
    while seen is not None:
        names += [f"{kind.__module__}.{kind.__name__}" for kind in type(seen).__mro__] + [str(seen)]
        seen = seen.__cause__ or seen.__context__
    text = " ".join(names)
    if "RateLimit" in text or "Too Many Requests" in text:
        return RATE_LIMITED
    if re.search(r"\b(requests|curl_cffi)[\w.]*\.HTTPError\b", text):  # an answer, though by its bases an OSError too
        return NO_DATA if "404" in text else MALFORMED
    if "JSONDecodeError" in text or "ChunkedEncoding" in text or "IncompleteRead" in text:
        return MALFORMED
    if any(word in text for word in ("ConnectionError", "Timeout", "DNSError", "CurlError", "OSError", "ProxyError")):
        return OFFLINE
    if "PricesMissing" in text and "No data found" not in text:  # a holiday, days before the first or after the last
        return EMPTY
    if "TickerMissing" in text or "TzMissing" in text:
        return NO_DATA
    return MALFORMED
