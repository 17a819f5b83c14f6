"""Threads that share one model disturb nobody."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
import torch
import xarray as xr
from torch import Tensor, nn

import gatescope

THREADS, ROUNDS = 8, 3


class Shared(nn.Module):
    """A fused layer, torch's single-step cell and one of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.cell = nn.LSTM(3, 4, 2), nn.GRUCell(4, 4)
        self.own = gatescope.Recurrence([gatescope.make_cell("lstm_coupled", 4, 4)])

    def forward(self, x: Tensor) -> Tensor:
        rows, h = self.layer(x)[0], None
        outputs = []
        for row in rows:
            h = self.cell(row, h)
            outputs.append(h)
        return self.own(torch.stack(outputs))


def state(model: nn.Module) -> list[bytes]:
    """Every bit of a model's weights."""
    return [parameter.detach().numpy().tobytes() for parameter in model.parameters()]


@pytest.mark.parametrize("shared", [True, False], ids=["one_model", "a_model_each"])
def test_threads_at_once_record_what_one_after_another_records(shared: bool) -> None:
    """Eight threads, each with its own input, loss and choice, while a ninth runs the model.

    Every trace equals the serial one, the ninth's outputs are the model's, nothing is left.
    """
    models = [Shared().double().eval() for _ in range(THREADS)]
    if shared:
        models = models[:1] * THREADS
    inputs = [torch.randn(7, 2, 3, dtype=torch.float64) for _ in range(THREADS)]
    before = state(models[0])

    def one(number: int) -> list[xr.DataTree]:
        barrier.wait()
        return [
            gatescope.record(
                models[number],
                inputs[number],
                lambda output: (number + 1) * output.sum(),
                time=[None, 2, slice(3, 6)][number % 3],
            )
            for _ in range(ROUNDS)
        ]

    def plain() -> list[Tensor]:
        barrier.wait()
        outputs = []
        while not done.is_set():
            outputs.append(models[0](inputs[0]))
        return outputs

    barrier, done = Barrier(1), Event()
    serial = [one(number) for number in range(THREADS)]
    expected = models[0](inputs[0])
    barrier = Barrier(THREADS + 1)
    with ThreadPoolExecutor(THREADS + 1) as pool:
        ninth = pool.submit(plain)
        together = list(pool.map(one, range(THREADS)))
        done.set()
        outputs = ninth.result()
    for alone, among in zip(serial, together, strict=True):
        for left, right in zip(alone, among, strict=True):
            assert left.identical(right)
    assert outputs
    for output in outputs:
        assert torch.equal(output, expected)
        assert output.grad_fn is not None
    assert state(models[0]) == before
    assert all(parameter.grad is None for parameter in models[0].parameters())


def test_a_call_in_a_thread_of_the_models_own_is_named() -> None:
    """It would be missing from the trace, beside the same layers' calls in this thread."""
    model, x = Shared().double().eval(), torch.randn(7, 2, 3, dtype=torch.float64)
    inside: list[Tensor] = []

    class Busy(Shared):
        def forward(self, x: Tensor) -> Tensor:
            with ThreadPoolExecutor(1) as pool:
                inside.append(pool.submit(model, x[:2]).result())
            return model(x)

    busy = Busy()
    busy.model = model
    with pytest.raises(gatescope.RecordError, match=r"model\.layer .* ran in another thread"):
        gatescope.record(busy, x)
    assert inside[0].grad_fn is not None, "it is not recorded, and runs as ever"
