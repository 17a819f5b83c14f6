"""``gatescope record``: a saved run, or a model that a function of one's own makes, to a trace."""

import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import typer
from torch import Tensor, nn

from gatescope import RecordError, load_run, record
from gatescope.training import SummedLoss
from viz_app.commands._terminal import require_file
from viz_app.kit.choice import window_of
from viz_app.kit.library import folders
from viz_app.text import say

Recorded = tuple[nn.Module, Any, Callable[[Any], Tensor] | None]
"""A model, its inputs, and a loss."""


def record_to(out: Path, values: Mapping[str, Any]) -> None:
    """Record what the command line names, and save the trace.

    Parameters
    ----------
    out
        Where to.
    values
        The command's parameters by name.
    """
    run, model = values["run"], values["model"]
    if (run is None) == (model is None):
        raise ValueError(say("cli.run_or_model"))
    if model is not None and values["step"] is not None:
        raise ValueError(say("cli.step_of_a_model"))
    require_file(out)
    network, inputs, loss = _of_run(run, values["step"]) if model is None else of_function(model)
    if values["every"] is not None and values["window"] is not None:
        raise ValueError(say("cli.every_or_window"))
    chosen: dict[str, Any] = {name: values[name] or None for name in ("signals", "layers")}
    time = values["every"] if values["window"] is None else _window(values["window"])
    loss = None if values["no_loss"] else loss
    with nullcontext() if model is None else _told(Path(model.rpartition(":")[0]), model):
        trace = record(network, inputs, loss, time=time, to=out, **chosen)
    with trace:
        first = next(iter(trace.leaves))
        nodes = ", ".join(layer.path.strip("/") for layer in trace.leaves)
        sizes = {"examples": first.sizes["batch"], "steps": first.sizes["time"]}
    typer.echo(say("cli.saved_trace", path=out, nodes=nodes, **sizes))


def of_function(name: str) -> Recorded:
    """What a function makes: a model, its inputs, and a loss if it gives one.

    Parameters
    ----------
    name
        ``file.py:function``. The file is run as Python runs a script, its folder on the path.

    Raises
    ------
    ValueError
        When there is no such file or function, when it raises, or returns something else.
    """
    path, colon, called = name.rpartition(":")
    file = Path(path)
    if not colon or not called.isidentifier():
        raise ValueError(say("cli.model_form", value=name))
    if not file.is_file():
        raise ValueError(say("cli.no_model_file", path=file))
    with _told(file, name):
        function = getattr(_module(file), called, None)
    if not callable(function):
        raise ValueError(say("cli.no_function", path=file, name=called))
    with _told(file, name):
        made = function()
    parts = made if type(made) is tuple else (made,)
    if len(parts) not in (2, 3) or not isinstance(parts[0], nn.Module):
        found = ", ".join(type(part).__name__ for part in parts)
        raise ValueError(say("cli.model_returns", name=name, found=found))
    model, inputs, loss = (*parts, None)[:3]
    if loss is not None and not callable(loss):
        raise ValueError(say("cli.loss_returns", name=name, found=type(loss).__name__))
    return model, inputs, loss


def _of_run(run: Path, step: int | None) -> Recorded:
    found = load_run(run if run.exists() else folders().get(str(run), run))
    probe = found.probe()
    return found.model(step), probe.inputs, SummedLoss(found.task, probe)


def _module(file: Path) -> Any:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise ImportError(say("cli.not_python", path=file))
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(file.resolve().parent))
    sys.modules[file.stem] = module  # as dataclasses and pickles of its own expect
    spec.loader.exec_module(module)
    return module


@contextmanager
def _told(file: Path, name: str) -> Iterator[None]:
    """Tell an error inside the user's own code in one line: where it is, and what."""
    try:
        yield
    except RecordError:
        raise
    except Exception as error:
        lines = traceback.extract_tb(error.__traceback__)
        own = [line.lineno for line in lines if Path(line.filename) == file]
        line = error.lineno if isinstance(error, SyntaxError) else own[-1] if own else None
        where = str(file) if line is None else say("cli.at_line", path=file, line=line)
        kind = type(error).__name__
        said = "; ".join([str(error), *getattr(error, "__notes__", ())])
        raise ValueError(say("cli.model_raised", where=where, kind=kind, error=said)) from error


def _window(text: str) -> slice:
    """Steps from the first to the last, as 10-30."""
    found = window_of(text)
    if found is None or found[0] > found[1]:
        raise ValueError(say("cli.window_form", value=text))
    return slice(found[0], found[1] + 1)
