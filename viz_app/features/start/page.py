"""Start: three doors."""

import streamlit as st

from viz_app.kit.page import choices
from viz_app.text import say

st.markdown(f"# {say('start.title')}")
choices.remember()
