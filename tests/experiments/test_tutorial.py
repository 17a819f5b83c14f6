"""What stands behind the tutorial's answers: closed forms, counts, hand-made histories."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gatescope import TrainConfig, train
from gatescope.experiments.tutorial import (
    EXPERIMENTS,
    MEASURED_COLUMNS,
    configs,
    listings,
    measured,
    measured_table,
    read_rows,
    read_table,
    rows_of_runs,
    untrained,
)
from gatescope.experiments.tutorial.trained import Place

SHIPPED = Path(__file__).parents[2] / "assets" / "tutorial"


def test_gates_and_weights_are_counted() -> None:
    assert [untrained.gates_of(cell) for cell in ("rnn", "lstm", "gru")] == [0, 3, 2]
    sizes = [untrained.weights_of(cell, 3, 5) for cell in ("rnn", "lstm", "gru")]
    one = 5 * 3 + 5 * 5 + 2 * 5
    assert sizes == [one, 4 * one, 3 * one]


def test_the_carousel_keeps_the_forget_gates_power() -> None:
    assert untrained.carousel(1) == pytest.approx(1, rel=1e-5)
    assert untrained.carousel(0.9, 20) == pytest.approx(0.9**20, rel=1e-4)
    assert untrained.carousel(None) < 0.6**50


def test_a_unit_by_hand_holds_and_a_weak_one_would_not() -> None:
    assert untrained.latch(200) == 100
    assert untrained.latch(200, noise=3.0) < 90  # noise that overturns it


def test_what_arrives_is_what_autograd_says() -> None:
    steps, units, seed = 6, untrained.UNITS, 3
    torch.manual_seed(seed)
    layer = nn.RNN(1, units)
    draw = torch.Generator().manual_seed(seed + 1)
    x = torch.randn(steps, untrained.EXAMPLES, 1, generator=draw)
    states, h = [], torch.zeros(untrained.EXAMPLES, units)
    for row in x:
        pre = row @ layer.weight_ih_l0.T + layer.bias_ih_l0 + h @ layer.weight_hh_l0.T
        h = torch.tanh(pre + layer.bias_hh_l0)
        states.append(h)
    first, last = torch.autograd.grad(states[-1].sum(), [states[0], states[-1]])
    assert untrained.arriving("rnn", 1, steps, seed) == pytest.approx(
        float(first.norm() / last.norm()), rel=1e-4
    )


def test_a_second_direction_leaves_the_first_ones_gradient_alone() -> None:
    one = untrained.arriving("lstm", steps=20, seed=5)
    assert untrained.arriving("lstm", steps=20, seed=5, bidirectional=True) == pytest.approx(one)


def test_chrono_keeps_the_gradient_near_its_gates_product() -> None:
    """f = u / (1 + u), u uniform on [1, T - 1]: along the cell alone the median unit keeps that
    to the power of the steps; the way through h adds to it."""
    steps = 50
    kept = untrained.arriving("lstm", steps=steps, initialization="chrono")
    middle = steps / 2
    assert kept < (middle / (1 + middle)) ** (steps - 1)
    assert kept > 1e6 * untrained.arriving("lstm", steps=steps)


def test_what_is_shipped_is_what_is_measured() -> None:
    """The first seeds again; every measure of the table has as many rows as it should."""
    shipped = read_table(SHIPPED / "untrained.csv", MEASURED_COLUMNS)
    again = measured_table(seeds=2)
    both = again.merge(shipped, on=["measure", "setting", "seed"], suffixes=("", "_shipped"))
    assert len(both) == len(again)
    assert both["value"].to_numpy() == pytest.approx(both["value_shipped"].to_numpy(), rel=1e-2)
    by_seed = shipped[shipped["measure"].isin(["arriving", "carousel"])]
    assert set(by_seed.groupby(["measure", "setting"])["seed"].nunique()) == {measured.SEEDS}


def test_random_state_is_left_alone() -> None:
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    measured_table(seeds=1)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_listings_faults_in_numbers() -> None:
    assert listings.steps_seen(7) == (7, 1)
    assert listings.candidates(True) == 1
    assert listings.candidates(False) == 1000
    assert listings.plateau_moves(1e-3) == 0
    assert listings.plateau_moves(1e-5) == 2  # .001, .0001, .00001


def test_per_cent_depends_on_the_scale() -> None:
    found = listings.per_cent(np.array([50.0, 68.0]), np.array([59.0, 68.0]))
    assert found["F"] == pytest.approx(100 - 100 * (9 / 50) / 2)
    assert found["C"] == pytest.approx(100 - 100 * (5 / 10) / 2)
    assert found["K"] == pytest.approx(100 - 100 * (5 / 283.15) / 2)


def test_cells_of_one_experiment_have_like_weights() -> None:
    for name in ("reviews", "stocks", "text"):
        found = [
            sum(p.numel() for key, p in build.named_parameters() if "embedding" not in key)
            for place, config in configs([name]).items()
            if place.seed == 0
            for build in [_model(config)]
        ]
        assert max(found) < 1.07 * min(found), name
    assert len(configs()) == sum(len(e.settings) * len(e.seeds) for e in EXPERIMENTS.values())


def _model(config: TrainConfig) -> nn.Module:
    from gatescope.training.build import build_model

    return build_model(config)


def test_a_row_is_the_runs_own_numbers(tmp_path: Path) -> None:
    config = TrainConfig(task="forecast", hidden_size=3, max_steps=4, evaluate_every=2)
    run = train(config)
    table = rows_of_runs([(Place("scaling", "train", 0), run)])
    task = run.task.held_out("test")
    assert table["loss"][0] == pytest.approx(run.test_loss * float(task.deviation[0]) ** 2)
    best = min(run.history, key=lambda row: row.loss)
    assert (table["best_validation"][0], table["best_at"][0]) == (best.loss, best.step)
    scores = [row.accuracy for row in run.history]
    half = (scores[0] + max(scores)) / 2
    assert table["half_way"][0] == next(row.step for row in run.history if row.accuracy >= half)
    table.to_csv(tmp_path / "runs.csv", index=False)
    assert list(read_rows(tmp_path / "runs.csv").columns) == list(table.columns)
    assert math.isfinite(table["seconds"][0])


@pytest.mark.parametrize("text", [None, "", "a,b\n1,2\n"])
def test_a_table_that_is_missing_or_another_is_said(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "runs.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ValueError, match="make assets"):
        read_rows(path)
