"""Sentences about a comparison: true of the recordings they speak of."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from viz_app.features import Compare
from viz_app.features.compare import data as compare
from viz_app.features.compare import sides as compare_sides
from viz_app.features.compare import words as compare_words
from viz_app.features.compare.data import CompareView, Side
from viz_app.kit.answers import answer
from viz_app.kit.library import Library
from viz_app.kit.words import digits, joined, percent


def view_of(library: Library, *places: tuple[str, int | None], **options: object) -> CompareView:
    """A view of some prepared runs, called as the page calls them."""
    runs = [library.runs[name] for name, _ in places]
    steps = [
        run.steps[-1] if step is None else step for run, (_, step) in zip(runs, places, strict=True)
    ]
    labels = compare_words.labels([run.config.cell for run in runs], runs, steps)
    sides = [Side(*parts) for parts in zip(runs, steps, labels, strict=True)]
    return compare.view(compare_sides.compare(sides), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([("adding-lstm", 0), ("adding-lstm", None)], ["before training", "after training"]),
        ([("adding-lstm", 290), ("adding-lstm", 2169)],
         ["after 290 steps", "after 2,169 steps"]),
        ([("adding-lstm", None), ("adding-gru", None)], ["lstm", "gru"]),
        ([("adding-lstm", 0), ("adding-gru", None)],
         ["lstm, before training", "gru, after training"]),
    ],
)  # fmt: skip
def test_what_the_sides_are_called(
    library: Library, places: list[tuple[str, int | None]], expected: list[str]
) -> None:
    """By what tells them apart."""
    seen = view_of(library, *places)
    assert [side.label for side in seen.compared.sides] == expected


def test_where_units_correspond(library: Library, recorded: Callable[..., xr.Dataset]) -> None:
    """The largest difference, means at the marks, and how many units moved."""
    seen = view_of(library, ("adding-lstm", 0), ("adding-lstm", None), example=6)
    before, after = (recorded("adding-lstm", step).isel(batch=6) for step in (0, None))
    said = compare_words.headline(seen)
    unit, step, low, high = re.search(
        r"cell state of unit (\d+) at step (\d+) is (\S+) before training, (\S+) after", said
    ).groups()  # type: ignore[union-attr]
    place = {"time": int(step), "unit": int(unit)}
    assert [float(x.replace("−", "-")) for x in (low, high)] == pytest.approx(
        [float(one["cell_state"][place]) for one in (before, after)], abs=0.006
    )
    lines = compare_words.look_for(seen)
    assert len(lines) == 4
    assert lines[3].startswith("Answer to example 6: **before training** ")
    marks = [step for step, _ in seen.compared.batch.marks[6]]
    rest = [step for step in range(50) if step not in marks]
    gates = [one["input_gate"].values for one in (before, after)]
    expected = [gate[steps].mean() for gate in gates for steps in (marks, rest)]
    assert [float(x) for x in re.findall(r"(\d\.\d+) (?:at|elsewhere)", lines[0])] == pytest.approx(
        expected, abs=0.006
    )
    moved = int((np.abs(gates[1] - gates[0]).max(axis=0) > 0.2).sum())
    assert f"at some step in {moved} of 16 units: after training" in lines[1]
    states = [one["cell_state"].values for one in (before, after)]
    ends = [end for one in states for end in (one.min(), one.max())]
    found = re.findall(r"(-?\d\.\d\d) to (-?\d\.\d\d)", lines[2].replace("−", "-"))
    assert [float(x) for pair in found for x in pair] == pytest.approx(ends, abs=0.006)
    assert "unit by unit" in compare_words.how(seen)


def test_where_they_do_not(library: Library, recorded: Callable[..., xr.Dataset]) -> None:
    """Means over units alone; what is aligned is explained; no unit is named."""
    places = [("adding-lstm", None), ("adding-gru", None)]
    seen = view_of(library, *places, example=6, keys=["written", "kept", "memory"])
    said = compare_words.headline(seen)
    assert not re.search(r"unit \d", said)
    lstm, gru = (recorded(name).isel(batch=6) for name, _ in places)
    means = {
        "input gate": (lstm["input_gate"], 1 - gru["update_gate"]),
        "forget gate": (lstm["forget_gate"], gru["update_gate"]),
        "tanh(cell state)": (abs(np.tanh(lstm["cell_state"])), abs(gru["hidden_state"])),
    }
    step, signal, first, second = re.search(
        r"at step (\d+): (?:size of the )?(.+) (\S+) \(lstm\), .+ (\S+) \(gru\)", said
    ).groups()  # type: ignore[union-attr]
    pair = [values.mean("unit").values for values in means[signal]]
    assert [float(first), float(second)] == pytest.approx(
        [values[int(step)] for values in pair], abs=0.006
    )
    gaps = [abs(a.mean("unit") - b.mean("unit")).max() for a, b in means.values()]
    assert abs(pair[1] - pair[0])[int(step)] == pytest.approx(float(max(gaps)), abs=1e-6)
    how = compare_words.how(seen)
    for part in (
        "do not correspond", "**lstm** input gate; **gru** 1 − update gate",
        "**lstm** forget gate; **gru** update gate", "the tanh is drawn", "average size is taken",
    ):  # fmt: skip
        assert part in how
    lines = compare_words.look_for(seen)
    assert "update gate" in lines[0]
    sizes = [float(values.mean()) for values in means["tanh(cell state)"]]
    found = re.search(r"\*\*lstm\*\* (\S+); \*\*gru\*\* (\S+)\.$", lines[2])
    assert found is not None
    assert [float(size) for size in found.groups()] == pytest.approx(sizes, abs=0.006)


def test_sides_that_are_the_same(library: Library) -> None:
    """It is said, and no place is named."""
    seen = view_of(library, ("adding-rnn", 48), ("adding-rnn", 48))
    assert "hardly differ" in compare_words.headline(seen)


@pytest.mark.parametrize("name", ["adding", "temporal-order", "digits"])
def test_the_scores_are_those_of_the_networks(library: Library, name: str) -> None:
    """Accuracy and loss on the test examples; parameters, and the answer to the one shown."""
    places = [(f"{name}-{cell}", None) for cell in ("gru", "rnn")]
    seen = view_of(library, *places, example=9)
    table = compare_words.scores(seen)
    for row, (run_name, _) in zip(table.itertuples(index=False), places, strict=False):
        run = library.runs[run_name]
        assert list(row) == [percent(run.test_accuracy), digits(run.test_loss)]
    assert list(table.index) == ["gru", "rnn", "no-memory baseline"]
    task = library.runs[places[0][0]].task.held_out("test")
    assert table.iloc[2].tolist() == [percent(task.baseline_accuracy), digits(task.baseline_loss)]
    runs = [library.runs[run_name] for run_name, _ in places]
    (told, parameters) = compare_words.look_for(seen)[-2:]
    for run, label in zip(runs, ("gru", "rnn"), strict=True):
        assert f"**{label}** {answer(run, run.steps[-1]).answers[9]}" in told
        assert f"**{label}** {run.parameters:,}" in parameters


def test_for_those_who_cannot_see_it(library: Library) -> None:
    """Signals, sides, sizes, steps and the headline."""
    seen = view_of(library, ("digits-lstm", None), ("digits-rnn", None))
    told = compare_words.alternative(seen)
    for part in ("lstm: LSTM with 32 units", "rnn: RNN with 63 units", "64 time steps",
                 compare_words.headline(seen)):  # fmt: skip
        assert part in told


def test_runs_become_sides() -> None:
    """One run alone before and after training; two of one cell by their names."""
    alone = Compare("adding-lstm", ()).data().compared.sides
    assert [(side.step, side.label) for side in alone] == [
        (0, "before training"), (5000, "after training")
    ]  # fmt: skip
    both = Compare("adding-lstm", ("adding-gru",)).data().compared.sides
    assert [side.label for side in both] == ["LSTM", "GRU"]


def test_networks_of_one_cell_are_called_by_their_names(library: Library) -> None:
    """And others by their cell alone; the same network is called the same."""
    lstm, gru = library.runs["adding-lstm"], library.runs["adding-gru"]
    twins = compare_words.networks(["one", "two", "one"], [lstm, replace(lstm), lstm])
    assert twins == ["LSTM (one)", "LSTM (two)", "LSTM (one)"]
    assert compare_words.networks(["a", "b"], [lstm, gru]) == ["LSTM", "GRU"]
    assert joined(["a", "b"]) == "a and b"
    assert joined(["a", "b", "c"]) == "a, b and c"
