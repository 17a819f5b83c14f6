"""What a technique does to the test loss: by scipy, by simulation, and whose losses they are."""

import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from gatescope import TrainConfig
from gatescope.experiments import AidPair, Effect, effect_of, load_losses, run_key, save_losses
from gatescope.experiments.aids import seeded

ASSETS = Path(__file__).parents[2] / "assets" / "aid_runs"
BASE = TrainConfig(task="delayed_recall", hidden_size=4, seed=5)


def pairs(without: np.ndarray, aided: np.ndarray) -> Effect:
    """One pair a value."""
    return Effect(tuple(range(len(without))), tuple(without), tuple(aided))


def test_the_change_is_the_paired_t_of_the_logarithms() -> None:
    """Against scipy, taken back to a ratio."""
    draw = np.random.default_rng(0)
    without, aided = np.exp(draw.normal(0, 0.3, (2, 8)))
    found = pairs(without, aided).change
    expected = stats.ttest_rel(np.log(aided), np.log(without)).confidence_interval(0.95)
    assert [found.low, found.high] == pytest.approx(np.expm1(expected))
    assert found.estimate == pytest.approx(stats.gmean(aided) / stats.gmean(without) - 1)
    assert found.n == 8


@pytest.mark.parametrize(
    ("change", "spread", "count", "verdict"),
    [
        (-0.1, 0.01, 8, "better"),
        (0.1, 0.01, 8, "worse"),
        (0.001, 0.002, 8, "same"),
        (-0.05, 0.2, 8, "undecided"),
        (-0.9, 0.01, 7, "undecided"),  # too few seeds
        (-0.025, 0.02, 8, "undecided"),  # it reaches into what does not count
    ],
)
def test_the_verdict_follows_the_rule(
    change: float, spread: float, count: int, verdict: str
) -> None:
    """Of pairs that lie evenly about a change."""
    noise = spread * np.linspace(-1, 1, count)
    assert pairs(np.ones(count), (1 + change) * np.exp(noise)).verdict == verdict


def test_losses_that_are_no_number_decide_nothing() -> None:
    """Nor do none; a loss of 0 has a logarithm."""
    for bad in (math.nan, math.inf):
        lost = pairs(np.ones(8), np.array([0.5] * 7 + [bad]))
        assert lost.verdict == "undecided"
        assert lost.change.high == math.inf
    assert Effect((), (), ()).verdict == "undecided"
    assert pairs(np.ones(8), np.zeros(8)).verdict == "better"
    assert pairs(np.ones(8), np.ones(8)).verdict == "same"


@pytest.mark.parametrize("spread", [0.05, 0.3])
def test_no_difference_is_seldom_called_one(spread: float) -> None:
    """In at most 7 of 100 experiments of 8 seeds that share what the seed brings; two standard
    errors would do so more often. A halved loss is found in nearly all."""
    draw = np.random.default_rng(1)
    told, found = [], []
    for _ in range(1000):
        seed = np.exp(draw.normal(0, 0.5, 8))  # what both have from their seed
        noise = np.exp(draw.normal(0, spread, (2, 8)))
        told.append(pairs(seed * noise[0], seed * noise[1]).verdict)
        found.append(pairs(seed * noise[0], 0.5 * seed * noise[1]).verdict)
    assert np.mean([verdict in ("better", "worse") for verdict in told]) <= 0.07
    assert np.mean([verdict == "better" for verdict in found]) > 0.95


def test_a_loss_belongs_to_the_settings_that_made_it(tmp_path: Path) -> None:
    """Written, read, and found by their key alone; what is missing is left out."""
    pair = AidPair(
        aid="clipping", strength=0.5, base=BASE.model_copy(update={"max_grad_norm": None}), seeds=3
    )
    without, aided = pair.configs()["without"], pair.configs()["with"]
    rows = [(name, config, 0.1 + k / 7) for k, (name, config) in enumerate(pair.configs().items())]
    save_losses(rows, tmp_path / "losses.csv")
    known = load_losses(tmp_path / "losses.csv")
    assert known == {run_key(config): loss for _, config, loss in rows}
    found = effect_of(without, aided, known)
    assert found.seeds == (5, 6, 7)
    assert found.without == (rows[0][2], rows[2][2], rows[4][2])
    assert found.aided == (rows[1][2], rows[3][2], rows[5][2])
    del known[run_key(pair.configs()["with 1"])]
    assert effect_of(without, aided, known).seeds == (5, 7)
    assert effect_of(without, seeded(aided, 9), known).seeds == (5, 7)  # the pair's own seeds count
    other = TrainConfig(**(aided.model_dump() | {"max_grad_norm": 0.6}))
    assert effect_of(without, other, known).seeds == ()


def test_what_holds_no_losses_is_refused(tmp_path: Path) -> None:
    """With the file's name."""
    (tmp_path / "no.csv").write_text("config,test_loss\nabc,high\n")
    with pytest.raises(ValueError, match=r"no readable test losses in .*no\.csv: could not conv"):
        load_losses(tmp_path / "no.csv")
    with pytest.raises(ValueError, match="no readable test losses"):
        load_losses(tmp_path / "missing.csv")


def test_eight_seeds_of_every_prepared_pair_are_there() -> None:
    """And the first of them is that of the run whose curves are shown."""
    from gatescope import load_run

    known = load_losses(ASSETS / "test_losses.csv")
    folders = [path for path in ASSETS.iterdir() if path.is_dir()]
    assert len(known) == 8 * len(folders)
    for folder in folders:
        run = load_run(folder)
        keys = [run_key(seeded(run.config, run.config.seed + k)) for k in range(8)]
        assert set(keys) <= set(known)
        assert known[keys[0]] == pytest.approx(run.test_loss, rel=1e-6)


def test_a_loss_beyond_all_bounds_is_infinitely_worse() -> None:
    """1e300 against a loss that counts as 1e-12: the ratio is no number."""
    found = Effect(tuple(range(8)), (1e-20,) * 8, (1e300,) * 8)
    assert found.change.estimate == math.inf
    assert found.verdict == "worse"
