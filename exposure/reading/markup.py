"""Tables written in markup: the web pages and the XML of spreadsheets that houses hand out under the name of XLS.

Read by pattern, not by a parser: such files are seldom well-formed, entities are expanded once and never by name, and
nothing outside them is fetched.
"""

from __future__ import annotations

import html
import re
from datetime import datetime
from typing import Any

from exposure.errors import InputError
from exposure.reading import dialect

_SHEET = re.compile(
    r"<(?:\w+:)?Worksheet\b[^>]*?\bName\s*=\s*\"([^\"]*)\"[^>]*>(.*?)(?=<(?:\w+:)?Worksheet\b|\Z)", re.S
)
_ROW = re.compile(r"<(?:\w+:)?Row\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?Row\s*>)", re.S)
_CELL = re.compile(r"<(?:\w+:)?Cell\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?Cell\s*>)", re.S)
_DATA = re.compile(r"<(?:\w+:)?Data\b([^>]*)>(.*?)</(?:\w+:)?Data\s*>", re.S)
_INDEX = re.compile(r"\bIndex\s*=\s*\"(\d{1,7})\"")
_ACROSS = re.compile(r"\b(?:MergeAcross|colspan)\s*=\s*[\"']?(\d{1,4})", re.I)
_TYPE = re.compile(r"\bType\s*=\s*\"(\w+)\"")
_TABLE = re.compile(r"<table\b.*?(?=<table\b|\Z)", re.S | re.I)
_TR = re.compile(r"<tr\b[^>]*>(.*?)(?=<tr\b|</table\b|\Z)", re.S | re.I)
_TD = re.compile(r"<t[dh]\b([^>]*)>(.*?)(?=<t[dh]\b|</tr\b|\Z)", re.S | re.I)
_NOISE = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.S | re.I)
_TAG = re.compile(r"<[^>]*>")
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
        return [(html.unescape(title), _xml_rows(body, name)) for title, body in _SHEET.findall(text)]
    text = _NOISE.sub(" ", text)
    rows: list[tuple[int, list[Any]]] = []
    for table in _TABLE.findall(text):  # one sheet: what stands above a table dates it
        for row in _TR.findall(table):
            cells: list[Any] = []
            for attributes, inner in _TD.findall(row):
                cells.append(_words(inner))
                if across := _ACROSS.search(attributes):
                    cells += [""] * min(int(across[1]) - 1, dialect.MAX_COLUMNS)
            rows.append((len(rows) + 1, cells[: dialect.MAX_COLUMNS]))
        rows.append((len(rows) + 1, []))
    return [("", rows)] if rows else []


def _xml_rows(body: str, name: str) -> list[tuple[int, list[Any]]]:
    rows: list[tuple[int, list[Any]]] = []
    number = 0
    for attributes, inner in _ROW.findall(body):
        at = _INDEX.search(attributes)
        number = int(at[1]) if at else number + 1
        cells: list[Any] = []
        for how, content in _CELL.findall(inner):
            if at := _INDEX.search(how):
                if int(at[1]) > dialect.MAX_COLUMNS:
                    raise InputError(
                        f"a row of {int(at[1]):,} cells",
                        file=name,
                        row=number,
                        remedy="keep the columns of the holdings",
                    )
                cells += [""] * (int(at[1]) - 1 - len(cells))
            data = _DATA.search(content)
            cells.append(_value(data[1], data[2]) if data else "")
            if across := _ACROSS.search(how):
                cells += [""] * min(int(across[1]), dialect.MAX_COLUMNS)
        rows.append((number, cells[: dialect.MAX_COLUMNS]))
    return rows


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
