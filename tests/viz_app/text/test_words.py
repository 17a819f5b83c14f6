"""Sentences about the prepared runs: every number is computed again and found in its place."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from viz_app.features.gates import data as gates
from viz_app.features.gates import words as gates_words
from viz_app.kit import units
from viz_app.kit.library import Library
from viz_app.kit.words import joined, percent, some

TELLING = {"lstm": "input_gate", "gru": "update_gate", "rnn": "hidden_state"}
KEEPING = {"lstm": "forget_gate", "gru": "update_gate", "rnn": None}
NUMBER = r"([-−]?\d+(?:\.\d+)?)"
EXAMPLES = (0, 7, 31)


@pytest.fixture(params=EXAMPLES)
def seen(
    request: pytest.FixtureRequest,
    name: str,
    library: Library,
    recorded: Callable[..., xr.Dataset],
) -> tuple[str, list[int], gates.GatesView]:
    """A prepared run's cell, the marked steps of an example, and the view of it."""
    run = library.runs[name]
    marks = [step for step, _ in run.probe().marks[request.param]]
    view = gates.view(recorded(name), run.probe(), run.task, example=request.param)
    return run.config.cell, marks, view


def numbers(pattern: str, text: str) -> list[float]:
    """The numbers in the groups of a pattern that must match."""
    found = re.search(pattern, text)
    assert found, f"{pattern!r} is not in {text!r}"
    return [float(group.replace("−", "-")) for group in found.groups()]


def values_of(view: gates.GatesView, signal: str) -> np.ndarray:
    """(time, unit) of this example in float64, straight from the recording."""
    return np.asarray(view.layer[signal].values[:, view.example], dtype=float)


