"""CPU time of networks side by side: in one process, on one thread, one after another in turn.

The processor's time is that of this process alone, so other work on the machine counts little;
what still slows the processor down slows all networks of a round alike, and they are compared
within a round.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pandas as pd
import torch
from torch import nn

from gatescope.experiments.tutorial.trained import EXPERIMENTS
from gatescope.training import TrainConfig, build_model
from gatescope.training.update import Updater

TIME_COLUMNS = ("what", "setting", "round", "seconds")
ROUNDS, CALLS, WARM = 20, 5, 2
"""Rounds; calls of each network in a round; calls before the first round, which do not count."""

TIMED = ("reviews", "text", "stocks")
"""The trained experiments whose networks are timed, at like weights and at as many units."""

FIRST_BATCH = 7_000_000
KERNEL = 13
LENGTHS = (50, 400)
"""Steps of the sequences on which an LSTM is timed beside a convolution."""

Work = Callable[[], object]


def interleaved(work: Mapping[str, Work], rounds: int = ROUNDS, calls: int = CALLS) -> pd.DataFrame:
    """CPU seconds a call: in each round every one is called ``calls`` times, in turn.

    Every other round goes the other way round, so that none always follows the same one.

    Parameters
    ----------
    work
        By setting, what is timed.
    rounds, calls
        How many rounds there are; how many calls of each in a round.

    Returns
    -------
    pandas.DataFrame
        ``setting``, ``round``, ``seconds``.
    """
    rows = []
    with _one_thread():
        for call in [*work.values()] * WARM:
            call()
        for number in range(rounds):
            for setting in list(work)[:: 1 if number % 2 == 0 else -1]:
                began = time.process_time()
                for _ in range(calls):
                    work[setting]()
                seconds = (time.process_time() - began) / calls
                rows.append({"setting": setting, "round": number, "seconds": seconds})
    return pd.DataFrame(rows)


def times_table(rounds: int = ROUNDS) -> pd.DataFrame:
    """All that is timed for the tutorial; takes about half a minute.

    Returns
    -------
    pandas.DataFrame
        A row a round and network. ``what``: an experiment of `TIMED`, a training step at like
        weights; with ``_units`` after it, at as many units as its LSTM has; with ``_forward``, the
        forward pass alone at as many units; ``convolution_`` and the sequence's length, a forward
        and a backward pass.
    """
    work: dict[str, Mapping[str, Work]] = {}
    for name in TIMED:
        like = _configs(name)
        equal = _same_units(like)
        work[name] = {cell: training_step(config) for cell, config in like.items()}
        work[f"{name}_units"] = {cell: training_step(config) for cell, config in equal.items()}
        work[f"{name}_forward"] = {cell: forward_pass(config) for cell, config in equal.items()}
    for length in LENGTHS:
        work[f"convolution_{length}"] = beside_convolution(length)
    found = [interleaved(each, rounds).assign(what=what) for what, each in work.items()]
    return pd.concat(found, ignore_index=True)[list(TIME_COLUMNS)]


def training_step(config: TrainConfig) -> Work:
    """One update of a config's network on the same batch: loss, gradient, clipping, optimizer."""
    task, model = config.make_task(), build_model(config)
    updater = Updater(model, config)
    batch = task.sample(config.batch_size, FIRST_BATCH)
    return lambda: updater.update(task, batch)


def forward_pass(config: TrainConfig) -> Work:
    """One forward pass of a config's network in eval mode, without gradients."""
    model = build_model(config).eval()
    inputs = config.make_task().sample(config.batch_size, FIRST_BATCH).inputs

    def forward() -> None:
        with torch.no_grad():
            model(inputs)

    return forward


def beside_convolution(steps: int) -> dict[str, Work]:
    """A forward and a backward pass of an LSTM, and of a convolution of like weights.

    Both map (32 examples, ``steps``, 32 features) to 64 features.
    """
    x = torch.randn(steps, 32, 32, generator=torch.Generator().manual_seed(0))
    across = x.permute(1, 2, 0).contiguous()
    recurrent, convolution = like_layers()
    return {
        "lstm": lambda: recurrent(x)[0].sum().backward(),
        "convolution": lambda: convolution(across).sum().backward(),
    }


def like_layers() -> tuple[nn.LSTM, nn.Conv1d]:
    """An LSTM, and a convolution over `KERNEL` steps with about as many weights."""
    with torch.random.fork_rng():
        return nn.LSTM(32, 64), nn.Conv1d(32, 64, KERNEL, padding="same")


def _configs(experiment: str) -> dict[str, TrainConfig]:
    """An experiment's networks at its first seed."""
    chosen = EXPERIMENTS[experiment]
    return {
        cell: TrainConfig(**{**chosen.common, **own, "seed": chosen.seeds[0]})
        for cell, own in chosen.settings.items()
    }


def _same_units(configs: Mapping[str, TrainConfig]) -> dict[str, TrainConfig]:
    """The same networks with as many units as the LSTM has."""
    units = {"hidden_size": configs["lstm"].hidden_size}
    return {cell: TrainConfig(**config.model_dump() | units) for cell, config in configs.items()}


@contextmanager
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
