"""The parts of the connectivity page, on numbers made up for them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr

from gatescope import Batch, make_task
from viz_app.features.connectivity import data as connectivity
from viz_app.features.connectivity import words as connectivity_words
from viz_app.features.connectivity.chart import triangle_panel
from viz_app.features.connectivity.chart_data import Triangle, cell_frame, shading
from viz_app.features.connectivity.chart_row import row_chart
from viz_app.text import words

WORDS = words()


def norms(values: Sequence[Sequence[float]], backward: bool = False) -> xr.DataArray:
    """Hand-made gradients (output_time, input_time)."""
    array = np.array(values, dtype=float)
    coords = {name: np.arange(size) for name, size in
              zip(("output_time", "input_time"), array.shape, strict=True)}  # fmt: skip
    return xr.DataArray(array, coords=coords, dims=tuple(coords), attrs={"backward": backward})


def last_row(row: Sequence[float], backward: bool = False) -> xr.DataArray:
    """Gradients of which only the last output step's are not zero."""
    return norms([[0.0] * len(row)] * (len(row) - 1) + [list(row)], backward)


@pytest.mark.parametrize(
    ("row", "marks", "expected"),
    [
        ([3, 1, 1.5, 0.5], [(0, "a"), (2, "b")],
         "at the first mark (step 0) is 2.00 times that at the last (step 2). The 2 marked "
         "steps have 75% of the row's sum."),
        ([3e-5, 0, 1, 0], [(0, "a"), (2, "b")], "is 3·10⁻⁵ times that at the last"),
        ([1, 0, 0, 3], [(0, "a"), (2, "b")],
         "**LSTM.** The 2 marked steps have 25% of the row's sum."),
        ([1, 1, 1, 1], [(1, "a")],
         "The one marked step, 1, has 25% of the row's sum. Half of the row's sum lies "
         "on 2 steps; the largest is at step 0."),
        ([1e-9, 0, 0, 1], [(0, "a")],
         "The one marked step, 0, has under 1% of the row's sum. Half of the row's sum "
         "lies on a single step, 3."),
        ([0.004, 0, 0, 0.996], [(0, "a")], "under 1% of the row's sum"),
        ([2, 3, 4, 1], [],
         "**LSTM.** Half of the row's sum lies on 2 steps; the largest is at step 2."),
        ([0, 0, 0, 0], [(0, "a")], "No input mattered at all"),
    ],
)  # fmt: skip
def test_every_branch_of_the_words(
    row: list[float], marks: list[tuple[int, str]], expected: str
) -> None:
    """One network's row."""
    found = {"lstm": last_row(row)}
    about, _ = connectivity_words.sentences(found, marks, 3, relative=False)
    assert expected in about


def test_a_mark_that_was_not_read_yet_is_not_spoken_of() -> None:
    """Unless the network reads from the end too."""
    values = [[1.0, 0, 0], [1, 2, 0], [1, 2, 3]]
    marks = [(0, "a"), (2, "b")]
    told, _ = connectivity_words.sentences({"gru": norms(values)}, marks, 1, relative=False)
    assert "The one marked step, 0" in told
    both = {"gru": norms([[1, 1, 1]] * 3, backward=True)}
    told, _ = connectivity_words.sentences(both, marks, 1, relative=False)
    assert "at the last (step 2)" in told


def test_sizes_are_told_and_what_dividing_hides() -> None:
    """Any size, from tiny to huge."""
    found = {"rnn": last_row([0, 3e-7]), "lstm": last_row([123.4, 1]), "gru": last_row([5e6, 1])}
    sizes = "RNN 3·10⁻⁷, LSTM 123, GRU 5·10⁶"
    assert sizes in connectivity_words.sentences(found, [], 1, relative=False)[-1]
    told = connectivity_words.sentences(found, [], 1, relative=True)[-1]
    assert told.startswith("What this scale hides")
    assert sizes in told


def test_zeros_that_were_read_are_marked() -> None:
    """In grey, and said; what was not read is blank."""
    triangle = Triangle("a", (0, 1), np.array([[1.0, 0], [0, 2]]))
    shade = shading([triangle], relative=False)

    def pictures(one: Triangle) -> int:
        chart = triangle_panel(one, WORDS, shade, theme="light", width=100).to_dict()
        return sum(layer["mark"]["type"] == "image" for layer in chart["layer"])

    assert pictures(triangle) == 2
    assert pictures(Triangle("a", (0, 1), np.array([[1.0, 0], [3, 2]]))) == 1
    assert connectivity_words.has_zeros({"rnn": norms([[1, 0], [0, 2]])})
    assert not connectivity_words.has_zeros({"rnn": norms([[1, 0], [3, 2]])})


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([[0.5, 0], [0.02, 3]], 1e-2, 10.0),
        ([[1e-30, 0], [0.1, 0.1]], 1e-8, 0.1),
        ([[1e-12, 0], [1e-20, 1e-15]], 1e-8, 1e-7),
        ([[1.0, 0], [1, 1]], 0.1, 1.0),
        ([[0.0, 0], [0, 0]], 0.1, 1.0),
    ],
)
def test_the_log_scale_ends_at_whole_powers_of_ten(values: Any, low: float, high: float) -> None:
    """Around all that is seen, cut off below; never empty."""
    shade = shading([Triangle("a", (0, 1), np.array(values))], relative=False)
    assert (shade.low, shade.high) == (pytest.approx(low), pytest.approx(high))


