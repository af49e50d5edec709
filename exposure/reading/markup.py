"""Tables written in markup: the web pages and the XML of spreadsheets that houses hand out under the name of XLS.

Read tag by tag, not by a parser: such files are seldom well-formed, no entity of their own is expanded, and nothing
outside them is fetched.
"""

from __future__ import annotations

import html
import re
from datetime import datetime
from typing import Any

from exposure.errors import InputError
from exposure.reading import dialect

_XML = re.compile(r"<(/?)(?:\w+:)?(Worksheet|Row|Cell|Data)\b([^<>]*)>")
_HTML = re.compile(r"<(/?)(table|tr|td|th)\b([^<>]*)>", re.I)
_NAME = re.compile(r"\bName\s*=\s*\"([^\"]*)\"")
_INDEX = re.compile(r"\bIndex\s*=\s*\"(\d{1,7})\"")
_ACROSS = re.compile(r"\b(?:MergeAcross|colspan)\s*=\s*[\"']?(\d{1,4})", re.I)
_TYPE = re.compile(r"\bType\s*=\s*\"(\w+)\"")
_TAG = re.compile(r"<[^<>]*>")
MAX_CELLS = 20_000_000
Sheets = list[tuple[str, list[tuple[int, list[Any]]]]]


def is_markup(head: bytes) -> bool:
    """Tell a spreadsheet's XML, or a page that holds a table, by its beginning."""
    start = head[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if not start.startswith(b"<"):
        return False
    plain = head.replace(b"\x00", b"").lower()
    return b"urn:schemas-microsoft-com:office:spreadsheet" in plain or b"<table" in plain


def sheets(data: bytes, name: str) -> Sheets:
    """Read every sheet of a spreadsheet's XML, or every table of a page.

    Returns
    -------
    list of (str, rows)
        As `sheets.workbook` gives them; rows are numbered within their sheet.
    """
    text = dialect.decode(data, dialect.encoding_of(data, name), name)
    if "urn:schemas-microsoft-com:office:spreadsheet" in text[:8192]:
        return _spreadsheet(text, name)
    for marks in (("<!--", "-->"), ("<script", "</script"), ("<style", "</style")):
        text = _without(text, *marks)
    rows = _page(text, name)
    return [("", rows)] if rows else []


def _spreadsheet(text: str, name: str) -> Sheets:
    """Go through the tags once, whatever is not closed: a file of open tags alone takes no longer than any other."""
    found: Sheets = []
    cells: list[Any] = []
    number, kind, start, across, total = 0, "", -1, 0, 0
    for m in _XML.finditer(text):
        closing, tag, attributes = m[1], m[2], m[3]
        if tag == "Worksheet" and not closing:
            title = _NAME.search(attributes)
            found.append((html.unescape(title[1]) if title else "", []))
            number = 0
        elif tag == "Row" and not closing and found:
            at = _INDEX.search(attributes)
            total = _bounded(total + len(cells), name, number)
            number, cells = int(at[1]) if at else number + 1, []
            found[-1][1].append((number, cells))
        elif tag == "Cell" and not closing:
            if at := _INDEX.search(attributes):
                if int(at[1]) > dialect.MAX_COLUMNS:
                    what = f"a row of {int(at[1]):,} cells"
                    raise InputError(what, file=name, row=number, remedy="keep the columns of the holdings")
                cells += [""] * (int(at[1]) - 1 - len(cells))
            if len(cells) < dialect.MAX_COLUMNS:
                cells.append("")
            wide = _ACROSS.search(attributes)
            across = min(int(wide[1]), dialect.MAX_COLUMNS - len(cells)) if wide else 0
            if attributes.endswith("/"):
                cells += [""] * across
        elif tag == "Data" and not closing:
            kind, start = attributes, m.end()
        elif tag == "Data" and start >= 0:
            if cells:
                cells[-1] = _value(kind, text[start : m.start()])
            start = -1
        elif tag == "Cell":
            cells += [""] * across
            across = 0
    return found


def _page(text: str, name: str) -> list[tuple[int, list[Any]]]:
    """Read the rows of all tables of a page as one sheet: what stands above a table dates it."""
    rows: list[tuple[int, list[Any]]] = []
    cells: list[Any] = []
    start, across, total = -1, 0, 0
    for m in _HTML.finditer(text):
        if start >= 0 and cells:
            cells[-1 - across] = _words(text[start : m.start()])
            start = -1
        tag = m[2].lower()
        if tag in {"td", "th"} and not m[1] and len(cells) < dialect.MAX_COLUMNS:
            wide = _ACROSS.search(m[3])
            across = min(int(wide[1]) - 1, dialect.MAX_COLUMNS - len(cells) - 1) if wide and int(wide[1]) else 0
            cells += [""] * (1 + across)
            start = m.end()
        elif tag == "tr" and not m[1]:
            total = _bounded(total + len(cells), name, len(rows))
            cells = []
            rows.append((len(rows) + 1, cells))
        elif tag == "table" and m[1]:
            rows.append((len(rows) + 1, []))
    return rows


def _bounded(total: int, name: str, row: int) -> int:
    """Refuse a few tags that span more cells than fit in memory."""
    if total > MAX_CELLS:
        raise InputError(f"more than {MAX_CELLS:,} cells", file=name, row=row, remedy="keep the table of holdings")
    return total


def _without(text: str, opening: str, closing: str) -> str:
    """Cut out what stands between two marks; what is never closed is cut to the end."""
    low, kept, at = text.lower(), [], 0
    if len(low) != len(text):
        return text
    while (start := low.find(opening, at)) >= 0:
        kept.append(text[at:start])
        end = low.find(closing, start)
        if end < 0:
            return "".join(kept)
        at = end + len(closing)
    return "".join([*kept, text[at:]])


def _value(attributes: str, inner: str) -> Any:
    kind, text = _TYPE.search(attributes), _words(inner)
    if kind and kind[1] == "Number":
        try:
            return float(text)
        except ValueError:
            return text
    if kind and kind[1] == "DateTime":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return text
    return text


def _words(inner: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", inner)).split())