def split(values: np.ndarray, marks: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Mean at the marks and elsewhere, by hand."""
    others = [t for t in range(len(values)) if t not in marks]
    return values[marks].mean(axis=0), values[others].mean(axis=0)


def test_the_headline_names_the_unit_and_its_numbers(seen: Any) -> None:
    """The unit that moves most in the telling direction, or the weak, gateless or unmarked case."""
    cell, marks, view = seen
    telling, direction = units.telling_gate(view.layer)
    assert telling == TELLING[cell]
    text = gates_words.headline(view.one(), view.data.marks, telling, direction)
    if cell == "rnn":
        assert "no gates" in text
        assert not re.search(r"\d", text)
        return
    if not marks:
        mean = values_of(view, KEEPING[cell]).mean(axis=0)
        low, low_unit, high, high_unit = numbers(
            rf"from {NUMBER} on average \(unit {NUMBER}, .*\) to {NUMBER} \(unit {NUMBER}, ", text
        )
        assert (low_unit, high_unit) == (mean.argmin(), mean.argmax())
        assert [low, high] == pytest.approx([mean.min(), mean.max()], abs=0.00501)
        return
    at, off = split(values_of(view, telling), marks)
    moved = (at - off) * (1 if cell == "lstm" else -1)
    if moved.max() >= 0.3:
        if "fall from" in text:
            unit, said_off, said_at = numbers(
                rf"^Unit {NUMBER} .*from {NUMBER} to {NUMBER} at", text
            )
        else:
            pattern = rf"^Unit {NUMBER} .*\({NUMBER} on average\).*\({NUMBER}\)"
            unit, said_at, said_off = numbers(pattern, text)
        assert unit == moved.argmax()
    else:
        difference, unit, said_at, said_off = numbers(
            rf"is {NUMBER}, the .* of unit {NUMBER} "
            rf"\(on average {NUMBER} at the marks, {NUMBER} elsewhere",
            text,
        )
        assert unit == np.abs(at - off).argmax()
        assert difference == pytest.approx(np.abs(at - off).max(), abs=0.00501)
    assert [said_at, said_off] == pytest.approx([at[int(unit)], off[int(unit)]], abs=0.00501)


def test_every_unit_has_its_own_note(seen: Any) -> None:
    """In the order of the rows: its number, half-life, and what its telling signal does."""
    cell, marks, view = seen
    assert len(view.data.notes) == len(view.data.shape.units)
    values = values_of(view, TELLING[cell])
    for unit, note in zip(view.data.shape.units, view.data.notes, strict=True):
        assert numbers(rf"^unit {NUMBER} · ", note) == [unit]
        if KEEPING[cell]:
            gate = values_of(view, KEEPING[cell])[:, unit]
            life = np.log(0.5) / np.log(gate).mean()
            if life < 1:
                assert "half-life under a step" in note
            elif life > 10 * len(gate):
                assert f"half-life beyond the {len(gate)} steps shown" in note
            else:
                (said,) = numbers(rf"half-life {NUMBER} steps", note)
                assert said == pytest.approx(life, abs=0.501 if life >= 10 else 0.0501)
        if marks:
            at, off = split(values[:, [unit]], marks)
            said = numbers(rf"{NUMBER} at the marks, {NUMBER} elsewhere", note)
            assert said == pytest.approx([at[0], off[0]], abs=0.00501)
        elif cell == "rnn":
            said = numbers(rf"from {NUMBER} to {NUMBER}", note)
            expected = [values[:, unit].min(), values[:, unit].max()]
            assert said == pytest.approx(expected, abs=0.00501)
        else:
            (said,) = numbers(rf"{NUMBER} on average", note)
            assert said == pytest.approx(values[:, unit].mean(), abs=0.00501)


@pytest.mark.parametrize("step", [0, 20, 47])
def test_what_to_look_for_names_what_is_there(seen: Any, step: int) -> None:
    """How many units answer, how much is kept by whom, and how far the state swings."""
    cell, marks, view = seen
    state = {"lstm": "cell_state"}.get(cell, "hidden_state")
    lines = gates_words.look_for(view.one(), view.data.marks, TELLING[cell], state, step)
    expected = (1 if marks and cell != "rnn" else 0) + (1 if cell != "rnn" else 0) + 1
    assert len(lines) == expected
    if marks and cell != "rnn":
        at, off = split(values_of(view, TELLING[cell]), marks)
        assert f"steps {joined(list(map(str, marks)))}." in lines[0]
        assert numbers(rf"In {NUMBER} of {NUMBER} units?", lines[0]) == [
            (np.abs(at - off) > 0.2).sum(),
            len(at),
        ]
    if cell != "rnn":
        gate = values_of(view, KEEPING[cell])
        kept = gate[step + 1 :].prod(axis=0)
        line = lines[-2]
        if len(kept) == 1:
            held, at_step = numbers(rf"^Of what unit {NUMBER} held at step {NUMBER}, ", line)
            assert (held, at_step) == (0, step)
            assert f"{percent(float(kept[0]))} is left at the end." in line
        else:
            assert line == (
                f"Of what a unit held at step {step}, unit {kept.argmax()} still has "
                f"{percent(float(kept.max()))} at the end, unit {kept.argmin()} "
                f"{percent(float(kept.min()))}."
            )
    values = values_of(view, state)
    low, high, unit = numbers(
        rf"between {NUMBER} and {NUMBER}; .* unit {NUMBER} changes most\.$", lines[-1]
    )
    # three digits
    assert [low, high] == pytest.approx([values.min(), values.max()], abs=0.00501, rel=0.005)
    assert unit == np.ptp(values, axis=0).argmax()


def test_the_picture_is_described_for_those_who_cannot_see_it(seen: Any) -> None:
    """Signals, units and the cell; what changes with the example stands beside the chart."""
    cell, _, view = seen
    shape = view.data.shape
    text = gates_words.alternative(shape, cell)
    labels = joined([signal.label for signal in shape.signals])
    units = some("units", view.layer.sizes["unit"])
    assert text == f"Heatmaps over time of {labels}, {units} of the {cell.upper()}."
    said = gates_words.alternative(shape, cell, ("One.", "Two."))
    assert said == f"{text} One. Two."
