"""Saturation: which gates are stuck open or shut?"""

import streamlit as st

from gatescope import Run
from viz_app.features import Saturation
from viz_app.features.saturation import data as saturation
from viz_app.features.saturation import words as saturation_words
from viz_app.kit.chart.raster import framed
from viz_app.kit.page import ask, blocks, choices, run_choice, stage, window
from viz_app.kit.page import served as cached
from viz_app.text import say
from viz_app.text.plain import plain


def how(run: Run, step: int, found: saturation.Found) -> str:
    """What a point of the scatter is, in the words of this cell."""
    state = "hidden_state" in found
    when = say("saturation.when", checkpoint=step, last=run.steps[-1]) if len(run.steps) > 1 else ""
    told = say(
        "saturation.how_state" if state else "saturation.how", steps=run.task.length,
        count=len(run.probe().marks), when=when,
    )  # fmt: skip
    return f"{told} {say('saturation.how_gru')}" if "update_gate" in found else told


def training(view: Saturation, found: saturation.Found) -> None:
    """All values at each checkpoint; the one above is framed."""
    steps = cached.run_of(view.run).steps
    st.markdown(f"#### {say('saturation.training')}")
    maps = view.maps(window.theme(), cached.recordings)
    blocks.row(
        [framed(spec, steps.index(view.checkpoint)) for spec in maps],
        [saturation_words.map_alternative(*one) for one in found.items()],
        least=2,
    )
    bins = next(iter(found.values())).sizes["value"]
    st.caption(say("saturation.map_how", bins=bins, count=len(steps)))


@st.fragment
def body(name: str) -> None:
    """Everything below the choice of the network."""
    run = cached.run_of(name)
    head = st.container()
    try:
        saturation.require_ends(run)
    except ValueError as error:
        blocks.run_settings(run, place=head)
        st.info(plain(error))
        choices.remember(run=name)
        return
    view = ask.view(Saturation(name))
    ask.layer(view)
    ask.checkpoint(view)
    blocks.run_settings(run, view.checkpoint, head)
    found = view.data(cached.recordings)
    st.markdown("\n".join(f"- {told}" for told in view.sentences(cached.recordings)))
    blocks.row(
        view.scatters(window.theme(), cached.recordings),
        [saturation_words.alternative(*one) for one in view.now(cached.recordings).items()],
        least=2,
    )
    st.caption(how(run, view.checkpoint, found))
    if len(run.steps) > 1:
        training(view, found)
    blocks.show_files(view)
    choices.remember_view(view)


run_choice.require_runs()
choices.restore()
run_name = run_choice.choose_run(
    stage.heading(say("saturation.title"), say("saturation.question")), choices.forget
)
body(run_name)
