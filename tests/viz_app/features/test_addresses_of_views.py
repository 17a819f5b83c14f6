"""The address of a view opens its page on that view: what the page draws is its chart."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gatescope.intervention import Clamp
from viz_app import features
from viz_app.features import (
    Benchmark,
    Claims,
    Compare,
    Connectivity,
    Forecasting,
    Gates,
    GradientFlow,
    Intervene,
    Layers,
    Memory,
    Retention,
    Saturation,
    Sentiment,
    SentimentScores,
    Start,
    StepThrough,
    Tasks,
    Techniques,
    Text,
    Training,
    Tutorial,
    WhileLearning,
)
from viz_app.kit import export
from viz_app.kit.view import View
from viz_app.pages import ROOMS, script
from viz_app.text import say

RUN = "adding-lstm"
LABELS = ("after 290 steps", "after training")
CASES: list[tuple[str, View]] = [
    (
        "",
        Gates(
            RUN,
            290,
            None,
            3,
            "open",
            (5, 20),
            (1, 4),
            pictures=("input_gate", "lines"),
            unit=4,
            step=9,
            own="0=0.25",
        ),
    ),
    ("", Start("leaky", "6to20,20=0.57")),
    ("", Start("leaky", pictures=("input_gate", "answer"))),
    ("step_through", StepThrough(RUN, 290, None, 3, "backward", 4, 9, own="0=0.25")),
    ("saturation", Saturation(RUN, 290)),
    ("saturation", Saturation("layers-gru-lstm", layer="recurrent/l1")),
    ("connectivity", Connectivity(RUN, ("adding-gru",), 3, 30, True, 454)),
    ("gradient_flow", GradientFlow(RUN, ("adding-gru",), 3.0)),
    ("gradient_flow", WhileLearning(RUN, ("adding-gru",))),
    ("memory", Memory(RUN, ("adding-gru",), True)),
    ("memory", Memory(RUN, (), True)),
    ("train", Training(RUN)),
    ("retention", Retention()),
    ("compare", Benchmark("seconds")),
    ("claims", Claims("gradient_decay")),
    ("tasks", Tasks("delayed_recall", None, None, 9, 3, 2, seed=5)),
    ("tutorial", Tutorial("stock")),
    ("architectures", Layers("layers-gru-lstm", 3, "gradient")),
    ("aids", Techniques("aid-weather", ("aid-weather-plateau",), "plateau")),
    ("compare", Compare(RUN, (RUN,), 290, None, 3, "open", ("input_gate",), 4, LABELS)),
    ("sentiment", Sentiment("reviews-gru", "the acting is good, but the story is dull")),
    ("sentiment", SentimentScores("reviews-gru")),
    ("forecasting", Forecasting("forecast-dengue-4-gru", 3)),
    (
        "intervene",
        Intervene(
            RUN,
            None,
            3,
            does=(Clamp("forget_gate", 0.5, (3, 7)),),
            unit=4,
            own="0=0.25",
            pictures=("forget_gate", "cell_state"),
        ),
    ),
    ("writing", Text("characters-gru", "Alice ", 0.5, 3, 60, 7, ((20, 1.0, None),), "quotes")),
]
EXTRA = {
    "benchmark": {"part": "bench"},
    "learning": {"tab": "learning"},
    "sentiment-scores": {"tab": "scores"},
}
"""What the address of a part of a page needs beside the view's own."""


def views_of(app: AppTest) -> list[View]:
    """The views whose lines of Python a page shows."""
    names: dict[str, Any] = {name: getattr(features, name) for name in features.__all__}
    views: list[View] = []
    for code in app.code:
        lines = code.value.splitlines()
        if any(line.startswith("export.save(view.chart(") for line in lines):
            start = next(k for k, line in enumerate(lines) if line.startswith("view = "))
            exec("\n".join(lines[: start + 1]), names)
            views.append(names["view"])
    return views


def drawn(view: View) -> bytes:
    """The chart, as text."""
    return export.render(view.chart(), "json")


@pytest.mark.parametrize(("page", "view"), CASES, ids=[f"{view.name}" for _, view in CASES])
def test_an_address_opens_the_view(page: str, view: View, open_app: Callable[..., AppTest]) -> None:
    """Nothing of it is lost, and nothing is said to be missing."""
    app = open_app(page, **view.to_query() | EXTRA.get(view.name, {}))
    assert not app.exception
    assert not [warning.value for warning in app.warning]
    same = [shown for shown in views_of(app) if type(shown) is type(view)]
    assert drawn(view) in [drawn(shown) for shown in same]


