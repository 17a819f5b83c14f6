"""Tasks: what is asked, and what does remembering nothing score?"""

from typing import Any

import streamlit as st

from gatescope import TASKS, make_task
from viz_app.app_pages import choices, parts, task_form
from viz_app.sharing import shared
from viz_app.text import name_of, say
from viz_app.views import tasks, tasks_words
from viz_app.views.settings import Theme

# what is chosen here: the names in the address, and with a prefix in the session
MINE = ("made", *task_form.OPTIONS, "seed")

# how a choice is read from the address, where it is no whole number
READ = {
    "made": str,
    "variant": str,
    "chance": {f"{chance:g}": chance for chance in tasks.CHANCES}.get,
}

MOST_SEED = 9999


def key(name: str) -> str:
    """Where a choice of this page is kept."""
    return f"tasks_{name}"


def restore() -> None:
    """Take over what the address says, where it is not what this session wrote there."""
    for name in MINE:
        if key(name) in st.session_state:
            st.session_state[key(name)] = st.session_state[key(name)]
        choices.take(name, key(name), READ.get(name, choices.whole))


def ask(name: str) -> tuple[dict[str, Any], int]:
    """The options of a task that differ from what they are at first, and the seed."""
    widths = [0.4, *([0.15] * 4)] if tasks.variants(name) else [*([0.15] * 4), 0.4]
    columns = iter(st.columns(widths, vertical_alignment="bottom"))
    options = task_form.options_of(name, key, columns)
    choices.keep(key("seed"), list(range(MOST_SEED + 1)), 0)
    seed: int = next(columns).number_input(
        say("tasks.seed"), 0, MOST_SEED, key=key("seed"), help=say("tasks.seed_help")
    )
    return options, seed


@shared
def finished(
    name: str, options: tuple[tuple[str, Any], ...], seed: int, theme: Theme
) -> dict[str, Any]:
    """The finished chart, shared by all who ask for the same."""
    return tasks.spec(name, dict(options), seed, theme)


def address(name: str, options: dict[str, Any], seed: int) -> dict[str, Any]:
    """What the address says: the task, and what differs from how the page opens."""
    usual = {option.name: option.usual for option in tasks.numbers(name)}
    usual |= {"pulse_chance": 0.1, "variant": (tasks.variants(name) or (None,))[0]}
    changed = {k: value for k, value in options.items() if value != usual.get(k)}
    if "pulse_chance" in changed:
        changed["chance"] = f"{changed.pop('pulse_chance'):g}"
    return {"made": name, "seed": seed or None} | changed


choices.restore()
restore()
beside, _ = parts.heading(say("tasks.title"), say("tasks.question"))
choices.keep(key("made"), list(TASKS), next(iter(TASKS)))
name = beside.selectbox(
    say("tasks.task"), list(TASKS), key=key("made"), on_change=task_form.anew, args=(key,),
    format_func=lambda task: name_of("task", task), help=say("tasks.task_help"),
)  # fmt: skip
options, seed = ask(name)
task = make_task(name, **options)
batch = task.sample(tasks.SHOWN, seed)

asked = tasks_words.asked(name, task, batch)
st.markdown(f"**{asked}**")
told = [tasks_words.counted(batch), tasks_words.right(task), tasks_words.baseline(name, task)]
st.markdown(" ".join(sentence for sentence in told if sentence))
plot, _ = st.columns([0.84, 0.16] if task.input_kind == "pixels" else [0.93, 0.07])
plot.vega_lite_chart(
    dict(finished(name, tuple(options.items()), seed, parts.theme())),
    theme=None,
    width="stretch",
    alt=say(
        "tasks.alt", count=tasks.SHOWN, task=name_of("task", name), steps=task.length, asked=asked
    ),
)
st.caption(say("tasks.how"))
parts.downloads(
    f"task-{name.replace('_', '-')}",
    lambda: tasks.chart(task, batch, theme=parts.theme()),
    lambda: tasks.table(task, batch),
)
parts.python(tasks.snippet(name, options, seed, parts.theme()))
choices.remember(**address(name, options, seed))
