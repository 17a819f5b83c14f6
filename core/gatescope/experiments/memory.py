"""One network's memory measured six ways over the lag."""

import hashlib
import inspect
import json
import re
from dataclasses import asdict, dataclass

import numpy as np
import torch
import xarray as xr
from torch import Tensor, nn

from gatescope.analysis import (
    behaviour,
    convergence,
    final_state,
    gate_retention,
    gradient_retention,
    linear_probe,
    log_singular_values,
    retention_gate,
    step_jacobians,
    two_pasts,
)
from gatescope.models import SequenceModel
from gatescope.recording import record
from gatescope.tasks import Task, make_task
from gatescope.training import Run, SummedLoss

MEASURES = ("gates", "gradient", "jacobian", "information", "behaviour", "convergence")
"""In the order in which they are drawn and told."""

JACOBIAN_EXAMPLES, PROBE_FIT, PROBE_HELD_OUT, ASKED, LENGTHS, PAIRS = 8, 2000, 1000, 1000, 14, 64
SEED = 11
DIGITS = 5


@dataclass(frozen=True)
class Curve:
    """One measure over the lag; each list is (lag,).

    Attributes
    ----------
    lags
        In steps.
    value
        1 means all is kept, 0 nothing.
    low, high
        10 to 90 % over examples; for the behaviour its 95 % interval; for the probe what the
        shuffled probe reads, and the score.
    """

    lags: list[float]
    value: list[float]
    low: list[float]
    high: list[float]


Curves = dict[str, Curve]


def fingerprint(run: Run) -> str:
    """Tells a trained network from any other: a digest of its settings and last weights."""
    digest = hashlib.sha256(json.dumps(run.config.identity(), sort_keys=True).encode())
    for name, tensor in sorted(run.checkpoints[run.steps[-1]].items()):
        digest.update(name.encode() + tensor.numpy().tobytes())
    return digest.hexdigest()


def to_json(run: Run, curves: Curves) -> str:
    """A run's measures as text, with its fingerprint; each list on its own line."""
    data = {
        "fingerprint": fingerprint(run),
        "measures": {name: asdict(curve) for name, curve in curves.items()},
    }
    return re.sub(r",\n {4,}", ", ", json.dumps(data, indent=1)) + "\n"


def from_json(text: str | bytes) -> tuple[str, Curves]:
    """Fingerprint and measures of what `to_json` wrote."""
    data = json.loads(text)
    return data["fingerprint"], {n: Curve(**curve) for n, curve in data["measures"].items()}


def measure(run: Run) -> Curves:
    """Measure a run's trained network, its last forward layer; takes a second or more."""
    model, probe, task = run.model(), run.probe(), run.task
    trace = record(model, probe.inputs, SummedLoss(task, probe))
    layer = last_forward(trace)
    found = {
        "gates": gates(layer),
        "gradient": gradient(layer),
        "jacobian": jacobian(model, trace, layer, probe.inputs),
        # what somebody brought has no right answers, and too few sequences to fit a probe
        "information": information(model, task) if task.asks else None,
        "behaviour": asked(model, run) if task.asks else None,
        "convergence": forgetting(model, task),
    }
    return {name: curve for name, curve in found.items() if curve is not None}


def last_forward(trace: xr.DataTree) -> xr.Dataset:
    """The layer whose last step is the sequence's, nearest to the answer."""
    return [leaf for leaf in trace.leaves if leaf.attrs["direction"] == "forward"][-1].to_dataset()


def gates(layer: xr.Dataset) -> Curve | None:
    """The product of the retention gates in the unit that keeps most at that lag."""
    gate = retention_gate(layer)
    return None if gate is None else _curve(gate_retention(gate).max("unit").values)


def gradient(layer: xr.Dataset) -> Curve:
    """The gradient's norm, of the cell state where there is one."""
    state = "cell_state" if "grad_cell_state" in layer else "hidden_state"
    return _curve(gradient_retention(layer, state).relative.values)


