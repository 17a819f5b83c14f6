"""The sequence model against torch's own layers and read-out."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from gatescope import CELLS, Recurrence, SequenceModel, record

TIME, BATCH, FEATURES, UNITS, OUTPUTS = 5, 3, 2, 4, 3
FUSED = {
    "rnn": nn.RNN,
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "rnn_relu": partial(nn.RNN, nonlinearity="relu"),
}


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("name", FUSED)
def test_rnn_lstm_and_gru_run_on_torchs_layers(name: str, layers: int, bidirectional: bool) -> None:
    """A torch layer of these weights and a linear map at every step, in float64."""
    model = SequenceModel(
        name, FEATURES, UNITS, OUTPUTS, num_layers=layers, bidirectional=bidirectional
    ).double()
    reference = FUSED[name](FEATURES, UNITS, layers, bidirectional=bidirectional).double()
    assert type(model.recurrent) is type(reference)
    reference.load_state_dict(model.recurrent.state_dict())
    x = torch.randn(TIME, BATCH, FEATURES, dtype=torch.float64)
    expected = reference(x)[0] @ model.readout.weight.T + model.readout.bias
    assert expected.shape == (TIME, BATCH, OUTPUTS)
    torch.testing.assert_close(model(x), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("name", [name for name in CELLS if name not in FUSED])
def test_every_other_cell_runs_on_our_time_loop(name: str, bidirectional: bool) -> None:
    """Two layers, each cell stepped by hand in its own direction."""
    model = SequenceModel(
        name, FEATURES, UNITS, OUTPUTS, num_layers=2, bidirectional=bidirectional
    ).double()
    assert isinstance(model.recurrent, Recurrence)
    directions = 2 if bidirectional else 1
    x = rows = torch.randn(TIME, BATCH, FEATURES, dtype=torch.float64)
    for layer in range(2):
        halves = []
        for reverse in range(directions):
            cell = model.recurrent.cells[layer * directions + reverse]
            assert type(cell) is CELLS[name]
            state, hidden = cell.initial_state(rows[0]), {}
            for t in range(TIME)[::-1] if reverse else range(TIME):
                state = cell.step(rows[t], state)
                hidden[t] = state["hidden_state"]
            halves.append(torch.stack([hidden[t] for t in range(TIME)]))
        rows = torch.cat(halves, -1)
    torch.testing.assert_close(model(x), model.readout(rows), rtol=1e-12, atol=1e-14)


def test_a_cell_a_layer() -> None:
    """Different names stack, and a recording names each."""
    model = SequenceModel(["gru", "lstm_coupled", "rnn"], FEATURES, UNITS, OUTPUTS)
    trace = record(model, torch.randn(TIME, BATCH, FEATURES))
    cells = {node.path: node.attrs["cell"] for node in trace.leaves}
    assert cells == {
        "/recurrent/l0": "gru",
        "/recurrent/l1": "lstm_coupled",
        "/recurrent/l2": "rnn",
    }


@pytest.mark.parametrize("name", ["lstm", "lstm_coupled"])
def test_dropout_acts_while_training_alone(name: str) -> None:
    """Eval mode gives one answer, training mode another each time."""
    model = SequenceModel(name, FEATURES, UNITS, OUTPUTS, num_layers=2, dropout=0.5)
    x = torch.randn(TIME, BATCH, FEATURES)
    assert not torch.equal(model(x), model(x))
    model.eval()
    assert torch.equal(model(x), model(x))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("lstn", 2, 4, 3), "there is no cell 'lstn'"),
        ((["lstm", "x"], 2, 4, 3), "there is no cell 'x'"),
        (([], 2, 4, 3), "at least one layer"),
        (("lstm", 2, 4, 0), "output_size must be at least 1, got 0"),
        (("lstm_peephole", 2, 0, 3), "at least 1, got 2 and 0"),
    ],
)
def test_errors_name_the_value(arguments: tuple[Any, ...], words: str) -> None:
    """What was given, and what there is."""
    with pytest.raises(ValueError, match=words):
        SequenceModel(*arguments)
