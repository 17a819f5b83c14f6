"""Which network a number belongs to: a digest of its weights and of what they were trained for."""

import hashlib
import json
from collections.abc import Mapping

import torch
from torch import Tensor

from gatescope.training.config import TrainConfig

SETTINGS = (
    "task", "task_options", "cell", "hidden_size", "num_layers", "bidirectional", "read_at",
    "embedding_size",
)  # fmt: skip
"""What, beside the weights, decides what a network answers, and to what questions."""


def fingerprints(
    config: TrainConfig, checkpoints: Mapping[int, Mapping[str, Tensor]]
) -> dict[int, str]:
    """Each checkpoint's fingerprint, by step in order.

    The SHA-256, as 64 hex digits, of `SETTINGS` and of every weight in the order of the names:
    its name, dtype, shape and bytes. It is a checksum and no signature: it tells that numbers and
    weights do not belong together, and cannot tell who made them.
    """
    said = config.model_dump(mode="json", include=set(SETTINGS))
    settings = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    found = {}
    for step in sorted(checkpoints):
        digest = settings.copy()
        for name, weight in sorted(checkpoints[step].items()):
            digest.update(f"\n{name} {weight.dtype} {tuple(weight.shape)}\n".encode())
            flat = weight.detach().cpu().contiguous().reshape(-1)
            digest.update(flat.view(torch.uint8).numpy().data)
        found[step] = digest.hexdigest()
    return found
