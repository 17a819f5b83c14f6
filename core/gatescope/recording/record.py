"""The one call: a model and its inputs in, every gate, state and gradient out."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import xarray as xr
from torch import Tensor, nn

from gatescope.earlier import also_called
from gatescope.recording.running import Invocation, observed_run, recorder
from gatescope.recording.selection import Indices, Selection
from gatescope.recording.stream import TraceFile


@also_called(examples="batch")
def record(
    model: nn.Module,
    inputs: Any = (),
    loss: Callable[[Any], Tensor] | None = None,
    *,
    kwargs: Mapping[str, Any] | None = None,
    method: str = "forward",
    signals: Iterable[str] | None = None,
    layers: Iterable[str] | None = None,
    batch: Indices = None,
    units: Indices = None,
    time: slice | int | None = None,
    to: str | os.PathLike[str] | None = None,
) -> xr.DataTree:
    """Record every gate, state and gradient of a model's recurrent layers.

    The model runs once, in the mode it is in; a second time, step by step, when it or the loss
    differentiates through a layer on the way (a gradient penalty, an inner step of learning).

    Afterwards it and its inputs are as they were, also after an exception: weights, ``.grad``,
    ``requires_grad``, buffers, hooks, training flags and every other attribute of its modules and
    of their classes; what lies in lists, dicts, sets, slots and plain objects kept there, with the
    numbers of their tensors and arrays; and the random states of torch, Python, NumPy and of
    generators kept in attributes. Global variables, files, iterators, and what a model keeps behind
    functions are not put back.

    Parameters
    ----------
    model
        Any module that holds, anywhere inside, ``torch.nn.RNN``, ``LSTM`` or ``GRU``, their
        single-step cells, or one of our own cells; or such a module itself. What is compiled
        runs as the module that was compiled.
    inputs
        What its forward takes: a tensor, a ``PackedSequence``, or a tuple of arguments; nothing
        where all have names, as ``record(model, kwargs=batch)``.
    loss
        From the model's output to a scalar. With it, ``grad_<signal>`` is there for every
        signal: the total derivative of that scalar, as ``retain_grad`` would report it had the
        cell been written as a Python loop. Works in eval mode and on frozen weights. A layer of
        the model that runs in the loss alone is recorded too.
    kwargs
        Keyword arguments of the call.
    method
        Another method than forward to run, as ``"generate"``.
    signals
        Names to keep, as ``("forget_gate", "grad_cell_state")``; None keeps all.
    layers
        Nodes to keep, as ``("lstm/l0",)``; None keeps all.
    batch, units
        Indices to keep along the batch and along the hidden units (not along the shorter state
        of a projected LSTM): one, several or a slice, counted from 0. None keeps all.
    time
        Steps to keep: a slice counted from the first step, or a stride: 10 keeps every tenth.
        Where a module is called several times, its calls follow one another along time. None
        keeps all. What is not kept takes no memory, and changes what is by rounding at most.
    to
        A netCDF file that the recording is written to while it runs, a block of steps at a time,
        so that it may be larger than memory; by convention its name ends in ``.nc``. It is there
        when `record` returns, and an older one is replaced; after an exception nothing is left.
        Until then it is called ``.NAME.part``: a killed process leaves that to the next recording
        there, which begins anew. While one is written, a second one to the same file is refused.
        Without a loss that also holds for calls of a few steps each; with one, these, our own
        cells, torch's single-step cells and a model that differentiates on the way are held in
        memory until the end.

    Returns
    -------
    xarray.DataTree
        One node a layer and direction, ``<module path>/l0``, ``<module path>/l0_reverse``, ...; a
        layer without a path in the model is named by its kind: ``lstm``, ``lstm_2``. Each signal
        has the dimensions (time, batch, unit), and the reverse direction is laid out in input
        time. A packed batch has a ``length`` coordinate and NaN past each end; unbatched input is
        a batch of one.

        The calls of a module that runs several times follow one another along time, told apart by
        the coordinate ``call``. Where they differ in their batch, or are packed, NaN stands where
        a call has no such example or step, and ``call_length`` (calls, batch) says how many steps
        each has. Where the model turns gradients off, ``grad_<signal>`` is NaN and the attribute
        ``without_gradients`` says why.

        Numbers are in the model's precision; bfloat16 and float16 are stored as float32 (the
        attribute ``dtype`` says what the model had) and are good to about 3 % of a signal's
        largest value.

        With ``to`` it is the same tree, and its numbers are read from the file when they are used,
        as by `open_trace`: ``.isel`` reads a part, ``.load()`` all, ``.close()`` lets go of the
        file, which has to stay until then.

    Raises
    ------
    RecordError
        When no recurrent layer ran, when one ran and cannot be seen (scripted, quantized, in
        another thread, with a forward of its own, under autocast or torch.func), when the loss is
        no scalar or has no gradient, when what it needs was changed in place, when an index or a
        name does not exist, when what is asked for does not fit into memory, or when the file
        cannot be written.

    Examples
    --------
    >>> import gatescope, torch
    >>> lstm = torch.nn.LSTM(3, 8, num_layers=2)
    >>> trace = gatescope.record(lstm, torch.randn(20, 5, 3), lambda output: output[0].sum())
    >>> [node.path for node in trace.leaves]
    ['/lstm/l0', '/lstm/l1']
    >>> trace["lstm/l0"]["forget_gate"].dims, trace["lstm/l0"]["grad_cell_state"].shape
    (('time', 'batch', 'unit'), (20, 5, 8))

    Less of it:

    >>> part = gatescope.record(lstm, torch.randn(20, 5, 3), signals="forget_gate", time=5)
    >>> part["lstm/l1"]["time"].values.tolist(), list(part["lstm/l1"].data_vars)
    ([0, 5, 10, 15], ['forget_gate'])

    More than fits into memory, and a part of it:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     long = gatescope.record(lstm, torch.randn(9_000, 1, 3), to=f"{folder}/long.nc")
    ...     float(long["lstm/l1"]["forget_gate"].isel(time=slice(8_000, None)).max()) < 1
    ...     long.close()
    True
    """
    selection = Selection.of(signals, layers, batch, units, time)
    invocation = Invocation(model, inputs, loss, kwargs or {}, method)
    if to is None:
        return observed_run(invocation, recorder, selection)[1]
    file = TraceFile(to)
    try:
        _, labels = observed_run(invocation, recorder, selection, file)
        file.save(labels)
        return file.opened()
    finally:
        file.discard()
