"""Start: one scene that plays by itself, and three doors."""

from typing import Any

import streamlit as st

from gatescope import RunError
from gatescope.tasks import EditError
from viz_app.features import Start
from viz_app.features.start.chart_moving import BEGINS
from viz_app.features.start.scene import LSTM, VARIANTS
from viz_app.kit.choice import KINDS
from viz_app.kit.page import blocks, choices, classroom, run_choice, stage, window
from viz_app.kit.page import served as cached
from viz_app.text import say
from viz_app.text.plain import plain

# Where a session keeps the variant, the row's change, and the one with which it is drawn.
VARIANT, OWN, DRAWN = "start_variant", "start_own", "_start_drawn"
# And which rows a link asks for.
PICTURES = "start_pictures"

FIELDS = ("start_step_1", "start_number_1", "start_step_2", "start_number_2")
DOORS = (("new", "lessons"), ("teach", "class"), ("mine", "your_model"))
STYLE = """
.st-key-headline > div:first-child p {font-size: 1rem; font-weight: 400}
.st-key-headline [data-testid="stMarkdownContainer"] {margin: 0}
.st-key-headline {gap: .2rem}
.st-key-picture {padding-right: 0}
.st-key-picture :is(canvas, svg) {touch-action: pan-y}
.st-key-doors {row-gap: .5rem}
.st-key-doors [data-testid="stCaptionContainer"] p {margin: 0; text-align: center}
@media (max-width: 600px) {.st-key-start_variant button {padding: 0 .45rem}}
@keyframes %(begins)s {from {opacity: 1} to {opacity: 1}}
@media (prefers-reduced-motion: no-preference) {
  .st-key-picture svg.marks {animation: %(begins)s 1ms}}
"""


def put(own: str | None) -> None:
    """Change the row; the picture is drawn anew."""
    st.session_state[OWN] = st.session_state[DRAWN] = own


def dragged(key: str, view: Start) -> None:
    """Take over where the marks were dragged to: the picture has them already."""
    for found in st.session_state[key]["selection"].get("moved", []):
        marks = {int(found["m1"]): float(found["n1"]), int(found["m2"]): float(found["n2"])}
        st.session_state[OWN] = view.moved(marks, cached.recordings)


def written(view: Start) -> None:
    """Take over the marks from their fields."""
    first, one, second, other = (st.session_state[name] for name in FIELDS)
    if first != second:
        put(view.moved({int(first): float(one), int(second): float(other)}, cached.recordings))


def ask_marks(place: Any, view: Start) -> None:
    """Where the marks are and what stands there, by keyboard."""
    scene = view.data(cached.recordings)
    place.caption(say("start.move_how"))
    for number, step in enumerate(sorted(scene.marks)):
        columns = place.columns(2)  # of each mark: on a phone they stand below one another
        st.session_state[FIELDS[2 * number]] = step
        st.session_state[FIELDS[2 * number + 1]] = round(float(scene.values[step]), 2)
        columns[0].number_input(
            say(f"start.step_{number + 1}"), 0, len(scene.values) - 1, key=FIELDS[2 * number],
            on_change=written, args=(view,),
        )  # fmt: skip
        columns[1].number_input(
            say(f"start.number_{number + 1}"), 0.0, 1.0, step=0.05, format="%.2f",
            key=FIELDS[2 * number + 1], on_change=written, args=(view,),
        )  # fmt: skip
    place.button(say("start.back"), on_click=put, args=(None,), disabled=view.own is None)


def restore() -> None:
    """Take over what the address says, and what was chosen before."""
    choices.take("variant", VARIANT)
    choices.take("own", OWN)
    rows = choices.address("pictures")
    st.session_state[PICTURES] = rows and KINDS["pictures"].read(rows)
    choices.keep(VARIANT, VARIANTS, VARIANTS[0])
    try:
        Start(own=st.session_state.setdefault(OWN, None)).data(cached.recordings)
    except EditError as error:
        choices.notice(say("start.bad_own", reason=plain(str(error))))
        put(None)


@st.fragment
def scene() -> None:
    """The scene: what is chosen in it draws nothing else anew."""
    here = stage.stage(say("start.title"), axis=0, wide=True)
    st.html(f"<style>{STYLE % {'begins': BEGINS}}</style>")
    phone = here.window.name == "phone"
    marks = here.bar.empty() if phone else None
    here.bar.segmented_control(
        say("start.variant"), VARIANTS, key=VARIANT, required=True, label_visibility="collapsed",
        format_func=lambda name: say(f"start.variant_{name}"),
        on_change=lambda: put(st.session_state[OWN]),
    )  # fmt: skip
    view = Start(st.session_state[VARIANT], st.session_state[OWN], st.session_state[PICTURES])
    ask_marks((marks or here.bar).popover(say("start.move")), view)
    words = view.words(cached.recordings)
    here.head.markdown(say("start.sentence"))
    here.headline(words.headline)
    drawn = view.but(own=st.session_state.get(DRAWN))
    key = f"start-{view.variant}"
    with here.picture:  # another text would have the browser draw it anew while it is used
        blocks.chart(
            drawn.spec(window.look(), cached.recordings),
            drawn.words(cached.recordings).alternative, key=key,
            on_select=lambda: dragged(key, view), selection_mode=["moved"],
        )  # fmt: skip
    doors()
    blocks.folded_files(view)
    choices.remember(**view.brief(cached.recordings).to_query())


def doors() -> None:
    """Three ways on; and on a phone, which a student holds, into a class."""
    phone = window.window().name == "phone"
    place = st.container(key="doors", horizontal=True, gap="small")
    for door, page in DOORS:
        column = place.container(gap=None)
        if column.button(say(f"start.{door}"), key=f"door_{door}", width="stretch"):
            run_choice.open_page(page)
        if not phone:
            column.caption(say(f"start.{door}_how"))
    if phone and not classroom.is_in() and place.button(
        say("start.join"), key="door_join", icon=":material/groups:", width="stretch"
    ):  # fmt: skip
        run_choice.open_page("class")


try:
    cached.run_of(LSTM)
except RunError:
    st.markdown(f"# {say('start.title')}")
    st.info(say("app.no_runs"))
    doors()
else:
    restore()
    st.session_state[DRAWN] = st.session_state.get(OWN)  # the chart begins anew with the page
    scene()
