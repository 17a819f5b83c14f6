"""One network has one score: the same in every header, headline and table, of these weights."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from gatescope import Run, load_run, save_run
from gatescope.experiments.forecasting import forecasts_of
from gatescope.files import ASSETS
from gatescope.jobs import JobQueue
from gatescope.tasks.forecast import Forecast
from gatescope.tasks.reviews import Reviews
from gatescope.training.folder import PREPARED
from gatescope.writing import mean_bits
from viz_app.features import SentimentScores, Training
from viz_app.features.architectures import bidirectional
from viz_app.features.architectures import data as architectures
from viz_app.features.compare import data as compare
from viz_app.features.compare import words as compare_words
from viz_app.features.compare.sides import Side
from viz_app.features.compare.sides import compare as beside
from viz_app.features.forecasting import forecasts
from viz_app.features.forecasting import words as forecasting
from viz_app.features.mystery import served as cached_mystery
from viz_app.features.techniques import data as aids
from viz_app.features.text import words as writing_words
from viz_app.features.text.measures import measures_of
from viz_app.features.train import learning_curves
from viz_app.kit import library, run_words
from viz_app.kit import uploaded as brought
from viz_app.kit.export import FigureError
from viz_app.kit.page import served as cached
from viz_app.kit.recordings import Recordings
from viz_app.kit.sharing import Store
from viz_app.kit.words import digits, percent
from viz_app.pages import script

ROOTS = tuple(ASSETS / kind for kind in PREPARED)
FOLDERS = {f.name: f for root in ROOTS for f in sorted(root.iterdir()) if (f / "run.json").exists()}


def by_hand(run: Run) -> tuple[float, float]:
    """Loss and accuracy on all test examples where they end, on the 500 of seed 2 elsewhere."""
    model, task = run.model(), run.task.held_out("test")
    if isinstance(task, Forecast):
        found = forecasts_of(model, task, np.zeros((len(task.targets), task.horizon)))
        return float(found.squared("network").mean()), found.nearer("network")
    if run.config.task == "characters":
        codes = task.codes  # type: ignore[attr-defined]
        x = torch.nn.functional.one_hot(codes[:-1], task.input_size).float().unsqueeze(1)
        with torch.no_grad():
            right = model(x)[:, 0].argmax(-1) == codes[1:]
        return mean_bits(model, task, "test") * math.log(2), float(right.double().mean())  # type: ignore[arg-type]
    if run.config.task == "digits":
        batch = task.sample(500, seed=7)  # all there are, in another order
    elif run.config.task == "reviews":
        batch = Reviews("test").everything()
        assert batch.inputs.shape[1] == 2000
    else:
        batch = task.sample(500, seed=2)
    with torch.no_grad():
        outputs = model(batch.inputs)
    return float(task.loss(outputs, batch)), task.accuracy(outputs, batch)


@pytest.mark.parametrize("name", FOLDERS)
def test_every_place_gives_the_same_score(name: str) -> None:
    """Header, headline, table, comparison, and what is stored, of every run that is shipped."""
    run = load_run(FOLDERS[name])
    assert json.loads((FOLDERS[name] / "run.json").read_text())["schema"] == 2
    loss, accuracy = by_hand(run)
    assert run.score() == pytest.approx((loss, accuracy), rel=2e-4, abs=1e-9)
    assert (run.test_loss, run.test_accuracy) == run.score() == run.score(run.steps[-1])
    header = run_words.score(run)
    assert percent(run.test_accuracy) in header
    assert re.search(rf"(MSE|cross-entropy) {re.escape(digits(run.test_loss))}[ ,]", header)
    last = run.steps[-1]
    table = compare_words.scores(compare.view(beside([Side(run, 0, "a"), Side(run, last, "b")])))
    assert list(table.iloc[1]) == [percent(run.test_accuracy), digits(run.test_loss)]
    assert list(table.iloc[0]) == [percent(run.score(0).accuracy), digits(run.score(0).loss)]
    for said_loss, said_accuracy in IN_TABLES[run.config.task](name, run):
        assert said_loss in ("", digits(run.test_loss), f"{run.test_loss:.3g}")
        texts = (f"{run.test_accuracy:.{n}%}" for n in (0, 1))
        assert said_accuracy in ("", percent(run.test_accuracy), *texts)


def of_forecast(name: str, run: Run) -> list[tuple[str, str]]:
    """The table of Forecasting, the headline's ratio, and the table of Training aids."""
    task = forecasts.tested(run)
    seen = forecasts.forecasted(run, np.zeros((len(task.targets), task.horizon)))
    row = forecasting.scores({"it": seen}).iloc[0]
    ratio = seen.against["naive"].estimate
    assert ratio == pytest.approx(run.test_loss / seen.task.baseline_loss, rel=1e-4)
    found = [(row.iloc[1], row.iloc[3])]
    if name.startswith("aid-"):
        numbers = aids.numbers(aids.Pair("l1", run, run))
        found.append((numbers["test loss"].iloc[0], ""))
    return found


