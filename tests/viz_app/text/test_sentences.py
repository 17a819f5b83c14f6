"""What pages say of networks of every kind: in the house's terms, with its numbers and plurals."""

import re
from collections.abc import Callable, Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from gatescope import TrainConfig, save_run, train
from tests.viz_app.text.test_terms import unwanted
from viz_app.kit import environment, library
from viz_app.kit.page import jobs as cached_jobs
from viz_app.kit.sharing import STORE

LENGTH = {"length": 20}
NETWORKS: dict[str, dict[str, object]] = {
    "diverged": {"task": "adding", "task_options": LENGTH, "learning_rate": 1e30, "max_steps": 3,
                 "max_grad_norm": None, "optimizer": "sgd", "cell": "rnn_relu"},
    "half-trained": {"task": "temporal_order", "cell": "gru", "max_steps": 30},
    "stacked": {"task": "adding", "task_options": LENGTH, "num_layers": 2, "bidirectional": True,
                "hidden_size": 3, "max_steps": 2},
    "one-step": {"task": "parity", "hidden_size": 1, "max_steps": 1},
}  # fmt: skip
"""Trained for this test: how, by name."""

SHIPPED = ("adding-rnn", "adding-lstm-one-unit", "digits-gru")
PAGES = (
    "gates", "step_through", "gradient_flow", "connectivity", "saturation", "architectures",
    "intervene", "memory", "compare",
)  # fmt: skip
"""Pages of any network."""

SINGULAR = re.compile(
    r"(?<![\d.,·/-])(?<!\d of )\b1 (seeds|units|steps|examples|networks|layers|students|runs|lags"
    r"|parameters|sequences|features|time steps|training steps|evaluations|others|of them)\b"
)
"""One of several, which English does not say."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The networks of this test as runs of one's own."""
    folder = tmp_path_factory.mktemp("runs")
    for name, settings in NETWORKS.items():
        usual = {"batch_size": 4, "hidden_size": 4, "evaluate_every": 10}
        save_run(train(TrainConfig(**(usual | settings))), folder / name)
    with pytest.MonkeyPatch.context() as patch:
        st.cache_resource.clear()
        STORE.clear()
        patch.setenv(library.OWN_RUNS, str(folder))
        patch.setenv(environment.JOBS, str(tmp_path_factory.mktemp("jobs")))
        yield
        cached_jobs.queue().close()
    st.cache_resource.clear()
    STORE.clear()


def sentences(app: AppTest) -> dict[str, str]:
    """All that a page says, alternative texts and tables with it, by where it stands."""
    assert not app.exception, [error.value for error in app.exception]
    places = ("markdown", "caption", "info", "warning", "error", "success")
    found = {
        f"{place} {number}": str(element.value)
        for place in places
        for number, element in enumerate(getattr(app, place))
    }
    for number, chart in enumerate(app.get("vega_lite_chart")):
        found[f"chart {number}"] = str(getattr(chart.proto, "alt", ""))
    for number, table in enumerate(app.table):
        found[f"table {number}"] = " | ".join(map(str, table.value.to_numpy().ravel()))
    return {
        where: re.sub(r"<style>.*?</style>|<[^>]*>|`[^`]*`|\]\([^)]*\)", " ", text, flags=re.DOTALL)
        for where, text in found.items()
    }


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("run", [*SHIPPED, *NETWORKS])
@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_of_a_network(
    open_app: Callable[..., AppTest], page: str, run: str
) -> None:
    """No house term, no bare .9, no hyphen for a minus, no 1e-05, and one of one."""
    said = sentences(open_app(page, run=run))
    assert len(said) > 1
    assert unwanted(said) == []
    assert [text for text in said.values() if SINGULAR.search(text)] == []


@pytest.mark.parametrize("said", ["of 1 seeds", "1 examples", "the median over 1 networks"])
def test_one_of_many_is_found(said: str) -> None:
    """And what is more than one is not."""
    assert SINGULAR.search(said)
    assert not SINGULAR.search(said.replace("1", "21"))
