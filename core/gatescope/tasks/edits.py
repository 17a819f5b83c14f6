"""A row of a task changed by hand: a mark is moved, a number or a symbol is another one.

What is right of the changed row is told by the task, as of a row that it draws: `edited`.
"""

import re
from dataclasses import dataclass
from typing import Self

from torch import Tensor

from gatescope.errors import say
from gatescope.tasks.base import BLANK, Batch, EditError, Task

STEP = r"\d{1,9}"
TYPED = {".": BLANK, "-": "−"}
"""Symbols that no keyboard has, by what is typed for them."""


@dataclass(frozen=True)
class Edit:
    """What is changed in a row, as text ``12to30,7=0.5``.

    Attributes
    ----------
    moves
        From which step to which a mark is moved; made first.
    cells
        Step and what stands there instead: a number or a symbol as text, one a step.
    """

    moves: tuple[tuple[int, int], ...] = ()
    cells: tuple[tuple[int, str], ...] = ()

    @classmethod
    def read(cls, text: str) -> Self:
        """From text; the same change is the same value, in whichever order it was written.

        Raises
        ------
        EditError
            When the text is none.
        """
        moves: dict[int, int] = {}
        cells: dict[int, str] = {}
        for part in filter(None, text.split(",")):
            if moved := re.fullmatch(rf"({STEP})to({STEP})", part.strip()):
                moves[int(moved[1])] = int(moved[2])
            elif put := re.fullmatch(rf"({STEP})=(\S{{1,32}})", part.strip()):
                cells[int(put[1])] = put[2]
            else:
                raise EditError(say("edit_unreadable", part=repr(part)))
        return cls(tuple(sorted(moves.items())), tuple(sorted(cells.items())))

    def __str__(self) -> str:
        moves = [f"{source}to{target}" for source, target in self.moves]
        return ",".join([*moves, *(f"{step}={what}" for step, what in self.cells)])


def edited(task: Task, batch: Batch, edit: Edit | str, example: int = 0) -> Batch:
    """One example of a batch as it is after a change: its inputs, what is right, and its marks.

    Parameters
    ----------
    task
        Of these examples.
    batch
        The examples; they are not changed.
    edit
        What is changed, as a value or as text; ``""`` changes nothing.
    example
        Which of them.

    Raises
    ------
    EditError
        When the row has no such step or mark, or what is to stand there cannot.

    Examples
    --------
    The second number is moved to the last step, and is 0.5 there:

    >>> from gatescope.tasks import edited, make_task
    >>> task = make_task("adding", length=10)
    >>> batch = task.sample(1, seed=0)
    >>> [mark.step for mark in batch.marks[0]]
    [1, 6]
    >>> own = edited(task, batch, "6to9,1=0.25,9=0.5")
    >>> [mark.step for mark in own.marks[0]], float(own.targets[own.end, 0, 0])
    ([1, 9], 0.75)
    """
    if not task.edits:
        raise EditError(say("edit_impossible"))
    if isinstance(edit, str):
        edit = Edit.read(edit)
    row = batch.inputs[:, example].clone()
    marks = [mark.step for mark in batch.marks[example]]
    end = int(batch.scored[:, example].nonzero()[-1])
    for step in [*(step for move in edit.moves for step in move), *dict(edit.cells)]:
        if not 0 <= step <= end:
            raise EditError(say("edit_step", step=step, last=end))
    if edit.moves:
        _move(task, row, marks, edit)
    for step, what in edit.cells:
        if task.edits == "symbols":
            what = "".join(TYPED.get(sign, sign) for sign in what)
        task.put(row, step, what)
    return task.asked(row.unsqueeze(1))


def _move(task: Task, row: Tensor, marks: list[int], edit: Edit) -> None:
    """Every mark that moves is taken away, and put where it goes: two can change places."""
    if not task.moves:
        raise EditError(say("edit_no_moves"))
    sources, targets = (list(steps) for steps in zip(*edit.moves, strict=True))
    for step in sources:
        if step not in marks:
            raise EditError(say("edit_no_mark", step=step, marks=", ".join(map(str, marks))))
    stay = [step for step in marks if step not in sources]
    for step in targets:
        if [*targets, *stay].count(step) > 1:
            raise EditError(say("edit_same_step", step=step))
    task.move(row, sources, targets)
