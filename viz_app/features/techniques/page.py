"""Training techniques: does this one help here?"""

from collections.abc import Hashable
from typing import Any

import streamlit as st

from gatescope import Run
from gatescope.experiments import AIDS, AidPair, Effect, effect_of, run_key
from gatescope.experiments.aids import Aid
from gatescope.experiments.effects import RULE
from gatescope.jobs import JobStatus
from viz_app.features import Compare, Techniques
from viz_app.features.compare import words as compare_words
from viz_app.features.techniques import curves
from viz_app.features.techniques import data as aids
from viz_app.features.techniques import form as aids_form
from viz_app.features.techniques.data import Pair
from viz_app.features.techniques.view import Learnt, learnt
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.window import Look
from viz_app.kit.choice import whole
from viz_app.kit.page import ask, blocks, choices, job_view, stage, tabbed, window
from viz_app.kit.page import served as cached
from viz_app.kit.page.jobs import kept, queue
from viz_app.kit.page.stage import Stage
from viz_app.kit.run_words import settings
from viz_app.kit.words import percent, spoken
from viz_app.text import say

TABS = ("curves", "gates", "flow", "numbers")
AID_WIDTH = 300


def chosen_aid(bar: Any) -> Aid:
    """Ask which technique; it stands in the address."""
    choices.keep("aid", AIDS, AIDS[0])
    bar.selectbox(
        say("aids.choose"), AIDS, key="aid", help=say("aids.choose_help"),
        format_func=lambda aid: say(f"aids.aid_{aid}"), label_visibility="collapsed",
        width=window.scaled(AID_WIDTH),
    )  # fmt: skip
    aid: Aid = st.session_state["aid"]
    return aid


def look_below_tabs() -> Look:
    """How charts are drawn below the names of the tabs."""
    return tabbed.look()


def show_learnt(here: Stage, now: Learnt, view: Techniques | None = None) -> None:
    """How both learned; of finished networks their gates and gradients too, each in a tab."""
    here.headline(now.headline)
    here.look_for([f"- {line}" for line in now.look_for])
    with here.picture:
        if view is None:
            blocks.panel_row(now.curves)
            return
        examples = beside(view).among(cached.recordings)["example"]
        choices.keep("example", examples.values, examples.usual)  # a link may ask for it in vain
        tab, place = tabbed.tabs("aids.tab_", TABS)
        with place:
            _tab(tab, now, view, here.bar)


def _tab(name: str, now: Learnt, view: Techniques, bar: Any) -> None:
    if name == "curves":
        blocks.panel_row(now.curves)
    elif name == "gates":
        gates(view, bar)
    elif name == "flow":
        blocks.panel_row(view.flow(look_below_tabs(), cached.recordings), least=2)
        count = len(cached.run_of(view.names()[0]).probe().marks)
        st.caption(say("aids.flow_how", count=count))
    else:
        blocks.table(now.numbers)
        if now.losses.shape[1] > 1:
            blocks.table(now.losses)


def beside(pair: Techniques) -> Compare:
    """The gates of both."""
    first, second = pair.names()
    return Compare(first, (second,), labels=pair.data(cached.recordings).names)


def gates(pair: Techniques, place: Any) -> None:
    """Gates of both on one example."""
    first, second = pair.names()
    view = beside(pair)
    ask.example(view, place)
    view = view.but(example=st.session_state["example"])
    view = view.but(pictures=view.opening(cached.recordings))
    seen = view.data(cached.recordings)
    spec = view.spec(GatesLook.of(look_below_tabs()), cached.recordings)
    blocks.chart(spec, compare_words.alternative(seen), key=f"aids-gates-{first}-{second}")
    st.caption(spoken(compare_words.headline(seen), compare_words.how(seen)))


def everything(here: Stage, view: Techniques, effect: Effect) -> None:
    """Everything of two finished runs; the effect is that of all seeds."""
    pair = view.data(cached.recordings)
    show_learnt(here, learnt_of(pair, effect, view), view)
    with here.more:
        with st.expander(say("app.settings_of_run")):
            st.caption(
                "  \n".join(
                    [
                        say("aids.intro"), say(f"aids.what_{view.aid}"), settings(pair.without),
                        say("aids.curves_how"),
                        say("aids.rule", least=RULE.n, edge=percent(RULE.smallest)),
                    ]
                )
            )  # fmt: skip
        blocks.folded_files(view)


def learnt_of(pair: Pair, effect: Effect, *key: Hashable) -> Learnt:
    """How a pair learned, finished or in training; the key stands for it."""
    seeds, look = len(effect.seeds), look_below_tabs()
    return cached.recordings.get(("learnt", *key, seeds, look), lambda: learnt(pair, effect, look))


def so_far(stand: JobStatus, experiment: AidPair) -> dict[str, Run]:
    """Both runs of the first pair as far as they are."""
    configs, done = experiment.pairs()[0], queue().finished(stand.key)
    runs = {side: kept(run_key(configs[side])) for side in configs if side in done}
    for run in queue().training(stand.key):
        for side, config in configs.items():
            if config == run.config:
                runs.setdefault(side, run)
    return runs


def effect_so_far(stand: JobStatus, experiment: AidPair) -> Effect:
    """Of the pairs that are finished."""
    keys = [run_key(config) for config in queue().finished(stand.key).values()]
    losses = {key: kept(key).test_loss for key in keys}
    without, aided = experiment.pairs()[0].values()
    return effect_of(without, aided, losses, experiment.seeds)


def draw(stand: JobStatus, experiment: AidPair) -> None:
    """A pair that was asked for, as far as it is, and the pairs of other seeds."""
    here = stage.stage(say("aids.title"))
    runs = so_far(stand, experiment)
    now = next(iter(queue().training(stand.key)), None)
    side = aids.side_name(experiment.aid, now.config) if now else ""
    job_view.bar(here.bar, stand, now, experiment, "pair", back=say("aids.back"), side=side)
    finished = {"without", "with"} <= queue().finished(stand.key).keys()
    if finished and stand.state not in job_view.GOES_ON:
        first, second = (run_key(config) for config in experiment.pairs()[0].values())
        view = Techniques(first, (second,), experiment.aid)
        everything(here, view, effect_so_far(stand, experiment))
    elif len(runs) == 2:
        pair = Pair(experiment.aid, runs["without"], runs["with"])
        steps = (run.history[-1].step for run in pair.runs)
        effect = effect_so_far(stand, experiment)
        show_learnt(here, learnt_of(pair, effect, stand.key, *steps))
    elif runs:
        here.headline(say("aids.second_comes"))
        with here.picture:
            blocks.panel_row(curves.row(experiment.aid, [*runs.values()], window.look()))
    else:
        here.headline(say("train.begins_pair"))
    here.told.caption(say(f"aids.what_{experiment.aid}"))


@st.fragment
def body() -> None:
    """A prepared pair, and the form of one's own."""
    here = stage.stage(say("aids.title"))
    view = Techniques(aid=chosen_aid(here.bar))
    pair = view.data(cached.recordings)
    everything(here, view, aids.prepared_effect(pair))
    with here.controls.expander(say("aids.own")):
        aids_form.ask(pair.aid)
    choices.remember(**view.to_query(), example=st.session_state.get("example"))


aids_form.FORM.keep()
choices.take("aid")
choices.take("example", read=whole)
job_view.visit(AidPair, draw, say("aids.title"), say("aids.back"))
body()
