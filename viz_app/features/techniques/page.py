"""Training techniques: does this one help here?"""

from collections.abc import Hashable

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
from viz_app.kit.choice import whole
from viz_app.kit.page import ask, blocks, choices, job_view, window
from viz_app.kit.page import served as cached
from viz_app.kit.page.jobs import kept, queue
from viz_app.kit.run_words import settings
from viz_app.text import say


def chosen_aid() -> Aid:
    """Ask which aid; it stands in the address."""
    choices.take("aid")
    choices.keep("aid", AIDS, AIDS[0])
    st.pills(
        say("aids.choose"), AIDS, key="aid", required=True, help=say("aids.choose_help"),
        format_func=lambda aid: say(f"aids.aid_{aid}"),
    )  # fmt: skip
    aid: Aid = st.session_state["aid"]
    return aid


def show_learnt(now: Learnt) -> None:
    """How both learned: headline and its rule, curves, what to look for, numbers."""
    st.markdown(f"**{now.headline}**")
    st.caption(say("aids.rule", least=RULE.n, edge=RULE.smallest))
    st.markdown(f"##### {say('aids.curves')}")
    blocks.plot(now.curves, now.alternative)
    st.caption(say("aids.curves_how"))
    st.markdown(f"##### {say('aids.look')}")
    st.markdown("\n".join(f"- {line}" for line in now.look_for))
    st.markdown(f"##### {say('aids.numbers')}")
    st.table(now.numbers)
    if now.losses.shape[1] > 1:
        st.table(now.losses)


@st.fragment
def gates(pair: Techniques) -> None:
    """Gates of both on one example."""
    st.markdown(f"##### {say('aids.gates_title')}")
    first, second = pair.names()
    view = Compare(first, (second,), labels=pair.data(cached.recordings).names)
    examples = view.among(cached.recordings)["example"]
    choices.keep("example", examples.values, examples.usual)
    ask.example(view, st.columns([0.14, 0.86])[0])
    view = view.but(example=st.session_state["example"])
    seen = view.data(cached.recordings)
    st.markdown(compare_words.headline(seen))
    spec = view.spec(window.theme(), cached.recordings)
    blocks.plot(spec, compare_words.alternative(seen))
    st.caption(compare_words.how(seen))


def everything(view: Techniques, effect: Effect) -> None:
    """Everything of two finished runs; the effect is that of all seeds."""
    show_learnt(learnt_of(view.data(cached.recordings), effect, view))
    gates(view)
    st.markdown(f"##### {say('aids.flow_title')}")
    blocks.panel_row(view.flow(window.look(), cached.recordings), least=2)
    count = len(cached.run_of(view.names()[0]).probe().marks)
    st.caption(say("aids.flow_how", count=count))
    blocks.show_files(view)


def learnt_of(pair: Pair, effect: Effect, *key: Hashable) -> Learnt:
    """How a pair learned, finished or in training; the key stands for it."""
    seeds, theme = len(effect.seeds), window.theme()
    return cached.recordings.get(
        ("learnt", *key, seeds, theme), lambda: learnt(pair, effect, theme)
    )


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
    runs = so_far(stand, experiment)
    now = next(iter(queue().training(stand.key)), None)
    side = aids.side_name(experiment.aid, now.config) if now else ""
    text = job_view.head(stand, experiment, "pair", now, side=side)
    st.caption(say(f"aids.what_{experiment.aid}"))
    finished = {"without", "with"} <= queue().finished(stand.key).keys()
    if finished and stand.state not in job_view.GOES_ON:
        first, second = (run_key(config) for config in experiment.pairs()[0].values())
        view = Techniques(first, (second,), experiment.aid)
        everything(view, effect_so_far(stand, experiment))
    elif len(runs) == 2:
        pair = Pair(experiment.aid, runs["without"], runs["with"])
        steps = (run.history[-1].step for run in pair.runs)
        show_learnt(learnt_of(pair, effect_so_far(stand, experiment), stand.key, *steps))
    elif runs:
        st.caption(say("aids.second_comes"))
        blocks.plot(curves.spec(experiment.aid, [*runs.values()], window.theme()), text)
    elif stand.state in job_view.GOES_ON:
        st.skeleton(height=300)


def own(aid: Aid) -> None:
    """A pair of one's own."""
    st.markdown(f"#### {say('aids.own')}")
    st.markdown(say("aids.own_how"))
    aids_form.ask(aid)


aids_form.FORM.keep()
st.markdown(f"### {say('aids.title')}  \n{say('aids.question')}")
job_view.visit(AidPair, draw, "aids")
st.markdown(say("aids.intro"))
choices.take("example", read=whole)
view = Techniques(aid=chosen_aid())
pair = view.data(cached.recordings)
st.markdown(say(f"aids.what_{view.aid}"))
st.caption(settings(pair.without))
everything(view, aids.prepared_effect(pair))
st.divider()
own(pair.aid)
choices.remember(**view.to_query(), example=st.session_state.get("example"))
