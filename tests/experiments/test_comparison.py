"""The comparison bench: sizes that match, steps to an aim, intervals, tables, files."""

import math
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats

from gatescope import CELLS, Progress, Run, SequenceModel, make_task, train
from gatescope.experiments import ResultError
from gatescope.experiments.comparison import (
    Aim,
    ComparisonConfig,
    Measured,
    Network,
    Reference,
    comparison_of,
    comparison_summary,
    difference,
    difference_from,
    judged,
    load_comparison,
    mean_interval,
    measure,
    measured_of,
    measured_text,
    measuring,
    middle,
    reached_at,
    save_comparison,
    step_ms,
    step_times,
)
from gatescope.training.update import Updater

TINY = {"task": "parity", "task_options": {"length": 4}, "hidden_size": 3, "max_steps": 6}


def weights(experiment: ComparisonConfig, network: Network) -> int:
    """The numbers of a network that is really made."""
    task = experiment.make_task()
    cell = network.variant.partition(":")[0]
    layers = cell.split("+") if "+" in cell else [cell] * experiment.base.num_layers
    model = SequenceModel(
        layers, task.input_size, network.units, task.output_size,
        bidirectional=experiment.base.bidirectional, vocabulary_size=task.vocabulary_size,
        embedding_size=experiment.base.embedding_size,
    )  # fmt: skip
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden_size": 8},
        {"hidden_size": 5, "num_layers": 2, "bidirectional": True},
        {"task": "reviews", "hidden_size": 6, "embedding_size": 7},
    ],
)
def test_parameters_are_matched_to_the_largest(settings: dict[str, object]) -> None:
    """No other size comes nearer, embedding, layers and directions counted; one keeps its size."""
    cells = ("rnn", "lstm", "gru:chrono", "mgu")
    experiment = ComparisonConfig.of(cells=cells, **settings)
    size = experiment.base.hidden_size
    counts = {cell: weights(experiment, Network(cell, size)) for cell in cells}
    goal, largest = max(counts.values()), max(counts, key=counts.__getitem__)
    found = experiment.networks()
    assert list(found) == list(cells)
    assert found[largest].units == size
    for network in found.values():
        assert experiment.parameters(network) == weights(experiment, network)
        gaps = [
            abs(weights(experiment, Network(network.variant, units)) - goal)
            for units in range(max(1, network.units - 2), network.units + 3)
        ]
        assert abs(weights(experiment, network) - goal) == min(gaps)


def test_every_cell_is_counted_without_being_made() -> None:
    """The count is that of the real network."""
    experiment = ComparisonConfig.of(cells=tuple(CELLS), match="units", hidden_size=4, num_layers=2)
    for network in experiment.networks().values():
        assert experiment.parameters(network) == weights(experiment, network)


