"""Your model: what do the gates of my own network do?"""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import streamlit as st
from torch import Tensor, nn

from gatescope import Run, TraceError, open_trace
from gatescope.loading import SequenceError, WeightsError, layer_from_weights
from gatescope.tasks.uploaded import MOST_NUMBERS
from gatescope.training import own_run
from viz_app.features.your_model import long
from viz_app.features.your_model.picture import own_trace, picture, prepared
from viz_app.kit import reading_words
from viz_app.kit import uploaded as brought
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.page import choices, reading_form, run_choice, stage, uploads, window
from viz_app.kit.page.jobs import queue
from viz_app.kit.page.stage import Stage
from viz_app.kit.run_words import settings
from viz_app.kit.words import some
from viz_app.pages import script
from viz_app.text import name_of, say
from viz_app.text.plain import NAME, bare, plain, sentence

AXIS = 20  # pixels beside the plots, without the margin of their labels
WAYS = ("weights", "trace")
# where a network that was brought is looked at first
PAGES = ("gates", "gradient_flow", "connectivity", "step_through", "memory", "saturation")


def weights(here: Stage) -> nn.RNNBase | None:
    """Ask for a file of weights, and for a layer in it; what is wrong with it is said."""
    place = here.told
    given = place.file_uploader(
        say("your_model.weights"), key="your_weights", help=say("your_model.weights_help")
    )
    if given is None:
        place.caption(say("your_model.weights_how", most=most_megabytes()))
        return None
    try:
        name = chosen_layer(uploads.layer_names(given), place)
        stored = uploads.weights(given, name)
        layer = layer_from_weights(stored.weights, "tanh")
        if isinstance(layer, nn.RNN):
            kinds = ["tanh", "relu"]
            kind = place.segmented_control(
                say("your_model.nonlinearity"), kinds, default=kinds[0], required=True,
                key="your_nonlinearity", help=say("your_model.nonlinearity_help"),
            )  # fmt: skip
            layer = layer_from_weights(stored.weights, str(kind))
        notes = brought.notes(stored, layer)
    except WeightsError as error:
        place.error(say("app.introduced", what=plain(given.name, NAME), told=plain(error)))
        return None
    place.success("  \n".join([brought.found(layer), *notes]))
    return layer


def most_megabytes() -> int:
    """Of a file: what is larger the browser refuses, with a word that only a pointer finds."""
    return int(st.get_option("server.maxUploadSize"))


def chosen_layer(names: list[str], place: Any) -> str:
    """Ask for one of the recurrent layers in a file, where there are several."""
    if len(names) == 1:
        return names[0]
    choices.keep("your_stored", names, names[0])
    name: str = place.selectbox(
        say("your_model.layer"), names, key="your_stored",
        format_func=lambda each: bare(each, NAME) or say("your_model.layer_itself"),
        help=say("your_model.layer_help", count=len(names)),
    )  # fmt: skip
    return name


