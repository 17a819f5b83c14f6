"""Your model: what do the gates of my own network do?"""

from pathlib import Path
from typing import Any

import streamlit as st
from torch import Tensor, nn

from gatescope import TraceError, open_trace
from gatescope.loading import SequenceError, WeightsError, layer_from_weights
from gatescope.tasks.uploaded import MOST_NUMBERS
from gatescope.training import own_run
from viz_app.features.your_model import long
from viz_app.features.your_model.picture import own_trace, picture, prepared
from viz_app.kit import reading_words
from viz_app.kit import uploaded as brought
from viz_app.kit.page import choices, reading_form, run_choice, stage, uploads
from viz_app.kit.page.jobs import queue
from viz_app.kit.run_words import settings
from viz_app.pages import script
from viz_app.text import name_of, say
from viz_app.text.plain import NAME, bare, plain

WAYS = ("weights", "trace")
# where a network that was brought is looked at first
PAGES = ("gates", "gradient_flow", "connectivity", "step_through", "memory", "saturation")


def weights() -> nn.RNNBase | None:
    """Ask for a file of weights, and for a layer in it; what is wrong with it is said."""
    st.markdown(say("your_model.weights_how"))
    file_column, layer_column, kind_column = st.columns(
        [0.55, 0.25, 0.2], vertical_alignment="bottom"
    )
    given = file_column.file_uploader(
        say("your_model.weights"), key="your_weights", help=say("your_model.weights_help")
    )
    if given is None:
        return None
    try:
        name = chosen_layer(uploads.layer_names(given), layer_column)
        stored = uploads.weights(given, name)
        layer = layer_from_weights(stored.weights, "tanh")
        if isinstance(layer, nn.RNN):
            kinds = ["tanh", "relu"]
            kind = kind_column.segmented_control(
                say("your_model.nonlinearity"), kinds, default=kinds[0], required=True,
                key="your_nonlinearity", help=say("your_model.nonlinearity_help"),
            )  # fmt: skip
            layer = layer_from_weights(stored.weights, str(kind))
        notes = brought.notes(stored, layer)
    except WeightsError as error:
        st.error(f"{plain(given.name, NAME)}: {plain(error)}")
        return None
    st.success("  \n".join([brought.found(layer), *notes]))
    return layer


def chosen_layer(names: list[str], column: Any) -> str:
    """Ask for one of the recurrent layers in a file, where there are several."""
    if len(names) == 1:
        return names[0]
    choices.keep("your_stored", names, names[0])
    name: str = column.selectbox(
        say("your_model.layer"), names, key="your_stored",
        format_func=lambda each: bare(each, NAME) or say("your_model.layer_itself"),
        help=say("your_model.layer_help", count=len(names)),
    )  # fmt: skip
    return name


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
        file = None if given is None else (given.getvalue(), given.name, given.file_id)
    else:
        text = st.text_area(
            say("your_model.typed", features=features), key="your_text", height=160,
            max_chars=200_000, help=say("your_model.typed_help"),
        )  # fmt: skip
        typed = (text.encode(), say("your_model.typed_input"), "")
        file = typed if text.strip() else None
    return None if file is None else read(*file, features)


def read(data: bytes, name: str, file: str, features: int) -> Tensor | None:
    """Read an input, and say what it was taken for; what is wrong is said too."""
    try:
        wanted = reading_form.wanted("your", file)
        most = MOST_NUMBERS // features
        input_read = uploads.sequences(data, name, file, features, wanted, most)
    except SequenceError as error:
        reading_form.refused("your", error, without=("dates",))
        return None
    found = input_read.values
    steps, examples, _ = found.shape
    st.success(say("your_model.read", steps=steps, examples=examples, features=features))
    if input_read.reading is not None:
        reading_form.show("your", name, input_read.reading, without=("dates",))
    if input_read.notes:
        st.warning("  \n".join(reading_words.treated(input_read.notes)))
    return found


