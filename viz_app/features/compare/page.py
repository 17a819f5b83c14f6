"""Compare: what differs between networks on the same example?"""

from typing import Any

import streamlit as st

from viz_app.features import Compare
from viz_app.features.benchmark import block as bench
from viz_app.features.compare import form as compare_form
from viz_app.features.compare import words as compare_words
from viz_app.features.compare.sides import aspects, first_aspects
from viz_app.features.compare.view import Sides
from viz_app.kit.page import ask, blocks, choices, run_choice, stage, window
from viz_app.kit.page import served as cached
from viz_app.text import say


def of_sides(sides: Sides) -> Compare:
    """The view of these sides, called as they are called in this browser."""
    runs = [cached.run_of(name) for name, _ in sides]
    networks = [compare_form.named(name) for name, _ in sides]
    labels = compare_words.labels(networks, runs, [step for _, step in sides])
    return Compare.beside(sides, cached.recordings).but(labels=tuple(labels))


def chosen_view(view: Compare) -> Compare:
    """Ask for example, sorting, unit and signals."""
    view = ask.view(view)
    compared = view.compared(cached.recordings)
    ask.layer(view)
    shares = [0.14, 0.24, *([0.1] if compared.alike else []), 0.52]
    example_column, sort_column, *unit_columns, signal_column = st.columns(shares)
    ask.example(view, example_column)
    sort_column.selectbox(
        say("compare.sort"), view.among(cached.recordings)["sort"].values, key="sort",
        format_func=lambda key: say(f"gates.sort_{key}"),
        help=say("compare.sort_help", count=len(compared.batch.marks)),
    )  # fmt: skip
    possible = aspects(compared.layers)
    labels = {aspect.key: aspect.label for aspect in possible}
    view = view.but(
        pictures=ask.pictures(
            labels, first_aspects(possible), f"compare_pictures {' '.join(labels)}", signal_column,
            label=say("compare.pictures"), help_text=say("compare.pictures_help"),
        )
    )  # fmt: skip
    return view.but(unit=asked_unit(view, unit_columns[0])) if unit_columns else view


def asked_unit(view: Compare, column: Any) -> int:
    """Ask for a unit, which is the same one on all sides."""
    seen = view.data(cached.recordings)
    units = sorted(seen.orders[0])
    choices.keep("unit", units, seen.picked()[0])
    unit: int = column.selectbox(
        say("compare.unit"), units, key="unit", help=say("compare.unit_help")
    )
    return unit


def clicked(key: str) -> None:
    """Take over the unit that was clicked in a heatmap."""
    for picked in st.session_state[key]["selection"].get("pick", []):
        st.session_state["unit"] = int(picked["unit"])


def picture(view: Compare) -> None:
    """All sides on one example, what differs, and how to have it elsewhere."""
    seen = view.data(cached.recordings)
    st.markdown(f"**{compare_words.headline(seen)}**")
    if seen.compared.task.asks:
        st.table(compare_words.scores(seen))
    key = f"compare-{'-'.join(map(str, view.picked(cached.recordings)))}"
    selection = {"on_select": lambda: clicked(key), "selection_mode": "pick", "key": key}
    blocks.plot(
        view.spec(window.theme(), cached.recordings), compare_words.alternative(seen),
        **(selection if seen.compared.alike else {}),
    )  # fmt: skip
    st.markdown(f"##### {say('compare.look')}")
    st.markdown("\n".join(f"- {line}" for line in compare_words.look_for(seen)))
    st.caption(compare_words.how(seen))
    blocks.show_files(view)


@st.fragment
def same_example(run: str) -> None:
    """Recordings beside one another: the sides, and one example of them."""
    sides = compare_form.ask(run)
    view = chosen_view(of_sides(sides))
    picture(view)
    choices.remember(**view.but(labels=None).brief(cached.recordings).to_query())


if bench.is_asked():
    bench.show()
    st.stop()
run_choice.require_runs()
choices.restore()
run_name = run_choice.choose_run(
    stage.heading(say("compare.title"), say("compare.question")), choices.forget
)
bench.choose_part()
if not compare_form.ready(run_name):
    st.info(say("compare.nothing_beside"))
    st.stop()
compare_form.restore(run_name)
ask.restore_pictures()
same_example(run_name)
