"""The AI value chain as a tree of segments: ids, names, and the equation of the shock model that moves each."""

from __future__ import annotations

from dataclasses import dataclass

SCHEME_VERSION = "2026-11"
BESIDE = ("outside", "cash", "unassigned")
"""Beside the chain: names that are not on it, currency, and lines that nothing could place."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A node of the scheme: `id` as the interface writes it, a `name` for screens, what it `covers`, its `equation`."""

    id: str
    name: str
    covers: str = ""
    equation: str | None = None

    @property
    def parent(self) -> str | None:
        """Give the segment that a sub-segment belongs to, None for a segment."""
        return self.id.split(".")[0] if "." in self.id else None


SEGMENTS: tuple[Segment, ...] = (
    Segment("foundation_models", "Foundation models", "those who train and sell large models"),
    Segment("foundation_models.independent_labs", "Independent labs", "laboratories, held by stake", "models"),
    Segment("foundation_models.cloud_providers", "Cloud model providers", "own models sold through a cloud", "models"),
    Segment("chips", "Chips", "those who design and make the chips"),
    Segment("chips.accelerators", "Accelerators", "GPUs and other AI processors", "chips"),
    Segment("chips.memory", "Memory", "HBM, DRAM, NAND", "chips"),
    Segment("chips.foundry", "Foundry", "contract manufacture of chips", "chips"),
    Segment("chips.networking", "Networking and optics", "switch chips, interconnect, lasers, transceivers", "chips"),
    Segment("chips.processors", "Processors and IP", "CPUs, mobile processors, processor designs", "chips"),
    Segment("chips.design_tools", "Design tools", "electronic design automation", "chips"),
    Segment("chips.other", "Analog and other", "analog, power, radio and other chips", "chips"),
    Segment("equipment", "Equipment", "machines that make chips, and what computing centres are built of"),
    Segment("equipment.wafer_fab", "Wafer fabrication", "lithography, deposition, etch, inspection, materials", "fab"),
    Segment("equipment.test_packaging", "Test and packaging", "testers, probe cards, bonding, assembly", "fab"),
    Segment("equipment.servers", "Servers and data-centre gear", "servers, storage, switches, halls", "centre"),
    Segment("equipment.power_cooling", "Power and cooling", "switchgear, transformers, cooling", "centre"),
    Segment("equipment.power_producers", "Power producers", "generators that sell to data centres", "centre"),
    Segment("software", "Software", "those who use the models and the computing"),
    Segment("software.applications", "Applications", "programs that people use", "software"),
    Segment("software.infrastructure", "Infrastructure and data", "data bases, development, observability", "software"),
    Segment("software.security", "Security", "identity, network and endpoint security", "software"),
    Segment("software.cloud_platforms", "Cloud platforms", "computing for rent", "cloud"),
    Segment("outside", "Outside the chain", "names that do not stand along it"),
    Segment("cash", "Cash", "currency balances, money-market sweeps, collateral, margin"),
    Segment("unassigned", "Unassigned", "lines that neither table nor rule could place"),
)
_BY_ID = {s.id: s for s in SEGMENTS}
TOP_SEGMENTS: tuple[str, ...] = tuple(s.id for s in SEGMENTS if s.parent is None)
SUB_SEGMENTS: tuple[str, ...] = tuple(s.id for s in SEGMENTS if s.parent)
FINEST: tuple[str, ...] = (*SUB_SEGMENTS, *BESIDE)


def segment_ids() -> frozenset[str]:
    """Give every id of the scheme, segments and sub-segments."""
    return frozenset(_BY_ID)


def top_segment(segment: str) -> str:
    """Give the segment that an id belongs to: `chips` for `chips.memory`, and itself for `outside`."""
    return segment.split(".", 1)[0]


def segment_name(segment: str) -> str:
    """Give the name for screens; an id that the user added shows as it is written."""
    known = _BY_ID.get(segment)
    return known.name if known else segment


def on_chain(segment: str) -> bool:
    """Tell whether a segment is one of the four of the chain."""
    return top_segment(segment) not in BESIDE
