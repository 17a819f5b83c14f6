"""Architectures: what does each layer and direction do?"""

from typing import Any

import pandas as pd
import streamlit as st

from gatescope import RunError
from viz_app.features import Halves, Layers
from viz_app.features.architectures import data as architectures
from viz_app.features.architectures.bidirectional import scores
from viz_app.features.architectures.data import PREPARED
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.page import ask, blocks, choices, run_choice, stage, tabbed, window
from viz_app.kit.page import served as cached
from viz_app.kit.run_words import network
from viz_app.text import say

NAME = "network"
PICTURE = "picture_of_layers"
TABS = ("layers", "flow", "all", "halves")
NETWORK_WIDTH = 330  # pixels of a network's name
TABLE = 150  # pixels of the table of both networks
AXIS = 18  # pixels beside the plots, without the margin of their labels


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


def chosen_network(place: Any) -> str:
    """Ask for a network; it stands in the address."""
    if choices.asked("run") is not None:
        st.session_state[NAME] = st.session_state["run"]
    run_choice.say_if_missing(run_choice.shelf())
    options = names()
    choices.keep(NAME, options, options[1])
    place.selectbox(
        say("architectures.choose"), options, key=NAME, format_func=called,
        help=say("architectures.choose_help"), width=window.scaled(NETWORK_WIDTH),
        label_visibility="collapsed",
    )  # fmt: skip
    return str(st.session_state[NAME])


def chosen_picture() -> None:
    """Take over the signal: under its own name stands the stage's picture."""
    st.session_state["picture"] = st.session_state[PICTURE]


def side_by_side(name: str, here: stage.Stage) -> None:
    """Every layer and direction on one example."""
    view = ask.view(Layers(name))
    ask.example(view, here.bar)
    st.session_state[PICTURE] = view.picture
    here.controls.segmented_control(
        say("architectures.signal"), view.among(cached.recordings)["picture"].values, key=PICTURE,
        required=True, format_func=lambda key: say(f"architectures.signal_{key}"),
        help=say("architectures.signal_help"), on_change=chosen_picture,
    )  # fmt: skip
    here.headline(view.headline(cached.recordings))
    look = GatesLook.of(tabbed.look())
    blocks.chart(view.spec(look, cached.recordings), view.alternative(cached.recordings))
    told = [say("architectures.how")]
    if view.picture == "gradient":
        told.append(say("architectures.how_gradient"))
    here.look_for([view.told(cached.recordings), *told])
    files(view, here)
    choices.remember(**view.brief(cached.recordings).to_query())


def flow(view: Layers, here: stage.Stage) -> None:
    """How much gradient reaches each layer."""
    row, (headline, *told) = view.flow(tabbed.look(), cached.recordings)
    here.headline(headline)
    blocks.panel_row(row, least=2)
    count = len(cached.run_of(view.run).probe().marks)
    here.look_for([*told, say("architectures.flow_how", count=count)])
    files(view, here)


def prepared() -> tuple[pd.DataFrame, list[str]]:
    """The prepared networks beside one another, and what stacking did."""
    runs = {name: cached.run_of(name) for name in PREPARED}
    return architectures.numbers(runs.values()), architectures.stacking(runs)


def all_of_them(here: stage.Stage) -> None:
    """The prepared networks in numbers, and what stacking does."""
    table, told = cached.recordings.get(("prepared architectures",), prepared)
    here.headline(told[0])
    blocks.table(table)
    run = cached.run_of(PREPARED[0])
    how = say(
        "architectures.all_how", units=run.config.hidden_size, steps=run.config.max_steps,
        count=len(run.probe().marks),
    )  # fmt: skip
    here.look_for([*told[1:], how])


def backward_half(view: Halves, here: stage.Stage) -> None:
    """The half that has seen one step only where the answer is read."""
    runs = [cached.run_of(name) for name in view.names()]
    here.headline(say("architectures.halves_title"))
    look = window.look().below(tabbed.HEIGHT + TABLE)
    blocks.panel_row(view.row(look, cached.recordings))
    blocks.table(scores(runs))
    sentences = view.data(cached.recordings)[1]
    here.look_for([say("architectures.halves_how", steps=runs[0].task.length), *sentences])
    with here.more:
        with st.expander(say("architectures.fix")):
            st.markdown(say("architectures.fix_python"))
        blocks.folded_files(view)


def files(view: Layers, here: stage.Stage) -> None:
    """Below what to look for: settings, exports and code."""
    with here.more:
        with st.expander(say("app.settings_of_run")):
            blocks.run_settings(cached.run_of(view.run))
        blocks.folded_files(view)


@st.fragment
def body() -> None:
    """The whole page: what is chosen on it draws nothing else anew."""
    look = GatesLook.of(window.look())
    here = stage.stage(say("architectures.title"), axis=0)
    name = chosen_network(here.bar)
    with here.picture:
        shown, place = tabbed.tabs("architectures.tab_", TABS)
        with place:
            if shown == "layers":
                with st.container(key="heatmaps"):
                    st.html(
                        f"<style>.st-key-heatmaps {{padding-right: {look.margin + AXIS}px}}</style>"
                    )
                    side_by_side(name, here)
            elif shown == "flow":
                flow(Layers(name), here)
            elif shown == "all":
                all_of_them(here)
            else:
                backward_half(Halves(), here)
    if shown != TABS[0]:
        choices.remember(run=name)


choices.restore()
choices.take("picture")
body()