def test_both_sizes_and_layers_of_different_cells() -> None:
    """Where the sizes are the same there is one network; every run has its own settings."""
    experiment = ComparisonConfig.of(
        cells=("rnn", "gru+lstm", "lstm:forget_bias"), match="both", seeds=(4, 2), hidden_size=6,
        learning_rates={"rnn": 1e-3},
    )  # fmt: skip
    found = experiment.networks()
    assert list(found) == ["rnn", "rnn@6", "gru+lstm", "lstm:forget_bias", "lstm:forget_bias@6"]
    configs = experiment.configs()
    assert len(configs) == 10
    assert [seed for _, seed in configs] == [4] * 5 + [2] * 5
    assert {c.learning_rate for (name, _), c in configs.items() if "rnn" in name} == {1e-3}
    mixed = configs["gru+lstm", 2]
    assert (mixed.layers, mixed.learning_rate, mixed.seed) == (("gru", "lstm"), 5e-3, 2)
    started = configs["lstm:forget_bias@6", 4]
    assert (started.cell, started.initialization, started.hidden_size) == ("lstm", "forget_bias", 6)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"cells": ("elman",)}, "'elman'"),
        ({"cells": ("rnn", "rnn")}, "differ"),
        ({"cells": ("rnn:chrono",)}, "'rnn'"),
        ({"cells": ("lstm:warm",)}, "'warm'"),
        ({"cells": ()}, "cells"),
        ({"seeds": (1, 1)}, "seeds"),
        ({"seeds": (-1,)}, "seed"),
        ({"task": "beauty"}, "'beauty'"),
        ({"task_options": {"colour": 1}}, "colour"),
        ({"aim": 0.5}, "aim_of"),
        ({"aim": 1.5, "aim_of": "score"}, "1.5"),
        ({"learning_rates": {"gru+gru": 0.1}}, "gru.gru"),
        ({"learning_rates": {"gru": 0.0}}, "0.0"),
        ({"match": "size"}, "'size'"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(settings: dict[str, object], named: str) -> None:
    """It names the value."""
    with pytest.raises(ValueError, match=named):
        ComparisonConfig.of(**settings)


def test_the_usual_aim() -> None:
    """A score on made tasks; on real data a share of the naive answer's validation loss."""
    assert ComparisonConfig().goal() == Aim("score", 0.9)
    assert ComparisonConfig.of(aim=0.3, aim_of="loss").goal() == Aim("loss", 0.3)
    naive = make_task("forecast", split="validation").baseline_loss
    assert ComparisonConfig.of(task="forecast").goal() == Aim("loss", pytest.approx(0.9 * naive))


def history(*pairs: tuple[int, float, float]) -> tuple[Progress, ...]:
    """Evaluations by step, loss and score."""
    return tuple(
        Progress(step, 100, math.nan, loss, score, 0.1, math.nan, step / 10)
        for step, loss, score in pairs
    )


def test_the_step_to_an_aim() -> None:
    """The first evaluation that reaches it, even if a later one falls back."""
    made = history((0, 2.0, 0.1), (10, 1.0, 0.5), (20, 0.5, 0.9), (30, 0.8, 0.7))
    assert reached_at(made, Aim("score", 0.9)) == 20
    assert reached_at(made, Aim("score", 0.91)) is None
    assert reached_at(made, Aim("loss", 1.0)) == 10
    assert reached_at(made, Aim("loss", 5.0)) == 0
    assert reached_at(history((0, math.nan, 0.1)), Aim("loss", 5.0)) is None


def test_intervals_against_closed_forms() -> None:
    """Student's t with one and two degrees of freedom: tan(0.475 π), and 0.95 √2 / √(1 − 0.95²)."""
    one = math.tan(0.475 * math.pi)
    found = mean_interval([1.0, 3.0])  # s = √2, so the reach is t
    assert found == (2.0, pytest.approx(2 - one), pytest.approx(2 + one))
    two = 0.95 * math.sqrt(2) / math.sqrt(1 - 0.95**2)
    found = mean_interval([1.0, 2.0, 3.0])  # s = 1
    assert found.high - found.value == pytest.approx(two / math.sqrt(3))
    assert mean_interval([4.0, 4.0]) == (4.0, 4.0, 4.0)
    alone = mean_interval([4.0])
    assert alone.value == 4.0
    assert np.isnan(alone[1:]).all()
    for values in ([], [1.0, math.nan], [1.0, math.inf]):
        assert np.isnan(mean_interval(values)).all()
    assert middle([5, 1, 2]) == (2, 1, 5)
    assert middle([5]).value == 5
    assert np.isnan(middle([])).all()


@pytest.fixture(scope="module")
def experiment() -> ComparisonConfig:
    """Two small networks, two seeds."""
    return ComparisonConfig.of(
        cells=("rnn", "gru"), seeds=(3, 0), evaluate_every=3, match="units", aim_of="loss", aim=9.0,
        **TINY,
    )  # fmt: skip


@pytest.fixture(scope="module")
def runs(experiment: ComparisonConfig) -> dict[tuple[str, int], Run]:
    """Its runs."""
    return {key: train(config) for key, config in experiment.configs().items()}


def test_the_table_says_what_the_runs_say(
    experiment: ComparisonConfig, runs: dict[tuple[str, int], Run], tmp_path: Path
) -> None:
    """In any order of the runs; seconds are steps times a step; files bring all back."""
    times = tuple((name, seed, 10.0 + seed) for name, seed in runs)
    reference = Reference("naive", "nothing", 0, 0.7, 0.5)
    measured = Measured((reference,), times)
    backwards = list(runs.items())[::-1]
    result = comparison_of(experiment, backwards, measured)
    table = result.table
    assert list(zip(table.network, table.seed, strict=True)) == [
        ("rnn", 3), ("rnn", 0), ("gru", 3), ("gru", 0)
    ]  # fmt: skip
    for line in table.itertuples():
        run = runs[line.network, line.seed]
        assert (line.loss, line.score) == (run.test_loss, run.test_accuracy)
        assert (line.parameters, line.wall_seconds, line.steps) == (run.parameters, run.seconds, 6)
        assert line.seconds == pytest.approx(6 * (10 + line.seed) / 1000)
        assert (line.steps_to_aim, line.seconds_to_aim) == (0, 0)
    assert list(result.curves.step[:3]) == [0, 3, 6]
    assert list(result.curves.loss[:3]) == [row.loss for row in runs["rnn", 3].history]
    assert result.curves.seconds[2] == pytest.approx(6 * 13 / 1000)

    save_comparison(result, tmp_path / "out")
    again = load_comparison(tmp_path / "out")
    assert (again.config, again.references) == (experiment, (reference,))
    pd.testing.assert_frame_equal(again.table, table, rtol=1e-5, check_dtype=False)
    pd.testing.assert_frame_equal(again.curves, result.curves, rtol=1e-5, check_dtype=False)
    first = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    save_comparison(result, tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == first
    (tmp_path / "out" / "runs.csv").unlink()
    with pytest.raises(ResultError, match="no readable comparison"):
        load_comparison(tmp_path / "out")


def test_seeds_that_miss_the_aim_are_counted() -> None:
    """Two of three reach it: the third counts as infinite in the median and the range."""
    rows = {
        "network": ["lstm"] * 3, "variant": ["lstm"] * 3, "units": [4] * 3, "parameters": [9] * 3,
        "step_ms": [1.0, 2.0, 3.0], "seconds": [1.0, 1.0, 1.0], "loss": [0.1, math.nan, 0.2],
        "score": [0.5, 0.6, 0.7], "steps_to_aim": [100.0, math.nan, 300.0],
        "seconds_to_aim": [1.0, math.nan, 2.0],
    }  # fmt: skip
    (line,) = comparison_summary(pd.DataFrame(rows)).itertuples()
    assert (line.seeds, line.reached) == (3, 2)
    assert (line.steps_to_aim, line.steps_to_aim_low) == (300, 100)
    assert (line.steps_to_aim_high, line.seconds_to_aim_high) == (math.inf, math.inf)
    assert line.seconds_to_aim == 2.0
    assert line.step_ms == 2
    assert line.step_ms_high - 2 == pytest.approx(4.302653 / math.sqrt(3), rel=1e-6)
    assert math.isnan(line.loss)
    assert line.score == pytest.approx(0.6)


def test_what_is_measured_beforehand(experiment: ComparisonConfig) -> None:
    """Every run's step has a time above 0; as text it is the same again, for this comparison."""
    found = measure(experiment)
    assert [(name, seed) for name, seed, _ in found.step_ms] == list(experiment.configs())
    assert all(ms > 0 for _, _, ms in found.step_ms)
    assert [reference.kind for reference in found.references] == ["naive", "linear"]
    again = measured_of(experiment, measured_text(experiment, found))
    assert again.references == found.references
    other = ComparisonConfig.of(task="parity", cells=("rnn",))
    with pytest.raises(ValueError, match="another comparison"):
        measured_of(other, measured_text(experiment, found))
    with pytest.raises(ValueError, match="Expecting"):
        measured_of(experiment, b"{")


class Clock:
    """A processor that grows slower and slower: each look takes a little longer than the last."""

    def __init__(self) -> None:
        self.now, self.looks = 0.0, 0

    def __call__(self) -> float:
        """The time; between two looks lies one update."""
        self.looks += 1
        self.now += 0.001 * self.looks
        return self.now


def test_networks_take_turns_so_that_what_slows_the_machine_meets_all(
    experiment: ComparisonConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three equal networks on a machine that slows down tenfold: one after another the last would
    take five times as long as the first."""
    monkeypatch.setattr(measuring.time, "process_time", Clock())
    config = next(iter(experiment.configs().values()))
    found = step_times(dict.fromkeys(("first", "second", "third"), config))
    assert max(found.values()) < 1.15 * min(found.values())


def test_times_are_those_of_the_processor_and_leave_torch_as_it_was(
    experiment: ComparisonConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sleeping is not counted; drawing the batch is not; the random state is put back."""
    config = next(iter(experiment.configs().values()))
    plain = step_ms(config)
    update = Updater.update

    def slept(*given: object) -> float:
        time.sleep(0.02)
        return update(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(Updater, "update", slept)
    before = torch.random.get_rng_state()
    assert step_ms(config) < 20 + plain
    assert torch.equal(torch.random.get_rng_state(), before)


def scored(network: str, values: list[float], column: str = "score") -> pd.DataFrame:
    """Runs of one network."""
    return pd.DataFrame({"network": network, "seed": range(len(values)), column: values})


def test_two_networks_are_told_apart_by_welch() -> None:
    """As scipy's; of losses and times by their logarithms."""
    scores = [0.90, 0.92, 0.95, 0.91, 0.93], [0.85, 0.91, 0.80, 0.86, 0.88]
    table = pd.concat([scored("gru", scores[0]), scored("rnn", scores[1])])
    found = difference(table, "gru", "rnn", "score")
    theirs = stats.ttest_ind(*scores, equal_var=False).confidence_interval()
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))
    assert judged(found, "score") == "better"
    assert judged(difference(table, "rnn", "gru", "score"), "score") == "worse"
    times = [10.0, 11.0, 12.0], [1.0, 1.1, 1.2]
    table = pd.concat([scored("gru", times[0], "step_ms"), scored("rnn", times[1], "step_ms")])
    found = difference(table, "rnn", "gru", "step_ms")
    assert math.exp(found.estimate) == pytest.approx(0.1)
    assert judged(found, "step_ms") == "better"  # less is better


def test_what_chance_may_do_is_undecided() -> None:
    """Overlap, two seeds, one seed, a loss that is no number; and the same within a point."""
    table = pd.concat([
        scored("a", [0.90, 0.95, 0.85]), scored("b", [0.88, 0.93, 0.89]),
        scored("c", [0.10, 0.11]), scored("d", [0.1]), scored("e", [0.5, math.nan, 0.5]),
        scored("f", [0.901, 0.902, 0.903]), scored("g", [0.902, 0.9025, 0.9035]),
    ])  # fmt: skip
    for one, other in (("a", "b"), ("a", "c"), ("a", "d"), ("a", "e"), ("a", "none")):
        assert judged(difference(table, one, other, "score"), "score") == "undecided"
    assert judged(difference(table, "f", "g", "score"), "score") == "same"
    assert judged(difference_from(table, "f", 0.7, "score"), "score") == "better"
    assert judged(difference_from(table, "f", 0.97, "score"), "score") == "worse"
    assert judged(difference_from(table, "a", 0.89, "score"), "score") == "undecided"
    assert judged(difference_from(table, "c", 0.9, "score"), "score") == "undecided"
    found = difference_from(table, "a", 0.7, "score")
    theirs = stats.ttest_1samp([0.90, 0.95, 0.85], 0.7).confidence_interval()
    assert (found.low + 0.7, found.high + 0.7) == pytest.approx((theirs.low, theirs.high))


def test_a_longer_sequence_takes_longer_a_step() -> None:
    """Eight times the steps on our own loop: at least twice the time."""
    short, long = (
        step_ms(
            ComparisonConfig.of(
                task="parity", task_options={"length": length}, cells=("mgu",), match="units"
            ).configs()["mgu", 0]
        )
        for length in (5, 40)
    )
    assert long > 2 * short
