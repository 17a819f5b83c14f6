"""Threads that share one model disturb nobody."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import torch
from torch import Tensor, nn

import gatescope

THREADS, ROUNDS = 4, 5


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


@pytest.mark.parametrize("shared", [True, False], ids=["one_model", "a_model_each"])
def test_threads_at_once_record_what_one_after_another_records(shared: bool) -> None:
    """Four threads, each with its own input and loss: traces equal the serial ones."""
    models = [Shared().double().eval() for _ in range(THREADS)]
    if shared:
        models = models[:1] * THREADS
    inputs = [torch.randn(7, 2, 3, dtype=torch.float64) for _ in range(THREADS)]

    def one(number: int) -> list[gatescope.recording.record]:
        barrier.wait()
        return [
            gatescope.record(
                models[number], inputs[number], lambda output: (number + 1) * output.sum()
            )
            for _ in range(ROUNDS)
        ]

    barrier = Barrier(1)
    serial = [one(number) for number in range(THREADS)]
    barrier = Barrier(THREADS)
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(one, range(THREADS)))
    for alone, among in zip(serial, together, strict=True):
        for left, right in zip(alone, among, strict=True):
            assert left.identical(right)


def test_a_thread_that_does_not_record_is_not_recorded() -> None:
    """Another thread running the same model meanwhile leaves no trace in the recording."""
    model, x = Shared().double().eval(), torch.randn(7, 2, 3, dtype=torch.float64)
    expected = gatescope.record(model, x)
    inside: list[Tensor] = []

    class Busy(Shared):
        def forward(self, x: Tensor) -> Tensor:
            with ThreadPoolExecutor(1) as pool:
                inside.append(pool.submit(model, x[:2]).result())
            return model(x)

    busy = Busy()
    busy.model = model
    trace = gatescope.record(busy, x)
    assert len(inside) == 1
    assert inside[0].grad_fn is not None
    assert len(list(trace.leaves)) == len(list(expected.leaves))
    for node in expected.leaves:
        assert trace[f"model.{node.path.strip('/')}"].to_dataset().identical(node.to_dataset())
