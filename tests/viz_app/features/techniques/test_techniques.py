"""Training techniques: chart, words and page, against the prepared runs' own histories."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from gatescope import Run, TrainConfig, load_run
from gatescope.experiments import AidPair, Effect
from gatescope.experiments.aids import FIELDS, Aid
from gatescope.jobs import JobQueue
from viz_app.features import Techniques
from viz_app.features.techniques import curves
from viz_app.features.techniques import data as aids
from viz_app.features.techniques import words as aids_words
from viz_app.features.techniques.data import CASES, Pair
from viz_app.kit import job_words
from viz_app.kit.chart.window import LAPTOP, Look
from viz_app.kit.library import folder_of
from viz_app.kit.words import digits

PAGE = "aids"
EVERY: tuple[Aid, ...] = get_args(Aid)


def pair_of(aid: Aid) -> Pair:
    """A prepared pair."""
    without, aided = (load_run(folder_of(name)) for name in CASES[aid])
    return Pair(aid, without, aided)


@pytest.fixture(scope="module", params=EVERY)
def pair(request: pytest.FixtureRequest) -> Pair:
    """Each prepared pair in turn."""
    return pair_of(request.param)


def texts(app: AppTest) -> str:
    """All that is said on a page."""
    assert not app.exception, [error.value for error in app.exception]
    places = (app.markdown, app.caption, app.success, app.info, app.error)
    return "\n".join(str(each.value) for place in places for each in place)


def test_every_prepared_pair_differs_in_its_aid_alone(pair: Pair) -> None:
    """Same task, data, seed and first weights where the sizes are the same."""
    without, aided = (run.config for run in pair.runs)
    strength = getattr(aided, FIELDS[pair.aid])
    assert AidPair(aid=pair.aid, strength=strength, base=without).with_aid() == aided
    assert len(set(pair.names)) == 2
    if pair.aid != "hidden_size":
        first, second = (run.checkpoints[0] for run in pair.runs)
        assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_chart_shows_the_history(pair: Pair) -> None:
    """Losses, longest gradients, rates; dots at the lowest loss; the clip as a rule."""
    spec = Techniques(aid=pair.aid).chart().to_dict()
    assert len(spec["vconcat"]) == (3 if pair.aid.startswith("plateau") else 2)
    panels = [json.dumps(panel) for panel in spec["vconcat"]]

    def drawn(panel: str, name: str) -> list[tuple[int, float]]:
        rows = max((rows for key, rows in spec["datasets"].items() if key in panel), key=len)
        return [(row["x"], row["value"]) for row in rows if row["line"] == name]

    def kept(run: Run, field: str) -> list[tuple[int, float]]:
        points = [(row.step, getattr(row, field)) for row in run.history]
        return [point for point in points if np.isfinite(point[1])]

    loss, norm, *_ = curves.panels(pair.aid, pair.runs)
    (lowest,) = loss.points
    for name, run in zip(pair.names, pair.runs, strict=True):
        assert drawn(panels[0], name) == kept(run, "loss")
        assert drawn(panels[0], f"{name}, training set") == kept(run, "train_loss")
        norms = [value for _, value in drawn(panels[1], name)]
        assert norms == [row.longest_gradient for row in run.history[1:]]
        if len(panels) == 3:
            assert drawn(panels[2], name) == kept(run, "learning_rate")
        losses = [row.loss for row in run.history]
        best = run.history[int(np.argmin(losses))].step
        assert (name, best, min(losses)) in list(lowest.rows.itertuples(index=False, name=None))
    assert [level.height for level in norm.levels] == [1.0]


def test_the_table_is_counted_from_the_runs(pair: Pair) -> None:
    """Best and last loss, steps, longest gradient, and the weights, by numpy."""
    table = aids.numbers(pair)
    assert list(table.index) == list(pair.names)
    for (_, row), run in zip(table.iterrows(), pair.runs, strict=True):
        losses = np.array([r.loss for r in run.history])
        best, lowest = run.history[losses.argmin()].step, losses.min()
        assert row["lowest validation loss"].endswith(f"at training step {best:,}")
        shown = row["lowest validation loss"].split()[0]
        assert float(shown) == pytest.approx(lowest, rel=0.05, abs=0.005)
        assert float(row["test loss"]) == pytest.approx(run.test_loss, rel=0.05, abs=0.005)
        assert row["training steps"] == f"{run.history[-1].step:,}"
        weights = np.concatenate(
            [w.numpy().ravel() for w in run.checkpoints[run.steps[-1]].values() if w.ndim > 1]
        )
        assert float(row["mean |w|"]) == pytest.approx(np.abs(weights).mean(), rel=0.05)
        share = (np.abs(weights) < 0.01).mean()
        assert row["weights with |w| < 0.01"] == f"{share:.1%}"


def test_the_gradients_are_those_of_the_recorder(pair: Pair) -> None:
    """At the end of both runs: the norms that the runs measured themselves, five digits."""
    for panel, state in zip(aids.flow(pair), ("hidden_state", "cell_state"), strict=False):
        for line, run in zip(panel.lines, pair.runs, strict=True):
            measured = [
                row.median for row in run.gradients
                if row.checkpoint == run.steps[-1] and row.signal == state
            ]  # fmt: skip
            np.testing.assert_allclose(line.value, measured, rtol=2e-4)


@pytest.mark.parametrize(
    ("aid", "change", "spread", "seeds", "said"),
    [
        (
            "l2",
            0.5,
            0.01,
            8,
            "It helped: test loss 0.1000 with L2 0.001, 0.2000 with no L2",
        ),
        ("l2", 1.001, 0.001, 8, "It makes no difference that counts"),
        ("l2", 1.5, 0.01, 8, "It did not help here"),
        ("l2", 0.9, 0.5, 8, "Undecided: test loss"),
        ("l2", 0.5, 0.01, 7, "Too few seeds for a verdict, which needs 8: test loss"),
        ("l2", 0.5, 0.01, 1, "One seed decides nothing"),
        ("l2", float("nan"), 0, 8, "Undecided: among the 8 pairs a test loss is NaN"),
        ("hidden_size", 0.5, 0.01, 8, "Better with 64 units: test loss"),
        ("hidden_size", 1.5, 0.01, 8, "Better with 4 units: test loss"),
        ("hidden_size", 0.9, 0.5, 8, "Undecided: test loss"),
        ("hidden_size", 1.0, 0.001, 8, "It makes no difference that counts"),
    ],
)
def test_the_headline_is_honest(
    aid: Aid, change: float, spread: float, seeds: int, said: str
) -> None:
    """By the test losses of all seeds, with the interval; one seed decides nothing."""
    noise = np.exp(spread * np.linspace(-1, 1, seeds))
    effect = Effect(tuple(range(seeds)), (0.2,) * seeds, tuple(0.2 * change * noise))
    text = aids_words.headline(pair_of(aid), effect)
    assert said in text
    if seeds > 1 and np.isfinite(change):
        ends = [effect.change.estimate, effect.change.low, effect.change.high]
        for end in ends:
            assert f"{end:+.1%}".replace("-", "−").lstrip("+").lstrip("−") in text
        assert "−" in text or min(ends) > 0


def test_a_run_without_a_test_says_why() -> None:
    """It is in training, or its loss is no number any more."""
    pair, effect = pair_of("l2"), Effect((), (), ())
    nan = float("nan")
    training = replace(pair.aided, test_loss=nan)
    assert "comes at the end" in aids_words.headline(Pair("l2", pair.without, training), effect)
    lost = replace(
        training, history=(*pair.aided.history[:-1], replace(pair.aided.history[-1], loss=nan))
    )
    assert "That run blew up" in aids_words.headline(Pair("l2", pair.without, lost), effect)


def test_losses_of_other_runs_are_not_shown() -> None:
    """Where the table's loss is not that of the run shown, its own seed alone counts."""
    pair = pair_of("l2")
    assert aids.prepared_effect(pair).seeds == tuple(range(8))
    changed = replace(pair.aided, test_loss=pair.aided.test_loss * 1.01)
    effect = aids.prepared_effect(Pair("l2", pair.without, changed))
    assert effect == Effect((0,), (pair.without.test_loss,), (changed.test_loss,))


