"""Claims about gates: derivatives against closed forms and torch, half-lives against chrono's."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from gatescope import Run, make_cell
from gatescope.analysis import Interval
from gatescope.analysis.jacobian import as_cell
from gatescope.experiments.claims import CLAIMS, Place, timescales, verdict_of
from gatescope.experiments.claims.decay import (
    _line,
    closed_form,
    gate_products,
    kept,
    own_derivative,
    path_derivative,
)
from gatescope.experiments.claims.rows import cell_of
from gatescope.experiments.claims.timescales import half_lives, over_units, promised
from gatescope.recording import record
from gatescope.training import TrainConfig, build_model
from gatescope.training.build import probe_batch

FIVE = (0, 1, 2, 3, 4)
STARTS = ("default", "forget_bias", "chrono")


def config(initialization: str, **changes: object) -> TrainConfig:
    """A small network on a short task."""
    settings = {"task": "temporal_order", "task_options": {"length": 30}, "hidden_size": 5}
    return TrainConfig(**settings | {"initialization": initialization} | changes)


@pytest.mark.parametrize(
    ("dtype", "bound"), [(torch.float64, 1e-12), (torch.float32, 1e-5)], ids=str
)
@pytest.mark.parametrize("start", STARTS)
def test_along_the_cell_the_derivative_is_the_product_of_forget_gates(
    start: str, dtype: torch.dtype, bound: float
) -> None:
    """Autograd against the recorded gates, relative; where float32 has digits."""
    model = build_model(config(start)).to(dtype)
    inputs = probe_batch(config(start)).inputs[:, :3].to(dtype)
    lags = list(range(1, 31))
    found = path_derivative(as_cell(model.recurrent), inputs, lags).double().numpy()
    expected = gate_products(model, inputs).astype(float)
    there = expected > 1e-30
    assert there.mean() > 0.9
    np.testing.assert_allclose(found[there], expected[there], rtol=bound)


@pytest.mark.parametrize("cut", [True, False])
def test_the_derivative_is_that_of_one_backward_pass(cut: bool) -> None:
    """Of every unit's last state by every unit's first one, torch's own backward, in float64."""
    cell = make_cell("lstm", 3, 4).double()
    x = torch.randn(6, 2, 3, dtype=torch.float64)
    c = torch.zeros(2, 4, dtype=torch.float64, requires_grad=True)
    state = {"hidden_state": torch.zeros_like(c), "cell_state": c}
    for step in x:
        signals = cell.step(step, state)
        h = signals["hidden_state"]
        state = {"hidden_state": h.detach() if cut else h, "cell_state": signals["cell_state"]}
    last = state["cell_state"]
    own = torch.stack(
        [
            torch.autograd.grad(last[:, unit].sum(), c, retain_graph=True)[0][:, unit]
            for unit in range(4)
        ],
        dim=-1,
    )
    found = path_derivative(cell, x, [6])[0] if cut else own_derivative(cell, x)[-1]
    torch.testing.assert_close(found, own, rtol=1e-12, atol=1e-15)


def test_the_whole_derivative_is_that_of_torchs_layer_by_finite_differences() -> None:
    """nn.LSTM itself, c_0 moved by 1e-6 either way; the two paths differ."""
    layer = nn.LSTM(3, 4).double()
    cell = make_cell("lstm", 3, 4).double()
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    x, zeros = torch.randn(5, 1, 3, dtype=torch.float64), torch.zeros(1, 1, 4).double()
    with torch.no_grad():
        slopes = []
        for unit in range(4):
            move = zeros.clone()
            move[..., unit] = 1e-6
            ends = [layer(x, (zeros, sign * move))[1][1][0, 0, unit] for sign in (1, -1)]
            slopes.append((ends[0] - ends[1]) / 2e-6)
    found = own_derivative(cell, x)[-1, 0]
    torch.testing.assert_close(found, torch.stack(slopes), rtol=1e-7, atol=1e-10)
    assert (found - path_derivative(cell, x, [5])[0, 0]).abs().max() > 1e-4


