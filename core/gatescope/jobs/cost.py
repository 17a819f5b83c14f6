"""How long an experiment would train, before it starts: steps times the time of a step.

The time of a step follows from a small model of this machine (`gatescope.jobs.speed`); nothing of
the experiment itself is run, so settings however large are estimated in the same moment.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import partial
from math import inf

from gatescope.cells import CELLS
from gatescope.experiments import RunStore
from gatescope.experiments.comparison import ComparisonConfig
from gatescope.experiments.comparison.measuring import (
    LEAST_UPDATES,
    LONGEST,
    MOST_UPDATES,
    WARM,
)
from gatescope.experiments.memory import (
    ASKED,
    JACOBIAN_EXAMPLES,
    PAIRS,
    PROBE_FIT,
    PROBE_HELD_OUT,
    at_lengths,
)
from gatescope.jobs.kinds import Experiment, MemoryOf
from gatescope.jobs.probing import jacobian_law, probe_law
from gatescope.jobs.speed import Law, seconds_of, speed_of, update_seconds
from gatescope.tasks import Task
from gatescope.training import RunError, TrainConfig, load_run
from gatescope.training.build import PROBE_EXAMPLES
from gatescope.training.config import MIXED
from gatescope.training.loop import CHECKPOINTS
from gatescope.training.scoring import HELD_OUT_EXAMPLES

MOST_VALUES = 1_000_000
"""Of a batch that is drawn to see how long that takes."""

SUSTAINED = 1.4
"""A training takes longer than the same passes in a tight loop: the median over 26 settings drawn
from the app's forms. These, and five others, were then estimated within a factor of 1.7."""

RECORDED = 2.0
"""A recording with gradients takes about the time of so many passes forward and back."""


def estimate(experiment: Experiment, store: RunStore | None = None) -> float:
    """Seconds that an experiment would train for at most, on this machine, one run at a time.

    Parameters
    ----------
    experiment
        Of any kind in `gatescope.jobs.kinds.KINDS`.
    store
        Runs that are finished in it cost nothing.

    Returns
    -------
    float
        All steps of all runs; where runs may stop early, it is what they take if they do not.
    """
    if isinstance(experiment, MemoryOf):
        return _memory_seconds(experiment)
    configs = dict(enumerate(experiment.configs().values()))
    done = store.finished(configs) if store is not None else {}
    missing = [config for number, config in configs.items() if number not in done]
    timed = missing if isinstance(experiment, ComparisonConfig) else []
    return sum(map(run_seconds, missing)) + sum(map(_timing_seconds, timed))


def run_seconds(config: TrainConfig) -> float:
    """Seconds that one run trains for at most."""
    network = _Network(config, _sizes_of(config))
    evaluations = config.max_steps // config.evaluate_every + 2
    steps = config.max_steps * network.step(config.batch_size)
    scores = evaluations * network.score(HELD_OUT_EXAMPLES)
    recording = RECORDED * network.train(PROBE_EXAMPLES)
    watched = min(float(evaluations), steps + scores) * recording  # at most once a second
    end = CHECKPOINTS * recording + network.score(network.sizes.tested)
    return SUSTAINED * (steps + scores + watched + end)


def _timing_seconds(config: TrainConfig) -> float:
    """Seconds for the updates of one run that a comparison times before it trains."""
    step = _Network(config, _sizes_of(config)).step(config.batch_size)
    fewest, most = (WARM + count for count in (LEAST_UPDATES, MOST_UPDATES))
    return SUSTAINED * min(most * step, max(fewest * step, LONGEST))


def _memory_seconds(asked: MemoryOf) -> float:
    """Seconds that measuring a run's memory takes; 0 for what cannot be read, as it ends at once.

    All that `gatescope.experiments.memory.measure` does, part by part.
    """
    try:
        run = load_run(asked.folder)
    except RunError:
        return 0.0
    network = _Network(run.config, _sizes_of(run.config))
    sizes, cell = network.sizes, run.config.layers[-1]
    states = len(CELLS[cell].states) * run.config.hidden_size
    followed = sizes.length * min(JACOBIAN_EXAMPLES, PROBE_EXAMPLES)
    recorded = network.train(PROBE_EXAMPLES) + network.train(2 * min(PAIRS, sizes.tested_most))
    found = RECORDED * recorded + followed * jacobian_law(cell).seconds(states)
    if not run.task.asks:
        return SUSTAINED * found
    fit, held_out = min(PROBE_FIT, sizes.examples), min(PROBE_HELD_OUT, sizes.tested_most)
    read = float(sizes.length) * (network.inputs + (run.task.input_kind == "symbols"))
    probe = probe_law().seconds(fit, held_out, states, read)
    lengths = sum(task.length for task in at_lengths(run).values()) / sizes.length
    trials = min(ASKED, sizes.tested_most)
    scored = RECORDED * network.score(fit + held_out) + lengths * network.score(trials)
    drawn = sizes.example * (fit + held_out + lengths * trials)
    return SUSTAINED * (found + scored + drawn) + probe


