"""Drafts that outlive a reload: what was entered and not yet confirmed.

They are kept in the store under a name that two secrets make: a token in the address, which tells two tabs apart, and
one in a cookie of that token, which stays in the browser. An address that is passed on finds none. A draft goes when it
is confirmed or put away, and after a week.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from exposure.errors import ExposureError
from pages.ui import cache, state

DAYS = 7
PREFIX = "draft:"
COOKIE = "draft_"
"""Beginning of a cookie's name; the token of the draft follows."""
PARTS = {":scenario": state.EDITOR, ":moves": state.PASTED, ":override": state.OVERRIDE}
"""What else is drafted: ending of its key in the store → key of session state."""


def restore() -> None:
    """Bring back, once in a session, the draft that the URL names; an id that is not known any more is dropped."""
    if state.DRAFT in st.session_state:
        return
    token = st.query_params.get(state.DRAFT, "")
    secret = cookies().get(f"{COOKIE}{token}", "") if token.isalnum() and token.isascii() else ""
    st.session_state[state.DRAFT] = token if secret else ""
    st.session_state[state.SECRET] = secret
    if not secret:
        return
    try:
        store, name = cache.store(), _name()
        found = store.setting(name)
        upload = store.setting(f"{name}:file")
        parts = {part: store.setting(f"{name}{part}") for part in PARTS}
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
    """Write the token into the URL of the page that is shown, or take it away where nothing is drafted."""
    token = st.session_state.get(state.DRAFT, "")
    if token:
        if st.query_params.get(state.DRAFT) != token:
            st.query_params[state.DRAFT] = token
    elif state.DRAFT in st.query_params:
        del st.query_params[state.DRAFT]


def remember() -> None:
    """Let the browser keep the secret of what is drafted."""
    if token := st.session_state.get(state.DRAFT, ""):
        with st.container(key=f"draft_cookie_{token}"):
            st.html(_cookie(token, st.session_state[state.SECRET]), unsafe_allow_javascript=True)


def cookies() -> Mapping[str, str]:
    """Give what the browser sent along when it opened this session."""
    sent: Mapping[str, str] = st.context.cookies
    return sent


def _cookie(token: str, secret: str) -> str:
    """Let the browser keep a secret for as long as its draft is kept; it sends it to this server alone."""
    kept = f"{COOKIE}{token}={secret}; path=/; max-age={DAYS * 24 * 3600}; samesite=strict"
    safe = 'location.protocol === "https:" ? "; secure" : ""'
    one = f".st-key-draft_cookie_{token}"
    style = f"<style>div:has(> {one}), {one} {{ position: absolute; }}</style>"
    return f'{style}<script>document.cookie = "{kept}" + ({safe});</script>'


def _on_show() -> int | None:
    """Give the id of the snapshot that this session shows."""
    return state.number(st.session_state.get(state.BOOK, {}).get(state.SNAPSHOT, ""))


def _name() -> str:
    """Give the name of this session's draft in the store, which neither address nor cookie tells alone."""
    both = f"{st.session_state[state.DRAFT]}:{st.session_state[state.SECRET]}"
    return PREFIX + hashlib.sha256(both.encode()).hexdigest()


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
    if st.session_state.get(state.DRAFT, ""):
        with suppress(ExposureError):  # it goes after a week in any case
            cache.store().remove_settings(f"{_name()}:file")
        if not st.session_state.get(state.KEPT) and not any(st.session_state.get(state.KEPT_PARTS, {}).values()):
            st.session_state[state.DRAFT] = ""


def _save(part: str, content: Any) -> None:
    store = cache.store()
    if not st.session_state.get(state.DRAFT):
        st.session_state[state.DRAFT], st.session_state[state.SECRET] = secrets.token_hex(6), secrets.token_hex(16)
        store.remove_settings(PREFIX, older_than=datetime.now(UTC) - timedelta(days=DAYS))
        remember()
        publish()
    # What is drafted on a book goes with it when it is deleted for good; a file at hand is not of the book on show.
    on_show = None if part == ":file" else _on_show()
    store.save_setting(f"{_name()}{part}", content, made_on=on_show)
