"""Saturation: which gates are stuck open or shut?"""

import streamlit as st

from gatescope import Run
from viz_app.features import Saturation
from viz_app.features.saturation import data as saturation
from viz_app.kit.chart.raster import framed
from viz_app.kit.page import ask, blocks, choices, run_choice, stage, tabbed
from viz_app.kit.page import served as cached
from viz_app.kit.words import some, spoken
from viz_app.text import say
from viz_app.text.plain import plain


def how(run: Run, step: int, found: saturation.Found) -> str:
    """What a point of the scatter is, in the words of this cell."""
    state = "hidden_state" in found
    when = say("saturation.when", checkpoint=step, last=run.steps[-1]) if len(run.steps) > 1 else ""
    told = say(
        "saturation.how_state" if state else "saturation.how", when=when,
        steps=some("time_steps", run.task.length), count=some("examples", len(run.probe().marks)),
    )  # fmt: skip
    return spoken(told, say("saturation.how_gru")) if "update_gate" in found else told


def training(view: Saturation) -> None:
    """All values at each checkpoint; the chosen one is framed."""
    steps = cached.run_of(view.run).steps
    maps = view.maps(tabbed.look(), cached.recordings)
    at = steps.index(view.checkpoint)
    blocks.panel_row(maps._replace(specs=[framed(spec, at) for spec in maps.specs]), least=2)


@st.fragment
def body() -> None:
    """The whole page: what is chosen on it draws nothing else anew."""
    here = stage.stage(say("saturation.title"), axis=0)
    name = run_choice.choose_run(here.bar, choices.forget)
    run = cached.run_of(name)
    try:
        saturation.require_ends(run)
    except ValueError as error:
        here.headline(plain(error))
        with here.more.expander(say("app.settings_of_run")):
            blocks.run_settings(run)
        choices.remember(run=name)
        return
    view = ask.view(Saturation(name))
    ask.layer(view, place=here.bar)
    ask.checkpoint(view, here.bar, clicker=True)
    found = view.data(cached.recordings)
    headline, *told = view.sentences(cached.recordings)
    here.headline(headline)
    shown = "units"
    with here.picture:
        place = st.container()
        if len(run.steps) > 1:
            shown, place = tabbed.tabs("saturation.tab_", ("units", "training"))
        with place:
            if shown == "units":
                look = tabbed.look()
                blocks.panel_row(view.scatters(look, cached.recordings), least=2)
            else:
                training(view)
    bins = next(iter(found.values())).sizes["value"]
    map_how = say("saturation.map_how", bins=bins, count=len(run.steps))
    here.look_for([*told, how(run, view.checkpoint, found) if shown == "units" else map_how])
    with here.more:
        with st.expander(say("app.settings_of_run")):
            blocks.run_settings(run, view.checkpoint)
        blocks.folded_files(view)
    choices.remember_view(view)


run_choice.require_runs()
choices.restore()
body()