def test_what_the_runs_show_is_said() -> None:
    """The mistake never acts; stopping keeps the best; L1 empties; clipping cuts."""
    floor = " ".join(aids_words.look_for(pair_of("plateau_floor")))
    assert "the rate is 0.001 and min_lr is 0.001" in floor
    assert "It never acts." in floor
    assert "the same to the last digit" in floor
    acts = pair_of("plateau")
    rates = [row.learning_rate for row in acts.aided.history]
    told = aids_words.look_for(acts)[0]
    assert f"halved {len(set(rates)) - 1} times" in told or "halved once" in told
    stop = pair_of("early_stopping")
    losses = [row.loss for row in stop.aided.history]
    assert stop.aided.steps[-1] == stop.aided.history[int(np.argmin(losses))].step
    told = aids_words.look_for(stop)[0]
    assert f"It stopped at training step {stop.aided.history[-1].step}" in told
    dropped = " ".join(aids_words.look_for(pair_of("dropout")))
    assert "**no dropout** overfits" in dropped
    assert "too soon to tell a rise from chance" in dropped
    clip = pair_of("clipping")
    cut = sum(row.longest_gradient > 1 for row in clip.aided.history)
    lines = aids_words.look_for(clip)
    assert f"acted before {cut} of 50 evaluations" in lines[1]
    assert "drawn anew for every update, so this is no overfitting" in " ".join(lines)


