"""What stands around a recording: the model is left as it was, and what hides layers is named."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import nn

from gatescope.recording.layer_trace import RecordError

RECURRENT = ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell")


@contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Put the random state and every buffer back."""
    held = [
        (module._buffers, dict(module._buffers))
        for module in model.modules()
        if not isinstance(module, torch.jit.ScriptModule)
    ]
    buffers = [(buffer, buffer.detach().clone()) for buffer in model.buffers()]
    devices = sorted({p.device.index or 0 for p in model.parameters() if p.is_cuda})
    try:
        with torch.random.fork_rng(devices):
            yield
    finally:
        with torch.no_grad():
            for now, names in held:
                now.update(names)  # forward may have put others in their place
            for buffer, before in buffers:
                if not torch.equal(buffer, before):
                    buffer.copy_(before)


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
    if not any(_is_compiled(module) for module in model.modules()):
        yield
        return
    with _eager:
        _eager_recordings += 1
        if _eager_recordings == 1:
            _stances.enter_context(torch.compiler.set_stance("force_eager"))
    try:
        yield
    finally:
        with _eager:
            _eager_recordings -= 1
            if _eager_recordings == 0:
                _stances.close()


def _is_compiled(module: nn.Module) -> bool:
    return "_orig_mod" in module._modules or module._compiled_call_impl is not None


def require_visible(model: nn.Module) -> None:
    """Raise RecordError where the model holds a recurrent layer that no recorder can see."""
    for path, module in model.named_modules():
        where = f"{path} is" if path else "the model is"
        kind = getattr(module, "original_name", type(module).__name__)
        if isinstance(module, torch.jit.ScriptModule) and kind in RECURRENT:
            raise RecordError(
                f"{where} scripted, and what happens inside it cannot be seen: "
                "record the model that was scripted"
            )
        if "quantized" in type(module).__module__ and kind in RECURRENT:
            raise RecordError(
                f"{where} quantised, and what happens inside it cannot be seen: "
                "record the model before quantisation"
            )


def require_followed(model: nn.Module) -> None:
    """Raise RecordError where autograd cannot follow the weights."""
    made = next((name for name, weight in model.named_parameters() if weight.is_inference()), None)
    if made is not None:
        raise RecordError(
            f"the weight {made} was made in inference_mode, so a loss has no gradient behind it: "
            "make or load the model outside of it, or record without a loss"
        )


def nothing_ran(model: nn.Module) -> str:
    """Why a recording is empty, as far as the model shows it."""
    if any(isinstance(module, (nn.RNNBase, nn.RNNCellBase)) for module in model.modules()):
        return (
            "the model holds a recurrent layer, and it did not run in this thread: check that "
            "forward calls it, and not through another thread or a compiled copy"
        )
    if any(isinstance(module, torch.jit.ScriptModule) for module in model.modules()):
        return "the model is scripted, and its recurrent layers cannot be seen: give the original"
    return (
        f"{type(model).__name__} holds no recurrent layer: record() takes nn.RNN, nn.LSTM, nn.GRU, "
        "their cells, or a gatescope cell, alone or inside a model"
    )
