"""Bytes to rows of text: encoding, delimiter and quotes, decided on the head of the file before the rest is read.

Cells of our own CSV files that a spreadsheet would run as a formula: guarded going out, as they were coming in.

An apostrophe before the sign makes text of it. A text that begins with apostrophes and such a sign gets one more, so
that `bare` undoes `guard` whatever was written.

Which encoding bytes without a mark are in, when they are no UTF-8: by the letters that each would make of them.

The lines with `#` at the end of a table that left a page: what its figures rest on, no rows of it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from exposure.errors import InputError

_RUNS = re.compile(r"'*[=+\-@\t\r\n]")


def guard(cell: Any) -> Any:
    """Guard one cell: a text that could run gets an apostrophe; a float is written with every digit.

    >>> guard("=1+1"), guard("'=1"), guard("plain"), guard(-0.5)
    ("'=1+1", "''=1", 'plain', '-0.5')
    """
    if isinstance(cell, float):
        return repr(cell)
    return f"'{cell}" if isinstance(cell, str) and _RUNS.match(cell) else cell


def unguarded(cell: str) -> str:
    """Take off what `guard` put before a text.

    >>> unguarded("'=1+1"), unguarded("''=1"), unguarded("'s-Hertogenbosch"), unguarded("-0.5")
    ('=1+1', "'=1", "'s-Hertogenbosch", '-0.5')
    """
    return cell[1:] if cell[:1] == "'" and _RUNS.match(cell) else cell


def write_csv(rows: Iterable[Sequence[Any]]) -> str:
    """Write rows as the text of a CSV file none of whose cells runs; None is an empty cell.

    Lines end as RFC 4180 has it: the standard library's writer quotes no end of a line within a cell but its own.
    """
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows([guard(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def legacy_encoding(head: bytes, name: str) -> str:
    """Choose between Windows and Mac by which makes likelier letters; where neither can be, ask the detector."""
    high = bytes(b for b in head if b > 127)
    western = {e: _western_likelihood(head, e) for e in ("cp1252", "mac_roman")}
    pairs = len(re.findall(rb"[\x81-\xfe][\x40-\xfe]", head))
    if len(high) > 0.3 * len(head) or 2 * len(re.findall(rb"[\x80-\xff]{2}", head)) > 0.6 * len(high):
        likely = {e: _script_likelihood(head, e) for e in _SCRIPTS}  # accents stand alone, these letters take two bytes
        best = max(likely, key=lambda e: likely[e])
        if pairs and likely[best] > 0.3:
            return best
    if len(high) > 0.3 * len(head):
        from charset_normalizer import from_bytes

        found = from_bytes(head[:20000]).best()
        if found is None:
            raise InputError("file.encoding-unknown", file=name)
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


def _script_likelihood(head: bytes, encoding: str) -> float:
    """Score a decoding by the share of its letters that such tables use; nothing where bytes do not fit."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return 0.0
    letters = [c for c in text if c > "\u00ff"]
    return sum(1 for c in letters if _SCRIPTS[encoding].fullmatch(c)) / len(letters) if letters else 0.0


_LOWER, _UPPER = "àâäáãåæçéèêëíìîïñóòôöõøœúùûüßÿ", "ÀÂÄÁÅÆÇÉÈÊËÍÎÏÑÓÔÖÕØŒÚÛÜ"


def _western_likelihood(head: bytes, encoding: str) -> float:
    """Score a decoding: small letters with accents are likely, capitals after small ones are not."""
    text = head.decode(encoding, "replace")
    capitals = len(re.findall(f"(?<![a-z])[{_UPPER}]", text)) - 2 * len(re.findall(f"(?<=[a-z])[{_UPPER}]", text))
    return (
        2 * sum(map(text.count, _LOWER))
        + capitals
        + sum(map(text.count, "£€§°®©™\u2019“”–\u00a0"))
        - 3 * text.count("\ufffd")
    )