def test_places_on_the_scales() -> None:
    """Log and relative, by hand; a zero has no place."""
    triangle = Triangle("a", (0, 1), np.array([[0.01, 0], [1e-12, 1]]))
    log = shading([triangle], relative=False).places(triangle)
    np.testing.assert_allclose(log, [[0.75, np.nan], [0, 1]])
    relative = shading([triangle], relative=True).places(triangle)
    np.testing.assert_allclose(relative, [[1, np.nan], [1e-12, 1]])


def test_many_cells_answer_in_blocks() -> None:
    """Each tells of its largest; every cell that has been read lies in one."""
    size = 150
    triangle = Triangle(
        "a", tuple(range(size)), np.tril(np.random.default_rng(0).random((size,) * 2))
    )
    frame, side = cell_frame(triangle)
    assert (side, len(frame)) == (2, 75 * 76 / 2)
    for row in frame.iloc[::500].itertuples():
        block = triangle.norms[row.row : row.row + 2, row.column : row.column + 2]
        assert row.norm == block.max() == triangle.norms[row.output, row.input]


def test_long_sequences_have_fewer_rows() -> None:
    """The last step among them, evenly spaced, and never more work than the bound."""
    assert connectivity.output_steps(1) == [0]
    assert connectivity.output_steps(128) == list(range(128))
    for length in (129, 784, 5000):
        steps = connectivity.output_steps(length)
        assert steps[-1] == length - 1
        assert len(steps) * length <= connectivity.MOST_STEPS + length
        assert len(set(np.diff(steps))) <= 1


def test_a_row_is_labelled_by_its_output_step() -> None:
    """Where only some steps have a row, the labels are those steps."""
    triangle = Triangle("a", (4, 9, 14, 19), np.ones((4, 20)))
    shade = shading([triangle], relative=False)
    chart = triangle_panel(triangle, WORDS, shade, theme="light", width=100, picked=2).to_dict()
    axis = chart["layer"][0]["encoding"]["y"]["axis"]
    assert axis["labelExpr"] == "[4, 9, 14, 19][datum.value]"
    assert axis["values"] == [0, 1, 2, 3]
    (picked,) = (param for param in chart["params"] if param["name"] == "picked")
    assert picked["value"] == 2
    np.testing.assert_array_equal(triangle.read().sum(axis=1), [5, 10, 15, 20])


def test_targets_are_those_of_the_next_step_that_counts() -> None:
    """Also when several steps count, or the last of them comes before the end."""
    task = make_task("temporal_order", length=10)
    scored = torch.tensor([[0, 0], [1, 0], [0, 0], [1, 1], [0, 0]], dtype=torch.bool)
    targets = torch.tensor([[9, 9], [2, 9], [9, 9], [3, 1], [9, 9]])
    batch = Batch(torch.zeros(5, 2, 6), targets, scored, ((), ()))
    found = connectivity.targets(task, batch)
    assert found is not None
    assert found.T.tolist() == [[2, 2, 3, 3, 3], [1, 1, 1, 1, 1]]
    assert [connectivity.last_asked(batch, example) for example in (0, 1)] == [3, 3]
    assert connectivity.targets(make_task("adding"), batch) is None


@pytest.mark.parametrize(
    "task", ["flip_flop", "copy", "parity", "noise_free_lag", "delayed_recall"]
)
def test_every_kind_of_input_is_drawn(task: str) -> None:
    """Letters or bars, one for each step that is not blank, and many marks without rules."""
    made = make_task(task)
    batch = made.sample(2, seed=1)
    shown = connectivity.sequence(made, batch, 0)
    steps = len(batch.inputs)
    triangle = Triangle("a", tuple(range(steps)), np.tril(np.ones((steps, steps))))
    shade = shading([triangle], relative=True)
    chart = row_chart([triangle], shown, WORDS, shade, row=steps - 1, theme="dark", width=600)
    found = chart.to_dict()
    rules = [layer for layer in found["layer"] if layer["mark"]["type"] == "rule"]
    assert len(rules) == (0 if len(batch.marks[0]) > 4 else 2)
    if shown.texts:
        assert len(shown.texts) == steps
    else:
        assert np.abs(shown.bars).max() <= 1
        assert shown.bars.shape[0] == steps