def inputs(features: int) -> Tensor | None:
    """Ask for an input, in a file or typed."""
    ways, numbers = ["file", "typed"], some("numbers", features)
    way = st.segmented_control(
        say("your_model.input", features=some("features", features)), ways, default=ways[0],
        required=True, key="your_input_way", help=say("your_model.input_help"),
        format_func=lambda each: say(f"your_model.input_{each}"),
    )  # fmt: skip
    if way == "file":
        given = st.file_uploader(
            say("your_model.file", columns=some("columns", features)), key="your_input",
            help=say("your_model.file_help", features=features, numbers=numbers),
        )  # fmt: skip
        file = None if given is None else (given.getvalue(), given.name, given.file_id)
    else:
        text = st.text_area(
            say("your_model.typed", numbers=numbers), key="your_text", height=160,
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
    if not st.button(
        say("your_model.open"), type="primary", help=say("your_model.open_help"), width="stretch"
    ):
        return
    try:
        key, _ = brought.kept(layer, given, queue().store.folder, uploads.owner())
    except (ValueError, OSError) as error:
        st.error(sentence(error))
        return
    choices.forget()
    for name in ("example", "sort"):
        st.session_state.pop(name, None)
    st.session_state["run"] = key
    run_choice.shelf()
    st.switch_page(script("gates"))


def own_runs() -> dict[str, Run]:
    """The networks that this reader has opened, by name."""
    runs = run_choice.shelf().runs
    names = st.session_state.get(run_choice.OWN, ())
    return {name: runs[name] for name in names if not runs[name].task.asks}


def shown_first(here: Stage) -> None:
    """What is seen before a file is brought: one's own network that was chosen last, or ours."""
    run = own_runs().get(st.session_state.get("run", ""))
    if run is None:
        prepared(here, say("your_model.prepared"), with_loss=False)
    else:
        seen(run, here)


def seen(run: Run, here: Stage) -> None:
    """Show a network that was brought."""
    key = brought.key_of(run)
    picture(here, own_trace(key, run), key, run)


def opened() -> None:
    """What this reader has opened, and the pages to look at it."""
    own = own_runs()
    if not own:
        return
    st.markdown(f"## {say('your_model.opened_all')}")
    for name, run in own.items():
        label = say("app.run_label", cell=name_of("cell", run.config.cell), name=plain(name, NAME))
        st.markdown(f"**{label}**  \n{settings(run)}")
        if name != st.session_state.get("run"):
            st.button(say("your_model.look"), key=f"look {name}", on_click=choose, args=(name,))
            continue
        with st.container(horizontal=True, gap="small"):
            for page in PAGES:
                st.page_link(script(page), label=say(f"app.{page}"), width="content")
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


def recording(here: Stage) -> None:
    """Ask for a saved recording, and show it."""
    place = here.told
    with place:
        path = served()
    given: Any = None
    if path is None:
        given = place.file_uploader(
            say("your_model.trace"),
            key="your_trace",
            help=say("your_model.trace_help", most=most_megabytes()),
        )
        if given is None:
            prepared(here, say("your_model.prepared_trace"), with_loss=True)
            return
    try:
        with nullcontext(uploads.recording(given)) if path is None else open_trace(path) as trace:
            place.success(brought.told(trace))
            key = given.file_id if path is None else f"{path} {path.stat().st_mtime_ns}"
            picture(here, trace, key, path=path)
    except (TraceError, ValueError, OSError) as error:
        place.error(sentence(error))


def own(layer: nn.RNNBase, here: Stage) -> None:
    """A network that was brought, on what was brought for it or on a sample."""
    with here.told:
        given = inputs(layer.input_size)
        if given is None:
            st.caption(
                say("your_model.sample_input", steps=some("time_steps", brought.SAMPLE_STEPS))
            )
        try:
            read = brought.sample_inputs(layer.input_size) if given is None else given
            brought.require_small(layer, read)
            run = own_run(layer, read)
        except ValueError as error:
            st.error(sentence(error))
            return
        if given is not None:
            count = len(run.probe().marks)
            if count < given.shape[1]:
                st.caption(say("your_model.first_shown", count=some("sequences", count)))
            open_everywhere(layer, given)
    seen(run, here)


uploads.expected()
choices.restore()
here = stage.stage(say("your_model.title"), axis=GatesLook.of(window.look()).margin + AXIS)
run_choice.say_if_missing(run_choice.shelf())
way = here.bar.segmented_control(
    say("your_model.bring"), WAYS, default=WAYS[0], required=True, key="your_way",
    format_func=lambda each: say(f"your_model.bring_{each}"), help=say("your_model.bring_help"),
    label_visibility="collapsed",
)  # fmt: skip
if way == "weights":
    layer = weights(here)
    if layer is None:
        shown_first(here)
    else:
        own(layer, here)
    with here.more:
        opened()
else:
    recording(here)