MAX_BYTES = 200_000_000
MAX_COLUMNS = 1_000
MAX_CELL = 131_072
"""What the standard library's reader takes by default."""
HEAD_BYTES = 1 << 18
"""Bytes within which the heading row must stand: what is decided, is decided on them."""
_TOP = 120
"""Lines that the delimiter is chosen by."""
DELIMITERS = ",;\t|^~\x1f"
Row = tuple[int, list[str]]
"""Number of the line on which the row begins, as an editor shows it, and its cells."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"%PDF", "PDF"),
    (b"PAR1", "Parquet"),
    (b"SQLite format 3", "SQLite"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"{\\rtf", "RTF"),
    (b"\x7fELF", "ELF"),
    (b"BZh", "bzip2"),
)
_HTML = re.compile(r"<(?:!doctype|html|head|body|script|table|\?xml|meta|div|soap|error)\b", re.I)


def head_of(path: Path, size: int = HEAD_BYTES) -> bytes:
    """Read the first bytes of a file."""
    with path.open("rb") as f:
        return f.read(size)


def is_zip(data: bytes) -> bool:
    """Tell a ZIP archive (and so an XLSX) by its first bytes."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_xls(data: bytes) -> bool:
    """Tell an XLS workbook by the first bytes of its container."""
    return data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def refuse_rubbish(head: bytes, name: str) -> None:
    """Refuse what its first bytes show to be no table.

    Raises
    ------
    InputError
        For an empty file, a picture, an archive of a kind not read, a web page.
    """
    if not head.strip(b"\x00\r\n\t \xef\xbb\xbf"):
        raise InputError("file.only-nul" if head.strip() else "file.empty", file=name)
    for magic, form in _MAGIC:
        if head.startswith(magic):
            raise InputError("file.not-a-table", file=name, format=form)
    start = head[:4096].decode("latin-1").replace("\x00", "").lstrip("ï»¿ÿþ \r\n\t")
    if _HTML.match(start):
        xml = start.lower().startswith("<?xml") and "<html" not in start.lower()
        raise InputError("file.xml" if xml else "file.web-page", file=name)
    if start[:1] in "[{" and re.match(r"[\[{]\s*[\[{\"]", start):
        raise InputError("file.json", file=name)


