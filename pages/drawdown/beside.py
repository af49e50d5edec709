"""A history beside others: the other reading, stored series and portfolios, an event, and a shock."""

from __future__ import annotations

from datetime import date

import streamlit as st

from exposure.errors import ExposureError
from exposure.format import day, number, percent
from exposure.history import event_of, rank_of, rank_of_day
from exposure.scenarios import library
from exposure.view import drawdown, sentences
from exposure.view.looks import Column
from pages.drawdown import answers, charts
from pages.drawdown import first as drawdown_options
from pages.drawdown.charts import EVENT
from pages.drawdown.first import Looked
from pages.ui import cache, scenarios, shocks, show, stamp, state

MOST = 6
"""Others beside: more lines could not be told apart."""
FALLS = 20
"""Past falls drawn beside a shock."""
OTHER = "Another day"
ROW = 35
"""Height of a row of a table, in pixels: the statistics are read as one, without scrolling."""


def statistics(looked: Looked) -> None:
    """Set both readings beside stored series and portfolios, over the sessions that all have."""
    portfolio = looked.chosen.portfolio
    kept = [p.name for p in cache.store().portfolios() if p.name != portfolio]
    symbols = list(answers.series_on_offer(portfolio))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        series, others = (
            _several(label, key, options)
            for label, key, options in zip(
                ("Against stored series", "Against stored portfolios"), state.BESIDE, (symbols, kept), strict=True
            )
        )
    readings = {drawdown_options.READINGS["today"]: looked.today}
    if looked.actual is not None:
        readings[drawdown_options.READINGS["actual"]] = looked.actual
    currency = looked.chosen.currency or looked.book.currency
    try:
        found, failed = answers.beside(readings, portfolio, currency, looked.how, symbols=series, portfolios=others)
    except ExposureError as error:
        st.warning(sentences.plain(f"{error.what}. {error.remedy}"), icon=":material/warning:")
        return
    for name, why in (*failed.items(), *((s, "too few prices over these sessions") for s in found.missing)):
        st.caption(sentences.plain(f"Left out: {name}, {why}."))
    names = [each.name for each in found.each]
    title = drawdown.deepest_of(found, names)
    first, last = (day(found.dates[at].item()) for at in (0, -1))
    common = f"the {sentences.count(len(found.dates), 'session')} that all have, {first} to {last}"
    show.chart(
        charts.beside(found, names, show.dark(), looked.shown),
        key="beside",
        title=title,
        alt=f"Distance from the last peak of {', '.join(names)}. {title}.",
        source=f"{looked.about}; {common}; series in their own currency",
        as_of=found.dates[-1].item(),
        currency=looked.book.currency,
    )
    show.table(
        drawdown.statistics(found, names),
        (
            Column("figure", "Figure", width="medium"),
            *(Column(f"of_{n}", sentences.one_line(name, 40), width="small") for n, name in enumerate(names)),
            Column("meaning", "What it means", width="large"),
        ),
        file=f"{portfolio} statistics",
        key="statistics",
        height=ROW * (len(drawdown.STATISTICS) + 1) + 3,
    )
    st.caption(sentences.plain(f"All over {common}; a history that is longer by itself has other figures above."))


