"""The entry of the Streamlit app: ``streamlit run viz_app/app.py``."""

import streamlit as st

from viz_app.kit.page import (
    browser,
    choices,
    class_follow,
    class_strip,
    guard,
    language,
    shell,
    streamlit_words,
    upload_store,
    uploads,
    window,
)
from viz_app.pages import FRONT, OF_GATES, PAGES, TEACHER, script
from viz_app.serving import idle
from viz_app.text import say


def page(address: str) -> st.Page:
    """A page of the menu; all scripts have the same name, so the address is given."""
    title = say(f"app.{address}")
    return st.Page(script(address), title=title, url_path=address, default=address == FRONT)


if idle.served():
    idle.start()
language.take()
st.set_page_config(page_title=say("app.name"), layout="wide")

pages = {address: page(address) for addresses in PAGES.values() for address in addresses}
menu = {
    say(f"app.{part}"): [pages[address] for address in addresses]
    for part, addresses in PAGES.items()
}
with guard.Guarded():
    browser.take_key()
    if browser.is_teacher():
        menu[say("app.teacher")] = [page(TEACHER)]
    opened = st.navigation(menu, position="hidden" if st.context.is_embedded else "top")
    choices.hold()
    language.refuse()
    if opened is pages[FRONT] and st.query_params.keys() & set(OF_GATES):
        st.switch_page(pages["gates"], query_params=st.query_params.to_dict())
    class_follow.enter(opened.url_path)
    window.watch(language.told())
    streamlit_words.say_in_words()
    shell.style()
    shell.share()
    upload_store.bound(uploads.owner())
    with class_strip.Strip():
        opened.run()
    language.keep()
