"""The retention experiment: its runs, its numbers and its result on disk."""

import itertools
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
from scipy import stats

from gatescope import Run, TrainConfig, train
from gatescope.experiments import (
    ResultError,
    RetentionConfig,
    bootstrap,
    load_result,
    matched_units,
    parameter_count,
    retention_row,
    retention_table,
    save_result,
    solved_at,
    solved_difference,
    solved_fraction,
    split_variant,
    summarise,
)

SMALL: dict[str, Any] = {
    "variants": ("rnn", "lstm:chrono"),
    "delays": (2, 3),
    "seeds": (0, 1),
    "hidden_size": 4,
    "max_steps": 4,
    "evaluate_every": 2,
}


@pytest.fixture(scope="module")
def trained() -> dict[tuple[str, int, int], Run]:
    """A small experiment's runs."""
    return {key: train(config) for key, config in RetentionConfig.of(**SMALL).configs().items()}


def test_every_variant_at_every_delay_with_every_seed() -> None:
    """And each config says just that; what is not varied is the same in all."""
    experiment = RetentionConfig.of(**SMALL, forget_bias=2.0)
    configs = experiment.configs()
    assert set(configs) == set(itertools.product(("rnn", "lstm:chrono"), (2, 3), (0, 1)))
    config = configs["lstm:chrono", 3, 1]
    assert config == TrainConfig(
        task="delayed_recall",
        task_options={"delay": 3},
        cell="lstm",
        hidden_size=4,
        initialization="chrono",
        forget_bias=2.0,
        max_steps=4,
        evaluate_every=2,
        stop_accuracy=0.97,
        seed=1,
    )


def test_a_task_without_a_delay_varies_its_length() -> None:
    """The adding problem has no delay of its own."""
    experiment = RetentionConfig.of(task="adding", variants=("rnn",), delays=(10,), seeds=(0,))
    assert experiment.config("rnn", 10, 0).task_options == {"length": 10}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"variants": ("elman",)}, "there is no cell 'elman'"),
        ({"variants": ("lstm:best",)}, "one of default, forget_bias, chrono, got 'best'"),
        ({"variants": ("rnn:chrono",)}, "has no such gate"),
        ({"variants": ("rnn", "rnn")}, "variants must differ"),
        ({"delays": (0,)}, "delay must be at least 1"),
        ({"delays": ()}, "delays"),
        ({"task": "digits"}, "neither a delay nor a length"),
        ({"task": "dgits"}, "there is no task 'dgits'"),
        ({"solved": 1.5}, "solved"),
        ({"delay": 3}, "delay: no such setting"),
    ],
)
def test_what_cannot_be_run_is_one_clear_line(changes: dict[str, Any], message: str) -> None:
    """Before anything is trained."""
    with pytest.raises(ValueError, match=message) as caught:
        RetentionConfig.of(**changes)
    assert "\n" not in str(caught.value)


def test_variants_are_cell_and_initialization() -> None:
    """The default needs no name."""
    assert split_variant("gru") == split_variant("gru:default") == ("gru", "default")
    assert split_variant("lstm:forget_bias") == ("lstm", "forget_bias")


@pytest.mark.parametrize(("inputs", "outputs", "layers"), [(9, 8, 1), (2, 1, 2)])
def test_matched_parameter_counts(inputs: int, outputs: int, layers: int) -> None:
    """The count of torch's own layers in closed form, and no other size comes nearer."""
    blocks = {"rnn": 1, "gru": 3, "lstm": 4}

    def expected(cell: str, units: int) -> int:
        widths = [inputs] + [units] * (layers - 1)
        recurrent = sum(blocks[cell] * units * (width + units + 2) for width in widths)
        return recurrent + outputs * (units + 1)

    aim = expected("lstm", 32)
    assert parameter_count("lstm", 32, inputs, outputs, layers) == aim
    for cell in blocks:
        units = matched_units(cell, aim, inputs, outputs, layers)
        nearest = min(range(1, 200), key=lambda n: abs(expected(cell, n) - aim))
        assert abs(expected(cell, units) - aim) == abs(expected(cell, nearest) - aim)


