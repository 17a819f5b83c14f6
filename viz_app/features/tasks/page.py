"""Tasks: what is asked, and what does remembering nothing score?"""

from dataclasses import fields

import streamlit as st

from gatescope import TASKS
from viz_app.features import Tasks
from viz_app.features.tasks import words
from viz_app.features.tasks.data import options as options_of
from viz_app.features.tasks.view import SHOWN
from viz_app.kit.choice import KINDS
from viz_app.kit.page import blocks, choices, stage, task_form, window
from viz_app.kit.page import served as cached
from viz_app.text import name_of, say


def key(name: str) -> str:
    """Where a choice of this page is kept."""
    return f"tasks_{name}"


def restore() -> None:
    """Take over what the address says, where it is not what this session wrote there."""
    for part in fields(Tasks):
        name = "made" if part.name == "task" else part.name
        if key(name) in st.session_state:
            st.session_state[key(name)] = st.session_state[key(name)]
        choices.take(name, key(name), KINDS[part.name].read)


def ask(name: str) -> Tasks:
    """Ask for the options of a task, and for the seed."""
    widths = [0.4, *([0.15] * 4)] if "variant" in options_of(name) else [*([0.15] * 4), 0.4]
    columns = iter(st.columns(widths, vertical_alignment="bottom"))
    options = task_form.options_of(name, key, columns)
    chance = options.pop("pulse_chance", None)
    seeds = Tasks(name).among()["seed"]
    choices.keep(key("seed"), seeds.values, seeds.usual)
    seed: int = next(columns).number_input(
        say("tasks.seed"), 0, seeds.values[-1], key=key("seed"), help=say("tasks.seed_help")
    )
    return Tasks(name, **options, chance=chance, seed=seed)


choices.restore()
restore()
beside = stage.heading(say("tasks.title"), say("tasks.question"))
choices.keep(key("made"), list(TASKS), next(iter(TASKS)))
name = beside.selectbox(
    say("tasks.task"), list(TASKS), key=key("made"), on_change=task_form.anew, args=(key,),
    format_func=lambda task: name_of("task", task), help=say("tasks.task_help"),
)  # fmt: skip
view = ask(name)
task, batch = view.data(cached.recordings)

asked = words.asked(name, task, batch)
if asked:
    st.markdown(f"**{asked}**")
told = [words.counted(batch), words.right(task), words.baseline(name, task)]
st.markdown(" ".join(sentence for sentence in told if sentence))
plot, _ = st.columns([0.84, 0.16] if task.input_kind == "pixels" else [0.93, 0.07])
alternative = say(
    "tasks.alt", count=SHOWN, task=name_of("task", name), steps=task.length, asked=asked
)
blocks.chart(view.spec(window.theme(), cached.recordings), alternative, place=plot)
st.caption(say("tasks.how"))
blocks.show_files(view)
choices.remember(**view.brief().to_query())
