"""A reader's own input: an example in which a mark is moved, a number or a symbol is another one.

What is changed is a text, as `gatescope.tasks.edited` takes it, in the session and in the address.
It stays while the task and the example do, whichever network or page looks at it.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from gatescope import Batch, Task
from gatescope.tasks import Edit, EditError, edited
from viz_app.kit.library import group
from viz_app.kit.page import choices
from viz_app.kit.page import served as cached
from viz_app.kit.page.stage import Stage
from viz_app.kit.view import ViewError
from viz_app.kit.view_of_runs import OfAnExample
from viz_app.kit.words import joined
from viz_app.text import say
from viz_app.text.plain import plain

V = TypeVar("V", bound=OfAnExample)
Change = Callable[[], None]

OWN, OF, FOLD = "own", "_own_of", "own_fold"
"""Where a session keeps what is changed, the example in which it is, and whether the widgets are
open."""


def restore() -> None:
    """Take over what a link asks for."""
    choices.take(OWN)


def ask(view: V, here: Stage, on_change: Change | None = None) -> V:
    """Ask for changes of the example, folded; returns the view with them.

    Parameters
    ----------
    view
        With its example.
    here
        The page.
    on_change
        What else a change brings about.
    """
    run = cached.run_of(view.run)
    _forget_of_another((group(run), view.number))
    if not run.task.edits:
        st.session_state.pop(OWN, None)
        choices.linked(OWN)
        return view
    view = _possible(view)
    told = here.controls.container()
    changed = bool(view.own)
    # what is folded is not drawn: it would take a fifth of the page's CPU
    fold = here.controls.expander(say("own.label"), changed, key=FOLD, on_change="rerun")
    if changed or fold.open:
        batch = cached.recordings.batch(view.run)
        _Widgets(run.task, batch, view, told, fold, on_change).draw()
    return view


def _forget_of_another(example: tuple[Any, ...]) -> None:
    """Another example is seen as it was drawn; what a link asks for belongs to the one it names."""
    linked = choices.linked(OWN) is not None
    if not linked and st.session_state.get(OF) != example:
        st.session_state.pop(OWN, None)
    st.session_state[OF] = example


def _possible(view: V) -> V:
    """With what is changed, where that can be; else it is said why not."""
    own = str(st.session_state.get(OWN) or "")
    if not own:
        return view
    try:
        return view.but(own=own).complete(cached.recordings)
    except ViewError as error:
        choices.notice(say("own.refused", reason=plain(str(error))))
        st.session_state.pop(OWN)
        return view


class _Widgets:
    """The widgets of one example. Each shows what is there, and writes what it is changed to."""

    def __init__(
        self, task: Task, batch: Batch, view: OfAnExample, told: Any, place: Any,
        on_change: Change | None,
    ) -> None:  # fmt: skip
        self.task, self.batch, self.example = task, batch, view.number
        self.told, self.place, self.on_change = told, place, on_change
        self.edit = Edit.read(view.own or "")
        self.shown = self._row(self.edit)
        self.end = int(batch.scored[:, self.example].nonzero()[-1])

    def draw(self) -> None:
        """What is changed, and all that changes it."""
        if self.edit != Edit():
            self.told.markdown(say("own.changed", changes=self._told()))
            self.told.button(
                say("own.back"), key="own_back", width="stretch", on_click=self._put, args=(Edit(),)
            )
        with self.place:
            if self.task.moves:
                for number, source in enumerate(self._marks(), start=1):
                    self._mark(number, source)
            step = self._step()
            key = "own.number" if self.task.edits == "numbers" else "own.symbol"
            self._cell(step, say(key, step=step), f"own_cell {step}")

    def _mark(self, number: int, source: int) -> None:
        """Where a mark stands, and what stands there."""
        step = dict(self.edit.moves).get(source, source)
        key = f"own_mark {source}"
        st.session_state[key] = step
        st.slider(
            say("own.mark_step", number=number), 0, self.end, key=key,
            on_change=lambda: self._move(source, st.session_state[key]),
        )  # fmt: skip
        kind = "number" if self.task.edits == "numbers" else "symbol"
        self._cell(step, say(f"own.mark_{kind}", number=number), f"own_at {source} {step}")

    def _step(self) -> int:
        """Any step."""
        kept = st.session_state.get("own_step", 0)
        st.session_state["own_step"] = min(kept, self.end)
        return int(st.number_input(say("own.step"), 0, self.end, key="own_step"))

    def _cell(self, step: int, label: str, key: str) -> None:
        """What stands at a step."""
        put = partial(self._cell_changed, step, key)
        if self.task.edits == "numbers":
            low, high = self.task.value_range
            st.session_state[key] = round(float(self.shown.inputs[step, 0, 0]), 2)
            st.slider(label, low, high, step=0.01, key=key, on_change=put)
            return
        options = self.task.instead(self.shown.inputs[:, 0], step)
        if not options:
            st.caption(say("own.fixed", step=step))
            return
        st.session_state[key] = _text(self.task, self.shown, step)
        if len(options) <= MOST_BUTTONS:
            st.segmented_control(label, options, key=key, on_change=put, required=True)
        else:
            st.selectbox(label, options, key=key, on_change=put)

    def _cell_changed(self, step: int, key: str) -> None:
        value = st.session_state[key]
        cells = dict(self.edit.cells)
        cells[step] = f"{value:g}" if isinstance(value, float) else value
        before = self._row(Edit(self.edit.moves))
        if cells[step] == _text(self.task, before, step):
            del cells[step]
        self._put(Edit(self.edit.moves, tuple(sorted(cells.items()))))

    def _move(self, source: int, target: int) -> None:
        moves = dict(self.edit.moves) | {source: target}
        if source == target:
            del moves[source]
        self._put(Edit(tuple(sorted(moves.items())), self.edit.cells))

    def _put(self, edit: Edit) -> None:
        """Take a change over; one that cannot be leaves all as it is."""
        try:
            self._row(edit)
        except EditError as error:
            st.toast(say("own.impossible", reason=plain(str(error))))
            return
        st.session_state[OWN] = str(edit)
        st.session_state[FOLD] = True
        if self.on_change is not None:
            self.on_change()

    def _row(self, edit: Edit) -> Batch:
        return edited(self.task, self.batch, edit, self.example)

    def _marks(self) -> list[int]:
        return sorted(mark.step for mark in self.batch.marks[self.example])

    def _told(self) -> str:
        """What is changed, in words."""
        moved = [say("own.moved", source=a, target=b) for a, b in self.edit.moves]
        put = [say("own.put", step=step, what=plain(what)) for step, what in self.edit.cells]
        return joined([*moved, *put])


MOST_BUTTONS = 8
"""Symbols that stand side by side; more are a list."""


def _text(task: Task, batch: Batch, step: int) -> str:
    """What stands at a step, as a change would write it."""
    if task.edits == "numbers":
        return f"{round(float(batch.inputs[step, 0, 0]), 2):g}"
    return task.spell(batch.inputs[:, 0])[step]