@pytest.mark.parametrize(
    ("start", "opening"),
    [("default", 0.5), ("forget_bias", 1 / (1 + math.exp(-1))), ("chrono", 15 / 16)],
)
def test_the_closed_form_is_a_power_of_the_middle_units_gate(start: str, opening: float) -> None:
    """T_max is 30: in the middle e^b is 15. With all weights at 0 a gate of that bias keeps it."""
    lags = np.array([1, 7, 20])
    np.testing.assert_allclose(closed_form(config(start), lags), opening**lags, rtol=1e-12)
    model = build_model(config(start))
    for parameter in model.recurrent.parameters():
        nn.init.zeros_(parameter)
    model.recurrent.bias_ih_l0.data[5:10] = math.log(opening / (1 - opening))
    kept_there = gate_products(model.double(), torch.zeros(20, 1, 6).double())
    np.testing.assert_allclose(kept_there[19], opening**20, rtol=1e-5)  # a float32 bias


def test_what_is_kept_is_of_the_network_at_its_start() -> None:
    """Shapes, the same twice, and the network's weights are those of its config."""
    found, again = kept(config("chrono")), kept(config("chrono"))
    for name, values in found.items():
        assert values.shape == (7, 4, 5)  # after 1, 5, 10 ... 30 steps
        np.testing.assert_array_equal(values, again[name])
    assert (found["total"] >= 0).all()


def test_the_claim_about_decay_is_computed_from_untrained_networks() -> None:
    """A small budget: nothing to train, rows at each told lag, and both parts come out."""
    claim = CLAIMS["gradient_decay"]
    claim = replace(claim, budget=replace(claim.budget, values=(30,), seeds=FIVE))
    result = claim.measure({})
    assert (result.done, result.total, result.seconds) == (0, 0, 0)
    assert {part.key: part.met for part in result.parts} == {"is_product": True, "rate": True}
    assert [part.check for part in result.parts] == [True, False]  # an identity is no finding
    assert result.verdict == "holds"
    assert cell_of(result.table, "kept", "lstm", 20, "paper") == pytest.approx(0.5**20)
    for line in claim.budget.variants:
        of_line = result.curves[result.curves.panel == line]
        assert set(of_line.line) == {"cell", "total", "closed_form"}
        assert (of_line.groupby("line").size() == 7).all()
        middle = of_line[(of_line.line == "cell") & (of_line.x == 20)].value.iloc[0]
        assert cell_of(result.table, "kept", line, 20) == middle
    networks = [kept(claim.budget.config(Place("lstm", 30, seed)))["cell"][4] for seed in FIVE]
    pooled = cell_of(result.table, "kept", "lstm", 20)
    assert pooled == pytest.approx(float(np.median(np.concatenate(networks))))
    # five networks: their medians' interval is between the lowest and the highest
    medians = [float(np.median(network)) for network in networks]
    ends = [cell_of(result.table, "kept", "lstm", 20, end) for end in ("low", "high")]
    assert ends == pytest.approx([min(medians), max(medians)])
    rates = [math.log(median) / math.log(0.5**20) for median in medians]
    factors = [max(rate, 1 / rate) for rate in rates]
    found = [cell_of(result.table, "rate", "lstm", 20, end) for end in ("low", "ours", "high")]
    assert found == pytest.approx([min(factors), float(np.median(factors)), max(factors)])
    worst = result.parts[1].interval
    assert worst is not None
    assert worst.high == max(
        cell_of(result.table, "rate", line, 20, "high") for line in claim.budget.variants
    )
    assert worst.n == 5


