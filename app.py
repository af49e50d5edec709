"""The dashboard: `make run`, or `streamlit run app.py`."""

import streamlit as st

from pages.ui import cache, guard

st.set_page_config(page_title="AI value chain exposure", page_icon=guard.ICON, layout="wide")
cache.freeze_start_up()
guard.navigation().run()