def encoding_of(data: bytes, name: str) -> str:
    """Name the encoding: by its mark, else UTF-8 where valid, else UTF-16 by its zeros, else by its letters."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding
    head = data[:HEAD_BYTES]
    if b"\x00" in head:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        half = len(head) // 2
        if odd > 0.7 * half and even < 0.1 * half:
            return "utf-16-le"
        if even > 0.7 * half and odd < 0.1 * half:
            return "utf-16-be"
        raise InputError("file.nul-bytes", file=name, row=head[: head.index(0)].count(b"\n") + 1)
    controls = len(head.translate(None, bytes(range(32, 256)) + b"\t\r\n\x0c\x1a\x1f"))
    if controls > 0.005 * len(head) + 1:
        raise InputError("file.control-bytes", file=name)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
        return "utf-8"
    except UnicodeDecodeError:
        return legacy_encoding(head, name)


def decode(data: bytes, encoding: str, name: str) -> str:
    """Decode the whole file.

    Raises
    ------
    InputError
        Where bytes do not fit, with the line.
    """
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8":
            return decode(data, legacy_encoding(data[error.start : error.start + HEAD_BYTES], name), name)
        if encoding in {"cp1252", "mac_roman"}:
            return data.decode("latin-1")
        row = data[: error.start].count(b"\n") + 1
        raise InputError("file.byte-of-no-text", file=name, row=row, encoding=encoding) from None
    if "\x00" in text:
        row = text[: text.index("\x00")].count("\n") + 1
        raise InputError("file.nul-characters", file=name, row=row)
    return text.removeprefix("\ufeff")


def delimiter_of(head: str, score: Callable[[Sequence[Row]], float]) -> str:
    """Choose the delimiter whose rows say most: `score` judges the heading row, an even width settles the rest."""
    if found := re.match(r'"?sep=(.)"?\s*[\r\n]', head, re.I):
        return found[1]
    top = "\n".join(head.splitlines()[:_TOP])
    best, best_worth = ",", -1.0
    for delimiter in DELIMITERS:
        if delimiter not in head:
            continue
        sample = text_rows(top, delimiter, "", forgiving=True)
        widths = [len(r) for _, r in sample if len(r) > 1]
        mode = max((widths.count(w) for w in set(widths)), default=0)
        worth = score(sample) * 10 + mode / (len(sample) + 1)
        if worth > best_worth:
            best, best_worth = delimiter, worth
    return best


def text_rows(text: str, delimiter: str, name: str, *, forgiving: bool = False) -> list[Row]:
    """Split text into rows, each with the line on which it begins; a quoted cell may run over several lines.

    Raises
    ------
    InputError
        For a quote that is never closed, a row of more than 1,000 cells, a cell of more than 131,072 characters.
    """
    if '="' in text:  # a spreadsheet's guard against turning codes into numbers
        text = re.sub(rf'(^|[{re.escape(delimiter)}])="', r'\1"', text, flags=re.M)
    reader = csv.reader(io.StringIO(text, newline=""), **_how(text, delimiter))
    try:
        table = list(reader)
        if _GUARDED.search(text):  # a table that the pages exported
            table = [list(map(unguarded, cells)) for cells in table]
        if reader.line_num == len(table) and max(map(len, table), default=0) <= MAX_COLUMNS:
            return list(enumerate(table, 1))
    except csv.Error:
        pass
    return _rows_by_line(text, delimiter, name, forgiving)


_GUARDED = re.compile(r"'[=+\-@\t\r\n]")


def _how(text: str, delimiter: str) -> dict[str, Any]:
    """Tell the parser of the delimiter, and of quotes that open after a space."""
    return {"delimiter": delimiter, "skipinitialspace": f'{delimiter} "' in text}


def _rows_by_line(text: str, delimiter: str, name: str, forgiving: bool) -> list[Row]:
    """Split text whose rows are not its lines, or one that is damaged: slower, and able to say where."""
    reader = csv.reader(io.StringIO(text, newline=""), **_how(text, delimiter))
    out: list[Row] = []
    line, guarded = 1, bool(_GUARDED.search(text))
    try:
        for cells in reader:
            if reader.line_num > line and not forgiving:
                _check_quote(cells, line, delimiter, name)
            if len(cells) > MAX_COLUMNS and not forgiving:
                raise InputError("file.row-too-wide", file=name, row=line, cells=len(cells))
            out.append((line, list(map(unguarded, cells)) if guarded else cells))
            line = reader.line_num + 1
    except csv.Error:  # of what it can refuse, text opened without translating ends of lines leaves the limit alone
        if forgiving:
            return out
        raise InputError("file.cell-too-long", file=name, row=line, most=MAX_CELL) from None
    return out


def _check_quote(cells: list[str], line: int, delimiter: str, name: str) -> None:
    """Refuse a cell that swallowed rows: a quote opened on `line` and not closed there."""
    bare = re.compile(re.escape(delimiter) + r"(?!\s)")
    for cell in cells:
        if "\n" in cell or "\r" in cell:
            inner = cell.splitlines()[1:]
            if len(cell) > 20_000 or sum(len(bare.findall(x)) >= max(1, len(cells) - 1) for x in inner) > 0.5 * len(
                inner
            ):
                raise InputError("file.open-quote", file=name, row=line)


def fixed_width_rows(text: str, score: Callable[[Sequence[Row]], float]) -> list[Row]:
    """Part lines at their spaces: where two or more stand, else at one where every line then has as many cells.

    The row of headings says where columns are; each piece of a line goes to the heading nearest above it.
    """
    lines = [(n, line.rstrip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    pieces = [(n, [(m.start(), m.end(), m[0]) for m in _PIECE.finditer(line)]) for n, line in lines]
    heads = [(score([(n, [x[2] for x in found])]), -n, found) for n, found in pieces[:_TOP] if len(found) > 1]
    best = max(heads, default=(0.0, 0, []))
    if best[0] > 0:
        return [(n, _below(best[2], found) if n >= -best[1] else [x[2] for x in found]) for n, found in pieces]
    narrow = [(n, line.split()) for n, line in lines]
    return narrow if len({len(cells) for _, cells in narrow}) == 1 and len(narrow) > 1 and len(narrow[0][1]) > 1 else []


_PIECE = re.compile(r"\S+(?: \S+)*")


def _below(heads: Sequence[tuple[int, int, str]], pieces: Sequence[tuple[int, int, str]]) -> list[str]:
    cells = [""] * len(heads)
    for start, end, text in pieces:
        gaps = [max(a - end, start - b, 0) + 0.001 * abs(a + b - start - end) for a, b, _ in heads]
        i = gaps.index(min(gaps))
        cells[i] = f"{cells[i]} {text}".strip()
    return cells


def uncommented(data: bytes) -> bytes:
    r"""Take the comments off the end of a table of text; what stands above its last row is left alone.

    Blank lines among them go too, and so does what a spreadsheet makes of such a line: quotes, empty cells behind it.

    >>> uncommented(b"ticker,move\nNVDA,-0.17\n# Book: Desk\n\"# Coverage: a, b\",\n,\n")
    b'ticker,move\nNVDA,-0.17\n'
    """
    end = cut = len(data)
    while start := data.rfind(b"\n", 0, end) + 1:
        line = data[start:end]
        if line.lstrip(b'"').startswith(b"# "):
            cut = start
        elif line.strip(b' \t\r,;"'):
            break
        end = start - 1
    return data[:cut]