def of_reviews(name: str, run: Run) -> list[tuple[str, str]]:
    """The table of Sentiment."""
    table = SentimentScores(name, ()).table().iloc[:, 1:]
    return [("", table.iloc[0, 0])]


def of_characters(name: str, run: Run) -> list[tuple[str, str]]:
    """The headline and the bars of Text, in bits: read in one go, not in cold stretches."""
    bits = run.test_loss / math.log(2)
    assert f"**{bits:.2f} bits per character" in writing_words.head(run, measures_of(run))
    assert measures_of(run).bits == pytest.approx(bits)
    if name == "characters-lstm":
        assert bits == pytest.approx(1.9775, abs=1e-4)
    return []


def of_recall(name: str, run: Run) -> list[tuple[str, str]]:
    """The tables of Architectures."""
    row = architectures.numbers([run]).iloc[0]
    other = bidirectional.scores([run]).iloc[0]
    return [(row.iloc[2], row.iloc[1]), (other.iloc[2], other.iloc[1])]


def of_order(name: str, run: Run) -> list[tuple[str, str]]:
    """The table of Training aids."""
    return [(aids.numbers(aids.Pair("clipping", run, run))["test loss"].iloc[0], "")]


IN_TABLES: dict[str, Callable[[str, Run], list[tuple[str, str]]]] = {
    "forecast": of_forecast, "reviews": of_reviews, "characters": of_characters,
    "delayed_recall": of_recall, "temporal_order": of_order,
    "adding": lambda name, run: [], "digits": lambda name, run: [],
}  # fmt: skip


def shut(run: Run) -> Run:
    """The run with its forget gates' bias at -5 in the last checkpoint."""
    last = {name: weight.clone() for name, weight in run.checkpoints[run.steps[-1]].items()}
    size = run.config.hidden_size
    for name in ("bias_ih_l0", "bias_hh_l0"):
        last[f"recurrent.{name}"][size : 2 * size] = -2.5
    return replace(run, checkpoints=run.checkpoints | {run.steps[-1]: last})


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.success)
    return "\n".join(str(each.value) for kind in kinds for each in kind)


@pytest.fixture
def changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None, own_queue: JobQueue
) -> Run:
    """One's own adding-lstm in place of the prepared one: its weights are not what was trained."""
    run = shut(load_run(library.PREPARED / "adding-lstm"))
    save_run(run, tmp_path / "adding-lstm")
    monkeypatch.setenv(library.OWN_RUNS, str(tmp_path))
    return run