def jacobian(model: SequenceModel, trace: xr.DataTree, layer: xr.Dataset, inputs: Tensor) -> Curve:
    """The largest singular value of ds_T/ds_{T-k}: the direction that is kept best."""
    number, below = layer.attrs["layer"], inputs[:, :JACOBIAN_EXAMPLES].double()
    if number:
        under = [leaf for leaf in trace.leaves if leaf.attrs["layer"] == number - 1]
        states = [leaf.to_dataset()["hidden_state"].values for leaf in under]
        parts = [state[:, :JACOBIAN_EXAMPLES] for state in states]
        below = torch.tensor(np.concatenate(parts, axis=-1)).double()
    recurrent: nn.Module = model.recurrent.double()
    if not isinstance(recurrent, nn.RNNBase):
        recurrent = recurrent.cells[number * recurrent.directions]  # type: ignore[index, assignment]
    logs = log_singular_values(step_jacobians(recurrent, below, number), range(len(inputs)))
    model.float()
    with np.errstate(over="ignore"):
        return _curve(np.exp(logs.isel(direction=0).values))


def information(model: SequenceModel, task: Task) -> Curve:
    """How well a linear probe reads the input of k steps ago out of the last state."""
    fit = task.sample(PROBE_FIT, SEED)
    test = task.held_out("test").sample(PROBE_HELD_OUT, SEED + 1)
    if task.input_kind == "pixels":  # there are only so many digits: each once
        fit, test = task.sample(1097, SEED), task.held_out("test").sample(500, SEED)
    inputs = torch.cat([fit.inputs, test.inputs], dim=1)
    states = final_state(last_forward(record(model, inputs)))
    lags = range(len(inputs))
    found = linear_probe(
        states, inputs.numpy(), lags,
        symbols=task.input_kind == "symbols", held_out=test.inputs.shape[1], seed=SEED,
    )  # fmt: skip
    return _listed(np.asarray(lags), found.score, found.shuffled, found.score)


def asked(model: SequenceModel, run: Run) -> Curve | None:
    """The share of the way from guessing to perfect at other lengths of the task."""
    tasks = at_lengths(run)
    if not tasks:
        return None
    found = behaviour(model, tasks, examples=ASKED, seed=SEED + 2)
    there = found.lags <= run.task.length - 1
    columns = (found.lags, *map(found.relative, (found.accuracy, found.low, found.high)))
    return _listed(*(column[there] for column in columns))


def at_lengths(run: Run) -> dict[int, Task]:
    """The run's task at shorter and longer lengths, or delays; itself where it has no such."""
    task, options = run.task.held_out("test"), run.config.task_options
    takes = inspect.signature(type(task).__init__).parameters
    name = next((name for name in ("delay", "length") if name in takes), None)
    if name is None:
        return {task.length: task}
    own = getattr(task, name)
    lengths = {*np.linspace(own / 10, own * 4 / 3, LENGTHS).round().astype(int).tolist(), own}
    found = {}
    for length in sorted(lengths):
        try:
            found[length] = make_task(run.config.task, **(options | {name: length}))
        except ValueError:  # too short for this task
            continue
    same = (task.input_size, task.output_size)
    return {n: t for n, t in found.items() if (t.input_size, t.output_size) == same}


def forgetting(model: SequenceModel, task: Task) -> Curve | None:
    """The distance between the states after two beginnings, while the rest is the same.

    None where there are not two examples to have different beginnings, or too few steps.
    """
    inputs = task.held_out("test").sample(PAIRS, SEED + 3).inputs
    if inputs.shape[1] < 2 or len(inputs) < 2:
        return None
    differ = max(1, len(inputs) // 5)
    pairs = [inputs, two_pasts(inputs, differ, SEED)]
    first, second = (last_forward(record(model, x)) for x in pairs)
    return _curve(convergence(first, second, differ).values)


def _curve(values: np.ndarray) -> Curve:
    """Median and 10 to 90 % over examples, of (lag, batch)."""
    there = values[~np.isnan(values).all(axis=1)]
    low, value, high = np.nanquantile(there, [0.1, 0.5, 0.9], axis=1)
    lags = np.flatnonzero(~np.isnan(values).all(axis=1))
    return _listed(lags, value, low, high)


def _listed(lags: np.ndarray, *columns: np.ndarray) -> Curve:
    """Rounded to five significant digits; where there is no value there is no lag."""
    there = ~np.isnan(columns[0])
    rounded = [
        [float(f"{number:.{DIGITS}g}") for number in np.asarray(column, dtype=float)[there]]
        for column in (lags, *columns)
    ]
    return Curve(*rounded)
