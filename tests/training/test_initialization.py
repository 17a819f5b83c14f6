"""Where the gates start, as a recording sees them with all weights but the biases at 0."""

from typing import Any

import numpy as np
import pytest
import torch

import gatescope
from gatescope.training import TrainConfig, build_model

CELLS = {
    "lstm": ("forget_gate", "input_gate"),
    "gru": ("update_gate", None),
    "lstm_peephole": ("forget_gate", "input_gate"),
    "lstm_coupled": ("forget_gate", "input_gate"),
}
"""The retention gate, and the gate that chrono sets to the contrary."""
UNITS = 128


def gates(cell: str, **changes: Any) -> list[dict[str, np.ndarray]]:
    """Each layer and direction's signals at x = 0, h = 0: the biases, through the gates."""
    config = TrainConfig(
        task="adding",
        task_options={"length": 40},
        cell=cell,
        hidden_size=UNITS,
        num_layers=2,
        bidirectional=True,
        **changes,
    )
    model = build_model(config).double()
    for name, parameter in model.recurrent.named_parameters():
        if "weight" in name or "peephole" in name:
            torch.nn.init.zeros_(parameter)
    trace = gatescope.record(model, torch.zeros(1, 1, 2, dtype=torch.float64))
    found = [{str(k): v.values.ravel() for k, v in node.data_vars.items()} for node in trace.leaves]
    assert len(found) == 4
    return found


def logit(gate: np.ndarray) -> np.ndarray:
    return np.log(gate) - np.log1p(-gate)


@pytest.mark.parametrize("bias", [1.0, -2.5])
@pytest.mark.parametrize("cell", CELLS)
def test_a_forget_bias_lands_in_the_retention_gate_alone(cell: str, bias: float) -> None:
    """In every layer and direction the total of both biases; every other gate as by default."""
    kept, mirrored = CELLS[cell]
    default = gates(cell)
    for found, before in zip(
        gates(cell, initialization="forget_bias", forget_bias=bias), default, strict=True
    ):
        np.testing.assert_allclose(logit(found[kept]), bias, rtol=1e-6)  # float32 biases
        same = set(found) - {kept, "hidden_state", "cell_state"}
        if cell == "lstm_coupled":
            same -= {mirrored}
        for gate in same:
            np.testing.assert_array_equal(found[gate], before[gate])


@pytest.mark.parametrize(("chrono_max", "longest"), [(None, 40), (300, 300), (3, 3)])
@pytest.mark.parametrize("cell", CELLS)
def test_chrono_spreads_the_time_scales(cell: str, chrono_max: int | None, longest: int) -> None:
    """exp(b) is uniform on [1, T - 1], T the task's length or as given; an input gate mirrors."""
    kept, mirrored = CELLS[cell]
    drawn = []
    for found, before in zip(
        gates(cell, initialization="chrono", chrono_max=chrono_max), gates(cell), strict=True
    ):
        scale = np.exp(logit(found[kept]))
        assert scale.min() >= 1 - 1e-6
        assert scale.max() <= (longest - 1) * (1 + 1e-6)
        drawn.append(scale)
        if mirrored:
            np.testing.assert_allclose(found[mirrored], 1 - found[kept], rtol=1e-6)
        for gate in set(found) - {kept, mirrored, "hidden_state", "cell_state"}:
            np.testing.assert_array_equal(found[gate], before[gate])
    together = np.sort((np.concatenate(drawn) - 1) / (longest - 2))
    steps = (np.arange(len(together)) + 0.5) / len(together)
    assert np.abs(together - steps).max() < 1.63 / np.sqrt(len(together))  # Kolmogorov, 1 %
    assert not np.allclose(drawn[0], drawn[1])  # every layer and direction draws its own


@pytest.mark.parametrize("cell", CELLS)
def test_a_seed_is_a_draw(cell: str) -> None:
    """The same seed the same time scales, another seed others; the global state is left alone."""
    kept, _ = CELLS[cell]
    state = torch.get_rng_state()
    first, again, other = (
        gates(cell, initialization="chrono", seed=seed)[0][kept] for seed in (0, 0, 1)
    )
    assert torch.equal(torch.get_rng_state(), state)
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)
