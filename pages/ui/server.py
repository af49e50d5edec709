"""`python -m pages.ui.server run app.py …`: Streamlit's command line, told beforehand that `app.py` lists the pages.

A folder named `pages/` makes Streamlit take a fresh server for one of its older apps, whose pages are the files in it:
the first visitor who opens a page's address is told that there is no such page, over the page itself. `st.navigation`
sets this very switch, too late for that visitor.
"""

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main

if __name__ == "__main__":
    PagesManager.uses_pages_directory = False
    main()
