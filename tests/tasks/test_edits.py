"""Rows that are changed by hand: the task says what is right of them."""

from typing import Any

import pytest
import torch

from gatescope.tasks import TASKS, Batch, Edit, EditError, Task, edited, make_task
from tests.tasks.test_every_task import OPTIONS, parts

CASES = [(name, options) for name, rows in OPTIONS.items() for options in rows if TASKS[name].edits]


def one_of(batch: Batch, example: int) -> Batch:
    some = slice(example, example + 1)
    return Batch(
        batch.inputs[:, some], batch.targets[:, some], batch.scored[:, some], batch.marks[some]
    )


def adding(values: list[float], marked: list[int]) -> tuple[Task, Batch]:
    """A row of the adding problem by hand, with what is right of it."""
    task = make_task("adding", length=len(values))
    marks = torch.tensor([float(step in marked) for step in range(len(values))])
    return task, task.asked(torch.stack([torch.tensor(values), marks], dim=-1).unsqueeze(1))


@pytest.mark.parametrize(("name", "options"), CASES)
def test_an_unchanged_row_is_that_of_the_generator(name: str, options: dict[str, Any]) -> None:
    """Inputs, targets, scored steps and marks, of every example, which are not changed."""
    task = make_task(name, **options)
    batch = task.sample(7, seed=3)
    before = parts(batch)
    for example in range(7):
        assert parts(edited(task, batch, "", example)) == parts(one_of(batch, example))
    assert parts(batch) == before


@pytest.mark.parametrize(("name", "options"), CASES)
def test_whatever_can_be_put_somewhere_gives_a_row_of_the_task(
    name: str, options: dict[str, Any]
) -> None:
    """Of symbols: every one at every step, one at a time; it stands there, and nothing else does
    so.
    """
    task = make_task(name, **options)
    if task.edits != "symbols":
        return
    batch = task.sample(2, seed=5)
    row = batch.inputs[:, 1]
    for step in range(min(task.length, 12)):
        for what in task.instead(row, step):
            own = edited(task, batch, f"{step}={what}", 1)
            others = [k for k in range(task.length) if k != step]
            assert torch.equal(own.inputs[others, 0], row[others])
            assert task.spell(own.inputs[:, 0])[step] == what


def test_the_sum_of_the_marked_numbers() -> None:
    """The row of the docstring: .42 + .23; one of them is another, a mark is moved, both."""
    task, batch = adding([0.83, 0.17, 0.42, 0.96, 0.05, 0.61, 0.33, 0.23, 0.78, 0.40], [2, 7])
    for edit, total, marks in (
        ("", 0.65, [2, 7]),
        ("7=0.5", 0.92, [2, 7]),
        ("3=0.5", 0.65, [2, 7]),
        ("7to8", 1.20, [2, 8]),
        ("2to7,7to2", 0.65, [2, 7]),
        ("2to7,7to0,0=1", 1.23, [0, 7]),
    ):
        own = edited(task, batch, edit)
        assert float(own.targets[-1, 0, 0]) == pytest.approx(total)
        assert [mark.step for mark in own.marks[0]] == marks
    assert own.marks[0][0].label == "1.00"


def test_the_published_adding_problem_keeps_its_ends() -> None:
    """The first step is marked -1 where it is none of the two, and its number is 0 where it is."""
    task = make_task("adding", variant="hs97", length=30)
    batch = task.sample(1, seed=1)
    first, second = (mark.step for mark in batch.marks[0])
    one, other = (float(batch.inputs[step, 0, 0]) for step in (first, second))
    assert first > 0
    own = edited(task, batch, f"{first}to0")
    assert own.inputs[0, 0].tolist() == [0, 1]
    assert own.inputs[first, 0].tolist() == [pytest.approx(one), 0]
    assert float(own.targets[own.end, 0, 0]) == pytest.approx(0.5 + other / 4)
    back = edited(task, own, f"0to{first}")
    assert back.inputs[0, 0].tolist() == [0, -1]
    assert float(back.targets[back.end, 0, 0]) == pytest.approx(0.5 + (one + other) / 4)
    assert own.end == batch.end == back.end
    for edit in (f"{second}to{batch.end}", f"{first}to0,0=0.5"):
        with pytest.raises(EditError, match="the same in every example"):
            edited(task, batch, edit)


