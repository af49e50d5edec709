"""What every page shows in the same way: figures with coverage, charts with their source, tables with a download.

Three buttons below a chart: its picture as PNG or SVG, its numbers as CSV, each with finding, source and coverage. They
are a component of their own, whose script is the file beside this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from exposure.files import write_csv
from exposure.format import day
from exposure.messages import words
from exposure.types import Issue
from exposure.view import sentences
from exposure.view.looks import Column, Kind, Row
from exposure.view.sentences import plain
from pages.ui import charts, stamp

KINDS = ("png", "svg", "csv")
WIDTH = 148
_HERE = Path(__file__)
_export = st.components.v2.component(
    "export",
    html='<div role="group"></div>',
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


def frame(key: str) -> Any:
    """Give the container for a chart and what stands below it: its buttons look for the chart in there."""
    return st.container(key=f"chart_{key}")


def export_data(title: str, said: Sequence[str]) -> dict[str, Any]:
    """Give what the buttons below a chart need to know of it.

    Parameters
    ----------
    said : what stands below the picture, in its metadata and at the end of its numbers: source, book, coverage.
    """
    shown = sentences.one_line(title)
    return {
        "title": shown,
        "said": [sentences.one_line(each, 2000) for each in said],
        "comments": stamp.comments(said),
        "file": file_name(title, ""),
        "group": words("export.chart", {"title": shown}),
        "buttons": {kind: words("export.chart-as", {"title": shown, "kind": kind.upper()}) for kind in KINDS},
    }


def figure_line(items: Iterable[tuple[str, str] | tuple[str, str, str]]) -> None:
    """Show figures side by side, label over value, wrapping where the screen is narrow; a third text is a tooltip."""
    with st.container(horizontal=True, gap="medium"):
        for label, value, *more in items:
            st.metric(label, value, help=more[0] if more else None, width="content")


def coverage(shares: Mapping[str, float], of: str = "gross exposure") -> None:
    """Show what the figures above rest on."""
    st.caption(plain(sentences.coverage(shares, of)))


def dark() -> bool:
    """Tell whether the visitor sees the dark theme."""
    return st.context.theme.type == "dark"


def chart(
    figure: go.Figure,
    *,
    key: str,
    title: str,
    alt: str,
    source: str,
    as_of: date | None,
    currency: str | None,
    **options: Any,
) -> None:
    """Show a chart under the finding it makes, and below it its source, date and currency; `alt` tells it in words.

    It is downloaded as PNG, SVG and CSV by the buttons beside its source; options go to `st.plotly_chart`. A `currency`
    of None says that the figures are weights, an empty one that nothing here is money.
    """
    st.subheader(plain(title), anchor=False)
    config = {"displayModeBar": False, "responsive": True}
    with frame(key):
        st.plotly_chart(charts.dressed(figure, dark()), key=key, theme=None, alt=alt, config=config, **options)
        below(key, title=title, source=source, as_of=as_of, currency=currency)


def below(key: str, *, title: str, source: str, as_of: date | None, currency: str | None) -> None:
    """Show what stands under a chart: its source, date and currency, and the buttons that download it."""
    dated = f" Date: {day(as_of)}." if as_of else ""
    unit = "" if currency == "" else f" Currency {currency}." if currency else " No currency (weights)."
    said = f"Source: {source}.{dated}{unit}"
    with st.container(horizontal=True, vertical_alignment="top"):
        st.caption(plain(said), width="stretch")
        _export(key=f"{key}_export", data=export_data(title, (said, *stamp.kept())), width=WIDTH)


def table(
    rows: Sequence[Row], columns: Sequence[Column], *, file: str, key: str, height: int | None = None, **options: Any
) -> Any:
    """Show rows as a table with a CSV download below; options go to `st.dataframe`, whose answer is handed back.

    A column that is empty throughout is left out on screen.
    """
    import pandas as pd

    seen = [c for c in columns if not rows or any(row.get(c.field) not in (None, "") for row in rows)]
    shown = pd.DataFrame({c.heading: _shown([row.get(c.field) for row in rows], c.kind) for c in seen})
    answer = st.dataframe(
        shown,
        hide_index=True,
        key=key,
        height="auto" if height is None else height,
        column_config={c.heading: _config(c) for c in seen},
        placeholder="–",
        **options,
    )
    download(rows, columns, file=file, key=key)
    return answer


def download(rows: Sequence[Row], columns: Sequence[Column], *, file: str, key: str) -> None:
    """Offer rows as a CSV file, with what the page says of their origin as comments at its end."""
    carried = stamp.kept()
    st.download_button(
        "Download as CSV",
        lambda: csv_of(rows, columns, carried),
        file_name=file_name(file),
        mime="text/csv",
        key=f"{key}_csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def table_height(rows: int, most: int = 250) -> int | None:
    """Give the height of a table that scrolls within itself once it is long; None for that of its rows."""
    return most if rows > 6 else None


def csv_of(rows: Sequence[Row], columns: Sequence[Column], carried: Sequence[str] = ()) -> bytes:
    """Write rows as CSV: fractions, full precision, ISO dates, headed by field names; `carried` as comments at the end.

    Text that a spreadsheet would run as a formula is given a leading apostrophe.
    """
    body = ([_cell(row.get(c.field)) for c in columns] for row in rows)
    text = write_csv([[c.field for c in columns], *body]) + "".join(f"{line}\r\n" for line in stamp.comments(carried))
    return text.encode("utf-8-sig", "replace")


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def file_name(stem: str, ending: str = ".csv") -> str:
    """Turn a title into a file name of plain letters, ending in `.csv` where nothing else is said."""
    return (re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-").lower()[:80] or "table") + ending


def issue_table(found: Sequence[Issue], key: str) -> None:
    """Show issues as a table."""
    if not found:
        st.caption("Nothing to remark.")
    else:
        table(
            [
                {"severity": i.severity, "what": i.what, "row": i.row, "weight": i.weight, "remedy": i.remedy}
                for i in found
            ],
            (
                Column("severity", "Severity", width="small"),
                Column("what", "What", width="large"),
                Column("row", "Row", "row", width="small"),
                Column("weight", "Share of gross", "share"),
                Column("remedy", "What to do", width="large"),
            ),
            file="remarks",
            key=key,
        )


def _shown(values: list[Any], kind: Kind) -> list[Any]:
    if kind == "text":
        written = [None if value is None else str(value) for value in values]
        known = {text: None if text is None else sentences.one_line(text) for text in set(written)}
        return [known[text] for text in written]
    if kind == "money":
        return [None if value is None else round(value, 0 if abs(value) >= 1000 else 2) for value in values]
    return values


def _config(column: Column) -> Any:
    common: dict[str, Any] = {"help": column.help, "width": column.width}
    make = st.column_config
    if column.kind in ("money", "number"):
        return make.NumberColumn(format="localized", **common)
    if column.kind == "share":
        return make.NumberColumn(format="percent", **common)
    if column.kind == "tenths":
        return make.NumberColumn(format="%.1f", **common)
    if column.kind == "row":
        return make.NumberColumn(format="%d", **common)
    if column.kind == "date":
        return make.DateColumn(format="D MMM YYYY", **common)
    return make.TextColumn(**common)
