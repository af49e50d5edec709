"""Results: what was kept, whether it still reproduces to the cent, what changed since, and two of them compared."""

import streamlit as st

from exposure.format import money, percent
from exposure.results import book_of, differences, scenario_of
from exposure.view import results, sentences, trades
from exposure.view.looks import Column
from exposure.view.sentences import plain
from pages.ui import actions, address, cache, charts, deleted, doubts, guard, keeping, select, show, stamp, state

guard.enter(__file__)
st.title("Results", anchor=False)
select.say_missing()
actions.notice()
entries = {}
with guard.sentences():
    entries = {e.kept_id: e for e in cache.store().kept_results()}
if not entries:
    st.info(
        "No result is kept yet. Choose a portfolio and a scenario on the Shock page and press “Keep this result”; "
        "Beliefs, Prediction and Trades have such a button too."
    )
    st.page_link(guard.page("shock"), label="To the Shock page", icon=":material/bolt:")
    deleted.section()
    st.stop()

verdicts = {}
with guard.sentences():
    verdicts = keeping.verdicts(entries)
    unchecked = len(entries.keys() - verdicts.keys())
    if unchecked and st.button(f"Check the other {unchecked}", key="kept_check", help="Works each one out again"):
        verdicts = keeping.verdicts(entries, float("inf"))
show.table(
    results.listed(list(entries.values()), verdicts),
    (
        Column("number", "No.", "row", width="small"),
        Column("scenario", "Scenario", width="medium"),
        Column("total_return", "Total return", "share"),
        Column("reproduces", "Reproduces", width="small", help="Worked out again from what was kept"),
        Column("as_of", "Book of", "date"),
        Column("kept", "Kept", width="medium"),
        Column("pnl", "P&L", "money"),
        Column("currency", "Currency", width="small"),
        Column("engine", "Engine", width="small"),
        Column("hash", "Scenario hash", width="small"),
        Column("note", "Note", width="medium"),
    ),
    file="kept results", key="kept", height=show.table_height(len(entries)),
)  # fmt: skip
if state.missing(state.RESULT, list(entries)):
    st.warning("The result that was asked for is not kept any more: the latest is shown.", icon=":material/warning:")
of_the_book = [n for n, e in entries.items() if e.portfolio == address.held().get(address.PORTFOLIO)]
state.settle(state.RESULT, list(entries), [*of_the_book, *entries][0])
labels = {n: results.label(e) for n, e in entries.items()}
opened = st.selectbox(
    "Open", list(entries), format_func=labels.__getitem__, key=state.RESULT, persist_state="session"
)  # fmt: skip
state.publish(state.RESULT)
entry = entries[opened]

with guard.sentences():
    record = keeping.record(opened)
    stamp.keep(stamp.of_result(entry.portfolio, keeping.worked_out(opened), f"Kept as no. {entry.number}."))
    show.figure_line(
        [
            ("Total return", percent(record.total_return, signed=True)),
            *([("Profit and loss", money(record.pnl, record.currency, 2, signed=True))] if record.currency else []),
            ("Portfolio", sentences.one_line(entry.portfolio, 40)),
            ("Engine", record.engine.partition("+")[0]),
        ]
    )
    worked_out = keeping.worked_out(opened)
    holds, said = results.verdict(record, worked_out)
    (st.success if holds else st.warning)(plain(said), icon=":material/verified:" if holds else ":material/warning:")
    doubts.warn(worked_out.issues, "So it stood when the result was kept.")
    if tried := keeping.trades_of(record):
        then = [trades.label(trade, book_of(record)) for trade in tried]
        st.caption(plain(f"Trades tried on the stored book first: {'; '.join(then)}."))
    current = keeping.scenario_now(entry.portfolio, record, scenario_of(record))
    found = differences(record, keeping.inputs_now(entry.portfolio, record), current)
    st.caption(plain(results.since(record, keeping.today(entry.portfolio, record, current))))
    if found:
        st.markdown("**Changed since it was kept**\n" + "\n".join(f"- {plain(d.text)}" for d in found))
    else:
        st.caption("Nothing it was made of has changed since.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # The field shows what is stored: each change in it is written at once, against the note that it showed.
        field = f"kept_note_{opened}"
        st.session_state[field] = entry.note
        st.text_input(
            "Note", key=field, max_chars=200, width=360, on_change=keeping.note, args=(opened, field, entry.note)
        )
        st.download_button(
            "Download JSON", results.whole(record, entry), file_name=f"result-{entry.number}.json", key="kept_json",
            mime="application/json", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        st.button(
            "Delete", key="kept_delete", icon=":material/delete:", on_click=keeping.delete,
            args=(opened, f"kept result no. {entry.number}", entry.note),
        )  # fmt: skip

    unit = record.currency or "no currency"
    st.subheader("Line by line, as it was kept", anchor=False)
    lines = results.lines(record)
    show.table(
        lines,
        (
            Column("name", "Name", width="medium"),
            Column("ticker", "Ticker", width="small"),
            Column("isin", "ISIN", width="small"),
            Column("weight", "Weight", "share"),
            Column("market_value", f"Value, {unit}", "money"),
            Column("total_move", "Total move", "share"),
            Column("pnl", f"P&L, {unit}", "money"),
            Column("contribution", "Contribution", "share"),
            Column("provenance", "Move from", width="small"),
        ),
        file=f"result {entry.number}", key="kept_lines", height=show.table_height(len(lines)),
    )  # fmt: skip

    st.subheader("Compare with another", anchor=False)
    others = [0, *(n for n, e in entries.items() if n != opened and e.portfolio == entry.portfolio)]
    if len(others) == 1:
        st.caption("No other result of this portfolio is kept.")
    else:
        state.settle(state.RESULT_BESIDE, others, 0)
        against = st.selectbox(
            "Compare with", others, format_func={0: "None", **labels}.__getitem__, key=state.RESULT_BESIDE,
            persist_state="session",
        )  # fmt: skip
        state.publish(state.RESULT_BESIDE)
        if against:
            first = entries[against].number
            causes, by_line = keeping.explained(against, opened)
            gap = record.total_return - entries[against].total_return
            steps = results.steps(causes, gap)
            stamp.keep(stamp.of_results((entry.portfolio, keeping.worked_out(one)) for one in (against, opened)))
            show.chart(
                charts.horizontal_waterfall(steps, show.dark()),
                key="kept_causes", title=results.finding(causes, gap),
                alt="Causes: " + ", ".join(f"{s.label} {s.figure}" for s in steps) + ".",
                source=f"kept results no. {first} and no. {entry.number} of {entry.portfolio}", as_of=entry.as_of,
                currency=record.currency,
            )  # fmt: skip
            st.caption(
                "One thing is changed at a time, in the order of the bars; another order would split otherwise. Prices "
                "are told from holdings where both books know a quantity; classification includes base currency."
            )
            show.table(
                results.by_line(by_line),
                (
                    Column("name", "Name", width="medium"),
                    Column("before", f"Contribution, no. {first}", "share"),
                    Column("after", f"Contribution, no. {entry.number}", "share"),
                    Column("difference", "Difference", "share"),
                    *(Column(c, c.capitalize(), "share") for c in ("scenario", "classification", "prices")),
                    *(Column(c, c.capitalize(), "share") for c in ("holdings", "engine")),
                ),
                file=f"results {first} and {entry.number}", key="kept_by_line", height=show.table_height(len(by_line)),
            )  # fmt: skip

deleted.section()