def test_special_symbols_are_others_and_change_places() -> None:
    """Temporal order: what is right follows them; the others move out of their way."""
    task = make_task("temporal_order", length=20)
    batch = task.sample(5, seed=1)
    for example in range(5):
        before = task.answer(one_of(batch, example))
        spelled = task.spell(batch.inputs[:, example])
        first, second = (mark.step for mark in batch.marks[example])
        assert task.answer(edited(task, batch, f"{first}=Y,{second}=X", example)) == "YX"
        both = edited(task, batch, f"{first}to{second},{second}to{first}", example)
        assert task.answer(both) == before[::-1]
        free = next(step for step in range(20) if step not in (first, second))
        moved = task.spell(edited(task, batch, f"{first}to{free}", example).inputs[:, 0])
        assert (moved[first], moved[free]) == (spelled[free], spelled[first])
        assert task.answer(edited(task, batch, f"{first}to19", example)) == before[::-1]


def test_one_bit_flips_the_parity() -> None:
    """Whichever bit, of every row."""
    task = make_task("parity", length=6)
    batch = task.sample(5, seed=1)
    for example in range(5):
        before, spelled = task.answer(one_of(batch, example)), task.spell(batch.inputs[:, example])
        for step in range(6):
            own = edited(task, batch, f"{step}={1 - int(spelled[step])}", example)
            assert task.answer(own) == str(1 - int(before))


def test_other_symbols_are_asked_for() -> None:
    """Delayed recall, copy, a lag without noise and the switches, each by its own rule."""
    task = make_task("delayed_recall", delay=4, symbols=4)
    batch = task.sample(1, seed=0)
    assert task.answer(edited(task, batch, "0=D,2=a")) == "D"
    sparse = make_task("delayed_recall", delay=4, symbols=4, distractors=1)
    own = edited(sparse, sparse.sample(1, seed=0), "1=.,2=.,3=b")
    assert sparse.spell(own.inputs[:, 0])[1:4] == ("·", "·", "b")
    task = make_task("copy", delay=3)
    own = edited(task, task.sample(1, seed=0), "0=8,9=1")
    assert [task.classes[int(code)] for code in own.targets[[-10, -1], 0]] == ["8", "1"]
    task = make_task("noise_free_lag", delay=5)
    assert [task.answer(edited(task, task.sample(1, seed=0), f"0={y}")) for y in "xy"] == ["x", "y"]
    task = make_task("flip_flop", length=6, pulse_chance=0)
    own = edited(task, task.sample(1, seed=0), "0=+-+,3=-..")
    assert own.targets[:, 0].tolist() == [[1, -1, 1]] * 3 + [[-1, -1, 1]] * 3
    assert [mark.label for mark in own.marks[0]] == ["+−+", "−··"]


@pytest.mark.parametrize(
    ("name", "edit", "says"),
    [
        ("adding", "7:0.5", "cannot be read as a change: write 7=0.5"),
        ("adding", "7=many", "takes a number from 0 to 1"),
        ("adding", "7=1.5", "takes a number from 0 to 1"),
        ("adding", "7=nan", "takes a number from 0 to 1"),
        ("adding", "50=0.5", "from 0 to 49"),
        ("adding", "99999999to3", "from 0 to 49"),
        ("parity", "0to3", "cannot be moved"),
        ("parity", "3=2", "step 3 takes one of 0, 1, got '2'"),
        ("copy", "15=1", "the same in every example"),
        ("digits", "0=1", "cannot be changed by hand"),
    ],
)
def test_what_cannot_be_changed_is_told(name: str, edit: str, says: str) -> None:
    """One sentence, which says what can."""
    task = make_task(name)
    with pytest.raises(EditError, match=says):
        edited(task, task.sample(1, seed=0), edit)


def test_marks_that_are_not_there_or_meet() -> None:
    """Told with the marks there are."""
    task, batch = adding([0.5] * 8, [2, 6])
    with pytest.raises(EditError, match="the marks are at 2, 6"):
        edited(task, batch, "3to4")
    with pytest.raises(EditError, match="two marks would be at step 6"):
        edited(task, batch, "2to6")


def test_a_change_is_the_same_however_it_is_written() -> None:
    """In any order; of two for one step the last counts."""
    assert Edit.read("9=0.5, 12to30,7=1") == Edit.read("12to30,7=0,7=1,9=0.5")
    assert str(Edit.read("9=0.5,12to30,7=1")) == "12to30,7=1,9=0.5"
    assert Edit.read("") == Edit()
