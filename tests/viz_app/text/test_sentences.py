"""What pages say of networks of every kind: in the house's terms, true, and to be heard as well."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from gatescope import Run, TrainConfig, save_run, train
from gatescope.training import own_run
from tests.long import some_long
from tests.viz_app.text.test_terms import unwanted
from tests.viz_app.text.truth import Facts, facts_of, untrue
from tests.viz_app.text.walked import alternatives, headings, on_every_tab, sentences, spare
from viz_app import pages
from viz_app.kit import environment, library
from viz_app.kit.page import jobs as cached_jobs
from viz_app.kit.page import served as cached
from viz_app.kit.sharing import STORE

LENGTH = {"length": 20}
TRAINED: dict[str, dict[str, object]] = {
    "diverged": {"task": "adding", "task_options": LENGTH, "learning_rate": 1e30, "max_steps": 3,
                 "max_grad_norm": None, "optimizer": "sgd", "cell": "rnn_relu"},
    "half-trained": {"task": "temporal_order", "cell": "gru", "max_steps": 30},
    "saturated": {"task": "adding", "task_options": LENGTH, "learning_rate": 10, "max_steps": 3},
    "stacked": {"task": "adding", "task_options": LENGTH, "num_layers": 2, "cell": "gru",
                "hidden_size": 3, "max_steps": 2},
    "bidirectional": {"task": "adding", "task_options": LENGTH, "bidirectional": True,
                      "num_layers": 2, "hidden_size": 3, "max_steps": 2},
    "one-step": {"task": "parity", "hidden_size": 1, "max_steps": 1},
}  # fmt: skip
"""Trained for this test: how, by name."""

BROUGHT: dict[str, tuple[nn.RNNBase, tuple[int, int, int]]] = {
    "brought": (nn.LSTM(2, 5), (12, 3, 2)),
    "one-example": (nn.GRU(1, 4), (9, 1, 1)),
}
"""Brought for this test: a layer, and the shape of what it reads."""

NETWORKS: dict[str, dict[str, str]] = {
    "plain RNN": {"run": "adding-rnn"},
    "one unit": {"run": "adding-lstm-one-unit"},
    "untrained": {"run": "adding-lstm", "checkpoint": "0"},
    "digits": {"run": "digits-gru"},
    "characters": {"run": "characters-gru"},
    **{name.replace("-", " "): {"run": name} for name in (*TRAINED, *BROUGHT)},
}
"""The networks of every kind, as an address has them."""

MORE = ("one unit", "one step", "half trained", "saturated", "characters", "stacked")
"""Those whose like is among the others."""

ADDRESSES = [page for part in pages.PAGES.values() for page in part]
APP = Path(pages.__file__).parent


def asks_for_a_network(page: str) -> bool:
    """Whether any network can be chosen on a page."""
    room = (APP / pages.script(page)).parent
    return any("run_choice.choose_" in path.read_text() for path in room.glob("*.py"))


OF_A_NETWORK = [page for page in ADDRESSES if asks_for_a_network(page)]
SLOW = ("figures",)
"""Pages that say little, and draw a whole figure for it."""

OF_SOME = {
    "sentiment": ("reviews-gru", "reviews-rnn"),
    "forecasting": ("forecast-dengue-4-gru", "forecast-sea-temperature-12-rnn"),
    "writing": ("characters-gru", "characters-rnn"),
}
"""And those of networks on one kind of data."""

SINGULAR = re.compile(
    r"(?<![\d.,·/-])(?<!\d of )\b1 (seeds|units|steps|examples|networks|layers|students|runs|lags"
    r"|parameters|sequences|features|time steps|training steps|evaluations|others"
    r"|of them (are|have|were))\b"
)
"""One of several, which English does not say."""


@pytest.fixture(scope="module", autouse=True)
def _trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The networks of this test as runs of one's own."""
    folder = tmp_path_factory.mktemp("runs")
    for name, settings in TRAINED.items():
        usual = {"batch_size": 4, "hidden_size": 4, "evaluate_every": 10}
        save_run(train(TrainConfig(**(usual | settings))), folder / name)
    generator = torch.Generator().manual_seed(0)
    for name, (layer, shape) in BROUGHT.items():
        save_run(own_run(layer, torch.randn(shape, generator=generator)), folder / name)
    with pytest.MonkeyPatch.context() as patch:
        st.cache_resource.clear()
        STORE.clear()
        patch.setenv(library.OWN_RUNS, str(folder))
        patch.setenv(environment.JOBS, str(tmp_path_factory.mktemp("jobs")))
        yield
        cached_jobs.queue().close()
    st.cache_resource.clear()
    STORE.clear()