def test_the_band_of_decay_is_from_a_tenth_to_nine_tenths_of_the_units() -> None:
    """Eleven values 0, 1, ... 10: the first decile is 1, the ninth 9; quartiles would be 2.5."""
    values = np.random.default_rng(0).permutation(np.arange(11.0))[None]
    found = _line("lstm", "cell", np.array([1]), values)
    assert found[["low", "value", "high"]].values.tolist() == [[1.0, 5.0, 9.0]]
    claim = CLAIMS["gradient_decay"]
    claim = replace(claim, budget=replace(claim.budget, values=(30,), seeds=(3,)))
    curves = claim.measure({}).curves
    network = kept(claim.budget.config(Place("lstm", 30, 3)))["cell"].reshape(7, -1)
    drawn = curves[(curves.panel == "lstm") & (curves.line == "cell")]
    np.testing.assert_allclose(drawn.low, np.quantile(network, 0.1, axis=1))
    np.testing.assert_allclose(drawn.high, np.quantile(network, 0.9, axis=1))


@pytest.mark.parametrize(("value", "verdict"), [(5e-10, "holds"), (1e-3, "undecided")])
def test_a_derivative_that_is_no_product_is_seen(value: float, verdict: str) -> None:
    """Then the code is at fault, and nothing is said; another rate of decay is a finding."""
    claim = CLAIMS["gradient_decay"]
    claim = replace(claim, budget=replace(claim.budget, values=(30,), seeds=FIVE))
    table = claim.measure({}).table
    table.loc[table.measure == "difference", "ours"] = value
    parts = claim.judge(claim.budget, table)
    assert [part.met for part in parts] == [verdict == "holds", True]
    assert verdict_of(parts) == verdict
    table.loc[(table.measure == "rate") & (table.line == "lstm"), ["ours", "low", "high"]] *= 2
    rate = claim.judge(claim.budget, table)[1]
    assert rate.outcome == "not_met"
    table.loc[(table.measure == "rate") & (table.line == "lstm"), "low"] = 1.0
    assert claim.judge(claim.budget, table)[1].outcome == "undecided"


@pytest.mark.parametrize("longest", [20, 100])
def test_chronos_promise_is_the_quantile_of_many_draws(longest: int) -> None:
    """A million biases b = ln U[1, T - 1]; the time constants are uniform on [2, T]."""
    u = np.random.default_rng(0).uniform(1, longest - 1, 1_000_000)
    gate = u / (1 + u)
    lives = math.log(0.5) / np.log(gate)
    for share in (0.1, 0.5, 0.9):
        assert promised(longest, share) == pytest.approx(np.quantile(lives, share), rel=0.01)
        constant = np.quantile(1 / (1 - gate), share)
        assert constant == pytest.approx(2 + share * (longest - 2), rel=0.01)


def held(config: TrainConfig, factor: float, later: float) -> Run:
    """A run whose gates are their biases alone: the promised half-lives times a factor."""
    shares = (np.arange(config.hidden_size) + 0.5) / config.hidden_size
    checkpoints = {}
    for step, scale in ((0, factor), (10, later)):
        model = build_model(config)
        for parameter in model.recurrent.parameters():
            nn.init.zeros_(parameter)
        lives = np.asarray(promised(config.make_task().length, shares)) * scale
        gate = torch.tensor(0.5 ** (1 / lives))
        size = config.hidden_size
        model.recurrent.bias_ih_l0.data[size : 2 * size] = torch.logit(gate).float()
        checkpoints[step] = model.state_dict()
    return Run(config, (), checkpoints, (), 1.0, 0.9, 9, 1.0)


