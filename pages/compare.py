"""Compare: several portfolios under several scenarios, cut side by side, and against a benchmark."""

import streamlit as st

from exposure.shock.compare import active, remarks
from pages.shared import (
    compare_figures,
    compare_page,
    compare_pick,
    compare_rows,
    doubts,
    guard,
    select,
    shock_figures,
    show,
    stamp,
    texts,
)
from pages.shared.show import Column

guard.enter(__file__)
st.title("Compare", anchor=False)
select.told()
with guard.sentences():
    chosen = compare_pick.pick()
    pairs = compare_page.pairs(chosen)
    first = chosen.portfolios[0]
    stamp.keep(stamp.of_results((pair.side, pair.result) for pair in pairs if pair.result is not None))
    names = ", ".join(side.portfolio for side in chosen.sides)
    show.chart(
        compare_figures.totals(pairs, show.dark()),
        key="totals",
        title=compare_rows.finding(pairs),
        alt=compare_rows.in_words(pairs),
        source=f"{names}; {compare_page.hashes(chosen)}",
        as_of=first.book.as_of,
        currency=first.book.currency,
    )
    compare_page.unapplied(pairs)
    issues = [issue for pair in pairs if pair.result is not None for issue in pair.result.issues]
    doubts.warn(issues, books=len(chosen.portfolios))
    rows, columns = compare_rows.totals(pairs)
    show.table(rows, columns, file="totals by scenario and portfolio", key="totals_table")
    st.caption(
        "Total returns are shares of each book’s own capital. Coverage is the share of gross exposure by where its "
        "move came from: a total that is mostly modelled says less than one of observed prices."
    )
    with st.expander("Every pair: money, bands and coverage in figures", icon=":material/table:"):
        show.table(compare_rows.listed(pairs), compare_rows.PAIR, file="every pair", key="pairs")

    st.subheader("Who carries it", anchor=False)
    look = compare_page.look(chosen, pairs)
    if look is not None:
        if look.benchmark is not None and chosen.benchmark is not None:
            found = active(look.result, look.benchmark, look.by)
            bars = compare_rows.steps(found, look.result, look.benchmark, look.by)
            show.figure_line(compare_page.headline(look.result, look.benchmark))
            show.chart(
                shock_figures.waterfall(bars, show.dark()),
                key="active",
                title=compare_rows.active_finding(bars, look.side, chosen.benchmark.label),
                alt=compare_page.active_in_words(bars),
                source=f"{look.side} and {chosen.benchmark.portfolio}; {look.about}",
                as_of=look.result.book.as_of,
                currency=look.result.book.currency,
            )
            what = Column("key", compare_rows.CUTS[look.by], width="medium")
            show.table(
                compare_rows.active(found, look.by),
                (what, *compare_rows.ACTIVE[1:]),
                file=f"{look.side} active by {look.by}",
                key="active_table",
            )
            st.caption(texts.plain(compare_page.ADDS_UP))
        compare_page.cuts(chosen, pairs, look)
    results = [pair.result for pair in pairs if pair.result is not None]
    doubtful = doubts.open_of([issue for result in results for issue in result.issues])
    show.issues([*doubtful, *remarks(results)], "compare_issues")
