"""Sentences on hand-made recordings that reach every case."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from viz_app.features.gates.words import contrast, headline, look_for, notes, steps_in_words

MARKS = [(1, "a"), (3, "b")]
Made = Callable[..., xr.Dataset]


def signal(*units: tuple[float, float]) -> np.ndarray:
    """(5, 1, unit): for each unit its value at the marked steps and elsewhere."""
    values = np.empty((5, 1, len(units)))
    for unit, (at, off) in enumerate(units):
        values[:, 0, unit] = off
        values[[1, 3], 0, unit] = at
    return values


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        (0.0, "under a step"),
        (0.99, "under a step"),
        (1.0, "1.0 steps"),
        (9.94, "9.9 steps"),
        (48.4, "48 steps"),
        (500.0, "500 steps"),
        (500.1, "beyond the 50 steps shown"),
        (float("inf"), "beyond the 50 steps shown"),
    ],
)
def test_a_half_life_in_words(life: float, expected: str) -> None:
    """Digits that mean something, and words where there are none."""
    assert steps_in_words(life, 50) == expected


def test_a_clear_input_gate_is_the_headline(layer: Made) -> None:
    """The unit that opens most, not the one that shuts most."""
    one = layer(
        "lstm", "forget_gate",
        input_gate=signal((0.5, 0.4), (0.9, 0.1), (0.05, 0.95)),
        forget_gate=signal((0.9, 0.9), (0.9, 0.9), (0.9, 0.9)),
    ).isel(batch=0)  # fmt: skip
    text = headline(one, MARKS, "input_gate", 1)
    assert text.startswith("Unit 1 opens its input gate at the marks (0.90 on average)")
    assert "shut elsewhere (0.10)" in text


def test_a_clear_update_gate_falls(layer: Made) -> None:
    """The unit that falls most, not the one that rises most."""
    one = layer("gru", "update_gate", update_gate=signal((0.99, 0.1), (0.3, 0.9))).isel(batch=0)
    text = headline(one, MARKS, "update_gate", -1)
    assert text.startswith("Unit 1 lets its update gate fall at the marks (0.30 on average)")
    assert (
        "keeps its state elsewhere (0.90): a step overwrites 70% of its state at the marks, 10%"
        in text
    )


@pytest.mark.parametrize(
    ("cell", "gate", "direction", "units", "unit", "said"),
    [
        ("lstm", "input_gate", 1, [(0.5, 0.4), (0.69, 0.4)], 1, ("0.29", "0.69", "0.40")),
        ("lstm", "input_gate", 1, [(0.7, 0.9), (0.5, 0.4)], 0, ("0.20", "0.70", "0.90")),
        ("gru", "update_gate", -1, [(0.4, 0.5), (0.5, 0.3)], 1, ("0.20", "0.50", "0.30")),
    ],
)
def test_a_weak_contrast_says_so(
    layer: Made, cell: str, gate: str, direction: int, units: list, unit: int, said: tuple
) -> None:
    """No unit moves the right way by 0.3: the largest difference, either way, with its numbers."""
    keeping = "forget_gate" if cell == "lstm" else "update_gate"
    signals = {keeping: signal(*[(0.9, 0.9)] * 2)} | {gate: signal(*units)}
    one = layer(cell, keeping, **signals).isel(batch=0)
    text = headline(one, MARKS, gate, direction)
    difference, at, off = said
    assert (
        f"largest difference is {difference}, the {gate.replace('_', ' ')} of unit {unit}" in text
    )
    assert f"(on average {at} at the marks, {off} elsewhere)" in text


@pytest.mark.parametrize(
    ("cell", "gate", "direction", "units", "words"),
    [
        (
            "lstm",
            "input_gate",
            1,
            (0.1, 0.9),
            "that of unit 0: 0.10 there on average, 0.90 elsewhere",
        ),
        (
            "gru",
            "update_gate",
            -1,
            (0.9, 0.3),
            "that of unit 0: 0.90 there on average, 0.30 elsewhere",
        ),
        (
            "lstm",
            "input_gate",
            1,
            (0.9, 0.12),
            "further at the marks (0.90 on average) than elsewhere (0.12)",
        ),
        (
            "gru",
            "update_gate",
            -1,
            (0.5, 0.86),
            "from 0.86 to 0.50 at the marks, on average: a step overwrites 50%",
        ),
        (
            "lstm",
            "input_gate",
            1,
            (0.8, 0.45),
            "further at the marks (0.80 on average) than elsewhere (0.45)",
        ),
        ("gru", "update_gate", -1, (0.3, 0.7), "fall from 0.70 to 0.30 at the marks"),
    ],
)
def test_a_gate_that_is_neither_shut_nor_weak(
    layer: Made, cell: str, gate: str, direction: int, units: tuple[float, float], words: str
) -> None:
    """Nothing is called shut or held open that is not, and nothing weak that moves a lot."""
    keeping = "forget_gate" if cell == "lstm" else "update_gate"
    signals = {keeping: signal((0.9, 0.9), (0.9, 0.9))} | {gate: signal(units, (0.5, 0.5))}
    text = headline(layer(cell, keeping, **signals).isel(batch=0), MARKS, gate, direction)
    assert words in text
    assert "nothing else" not in text
    assert "exactly" not in text
    assert "No gate" not in text


@pytest.mark.parametrize(
    ("low", "high", "lives"),
    [
        (0.25, 0.95, ("under a step", "14 steps")),
        (0.52, 0.93, ("1.1 steps", "9.6 steps")),
        (0.45, 0.55, ("under a step", "1.2 steps")),
        (0.65, 0.94, ("1.6 steps", "11 steps")),
        (0.9, 1.0, ("6.6 steps", "beyond the 5 steps shown")),
    ],
)
def test_without_marks_the_headline_is_the_spread(
    layer: Made, low: float, high: float, lives: tuple[str, str]
) -> None:
    """Of the retention gate, lowest to highest unit: numbers, and how long each of them keeps."""
    gate = signal((low, low), (high, high), ((low + high) / 2,) * 2)
    one = layer("lstm", "forget_gate", input_gate=1 - gate, forget_gate=gate).isel(batch=0)
    text = headline(one, [], "input_gate", 1)
    assert text == (
        f"The forget gate of this layer runs from {low:.2f} on average (unit 0, half-life "
        f"{lives[0]}) to {high:.2f} (unit 1, half-life {lives[1]})."
    )


def test_a_plain_rnn_has_a_headline_of_its_own(layer: Made) -> None:
    """With marks or without."""
    one = layer("rnn", hidden_state=signal((0.5, -0.5))).isel(batch=0)
    assert headline(one, MARKS, "hidden_state", 0) == headline(one, [], "hidden_state", 0)
    assert notes(one, MARKS, [0], "hidden_state") == [
        "unit 0 · hidden state on average 0.50 at the marks, −0.50 elsewhere"
    ]
    assert notes(one, [], [0], "hidden_state") == ["unit 0 · hidden state from −0.50 to 0.50"]
    (only,) = look_for(one, MARKS, "hidden_state", "hidden_state", 2)
    assert only == ("The hidden state lies between −0.50 and 0.50; that of unit 0 changes most.")


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        (0.4, "half-life under a step"),
        (0.5, "half-life 1.0 steps"),
        (1.0, "half-life beyond the 5"),
    ],
)
def test_notes_know_gates_without_memory_and_without_loss(
    layer: Made, gate: float, expected: str
) -> None:
    """A gate at one half halves at every step."""
    one = layer("gru", "update_gate", update_gate=signal((gate, gate))).isel(batch=0)
    (note,) = notes(one, [], [0], "update_gate")
    assert expected in note
    assert note.endswith(f"update gate {gate:.2f} on average")


def test_what_is_kept_of_a_step(layer: Made) -> None:
    """Two steps after step 2: 0.9 squared, 0.3 squared, and under one per cent."""
    flat = [signal((f, f)) for f in (0.9, 0.3, 0.05)]
    gate = np.concatenate(flat, axis=2)
    state = np.zeros_like(gate)
    state[:, 0, 2] = [0, 1, -2, 0, 0]
    one = layer("lstm", "forget_gate", forget_gate=gate, cell_state=state).isel(batch=0)
    marked, kept, swing = look_for(one, MARKS, "forget_gate", "cell_state", 2)
    assert "steps 1 and 3. In 0 of 3 units the forget gate moves" in marked
    assert kept == (
        "Of what a unit held at step 2, unit 0 still has 81% at the end, unit 2 under 1%."
    )
    assert "between −2.00 and 1.00; that of unit 2 changes most." in swing
    two = one.isel(unit=[0, 1])
    assert "unit 1 9%." in look_for(two, [], "forget_gate", "cell_state", 2)[0]


def test_at_the_last_step_nothing_is_said_of_what_is_kept(layer: Made) -> None:
    """There is no later step; backward, the first step is the last that is read."""
    gate = signal((0.5, 0.5))
    for direction, last, before in (("forward", 4, 3), ("reverse", 0, 1)):
        one = layer(
            "gru", "update_gate", direction, update_gate=gate, hidden_state=gate
        ).isel(batch=0)  # fmt: skip
        assert len(look_for(one, [], "update_gate", "hidden_state", last)) == 1
        kept, _ = look_for(one, [], "update_gate", "hidden_state", before)
        assert f"at step {before}" in kept
        assert "50%" in kept


def test_contrast_counts_a_step_once() -> None:
    """Two marks on one step are one step."""
    values = np.array([[1.0], [4.0], [7.0]])
    at, off = contrast(values, [(2, "a"), (2, "b"), (0, "c")])
    assert (at.tolist(), off.tolist()) == ([4.0], [4.0])
