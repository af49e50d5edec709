"""The lines with `#` at the end of a table that left a page: what its figures rest on, no rows of it."""

from __future__ import annotations


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
