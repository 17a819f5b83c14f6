"""Your model: what do the gates of my own network do?"""

from typing import Any

import streamlit as st
import xarray as xr
from torch import Tensor, nn

from gatescope import TraceError
from gatescope.reading import (
    SequenceError,
    WeightsError,
    layer_from_weights,
    read_weights,
    sequences_of,
)
from gatescope.tasks.own import MOST_NUMBERS
from viz_app.app_pages import choices, parts, reading_form
from viz_app.app_pages.cached_jobs import queue
from viz_app.text import name_of, say
from viz_app.views import brought, gates, gradients, reading
from viz_app.views.settings import settings
from viz_app.views.units import layer_of

WAYS = ("weights", "trace")
# where a network that was brought is looked at first
PAGES = ("gates", "gradient_flow", "connectivity", "step_through", "memory", "saturation")


def weights() -> nn.RNNBase | None:
    """Ask for a file of weights; what is wrong with it is said, and it is gone."""
    st.markdown(say("your_model.weights_how"))
    file_column, kind_column = st.columns([0.75, 0.25], vertical_alignment="bottom")
    given = file_column.file_uploader(
        say("your_model.weights"), key="your_weights", help=say("your_model.weights_help")
    )
    if given is None:
        return None
    try:
        state = read_weights(given.getvalue())
        layer = layer_from_weights(state)
        if isinstance(layer, nn.RNN):
            kinds = ["tanh", "relu"]
            kind = kind_column.segmented_control(
                say("your_model.nonlinearity"), kinds, default=kinds[0], required=True,
                key="your_nonlinearity", help=say("your_model.nonlinearity_help"),
            )  # fmt: skip
            layer = layer_from_weights(state, str(kind))
    except WeightsError as error:
        st.error(f"{given.name}: {error}")
        return None
    st.success(brought.found(layer))
    return layer


def inputs(features: int) -> Tensor | None:
    """Ask for an input, in a file or typed."""
    st.markdown(f"**{say('your_model.input', features=features)}**")
    ways = ["file", "typed"]
    way = st.segmented_control(
        say("your_model.input", features=features), ways, default=ways[0], required=True,
        key="your_input_way", format_func=lambda each: say(f"your_model.input_{each}"),
        help=say("your_model.input_help"), label_visibility="collapsed",
    )  # fmt: skip
    if way == "file":
        given = st.file_uploader(
            say("your_model.file", features=features), key="your_input",
            help=say("your_model.file_help", features=features),
        )  # fmt: skip
        file = given and (given.getvalue(), given.name, given.file_id)
    else:
        text = st.text_area(
            say("your_model.typed", features=features), key="your_text", height=160,
            max_chars=200_000, help=say("your_model.typed_help"),
        )  # fmt: skip
        file = text.strip() and (text.encode(), say("your_model.typed_input"), "")
    return read(*file, features) if file else None


def read(data: bytes, name: str, file: str, features: int) -> Tensor | None:
    """Read an input, and say what it was taken for; what is wrong is said too."""
    try:
        wanted = reading_form.wanted("your", file)
        most = MOST_NUMBERS // features
        input_read = sequences_of(data, name, features, wanted, most_rows=most)
    except SequenceError as error:
        reading_form.refused("your", error, without=("dates",))
        return None
    found = input_read.values
    steps, examples, _ = found.shape
    st.success(say("your_model.read", steps=steps, examples=examples, features=features))
    if input_read.reading is not None:
        reading_form.show("your", name, input_read.reading, without=("dates",))
    if input_read.notes:
        st.warning("  \n".join(reading.treated(input_read.notes)))
    return found


def open_everywhere(layer: nn.RNNBase, given: Tensor) -> None:
    """Keep both as a run that every page knows."""
    if not st.button(say("your_model.open"), type="primary", help=say("your_model.open_help")):
        return
    try:
        key, _ = brought.kept(layer, given, queue().store.folder)
    except (ValueError, OSError) as error:
        st.error(str(error))
        return
    choices.forget()
    for name in ("example", "sort"):
        st.session_state.pop(name, None)
    st.session_state["run"] = key
    choices.shelf()
    st.switch_page("app_pages/gates.py")


def opened() -> None:
    """What this reader has opened, and the pages to look at it."""
    library = choices.shelf()
    own = {
        name: library.runs[name]
        for name in st.session_state.get(choices.OWN, ())
        if not library.runs[name].task.asks
    }
    if not own:
        return
    st.divider()
    st.markdown(f"##### {say('your_model.opened_all')}")
    for name, run in own.items():
        label = say("app.run_label", cell=name_of("cell", run.config.cell), name=name)
        st.markdown(f"**{label}**  \n{settings(run)}")
        if name != st.session_state.get("run"):
            st.button(say("your_model.look"), key=f"look {name}", on_click=choose, args=(name,))
            continue
        for column, page in zip(st.columns(len(PAGES)), PAGES, strict=True):
            column.page_link(f"app_pages/{page}.py", label=say(f"app.{page}"), width="stretch")
        choices.remember(run=name)


def choose(name: str) -> None:
    """Look at another one of one's own."""
    choices.forget()
    st.session_state["run"] = name


def recording() -> None:
    """Ask for a saved recording, and show it."""
    given = st.file_uploader(
        say("your_model.trace"), key="your_trace", help=say("your_model.trace_help")
    )
    if given is None:
        return
    try:
        trace = brought.recording(given.getvalue(), given.name)
        shown(trace)
    except (TraceError, ValueError) as error:
        st.error(str(error))


def shown(trace: xr.DataTree) -> None:
    """The gates of one layer on one example, and the gradient norms where there are any."""
    st.success(brought.told(trace))
    nodes = [leaf.path.strip("/") for leaf in trace.leaves]
    example_column, layer_column = st.columns([0.16, 0.84])
    count = next(iter(trace.leaves)).sizes["batch"]
    example = example_column.number_input(
        say("app.example"), 0, count - 1, key="your_example",
        help=say("app.example_help_trace", count=count),
    )  # fmt: skip
    node = nodes[0]
    if len(nodes) > 1:
        node = layer_column.selectbox(
            say("app.layer"), nodes, key="your_layer", help=say("app.layer_help")
        )
    seen = gates.view(layer_of(trace, node), example=example)
    picked = seen.picked()
    look = gates.GatesLook(theme=parts.theme())
    plot, _ = st.columns([parts.PLOT, parts.LEGEND])
    spec: dict[str, Any] = seen.spec(look, picked)
    plot.vega_lite_chart(
        spec, theme=None, width="stretch", key=f"your-{node}-{example}",
        on_select="ignore", alt=brought.told(trace),
    )  # fmt: skip
    still = gates.GatesLook(theme=parts.theme(), hover=False)
    parts.downloads("recording", lambda: seen.chart(still, picked), seen.table)
    if any(str(name).startswith("grad_") for name in layer_of(trace, node).data_vars):
        st.markdown(f"##### {say('your_model.trace_gradients')}")
        st.altair_chart(gradients.chart(trace, theme=parts.theme()), theme=None)


choices.restore()
parts.heading(say("your_model.title"), say("your_model.question"))
way = st.segmented_control(
    say("your_model.bring"), WAYS, default=WAYS[0], required=True, key="your_way",
    format_func=lambda each: say(f"your_model.bring_{each}"), help=say("your_model.bring_help"),
)  # fmt: skip
if way == "weights":
    layer = weights()
    given = None if layer is None else inputs(layer.input_size)
    if layer is not None and given is not None:
        open_everywhere(layer, given)
    opened()
else:
    recording()
