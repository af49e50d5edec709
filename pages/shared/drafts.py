"""Drafts that outlive a reload: what was entered and not yet confirmed.

They are kept in the store under a random id, and the URL carries the id alone. A draft goes when it is confirmed or put
away, and after a week.
"""

from __future__ import annotations

import base64
import copy
import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from exposure.errors import ExposureError
from pages.shared import cache, state

DAYS = 7
PREFIX = "draft:"
PARTS = {":scenario": state.EDITOR, ":moves": state.PASTED}
"""What else is drafted: ending of its key in the store → key of session state."""


def restore() -> None:
    """Bring back, once in a session, the draft that the URL names; an id that is not known any more is dropped."""
    if state.DRAFT in st.session_state:
        return
    token = st.query_params.get(state.DRAFT, "")
    st.session_state[state.DRAFT] = token if token.isalnum() else ""
    if not st.session_state[state.DRAFT]:
        return
    try:
        store = cache.store()
        found = store.setting(f"{PREFIX}{token}")
        upload = store.setting(f"{PREFIX}{token}:file")
        parts = {part: store.setting(f"{PREFIX}{token}{part}") for part in PARTS}
    except ExposureError:
        return  # the page itself says what is wrong with the store
    if found is None and upload is None and not any(parts.values()):
        st.session_state[state.DRAFT] = ""
        return
    st.session_state.setdefault(state.EDITS, found or {})
    st.session_state[state.KEPT] = {scenario: dict(moves) for scenario, moves in (found or {}).items()}
    st.session_state[state.KEPT_PARTS] = {part: copy.deepcopy(content) for part, content in parts.items() if content}
    for part, content in parts.items():
        if content:
            st.session_state.setdefault(PARTS[part], content)
    if upload:
        cache.desk()["upload"] = {upload["sha256"]: base64.b64decode(upload["data"])}
        st.session_state.setdefault(state.UPLOAD, [upload["name"], upload["sha256"]])


def publish() -> None:
    """Write the id into the URL of the page that is shown, or take it away where nothing is drafted."""
    token = st.session_state.get(state.DRAFT, "")
    if token:
        st.query_params[state.DRAFT] = token
    elif state.DRAFT in st.query_params:
        del st.query_params[state.DRAFT]


def keep_edits() -> None:
    """Keep the edited moves of this session as they are now."""
    edits = {scenario: moves for scenario, moves in st.session_state.get(state.EDITS, {}).items() if moves}
    if edits != st.session_state.get(state.KEPT, {}):
        _save("", edits)
        st.session_state[state.KEPT] = {scenario: dict(moves) for scenario, moves in edits.items()}
    publish()


def keep(part: str) -> None:
    """Keep one of `PARTS` as it is now."""
    content = st.session_state.get(PARTS[part])
    kept = st.session_state.setdefault(state.KEPT_PARTS, {})
    if (content or None) != kept.get(part):
        _save(part, content or None)
        kept[part] = copy.deepcopy(content or None)
    publish()


def keep_upload(name: str, sha256: str, data: bytes) -> None:
    """Keep the file at hand."""
    _save(":file", {"name": name, "sha256": sha256, "data": base64.b64encode(data).decode("ascii")})


def forget_upload() -> None:
    """Let go of the file at hand: it was stored or put away. With nothing else drafted, the id goes too."""
    if token := st.session_state.get(state.DRAFT, ""):
        with suppress(ExposureError):  # it goes after a week in any case
            cache.store().remove_settings(f"{PREFIX}{token}:file")
        if not st.session_state.get(state.KEPT) and not any(st.session_state.get(state.KEPT_PARTS, {}).values()):
            st.session_state[state.DRAFT] = ""


def _save(part: str, content: Any) -> None:
    store = cache.store()
    if not st.session_state.get(state.DRAFT):
        st.session_state[state.DRAFT] = secrets.token_hex(12)
        store.remove_settings(PREFIX, older_than=datetime.now(UTC) - timedelta(days=DAYS))
    # What is drafted on a book goes with it when it is deleted for good; a file at hand is not of the book on show.
    on_show = None if part == ":file" else st.session_state.get(state.SNAPSHOT)
    store.save_setting(f"{PREFIX}{st.session_state[state.DRAFT]}{part}", content, made_on=on_show)
