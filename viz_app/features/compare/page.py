"""Compare: what differs between networks on the same example?"""

from typing import Any

import streamlit as st

from viz_app.features import Compare
from viz_app.features.benchmark import block as bench
from viz_app.features.compare import form as compare_form
from viz_app.features.compare import words as compare_words
from viz_app.features.compare.data import CompareView
from viz_app.features.compare.sides import aspects
from viz_app.features.compare.view import Sides
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.page import ask, blocks, choices, run_choice, stage, window
from viz_app.kit.page import served as cached
from viz_app.kit.page.stage import Stage
from viz_app.kit.words import some
from viz_app.text import say

AXIS = 8  # pixels of a picture's axes beside its labels


def of_sides(sides: Sides) -> Compare:
    """The view of these sides, called as they are called in this browser."""
    runs = [cached.run_of(name) for name, _ in sides]
    networks = [compare_form.named(name) for name, _ in sides]
    labels = compare_words.labels(networks, runs, [step for _, step in sides])
    return Compare.beside(sides, cached.recordings).but(labels=tuple(labels))


def chosen_view(view: Compare, here: Stage) -> tuple[Compare, Compare]:
    """Ask for example, signals, unit and sorting; returns the view as the address has it, and as
    it is drawn.
    """
    view = ask.view(view)
    ask.layer(view, place=here.bar)
    ask.example(view, here.bar)
    compared = view.compared(cached.recordings)
    possible = aspects(compared.layers)
    labels = {aspect.key: aspect.label for aspect in possible}
    first = view.opening(cached.recordings)
    asked = ask.pictures(
        labels, first, f"compare_pictures {' '.join(labels)}", here.controls,
        label=say("compare.pictures"), help_text=say("compare.pictures_help"),
    )  # fmt: skip
    seen = view.but(pictures=asked or first)
    if compared.alike:
        seen = seen.but(unit=asked_unit(seen, here.controls))
    here.controls.selectbox(
        say("compare.sort"), view.among(cached.recordings)["sort"].values, key="sort",
        format_func=lambda key: say(f"gates.sort_{key}"),
        help=say("compare.sort_help", examples=some("examples", len(compared.batch.marks))),
    )  # fmt: skip
    return seen.but(pictures=asked), seen


def asked_unit(view: Compare, place: Any) -> int:
    """Ask for a unit, which is the same one on all sides."""
    seen = view.data(cached.recordings)
    units = sorted(seen.orders[0])
    choices.keep("unit", units, seen.picked()[0])
    unit: int = place.selectbox(
        say("compare.unit"), units, key="unit", help=say("compare.unit_help")
    )
    return unit


def clicked(key: str) -> None:
    """Take over the unit that was clicked in a heatmap."""
    for picked in st.session_state[key]["selection"].get("pick", []):
        st.session_state["unit"] = int(picked["unit"])


def picture(view: Compare, seen: CompareView, look: GatesLook, here: Stage) -> None:
    """All sides on one example, and what differs."""
    here.headline(compare_words.headline(seen))
    key = f"compare-{'-'.join(map(str, view.picked(cached.recordings)))}"
    selection: dict[str, Any] = {
        "on_select": lambda: clicked(key),
        "selection_mode": "pick",
        "key": key,
    }
    blocks.chart(
        view.spec(look, cached.recordings), compare_words.alternative(seen), place=here.picture,
        **(selection if seen.compared.alike else {}),
    )  # fmt: skip
    here.look_for(compare_words.look_for(seen))
    if seen.compared.task.asks:
        here.told.table(compare_words.scores(seen))


def files(view: Compare, seen: CompareView, here: Stage) -> None:
    """What is folded: how to read it, the networks' settings, files, and the same in Python."""
    with here.more:
        with st.expander(say("compare.how")):
            st.markdown(compare_words.how(seen))
        with st.expander(say("app.settings_of_run")):
            for side in seen.compared.sides:
                blocks.run_settings(side.run, side.step)
        blocks.folded_files(view)


@st.fragment
def body() -> None:
    """The whole part of the page that shows one example."""
    look = GatesLook.of(window.look())
    here = stage.stage(say("compare.title"), axis=look.margin + AXIS)
    with here.bar:
        bench.choose_part()
    if st.session_state[bench.PART] != bench.PARTS[0]:
        st.rerun()
    run = run_choice.choose_run(here.bar, choices.forget)
    if not compare_form.ready(run):
        here.head.info(say("compare.nothing_beside"))
        return
    compare_form.restore(run)
    sides = compare_form.ask(run, here.bar, here.more.expander(say("compare.sides")))
    view, drawn = chosen_view(of_sides(sides), here)
    seen = drawn.data(cached.recordings)
    picture(drawn, seen, look, here)
    files(drawn, seen, here)
    choices.remember(**view.but(labels=None).brief(cached.recordings).to_query())


if bench.is_asked():
    bench.show()
    st.stop()
run_choice.require_runs()
choices.restore()
ask.restore_pictures()
body()
