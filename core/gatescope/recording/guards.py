"""What cannot be recorded, and why: each in one sentence, before any number leaves."""

import sys
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from gatescope.errors import RecordError
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
            raise RecordError(_unseen(names, module, "scripted", "record what was scripted"))
        if type(module).__module__.startswith("torch.ao.") and kind in RECURRENT:
            mend = "record the model before quantisation"
            raise RecordError(_unseen(names, module, "quantised", mend))
    for module in modules:
        if isinstance(module, torch.jit.ScriptModule) and _runs_recurrent(module):
            mend = "record the model before torch.jit.script, trace or freeze"
            raise RecordError(_unseen(names, module, "scripted or traced", mend))
        if isinstance(module, torch.fx.GraphModule) and _is_decomposed(module):
            mend = "record the model before it was exported"
            raise RecordError(_unseen(names, module, "exported and decomposed", mend))
    for function in scripted:
        if _has_recurrent(function.inlined_graph):  # type: ignore[union-attr]
            raise RecordError(
                f"the model holds the scripted function {getattr(function, 'name', 'forward')}, "
                "which runs a recurrent layer that cannot be seen: record it before torch.jit"
            )


def _unseen(names: LayerNames, module: nn.Module, how: str, mend: str) -> str:
    where = names.paths.get(id(module), f"a {type(module).__name__} that the model holds")
    where = "the model" if module is names.model else where
    return f"{where} is {how}, and what happens inside it cannot be seen: {mend}"


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
        raise RecordError(
            f"record() takes an nn.Module, got a {type(model).__name__}: put what it calls into "
            "a module whose forward calls it"
        )
    if loss is not None and not callable(loss):
        raise RecordError(
            f"the loss must be a function from the model's output to a scalar, got {loss!r}: "
            "as lambda output: output.sum()"
        )
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if is_lazy(tensor):
            raise RecordError(
                f"{name} has no shape yet (the model holds a lazy module): call the model once "
                "on its input, then record it"
            )
        if tensor.is_meta:
            raise RecordError(
                f"{name} is on the meta device, where tensors have shapes and no numbers: "
                "load or make the model on the CPU or a GPU"
            )


def require_followed(model: nn.Module) -> None:
    """Raise RecordError where autograd cannot follow the weights."""
    made = next((name for name, weight in model.named_parameters() if weight.is_inference()), None)
    if made is not None:
        raise RecordError(
            f"the weight {made} was made in inference_mode, so a loss has no gradient behind it: "
            "make or load the model outside of it, or record without a loss"
        )


def require_no_transform() -> None:
    """Raise RecordError inside a transform of torch.func."""
    if torch._C._are_functorch_transforms_active():
        raise RecordError(
            "a layer runs under a transform of torch.func (grad, vmap, jvp ...), where tensors are "
            "stand-ins that cannot be kept: record the model outside of it, and differentiate by "
            "torch.autograd.grad"
        )


def require_recordable(x: Tensor, batch: int, *, with_loss: bool) -> None:
    """Raise RecordError where what a layer is given, or what it runs under, cannot be recorded."""
    require_no_transform()
    if x.is_complex():
        raise RecordError(
            f"a layer was given complex numbers ({x.dtype}), whose gates are no fractions: "
            "record a real layer"
        )
    fake = torch._C._get_dispatch_mode(torch._C._TorchDispatchModeKey.FAKE)
    if x.is_meta or fake is not None or type(x).__name__ == "FakeTensor":
        raise RecordError(
            "the input is on the meta device or fake, where tensors have shapes and no numbers: "
            "give one on the CPU or a GPU"
        )
    if batch == 0:
        raise RecordError(
            f"a layer was given a batch of 0 examples, an input of shape {tuple(x.shape)}: "
            "give at least one"
        )
    if torch.is_autocast_enabled(x.device.type):
        raise RecordError(
            "the model runs under torch.autocast, which mixes precisions from one operation to "
            "the next: record it without, in float32 or as model.bfloat16()"
        )
    if with_loss and _is_checkpointed():
        raise RecordError(
            "the layer runs under torch.utils.checkpoint, which throws its forward pass away and "
            "runs it again later, unseen: record without checkpoints, or without a loss"
        )


def _is_checkpointed() -> bool:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__") != CHECKPOINT:
        frame = frame.f_back
    return frame is not None


def nothing_ran(model: nn.Module, reached: Iterable[Any]) -> str:
    """Why a recording is empty, as far as the model shows it."""
    if any(isinstance(value, (nn.RNNBase, nn.RNNCellBase)) for value in reached):
        return (
            "the model holds a recurrent layer, and none was seen to run: check that forward calls "
            "it, in this thread, as a module of torch and not through compiled or C++ code"
        )
    return (
        f"no recurrent layer of this {type(model).__name__} was seen to run: record() takes "
        "nn.RNN, nn.LSTM, nn.GRU, their cells, or a gatescope cell, alone or inside a model"
    )
