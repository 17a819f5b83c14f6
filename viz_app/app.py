"""The entry of the Streamlit app: ``streamlit run viz_app/app.py``."""

import streamlit as st

from viz_app.kit.page import browser, choices, guard, shell, upload_store, uploads
from viz_app.pages import PAGES, TEACHER, script
from viz_app.serving import idle
from viz_app.text import say


def page(address: str, *, default: bool = False) -> st.Page:
    """A page of the menu; all scripts have the same name, so the address is given."""
    title = say(f"app.{address}")
    return st.Page(script(address), title=title, url_path=address, default=default)


if idle.served():
    idle.start()
st.set_page_config(page_title=say("app.name"), layout="wide", initial_sidebar_state=220)
st.html("<style>.stMainBlockContainer {padding: 2.6rem 2rem 3rem 2rem;}</style>")

first = next(iter(PAGES.values()))[0]
menu = {
    say(f"app.{part}"): [page(address, default=address == first) for address in addresses]
    for part, addresses in PAGES.items()
}
with guard.Guarded():
    browser.take_key()
    if browser.is_teacher():
        menu[say("app.teacher")] = [page(TEACHER)]
    opened = st.navigation(menu, expanded=True)
    choices.hold()
    shell.share()
    upload_store.bound(uploads.owner())
    opened.run()
