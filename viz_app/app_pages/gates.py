"""Gates: what do the gates do, step by step?"""

from functools import partial

import streamlit as st

from viz_app.app_pages import cached, choices, in_view, parts
from viz_app.text import say
from viz_app.views import examples, gates, gates_words, snippets, units
from viz_app.views.part import written


def forget_picks() -> None:
    """Let the page choose again, and draw its choice."""
    choices.forget()
    redraw()


def redraw() -> None:
    """The chart is asked to pick what is picked beside it, and its zoom is over."""
    st.session_state["asked"] = st.session_state.get("asked", 0) + 1


def chosen_layer(run: str) -> str:
    """Ask for layer and direction where there is more than one."""
    layers = cached.layers(run)
    choices.keep("layer", layers, layers[0])
    if len(layers) > 1:
        st.segmented_control(
            say("app.layer"), layers, key="layer", help=say("app.layer_help"),
            on_change=redraw, required=True,
        )  # fmt: skip
    return str(st.session_state["layer"])


def clicked(key: str, steps: int) -> None:
    """Take over what was picked or dragged over in the chart, which draws its picks by itself."""
    selected = st.session_state[key]["selection"]
    for picked in selected.get("pick", []):
        st.session_state["unit"] = int(picked["unit"])
        st.session_state["step"] = int(picked["time"])
    dragged = selected.get("zoom") or {}
    if dragged != st.session_state.get("dragged", {}):
        st.session_state["dragged"] = dragged
        if in_view.zoom(dragged.get("x", []), steps):
            redraw()


def answered(name: str, checkpoint: int, example: int) -> None:
    """What the network says to this example."""
    answers = cached.answers(name, checkpoint)
    st.caption(
        say(
            "gates.answer", example=example,
            answer=answers.answers[example], target=answers.targets[example],
        )
    )  # fmt: skip


@st.fragment
def body(name: str) -> None:
    """Everything below the choice of the network."""
    run = cached.run_of(name)
    head = st.container()
    layer = chosen_layer(name)
    example_column, slider_column, sort_column = st.columns([0.16, 0.52, 0.32])
    count = len(run.probe().marks)
    choices.keep("example", list(range(count)), examples.longest(run.probe()))
    example = example_column.number_input(
        say("app.example"), 0, count - 1, key="example",
        help=say("app.example_help", count=count),
    )  # fmt: skip
    checkpoint = choices.choose_checkpoint(run, slider_column)
    parts.run_settings(run, checkpoint, head)
    trained = units.layer_of(cached.trace(name, run.steps[-1]), layer)
    sorts = units.sorts(trained, run.probe())
    choices.keep("sort", sorts, sorts[0])
    sort = sort_column.selectbox(
        say("gates.sort"), sorts, key="sort", format_func=lambda key: say(f"gates.sort_{key}"),
        help=say("gates.sort_help", count=count),
    )  # fmt: skip

    whole = cached.gates_view(name, checkpoint, layer, example, sort, False)
    steps = whole.data.shape.steps
    part = in_view.ask(steps, len(whole.data.shape.units), redraw)
    view = cached.gates_part(name, checkpoint, layer, example, sort, part)
    one = view.one()
    telling, direction = units.telling_gate(one)
    marks, shape = view.data.marks, view.seen.shape
    headline = gates_words.headline(one, marks, telling, direction)
    st.markdown(f"**{headline}**")
    if run.task.asks:
        answered(name, checkpoint, example)

    unit, step = picks(view)
    kept = bool(shape.kept_in)
    fade = kept and st.session_state.get("fade", False)
    look = gates.GatesLook(theme=parts.theme(), fade=fade)
    spec = cached.gates_spec(name, checkpoint, layer, example, sort, look, part)
    plot, _ = st.columns([parts.PLOT, parts.LEGEND])
    # as long as only its data change the browser keeps the chart
    key = f"gates-{name}-{layer}"
    plot.vega_lite_chart(
        cached.picked_spec(spec, view, look, unit, asked_picks(key, unit, step)),
        theme=None,
        width="stretch",
        key=key,
        on_select=partial(clicked, key, steps),
        selection_mode=[p["name"] for p in spec["params"] if p["name"] in ("pick", "zoom")],
        alt=gates_words.alternative(shape, run.config.cell),
    )
    pickers(view, kept)

    st.markdown(f"##### {say('gates.look')}")
    state = shape.kept_in or "hidden_state"
    st.markdown("  \n".join(gates_words.look_for(one, marks, telling, state, step)))
    still = gates.GatesLook(theme=parts.theme(), fade=fade, hover=False)
    parts.downloads(
        f"gates-{name}-example{example}", lambda: view.chart(still, (unit, step)), view.table
    )
    parts.python(snippets.gates(name, checkpoint, layer, (unit, step), view, still))
    choices.remember(
        run=name, checkpoint=None if checkpoint == run.steps[-1] else checkpoint,
        example=example, layer=layer if len(cached.layers(name)) > 1 else None,
        sort=sort if sort != sorts[0] else None, unit=unit, step=step, **written(part),
    )  # fmt: skip


def picks(view: gates.GatesView) -> tuple[int, int]:
    """The picked unit and step, or the view's own choice."""
    unit, step = view.picked()
    shape = view.seen.shape
    choices.keep("unit", sorted(shape.units), unit)
    choices.keep("step", list(range(shape.start, shape.end)), step)
    return st.session_state["unit"], st.session_state["step"]


def asked_picks(chart: str, unit: int, step: int) -> tuple[int, int, int]:
    """The picks that the chart is asked for: those when it was last asked, and how often it was.

    A click is drawn by the browser at once; to be asked for it again could undo the next one.
    """
    key = (chart, st.session_state.get("asked", 0))
    asked = st.session_state.get("asked_picks")
    if asked is None or asked[0] != key:
        st.session_state["asked_picks"] = asked = (key, (unit, step))
    return (*asked[1], key[1])


def pickers(view: gates.GatesView, kept: bool) -> None:
    """Unit and step by keyboard, and the fading."""
    unit_column, step_column, fade_column = st.columns([0.2, 0.2, 0.6], vertical_alignment="bottom")
    unit_column.selectbox(
        say("gates.picked_unit"), sorted(view.seen.shape.units), key="unit",
        help=say("gates.picked_unit_help"), on_change=redraw,
    )  # fmt: skip
    step_column.number_input(
        say("gates.picked_step"), view.seen.shape.start, view.seen.shape.end - 1, key="step",
        help=say("gates.picked_step_help"), on_change=redraw,
    )  # fmt: skip
    if kept:
        fade_column.toggle(say("gates.fade"), key="fade", help=say("gates.fade_help"))


choices.require_runs()
choices.restore()
in_view.restore()
st.session_state.pop("asked_picks", None)  # the whole page is drawn anew, with what is picked now
run_name = choices.choose_run(
    *parts.heading(say("gates.title"), say("gates.question")), forget_picks
)
body(run_name)
