"""Compare: several portfolios under several scenarios, cut side by side, and against a benchmark."""

import streamlit as st

from exposure.shock import active, comparison_issues
from exposure.view import compare, sentences
from exposure.view.looks import Column
from pages.compare import pick, sections
from pages.ui import charts, doubts, guard, select, show, stamp

guard.enter(__file__)
st.title("Compare", anchor=False)
select.say_missing()
with guard.sentences():
    chosen = pick.pick()
    pairs = sections.pairs(chosen)
    first = chosen.portfolios[0]
    stamp.keep(stamp.of_results((pair.side, pair.result) for pair in pairs if pair.result is not None))
    names = ", ".join(side.portfolio for side in chosen.sides)
    show.chart(
        sections.totals(pairs, show.dark()),
        key="totals",
        title=compare.finding(pairs),
        alt=compare.alt_text(pairs),
        source=f"{names}; {sections.hashes(chosen)}",
        as_of=first.book.as_of,
        currency=first.book.currency,
    )
    sections.unapplied(pairs)
    issues = [issue for pair in pairs if pair.result is not None for issue in pair.result.issues]
    doubts.warn(issues, books=len(chosen.portfolios))
    rows, columns = compare.totals(pairs)
    show.table(rows, columns, file="totals by scenario and portfolio", key="totals_table")
    st.caption(
        "Total returns are shares of each book’s own capital. Coverage is the share of gross exposure by where its "
        "move came from: a total that is mostly modelled says less than one of observed prices."
    )
    with st.expander("Every pair: money, bands and coverage in figures", icon=":material/table:"):
        show.table(compare.listed(pairs), compare.PAIR, file="every pair", key="pairs")

    st.subheader("Who carries it", anchor=False)
    look = sections.look(chosen, pairs)
    if look is not None:
        if look.benchmark is not None and chosen.benchmark is not None:
            found = active(look.result, look.benchmark, look.by)
            bars = compare.steps(found, look.result, look.benchmark, look.by)
            show.figure_line(sections.headline(look.result, look.benchmark))
            show.chart(
                charts.horizontal_waterfall(bars, show.dark()),
                key="active",
                title=compare.active_finding(bars, look.side, chosen.benchmark.label),
                alt=sections.active_alt_text(bars),
                source=f"{look.side} and {chosen.benchmark.portfolio}; {look.about}",
                as_of=look.result.book.as_of,
                currency=look.result.book.currency,
            )
            what = Column("key", compare.CUTS[look.by], width="medium")
            show.table(
                compare.active(found, look.by),
                (what, *compare.ACTIVE[1:]),
                file=f"{look.side} active by {look.by}",
                key="active_table",
            )
            st.caption(sentences.plain(sections.ADDS_UP))
        sections.cuts(chosen, pairs, look)
    results = [pair.result for pair in pairs if pair.result is not None]
    doubtful = doubts.open_of([issue for result in results for issue in result.issues])
    doubts.issues([*doubtful, *comparison_issues(results)], "compare_issues")
