"""Architectures: what does each layer and direction do?"""

from typing import Any

import streamlit as st

from gatescope import RunError
from viz_app.app_pages import cached, choices, parts
from viz_app.app_pages import cached_architectures as shared
from viz_app.text import say
from viz_app.views import architectures, examples, gradients, halves, snippets
from viz_app.views.architectures import PREPARED, Signal
from viz_app.views.settings import network

NAME, SIGNAL = "network", "architectures_signal"


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
    choices.say_if_missing(choices.shelf())
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
    run, found = cached.run_of(name), shared.layers(name)
    possible = architectures.possible(found)
    columns = st.columns([0.14, 0.5, 0.36], vertical_alignment="bottom")
    count = len(run.probe().marks)
    choices.keep("example", list(range(count)), examples.longest(run.probe()))
    example = columns[0].number_input(
        say("app.example"), 0, count - 1, key="example", help=say("app.example_help", count=count)
    )
    choices.keep(SIGNAL, possible, possible[0])
    signal: Signal = columns[1].segmented_control(
        say("architectures.signal"), possible, key=SIGNAL, required=True,
        format_func=lambda key: say(f"architectures.signal_{key}"),
        help=say("architectures.signal_help"),
    )  # fmt: skip
    plot, _ = st.columns([parts.PLOT, parts.LEGEND])
    plot.vega_lite_chart(
        dict(shared.spec(name, example, signal, parts.theme())), theme=None, width="stretch",
        alt=say(
            "architectures.alt", signal=say(f"architectures.signal_{signal}"), count=len(found),
            steps=run.task.length,
        ),
    )  # fmt: skip
    told = [say("architectures.how")]
    if signal == "gradient":
        told.append(say("architectures.how_gradient"))
    st.caption(" ".join(told))
    parts.downloads(
        f"layers-{name}-example{example}-{signal}",
        lambda: architectures.chart(run, example, signal, theme=parts.theme()),
        lambda: architectures.table(found, example, signal),
    )
    parts.python(snippets.architectures(name, example, signal, parts.theme()))
    choices.remember(run=name, example=example)


def row(told: shared.Told) -> None:
    """Charts side by side."""
    columns = st.columns(max(2, len(told.specs)), gap="small")
    for column, spec, alternative in zip(columns, told.specs, told.alternatives, strict=False):
        column.vega_lite_chart(dict(spec), theme=None, width="stretch", alt=alternative)


def flow(name: str) -> None:
    """How much of the error reaches each layer."""
    st.markdown(f"##### {say('architectures.flow_title')}")
    told = shared.flow(name, parts.theme())
    st.markdown("\n".join(f"- {line}" for line in told.sentences))
    row(told)
    count = len(cached.run_of(name).probe().marks)
    st.caption(say("architectures.flow_how", count=count))


def all_of_them() -> None:
    """The prepared networks in numbers, and what stacking does."""
    st.markdown(f"##### {say('architectures.all_title')}")
    table, told = shared.numbers()
    st.table(table)
    run = cached.run_of(PREPARED[0])
    st.caption(
        say(
            "architectures.all_how", units=run.config.hidden_size, steps=run.config.max_steps,
            count=len(run.probe().marks),
        )
    )  # fmt: skip
    st.markdown("  \n".join(told))


def backward_half() -> None:
    """The half that has seen one step only where the answer is read."""
    st.markdown(f"#### {say('architectures.halves_title')}")
    runs: list[Any] = [cached.run_of(name) for name in (halves.LAST, halves.ENDS)]
    st.markdown(say("architectures.halves_how", steps=runs[0].task.length))
    told = shared.backward_half(parts.theme())
    parts.line_legend(
        gradients.legend(
            [say("architectures.forward"), say("architectures.backward")], parts.theme()
        )
    )
    row(told)
    st.markdown("\n".join(f"- {line}" for line in told.sentences))
    st.table(halves.scores(runs))
    st.markdown(say("architectures.mend_python"))
    parts.downloads(
        "backward-half",
        lambda: halves.chart(runs, theme=parts.theme()),
        lambda: halves.table(runs),
    )
    parts.python(snippets.halves(parts.theme()))


choices.restore()
st.markdown(f"### {say('architectures.title')}  \n{say('architectures.question')}")
name = chosen_network()
parts.run_settings(cached.run_of(name))
side_by_side(name)
flow(name)
st.divider()
all_of_them()
st.divider()
backward_half()
