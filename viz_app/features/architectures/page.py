"""Architectures: what does each layer and direction do?"""

import pandas as pd
import streamlit as st

from gatescope import RunError
from viz_app.features import Halves, Layers
from viz_app.features.architectures import data as architectures
from viz_app.features.architectures.bidirectional import scores
from viz_app.features.architectures.data import PREPARED
from viz_app.kit.page import ask, blocks, choices, run_choice, window
from viz_app.kit.page import served as cached
from viz_app.kit.run_words import network
from viz_app.text import say

NAME = "network"


def names() -> list[str]:
    """The prepared networks, and the one of other pages where it has several layers."""
    chosen = st.session_state.get("run")
    if not isinstance(chosen, str) or chosen in PREPARED:
        return list(PREPARED)
    try:
        several = len(cached.layers(chosen)) > 1
    except RunError:
        several = False
    return [*PREPARED, chosen] if several else list(PREPARED)


def called(name: str) -> str:
    """What a network is called in the list."""
    told = network(cached.run_of(name).config)
    return told if name in PREPARED else say("architectures.chosen_elsewhere", network=told)


def chosen_network() -> str:
    """Ask for a network; it stands in the address."""
    if choices.asked("run") is not None:
        st.session_state[NAME] = st.session_state["run"]
    run_choice.say_if_missing(run_choice.shelf())
    options = names()
    choices.keep(NAME, options, options[1])
    st.pills(
        say("architectures.choose"), options, key=NAME, format_func=called, required=True,
        help=say("architectures.choose_help"),
    )  # fmt: skip
    return str(st.session_state[NAME])


@st.fragment
def side_by_side(name: str) -> None:
    """Every layer and direction on one example."""
    view = ask.view(Layers(name))
    columns = st.columns([0.14, 0.5, 0.36], vertical_alignment="bottom")
    ask.example(view, columns[0])
    columns[1].segmented_control(
        say("architectures.signal"), view.among(cached.recordings)["picture"].values, key="picture",
        required=True, format_func=lambda key: say(f"architectures.signal_{key}"),
        help=say("architectures.signal_help"),
    )  # fmt: skip
    blocks.plot(
        view.spec(window.theme(), cached.recordings),
        say(
            "architectures.alt", signal=say(f"architectures.signal_{view.picture}"),
            count=len(view.layers(cached.recordings)), steps=cached.run_of(name).task.length,
        ),
    )  # fmt: skip
    told = [say("architectures.how")]
    if view.picture == "gradient":
        told.append(say("architectures.how_gradient"))
    st.caption(" ".join(told))
    blocks.show_files(view)
    choices.remember(**view.brief(cached.recordings).to_query())


def flow(view: Layers) -> None:
    """How much of the error reaches each layer."""
    st.markdown(f"##### {say('architectures.flow_title')}")
    row, told = view.flow(window.look(), cached.recordings)
    st.markdown("\n".join(f"- {line}" for line in told))
    blocks.panel_row(row, least=2)
    count = len(cached.run_of(view.run).probe().marks)
    st.caption(say("architectures.flow_how", count=count))


def prepared() -> tuple[pd.DataFrame, list[str]]:
    """The prepared networks beside one another, and what stacking did."""
    runs = {name: cached.run_of(name) for name in PREPARED}
    return architectures.numbers(runs.values()), architectures.stacking(runs)


def all_of_them() -> None:
    """The prepared networks in numbers, and what stacking does."""
    st.markdown(f"##### {say('architectures.all_title')}")
    table, told = cached.recordings.get(("prepared architectures",), prepared)
    st.table(table)
    run = cached.run_of(PREPARED[0])
    st.caption(
        say(
            "architectures.all_how", units=run.config.hidden_size, steps=run.config.max_steps,
            count=len(run.probe().marks),
        )
    )  # fmt: skip
    st.markdown("  \n".join(told))


def backward_half(view: Halves) -> None:
    """The half that has seen one step only where the answer is read."""
    st.markdown(f"#### {say('architectures.halves_title')}")
    runs = [cached.run_of(name) for name in view.names()]
    st.markdown(say("architectures.halves_how", steps=runs[0].task.length))
    blocks.panel_row(view.row(window.look(), cached.recordings))
    st.markdown("\n".join(f"- {line}" for line in view.data(cached.recordings)[1]))
    st.table(scores(runs))
    st.markdown(say("architectures.mend_python"))
    blocks.show_files(view)


choices.restore()
choices.take("picture")
st.markdown(f"### {say('architectures.title')}  \n{say('architectures.question')}")
name = chosen_network()
blocks.run_settings(cached.run_of(name))
side_by_side(name)
flow(Layers(name))
st.divider()
all_of_them()
st.divider()
backward_half(Halves())
