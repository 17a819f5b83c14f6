"""Which network: the runs that a reader can choose, and how they are asked for."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from gatescope import Run, RunError
from viz_app.kit import environment
from viz_app.kit.choice import KINDS
from viz_app.kit.library import Library, group, prepared
from viz_app.kit.page import choices, uploads, window
from viz_app.kit.page import served as cached
from viz_app.kit.run_words import task_label
from viz_app.kit.words import some
from viz_app.pages import script
from viz_app.text import name_of, say
from viz_app.text.plain import NAME, bare, plain, sentence

OWN = "own_runs"
"""Where a session keeps the names of the runs that were trained from a page and opened in it."""

TASK_WIDTH = 196
"""Pixels for a task's name and its length."""

MOST_SIZES = 3
"""Of more networks on one cell one is chosen from a list."""

OTHERS_OF = "_others_of"
"""Where a session keeps the run beside which its others were chosen."""


def shelf() -> Library:
    """The runs that this reader can choose: the library's, and those of one's own.

    A run that was trained from a page is one's own when it is asked for by its name.
    """
    library = cached.library()
    asked, names = st.session_state.get("run"), list(st.session_state.get(OWN, ()))
    if isinstance(asked, str) and asked not in library.runs and asked not in names:
        names.append(asked)
    if not names:
        return library
    own = {}
    for name in names:
        with suppress(RunError):
            own[name] = cached.run_of(name)
    st.session_state[OWN] = tuple(own)
    if asked in own:
        uploads.opened(str(asked))
    return Library(library.runs | own, library.left_out)


def require_run(library: Library) -> None:
    """Make sure that a run is chosen; say so where the one that is asked for is not there."""
    say_if_missing(library)
    choices.keep("run", list(library.runs), next(iter(library.runs)))


def say_if_missing(library: Library) -> None:
    """Say that the run that is asked for is not there, and ask for none."""
    name = st.session_state.get("run")
    if name is not None and name not in library.runs:
        choices.notice(say("app.no_such_run", name=plain(name, NAME)))
        choices.forget()
        choices.linked("run")
        del st.session_state["run"]


def task_of(library: Library, run: str) -> str:
    """A task with its length, as a person would say it."""
    task = library.runs[run].task
    return task_label(library.runs[run].config.task, task.length)


def cell_of(
    library: Library, run: str, among: list[str], shown: Callable[[str, int], str] = plain
) -> str:
    """A cell's name; where runs share it, their names too, ``shown`` as what.

    Prepared ones are told apart by their size: the first by nothing, the others by their units.
    """
    cells = {name: library.runs[name].config.cell for name in among}
    label = name_of("cell", cells[run])
    own: tuple[str, ...] = st.session_state.get(OWN, ())
    if run in own:
        return say("app.own_label", cell=label, number=own.index(run) + 1)
    same = [name for name, cell in cells.items() if name not in own and cell == cells[run]]
    if len(same) == 1:
        return label
    if prepared().issuperset(same) and (units := apart_by_units(library, run, same)):
        return label if run == same[0] else say("app.size_label", cell=label, units=units)
    return say("app.run_label", cell=label, name=shown(run, NAME))


def apart_by_units(library: Library, run: str, names: Sequence[str]) -> str:
    """How many units a run has, where that tells it from every other; else nothing."""
    sizes = [library.runs[name].config.hidden_size for name in names]
    size = library.runs[run].config.hidden_size
    return some("units", size) if len(set(sizes)) == len(sizes) else ""


def choose_run(place: Any, on_change: Callable[[], None]) -> str:
    """Ask for task and cell; a new task keeps the cell where it can."""
    library = shelf()
    groups = library.groups()
    require_run(library)
    _ask_task(place, groups, on_change)
    names = _one_a_cell(library)
    run: str = place.segmented_control(
        say("app.cell"),
        names,
        key="run",
        format_func=lambda name: cell_of(library, name, names),
        help=say("app.cell_help"),
        on_change=on_change,
        required=True,
        label_visibility="collapsed",
    )
    _ask_size(place, library, on_change)
    return run


def _one_a_cell(library: Library) -> list[str]:
    """The runs that are offered by their cell: one for each, and all that are one's own."""
    run, own = st.session_state["run"], st.session_state.get(OWN, ())
    names = library.groups()[st.session_state["task"]]
    shared = {name: library.runs[name] for name in names if name not in own}
    alike = [name for name in library.of_its_cell(run) if name in shared]
    first = run if run in shared else next(iter([*alike, *shared]), None)
    shown = {*own, *(Library(shared, {}).beside(first) if first else ())}
    return [name for name in names if name in shown]