@pytest.mark.parametrize(
    ("before", "after", "outcomes", "verdict"),
    [
        (1.0, 1.0, ("met", "met"), "holds"),
        (1.3, 0.8, ("met", "met"), "holds"),
        (1.0, 2.0, ("met", "not_met"), "partly"),
        (0.4, 1.7, ("not_met", "not_met"), "fails"),
    ],
)
def test_chronos_half_lives_are_held_against_its_promise(
    before: float, after: float, outcomes: tuple[str, str], verdict: str
) -> None:
    """Networks built so that every half-life is known: the promise times a factor."""
    claim = CLAIMS["chrono_timescales"]
    budget = replace(
        claim.budget, values=(19, 39), seeds=FIVE, own_seeds={39: (5, 6, 7, 8, 9)},
        settings={"hidden_size": 200, "max_steps": 5},
    )  # fmt: skip
    claim = replace(claim, budget=budget)
    runs = {label: held(each, before, after) for label, each in claim.configs().items()}
    result = claim.measure(runs)
    assert tuple(part.outcome for part in result.parts) == outcomes
    assert result.verdict == verdict
    for when, factor in (("before", before), ("after", after)):
        place = (f"half_life_{when}", "q50", 40)
        assert cell_of(result.table, *place, "paper") == pytest.approx(promised(40, 0.5))
        ours = cell_of(result.table, *place)
        assert ours == pytest.approx(promised(40, 0.5) * factor, rel=0.01)
        assert cell_of(result.table, *place, "count") == 5
        drawn = result.curves[(result.curves.line == when) & (result.curves.x == 40)]
        assert drawn.value.iloc[0] == pytest.approx(ours)
    run = runs["lstm:chrono/19/0"]
    shares = (np.arange(200) + 0.5) / 200
    np.testing.assert_allclose(half_lives(run, 0), promised(20, shares) * before, rtol=1e-3)


def test_networks_that_differ_leave_the_promise_open() -> None:
    """Five networks at 0.6 to 1.4 of it: the units are many, the networks are not."""
    lives = [np.asarray(promised(40, np.linspace(0, 1, 401))) * f for f in (0.6, 0.8, 1, 1.2, 1.4)]
    found = over_units(lives, 0.5)
    assert found.n == 5
    assert found.low < 0.8 * promised(40, 0.5) < 1.2 * promised(40, 0.5) < found.high
    open_ = [np.array([1.0, 2.0, math.inf, math.inf, math.inf])] * 6  # units that never forget
    assert over_units(open_, 0.9).estimate == math.inf
    assert over_units(open_, 0.1).estimate == 1.0
    alone = over_units(lives[:1], 0.5)
    assert (alone.low, alone.high) == (-math.inf, math.inf)
    assert alone.estimate == pytest.approx(0.6 * promised(40, 0.5))


@pytest.mark.parametrize(("low", "high", "ends"), [
    (8.0, 12.5, (1.0, 1.25)), (12.0, 20.0, (1.2, 2.0)), (2.5, 5.0, (2.0, 4.0)),
    (-math.inf, math.inf, (1.0, math.inf)),
])  # fmt: skip
def test_a_factor_between_a_half_life_and_its_promise(
    low: float, high: float, ends: tuple[float, float]
) -> None:
    """Either way; an interval that holds the promise of 10 begins at 1."""
    found = timescales._factor(Interval(low, low, high, 5), 10.0)
    assert (found.low, found.high) == ends


def test_a_units_half_life_is_the_median_over_the_examples() -> None:
    """Gates that look at the input: half-lives differ by example; their mean is another number."""
    config = CLAIMS["chrono_timescales"].configs()["lstm:chrono/19/0"]
    run = held(config, 1.0, 1.0)
    weights = dict(run.checkpoints[0])
    size = config.hidden_size
    draw = torch.Generator().manual_seed(0)
    own = weights["recurrent.weight_ih_l0"].clone()
    own[size : 2 * size] = 3 * torch.randn(own[size : 2 * size].shape, generator=draw)
    weights["recurrent.weight_ih_l0"] = own
    run = replace(run, checkpoints={0: weights})
    (leaf,) = record(run.model(0), run.probe().inputs).leaves
    gate = leaf.to_dataset()["forget_gate"].values.astype(float)
    lives = math.log(0.5) / np.log(gate).mean(axis=0)  # (batch, unit)
    np.testing.assert_allclose(half_lives(run, 0), np.median(lives, axis=0), rtol=1e-4)
    assert np.abs(lives.mean(axis=0) / np.median(lives, axis=0) - 1).max() > 0.02