PAGES = (
    "gates", "gradient_flow", "connectivity", "step_through", "memory", "saturation", "compare",
    "intervene", "figures",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_changed_weights_show_their_own_numbers_on_every_page(
    changed: Run, open_app: Callable[..., AppTest], page: str
) -> None:
    """MSE .381 and 5%, never .00025 and 100%, nor the steps and seconds of the training."""
    app = open_app(page, run="adding-lstm")
    assert not app.exception
    said = texts(app)
    assert "0.00025" not in said
    # where networks stand side by side, the plain RNN's own settings say what is true of it
    other = run_words.settings(load_run(library.PREPARED / "adding-rnn"))
    assert "trained for 5,000 training steps" not in said.replace(other, "")
    if page not in ("compare", "figures"):
        assert f"{run_words.settings(changed)}  \n**{run_words.score(changed)}**" in said
    if page != "figures":
        shown = said + " ".join(table.value.to_csv() for table in app.table)
        assert "0.38" in shown
        assert "5%" in shown


def test_the_page_train_shows_a_network_that_was_trained(
    changed: Run, open_app: Callable[..., AppTest]
) -> None:
    """There are no curves of one whose weights are not what its training ended with."""
    app = open_app("train")
    assert not app.exception
    assert run_words.score(load_run(library.PREPARED / "adding-lstm-one-unit")) in texts(app)
    with pytest.raises(ValueError, match="no training history"):
        learning_curves.panels(changed)
    with pytest.raises(FigureError, match="no training history"):
        Training("adding-lstm").chart(recordings=Recordings(lambda _: changed, dict, Store()))


def test_its_gradient_vanishes(changed: Run, open_app: Callable[..., AppTest]) -> None:
    """Of the last checkpoint's cell state 2e-44 arrives at the first step, not 126 per cent."""
    app = open_app("gradient_flow", run="adding-lstm")
    assert "126%" not in texts(app)
    run = cached.run_of("adding-lstm")
    rows = [r for r in run.gradients if (r.checkpoint, r.signal) == (5000, "cell_state")]
    assert 0 < rows[0].median < 1e-40


def test_an_edited_score_is_told_and_not_shown(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    open_app: Callable[..., AppTest],
    fresh_caches: None,
) -> None:
    """A test accuracy of .076 that says 1.0: the run is left out, with the reason."""
    folder = save_run(load_run(library.PREPARED / "adding-rnn"), tmp_path / "adding-rnn")
    said = json.loads((folder / "run.json").read_text())
    assert said["test_accuracy"] == 0.076
    (folder / "run.json").write_text(json.dumps(said | {"test_accuracy": 1.0}))
    monkeypatch.setenv(library.OWN_RUNS, str(tmp_path))
    app = open_app(run="adding-rnn")
    assert "run.json changed since it was written" in texts(app)
    assert "accuracy 100%, within ±0.04" in texts(app)  # of adding-lstm, which is shown
    assert "RNN, " not in texts(app).split("Gates")[1].split("·")[0]


@pytest.mark.parametrize("page", ["gates", "saturation", "step_through"])
@pytest.mark.parametrize("name", ["adding-lstm", "digits-gru"])
def test_over_an_early_checkpoint_stands_no_header_of_the_trained_network(
    open_app: Callable[..., AppTest], page: str, name: str
) -> None:
    """The score is measured at that checkpoint; at the last one it is the stored one."""
    run = load_run(library.PREPARED / name)
    for step in (0, run.steps[3]):
        app = open_app(page, run=name, checkpoint=str(step))
        header = next(c.value for c in app.caption if "parameters" in c.value)
        assert run_words.score(run, step) in header
        assert run_words.score(run) not in header
        assert "trained" not in header.replace("untrained", "")
        assert ("untrained" in header) is (step == 0)
        assert f" of {run.history[-1].step:,}" in header
        assert not any("did not learn" in info.value for info in app.info)
    app = open_app(page, run=name)
    header = next(c.value for c in app.caption if "parameters" in c.value)
    assert run_words.score(run) in header
    assert f"trained for {run.history[-1].step:,} training steps" in header


def test_the_mystery_of_an_untrained_network_says_that_it_is(
    open_app: Callable[..., AppTest],
) -> None:
    """Once it is guessed: the header of the checkpoint that is drawn."""
    rounds = [(number, cached_mystery.round_of(number)) for number in range(1, 40)]
    for early in (True, False):
        number, found = next(
            (n, f) for n, f in rounds if f is not None and (f.riddle.step == 0) is early
        )
        app = open_app("mystery", round=str(number))
        next(b for b in app.button if (b.key or "").startswith("mystery_guess_")).click().run()
        header = next(c.value for c in app.caption if "parameters" in c.value)
        assert ("untrained: training step 0 of" in header) is early
        assert run_words.score(found.run, found.riddle.step) in header
        assert bool(re.search(r"trained for [\d,]+ training steps in", header)) is not early


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("compare", {"run": "adding-lstm", "with": "gone-lstm"}),
        ("forecasting", {"series": "gone-lstm"}),
        ("forecasting", {"series": "weather", "cell": "gone-lstm"}),
        ("gates", {"run": "../gone-lstm"}),
    ],
)  # fmt: skip
def test_a_link_to_a_network_that_is_not_there_says_so(
    open_app: Callable[..., AppTest], page: str, address: dict[str, str]
) -> None:
    """In one sentence with its name; as `test_where_one_is.py` has it of a page's own network."""
    app = open_app(page, **address)
    assert not app.exception
    (told,) = app.warning
    assert "There is no network" in told.value or "which does not exist" in told.value
    assert "gone-lstm" in told.value
    known = {"run": "adding-gru"} if "run" in address else {"series": "weather"}
    assert not open_app(page, **known).warning


def test_a_link_to_a_checkpoint_that_is_not_there_says_so(
    open_app: Callable[..., AppTest],
) -> None:
    """And the header is that of the last one, which is shown."""
    app = open_app(run="adding-gru", checkpoint="7")
    (told,) = app.warning
    assert "asks for checkpoint “7”, which does not exist" in told.value
    assert any(run_words.score(cached.run_of("adding-gru")) in c.value for c in app.caption)


WAYS: tuple[tuple[str, ...], ...] = (
    ("retention", "saturation"), ("claims", "gates"), ("aids", "train", "step_through"),
    ("tasks", "tutorial", "mystery", "memory"), ("forecasting", "compare"),
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_the_chosen_network_stays_chosen(
    open_app: Callable[..., AppTest], way: tuple[str, ...]
) -> None:
    """Over pages that have no network to choose, or others."""
    app = open_app(run="temporal-order-gru", checkpoint="0")
    for page in way:
        app = app.switch_page(script(page)).run()
        assert not app.exception
    assert app.session_state["run"] == "temporal-order-gru"
    assert app.query_params["run"] == "temporal-order-gru"
    assert app.session_state["checkpoint"] == 0


def test_ones_own_network_stays_chosen_and_has_no_header_of_another(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """After Retention it is still there, and nothing says that it was trained."""
    own_network, _ = brought.kept(nn.GRU(3, 5), torch.randn(9, 4, 3), own_queue.store.folder)
    app: Any = open_app(run=own_network)
    for page in ("retention", "saturation"):
        app = app.switch_page(script(page)).run()
    assert app.query_params["run"] == own_network
    header = next(c.value for c in app.caption if "your input" in c.value)
    assert "there is no score" in header
    assert "trained" not in header
    assert "%" not in header