def test_jumps_by_hand() -> None:
    """A loss twice its lowest so far, or no number, is a jump."""
    run = pair_of("clipping").without
    rows = run.history[:6]
    losses = (1.0, 1.5, 0.5, 1.0, 0.9, float("nan"))
    made = [replace(row, loss=loss) for row, loss in zip(rows, losses, strict=True)]
    assert aids_words.jumps(replace(run, history=tuple(made))) == 2


@pytest.mark.parametrize("aid", EVERY)
def test_the_page_opens_on_every_aid(aid: Aid, open_app: Callable[..., AppTest]) -> None:
    """Curves, gates of both and gradients; the headline is that of the pair."""
    app = open_app(PAGE, aid=aid)
    pair = pair_of(aid)
    effect = aids.prepared_effect(pair)
    assert aids_words.headline(pair, effect) in texts(app)
    assert "The rule: pairs of networks with the same seed, at least 8" in texts(app)
    assert len(app.get("vega_lite_chart")) == (3 if aid.startswith("plateau") else 2)
    alternatives = [chart.proto.alt for chart in app.get("vega_lite_chart")]
    assert all(name in alternatives[0] for name in pair.names)
    app.session_state["tab_aids"] = "Gates"
    app.run()
    (gates,) = app.get("vega_lite_chart")
    assert all(name in gates.proto.spec for name in pair.names)
    app.session_state["tab_aids"] = "Gradient"
    app.run()
    assert len(app.get("vega_lite_chart")) == (1 if pair.without.config.cell == "rnn" else 2)
    app.session_state["tab_aids"] = "Numbers"
    app.run()
    assert app.query_params["aid"] in (aid, [aid])
    losses = app.table[1].value.to_numpy()
    assert losses.tolist() == [[digits(loss) for loss in side] for side in effect_sides(effect)]


def effect_sides(effect: Effect) -> tuple[tuple[float, ...], ...]:
    """The test losses of each side."""
    return effect.without, effect.aided


def start(app: AppTest) -> Any:
    """The button that trains."""
    (found,) = (button for button in app.button if button.label == "Train both")
    return found


def test_a_pair_of_ones_own(open_app: Callable[..., AppTest], own_queue: JobQueue) -> None:
    """Asked for on the page, trained by the queue, and shown whole when it is finished."""
    app = open_app(PAGE, aid="hidden_size")
    app.number_input(key="aids_steps").set_value(20)
    app.number_input(key="aids_seeds").set_value(2)
    app.selectbox(key="aids_hidden_size_second_value").set_value(4)
    start(app).click().run()
    assert "both networks have hidden_size 4: give two different values" in texts(app)
    app.selectbox(key="aids_hidden_size_second_value").set_value(2)
    start(app).click().run()
    asked = app.query_params["job"]
    key = asked if isinstance(asked, str) else asked[0]
    deadline = time.monotonic() + 120
    while own_queue.status(key).state != "done":
        assert own_queue.status(key).state in ("running", "waiting"), own_queue.status(key).fault
        assert time.monotonic() < deadline
        time.sleep(0.2)
    app = open_app(PAGE, job=key)
    told = texts(app)
    assert "2 units" in told
    runs = own_queue.finished(key)
    sizes = {side: config.hidden_size for side, config in runs.items()}
    assert sizes == {"without": 4, "with": 2, "without 1": 4, "with 1": 2}
    assert "Too few seeds for a verdict, which needs 8: test loss" in told
    assert len(app.get("vega_lite_chart")) == 2


def test_a_pair_in_training_is_shown(own_queue: JobQueue) -> None:
    """Words of every state; the first run alone has a chart."""
    base = TrainConfig(task="adding", max_steps=10, hidden_size=2)
    experiment = AidPair(aid="clipping", strength=0.5, base=base)
    run = pair_of("clipping").without
    half: Run = replace(run, history=run.history[:26])
    status = own_queue.status(own_queue.submit(experiment))
    own_queue.stop(status.key)
    states = ("waiting", "running", "stopped", "done", "failed")
    said = [
        job_words.standing(replace(status, state=state, ahead=0), "pair", half, side="clip")
        for state in states
    ]
    assert said[0] == "waiting: next in line"
    assert "training step 500 of 1,000" in said[1]
    assert len(set(said)) == 5
    assert len(curves.row("clipping", [half], Look("dark", LAPTOP)).specs) == 2