def test_an_experiment_with_matched_parameters_says_its_units() -> None:
    """The LSTM keeps its size; the RNN gets more units."""
    experiment = RetentionConfig.of(match="parameters", hidden_size=8, delays=(3,))
    assert experiment.config("lstm", 3, 0).hidden_size == 8
    assert experiment.config("rnn", 3, 0).hidden_size > 12


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [
        ([0.1, 0.98, 0.99], 20),
        ([0.98, 0.1, 0.97, 0.97], 30),
        ([0.98, 0.1, 0.98], None),
        ([0.96, 0.96], None),
    ],
)
def test_solved_is_twice_in_a_row(
    trained: dict[tuple[str, int, int], Run], accuracies: list[float], expected: int | None
) -> None:
    """The step of the second evaluation."""
    run = trained["rnn", 2, 0]
    history = tuple(
        replace(run.history[0], step=10 * k, accuracy=share) for k, share in enumerate(accuracies)
    )
    assert solved_at(replace(run, history=history)) == expected


def test_the_half_life_of_a_known_gate(trained: dict[tuple[str, int, int], Run]) -> None:
    """Forget gates that do not look at anything: ln 2 / -ln f, the longest-lived tenth."""
    run = trained["lstm:chrono", 3, 0]
    weights = {name: tensor.clone() for name, tensor in run.checkpoints[run.steps[-1]].items()}
    for name in ("weight_ih_l0", "weight_hh_l0", "bias_hh_l0"):
        weights[f"recurrent.{name}"][4:8] = 0
    f = torch.tensor([0.1, 0.5, 0.8, 0.9])
    weights["recurrent.bias_ih_l0"][4:8] = torch.logit(f)
    known = replace(run, checkpoints={0: weights, 4: weights}, fingerprints=None)
    row = retention_row("lstm:chrono", 3, known)
    lives = [math.log(0.5) / math.log(x) for x in (0.1, 0.5, 0.8, 0.9)]
    assert row["half_life"] == pytest.approx(np.quantile(lives, 0.9), rel=1e-5)
    assert row["gate_left"] == pytest.approx(0.9**3, rel=1e-5)
    assert math.isnan(retention_row("rnn", 3, trained["rnn", 3, 0])["half_life"])


def test_a_row_says_what_the_run_says(trained: dict[tuple[str, int, int], Run]) -> None:
    """Score, size and the share of the gradient that comes back to the first step."""
    run = trained["lstm:chrono", 3, 1]
    row = retention_row("lstm:chrono", 3, run)
    assert (row["accuracy"], row["loss"]) == (run.test_accuracy, run.test_loss)
    assert (row["seed"], row["units"], row["steps"]) == (1, 4, 4)
    norms = {
        g.time: g.median
        for g in run.gradients
        if g.checkpoint == run.steps[-1] and g.signal == "cell_state"
    }
    assert row["gradient_left"] == norms[0] / norms[3]


def test_a_table_in_order_and_over_the_seeds(trained: dict[tuple[str, int, int], Run]) -> None:
    """Whatever the order in which the runs ended."""
    experiment = RetentionConfig.of(**SMALL)
    table = retention_table(experiment, reversed(list(trained.items())))
    assert list(zip(table.variant, table.delay, table.seed, strict=True)) == list(
        experiment.configs()
    )
    table["solved"] = [True, False] * 4
    table["solved_at"] = [10.0, math.nan] * 4
    found = summarise(table).set_index(["variant", "delay"])
    assert len(found) == 4
    one = table[(table.variant == "rnn") & (table.delay == 2)]
    line = found.loc[("rnn", 2)]
    assert line["seeds"] == 2
    assert line["solved"] == one.solved.mean()
    assert line["accuracy"] == one.accuracy.median()
    assert (line["low"], line["high"]) == (-math.inf, math.inf)  # two seeds tell no interval


