"""Three buttons below a chart: its picture as PNG or SVG, its numbers as CSV, each with finding, source and coverage.

By `st.html`, since a component of Streamlit 1.67 keeps a value in session state that cannot be serialised. The script
is the file beside this one and nothing else; what a user has named goes into attributes, escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared import figures, stamp, texts

KINDS = ("png", "svg", "csv")
WIDTH = 148
_SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
_STYLE = """
.chart-export {{ display: flex; gap: 4px; justify-content: flex-end; }}
.chart-export button {{
  border: 1px solid transparent; border-radius: 4px; background: none; cursor: pointer; padding: 2px 7px;
  font-family: inherit; font-size: 14px; line-height: 1.4; color: {quiet};
}}
.chart-export button:hover {{ border-color: {grid}; color: {ink}; }}
.chart-export button:focus-visible {{ outline: 2px solid {ink}; outline-offset: 1px; }}
"""


def frame(key: str) -> Any:
    """Give the container that a chart is to be drawn in, so that its buttons find it."""
    return st.container(key=f"chart_{key}")


def bar(key: str, *, title: str, said: Sequence[str], file: str, dark: bool) -> None:
    """Draw the buttons of the chart in the frame of that key.

    Parameters
    ----------
    said : what stands below the picture, in its metadata and at the end of its numbers: source, book, coverage.
    file : a file name without its ending.
    """
    with st.container(key=f"{key}_export", width=WIDTH):
        st.html(markup(key, title, said, file, dark), width=WIDTH, unsafe_allow_javascript=True)


def markup(key: str, title: str, said: Sequence[str], file: str, dark: bool) -> str:
    """Give the buttons with all that the script needs to know of their chart."""
    ink, quiet, ground, grid = (each[dark] for each in (figures.INK, figures.QUIET, figures.GROUND, figures.GRID))
    known = {"chart": f"chart_{key}", "title": texts.one_line(title), "file": file}
    known |= {
        "said": "\n".join(texts.one_line(each, 2000) for each in said),
        "comments": "\n".join(stamp.comments(said)),
    }
    known |= {"ground": ground, "ink": ink, "quiet": quiet}
    data = " ".join(f'data-{name}="{escape(value)}"' for name, value in known.items())
    label = escape(f"Download the chart “{known['title']}”")
    buttons = "".join(
        f'<button type="button" data-kind="{kind}" aria-label="{label} as {kind.upper()}">{kind.upper()}</button>'
        for kind in KINDS
    )
    style = _STYLE.format(ink=ink, quiet=quiet, grid=grid)
    return (
        f'<div class="chart-export" role="group" {data}>{buttons}</div><style>{style}</style><script>{_SCRIPT}</script>'
    )