@pytest.mark.parametrize("page", ["memory", "connectivity", "gradient_flow"])
def test_the_networks_beside_the_chosen_one_are_chosen(
    page: str, open_app: Callable[..., AppTest]
) -> None:
    """Left as they are they stand in no address; another network has its own."""
    app = open_app(page, run=RUN)
    assert app.button_group(key="others").value == ["adding-rnn", "adding-gru"]
    assert "others" not in app.query_params
    app.button_group(key="others").set_value(["adding-gru"]).run()
    assert app.query_params["others"] == "adding-gru"
    assert all(getattr(view, "others", None) == ("adding-gru",) for view in views_of(app))
    app.selectbox(key="task").set_value(app.selectbox(key="task").options[1]).run()
    assert not app.exception
    assert "others" not in app.query_params


def test_a_network_that_is_not_there_is_said(open_app: Callable[..., AppTest]) -> None:
    """By its name, with those that are."""
    app = open_app("memory", run=RUN, others="adding-gru,nothing")
    (warning,) = app.warning
    assert "other networks “nothing”" in warning.value
    assert app.button_group(key="others").value == ["adding-gru"]


def test_there_is_a_case_of_every_view() -> None:
    """But of what a page shows of two prepared networks alone, beside its own view of a run."""
    assert {view.name for _, view in CASES} == set(features.VIEWS) - {"halves"}


TABS = [
    ("gradient_flow", "flow", "explode"),
    ("saturation", "saturation", "training"),
    ("connectivity", "connectivity", "whole"),
    ("architectures", "architectures", "all"),
    ("sentiment", "sentiment", "checked"),
    ("forecasting", "forecast", "scores"),
    ("memory", "memory", "lives"),
    ("retention", "retention", "numbers"),
    ("claims", "claims", "judged"),
    ("tutorial", "tutorial", "listing"),
    ("aids", "aids", "numbers"),
    ("train", "train", "curves"),
    ("writing", "writing", "units"),
    ("compare", "bench", "numbers"),
]
"""Pages with tabs: where their texts stand, and one that is not the first."""


@pytest.mark.parametrize(("page", "texts", "name"), TABS, ids=[page for page, _, _ in TABS])
def test_the_open_tab_is_in_the_address(
    page: str, texts: str, name: str, open_app: Callable[..., AppTest]
) -> None:
    """The first is not named; one that is not there is said; the rest of the address stays."""
    rest = {"part": "bench"} if page == "compare" else {}
    app = open_app(page, tab="nothing", **rest)
    (warning,) = app.warning
    assert "tab “nothing”" in warning.value
    assert "tab" not in app.query_params
    key, label = f"tab_{texts}", say(f"{texts}.tab_{name}")
    others, first = dict(app.query_params), app.session_state[key]
    assert first == app.tabs[0].label != label
    app.session_state[key] = label
    there = dict(app.run().query_params)
    assert there["tab"] == name
    assert there.get("run") == others.get("run")
    app.session_state[key] = first
    assert dict(app.run().query_params) == others
    opened = open_app(page, tab=name, **rest)
    assert not opened.exception
    assert opened.session_state[key] == label
    assert dict(opened.run().query_params) == there


def test_the_open_tab_is_open_again_after_another_page(open_app: Callable[..., AppTest]) -> None:
    """Streamlit itself forgets it, as other widgets of a page that is left."""
    app = open_app("memory", tab="lives")
    app.switch_page(script("tasks")).run()
    app.switch_page(script("memory")).run()
    assert app.session_state["tab_memory"] == say("memory.tab_lives")
    assert app.query_params["tab"] == "lives"


def test_there_is_a_case_of_every_page_with_tabs() -> None:
    """All have their tabs from `tabbed.tabs`; three have them only for whom their tests know.

    The many numbers of a lesson's build are one form, whose parts are tabs.
    """
    sources = {path: path.read_text() for path in Path(features.__file__).parent.rglob("*.py")}
    others = [path for path, source in sources.items() if "st.tabs(" in source]
    assert [path.parent.name for path in others] == ["builds"]
    rooms = {path.parent.name for path, source in sources.items() if "tabbed.tabs(" in source}
    assert {"benchmark", *(ROOMS.get(page, page) for page, _, _ in TABS)} - {"compare"} == (
        rooms - {"server", "your_model", "classroom"}
    )
