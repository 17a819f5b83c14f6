"""Compare: what differs between networks on the same example?"""

from typing import Any

import streamlit as st

from viz_app.app_pages import bench, cached, choices, compare_form, parts
from viz_app.app_pages import cached_compare as sides_of
from viz_app.text import say
from viz_app.views import compare_snippet, compare_words, examples
from viz_app.views.compare import CompareView, GatesLook
from viz_app.views.compare_sides import Aspect, first_aspects

ASKED = "compare_pictures_asked"


def places(sides: compare_form.Sides) -> sides_of.Places:
    """The sides with what they are called."""
    runs = [cached.run_of(name) for name, _ in sides]
    networks = [compare_form.named(name) for name, _ in sides]
    labels = compare_words.labels(networks, runs, [step for _, step in sides])
    return tuple((*side, label) for side, label in zip(sides, labels, strict=True))


def chosen_layer(names: tuple[str, ...]) -> str:
    """Ask for layer and direction where there is more than one that all have."""
    layers = sides_of.layers(names)
    choices.keep("layer", layers, layers[0])
    if len(layers) > 1:
        st.segmented_control(
            say("app.layer"), layers, key="layer", help=say("app.layer_help"), required=True
        )
    return str(st.session_state["layer"])


def chosen_view(found: sides_of.Places, node: str) -> tuple[CompareView, tuple[int, int]]:
    """Ask for example, sorting, unit and signals; returns the view, and unit and step."""
    names = tuple(name for name, _, _ in found)
    batch, (possible, sorts) = sides_of.examples_of(names), sides_of.possible(found, node)
    alike = sides_of.compared(found, node).alike
    shares = [0.14, 0.24, *([0.1] if alike else []), 0.52]
    example_column, sort_column, *unit_columns, signal_column = st.columns(shares)
    count = len(batch.marks)
    choices.keep("example", list(range(count)), examples.longest(batch))
    example = example_column.number_input(
        say("app.example"), 0, count - 1, key="example", help=say("app.example_help", count=count)
    )
    choices.keep("sort", sorts, sorts[0])
    sort = sort_column.selectbox(
        say("compare.sort"), sorts, key="sort", format_func=lambda key: say(f"gates.sort_{key}"),
        help=say("compare.sort_help", count=count),
    )  # fmt: skip
    labels = {aspect.key: aspect.label for aspect in possible}
    key, asked = pictures_key(possible), st.session_state.pop(ASKED, None)
    wanted = st.session_state.get(key) if asked is None else asked
    kept = [name for name in wanted or () if name in labels] or first_aspects(possible)
    unknown = [name for name in asked or () if name not in labels]
    if unknown:
        choices.say_not_there("pictures", ".".join(unknown), list(labels), ".".join(kept))
    st.session_state[key] = kept
    signal_column.pills(
        say("compare.pictures"), list(labels), key=key, selection_mode="multi",
        format_func=lambda name: labels[name], help=say("compare.pictures_help"),
    )  # fmt: skip
    shown = tuple(name for name in labels if name in st.session_state[key])
    view = sides_of.view(found, node, example, shown, sort)
    return view, asked_unit(view, unit_columns)


def pictures_key(possible: list[Aspect]) -> str:
    """Where it is kept which signals are shown: it opens anew where there are others."""
    return f"compare_pictures {' '.join(aspect.key for aspect in possible)}"


def asked_unit(view: CompareView, columns: list[Any]) -> tuple[int, int]:
    """Ask for a unit where it is the same one on all sides, and there is a column for it."""
    if not columns:
        return view.picked()
    units = sorted(view.orders[0])
    choices.keep("unit", units, view.picked()[0])
    return view.picked(
        columns[0].selectbox(say("compare.unit"), units, key="unit", help=say("compare.unit_help"))
    )


def clicked(key: str) -> None:
    """Take over the unit that was clicked in a heatmap."""
    for picked in st.session_state[key]["selection"].get("pick", []):
        st.session_state["unit"] = int(picked["unit"])


def picture(found: sides_of.Places, view: CompareView, picked: tuple[int, int]) -> None:
    """All sides on one example, what differs, and how to have it elsewhere."""
    compared, theme = view.compared, parts.theme()
    keys = tuple(aspect.key for aspect in view.aspects)
    st.markdown(f"**{compare_words.headline(view)}**")
    if compared.task.asks:
        st.table(compare_words.scores(view))
    spec = sides_of.spec(
        found, compared.node, view.example, keys, view.sort, GatesLook(theme=theme), picked
    )
    key = f"compare-{'-'.join(map(str, picked))}"
    plot, _ = st.columns([parts.PLOT, parts.LEGEND])
    selection = {"on_select": lambda: clicked(key), "selection_mode": "pick", "key": key}
    plot.vega_lite_chart(
        dict(spec), theme=None, width="stretch", alt=compare_words.alternative(view),
        **(selection if compared.alike else {}),
    )  # fmt: skip
    st.markdown(f"##### {say('compare.look')}")
    st.markdown("\n".join(f"- {line}" for line in compare_words.look_for(view)))
    st.caption(compare_words.how(view))
    still = GatesLook(theme=theme, hover=False)
    names = "-".join(dict.fromkeys(name for name, _, _ in found))
    parts.downloads(
        f"compare-{names}-example{view.example}", lambda: view.chart(still, picked), view.table
    )
    parts.python(compare_snippet.code(found, view, picked[0], still))


@st.fragment
def same_example(run: str) -> None:
    """Recordings beside one another: the sides, and one example of them."""
    sides = compare_form.ask(run)
    found, names = places(sides), tuple(name for name, _ in sides)
    node = chosen_layer(names)
    view, picked = chosen_view(found, node)
    picture(found, view, picked)
    possible, sorts = sides_of.possible(found, node)
    shown = [aspect.key for aspect in view.aspects]
    choices.remember(
        run=run, **compare_form.address(sides), example=view.example,
        layer=node if len(sides_of.layers(names)) > 1 else None,
        sort=view.sort if view.sort != sorts[0] else None,
        unit=picked[0] if view.compared.alike else None,
        pictures=".".join(shown) if set(shown) != set(first_aspects(possible)) else None,
    )  # fmt: skip


def restore(run: str) -> None:
    """Take over what the address says of this page alone."""
    compare_form.restore(run)
    asked = choices.asked("pictures")
    if asked is not None:
        st.session_state[ASKED] = asked.split(".")


if bench.is_asked():
    bench.show()
    st.stop()
choices.require_runs()
choices.restore()
run_name = choices.choose_run(
    *parts.heading(say("compare.title"), say("compare.question")), choices.forget
)
bench.choose_part()
if not compare_form.ready(run_name):
    st.info(say("compare.nothing_beside"))
    st.stop()
restore(run_name)
same_example(run_name)
