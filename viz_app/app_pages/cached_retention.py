"""What the retention page shares between all browsers."""

import pandas as pd
import streamlit as st

from gatescope.experiments import ResultError, RetentionConfig, load_result
from viz_app.views.library import RESULTS


@st.cache_resource(show_spinner=False)
def prepared() -> tuple[RetentionConfig, pd.DataFrame] | None:
    """The default experiment's result that comes with the app; None when it is not there."""
    try:
        return load_result(RESULTS)
    except ResultError:
        return None
