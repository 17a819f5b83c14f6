"""Recordings against a float64 loop of cells on the CPU, for every kind of torch's layers.

The error is the largest difference in units of the array's largest value.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from _cells import Arrays, unrolled
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

TIME, FEATURES, UNITS = 12, 3, 8
WHOLE, RAGGED = (TIME,) * 4, (5, TIME, 1, 9)
"""Steps of each example."""

KINDS: dict[str, Callable[..., nn.RNNBase]] = {
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "rnn, tanh": nn.RNN,
    "rnn, relu": lambda *sizes, **options: nn.RNN(*sizes, nonlinearity="relu", **options),
}
EVERYTHING = {"num_layers": 2, "bidirectional": True}
FORMS: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
    "one layer": ({}, WHOLE),
    "no biases": ({"bias": False}, WHOLE),
    "two directions": ({"bidirectional": True}, WHOLE),
    "3 layers, dropout 0": ({"num_layers": 3, "dropout": 0.0}, WHOLE),
    "packed": ({}, RAGGED),
    "packed, 2 layers, two directions": (EVERYTHING, RAGGED),
    "projected": ({"proj_size": 3}, WHOLE),
    "projected, packed, 2 layers, two directions": ({"proj_size": 3} | EVERYTHING, RAGGED),
}
TOLERANCE = {torch.float32: 2e-5, torch.float64: 1e-10}
WAYS = [(dtype, mode) for dtype in TOLERANCE for mode in ("train", "eval")]
FAULTS = (RuntimeError, ValueError, TypeError, LookupError, AssertionError)
"""What a recording may fail with: each is said, by its name and its words."""


@dataclass(frozen=True)
class Case:
    """A layer, in float32 on the CPU, and what it reads."""

    layer: nn.RNNBase
    inputs: Tensor
    lengths: tuple[int, ...]

    def arguments(self, device: str, dtype: torch.dtype) -> Tensor | PackedSequence:
        """The inputs, packed where the examples differ in length."""
        inputs = self.inputs.to(device, dtype)
        if self.lengths == WHOLE:
            return inputs
        return pack_padded_sequence(inputs, torch.tensor(self.lengths), enforce_sorted=False)

    def expected(self) -> Arrays:
        """What a float64 loop of cells gives."""
        found = unrolled(copy.deepcopy(self.layer).double(), self.inputs.double(), self.lengths)
        return found.arrays(weighed(found.outputs, found.last))


def case(kind: str, form: str) -> Case | None:
    """The layer of a kind in a form; None where there is no such layer."""
    options, lengths = FORMS[form]
    if "proj_size" in options and kind != "lstm":
        return None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layer = KINDS[kind](FEATURES, UNITS, **options)
        return Case(layer, torch.randn(TIME, len(lengths), FEATURES), lengths)


def weighed(outputs: Tensor, last: Tensor) -> Tensor:
    """A loss in which every output and every last state has a weight of its own."""
    total = outputs.new_zeros(())
    for part in (outputs, last):
        weights = torch.linspace(-1, 2, part.numel(), dtype=torch.float64)
        total = total + (part * weights.view(part.shape).to(part)).sum()
    return total


def loss_of_layer(output: tuple[Any, Any]) -> Tensor:
    """`weighed`, of what a layer returns."""
    outputs, states = output
    if isinstance(outputs, PackedSequence):
        outputs = pad_packed_sequence(outputs, total_length=TIME)[0]
    return weighed(outputs, states[0] if isinstance(states, tuple) else states)


def recorded(given: Case, device: str, dtype: torch.dtype, mode: str) -> Arrays:
    """What a recording gives, by node."""
    from gatescope import record

    layer = copy.deepcopy(given.layer).to(device, dtype).train(mode == "train")
    trace = record(layer, given.arguments(device, dtype), loss_of_layer)
    return {
        leaf.name: {
            str(name): array.transpose("time", "batch", ...).to_numpy()
            for name, array in leaf.data_vars.items()
        }
        for leaf in trace.leaves
    }  # fmt: skip


def difference(found: Arrays, expected: Arrays) -> float:
    """The largest difference over all arrays, each in units of its largest value.

    Raises
    ------
    ValueError
        When an array is missing, has another shape, or numbers at other places.
    """
    worst = 0.0
    for node, arrays in expected.items():
        for name, array in arrays.items():
            other = found.get(node, {}).get(name)
            if other is None or other.shape != array.shape:
                raise ValueError(f"{node}/{name} is missing or has another shape")
            if (np.isnan(other) != np.isnan(array)).any():
                raise ValueError(f"{node}/{name} is NaN elsewhere")
            size = np.nanmax(np.abs(array)) or 1.0
            worst = max(worst, float(np.nanmax(np.abs(other - array)) / size))
    return worst


def parity(device: str) -> tuple[list[str], list[Sequence[object]], list[str]]:
    """A table of errors, and what was wrong in words."""
    rows: list[Sequence[object]] = []
    wrong: list[str] = []
    for kind in KINDS:
        for form in FORMS:
            given = case(kind, form)
            if given is None:
                continue
            expected, row = given.expected(), []
            for dtype, mode in WAYS:
                try:
                    error = difference(recorded(given, device, dtype, mode), expected)
                except FAULTS as reason:  # the rest is measured all the same
                    row.append(type(reason).__name__)
                    wrong.append(f"{kind}, {form}, {dtype}, {mode}: {reason}")
                    continue
                row.append(f"{error:.0e}")
                if not error <= TOLERANCE[dtype]:
                    wrong.append(f"{kind}, {form}, {dtype}, {mode}: off by {error:.1e}")
            rows.append((f"{kind}: {form}", *row))
    headers = [f"{str(dtype).removeprefix('torch.')}, {mode}" for dtype, mode in WAYS]
    return ["layer", *headers], rows, wrong


def bare_in_eval(device: str) -> str:
    """What torch does without a recording, in words."""
    layer = nn.LSTM(FEATURES, UNITS).to(device).eval()
    try:
        layer(torch.randn(TIME, 2, FEATURES, device=device))[0].sum().backward()
    except RuntimeError as reason:
        return (
            f"PyTorch itself refuses the backward pass in eval mode: {str(reason).splitlines()[0]}"
        )
    return "PyTorch itself runs the backward pass in eval mode"