def seeds_of(solved: int, of: int, variant: str = "rnn", delay: int = 20) -> pd.DataFrame:
    """A table of one network at one delay: so many of its seeds solved it, after 100, 200 ..."""
    there = np.arange(of) < solved
    steps = 100.0 * (1 + np.arange(of))
    return pd.DataFrame(
        {
            "variant": variant, "delay": delay, "seed": np.arange(of), "solved": there,
            "solved_at": np.where(there, steps, np.nan), "accuracy": np.arange(of) / 10,
            "half_life": 1.0, "gate_left": 1.0, "gradient_left": 1.0,
        }
    )  # fmt: skip


def test_runs_that_never_solved_it_count_in_the_median_of_steps() -> None:
    """Of those that did alone, 5 of 8 would need 300 steps; all eight need 450."""
    (line,) = summarise(seeds_of(5, 8)).itertuples()
    assert (line.solved, line.seeds, line.solved_at) == (5 / 8, 8, 450)
    assert (line.low, line.high) == (0.1, 0.6)  # second and seventh of eight
    (half,) = summarise(seeds_of(4, 8)).itertuples()
    assert half.solved_at == math.inf
    (odd,) = summarise(seeds_of(4, 7)).itertuples()
    assert odd.solved_at == 400


def test_fractions_of_seeds_have_their_intervals() -> None:
    """Wilson's for one, Newcombe's for a difference: scipy's, and his table's 9 and 3 of 10."""
    ends = stats.binomtest(5, 8).proportion_ci(method="wilson")
    (line,) = summarise(seeds_of(5, 8)).itertuples()
    assert (line.solved_low, line.solved_high) == pytest.approx((ends.low, ends.high))
    one = solved_fraction(seeds_of(5, 8))
    assert (one.estimate, one.low, one.high, one.n) == (0.625, line.solved_low, line.solved_high, 8)
    difference = solved_difference(seeds_of(9, 10), seeds_of(3, 10))
    assert difference.estimate == pytest.approx(0.6)
    assert (difference.low, difference.high) == pytest.approx((0.1705, 0.8090), abs=6e-5)


def test_the_bootstrap_of_the_median_in_closed_form() -> None:
    """Three values: the median of a sample is the middle one with chance 13/27, an outer 7/27."""
    low, high = bootstrap([0.0, 0.5, 1.0])
    assert (low, high) == (0.0, 1.0)  # an outer one has 7/27
    values = np.arange(101) / 100
    low, high = bootstrap(values, draws=4000)
    # the median of n = 101 uniform values has a standard deviation of about 1 / (2 sqrt(n))
    assert high - low == pytest.approx(2 * 1.2816 / (2 * math.sqrt(101)), rel=0.12)
    assert bootstrap([0.3]) == (-math.inf, math.inf)


def test_a_result_comes_back(trained: dict[tuple[str, int, int], Run], tmp_path: Path) -> None:
    """Settings, table, and the same numbers as labelled arrays."""
    experiment = RetentionConfig.of(**SMALL)
    table = retention_table(experiment, trained.items())
    save_result(experiment, table, tmp_path / "out")
    read, numbers = load_result(tmp_path / "out")
    assert read == experiment
    pd.testing.assert_frame_equal(numbers, table, rtol=1e-5)
    with xr.open_dataset(tmp_path / "out" / "retention.nc", engine="h5netcdf") as cube:
        value = float(cube["accuracy"].sel(variant="rnn", delay=3, seed=1))
        assert RetentionConfig.of(**json.loads(cube.attrs["experiment"])) == experiment
    assert value == trained["rnn", 3, 1].test_accuracy
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "experiment.json",
        "retention.csv",
        "retention.nc",
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [("experiment.json", "{"), ("experiment.json", '{"schema": 99}'), ("retention.csv", None)],
)
def test_an_unreadable_result_is_named(
    trained: dict[tuple[str, int, int], Run], tmp_path: Path, name: str, text: str | None
) -> None:
    """One error that says where."""
    experiment = RetentionConfig.of(**SMALL)
    save_result(experiment, retention_table(experiment, trained.items()), tmp_path)
    if text is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_text(text)
    with pytest.raises(ResultError, match=str(tmp_path)):
        load_result(tmp_path)