def out_of_order(found: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Headings that leave out a level, and a page's name that is not the first, or not alone."""
    levels = [level for level, _ in found]
    before = [0, *levels]
    return [
        heading for place, heading in enumerate(found)
        if heading[0] > before[place] + 1 or (heading[0] == 1) != (place == 0)
    ]  # fmt: skip


def hold(app: AppTest, facts: Facts | None) -> dict[str, str]:
    """What a page says, after it was seen that it may be said."""
    said, heard = sentences(app), alternatives(app)
    assert unwanted(said) == []
    assert [found[0] for text in said.values() if (found := SINGULAR.search(text))] == []
    if facts is not None:
        assert [wrong for text in said.values() for wrong in untrue(text, facts)] == []
    assert [text for text in heard.values() if not re.search(r"\d.*[.?!”]$", text, re.DOTALL)] == []
    assert [text for text in heard.values() if spare(text)] == []
    assert [text for text in heard.values() if "**" in text] == []
    assert out_of_order(headings(app)) == []
    return said


@pytest.mark.parametrize("network", some_long(NETWORKS, MORE))
@pytest.mark.parametrize("page", some_long(OF_A_NETWORK, SLOW))
def test_what_a_page_says_of_a_network(
    open_app: Callable[..., AppTest], page: str, network: str
) -> None:
    """No house term, no bare .9, no hyphen for a minus, no 1e-05, one of one; nothing untrue."""
    address = NETWORKS[network]
    app = open_app(page, **address)
    for tab in on_every_tab(app):
        said = hold(tab, facts_of(shown(address["run"])))
        assert len(said) > 1


def shown(run: str) -> list[Run]:
    """A network, and those that stand beside it."""
    names = dict.fromkeys([run, *cached.recordings.beside(run)])
    return [cached.run_of(name) for name in names]


@pytest.mark.parametrize(
    ("page", "run"),
    [
        *((page, run) for page, runs in OF_SOME.items() for run in runs),
        *((page, "") for page in ADDRESSES if page not in (*OF_A_NETWORK, *OF_SOME)),
    ],
)
def test_what_the_other_pages_say(open_app: Callable[..., AppTest], page: str, run: str) -> None:
    """Of networks that no other page has, or of none."""
    address = {"run": run} if run else {}
    for tab in on_every_tab(open_app("" if page == pages.FRONT else page, **address)):
        hold(tab, facts_of([cached.run_of(run)]) if run else None)


@pytest.mark.parametrize("said", ["of 1 seeds", "1 examples", "the median over 1 networks"])
def test_one_of_many_is_found(said: str) -> None:
    """And what is more than one is not."""
    assert SINGULAR.search(said)
    assert not SINGULAR.search(said.replace("1", "21"))


@pytest.mark.parametrize(
    "said",
    [
        "unit 4", "Units 1, 3 and 4", "step 21", "training step 5,001", "grows from 0.90 to 0.40",
        "falls from −0.2 to 0.1", "101% of it", "−3% of it", "its input gate: 1.01",
        "Unit 1 opens its input gate",
    ],
)  # fmt: skip
def test_what_is_untrue_is_found(said: str) -> None:
    """Each rule finds what it is for, and nothing where a network has it."""
    few = Facts(units=4, steps=20, last=5000, gated=False, finite=True)
    assert untrue(said, few)


@pytest.mark.parametrize(
    "said",
    [
        "unit 3", "units 1, 2 and 3", "step 20", "training step 5,000", "grows from 0.40 to 0.90",
        "falls from 0.2 to −0.1", "100% of it", "115% as far apart", "its input gate: 0.98",
        "a forget gate of 0.99 has a half-life of 69.00 steps",
    ],
)  # fmt: skip
def test_what_is_true_is_left_alone(said: str) -> None:
    """Numbers at their ends too."""
    few = Facts(units=4, steps=20, last=5000, gated=False, finite=True)
    assert untrue(said, few) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [("0.6931", ["6931"]), ("1.234", ["1.234"]), ("0.0666, 12.3, 5,000 and 0.00012", [])],
)
def test_digits_to_spare_are_found(text: str, found: list[str]) -> None:
    """Zeros in front are none."""
    assert spare(text) == found


def test_headings_out_of_order_are_found() -> None:
    """A level left out, a second name, and none at all at the top."""
    assert out_of_order([(1, "a"), (2, "b"), (3, "c"), (2, "d")]) == []
    assert out_of_order([(1, "a"), (3, "b")]) == [(3, "b")]
    assert out_of_order([(1, "a"), (1, "b")]) == [(1, "b")]
    assert out_of_order([(2, "a")]) == [(2, "a")]
