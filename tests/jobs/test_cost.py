"""What an experiment would cost, before it starts."""

import time
from pathlib import Path

import pytest
import torch

from gatescope import TrainConfig, save_run, train
from gatescope.analysis.information import SHUFFLES
from gatescope.cells import CELLS
from gatescope.experiments import AidPair, RetentionConfig, RunStore
from gatescope.experiments.claims import CLAIMS, ClaimConfig
from gatescope.experiments.comparison import ComparisonConfig
from gatescope.experiments.memory import measure
from gatescope.jobs import MemoryOf, SingleRun
from gatescope.jobs.cost import estimate
from gatescope.jobs.kinds import KINDS
from gatescope.jobs.probing import JacobianLaw, ProbeLaw, jacobian_law, probe_law
from gatescope.jobs.speed import Law, speed_of

RUN = TrainConfig(task="adding", task_options={"length": 40}, cell="gru", max_steps=200)


def cost(**changes: object) -> float:
    """Of one run, with some other settings."""
    return estimate(SingleRun(run=RUN.model_copy(update=changes)))


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "janet"])
def test_it_is_about_what_training_takes(cell: str) -> None:
    """Within a factor of four here, where other work may slow either; measured it is two."""
    config = RUN.model_copy(update={"cell": cell, "hidden_size": 24})
    train(config.model_copy(update={"max_steps": 1}))  # the first one imports the optimizers
    start = time.thread_time()
    train(config)
    took = time.thread_time() - start
    assert took / 4 < estimate(SingleRun(run=config)) < 4 * took


@pytest.mark.parametrize(
    ("task", "cell", "units"),
    [("delayed_recall", "lstm", 48), ("flip_flop", "gru", 8), ("adding", "rnn", 64)],
)
def test_it_is_about_what_measuring_a_memory_takes(
    tmp_path: Path, task: str, cell: str, units: int
) -> None:
    """Within a factor of four here; measured it is two, for runs that take a second and more."""
    run = train(TrainConfig(task=task, cell=cell, hidden_size=units, max_steps=1, batch_size=2))
    save_run(run, tmp_path / "mine")
    start = time.thread_time()
    measure(run)
    took = time.thread_time() - start
    cost = estimate(MemoryOf(folder=str(tmp_path / "mine"), fingerprint="0"))
    assert took / 4 < cost < 4 * took


def test_measuring_a_memory_follows_its_laws() -> None:
    """More states, and more to read, take longer; no part of a law is negative."""
    jacobian, probe = jacobian_law("lstm"), probe_law()
    assert min(jacobian.step, jacobian.pair, jacobian.three) >= 0
    assert min(probe.fixed, probe.product, probe.value) >= 0
    assert JacobianLaw(1, 2, 3).seconds(5) == 1 + 2 * 25 + 3 * 125
    times = SHUFFLES + 1
    assert ProbeLaw(1, 2, 3).seconds(5, 7, 11, 13) == 1 + 2 * times * 12 * 143 + 3 * times * 91
    assert jacobian.seconds(256) > 3 * jacobian.seconds(64)
    assert probe.seconds(2000, 1000, 64, 900) > 3 * probe.seconds(2000, 1000, 64, 200)


def test_it_follows_the_laws() -> None:
    """Twice the steps cost twice as much; longer, larger, deeper, both ways, and more examples."""
    base = cost(max_steps=20_000)
    assert cost(max_steps=40_000) == pytest.approx(2 * base, rel=0.02)
    assert cost(max_steps=20_000, evaluate_every=1) > 1.5 * base
    longer = {"task_options": {"length": 400}}
    for changes in (longer, {"hidden_size": 512}, {"num_layers": 4}, {"bidirectional": True}):
        assert cost(max_steps=20_000, **changes) > 1.5 * base
    assert cost(max_steps=20_000, batch_size=512) > base


@pytest.mark.parametrize("cell", [*CELLS, "gru+lstm"])
def test_each_cell_has_a_law(cell: str) -> None:
    """Forward alone takes less than forward and back; no part of a law is negative."""
    speed = speed_of(cell)
    for law in (speed.training, speed.scoring):
        assert min(law.fixed, law.step, law.unit, law.product) >= 0
    assert 0 < speed.scoring.seconds(50, 32, 64, 8) < speed.training.seconds(50, 32, 64, 8)
    assert 0.1 < speed.blocks < 6  # the least where nothing reads the states


def test_a_law_is_what_it_says() -> None:
    """f + T (a + b B H + c B H (I + H))."""
    assert Law(1, 2, 3, 5).seconds(10, 7, 11, 13) == 1 + 10 * (2 + 3 * 77 + 5 * 77 * 24)


def test_every_kind_has_one(tmp_path: Path) -> None:
    """All runs of an experiment together; a run to be measured by its size."""
    save_run(train(RUN.model_copy(update={"max_steps": 2})), tmp_path / "mine")
    settings = {"hidden_size": 4, "max_steps": 100}
    retention = RetentionConfig.of(variants=("rnn", "gru"), delays=(2, 3), seeds=(0, 1), **settings)
    comparison = ComparisonConfig.of(
        task="adding", cells=("rnn", "gru+lstm"), seeds=(0,), **settings
    )
    pair = AidPair(
        aid="clipping", strength=1.0, base=RUN.model_copy(update={"max_grad_norm": None})
    )
    asked = {
        "retention": retention, "comparison": comparison, "aid": pair,
        "claim": ClaimConfig(key=next(key for key in CLAIMS if CLAIMS[key].trains)),
        "training": SingleRun(run=RUN),
        "memory": MemoryOf(folder=str(tmp_path / "mine"), fingerprint="0"),
    }  # fmt: skip
    assert set(asked) == set(KINDS)
    costs = {kind: estimate(experiment) for kind, experiment in asked.items()}
    assert estimate(MemoryOf(folder=str(tmp_path / "none"), fingerprint="0")) == 0
    assert min(costs.values()) > 0
    alone = [estimate(SingleRun(run=config)) for config in retention.configs().values()]
    assert costs["retention"] == pytest.approx(sum(alone), rel=0.5)


def test_what_is_finished_costs_nothing(tmp_path: Path) -> None:
    """The store has it."""
    store = RunStore(tmp_path)
    short = RUN.model_copy(update={"max_steps": 2, "hidden_size": 2})
    pair = RetentionConfig.of(variants=("rnn",), delays=(2,), seeds=(0, 1), max_steps=2)
    whole = estimate(pair, store)
    store.put(train(pair.config("rnn", 2, 0)))
    assert estimate(pair, store) == pytest.approx(whole / 2, rel=0.5)
    store.put(train(short))
    assert estimate(SingleRun(run=short), store) == 0


def test_it_runs_nothing_long_and_draws_nothing() -> None:
    """What would train for years is estimated at once; random numbers stay as they were."""
    absurd = RUN.model_copy(
        update={
            "task_options": {"length": 10**9}, "hidden_size": 10**6, "batch_size": 10**6,
            "max_steps": 10**9, "num_layers": 900, "cell": "janet",
        }
    )  # fmt: skip
    speed_of("janet"), speed_of("rnn")
    state, start = torch.random.get_rng_state(), time.thread_time()
    assert estimate(SingleRun(run=absurd)) > 1e12
    assert time.thread_time() - start < 5
    assert torch.equal(state, torch.random.get_rng_state())
