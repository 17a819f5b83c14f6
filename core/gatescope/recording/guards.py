"""What cannot be recorded, and why: each in one sentence, before any number leaves."""

import os
import sys
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from gatescope.errors import RecordError, Sentence, say
from gatescope.recording.names import LayerNames

CHECKPOINT = "torch.utils.checkpoint"
OPERATIONS = (
    "lstm", "gru", "rnn_tanh", "rnn_relu", "quantized_lstm", "quantized_gru",
)  # fmt: skip
"""How the names of torch's recurrent operations begin."""

SCRIPTED = (torch.jit.ScriptFunction, torch._C.ScriptMethod)
RECURRENT = ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell")


_eager = threading.Lock()
_eager_recordings = 0
_stances = ExitStack()


@contextmanager
def uncompiled(model: nn.Module) -> Iterator[None]:
    """Run what ``torch.compile`` compiled as plain modules, which a recorder sees into.

    torch keeps this choice for the process, not for a thread: it is made by the first of several
    recordings at once, and taken back by the last.
    """
    global _eager_recordings
    holds_compiled = any(_is_compiled(module) for module in model.modules())
    # a compiled function may lie anywhere, once this process has compiled something
    if not holds_compiled and "torch._dynamo" not in sys.modules:
        yield
        return
    with _eager:
        _eager_recordings += 1
        if _eager_recordings == 1:
            _stances.enter_context(torch.compiler.set_stance("force_eager"))
    try:
        with warnings.catch_warnings() if holds_compiled else nullcontext():
            if holds_compiled:  # torch warns of the hook by which a `Witness` is told
                warnings.filterwarnings("ignore", "Using `torch.compile", UserWarning)
            yield
    finally:
        with _eager:
            _eager_recordings -= 1
            if _eager_recordings == 0:
                _stances.close()


def _is_compiled(module: nn.Module) -> bool:
    return "_orig_mod" in module._modules or module._compiled_call_impl is not None


def require_visible(names: LayerNames, reached: Iterable[Any]) -> None:
    """Raise RecordError where the model holds a recurrent layer that no recorder can see.

    Parameters
    ----------
    names
        The model's layers.
    reached
        Every object that can be reached from the model.
    """
    scripted = [value for value in reached if isinstance(value, SCRIPTED)]
    modules = [value for value in reached if isinstance(value, nn.Module)]
    for module in modules:
        kind = getattr(module, "original_name", type(module).__name__)
        if isinstance(module, torch.jit.ScriptModule) and kind in RECURRENT:
            raise RecordError(_unseen(names, module, "scripted"))
        if type(module).__module__.startswith("torch.ao.") and kind in RECURRENT:
            raise RecordError(_unseen(names, module, "quantised"))
    for module in modules:
        if isinstance(module, torch.jit.ScriptModule) and _runs_recurrent(module):
            raise RecordError(_unseen(names, module, "traced"))
        if isinstance(module, torch.fx.GraphModule) and _is_decomposed(module):
            raise RecordError(_unseen(names, module, "exported"))
    for function in scripted:
        if _has_recurrent(function.inlined_graph):  # type: ignore[union-attr]
            raise RecordError(say("scripted_function", name=getattr(function, "name", "forward")))


def _unseen(names: LayerNames, module: nn.Module, how: str) -> str:
    where = names.paths.get(id(module)) or say("layer_held", kind=type(module).__name__)
    where = say("the_model") if module is names.model else where
    return say(f"unseen_{how}", where=where)


def _runs_recurrent(module: torch.jit.ScriptModule) -> bool:
    """Whether the code of a scripted module holds a recurrent layer, inlined or not."""
    try:
        return _has_recurrent(module.inlined_graph)
    except (AttributeError, RuntimeError):
        return False  # a container without a forward


def _has_recurrent(graph: Any) -> bool:
    text = str(graph)
    return any(f"aten::{name}" in text for name in OPERATIONS)


def _is_decomposed(module: torch.fx.GraphModule) -> bool:
    """Whether an exported graph came from a recurrent layer, and holds its operation no more."""
    kinds = {
        str(kind).rpartition(".")[2]
        for node in module.graph.nodes
        for _, kind in node.meta.get("nn_module_stack", {}).values()
    }
    calls = {str(node.target) for node in module.graph.nodes if node.op == "call_function"}
    has_layer = any(isinstance(part, (nn.RNNBase, nn.RNNCellBase)) for part in module.modules())
    operation = any(name in call for call in calls for name in OPERATIONS)
    return bool(kinds & set(RECURRENT)) and not operation and not has_layer


def require_model(model: Any, loss: Any) -> None:
    """Raise RecordError where what is to be recorded is no module that can run."""
    if not isinstance(model, nn.Module):
        raise RecordError(_no_model(model))
    if loss is not None and not callable(loss):
        raise RecordError(say("loss_no_function", loss=loss))
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if is_lazy(tensor):
            raise RecordError(say("lazy_module", name=name))
        if tensor.is_meta:
            raise RecordError(say("module_on_meta", name=name))


def _no_model(given: Any) -> Sentence:
    """What somebody gave instead of a model, and how it becomes one."""
    if isinstance(given, type) and issubclass(given, nn.Module):
        return say("record_class", name=given.__name__)
    kind = type(given).__name__
    if isinstance(given, (str, os.PathLike, Mapping)):
        return say("record_weights", kind=kind)
    return say("record_no_module", kind=kind)


def require_followed(model: nn.Module) -> None:
    """Raise RecordError where autograd cannot follow the weights."""
    made = next((name for name, weight in model.named_parameters() if weight.is_inference()), None)
    if made is not None:
        raise RecordError(say("made_in_inference", made=made))


def require_no_transform() -> None:
    """Raise RecordError inside a transform of torch.func."""
    if torch._C._are_functorch_transforms_active():
        raise RecordError(say("under_transform"))


def require_recordable(x: Tensor, batch: int, *, with_loss: bool) -> None:
    """Raise RecordError where what a layer is given, or what it runs under, cannot be recorded."""
    require_no_transform()
    if x.is_complex():
        raise RecordError(say("complex_numbers", dtype=x.dtype))
    fake = torch._C._get_dispatch_mode(torch._C._TorchDispatchModeKey.FAKE)
    if x.is_meta or fake is not None or type(x).__name__ == "FakeTensor":
        raise RecordError(say("input_on_meta"))
    if batch == 0:
        raise RecordError(say("batch_of_none", shape=tuple(x.shape)))
    if torch.is_autocast_enabled(x.device.type):
        raise RecordError(say("under_autocast"))
    if with_loss and _is_checkpointed():
        raise RecordError(say("under_checkpoint"))


def _is_checkpointed() -> bool:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__") != CHECKPOINT:
        frame = frame.f_back
    return frame is not None


def nothing_ran(model: nn.Module, reached: Iterable[Any]) -> str:
    """Why a recording is empty, as far as the model shows it."""
    if any(isinstance(value, (nn.RNNBase, nn.RNNCellBase)) for value in reached):
        return say("layer_not_run")
    return say("no_recurrent_layer", kind=type(model).__name__)