@dataclass(frozen=True)
class _Sizes:
    """What a task asks of a network, and what it takes to draw its examples.

    Attributes
    ----------
    length, inputs, outputs, vocabulary
        As in `Task`.
    examples, tested_most
        Different examples to learn from, and to be tested on; without end infinite.
    tested
        Examples that the trained network is scored on.
    draw, example
        Seconds for a batch, and more for each of its examples.
    """

    length: int
    inputs: int
    outputs: int
    vocabulary: int
    examples: float
    tested_most: float
    tested: int
    draw: float
    example: float


_KNOWN: dict[str, _Sizes] = {}
MOST_KNOWN = 4096


def _drawing(task: Task) -> tuple[float, float]:
    """Seconds for a batch of a task, and for each example; 0 where one alone is much to draw."""
    values = task.length * (task.input_size + task.output_size)
    few, many = 2, min(MOST_VALUES // values, 66)
    if many < 2 * few:
        return 0.0, 0.0
    least, most = (seconds_of(partial(task.sample, count, 0)) for count in (few, many))
    example = max(most - least, 0.0) / (many - few)
    return max(least - few * example, 0.0), example


def _sizes_of(config: TrainConfig) -> _Sizes:
    """What a run's task asks; for each task it is found out once."""
    said = json.dumps([config.task, config.task_options], sort_keys=True)
    key = hashlib.sha256(said.encode()).hexdigest()  # a series of somebody's own may stand in it
    if key not in _KNOWN:
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        task = config.make_task()
        tested = task.held_out("test").examples
        _KNOWN[key] = _Sizes(
            task.length, task.input_size, task.output_size, task.vocabulary_size,
            task.examples or inf, tested or inf, tested or HELD_OUT_EXAMPLES, *_drawing(task),
        )  # fmt: skip
    return _KNOWN[key]


class _Network:
    """Seconds of what is done with one network."""

    def __init__(self, config: TrainConfig, sizes: _Sizes) -> None:
        self.config, self.sizes = config, sizes
        self.speed, self.plain = speed_of(config.cell), speed_of("rnn")
        self.directions = 1 + config.bidirectional
        self.layers = config.cell.count(MIXED) + 1 if MIXED in config.cell else config.num_layers
        self.inputs = config.embedding_size if sizes.vocabulary else sizes.inputs

    def train(self, batch: float) -> float:
        """Forward and back."""
        return self._pass(self.speed.training, self.plain.training, batch)

    def step(self, batch: int) -> float:
        """One update, its examples drawn."""
        drawing = self.sizes.draw + self.sizes.example * batch
        return drawing + self.train(batch) + self.update()

    def score(self, batch: float) -> float:
        """Forward alone."""
        return self._pass(self.speed.scoring, self.plain.scoring, batch)

    def update(self) -> float:
        """The optimizer's step."""
        hidden, above = self.config.hidden_size, self.layers - 1
        pairs = hidden * (self.inputs + hidden + above * (self.directions + 1) * hidden)
        matrices = self.speed.blocks * self.directions * pairs
        words = self.sizes.vocabulary * self.config.embedding_size
        return update_seconds() * (matrices + words + hidden * self.sizes.outputs)

    def _pass(self, law: Law, plain: Law, batch: float) -> float:
        hidden, both = self.config.hidden_size, self.directions
        length = float(self.sizes.length)
        first = law.seconds(length, batch, hidden, self.inputs)
        above = law.seconds(length, batch, hidden, both * hidden)
        readout = length * plain.product * batch * both * hidden * self.sizes.outputs
        return both * (first + (self.layers - 1) * above) + readout
