"""Saturation: which gates are stuck open or shut?"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from gatescope import Run
from viz_app.app_pages import cached, cached_saturation, choices, parts
from viz_app.text import say
from viz_app.text.plain import plain
from viz_app.views import saturation, saturation_words, snippets
from viz_app.views.framing import framed

FEWEST_COLUMNS = 2


def chosen_layer(name: str) -> str:
    """Ask for layer and direction where there is more than one."""
    layers = cached.layers(name)
    choices.keep("layer", layers, layers[0])
    if len(layers) > 1:
        st.segmented_control(
            say("app.layer"), layers, key="layer", help=say("app.layer_help"), required=True
        )
    return str(st.session_state["layer"])


def row(specs: Sequence[dict[str, Any]], alternatives: list[str]) -> None:
    """Draw the panels of all signals side by side."""
    columns = st.columns(max(FEWEST_COLUMNS, len(specs)), gap="medium")
    for column, spec, alternative in zip(columns, specs, alternatives, strict=False):
        column.vega_lite_chart(dict(spec), theme=None, width="stretch", alt=alternative)


def how(run: Run, step: int, found: saturation.Found) -> str:
    """What a point of the scatter is, in the words of this cell."""
    state = "hidden_state" in found
    when = say("saturation.when", checkpoint=step, last=run.steps[-1]) if len(run.steps) > 1 else ""
    told = say(
        "saturation.how_state" if state else "saturation.how", steps=run.task.length,
        count=len(run.probe().marks), when=when,
    )  # fmt: skip
    return f"{told} {say('saturation.how_gru')}" if "update_gate" in found else told


def training(name: str, node: str, step: int, found: saturation.Found) -> None:
    """All values at each checkpoint; the one above is framed."""
    run = cached.run_of(name)
    st.markdown(f"#### {say('saturation.training')}")
    maps = cached_saturation.maps(name, node, parts.theme())
    place = run.steps.index(step)
    row(
        [framed(spec, place) for spec in maps],
        cached_saturation.map_alternatives(name, node),
    )
    bins = next(iter(found.values())).sizes["value"]
    st.caption(say("saturation.map_how", bins=bins, count=len(run.steps)))


@st.fragment
def body(name: str) -> None:
    """Everything below the choice of the network."""
    run = cached.run_of(name)
    head = st.container()
    try:
        saturation.require_ends(run)
    except ValueError as error:
        parts.run_settings(run, place=head)
        st.info(plain(error))
        choices.remember(run=name)
        return
    node, step = chosen_layer(name), choices.choose_checkpoint(run)
    parts.run_settings(run, step, head)
    found = cached_saturation.found(name, node)
    st.markdown("\n".join(f"- {told}" for told in cached_saturation.sentences(name, node, step)))
    now = {signal: shares.sel(checkpoint=step) for signal, shares in found.items()}
    scatters = cached_saturation.scatters(name, node, step, parts.theme())
    row(scatters, [saturation_words.alternative(*one) for one in now.items()])
    st.caption(how(run, step, found))
    if len(run.steps) > 1:
        training(name, node, step, found)
    parts.downloads(
        f"saturation-{name}",
        lambda: saturation.figure(found, step, theme=parts.theme()),
        lambda: saturation.table(found),
    )
    parts.python(snippets.saturation(name, node, step, parts.theme()))
    choices.remember(
        run=name, checkpoint=None if step == run.steps[-1] else step,
        layer=node if len(cached.layers(name)) > 1 else None,
    )  # fmt: skip


choices.require_runs()
choices.restore()
run_name = choices.choose_run(
    *parts.heading(say("saturation.title"), say("saturation.question")), choices.forget
)
body(run_name)