def _several(label: str, key: str, options: list[str]) -> tuple[str, ...]:
    kept = [one for one in st.session_state.get(key, ()) if one in options]
    st.session_state[key] = kept
    return tuple(st.multiselect(label, options, key=key, max_selections=MOST // 2, persist_state="session", width=420))


def event(looked: Looked) -> None:
    """Follow the history through an event, from five sessions before to sixty after."""
    first, last = looked.result.dates[1].item(), looked.result.end
    known = {e.end: f"{day(e.end)}: {e.title}" for e in sorted(library(), key=lambda e: e.id, reverse=True) if e.end}
    options = {d.isoformat(): known[d] for d in sorted(known, key=lambda d: (d != EVENT, d)) if first <= d <= last}
    options[OTHER] = OTHER
    state.settle(state.EVENT[0], list(options), next(iter(options)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        one = st.selectbox(
            "Event",
            list(options),
            format_func=options.__getitem__,
            key=state.EVENT[0],
            persist_state="session",
            width=420,
        )
        state.publish(state.EVENT[0])
        if one == OTHER:
            when = st.date_input(
                "Day", looked.result.trough or last, min_value=first, max_value=last, key=state.EVENT[1],
                persist_state="session", width=160,
            )  # fmt: skip
        else:
            when = date.fromisoformat(one)
    try:
        if looked.result.hold == "snapshots":
            path, held = event_of(looked.result, when), "snapshots as stored"
        else:
            path = answers.event(*looked.chosen.key, looked.how[3], when)
            held = f"today’s quantities, {percent(path.covered, 0)} of the book priced on the day"
    except ExposureError as error:
        st.info(sentences.plain(f"{error.what}. {error.remedy}"))
        return
    title = drawdown.event_finding(path)
    show.chart(
        charts.event(path, show.dark()),
        key="event_path",
        title=title,
        alt=f"Move since the close before {day(path.day)}, from {path.position[0]} to {path.position[-1]} sessions. "
        f"{title}.",
        source=f"{looked.chosen.portfolio}, {looked.source}, {held}",
        as_of=path.dates[-1].item(),
        currency=looked.book.currency,
    )
    show.table(
        drawdown.event(path),
        (
            Column("after", "Sessions after", "row"),
            Column("date", "Date", "date"),
            Column("move", "Since the close before", "share"),
            Column(
                "recovered",
                "Share made up",
                "share",
                "Of the day’s fall: 100 is all of it, below 0 it fell further; empty where the day was no fall",
            ),
        ),
        file=f"{looked.chosen.portfolio} event {path.day}",
        key="event_table",
    )


def shock(looked: Looked) -> None:
    """Rank the scenario of the Shock page among all past falls."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = scenarios.pick(looked.chosen.portfolio)
    with st.spinner("Applying the scenario"):
        result = shocks.shock_of(*looked.chosen.key, picked.scenario)
    loss = result.total_return
    shocked = stamp.of_result(looked.chosen.portfolio, result)
    stamp.keep(tuple(dict.fromkeys((*stamp.of_history(looked.chosen.portfolio, looked.result), *shocked))))
    if loss >= 0:
        st.info(sentences.plain(f"{picked.scenario.title}: {percent(loss, signed=True)}, no loss to rank."))
        return
    among, of_day = rank_of(looked.result, loss), rank_of_day(looked.result, loss)
    show.figure_line(
        [
            ("Loss in the shock", percent(loss)),
            (
                "Rank among falls",
                f"{number(among.rank)} of {number(among.of)}",
                "Falls from a peak, however long they took; 1 is worst",
            ),
            ("Rank among days", f"{number(of_day.rank)} of {number(of_day.of)}", "Single sessions that fell"),
            ("As deep before", day(among.as_deep), "Trough of the shallowest past fall that was as deep"),
            ("Drawdown after it", percent(among.drawdown_after), "Added today, from the highest level so far"),
        ]
    )
    falls = drawdown.depths(looked.result, FALLS)
    place = min(among.rank, len(falls) + 1)
    title = drawdown.shocked(among, picked.scenario.title)
    show.chart(
        charts.ranked(falls, loss, place, show.dark()),
        key="ranked",
        title=title,
        alt=f"The {len(falls)} deepest falls in order, the shock among them. {title}.",
        source=f"{looked.about}; the {len(falls)} deepest of {among.of} falls",
        as_of=looked.result.end,
        currency=looked.book.currency,
    )
    said = (drawdown.rank(among, "falls from a peak"), drawdown.rank(of_day, "single sessions that fell"))
    st.caption(
        sentences.plain(
            f"{' '.join(said)} {percent(among.share_of_days, 1)} of all sessions stood as far below their peak. The "
            "shock is of the whole book; the history is of what has prices."
        )
    )
    show.table(
        [{"rank": n, "depth": depth} for n, depth in enumerate(falls, start=1)],
        (Column("rank", "Rank among past falls", "row"), Column("depth", "Depth", "share")),
        file=f"{looked.chosen.portfolio} falls",
        key="ranked_table",
        height=show.table_height(len(falls)),
    )
