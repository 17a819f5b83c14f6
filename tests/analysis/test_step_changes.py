"""What each step changed, against the model itself and against loops over units."""

from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn

from gatescope import SequenceModel, record
from gatescope.analysis import answers_so_far, step_changes


def test_the_answer_so_far_is_that_of_the_sentence_cut_there() -> None:
    """Each prefix alone through the model says the same; before any step the read-out of zero."""
    torch.manual_seed(0)
    model = SequenceModel(
        "gru", 1, 6, 2, num_layers=2, vocabulary_size=9, embedding_size=3, readout_dropout=0.5
    ).eval()
    inputs = torch.randint(1, 9, (7, 3, 1)).float()
    *_, top = record(model, inputs).leaves
    found = answers_so_far(top["hidden_state"], model.answer)
    assert found.shape == (8, 3, 2)
    with torch.no_grad():
        for steps in range(1, 8):
            alone = model(inputs[:steps])[-1].softmax(-1)
            np.testing.assert_allclose(found[steps], alone, atol=1e-6)
        bias = model.readout.bias.softmax(-1)
    np.testing.assert_allclose(found[0], bias.expand(3, 2), atol=1e-6)


def test_changes_by_a_loop() -> None:
    """Mean over units of |change|, the unit that moved most and by how much."""
    torch.manual_seed(1)
    trace = record(nn.LSTM(2, 5), torch.randn(6, 3, 2))
    (leaf,) = trace.leaves
    names = ["forget_gate", "input_gate"]
    found = step_changes(leaf.to_dataset(), names)
    assert found["signal"].values.tolist() == names
    assert np.isnan(found["moved"].isel(time=0)).all()
    assert (found["unit"].isel(time=0) == -1).all()
    for signal, name in enumerate(names):
        values = leaf[name].values.tolist()
        for time in range(1, 6):
            for example in range(3):
                change = [
                    values[time][example][unit] - values[time - 1][example][unit]
                    for unit in range(5)
                ]
                at: dict[str, Any] = {"signal": signal, "time": time, "batch": example}
                most = max(range(5), key=lambda unit: abs(change[unit]))
                assert int(found["unit"][at]) == most
                assert float(found["change"][at]) == pytest.approx(change[most])
                mean = sum(map(abs, change)) / 5
                assert float(found["moved"][at]) == pytest.approx(mean, rel=1e-5)


def test_a_gate_built_to_move_at_one_step() -> None:
    """Unit 2 of a layer goes from 0 to 1 at step 3 and stays; the others stand still."""
    values = np.zeros((5, 1, 4))
    values[3:, 0, 2] = 1
    node = xr.Dataset(
        {"gate": (("time", "batch", "unit"), values)},
        coords={"time": range(5), "batch": [0], "unit": [10, 11, 12, 13]},
    )
    found = step_changes(node, ["gate"]).isel(signal=0, batch=0)
    np.testing.assert_array_equal(found["moved"].values[1:], [0, 0, 0.25, 0])
    assert int(found["unit"][3]) == 12
    assert float(found["change"][3]) == 1


def test_past_the_end_there_is_nothing() -> None:
    """NaN, and no unit."""
    packed = nn.utils.rnn.pack_padded_sequence(torch.randn(5, 2, 3), torch.tensor([5, 3]))
    (leaf,) = record(nn.GRU(3, 4), packed).leaves
    found = step_changes(leaf.to_dataset(), ["update_gate"]).isel(signal=0, batch=1)
    assert np.isfinite(found["moved"].values[1:3]).all()
    assert np.isnan(found["moved"].values[3:]).all()
    assert (found["unit"].values[3:] == -1).all()
    with pytest.raises(ValueError, match="at least one signal"):
        step_changes(leaf.to_dataset(), [])


def test_one_step_has_no_change() -> None:
    """A sentence of one word."""
    (leaf,) = record(nn.GRU(3, 4), torch.randn(1, 1, 3)).leaves
    found = step_changes(leaf.to_dataset(), ["update_gate"])
    assert found["moved"].shape == (1, 1, 1)
    assert np.isnan(found["moved"].values).all()