def _ask_size(place: Any, library: Library, on_change: Callable[[], None]) -> None:
    """Which of several networks of the chosen cell, where there are several."""
    own = st.session_state.get(OWN, ())
    names = [name for name in library.of_its_cell(st.session_state["run"]) if name not in own]
    if st.session_state["run"] not in names or len(names) == 1:
        return

    def changed() -> None:
        st.session_state["run"] = st.session_state["size"]
        on_change()

    st.session_state["size"] = st.session_state["run"]
    few = len(names) <= MOST_SIZES
    how: dict[str, Any] = {"required": True} if few else {}
    shown = plain if few else bare  # a list reads no markdown
    (place.segmented_control if few else place.selectbox)(
        say("app.size"), names, key="size", on_change=changed, label_visibility="collapsed",
        format_func=lambda name: apart_by_units(library, name, names) or shown(name, NAME), **how,
    )  # fmt: skip


def choose_task(place: Any) -> list[str]:
    """Ask for a task, and which networks on it are shown; the chosen one is among them."""
    library = shelf()
    require_run(library)
    _ask_task(place, library.groups(), choices.forget)
    _ask_size(place, library, choices.forget)
    run = st.session_state["run"]
    usual = beside(run)
    others = _ask_others(place, library, [name for name in usual if name != run])
    return list(usual) if {run, *others} == set(usual) else [run, *others]


def _ask_others(place: Any, library: Library, usual: list[str]) -> list[str]:
    """Ask for the networks beside the chosen one: another run of a cell only where a link asks."""
    choices.take("others", read=lambda text: list(KINDS["others"].read(text)))
    run, link = st.session_state["run"], choices.linked("others")
    if link is None and st.session_state.get(OTHERS_OF) != run:
        st.session_state.pop("others", None)
    st.session_state[OTHERS_OF] = run
    names = library.groups()[st.session_state["task"]]
    wanted, shown = st.session_state.get("others", usual), {library.runs[run].config.cell: run}
    for name in wanted:
        if name in names:
            shown.setdefault(library.runs[name].config.cell, name)
    others = [name for name in shown.values() if name != run]
    if link is not None and (missing := [name for name in wanted if name not in others]):
        there = [name for name in names if name != run]
        choices.say_not_there(link[0], ",".join(missing), there, ",".join(others))
    st.session_state["others"] = others
    options = list(dict.fromkeys([*usual, *others]))
    if options:
        label = say("app.others_label", cell=cell_of(library, run, names))
        place.popover(say("app.others"), help=say("app.others_help")).pills(
            label, options, key="others", selection_mode="multi",
            format_func=lambda name: cell_of(library, name, [run, *options]),
        )  # fmt: skip
    chosen = st.session_state["others"]
    return [name for name in options if name in chosen]


def beside(run: str) -> tuple[str, ...]:
    """One run a cell on the same task as a run, which is among them."""
    return shelf().beside(run)


def several(names: Sequence[str]) -> tuple[str, tuple[str, ...] | None]:
    """The chosen run and those beside it, as a view has them: None where they are the usual."""
    run = st.session_state["run"]
    if tuple(names) == cached.recordings.beside(run):
        return run, None
    return run, tuple(name for name in names if name != run)


def require_runs() -> None:
    """Say what is wrong with the runs; end the page where there are none."""
    library = cached.library()
    for fault in environment.faults():
        st.warning(sentence(fault))
    for name, reason in library.left_out.items():
        st.warning(say("app.bad_run", name=plain(name, NAME), reason=plain(reason)))
    if not library.runs:
        st.info(say("app.no_runs"))
        st.stop()


def open_page(page: str, run: str = "") -> None:
    """Go to another page, on a run where one is named."""
    if run:
        choices.forget()
        st.session_state["run"] = run
    st.switch_page(script(page))


def open_on(label: str, run: str, pages: Sequence[str]) -> None:
    """A button for each of some pages that show a run."""
    st.markdown(label)
    with st.container(horizontal=True):
        for page in pages:
            if st.button(say(f"app.{page}"), key=f"open_{page}"):
                open_page(page, run)


def require_common_end(run: Run) -> None:
    """End the page with a sentence where the examples of a run do not end at the same step."""
    if not run.probe().scored[-1].all():
        choices.remember(run=st.session_state["run"])
        st.info(say("app.ends_differ"))
        st.stop()


def _ask_task(place: Any, groups: dict[str, list[str]], on_change: Callable[[], None]) -> None:
    """The task's own widget; another task keeps the cell where it can."""
    library = shelf()

    def changed() -> None:
        if "run" not in st.session_state:  # a class has called its browser elsewhere meanwhile
            return
        names = groups[st.session_state["task"]]
        cell = library.runs[st.session_state["run"]].config.cell
        same = [name for name in names if library.runs[name].config.cell == cell]
        st.session_state["run"] = (same or names)[0]
        on_change()

    st.session_state["task"] = group(library.runs[st.session_state["run"]])
    place.selectbox(
        say("app.run"),
        list(groups),
        key="task",
        format_func=lambda key: task_of(library, groups[key][0]),
        help=say("app.run_help"),
        on_change=changed,
        width=window.scaled(TASK_WIDTH),
        label_visibility="collapsed",
    )
