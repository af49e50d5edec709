"""What charts and tables show, as data: a colour for each segment, steps that add up, columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from exposure.chain import top_segment

LIGHT: Mapping[str, str] = {
    "foundation_models": "#CC79A7",
    "chips": "#0072B2",
    "equipment": "#E69F00",
    "software": "#009E73",
    "outside": "#8A929B",
    "cash": "#B4BAC1",
    "unassigned": "#D5D9DE",
}
DARK: Mapping[str, str] = {
    **LIGHT,
    "chips": "#56A5D8",
    "software": "#00B184",
    "outside": "#9AA3AD",
    "cash": "#6B747E",
    "unassigned": "#4A525B",
}
LOSS, GAIN = "#D55E00", "#0072B2"
"""Orange and blue of the same palette; the sign stands beside them, colour alone says nothing."""
INK = {False: "#0E1216", True: "#E8EBEE"}
QUIET = {False: "#4A525B", True: "#B3BBC4"}
GRID = {False: "#DDE1E6", True: "#2A323B"}
GROUND = {False: "#FFFFFF", True: "#040506"}


def colour(segment: str, dark: bool = False) -> str:
    """Give a segment's colour; a sub-segment has that of its segment."""
    return (DARK if dark else LIGHT).get(top_segment(segment), LIGHT["unassigned"])


def tint(segment: str, share: float, dark: bool = False) -> str:
    """Mix a segment's colour with the ground: share 1 is the colour, 0 the ground."""
    pairs = [(int(colour(segment, dark)[i : i + 2], 16), int(GROUND[dark][i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(share * one + (1 - share) * other):02X}" for one, other in pairs)


def luminance(colour: str) -> float:
    """Give the relative luminance of `#RRGGBB` as WCAG 2 defines it: black 0, white 1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ink_on(colour: str) -> str:
    """Choose black or white, whichever can be read better on a colour."""
    black, white = (luminance(colour) + 0.05) / 0.05, 1.05 / (luminance(colour) + 0.05)
    return "#000000" if black >= white else "#FFFFFF"


Kind = Literal["text", "money", "number", "share", "date", "row", "tenths"]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: field of its rows, heading with the unit, how it is written, and what it means."""

    field: str
    heading: str
    kind: Kind = "text"
    help: str | None = None
    width: Literal["small", "medium", "large"] | int | None = None


TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Step:
    """A bar: `key` is a segment id, or `TOTAL` for the sum of all; `value` a signed fraction, `figure` its text."""

    key: str
    label: str
    value: float
    figure: str
    hover: str
    colour: str = ""
    """Of the bar, where it is not that of a segment."""
