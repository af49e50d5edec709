"""A book and the beliefs held of it: what every view of the Beliefs page needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from exposure.scenarios import scenario_hash, set_levers
from exposure.shock.lever_cut import Cut, LeverCut
from exposure.types import Book, Scenario
from pages.shared import cache, show, stamp, state, texts


@dataclass(frozen=True, slots=True)
class Asked:
    """A book, its ids, and the beliefs held of it: what every view needs."""

    portfolio: str
    ids: cache.Ids
    book: Book
    ready: LeverCut
    base: Scenario
    changed: Mapping[str, float]
    cut: Cut
    chain: list[dict[str, Any]]

    @property
    def levers(self) -> dict[str, float]:
        """Give every lever's value."""
        return {**self.base.levers, **self.changed}

    @property
    def stamp(self) -> stamp.Lines:
        """Say what the figures carry when they leave."""
        held = set_levers(self.base, dict(self.changed))
        return stamp.of_scenario(self.portfolio, self.book, held, self.ready.coverage, self.book.issues)

    def ask(self, question: str, *more: Any) -> Any:
        """Give an answer that is worked out once for these ids and levers."""
        return cache.of_levers(question, self.ids, tuple(sorted(self.changed.items())), *more)

    @property
    def about(self) -> str:
        """Say what the figures are of."""
        own = f", {texts.count(len(self.changed), 'lever')} changed" if self.changed else ""
        return f"{self.portfolio}, {self.base.id}{own}"

    def chart(self, figure: go.Figure, key: str, title: str, alt: str, source: str = "") -> None:
        """Show a chart with its source, date and currency."""
        show.chart(
            figure,
            key=key,
            title=title,
            alt=alt,
            source=source or self.about,
            as_of=self.end,
            currency=self.book.currency,
        )

    @property
    def end(self) -> date | None:
        """Give the last day that the beliefs are about."""
        return self.base.end or self.book.as_of


def held() -> Scenario:
    """Give the library's scenario at the levers of this session, under its own id."""
    return set_levers(cache.scenario(cache.BELIEFS), st.session_state[state.LEVERS])


def scenario(asked: Asked, id: str, title: str) -> Scenario:
    """Give the beliefs as a scenario of a name of its own, with the library's priors."""
    moved = set_levers(asked.base, dict(asked.changed))
    named = replace(moved, id=id, title=title, source=f"levers set by hand on {asked.base.id}")
    return replace(named, hash=scenario_hash(named))
