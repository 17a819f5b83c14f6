"""What is chosen stays chosen on every page, and what is gone is told."""

from collections.abc import Callable

import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from gatescope.jobs import JobQueue
from tests.viz_app.conftest import go
from viz_app import pages
from viz_app.kit import uploaded as brought
from viz_app.kit.library import Library
from viz_app.pages import script
from viz_app.text import say

PAGES = [page for part in pages.PAGES.values() for page in part]
WITHOUT = {
    "start", "lessons", "tasks", "mystery", "class", "retention", "claims", "tutorial", "train",
    "aids", "forecasting", "glossary",
}  # fmt: skip
"""Pages that show no network that is chosen by its name."""


def walk(app: AppTest, chosen: dict[str, object]) -> None:
    """Visit every page; after each the same is chosen."""
    for page in PAGES:
        go(app, page)
        assert not app.exception, (page, app.exception[0].value)
        found = {name: app.session_state[name] for name in chosen if name in app.session_state}
        assert found == chosen, page


def test_what_is_chosen_stays_chosen_on_every_page(
    open_app: Callable[..., AppTest], library: Library
) -> None:
    """Also on pages that do not use it, and on those that have networks of their own."""
    run = library.runs["temporal-order-gru"]
    chosen = {"example": 5, "unit": 17, "step": 9, "checkpoint": run.steps[2]}
    address = {name: str(at) for name, at in chosen.items()} | {
        "run": "temporal-order-gru", "sort": "index", "window": "3-40", "units": "2.17",
    }  # fmt: skip
    app = open_app(**address)
    assert dict(app.query_params) == address
    walk(app, {"run": "temporal-order-gru", **chosen})
    go(app, "gates")
    assert dict(app.query_params) == address


def test_a_network_of_ones_own_stays_chosen_on_every_page(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """And after another one was chosen, that one, as it is after its training."""
    x = torch.randn(12, 3, 2)
    own, _ = brought.kept(nn.GRU(2, 5), x, own_queue.store.folder)
    app = open_app(run=own, example="2", unit="4", step="7")
    walk(app, {"run": own, "example": 2, "unit": 4, "step": 7})
    go(app, "gates")
    tasks = app.selectbox(key="task").options
    app.selectbox(key="task").select_index(tasks.index("adding, 50 time steps")).run()
    assert app.session_state["run"] == "adding-gru"
    assert "checkpoint" not in app.query_params
    walk(app, {"run": "adding-gru", "example": 2})
    go(app, "saturation")
    told = "\n".join(each.value for each in app.caption)
    assert "untrained" not in told
    assert "trained for 2,500 training steps" in told


def test_a_tab_of_a_page_without_the_network_leaves_what_is_chosen(
    open_app: Callable[..., AppTest],
) -> None:
    """Its address names the tab alone."""
    app = open_app(run="adding-gru", unit="4", step="7", checkpoint="0")
    go(app, "your_model").get("button_group")[0].set_value("trace").run()
    app.session_state["tab_your_model"] = say("your_model.tab_gradients")
    app.run()
    app.run()
    assert app.query_params["tab"] == "gradients"
    go(app, "gates")
    assert {name: app.query_params[name] for name in ("unit", "step", "checkpoint")} == {
        "unit": "4", "step": "7", "checkpoint": "0",
    }  # fmt: skip


def test_going_back_from_ones_own_network_shows_the_other_one_trained(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """Its address says no training step, which is its last one."""
    own, _ = brought.kept(nn.GRU(2, 5), torch.randn(12, 3, 2), own_queue.store.folder)
    app = open_app(run="adding-lstm", checkpoint="0")
    app.query_params["run"] = own
    del app.query_params["checkpoint"]
    app.run()
    assert app.session_state["run"] == own
    for name in list(app.query_params):
        del app.query_params[name]
    app.query_params["run"] = "adding-lstm"
    app.run()
    assert app.session_state["run"] == "adding-lstm"
    assert app.session_state["checkpoint"] == 5_000


def test_an_address_without_a_page_opens_gates_as_it_was(open_app: Callable[..., AppTest]) -> None:
    """Also where one goes back to it."""
    app = open_app("", run="adding-gru", example="4", unit="3")
    assert app.query_params["example"] == "4"
    app.number_input(key="step").set_value(8).run()
    app.switch_page(script("start")).run()
    assert app.session_state["run"] == "adding-gru"
    assert app.session_state["step"] == 8


@pytest.mark.parametrize("page", [page for page in PAGES if page not in WITHOUT])
def test_a_link_to_a_network_that_is_gone_says_so(
    page: str, open_app: Callable[..., AppTest]
) -> None:
    """One was removed, or never there; another one is shown."""
    app = open_app(page, run="gone-for-good")
    assert not app.exception
    told = [warning.value for warning in app.warning]
    assert told == [say("app.no_such_run", name="gone-for-good")]
    assert app.query_params.get("run") != ["gone-for-good"]


@pytest.mark.parametrize("page", sorted(WITHOUT))
def test_pages_without_a_network_do_not_have_one_in_their_address(
    page: str, open_app: Callable[..., AppTest]
) -> None:
    """Else a link to it would have to be followed."""
    app = open_app(page)
    assert "run" not in app.query_params
