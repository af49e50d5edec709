"""The upload: a file or pasted text, read and shown for checking, stored when the user confirms."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from exposure.errors import ExposureError, TransactionsError
from exposure.types import Snapshot
from exposure.units import currency_of, spoken
from exposure.view import holdings, sentences
from exposure.view.looks import Column
from exposure.view.sentences import plain
from pages.holdings import mapping
from pages.ui import actions, address, cache, drafts, guard, show, state

DATED = re.compile(r"\d{1,4}[./ -]+\w{1,9}[./ -]+\d{1,4}")
"""A title that is only a date: `20.Jan.2026`."""
NEW = ""
HOLDINGS = (
    Column("row", "Row", "row", "As an editor numbers the file's rows"),
    Column("kind", "Kind", width="small"),
    Column("name", "Name", width="medium"),
    Column("ticker", "Ticker", width="small"),
    Column("isin", "ISIN", width=130),
    Column("cusip", "CUSIP", width="small"),
    Column("sedol", "SEDOL", width="small"),
    Column("quantity", "Quantity", "number"),
    Column("price", "Price", "number"),
    Column("price_currency", "Price in", width="small"),
    Column("market_value", "Value", "money"),
    Column("value_currency", "Value in", width="small"),
    Column("weight", "Weight stated", "share"),
    Column("currency", "Trades in", width="small"),
    Column("exchange", "Exchange", width="small"),
    Column("country", "Country", width="small"),
    Column("sector", "Sector", width="small"),
    Column("account", "Account", width="small"),
    Column("derived", "Computed", width="small", help="Fields that were computed from others in the row"),
)
REJECTED = (
    Column("row", "Row", "row"),
    Column("reason", "Why it was not used", width="large"),
    Column("raw", "Text of the row", width="large"),
)


def section() -> None:
    """Show the upload field and, once there is a file, what was understood of it."""
    round_ = st.session_state.get(state.UPLOADER, 0)
    file = st.file_uploader(
        "Holdings file",
        type=list(cache.TYPES),
        key=f"file_{round_}",
        on_change=_removed,
        args=(f"file_{round_}",),
        max_upload_size=cache.LIMIT,
        help="As your fund house, broker or custodian exports it. Larger files: python -m exposure import",
    )
    if file is not None:
        _take(file.name, file.getvalue())
    with st.expander("Or paste the rows", icon=":material/content_paste:"):
        pasted = st.text_area(
            "Rows, with their headings where there are any", key="pasted", persist_state="session", height=140
        )
        if st.button("Read the pasted rows", key="read_pasted", disabled=not pasted.strip()):
            _take("pasted.csv", pasted.encode("utf-8", "replace"))
    if (at_hand := st.session_state.get(state.UPLOAD)) and at_hand[1] in cache.desk().get("upload", {}):
        _check(*at_hand)


def _removed(field: str) -> None:
    if st.session_state[field] is None:
        put_away()


def _take(name: str, data: bytes) -> None:
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 not in cache.desk().get("upload", {}):  # what was said of another file does not hold for this one
        for said in ("dates", "decimal", "as_of", *(f"{mapping.UNIT}{unit}" for unit, _ in mapping.units_said())):
            st.session_state.pop(said, None)
        with guard.sentences():
            drafts.keep_upload(name, sha256, data)
    cache.desk()["upload"] = {sha256: data}
    st.session_state[state.UPLOAD] = [name, sha256]


def _check(name: str, sha256: str) -> None:
    dates, decimal = st.session_state.get("dates"), st.session_state.get("decimal")
    try:
        columns = tuple(mapping.in_use(name, sha256).items())
        found = mapping.read_upload(
            sha256, name, dates=dates, decimal=decimal, columns=columns, units=mapping.units_said()
        )
    except ExposureError as error:
        st.error(plain(f"Nothing was stored. {error}"), icon=":material/error:")
        _formats([error.code])
        if not isinstance(error, TransactionsError):
            mapping.choose(name, sha256, dates, decimal, refused=True)
        st.button("Put this file away", key="put_away", on_click=put_away)
        return
    with st.container(border=True):
        st.subheader(plain(f"To check: {name}"), anchor=False)
        latest = found[-1]
        show.figure_line(sentences.snapshot_figures(latest))
        st.caption(plain(sentences.read_from(latest)))
        _loud(latest)
        _formats([issue.code for issue in latest.issues])
        _units(found)
        tab = st.segmented_control(
            "Show",
            ["Holdings", f"Rejected rows ({len(latest.rejected)})", f"Remarks ({len(latest.issues)})", "Columns"],
            default="Holdings",
            required=True,
            key="check_show",
        )
        if tab == "Columns":
            mapping.choose(name, sha256, dates, decimal)
            shown = (Column("field", "Understood as", width="medium"), Column("heading", "Heading in the file"))
            show.table(holdings.columns(latest), shown, file=f"{latest.file} columns", key="check_columns")
        else:
            _details(latest, tab.split(" (")[0])
        _confirm(found, mapping.to_remember(name, sha256))


def _portfolio_label(name: str) -> str:
    return sentences.one_line(name, 60) or "A new one"


def _formats(codes: Sequence[str]) -> None:
    """Ask what the file leaves open: the order of day and month, the decimal mark."""
    from exposure.reading import SETTLED_BY

    asked = {SETTLED_BY.get(code) for code in codes}
    with st.container(horizontal=True):
        if "dates" in asked or st.session_state.get("dates"):
            st.segmented_control(
                "Dates in this file",
                ["dmy", "mdy"],
                format_func={"dmy": "Day first: 31/12", "mdy": "Month first: 12/31"}.__getitem__,
                key="dates",
                persist_state="session",
            )
        if "decimal" in asked or st.session_state.get("decimal"):
            st.segmented_control(
                "Decimal mark in this file",
                [".", ","],
                format_func={".": "Point: 1,234.5", ",": "Comma: 1.234,5"}.__getitem__,
                key="decimal",
                persist_state="session",
            )


def _units(found: Sequence[Snapshot]) -> None:
    """Ask whether figures stand in a currency or in its hundredth, where nothing in the file tells."""
    asked = {each.unit: each.currency for snapshot in found for each in snapshot.open_units}
    assumed = [dict(issue.params) for each in found for issue in each.issues if issue.code == "read.unit-assumed"]
    asked |= {str(each["unit"]): str(currency_of(str(each["unit"]))) for each in assumed}
    for unit, _ in mapping.units_said():
        asked.setdefault(unit, str(currency_of(unit)))
    for unit, currency in asked.items():
        st.segmented_control(
            f"Figures in {unit} whose unit the file leaves open stand in",
            [unit, currency],
            format_func=spoken,
            key=f"{mapping.UNIT}{unit}",
            persist_state="session",
        )


def _loud(latest: Snapshot) -> None:
    """Show warnings above the rows: two totals that differ side by side want their reason before one confirms."""
    loud = [issue for issue in latest.issues if issue.severity != "notice"]
    for issue in loud[:2]:
        where = f"Row {issue.row}: " if issue.row else ""
        said = f"{where}{issue.what}" + f"; {issue.remedy}" * bool(issue.remedy)
        st.warning(plain(said[:1].upper() + said[1:]), icon=":material/warning:")
    if len(loud) > 2:
        st.caption(f"{sentences.count(len(loud) - 2, 'more warning')} under Remarks.")


def proposed_name(latest: Snapshot) -> str:
    """Propose a portfolio's name: the file's title, unless that is a date or one of several accounts, else its name."""
    stem = latest.file.rsplit(".", 1)[0]
    title = (latest.title or "").strip()
    accounts = {h.account for h in latest.holdings if h.account}
    unfit = DATED.fullmatch(title) or (len(accounts) > 1 and title in accounts)
    return sentences.one_line(stem if unfit or not title else title, 80)


def _details(latest: Snapshot, tab: str) -> None:
    if tab == "Holdings":
        show.table(holdings.holdings(latest), HOLDINGS, file=f"{latest.file} as read", key="check_holdings")
    elif tab == "Rejected rows":
        if not latest.rejected:
            st.caption("Every row was used or recognised as a heading, a total or a remark of the file.")
            return
        show.table(holdings.rejected(latest), REJECTED, file=f"{latest.file} rejected", key="check_rejected")
    else:
        show.issue_table(latest.issues, "check_issues")


def _confirm(found: Sequence[Snapshot], remember: tuple[str, dict[str, str]] | None) -> None:
    latest = found[-1]
    known = {p.name: p.portfolio_id for p in cache.store().portfolios()}
    names = list(known)
    proposed = proposed_name(latest)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        given = st.selectbox(
            "Portfolio",
            [NEW, *names],
            names.index(proposed) + 1 if proposed in names else 0,
            format_func=_portfolio_label,
            key="into",
            persist_state="session",
            width=280,
        )
        if given == NEW:
            own = f"name_{latest.sha256[:12]}"
            given = st.text_input("Its name", proposed, key=own, persist_state="session", max_chars=120, width=320)
        dated = [s for s in found if s.as_of is not None]
        day = None
        if len(dated) < len(found):
            day = st.date_input("As of (the file names no date)", None, key="as_of", persist_state="session", width=240)
            dated += [replace(s, as_of=day) for s in found if s.as_of is None and day]
    open_ = any(snapshot.open_units for snapshot in found)
    ready = bool(given.strip()) and len(dated) == len(found) and not open_
    if len(found) > 1:
        days = ", ".join(str(s.as_of) for s in found)
        st.caption(f"The file holds {len(found)} dates, each is stored as a snapshot: {days}.")
    if ready:
        _twins(given, dated)
    with st.container(horizontal=True):
        st.button(
            "Confirm and store",
            type="primary",
            key="confirm",
            disabled=not ready,
            on_click=store_snapshots,
            args=(known.get(given, given), dated, remember),
        )
        st.button("Put this file away", key="put_away", on_click=put_away)
    if not given.strip():
        st.caption("Give the portfolio a name first.")
    elif not ready:
        st.caption("Say in which unit the open figures stand." if open_ else "Say of which day these holdings are.")


def _twins(portfolio: str, snapshots: Sequence[Snapshot]) -> None:
    """Say what confirming does to a file that is stored already."""
    twins = [(each, cache.store().twin(portfolio, each)) for each in snapshots]
    stored = [(each, cache.snapshot(twin)) for each, twin in twins if twin is not None]
    if changed := [each for each, twin in stored if twin.holdings != each.holdings]:
        days = ", ".join(str(each.as_of) for each in changed)
        st.info(f"This file is stored as of {days}, read otherwise. Confirming puts this reading in its place.")
    elif stored:
        st.caption("This file of this date is stored already; nothing is stored twice.")


def store_snapshots(
    portfolio: str | int, snapshots: Sequence[Snapshot], remember: tuple[str, Mapping[str, str]] | None = None
) -> None:
    """Store the snapshots of an upload in one transaction; those that were there before are told and not stored.

    `remember` is the shape of its headings and the columns said by hand: files of that shape are read so from now on.
    """

    def change() -> str:
        done = cache.store().import_snapshots(portfolio, snapshots)
        if remember is not None:
            cache.store().remember_columns(*remember, done[-1].portfolio)
        new = [each for each in done if each.duplicate_of is None]
        address.choose(done[-1].snapshot_id)
        put_away()
        name, days = done[-1].portfolio, ", ".join(str(each.as_of) for each in new)
        if not new:
            return f"Already stored: “{name}” holds this very file of this date. Nothing was stored twice."
        if replaced := [each for each in new if each.replaces is not None]:
            pairs = [[each.replaces, each.snapshot_id] for each in replaced]
            st.session_state[state.UNDO] = ["version", pairs, f"the reading of {days} before"]
            return f"Stored in “{name}” as of {days}, in place of what was read from this file before."
        again = f" {len(done) - len(new)} of its dates were stored before and are left as they were." * (new != [*done])
        return f"Stored in “{name}” as of {days}: {new[-1].positions} positions, {new[-1].cash} cash rows.{again}"

    actions.act(change)


def put_away() -> None:
    """Clear the upload field and what was read."""
    st.session_state.pop(state.UPLOAD, None)
    cache.desk().pop("upload", None)
    drafts.forget_upload()
    st.session_state[state.UPLOADER] = st.session_state.get(state.UPLOADER, 0) + 1
