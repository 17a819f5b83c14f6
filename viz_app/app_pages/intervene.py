"""Intervene: what if it could not forget?"""

import streamlit as st

from gatescope.intervention import Intervention
from viz_app.app_pages import cached, choices, intervene_form, parts
from viz_app.app_pages import cached_intervene as twice
from viz_app.text import name_of, say
from viz_app.views import examples, gates, intervene_snippet, intervene_words
from viz_app.views.intervene_questions import Scene
from viz_app.views.units import shown

MODES = ("lesson", "own")
ADDRESS = {"ask": "intervene_question", "kind": "intervene_kind", "change": "intervene_mode"}


def chosen_layer(run: str) -> str:
    """Ask for layer and direction where there is more than one."""
    layers = cached.layers(run)
    choices.keep("layer", layers, layers[0])
    if len(layers) > 1:
        st.segmented_control(
            say("app.layer"), layers, key="layer", help=say("app.layer_help"), required=True
        )
    return str(st.session_state["layer"])


def lesson(name: str, node: str, scene: Scene) -> tuple[str, bool]:
    """Ask a prepared question, and let it be guessed; returns it, and whether it is revealed."""
    keys = twice.offered(name, node)
    choices.keep("intervene_question", keys, keys[0])
    key = st.pills(
        say("intervene.choose"), keys, key="intervene_question", required=True,
        help=say("intervene.choose_help"), format_func=short, on_change=forget_unit,
    )  # fmt: skip
    st.markdown(intervene_words.ask(key, scene))
    place = f"{name} {node} {key}"
    revealed = st.session_state.setdefault("intervene_revealed", {})
    if place not in revealed:
        ask_for_guess(key, place)
        return key, False
    kept, guess = twice.kept(name, node, key), revealed[place]
    st.markdown(intervene_words.answered(key, kept, guess))
    right, text = intervene_words.verdict(kept, guess)
    (st.success if right else st.info)(text)
    st.caption(intervene_words.rule(cached.run_of(name).task.held_out("test"), kept))
    return key, True


def ask_for_guess(key: str, place: str) -> None:
    """The possible answers, and the button that ends guessing."""
    told, button = st.columns([0.8, 0.2], vertical_alignment="bottom")
    guesses = intervene_words.guesses(key)
    guess = told.radio(
        say("intervene.guess_first"), intervene_words.OUTCOMES, index=None,
        key=f"intervene_guess {place}", format_func=lambda each: guesses[each],
    )  # fmt: skip

    def reveal() -> None:
        st.session_state["intervene_revealed"][place] = guess

    button.button(
        say("intervene.reveal"), type="primary", width="stretch", disabled=guess is None,
        help=say("intervene.reveal_help"), on_click=reveal,
    )  # fmt: skip


def forget_unit() -> None:
    """Another question changes another unit most."""
    st.session_state.pop("unit", None)


def short(key: str) -> str:
    """A question without its details: what stands in bold."""
    return say(f"intervene.question_{key}", **ANY).split("**")[1]


ANY = {"half": 0, "answered": 0, "state": "", "unit": 0, "share": 0.0}


def chosen_signals(
    scene: Scene, first: list[str], column: st.delta_generator.DeltaGenerator, place: str
) -> tuple[str, ...]:
    """Ask which signals have pictures; each question and kind opens on its own."""
    possible = shown(scene.layer)
    chosen = column.pills(
        say("intervene.signals"), possible, key=f"intervene_signals {place}",
        selection_mode="multi", default=first, help=say("intervene.signals_help"),
        format_func=lambda signal: name_of("signal", signal),
    )  # fmt: skip
    if not chosen:
        st.info(say("intervene.no_signals"))
        st.stop()
    return tuple(signal for signal in possible if signal in chosen)


def picture(
    name: str, node: str, what: twice.What, signals: tuple[str, ...], revealed: bool
) -> None:
    """Both runs on one example, what changed, and how to have it elsewhere."""
    run, example = cached.run_of(name), st.session_state["example"]
    view = twice.view(name, node, what, example, signals, revealed)
    picked = view.picked(st.session_state["unit"])
    look = gates.GatesLook(theme=parts.theme())
    done = twice.done(name, node, what)
    plot, _ = st.columns([parts.PLOT, parts.LEGEND])
    plot.vega_lite_chart(
        dict(twice.spec(name, node, what, example, signals, revealed, look, picked)),
        theme=None,
        width="stretch",
        alt=intervene_words.alternative(view, run.config.cell, done),
    )
    if revealed:
        compared = twice.compared(name, node, what)
        st.markdown(f"##### {say('intervene.what_changed')}")
        st.markdown("  \n".join(intervene_words.changes(view, compared)))
    still = gates.GatesLook(theme=parts.theme(), hover=False)
    parts.downloads(
        f"intervene-{name}-example{example}", lambda: view.chart(still, picked), view.table
    )
    if revealed:
        lines = intervene_snippet.code(
            name, node, what, done, example, view, picked, still, scored=run.task.asks
        )
        parts.python(lines)


@st.fragment
def body(name: str) -> None:
    """Everything below the choice of the network."""
    run = cached.run_of(name)
    node = chosen_layer(name)
    scene = twice.scene(name, node)
    modes = MODES if run.task.asks else MODES[1:]  # a lesson asks what becomes of the score
    choices.keep("intervene_mode", list(modes), modes[0])
    mode = st.segmented_control(
        say("intervene.mode"), modes, key="intervene_mode", required=True,
        format_func=lambda each: say(f"intervene.mode_{each}"), help=say("intervene.mode_help"),
    )  # fmt: skip
    what: str | tuple[Intervention, ...]
    if mode == "lesson":
        what, revealed = lesson(name, node, scene)
        first, place = intervene_words.signals_first(what, scene), what
    else:
        intervention = intervene_form.own(node, scene.layer)
        what, revealed = (intervention,), True
        first = intervene_form.signals_first(intervention, scene.layer)
        place = f"{type(intervention).__name__} {first[0]}"
    count = len(run.probe().marks)
    choices.keep("example", list(range(count)), examples.longest(run.probe()))
    example = st.session_state["example"]
    if revealed and run.task.asks:
        compared = twice.compared(name, node, what)
        kept, task = twice.kept(name, node, what), run.task.held_out("test")
        st.table(intervene_words.scores(kept, compared, task, example))
    columns = st.columns([0.16, 0.16, 0.68])
    columns[0].number_input(
        say("app.example"), 0, count - 1, key="example",
        help=say("app.example_help", count=count),
    )  # fmt: skip
    signals = chosen_signals(scene, first, columns[2], f"{name} {node} {place}")
    telling = twice.view(name, node, what, example, signals, True).picked()[0]
    units = list(range(scene.layer.sizes["unit"]))
    choices.keep("unit", units, telling)
    columns[1].selectbox(say("intervene.unit"), units, key="unit", help=say("intervene.unit_help"))
    picture(name, node, what, signals, revealed)
    choices.remember(
        run=name, example=example, layer=node if len(cached.layers(name)) > 1 else None,
        change=mode if mode != MODES[0] else None, unit=st.session_state["unit"],
        ask=what if isinstance(what, str) else None,
        kind=None if isinstance(what, str) else st.session_state["intervene_kind"],
    )  # fmt: skip


choices.require_runs()
choices.restore()
for name, place in ADDRESS.items():
    choices.take(name, place)
run_name = choices.choose_run(
    *parts.heading(say("intervene.title"), say("intervene.question")), choices.forget
)
parts.run_settings(cached.run_of(run_name))
body(run_name)
