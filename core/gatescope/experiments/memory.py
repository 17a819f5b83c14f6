"""One network's memory measured six ways over the lag."""

import hashlib
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
    quantiles,
    retention_gate,
    step_jacobians,
    two_pasts,
    written_units,
)
from gatescope.models import SequenceModel
from gatescope.recording import record
from gatescope.tasks import Batch, Task, make_task
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
        1 means all is there, 0 nothing; some measures can rise above 1.
    low, high
        10 to 90 % over the examples that are so long; for the behaviour its 95 % interval; for
        the probe what the shuffled probe reads, and the score.
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
    """Measure a run's trained network, its last forward layer; takes a second or more.

    Lag 0 is the step of each example's last answer. A measure that says nothing of this network,
    as the gates of a plain RNN, is left out.
    """
    model, probe, task = run.model(), run.probe(), run.task
    trace = record(model, probe.inputs, SummedLoss(task, probe))
    lengths = probe.lengths.numpy()
    layer = until(last_forward(trace), lengths)
    found = {
        "gates": gates(layer),
        "gradient": gradient(layer),
        "jacobian": jacobian(model, trace, layer, probe.inputs),
        # what somebody brought has no right answers, and too few sequences to fit a probe
        "information": information(model, task) if task.asks else None,
        "behaviour": asked(model, run) if task.asks else None,
        "convergence": forgetting(model, task),
    }
    return {name: curve for name, curve in found.items() if curve is not None and curve.lags}


def last_forward(trace: xr.DataTree) -> xr.Dataset:
    """The layer whose last step is the sequence's, nearest to the answer."""
    return [leaf for leaf in trace.leaves if leaf.attrs["direction"] == "forward"][-1].to_dataset()


def until(layer: xr.Dataset, lengths: np.ndarray) -> xr.Dataset:
    """A layer's recording up to each example's last answer; NaN after it, as past an end."""
    if (lengths == layer.sizes["time"]).all():
        return layer
    there = layer["time"] < xr.DataArray(lengths, dims="batch")
    return layer.where(there).assign_coords(length=("batch", lengths))


def gates(layer: xr.Dataset) -> Curve | None:
    """The product of the retention gates, of the units that are ever written the one that keeps
    most at that lag."""
    gate, written = retention_gate(layer), written_units(layer)
    if gate is None or not written.any():
        return None
    return _curve(gate_retention(gate.isel(unit=written.values)).max("unit").values)


def gradient(layer: xr.Dataset) -> Curve:
    """The gradient's norm, of the cell state where there is one."""
    state = "cell_state" if "grad_cell_state" in layer else "hidden_state"
    return _curve(gradient_retention(layer, state).relative.values)


def jacobian(model: SequenceModel, trace: xr.DataTree, layer: xr.Dataset, inputs: Tensor) -> Curve:
    """The largest singular value of ds_T/ds_{T-k}: the direction that is kept best."""
    number, below = layer.attrs["layer"], model.embed(inputs[:, :JACOBIAN_EXAMPLES]).double()
    if number:
        under = [leaf for leaf in trace.leaves if leaf.attrs["layer"] == number - 1]
        states = [leaf.to_dataset()["hidden_state"].values for leaf in under]
        parts = [state[:, :JACOBIAN_EXAMPLES] for state in states]
        below = torch.tensor(np.concatenate(parts, axis=-1)).double()
    recurrent: nn.Module = model.recurrent.double()
    if not isinstance(recurrent, nn.RNNBase):
        recurrent = recurrent.cells[number * recurrent.directions]  # type: ignore[index, assignment]
    steps = step_jacobians(recurrent, below.detach(), number)
    model.float()
    largest = np.full(steps.shape[:2], np.nan)
    ends = layer["length"].values if "length" in layer.coords else [len(steps)] * steps.shape[1]
    for example, end in enumerate(ends[: steps.shape[1]]):
        logs = log_singular_values(steps[:end, example : example + 1], range(end))
        largest[:end, example] = logs.isel(batch=0, direction=0)
    with np.errstate(over="ignore"):
        return _curve(np.exp(largest))


def information(model: SequenceModel, task: Task) -> Curve | None:
    """How well a linear probe reads the input of k steps ago out of the last state.

    Of words it reads what the layer reads, their embeddings. None where states are no numbers.
    """
    fit = _different(task, PROBE_FIT, SEED)
    test = _different(task.held_out("test"), PROBE_HELD_OUT, SEED + 1)
    inputs = _side_by_side(fit.inputs, test.inputs)
    lengths = torch.cat([fit.lengths, test.lengths]).numpy()
    states = final_state(until(last_forward(record(model, inputs)), lengths))
    if not np.isfinite(states).all():
        return None
    lags = range(len(inputs))
    with torch.no_grad():
        read = model.embed(inputs).numpy()
    found = linear_probe(
        states, read, lags, symbols=task.input_kind == "symbols",
        held_out=test.inputs.shape[1], seed=SEED, lengths=lengths,
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
    """The run's task at shorter and longer lengths, or delays; itself where it has no such.

    All are of the test part, whatever the options: what was trained on is not asked.
    """
    task, options = run.task.held_out("test"), run.config.task_options
    takes = type(task).options()
    name = next((name for name in ("delay", "length") if name in takes), None)
    if name is None:
        return {task.length: task}
    own = getattr(task, name)
    lengths = {*np.linspace(own / 10, own * 4 / 3, LENGTHS).round().astype(int).tolist(), own}
    found = {}
    for length in sorted(lengths):
        try:
            other = make_task(run.config.task, **(options | {name: length}))
            found[length] = other.held_out("test")
        except ValueError:  # too short for this task
            continue
    same = (task.input_size, task.output_size)
    return {n: t for n, t in found.items() if (t.input_size, t.output_size) == same}


def forgetting(model: SequenceModel, task: Task) -> Curve | None:
    """The distance between the states after two beginnings, while the rest is the same.

    None where there are not two examples to have different beginnings, or too few steps.
    """
    batch = _different(task.held_out("test"), PAIRS, SEED + 3)
    inputs, lengths = batch.inputs, batch.lengths.numpy()
    if inputs.shape[1] < 2 or len(inputs) < 2:
        return None
    differ = max(1, len(inputs) // 5)
    pairs = [inputs, two_pasts(inputs, differ, SEED)]
    first, second = (until(last_forward(record(model, x)), lengths) for x in pairs)
    return _curve(convergence(first, second, differ).values)


def _different(task: Task, most: int, seed: int) -> Batch:
    """Examples, none twice: all there are, where the data have no more."""
    return task.sample(min(most, task.examples or most), seed)


def _side_by_side(*inputs: Tensor) -> Tensor:
    """(time, batch, feature) of several batches, the shorter ones padded with zeros."""
    steps = max(map(len, inputs))
    padded = [nn.functional.pad(x, (0, 0, 0, 0, 0, steps - len(x))) for x in inputs]
    return torch.cat(padded, dim=1)


def _curve(values: np.ndarray) -> Curve:
    """Median and 10 to 90 % over examples, of (lag, batch)."""
    low, value, high = quantiles(values, (0.1, 0.5, 0.9), axis=1)
    return _listed(np.arange(len(values)), value, low, high)


def _listed(lags: np.ndarray, *columns: np.ndarray) -> Curve:
    """Rounded to five significant digits; where there is no value there is no lag."""
    there = ~np.isnan(columns[0])
    rounded = [
        [float(f"{number:.{DIGITS}g}") for number in np.asarray(column, dtype=float)[there]]
        for column in (lags, *columns)
    ]
    return Curve(*rounded)
