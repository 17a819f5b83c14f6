"""The entry of the Streamlit app: ``streamlit run viz_app/app.py``."""

import streamlit as st

from viz_app import idle
from viz_app.app_pages import browser, choices, frame, guard, upload_store, uploads
from viz_app.text import say

if idle.served():
    idle.start()
st.set_page_config(page_title=say("app.name"), layout="wide", initial_sidebar_state=220)
st.html("<style>.stMainBlockContainer {padding: 2.6rem 2rem 3rem 2rem;}</style>")

pages = {
    say("app.see"): [
        st.Page("app_pages/gates.py", title=say("app.gates"), default=True),
        st.Page("app_pages/gradient_flow.py", title=say("app.gradient_flow")),
        st.Page("app_pages/connectivity.py", title=say("app.connectivity")),
        st.Page("app_pages/step_through.py", title=say("app.step_through")),
        st.Page("app_pages/architectures.py", title=say("app.architectures")),
    ],
    say("app.measure"): [
        st.Page("app_pages/memory.py", title=say("app.memory")),
        st.Page("app_pages/retention.py", title=say("app.retention")),
        st.Page("app_pages/saturation.py", title=say("app.saturation")),
        st.Page("app_pages/compare.py", title=say("app.compare")),
    ],
    say("app.try"): [
        st.Page("app_pages/train.py", title=say("app.train")),
        st.Page("app_pages/aids.py", title=say("app.aids")),
        st.Page("app_pages/forecasting.py", title=say("app.forecasting")),
        st.Page("app_pages/sentiment.py", title=say("app.sentiment")),
        st.Page("app_pages/writing.py", title=say("app.writing")),
        st.Page("app_pages/intervene.py", title=say("app.intervene")),
        st.Page("app_pages/tasks.py", title=say("app.tasks")),
        st.Page("app_pages/claims.py", title=say("app.claims")),
        st.Page("app_pages/tutorial.py", title=say("app.tutorial")),
        st.Page("app_pages/mystery.py", title=say("app.mystery")),
    ],
    say("app.yours"): [
        st.Page("app_pages/your_model.py", title=say("app.your_model")),
        st.Page("app_pages/figures.py", title=say("app.figures")),
    ],
}
with guard.Guarded():
    browser.take_key()
    if browser.is_teacher():
        server = st.Page("app_pages/server.py", title=say("app.server"))
        pages[say("app.teacher")] = [server]
    page = st.navigation(pages, expanded=True)
    choices.hold()
    frame.share()
    upload_store.bound(uploads.owner())
    page.run()
