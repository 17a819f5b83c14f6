"""Tasks: what is asked, and what does remembering nothing score?"""

from dataclasses import fields
from itertools import repeat

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gatescope import TASKS
from viz_app.features import Tasks
from viz_app.features.tasks import words
from viz_app.features.tasks.chart_lanes import MARGIN, scaled
from viz_app.kit.choice import KINDS
from viz_app.kit.page import blocks, choices, stage, task_form, window
from viz_app.kit.page import served as cached
from viz_app.text import name_of, say

# Pixels for a task's name, and for the picture that stands beside a row of pixels.
TASK_WIDTH, PICTURE = 240, 84


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


def ask(name: str, place: DeltaGenerator) -> Tasks:
    """Ask for the options of a task, and for the seed."""
    columns = repeat(place)
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
choices.keep(key("made"), list(TASKS), next(iter(TASKS)))
drawn_beside = TASKS[st.session_state[key("made")]].input_kind == "pixels"
margin = scaled(MARGIN, window.window().type_size)
here = stage.stage(say("tasks.title"), axis=margin + (PICTURE if drawn_beside else 0))
name = here.bar.selectbox(
    say("tasks.task"), list(TASKS), key=key("made"), on_change=task_form.anew, args=(key,),
    format_func=lambda task: name_of("task", task), help=say("tasks.task_help"),
    width=window.scaled(TASK_WIDTH),
)  # fmt: skip
view = ask(name, here.controls)
task, batch = view.data(cached.recordings)

asked = words.asked(name, task, batch)
if asked:
    here.headline(asked)
told = [words.counted(batch), words.right(task), words.baseline(name, task), say("tasks.how")]
here.look_for([sentence for sentence in told if sentence])
with here.picture:
    blocks.chart(view.spec(window.look(), cached.recordings), view.alternative(cached.recordings))
with here.more:
    blocks.folded_files(view)
choices.remember(**view.brief().to_query())