def open_everywhere(layer: nn.RNNBase, given: Tensor) -> None:
    """Keep both as a run that every page knows."""
    if not st.button(say("your_model.open"), type="primary", help=say("your_model.open_help")):
        return
    try:
        key, _ = brought.kept(layer, given, queue().store.folder, uploads.owner())
    except (ValueError, OSError) as error:
        st.error(plain(error))
        return
    choices.forget()
    for name in ("example", "sort"):
        st.session_state.pop(name, None)
    st.session_state["run"] = key
    run_choice.shelf()
    st.switch_page(script("gates"))


def opened() -> None:
    """What this reader has opened, and the pages to look at it."""
    library = run_choice.shelf()
    own = {
        name: library.runs[name]
        for name in st.session_state.get(run_choice.OWN, ())
        if not library.runs[name].task.asks
    }
    if not own:
        return
    st.divider()
    st.markdown(f"## {say('your_model.opened_all')}")
    for name, run in own.items():
        label = say("app.run_label", cell=name_of("cell", run.config.cell), name=plain(name, NAME))
        st.markdown(f"**{label}**  \n{settings(run)}")
        if name != st.session_state.get("run"):
            st.button(say("your_model.look"), key=f"look {name}", on_click=choose, args=(name,))
            continue
        for column, page in zip(st.columns(len(PAGES)), PAGES, strict=True):
            column.page_link(script(page), label=say(f"app.{page}"), width="stretch")
        choices.remember(run=name)


def choose(name: str) -> None:
    """Look at another one of one's own."""
    choices.forget()
    st.session_state["run"] = name


def served() -> Path | None:
    """Ask for one of the recordings that this server has; None where there is none, or not."""
    paths = long.recordings()
    if not paths:
        return None
    name = st.selectbox(
        say("long.served"), [None, *paths], key="your_served", help=say("long.served_help"),
        format_func=lambda each: say("long.served_none") if each is None else each,
    )  # fmt: skip
    return None if name is None else paths[name]


def recording() -> None:
    """Ask for a saved recording, and show it."""
    path = served()
    if path is not None:
        try:
            with open_trace(path) as trace:
                st.success(brought.told(trace))
                picture(trace, path=path)
        except (TraceError, ValueError, OSError) as error:
            st.error(plain(error))
        return
    given = st.file_uploader(
        say("your_model.trace"), key="your_trace", help=say("your_model.trace_help")
    )
    if given is not None:
        try:
            trace = uploads.recording(given)
            st.success(brought.told(trace))
            picture(trace)
        except (TraceError, ValueError) as error:
            st.error(plain(error))
        return
    prepared(say("your_model.prepared_trace"), with_loss=True)


def own(layer: nn.RNNBase) -> None:
    """A network that was brought, on what was brought for it or on a sample."""
    given = inputs(layer.input_size)
    if given is None:
        st.caption(say("your_model.sample_input", steps=brought.SAMPLE_STEPS))
    try:
        read = brought.sample_inputs(layer.input_size) if given is None else given
        brought.require_small(layer, read)
        run = own_run(layer, read)
    except ValueError as error:
        st.error(plain(error))
        return
    if given is not None:
        count = len(run.probe().marks)
        if count < given.shape[1]:
            st.caption(say("your_model.first_shown", count=count))
        open_everywhere(layer, given)
    picture(own_trace(brought.key_of(run), run), run)


uploads.expected()
choices.restore()
stage.heading(say("your_model.title"), say("your_model.question"))
way = st.segmented_control(
    say("your_model.bring"), WAYS, default=WAYS[0], required=True, key="your_way",
    format_func=lambda each: say(f"your_model.bring_{each}"), help=say("your_model.bring_help"),
)  # fmt: skip
if way == "weights":
    layer = weights()
    if layer is None:
        prepared(say("your_model.prepared"), with_loss=False)
    else:
        own(layer)
    opened()
else:
    recording()
